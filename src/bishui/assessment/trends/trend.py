"""Trends over periods: the official rank correlation (秩相关系数法), and Kendall's tests shown beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.assessment.numbers import Exact, mean, round_half_even, shown
from bishui.assessment.trends import kendall
from bishui.assessment.trends.series import Series
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Rules, rules

_RULES = "trend"
_COEFFICIENT_DECIMALS = 4
_CORRECTIONS = ("none", "hamed_rao")


class Course(StrEnum):
    """Where the values go."""

    RISING = "rising"
    FALLING = "falling"
    NO_TREND = "no_trend"
    #: Too few periods.
    NOT_JUDGED = "not_judged"


class Meaning(StrEnum):
    """What a course means for the water."""

    BETTER = "better"
    WORSE = "worse"
    #: Neither direction is better by itself, or the item is not known.
    NONE = "none"


_WORDS = {
    (Course.RISING, Meaning.WORSE): Text("显著上升，水质变差"),
    (Course.RISING, Meaning.BETTER): Text("显著上升，水质好转"),
    (Course.RISING, Meaning.NONE): Text("显著上升"),
    (Course.FALLING, Meaning.WORSE): Text("显著下降，水质变差"),
    (Course.FALLING, Meaning.BETTER): Text("显著下降，水质好转"),
    (Course.FALLING, Meaning.NONE): Text("显著下降"),
    (Course.NO_TREND, Meaning.NONE): Text("无显著变化趋势（平稳）"),
    (Course.NOT_JUDGED, Meaning.NONE): Text("期数不足，不评价趋势"),
}


def meaning(course: Course, item: str | None, chosen: Rules) -> Meaning:
    """Return what a course means: more of a pollutant is worse, of oxygen better (环办〔2011〕22号 三)."""
    if course not in (Course.RISING, Course.FALLING) or item is None or item in chosen["neither_is_better"]:
        return Meaning.NONE
    rising_is_better = item in chosen["higher_is_better"]
    return Meaning.BETTER if (course is Course.RISING) == rising_is_better else Meaning.WORSE


@dataclass(frozen=True, slots=True)
class RankTrend:
    """Trend by Spearman's rank correlation (Daniel's test, 秩相关系数法).

    Attributes
    ----------
    series
        The series.
    ranks
        Rank of the value of each present period, ascending; equal values share the mean of theirs.
    squares
        Σ d², the squared differences between rank and place in time.
    coefficient
        r_s; None with fewer than two different values.
    tied
        Whether values are equal; r_s then is Pearson's correlation of the ranks.
    critical, critical_count, level
        W_p, the number of periods whose row of the table was used, and its one-sided level.
    course, meaning
        The verdict.
    rules
        Rules with their settings.
    """

    series: Series
    ranks: tuple[Fraction, ...]
    squares: Fraction
    coefficient: float | None
    tied: bool
    critical: Decimal | None
    critical_count: int | None
    level: str
    course: Course
    meaning: Meaning
    rules: Rules = field(repr=False)

    @property
    def count(self) -> int:
        """Periods that have a value (N)."""
        return len(self.ranks)

    @property
    def rounded(self) -> Decimal | None:
        """The coefficient as it is printed."""
        if self.coefficient is None:
            return None
        return round_half_even(Decimal(repr(self.coefficient)), _COEFFICIENT_DECIMALS)

    @property
    def significant(self) -> bool:
        """Whether there is a trend."""
        return self.course in (Course.RISING, Course.FALLING)

    @property
    def text(self) -> Text:
        """The official wording."""
        return _WORDS[self.course, self.meaning]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form with every rank."""
        return {
            "method": "spearman_daniel",
            "count": self.count,
            "missing": self.series.missing,
            "incomplete": [point.label for point in self.series.present if not point.complete],
            "ranks": {
                point.label: str(shown(rank))
                for point, rank in zip(self.series.present, self.ranks, strict=True)
            },
            "squares": str(shown(self.squares)),
            "coefficient": None if self.rounded is None else str(self.rounded),
            "tied": self.tied,
            "critical": None if self.critical is None else str(self.critical),
            "critical_count": self.critical_count,
            "level": self.level,
            "course": self.course.value,
            "meaning": self.meaning.value,
            "text": self.text.both(),
            "rules": self.rules.version,
        }


