"""Two people acting on one outfall at the same moment, on a real database: nothing is lost, one history."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import connections

from bishui.errors import BishuiError
from bishui.server.core import audit
from bishui.server.core.models import WorkflowEvent
from bishui.server.outfalls import rounds
from bishui.server.outfalls.models import Outfall, OutfallRound, Visit
from tests.server.conftest import COUNTY_A, make_instance
from tests.server.outfalls.machine import STEPS, evidence_for, put, ready
from tests.server.outfalls.test_two_people import _STEPS, Person, act

pytestmark = pytest.mark.django_db(transaction=True)
_ACTS = 6


def acts_of(drawn, field):
    """Return what one of them does, one thing after another; each edits a field of their own."""
    kinds = ("look", "move", "move", "edit", "visit")
    rest = {"look": lambda: [], "move": lambda: [drawn.randrange(2)], "edit": lambda: [field]}
    chosen = [drawn.choice(kinds) for _ in range(_ACTS)]
    return [(kind, rest.get(kind, lambda: [drawn.randrange(3)])()) for kind in chosen]


def live(person, acts, gate, told):
    """Do one thing after another while the other does theirs; tell what was done and not refused."""
    try:
        for number, (kind, rest) in enumerate(acts):
            gate.wait(60)
            try:
                told.append((kind, rest, act(person, kind, rest, number)))
            except BishuiError:
                person.look()
    finally:
        connections.close_all()


@pytest.mark.parametrize("seed", range(2))
def test_generated_histories_of_two_people_at_the_same_moment(transactional_db, data_dir, seed):
    users = make_instance()
    life = ready(users, COUNTY_A)
    put(life.outfall, "planned")
    before = WorkflowEvent.objects.count()
    evidence = {step: evidence_for(step, life) for step in _STEPS}
    drawn, gate, told = random.Random(seed), threading.Barrier(2), ([], [])
    people = [Person(life, users.users[f"{role}@a"], evidence) for role in ("bureau_staff", "bureau_lead")]
    threads = [
        threading.Thread(target=live, args=(person, acts_of(drawn, field), gate, told[place]))
        for place, (person, field) in enumerate(zip(people, ("village", "landmark"), strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    done = told[0] + told[1]
    _one_history(life, before, sum(kind == "move" for kind, _rest, _known in done))
    _nothing_lost(life, done)


def _one_history(life, before, moves):
    events = list(WorkflowEvent.objects.order_by("id"))[before:]
    assert len(events) == moves, "a move was lost or made twice"
    state = "planned"
    for event in events:
        assert event.source == state
        assert state in STEPS[event.transition]["from"]
        state = event.target
    latest = rounds.latest(life.outfall)
    assert (latest.state, Outfall.objects.get(pk=life.outfall.pk).stage) == (state, state)
    assert OutfallRound.objects.filter(outfall=life.outfall, superseded=False).count() == 1
    assert audit.verify()[1] == []


def _nothing_lost(life, done):
    outfall = Outfall.objects.get(pk=life.outfall.pk)
    known = {name: text for _kind, _rest, edited in done for name, text in edited.items()}
    assert {name: getattr(outfall, name) for name in known} == known, "an edit was lost"
    sent = {rest[0] for kind, rest, _known in done if kind == "visit"}
    assert Visit.objects.filter(outfall=outfall, client_id__isnull=False).count() == len(sent)
