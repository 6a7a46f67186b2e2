"""Sums of rows by group as arrays, and the memory that a pass over rows writes them to."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.assessment import kernels, kernels_groups
from bishui.assessment.kernels_days import DAY

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
#: Up to this many rows the memory for their groups is kept for the next batch.
_KEPT_ROWS = 1 << 20
_LINE = 64


@dataclass(frozen=True, slots=True)
class Groups:
    """Sums of rows by site, item, source, import and day (or sampling time).

    Attributes
    ----------
    series
        ``site code × number of items + item code``.
    source
        Place of the source in the priority.
    begin
        First second of the day, or the sampling time.
    rank
        Rank of the import among the active ones.
    first, last
        Earliest and latest row, in seconds after `begin`.
    high, low
        Sum of the used half units in two words; of [H⁺] for pH.
    counts, detection
        Rows by status, (n, 8); largest detection limit used, −1 without one.
    """

    series: Ints
    source: Array
    begin: Ints
    rank: Array
    first: Array
    last: Array
    high: Ints
    low: Array
    counts: Array
    detection: Ints

    def take(self, chosen: Array | slice) -> Groups:
        """Return some of the groups, in the given order."""
        return Groups(*(getattr(self, name)[chosen] for name in Groups.__slots__))

    @classmethod
    def join(cls, parts: Sequence[Groups]) -> Groups:
        """Return the groups of several parts after one another."""
        there = [part for part in parts if part.series.size] or parts[:1]
        if len(there) == 1:
            return there[0]
        return cls(*(np.concatenate([getattr(part, name) for part in there]) for name in cls.__slots__))

    def key(self) -> Ints:
        """Return one number per group that orders by series, source and begin."""
        if not self.begin.size:
            return self.begin
        offset = self.begin - self.begin.min()
        reach = int(offset.max()).bit_length()
        if int(self.series.max()).bit_length() + 2 + reach > 62:
            offset = np.unique(self.begin, return_inverse=True)[1].astype(np.int64)
            reach = int(offset.max()).bit_length()
        key: Ints = ((self.series << 2) | self.source) << reach | offset
        return key


#: Kind and width of the arrays of `Groups`, in their order.
_KINDS: tuple[tuple[type[Any], int], ...] = (
    (np.int64, 1),
    (np.uint8, 1),
    (np.int64, 1),
    (np.int32, 1),
    (np.int32, 1),
    (np.int32, 1),
    (np.int64, 1),
    (np.uint64, 1),
    (np.uint16, kernels.STATUS_COUNT),
    (np.int64, 1),
)


class _Kept(threading.local):
    """The memory of this thread's last batch: fresh pages cost as much as half of the pass itself."""

    rows = 0
    arrays: tuple[Array, ...] = ()


_kept = _Kept()


def room(rows: int) -> tuple[Array, ...]:
    """Return arrays for as many groups as rows; the next call of this thread may give the same ones."""
    if rows > _KEPT_ROWS:
        return own(rows)
    if rows > _kept.rows:
        _kept.rows, _kept.arrays = rows, own(rows)
    return _kept.arrays


def written(arrays: tuple[Array, ...], count: int) -> Groups:
    """Return the first groups of `room` as their own."""
    kept = own(count)
    for to, array in zip(kept, arrays, strict=True):
        to[:] = array[:count]
    return Groups(*kept)


def own(rows: int) -> tuple[Array, ...]:
    """Return arrays for as many groups as rows, of one piece of memory: large pages are found for no less."""
    sizes = [rows * width * np.dtype(kind).itemsize for kind, width in _KINDS]
    places = [0, *np.cumsum([-(-size // _LINE) * _LINE for size in sizes]).tolist()]
    block = np.empty(places[-1], np.uint8)
    flat = [
        block[place : place + size].view(kind)
        for place, size, (kind, _) in zip(places, sizes, _KINDS, strict=False)
    ]
    return tuple(
        array if width == 1 else array.reshape(rows, width)
        for array, (_, width) in zip(flat, _KINDS, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Laid:
    """Stretches of one series in the order of time, as files bring them: sorted, but by the name of items.

    Attributes
    ----------
    begin, end
        First group of each stretch and the one after its last, in the order of their first groups.
    lowest, highest
        Among the groups' `begin`.
    """

    begin: Ints
    end: Ints
    lowest: int
    highest: int

    @classmethod
    def of(cls, groups: Groups) -> Laid:
        """Find the stretches of some groups."""
        starts, lowest, highest = kernels_groups.stretches(groups.series, groups.source, groups.begin)
        first = starts[:-1]
        order = np.lexsort((groups.begin[first], groups.source[first], groups.series[first]))
        return cls(first[order], starts[1:][order], lowest, highest)

    @property
    def months(self) -> tuple[Ints, int]:
        """Month number of each day from the first one on, and that day."""
        first, last = self.lowest // DAY, self.highest // DAY
        days = np.datetime64(first, "D") + np.arange(last - first + 1)
        return days.astype("datetime64[M]").astype(np.int64) + 1970 * 12, first

    def apart(self, groups: Groups, *, months: bool = False) -> bool:
        """Tell whether each stretch ends before the group, or the month, in which the next one begins."""
        after, before = self.begin[1:], self.end[:-1] - 1
        later, earlier = groups.begin[after], groups.begin[before]
        if months:
            number, first = self.months
            later, earlier = (number[its // DAY - first] for its in (later, earlier))
        series = (groups.series[after] << 2 | groups.source[after]) - (
            groups.series[before] << 2 | groups.source[before]
        )
        return bool(np.all((series > 0) | ((series == 0) & (later > earlier))))


def in_order(groups: Groups) -> Groups:
    """Return the groups in the order of series, source and begin."""
    key = groups.key()
    ordered = bool(np.all(key[1:] >= key[:-1]))
    return groups if ordered else groups.take(np.argsort(key, kind="stable"))
