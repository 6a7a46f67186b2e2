"""Kept means of a city: rows, sums of days, means of months; a change renews only the groups it touches."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bishui.assessment import kernels
from bishui.assessment.means import Means, average, base_means, monthly_means
from bishui.assessment.rows import Rows, apply_flags
from bishui.assessment.whatif.changes import FlagChange
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.observations.schema import FLAGS
from bishui.standards import Method

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_DAY = 86400
#: More months than any series of readings has.
_MONTHS = 1 << 20

#: The settings of a method that means depend on; all others only judge.
MEANS_SETTINGS = (
    "below_detection_concentration",
    "min_valid_per_day",
    "min_valid_days_per_month",
    "source_priority",
)


def means_key(method: Method) -> tuple[Any, ...]:
    """Return what means depend on: editions that agree in it share their means."""
    return tuple(getattr(method, name) for name in MEANS_SETTINGS)


@dataclass(frozen=True, slots=True)
class Level:
    """Everything between the rows and the months, by one way of averaging.

    Attributes
    ----------
    rows
        Rows with the flags applied.
    given
        Their status before any flag.
    base
        Sums per day, or per sampling time of manual samples.
    begins
        First row of each of these, and the number of rows at the end.
    months
        Monthly means, sorted by series and month.
    month
        Place in `months` of each base group.
    method
        A method that averages so.
    """

    rows: Rows
    given: npt.NDArray[np.uint8]
    base: Means
    begins: Ints
    months: Means
    month: Ints
    method: Method

    @classmethod
    def build(cls, rows: Rows, flags: pa.Table | None, method: Method) -> Level:
        """Average rows that carry no flag yet."""
        flagged = dataclasses.replace(rows, status=rows.status.copy())
        apply_flags(flagged, flags)
        base = base_means(flagged, method)
        lengths = base.counts.sum(axis=1, dtype=np.int64)
        begins = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        months = monthly_means(base, method)
        month = np.searchsorted(_key(months), base.series * _MONTHS + _month_of(base.unit))
        return cls(flagged, rows.status, base, begins, months, month, method)

    def rebuilt(self, flags: pa.Table | None, method: Method) -> Level:
        """Average the same rows from the beginning: with other flags, or by another method."""
        rows = dataclasses.replace(self.rows, status=self.given)
        codes = _source_codes(self, method)
        if codes is not None:
            source = codes[rows.source]
            order = np.lexsort((rows.second, source, rows.item, rows.site))
            rows = _in_order(dataclasses.replace(rows, source=source), order)
        return Level.build(rows, flags, method)

    def rows_of(self, groups: Ints) -> Ints:
        """Return the places of the rows of some base groups, in order."""
        lengths = self.begins[groups + 1] - self.begins[groups]
        ends = np.cumsum(lengths)
        return np.repeat(self.begins[groups] - ends + lengths, lengths) + np.arange(int(lengths.sum()))

    def groups_of(self, change: FlagChange) -> Ints:
        """Return the base groups of the days that a flag covers."""
        if change.site not in self.rows.sites:
            return np.empty(0, np.int64)
        keys = self.rows.keys
        if change.item is not None and change.item not in keys:
            return np.empty(0, np.int64)
        code = self.rows.sites.index(change.site) * len(keys)
        first = code if change.item is None else code + keys.index(change.item)
        last = code + len(keys) if change.item is None else first + 1
        begin, end = np.searchsorted(self.base.series, [first, last])
        days = self.base.unit[begin:end]
        span = [
            int(np.datetime64(t, "s").astype(np.int64)) // _DAY for t in (change.time_from, change.time_to)
        ]
        return int(begin) + np.flatnonzero((days >= span[0]) & (days <= span[1]))


@dataclass(frozen=True, slots=True)
class Renewed:
    """Monthly means after a change, and the places among them that were made anew."""

    months: Means
    places: Ints


def flagged(level: Level, changes: Iterable[FlagChange], flags: Sequence[Mapping[str, Any]]) -> Renewed:
    """Sum the days that flags touch anew, and average their months.

    Parameters
    ----------
    level
        What is kept.
    changes
        The flags that are set or taken back.
    flags
        All flags after the change.
    """
    given = list(changes)
    groups = np.unique(np.concatenate([level.groups_of(change) for change in given]))
    rows = _some_rows(level, groups, level.given)
    sites = {change.site for change in given}
    here = [dict(row) for row in flags if row["site"] in sites]
    apply_flags(rows, pa.Table.from_pylist(here, schema=FLAGS))
    return _renewed(level, groups, rows, level.method)


def averaged_by(level: Level, method: Method) -> Renewed:
    """Average by another method, anew only where its settings make a difference.

    Raises
    ------
    CallError
        If the new priority of sources lacks one that the data have.
    """
    groups = np.flatnonzero(_touched_sums(level, method))
    rows = _some_rows(level, groups, level.rows.status)
    codes = _source_codes(level, method)
    if codes is not None:
        rows = dataclasses.replace(rows, source=codes[rows.source])
    return _renewed(level, groups, rows, method, codes=codes, further=_touched_months(level, method))


def _some_rows(level: Level, groups: Ints, status: npt.NDArray[np.uint8]) -> Rows:
    chosen = level.rows_of(groups)
    rows = _in_order(level.rows, chosen)
    return dataclasses.replace(rows, status=status[chosen])


def _in_order(rows: Rows, order: Ints) -> Rows:
    """Return some rows in the given order."""
    columns = ("site", "item", "source", "second", "value", "status", "index")
    return Rows(rows.sites, rows.keys, **{name: getattr(rows, name)[order] for name in columns})


def _touched_sums(level: Level, method: Method) -> Bools:
    """Tell which sums differ by the new method: those with results below detection, or of too few results."""
    base, old = level.base, level.method
    touched = np.zeros(base.series.size, bool)
    if method.below_detection_concentration != old.below_detection_concentration:
        touched |= base.counts[:, kernels.USED_BELOW] > 0
    if method.min_valid_per_day != old.min_valid_per_day:
        used = base.counts[:, : kernels.NO_READING].sum(axis=1)
        fewer = (used >= max(1, method.min_valid_per_day)) != (used >= max(1, old.min_valid_per_day))
        touched |= fewer & (base.source != old.source_priority.index("manual"))
    return touched


def _touched_months(level: Level, method: Method) -> Ints:
    """Return base groups of the months whose source or least number of days is decided otherwise.

    Months of manual samples need no number of days; see `means.valid_months`.
    """
    base, old = level.base, level.method
    touched = np.zeros(base.series.size, bool)
    if method.min_valid_days_per_month != old.min_valid_days_per_month:
        starts = _runs(base.series, base.source, level.month)
        days = np.add.reduceat(base.days, starts) if starts.size else starts
        least = (max(1, method.min_valid_days_per_month), max(1, old.min_valid_days_per_month))
        differ = (days >= least[0]) != (days >= least[1])
        differ &= base.source[starts] != old.source_priority.index("manual")
        touched |= np.repeat(differ, np.diff(np.append(starts, base.series.size)))
    if method.source_priority != old.source_priority:
        starts = _runs(base.series)
        for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), base.series.size], strict=True):
            if base.source[begin] != base.source[end - 1]:
                touched[begin:end] = True
    return np.flatnonzero(touched)


def _runs(*columns: Ints) -> Ints:
    """Return where runs of equal values in all columns begin."""
    changed = np.ones(columns[0].size, bool)
    if changed.size:
        changed[1:] = False
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed)


def _month_of(days: Ints) -> Ints:
    by_month = (np.datetime64(0, "D") + days.astype("timedelta64[D]")).astype("datetime64[M]")
    return by_month.astype(np.int64) + 1970 * 12


def _source_codes(level: Level, method: Method) -> Ints | None:
    """Return the new place of each source by its old one; None where the priority stays."""
    old, new = level.method.source_priority, method.source_priority
    if old == new:
        return None
    there = {old[code] for code in np.unique(level.base.source).tolist()}
    if missing := sorted(there - set(new)):
        raise CallError(
            Text("数据来源“{source}”不在新的优先次序里。", source="、".join(missing)),
            remedy=Text("请把所有来源写进 source_priority：{sources}。", sources="、".join(old)),
        )
    return np.array([new.index(source) if source in new else -1 for source in old], np.int64)


def _renewed(
    level: Level,
    groups: Ints,
    rows: Rows,
    method: Method,
    *,
    codes: Ints | None = None,
    further: Ints | None = None,
) -> Renewed:
    """Put new sums in the place of the old ones and average the months that they belong to."""
    part = base_means(rows, method) if groups.size else level.base.take(groups)
    touched = groups if further is None else np.concatenate([groups, further])
    if not touched.size:
        return Renewed(level.months, touched)
    months = np.zeros(level.months.series.size, bool)
    months[level.month[touched]] = True
    members = np.flatnonzero(months[level.month])
    base = level.base if members.size == level.month.size else level.base.take(members)
    if groups.size:
        base = replaced(base, np.searchsorted(members, groups), part)
    if codes is not None:
        source = np.where(np.isin(members, groups), base.source, codes[base.source])
        base = dataclasses.replace(base, source=source)
        base = base.take(np.lexsort((base.unit, base.source, base.series)))
    places = np.flatnonzero(months)
    return Renewed(replaced(level.months, places, monthly_means(base, method)), places)


def _key(months: Means) -> Ints:
    return months.series * _MONTHS + months.unit


def replaced(means: Means, places: Ints, part: Means) -> Means:
    """Return means with some of them replaced by others of the same series and unit."""
    arrays = {}
    for field in dataclasses.fields(means):
        given = getattr(means, field.name)
        if isinstance(given, np.ndarray):
            given = given.copy()
            given[places] = getattr(part, field.name)
            arrays[field.name] = given
    gone = set(places.tolist()) if means.wide else set()
    wide = {place: exact for place, exact in means.wide.items() if place not in gone}
    wide |= {int(places[index]): exact for index, exact in part.wide.items()}
    return Means(means.keys, **arrays, wide=wide)


def by_year(months: Means) -> Means:
    """Return the means of the monthly means of each calendar year, whatever their source."""
    one_source = dataclasses.replace(months, source=np.zeros_like(months.source))
    return average(one_source, months.unit // 12)


def years_of(months: Means, places: Ints) -> Means:
    """Return the yearly means that some months belong to."""
    year = months.series * _MONTHS + months.unit // 12
    wanted = np.unique(year[places])
    if not wanted.size:
        return by_year(months.take(places))
    near = np.minimum(np.searchsorted(wanted, year), wanted.size - 1)
    return by_year(months.take(np.flatnonzero(wanted[near] == year)))
