"""The air quality index (环境空气质量指数, AQI) by edition: breakpoints, steps and levels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.standards.editions import DATA, in_force, read_toml

_FOLDER = DATA / "air"
_NONE = "none"


@dataclass(frozen=True, slots=True)
class AirLevel:
    """One level of the index (级别) with its words and colour."""

    level: int
    low: int
    high: int
    label: Bilingual
    colour_zh: str
    rgb: str


@dataclass(frozen=True, slots=True)
class AirIndex:
    """One edition of the index (HJ 633).

    Attributes
    ----------
    edition
        ``HJ 633-2012`` or ``HJ 633-2026``.
    steps, breakpoints
        Values of the individual index, and the concentrations at which they are reached, by
        ``<item>_<period>`` (``pm25_daily``, ``o3_daily_max_8h``), in the item's own unit (µg/m³; CO mg/m³).
    beyond
        What stands for concentrations above the last breakpoint: an index, or None = not computed from
        this mean.
    primary_above
        Above this index a primary pollutant (首要污染物) is named.
    """

    edition: str
    in_force_from: date
    in_force_to: date | None
    certainty: str
    source: str
    steps: tuple[int, ...]
    breakpoints: Mapping[str, tuple[Decimal, ...]] = field(repr=False)
    beyond: Mapping[str, int | None] = field(repr=False)
    primary_above: int
    levels: tuple[AirLevel, ...] = field(repr=False)

    @property
    def version(self) -> str:
        """The edition, as stored with results."""
        return self.edition

    @property
    def keys(self) -> tuple[str, ...]:
        """Which mean of which item has breakpoints."""
        return tuple(self.breakpoints)

    def individual(self, key: str, value: Decimal | Fraction | int) -> Fraction | None:
        """Return the exact individual index (IAQI) of a concentration, or None where it is not computed.

        Parameters
        ----------
        key
            ``<item>_<period>``, one of `keys`.
        value
            Concentration, not negative, in the unit of the breakpoints.

        Raises
        ------
        CallError
            If the key is not known or the value is negative.
        """
        points = self._points(key)
        exact = Fraction(value)
        if exact < 0:
            raise CallError(
                Text("浓度 {value} 是负数，不能计算空气质量分指数。", value=value),
                remedy=Text("请核对原始数据。"),
            )
        for (low, high), (begin, end) in zip(pairwise(points), pairwise(self.steps), strict=False):
            if exact <= high:
                return begin + Fraction(end - begin) * (exact - Fraction(low)) / Fraction(high - low)
        beyond = self.beyond[key]
        return None if beyond is None else Fraction(beyond)

    def rounded(self, index: Fraction) -> int:
        """Return an index as it is published: rounded up to a whole number."""
        return math.ceil(index)

    def level(self, index: int) -> AirLevel:
        """Return the level of a published index; above the last one the last level."""
        return next((level for level in self.levels if index <= level.high), self.levels[-1])

    def _points(self, key: str) -> Sequence[Decimal]:
        if key in self.breakpoints:
            return self.breakpoints[key]
        raise CallError(
            Text("{edition} 没有“{key}”的浓度限值。", edition=self.edition, key=key),
            remedy=Text("可用的项目：{names}。", names="、".join(self.keys)),
        )


def _edition(path: Path) -> AirIndex:
    content = read_toml(path)
    steps = tuple(content["steps"])
    breakpoints = {
        key: tuple(Decimal(point) for point in points) for key, points in content["breakpoints"].items()
    }
    printed = content["beyond"]
    return AirIndex(
        edition=content["edition"],
        in_force_from=content["in_force_from"],
        in_force_to=content.get("in_force_to"),
        certainty=content["certainty"],
        source=content["source"],
        steps=steps,
        breakpoints=MappingProxyType(breakpoints),
        beyond=MappingProxyType(
            {
                key: None if printed.get(key) == _NONE else printed.get(key, content["beyond_last"])
                for key in breakpoints
            }
        ),
        primary_above=content["primary_above"],
        levels=tuple(
            AirLevel(
                entry["level"],
                entry["low"],
                entry["high"],
                Bilingual(entry["label_zh"], entry["label_en"]),
                entry["colour_zh"],
                entry["rgb"],
            )
            for entry in content["level"]
        ),
    )


@cache
def air_indices() -> tuple[AirIndex, ...]:
    """Return every edition of the index, older first."""
    return tuple(sorted(map(_edition, _FOLDER.glob("*.toml")), key=lambda index: index.in_force_from))


def air_index(on: date) -> AirIndex:
    """Return the index in force on a day.

    Raises
    ------
    NotInForce
        If the day lies before the first edition.
    """
    return in_force(air_indices(), on, "HJ 633")
