"""How reaches are numbered inside (编号): post-order, so that what lies upstream is a range of numbers.

`order` is an upstream-first order of every network; in a tree the reaches above one are exactly the range of
`size` numbers that ends at it. Bifurcations and canals add a few edges beside the tree of that numbering.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bishui.network import kernels, kernels_ids, kernels_layout, kernels_tree
from bishui.network.tables import Edges, Floats, Integers

Rows = NDArray[np.int32]

#: Ids of one part of a look-up, at most by the mean; such a part and its table stay in the second cache.
_PART_ROWS = 32_768
#: Streams that are written at a time, 2 to this power: of so many the processor fetches ahead.
_STREAM_BITS = 5
#: From this size on numpy asks for large pages; what is not touched of a piece is never taken.
_LARGE_PAGES = 1 << 22


class RingFound(Exception):
    """The network has a ring; `placed` are the rows that are neither on one nor below one."""

    def __init__(self, placed: Rows) -> None:
        super().__init__()
        self.placed = placed


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Neighbours of each reach: those of `i` are ``other[start[i]:start[i + 1]]``, with their shares."""

    start: Integers
    other: Integers
    share: Floats

    def of(self, place: int) -> Integers:
        """Return the neighbours of one reach."""
        return self.other[self.start[place] : self.start[place + 1]]

    def shares(self, place: int) -> Floats:
        """Return the shares of the edges to them."""
        return self.share[self.start[place] : self.start[place + 1]]


def adjacency(count: int, of: Integers, *by: Integers, other: Integers, share: Floats) -> Adjacency:
    """Return the neighbours `other` of each `of`, sorted by the columns `by`, then themselves."""
    sorted_by = np.lexsort((other, *reversed(by), of))
    start = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(of, minlength=count), out=start[1:])
    return Adjacency(start, other[sorted_by], share[sorted_by])


@dataclass(frozen=True, slots=True)
class Slots:
    """Where the tributaries of each position meet, and where it goes itself; see `kernels`."""

    own: NDArray[Any]
    target: NDArray[Any]
    count: int


@dataclass(frozen=True, slots=True)
class Beside:
    """Edges beside the tree, by position."""

    up: Integers
    down: Integers
    share: Floats

    def sorted_by(self, *columns: Integers) -> Beside:
        """Return them in the order of columns, the last one first."""
        order = np.lexsort(columns)
        return Beside(self.up[order], self.down[order], self.share[order])


