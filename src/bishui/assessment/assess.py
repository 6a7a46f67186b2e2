"""The one function that turns the four tables into classes and verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import judge, kernels, plain
from bishui.assessment.means import (
    Means,
    base_means,
    daily_means,
    mean_of_months,
    monthly_means,
    ph_unit,
    prefer,
)
from bishui.assessment.periods import Period, PeriodKind, periods_touched
from bishui.assessment.register import Register, Site, Target, read_targets
from bishui.assessment.results import Assessment, Counts, ItemResult, Reason, SectionResult
from bishui.assessment.rows import Rows, prepare
from bishui.assessment.thresholds import Table, table
from bishui.standards import Method, WaterType, items, surface_water
from bishui.standards import method as method_on

Periods = Period | PeriodKind | Iterable[Period | PeriodKind]


def assess(
    measurements: pa.Table,
    sites: pa.Table | None = None,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    *,
    period: Periods = PeriodKind.MONTH,
    method: Method | None = None,
) -> Assessment:
    """Assess sections by period (环办〔2011〕22号; GB 3838 of the period's date).

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS`, in any order.
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

    Returns
    -------
    Assessment
        A result for every site of the register or the data in every period.

    Raises
    ------
    DataError
        If a table lacks a column, or holds a word or a number that cannot be used.
    NotInForce
        If no edition of a standard is in force on a period's last day.
    """
    register = Register(sites)
    targets_of = read_targets(targets, register.aliases)
    first = method or method_on(_latest(measurements))
    rows = prepare(measurements, flags, first.source_priority, register.aliases)
    levels = _Levels(rows, method)
    results: list[SectionResult] = []
    used: dict[str, Method] = {}
    for wanted in _wanted(period, rows):
        rules = _rules(wanted, method)
        used.setdefault(rules.method.version, rules.method)
        results.extend(_period_results(levels, wanted, rules, register, targets_of))
    return Assessment(tuple(results), used)


def _latest(measurements: pa.Table) -> date:
    last = pc.max(measurements["time"]).as_py() if "time" in measurements.column_names else None
    return (last or datetime.now()).date()


def _wanted(period: Periods, rows: Rows) -> list[Period]:
    given = [period] if isinstance(period, Period | PeriodKind) else list(period)
    wanted: list[Period] = []
    for entry in given:
        if isinstance(entry, Period):
            wanted.append(entry)
        elif rows.span is not None and entry is PeriodKind.READING:
            epoch = np.datetime64(0, "s")
            wanted.extend(
                Period.reading((epoch + int(second)).astype(datetime)) for second in np.unique(rows.second)
            )
        elif rows.span is not None:
            wanted.extend(periods_touched(entry, _days(rows)))
    return list(dict.fromkeys(wanted))


def _days(rows: Rows) -> list[date]:
    days = np.datetime64(0, "D") + np.unique(rows.second // 86400).astype("timedelta64[D]")
    return [day.astype(date) for day in days]


def _rules(period: Period, method: Method | None) -> judge.Rules:
    chosen = method or method_on(period.last_day)
    single = period.kind is PeriodKind.READING
    rounded = chosen.round_single_readings if single else chosen.round_before_compare
    return judge.Rules(surface_water(period.last_day), chosen, rounded)


class _Levels:
    """Means by level, made when they are first asked for and sliced by period."""

    def __init__(self, rows: Rows, method: Method | None) -> None:
        self.rows = rows
        self._method = method
        self._made: dict[tuple[str, str], tuple[Means, npt.NDArray[np.int64], npt.NDArray[np.int64]]] = {}

    def of(self, period: Period, method: Method) -> Means:
        """Return the means of a period, one per site and item, sorted by site and item."""
        if period.kind is PeriodKind.READING:
            return self._slice("reading", _seconds(period.start), method)
        if period.kind is PeriodKind.DAY:
            return self._slice("day", _seconds(period.start) // 86400, method)
        if period.kind is PeriodKind.MONTH:
            return self._slice("month", period.months.start, method)
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
            base = base_means(self.rows, method, single=level == "reading")
            if level == "reading":
                means = prefer(base)
            else:
                means = daily_means(base) if level == "day" else monthly_means(base, method)
            order = np.argsort(means.unit, kind="stable").astype(np.int64)
            self._made[key] = (means, order, means.unit[order])
        return self._made[key]


def _seconds(moment: datetime) -> int:
    return int(np.datetime64(moment, "s").astype(np.int64))


_TABLES: dict[tuple[str, tuple[str, ...], bool], Table] = {}


def _thresholds(rules: judge.Rules, keys: tuple[str, ...]) -> Table:
    key = (rules.standard.edition, keys, rules.rounded)
    if key not in _TABLES:
        _TABLES[key] = table(rules.standard, keys, rounded=rules.rounded)
    return _TABLES[key]


def _period_results(
    levels: _Levels,
    period: Period,
    rules: judge.Rules,
    register: Register,
    targets_of: Mapping[str, Sequence[Target]],
) -> list[SectionResult]:
    means = levels.of(period, rules.method)
    rows = levels.rows
    names = sorted(set(rows.sites) | set(register.ids))
    versions = {name: register.version(name, period) for name in names}
    ranks = _ranks(means, [versions[site] for site in rows.sites], rules)
    codes = means.series // len(means.keys)
    place = {site: code for code, site in enumerate(rows.sites)}
    results = []
    for name in names:
        code = place.get(name, -1)
        begin, end = np.searchsorted(codes, [code, code + 1]) if code >= 0 else (0, 0)
        found = _Found(means, ranks, range(int(begin), int(end)))
        if period.kind is PeriodKind.READING and not found.indices:
            continue
        case = _Case(name, period, versions[name], register.knows(name), rules)
        covering = [target for target in targets_of.get(name, ()) if target.covers(period)]
        results.append(_section(case, found, covering))
    return results


def _ranks(means: Means, versions: Sequence[Site | None], rules: judge.Rules) -> npt.NDArray[np.uint8]:
    """Return the class of each mean by the compiled kernel; 0 where it has none."""
    thresholds = _thresholds(rules, means.keys)
    offset = np.array([_table_offset(version, len(means.keys)) for version in versions], np.int64)
    site, item = means.series // len(means.keys), means.series % len(means.keys)
    row = np.where(offset[site] >= 0, offset[site] + item, -1) if site.size else site
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
        version, exact = versions[means.site(index)], means.exact(index)
        if version is not None and version.water_type is not None and exact is not None:
            rank = plain.item_class(
                rules.standard, means.item(index), exact, version.water_type, rounded=rules.rounded
            )
            ranks[index] = rank or 0
    return ranks


def _table_offset(version: Site | None, count: int) -> int:
    if version is None or version.water_type is None:
        return -1
    return list(WaterType).index(version.water_type) * count


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
    return judge.with_alternative(results, case.rules)


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
