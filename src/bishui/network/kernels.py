"""Compiled passes over a network: one with the flow, one against it, times along paths. Twins: `plain`.

Everything is in positions, upstream first. Of the tree in the numbering only one running sum per open
confluence is kept: each reach has a slot in which its tributaries meet and the slot of its downstream reach.
A largest tributary shares the slot of its downstream reach, so a tree needs at most log₂(n) + 2 of them, and
all stay in the first cache. Edges beside the tree (bifurcations, canals) stand in lists sorted by position.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel

Array = npt.NDArray[Any]


@kernel(division="numpy")
def slots(size: Array, own: Array, target: Array) -> int:
    """Fill in the slot of each position and that of its downstream reach; return how many there are.

    The last slot takes what leaves at outlets.
    """
    first = np.empty(size.size + 1, np.int64)
    depth, most = 0, 0
    for i in range(size.size - 1, -1, -1):
        while depth > 0 and first[depth - 1] > i:
            depth -= 1
        begin = i - size[i] + 1
        leaves = depth == 0
        if not leaves:
            target[i] = depth - 1
            if first[depth - 1] == begin:
                depth -= 1
        own[i] = depth
        if leaves:
            target[i] = 0
        first[depth] = begin
        depth += 1
        most = max(most, depth)
    end = size.size - 1
    while end >= 0:
        target[end] = most
        end -= size[end]
    return most + 1


@kernel(division="numpy")
def forward_tree(
    own: Array, target: Array, count: int, transmission: Array, source: Array, top: Array
) -> None:
    """Fill in the loads at the tops of a tree: top = source + Σ bottom above. See `plain.forward`."""
    meeting = np.zeros((count, source.shape[1]))
    for i in range(source.shape[0]):
        here, below = own[i], target[i]
        for p in range(source.shape[1]):
            load = source[i, p] + meeting[here, p]
            meeting[here, p] = 0.0
            meeting[below, p] += transmission[i, p] * load
            top[i, p] = load


@kernel(division="numpy")
def adjoint_tree(
    own: Array, target: Array, count: int, transmission: Array, at_place: Any, weight: Array
) -> None:
    """Fill in the weights of positions `first` … of the subtree whose last row is the section's reach.

    Parameters
    ----------
    own, target, transmission
        Of the subtree only.
    at_place
        What arrives from the top of the section's own reach, (P,). As a tuple the compiler knows how many
        there are: the pass takes fewer steps, but is compiled once for each number.
    """
    last, pollutants = transmission.shape[0] - 1, len(at_place)
    below = np.zeros((count, pollutants))
    for p in range(pollutants):
        weight[last, p] = at_place[p]
        below[own[last], p] = at_place[p]
    for i in range(last - 1, -1, -1):
        here, there = own[i], target[i]
        for p in range(pollutants):
            part = transmission[i, p] * below[there, p]
            below[here, p] = part
            weight[i, p] = part


@kernel(division="numpy")
def forward_braided(
    own: Array,
    target: Array,
    count: int,
    share: Array,
    extra_down: Array,
    extra_up: Array,
    extra_share: Array,
    transmission: Array,
    source: Array,
    top: Array,
) -> None:
    """Fill in the loads at the tops of a network with edges beside the tree. See `plain.forward`.

    Parameters
    ----------
    share
        Of each position's edge in the tree.
    extra_down, extra_up, extra_share
        The other edges, sorted by the position they enter.
    """
    meeting = np.zeros((count, source.shape[1]))
    edge = 0
    for i in range(source.shape[0]):
        here, below, part = own[i], target[i], share[i]
        for p in range(source.shape[1]):
            top[i, p] = meeting[here, p]
            meeting[here, p] = 0.0
        while edge < extra_down.size and extra_down[edge] == i:
            above, beside = extra_up[edge], extra_share[edge]
            for p in range(source.shape[1]):
                top[i, p] += beside * (transmission[above, p] * top[above, p])
            edge += 1
        for p in range(source.shape[1]):
            load = source[i, p] + top[i, p]
            top[i, p] = load
            meeting[below, p] += part * (transmission[i, p] * load)


@kernel(division="numpy")
def backward_range(
    own: Array,
    target: Array,
    count: int,
    share: Array,
    extra_up: Array,
    extra_down: Array,
    extra_share: Array,
    transmission: Array,
    source: Array,
    first: int,
    last: int,
    weight: Array,
) -> None:
    """Fill in the weights of one range of positions, what lies below it being filled in already.

    Parameters
    ----------
    extra_up, extra_down, extra_share
        The edges beside the tree, sorted by the position they leave.
    source
        What each position adds, (n, P); see `plain.backward`.
    first, last
        The range; the tree edge of `last` leads out of what is asked for.
    weight
        (n, P), zero where nothing is filled in.
    """
    below = np.zeros((count, transmission.shape[1]))
    edge = np.searchsorted(extra_up, last + 1) - 1
    for i in range(last, first - 1, -1):
        here, there = own[i], target[i]
        part = share[i] if i < last else 0.0
        for p in range(transmission.shape[1]):
            below[here, p] = part * below[there, p] if i < last else 0.0
        while edge >= 0 and extra_up[edge] == i:
            onto, beside = extra_down[edge], extra_share[edge]
            for p in range(transmission.shape[1]):
                below[here, p] += beside * weight[onto, p]
            edge -= 1
        for p in range(transmission.shape[1]):
            arrives = source[i, p] + transmission[i, p] * below[here, p]
            below[here, p] = arrives
            weight[i, p] = arrives


@kernel(division="numpy")
def path_times(start: Array, down: Array, time: Array, last: int, at_last: Array) -> Array:
    """Return the least and the most time along any path to position `last`. See `plain.path_times`."""
    found = np.full(time.shape, np.nan)
    found[last, 0], found[last, 1] = at_last[0], at_last[1]
    for i in range(last - 1, -1, -1):
        for e in range(start[i], start[i + 1]):
            least, most = found[down[e], 0], found[down[e], 1]
            if np.isnan(least):
                continue
            if np.isnan(found[i, 0]) or time[i, 0] + least < found[i, 0]:
                found[i, 0] = time[i, 0] + least
            if np.isnan(found[i, 1]) or time[i, 1] + most > found[i, 1]:
                found[i, 1] = time[i, 1] + most
    return found


@kernel(division="numpy")
def below(start: Array, down: Array, place: int) -> Array:
    """Return the positions which water from `place` reaches, itself included."""
    reached = np.zeros(start.size - 1, np.bool_)
    reached[place] = True
    for i in range(place, start.size - 1):
        if reached[i]:
            for e in range(start[i], start[i + 1]):
                reached[down[e]] = True
    return np.flatnonzero(reached)
