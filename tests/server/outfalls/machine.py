"""The life cycle as its file says it, read without the engine, and an outfall that can take every step."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

import bishui
from bishui.server.outfalls.models import Outfall, OutfallRound
from tests.server.outfalls.life import DAY, GOOD, Life

_SERVER = Path(bishui.__file__).parent / "server"
FLOW: dict[str, Any] = tomllib.loads(
    (_SERVER / "outfalls/workflows/outfall_round.toml").read_text(encoding="utf-8")
)
ROLES: dict[str, Any] = {
    role["id"]: role
    for role in tomllib.loads((_SERVER / "core/roles.toml").read_text(encoding="utf-8"))["role"]
}
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in FLOW["transition"]}
STATES: list[str] = [state["id"] for state in FLOW["state"]]
#: Answers that have to be true of the outfall; every other answer is made from its kind.
ANSWERS: dict[str, Any] = {
    "finished_on": "2025-04-20",
    "started_on": "2025-04-01",
    "keep": "yes",
    "measures_done": "yes",
    "analysis_result": "not_found",
    "planned_finish": "2025-09-30",
    "category": "standardise",
    "problems": ["exceed_standard"],
    "trigger": "inspection_failed",
    "kind": "hj1312-01",
}


def holds(role: str, right: str) -> bool:
    """Tell whether a role may do something to an outfall that is its own unit's duty, in its own county."""
    told = ROLES[role]
    return bool(told.get("all")) or right in told.get("subtree", []) or right in told.get("own_unit", [])


def put(outfall: Outfall, state: str) -> OutfallRound:
    """Put the round of an outfall into a state, past the engine, as only a test may."""
    rounds: QuerySet[OutfallRound] = QuerySet(OutfallRound)
    rounds.filter(outfall=outfall, number=1).update(state=state)
    outfalls: QuerySet[Outfall] = QuerySet(Outfall)
    outfalls.filter(pk=outfall.pk).update(stage=state)
    return OutfallRound.objects.select_related("outfall").get(outfall=outfall, number=1)


def ready(instance: Any, county: str) -> Life:
    """Return an outfall of which everything is known that any step asks for."""
    life = Life(
        instance, county, discharge_standard="gb18918", discharge_grade="1A", sign="yes", sampling_point="yes",
        kind="hj1312-01", responsible_name="某厂", responsible_unit="a-bureau",
        supervising_unit="a-bureau",
    )  # fmt: skip
    life.visit(abnormal="no")
    before = life.photo("outfall")
    life.photo("surroundings")
    life.now = life.now.replace(month=4, day=21)
    life.photo("after", before)
    life.sample(GOOD)
    rounds: QuerySet[OutfallRound] = QuerySet(OutfallRound)
    rounds.filter(outfall=life.outfall).update(
        can_sample="yes", category="standardise", planned_finish="2025-06-30", finished_on="2025-04-20",
        trace_report=life.file("trace"), plan=life.file("plan"),
    )  # fmt: skip
    life.now += DAY
    return life


def evidence_for(step: str, life: Life) -> dict[str, Any]:
    """Return answers to everything that a step asks for, made from the kinds of its evidence."""
    made = {
        "text": lambda part: "说明",
        "file": lambda part: life.file("trace"),
        "files": lambda part: [life.file("trace")],
        "date": lambda part: "2025-04-30",
        "number": lambda part: "3.5",
        "yes_no": lambda part: "yes",
        "register": lambda part: "a-bureau",
        "choice": lambda part: part["options"][0]["value"],
        "choices": lambda part: ["desk"],
    }
    return {
        part["key"]: ANSWERS.get(part["key"]) or made[part.get("kind", "text")](part)
        for part in STEPS[step].get("evidence", [])
        if part.get("required", True)
    }
