"""Periods and their labels."""

from datetime import date, datetime

import pytest

from bishui.assessment import Period, PeriodKind, periods_between
from bishui.errors import CallError

ALL = [
    Period.day(date(2024, 2, 29)),
    Period.month(2024, 2),
    Period.quarter(2024, 4),
    Period.year_to_date(2024, 5),
    Period.year(2024),
    Period.reading(datetime(2024, 2, 1, 8)),
]


@pytest.mark.parametrize("period", ALL, ids=lambda period: period.kind)
def test_a_label_is_read_back(period):
    assert Period.parse(period.label) == period


def test_a_month_ends_on_its_last_second():
    assert Period.month(2024, 2).end == datetime(2024, 2, 29, 23, 59, 59)


@pytest.mark.parametrize("text", ["", "2024-13", "2024-Q5", "2024-02-30", "last month", "2024-01~13"])
def test_what_is_no_period_is_refused_with_the_ways_to_write_one(text):
    with pytest.raises(CallError) as caught:
        Period.parse(text)
    assert "2021-Q2" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        (PeriodKind.MONTH, ["2023-12", "2024-01", "2024-02"]),
        (PeriodKind.QUARTER, ["2023-Q4", "2024-Q1"]),
        (PeriodKind.YTD, ["2023-01~12", "2024-01~01", "2024-01~02"]),
        (PeriodKind.YEAR, ["2023", "2024"]),
    ],
)
def test_every_period_that_the_data_touch(kind, labels):
    found = periods_between(kind, datetime(2023, 12, 31, 20), datetime(2024, 2, 1))
    assert [period.label for period in found] == labels
