"""Measurements as sorted series of numbers: one series per site, item and source, ascending in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.observations.schema import Mark, Source
from bishui.observations.values import CODE, MARKS

SOURCES = tuple(Source)


@dataclass(frozen=True)
class Series:
    """Rows sorted by site, item, source, time; each array of shape (n,).

    Attributes
    ----------
    table
        The measurements that were given.
    sites, items
        The distinct words; `site` and `item` are places in them.
    row
        Place of each row in `table`.
    site, item, source, seconds, mark
        Codes and seconds since 1970-01-01.
    value
        The number, NaN where there is none; exact to fifteen digits, and only compared.
    """

    table: pa.Table
    sites: list[str]
    items: list[str]
    row: np.ndarray
    site: np.ndarray
    item: np.ndarray
    source: np.ndarray
    seconds: np.ndarray
    mark: np.ndarray
    value: np.ndarray

    @cached_property
    def number(self) -> np.ndarray:
        """The code of each row's series; ascending."""
        pair = self.site.astype(np.int64) * len(self.items) + self.item
        codes: np.ndarray = pair * len(SOURCES) + self.source
        return codes

    @cached_property
    def numbered(self) -> np.ndarray:
        """Places of rows with a number that counts: measured, or below a detection limit that is named."""
        counts = (self.mark == CODE[Mark.MEASURED]) | (self.mark == CODE[Mark.BELOW_DETECTION])
        places: np.ndarray = np.flatnonzero(counts & ~np.isnan(self.value))
        return places

    @cached_property
    def counted(self) -> np.ndarray:
        """Places of rows with a number, equal results of one time once."""
        return self._firsts(self.numbered, self.mark, self.value)

    @cached_property
    def measured(self) -> np.ndarray:
        """Places of rows with a measured number, one for each time: of several the smallest."""
        return self._firsts(self.numbered[self.mark[self.numbered] == CODE[Mark.MEASURED]])

    @cached_property
    def valid(self) -> np.ndarray:
        """Places of rows measured or below detection, one for each time."""
        below = np.flatnonzero((self.mark == CODE[Mark.BELOW_DETECTION]) & np.isnan(self.value))
        places = np.union1d(self.numbered, below) if below.size else self.numbered
        return self._firsts(places)

    def _firsts(self, places: np.ndarray, *columns: np.ndarray) -> np.ndarray:
        """Return the first of the places that share a series, a time and what stands in `columns`."""
        if not places.size:
            return places
        new = np.ones(len(places), dtype=bool)
        new[1:] = False
        for column in (self.number, self.seconds, *columns):
            its = column[places]
            new[1:] |= its[1:] != its[:-1]
        return places[new]

    def starts(self, places: np.ndarray) -> np.ndarray:
        """Return where series begin among `places`, and the length at the end."""
        if not places.size:
            return np.zeros(1, dtype=np.int64)
        changed = np.flatnonzero(np.diff(self.number[places])) + 1
        return np.concatenate(([0], changed, [len(places)])).astype(np.int64)

    def values(self, places: np.ndarray) -> pa.Array:
        """Return the exact values as given, decimals."""
        taken = self.table["value"].take(pa.array(self.row[places]))
        return taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken


def series_by_sites(
    measurements: pa.Table, skip: frozenset[str] = frozenset(), at_once: int = 1_000_000
) -> Iterator[Series]:
    """Yield the measurements as sorted series, some sites at a time; the order of rows makes no difference.

    Parameters
    ----------
    measurements
        `MEASUREMENTS`.
    skip
        Items that are left out.
    at_once
        About how many rows are sorted at a time: what is worked on stays small beside the table.
    """
    site, sites = _codes(measurements["site"])
    item, items = _codes(measurements["item"])
    source = _known(measurements["source"], [str(its) for its in SOURCES])
    mark = _known(measurements["mark"], [str(its) for its in MARKS])
    seconds = measurements["time"].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()
    value = _floats(measurements["value"])
    taken = np.array([its not in skip for its in items], dtype=bool)
    for rows in _batches(site, len(sites), at_once):
        its = rows[taken[item[rows]]]
        if its.size:
            number = (site[its].astype(np.int64) * len(items) + item[its]) * len(SOURCES) + source[its]
            its = its[_order(number, seconds[its], mark[its], value[its])]
            columns = (column[its] for column in (site, item, source, seconds, mark, value))
            yield Series(measurements, sites, items, its, *columns)


def _batches(site: np.ndarray, sites: int, at_once: int) -> Iterator[np.ndarray]:
    """Yield places of rows, all rows of a site together."""
    small = site.astype(np.int16) if sites < 2**15 else site
    order = np.argsort(small, kind="stable")
    ends = np.cumsum(np.bincount(site, minlength=sites))
    start = 0
    while start < len(order):
        after = int(np.searchsorted(ends, start + at_once))
        end = int(ends[min(after, sites - 1)])
        yield order[start:end]
        start = end


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Return the place of each word among the distinct words in alphabetical order."""
    encoded = column.combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    words = encoded.dictionary.to_pylist()
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), dtype=np.int32)
    rank[order] = np.arange(len(words), dtype=np.int32)
    codes: np.ndarray = rank[encoded.indices.to_numpy()] if words else np.zeros(0, dtype=np.int32)
    return codes, [words[place] for place in order]


def _known(column: pa.ChunkedArray, words: list[str]) -> np.ndarray:
    codes, found = _codes(column)
    place = np.array([words.index(word) for word in found], dtype=np.int8)
    known: np.ndarray = place[codes] if len(found) else np.zeros(0, dtype=np.int8)
    return known


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    numbers = pc.cast(column, pa.float64())
    floats: np.ndarray = pc.fill_null(numbers, float("nan")).to_numpy()
    return floats


def _order(series: np.ndarray, seconds: np.ndarray, mark: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return the order by series and time, then by mark and value among rows that share these."""
    if not len(series):
        return np.zeros(0, dtype=np.int64)
    start = int(seconds.min())
    span = int(seconds.max()) - start + 1
    if int(series.max()) < 2**62 // span:
        key = series * span + (seconds - start)
        order = np.argsort(key, kind="stable")
        tied = np.diff(key[order]) == 0
    else:
        order = np.lexsort((seconds, series))
        tied = (np.diff(series[order]) == 0) & (np.diff(seconds[order]) == 0)
    several = np.concatenate((tied, [False])) | np.concatenate(([False], tied))
    if several.any():
        its = order[several]
        order[several] = its[np.lexsort((value[its], mark[its], seconds[its], series[its]))]
    return order
