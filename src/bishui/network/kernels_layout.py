"""Compiled numbering of networks that are no trees. Twins: `plain.arrange`, `plain.flow_order`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel

Array = npt.NDArray[Any]


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
    position = np.full(count, -1, np.int32)
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
