"""Written times in China Standard Time."""

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.errors import Problem
from bishui.observations import parse_time
from bishui.observations.times import parse_times, years_named


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05 08:00",
        "2024-03-05 08:00:00",
        "2024-3-5 8:00",
        "2024/3/5 8:00",
        "2024.3.5 8:00",
        "2024年3月5日8时",
        "2024年03月05日 8时00分",
        "2024年3月5日 上午8:00",
        "２０２４年３月５日８点",
        "2024-03-05T08:00:00",
        "2024-03-05T08:00:00+08:00",
        "20240305080000",
        "202403050800",
        "2024030508",
        "20240305 08",
        "45356.3333333333",
        "03-05 08:00",
        "3月5日8时",
    ],
)
def test_written_forms_of_one_moment(text: str) -> None:
    assert parse_time(text, 2024) == datetime(2024, 3, 5, 8)


def test_day_without_clock_and_end_of_day() -> None:
    assert parse_time("2024-03-05") == datetime(2024, 3, 5)
    assert parse_time("45356") == datetime(2024, 3, 5)
    assert parse_time("2024-12-31 24:00") == datetime(2025, 1, 1)
    assert parse_time("2024-03-05 下午3时20分") == datetime(2024, 3, 5, 15, 20)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2024-02-30 08:00", "no-such-time"),
        ("2023-02-29", "no-such-time"),
        ("2024-13-01", "no-such-time"),
        ("2024-03-05 25:00", "no-such-time"),
        ("2024-03-05 24:01", "no-such-time"),
        ("2024-03-05 08:60", "no-such-time"),
        ("24-3-5 8:00", "short-year"),
        ("3/5/2024", "short-year"),
        ("03-05 08:00", "no-year"),
        ("2024-03-05T08:00:00Z", "other-zone"),
        ("2024-03-05 08:00+00:00", "other-zone"),
        ("昨天", "not-a-time"),
        ("0", "not-a-time"),
        ("", "no-time"),
        ("*", "no-time"),
        ("--", "no-time"),
    ],
)
def test_wrong_times_are_problems_with_a_remedy(text: str, code: str) -> None:
    problem = parse_time(text)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert str(problem.remedy)


def test_years_come_from_the_file_name_or_else_the_folder() -> None:
    assert years_named(Path("/x/2021-04/all.csv")) == (2021,)
    assert years_named(Path("/2020/cnemc_2021-04.csv")) == (2021,)
    assert years_named(Path("/x/a_2020-05_2021-04.csv")) == (2020, 2021)
    assert years_named(Path("/x/12021.csv")) == ()


@settings(deadline=None)  # the first call loads the array libraries
@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), min_size=1, max_size=8))
def test_the_bulk_reader_agrees_with_the_single_one(moments: list[datetime]) -> None:
    texts = [moment.strftime("%Y-%m-%d %H:%M") for moment in moments] + [
        "2024-02-30 08:00",
        "2024-3-5 8:00",
        "",
    ]
    read = parse_times(pa.array(texts))
    for text, seconds, known, absent in zip(texts, read.seconds, read.known, read.absent, strict=True):
        single = parse_time(text)
        assert known == isinstance(single, datetime)
        if isinstance(single, datetime):
            assert datetime(1970, 1, 1) + timedelta(seconds=int(seconds)) == single
        else:
            assert read.problems[text].code == single.code
            assert absent == (single.code == "no-time")
