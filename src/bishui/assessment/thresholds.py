"""Limits as bounds on unrounded means.

Rounding first and comparing then is the same as comparing the unrounded mean with the tie below which it
rounds to the limit or better. A kernel can therefore decide without dividing, and exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from bishui.assessment.kernels import AT_LEAST, AT_MOST, NO_THRESHOLD, WITHIN
from bishui.assessment.numbers import first_digit
from bishui.standards import Direction, Item, Limit, Range, SurfaceWaterStandard, WaterType, items


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of the unrounded values that comply; `closed` tells whether the end itself complies."""

    value: Fraction
    closed: bool


def highest(limit: Decimal, decimals: int | None) -> Bound:
    """Return up to which unrounded value the rounded one is at most `limit`.

    `decimals` None means that nothing is rounded. Rounding is that of `numbers.round_evaluation`.
    """
    if decimals is None:
        return Bound(Fraction(limit), True)
    unit = Fraction(1, 10**decimals)
    steps = Fraction(limit) // unit
    if steps == 0 and limit > 0:
        return _highest_below_unit(limit, unit)
    return Bound(steps * unit + unit / 2, steps % 2 == 0)


def _highest_below_unit(limit: Decimal, unit: Fraction) -> Bound:
    """Return the bound of a limit finer than the digits kept: values up to half a unit keep one digit."""
    step = Fraction(1, 10 ** first_digit(limit))
    steps = Fraction(limit) // step
    tie = steps * step + step / 2
    return Bound(unit / 2, True) if tie > unit / 2 else Bound(tie, steps % 2 == 0)


def lowest(limit: Decimal, decimals: int | None) -> Bound:
    """Return from which unrounded value on the rounded one is at least `limit`."""
    if decimals is None:
        return Bound(Fraction(limit), True)
    unit = Fraction(1, 10**decimals)
    steps = -(-Fraction(limit) // unit)
    return Bound(steps * unit - unit / 2, steps % 2 == 0)


@dataclass(frozen=True, slots=True)
class Table:
    """Thresholds for kernels: a row per (water type, item), in half units of each item's scale.

    Attributes
    ----------
    kind
        `AT_MOST`, `AT_LEAST`, `WITHIN` or `NO_THRESHOLD`, (rows,).
    bound
        Bounds of classes Ⅰ–Ⅴ in half units, (rows, 5); for `WITHIN` the first two are the ends.
    closed
        Whether the bound itself complies, (rows, 5).
    strictest
        Smallest limit in half units; the largest number there is where there is none, (rows,).
    rows
        Number of rows per water type: the number of items.
    """

    kind: npt.NDArray[np.uint8]
    bound: npt.NDArray[np.int64]
    closed: npt.NDArray[np.bool_]
    strictest: npt.NDArray[np.int64]
    rows: int


def water_row(water_type: WaterType | None) -> int:
    """Return which block of the table holds for a water type; the last one where it is unknown."""
    return len(WaterType) if water_type is None else list(WaterType).index(water_type)


def limits_of(standard: SurfaceWaterStandard, item: str, water_type: WaterType | None) -> Mapping[int, Limit]:
    """Return an item's limits by class; of an unknown water type those that hold for all of them."""
    if water_type is not None:
        return standard.limits(item, water_type)
    river, lake = standard.limits(item, WaterType.RIVER), standard.limits(item, WaterType.LAKE)
    return river if river == lake else {}


def half_units(item: Item, value: Fraction) -> int:
    """Return a value in half units of an item's scale; it must be a whole number of them."""
    units = value * Fraction(2 * 10**item.scale)
    if units.denominator != 1:
        raise AssertionError(f"{item.key}: scale {item.scale} is too coarse for {value}")
    return units.numerator


def table(standard: SurfaceWaterStandard, keys: Sequence[str], *, rounded: bool) -> Table:
    """Return the threshold table of one edition for some items: rivers, lakes, unknown; see `water_row`.

    Parameters
    ----------
    standard
        The edition.
    keys
        Item keys; their order gives the item codes.
    rounded
        Whether means are rounded to the evaluation decimals before they are compared.
    """
    waters = (*WaterType, None)
    count = len(keys) * len(waters)
    kind = np.full(count, NO_THRESHOLD, np.uint8)
    bound = np.zeros((count, 5), np.int64)
    closed = np.zeros((count, 5), np.bool_)
    strictest = np.full(count, np.iinfo(np.int64).max)
    for water_type in waters:
        for i, key in enumerate(keys):
            limits = limits_of(standard, key, water_type)
            if not limits:
                continue
            row = water_row(water_type) * len(keys) + i
            item = items()[key]
            decimals = item.evaluation_decimals if rounded else None
            kind[row], bounds = _bounds(list(limits.values()), standard.criteria[key].direction, decimals)
            for c, end in enumerate(bounds):
                bound[row, c] = half_units(item, end.value)
                closed[row, c] = end.closed
            plain = [Fraction(limit) for limit in limits.values() if isinstance(limit, Decimal)]
            if plain:
                strictest[row] = half_units(item, min(plain))
    return Table(kind, bound, closed, strictest, len(keys))


def _bounds(
    limits: Sequence[Decimal | Range], direction: Direction, decimals: int | None
) -> tuple[int, list[Bound]]:
    first = limits[0]
    if isinstance(first, Range):
        return WITHIN, [lowest(first.low, decimals), highest(first.high, decimals)]
    plain = [limit for limit in limits if isinstance(limit, Decimal)]
    if direction is Direction.MIN:
        return AT_LEAST, [lowest(limit, decimals) for limit in plain]
    return AT_MOST, [highest(limit, decimals) for limit in plain]
