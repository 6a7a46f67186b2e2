"""Deadlines: the written form is kept, the meaning is a date where one is named."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.documents.deadlines import find, meanings, normalise, resolve_relative
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
        ("收到通知后30日内", "relative:+30 days"),
        ("本方案印发之日起一个月内", "relative:+1 months"),
        ("15个工作日内", "relative:+15 workdays"),
        ("印发后一年内", "relative:+1 years"),
        ("6月30日前、12月25日前", "2031-12-25"),
        ("分别于6月25日前和12月25日前", "2031-12-25"),
        ("常年", "all year"),
        ("持续推进", "all year"),
        ("常态化开展", "all year"),
        ("每半年", "every half-year"),
        ("每年6月底前", "every year 06-30"),
        ("2032年底", "2032-12-31"),
        ("2030年—2032年", "2032-12-31"),
        ("2030-2032年", "2032-12-31"),
        ("2030年1月—2032年6月", "2032-06-30"),
        ("6—9月", "2031-09-30"),
        ("6月25日至7月30日", "2031-07-30"),
        ("“十五五”末", "2030-12-31"),
        ("“十四五”期间", "2025-12-31"),
        ("2031年6月", "2031-06-30"),
        ("六月底前", "2031-06-30"),
        ("十二月二十五日前", "2031-12-25"),
        ("二〇三二年六月底前", "2032-06-30"),
        ("１２月\n２５ 日\n前", "2031-12-25"),
        ("尽快", None),
        ("", None),
        ("2月30日前", None),
    ],
)
def test_meaning_of_a_written_deadline(written: str, meaning: str | None) -> None:
    assert normalise(written, 2031) == meaning


@pytest.mark.parametrize(
    ("written", "meaning", "certainty"),
    [
        ("2月底前", "2031-02-28", "A"),
        ("2月前", "2031-01-31", "C"),
        ("1月前", "2031-01-31", "C"),
        ("第三季度末", "2031-09-30", "A"),
        ("三季度前", "2031-06-30", "C"),
        ("2033年前", "2032-12-31", "C"),
        ("汛期前", "2031-03-31", "C"),
        ("6月25日前", "2031-06-25", "A"),
        ("印发后10个工作日内", "relative:+10 workdays", "B"),
    ],
)
def test_a_doubtful_wording_says_how_sure_its_reading_is(written: str, meaning: str, certainty: str) -> None:
    assert [(each.norm, each.certainty) for each in meanings(written, 2031)] == [(meaning, certainty)]


def test_several_dates_in_one_cell_are_all_given() -> None:
    found = meanings("分别于6月25日前和12月25日前", 2031)
    assert [each.norm for each in found] == ["2031-06-25", "2031-12-25"]


def test_a_relative_deadline_names_its_event() -> None:
    (found,) = meanings("自治区公布工作计划后20个工作日内", 2031)
    assert found.basis == "自治区公布工作计划后"


@pytest.mark.parametrize(
    ("norm", "anchor", "day"),
    [
        ("relative:+20 workdays", date(2024, 4, 24), date(2024, 5, 23)),
        ("relative:+30 days", date(2024, 1, 31), date(2024, 3, 1)),
        ("relative:+2 weeks", date(2024, 1, 31), date(2024, 2, 14)),
        ("relative:+1 months", date(2024, 1, 31), date(2024, 2, 29)),
        ("relative:+1 months", date(2024, 12, 15), date(2025, 1, 15)),
        ("relative:+1 years", date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_a_relative_deadline_has_a_day_once_its_event_has_one(norm: str, anchor: date, day: date) -> None:
    resolved = resolve_relative(norm, anchor)
    assert resolved is not None
    assert (resolved.day, resolved.unverified) == (day, ())


def test_a_relative_deadline_in_a_year_without_holidays_says_so() -> None:
    resolved = resolve_relative("relative:+20 workdays", date(2031, 4, 24))
    assert resolved is not None
    assert resolved.unverified == (2031,)


@pytest.mark.parametrize("norm", ["2031-06-30", "all year", "every year 12-25", "", None])
def test_what_is_not_relative_has_no_day_of_an_event(norm: str | None) -> None:
    assert resolve_relative(norm, date(2031, 1, 1)) is None


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


@given(st.text(alphabet="年月日前底末第一二三十〇季度0123456789全每内后个工作周—至汛期五“” ", max_size=24))
def test_any_text_gives_a_known_form_or_none(text: str) -> None:
    norm = normalise(text, 2031)
    assert norm is None or re.fullmatch(
        r"\d{4}-\d\d-\d\d|all year|every .+|relative:\+\d+ (workdays|days|weeks|months|years)", norm
    )
