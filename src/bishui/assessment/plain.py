"""Plain Python twins of the compiled kernels: the same answers, by rationals and in the order of the rules.

They state what the kernels must do, serve where 128 bits do not hold a result, and are compared in tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from bishui.assessment.kernels import USED_BELOW
from bishui.assessment.numbers import TIE_TOLERANCE, hydrogen, mean, ph_of, round_evaluation
from bishui.standards import SurfaceWaterStandard, WaterType, items


def group_mean(values: Sequence[int], status: Sequence[int]) -> tuple[Fraction | None, int]:
    """Return the mean of the used half units of one group, and how many there are."""
    used = [value for value, kind in zip(values, status, strict=True) if kind <= USED_BELOW]
    return (mean(used) if used else None), len(used)


def mean_of_means(means: Iterable[Fraction | None], least: int = 1) -> Fraction | None:
    """Return the mean of the means that are there; None where they are fewer than `least`."""
    there = [value for value in means if value is not None]
    return mean(there) if len(there) >= max(1, least) else None


def ph_mean_of_means(groups: Iterable[Sequence[Decimal]]) -> Decimal | None:
    """Return the pH of the mean over groups of each group's mean [H⁺]."""
    means = [sum((hydrogen(value) for value in group), Decimal(0)) / len(group) for group in groups if group]
    return ph_of(means) if means else None


def compared(item: str, value: Fraction, *, rounded: bool) -> Decimal | Fraction:
    """Return the value that is compared with a limit: rounded to the evaluation decimals, or as it is."""
    decimals = items()[item].evaluation_decimals
    if not rounded or decimals is None:
        return value
    return round_evaluation(value, decimals, TIE_TOLERANCE if item == "ph" else Fraction(0))


def item_class(
    standard: SurfaceWaterStandard, item: str, value: Fraction, water_type: WaterType, *, rounded: bool
) -> int | None:
    """Return the class of one mean: rounded once, then compared as the limit is written."""
    judged = compared(item, value, rounded=rounded)
    return standard.class_of(item, judged, water_type)


def worst_class(ranks: Mapping[str, int | None], deciding: Iterable[str]) -> int | None:
    """Return the worst class of the deciding items (单因子评价法), None without one."""
    there = [rank for key in deciding if (rank := ranks.get(key)) is not None]
    return max(there, default=None)
