"""Surface water limits (地表水环境质量标准) by edition, class and water type."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.standards.classes import water_classes
from bishui.standards.editions import DATA, in_force, read_toml
from bishui.standards.local import Override, OwnLimit, OwnRange

SURFACE, SURFACE_TABLE = "gb3838", "1"

_RANKS = MappingProxyType({"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5})


class WaterType(StrEnum):
    """The two sets of limits: rivers (河流), and lakes and reservoirs (湖库)."""

    RIVER = "river"
    LAKE = "lake"


class Direction(StrEnum):
    """How a limit is meant; the limit itself always complies."""

    MAX = "max"
    MIN = "min"
    RANGE = "range"
    DELTA = "delta"
    ABSENT = "absent"
    REMOVAL = "removal"


class Range(NamedTuple):
    """Both ends of a range; both comply."""

    low: Decimal
    high: Decimal


Limit = Decimal | Range


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to reach class Ⅰ: the value of `item` is at least `minimum` (oxygen saturation)."""

    item: str
    minimum: Decimal


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a standard says about one item.

    `limits` maps a water type to the limit of each rank from 1 to 5; a water type without an entry is not
    judged for this item.
    """

    no: int
    item: str
    direction: Direction
    decides_class: bool
    limits: Mapping[WaterType, Mapping[int, Limit]]
    clause: str
    alternative: Alternative | None = None


@dataclass(frozen=True, slots=True)
class SurfaceWaterStandard:
    """One edition of the surface water standard, with its table of limits."""

    key: str
    family: str
    edition: str
    name_zh: str
    name_en: str
    in_force_from: date
    clause: str
    certainty: str
    criteria: Mapping[str, Criterion] = field(repr=False)

    @property
    def deciding_items(self) -> tuple[str, ...]:
        """Items that decide a section's class, in the order of the table (the 21 items)."""
        return tuple(key for key, criterion in self.criteria.items() if criterion.decides_class)

    def limits(self, item: str, water_type: WaterType | str) -> dict[int, Limit]:
        """Return the limits of an item by rank (1–5); empty where the standard sets none.

        Parameters
        ----------
        item
            Item key.
        water_type
            ``river`` or ``lake``.
        """
        criterion = self.criteria.get(item)
        return dict(criterion.limits.get(WaterType(water_type), {})) if criterion else {}

    def clause_of(self, item: str) -> str:
        """Return the clause that limits an item, e.g. ``GB 3838-2002 表1 第4项``."""
        return self.criteria[item].clause

    def class_of(self, item: str, value: Decimal | Fraction, water_type: WaterType | str) -> int | None:
        """Return the best class whose limit a value meets, 6 if none, None where there is no limit.

        The value is compared as it is given: rounding it is the method's business.
        """
        limits = self.limits(item, water_type)
        if not limits:
            return None
        direction = self.criteria[item].direction
        meeting = [rank for rank, limit in limits.items() if meets(value, limit, direction)]
        return min(meeting, default=max(water_classes()))


def meets(value: Decimal | Fraction, limit: Limit, direction: Direction) -> bool:
    """Tell whether a value meets a limit; the limit itself complies (GB 3838-2002 table 1, ≤ and ≥)."""
    if isinstance(limit, Range):
        return meets(value, limit.low, Direction.MIN) and meets(value, limit.high, Direction.MAX)
    if isinstance(value, Decimal):  # decimals compare exactly among themselves
        return value >= limit if direction is Direction.MIN else value <= limit
    return value >= Fraction(limit) if direction is Direction.MIN else value <= Fraction(limit)


def _limits(entry: Mapping[str, Any]) -> dict[WaterType, Mapping[int, Limit]]:
    if entry["direction"] == Direction.DELTA:
        return {}
    if entry["direction"] == Direction.RANGE:
        both = Range(Decimal(entry["low"]), Decimal(entry["high"]))
        everywhere: dict[int, Limit] = dict.fromkeys(_RANKS.values(), both)
        return dict.fromkeys(WaterType, everywhere)
    lake_only = bool(entry.get("lake_only", False))
    general = None if lake_only else entry["limits"]
    printed = {WaterType.RIVER: general, WaterType.LAKE: entry.get("limits_lake", general)}
    return {
        water_type: {_RANKS[name]: Decimal(limit) for name, limit in table.items()}
        for water_type, table in printed.items()
        if table is not None
    }


