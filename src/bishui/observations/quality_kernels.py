"""Compiled passes of quality control; plain numbers in, plain numbers out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
#: A median absolute deviation times this is the standard deviation of a normal distribution.
MAD_TO_DEVIATION = 1.4826


def local_medians(  # noqa: PLR0917 - compiled functions take their arrays by position
    starts: Array,
    time: Array,
    value: Array,
    floor: Array,
    span: Array,
    share: float,
    neighbours: int,
    least: int,
    factor: float,
    median: Array,
    spread: Array,
) -> None:
    """Compare every value with the median of its neighbours, without itself.

    Parameters
    ----------
    starts
        Where series begin, and the length at the end; shape (series + 1,).
    time, value
        Seconds and values, ascending in time within a series; shape (n,).
    floor, span
        Least spread and largest distance in seconds, one per series.
    share
        Least spread as a share of the median.
    neighbours
        How many on each side.
    least
        Fewer neighbours say nothing.
    factor
        Spreads that a value may lie off.
    median, spread
        Filled, shape (n,): NaN where the value does not jump.
    """
    near = np.empty(2 * neighbours)
    for series in range(len(starts) - 1):
        first, end = starts[series], starts[series + 1]
        for place in range(first, end):
            count = 0
            for other in range(max(first, place - neighbours), min(end, place + neighbours + 1)):
                if other != place and abs(time[other] - time[place]) <= span[series]:
                    near[count] = value[other]
                    count += 1
            if count < least:
                continue
            _sort(near, count)
            middle = (near[(count - 1) // 2] + near[count // 2]) / 2
            off = abs(value[place] - middle)
            smallest = max(floor[series], share * abs(middle))
            if off <= factor * smallest or (smallest <= 0 and off == 0):
                continue
            for other in range(count):
                near[other] = abs(near[other] - middle)
            _sort(near, count)
            wide = max(smallest, MAD_TO_DEVIATION * (near[(count - 1) // 2] + near[count // 2]) / 2)
            if off > factor * wide:
                median[place] = middle
                spread[place] = wide


def _sort(values: Array, count: int) -> None:
    """Sort the first `count` values in place, by insertion: there are a dozen."""
    for place in range(1, count):
        moved = values[place]
        before = place - 1
        while before >= 0 and values[before] > moved:
            values[before + 1] = values[before]
            before -= 1
        values[before + 1] = moved


@cache
def compiled() -> Callable[..., None]:
    """Return `local_medians` compiled; nobody waits for the compiler before the first check."""
    from numba import njit
    from numba.extending import register_jitable

    register_jitable(_sort)
    run: Callable[..., None] = njit(cache=True, nogil=True)(local_medians)
    return run


def daily_medians(starts: Array, value: Array, medians: Array) -> None:
    """Write the median of the values of each group.

    Parameters
    ----------
    starts
        Where groups begin, and the length at the end; shape (groups + 1,).
    value
        Values, group after group; shape (n,).
    medians
        Where the medians are written; shape (groups,).
    """
    most = 0
    for group in range(len(medians)):
        most = max(most, starts[group + 1] - starts[group])
    held = np.empty(most)
    for group in range(len(medians)):
        count = starts[group + 1] - starts[group]
        for place in range(count):
            held[place] = value[starts[group] + place]
        _sort(held, count)
        medians[group] = (held[(count - 1) // 2] + held[count // 2]) / 2


def window_trends(  # noqa: PLR0917 - compiled functions take their arrays by position
    starts: Array, day: Array, value: Array, days: int, least: int, clear: float, order: Array, slope: Array
) -> None:
    """Look back over a window of days from every day: whether values go one way, and how far.

    Parameters
    ----------
    starts
        Where series begin, and the length at the end; shape (series + 1,).
    day, value
        Days and one value each, ascending in time within a series; shape (n,).
    days
        Length of the window in days, its last day included.
    least
        Least number of days with a value.
    clear
        Least Kendall's τ, up or down, at which a slope is asked for.
    order
        Where Kendall's τ is written: rises less falls as a share of all pairs; NaN where days are too few.
    slope
        Where the Theil–Sen slope by day is written, for clear windows and for one of every `days`, that tell
        what is usual; NaN elsewhere.
    """
    slopes = np.empty(days * (days - 1) // 2)
    for series in range(len(starts) - 1):
        first = starts[series]
        for end in range(starts[series], starts[series + 1]):
            while day[end] - day[first] >= days:
                first += 1
            if end - first + 1 < least:
                continue
            count, rises = 0, 0
            for right in range(first + 1, end + 1):
                for left in range(first, right):
                    off = value[right] - value[left]
                    rises += (off > 0) - (off < 0)
                    slopes[count] = off / (day[right] - day[left])
                    count += 1
            order[end] = rises / count
            if abs(order[end]) >= clear or (day[end] - day[starts[series]]) % days == days - 1:
                slope[end] = np.median(slopes[:count])


@cache
def compiled_drift() -> tuple[Callable[..., None], Callable[..., None]]:
    """Return `daily_medians` and `window_trends` compiled."""
    from numba import njit
    from numba.extending import register_jitable

    register_jitable(_sort)
    medians: Callable[..., None] = njit(cache=True, nogil=True)(daily_medians)
    trends: Callable[..., None] = njit(cache=True, nogil=True)(window_trends)
    return medians, trends
