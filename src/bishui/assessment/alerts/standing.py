"""Whether what an alert stands on still holds: its rows are judged again by the tables as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.alerts.discharges import compared_day, days_of, watched
from bishui.assessment.alerts.findings import AlertKind
from bishui.assessment.alerts.limits import Compared, classed_sites, compared
from bishui.assessment.alerts.series import Arrivals, arrivals, longest_silence, sample_is_due, usual_gap
from bishui.assessment.assess import assess
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.site_means import with_ids
from bishui.assessment.subjects.discharges import Discharge
from bishui.observations.schema import Source
from bishui.standards import Rules, rules


class RowStands(StrEnum):
    """What became of a row: it stands, its data count no more, or they are no exceedance now."""

    STANDS = "stands"
    GONE = "gone"
    WITHIN = "within"


class Evidence(NamedTuple):
    """A row of an alert: site id, item key, and the label of its reading or period."""

    site: str
    item: str
    label: str


#: Kinds whose rows are values that can be judged again; the room of a year has none of its own.
JUDGED_AGAIN = (AlertKind.EXCEEDANCE, AlertKind.APPROACHING, AlertKind.SUDDEN_CHANGE)


def standing_rows(
    rows: Sequence[Evidence],
    measurements: pa.Table,
    sites: pa.Table,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    *,
    kind: AlertKind,
    discharges: Mapping[str, Discharge] | None = None,
    override: Overrides | None = None,
) -> tuple[RowStands, ...]:
    """Return for each row whether it still holds by the tables given.

    Parameters
    ----------
    rows
        Rows of alerts of one kind and one level; below the month, automatic readings alone count, but of
        the days of a discharge also samples.
    measurements, sites, targets, flags
        The tables of `assess`, as they are now.
    kind
        One of `JUDGED_AGAIN`: an exceedance stands while a limit is exceeded, an approach while it is near
        or exceeded, a sudden change while its reading counts.
    discharges
        As for `find_alerts`.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    periods = list(dict.fromkeys(Period.parse(row.label) for row in rows))
    tables = _Tables(with_ids(measurements, sites), sites, targets, flags, override)
    now: dict[Evidence, Compared | None] = dict(_classed(periods, tables))
    now.update(_of_discharges(periods, tables, discharges or {}))
    states = []
    for row in rows:
        period = Period.parse(row.label)
        known = Evidence(row.site, row.item, period.label)
        if known not in now:
            states.append(RowStands.GONE)
            continue
        value = now[known]
        near = _near(period, override) if kind is AlertKind.APPROACHING else None
        over = value is not None and (value.exceeds or (near is not None and value.near(near)))
        stands = kind is AlertKind.SUDDEN_CHANGE or over
        states.append(RowStands.STANDS if stands else RowStands.WITHIN)
    return tuple(states)


def gaps_look_back(first: datetime, chosen: Rules) -> datetime:
    """Return the first moment whose rows `standing_gaps` needs for rows from `first` on."""
    return first - timedelta(days=max(chosen["silent_news_days"], 31 * chosen["manual_months"]))


def standing_gaps(
    rows: Sequence[Evidence], measurements: pa.Table, sites: pa.Table, *, moment: datetime, chosen: Rules
) -> tuple[RowStands, ...]:
    """Return for each row of alerts of missing data whether the data are missing still.

    A silence that was too long stands when the station speaks again. It stands no longer when readings within
    it came in later; a month's sample, when it came in. What nothing is known of any more is gone.

    Parameters
    ----------
    rows
        Since when a station is silent, or the month whose sample is missing.
    measurements, sites
        The tables of `assess`, from `gaps_look_back` on.
    moment
        Now.
    chosen
        Rules of ``alerts``.
    """
    found = arrivals(with_ids(measurements, sites))
    return tuple(_gap_stands(row, found.get(row.site), moment, chosen) for row in rows)


def _gap_stands(row: Evidence, found: Arrivals | None, moment: datetime, chosen: Rules) -> RowStands:
    if found is None:
        return RowStands.GONE
    period = Period.parse(row.label)
    if period.kind is PeriodKind.MONTH:
        start, last = period.start.date(), period.last_day
        if not sample_is_due(found, start.year * 12 + start.month - 1, chosen):
            return RowStands.GONE
        return RowStands.WITHIN if _sampled(found, start, last) else RowStands.STANDS
    gap = usual_gap(found)
    if gap is None:
        return RowStands.GONE
    later = next((time for time in found.automatic if time > period.start), moment)
    return RowStands.STANDS if later - period.start > longest_silence(gap, chosen) else RowStands.WITHIN


def _sampled(found: Arrivals, first: date, last: date) -> bool:
    return any(first <= time.date() <= last for time in found.manual)


class _Tables(NamedTuple):
    """What the rows are judged again by."""

    measurements: pa.Table
    sites: pa.Table
    targets: pa.Table | None
    flags: pa.Table | None
    override: Overrides | None


def _classed(periods: Sequence[Period], tables: _Tables) -> Iterator[tuple[Evidence, Compared | None]]:
    """Yield every mean there is, with its limit where its site has the limits of a class."""
    table, sites, targets, flags, override = tables
    if any(period.kind is not PeriodKind.MONTH for period in periods):
        table = table.filter(pc.equal(table["source"], Source.AUTOMATIC.value))
    if not table.num_rows or not periods:
        return
    found = list(assess(table, sites, targets, flags, period=periods, override=override))
    for result in found:
        for entry in result.items.values():
            if entry.compared is not None:
                yield Evidence(result.site, entry.item, result.period.label), None
    limited = {period: classed_sites(sites, _rules(period, override)) for period in periods}
    for series in compared(found).values():
        for value in series:
            if value.site in limited[value.period]:
                yield Evidence(value.site, value.item, value.period.label), value


def _of_discharges(
    periods: Sequence[Period], tables: _Tables, discharges: Mapping[str, Discharge]
) -> Iterator[tuple[Evidence, Compared | None]]:
    """Yield the daily means of discharges, with their own limit where they have one."""
    days = [period.last_day for period in periods if period.kind is PeriodKind.DAY]
    if not days or not discharges:
        return
    first, last, override = min(days), max(days), tables.override
    looked_at = watched(discharges, tables.sites, _rules(Period.day(last), override))
    found = days_of(tables.measurements, looked_at, first, last, flags=tables.flags, override=override)
    for item in found:
        mean = item.mean
        value = compared_day(item, looked_at[mean.site], override)
        yield Evidence(mean.site, mean.item, mean.period.label), value


def _near(period: Period, override: Overrides | None) -> int:
    percent: int = _rules(period, override)["approaching_percent"]
    return percent


def _rules(period: Period, override: Overrides | None) -> Rules:
    day = period.last_day
    return rules("alerts", day, override_on(override, day))
