"""Periods and their labels."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import Period, PeriodKind, periods_between
from bishui.errors import CallError

ALL = [
    Period.day(date(2024, 2, 29)),
    Period.week(2024, 5),
    Period.week(2020, 53),
    Period.ten_days(2024, 2, 1),
    Period.ten_days(2024, 2, 3),
    Period.month(2024, 2),
    Period.quarter(2024, 4),
    Period.half_year(2024, 1),
    Period.half_year(2024, 2),
    Period.year_to_date(2024, 5),
    Period.year(2024),
    Period.reading(datetime(2024, 2, 1, 8)),
]


@pytest.mark.parametrize("period", ALL, ids=lambda period: period.kind)
def test_a_label_is_read_back(period):
    assert Period.parse(period.label) == period


def test_a_month_ends_on_its_last_second():
    assert Period.month(2024, 2).end == datetime(2024, 2, 29, 23, 59, 59)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-13",
        "2024-Q5",
        "2024-02-30",
        "last month",
        "2024-01~13",
        "2024-W54",
        "2024-13-T1",
        "2024-02-T4",
        "2024-H3",
    ],
)
def test_what_is_no_period_is_refused_with_the_ways_to_write_one(text):
    with pytest.raises(CallError) as caught:
        Period.parse(text)
    assert "2021-Q2" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        (PeriodKind.WEEK, ["2023-W52", "2024-W01", "2024-W02", "2024-W03", "2024-W04", "2024-W05"]),
        (PeriodKind.TEN_DAYS, ["2023-12-T3", "2024-01-T1", "2024-01-T2", "2024-01-T3", "2024-02-T1"]),
        (PeriodKind.HALF_YEAR, ["2023-H2", "2024-H1"]),
        (PeriodKind.MONTH, ["2023-12", "2024-01", "2024-02"]),
        (PeriodKind.QUARTER, ["2023-Q4", "2024-Q1"]),
        (PeriodKind.YTD, ["2023-01~12", "2024-01~01", "2024-01~02"]),
        (PeriodKind.YEAR, ["2023", "2024"]),
    ],
)
def test_every_period_that_the_data_touch(kind, labels):
    found = periods_between(kind, datetime(2023, 12, 31, 20), datetime(2024, 2, 1))
    assert [period.label for period in found] == labels


def test_a_week_runs_from_monday_to_sunday_and_belongs_to_the_year_of_its_thursday():
    week = Period.week(2021, 1)
    assert (week.start, week.end) == (datetime(2021, 1, 4), datetime(2021, 1, 10, 23, 59, 59))
    assert Period.week(2020, 53).end.date() == date(2021, 1, 3)


@pytest.mark.parametrize(("third", "days"), [(1, (1, 10)), (2, (11, 20)), (3, (21, 29))])
def test_the_last_ten_days_end_with_the_month(third, days):
    part = Period.ten_days(2024, 2, third)
    assert (part.start.day, part.end.day) == days


@given(st.dates(date(2000, 1, 1), date(2035, 12, 31)))
def test_every_day_lies_in_exactly_one_period_of_a_kind(day):
    noon = datetime(day.year, day.month, day.day, 12)
    for kind in (
        PeriodKind.WEEK,
        PeriodKind.TEN_DAYS,
        PeriodKind.MONTH,
        PeriodKind.HALF_YEAR,
        PeriodKind.YEAR,
    ):
        (found,) = periods_between(kind, noon, noon)
        assert found.start <= noon <= found.end
        assert Period.parse(found.label) == found
