"""Alerts (预警): what a person should look at now, from the four tables and a moment.

Exceedance, approaching, sudden change, missing data, and several stations at once. Nothing is kept here: the
same tables and the same moment give the same findings with the same keys, so that none need be made twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.alerts.discharges import discharge_findings
from bishui.assessment.alerts.findings import AlertFinding, AlertKind, item_name
from bishui.assessment.alerts.limits import classed_sites, compared, limit_findings, room_findings, sought
from bishui.assessment.alerts.series import missing_data, sudden_changes
from bishui.assessment.assess import assess
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.results import Assessment, SectionResult
from bishui.assessment.room.left import room_left
from bishui.assessment.site_means import site_means, with_ids
from bishui.assessment.subjects.discharges import Discharge
from bishui.i18n import Text
from bishui.observations.schema import Source
from bishui.standards import Method, Rules, rules
from bishui.standards import method as method_on

_RULES = "alerts"
#: Kinds of which several at once are one event; what approaches its limit is not.
_TOGETHER = (AlertKind.EXCEEDANCE, AlertKind.SUDDEN_CHANGE, AlertKind.MISSING_DATA)


def alerts_look_back(
    moment: datetime, chosen: Rules | None = None, *, override: Overrides | None = None
) -> datetime:
    """Return the first moment whose rows `find_alerts` needs: the year, and what each rule looks back."""
    chosen = chosen or rules(_RULES, moment.date(), override_on(override, moment.date()))
    months = max(chosen["run_months"] - 1, chosen["manual_months"])
    days = max(
        chosen["run_days"],
        chosen["recent_days"] + chosen["sudden_days"],
        chosen["silent_news_days"],
        chosen["discharge_recent_days"] + 1,
    )
    earliest = min(_month_before(moment.date(), months), date(moment.year, 1, 1))
    return min(_midnight(earliest), moment - timedelta(days=days))


def _month_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def find_alerts(
    measurements: pa.Table,
    sites: pa.Table,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    *,
    moment: datetime,
    places: Mapping[str, Sequence[str]] | None = None,
    discharges: Mapping[str, Discharge] | None = None,
    chosen: Rules | None = None,
    method: Method | None = None,
    override: Overrides | None = None,
) -> tuple[AlertFinding, ...]:
    """Return what a person should look at, those of several stations first.

    Parameters
    ----------
    measurements, sites, targets, flags
        Tables of `observations.schema`; flagged rows count neither as exceeding nor as usual. Without a
        target the limit is that of class III; inlets have no limit at all.
    moment
        Now; rows after it do not count.
    places
        By site id the names of the water and the county it belongs to: where several stations of one of them
        have the same at once, this is one finding with those of the stations as members.
    discharges
        By site id what decides the limits of an outlet or of an outfall's sampling point: its daily means,
        automatic or by hand, are compared with its own standard.
    chosen
        Rules of ``alerts``; without it those in force at the moment.
    method
        How means of surface water are made; without it the edition of each period.
    override
        A bureau's own limits and settings, as `assess` takes them.

    Raises
    ------
    DataError
        If a table lacks a column, or holds a word or a number that cannot be used.
    """
    chosen = chosen or rules(_RULES, moment.date(), override_on(override, moment.date()))
    table = _until(with_ids(measurements, sites), moment)
    if not table.num_rows:
        return ()
    given = _Given(table, sites, targets, flags, moment, chosen, method, override, discharges or {})
    singles = [
        *_automatic_levels(given),
        *_months(given),
        *_room(given),
        *_discharges(given),
        *_changes(given),
        *missing_data(table, sites, moment, chosen),
    ]
    singles.sort(key=lambda finding: (finding.kind, finding.first, finding.site, finding.item))
    return (*several_stations(singles, places or {}, chosen), *singles)


class _Given(NamedTuple):
    """What the findings are looked for in."""

    table: pa.Table
    sites: pa.Table
    targets: pa.Table | None
    flags: pa.Table | None
    moment: datetime
    rules: Rules
    method: Method | None
    override: Overrides | None
    discharges: Mapping[str, Discharge]

    @property
    def classed(self) -> set[str]:
        """The sites whose values have a limit here: sewage has its own standards."""
        return classed_sites(self.sites, self.rules)

    def since(self, moment: datetime) -> pa.Table:
        """Return the rows from a moment on."""
        times = self.table["time"].cast(pa.timestamp("s"))
        return self.table.filter(pc.greater_equal(times, pa.scalar(moment, pa.timestamp("s"))))

    def automatic(self, since: datetime) -> pa.Table:
        """Return the automatic readings from a moment on."""
        rows = self.since(since)
        return rows.filter(pc.equal(rows["source"], Source.AUTOMATIC.value))

    def judged(self, rows: pa.Table, levels: PeriodKind | Sequence[Period]) -> Assessment:
        """Return the results of the rows of sites that the classes of surface water are for."""
        return assess(
            rows.filter(pc.is_in(rows["site"], value_set=pa.array(sorted(self.classed), pa.string()))),
            self.sites,
            self.targets,
            self.flags,
            period=levels,
            method=self.method,
            override=self.override,
        )


def _until(measurements: pa.Table, moment: datetime) -> pa.Table:
    times = measurements["time"].cast(pa.timestamp("s"))
    return measurements.filter(pc.less_equal(times, pa.scalar(moment, pa.timestamp("s"))))


def _automatic_levels(given: _Given) -> Iterator[AlertFinding]:
    asked = {*given.rules["levels"], *given.rules["approaching_levels"]}
    for level in (PeriodKind.READING, PeriodKind.DAY):
        if level.value in asked:
            wanted = sought(level, given.moment, given.rules)
            series = compared(_recent(given, level)).values()
            yield from limit_findings(series, wanted, given.moment, given.rules)


def _recent(given: _Given, level: PeriodKind) -> list[SectionResult]:
    """Return the results of the recent days; of stations over a limit those of the days before them too."""
    results = list(_judged_days(given, level, given.rules["recent_days"]))
    over = {site for (site, _), values in compared(results).items() if any(value.exceeds for value in values)}
    if not over:
        return results
    longer = _judged_days(given, level, given.rules["run_days"], over)
    return [*(result for result in results if result.site not in over), *longer]


def _judged_days(
    given: _Given, level: PeriodKind, days: int, only: Collection[str] | None = None
) -> Iterable[SectionResult]:
    first = given.moment - timedelta(days=days)
    # A day is only looked at as a whole.
    rows = given.automatic(first if level is PeriodKind.READING else _midnight(first.date()))
    if only is not None:
        rows = rows.filter(pc.is_in(rows["site"], value_set=pa.array(sorted(only), pa.string())))
    if not rows.num_rows:
        return ()
    return [result for result in given.judged(rows, level) if only is None or result.site in only]


def _months(given: _Given) -> Iterator[AlertFinding]:
    if PeriodKind.MONTH.value not in {*given.rules["levels"], *given.rules["approaching_levels"]}:
        return
    today = given.moment.date()
    firsts = [_month_before(today, back) for back in range(given.rules["run_months"])]
    rows = given.since(_midnight(firsts[-1]))
    if rows.num_rows:
        results = given.judged(rows, [Period.month(day.year, day.month) for day in firsts])
        wanted = sought(PeriodKind.MONTH, given.moment, given.rules)
        yield from limit_findings(compared(results).values(), wanted, given.moment, given.rules)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _room(given: _Given) -> Iterator[AlertFinding]:
    # Earlier years would only serve the estimate of chances, which is not asked for.
    rows = given.since(datetime(given.moment.year, 1, 1))
    if rows.num_rows and given.targets is not None and given.targets.num_rows:
        on = given.moment.date()
        tables = (rows, given.sites, given.targets, given.flags)
        left = room_left(*tables, on=on, method=given.method, override=given.override)
        yield from room_findings(left, given.moment, given.rules)


def _discharges(given: _Given) -> Iterator[AlertFinding]:
    return discharge_findings(
        given.table,
        given.sites,
        given.flags,
        given.discharges,
        moment=given.moment,
        chosen=given.rules,
        override=given.override,
    )


def _changes(given: _Given) -> Iterator[AlertFinding]:
    since = given.moment - timedelta(days=given.rules["recent_days"])
    rows = given.automatic(since - timedelta(days=given.rules["sudden_days"]))
    if not rows.num_rows:
        return
    day, wanted = given.moment.date(), given.rules["sudden_items"]
    method = given.method or method_on(day, override_on(given.override, day))
    readings = site_means(rows, given.flags, PeriodKind.READING, method, wanted=wanted)
    names = dict(zip(given.sites["id"].to_pylist(), given.sites["name"].to_pylist(), strict=True))
    yield from sudden_changes(readings, names, since, given.rules)


def several_stations(
    findings: Iterable[AlertFinding], places: Mapping[str, Sequence[str]], chosen: Rules
) -> Iterator[AlertFinding]:
    """Yield one finding for each water or county where several stations have the same within a window.

    Parameters
    ----------
    findings
        Findings of single stations.
    places
        Names of the water and the county of each site, in the order in which they are tried.
    chosen
        Rules of ``alerts``.
    """
    alike: dict[tuple[str, AlertKind, PeriodKind | None, str], list[AlertFinding]] = {}
    for finding in sorted(findings, key=lambda finding: finding.first):
        if finding.kind in _TOGETHER:
            for place in filter(None, dict.fromkeys(places.get(finding.site, ()))):
                alike.setdefault((place, finding.kind, finding.level, finding.item), []).append(finding)
    taken: set[frozenset[str]] = set()
    for (place, *_), found in alike.items():
        for members in _clusters(found, timedelta(hours=chosen["several_hours"])):
            keys = frozenset(member.key for member in members)
            enough = len({member.site for member in members}) >= chosen["several_least"]
            # A water and a county with the same stations are one event.
            if enough and not any(keys <= other for other in taken):
                taken.add(keys)
                yield _together(place, members, chosen)


def _clusters(found: Sequence[AlertFinding], window: timedelta) -> Iterator[list[AlertFinding]]:
    """Yield findings, in order of their beginning, in stretches that begin within a window."""
    cluster: list[AlertFinding] = []
    for finding in found:
        if cluster and finding.first - cluster[0].first > window:
            yield cluster
            cluster = []
        cluster.append(finding)
    if cluster:
        yield cluster


def _together(place: str, members: Sequence[AlertFinding], chosen: Rules) -> AlertFinding:
    one = members[0]
    names = "、".join(dict.fromkeys(member.name for member in members))
    text = Text(
        "{place}：{count} 个站点同时{item}{kind}（{names}）",
        place=place,
        count=len({member.site for member in members}),
        item=item_name(one.item),
        kind=one.kind.text,
        names=names,
    )
    rows = sorted((row for member in members for row in member.rows), key=lambda row: (row.at, row.site))
    return AlertFinding(
        kind=AlertKind.SEVERAL_STATIONS,
        level=one.level,
        site=place,
        name=place,
        item=one.item,
        last=max(member.last for member in members),
        rows=tuple(rows),
        text=text,
        rules=chosen,
        of_kind=one.kind,
        members=tuple(members),
    )
