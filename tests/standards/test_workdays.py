"""Working days (工作日): the yearly notices of the State Council's General Office, and what is answered without one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.standards import add_workdays, workday, workdays_between
from bishui.standards.workdays import read_calendar

DAYS = st.dates(date(2017, 6, 1), date(2028, 6, 1))
NUMBERS = st.integers(-60, 60)


@pytest.mark.parametrize(
    ("year", "off", "worked"),
    [
        (2018, 23, 6),
        (2019, 24, 7),
        (2020, 30, 6),
        (2021, 31, 7),
        (2022, 31, 7),
        (2023, 27, 7),
        (2024, 28, 8),
        (2025, 28, 5),
        (2026, 33, 6),
    ],
)
def test_days_off_and_weekend_days_worked_of_each_notice(year: int, off: int, worked: int) -> None:
    notice = read_calendar().years[year][0]
    days = [each for each in read_calendar().days.values() if each.notice == notice]
    assert (sum(not each.works for each in days), sum(each.works for each in days)) == (off, worked)


@pytest.mark.parametrize("year", range(2018, 2027))
def test_holidays_are_exchanged_one_for_one(year: int) -> None:
    """全国年节及纪念日放假办法: 11 days a year, 13 from 2025 on; every further weekday off is worked at a weekend.

    2020 has two more: the lengthened festival freed Friday 31 January and Saturday 1 February, which was to be worked.
    """
    notice = read_calendar().years[year][0]
    days = {day: each for day, each in read_calendar().days.items() if each.notice == notice}
    assert all(day.weekday() >= 5 for day, each in days.items() if each.works)
    weekdays_off = sum(day.weekday() < 5 for day, each in days.items() if not each.works)
    worked = sum(each.works for each in days.values())
    assert weekdays_off - worked == {2020: 13}.get(year, 11 if year < 2025 else 13)


@pytest.mark.parametrize(
    ("day", "works", "reason", "name"),
    [
        (date(2024, 2, 4), True, "shifted", "春节"),
        (date(2024, 2, 9), True, "weekday", ""),
        (date(2024, 2, 16), False, "holiday", "春节"),
        (date(2024, 2, 25), False, "weekend", ""),
        (date(2018, 12, 29), True, "shifted", "元旦"),
        (date(2020, 2, 1), False, "holiday", "春节"),
        (date(2023, 10, 6), False, "holiday", "中秋节、国庆节"),
        (date(2026, 1, 4), True, "shifted", "元旦"),
    ],
)
def test_single_days(day: date, works: bool, reason: str, name: str) -> None:
    found = workday(day)
    assert (found.works, found.reason, found.name, found.verified) == (works, reason, name, True)
    assert found.notice.startswith("国办发明电〔")
    assert found.certainty in {"A", "B"}


def test_a_year_without_a_notice_is_answered_by_the_week_and_says_so() -> None:
    found = workday(date(2030, 10, 1))
    assert (found.works, found.reason, found.notice, found.certainty) == (True, "weekday", "", "C")
    assert not found.verified
    assert add_workdays(date(2029, 12, 28), 5).unverified == (2029, 2030)
    assert workdays_between(date(2017, 12, 20), date(2018, 1, 5)).unverified == (2017,)


def test_the_last_days_of_a_year_wait_for_the_next_notice() -> None:
    newest = max(read_calendar().years)
    assert workday(date(newest, 12, 24)).verified
    assert not workday(date(newest, 12, 25)).verified
    assert workday(date(newest - 1, 12, 25)).verified


def test_twenty_working_days_over_labour_day_2024() -> None:
    """From 24 April: Sunday 28 April and Saturday 11 May are worked, 1 to 5 May are off."""
    assert add_workdays(date(2024, 4, 24), 20).day == date(2024, 5, 23)
    assert workdays_between(date(2024, 4, 24), date(2024, 5, 23)).count == 20


def test_no_working_day_on_is_the_day_itself() -> None:
    assert add_workdays(date(2024, 2, 10), 0).day == date(2024, 2, 10)
    assert workdays_between(date(2024, 2, 10), date(2024, 2, 10)).count == 0


@given(DAYS, NUMBERS)
def test_adding_then_counting_gives_the_number(day: date, number: int) -> None:
    reached = add_workdays(day, number)
    counted = workdays_between(day, reached.day)
    assert counted.count == number
    assert counted.unverified == reached.unverified


@given(DAYS, NUMBERS)
def test_more_working_days_lead_later_and_a_later_day_never_leads_earlier(day: date, number: int) -> None:
    assert add_workdays(day, number).day < add_workdays(day, number + 1).day
    assert add_workdays(day, number).day <= add_workdays(day + timedelta(days=1), number).day


@given(DAYS, NUMBERS.filter(bool))
def test_a_working_day_is_reached(day: date, number: int) -> None:
    assert workday(add_workdays(day, number).day).works