def ranks_of(values: Sequence[Exact]) -> tuple[Fraction, ...]:
    """Return ascending ranks from 1; equal values share the mean of their ranks."""
    places: dict[Fraction, list[int]] = {}
    for place, value in enumerate(sorted(Fraction(value) for value in values), 1):
        places.setdefault(value, []).append(place)
    return tuple(mean(places[Fraction(value)]) for value in values)


def critical_value(count: int, chosen: Rules) -> tuple[int, Decimal] | None:
    """Return W_p and the listed number of periods that it stands for, None below the first row.

    A number of periods that is not listed takes the row of the next smaller one.
    """
    column = chosen["spearman_critical_levels"].index(chosen["spearman_level"]) + 1
    listed = [row for row in chosen["spearman_critical"] if int(row[0]) <= count]
    if not listed:
        return None
    row = max(listed, key=lambda entry: int(entry[0]))
    return int(row[0]), Decimal(row[column])


def spearman_trend(series: Series, chosen: Rules | None = None) -> RankTrend:
    """Judge the trend of at least five periods (环办〔2011〕22号 三).

    ``r_s = 1 − 6 Σ d² / (N³ − N)``, with equal values Pearson's correlation of the ranks; significant where
    its size reaches the critical value. Both are compared exactly.

    Parameters
    ----------
    series
        Annual means, or other values one period apart; gaps are left out and counted.
    chosen
        Rules of ``trend``; without it those in force today.

    Raises
    ------
    CallError
        If the level is not a column of the table of critical values.
    """
    chosen = _checked(chosen)
    values = [point.value for point in series.present if point.value is not None]
    ranks, count = ranks_of(values), len(values)
    times = [Fraction(place) for place in range(1, count + 1)]
    together, of_ranks, of_times = _products(ranks, times), _products(ranks, ranks), _products(times, times)
    critical = critical_value(count, chosen) if count >= chosen["least_periods"] else None
    course = (
        Course.NOT_JUDGED if critical is None else _course(together, of_ranks * of_times, critical[1], chosen)
    )
    return RankTrend(
        series=series,
        ranks=ranks,
        squares=sum(((rank - at) ** 2 for rank, at in zip(ranks, times, strict=True)), Fraction(0)),
        coefficient=float(together) / math.sqrt(of_ranks * of_times) if of_ranks else None,
        tied=len(set(ranks)) < count,
        critical=critical[1] if critical else None,
        critical_count=critical[0] if critical else None,
        level=chosen["spearman_level"],
        course=course,
        meaning=meaning(course, series.item, chosen),
        rules=chosen,
    )


def _checked(chosen: Rules | None) -> Rules:
    chosen = chosen or rules(_RULES, date.today())
    levels = chosen["spearman_critical_levels"]
    if chosen["spearman_level"] not in levels:
        raise CallError(
            Text("临界值表没有显著性水平 {level}。", level=chosen["spearman_level"]),
            remedy=Text("可用的水平：{levels}。", levels="、".join(levels)),
        )
    if chosen["serial_correlation"] not in _CORRECTIONS:
        raise CallError(
            Text("不认识的自相关修正“{given}”。", given=chosen["serial_correlation"]),
            remedy=Text("可用的值：{known}。", known="、".join(_CORRECTIONS)),
        )
    return chosen


def _products(first: Sequence[Fraction], second: Sequence[Fraction]) -> Fraction:
    """Return Σ (a − ā)(b − b̄), exact."""
    if not first:
        return Fraction(0)
    a, b = mean(first), mean(second)
    return sum(((x - a) * (y - b) for x, y in zip(first, second, strict=True)), Fraction(0))


def _course(together: Fraction, spread: Fraction, critical: Decimal, chosen: Rules) -> Course:
    """Compare r_s = together / √spread with the critical value, by squares, which are exact."""
    left, right = together**2, Fraction(critical) ** 2 * spread
    reached = left >= right if chosen["spearman_at_least"] else left > right
    if not reached or together == 0:
        return Course.NO_TREND
    return Course.RISING if together > 0 else Course.FALLING