@dataclass(frozen=True)
class Layout:
    """The numbering: rows by position and back, size of each reach's range, the tree and the edges.

    Attributes
    ----------
    order
        Row at each position, upstream first.
    position
        Position of each row.
    size
        By position: how many positions that end there belong to the reach's part of the tree.
    parent
        By position: position of the downstream reach in the tree, −1 at outlets.
    edges
        All edges, by row.
    """

    order: Integers
    position: Rows
    size: NDArray[np.int32]
    parent: NDArray[np.int32]
    edges: Edges

    @cached_property
    def up(self) -> Integers:
        """Position of each edge's upper end."""
        return self.position[self.edges.upstream].astype(np.int64)

    @cached_property
    def down(self) -> Integers:
        """Position of each edge's lower end."""
        return self.position[self.edges.downstream].astype(np.int64)

    @cached_property
    def _is_beside(self) -> NDArray[np.bool_]:
        return np.asarray(self.parent[self.up] != self.down)

    @cached_property
    def inflows(self) -> Adjacency:
        """The tributaries of each position: those of the tree, then the others."""
        beside = self._is_beside.astype(np.int64)
        return adjacency(len(self.order), self.down, beside, other=self.up, share=self.edges.fraction)

    @cached_property
    def outflows(self) -> Adjacency:
        """The downstream reaches of each position: that of the tree, then the others."""
        beside = self._is_beside.astype(np.int64)
        return adjacency(len(self.order), self.up, beside, other=self.down, share=self.edges.fraction)

    @cached_property
    def is_tree(self) -> bool:
        """Whether no reach flows into two."""
        return len(self.edges.upstream) == int((self.parent >= 0).sum())

    @cached_property
    def keeps_all(self) -> bool:
        """Whether it is a tree each of whose edges takes the whole flow."""
        return self.is_tree and bool((self.edges.fraction == 1.0).all())

    @cached_property
    def slots(self) -> Slots:
        """The slots of the tree; in a tree of rivers there are few, which fit a byte."""
        kind = np.dtype(np.uint8 if self.is_tree else np.uint32)
        own: NDArray[Any] = np.empty(len(self.order), kind)
        target = np.empty_like(own)
        return Slots(own, target, int(kernels.slots(self.size, own, target)))

    @cached_property
    def tree_share(self) -> Floats:
        """Share of each position's edge in the tree; 0 at outlets."""
        share = np.zeros(len(self.order))
        tree = ~self._is_beside
        share[self.up[tree]] = self.edges.fraction[tree]
        return share

    @cached_property
    def _beside(self) -> Beside:
        mask = self._is_beside
        return Beside(self.up[mask], self.down[mask], self.edges.fraction[mask])

    @cached_property
    def entering(self) -> Beside:
        """The edges beside the tree by the position they enter, then the one they leave."""
        return self._beside.sorted_by(self._beside.up, self._beside.down)

    @cached_property
    def leaving(self) -> Beside:
        """The edges beside the tree by the position they leave, then against the one they enter."""
        return self._beside.sorted_by(-self._beside.down, self._beside.up)

    @cached_property
    def _extra(self) -> tuple[list[int], list[int]]:
        return self.entering.down.tolist(), self.entering.up.tolist()

    def ranges(self, place: int) -> list[tuple[int, int]]:
        """Return the ranges (first, last) of positions from which water reaches `place`, the last first.

        Ranges of the tree are nested or apart, so one that begins above the last one found is within it.
        """
        if self.is_tree:
            return [(place - int(self.size[place]) + 1, place)]
        into, come_from = self._extra
        found: list[tuple[int, int]] = []
        waiting = [-place]
        while waiting:
            last = -heapq.heappop(waiting)
            if found and last >= found[-1][0]:
                continue
            first = last - int(self.size[last]) + 1
            found.append((first, last))
            for edge in range(bisect_left(into, first), bisect_right(into, last)):
                if come_from[edge] < first:
                    heapq.heappush(waiting, -come_from[edge])
        return found

    def reaches(self, above: int, place: int) -> bool:
        """Return whether water from `above` reaches `place`."""
        if place - self.size[place] < above <= place:
            return True
        if above > place or self.is_tree:
            return False
        return any(first <= above <= last for first, last in self.ranges(place))


def arrange(rank: Integers, edges: Edges) -> Layout:
    """Return the layout of a network.

    Parameters
    ----------
    rank
        A number of each row by which ties are broken, the same however the rows are ordered.
    edges
        The edges, by row.

    Raises
    ------
    RingFound
        If reaches flow into one another.
    """
    count = len(rank)
    up, down = edges.upstream, edges.downstream
    single = np.full(count, -1, np.int32)
    single[up] = down
    if int((single >= 0).sum()) == len(up):
        columns = number_tree(rank, single)
        if columns is not None:
            return Layout(*columns, kernels_layout.tree_parents(columns[2]), edges)
    flow_order = kernels_layout.flow_order(count, up, down)
    if len(flow_order) < count:
        raise RingFound(flow_order)
    weight = kernels_layout.tributary_weights(rank, up, down, edges.fraction, flow_order)
    start, above = kernels_layout.tributaries(rank, weight, up, down)
    outlets = np.ones(count, bool)
    outlets[up] = False
    roots = np.flatnonzero(outlets)
    roots = roots[np.argsort(rank[roots], kind="stable")]
    order, position, size, parent = kernels_layout.post_order(roots, start, above)
    return Layout(order, position, size, parent, edges)


