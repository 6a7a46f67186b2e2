"""The workflow engine: one place where a state changes."""

import pytest
from tests.server.conftest import CITY

from bishui.errors import Conflict, DataError, Forbidden
from bishui.server.core import audit, imports, workflow
from bishui.server.core.models import ImportSession, StoredFile, WorkflowEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(instance, data_dir):
    return imports.receive(
        "register:units", [b"x"], "units.csv", division=CITY, actor=instance.users["administrator@city"]
    )


def test_every_workflow_file_is_sound():
    flows = workflow.load_all()
    assert {"import_review", "supervision_notice"} <= flows.keys()
    for flow in flows.values():
        assert flow.states[flow.initial]


def test_a_file_with_an_unknown_or_unreachable_state_is_refused():
    base = {
        "name": "x",
        "title_zh": "试",
        "version": "1",
        "initial": "a",
        "state": [{"id": "a", "label_zh": "甲"}, {"id": "b", "label_zh": "乙"}],
        "transition": [],
    }
    with pytest.raises(ValueError, match="cannot reach"):
        workflow.parse(base)
    step = {"id": "t", "label_zh": "转", "from": ["a"], "to": "c", "right": "cases.view"}
    with pytest.raises(ValueError, match="unknown states"):
        workflow.parse({**base, "transition": [step]})


def test_a_state_cannot_be_set_past_the_engine(session):
    session.state = "active"
    with pytest.raises(Conflict), audit.action("core.transition", actor="system", name="x", transition="x"):
        session.save()
    with pytest.raises(TypeError):
        ImportSession.objects.filter(pk=session.pk).update(state="active")
    assert ImportSession.objects.get(pk=session.pk).state == "received"


def test_a_new_record_begins_in_the_initial_state(instance, data_dir):
    with pytest.raises(Conflict), audit.action("core.import_received", actor="system", name="x"):
        stored = StoredFile.objects.create(sha256="0" * 64, name="x", size=1, at="2025-01-01", division=CITY)
        ImportSession.objects.create(
            kind="register:units",
            file=stored,
            division=CITY,
            state="active",
            created_at="2025-01-01",
            created_by="x",
        )


def test_a_transition_that_the_state_does_not_allow_is_refused(session, instance):
    with pytest.raises(Conflict):
        workflow.fire(session, "commit", actor=instance.users["administrator@city"])


def test_a_system_step_is_not_for_people_and_the_reverse(session, instance):
    with pytest.raises(Forbidden):
        workflow.fire(session, "preview", actor=instance.users["administrator@city"])
    workflow.fire(session, "preview", actor="system")
    with pytest.raises(Forbidden):
        workflow.fire(session, "commit", actor="system")


def test_without_the_right_or_outside_the_subtree_nothing_moves(session, instance):
    workflow.fire(session, "preview", actor="system")
    for name in ("viewer@city", "administrator@a", "administrator@other", "nobody"):
        with pytest.raises(Forbidden):
            workflow.fire(session, "commit", actor=instance.users[name])
    assert workflow.available(session, instance.users["viewer@city"]) == []
    assert [item.id for item in workflow.available(session, instance.users["administrator@city"])] == [
        "commit",
        "discard",
    ]


def test_required_evidence_must_be_given_and_is_kept(session, instance):
    admin = instance.users["administrator@city"]
    workflow.fire(session, "preview", actor="system")
    workflow.fire(session, "commit", actor=admin)
    workflow.fire(session, "land", actor="system")
    with pytest.raises(DataError) as caught:
        workflow.fire(session, "take_back", actor=admin, evidence={"why": "  "})
    assert "撤回原因" in str(caught.value)
    assert session.state == "active"
    workflow.fire(session, "take_back", actor=admin, evidence={"why": "文件有误"})
    event = WorkflowEvent.objects.get(record_id=session.pk, transition="take_back")
    assert event.evidence == {"why": "文件有误"}
    assert (event.source, event.target, event.by_name) == ("active", "taken_back", "administrator@city")


def test_a_way_with_a_condition_is_open_only_where_the_record_meets_it(instance, data_dir):
    lead, staff = instance.users["bureau_lead@city"], instance.users["bureau_staff@city"]
    one = ImportSession(kind="register:units", state="previewed")
    two = ImportSession(kind="plan", state="previewed")
    for session in (one, two):
        session.division = CITY
    assert "commit" in {item.id for item in workflow.available(one, lead)}
    assert {"submit", "discard"} == {item.id for item in workflow.available(two, staff)}
    with pytest.raises(KeyError):
        two.meets("no-such-condition", lead)
