"""The derived state of a task: exactly one on every day, and a finished task stays finished."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.server.plans.states import FINISHED, STATES, Report, completed_on, due_day, rules, standing_on

YEAR = st.dates(date(2025, 1, 1), date(2025, 12, 31))
REPORTS = st.lists(
    st.builds(Report, YEAR, st.sampled_from(["lead", "county-a", "county-b", "other"]), st.integers(0, 100)),
    max_size=8,
)
DUE = st.none() | YEAR


def days():
    return [date(2025, 1, 1) + timedelta(days=n) for n in range(0, 365, 3)]


@given(REPORTS, DUE)
def test_every_day_has_exactly_one_known_state(reports, due):
    for day in days():
        assert standing_on(day, due, reports, {"lead"}, {"county-a", "county-b"}).state in STATES


@given(REPORTS, DUE)
def test_a_finished_task_never_returns_to_an_open_state(reports, due):
    finished = False
    for day in days():
        state = standing_on(day, due, reports, {"lead"}, {"county-a", "county-b"}).state
        assert not (finished and state not in FINISHED)
        finished = state in FINISHED


@given(REPORTS, DUE, YEAR)
def test_reports_of_later_days_do_not_count_yet(reports, due, day):
    known = [report for report in reports if report.day <= day]
    assert standing_on(day, due, reports, {"lead"}) == standing_on(day, due, known, {"lead"})


@given(REPORTS, YEAR)
def test_overdue_means_open_after_the_last_day(reports, due):
    for day in days():
        standing = standing_on(day, due, reports, {"lead"})
        assert (standing.state == "overdue") == (day > due and standing.done_on is None)


DUE_DAY = date(2025, 6, 30)


@pytest.mark.parametrize(
    ("day", "reports", "state"),
    [
        (date(2025, 5, 30), [], "not_started"),
        (date(2025, 5, 31), [], "due_soon"),
        (DUE_DAY, [], "due_soon"),
        (date(2025, 7, 1), [], "overdue"),
        (date(2025, 3, 1), [Report(date(2025, 3, 1), "lead", 0)], "in_progress"),
        (date(2025, 7, 1), [Report(DUE_DAY, "lead", 100)], "done"),
        (date(2025, 7, 2), [Report(date(2025, 7, 1), "lead", 100)], "late_done"),
        (date(2025, 7, 1), [Report(DUE_DAY, "other", 100)], "overdue"),
    ],
)
def test_state_around_the_deadline_of_30_june(day, reports, state):
    assert rules()["due_soon_days"] == 30
    assert standing_on(day, DUE_DAY, reports, {"lead"}).state == state


def test_every_responsible_unit_together_finishes_a_task():
    reports = [Report(date(2025, 3, 1), "a", 100), Report(date(2025, 4, 1), "b", 100)]
    assert completed_on(reports, {"lead"}, {"a", "b"}) == date(2025, 4, 1)
    assert completed_on(reports[:1], {"lead"}, {"a", "b"}) is None


@pytest.mark.parametrize(
    ("norm", "due"),
    [
        ("2025-06-30", date(2025, 6, 30)),
        ("all year", date(2025, 12, 31)),
        ("every quarter", date(2025, 12, 31)),
        ("every year 12-25", date(2025, 12, 25)),
        ("relative:+20 workdays", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_deadline_means_as_a_day(norm, due):
    assert due_day(norm, 2025) == due


def test_an_open_deadline_without_a_year_is_no_day():
    assert due_day("all year", None) is None
