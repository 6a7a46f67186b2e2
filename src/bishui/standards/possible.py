"""Which limits may hold for an item where a fact that decides between them is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bishui.standards.limit_rows import LimitRow
from bishui.standards.limit_tables import StandardEdition, split
from bishui.standards.lookup import holds
from bishui.standards.surface import Direction, Range

_SCOPE = "scope"
#: Comparisons that together take every number or day.
_HALVES = ({"above", "at_most"}, {"from", "to"})


@dataclass(frozen=True, slots=True)
class Possible:
    """The rows that may hold.

    Attributes
    ----------
    rows
        One where everything is known that decides between them.
    unknown
        The conditions that decide between them and are not known, by name; empty where one row holds.
    complete
        Whether there is a limit in whatever case it may be: else the item may be not limited at all.
    """

    rows: tuple[LimitRow, ...]
    unknown: tuple[str, ...]
    complete: bool


def possible_rows(
    edition: StandardEdition,
    rows: Sequence[LimitRow],
    told_apart: Sequence[LimitRow],
    stated: Mapping[str, Any],
) -> Possible:
    """Return the rows of one band that may hold under what is stated.

    Parameters
    ----------
    edition
        The standard's edition.
    rows
        The item's rows of one band that do not contradict what is stated; at least one.
    told_apart
        The same of every band: a case that has a row there and none among `rows` has no limit in this band.
    stated
        What is known.
    """
    most = max(len(_met(row, stated)) for row in rows)
    kept = tuple(row for row in rows if len(_met(row, stated)) == most or _open(row, stated))
    names = {name for row in kept for name in _open(row, stated)}
    lacking = {name for name in names if not _covered(edition, name, kept, told_apart)}
    same = len({(row.limit, row.not_detectable, row.direction) for row in kept}) == 1
    if same and not lacking:
        return Possible(kept[:1], (), complete=True)
    if not names:
        names = {split(name)[0] for row in kept for name in row.conditions}
    return Possible(kept, tuple(sorted(names)), complete=not lacking)


def by_strictness(rows: Sequence[LimitRow]) -> tuple[LimitRow, ...]:
    """Return rows by their limit, the strictest first; a removal rate stands last."""

    def place(row: LimitRow) -> tuple[bool, Decimal]:
        if isinstance(row.limit, Range):
            return (False, row.limit.high - row.limit.low)
        number = row.limit or Decimal(0)
        least = row.direction in (Direction.MIN, Direction.REMOVAL)
        return (row.direction is Direction.REMOVAL, -number if least else number)

    return tuple(sorted(rows, key=place))


def _met(row: LimitRow, stated: Mapping[str, Any]) -> list[str]:
    return [name for name, bound in row.conditions.items() if holds(name, bound, stated)]


def _open(row: LimitRow, stated: Mapping[str, Any]) -> list[str]:
    """Return the conditions of a row that nobody stated."""
    return [split(name)[0] for name in row.conditions if split(name)[0] not in stated]


def _covered(
    edition: StandardEdition, name: str, rows: Sequence[LimitRow], told_apart: Sequence[LimitRow]
) -> bool:
    """Tell whether there is a limit whatever the condition may be."""
    bounds = [_bounds(row, name) for row in rows]
    if not all(bounds):
        return True
    ends = {ending for bound in bounds for ending in bound}
    if ends - {""}:
        return any(half <= ends for half in _HALVES)
    values = {bound[""] for bound in bounds}
    if name == _SCOPE:
        every = {value for row in told_apart for value in _bounds(row, name).values()}
        return every <= values and bool(values & {"other", "all"})
    return set(edition.conditions[name].values) <= values


def _bounds(row: LimitRow, name: str) -> dict[str, Any]:
    """Return what a row asks of one condition, by the comparison."""
    parts = ((split(key), bound) for key, bound in row.conditions.items())
    return {ending: bound for (stem, ending), bound in parts if stem == name}