def _criterion(entry: Mapping[str, Any], clause: str) -> Criterion:
    alternative = entry.get("class_one_alternative")
    return Criterion(
        no=entry["no"],
        item=entry["item"],
        direction=Direction(entry["direction"]),
        decides_class=entry["decides_class"],
        limits=_limits(entry),
        clause=f"{clause} 第{entry['no']}项",
        alternative=Alternative(alternative["item"], Decimal(alternative["min"])) if alternative else None,
    )


def _edition(path: Path) -> SurfaceWaterStandard | None:
    content = read_toml(path)
    head = content.get("standard", {})
    if head.get("key") != "surface_water":
        return None
    try:
        criteria = {entry["item"]: _criterion(entry, head["clause"]) for entry in content["criterion"]}
        return SurfaceWaterStandard(**head, criteria=MappingProxyType(criteria))
    except (KeyError, TypeError, ValueError) as fault:
        raise DataError(
            Text("标准数据文件缺少或写错了字段：{fault}。", fault=fault),
            remedy=Text("请对照随软件提供的 gb3838-2002.toml 改正。"),
            where=Where(file=str(path)),
        ) from fault


@cache
def _editions(folder: Path) -> tuple[SurfaceWaterStandard, ...]:
    read = (_edition(path) for path in sorted(folder.glob("*.toml")))
    return tuple(edition for edition in read if edition is not None)


def standard(family: str, *, on: date, folder: Path = DATA) -> SurfaceWaterStandard:
    """Return the edition of a standard that is in force on a day.

    Parameters
    ----------
    family
        Name shared by all editions, e.g. ``gb3838``.
    on
        The day of the sample (China Standard Time); a sample is judged by the edition of its own date.
    folder
        Where the data files lie; a bureau may name its own.

    Raises
    ------
    NotInForce
        If no edition of that name is in force on the day.
    """
    return in_force([edition for edition in _editions(folder) if edition.family == family], on, family)


def surface_water(on: date, override: Override | None = None) -> SurfaceWaterStandard:
    """Return the national surface water standard in force on a day (GB 3838).

    Where a bureau's own file is given, its limits stand in the place of the national ones; the clause of such
    an item names the file, and so does the edition.
    """
    national = standard(SURFACE, on=on)
    own = override.limits_on(SURFACE, on) if override else ()
    if override is None or not own:
        return national
    criteria = {
        key: _own_criterion(criterion, [limit for limit in own if limit.item == key], override)
        for key, criterion in national.criteria.items()
    }
    return dataclasses.replace(
        national, edition=f"{national.edition}+{override.version}", criteria=MappingProxyType(criteria)
    )


def _own_criterion(criterion: Criterion, own: list[OwnLimit], override: Override) -> Criterion:
    tables = {
        water_type: _own_table(criterion, water_type, table, own)
        for water_type, table in criterion.limits.items()
    }
    if tables == dict(criterion.limits):
        return criterion
    clause = f"{override.said_of(own[0].source)}（{criterion.clause}）"
    return dataclasses.replace(criterion, limits=tables, clause=clause)


def _own_table(
    criterion: Criterion, water_type: WaterType, table: Mapping[int, Limit], own: list[OwnLimit]
) -> dict[int, Limit]:
    """Return the limits of one kind of water by rank, the bureau's where it has some."""
    limits = dict(table)
    for entry in own:
        if entry.replaces(SURFACE_TABLE, criterion.item, {"water_type": str(water_type)}):
            for name, value in entry.limits.items():
                limits[_RANKS[name]] = Range(*value) if isinstance(value, OwnRange) else value
    return limits
