"""Sewage works (城镇污水处理厂): load rate, inlet strength, collection rate.

The indicators themselves are those of `indicator_formulas`; here stand the works behind them and what was
measured at their inlets. What left them is judged in `effluent`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import pyarrow as pa

from bishui.assessment.numbers import mean, round_half_up
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.results import mean_text
from bishui.assessment.site_means import SiteMean, site_means
from bishui.assessment.subjects.indicator_formulas import Amount, IndicatorResult, indicator_value
from bishui.standards import Method, Rules, method, rules


class SampleKind(StrEnum):
    """What an effluent result is: the limits of GB 18918 hold for daily means (4.1.4)."""

    #: 24-hour mixed sample, a sub-sample at least every two hours; or the mean of automatic readings.
    DAILY_MEAN = "daily_mean"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Plant:
    """One works: capacity in m³/d, its sampling sites, and the grade that its effluent must reach.

    `grade` is the id of GB 18918 (``1A``, ``1B``, ``2``, ``3``), `built` decides the phosphorus limit,
    `samples` tells what the results at the outlet are.
    """

    id: str
    name: str
    capacity: Decimal
    inlet: str | None = None
    outlet: str | None = None
    grade: str | None = None
    built: date | None = None
    samples: SampleKind = SampleKind.DAILY_MEAN
    division: str | None = None


@dataclass(frozen=True, slots=True)
class DayVolume:
    """Water that a works treated in a day, m³; None where it is not known. `running` False: shut down."""

    plant: str
    day: date
    volume: Decimal | None
    running: bool = True


@dataclass(frozen=True, slots=True)
class PlantLoad:
    """The load of one works: treated volume over capacity × days with a volume; days without are counted."""

    plant: Plant
    treated: Fraction
    days: int
    missing_days: int
    stopped_days: int
    percent: Decimal | None
    volumes: tuple[DayVolume, ...] = field(default=(), repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "plant": self.plant.id,
            "name": self.plant.name,
            "capacity_m3_per_day": str(self.plant.capacity),
            "treated_m3": mean_text(self.treated),
            "days": self.days,
            "missing_days": self.missing_days,
            "stopped_days": self.stopped_days,
            "percent": None if self.percent is None else str(self.percent),
        }


@dataclass(frozen=True, slots=True)
class LoadRates:
    """Load rates (运行负荷率) of some works and their mean, by total volume and capacity or plain."""

    period: Period
    plants: tuple[PlantLoad, ...]
    weighted: IndicatorResult
    plain: Decimal | None
    percent: Decimal | None
    left_out: tuple[str, ...]
    rules: str
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "period": self.period.label,
            "plants": [entry.as_dict() for entry in self.plants],
            "weighted": self.weighted.as_dict(),
            "plain_percent": None if self.plain is None else str(self.plain),
            "percent": None if self.percent is None else str(self.percent),
            "left_out": list(self.left_out),
            "rules": self.rules,
        }


def load_rates(
    plants: Sequence[Plant],
    volumes: Iterable[DayVolume],
    period: Period,
    *,
    target: Decimal | None = None,
    chosen: Rules | None = None,
) -> LoadRates:
    """Return the load rate of each works and of all.

    A day without a volume leaves numerator and denominator; a day on which the works stood still counts with
    no volume. A works without a single day leaves the mean.

    Parameters
    ----------
    plants
        The works.
    volumes
        Treated volume by day, m³.
    period
        What is evaluated.
    target
        Of the rate, in percent.
    chosen
        Rules of ``plant``; without them those in force on the period's last day.
    """
    used = chosen or rules("plant", period.last_day)
    by_plant: dict[str, list[DayVolume]] = {}
    for entry in volumes:
        if period.start.date() <= entry.day <= period.last_day:
            by_plant.setdefault(entry.plant, []).append(entry)
    loads = tuple(_load(plant, by_plant.get(plant.id, ()), period, used) for plant in plants)
    there = [load for load in loads if load.days]
    weighted = _weighted(there, period, target)
    rates = [100 * load.treated / (Fraction(load.plant.capacity) * load.days) for load in there]
    plain = round_half_up(mean(rates), used["percent_decimals"]) if rates else None
    by_total = None if weighted.value is None else round_half_up(weighted.value, used["percent_decimals"])
    return LoadRates(
        period=period,
        plants=loads,
        weighted=weighted,
        plain=plain,
        percent=by_total if used["mean_load_rate"] == "weighted" else plain,
        left_out=tuple(load.plant.id for load in loads if not load.days),
        rules=used.version,
        used=used,
    )


def _weighted(there: Sequence[PlantLoad], period: Period, target: Decimal | None) -> IndicatorResult:
    return indicator_value(
        "plant_load_rate",
        {
            "treated": [Amount(load.treated, of=load.plant.name) for load in there],
            "capacity": [Amount(load.plant.capacity, of=load.plant.name) for load in there],
            "days": [Amount(Decimal(load.days), of=load.plant.name) for load in there],
        },
        period.last_day,
        target=target,
    )


def _load(plant: Plant, volumes: Iterable[DayVolume], period: Period, used: Rules) -> PlantLoad:
    by_day = {entry.day: entry for entry in volumes}
    stopped = [entry for entry in by_day.values() if not entry.running]
    given = [entry.volume for entry in by_day.values() if entry.running and entry.volume is not None]
    treated = sum((Fraction(volume) for volume in given), Fraction(0))
    days = len(given) + len(stopped)
    whole = Fraction(plant.capacity) * days
    return PlantLoad(
        plant=plant,
        treated=treated,
        days=days,
        missing_days=(period.last_day - period.start.date()).days + 1 - days,
        stopped_days=len(stopped),
        percent=round_half_up(100 * treated / whole, used["percent_decimals"]) if whole else None,
        volumes=tuple(by_day[day] for day in sorted(by_day)),
    )


@dataclass(frozen=True, slots=True)
class InletStrength:
    """Volume-weighted mean at the inlets (进水浓度): days with both numbers, and those without."""

    item: str
    period: Period
    result: IndicatorResult
    days: Mapping[str, int]
    missing_days: Mapping[str, int]
    enough: bool
    rules: str
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "item": self.item,
            "period": self.period.label,
            "result": self.result.as_dict(),
            "days": dict(self.days),
            "missing_days": dict(self.missing_days),
            "enough": self.enough,
            "rules": self.rules,
        }


def inlet_strength(
    plants: Sequence[Plant],
    volumes: Iterable[DayVolume],
    measurements: pa.Table,
    period: Period,
    item: str,
    *,
    flags: pa.Table | None = None,
    target: Decimal | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> InletStrength:
    """Return Σ(Q·C) ÷ ΣQ over days and works, for ``bod5`` or ``cod`` at the inlets.

    Parameters
    ----------
    plants, volumes, period, target, chosen
        As for `load_rates`.
    measurements
        Table of `observations.schema.MEASUREMENTS`; the mean of a day is its concentration.
    item
        ``bod5`` or ``cod``.
    flags
        Table of `FLAGS`.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    own = override_on(override, period.last_day)
    used = chosen or rules("plant", period.last_day, own)
    inlets = {plant.inlet: plant for plant in plants if plant.inlet is not None}
    by = method(period.last_day, own)
    means = daily_means(measurements, flags, period, inlets, method=by, wanted=(item,))
    concentration = {(inlets[entry.site].id, entry.period.start.date()): entry.value for entry in means}
    pairs = [
        (entry, concentration.get((entry.plant, entry.day)))
        for entry in volumes
        if period.start.date() <= entry.day <= period.last_day and entry.volume is not None
    ]
    both = [(entry, value) for entry, value in pairs if value is not None and entry.volume]
    result = indicator_value(
        f"inlet_{item}",
        {
            "inflow": [Amount(entry.volume, of=f"{entry.plant} {entry.day}") for entry, _ in both],
            "concentration": [Amount(value, of=entry.plant) for entry, value in both],
        },
        period.last_day,
        target=target,
    )
    length = (period.last_day - period.start.date()).days + 1
    days = Counter(entry.plant for entry, _ in both)
    least = max(Fraction(1), Fraction(used["least_inlet_days_percent"]) * length / 100)
    return InletStrength(
        item=item,
        period=period,
        result=result,
        days={plant.id: days[plant.id] for plant in plants},
        missing_days={plant.id: length - days[plant.id] for plant in plants},
        enough=all(days[plant.id] >= least for plant in plants),
        rules=used.version,
        used=used,
    )


