"""Water function zones (水功能区): attainment by annual mean or by frequency, area rate, control target.

SL 395-2007. Which of the two methods, which items, and what the law leaves open are settings of
``function_zone``; the plan decides them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.assess import assess
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.results import ItemResult, Reason, SectionResult, State
from bishui.assessment.subjects.listed_class import ListedClass, class_by
from bishui.assessment.waters.pooled import pool
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Rules, SurfaceWaterStandard, WaterType, items, rules, surface_water


class ZoneMethod(StrEnum):
    """The two methods; they give different results."""

    ANNUAL_MEAN = "annual_mean"
    FREQUENCY = "frequency"


@dataclass(frozen=True, slots=True)
class Zone:
    """A function zone.

    Attributes
    ----------
    id, name, division
        Identity and the division that it counts for.
    sites
        Its monitored sections or points, by site id.
    target_class
        Class of its water-quality target, 1–5; None where it has none (排污控制区).
    dry
        Dry (断流) in the whole period.
    """

    id: str
    name: str
    sites: tuple[str, ...]
    target_class: int | None
    division: str | None = None
    dry: bool = False


@dataclass(frozen=True, slots=True)
class ZoneSample:
    """One sample, or one site's mean: its class by the items of the method, and the verdict.

    `items` are those that took part, with values and counts; `lacking` those of the method without a value.
    """

    site: str
    period: Period
    rank: int | None
    state: State
    failing: tuple[str, ...]
    items: Mapping[str, ItemResult]
    lacking: tuple[str, ...]
    reason: Reason | None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "period": self.period.label,
            "class": self.rank,
            "state": self.state.value,
            "failing": list(self.failing),
            "items": [item.as_dict() for item in self.items.values()],
            "lacking": list(self.lacking),
            "reason": self.reason.value if self.reason else None,
        }


@dataclass(frozen=True, slots=True)
class ZoneResult:
    """What a zone came to.

    Attributes
    ----------
    attained
        None where it leaves the denominator; `left_out` says why.
    samples
        Frequency method: every sample. Annual mean: the mean of each site, or of all of them.
    share
        Frequency method: attained of evaluated samples.
    rank
        Annual mean: the worst class of the means.
    enough_samples
        Whether there are as many samples as the rules ask for.
    """

    zone: Zone
    period: Period
    method: ZoneMethod
    attained: bool | None
    left_out: LeftOut | None
    rank: int | None
    samples: tuple[ZoneSample, ...]
    share: Rate | None
    enough_samples: bool
    failing: tuple[str, ...]
    rules: str
    used: Rules = field(repr=False)
    clause: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "zone": self.zone.id,
            "name": self.zone.name,
            "division": self.zone.division,
            "target_class": self.zone.target_class,
            "period": self.period.label,
            "method": self.method.value,
            "attained": self.attained,
            "left_out": self.left_out.value if self.left_out else None,
            "class": self.rank,
            "share": self.share.as_dict() if self.share else None,
            "enough_samples": self.enough_samples,
            "failing": list(self.failing),
            "samples": [sample.as_dict() for sample in self.samples],
            "rules": self.rules,
            "clause": self.clause,
        }


@dataclass(frozen=True, slots=True)
class ZoneAssessment:
    """All zones of an area: the rate of attained zones and the verdict against the control target."""

    results: tuple[ZoneResult, ...]
    rate: Rate
    control_target: Decimal | None
    state: State
    rules: Rules

    def of(self, zone: str) -> ZoneResult | None:
        """Return the result of one zone, or None."""
        return next((entry for entry in self.results if entry.zone.id == zone), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, with every setting."""
        return {
            "rate": self.rate.as_dict(),
            "control_target": None if self.control_target is None else str(self.control_target),
            "state": self.state.value,
            "results": [result.as_dict() for result in self.results],
            "rules": self.rules.as_dict(),
        }


