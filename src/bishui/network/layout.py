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

from bishui.network import kernels, kernels_layout
from bishui.network.tables import Edges, Floats, Integers

Rows = NDArray[np.int32]


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
    position: Integers
    size: NDArray[np.int32]
    parent: NDArray[np.int32]
    edges: Edges

    @cached_property
    def up(self) -> Integers:
        """Position of each edge's upper end."""
        return self.position[self.edges.upstream]

    @cached_property
    def down(self) -> Integers:
        """Position of each edge's lower end."""
        return self.position[self.edges.downstream]

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


def number_tree(rank: Integers, down: Rows) -> tuple[Integers, Integers, Rows] | None:
    """Return order, position and size of a tree (see `Layout`).

    None if it has a ring, or more tributaries meet than this way of numbering counts
    (`kernels_layout.MOST_TRIBUTARIES`); the general way takes those.

    Memory is taken here and not in the kernels: numpy asks for large pages, which scattered reads want.

    Parameters
    ----------
    down
        Downstream row of each row, −1 at outlets.
    """
    count = len(rank)
    # Room that is used twice has been paged in already: flow, then positions; rows tied, then sizes.
    position, size = np.empty(count, np.int64), np.empty(count, np.int32)
    flow, waiting = position.view(np.int32).reshape(count, 2), np.zeros(count, np.uint8)
    queue, onto = np.empty(count + 1, np.int32), np.empty(count, np.int32)
    placed, crowd = kernels_layout.tree_order(down, flow, waiting, queue, onto)
    if placed < count:
        return None
    begin, weight, order = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int64)
    crowd = crowd[np.lexsort((rank[crowd], down[crowd]))]
    outlets = np.flatnonzero(down < 0)
    outlets = outlets[np.argsort(rank[outlets], kind="stable")]
    tree = kernels_layout.Tree(flow, queue, onto, crowd, outlets, size)
    kernels_layout.number_tree(rank, tree, begin, weight, order)
    kernels_layout.unpack(begin, weight, order, position, size)
    return order, position, size


def rows_by_id(ids: NDArray[Any], *wanted: NDArray[Any]) -> list[Rows]:
    """Return the row of each wanted whole-number id, −1 where there is none; of double ids the first.

    Parameters
    ----------
    ids
        Whole numbers of any size.
    """
    bits = max(int(np.ceil(np.log2(1.4 * len(ids) + 2))), 1)
    table = np.zeros((1 << bits, 2), np.int64)
    kernels_layout.fill_table(ids, table)
    found = [np.empty(len(names), np.int32) for names in wanted]
    for names, rows in zip(wanted, found, strict=True):
        kernels_layout.look_up(table, names, rows)
    return found