def daily_means(
    measurements: pa.Table,
    flags: pa.Table | None,
    period: Period,
    sites: Iterable[str],
    *,
    method: Method,
    wanted: Iterable[str] | None = None,
) -> list[SiteMean]:
    """Return the means of the days of a period at some sites."""
    means = site_means(measurements, flags, PeriodKind.DAY, method, sites=sites, wanted=wanted)
    return [entry for entry in means if period.start <= entry.period.start <= period.end]


def collection_rate(
    plants: Mapping[str, tuple[Amount, Amount]],
    population: Amount,
    on: date,
    *,
    industrial: Mapping[str, Amount] | None = None,
    target: Decimal | None = None,
) -> IndicatorResult:
    """Return the rate of centralised collection of domestic sewage by BOD5 (集中收集率; 建城〔2019〕52号).

    Parameters
    ----------
    plants
        Inflow and inlet BOD5 by works.
    population
        People who use water in the city.
    on
        Last day of the period.
    industrial
        Industrial BOD5 load by works, deducted; a works that is not in it has none.
    target
        In percent.
    """
    none = Amount(Decimal(0), "kg/d")
    deducted = industrial or {}
    return indicator_value(
        "sewage_collection_rate",
        {
            "inflow": [_named(inflow, name) for name, (inflow, _) in plants.items()],
            "bod5": [_named(bod5, name) for name, (_, bod5) in plants.items()],
            "industrial_load": [_named(deducted.get(name, none), name) for name in plants],
            "population": population,
        },
        on,
        target=target,
    )


def _named(amount: Amount, name: str) -> Amount:
    return Amount(amount.value, amount.unit, amount.of or name, amount.source)
