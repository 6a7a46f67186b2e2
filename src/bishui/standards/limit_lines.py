"""Rows of limits gathered into lines as a table prints them: one line an item, one cell a class or grade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bishui.i18n import Bilingual
from bishui.standards.limit_rows import LimitRow

_Group = tuple[object, ...]
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One line of a table of limits.

    Attributes
    ----------
    rows
        The rows of the line, best class first; all have the same item, unit, clause and days of force.
    wordings
        Conditions in words; several where the same values hold under each of them (rivers; lakes).
    """

    rows: tuple[LimitRow, ...]
    wordings: tuple[Bilingual, ...]

    @property
    def first(self) -> LimitRow:
        """The row that speaks for what all rows of the line share."""
        return self.rows[0]

    @property
    def cells(self) -> dict[str, LimitRow]:
        """The row of each class or grade; the key "" is a value that holds for all."""
        return {row.band or "": row for row in self.rows}

    @property
    def overridden(self) -> bool:
        """Tell whether the bureau's own file set one of the values."""
        return any(row.national is not None for row in self.rows)

    @property
    def unsure(self) -> bool:
        """Tell whether one of the values still has to be verified."""
        return any(row.unsure for row in self.rows)

    @property
    def wording(self) -> Bilingual:
        """The conditions in words."""
        said = [wording for wording in self.wordings if wording.zh]
        return Bilingual("／".join(each.zh for each in said), " / ".join(each.en for each in said))


def limit_lines(rows: Iterable[LimitRow]) -> tuple[LimitLine, ...]:
    """Gather rows into lines, in the order in which they come.

    Lines that differ in their one condition alone (rivers; lakes) and not in their values are told once.
    """
    gathered: dict[_Group, list[LimitRow]] = {}
    for row in rows:
        gathered.setdefault((*_shared(row), _conditions(row)), []).append(row)
    told: dict[_Group, LimitLine] = {}
    for group in gathered.values():
        alone = len(group[0].conditions) < _SEVERAL
        same = (
            *_shared(group[0]),
            () if alone else _conditions(group[0]),
            tuple((row.band, row.shown, row.override) for row in group),
        )
        known = told.get(same)
        wordings = (*(known.wordings if known else ()), group[0].wording)
        told[same] = LimitLine(known.rows if known else tuple(group), wordings)
    return tuple(told.values())


def _shared(row: LimitRow) -> _Group:
    """Return what all rows of one line have in common; a removal rate is a line of its own by its unit."""
    since = row.national.in_force_from if row.national else row.in_force_from
    return (row.standard, row.edition, row.table, row.no, row.item, row.direction, row.unit, since)


def _conditions(row: LimitRow) -> _Group:
    return tuple(sorted((name, str(value)) for name, value in row.conditions.items()))
