"""Two people acting at once on one outfall: no update is lost, there is one history, the trail is whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bishui.errors import BishuiError
from bishui.server.core import audit
from bishui.server.core.models import WorkflowEvent
from bishui.server.outfalls import rounds, services
from bishui.server.outfalls.models import Outfall, OutfallRound, Visit
from tests.server.conftest import COUNTY_A
from tests.server.outfalls.machine import STEPS, evidence_for, put, ready

pytestmark = pytest.mark.django_db

_STEPS = ("t12", "t19", "t13", "t15", "t14", "t16", "t05")
ACTS = st.one_of(
    st.tuples(st.just("look")),
    st.tuples(st.just("move"), st.integers(0, 1)),
    st.tuples(st.just("move"), st.integers(0, 1)),
    st.tuples(st.just("edit"), st.sampled_from(["village", "landmark"])),
    st.tuples(st.just("visit"), st.integers(0, 2)),
)


class Person:
    """Somebody with the outfall and its round open on the screen since they last looked."""

    def __init__(self, life, user, evidence):
        self.life, self.user, self.evidence = life, user, evidence
        self.look()

    def look(self):
        self.round = self.life.round()
        self.outfall = Outfall.objects.get(pk=self.life.outfall.pk)

    def move(self, number):
        """Take one of the steps that the screen offers; of a closed outfall, open it again."""
        offered = [step for step in _STEPS if self.round.state in STEPS[step]["from"]]
        step = offered[number % len(offered)]
        self.round = services.move(
            self.round,
            step,
            actor=self.user,
            evidence=self.evidence[step] | _another(self.round, step),
        )

    def edit(self, field, text):
        setattr(self.outfall, field, text)
        with audit.action("outfalls.saved", actor=self.user, name=self.outfall.name):
            self.outfall.save()


def _another(round_, step):
    """Return a date of completion that differs from the one on the screen."""
    if step != "t19":
        return {}
    return {"planned_finish": (round_.planned_finish + timedelta(days=1)).isoformat()}


def act(person, kind, rest, number):
    """Do one thing; return what is then true of the outfall beside the moves."""
    if kind == "look":
        person.look()
    elif kind == "move":
        person.move(*rest)
    elif kind == "edit":
        person.edit(rest[0], f"{number}")
        return {rest[0]: f"{number}"}
    else:
        services.record_visit(
            person.outfall, purpose="patrol", made_at=person.life.now, actor=person.user, people=["甲"],
            client_id=f"00000000-0000-0000-0000-00000000000{rest[0]}",
        )  # fmt: skip
    return {}


def test_generated_histories_of_two_people(instance, data_dir):
    life = ready(instance, COUNTY_A)
    put(life.outfall, "planned")
    evidence = {step: evidence_for(step, life) for step in _STEPS}

    @settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(st.booleans(), ACTS), min_size=6, max_size=16))
    def histories(acts):
        with transaction.atomic():
            people = [
                Person(life, instance.users[f"{role}@a"], evidence)
                for role in ("bureau_staff", "bureau_lead")
            ]
            known, moves, sent = {"village": "", "landmark": ""}, 0, set()
            for number, (which, (kind, *rest)) in enumerate(acts):
                before = WorkflowEvent.objects.count()
                try:
                    with transaction.atomic():
                        known |= act(people[which], kind, rest, number)
                except BishuiError:
                    people[which].look()
                    assert WorkflowEvent.objects.count() == before
                    continue
                moves += kind == "move"
                sent |= set(rest) if kind == "visit" else set()
            _check(life, known, moves, sent)
            transaction.set_rollback(True)

    histories()


def _check(life, known, moves, sent):
    outfall = Outfall.objects.get(pk=life.outfall.pk)
    assert {name: getattr(outfall, name) for name in known} == known, "an edit was lost"
    events = list(WorkflowEvent.objects.order_by("id"))
    assert len(events) == moves, "a move was lost or made twice"
    state = "planned"
    for event in events:
        assert event.source == state
        assert state in STEPS[event.transition]["from"]
        state = event.target
    latest = rounds.latest(outfall)
    assert (latest.state, outfall.stage) == (state, state)
    assert OutfallRound.objects.filter(outfall=outfall, superseded=False).count() == 1
    assert Visit.objects.filter(outfall=outfall, client_id__isnull=False).count() == len(sent)
    assert audit.verify()[1] == []
