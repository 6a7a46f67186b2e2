"""Rows of limits: one value that one edition of a standard sets under stated conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bishui.i18n import Bilingual
from bishui.standards.surface import Direction, Limit, Range

_UNSURE = frozenset({"C", "D"})


@dataclass(frozen=True, slots=True)
class Band:
    """A class (类别) or grade (级别) of a standard, best first; `open` takes what meets no limit."""

    id: str
    rank: int
    label: Bilingual
    use: Bilingual
    open: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that decides which row holds: kind of water, trade, day of construction.

    `missing` says in words that nobody measured or registered it.
    """

    name: str
    label: Bilingual
    missing: Bilingual
    unit: str
    values: Mapping[str, Bilingual]


@dataclass(frozen=True, slots=True)
class Scope:
    """The units that a row of a discharge standard holds for, with the trades (行业) it names."""

    id: str
    label: Bilingual
    trades: tuple[str, ...]

    def names(self, stated: str) -> bool:
        """Tell whether a stated trade or scope is this one."""
        return stated in (self.id, self.label.zh, self.label.en) or stated.removesuffix("工业") in self.trades


@dataclass(frozen=True, slots=True)
class Remark:
    """A rule, an amendment or a doubt in words, with how sure it is."""

    label: Bilingual
    text: Bilingual
    certainty: str
    source: str
    in_force_from: date | None = None


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One value of one edition of a standard.

    Attributes
    ----------
    standard, edition, table, no
        Key of the standard, name of the edition, table and number of the item in it.
    item, name
        Item key, and the name as this standard prints it.
    band, rank
        Class or grade, best has rank 1; None where the value holds for all.
    direction, limit, exclusive, not_detectable
        How the value is meant. The limit itself complies unless `exclusive`; `not_detectable` (不得检出) has
        no limit. ``removal`` limits the removal rate (去除率) between influent and effluent, in percent.
    unit
        As the standard prints it.
    conditions, wording
        Conditions as data, and in words.
    otherwise
        Band of a value that meets no limit of this item, where it is not the standard's open band.
    certainty, source, doubts
        How sure the figure is: A = text seen and compared, B = secondary sources agree, C = one source and
        memory, D = memory only; where it comes from; values that other sources print.
    override, national
        Name of the bureau's file that set this value, and the national row it stands for.
    """

    standard: str
    edition: str
    table: str
    no: int
    item: str
    name: Bilingual
    band: str | None
    rank: int | None
    direction: Direction
    limit: Limit | None
    exclusive: bool
    not_detectable: bool
    unit: str
    conditions: Mapping[str, Any]
    wording: Bilingual
    clause: str
    in_force_from: date
    in_force_to: date | None
    certainty: str
    source: str
    note: Bilingual | None = None
    otherwise: str | None = None
    doubts: tuple[Remark, ...] = field(default=(), repr=False)
    override: str | None = None
    national: LimitRow | None = field(default=None, repr=False)

    @property
    def unsure(self) -> bool:
        """Tell whether the figure still has to be verified against the text (待核实)."""
        return self.certainty in _UNSURE

    @property
    def shown(self) -> str:
        """The value as it is written in a table: ``≤ 1.0``, ``6–9``, ``不得检出``."""
        return written(self.direction, self.limit, exclusive=self.exclusive, absent=self.not_detectable)

    def in_force(self, on: date) -> bool:
        """Tell whether the row holds on a day."""
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; decimals as text, with the digits printed in the standard."""
        return {
            "standard": self.standard,
            "edition": self.edition,
            "table": self.table,
            "item": self.item,
            "name": self.name.both(),
            "band": self.band,
            "direction": str(self.direction),
            "limit": _plain(self.limit),
            "exclusive": self.exclusive,
            "not_detectable": self.not_detectable,
            "unit": self.unit,
            "conditions": {name: _plain(value) for name, value in self.conditions.items()},
            "wording": self.wording.both(),
            "clause": self.clause,
            "in_force_from": self.in_force_from.isoformat(),
            "in_force_to": self.in_force_to.isoformat() if self.in_force_to else None,
            "certainty": self.certainty,
            "source": self.source,
            "note": self.note.both() if self.note else None,
            "doubts": [doubt.text.both() for doubt in self.doubts],
            "override": self.override,
            "national": self.national.as_dict() if self.national else None,
        }


_SIGNS = {
    (Direction.MAX, False): "≤ ",
    (Direction.MAX, True): "< ",
    (Direction.MIN, False): "≥ ",
    (Direction.MIN, True): "> ",
    (Direction.REMOVAL, False): "≥ ",
    (Direction.REMOVAL, True): "> ",
}
_NOT_DETECTABLE = Bilingual("不得检出", "not detectable")
_REMOVAL = Bilingual("去除率", "removal")
_ABSENT = Bilingual("无", "none")


def written(direction: Direction, limit: Limit | None, *, exclusive: bool, absent: bool) -> str:
    """Return a limit as a table prints it."""
    if absent:
        return str(_NOT_DETECTABLE)
    if direction is Direction.ABSENT or limit is None:
        return str(_ABSENT)
    if isinstance(limit, Range):
        low, high = format(limit.low, "f"), format(limit.high, "f")
        return f"{low}~+{high}" if direction is Direction.DELTA else f"{low}–{high}"
    said = f"{_SIGNS[direction, exclusive]}{limit:f}"
    return f"{_REMOVAL} {said}" if direction is Direction.REMOVAL else said


def _plain(value: object) -> object:
    if isinstance(value, Range):
        return [format(end, "f") for end in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return value
