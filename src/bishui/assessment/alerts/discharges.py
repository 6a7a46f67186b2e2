"""Discharges over their own limit: daily means at the outlets of sewage works and the points of outfalls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.alerts.findings import AlertFinding
from bishui.assessment.alerts.limits import Compared, Sought, classed_sites, limit_findings
from bishui.assessment.numbers import round_multiple
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import PeriodKind
from bishui.assessment.subjects.discharges import Discharge, judged_days
from bishui.assessment.subjects.effluent import EffluentItem
from bishui.observations.schema import Source
from bishui.standards import Direction, Rules, method

#: What a mean can be compared with; a removal rate (去除率) needs the inlet too.
_COMPARABLE = (Direction.MAX, Direction.MIN, Direction.RANGE)


def discharge_findings(
    measurements: pa.Table,
    sites: pa.Table,
    flags: pa.Table | None,
    discharges: Mapping[str, Discharge],
    *,
    moment: datetime,
    chosen: Rules,
    override: Overrides | None = None,
) -> Iterator[AlertFinding]:
    """Yield the exceedances of daily means against the discharge's own standard (GB 18918, GB 8978).

    What cannot be judged for want of a fact (ammonia between its two limits without a water temperature) is
    no exceedance.

    A sample taken by hand counts at once; automatic readings are the mean of a day when the day is over.

    Parameters
    ----------
    measurements, sites, flags
        As for `find_alerts`, with the sites' ids; no row after the moment.
    discharges
        By site id what decides the limits.
    moment
        Now.
    chosen
        Rules of ``alerts``.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    looked_at = watched(discharges, sites, chosen)
    days = max(chosen["discharge_recent_days"], chosen["run_days"])
    last, first = moment.date(), moment.date() - timedelta(days=days)
    items = [
        item
        for item in days_of(measurements, looked_at, first, last, flags=flags, override=override)
        if _over(item, moment)
    ]
    wanted = Sought(
        level=PeriodKind.DAY,
        over=True,
        near=PeriodKind.DAY.value in chosen["approaching_levels"],
        in_a_row=chosen["discharge_days_in_a_row"],
        since=moment - timedelta(days=chosen["discharge_recent_days"]),
    )
    yield from limit_findings(_series(items, looked_at, override), wanted, moment, chosen)


def watched(discharges: Mapping[str, Discharge], sites: pa.Table, chosen: Rules) -> dict[str, Discharge]:
    """Return the discharges of the kinds that the rules name; what has the limits of a class is none."""
    kinds, classed = chosen["discharge_kinds"], classed_sites(sites, chosen)
    found = zip(sites["id"].to_pylist(), sites["kind"].to_pylist(), strict=True)
    return {
        site: discharges[site]
        for site, kind in found
        if kind in kinds and site in discharges and site not in classed
    }


def days_of(
    measurements: pa.Table,
    discharges: Mapping[str, Discharge],
    first: date,
    last: date,
    *,
    flags: pa.Table | None = None,
    override: Overrides | None = None,
) -> tuple[EffluentItem, ...]:
    """Return the daily means of some discharges that have a number, in order of time, as they were judged."""
    inside = pc.is_in(measurements["site"], value_set=pa.array(sorted(discharges), pa.string()))
    rows = measurements.filter(inside)
    if not rows.num_rows:
        return ()
    found = judged_days(discharges.values(), rows, first, last, flags=flags, override=override)
    return tuple(
        sorted(
            (item for item in found if item.mean.value is not None),
            key=lambda item: (item.mean.site, item.mean.item, item.mean.period),
        )
    )


def _over(item: EffluentItem, moment: datetime) -> bool:
    """Tell whether a mean is that of the day: automatic readings go on until its end."""
    return item.mean.source != Source.AUTOMATIC.value or item.mean.period.end <= moment


def _series(
    items: Iterable[EffluentItem], discharges: Mapping[str, Discharge], override: Overrides | None
) -> list[list[Compared]]:
    found: dict[tuple[str, str], list[Compared]] = {}
    for item in items:
        value = compared_day(item, discharges[item.mean.site], override)
        if value is not None:
            found.setdefault((value.site, value.item), []).append(value)
    return list(found.values())


def compared_day(item: EffluentItem, discharge: Discharge, override: Overrides | None) -> Compared | None:
    """Return a mean beside its limit; None where it has no limit or cannot be judged."""
    judgement, mean = item.judgement, item.mean
    if judgement is None or judgement.verdict not in ("meets", "exceeds"):
        return None
    row, value = judgement.row, judgement.value
    if row is None or value is None or row.direction not in _COMPARABLE:
        return None
    day = mean.period.last_day
    decimals = method(day, override_on(override, day)).multiple_decimals
    over = judgement.multiple
    return Compared(
        site=mean.site,
        name=discharge.name,
        period=mean.period,
        item=mean.item,
        value=value,
        limit=row.limit,
        exceeds=item.exceeds,
        multiple=None if over is None else round_multiple(over, decimals),
        direction=row.direction,
        clause=row.clause,
    )
