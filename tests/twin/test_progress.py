"""Progress on the plan: every report is plausible by itself; the ledger's tests derive the states from it."""

from collections import Counter

import pytest

from bishui.twin import AS_OF, build_city, evidence_file, handed_in, plan_document, task_progress
from bishui.twin.progress import STATES


@pytest.fixture(scope="module")
def city():
    return build_city()


@pytest.fixture(scope="module")
def progress(city):
    return task_progress(city)


def entries(progress):
    return [entry for found in progress for entry in found.entries]


def test_every_task_has_a_state_and_every_state_occurs(city, progress):
    assert [found.seq for found in progress] == [task.seq for task in plan_document(city).tasks]
    assert set(Counter(found.state for found in progress)) == set(STATES)


def test_reports_come_from_registered_units_and_not_after_the_day_of_the_city(city, progress):
    units = {unit.id for unit in city.units}
    for entry in entries(progress):
        assert entry.unit in units
        assert entry.date <= AS_OF


def test_no_report_is_decided_on_before_it_came_in_and_a_return_has_its_reason(progress):
    for entry in entries(progress):
        assert (entry.reviewed is None) == (entry.review == "")
        assert entry.reviewed is None or entry.date <= entry.reviewed <= AS_OF
        assert (entry.review == "returned") == bool(entry.reason)


def test_a_report_that_names_a_milestone_brings_evidence(progress):
    assert all(entry.evidence for entry in entries(progress) if entry.reached)


def test_sections_that_reports_point_to_exist(city, progress):
    names = {section.name_zh for section in city.sections}
    assert {name for entry in entries(progress) for name in entry.sites} <= names


def test_summaries_come_in_in_time_and_late(city):
    halves = [item for item in handed_in(city) if item.what == "半年工作总结"]
    days = [item.date.isoformat() for item in halves]
    assert min(days) <= "2025-07-05" < max(days)


@pytest.mark.parametrize(
    ("name", "start"), [("a.xlsx", b"PK"), ("a.png", b"\x89PNG\r\n\x1a\n"), ("a.pdf", b"%PDF-")]
)
def test_a_file_of_evidence_is_of_the_kind_that_its_name_says(name, start):
    assert evidence_file(name, "甲").startswith(start)
