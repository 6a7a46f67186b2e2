"""Trophic state (营养状态) of lakes: the comprehensive index TLI(Σ)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bishui.assessment.numbers import Exact, round_half_even
from bishui.errors import DataError
from bishui.i18n import Text
from bishui.standards import trophic_rules


@dataclass(frozen=True, slots=True)
class TrophicState:
    """TLI(Σ), its grade, and the indices of the items.

    `official` is False where fewer than all five items were given: the weights are then shared out again.
    """

    total: float
    rounded: Decimal
    grade: str
    indices: Mapping[str, float]
    official: bool


def trophic_state(values: Mapping[str, Exact]) -> TrophicState:
    """Return TLI(Σ) of mean concentrations (总站生字〔2001〕090号; 环办〔2011〕22号 2.(3)).

    Parameters
    ----------
    values
        By item key, in the item's own unit: `chla`, `tp`, `tn`, `codmn` in mg/L, `transparency` in m.

    Raises
    ------
    DataError
        If no item of the index is given, or a value is not positive.
    """
    rules = trophic_rules()
    indices = {}
    for key, rule in rules.items.items():
        if key not in values:
            continue
        value = float(values[key]) * float(rule.factor)
        if value <= 0:
            raise DataError(
                Text("{item} 的值 {value} 不是正数，无法取对数。", item=key, value=values[key]),
                remedy=Text("未检出的值请先按检出限的一半代入。"),
            )
        indices[key] = 10 * (float(rule.constant) + float(rule.slope) * math.log(value))
    return combine(indices)


def combine(indices: Mapping[str, float]) -> TrophicState:
    """Return TLI(Σ) from the indices of single items, weighted by r², over the items that are there."""
    rules = trophic_rules()
    weights = {key: float(rule.weight) for key, rule in rules.items.items() if key in indices}
    if not weights:
        raise DataError(
            Text("没有可用于营养状态指数的项目。"),
            remedy=Text("需要叶绿素a、总磷、总氮、透明度、高锰酸盐指数。"),
        )
    total = sum(weights[key] * indices[key] for key in weights) / sum(weights.values())
    return TrophicState(
        total=total,
        rounded=round_half_even(Decimal(repr(total)), 1),
        grade=rules.grade(total),
        indices=dict(indices),
        official=len(weights) == len(rules.items),
    )
