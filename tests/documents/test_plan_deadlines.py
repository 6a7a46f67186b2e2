"""Deadlines: the written form is kept, the meaning is a date where one is named."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.documents.deadlines import find, normalise
from bishui.documents.text import Compact


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        ("全年", "all year"),
        ("长期坚持", "all year"),
        ("6月底前", "2031-06-30"),
        ("2月底前", "2031-02-28"),
        ("年底前", "2031-12-31"),
        ("2032年底前", "2032-12-31"),
        ("2032年年底前", "2032-12-31"),
        ("2032年", "2032-12-31"),
        ("年内", "2031-12-31"),
        ("12月底前", "2031-12-31"),
        ("2031年 12月 31 日前", "2031-12-31"),
        ("１１月１５日前", "2031-11-15"),
        ("5月上旬", "2031-05-10"),
        ("第三季度末", "2031-09-30"),
        ("一季度", "2031-03-31"),
        ("上半年", "2031-06-30"),
        ("每季度", "every quarter"),
        ("每月5日前", "every month 05"),
        ("每年12月25日前", "every year 12-25"),
        ("云川市公布工作计划后 20 个工作日内", "relative:+20 workdays"),
        ("印发之日起三十日内", "relative:+30 days"),
        ("6月30日前、12月25日前", "2031-12-25"),
        ("尽快", None),
        ("", None),
        ("2月30日前", None),
    ],
)
def test_meaning_of_a_written_deadline(written: str, meaning: str | None) -> None:
    assert normalise(written, 2031) == meaning


def test_a_day_of_no_known_year_has_no_date() -> None:
    assert normalise("6月底前", None) is None
    assert normalise("全年", None) == "all year"


def test_leap_year() -> None:
    assert normalise("2月底前", 2032) == "2032-02-29"


def test_a_half_year_in_a_sentence_is_no_deadline() -> None:
    assert [found.norm for found in find(Compact.of("报送上半年总结，一季度反馈的问题按时整改"), 2031)] == []


@given(st.integers(1, 12), st.integers(1, 28), st.sampled_from(["前", "之前", ""]))
def test_every_full_date_is_read(month: int, day: int, before: str) -> None:
    assert normalise(f"2031年{month}月{day}日{before}", None) == f"2031-{month:02d}-{day:02d}"


@given(st.text(alphabet="年月日前底第一二三季度0123456789全每内后个工作 ", max_size=24))
def test_any_text_gives_a_known_form_or_none(text: str) -> None:
    norm = normalise(text, 2031)
    assert norm is None or re.fullmatch(
        r"\d{4}-\d\d-\d\d|all year|every .+|relative:\+\d+ (workdays|days|months)", norm
    )
