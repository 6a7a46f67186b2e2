"""Drinking-water sources (集中式饮用水水源): attainment of points and sources, rates by count and by volume.

Surface sources: class of table 1 of GB 3838 without some items, and each limit of tables 2 and 3; total
nitrogen beside. Groundwater: GB/T 14848. What the law leaves open are settings of ``drinking_water``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import judge
from bishui.assessment.assess import assess
from bishui.assessment.numbers import multiple, round_multiple
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind, periods_between
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.results import Counts, ItemResult, SectionResult, State
from bishui.assessment.site_means import SiteMean, by_site, site_means, with_ids
from bishui.assessment.subjects.against_limits import judge_mean
from bishui.assessment.subjects.groundwater import STANDARD as GROUNDWATER
from bishui.assessment.subjects.groundwater import GroundwaterResult, groundwater_classes
from bishui.assessment.subjects.listed_class import ListedClass, class_by, judge_rules
from bishui.standards import Override, Rules, WaterType, items, limit_rows, method, rules, surface_water


class SourceKind(StrEnum):
    """Surface water (地表水型) or groundwater (地下水型)."""

    SURFACE = "surface"
    GROUND = "ground"


@dataclass(frozen=True, slots=True)
class WaterSource:
    """A source: its monitoring points by site id, its kind and level (city, county, township 千吨万人)."""

    id: str
    name: str
    points: tuple[str, ...]
    kind: SourceKind = SourceKind.SURFACE
    level: str | None = None
    division: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Water taken from a source in a month, in the unit of the rules; None where it is not known.

    `in_use` False: the source was not in use; it is not asked for samples and its water is 0.
    """

    source: str
    month: Period
    volume: Decimal | None
    in_use: bool = True


@dataclass(frozen=True, slots=True)
class FailingItem:
    """An item over its limit, with the multiple where it has one (none for pH and dissolved oxygen)."""

    item: str
    value: Fraction
    clause: str
    multiple: Decimal | None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "item": self.item,
            "value": float(self.value),
            "clause": self.clause,
            "multiple": None if self.multiple is None else str(self.multiple),
        }


@dataclass(frozen=True, slots=True)
class PointResult:
    """One point in one month, or in the whole period.

    Attributes
    ----------
    attained
        None where it cannot be said; `left_out` says why.
    rank
        Class of the items of table 1, or of groundwater.
    failing
        Items over class Ⅲ, or over a limit of tables 2 and 3.
    beside
        Class of the items printed beside (total nitrogen, by the limits of lakes).
    items, specific_items
        Items of table 1 that took part; items of tables 2 and 3, or of GB/T 14848.
    """

    site: str
    period: Period
    attained: bool | None
    left_out: LeftOut | None
    rank: int | None
    failing: tuple[FailingItem, ...]
    beside: Mapping[str, int]
    items: Mapping[str, ItemResult]
    specific_items: Mapping[str, SiteMean]
    standard: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "period": self.period.label,
            "attained": self.attained,
            "left_out": self.left_out.value if self.left_out else None,
            "class": self.rank,
            "failing": [entry.as_dict() for entry in self.failing],
            "beside": dict(self.beside),
            "items": [item.as_dict() for item in self.items.values()],
            "specific_items": [mean.as_dict() for mean in self.specific_items.values()],
            "standard": self.standard,
        }


@dataclass(frozen=True, slots=True)
class SourceResult:
    """One source in one period: its points by month, or by the means of the period.

    `months` counts the months that were judged, `months_missing` those in use without a verdict,
    `months_not_in_use` those out of use.
    """

    source: WaterSource
    period: Period
    attained: bool | None
    left_out: LeftOut | None
    points: tuple[PointResult, ...]
    volume: Decimal | None
    months: int
    months_missing: int
    months_not_in_use: int
    rules: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "source": self.source.id,
            "name": self.source.name,
            "kind": self.source.kind.value,
            "period": self.period.label,
            "attained": self.attained,
            "left_out": self.left_out.value if self.left_out else None,
            "volume": None if self.volume is None else str(self.volume),
            "months": self.months,
            "months_missing": self.months_missing,
            "months_not_in_use": self.months_not_in_use,
            "points": [point.as_dict() for point in self.points],
            "rules": self.rules.version,
        }


