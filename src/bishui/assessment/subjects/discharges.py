"""Discharges (排污口): an outfall's sampling point against its own standard, item by item and day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import pyarrow as pa

from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.site_means import SiteMean, site_means
from bishui.assessment.subjects.against_limits import judge_mean
from bishui.assessment.subjects.effluent import TEMPERATURE, EffluentItem, day_verdict
from bishui.standards import Override, Rules, method, rules

#: Discharge standards that an outfall may have to keep.
DISCHARGE_STANDARDS = ("gb8978", "gb18918")


@dataclass(frozen=True, slots=True)
class Discharge:
    """A sampling point with what decides its limits.

    Attributes
    ----------
    site, name
        The point.
    standard
        One of `DISCHARGE_STANDARDS`; None where it is not registered.
    grade
        Band of the standard (``1A`` …, ``1`` …).
    built
        Day of construction or of the approved impact report; it decides the column of limits.
    further
        Other conditions of the standard, as `standards.judge_against` takes them (``scope`` of GB 8978).
    """

    site: str
    name: str
    standard: str | None
    grade: str | None = None
    built: date | None = None
    further: Mapping[str, Any] = field(default_factory=dict)

    @property
    def conditions(self) -> dict[str, Any]:
        """What is known of it, as the standard asks for it."""
        known = {"band": self.grade, "built": self.built, **self.further}
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True, slots=True)
class DischargeResult:
    """A discharge in one period.

    Attributes
    ----------
    items
        Every item of every day, with its limit and clause.
    rate
        Days on which every limited item met its limit, of days judged; days without data are no gap here.
    exceeded
        How many days each item exceeded.
    """

    discharge: Discharge
    period: Period
    items: tuple[EffluentItem, ...]
    rate: Rate
    exceeded: Mapping[str, int]
    rules: str
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.discharge.site,
            "standard": self.discharge.standard,
            "grade": self.discharge.grade,
            "period": self.period.label,
            "rate": self.rate.as_dict(),
            "exceeded": dict(self.exceeded),
            "items": [item.as_dict() for item in self.items],
            "rules": self.rules,
        }


def discharge_result(
    discharge: Discharge,
    measurements: pa.Table,
    period: Period,
    *,
    flags: pa.Table | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> DischargeResult:
    """Judge the daily means at an outfall's sampling point by its own standard (GB 8978, GB 18918).

    Parameters
    ----------
    discharge
        The point and what decides its limits; where a fact is not known that a limit needs, the rules tell
        what is done.
    measurements
        Table of `observations.schema.MEASUREMENTS`.
    period
        Any period.
    flags
        Table of `FLAGS`.
    chosen
        Rules of ``plant``; without them those in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    own = override_on(override, period.last_day)
    used = chosen or rules("plant", period.last_day, own)
    days = (period.start.date(), period.last_day)
    judged = judged_days([discharge], measurements, *days, flags=flags, chosen=used, override=override)
    by_day: dict[Period, list[EffluentItem]] = {}
    for item in judged:
        by_day.setdefault(item.mean.period, []).append(item)
    verdicts = [day_verdict(entries) for entries in by_day.values()]
    return DischargeResult(
        discharge=discharge,
        period=period,
        items=judged,
        rate=Rate.count(
            [verdict for verdict in verdicts if not isinstance(verdict, LeftOut)],
            [verdict for verdict in verdicts if isinstance(verdict, LeftOut)],
            decimals=used["percent_decimals"],
        ),
        exceeded=Counter(item.mean.item for item in judged if item.exceeds),
        rules=used.version,
        used=used,
    )


def judged_days(
    discharges: Iterable[Discharge],
    measurements: pa.Table,
    first: date,
    last: date,
    *,
    flags: pa.Table | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> tuple[EffluentItem, ...]:
    """Judge every daily mean of some discharges, from one day to another, each by its own standard.

    Parameters
    ----------
    discharges
        The points, each once.
    measurements, flags, chosen, override
        As for `discharge_result`; without rules those in force on the last day.
    first, last
        Both inside; means are made by the method of the last.
    """
    by_site = {discharge.site: discharge for discharge in discharges}
    latest = override_on(override, last)
    by, used = method(last, latest), chosen or rules("plant", last, latest)
    found = site_means(measurements, flags, PeriodKind.DAY, by, sites=by_site)
    means = [mean for mean in found if first <= mean.period.last_day <= last]
    warmth = {(mean.site, mean.period): mean.value for mean in means if mean.item == TEMPERATURE}
    return tuple(
        _judged(
            by_site[mean.site],
            mean,
            warmth.get((mean.site, mean.period)),
            override_on(override, mean.period.last_day),
            used,
        )
        for mean in means
    )


def _judged(
    discharge: Discharge, mean: SiteMean, warmth: Fraction | None, own: Override | None, used: Rules
) -> EffluentItem:
    if mean.value is None:
        return EffluentItem.unjudged(mean, LeftOut.NO_DATA)
    if discharge.standard is None:
        return EffluentItem.unjudged(mean, LeftOut.STANDARD_UNKNOWN)
    conditions = discharge.conditions | ({} if warmth is None else {"water_temperature": warmth})
    by, unknown = method(mean.period.last_day, own), used["fact_missing"]
    judgement = judge_mean(mean, discharge.standard, by, conditions, override=own, unknown=unknown)
    assert judgement is not None  # there is a mean
    return EffluentItem.of(mean, judgement)
