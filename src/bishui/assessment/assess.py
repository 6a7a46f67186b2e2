"""The one function that turns the four tables into classes and verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import columns, judge, kernels, plain
from bishui.assessment.item_lists import ItemLists
from bishui.assessment.means import (
    Means,
    daily_means,
    mean_of_days,
    mean_of_months,
    ph_unit,
    prefer,
)
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind, periods_touched
from bishui.assessment.register import Register, Site, Target, read_targets
from bishui.assessment.results import (
    RESULTS,
    Assessment,
    Counts,
    ItemResult,
    OnDemand,
    Reason,
    SectionResult,
)
from bishui.assessment.scan import Readings
from bishui.assessment.thresholds import Table, table, water_row
from bishui.observations import Selection
from bishui.standards import Method, WaterType, items, surface_water
from bishui.standards import method as method_on

Periods = Period | PeriodKind | Iterable[Period | PeriodKind]


def assess(
    measurements: pa.Table | Selection,
    sites: pa.Table | None = None,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    *,
    period: Periods = PeriodKind.MONTH,
    method: Method | None = None,
    item_list: ItemLists | None = None,
    override: Overrides | None = None,
) -> Assessment:
    """Assess sections by period (环办〔2011〕22号; GB 3838 of the period's date).

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS`, in any order, or a selection of the store's rows.
    sites
        Table of `SITES`: water type and validity. A site that is not in it has no known water type.
    targets
        Table of `TARGETS`.
    flags
        Table of `FLAGS`; flagged rows are counted and not used.
    period
        Periods, or kinds of periods (then every one that the data touch).
    method
        How to judge; without it each period takes the edition in force on its last day.
    item_list
        Which items decide the class, per site and year (5+X …); without it every measured one of the 21.
    override
        A bureau's own limits and settings, or a function that gives those in force on a day; the editions
        in the results say so.

    Returns
    -------
    Assessment
        A result for every site of the register or the data in every period. Its table is made at once,
        the object of a result when it is asked for.

    Raises
    ------
    DataError
        If a table lacks a column, or holds a word or a number that cannot be used.
    NotInForce
        If no edition of a standard is in force on a period's last day.
    """
    register = Register(sites)
    targets_of = read_targets(targets, register.aliases)
    latest = _latest(measurements)
    first = method or method_on(latest, override_on(override, latest))
    readings = Readings(measurements, flags, first.source_priority, register.aliases)
    levels = _Levels(readings)
    parts: list[_Part] = []
    used: dict[str, Method] = {}
    for wanted in _wanted(period, levels, first):
        rules = _rules(wanted, method, override)
        used.setdefault(rules.method.version, rules.method)
        if item_list is not None:
            rules = replace(rules, listed=item_list.on(wanted))
        parts.append(_part(levels, wanted, rules, register, targets_of, item_list))
    tables = [columns.as_table(part.given, columns.judged(part.given, part.result)) for part in parts]
    results = OnDemand([(part.period, part.given.names, part.result) for part in parts])
    return Assessment(results, used, pa.concat_tables(tables) if tables else RESULTS.empty_table())


def _latest(measurements: pa.Table | Selection) -> date:
    if isinstance(measurements, Selection):
        last = measurements.latest()
    else:
        last = pc.max(measurements["time"]).as_py() if "time" in measurements.column_names else None
    return (last or datetime.now()).date()


def _wanted(period: Periods, levels: _Levels, method: Method) -> list[Period]:
    given = [period] if isinstance(period, Period | PeriodKind) else list(period)
    wanted: list[Period] = []
    for entry in given:
        if isinstance(entry, Period):
            wanted.append(entry)
        elif entry is PeriodKind.READING:
            wanted.extend(Period.reading(moment) for moment in levels.readings.seconds())
        else:
            by_day = entry in _MADE_OF_DAYS
            days = levels.readings.days() if by_day else levels.months_there(method)
            wanted.extend(periods_touched(entry, days))
    return list(dict.fromkeys(wanted))


def _rules(period: Period, method: Method | None, override: Overrides | None) -> judge.Rules:
    own = override_on(override, period.last_day)
    chosen = method or method_on(period.last_day, own)
    single = period.kind is PeriodKind.READING
    rounded = chosen.round_single_readings if single else chosen.round_before_compare
    return judge.Rules(surface_water(period.last_day, own), chosen, rounded)


class _Levels:
    """Means by level, made when they are first asked for and sliced by period."""

    def __init__(self, readings: Readings) -> None:
        self.readings = readings
        self._made: dict[tuple[str, str], tuple[Means, npt.NDArray[np.int64], npt.NDArray[np.int64]]] = {}

    def months_there(self, method: Method) -> list[date]:
        """Return the first day of each month that holds a row."""
        _, _, months = self._level("month", method)
        return [date(month // 12, month % 12 + 1, 1) for month in np.unique(months).tolist()]

    def of(self, period: Period, method: Method) -> Means:
        """Return the means of a period, one per site and item, sorted by site and item."""
        if period.kind is PeriodKind.READING:
            return self._slice("reading", _seconds(period.start), method)
        if period.kind is PeriodKind.DAY:
            return self._slice("day", _seconds(period.start) // 86400, method)
        if period.kind is PeriodKind.MONTH:
            return self._slice("month", period.months.start, method)
        if period.kind in (PeriodKind.WEEK, PeriodKind.TEN_DAYS):
            days, _, _ = self._level("day", method)
            return mean_of_days(days, period.days)
        months, _, _ = self._level("month", method)
        return mean_of_months(months, period.months)

    def _slice(self, level: str, unit: int, method: Method) -> Means:
        means, order, units = self._level(level, method)
        begin, end = np.searchsorted(units, [unit, unit + 1])
        return means.take(order[int(begin) : int(end)])

    def _level(
        self, level: str, method: Method
    ) -> tuple[Means, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        key = (level, method.version)
        if key not in self._made:
            means = self._means(level, method)
            order = np.argsort(means.unit, kind="stable").astype(np.int64)
            self._made[key] = (means, order, means.unit[order])
        return self._made[key]

    def _means(self, level: str, method: Method) -> Means:
        if level == "reading":
            return prefer(self.readings.base(method, single=True))
        return daily_means(self.readings.base(method)) if level == "day" else self.readings.months(method)


def _seconds(moment: datetime) -> int:
    return int(np.datetime64(moment, "s").astype(np.int64))


_MADE_OF_DAYS = (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.TEN_DAYS)
_TABLES: dict[tuple[str, tuple[str, ...], bool], Table] = {}


def _thresholds(rules: judge.Rules, keys: tuple[str, ...]) -> Table:
    key = (rules.standard.edition, keys, rules.rounded)
    if key not in _TABLES:
        _TABLES[key] = table(rules.standard, keys, rounded=rules.rounded)
    return _TABLES[key]


@dataclass(frozen=True, slots=True)
class _Part:
    """One period, judged as columns, with the result of each section on demand."""

    given: columns.Sections
    targets: Sequence[Sequence[Target]]
    item_list: ItemLists | None

    @property
    def period(self) -> Period:
        return self.given.period

    def result(self, place: int) -> SectionResult:
        """Return the result of one section."""
        given = self.given
        name = given.names[place]
        case = _Case(name, given.period, given.versions[place], bool(given.known[place]), given.rules)
        found = _Found(given.means, given.ranks, range(int(given.begin[place]), int(given.end[place])))
        result = _section(case, found, self.targets[place])
        return result if self.item_list is None else self.item_list.marked([result])[0]


def _part(  # noqa: PLR0917 - what a period is judged by, each given once
    levels: _Levels,
    period: Period,
    rules: judge.Rules,
    register: Register,
    targets_of: Mapping[str, Sequence[Target]],
    item_list: ItemLists | None,
) -> _Part:
    means = levels.of(period, rules.method)
    sites = levels.readings.sites
    names = sorted(set(sites) | set(register.ids))
    place = {site: code for code, site in enumerate(sites)}
    codes = means.series // len(means.keys)
    found = np.array([place.get(name, -1) for name in names], np.int64)
    begin, end = np.searchsorted(codes, found), np.searchsorted(codes, found + 1)
    begin, end = np.where(found >= 0, begin, end), np.where(found >= 0, end, end)
    if period.kind is PeriodKind.READING:
        kept = np.flatnonzero(end > begin)
        names, begin, end = [names[index] for index in kept], begin[kept], end[kept]
    versions = {name: register.version(name, period) for name in {*names, *sites}}
    targets = [[its for its in targets_of.get(name, ()) if its.covers(period)] for name in names]
    given = columns.Sections(
        period=period,
        rules=rules,
        thresholds=_thresholds(rules, means.keys),
        names=names,
        versions=[versions[name] for name in names],
        known=np.array([register.knows(name) for name in names], np.bool_),
        targets=[entries[0] if entries else None for entries in targets],
        means=means,
        ranks=_ranks(means, [versions[site] for site in sites], rules),
        begin=begin,
        end=end,
    )
    return _Part(given, targets, item_list)


def _ranks(means: Means, versions: Sequence[Site | None], rules: judge.Rules) -> npt.NDArray[np.uint8]:
    """Return the class of each mean by the compiled kernel; 0 where it has none."""
    thresholds = _thresholds(rules, means.keys)
    waters = [None if version is None else version.water_type for version in versions]
    offset = np.array([water_row(water) * len(means.keys) for water in waters], np.int64)
    site, item = means.series // len(means.keys), means.series % len(means.keys)
    row = offset[site] + item if site.size else site
    ranks: npt.NDArray[np.uint8] = kernels.item_classes(
        means.state,
        means.high,
        means.low,
        means.denominator,
        means.hydrogen,
        row,
        thresholds.kind,
        thresholds.bound,
        thresholds.closed,
        ph_unit(),
    )
    for index in np.flatnonzero(ranks == kernels.UNDECIDED).tolist():
        exact = means.exact(index)
        if exact is not None:
            water = waters[means.site(index)] or WaterType.RIVER  # where it is unknown, limits are the same
            rank = plain.item_class(rules.standard, means.item(index), exact, water, rounded=rules.rounded)
            ranks[index] = rank or 0
    return ranks


@dataclass(frozen=True, slots=True)
class _Found:
    """The means of one site in one period."""

    means: Means
    ranks: npt.NDArray[np.uint8]
    indices: range


@dataclass(frozen=True, slots=True)
class _Case:
    """What is judged: a site in a period, by which rules."""

    name: str
    period: Period
    version: Site | None
    known: bool
    rules: judge.Rules

    @property
    def water_type(self) -> WaterType | None:
        return self.version.water_type if self.version else None


def _section(case: _Case, found: _Found, targets: Sequence[Target]) -> SectionResult:
    rules = case.rules
    main = targets[0] if targets else None
    results = _item_results(case, found, main)
    rank, reason = judge.section_class(results, case.water_type)
    if case.known and case.version is None:
        rank, reason = None, Reason.NOT_VALID_THEN
    wanted: Sequence[Target | None] = targets or (None,)
    verdicts = [judge.attainment(results, rank, reason, target, rules) for target in wanted]
    return SectionResult(
        site=case.name,
        name=case.version.name if case.version else case.name,
        division=case.version.division if case.version else None,
        period=case.period,
        water_type=case.water_type.value if case.water_type else None,
        rank=rank,
        reason=reason,
        items=results,
        deciding=judge.deciding_items(results, rank),
        main_pollutants=judge.main_pollutants(results, rank, rules),
        item_list=tuple(
            key for key, entry in results.items() if entry.decides_class and entry.rank is not None
        ),
        attainment=verdicts[0],
        further_attainments=tuple(verdicts[1:]),
        enough_periods=_enough(case, results),
        standard=rules.standard.edition,
        method=rules.method.version,
    )


def _item_results(case: _Case, found: _Found, target: Target | None) -> dict[str, ItemResult]:
    results = {}
    for index in found.indices:
        given = _item_mean(found.means, index, case.rules.method)
        rank = int(found.ranks[index]) or None
        results[given.item] = judge.judge_item(given, case.rules, case.water_type, target, rank)
    return judge.within(judge.with_alternative(results, case.rules), case.rules.listed.get(case.name))


def _item_mean(means: Means, index: int, method: Method) -> judge.ItemMean:
    key = means.item(index)
    detection = int(means.detection[index])
    scale = items()[key].scale
    by_status = dict(zip(Counts.__slots__, means.counts[index].tolist(), strict=False))
    return judge.ItemMean(
        item=key,
        mean=means.exact(index),
        detection_limit=Decimal(detection).scaleb(-scale) / 2 if detection >= 0 else None,
        source=method.source_priority[int(means.source[index])],
        counts=Counts(**by_status, days=int(means.days[index]), months=int(means.months[index])),
    )


def _enough(case: _Case, results: Mapping[str, ItemResult]) -> bool:
    """Tell whether a quarter or year has the months it needs (环办〔2011〕22号 1.(2))."""
    deciding = [entry.counts for entry in results.values() if entry.decides_class and entry.mean is not None]
    if case.period.kind is PeriodKind.YEAR:
        return all(counts.months >= case.rules.method.months_for_year for counts in deciding)
    if case.period.kind is PeriodKind.QUARTER:
        return all(counts.entered >= case.rules.method.quarter_results for counts in deciding)
    return True