@dataclass(frozen=True, slots=True)
class SourceAssessment:
    """All sources: rate by count (水源达标率) and by volume (水量达标率)."""

    results: tuple[SourceResult, ...]
    period: Period
    by_count: Rate
    by_volume: Rate
    rules: Rules

    def of(self, source: str) -> SourceResult | None:
        """Return the result of one source, or None."""
        return next((entry for entry in self.results if entry.source.id == source), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, with every setting."""
        return {
            "period": self.period.label,
            "by_count": self.by_count.as_dict(),
            "by_volume": {**self.by_volume.as_dict(), "unit": self.rules["volume_unit"]},
            "results": [result.as_dict() for result in self.results],
            "rules": self.rules.as_dict(),
        }


def assess_sources(
    measurements: pa.Table,
    sites: pa.Table,
    sources: Iterable[WaterSource],
    period: Period,
    *,
    withdrawals: Iterable[Withdrawal] = (),
    flags: pa.Table | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> SourceAssessment:
    """Assess drinking-water sources in a month, quarter or year.

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS`; any item of GB 3838 tables 1 to 3 or of GB/T 14848.
    sites
        Table of `SITES` with the water type of the points at surface water.
    sources
        The sources.
    period
        By the setting ``period_rule`` every month of it attains, or its mean does.
    withdrawals
        Water taken and use by month; a source without any is in use and its volume is not known.
    flags
        Table of `FLAGS`.
    chosen
        The rules; without them those in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.

    Raises
    ------
    DataError
        If a table lacks a column, or holds a word or a number that cannot be used.
    NotInForce
        If no edition of a standard is in force on a period's last day.
    """
    used = chosen or rules("drinking_water", period.last_day, override_on(override, period.last_day))
    wanted = tuple(sources)
    spans = [period] if used["period_rule"] == "mean" else _months(period)
    tables = _Tables(with_ids(measurements, sites), sites, flags, override)
    judged: dict[tuple[str, Period], PointResult] = {}
    for span in spans:
        judged.update(_surface_points(tables, span, _points(wanted, SourceKind.SURFACE), used))
        judged.update(_ground_points(tables, span, _points(wanted, SourceKind.GROUND)))
    taken = {(entry.source, entry.month): entry for entry in withdrawals}
    case = _Case(period, spans, judged, taken, used)
    results = tuple(_source(source, case) for source in wanted)
    return SourceAssessment(results, period, _by_count(results, used), _by_volume(results, used), used)


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of one call."""

    measurements: pa.Table
    sites: pa.Table
    flags: pa.Table | None
    override: Overrides | None

    def at(self, points: Sequence[str]) -> pa.Table:
        """Return the measurements at some sites."""
        return _only(self.measurements, "site", points)

    def sites_at(self, points: Sequence[str]) -> pa.Table:
        """Return what is known of some sites; the others of a city need no result."""
        return _only(self.sites, "id", points)


def _only(table: pa.Table, column: str, keys: Sequence[str]) -> pa.Table:
    return table.filter(pc.is_in(table[column], value_set=pa.array(keys, pa.string())))


def _months(period: Period) -> list[Period]:
    return periods_between(PeriodKind.MONTH, period.start, period.end)


def _points(sources: Iterable[WaterSource], kind: SourceKind) -> tuple[str, ...]:
    return tuple(site for source in sources if source.kind is kind for site in source.points)


def _surface_points(
    tables: _Tables, span: Period, points: Sequence[str], used: Rules
) -> Mapping[tuple[str, Period], PointResult]:
    """Judge the points of surface sources: the class of table 1, each limit of tables 2 and 3."""
    if not points:
        return {}
    here = tables.at(points)
    basic = here.filter(pc.is_in(here["item"], value_set=pa.array(sorted(items()))))
    found = assess(basic, tables.sites_at(points), None, tables.flags, period=span, override=tables.override)
    sections = {section.site: section for section in found}
    wanted = {row.item for row in limit_rows("gb3838", span.last_day) if row.table in _SPECIFIC_TABLES}
    own = override_on(tables.override, span.last_day)
    means = site_means(here, tables.flags, span, method(span.last_day, own), wanted=wanted)
    specific = by_site(mean for mean in means if mean.value is not None)
    return {
        (site, span): _surface_point(
            site, span, sections.get(site), specific.get(site, ()), used=used, own=own
        )
        for site in points
    }


_SPECIFIC_TABLES = ("2", "3")


def _surface_point(
    site: str,
    span: Period,
    section: SectionResult | None,
    specific: Sequence[SiteMean],
    *,
    used: Rules,
    own: Override | None,
) -> PointResult:
    standard = surface_water(span.last_day, own)
    listed = [key for key in standard.criteria if key not in used["items_not_evaluated"]]
    water_type = WaterType(section.water_type) if section and section.water_type else None
    judged = class_by(
        section.items if section else {},
        listed,
        water_type,
        used["required_class"],
        span,
        reason=section.reason if section else None,
        override=own,
    )
    over, hidden = _specific(specific, used, own)
    failing = (*_failing(judged, span, used), *over)
    attained, left_out = _verdict(judged, failing, hidden)
    return PointResult(
        site=site,
        period=span,
        attained=attained,
        left_out=left_out,
        rank=judged.rank,
        failing=failing,
        beside=_beside(section, span, used, own),
        items=judged.items,
        specific_items={mean.item: mean for mean in specific},
        standard=standard.edition,
    )


def _verdict(
    judged: ListedClass, failing: Sequence[FailingItem], hidden: LeftOut | None
) -> tuple[bool | None, LeftOut | None]:
    """An exceedance decides; without a class of table 1, or with a hidden limit, there is no verdict."""
    if failing:
        return False, None
    if judged.attainment.state is not State.ATTAINED:
        return None, LeftOut.of(judged.attainment.reason)
    return (True, None) if hidden is None else (None, hidden)


def _failing(judged: ListedClass, span: Period, used: Rules) -> Iterable[FailingItem]:
    without = method(span.last_day).no_multiple_items
    for key in judged.attainment.failing:
        entry = judged.items[key]
        limit, value = entry.limits.get(used["required_class"]), entry.compared
        if value is None:
            continue
        printed = None
        if key not in without and isinstance(limit, Decimal) and limit:
            printed = round_multiple(multiple(value, limit), used["multiple_decimals"])
        yield FailingItem(key, Fraction(value), entry.clause or "", printed)


def _specific(
    means: Iterable[SiteMean], used: Rules, own: Override | None
) -> tuple[list[FailingItem], LeftOut | None]:
    """Return the items of tables 2 and 3 over their limit, and why one could not be judged."""
    over, hidden = [], None
    for mean in means:
        judged = judge_mean(mean, "gb3838", method(mean.period.last_day, own), override=own)
        if judged is None or mean.value is None:
            continue
        hidden = hidden or LeftOut.of_judgement(judged)
        if judged.verdict == "exceeds":
            exact = judged.multiple
            printed = None if exact is None else round_multiple(exact, used["multiple_decimals"])
            over.append(FailingItem(mean.item, mean.value, judged.row.clause if judged.row else "", printed))
    return over, hidden


def _beside(section: SectionResult | None, span: Period, used: Rules, own: Override | None) -> dict[str, int]:
    """Return the class of the items printed beside, by the limits of lakes: rivers have none for nitrogen."""
    found = {}
    for key in used["items_beside"]:
        entry = section.items.get(key) if section else None
        if entry is None or entry.mean is None:
            continue
        given = judge.ItemMean(key, entry.mean, entry.detection_limit, entry.source, Counts())
        rank = judge.judge_item(given, judge_rules(span, override=own), WaterType.LAKE).rank
        if rank is not None:
            found[key] = rank
    return found


def _ground_points(
    tables: _Tables, span: Period, points: Sequence[str]
) -> Mapping[tuple[str, Period], PointResult]:
    """Judge the points of groundwater sources: every item at class Ⅲ or better."""
    if not points:
        return {}
    found = groundwater_classes(
        tables.measurements, span, sites=tuple(points), flags=tables.flags, override=tables.override
    )
    wells = {well.site: well for well in found}
    return {(site, span): _ground_point(site, span, wells.get(site)) for site in points}


def _ground_point(site: str, span: Period, well: GroundwaterResult | None) -> PointResult:
    entries = well.items if well else {}
    failing = tuple(
        FailingItem(
            key, item.mean.value, item.judgement.row.clause if item.judgement.row else "", item.multiple
        )
        for key, item in entries.items()
        if item.exceeds and item.mean.value is not None
    )
    attained: bool | None = None
    left_out: LeftOut | None = None
    if failing:
        attained = False
    elif well is None or not entries:
        left_out = LeftOut.NO_DATA
    else:
        reasons = (LeftOut.of_judgement(item.judgement) for item in entries.values())
        left_out = next((reason for reason in reasons if reason is not None), None)
        attained = True if left_out is None else None
    return PointResult(
        site=site,
        period=span,
        attained=attained,
        left_out=left_out,
        rank=well.rank if well else None,
        failing=failing,
        beside={},
        items={},
        specific_items={key: item.mean for key, item in entries.items()},
        standard=well.standard if well else GROUNDWATER,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """What every source of one call shares."""

    period: Period
    spans: Sequence[Period]
    judged: Mapping[tuple[str, Period], PointResult]
    taken: Mapping[tuple[str, Period], Withdrawal]
    rules: Rules


def _source(source: WaterSource, case: _Case) -> SourceResult:
    months = [case.taken.get((source.id, month)) for month in _months(case.period)]
    idle = {entry.month for entry in months if entry is not None and not entry.in_use}
    asked = [span for span in case.spans if span not in idle and len(idle) < len(months)]
    judged = case.judged
    points = tuple(judged[site, span] for span in asked for site in source.points)
    verdicts = [_joined([judged[site, span] for site in source.points], case.rules) for span in asked]
    attained, left_out = _over_spans(verdicts, points)
    if not asked:
        left_out = LeftOut.NOT_IN_USE
    return SourceResult(
        source=source,
        period=case.period,
        attained=attained,
        left_out=left_out,
        points=points,
        volume=_volume(months),
        months=sum(verdict is not None for verdict in verdicts),
        months_missing=sum(verdict is None for verdict in verdicts),
        months_not_in_use=len(idle),
        rules=case.rules,
    )


def _joined(points: Sequence[PointResult], used: Rules) -> bool | None:
    """Return whether a source attains in a month: all its points do, or any."""
    verdicts = [point.attained for point in points]
    decisive: bool = used["several_points"] != "all"
    if decisive in verdicts:
        return decisive
    return None if None in verdicts or not verdicts else not decisive


def _over_spans(
    verdicts: Sequence[bool | None], points: Sequence[PointResult]
) -> tuple[bool | None, LeftOut | None]:
    """A month that fails decides; months without a verdict are counted beside those that have one."""
    known = [verdict for verdict in verdicts if verdict is not None]
    if known:
        return all(known), None
    reason = next((point.left_out for point in points if point.left_out is not None), LeftOut.NO_DATA)
    return None, reason


def _volume(months: Sequence[Withdrawal | None]) -> Decimal | None:
    """Return the water of the period; None where the volume of a month in use is not known."""
    volumes = [
        Decimal(0) if entry is not None and not entry.in_use else (entry.volume if entry else None)
        for entry in months
    ]
    known = [volume for volume in volumes if volume is not None]
    return sum(known, Decimal(0)) if len(known) == len(volumes) else None


def _by_count(results: Iterable[SourceResult], used: Rules) -> Rate:
    given = list(results)
    return Rate.count(
        [entry.attained for entry in given if entry.attained is not None],
        [entry.left_out for entry in given if entry.left_out is not None],
        decimals=used["percent_decimals"],
    )


def _by_volume(results: Iterable[SourceResult], used: Rules) -> Rate:
    """Return water from attained sources ÷ water from all judged sources."""
    return volume_rate(
        [(entry.attained, entry.volume) for entry in results if entry.left_out is not LeftOut.NOT_IN_USE],
        decimals=used["percent_decimals"],
    )


def volume_rate(given: Iterable[tuple[bool | None, Decimal | None]], *, decimals: int = 1) -> Rate:
    """Return the rate by volume (水量达标率) of some verdicts and volumes.

    A source without a verdict, or whose volume is not known, leaves the rate and is counted.
    """
    met = evaluated = Fraction(0)
    left_out: dict[LeftOut, int] = {}
    for attained, volume in given:
        if attained is None or volume is None:
            reason = LeftOut.NO_DATA if attained is None else LeftOut.VOLUME_UNKNOWN
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        evaluated += Fraction(volume)
        met += Fraction(volume) if attained else 0
    return Rate(met, evaluated, left_out, decimals)
