"""Reads of the half-yearly report on outfalls: what was found, measured, traced and put right up to a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from bishui.outfalls import Progress, progress
from bishui.server.core.models import WorkflowEvent
from bishui.server.outfalls import milestones
from bishui.server.outfalls.models import Milestone, MilestoneSnapshot, Outfall, OutfallRound, Sample
from bishui.server.outfalls.standings import standings


@dataclass(frozen=True, slots=True)
class OutfallRead:
    """An outfall as the report tells of it, at the end of the report's day."""

    code: str
    name: str
    division: str
    kind: str
    stage: str
    abnormal: bool
    responsible: str
    responsible_kind: str
    found_on: date | None
    category: str
    signed_off_on: date | None
    planned_finish: date | None


@dataclass(frozen=True, slots=True)
class MilestoneRead:
    """A milestone: on the list of the report's day, and on the one that was frozen."""

    milestone: Milestone
    today: Progress
    frozen: Progress | None
    snapshot: MilestoneSnapshot | None


def stages_on(division: str, day: date) -> dict[Any, str]:
    """Return the stage of each outfall at the end of a day, by its key; one not found yet is left out."""
    end = datetime.combine(day, time.max)
    opened = OutfallRound.objects.filter(division__startswith=division, opened_at__lte=end)
    rounds = dict(opened.order_by().values_list("pk", "outfall_id"))
    found = dict.fromkeys(rounds.values(), "suspected")
    events = WorkflowEvent.objects.filter(
        workflow=OutfallRound.workflow_name, division__startswith=division, at__lte=end
    )
    for record, target in events.order_by("at", "id").values_list("record_id", "target"):
        if record in rounds:
            found[rounds[record]] = target
    return found


def outfalls_on(division: str, day: date) -> list[OutfallRead]:
    """Return the outfalls that were found up to a day, each at its stage of that day, by code."""
    stages = stages_on(division, day)
    rounds: dict[Any, Mapping[str, Any]] = {
        row["outfall_id"]: row
        for row in OutfallRound.objects.filter(
            division__startswith=division, opened_at__lte=datetime.combine(day, time.max)
        )
        .order_by("number")
        .values("outfall_id", "category", "signed_off_on", "planned_finish")
    }
    found = []
    for outfall in Outfall.objects.filter(division__startswith=division).order_by("code"):
        if outfall.pk in stages:
            found.append(_read(outfall, stages[outfall.pk], rounds.get(outfall.pk, {}), day))
    return found


def _read(outfall: Outfall, stage: str, round_: Mapping[str, Any], day: date) -> OutfallRead:
    signed = round_.get("signed_off_on")
    return OutfallRead(
        code=outfall.code,
        name=outfall.name or outfall.code,
        division=outfall.division,
        kind=outfall.kind,
        stage=stage,
        abnormal=outfall.abnormal == "yes",
        responsible=outfall.responsible_name,
        responsible_kind=outfall.responsible_kind,
        found_on=outfall.found_at.date() if outfall.found_at else None,
        category=round_.get("category", ""),
        signed_off_on=signed if signed and signed <= day else None,
        planned_finish=round_.get("planned_finish"),
    )


def reopened_between(division: str, first: date, last: date) -> list[OutfallRound]:
    """Return the rounds that began anew in a time, with why."""
    return list(
        OutfallRound.objects.filter(
            division__startswith=division,
            number__gt=1,
            opened_at__range=(datetime.combine(first, time.min), datetime.combine(last, time.max)),
        )
        .select_related("outfall")
        .order_by("opened_at")
    )


def samples_between(division: str, first: date, last: date) -> list[Sample]:
    """Return the samples that were taken in a time."""
    return list(
        Sample.objects.filter(
            division__startswith=division,
            made_at__range=(datetime.combine(first, time.min), datetime.combine(last, time.max)),
        )
        .select_related("outfall")
        .order_by("made_at")
    )


def milestones_on(division: str, day: date) -> list[MilestoneRead]:
    """Return the milestones of a division with their progress at the end of a day."""
    found = []
    for milestone in milestones.milestones_of(division):
        known = standings(milestone.division, day, waters=milestone.waters)
        taken = [snapshot for snapshot in milestone.snapshots.all() if snapshot.day <= day]
        snapshot = max(taken, key=lambda one: one.day, default=None)
        rule = milestones.rule_of(milestone)
        frozen = progress(rule, known, day, snapshot.codes) if snapshot else None
        found.append(MilestoneRead(milestone, progress(rule, known, day), frozen, snapshot))
    return found
