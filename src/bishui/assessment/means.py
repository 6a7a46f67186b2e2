"""Means by level: readings to days, days to months, months to quarters and years; exact throughout."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.assessment import kernels, plain
from bishui.assessment.numbers import TIE_TOLERANCE
from bishui.assessment.rows import Rows, known_items
from bishui.standards import Method, items

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
PH = "ph"
#: What stands for a result below detection, in halves of its limit.
BELOW = {"half": 1, "zero": 0, "limit": 2}
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Means:
    """Means of one level, sorted by series, then source, then unit.

    Attributes
    ----------
    keys
        Item keys by item code.
    series
        ``site code × number of items + item code``.
    source
        Place of the source in the priority.
    unit
        Day number, month number (``year × 12 + month − 1``) or second, by level.
    state, high, low, denominator, hydrogen
        The mean in half units as kernels keep it.
    counts
        Rows by status, (n, 8), of everything below.
    detection
        Largest detection limit used, half units, −1 without one.
    days, months
        Days and months that entered.
    wide
        Exact means of the groups that 128 bits do not hold, by index.
    """

    keys: tuple[str, ...]
    series: Ints
    source: Ints
    unit: Ints
    state: Array
    high: Ints
    low: Array
    denominator: Ints
    hydrogen: Array
    counts: Array
    detection: Ints
    days: Ints
    months: Ints
    wide: Mapping[int, Fraction] = field(default_factory=dict)

    def item(self, index: int) -> str:
        """Return the item key of a mean."""
        return self.keys[int(self.series[index]) % len(self.keys)]

    def site(self, index: int) -> int:
        """Return the site code of a mean."""
        return int(self.series[index]) // len(self.keys)

    def exact(self, index: int) -> Fraction | None:
        """Return a mean in the item's unit, exact; a pH comes out of its logarithm."""
        if self.state[index] == kernels.EMPTY:
            return None
        key = self.item(index)
        if key == PH:
            return ph_exact(float(self.hydrogen[index]))
        return self._rational(index) / Fraction(2 * 10 ** known_items()[key].scale)

    def _rational(self, index: int) -> Fraction:
        if index in self.wide:
            return self.wide[index]
        numerator = (int(self.high[index]) << 64) | int(self.low[index])
        return Fraction(numerator, int(self.denominator[index]))

    def take(self, chosen: Array) -> Means:
        """Return some of the means, in the given order."""
        wide: dict[int, Fraction] = {}
        if self.wide:
            wide = {new: self.wide[old] for new, old in enumerate(chosen.tolist()) if old in self.wide}
        arrays = {name: getattr(self, name)[chosen] for name in _ARRAYS}
        return Means(self.keys, **arrays, wide=wide)


_ARRAYS = (
    "series",
    "source",
    "unit",
    "state",
    "high",
    "low",
    "denominator",
    "hydrogen",
    "counts",
    "detection",
    "days",
    "months",
)


def joined(parts: Sequence[Means]) -> Means:
    """Return means of several parts after one another."""
    if len(parts) == 1:
        return parts[0]
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS}
    wide, before = {}, 0
    for part in parts:
        wide.update({before + index: mean for index, mean in part.wide.items()})
        before += part.series.size
    return Means(parts[0].keys, **arrays, wide=wide)


def ph_exact(hydrogen: float) -> Fraction:
    """Return −log10 of a mean [H⁺]; within 1e-12 of a value with six digits it is that value."""
    ph = Fraction(-math.log10(hydrogen))
    near = Fraction(Decimal(float(ph)).quantize(Decimal("0.000001")))
    return near if abs(ph - near) <= TIE_TOLERANCE else ph


def ph_unit() -> float:
    """Return the half units of one pH."""
    return float(2 * 10 ** items()[PH].scale)