@dataclass(frozen=True, slots=True)
class KendallTrend:
    """Trend by the Mann–Kendall or the seasonal Kendall test.

    Attributes
    ----------
    series
        The series.
    test
        S, its variance, Z, p, τ and Sen's slope: per step, or per year with `seasons`.
    seasons
        Seasons a year; None for the test without seasons.
    years
        Different years (or steps) that have a value.
    below_detection, replaced
        Values below detection, and whether they all took one value below the smallest.
    serial_correlation
        Correction of the variance: ``none`` or ``hamed_rao``.
    course, meaning
        The verdict.
    rules
        Rules with their settings.
    """

    series: Series
    test: kendall.KendallTest
    seasons: int | None
    years: int
    below_detection: int
    replaced: bool
    serial_correlation: str
    course: Course
    meaning: Meaning
    rules: Rules = field(repr=False)

    @property
    def text(self) -> Text:
        """The verdict in words."""
        return _WORDS[self.course, self.meaning]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        test = self.test
        return {
            "method": "seasonal_mann_kendall" if self.seasons else "mann_kendall",
            "seasons": self.seasons,
            "count": test.count,
            "missing": self.series.missing,
            "years": self.years,
            "S": test.score,
            "var_S": test.variance,
            "Z": test.z,
            "p": test.p,
            "tau": test.tau,
            "slope": None if math.isnan(test.slope) else test.slope,
            "slope_per": "year" if self.seasons or not self.series.monthly else "month",
            "below_detection": self.below_detection,
            "one_value_below_detection": self.replaced,
            "serial_correlation": self.serial_correlation,
            "level": self.rules["kendall_level"],
            "course": self.course.value,
            "meaning": self.meaning.value,
            "text": self.text.both(),
            "rules": self.rules.version,
        }


def mann_kendall_trend(series: Series, chosen: Rules | None = None) -> KendallTrend:
    """Test a series for a monotonic trend, two-sided, with Sen's slope per step.

    Parameters
    ----------
    series
        Values one step apart; a gap keeps its place in time.
    chosen
        Rules of ``trend``: level, what becomes of results below detection, correction for serial
        correlation; without it those in force today.
    """
    chosen = _checked(chosen)
    values, below = series.line()
    values, replaced = _one_value(values, below, chosen)
    correction = chosen["serial_correlation"]
    level = float(chosen["kendall_level"])
    test = kendall.mann_kendall(values, level, serial_correlation=correction == "hamed_rao")
    enough = test.count >= chosen["least_periods"]
    return _kendall_trend(series, test, None, replaced, chosen, enough=enough)


def seasonal_kendall_trend(series: Series, chosen: Rules | None = None) -> KendallTrend:
    """Test a series of months season by season, two-sided, with Sen's slope per year.

    Parameters
    ----------
    series
        A series of months; missing months are skipped.
    chosen
        Rules of ``trend``: seasons, level, least number of years; without it those in force today.

    Raises
    ------
    CallError
        If the series is not of months, or a correction for serial correlation is asked for, which is defined
        for the test without seasons only.
    """
    chosen = _checked(chosen)
    if chosen["serial_correlation"] != "none":
        raise CallError(
            Text("季节性检验没有 {given} 修正。", given=chosen["serial_correlation"]),
            remedy=Text("请用不分季节的 Mann-Kendall 检验，或把 serial_correlation 设为 none。"),
        )
    values, below = series.grid(chosen["seasons"])
    values, replaced = _one_value(values, below, chosen)
    test = kendall.seasonal_kendall(values, float(chosen["kendall_level"]))
    enough = _years(series) >= chosen["seasonal_least_years"]
    return _kendall_trend(series, test, chosen["seasons"], replaced, chosen, enough=enough)


def _years(series: Series) -> int:
    return len({point.year for point in series.present})


def _one_value(
    values: npt.NDArray[np.float64], below: npt.NDArray[np.bool_], chosen: Rules
) -> tuple[npt.NDArray[np.float64], bool]:
    """Give all results below detection one value under the smallest, where they are too many."""
    present = ~np.isnan(values)
    count = int(present.sum())
    if not count or int(below.sum()) * 100 <= chosen["censored_percent"] * count:
        return values, False
    smallest = float(values[present].min())
    return np.where(below, smallest / 2 if smallest > 0 else smallest - 1, values), True


def _kendall_trend(
    series: Series,
    test: kendall.KendallTest,
    seasons: int | None,
    replaced: bool,
    chosen: Rules,
    *,
    enough: bool,
) -> KendallTrend:
    course = Course.NO_TREND if enough else Course.NOT_JUDGED
    if enough and test.significant:
        course = Course.RISING if test.score > 0 else Course.FALLING
    return KendallTrend(
        series=series,
        test=test,
        seasons=seasons,
        years=_years(series),
        below_detection=sum(point.below_detection for point in series.present),
        replaced=replaced,
        serial_correlation=chosen["serial_correlation"],
        course=course,
        meaning=meaning(course, series.item, chosen),
        rules=chosen,
    )
