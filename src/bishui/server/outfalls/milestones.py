"""Milestones of the programme (阶段目标): defined, counted from sign-offs, and frozen by day (分母冻结)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from bishui import outfalls
from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.outfalls import Denominator, Numerator, Progress, Standing, progress
from bishui.server.core import audit
from bishui.server.outfalls import queries
from bishui.server.outfalls.models import Milestone, MilestoneSnapshot


def rule_of(milestone: Milestone) -> outfalls.Milestone:
    """Return what a milestone asks for, as the counting knows it."""
    return outfalls.Milestone(
        name=milestone.name,
        due=milestone.due,
        percent=milestone.percent,
        denominator=Denominator(milestone.denominator),
        numerator=Numerator(milestone.numerator),
    )


def milestones_of(division: str) -> QuerySet[Milestone]:
    """Return the milestones that hold for a division: its own and those inside it."""
    return Milestone.objects.filter(division__startswith=division).prefetch_related("snapshots")


def on_today(milestone: Milestone, known: Iterable[Standing], day: date) -> Progress:
    """Return the progress on today's list."""
    return progress(rule_of(milestone), known, day)


def on_frozen(milestone: Milestone, known: Iterable[Standing], day: date) -> Progress | None:
    """Return what has become today of the list as it was last frozen; None where it never was."""
    frozen = newest(milestone)
    return progress(rule_of(milestone), known, day, frozen.codes) if frozen else None


def newest(milestone: Milestone) -> MilestoneSnapshot | None:
    """Return the last snapshot: the one of the due day, unless a later one was taken."""
    return max(milestone.snapshots.all(), key=lambda snapshot: snapshot.day, default=None)


def define(division: str, *, actor: Any, where: str = "", **fields: Any) -> Milestone:
    """Define a milestone of a division; see `bishui.server.outfalls.models.Milestone` for the fields.

    Raises
    ------
    DataError
        If it has no source: every share stands in some plan.
    """
    if not str(fields.get("source", "")).strip():
        raise DataError(
            Text("没有写明阶段目标的依据。"),
            remedy=Text("请写明方案名称、文号和条款。"),
            where=Where(field="source"),
        )
    milestone = Milestone(division=division, **fields)
    rule_of(milestone)
    with audit.action(
        "outfalls.milestone_saved", actor=actor, where=where, division=division, name=milestone.name
    ):
        milestone.save()
    return milestone


def freeze(milestone: Milestone, day: date, *, actor: Any, where: str = "") -> MilestoneSnapshot:
    """Freeze the list that a milestone counts, as it stands on `day`, with its hash.

    Raises
    ------
    Conflict
        If it was frozen on that day already: a frozen list never changes.
    """
    if milestone.snapshots.filter(day=day).exists():
        raise Conflict(
            Text("“{name}”在 {day} 的名单已经冻结。", name=milestone.name, day=day),
            remedy=Text("冻结的名单不能更改；可以在另一天再冻结一次。"),
        )
    known = queries.standings(milestone.division, day, waters=milestone.waters)
    found = on_today(milestone, known, day)
    with audit.action(
        "outfalls.milestone_frozen",
        actor=actor,
        where=where,
        division=milestone.division,
        name=milestone.name,
        day=day.isoformat(),
        count=len(found.codes),
    ):
        snapshot = MilestoneSnapshot(
            milestone=milestone,
            division=milestone.division,
            day=day,
            codes=list(found.codes),
            done=list(found.done),
            digest=digest(found.codes),
        )
        snapshot.save()
    return snapshot


def digest(codes: Iterable[str]) -> str:
    """Return the SHA-256 of a list of codes, one a line, in their order."""
    return hashlib.sha256("".join(f"{code}\n" for code in codes).encode()).hexdigest()


def freeze_due(day: date) -> None:
    """Freeze each milestone whose day it is; run once a day."""
    for milestone in Milestone.objects.filter(due=day).exclude(snapshots__day=day):
        freeze(milestone, day, actor="system")
