"""Ecological flow and level (生态流量、生态水位): guarantee rate by days and by months, warnings.

水资源〔2020〕67号 and SL/T 712-2021; every choice that they leave open is a setting of ``ecological_flow``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import pyarrow as pa

from bishui.assessment.numbers import mean
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind, periods_between
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.results import Counts, State, mean_text
from bishui.assessment.site_means import SiteMean, site_means
from bishui.standards import Rules, method, rules


@dataclass(frozen=True, slots=True)
class FlowTarget:
    """The target of a hydrometric station (水文站).

    Attributes
    ----------
    site
        Site id of the station.
    minimum
        Base flow in m³/s, or level in m.
    item
        ``flow`` or ``water_level``.
    by_month
        Other minimum in some months, by number 1–12.
    required_percent
        Required guarantee rate; without it that of the rules.
    source
        Document and place that set it.
    """

    site: str
    minimum: Decimal
    item: str = "flow"
    by_month: Mapping[int, Decimal] = field(default_factory=dict)
    required_percent: Decimal | None = None
    source: str = ""

    def minimum_of(self, month: int) -> Decimal:
        """Return the minimum in a month, 1–12."""
        return self.by_month.get(month, self.minimum)


@dataclass(frozen=True, slots=True)
class Passing:
    """A day on which all natural inflow below the target was passed on (来水全部下泄), with its proof."""

    site: str
    day: date
    document: str


class Met(StrEnum):
    """How a day or month stands to the target."""

    MET = "met"
    #: Below the target, counted as met because all inflow was passed on.
    PASSED_ON = "passed_on"
    BELOW = "below"
    MISSING = "missing"
    NOT_DUE = "not_due"

    @property
    def counts_as_met(self) -> bool:
        """Whether it enters the rate as met."""
        return self in (Met.MET, Met.PASSED_ON)


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One day or month: its mean, the minimum it was held against, and what came of it.

    `days` with a value entered it; `counts` are the rows behind a day, also those that did not count.
    """

    period: Period
    value: Fraction | None
    minimum: Decimal
    met: Met
    days: int
    warning_percent: int | None = None
    document: str | None = None
    counts: Counts | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "period": self.period.label,
            "value": None if self.value is None else mean_text(self.value),
            "minimum": str(self.minimum),
            "met": self.met.value,
            "days": self.days,
            "warning_percent": self.warning_percent,
            "document": self.document,
            "counts": self.counts.as_dict() if self.counts else None,
        }


@dataclass(frozen=True, slots=True)
class FlowResult:
    """The guarantee of one station in one period, by days or by months.

    Attributes
    ----------
    rate
        Met of evaluated; days without data are counted apart.
    required, state
        Required guarantee rate in percent, and whether it was reached.
    steps
        Every day or month, also those without data.
    warnings
        Days by the severest warning level that they reached, in percent of the target.
    lowest
        The day or month nearest to nothing, relative to its minimum.
    longest_below
        First and last day of the longest run below the target; None where there is none.
    rules, clause
        Version of the rules and where they come from.
    """

    target: FlowTarget
    period: Period
    by: PeriodKind
    rate: Rate
    required: Decimal
    state: State
    steps: tuple[FlowStep, ...]
    warnings: Mapping[int, int]
    lowest: FlowStep | None
    longest_below: tuple[date, date] | None
    rules: str
    used: Rules = field(repr=False)
    clause: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        run = self.longest_below
        return {
            "site": self.target.site,
            "item": self.target.item,
            "minimum": str(self.target.minimum),
            "source": self.target.source,
            "period": self.period.label,
            "by": self.by.value,
            "rate": self.rate.as_dict(),
            "required_percent": str(self.required),
            "state": self.state.value,
            "warnings": {str(level): count for level, count in self.warnings.items()},
            "lowest": self.lowest.as_dict() if self.lowest else None,
            "longest_below": [run[0].isoformat(), run[1].isoformat()] if run else None,
            "steps": [step.as_dict() for step in self.steps],
            "rules": self.rules,
            "clause": self.clause,
        }


