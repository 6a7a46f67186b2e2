"""Slow drift (缓慢漂移): one item of a station moves away, day after day, while the others stay.

Daily medians are looked at as logarithms over windows of days, so that a factor counts, up or down alike.
What the series does in ordinary weeks is no drift, nor is what the other items of the station do as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from bishui.observations.findings import NOTICE, Found
from bishui.observations.quality_kernels import compiled_drift
from bishui.observations.schema import Source
from bishui.observations.series import SOURCES, Series
from bishui.standards import Rules

_DAY = 86_400
_AUTOMATIC = SOURCES.index(Source.AUTOMATIC)
_FLOOR = "drift_floor."
#: A tenth of the least change that counts is as good as nothing: a reading of zero is no endless fall.
_NOTHING = 0.1


@dataclass(frozen=True, slots=True)
class _Days:
    """Daily medians of automatic series, series after series, each array of shape (days,).

    Attributes
    ----------
    starts
        Where series begin, and the length at the end; shape (series + 1,).
    day
        Days since 1970-01-01.
    level
        The logarithm of the median.
    first, last
        Places of the first and the last reading of the day.
    """

    starts: np.ndarray
    day: np.ndarray
    level: np.ndarray
    first: np.ndarray
    last: np.ndarray


class _Window(NamedTuple):
    """A window that drifts: series, places of its first and last day among the days, length in days.

    `change` is that of the logarithm over the window, `middle` its median, `others` that of the other items.
    """

    series: int
    first: int
    last: int
    days: int
    change: float
    middle: float
    others: float


def drifting(series: Series, rules: Rules) -> Found:
    """Return stretches in which one item alone moves slowly and clearly away.

    Parameters
    ----------
    series
        Measurements of some sites; automatic values of items with a `drift_floor` are looked at.
    rules
        Rules of the method ``quality``: `drift_*`.
    """
    days = _daily(series, rules)
    windows: list[_Window] = []
    for length, factor in rules["drift_windows"]:
        windows += _windows(series, days, rules, int(length), np.log(float(factor)))
    runs = list(_runs(windows))
    first = np.array([days.first[run[0].first] for run in runs], dtype=np.int64)
    last = np.array([days.last[max(its.last for its in run)] for run in runs], dtype=np.int64)
    strongest = [max(run, key=lambda its: (abs(its.change), its.last)) for run in runs]
    evidence: dict[str, Sequence[object]] = {
        "days": [int(days.day[its.last] - days.day[its.first]) + 1 for its in strongest],
        "before": [_short(its.middle - its.change / 2) for its in strongest],
        "after": [_short(its.middle + its.change / 2) for its in strongest],
        "factor": [_short(its.change) for its in strongest],
        "factor_of_others": [_short(its.others) for its in strongest],
        # Which window said so first: until its last day nobody could know.
        "known_after_days": [
            int(min(days.day[its.last] for its in run) - days.day[run[0].first]) + 1 for run in runs
        ],
    }
    return Found(
        "slow_drift",
        first,
        last,
        NOTICE,
        last - first + 1,
        series.values(first),
        series.values(last),
        None,
        evidence,
    )


def _short(logarithm: float) -> str:
    return f"{Decimal(f'{np.exp(logarithm):.3g}'):f}"


def _daily(series: Series, rules: Rules) -> _Days:
    """Return the daily medians of the series that are looked at."""
    names = [_FLOOR + item for item in series.items]
    floors = np.array([float(rules[name]) if name in rules.settings else np.nan for name in names])
    places = series.measured
    places = places[(series.source[places] == _AUTOMATIC) & ~np.isnan(floors[series.item[places]])]
    empty = np.zeros(0, dtype=np.int64)
    if not places.size:
        return _Days(np.zeros(1, dtype=np.int64), empty, np.zeros(0), empty, empty)
    day = series.seconds[places] // _DAY
    new = (np.diff(series.number[places]) != 0) | (np.diff(day) != 0)
    groups = np.concatenate(([0], np.flatnonzero(new) + 1, [len(places)]))
    median = np.empty(len(groups) - 1)
    compiled_drift()[0](groups, series.value[places], median)
    heads = places[groups[:-1]]
    level = np.log(np.maximum(median, _NOTHING * floors[series.item[heads]]))
    return _Days(series.starts(heads), day[groups[:-1]], level, heads, places[groups[1:] - 1])


def _windows(series: Series, days: _Days, rules: Rules, length: int, change: float) -> Iterator[_Window]:
    """Yield the windows of one length that drift."""
    least = int(np.ceil(length * float(rules["drift_days_share"])))
    order, slope = np.full(len(days.day), np.nan), np.full(len(days.day), np.nan)
    clear = float(rules["drift_order"])
    compiled_drift()[1](days.starts, days.day, days.level, length, least, clear, order, slope)
    for number, (begin, end) in enumerate(
        zip(days.starts[:-1].tolist(), days.starts[1:].tolist(), strict=True)
    ):
        head = np.searchsorted(days.day[begin:end], days.day[begin:end] - length + 1)
        moved = slope[begin:end] * (days.day[begin:end] - days.day[begin:end][head])
        usual = _usual(moved, days.day[begin:end], length, int(rules["drift_history"]))
        least_change = max(change, float(rules["drift_usual"]) * usual)
        with np.errstate(invalid="ignore"):
            far = (np.abs(order[begin:end]) >= clear) & (np.abs(moved) >= least_change)
        item = series.items[series.item[days.first[begin]]]
        floor, at_once = float(rules[_FLOOR + item]), float(rules["drift_step"])
        for last in (begin + np.flatnonzero(far)).tolist():
            first = begin + int(head[last - begin])
            its = float(moved[last - begin])
            middle = float(np.median(days.level[first : last + 1]))
            step = float(np.max(np.diff(days.level[first : last + 1]) * np.sign(its)))
            if 2 * np.exp(middle) * np.sinh(abs(its) / 2) < floor or step > at_once * abs(its):
                continue
            others = _others(series, days, number, last, (length, least))
            if others * np.sign(its) <= float(rules["drift_alone"]) * abs(its):
                yield _Window(number, first, last, length, its, middle, others)


def _usual(moved: np.ndarray, day: np.ndarray, length: int, least: int) -> float:
    """Return the median change of windows side by side; without history enough nothing is unusual."""
    asked = (day - day[0]) % length == length - 1
    known = moved[asked & ~np.isnan(moved)]
    return float(np.median(np.abs(known))) if known.size >= least else float("inf")


def _others(series: Series, days: _Days, number: int, end: int, window: tuple[int, int]) -> float:
    """Return the median change of the station's other items over the same window, 0 where it has none."""
    (length, least), last = window, int(days.day[end])
    heads = days.first[days.starts[:-1]]
    sites = series.site[heads]
    changes = []
    for other in np.flatnonzero(sites == sites[number]).tolist():
        begin, after = days.starts[other], days.starts[other + 1]
        span = slice(*(begin + np.searchsorted(days.day[begin:after], (last - length + 1, last + 1))))
        day, level = days.day[span], days.level[span]
        if other != number and len(day) >= least:
            left, right = np.triu_indices(len(day), 1)
            slope = np.median((level[right] - level[left]) / (day[right] - day[left]))
            changes.append(float(slope) * float(day[-1] - day[0]))
    return float(np.median(changes)) if changes else 0.0


def _runs(windows: list[_Window]) -> Iterator[list[_Window]]:
    """Yield windows of one series and direction that overlap, the earliest in front."""
    run: list[_Window] = []
    end = -1
    for window in sorted(windows, key=lambda its: (its.series, its.change > 0, its.first, its.last)):
        together = run and (run[-1].series, run[-1].change > 0) == (window.series, window.change > 0)
        if not together or window.first > end:
            if run:
                yield run
            run, end = [], -1
        run.append(window)
        end = max(end, window.last)
    if run:
        yield run
