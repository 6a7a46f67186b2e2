"""The index of one item (单项指数): how much of its limit a mean uses (环办监测〔2017〕51号)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from bishui.assessment.numbers import Exact, shown
from bishui.assessment.results import limit_text
from bishui.errors import DataError
from bishui.i18n import Text
from bishui.standards import Direction, Limit, Override, Range, Rules, WaterType, items, surface_water


@dataclass(frozen=True, slots=True)
class IndexTerm:
    """One item in the sum (单项指数).

    Attributes
    ----------
    item
        Item key.
    mean
        Mean that enters, unrounded, in the item's unit.
    limit
        Limit of the reference class.
    formula
        The division with its numbers, e.g. ``3 / 6``.
    index
        Its result, exact.
    members
        Means of the single sections by site, where `mean` is taken over several.
    """

    item: str
    mean: Fraction
    limit: Limit
    formula: str
    index: Fraction
    members: Mapping[str, Fraction] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; decimals are strings."""
        return {
            "item": self.item,
            "mean": str(shown(self.mean)),
            "limit": limit_text(self.limit),
            "formula": self.formula,
            "index": str(shown(self.index)),
            "members": {site: str(shown(value)) for site, value in self.members.items()},
        }


def item_index(
    item: str,
    value: Exact,
    water_type: WaterType,
    on: date,
    chosen: Rules,
    *,
    override: Override | None = None,
) -> IndexTerm | None:
    """Return the index of one item (环办监测〔2017〕51号), None where the standard sets no limit.

    Parameters
    ----------
    item
        Item key.
    value
        Mean concentration in the item's unit, or pH.
    water_type
        River or lake; total phosphorus has other limits in lakes.
    on
        Day whose edition of the limits holds.
    chosen
        Rules of ``cwqi``.
    override
        A bureau's own limits of that day.

    Raises
    ------
    DataError
        If the value cannot be divided or is impossible: negative, oxygen of zero, pH of zero.
    """
    standard = surface_water(on, override)
    limit = standard.limits(item, water_type).get(chosen["reference_class"])
    if limit is None:
        return None
    exact = Fraction(value)
    direction = standard.criteria[item].direction
    if exact < 0 or (exact == 0 and direction is not Direction.MAX):
        raise DataError(
            Text("{item} 的值 {value} 无法计算指数。", item=items()[item].name, value=shown(exact)),
            remedy=Text("溶解氧和 pH 须大于零，浓度不得为负；未检出的值按检出限的一半代入。"),
        )
    return _term(item, exact, limit, direction, Fraction(chosen["ph_neutral"]))


def _term(item: str, value: Fraction, limit: Limit, direction: Direction, neutral: Fraction) -> IndexTerm:
    text = shown(value)
    if isinstance(limit, Range):
        if value <= neutral:
            formula = f"({shown(neutral)} - {text}) / ({shown(neutral)} - {limit.low})"
            return IndexTerm(item, value, limit, formula, (neutral - value) / (neutral - Fraction(limit.low)))
        formula = f"({text} - {shown(neutral)}) / ({limit.high} - {shown(neutral)})"
        return IndexTerm(item, value, limit, formula, (value - neutral) / (Fraction(limit.high) - neutral))
    if direction is Direction.MIN:
        return IndexTerm(item, value, limit, f"{limit} / {text}", Fraction(limit) / value)
    return IndexTerm(item, value, limit, f"{text} / {limit}", value / Fraction(limit))