def base_means(rows: Rows, method: Method, *, single: bool = False) -> Means:
    """Return the lowest means: per day for automatic data, per sampling time for manual samples.

    Several verticals or layers sampled at one time are averaged first (环办监测函〔2020〕82号, [C]).

    Parameters
    ----------
    rows
        Sorted rows.
    method
        Rule for results below detection, and the least number of valid results a day.
    single
        One mean per sampling time for every source (single readings).
    """
    manual = method.source_priority.index("manual")
    by_time = np.full(rows.second.size, True) if single else rows.source == manual
    unit = np.where(by_time, rows.second, rows.second // _DAY)
    series = rows.site * len(rows.keys) + rows.item
    starts = _starts(series, rows.source, unit)
    first = starts[:-1]
    logarithmic = rows.item[first] == rows.keys.index(PH)
    below = BELOW[method.below_detection_concentration]
    high, low, used, hydrogen, counts, detection = kernels.group_sums(
        starts, rows.value, rows.status, logarithmic, ph_unit(), below
    )
    least = np.where(by_time[first], 1, max(1, method.min_valid_per_day))
    good = used >= least
    return Means(
        keys=rows.keys,
        series=series[first],
        source=rows.source[first],
        unit=unit[first] if single else rows.second[first] // _DAY,
        state=np.where(good, kernels.GOOD, kernels.EMPTY).astype(np.uint8),
        high=high,
        low=low,
        denominator=np.maximum(used, 1),
        hydrogen=hydrogen,
        counts=counts,
        detection=detection,
        days=good.astype(np.int64),
        months=np.zeros(first.size, np.int64),
    )


def _starts(*columns: Ints) -> Ints:
    """Return where runs of equal values in all columns begin, and the length at the end."""
    length = columns[0].size
    if not length:
        return np.zeros(1, np.int64)
    changed = np.zeros(length, bool)
    changed[0] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.append(np.flatnonzero(changed), length).astype(np.int64)


def average(members: Means, unit: Ints, least: int = 1) -> Means:
    """Average neighbours of equal series, source and `unit` (sorted that way).

    Parameters
    ----------
    members
        Means of the level below.
    unit
        Unit of the new level, one per member.
    least
        Fewer good members make no mean.
    """
    starts = _starts(members.series, members.source, unit)
    first = starts[:-1]
    if not first.size:
        return members
    state, high, low, denominator, hydrogen, _ = kernels.mean_of_means(
        starts, members.state, members.high, members.low, members.denominator, members.hydrogen, least
    )
    counts, detection, days, months = kernels.totals(
        starts, members.counts, members.detection, members.days, members.months
    )
    return Means(
        keys=members.keys,
        series=members.series[first],
        source=members.source[first],
        unit=unit[first],
        state=state,
        high=high,
        low=low,
        denominator=denominator,
        hydrogen=hydrogen,
        counts=counts,
        detection=detection,
        days=days,
        months=months,
        wide=_wide_means(members, starts, state, least),
    )


def _wide_means(members: Means, starts: Ints, state: Array, least: int) -> dict[int, Fraction]:
    """Return the exact means of the groups that the kernel could not hold."""
    wide = {}
    for group in np.flatnonzero(state == kernels.WIDE):
        there = (
            members._rational(index)
            for index in range(int(starts[group]), int(starts[group + 1]))
            if members.state[index] != kernels.EMPTY
        )
        exact = plain.mean_of_means(there, least)
        if exact is not None:
            wide[int(group)] = exact
    return wide


def prefer(means: Means) -> Means:
    """Keep one source per series and unit: the first in the priority that has a mean.

    Automatic values come before manual ones; a manual value replaces a missing automatic one
    (环办监测函〔2020〕714号). Rows that give no value are counted whatever their source.
    """
    later = means.series[1:] > means.series[:-1]
    if bool(np.all(later | ((means.series[1:] == means.series[:-1]) & (means.unit[1:] > means.unit[:-1])))):
        return means  # in order, and each unit has one source
    order = np.lexsort((means.source, means.state == kernels.EMPTY, means.unit, means.series))
    starts = _starts(means.series[order], means.unit[order])
    chosen = means.take(order[starts[:-1]])
    if not starts.size > 1:
        return chosen
    together = np.add.reduceat(means.counts[order], starts[:-1], axis=0)
    counts = chosen.counts.copy()
    counts[:, kernels.NO_READING :] = together[:, kernels.NO_READING :]
    arrays = {name: getattr(chosen, name) for name in _ARRAYS}
    return Means(chosen.keys, **(arrays | {"counts": counts}), wide=chosen.wide)


def daily_means(base: Means) -> Means:
    """Return one mean per site, item and day: the mean of the day's valid results."""
    return prefer(average(base, base.unit))


def monthly_means(base: Means, method: Method) -> Means:
    """Return one mean per site, item and month: the mean of daily means, or of manual results."""
    days = np.datetime64(0, "D") + base.unit.astype("timedelta64[D]")
    months = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return valid_months(average(_distinct_days(base), months, 1), method)


def valid_months(by_month: Means, method: Method) -> Means:
    """Keep the months of each source that have days enough, and one source per month; see `prefer`."""
    enough = by_month.days >= max(1, method.min_valid_days_per_month)
    manual = by_month.source == method.source_priority.index("manual")
    state = np.where(enough | manual, by_month.state, kernels.EMPTY).astype(np.uint8)
    arrays = {name: getattr(by_month, name) for name in _ARRAYS}
    arrays |= {"state": state, "months": (state != kernels.EMPTY).astype(np.int64)}
    return prefer(Means(by_month.keys, **arrays, wide=by_month.wide))


def _distinct_days(base: Means) -> Means:
    """Count a day once where several manual samples were taken in it."""
    if not base.series.size:
        return base
    starts = _starts(base.series, base.source, base.unit)
    days = np.zeros(base.days.size, np.int64)
    days[starts[:-1]] = np.maximum.reduceat(base.days, starts[:-1])
    arrays = {name: getattr(base, name) for name in _ARRAYS}
    return Means(base.keys, **(arrays | {"days": days}), wide=base.wide)


def mean_of_months(months: Means, chosen: range) -> Means:
    """Return the mean of monthly means per site and item: quarter, January to n, year."""
    inside = np.flatnonzero((months.unit >= chosen.start) & (months.unit < chosen.stop))
    part = months.take(inside)
    arrays = {name: getattr(part, name) for name in _ARRAYS}
    one_source = Means(part.keys, **(arrays | {"source": np.zeros_like(part.source)}), wide=part.wide)
    return average(one_source, np.zeros_like(part.unit))


def mean_of_days(days: Means, chosen: range) -> Means:
    """Return the mean of daily means per site and item: week, ten days; one source only, as in a month."""
    inside = np.flatnonzero((days.unit >= chosen.start) & (days.unit < chosen.stop))
    part = days.take(inside)
    by_source = part.take(np.lexsort((part.unit, part.source, part.series)))
    return prefer(average(by_source, np.zeros_like(by_source.unit)))
