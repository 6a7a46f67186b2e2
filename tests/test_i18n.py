"""Texts: written in Chinese, shown in the language of the reader."""

import gettext
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.i18n import LOCALE_DIR, Bilingual, Text, current_language, set_language, use_language

KNOWN = "第 {row} 行"


@pytest.fixture(autouse=True)
def chinese():
    with use_language("zh-hans"):
        yield


@pytest.fixture(scope="module")
def catalogue():
    return gettext.translation("django", LOCALE_DIR, ["en"])


def fields(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name is not None})


def test_the_default_language_is_chinese_and_needs_no_catalogue():
    assert current_language() == "zh-hans"
    assert str(Text(KNOWN, row=3)) == "第 3 行"


def test_a_text_is_translated_when_it_is_shown_not_when_it_is_made():
    text = Text(KNOWN, row=3)
    with use_language("en"):
        english = str(text)
    assert english == text.render("en") == text.both()["en"] != str(text)
    assert "3" in english
    assert english.isascii()


def test_a_text_inside_a_text_follows_the_language_of_the_outer():
    outer = Text(
        "{place}：{what}（不在目录中的句子）", place=Text(KNOWN, row=3), what=Bilingual("河流", "River")
    )
    assert str(outer) == "第 3 行：河流（不在目录中的句子）"
    assert Text(KNOWN, row=3).render("en") in outer.render("en")
    assert "River" in outer.render("en")


@given(st.text(alphabet=st.characters(exclude_characters="{}"), min_size=1))
def test_what_has_no_translation_falls_back_to_chinese(suffix):
    sentence = f"目录中没有的句子：{suffix}"
    assert Text(sentence).both() == {"zh": sentence, "en": sentence}


@given(st.text())
def test_braces_in_a_value_are_never_taken_for_places(value):
    assert str(Text("“{value}”", value=value)) == f"“{value}”"
    assert str(Text("{ } 与 {x}")) == "{ } 与 {x}", "a text without parameters is shown as it is"


def test_the_language_of_a_block_ends_with_the_block_even_after_an_error():
    with pytest.raises(ZeroDivisionError), use_language("en"):
        assert current_language() == "en"
        raise ZeroDivisionError
    assert current_language() == "zh-hans"


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("EN", "en"),
        ("zh", "zh-hans"),
        ("zh-hans", "zh-hans"),
        ("fr", "zh-hans"),
    ],
)
def test_anything_but_english_means_chinese(asked, used):
    with use_language("zh-hans"):
        set_language(asked)
        assert current_language() == used


def test_equal_texts_are_equal_and_hash_alike():
    assert Text(KNOWN, row=3) == Text(KNOWN, row=3)
    assert hash(Text(KNOWN, row=3)) == hash(Text(KNOWN, row=3))
    assert Text(KNOWN, row=3) != Text(KNOWN, row=4)
    assert Text("三") != "三"


def test_a_bilingual_without_english_shows_chinese():
    assert Bilingual("河流").both() == {"zh": "河流", "en": "河流"}


def test_the_english_catalogue_loads_and_every_translation_keeps_the_places(catalogue):
    # A message whose places differ from its translation's would break when it is shown.
    messages = {
        key: text for key, text in catalogue._catalog.items() if isinstance(key, str) and key and text
    }
    assert len(messages) > 100
    wrong = {}
    for key, text in messages.items():
        if "%" not in key and "{" in key and fields(key) != fields(text):
            wrong[key] = text
    assert wrong == {}