def ecological_flow(
    measurements: pa.Table,
    targets: Iterable[FlowTarget],
    period: Period,
    *,
    by: PeriodKind = PeriodKind.DAY,
    flags: pa.Table | None = None,
    passings: Iterable[Passing] = (),
    as_of: date | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> tuple[FlowResult, ...]:
    """Return the guarantee rate of each target (水资源〔2020〕67号).

    A value equal to the target meets it. Days without data leave the rate and are counted.

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS` with ``flow`` in m³/s or ``water_level`` in m.
    targets
        One result each.
    period
        What is evaluated, as a rule a year.
    by
        ``DAY`` or ``MONTH``.
    flags
        Table of `FLAGS`.
    passings
        Days on which all inflow was passed on; a setting tells whether they count as met.
    as_of
        Last day that is due; later days are not missing. Without it every day is due.
    chosen
        The rules; without them those in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.

    Raises
    ------
    DataError
        If the table lacks a column, or holds a word or a number that cannot be used.
    """
    wanted = tuple(targets)
    own = override_on(override, period.last_day)
    used = chosen or rules("ecological_flow", period.last_day, own)
    means = site_means(
        measurements,
        flags,
        PeriodKind.DAY,
        method(period.last_day, own),
        sites={target.site for target in wanted},
        wanted={target.item for target in wanted},
    )
    days = {(entry.site, entry.item, entry.period.start.date()): entry for entry in means}
    passed = {(entry.site, entry.day): entry.document for entry in passings}
    case = _Case(period, days, passed, as_of or period.last_day, used)
    return tuple(_result(case, target, by) for target in wanted)


@dataclass(frozen=True, slots=True)
class _Case:
    """What every target of one call shares."""

    period: Period
    days: Mapping[tuple[str, str, date], SiteMean]
    passed: Mapping[tuple[str, date], str]
    due: date
    rules: Rules


def _result(case: _Case, target: FlowTarget, by: PeriodKind) -> FlowResult:
    daily = tuple(_day(case, target, day) for day in _days_of(case.period))
    steps = daily if by is PeriodKind.DAY else tuple(_months(case, target, daily))
    required = target.required_percent
    if required is None:
        name = "required_daily_percent" if by is PeriodKind.DAY else "required_monthly_percent"
        required = Decimal(case.rules[name])
    judged = [step for step in steps if step.met not in (Met.MISSING, Met.NOT_DUE)]
    left_out = [_LEFT_OUT[step.met] for step in steps if step.met in _LEFT_OUT]
    decimals = case.rules["percent_decimals"]
    rate = Rate.count((step.met.counts_as_met for step in judged), left_out, decimals=decimals)
    levels = [step.warning_percent for step in daily if step.warning_percent is not None]
    return FlowResult(
        target=target,
        period=case.period,
        by=by,
        rate=rate,
        required=required,
        state=rate.verdict(required),
        steps=steps,
        warnings={level: levels.count(level) for level in case.rules["warning_levels_percent"]},
        lowest=min(judged, key=_relative, default=None),
        longest_below=_longest_below(daily),
        rules=case.rules.version,
        used=case.rules,
        clause=case.rules.source,
    )


_LEFT_OUT = {Met.MISSING: LeftOut.NO_DATA, Met.NOT_DUE: LeftOut.NOT_DUE}


def _days_of(period: Period) -> Iterable[date]:
    first, last = period.start.date(), period.last_day
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def _day(case: _Case, target: FlowTarget, day: date) -> FlowStep:
    found = case.days.get((target.site, target.item, day))
    minimum = target.minimum_of(day.month)
    document = case.passed.get((target.site, day))
    passed = document is not None and case.rules["passed_inflow_counts_as_met"]
    if found is None or found.value is None:
        met = Met.NOT_DUE if day > case.due else Met.MISSING
        return FlowStep(Period.day(day), None, minimum, met, 0, counts=found.counts if found else None)
    below = Met.PASSED_ON if passed else Met.BELOW
    met = Met.MET if found.value >= minimum else below
    warning = _warning(found.value, minimum, case.rules)
    return FlowStep(Period.day(day), found.value, minimum, met, 1, warning, document, found.counts)


def _warning(value: Fraction, minimum: Decimal, used: Rules) -> int | None:
    """Return the severest warning level that a value has fallen below."""
    if minimum <= 0:
        return None
    percent = 100 * value / Fraction(minimum)
    return min((level for level in used["warning_levels_percent"] if percent < level), default=None)


def _months(case: _Case, target: FlowTarget, daily: Iterable[FlowStep]) -> Iterable[FlowStep]:
    """Return the months: the mean of the daily means against the minimum of the month."""
    by_month: dict[Period, list[FlowStep]] = {
        month: [] for month in periods_between(PeriodKind.MONTH, case.period.start, case.period.end)
    }
    for step in daily:
        by_month[Period.month(step.period.start.year, step.period.start.month)].append(step)
    for month, steps in by_month.items():
        values = [step.value for step in steps if step.value is not None]
        minimum = target.minimum_of(month.start.month)
        if len(values) < max(1, case.rules["least_days_per_month"]):
            met = Met.NOT_DUE if month.start.date() > case.due else Met.MISSING
            yield FlowStep(month, None, minimum, met, len(values))
            continue
        value = mean(values)
        met = Met.MET if value >= minimum else Met.BELOW
        yield FlowStep(month, value, minimum, met, len(values), _warning(value, minimum, case.rules))


def _relative(step: FlowStep) -> Fraction:
    """Return a value relative to its minimum; a minimum of zero orders by the value itself."""
    value = step.value if step.value is not None else Fraction(0)
    return value / Fraction(step.minimum) if step.minimum else value


def _longest_below(daily: Iterable[FlowStep]) -> tuple[date, date] | None:
    """Return the longest run of days below the target; a day without data ends a run."""
    longest: tuple[date, date] | None = None
    first: date | None = None
    for step in daily:
        day = step.period.start.date()
        if step.met not in (Met.BELOW, Met.PASSED_ON):
            first = None
            continue
        first = first or day
        if longest is None or day - first > longest[1] - longest[0]:
            longest = (first, day)
    return longest
