"""Whether what an alert stands on still holds: its rows are judged again by the tables as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.alerts.findings import AlertKind
from bishui.assessment.alerts.limits import compared
from bishui.assessment.assess import assess
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.results import SectionResult
from bishui.assessment.site_means import with_ids
from bishui.observations.schema import Source
from bishui.standards import rules


class RowStands(StrEnum):
    """What became of a row: it stands, its data count no more, or they keep the limit now."""

    STANDS = "stands"
    GONE = "gone"
    WITHIN = "within"


class Evidence(NamedTuple):
    """A row of an alert: site id, item key, and the label of its reading or period."""

    site: str
    item: str
    label: str


#: Kinds whose rows can be judged again; silence and the room of a year have none of their own.
JUDGED_AGAIN = (AlertKind.EXCEEDANCE, AlertKind.APPROACHING, AlertKind.SUDDEN_CHANGE)


def standing_rows(
    rows: Sequence[Evidence],
    measurements: pa.Table,
    sites: pa.Table,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    *,
    kind: AlertKind,
    override: Overrides | None = None,
) -> tuple[RowStands, ...]:
    """Return for each row whether it still holds by the tables given.

    Parameters
    ----------
    rows
        Rows of alerts of one kind and one level; below the month, automatic readings alone count.
    measurements, sites, targets, flags
        The tables of `assess`, as they are now.
    kind
        One of `JUDGED_AGAIN`: an exceedance stands while a limit is exceeded, an approach while it is near
        or exceeded, a sudden change while its reading counts.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    periods = list(dict.fromkeys(Period.parse(row.label) for row in rows))
    table = with_ids(measurements, sites)
    if any(period.kind is not PeriodKind.MONTH for period in periods):
        table = table.filter(pc.equal(table["source"], Source.AUTOMATIC.value))
    found: list[SectionResult] = []
    if table.num_rows and periods:
        found = list(assess(table, sites, targets, flags, period=periods, override=override))
    by_place = {(result.site, result.period.label): result for result in found}
    values = {
        (value.site, value.item, value.period.label): value
        for series in compared(found).values()
        for value in series
    }
    states = []
    for row in rows:
        result = by_place.get((row.site, Period.parse(row.label).label))
        entry = result.items.get(row.item) if result is not None else None
        if result is None or entry is None or entry.compared is None:
            states.append(RowStands.GONE)
            continue
        value = values.get((row.site, row.item, result.period.label))
        near = _near(result.period, override) if kind is AlertKind.APPROACHING else None
        over = value is not None and (value.exceeds or (near is not None and value.near(near)))
        stands = kind is AlertKind.SUDDEN_CHANGE or over
        states.append(RowStands.STANDS if stands else RowStands.WITHIN)
    return tuple(states)


def _near(period: Period, override: Overrides | None) -> int:
    day = period.last_day
    percent: int = rules("alerts", day, override_on(override, day))["approaching_percent"]
    return percent
