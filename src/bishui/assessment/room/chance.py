"""Probability of attainment by resampling a section's own history (自助法): an estimate, never a promise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.assessment.numbers import round_half_even
from bishui.assessment.room.items import Demand
from bishui.assessment.room.months import MonthsOf, YearSoFar
from bishui.assessment.thresholds import Bound
from bishui.i18n import Text
from bishui.standards import Rules

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Years = npt.NDArray[np.int64]
Drawn = Mapping[int, Years]
_TIE = 1e-12
#: Standard normal deviate of a two-sided interval of 95 %.
_DEVIATE = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Chance:
    """An estimated probability, or why there is none.

    Attributes
    ----------
    successes, draws
        Draws in which the target was attained, and all draws.
    interval
        Wilson interval of 95 % with the number of years as the sample: what so short a history can tell.
    years
        Least number of earlier years that a remaining month was drawn from.
    months
        The years that each remaining month was drawn from.
    resampling, seed
        How it was drawn.
    refused
        Why there is no probability.
    rules
        Version of the rules.
    """

    successes: int
    draws: int
    interval: tuple[Fraction, Fraction] | None
    years: int
    months: Mapping[int, tuple[int, ...]]
    resampling: str
    seed: int
    refused: Text | None
    rules: str

    @property
    def share(self) -> Fraction | None:
        """The estimate, 0 to 1; None where it was refused."""
        return None if self.refused is not None else Fraction(self.successes, self.draws)

    @property
    def text(self) -> Text:
        """The estimate in words, with how little it stands on; it never says 0 or 100 %."""
        if self.refused is not None or self.interval is None:
            return self.refused or Text("未估计")
        low, high = _percent(self.interval[0]), _percent(self.interval[1])
        return Text(
            "按 {years} 年历史重抽样，{estimate}（区间 {low}%～{high}%），不是保证",
            years=self.years,
            estimate=self._estimate(),
            low=low,
            high=high,
        )

    def _estimate(self) -> Text:
        if self.successes == self.draws:
            return Text("{draws} 次全部达标", draws=self.draws)
        if self.successes == 0:
            return Text("{draws} 次无一达标", draws=self.draws)
        printed = min(max(_percent(Fraction(self.successes, self.draws)), Decimal("0.1")), Decimal("99.9"))
        return Text("达标可能性约 {percent}%", percent=printed)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "share": None if self.share is None else str(round_half_even(self.share, 4)),
            "successes": self.successes,
            "draws": self.draws,
            "interval": None
            if self.interval is None
            else [str(round_half_even(e, 4)) for e in self.interval],
            "years": self.years,
            "months": {str(month): list(years) for month, years in self.months.items()},
            "resampling": self.resampling,
            "seed": self.seed,
            "text": self.text.both(),
            "rules": self.rules,
        }


def _percent(share: Fraction) -> Decimal:
    return round_half_even(100 * share, 1)


@dataclass(frozen=True, slots=True)
class Course:
    """One item of a section in the course of the year: what it is asked for, the year so far, the history."""

    demand: Demand
    months: YearSoFar
    history: MonthsOf


def candidates(courses: Sequence[Course], year: int, chosen: Rules) -> dict[int, tuple[int, ...]]:
    """Return the earlier years that each remaining month can be drawn from."""
    found: dict[int, set[int]] = {}
    for course in courses:
        for month in course.months.remaining:
            found.setdefault(month, set())
        for (y, month), mean in course.history.means.items():
            recent = year - chosen["history_years"] <= y < year
            if recent and month in course.months.remaining and mean.value is not None:
                found.setdefault(month, set()).add(y)
    years = {month: tuple(sorted(given)) for month, given in sorted(found.items())}
    return shared(years) if chosen["resampling"] == "block" else years


def shared(years: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """Return for every month the years that all months have: a block is one year."""
    common = set.intersection(*(set(given) for given in years.values())) if years else set()
    return dict.fromkeys(years, tuple(sorted(common)))


def draw(years: Mapping[int, tuple[int, ...]], chosen: Rules) -> Drawn:
    """Draw a year for each remaining month, or one for all of them; the seed is that of the rules."""
    random = np.random.default_rng(chosen["seed"])
    count = chosen["draws"]
    if chosen["resampling"] == "block":
        given = np.array(next(iter(years.values())), np.int64)
        one = given[random.integers(0, given.size, count)]
        return dict.fromkeys(years, one)
    return {
        month: np.array(given, np.int64)[random.integers(0, len(given), count)]
        for month, given in years.items()
    }


def attains(courses: Sequence[Course], drawn: Drawn, draws: int) -> Bools:
    """Tell for each draw whether every item meets its limit over the year.

    An item without a mean in the drawn month of that year leaves the month out, as a year's mean does.
    """
    met = np.ones(draws, bool)
    for course in courses:
        met &= _meets(course, drawn, draws)
    return met


def _meets(course: Course, drawn: Drawn, draws: int) -> Bools:
    acid = course.demand.item == "ph"
    measured = [_number(value, acid=acid) for value in course.months.measured.values()]
    total, count = np.full(draws, sum(measured)), np.full(draws, float(len(measured)))
    for month in course.months.remaining:
        values = {
            year: _number(mean.value, acid=acid)
            for (year, m), mean in course.history.means.items()
            if m == month and mean.value is not None
        }
        given = _of_years(values, drawn[month])
        there = ~np.isnan(given)
        total = total + np.where(there, given, 0.0)
        count = count + there
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / count
        mean = -np.log10(mean) if acid else mean
    upper, lower = course.demand.upper, course.demand.lower
    met: Bools = (_within(mean, upper, 1) & _within(mean, lower, -1)) | (count == 0)
    return met


def _of_years(values: Mapping[int, float], years: Years) -> Floats:
    """Return the value of each drawn year; not a number where that year has none."""
    first, last = int(years.min()), int(years.max())
    by_year = np.array([values.get(year, math.nan) for year in range(first, last + 1)])
    return by_year[years - first]


def _number(value: Fraction, *, acid: bool) -> float:
    return 10.0 ** -float(value) if acid else float(value)


def _within(mean: Floats, bound: Bound | None, sign: int) -> Bools:
    """Compare with a bound; a mean within rounding of floats of the bound is the bound."""
    if bound is None:
        return np.ones(mean.size, bool)
    end = float(bound.value)
    tie = np.abs(mean - end) <= _TIE * max(1.0, abs(end))
    inside: Bools = np.where(tie, bound.closed, sign * mean < sign * end)
    return inside


def estimate(met: Bools, years: Mapping[int, tuple[int, ...]], chosen: Rules) -> Chance:
    """Return the share of draws that attain, with the interval that the number of years allows."""
    successes, draws = int(met.sum()), int(met.size)
    least = min(len(given) for given in years.values())
    return _chance(successes, draws, years, chosen, interval=_wilson(successes / draws, least))


def refused(years: Mapping[int, tuple[int, ...]], chosen: Rules) -> Chance | None:
    """Return the refusal where the history is too short, None where it will do."""
    least = chosen["least_years"]
    short = [month for month, given in years.items() if len(given) < least]
    if not short and years:
        return None
    reason = Text(
        "历史资料不足，不估计可能性：{months}月少于 {least} 年",
        months="、".join(map(str, short)) or "—",
        least=least,
    )
    return _chance(0, 0, years, chosen, reason=reason)


def _chance(
    successes: int,
    draws: int,
    years: Mapping[int, tuple[int, ...]],
    chosen: Rules,
    *,
    interval: tuple[Fraction, Fraction] | None = None,
    reason: Text | None = None,
) -> Chance:
    return Chance(
        successes=successes,
        draws=draws,
        interval=interval,
        years=min((len(given) for given in years.values()), default=0),
        months=years,
        resampling=chosen["resampling"],
        seed=chosen["seed"],
        refused=reason,
        rules=chosen.version,
    )


def _wilson(share: float, sample: int) -> tuple[Fraction, Fraction]:
    """Return the Wilson score interval of a share."""
    square = _DEVIATE**2
    middle = (share + square / (2 * sample)) / (1 + square / sample)
    half = _DEVIATE / (1 + square / sample)
    half *= math.sqrt(share * (1 - share) / sample + square / (4 * sample**2))
    return Fraction(max(0.0, middle - half)), Fraction(min(1.0, middle + half))
