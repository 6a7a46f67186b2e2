"""Compile the kernels that the pages of this app use, and no others; it knows nothing of Django.

Those of a trace are compiled by `bishui.network.warm_up`: they take longer than all others together.
"""

from __future__ import annotations

import numpy as np

from bishui.network import (
    Edges,
    Load,
    Network,
    Pollutant,
    Reaches,
    Section,
    build,
    mean_travel_time,
    solve,
    time_from,
    travel_range,
)
from bishui.network.capacity import room_at
from bishui.network.pulses import Receptor, ReceptorKind, Spill, drill

#: A tree and a bifurcation: where each reach comes from and goes to, and the share that takes the edge.
_TREE = ((0, 1, 2), (2, 2, 3), (1.0, 1.0, 1.0))
_BRAIDED = ((0, 0, 1, 2), (1, 2, 3, 3), (0.5, 0.5, 1.0, 1.0))
_END = Section("end", 3, 1.0)
_WATER = Pollutant("-", 0.1)


def warm_up() -> None:
    """Go once through what the pages compute, on two networks of no place at all; compiled code is kept."""
    for ups, downs, shares in (_TREE, _BRAIDED):
        edges = Edges(np.array(ups, np.int64), np.array(downs, np.int64), np.array(shares))
        network = build(_reaches(), edges)
        _walk(network)
        _fill(network)


def _reaches() -> Reaches:
    ones = np.ones(4)
    ids = np.array(["a", "b", "c", "d"])
    return Reaches(ids, np.zeros(4, np.int8), ones, ones, ones * np.nan, ones * 20.0, ones)


def _walk(network: Network) -> None:
    network.upstream(3)
    network.downstream(0)
    time_from(network, travel_range(network, _END)[:, 0], Section("-", 0, 0.5))
    mean_travel_time(network, _END)


def _fill(network: Network) -> None:
    solution = solve(network, [_WATER], [Load("-", 0, 0.0, 0.1, {"-": 1.0})])
    room_at(solution, "-", {_END: 2.0}, [Section("-", 0, 0.0)])
    at = Section("spill", 0, 0.0)
    drill(network, Spill(at, 1000.0, _WATER), [Receptor("-", ReceptorKind.SECTION, _END, 1.0)])
