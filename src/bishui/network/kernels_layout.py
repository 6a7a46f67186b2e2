"""Compiled numbering of a network and look-up of its ids. Twins: `plain.arrange`, `plain.flow_order`.

Nothing here follows one reach after the other down the river, where each step would wait for memory: rows
are taken from a queue of those whose tributaries are all done, in blocks, so that their reads overlap. For
the same reason what is read decides neither a branch nor where the next thing is written, where it can be
helped: measured, that is four times as fast.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel

Array = npt.NDArray[Any]

#: Fibonacci hashing: 2**64 divided by the golden ratio.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@kernel(division="numpy")
def fill_table(ids: Array, table: Array) -> int:
    """Fill in the rows by id, of ids that stand twice the first; return how many do.

    Parameters
    ----------
    table
        Open addressing: (a power of two, 2) of id and row + 1, all zero; larger than the number of ids.
    """
    shift, mask = _shift(table.shape[0]), table.shape[0] - 1
    twice = 0
    for row in range(ids.size):
        place = np.int64((np.uint64(ids[row]) * _SPREAD) >> shift)
        while table[place, 1] > 0 and table[place, 0] != ids[row]:
            place = (place + 1) & mask
        if table[place, 1] > 0:
            twice += 1
        else:
            table[place, 0] = ids[row]
            table[place, 1] = row + 1
    return twice


@kernel(division="numpy")
def look_up(table: Array, wanted: Array, rows: Array) -> None:
    """Fill in the row of each wanted id, −1 where there is none."""
    shift, mask = _shift(table.shape[0]), table.shape[0] - 1
    for i in range(wanted.size):
        place = np.int64((np.uint64(wanted[i]) * _SPREAD) >> shift)
        while table[place, 1] > 0 and table[place, 0] != wanted[i]:
            place = (place + 1) & mask
        rows[i] = table[place, 1] - 1


@kernel(division="numpy")
def _shift(length: int) -> Any:
    bits = 0
    while (1 << bits) < length:
        bits += 1
    return np.uint64(64 - bits)


#: Rows that are read before any of them is worked on.
_BLOCK = 256
#: More tributaries than this are not counted.
MOST_TRIBUTARIES = 254
#: Columns of `flow`: the downstream row of a row, and how many rows lie above it with itself.
_DOWN, _WEIGHT = range(2)


class Tree(NamedTuple):
    """A tree on its way to numbers.

    Attributes
    ----------
    flow
        (n, 2) by row: its downstream row, and how many rows lie above it with itself.
    queue, onto
        The flow order, and the downstream row of each of its rows.
    crowd
        The rows that meet where more than two do, by where they meet, then by rank.
    outlets
        The rows that flow nowhere, by rank.
    tied
        Room for the rows whose fellow tributary is as large as they are.
    """

    flow: Array
    queue: Array
    onto: Array
    crowd: Array
    outlets: Array
    tied: Array


@kernel(division="numpy")
def tree_order(down: Array, flow: Array, waiting: Array, queue: Array, onto: Array) -> Any:
    """Fill in the flow order of a tree and what lies above each row. See `plain.flow_order`.

    Each pass reads at random from one small array, so that as much as possible is found in the cache.

    Parameters
    ----------
    down
        Downstream row of each row, −1 at outlets.
    flow
        (n, 2), filled in.
    waiting
        8 bits a row, all zero: how many tributaries are not done yet.
    queue
        The flow order, filled in; one longer than that, for what is written before it is known to be ready.
    onto
        Downstream row of each row of the queue, filled in.

    Returns
    -------
    placed, crowd
        How many rows have a place in the order, fewer than all if there is a ring or more than
        `MOST_TRIBUTARIES` meet; the rows that meet where more than two do.
    """
    for row in range(down.size):
        flow[row, _DOWN], flow[row, _WEIGHT] = down[row], 1
    for row in range(down.size):
        if down[row] >= 0:
            waiting[down[row]] += waiting[down[row]] <= MOST_TRIBUTARIES
    placed, crowded = 0, 0
    for row in range(down.size):
        queue[placed] = row
        placed += waiting[row] == 0
        crowded += waiting[row] > 2
    crowd = _crowd(down, waiting) if crowded else np.empty(0, np.int32)
    return _drain(flow, waiting, queue, onto, placed), crowd


@kernel(division="numpy")
def _crowd(down: Array, waiting: Array) -> Array:
    """Return the rows that meet where more than two do."""
    rows = np.empty(down.size, np.int32)
    found = 0
    for row in range(down.size):
        rows[found] = row
        found += down[row] >= 0 and waiting[down[row]] > 2
    return rows[:found].copy()


@kernel(division="numpy")
def _drain(flow: Array, waiting: Array, queue: Array, onto: Array, placed: int) -> int:
    """Take rows from the queue and add those that become ready; return how many were placed in all."""
    left = np.empty(_BLOCK, np.int32)
    done = 0
    while done < placed:
        block = min(_BLOCK, placed - done)
        for k in range(block):
            row = queue[done + k]
            onto[done + k], left[k] = flow[row, _DOWN], flow[row, _WEIGHT]
        for k in range(block):
            below, weight = onto[done + k], left[k]
            left[k] = 1
            if below >= 0:
                flow[below, _WEIGHT] += weight
                waiting[below] -= 1
                left[k] = waiting[below]
        for k in range(block):
            queue[placed] = onto[done + k]
            placed += left[k] == 0
        done += block
    return placed


@kernel(division="numpy")
def number_tree(rank: Array, tree: Tree, begin: Array, weight: Array, order: Array) -> None:
    """Hand each row of a tree its range of numbers, from the outlets up. See `plain.arrange`.

    Of two tributaries the larger begins where the downstream reach begins and the other right behind it, so
    neither has to know more than its own size and that of the downstream reach.

    Parameters
    ----------
    begin, weight
        By row: where its range begins and how long it is, filled in.
    order
        Row by position, filled in; its upper 32 bits hold the size.
    """
    for row in range(begin.size):
        weight[row] = tree.flow[row, _WEIGHT]
    for row in range(begin.size):
        below = tree.flow[row, _DOWN]
        begin[row] = weight[max(below, 0)] * (below >= 0)
    ties = 0
    for row in range(begin.size):
        rest = begin[row] - 1 - weight[row]
        begin[row] = rest if weight[row] < rest else 0
        tree.tied[ties] = row
        ties += int(weight[row] == rest)
    _part_ties(rank, tree, ties, begin)
    _place_crowd(tree, begin)
    _place_outlets(tree, begin)
    for done in range(begin.size - 1, -1, -1):
        if tree.onto[done] >= 0:
            begin[tree.queue[done]] += begin[tree.onto[done]]
    for row in range(begin.size):
        order[begin[row] + weight[row] - 1] = np.int64(weight[row]) << 32 | row


@kernel(division="numpy")
def _part_ties(rank: Array, tree: Tree, ties: int, begin: Array) -> None:
    """Of two tributaries of one size, place the one of higher rank behind the other.

    By chance one of a crowd is among the rows; it is placed afterwards.
    """
    both = np.zeros(begin.size, np.int32)
    for place in range(ties):
        row = tree.tied[place]
        both[tree.flow[row, _DOWN]] ^= row
    for place in range(ties):
        row = tree.tied[place]
        mate = both[tree.flow[row, _DOWN]] ^ row
        begin[row] = tree.flow[row, _WEIGHT] * (rank[row] > rank[mate])


@kernel(division="numpy")
def unpack(begin: Array, weight: Array, order: Array, position: Array, size: Array) -> None:
    """Fill in the columns of `layout.Layout` from those of `number_tree`; `order` loses its upper bits."""
    for place in range(order.size):
        size[place] = order[place] >> 32
        order[place] &= 0xFFFFFFFF
        position[place] = begin[place] + weight[place] - 1


@kernel(division="numpy")
def _place_outlets(tree: Tree, begin: Array) -> None:
    """Fill in where the ranges of the outlets begin."""
    at = 0
    for root in tree.outlets:
        begin[root] = at
        at += tree.flow[root, _WEIGHT]


@kernel(division="numpy")
def _place_crowd(tree: Tree, begin: Array) -> None:
    """Fill in how far behind the first each begins where more than two meet: the largest, then by rank."""
    flow, rows = tree.flow, tree.crowd
    first = 0
    while first < rows.size:
        end = first
        largest, onto = rows[first], flow[rows[first], _DOWN]
        while end < rows.size and flow[rows[end], _DOWN] == onto:
            if flow[rows[end], _WEIGHT] > flow[largest, _WEIGHT]:
                largest = rows[end]
            end += 1
        begin[largest] = 0
        at = flow[largest, _WEIGHT]
        for place in range(first, end):
            if rows[place] != largest:
                begin[rows[place]] = at
                at += flow[rows[place], _WEIGHT]
        first = end


@kernel(division="numpy")
def flow_order(count: int, up: Array, down: Array) -> Array:
    """Return the rows upstream first; those on or below a ring are missing. See `plain.flow_order`."""
    waiting = np.zeros(count, np.int32)
    start = np.zeros(count + 1, np.int64)
    for e in range(up.size):
        waiting[down[e]] += 1
        start[up[e] + 1] += 1
    for row in range(count):
        start[row + 1] += start[row]
    fill = start[:-1].copy()
    below = np.empty(up.size, np.int32)
    for e in range(up.size):
        below[fill[up[e]]] = down[e]
        fill[up[e]] += 1
    order = np.empty(count, np.int32)
    placed, done = 0, 0
    for row in range(count):
        if waiting[row] == 0:
            order[placed] = row
            placed += 1
    while done < placed:
        row = order[done]
        done += 1
        for e in range(start[row], start[row + 1]):
            waiting[below[e]] -= 1
            if waiting[below[e]] == 0:
                order[placed] = below[e]
                placed += 1
    return order[:placed]


@kernel(division="numpy")
def tributary_weights(rank: Array, up: Array, down: Array, share: Array, order: Array) -> Array:
    """Return how many reaches lie above each row by main stems, itself counted. See `plain.main_stems`."""
    main = np.full(rank.size, -1, np.int32)
    best = np.full(rank.size, -1.0)
    for e in range(up.size):
        row, onto = up[e], down[e]
        if share[e] > best[row] or (share[e] == best[row] and rank[onto] < rank[main[row]]):
            best[row], main[row] = share[e], onto
    weight = np.ones(rank.size, np.int32)
    for i in range(order.size):
        row = order[i]
        if main[row] >= 0:
            weight[main[row]] += weight[row]
    return weight


@kernel(division="numpy")
def tributaries(rank: Array, weight: Array, up: Array, down: Array) -> Any:
    """Return the tributaries of each row: the one with most reaches above it first, the others by rank.

    Returns
    -------
    start, above
        Those of a row are ``above[start[row]:start[row + 1]]``.
    """
    start = np.zeros(rank.size + 1, np.int64)
    for e in range(down.size):
        start[down[e] + 1] += 1
    for row in range(rank.size):
        start[row + 1] += start[row]
    fill = start[:-1].copy()
    above = np.empty(down.size, np.int32)
    for e in range(down.size):
        place = fill[down[e]]
        fill[down[e]] += 1
        while place > start[down[e]] and rank[above[place - 1]] > rank[up[e]]:
            above[place] = above[place - 1]
            place -= 1
        above[place] = up[e]
    for row in range(rank.size):
        heavy = start[row]
        for place in range(start[row] + 1, start[row + 1]):
            if weight[above[place]] > weight[above[heavy]]:
                heavy = place
        if heavy > start[row]:
            largest = above[heavy]
            for place in range(heavy, start[row], -1):
                above[place] = above[place - 1]
            above[start[row]] = largest
    return start, above


@kernel(division="numpy")
def post_order(roots: Array, start: Array, above: Array) -> Any:
    """Number rows by a search against the flow, each after all that is above it. See `plain.arrange`.

    Parameters
    ----------
    roots
        The outlets, in order.
    start, above
        Tributaries of each row, in the order of the search.

    Returns
    -------
    order, position, size, parent
        As `layout.Layout`.
    """
    count = start.size - 1
    order = np.empty(count, np.int64)
    position = np.full(count, -1, np.int64)
    size = np.empty(count, np.int32)
    begin = np.full(count, -1, np.int32)
    tree = np.full(count, -1, np.int32)
    cursor = start[:-1].copy()
    stack = np.empty(count, np.int32)
    done = 0
    for root in roots:
        stack[0], depth, begin[root] = root, 1, done
        while depth:
            row = stack[depth - 1]
            while cursor[row] < start[row + 1] and begin[above[cursor[row]]] >= 0:
                cursor[row] += 1
            if cursor[row] < start[row + 1]:
                child = above[cursor[row]]
                begin[child], tree[child] = done, row
                stack[depth] = child
                depth += 1
                continue
            depth -= 1
            order[done], position[row], size[done] = row, done, done - begin[row] + 1
            done += 1
    parent = np.empty(count, np.int32)
    for place in range(count):
        parent[place] = position[tree[order[place]]] if tree[order[place]] >= 0 else -1
    return order, position, size, parent


@kernel(division="numpy")
def tree_parents(size: Array) -> Array:
    """Return the position of the downstream reach of each position of a tree, −1 at outlets."""
    parent = np.full(size.size, -1, np.int32)
    for i in range(size.size):
        child, first = i - 1, i - size[i] + 1
        while child >= first:
            parent[child] = i
            child -= size[child]
    return parent
