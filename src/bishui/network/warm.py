"""Compile the kernels ahead, so that nobody waits for the first page."""

from __future__ import annotations

import numpy as np

from bishui.network.adjoint import contributions
from bishui.network.graph import Network, build, find_edges
from bishui.network.settings import settings
from bishui.network.solve import solve
from bishui.network.tables import Load, Pollutant, Reaches, Section
from bishui.network.travel import mean_travel_time, travel_range
from bishui.network.uncertainty import monte_carlo

_TREE = ("a", "b", "c"), ("c", "c", "d")
_BRAIDED = ("a", "a", "b", "c"), ("b", "c", "d", "d")


def warm_up() -> None:
    """Solve two networks of no place at all, a tree and a bifurcation; compiled code is kept on disk."""
    for ids in (np.arange(4), np.array(["a", "b", "c", "d"])):
        names = dict(zip("abcd", ids.tolist(), strict=True))
        for ups, downs in (_TREE, _BRAIDED):
            shares = np.array([1.0 / ups.count(name) for name in ups])
            from_ids, to_ids = ([names[name] for name in column] for column in (ups, downs))
            edges, _ = find_edges(ids, from_ids, to_ids, shares)
            _compute(build(_reaches(ids), edges))


def _reaches(ids: np.ndarray) -> Reaches:
    ones = np.ones(len(ids))
    return Reaches(ids, np.zeros(len(ids), np.int8), ones, ones, ones * np.nan, ones * 20.0, ones)


def _compute(network: Network) -> None:
    load = Load("-", 0, 0.0, 0.1, {"-": 1.0})
    solution = solve(network, [Pollutant("-", 0.1)], [load])
    section = Section("-", 3, 1.0)
    contributions(solution, section)
    mean_travel_time(network, section)
    travel_range(network, section)
    network.downstream(0)
    monte_carlo(solution, [section], settings("uncertainty", draws=20))
