"""What leaves a sewage works (出水), day by day, against the grade that it must reach (GB 18918)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pyarrow as pa

from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.site_means import SiteMean
from bishui.assessment.subjects.against_limits import judge_mean
from bishui.assessment.subjects.plants import Plant, SampleKind, daily_means
from bishui.i18n import Text
from bishui.standards import Judgement, Rules, method, rules

#: The item whose mean of the day decides the limit of ammonia.
TEMPERATURE = "wtemp"


@dataclass(frozen=True, slots=True)
class EffluentItem:
    """One item of one day at an outlet: the mean, what it was judged by, and what came of it."""

    mean: SiteMean
    judgement: Judgement | None
    reason: Text | None
    left_out: LeftOut | None = None

    @classmethod
    def of(cls, mean: SiteMean, judgement: Judgement) -> EffluentItem:
        """Return an item as it was judged; without a verdict it is left out for what is missing."""
        return cls(mean, judgement, judgement.reason, LeftOut.of_judgement(judgement))

    @classmethod
    def unjudged(cls, mean: SiteMean, why: LeftOut, reason: Text | None = None) -> EffluentItem:
        """Return an item that was held against no limit."""
        return cls(mean, None, reason or why.text, why)

    @property
    def exceeds(self) -> bool:
        """Whether the limit is exceeded."""
        return self.judgement is not None and self.judgement.verdict == "exceeds"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "mean": self.mean.as_dict(),
            "judgement": self.judgement.as_dict() if self.judgement else None,
            "reason": self.reason.both() if self.reason else None,
            "left_out": self.left_out.value if self.left_out else None,
        }


@dataclass(frozen=True, slots=True)
class EffluentResult:
    """The effluent of one works in one period.

    Attributes
    ----------
    items
        Every item of every day.
    rate
        Days on which every limited item met its limit, of days judged; the others are counted apart.
    exceeded
        How many days each item exceeded.
    note
        What the limits hold for.
    """

    plant: Plant
    period: Period
    items: tuple[EffluentItem, ...]
    rate: Rate
    exceeded: Mapping[str, int]
    note: Text
    rules: str
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "plant": self.plant.id,
            "grade": self.plant.grade,
            "period": self.period.label,
            "rate": self.rate.as_dict(),
            "exceeded": dict(self.exceeded),
            "items": [item.as_dict() for item in self.items],
            "note": self.note.both(),
            "rules": self.rules,
        }


def effluent(
    plant: Plant,
    measurements: pa.Table,
    period: Period,
    *,
    flags: pa.Table | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> EffluentResult:
    """Judge the effluent of a works by the grade it must reach (GB 18918).

    The limits hold for daily means. A single sample is shown and left unjudged unless the rules say
    otherwise: values for single samples were not found. Where a limit depends on the day's water temperature
    (ammonia) or on the influent (COD and BOD5 of grade 3) that nobody measured, the rules tell what is done.

    Parameters
    ----------
    plant
        With its outlet and grade; the readings of its inlet tell the influent.
    measurements
        Table of `observations.schema.MEASUREMENTS`.
    period, flags, chosen
        As for `load_rates`.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    own = override_on(override, period.last_day)
    used = chosen or rules("plant", period.last_day, own)
    sites = [site for site in (plant.outlet, plant.inlet) if site is not None]
    every = daily_means(measurements, flags, period, sites, method=method(period.last_day, own))
    means = [entry for entry in every if entry.site == plant.outlet]
    case = _Effluent(plant, _facts(every, plant), used, override)
    judged = tuple(_effluent_item(entry, case) for entry in means)
    by_day: dict[Period, list[EffluentItem]] = {}
    for item in judged:
        by_day.setdefault(item.mean.period, []).append(item)
    verdicts = {day: day_verdict(entries) for day, entries in by_day.items()}
    length = (period.last_day - period.start.date()).days + 1
    left_out = [verdict for verdict in verdicts.values() if isinstance(verdict, LeftOut)]
    left_out.extend([LeftOut.NO_DATA] * (length - len(verdicts)))
    met = [verdict for verdict in verdicts.values() if not isinstance(verdict, LeftOut)]
    return EffluentResult(
        plant=plant,
        period=period,
        items=judged,
        rate=Rate.count(met, left_out, decimals=used["percent_decimals"]),
        exceeded=Counter(item.mean.item for item in judged if item.exceeds),
        note=_note(plant.samples),
        rules=used.version,
        used=used,
    )


def _note(samples: SampleKind) -> Text:
    if samples is SampleKind.SINGLE:
        return Text("GB 18918 的限值按日均值执行；单次监测值的限值未见，仅列出数值。")
    return Text("按日均值（24 小时混合样，至少每 2 小时一次）与 GB 18918 的限值比较。")


@dataclass(frozen=True, slots=True)
class _Effluent:
    """What every item of one works shares; `facts` are the measured conditions, by day and item."""

    plant: Plant
    facts: Mapping[tuple[str, Period], Fraction]
    used: Rules
    override: Overrides | None

    @property
    def single(self) -> bool:
        """Whether the results are single samples, and the limits hold for daily means."""
        return self.plant.samples is SampleKind.SINGLE and self.used["limits_hold_for"] == "daily_mean"

    def conditions(self, mean: SiteMean) -> dict[str, Any]:
        """Return what is known of a mean, as the standard asks for it."""
        known = {
            "band": self.plant.grade,
            "built": self.plant.built,
            "water_temperature": self.facts.get((TEMPERATURE, mean.period)),
            "influent": self.facts.get((f"inlet {mean.item}", mean.period)),
        }
        return {name: value for name, value in known.items() if value is not None}


def _facts(means: Iterable[SiteMean], plant: Plant) -> dict[tuple[str, Period], Fraction]:
    """Return the water temperature at the outlet and the concentrations at the inlet, by day."""
    found = {}
    for entry in means:
        if entry.value is None:
            continue
        if entry.site == plant.inlet:
            found[f"inlet {entry.item}", entry.period] = entry.value
        elif entry.item == TEMPERATURE:
            found[TEMPERATURE, entry.period] = entry.value
    return found


def _effluent_item(entry: SiteMean, case: _Effluent) -> EffluentItem:
    if entry.value is None:
        return EffluentItem.unjudged(entry, LeftOut.NO_DATA)
    if case.plant.grade is None:
        return EffluentItem.unjudged(entry, LeftOut.GRADE_UNKNOWN)
    own = override_on(case.override, entry.period.last_day)
    by = method(entry.period.last_day, own)
    unknown = case.used["fact_missing"]
    judgement = judge_mean(entry, "gb18918", by, case.conditions(entry), override=own, unknown=unknown)
    if judgement is None or (case.single and judgement.verdict != "not_limited"):
        return EffluentItem.unjudged(entry, LeftOut.SINGLE_SAMPLE, _note(SampleKind.SINGLE))
    return EffluentItem.of(entry, judgement)


def day_verdict(entries: Iterable[EffluentItem]) -> bool | LeftOut:
    """Return whether every limited item of a day met its limit; an exceedance decides whatever is missing."""
    given = list(entries)
    verdicts = [entry.judgement.verdict for entry in given if entry.judgement is not None]
    if "exceeds" in verdicts:
        return False
    open_ = [entry.left_out for entry in given if entry.left_out not in (None, LeftOut.NO_DATA)]
    if open_:
        return LeftOut.first(reason for reason in open_ if reason is not None)
    return True if "meets" in verdicts else LeftOut.NO_DATA