def assess_zones(
    measurements: pa.Table,
    sites: pa.Table,
    zones: Iterable[Zone],
    period: Period,
    *,
    flags: pa.Table | None = None,
    control_target: Decimal | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> ZoneAssessment:
    """Assess function zones in a period, as a rule a year (SL 395-2007).

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS`; items that the class of a section does not know
        are left aside.
    sites
        Table of `SITES` with the water types.
    zones
        The zones.
    period
        Year, or another period.
    flags
        Table of `FLAGS`.
    control_target
        Rate that the area must reach, in percent, as printed.
    chosen
        The rules; without them those in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.

    Raises
    ------
    DataError
        If a table lacks a column, or holds a word or a number that cannot be used.
    CallError
        If a setting has a value that is none of its choices.
    """
    used = chosen or rules("function_zone", period.last_day, override_on(override, period.last_day))
    kind = ZoneMethod(_choice(used, "method", tuple(ZoneMethod)))
    wanted = tuple(zones)
    sections = _inside(_basic(measurements), period)
    by_site: dict[str, list[SectionResult]] = {}
    for section in assess(sections, sites, None, flags, period=_kind(used, kind, period), override=override):
        by_site.setdefault(section.site, []).append(section)
    case = _Case(period, used, kind, override)
    results = tuple(_result(zone, by_site, case) for zone in wanted)
    rate = zone_rate(results, used)
    return ZoneAssessment(results, rate, control_target, rate.verdict(control_target), used)


def zone_rate(results: Iterable[ZoneResult], used: Rules) -> Rate:
    """Return attained zones ÷ evaluated zones; zones without target or data and dry ones leave it."""
    given = list(results)
    return Rate.count(
        [entry.attained for entry in given if entry.attained is not None],
        [entry.left_out for entry in given if entry.left_out is not None],
        decimals=used["percent_decimals"],
    )


def _choice(used: Rules, name: str, choices: Sequence[str]) -> str:
    value = str(used[name])
    if value not in choices:
        raise CallError(
            Text("设置“{name}”的值“{value}”不可用。", name=name, value=value),
            remedy=Text("可用的值：{values}。", values="、".join(choices)),
        )
    return value


def _basic(measurements: pa.Table) -> pa.Table:
    """Return the rows whose items a section's class knows."""
    return measurements.filter(pc.is_in(measurements["item"], value_set=pa.array(sorted(items()))))


_SAMPLE_KINDS = {"reading": PeriodKind.READING, "day": PeriodKind.DAY, "month": PeriodKind.MONTH}


def _kind(used: Rules, kind: ZoneMethod, period: Period) -> Period | PeriodKind:
    if kind is ZoneMethod.ANNUAL_MEAN:
        return period
    return _SAMPLE_KINDS[_choice(used, "sample", tuple(_SAMPLE_KINDS))]


@dataclass(frozen=True, slots=True)
class _Case:
    """What the zones of one call are judged by."""

    period: Period
    used: Rules
    kind: ZoneMethod
    override: Overrides | None


def _inside(measurements: pa.Table, period: Period) -> pa.Table:
    """Return the rows of the period."""
    inside = pc.and_(
        pc.greater_equal(measurements["time"], pa.scalar(period.start, pa.timestamp("s"))),
        pc.less_equal(measurements["time"], pa.scalar(period.end, pa.timestamp("s"))),
    )
    return measurements.filter(inside)


def _listed(section: SectionResult, case: _Case) -> tuple[str, ...]:
    """Return the items that decide: all of table 1 but some, or the two indicators."""
    used = case.used
    if _choice(used, "items", ("all", "two")) == "all":
        limits = _standard(section, case).criteria
        return tuple(key for key in limits if key not in used["items_not_evaluated"])
    listed = []
    for group in used["two_indicators"]:
        either = str(group).split("|")
        there = [key for key in either if key in section.items and section.items[key].mean is not None]
        listed.append(there[0] if there else either[0])
    return tuple(listed)


def _standard(section: SectionResult, case: _Case) -> SurfaceWaterStandard:
    """Return the limits of a section's period, with the bureau's own."""
    day = section.period.last_day
    return surface_water(day, override_on(case.override, day))


def _sample(zone: Zone, section: SectionResult, case: _Case) -> ZoneSample:
    used = case.used
    water_type = WaterType(section.water_type) if section.water_type else None
    listed = _listed(section, case)
    judged = class_by(
        section.items,
        listed,
        water_type,
        zone.target_class,
        section.period,
        reason=section.reason,
        override=case.override,
    )
    state, reason = judged.attainment.state, judged.reason
    if state is State.ATTAINED and used["items"] == "two" and judged.lacking:
        state, reason = State.NOT_JUDGED, Reason.NO_DATA
    return ZoneSample(
        site=section.site,
        period=section.period,
        rank=judged.rank,
        state=state,
        failing=judged.attainment.failing,
        items=judged.items,
        lacking=_lacking(judged, section, case),
        reason=reason or judged.attainment.reason,
    )


def _lacking(judged: ListedClass, section: SectionResult, case: _Case) -> tuple[str, ...]:
    """Return the items of the list without a value; items without a limit for the water are not lacking."""
    if case.used["items"] == "two" or section.water_type is None:
        return judged.lacking
    standard = _standard(section, case)
    return tuple(key for key in judged.lacking if standard.limits(key, section.water_type))


def _result(zone: Zone, by_site: Mapping[str, list[SectionResult]], case: _Case) -> ZoneResult:
    used, kind = case.used, case.kind
    sections = [section for site in zone.sites for section in by_site.get(site, ())]
    if kind is ZoneMethod.ANNUAL_MEAN and len(sections) > 1:
        sections = _joined(zone, sections, case)
    samples = tuple(_sample(zone, section, case) for section in sections)
    judged = [sample for sample in samples if sample.state in (State.ATTAINED, State.NOT_ATTAINED)]
    share = _share(samples, used) if kind is ZoneMethod.FREQUENCY else None
    enough = kind is ZoneMethod.ANNUAL_MEAN or len(judged) >= used["least_samples"]
    attained, left_out = _verdict(zone, samples, share, enough, used)
    ranks = [sample.rank for sample in samples if sample.rank is not None]
    return ZoneResult(
        zone=zone,
        period=case.period,
        method=kind,
        attained=attained,
        left_out=left_out,
        rank=max(ranks, default=None) if kind is ZoneMethod.ANNUAL_MEAN else None,
        samples=samples,
        share=share,
        enough_samples=enough,
        failing=tuple(dict.fromkeys(key for sample in samples for key in sample.failing)),
        rules=used.version,
        used=used,
        clause=used.source,
    )


def _joined(zone: Zone, sections: Sequence[SectionResult], case: _Case) -> list[SectionResult]:
    """Return the sections as they are, or one that holds the means over all of them."""
    if _choice(case.used, "several_sites", ("all", "mean")) == "all":
        return list(sections)
    there = [section for section in sections if section.reason is not Reason.NOT_VALID_THEN]
    if not there:
        return list(sections)
    given = there[0].water_type if len({entry.water_type for entry in there}) == 1 else None
    pooled = pool(there, WaterType(given) if given else None, override=case.override)
    return [
        replace(there[0], site=zone.id, name=zone.name, items=pooled.items, water_type=given, reason=None)
    ]


def _share(samples: Iterable[ZoneSample], used: Rules) -> Rate:
    given = list(samples)
    verdicts = [sample.state for sample in given]
    left_out = [LeftOut.of(sample.reason) for sample in given if sample.state is State.NOT_JUDGED]
    met = [state is State.ATTAINED for state in verdicts if state in (State.ATTAINED, State.NOT_ATTAINED)]
    return Rate.count(met, left_out, decimals=used["percent_decimals"])


def _verdict(
    zone: Zone, samples: Sequence[ZoneSample], share: Rate | None, enough: bool, used: Rules
) -> tuple[bool | None, LeftOut | None]:
    if zone.target_class is None:
        return None, LeftOut.NO_TARGET
    if zone.dry:
        return None, LeftOut.DRY
    if not samples:
        return None, LeftOut.NO_DATA
    if share is not None:
        if share.exact is None:
            return None, LeftOut.of(samples[0].reason)
        if not enough:
            return None, LeftOut.TOO_FEW_SAMPLES
        return share.exact >= Fraction(used["least_share_percent"]), None
    if any(sample.state is State.NOT_ATTAINED for sample in samples):
        return False, None
    missing = next((sample for sample in samples if sample.state is not State.ATTAINED), None)
    return (True, None) if missing is None else (None, LeftOut.of(missing.reason))
