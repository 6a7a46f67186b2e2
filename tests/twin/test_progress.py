"""Progress on the plan: the states follow from deadlines and reports."""

import datetime as dt
from collections import Counter

import pytest

from bishui.twin import AS_OF, DUE_SOON_DAYS, build_city, plan_document, task_progress

# 20 working days after the plan was issued on 28 February 2025 (no holiday between).
RELATIVE = {"relative:+20 workdays": dt.date(2025, 3, 28)}


@pytest.fixture(scope="module")
def city():
    return build_city()


@pytest.fixture(scope="module")
def progress(city):
    return task_progress(city)


def deadline(task):
    if task.deadline_norm == "all year":
        return dt.date(2025, 12, 31)
    return RELATIVE.get(task.deadline_norm) or dt.date.fromisoformat(task.deadline_norm)


def state(task, entries):
    """Say what a reader of the ledger would say."""
    if entries and entries[-1].percent == 100:
        return "done"
    left = (deadline(task) - AS_OF).days
    if left < 0:
        return "overdue"
    if left <= DUE_SOON_DAYS:
        return "due_soon"
    return "in_progress" if entries else "not_started"


def test_every_task_has_a_state_and_every_state_occurs(city, progress):
    assert [p.seq for p in progress] == [task.seq for task in plan_document(city).tasks]
    assert set(Counter(p.state for p in progress)) == {
        "done",
        "in_progress",
        "due_soon",
        "overdue",
        "not_started",
    }


def test_states_follow_from_deadlines_and_reports(city, progress):
    for task, found in zip(plan_document(city).tasks, progress, strict=True):
        assert found.state == state(task, found.entries), task.seq


def test_reports_come_from_registered_units_and_not_after_the_day_of_the_city(city, progress):
    units = {unit.id for unit in city.units}
    for entry in (entry for found in progress for entry in found.entries):
        assert entry.unit in units
        assert entry.date <= AS_OF
        assert 0 < entry.percent <= 100


def test_reports_never_go_back(progress):
    for found in progress:
        percents = [entry.percent for entry in found.entries]
        assert percents == sorted(percents)


def test_one_report_came_without_evidence(progress):
    bare = [found.seq for found in progress for entry in found.entries if entry.evidence is None]
    assert bare == [30]
