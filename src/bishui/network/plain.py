"""The plain Python twin (对照实现) of the compiled kernels: short, slow, what they are tested against.

Positions are numbers in the layout, upstream first. Sums are taken over the neighbours in the tree first,
then over the others, each in the order of positions; the kernels do the same.
"""

# ruff: noqa: PLR0917 - the same arguments as the kernels

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bishui.network.tables import Floats, Integers


def flow_order(count: int, up: Sequence[int], down: Sequence[int]) -> list[int]:
    """Return the rows upstream first (Kahn); those on or below a ring are missing.

    Parameters
    ----------
    count
        How many rows there are.
    up, down
        The two ends of each edge.
    """
    waiting = [0] * count
    below: list[list[int]] = [[] for _ in range(count)]
    for a, b in zip(up, down, strict=True):
        below[a].append(b)
        waiting[b] += 1
    order = [row for row in range(count) if not waiting[row]]
    for row in order:
        for target in below[row]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    return order


def main_stems(
    rank: Sequence[int], up: Sequence[int], down: Sequence[int], share: Sequence[float]
) -> list[int]:
    """Return for each row the downstream row of its largest share (ties: the lowest rank), −1 at outlets."""
    main, best = [-1] * len(rank), [-1.0] * len(rank)
    for a, b, part in zip(up, down, share, strict=True):
        if part > best[a] or (part == best[a] and rank[b] < rank[main[a]]):
            main[a], best[a] = b, part
    return main


def arrange(
    rank: Sequence[int], up: Sequence[int], down: Sequence[int], share: Sequence[float]
) -> tuple[list[int], list[int], list[int]]:
    """Number the rows of a network without rings in post-order, largest tributary first.

    A search against the flow begins at each outlet by rank; of the tributaries of a reach the one with most
    reaches above it (by main stems) comes first, the others by rank. A row is numbered after everything
    above it, so the numbers are a flow order of trees and of networks with bifurcations alike.

    Returns
    -------
    order
        Row at each position.
    size
        By position: reaches in the search tree of the reach, at ``position − size + 1 … position``.
    parent
        By position: position of the downstream reach in the search tree, −1 at outlets.
    """
    count = len(rank)
    main = main_stems(rank, up, down, share)
    weight = [1] * count
    for row in flow_order(count, up, down):
        if main[row] >= 0:
            weight[main[row]] += weight[row]
    above: list[list[int]] = [[] for _ in range(count)]
    outlet = [True] * count
    for a, b in zip(up, down, strict=True):
        above[b].append(a)
        outlet[a] = False
    for rows in above:
        rows.sort(key=lambda row: rank[row])
        if rows:
            heavy = max(rows, key=lambda row: (weight[row], -rank[row]))
            rows.remove(heavy)
            rows.insert(0, heavy)
    return _post_order(sorted((r for r in range(count) if outlet[r]), key=lambda row: rank[row]), above)


def _post_order(
    roots: Sequence[int], above: Sequence[Sequence[int]]
) -> tuple[list[int], list[int], list[int]]:
    count = len(above)
    order: list[int] = []
    size, tree, start = [0] * count, [-1] * count, [-1] * count
    for root in roots:
        stack = [(root, 0)]
        start[root] = len(order)
        while stack:
            row, place = stack.pop()
            while place < len(above[row]) and start[above[row][place]] >= 0:
                place += 1
            if place == len(above[row]):
                size[row] = len(order) - start[row] + 1
                order.append(row)
                continue
            child = above[row][place]
            start[child], tree[child] = len(order), row
            stack.append((row, place + 1))
            stack.append((child, 0))
    position = [0] * count
    for place, row in enumerate(order):
        position[row] = place
    parent = [position[tree[row]] if tree[row] >= 0 else -1 for row in order]
    return order, [size[row] for row in order], parent


def forward(
    start: Integers, up: Integers, share: Floats, transmission: Floats, source: Floats
) -> tuple[Floats, Floats]:
    """Return the loads at the tops and bottoms: top = source + Σ share × bottom above; bottom = t × top.

    Parameters
    ----------
    start, up, share
        Tributaries of each position: where they begin, their positions, their shares.
    transmission
        What part arrives at the bottom, (n, P).
    source
        What enters at the top, (n, P).
    """
    top, bottom = source.copy(), source.copy()
    for i in range(len(source)):
        for p in range(source.shape[1]):
            inflow = 0.0
            for e in range(start[i], start[i + 1]):
                inflow += share[e] * bottom[up[e], p]
            top[i, p] = source[i, p] + inflow
            bottom[i, p] = transmission[i, p] * top[i, p]
    return top, bottom


def backward(
    start: Integers, down: Integers, share: Floats, transmission: Floats, source: Floats, last: int
) -> Floats:
    """Return w = c + t Σ share × w below, for the positions up to `last`; 0 beyond.

    Parameters
    ----------
    start, down, share
        Downstream reaches of each position.
    transmission, source
        t and c, (n, P).
    """
    weight = 0.0 * transmission
    for i in range(last, -1, -1):
        for p in range(transmission.shape[1]):
            below = 0.0
            for e in range(start[i], start[i + 1]):
                below += share[e] * weight[down[e], p]
            weight[i, p] = source[i, p] + transmission[i, p] * below
    return weight


def path_times(start: Integers, down: Integers, time: Floats, last: int, at_last: Floats) -> Floats:
    """Return the shortest and the longest time along any path to position `last`, (n, 2); NaN without one.

    Parameters
    ----------
    time
        Least and most time through each position, (n, 2).
    at_last
        Least and most time from the top of `last` to the place on it.
    """
    found = np.full((len(time), 2), np.nan)
    found[last] = at_last
    for i in range(last - 1, -1, -1):
        for e in range(start[i], start[i + 1]):
            below = found[down[e]]
            if np.isnan(below[0]):
                continue
            found[i, 0] = np.fmin(found[i, 0], time[i, 0] + below[0])
            found[i, 1] = np.fmax(found[i, 1], time[i, 1] + below[1])
    return found
