"""One pass with the flow, one against it (顺流、逆流扫描): columns by row in, columns by row out."""

from __future__ import annotations

import numpy as np

from bishui.network import kernels
from bishui.network.graph import Network
from bishui.network.tables import Floats

#: From so many reaches on, a pass compiled for its number of pollutants is worth compiling, if they are few.
_LARGE, _FEW = 200_000, 8


def forward(network: Network, transmission: Floats, source: Floats) -> tuple[Floats, Floats]:
    """Return what is at the top and at the bottom of each reach: x = b + Σ f t x above, and t x.

    Parameters
    ----------
    transmission, source
        Part of each top that arrives at the bottom, and what enters at the top; by row, (n, P).
    """
    layout = network.layout
    passing, entering = transmission[layout.order], np.ascontiguousarray(source[layout.order])
    slots = layout.slots
    top = np.empty_like(entering)
    if layout.keeps_all:
        kernels.forward_tree(slots.own, slots.target, slots.count, passing, entering, top)
    else:
        beside = layout.entering
        kernels.forward_braided(
            slots.own,
            slots.target,
            slots.count,
            layout.tree_share,
            beside.down,
            beside.up,
            beside.share,
            passing,
            entering,
            top,
        )
    found = top[layout.position]
    return found, transmission * found


def adjoint(network: Network, transmission: Floats, row: int, at_row: Floats) -> Floats:
    """Return what arrives at a place on `row` of a unit that enters at the top of each reach, (n, P).

    Parameters
    ----------
    transmission
        By row, (n, P).
    at_row
        What arrives at the place from the top of its own reach, (P,).
    """
    layout, last = network.layout, int(network.position[row])
    if not layout.keeps_all:
        source = np.zeros_like(transmission)
        source[row] = at_row
        return backward(network, transmission, source, row)
    first = last - int(layout.size[last]) + 1
    rows = layout.order[first : last + 1]
    slots, found = layout.slots, np.empty((len(rows), transmission.shape[1]))
    own, target = slots.own[first : last + 1], slots.target[first : last + 1]
    at_place = np.asarray(at_row, np.float64)
    known = len(rows) > _LARGE and len(at_place) <= _FEW
    kernels.adjoint_tree(
        own, target, slots.count, transmission[rows], tuple(at_place.tolist()) if known else at_place, found
    )
    weight = np.zeros_like(transmission)
    weight[rows] = found
    return weight


def backward(network: Network, transmission: Floats, source: Floats, row: int) -> Floats:
    """Return w = c + t Σ f w below for all from which water reaches `row`, 0 elsewhere, (n, P).

    Parameters
    ----------
    transmission, source
        t and c, by row, (n, P).
    """
    layout = network.layout
    slots, beside = layout.slots, layout.leaving
    passing, adding = transmission[layout.order], source[layout.order]
    weight = np.zeros_like(passing)
    for first, last in layout.ranges(int(network.position[row])):
        kernels.backward_range(
            slots.own,
            slots.target,
            slots.count,
            layout.tree_share,
            beside.up,
            beside.down,
            beside.share,
            passing,
            adding,
            first,
            last,
            weight,
        )
    return weight[layout.position]


def path_times(network: Network, time: Floats, row: int, at_row: Floats) -> Floats:
    """Return the least and the most time along any path from each top to a place on `row`, (n, 2).

    Parameters
    ----------
    time
        Least and most time through each reach, s, by row, (n, 2).
    at_row
        Least and most time from the top of `row` to the place.
    """
    layout = network.layout
    outflows = layout.outflows
    found = kernels.path_times(
        outflows.start, outflows.other, time[layout.order], int(layout.position[row]), at_row
    )
    return found[layout.position]
