"""Every step in every state by every role: only what the files say is done, and no path passes by."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.apps import apps
from django.db import transaction

from bishui.errors import BishuiError, Conflict, DataError, Forbidden
from bishui.server.core import audit, registers, workflow
from bishui.server.core.models import WorkflowEvent
from bishui.server.outfalls import services
from bishui.server.outfalls.models import Outfall, OutfallRound
from tests.server.conftest import COUNTY_A, COUNTY_B
from tests.server.outfalls.life import Life
from tests.server.outfalls.machine import FLOW, ROLES, STATES, STEPS, evidence_for, holds, put, ready

pytestmark = pytest.mark.django_db


def outcome(round_, step, actor):
    """Return how a step without any evidence ends; it never moves, for each asks for something."""
    try:
        workflow.fire(round_, step, actor=actor)
    except BishuiError as error:
        return type(error)
    return None


def expected(state, step, role):
    """Return how it must end, by the files alone."""
    if state not in STEPS[step]["from"]:
        return Conflict
    return DataError if holds(role, STEPS[step]["right"]) else Forbidden


def test_every_step_in_every_state_for_every_role(instance, data_dir):
    life = Life(instance, COUNTY_A, responsible_unit="a-bureau")
    for state in STATES:
        round_ = put(life.outfall, state)
        for role in ROLES:
            actor = instance.users[f"{role}@a"]
            for step in STEPS:
                assert outcome(round_, step, actor) is expected(state, step, role), (state, step, role)
            offered = {item.id for item in workflow.available(round_, actor)}
            assert offered == {step for step in STEPS if expected(state, step, role) is DataError}
            assert workflow.available(round_, instance.users[f"{role}@other"]) == []
        for step, told in STEPS.items():
            alone = state in told["from"] and told.get("automatic", False)
            assert (outcome(round_, step, "系统") is DataError) is alone
    assert not WorkflowEvent.objects.exists()


def test_every_step_with_its_evidence_leads_where_the_file_says(instance, data_dir):
    life = ready(instance, COUNTY_A)
    reviewer = instance.users["bureau_lead@a"]
    for step, told in STEPS.items():
        for source in told["from"]:
            with transaction.atomic():
                round_ = put(life.outfall, source)
                if step == "t05":
                    life.visit(can_sample="no", cannot_sample_reason="淹没", abnormal="no")
                moved = services.move(
                    round_, step, actor=reviewer, evidence=evidence_for(step, life), where="test"
                )
                assert (moved.state, life.stage()) == (told["to"], told["to"]), step
                assert moved.number == (2 if told.get("begins_anew") else 1)
                event = WorkflowEvent.objects.get(record_id=moved.pk)
                assert (event.source, event.target, event.transition) == (source, told["to"], step)
                transaction.set_rollback(True)


def test_no_path_passes_by_the_life_cycle(instance, data_dir):
    life = Life(instance, COUNTY_A)
    admin = instance.users["administrator@a"]
    round_, outfall = life.round(), Outfall.objects.get(pk=life.outfall.pk)
    round_.state, outfall.stage = "signed_off", "signed_off"
    new = Outfall(code="L990101-00099-0", name="x", division=COUNTY_A, stage="signed_off")
    second = OutfallRound(
        outfall=outfall, division=COUNTY_A, number=2, state="signed_off", opened_at="2025-01-01"
    )
    writes = [
        round_.save,
        outfall.save,
        new.save,
        lambda: Outfall.objects.bulk_create([new]),
        lambda: OutfallRound.objects.bulk_create([second]),
    ]
    for write in writes:
        with pytest.raises(Conflict), audit.action("outfalls.saved", actor=admin, name="x"):
            write()
    for model in (Outfall, OutfallRound):
        with pytest.raises(TypeError):
            model.objects.update(**{"stage" if model is Outfall else "state": "signed_off"})
    assert (life.round().state, life.stage()) == ("suspected", "suspected")
    of_rounds = {"stage", "stage_since", "state", "keep", "removed_on", "due"}
    assert not of_rounds & {field.name for field in registers.load_all()["outfalls"].fields}
    assert not apps.is_installed("django.contrib.admin")


@pytest.mark.parametrize(("north", "opened"), [("0.0003", 1), ("0.001", 0)])
def test_a_confirmed_complaint_opens_closed_outfalls_within_fifty_metres(instance, data_dir, north, opened):
    life = Life(instance, COUNTY_A)
    put(life.outfall, "no_action")
    found = services.confirm_complaint(
        COUNTY_A, lon=life.outfall.lon, lat=life.outfall.lat + Decimal(north), record="C1", text="异味",
        actor=life.staff,
    )  # fmt: skip
    assert len(found) == opened
    assert life.stage() == ("verified" if opened else "no_action")
    assert all(event.by_name == "排污口规则" for event in WorkflowEvent.objects.all())


def test_answers_that_a_step_does_not_ask_for_prove_and_write_nothing(instance, data_dir):
    life = Life(instance, COUNTY_A)
    forged = {
        "discharging": "yes",
        "abnormal": "no",
        "can_sample": "yes",
        "rejections": "9",
        "superseded": "1",
    }
    with pytest.raises(DataError) as error:
        life.move("t02", life.surveyor, **forged)
    fields = {problem.where.field for problem in error.value.problems}
    assert {"visits", "photos", "discharging", "abnormal", "can_sample"} <= fields
    life.verified()
    assert (life.round().rejections, life.round().superseded) == (0, False)


def test_the_rounds_of_an_outfall_merged_into_another_rest(instance, data_dir):
    life = Life(instance, COUNTY_A)
    round_ = put(life.outfall, "sampled")
    outfall = Outfall.objects.get(pk=life.outfall.pk)
    outfall.merged_into = "L990101-00077-0"
    with audit.action("outfalls.saved", actor=life.staff, name=outfall.name):
        outfall.save()
    with pytest.raises(Conflict, match="已并入"):
        services.move(round_, "t06", actor=life.staff, evidence={"trace_methods": ["desk"]})
    assert (round_.state, round_.trace_methods, life.stage()) == ("sampled", [], "sampled")


def test_a_round_is_opened_again_once_and_only_by_who_is_there(instance, data_dir):
    life = ready(instance, COUNTY_A)
    first, second = put(life.outfall, "signed_off"), put(life.outfall, "signed_off")
    given = evidence_for("t16", life)
    services.move(first, "t16", actor=life.surveyor, evidence=given)
    with pytest.raises(BishuiError):
        services.move(second, "t16", actor=life.surveyor, evidence=given)
    assert [one.state for one in OutfallRound.objects.order_by("number")] == ["signed_off", "verified"]
    with pytest.raises(Conflict):
        services.reopen(life.outfall, "complaint_confirmed", record="C1", text="x", actor=life.surveyor)
    assert FLOW["initial"] == "suspected"
    assert COUNTY_B not in life.round().division
