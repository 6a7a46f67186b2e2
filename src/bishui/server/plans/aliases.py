"""The written names (其他写法) that the register of units learns from a plan that two people agreed to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bishui.server.accounts import services as accounts
from bishui.server.core.models import ImportSession
from bishui.server.plans import directory
from bishui.server.plans.models import DraftCorrection, TaskUnit
from bishui.server.plans.unit_names import Directory

_ACTOR = "system"


def teaches(said: DraftCorrection, known: Directory) -> str:
    """Return the unit that a correction teaches the written name of, or nothing.

    A collective name, one that several units answer to and one said to mean several units teach nothing.
    """
    units = said.corrected["units"]
    written = said.path.removeprefix("units/")
    if len(units) != 1 or known.collective(written) is not None or known.find(written):
        return ""
    return str(units[0])


def learn(session: ImportSession) -> None:
    """Keep the names with their units, so that the next plan knows them; call inside an audited action."""
    said = list(DraftCorrection.objects.filter(session=session, what="unit", stands=True))
    if not said:
        return
    known = directory.directory_of(session.division)
    lessons = [(row, unit) for row in said if (unit := teaches(row, known))]
    units = _units(unit for _, unit in lessons)
    for row, unit in lessons:
        if accounts.learn_alias(units[unit], row.path.removeprefix("units/"), actor=_ACTOR):
            row.corrected = {**row.corrected, "learned": unit}
            row.save()


def forget(session: ImportSession) -> None:
    """Drop the names that this import taught; call inside an audited action."""
    taught = [
        row
        for row in DraftCorrection.objects.filter(session=session, what="unit")
        if row.corrected.get("learned")
    ]
    units = _units(row.corrected["learned"] for row in taught)
    for row in taught:
        unit = units.get(row.corrected["learned"])
        if unit is not None:
            accounts.forget_alias(unit, row.path.removeprefix("units/"), actor=_ACTOR)
        row.corrected = {key: value for key, value in row.corrected.items() if key != "learned"}
        row.save()


def _units(identifiers: Iterable[str]) -> dict[str, Any]:
    model: Any = TaskUnit._meta.get_field("unit").related_model
    return {str(unit.pk): unit for unit in model.objects.filter(pk__in=set(identifiers))}