def number_tree(rank: Integers, down: Rows) -> tuple[Integers, Rows, Rows] | None:
    """Return order, position and size of a tree (see `Layout`).

    None if it has a ring, or more tributaries meet or there are more rows than this way of numbering counts
    (`kernels_tree.MOST_TRIBUTARIES`); the general way takes those.

    Parameters
    ----------
    down
        Downstream row of each row, −1 at outlets.
    """
    count = len(rank)
    if count > kernels_tree.MOST_ROWS:
        return None
    # What is returned serves as room before: the order for pairs, the others for what stands beside a row.
    order, position, size = _room((np.int64, count + 1), (np.int32, count), (np.int32, count + 1))
    record, records, row, first, above, place, fed = _room(
        *[(np.uint64, count + 1)] * 2, *[(np.uint32, count + 2)] * 4, (np.uint8, count + 1)
    )
    pairs, further, waits = order[:count].view(np.uint64), size.view(np.uint32), position.view(np.uint32)
    shift = max(count.bit_length() - _STREAM_BITS, 0)
    kernels_tree.by_downstream(down.view(np.uint32), shift, fed, pairs)
    kernels_tree.meetings(pairs, record, further)
    roots = np.flatnonzero(down < 0)
    row[: len(roots)] = roots[np.argsort(rank[roots], kind="stable")]
    search = kernels_tree.Search(row, records, first, above)
    placed = kernels_tree.climb(record, further, search, len(roots), waits, place)
    if placed < 0:
        return None
    even = waits[: kernels_tree.sum_up(search, placed, waits)]
    if int(above[0]) - int(above[len(roots)]) & 0xFFFFFFFF != count:
        return None
    kernels_tree.compare(rank, records, even)
    kernels_tree.number(search, placed, len(roots), rank, place, order, size)
    order, size = order[:count], size[:count]
    kernels_tree.invert(order, shift, record[:count], position)
    return order, position, size


def _room(*columns: tuple[type[np.generic], int]) -> list[NDArray[Any]]:
    """Return empty columns cut from one piece of memory, for which numpy asks for large pages.

    Scattered reads and writes want those; many small pages cost as much as the work done in them.
    """
    sizes = [-(-np.dtype(kind).itemsize * count // 64) * 64 for kind, count in columns]
    whole = sum(sizes)
    if whole > _LARGE_PAGES // 4:
        whole = max(whole, _LARGE_PAGES)
    piece, at, cut = np.empty(whole, np.uint8), 0, []
    for (kind, count), taken in zip(columns, sizes, strict=True):
        cut.append(piece[at : at + np.dtype(kind).itemsize * count].view(kind))
        at += taken
    return cut


def rows_by_id(ids: NDArray[Any], *wanted: NDArray[Any]) -> list[Rows]:
    """Return the row of each wanted whole-number id, −1 where there is none; of double ids the first.

    Parameters
    ----------
    ids
        Whole numbers of any size.
    """
    bits = max((len(ids) // _PART_ROWS).bit_length(), 1)
    ends, asked = np.empty((1 << bits) + 1, np.int64), np.empty((1 << bits) + 1, np.int64)
    kernels_ids.count_parts(ids, bits, ends)
    largest = int(np.diff(ends).max())
    kind = np.uint16 if largest < np.iinfo(np.uint16).max else np.uint32
    # One piece of room for all, so that little is asked for anew and given back.
    looked_up = [_room((np.int32, len(names)))[0] for names in wanted]
    most = max(map(len, wanted), default=0)
    parted, spread, found, table = _room(
        (np.uint64, 2 * len(ids)),
        (np.uint64, most),
        (np.int32, most),
        (kind, 2 * kernels_ids.SPARE * largest + 2),
    )
    parted = parted.reshape(-1, 2)
    kernels_ids.part(ids, bits, ends, parted)
    for names, rows in zip(wanted, looked_up, strict=True):
        kernels_ids.count_parts(names, bits, asked)
        kernels_ids.part_wanted(names, bits, asked, spread)
        kernels_ids.join(bits, ends, parted, asked, spread, table, found)
        kernels_ids.put_back(names, bits, asked, found, rows)
    return looked_up
