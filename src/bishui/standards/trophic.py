"""Coefficients and grades of the trophic state index (综合营养状态指数)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from bishui.standards.editions import DATA, read_toml


@dataclass(frozen=True, slots=True)
class TrophicItem:
    """``10 (constant + slope ln(value × factor))`` of one item, and its weight r²."""

    constant: Decimal
    slope: Decimal
    weight: Decimal
    factor: Decimal


@dataclass(frozen=True, slots=True)
class TrophicRules:
    """The five items of the index and its grades (总站生字〔2001〕090号)."""

    items: Mapping[str, TrophicItem]
    grades: tuple[tuple[str, Decimal | None, bool], ...]

    def grade(self, index: float) -> str:
        """Return the grade of an unrounded index: below 30 贫营养, up to 50 inclusive 中营养, and so on."""
        for name, end, included in self.grades:
            if end is None or index < end or (included and index == end):
                return name
        raise AssertionError("the last grade has no end")


@cache
def trophic_rules() -> TrophicRules:
    """Return the index as the data file gives it."""
    content = read_toml(DATA / "trophic.toml")
    numbers = ("constant", "slope", "weight", "factor")
    return TrophicRules(
        items=MappingProxyType(
            {
                entry["item"]: TrophicItem(*(Decimal(entry[name]) for name in numbers))
                for entry in content["item"]
            }
        ),
        grades=tuple(
            (entry["name_zh"], entry.get("below", entry.get("up_to")), "up_to" in entry)
            for entry in content["grade"]
        ),
    )
