"""The limits that a chart draws: each with its name, in the unit of the item, those that judge told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from bishui.standards import (
    Direction,
    Limit,
    LimitRow,
    Override,
    Range,
    WaterType,
    any_item,
    edition_on,
    limits,
    surface_water,
    unit_factor,
    water_class,
)


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit line of a chart.

    Attributes
    ----------
    value
        In the item's own unit.
    label
        What stands beside the line.
    rank
        Class of surface water or groundwater whose limit it is, 1 the best.
    judges
        Whether the site is judged by it; such a line is drawn stronger, and always.
    """

    value: Decimal
    label: str
    rank: int | None = None
    judges: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return the form that ``frontend/src/chart.ts`` reads."""
        text = f"{self.value:f}"
        plain = text.rstrip("0").rstrip(".") if "." in text else text
        return {"value": plain, "class": self.rank, "label": self.label, "target": self.judges}


#: The limits of an item by its key.
Bounds = Callable[[str], Sequence[Bound]]


def none_of(_key: str) -> Sequence[Bound]:
    """Return no limit."""
    return ()


def listed(given: Mapping[str, Sequence[Bound]]) -> Bounds:
    """Return the limits of a table by item."""
    return lambda key: given.get(key, ())


def ends(limit: Limit, name: str = "", *, rank: int | None = None, judges: bool = True) -> list[Bound]:
    """Return a limit as lines: a range has two."""
    if isinstance(limit, Range):
        low, high = _("%(name)s下限") % {"name": name}, _("%(name)s上限") % {"name": name}
        return [
            Bound(limit.low, low.strip(), judges=judges),
            Bound(limit.high, high.strip(), judges=judges),
        ]
    return [Bound(limit, name or _("限值"), rank, judges)]


def printed(limit: str, name: str) -> list[Bound]:
    """Return a limit as it is printed, a number or two of them with ``~`` between, as lines."""
    low, wave, high = limit.partition("~")
    return ends(Range(Decimal(low), Decimal(high)) if wave else Decimal(low), "" if wave else name)


def of_standard(
    standard: str, key: str, on: date, conditions: Mapping[str, Any], override: Override | None
) -> list[Bound]:
    """Return the limits of a standard that hold for an item under what is known.

    Each has the name of its grade; where several hold under conditions that are not known (water temperature,
    day of approval), also what it holds under.
    """
    return of_rows(limits(key, standard=standard, on=on, override=override, **conditions), on)


def of_rows(rows: Iterable[LimitRow], on: date) -> list[Bound]:
    """Return rows of limits that all judge, as `of_standard` names them."""
    drawn = [row for row in rows if _drawn(row)]
    several = len({row.limit for row in drawn}) > 1
    found: dict[tuple[Decimal, str], Bound] = {}
    for row in drawn:
        name = str(edition_on(row.standard, on).bands[row.band].label) if row.band else ""
        if several and str(row.wording):
            name = _("%(name)s（%(condition)s）") % {"name": name, "condition": row.wording}
        for bound in ends(_in_own_unit(row), name):
            found.setdefault((bound.value, bound.label), bound)
    return list(found.values())


def of_classes(
    standard: str, key: str, on: date, required: int, override: Override | None, **conditions: Any
) -> list[Bound]:
    """Return the limits of the classes of a standard; that of the class required judges."""
    rows = limits(key, standard=standard, on=on, override=override, **conditions)
    by_rank = {row.rank: _in_own_unit(row) for row in rows if row.rank is not None and _drawn(row)}
    return classes(by_rank, required)


def classes(by_rank: Mapping[int, Limit], required: int | None = None) -> list[Bound]:
    """Return the limits of classes by rank as lines; that of the class required judges."""
    found: list[Bound] = []
    for rank, limit in by_rank.items():
        name = "" if isinstance(limit, Range) else water_class(rank).numeral
        for bound in ends(limit, name, rank=rank, judges=rank == required):
            _join(found, bound)
    return found


def of_surface(
    key: str, required: int, water_type: WaterType | str, on: date, override: Override | None
) -> list[Bound]:
    """Return the limit of a class of surface water that an item must keep."""
    limit = surface_water(on, override).limits(key, water_type).get(required)
    return [] if limit is None else ends(limit, water_class(required).numeral, rank=required)


def of_grades(standard: str, key: str, on: date, override: Override | None) -> list[Bound]:
    """Return the limits between the grades of a standard, each with an arrow to the worse grade."""
    bands = sorted(edition_on(standard, on).bands.values(), key=lambda band: band.rank)
    worse = {band.id: after.label for band, after in pairwise(bands)}
    sign = {Direction.MIN: "↓", Direction.MAX: "↑"}
    return [
        Bound(limit, f"{worse[row.band]}{sign[row.direction]}")
        for row in limits(key, standard=standard, on=on, override=override)
        if row.band in worse and _drawn(row) and isinstance(limit := _in_own_unit(row), Decimal)
    ]


def together(classes: Iterable[Bound], judging: Iterable[Bound]) -> list[Bound]:
    """Return the limits of the classes and those that judge, the same one once."""
    found = list(classes)
    for bound in judging:
        same = next((place for place, known in enumerate(found) if known.value == bound.value), None)
        if same is None:
            found.append(bound)
        else:
            found[same] = replace(found[same], judges=True)
    return found


def _join(found: list[Bound], bound: Bound) -> None:
    """Add a limit; classes that share one share the line."""
    for place, known in enumerate(found):
        if known.value != bound.value:
            continue
        label = known.label if bound.label in known.label else f"{known.label}、{bound.label}"
        found[place] = replace(known, label=label, judges=known.judges or bound.judges)
        return
    found.append(bound)


def _drawn(row: LimitRow) -> bool:
    """Tell whether a limit is a height in a chart: no removal rate, no change, not "none"."""
    of_values = row.direction in (Direction.MAX, Direction.MIN, Direction.RANGE)
    return of_values and row.limit is not None and unit_factor(any_item(row.item), row.unit) is not None


def _in_own_unit(row: LimitRow) -> Limit:
    """Return the limit of a row that is drawn, in the unit of its item."""
    factor = unit_factor(any_item(row.item), row.unit)
    assert row.limit is not None
    assert factor is not None
    if isinstance(row.limit, Range):
        return Range(row.limit.low * factor, row.limit.high * factor)
    return row.limit * factor
