"""Measurements as sums of groups, batch by batch: what a province holds is never in memory as rows.

Batches come from a table or from the store. Of rows that several imports bring for one site, time, item and
source only those count that the store lets count; they are looked up only where imports lie over one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bishui.assessment import kernels, kernels_groups, kernels_rows, whole_months
from bishui.assessment.groups import Groups, Laid, in_order, own, room, written
from bishui.assessment.kernels_days import DAY
from bishui.assessment.means import BELOW, PH, Means, joined, monthly_means, ph_unit, valid_months
from bishui.assessment.rows import (
    FLAG_STATUS,
    MARK_STATUS,
    NOT_AVERAGED,
    check_columns,
    decimal_words,
    flag_fault,
    item_keys,
    known_items,
    unknown_word,
    value_fault,
)
from bishui.observations import Selection
from bishui.observations.schema import VALUE_SCALE, Mark
from bishui.standards import Method, items

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
#: Groups that are averaged at a time, so that what lies between stays in the cache.
_BLOCK = 40_000
#: Rows that are read again at a time where imports lie over one another.
_READ_AGAIN = 2_000_000
_SUMMED = ("series", "source", "begin", "high", "low", "counts", "detection")
_EPOCH = np.datetime64(0, "s")


class Readings:
    """Rows of a table or a store, summed by group when a method first asks for it."""

    def __init__(
        self,
        measurements: pa.Table | Selection,
        flags: pa.Table | None,
        priority: Sequence[str],
        aliases: Mapping[str, str],
    ) -> None:
        if isinstance(measurements, pa.Table):
            check_columns(measurements)
        self.keys = item_keys()
        self._measurements = measurements
        self._flags = flags
        self._priority = tuple(priority)
        self._aliases = aliases
        self._made: dict[tuple[bool, int], tuple[tuple[str, ...], Groups]] = {}
        self._sites: tuple[str, ...] | None = None

    @property
    def sites(self) -> tuple[str, ...]:
        """Ids of the sites that have rows, in alphabetical order; their places are the site codes."""
        return self._any()[0] if self._sites is None else self._sites

    def days(self) -> list[date]:
        """Return every day that holds a row."""
        days = _distinct(self._any()[1].begin // DAY)
        return [day.astype(date) for day in np.datetime64(0, "D") + days.astype("timedelta64[D]")]

    def seconds(self) -> list[datetime]:
        """Return every sampling time."""
        _, groups = self._groups(single=True, below=BELOW["half"])
        return [(_EPOCH + int(second)).astype(datetime) for second in np.unique(groups.begin)]

    def base(self, method: Method, *, single: bool = False) -> Means:
        """Return the lowest means; see `means.base_means`."""
        _, groups = self._groups(single=single, below=BELOW[method.below_detection_concentration])
        return self._base(groups, method, single=single)

    def months(self, method: Method) -> Means:
        """Return one mean per site, item and month; see `means.monthly_means`."""
        if not self._made and (found := self._at_once(method)) is not None:
            return found
        _, groups = self._groups(single=False, below=BELOW[method.below_detection_concentration])
        found = self._months(groups, method)
        if found is not None:
            return found
        blocks = _blocks(in_order(groups), len(self.keys))
        return joined([self._months(block, method) or self._wide_months(block, method) for block in blocks])

    def _at_once(self, method: Method) -> Means | None:
        """Return the months of a table, most of them averaged while its rows are read.

        None where a month lies in two places, which only sums of its days put together, and for a store.
        """
        if not isinstance(self._measurements, pa.Table):
            return None
        below, least = BELOW[method.below_detection_concentration], max(1, method.min_valid_per_day)
        scan = self._scan(single=False, below=below, least=least)
        self._sites, groups, whole = scan.months(self._measurements)
        if groups.series.size:
            rest = self._month_arrays(groups, method)
            if rest is None:
                return None
            whole = whole_months.together([whole, rest])
        arrays = whole_months.in_order(whole)
        return None if arrays is None else self._valid(arrays, method)

    def _valid(self, arrays: Mapping[str, Any], method: Method) -> Means:
        months = np.zeros(arrays["series"].size, np.int64)
        return valid_months(Means(self.keys, **arrays, months=months), method)

    def _scan(self, *, single: bool, below: int, least: int = 0) -> _Scan:
        return _Scan(
            self.keys, self._priority, self._aliases, self._flags, single=single, below=below, least=least
        )

    def _wide_months(self, groups: Groups, method: Method) -> Means:
        return monthly_means(self._base(groups, method, single=False), method)

    def _months(self, groups: Groups, method: Method) -> Means | None:
        """Return the months; None where some number is too large for the kernel."""
        arrays = self._month_arrays(groups, method)
        return None if arrays is None else self._valid(arrays, method)

    def _month_arrays(self, groups: Groups, method: Method) -> dict[str, Any] | None:
        laid = Laid.of(groups)
        if not laid.apart(groups, months=True):
            groups = in_order(groups)
            laid = Laid.of(groups)
        months, first = laid.months
        size = min(groups.series.size, laid.begin.size * int(months[-1] - months[0] + 1))
        out = whole_months.room(size)
        found = kernels_groups.month_means(
            tuple(getattr(groups, name) for name in _SUMMED),
            (laid.begin, laid.end),
            (months, first, _month_ends(months)),
            _by_time(self._priority, single=False),
            method.min_valid_per_day,
            (len(self.keys), self.keys.index(PH)),
            tuple(out.values()),
        )
        return None if found < 0 else whole_months.written(out, found)

    def _any(self) -> tuple[tuple[str, ...], Groups]:
        if not self._made:
            self._groups(single=False, below=BELOW["half"])
        return next(iter(self._made.values()))

    def _groups(self, *, single: bool, below: int) -> tuple[tuple[str, ...], Groups]:
        key = (single, below)
        if key not in self._made:
            self._made[key] = self._scan(single=single, below=below).run(self._measurements)
        return self._made[key]

    def _base(self, groups: Groups, method: Method, *, single: bool) -> Means:
        groups = in_order(groups)
        starts = kernels.group_starts(groups.key())
        first = starts[:-1]
        series, source, begin = groups.series[first], groups.source[first], groups.begin[first]
        acid = groups.series % len(self.keys) == self.keys.index(PH)
        high, low, used, hydrogen, counts, detection = kernels_groups.join_groups(
            starts, acid, groups.high, groups.low, groups.counts, groups.detection
        )
        by_time = _by_time(self._priority, single=single)[source]
        least = np.where(by_time, 1, max(1, method.min_valid_per_day))
        good = counts[:, kernels.USED] + counts[:, kernels.USED_BELOW] >= least
        return Means(
            keys=self.keys,
            series=series,
            source=source.astype(np.int64),
            unit=begin if single else begin // DAY,
            state=good.astype(np.uint8) * kernels.GOOD,
            high=high,
            low=low,
            denominator=used,
            hydrogen=hydrogen,
            counts=counts,
            detection=detection,
            days=good.astype(np.int64),
            months=np.zeros(first.size, np.int64),
        )


def _by_time(priority: Sequence[str], *, single: bool) -> npt.NDArray[np.bool_]:
    return np.array([single or source == "manual" for source in priority], np.bool_)


def _blocks(groups: Groups, items_count: int) -> Iterator[Groups]:
    """Yield sorted groups some whole sites at a time; once without any group."""
    size = groups.series.size
    begin = 0
    while True:
        end = min(begin + _BLOCK, size)
        if end < size:
            site = int(groups.series[end - 1]) // items_count
            end = int(np.searchsorted(groups.series, (site + 1) * items_count))
        yield groups.take(slice(begin, end))
        if end >= size:
            return
        begin = end


class _Scan:
    """One pass over the rows by one way of grouping."""

    def __init__(
        self,
        keys: Sequence[str],
        priority: Sequence[str],
        aliases: Mapping[str, str],
        flags: pa.Table | None,
        *,
        single: bool,
        below: int,
        least: int,
    ) -> None:
        self._keys = keys
        self._below = below
        self._least = least
        self._whole: list[dict[str, Array]] = []
        self._going_on = False
        self._day = own(1)
        self._aliases = aliases
        self._by_time = _by_time(priority, single=single)
        self._codes = {
            "item": _item_codes(tuple(keys)),
            "source": {source: code for code, source in enumerate(priority)},
            "mark": _MARK_CODES,
        }
        self._item_table = _item_table(tuple(keys))
        self._site_codes: dict[str, int] = {}
        self._flags = self._flag_arrays(flags, self._codes["item"])

    def run(self, measurements: pa.Table | Selection) -> tuple[tuple[str, ...], Groups]:
        """Return the site ids and the groups of every row that counts, the parts of each together."""
        if isinstance(measurements, pa.Table):
            groups = self._scan(_batches(measurements), None)
            return self._named(groups.series), groups
        groups = self._scan(measurements.batches(), measurements.rank)
        if not Laid.of(groups).apart(groups):
            groups = in_order(groups)
        over = kernels_groups.contested(
            groups.series, groups.source, groups.begin, groups.rank, groups.first, groups.last
        )
        if over.any():
            fresh = self._read_again(measurements, groups.take(over))
            groups = Groups.join([groups.take(~over), fresh])
        return self._named(groups.series), groups

    def months(self, table: pa.Table) -> tuple[tuple[str, ...], Groups, dict[str, Array]]:
        """Return the site ids, the months that were averaged at once, and the groups of the others."""
        batches = list(_batches(table))
        self._going_on = len(batches) > 1
        groups = self._scan(iter(batches), None)
        whole = whole_months.together(self._whole)
        return self._named(groups.series, whole["series"]), groups, whole

    def _scan(self, batches: Iterator[pa.RecordBatch], rank: Mapping[str, int] | None) -> Groups:
        parts, offset = [Groups(*own(0))], 0
        for batch in batches:
            if batch.num_rows:
                parts.append(self._part(batch, rank, offset))
            offset += batch.num_rows
        return Groups.join(parts)

    def _part(self, batch: pa.RecordBatch, rank: Mapping[str, int] | None, offset: int) -> Groups:
        site, sites = _indices(batch.column("site"))
        coded = {name: _encoded(batch.column(name)) for name in ("item", "source", "mark")}
        lookups = [self._site_lookup(site, sites)]
        lookups += [self._lookup(name, coded[name], batch, offset) for name in coded]
        if rank is None:
            imports, ranks = _read_only(np.zeros(0, np.int32)), np.zeros(1, np.int64)
        else:
            imports, names = _encoded(batch.column("import_id"))
            ranks = np.array([rank.get(name, -1) for name in names], np.int64)
        moment, tick = _moments(batch.column("time"))
        value = batch.column("value")
        if not (pa.types.is_decimal128(value.type) and value.type.scale == VALUE_SCALE):
            value = value.cast(pa.decimal128(38, VALUE_SCALE))
        empty = np.zeros(0, np.bool_)
        nulls = value.is_null().to_numpy(zero_copy_only=False) if value.null_count else empty
        out, wanted = room(batch.num_rows), self._least > 0
        months_out = whole_months.room(whole_months.months_of(batch.num_rows) if wanted else 0)
        groups, months, fault = kernels_rows.scan_rows(
            (site, *(coded[name][0] for name in coded), imports),
            (*lookups, ranks),
            moment,
            tick,
            decimal_words(value).reshape(-1),
            nulls,
            self._item_table,
            self._by_time,
            self._padded_flags(),
            self._below,
            (wanted, self._least, self._going_on),
            out,
            self._day,
            tuple(months_out.values()),
        )
        if fault >= 0:
            raise value_fault(pa.Table.from_batches([batch]), fault, offset)
        if months:
            self._whole.append(whole_months.written(months_out, months))
        return written(out, groups)

    def _site_lookup(self, indices: Array, names: pa.Array) -> Ints:
        """Return the code of each name, −1 where the batch has none of its rows."""
        codes = self._site_codes
        there = np.flatnonzero(kernels_rows.entries(indices, len(names)))
        ids = (self._aliases.get(name, name) for name in names.take(pa.array(there)).to_pylist())
        lookup = np.full(len(names), -1, np.int64)
        lookup[there] = [codes.setdefault(site, len(codes)) for site in ids]
        return lookup

    def _lookup(
        self, name: str, coded: tuple[Array, Sequence[str]], batch: pa.RecordBatch, offset: int
    ) -> Ints:
        codes = self._codes[name]
        indices, words = coded
        for place, word in enumerate(words):
            if word not in codes and (hit := np.flatnonzero(indices == place)).size:
                known = [entry for entry in codes if codes[entry] >= 0]
                table = pa.Table.from_batches([batch])
                raise unknown_word(table, int(hit[0]), name, word, known, offset=offset)
        return np.array([codes.get(word, -1) for word in words], np.int64)

    def _flag_arrays(self, flags: pa.Table | None, item_codes: Mapping[str, int]) -> tuple[Ints, ...]:
        """Return the flags by site, exclusions before reviews; the flagged sites take the first codes."""
        places = {key: code for key, code in item_codes.items() if code >= 0} if flags is not None else {}
        entries = flags.to_pylist() if flags is not None else []
        for entry in entries:
            if entry["flag"] not in FLAG_STATUS:
                raise flag_fault(entry["flag"])
            self._site_codes.setdefault(entry["site"], len(self._site_codes))
        entries.sort(key=lambda entry: (self._site_codes[entry["site"]], str(entry["flag"])))
        owner = np.array([self._site_codes[entry["site"]] for entry in entries], np.int64)
        unknown = len(places)
        columns = [
            [-1 if entry["item"] is None else places.get(entry["item"], unknown) for entry in entries],
            [int(np.datetime64(entry["time_from"], "s").astype(np.int64)) for entry in entries],
            [int(np.datetime64(entry["time_to"], "s").astype(np.int64)) for entry in entries],
            [FLAG_STATUS[entry["flag"]] for entry in entries],
        ]
        begin = np.searchsorted(owner, np.arange(len(self._site_codes) + 1)).astype(np.int64)
        return (begin, *(np.array(column, np.int64) for column in columns))

    def _padded_flags(self) -> tuple[Ints, ...]:
        begin, *rest = self._flags
        missing = len(self._site_codes) + 1 - begin.size
        if missing > 0:
            self._flags = (np.append(begin, np.full(missing, begin[-1])), *rest)
        return self._flags

    def _named(self, *parts: Ints) -> tuple[str, ...]:
        """Return the sites with rows by name, and give the series of the parts codes of that order."""
        count = len(self._keys)
        names = list(self._site_codes)
        there = np.zeros(len(names), np.bool_)
        for part in parts:
            kernels_groups.sites_there(part, count, there)
        here = np.flatnonzero(there)
        sites = sorted(names[code] for code in here)
        place = {site: code for code, site in enumerate(sites)}
        lookup = np.array([place.get(name, -1) for name in names] or [-1], np.int64)
        if not np.array_equal(lookup[here], here):
            for part in parts:
                kernels_groups.number_sites(part, count, lookup)
        return tuple(sites)

    def _read_again(self, selection: Selection, over: Groups) -> Groups:
        """Return the groups of contested days from the rows that count."""
        names = list(self._site_codes)
        written: dict[str, list[str]] = {}
        for name, site in self._aliases.items():
            written.setdefault(site, []).append(name)
        begin = (_EPOCH + int(over.begin.min())).astype(datetime)
        end = (_EPOCH + int(over.begin.max()) + DAY - 1).astype(datetime)
        parts = [over]
        for block in _site_blocks(over.series // len(self._keys), over.counts.sum(axis=1, dtype=np.int64)):
            sites = [name for code in block for name in (names[code], *written.get(names[code], ()))]
            table = selection.effective(sites, begin, end)
            parts.append(self._scan(_batches(table), None))
        both = Groups.join(parts)
        key, before = both.key(), over.series.size
        return both.take(before + np.flatnonzero(np.isin(key[before:], key[:before])))


_MARK_CODES = {mark.value: MARK_STATUS[mark] for mark in Mark}


@cache
def _item_codes(keys: tuple[str, ...]) -> Mapping[str, int]:
    """Return the code of each item; −1 = passed by, no class of surface water knows it."""
    places = {key: code for code, key in enumerate(keys)}
    return {**dict.fromkeys(known_items(), -1), **dict.fromkeys(NOT_AVERAGED, -1), **places}


@cache
def _item_table(keys: tuple[str, ...]) -> tuple[Ints, Ints, Ints, int, int]:
    """Return what `kernels_rows.scan_rows` has to know of the items."""
    ph = keys.index(PH)
    divisor = np.array([10 ** (VALUE_SCALE - items()[key].scale) for key in keys], np.int64)
    return (divisor, *_division(divisor, ph), ph, int(ph_unit()))


def _division(divisor: Ints, ph: int) -> tuple[Ints, Ints]:
    """Return the shifts and factors by which a kernel divides; pH is divided down to hundredths."""
    powers = [len(str(number)) - 1 for number in divisor.tolist()]
    powers[ph] = VALUE_SCALE - 2
    factors = np.array([pow(5**power, -1, 1 << 64) for power in powers], np.uint64)
    return np.array(powers, np.int64), factors.astype(np.int64)


def _distinct(codes: Ints) -> Ints:
    """Return the distinct numbers in order; they lie close together."""
    lowest = int(codes.min(initial=0))
    found: Ints = np.flatnonzero(np.bincount(codes - lowest)) + lowest
    return found


def _month_ends(months: Ints) -> Ints:
    """Return the first second after each month from the first of `months` on to the last."""
    after = np.arange(months[0], months[-1] + 1) - 1970 * 12 + 1
    return after.astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)


def _site_blocks(site: Ints, rows: Ints) -> Iterator[list[int]]:
    """Yield site codes together that have about as many rows as are read at a time."""
    codes, place = np.unique(site, return_inverse=True)
    heap = np.cumsum(np.bincount(place, rows)) // _READ_AGAIN
    for number in np.unique(heap):
        yield codes[heap == number].tolist()


def _batches(table: pa.Table) -> Iterator[pa.RecordBatch]:
    return iter(table.to_batches())


def _indices(column: pa.Array) -> tuple[Array, pa.Array]:
    """Return the dictionary indices of a column of words, none where there is one word, and the words."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    indices = column.indices
    if len(column.dictionary) == 1:
        return _read_only(np.zeros(0, np.int32)), column.dictionary
    if indices.null_count:
        indices = indices.fill_null(0)
    whole = indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return _read_only(whole), column.dictionary


def _read_only(array: Array) -> Array:
    """Return an array that is not written to: a kernel is compiled once for it, wherever it comes from."""
    array = array.view()
    array.flags.writeable = False
    return array


def _encoded(column: pa.Array) -> tuple[Array, list[str]]:
    """Return the dictionary indices of a column of words, none where there is one word, and the words."""
    indices, words = _indices(column)
    return indices, words.to_pylist()


def _moments(column: pa.Array) -> tuple[Ints, int]:
    """Return times as whole numbers since 1970, and how many of their units make a second."""
    if not pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("s"))
    unit = column.type.unit
    tick = 10 ** (3 * ("s", "ms", "us", "ns").index(unit))
    return column.view(pa.int64()).to_numpy(zero_copy_only=False), tick
