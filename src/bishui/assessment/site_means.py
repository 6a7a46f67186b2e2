"""Means of every item of a table by site and unit of time, for the methods that do not class a section.

The table may name any item or substance of the standards; the arithmetic is that of `means`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.means import (
    PH,
    Means,
    base_means,
    daily_means,
    mean_of_months,
    monthly_means,
    prefer,
)
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.register import Register
from bishui.assessment.results import Counts, mean_text
from bishui.assessment.rows import known_items, prepare
from bishui.standards import Method

_DAY = 86400


@dataclass(frozen=True, slots=True)
class SiteMean:
    """The mean of one item at one site in one period.

    Attributes
    ----------
    site, item
        Site id and item key.
    period
        Reading, day, month or longer.
    value
        Exact, in the item's own unit; None where nothing could be used.
    detection_limit
        Largest detection limit among the rows that entered, None without one.
    source
        Source of the rows that entered.
    counts
        Rows behind it by what they were.
    """

    site: str
    item: str
    period: Period
    value: Fraction | None
    detection_limit: Decimal | None
    source: str
    counts: Counts

    @property
    def detected(self) -> bool:
        """Whether every row that entered was at or above its detection limit."""
        return not self.counts.below_detection

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "item": self.item,
            "period": self.period.label,
            "value": None if self.value is None else mean_text(self.value),
            "detection_limit": None if self.detection_limit is None else str(self.detection_limit),
            "source": self.source,
            "counts": self.counts.as_dict(),
        }


def site_means(
    measurements: pa.Table,
    flags: pa.Table | None,
    kind: Period | PeriodKind,
    method: Method,
    *,
    sites: Iterable[str] | None = None,
    wanted: Iterable[str] | None = None,
) -> tuple[SiteMean, ...]:
    """Return the means of a table, sorted by site, item and time.

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS`, in any order.
    flags
        Table of `FLAGS`; flagged rows are counted and not used.
    kind
        ``READING``, ``DAY`` or ``MONTH`` for one mean of each that the data touch; a period for the mean of
        its monthly means.
    method
        Rules of averaging: below detection, sources, least numbers.
    sites, wanted
        Only these sites, only these items.

    Raises
    ------
    DataError
        If the table lacks a column, or holds a word or a number that cannot be used.
    """
    table = _chosen(_chosen(measurements, "site", sites), "item", wanted)
    known = known_items()
    keys = (PH, *sorted({key for key in pc.unique(table["item"]).to_pylist() if key in known} - {PH}))
    rows = prepare(table, flags, method.source_priority, keys=keys)
    single = kind is PeriodKind.READING
    base = base_means(rows, method, single=single)
    if single:
        means = prefer(base)
    elif kind is PeriodKind.DAY:
        means = daily_means(base)
    else:
        means = monthly_means(base, method)
    if isinstance(kind, Period):
        means = mean_of_months(means, kind.months)
    return tuple(_site_mean(means, index, rows.sites, kind, method) for index in range(means.series.size))


def _chosen(table: pa.Table, column: str, values: Iterable[str] | None) -> pa.Table:
    if values is None:
        return table
    return table.filter(pc.is_in(table[column], value_set=pa.array(sorted(set(values)), pa.string())))


def _site_mean(
    means: Means, index: int, sites: tuple[str, ...], kind: Period | PeriodKind, method: Method
) -> SiteMean:
    key = means.item(index)
    scale, detection = known_items()[key].scale, int(means.detection[index])
    by_status = dict(zip(Counts.__slots__, means.counts[index].tolist(), strict=False))
    return SiteMean(
        site=sites[means.site(index)],
        item=key,
        period=kind if isinstance(kind, Period) else _period(kind, int(means.unit[index])),
        value=means.exact(index),
        detection_limit=Decimal(detection).scaleb(-scale) / 2 if detection >= 0 else None,
        source=method.source_priority[int(means.source[index])],
        counts=Counts(**by_status, days=int(means.days[index]), months=int(means.months[index])),
    )


@lru_cache(maxsize=4096)
def _period(kind: PeriodKind, unit: int) -> Period:
    if kind is PeriodKind.MONTH:
        return Period.month(unit // 12, unit % 12 + 1)
    moment = datetime(1970, 1, 1) + timedelta(seconds=unit if kind is PeriodKind.READING else unit * _DAY)
    return Period.reading(moment) if kind is PeriodKind.READING else Period.day(moment.date())


def by_site(means: Iterable[SiteMean]) -> Mapping[str, list[SiteMean]]:
    """Return means by site, in their order."""
    found: dict[str, list[SiteMean]] = {}
    for mean in means:
        found.setdefault(mean.site, []).append(mean)
    return found


def rows_behind(measurements: pa.Table, mean: SiteMean) -> pa.Table:
    """Return the rows of a table that a mean was made of, with those that did not enter it.

    Parameters
    ----------
    measurements
        The table that the mean was made from.
    mean
        Its site, item and period choose the rows.
    """
    first, last = (pa.scalar(moment, pa.timestamp("s")) for moment in (mean.period.start, mean.period.end))
    time = measurements["time"]
    inside = pc.and_(pc.greater_equal(time, first), pc.less_equal(time, last))
    same = pc.and_(pc.equal(measurements["site"], mean.site), pc.equal(measurements["item"], mean.item))
    return measurements.filter(pc.and_(inside, same))


def with_ids(measurements: pa.Table, sites: pa.Table) -> pa.Table:
    """Return a table whose rows name their sites by id, where the register knows the name.

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS`; a row may name its site by id or by name.
    sites
        Table of `SITES`.
    """
    aliases = Register(sites).aliases
    named = [name for name in pc.unique(measurements["site"]).to_pylist() if name in aliases]
    if not named:
        return measurements
    place = pc.index_in(measurements["site"], value_set=pa.array(named))
    ids = pa.array([aliases[name] for name in named]).take(place.combine_chunks())
    column = pc.coalesce(ids, measurements["site"].combine_chunks())
    index = measurements.schema.get_field_index("site")
    return measurements.set_column(index, measurements.schema.field(index), column)
