"""Against a station's own past: sudden changes, silence, and the manual sample that is not there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import lcm
from statistics import median
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.alerts.findings import AlertFinding, AlertKind, AlertRow, item_name, runs, unit_of
from bishui.assessment.numbers import round_half_even, shown
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.site_means import SiteMean
from bishui.i18n import Text
from bishui.observations.schema import Source
from bishui.standards import Rules

#: A normal distribution's standard deviation is so many median absolute deviations.
_ROBUST = Fraction(14826, 10000)


class _Reading(NamedTuple):
    """A reading beside the median of those before it; None where these were too few."""

    mean: SiteMean
    value: Fraction
    usual: Fraction | None
    sudden: bool


def sudden_changes(
    readings: Iterable[SiteMean], names: Mapping[str, str], since: datetime, chosen: Rules
) -> Iterator[AlertFinding]:
    """Yield the runs of readings far from the station's own recent median.

    Parameters
    ----------
    readings
        Automatic readings, with those of ``sudden_days`` before `since`.
    names
        Names of the sites by id.
    since
        Readings from this moment on are looked at.
    chosen
        Rules of ``alerts``.
    """
    by_series: dict[tuple[str, str], list[SiteMean]] = {}
    for reading in readings:
        if reading.item in chosen["sudden_items"] and reading.value is not None:
            by_series.setdefault((reading.site, reading.item), []).append(reading)
    for (site, item), series in by_series.items():
        series.sort(key=lambda reading: reading.period.start)
        judged = _judged(series, since, chosen)
        for run in runs(judged, lambda reading: reading.sudden):
            if len(run) >= chosen["sudden_in_a_row"]:
                yield _sudden(site, names.get(site, site), item, run, chosen)


def _judged(series: Sequence[SiteMean], since: datetime, chosen: Rules) -> list[_Reading]:
    times = [reading.period.start for reading in series]
    values = [reading.value for reading in series if reading.value is not None]
    scale = lcm(*(value.denominator for value in values))
    wholes = [value.numerator * (scale // value.denominator) for value in values]
    window = timedelta(days=chosen["sudden_days"])
    found = []
    for index in range(bisect_left(times, since), len(series)):
        before = wholes[bisect_left(times, times[index] - window) : index]
        value, past = values[index], None
        if len(before) >= chosen["sudden_least"]:
            past = _Past(sorted(before), scale)
        sudden = past is not None and _is_sudden(series[index].item, value, past, chosen)
        found.append(_Reading(series[index], value, past.median if past else None, sudden))
    return found


class _Past(NamedTuple):
    """Values in order, as whole multiples of one part in `scale`: exact, and quickly sorted."""

    values: Sequence[int]
    scale: int

    @property
    def median(self) -> Fraction:
        """The median."""
        return Fraction(_twice_median(self.values), 2 * self.scale)

    @property
    def spread(self) -> Fraction:
        """The standard deviation that the median absolute deviation stands for."""
        middle = _twice_median(self.values)
        distances = sorted(abs(2 * value - middle) for value in self.values)
        return _ROBUST * Fraction(_twice_median(distances), 4 * self.scale)


def _twice_median(ordered: Sequence[int]) -> int:
    return ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]


def _is_sudden(item: str, value: Fraction, past: _Past, chosen: Rules) -> bool:
    usual = past.median
    distance = abs(value - usual)
    absolute = dict(chosen["sudden_absolute"])
    least = Fraction(absolute[item]) if item in absolute else usual * Fraction(chosen["sudden_percent"], 100)
    if distance == 0 or distance < least:
        return False
    return distance >= past.spread * Fraction(chosen["sudden_deviations"])


def _sudden(site: str, name: str, item: str, run: Sequence[_Reading], chosen: Rules) -> AlertFinding:
    last = run[-1]
    usual = last.usual or Fraction(0)
    return AlertFinding(
        kind=AlertKind.SUDDEN_CHANGE,
        level=PeriodKind.READING,
        site=site,
        name=name,
        item=item,
        last=last.mean.period.end,
        rows=tuple(
            AlertRow(
                site,
                item,
                entry.mean.period.start,
                entry.mean.period.label,
                shown(entry.value),
                None if entry.usual is None else shown(entry.usual),
                _change(entry),
            )
            for entry in run
        ),
        text=Text(
            "{name}：{item}突变，{when} 为 {value}{unit}，此前中位数 {usual}",
            name=name,
            item=item_name(item),
            when=last.mean.period.label,
            value=f"{shown(last.value):f}",
            usual=f"{shown(usual):f}",
            unit=unit_of(item),
        ),
        rules=chosen,
    )


def _change(entry: _Reading) -> Decimal | None:
    return round_half_even(entry.value / entry.usual - 1, 2) if entry.usual else None


class Arrivals(NamedTuple):
    """The moments at which a site had a number, in order, by source."""

    automatic: list[datetime]
    manual: list[datetime]


def missing_data(
    measurements: pa.Table, sites: pa.Table, moment: datetime, chosen: Rules
) -> Iterator[AlertFinding]:
    """Yield the stations silent longer than is usual for them, and manual samples that are not there.

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS` with site ids, up to `moment`.
    sites
        Table of `SITES`: a site that is not valid at `moment` owes nothing.
    moment
        Now.
    chosen
        Rules of ``alerts``.
    """
    found_at = arrivals(measurements)
    for site in sites.to_pylist():
        found = found_at.get(site["id"])
        if found is None or not _valid(site, moment.date()):
            continue
        for finding in (_silence(site, found, moment, chosen), _no_sample(site, found, moment, chosen)):
            if finding is not None:
                yield finding


def arrivals(measurements: pa.Table) -> dict[str, Arrivals]:
    """Return by site when it had a number; a published class is none."""
    held = measurements.filter(
        pc.and_(
            pc.is_in(measurements["mark"], value_set=pa.array(["measured", "below_detection"])),
            pc.not_equal(measurements["item"], "published_class"),
        )
    )
    moments = held.group_by(["site", "time", "source"]).aggregate([])
    found: dict[str, Arrivals] = {}
    for site, time, source in zip(
        *(moments[name].to_pylist() for name in ("site", "time", "source")), strict=True
    ):
        entry = found.setdefault(site, Arrivals([], []))
        (entry.automatic if source == Source.AUTOMATIC else entry.manual).append(time)
    for entry in found.values():
        entry.automatic.sort()
        entry.manual.sort()
    return found


def _valid(site: Mapping[str, Any], day: date) -> bool:
    first, last = site["valid_from"], site["valid_to"]
    return (first is None or first <= day) and (last is None or day <= last)


def usual_gap(found: Arrivals) -> timedelta | None:
    """Return the usual gap between a station's automatic readings, their median; None for fewer than two."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(found.automatic)]
    return timedelta(seconds=median(gaps)) if gaps else None


def longest_silence(gap: timedelta, chosen: Rules) -> timedelta:
    """Return how long a station with a usual gap may be silent without being an alert."""
    hours, gaps = int(chosen["silent_hours"]), int(chosen["silent_gaps"])
    return max(timedelta(hours=hours), gap * gaps)


def sample_is_due(found: Arrivals, month: int, chosen: Rules) -> bool:
    """Tell whether a sample is due in a month (year × 12 + month − 1): each of those before it has one."""
    sampled = {_month(time) for time in found.manual}
    return all(month - back in sampled for back in range(1, chosen["manual_months"] + 1))


def _month(time: datetime) -> int:
    return time.year * 12 + time.month - 1


def _silence(
    site: Mapping[str, Any], found: Arrivals, moment: datetime, chosen: Rules
) -> AlertFinding | None:
    times, gap = found.automatic, usual_gap(found)
    if gap is None:
        return None
    wait = longest_silence(gap, chosen)
    quiet = moment - times[-1]
    if quiet <= wait or quiet > timedelta(days=chosen["silent_news_days"]):
        return None
    since = f"{times[-1]:%Y-%m-%d %H:%M}"
    text = Text(
        "{name}：自动站自 {since} 起停报，已 {hours} 小时（平常每 {gap} 小时一次）",
        name=site["name"],
        since=since,
        hours=int(quiet / timedelta(hours=1)),
        gap=f"{gap / timedelta(hours=1):g}",
    )
    return _missing(AlertRow(site["id"], "", times[-1], since), site["name"], text, moment, chosen)


def _no_sample(
    site: Mapping[str, Any], found: Arrivals, moment: datetime, chosen: Rules
) -> AlertFinding | None:
    if moment.day < chosen["manual_due_day"]:
        return None
    this = _month(moment)
    if this in {_month(time) for time in found.manual} or not sample_is_due(found, this, chosen):
        return None
    text = Text(
        "{name}：{month} 应有的手工监测数据未到，上次采样 {last}",
        name=site["name"],
        month=f"{moment:%Y-%m}",
        last=f"{found.manual[-1]:%Y-%m-%d}",
    )
    due = Period.month(moment.year, moment.month)
    row = AlertRow(site["id"], "", due.start, due.label)
    return _missing(row, site["name"], text, moment, chosen, level=PeriodKind.MONTH)


def _missing(
    row: AlertRow,
    name: str,
    text: Text,
    moment: datetime,
    chosen: Rules,
    *,
    level: PeriodKind | None = None,
) -> AlertFinding:
    return AlertFinding(
        kind=AlertKind.MISSING_DATA,
        level=level,
        site=row.site,
        name=name,
        item="",
        last=moment,
        rows=(row,),
        text=text,
        rules=chosen,
    )
