"""The written names of units in a read plan: what each means, and what it could mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.server.core.models import ImportSession
from bishui.server.plans import aliases, directory
from bishui.server.plans.models import DraftCorrection
from bishui.server.plans.review_draft import Correction, Draft
from bishui.server.plans.staging import unit_cells
from bishui.server.plans.unit_names import Directory, KnownUnit, near, resolve_plan


@dataclass(slots=True)
class WrittenName:
    """A name as the plan writes it: the units it means, why none, where it stands."""

    written: str
    units: tuple[str, ...]
    reason: str
    names: list[str]
    collective: bool
    correction: Correction | None
    learned: bool = False
    count: int = 0
    lines: list[int] = field(default_factory=list)
    roles: set[str] = field(default_factory=set)

    @property
    def is_said(self) -> bool:
        """Whether a person said what it means."""
        return self.correction is not None and self.correction.stands

    @property
    def seen(self) -> int:
        """How many changes it has had; see `review_draft.FieldView.seen`."""
        return self.correction.version if self.correction else 0

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet what it means."""
        return not self.units and self.reason != "no-unit"


def names(session: ImportSession, draft: Draft) -> list[WrittenName]:
    """Return every written name, those that are open first, then the most frequent."""
    known = directory.directory_of(session.division)
    found = _collect(draft, known, directory.unit_names())
    return sorted(found.values(), key=lambda item: (not item.is_open, -item.count, item.written))


def name_of(session: ImportSession, draft: Draft, written: str) -> WrittenName | None:
    """Return one written name, or None where the plan does not write it."""
    return next((item for item in names(session, draft) if item.written == written), None)


def count_open(session: ImportSession, draft: Draft) -> int:
    """Return how many written names mean nothing yet."""
    return sum(item.is_open for item in names(session, draft))


def _collect(draft: Draft, known: Directory, called: Mapping[str, str]) -> dict[str, WrittenName]:
    data = draft.effective()
    found: dict[str, WrittenName] = {}
    resolved = resolve_plan(unit_cells(data), known, draft.given_units())
    for (position, role), cell in resolved.items():
        lines = data["tasks"][position - 1]["lines"]
        for item in cell:
            entry = found.get(item.written)
            if entry is None:
                entry = found[item.written] = WrittenName(
                    item.written,
                    item.units,
                    item.reason,
                    [called[unit] for unit in item.units],
                    known.collective(item.written) is not None,
                    said := draft.find(f"units/{item.written}", "unit"),
                    _teaches(said, known),
                )
            elif not entry.units and item.units:
                entry.units, entry.names, entry.reason = item.units, [called[unit] for unit in item.units], ""
            entry.count += 1
            entry.roles.add(role)
            if lines[0] not in entry.lines:
                entry.lines.append(lines[0])
    return found


def _teaches(said: Correction | None, known: Directory) -> bool:
    return isinstance(said, DraftCorrection) and said.stands and bool(aliases.teaches(said, known))


def choices(session: ImportSession, name: WrittenName) -> dict[str, Any]:
    """Return what a form offers for a name: the units it means now, near names, and all units."""
    known = directory.directory_of(session.division)
    called = directory.unit_names()
    offered = list(dict.fromkeys([*name.units, *near(name.written, known)]))
    if name.collective:
        offered = list(
            dict.fromkeys([*name.units, *(unit.id for unit in known.units if _below(unit, known))])
        )
    places = {unit.id: known.places.get(unit.division) for unit in known.units}
    return {
        "offered": [
            {
                "id": unit,
                "name": called[unit],
                "place": place.name if (place := places.get(unit)) else "",
                "chosen": unit in name.units,
            }
            for unit in offered
        ],
        "all": sorted(called.items(), key=lambda row: row[1]),
        "divisions": [place for place in known.places.values() if place.path.startswith(session.division)],
    }


def named(text: str) -> list[str]:
    """Return the units that a typed name stands for, by identifier.

    Raises
    ------
    DataError
        If no unit is called so, or several are.
    """
    text = text.strip()
    if not text:
        return []
    found = [unit for unit, name in directory.unit_names().items() if name == text]
    if len(found) == 1:
        return found
    raise DataError(
        Text("单位台账中没有“{name}”。", name=text)
        if not found
        else Text("单位台账中有 {count} 个“{name}”。", name=text, count=len(found)),
        remedy=Text("请从列出的单位中选择，或新增单位。"),
        where=Where(field=str(Text("单位"))),
    )


def _below(unit: KnownUnit, known: Directory) -> bool:
    """Tell whether a unit is a government below the plan's division, as a collective name may mean it."""
    return unit.kind == "government" and unit.division != known.home and unit.division.startswith(known.home)
