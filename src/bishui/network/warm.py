"""Compile the kernels ahead, so that nobody waits for the first page."""

from __future__ import annotations

import numpy as np

from bishui.network.adjoint import contributions
from bishui.network.diffuse import Diffuse
from bishui.network.graph import Network, build, find_edges
from bishui.network.oxygen import network_oxygen
from bishui.network.settings import settings
from bishui.network.solve import solve
from bishui.network.tables import Load, Pollutant, Reaches, Section
from bishui.network.travel import mean_travel_time, travel_range
from bishui.network.uncertainty import monte_carlo

_TREE = ("a", "b", "c"), ("c", "c", "d")
_BRAIDED = ("a", "a", "b", "c"), ("b", "c", "d", "d")


def warm_up() -> None:
    """Solve two networks of no place at all, a tree and a bifurcation, and trace once; compiled code is kept.

    It stays on disk, beside the modules or in ``NUMBA_CACHE_DIR``, until they change.
    """
    for ids in (np.arange(4), np.array(["a", "b", "c", "d"])):
        names = dict(zip("abcd", ids.tolist(), strict=True))
        for ups, downs in (_TREE, _BRAIDED):
            shares = np.array([1.0 / ups.count(name) for name in ups])
            from_ids, to_ids = ([names[name] for name in column] for column in (ups, downs))
            edges, _ = find_edges(ids, from_ids, to_ids, shares)
            network = build(_reaches(ids), edges)
            _compute(network)
    _trace(network)


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
    ones = np.ones(len(network))
    land = solve(network, [Pollutant("-", 0.1)], [load], diffuse=Diffuse(ones, {"-": ones}))
    monte_carlo(land, [section], settings("uncertainty", draws=20))
    network_oxygen(
        network,
        deoxygenation=ones,
        reaeration_rate=ones,
        lateral_bod=ones,
        lateral_deficit=ones,
        loads=[load],
    )


def _trace(network: Network) -> None:
    """Trace an exceedance of no item at all."""
    from bishui.network.tracing import Candidate, Fingerprint, Samples, trace

    times = np.datetime64("2000-01-01", "s") + np.arange(3) * np.timedelta64(30, "D")
    rows, none = np.zeros(3, np.int64), np.zeros(3, np.bool_)
    trace(
        network,
        [Section("-", 3, 1.0)],
        Samples(rows, rows, times, np.array([1.0, 1.0, 9.0]), none, none),
        [Candidate("-", 0, 0.0, "-", 0.1, {"-": 1.0})],
        [Pollutant("-", 0.1)],
        fingerprints={"-": Fingerprint("-", {"-": 1.0}, 0.3)},
        limits={"-": 2.0},
        background={"-": 0.1},
        event_from=times[2],
        settings=settings("tracing", steps=100),
    )
