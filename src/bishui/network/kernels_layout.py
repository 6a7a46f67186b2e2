"""Compiled numbering of a network and look-up of its ids. Twins: `plain.arrange`, `plain.flow_order`.

Nothing here follows one reach after the other down the river, where each step would wait for memory: rows
are taken from a queue of those whose tributaries are all done, in blocks, so that their reads overlap. For
the same reason what is read decides neither a branch nor where the next thing is written, where it can be
helped: measured, that is four times as fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.network.compiled import kernel

Array = npt.NDArray[Any]

#: Fibonacci hashing: 2**64 divided by the golden ratio.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@kernel
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


@kernel
def look_up(table: Array, wanted: Array, rows: Array) -> None:
    """Fill in the row of each wanted id, −1 where there is none."""
    shift, mask = _shift(table.shape[0]), table.shape[0] - 1
    for i in range(wanted.size):
        place = np.int64((np.uint64(wanted[i]) * _SPREAD) >> shift)
        while table[place, 1] > 0 and table[place, 0] != wanted[i]:
            place = (place + 1) & mask
        rows[i] = table[place, 1] - 1


@kernel
def _shift(length: int) -> Any:
    bits = 0
    while (1 << bits) < length:
        bits += 1
    return np.uint64(64 - bits)


#: Columns of the record of a row: its downstream row, how many rows lie above it with itself, how many of its
#: tributaries are not done yet and later the begin of its range, and all its tributaries by exclusive or, or
#: −1 where there are more than two.
_DOWN, _WEIGHT, _BEGIN, _TRIBUTARIES = range(4)

#: Rows that are read before any of them is worked on.
_BLOCK = 256


@kernel
def tree_order(down: Array, record: Array, queue: Array) -> Any:
    """Fill in the flow order of a tree and what lies above each row. See `plain.flow_order`.

    Parameters
    ----------
    down
        Downstream row of each row, −1 at outlets.
    record
        (n, 4), filled in: four numbers of a row are read and written together.
    queue
        The flow order, filled in; one longer than that, for what is written before it is known to be ready.

    Returns
    -------
    placed, crowded
        How many rows have a place in the order, fewer than all if there is a ring; how many reaches meet
        where more than two do.
    """
    for row in range(down.size):
        record[row, _DOWN], record[row, _WEIGHT] = down[row], 1
        record[row, _BEGIN] = record[row, _TRIBUTARIES] = 0
    for row in range(down.size):
        if down[row] >= 0:
            record[down[row], _BEGIN] += 1
            record[down[row], _TRIBUTARIES] ^= row
    placed, crowded = 0, 0
    for row in range(down.size):
        queue[placed] = row
        placed += record[row, _BEGIN] == 0
        if record[row, _BEGIN] > 2:
            crowded += record[row, _BEGIN]
            record[row, _TRIBUTARIES] = -1
    return _drain(record, queue, placed), crowded


@kernel
def _drain(record: Array, queue: Array, placed: int) -> int:
    """Take rows from the queue and add those that become ready; return how many were placed in all."""
    onto, left = np.empty(_BLOCK, np.int32), np.empty(_BLOCK, np.int32)
    done = 0
    while done < placed:
        block = min(_BLOCK, placed - done)
        for k in range(block):
            row = queue[done + k]
            onto[k], left[k] = record[row, _DOWN], record[row, _WEIGHT]
        for k in range(block):
            below, weight = onto[k], left[k]
            left[k] = 1
            if below >= 0:
                record[below, _WEIGHT] += weight
                record[below, _BEGIN] -= 1
                left[k] = record[below, _BEGIN]
        for k in range(block):
            queue[placed] = onto[k]
            placed += left[k] == 0
        done += block
    return placed


@kernel
def number_tree(rank: Array, record: Array, queue: Array, crowded: int, packed: Array) -> None:
    """Hand each row of a tree its range of numbers, from the outlets up. See `plain.arrange`.

    Of two tributaries the larger begins where the downstream reach begins and the other right behind it, so
    neither has to know more than its own size and that of the downstream reach.

    Parameters
    ----------
    record, queue, crowded
        From `tree_order`.
    packed
        By position: size and row in one number, filled in.
    """
    _place_outlets(rank, record)
    if crowded:
        _place_crowds(rank, record, crowded)
    for row in range(packed.size):
        below, weight = record[row, _DOWN], record[row, _WEIGHT]
        if below >= 0:
            both = record[below, _TRIBUTARIES]
            if both >= 0:
                rest = record[below, _WEIGHT] - 1 - weight
                later = (weight < rest) | ((weight == rest) & (rank[row] > rank[both ^ row]))
                record[row, _BEGIN] = rest * later
    for done in range(packed.size - 1, -1, -1):
        row = queue[done]
        below = record[row, _DOWN]
        if below >= 0:
            record[row, _BEGIN] += record[below, _BEGIN]
    for row in range(packed.size):
        weight = np.int64(record[row, _WEIGHT])
        packed[record[row, _BEGIN] + weight - 1] = weight << 32 | row


@kernel
def unpack(record: Array, packed: Array, order: Array, position: Array, size: Array) -> None:
    """Fill in the columns of `layout.Layout` from those of `number_tree`."""
    for place in range(packed.size):
        order[place] = packed[place] & 0xFFFFFFFF
        size[place] = packed[place] >> 32
        position[place] = record[place, _BEGIN] + record[place, _WEIGHT] - 1


@kernel
def _place_outlets(rank: Array, record: Array) -> None:
    """Fill in where the ranges of the outlets begin, by rank."""
    roots = np.flatnonzero(record[:, _DOWN] < 0)
    at = 0
    for root in roots[np.argsort(rank[roots], kind="mergesort")]:
        record[root, _BEGIN] = at
        at += record[root, _WEIGHT]


@kernel
def _place_crowds(rank: Array, record: Array, crowded: int) -> None:
    """Fill in how far behind the first each begins where more than two meet: the largest, then by rank."""
    rows = np.empty(crowded, np.int32)
    found = 0
    for row in range(record.shape[0]):
        below = record[row, _DOWN]
        if below >= 0 and record[below, _TRIBUTARIES] < 0:
            rows[found] = row
            found += 1
    rows = rows[np.argsort(rank[rows], kind="mergesort")]
    rows = rows[np.argsort(record[rows, _DOWN], kind="mergesort")]
    begin = 0
    while begin < crowded:
        end = begin
        largest = rows[begin]
        while end < crowded and record[rows[end], _DOWN] == record[rows[begin], _DOWN]:
            if record[rows[end], _WEIGHT] > record[largest, _WEIGHT]:
                largest = rows[end]
            end += 1
        at = record[largest, _WEIGHT]
        for place in range(begin, end):
            if rows[place] != largest:
                record[rows[place], _BEGIN] = at
                at += record[rows[place], _WEIGHT]
        begin = end


@kernel
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


@kernel
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


@kernel
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


@kernel
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


@kernel
def tree_parents(size: Array) -> Array:
    """Return the position of the downstream reach of each position of a tree, −1 at outlets."""
    parent = np.full(size.size, -1, np.int32)
    for i in range(size.size):
        child, first = i - 1, i - size[i] + 1
        while child >= first:
            parent[child] = i
            child -= size[child]
    return parent
