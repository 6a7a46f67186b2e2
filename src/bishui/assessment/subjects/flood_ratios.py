"""Means over their limits, compared exactly without bringing each to its lowest terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from bishui.assessment.subjects.flood_values import Pair

K = TypeVar("K")
#: A mean and its limit.
Part = tuple[Pair, Decimal]
#: Floating-point ratios closer than this to the largest are compared exactly.
_NEAR = 1e-9


def largest_of(parts: Sequence[Part]) -> tuple[int, Fraction]:
    """Return the place of the first of the largest ratios of some means to their limits, and that ratio."""
    near = topmost({place: near_ratio(*part) for place, part in enumerate(parts)})
    exact = [ratio_of(*parts[place]) for place in near]
    largest = max(exact)
    return near[exact.index(largest)], largest


def ratio_of(pair: Pair, limit: Decimal) -> Fraction:
    """Return a mean divided by its limit, exact."""
    above, below = limit.as_integer_ratio()
    return Fraction(pair[0] * below, pair[1] * above)


def near_ratio(pair: Pair, limit: Decimal) -> float:
    """Return a mean divided by its limit, as a floating-point number."""
    return pair[0] / pair[1] / float(limit)


def topmost(ratios: Mapping[K, float]) -> list[K]:
    """Return the keys of the largest of some numbers, and of those too near to it to tell them apart."""
    top = max(ratios.values())
    least = top - abs(top) * _NEAR
    return [key for key, ratio in ratios.items() if ratio >= least]


def mean_ratio_of(parts: Sequence[Part]) -> Fraction:
    """Return the mean ratio of means to their limits: numerators are summed by limit and denominator."""
    sums: dict[tuple[Decimal, int], int] = {}
    for (numerator, denominator), limit in parts:
        key = (limit, denominator)
        sums[key] = sums.get(key, 0) + numerator
    ratios = (ratio_of((total, below), limit) for (limit, below), total in sums.items())
    return sum(ratios, Fraction(0)) / len(parts)
