"""The workflow engine: one place where a state changes."""

from datetime import date
from decimal import Decimal

import pytest
from tests.server.conftest import CITY, COUNTY_A, OTHER_CITY

from bishui.errors import Conflict, DataError, Forbidden
from bishui.i18n import Bilingual
from bishui.server.core import audit, files, imports, workflow
from bishui.server.core.models import ImportSession, StoredFile, WorkflowEvent
from bishui.server.core.workflow_evidence import parse_evidence, read

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


def parts(*tables):
    return tuple(parse_evidence({"label_zh": "项", **table}) for table in tables)


class Held:
    """A record that knows one list of choices."""

    division = CITY

    def evidence_options(self, name):
        return {"a": Bilingual("甲"), "b": Bilingual("乙")}


@pytest.mark.parametrize(
    ("table", "raw", "value"),
    [
        ({"kind": "text"}, " 已办 ", "已办"),
        ({"kind": "date"}, "2025-06-25", date(2025, 6, 25)),
        ({"kind": "number", "least": 0}, "1,250.50", Decimal("1250.50")),
        ({"kind": "yes_no"}, "no", "no"),
        ({"kind": "choice", "options_of": "list"}, "b", "b"),
        ({"kind": "choices", "options_of": "list", "least": 1}, ["b", "a", "b"], ["b", "a"]),
    ],
)
def test_an_answer_is_read_by_its_kind(table, raw, value):
    assert read(parts({"key": "k", **table}), {"k": raw}, Held()) == {"k": value}


@pytest.mark.parametrize(
    ("table", "raw"),
    [
        ({"kind": "text", "longest": 2}, "三个字"),
        ({"kind": "date"}, "2025/6/25"),
        ({"kind": "date", "not_future": True}, "2999-01-01"),
        ({"kind": "number", "least": 0}, "-1"),
        ({"kind": "number", "most": 5}, "6"),
        ({"kind": "number", "digits": 1}, "0.25"),
        ({"kind": "number"}, "NaN"),
        ({"kind": "yes_no"}, "是"),
        ({"kind": "choice", "options_of": "list"}, "c"),
        ({"kind": "choice", "options_of": "list"}, ["a", "b"]),
        ({"kind": "choices", "options_of": "list", "least": 2}, ["a", "a"]),
        ({"kind": "file"}, "no-such-file"),
    ],
)
def test_an_answer_of_another_kind_is_refused_by_its_field(table, raw):
    with pytest.raises(DataError) as caught:
        read(parts({"key": "k", **table}), {"k": raw}, Held())
    assert [problem.where.field for problem in caught.value.problems] == ["k"]


def test_everything_that_is_missing_is_told_at_once_also_what_another_answer_asks_for():
    asked = parts(
        {"key": "keep", "kind": "yes_no"},
        {"key": "unit", "required_when": {"key": "keep", "values": ["yes"]}},
        {"key": "record"},
    )
    with pytest.raises(DataError) as caught:
        read(asked, {"keep": "yes"}, Held())
    assert [problem.where.field for problem in caught.value.problems] == ["unit", "record"]
    assert read(asked, {"keep": "no", "record": "x"}, Held()) == {"keep": "no", "record": "x"}


def test_a_file_of_another_city_is_no_evidence(instance, data_dir):
    with audit.action("core.import_received", actor="system", name="x"):
        mine, theirs = (files.keep([b"x"], "x.txt", division=place) for place in (COUNTY_A, OTHER_CITY))
    asked = parts({"key": "k", "kind": "files", "least": 1})
    assert read(asked, {"k": [str(mine.pk)]}, Held()) == {"k": [str(mine.pk)]}
    with pytest.raises(DataError):
        read(asked, {"k": [str(mine.pk), str(theirs.pk)]}, Held())


def test_a_choice_without_anything_to_choose_or_of_an_unknown_kind_is_a_faulty_file():
    for table in ({"kind": "choice"}, {"kind": "smell"}):
        with pytest.raises(ValueError, match="evidence k"):
            parts({"key": "k", **table})


def flow_of(**step):
    """Return a workflow of two states and one step."""
    return workflow.parse(
        {
            "name": "x",
            "title_zh": "试",
            "version": "1",
            "initial": "a",
            "state": [{"id": "a", "label_zh": "甲"}, {"id": "b", "label_zh": "乙"}],
            "transition": [
                {"id": "t", "label_zh": "转", "from": ["a"], "to": "b", "right": "cases.view"} | step,
                {"id": "u", "label_zh": "回", "from": ["b"], "to": "a", "right": "cases.view"},
            ],
        }
    )


def test_a_step_may_need_another_person_than_for_one_or_for_several_others():
    assert flow_of(other_than="u").transitions["t"].other_than == ("u",)
    assert flow_of(other_than=["t", "u"]).transitions["t"].other_than == ("t", "u")
    assert flow_of().transitions["t"].other_than == ()
    with pytest.raises(ValueError, match="names no transition v"):
        flow_of(other_than=["u", "v"])


def test_a_step_with_requirements_asks_the_record_and_one_without_does_not(session, instance):
    step = flow_of(requires=[{"rule": "x"}]).transitions["t"]
    with pytest.raises(TypeError, match="answers no requirements"):
        workflow.lacking(session, step, actor=instance.users["administrator@city"])
    assert workflow.lacking(session, flow_of().transitions["t"], actor="system") == []
