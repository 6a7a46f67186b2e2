"""The figures of GB/T 9704-2012 as they stand in the data file, and what follows from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.reports import official
from bishui.reports.layout import chinese, width_in_characters
from bishui.reports.paper import signature_indents


def test_5_2_1_the_margins_and_the_text_area_fill_the_page():
    layout = official()
    assert (layout.mm("margin_top"), layout.mm("margin_left")) == (37, 28)
    assert (layout.mm("text_width"), layout.mm("text_height")) == (156, 225)
    assert (layout.margin_right, layout.margin_bottom) == (26, 35)


def test_5_2_3_twenty_two_lines_of_twenty_eight_characters_fit_the_text_area():
    layout = official()
    assert layout.line_pitch == 28.95
    assert 22 * layout.line_pitch <= 225 / 25.4 * 72 < 22 * layout.line_pitch + 1.2
    assert 28 * layout.character_pitch == pytest.approx(156 / 25.4 * 72)


def test_every_figure_names_its_clause_or_says_that_it_is_our_own():
    layout = official()
    measures = [*layout.lengths.values(), *layout.counts.values(), *layout.sizes.values()]
    assert {measure.certainty for measure in measures} <= {"A", "B", "C", "own"}
    assert all(bool(measure.clause) or measure.certainty == "own" for measure in measures)
    assert all(face.clause and face.instead for face in layout.faces.values())


def test_7_3_3_numbers_of_the_structure():
    layout = official()
    assert [layout.heading_number(level, 12) for level in (1, 2, 3, 4)] == [
        "十二、",
        "（十二）",
        "12.",
        "（12）",
    ]


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (23, "二十三"), (99, "九十九")],
)
def test_numbers_in_chinese(number, written):
    assert chinese(number) == written


@pytest.mark.parametrize("number", [0, 100, -1])
def test_no_heading_has_such_a_number(number):
    with pytest.raises(ValueError, match="heading"):
        chinese(number)


def test_7_3_5_2_a_long_signature_keeps_two_characters_free_and_the_date_begins_two_later():
    issuer, day = "甲市生态环境保护委员会办公室", "2025年7月1日"
    right, of_day = signature_indents(issuer, day, 2)
    assert right == 2
    starts = -width_in_characters(issuer) - right
    assert -width_in_characters(day) - of_day == starts + 2


def test_7_3_5_2_a_date_longer_than_the_signature_keeps_two_characters_free_instead():
    right, of_day = signature_indents("某局", "2025年12月20日", 2)
    assert of_day == 2
    assert -2 - right + 2 == -width_in_characters("2025年12月20日") - 2


@given(st.text("甲乙丙1", min_size=1, max_size=20), st.text("年月日12", min_size=1, max_size=20))
def test_neither_signature_nor_date_comes_nearer_to_the_edge_than_two_characters(issuer, day):
    assert min(signature_indents(issuer, day, 2)) >= 0
    name, of_day = signature_indents(issuer, day, 2)
    assert min(name, of_day) >= 2 or name == 2
