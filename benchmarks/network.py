"""The network engine at one and five million reaches, beside streaming kernels over the same bytes.

    python benchmarks/network.py [--reaches 1000000 5000000] [--rounds 7] [--no-peers] [--json OUT]

Random binary networks (each fork splits what lies above it at random), ids of 60 bits, rows shuffled. The
limit of a pass is a kernel without topology that reads and writes arrays of the same sizes; that of building
is four scattered reads a reach. Ours and the limit run in turn in one loop; what counts is the median of the
ratios of all rounds.
The passes write into arrays that exist; what is timed of building is ids to rows, the check for rings and
the numbering. Times are of one core (CPU time), so that a busy machine counts little. Last, networks with
bifurcations, and a thousand Monte Carlo draws on ten thousand reaches.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import rustworkx as rx
from numba import njit
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order
from scipy.sparse.linalg import spsolve_triangular

from bishui.network import (
    Edges,
    Load,
    Network,
    Pollutant,
    Reaches,
    Section,
    build,
    kernels,
    monte_carlo,
    solve,
)
from bishui.network.layout import number_tree, rows_by_id

POLLUTANTS = 6
#: What is wanted: at most so many times the limit; building at one and at five million reaches.
WANTED = {"upstream": 1.3, "forward": 1.8, "adjoint": 1.5}
WANTED_BUILD = {1_000_000: 3.5, 5_000_000: 6.0}
WANTED_BRAIDED, WANTED_DRAWS = 3.0, 0.2


@njit(cache=True)
def copy_limit(given: Any, out: Any) -> None:
    for i in range(given.size):
        out[i] = given[i]


@njit(cache=True)
def forward_limit(transmission: Any, source: Any, index: Any, out: Any) -> int:
    t, s, o = transmission.ravel(), source.ravel(), out.ravel()
    for i in range(t.size):
        o[i] = s[i] + 0.5 * t[i]
    total = 0
    for i in range(index.size):
        total += index[i]
    return total


@njit(cache=True)
def adjoint_limit(transmission: Any, index: Any, out: Any) -> int:
    t, o = transmission.ravel(), out.ravel()
    for i in range(t.size):
        o[i] = 0.5 * t[i]
    total = 0
    for i in range(index.size):
        total += index[i]
    return total


@njit(cache=True)
def build_limit(places: Any, values: Any) -> int:
    """Four scattered reads a reach, none of which waits for another."""
    total = 0
    mask = values.size - 1
    for i in range(places.size):
        place = places[i]
        total += values[place]
        total += values[(place + 40_503) & mask]
        total += values[(place * 5 + 7) & mask]
        total += values[(place * 9 + 13) & mask]
    return total


@njit(cache=True)
def random_tree(count: int, seed: int) -> Any:
    """Return the downstream position of each position of a random binary network, largest tributary first."""
    np.random.seed(seed)
    down = np.full(count, -1, np.int64)
    first = np.empty(count, np.int64)
    last = np.empty(count, np.int64)
    first[0], last[0], depth = 0, count - 1, 1
    while depth:
        depth -= 1
        low, high = first[depth], last[depth]
        below = high - low
        if below == 0:
            continue
        heads = max(below // 2, 1)
        light = 0
        if below > 1:
            light = 2 * int(heads * np.random.beta(0.5, 0.5)) + 1
            light = min(light, below - light)
        middle = high - 1 - light
        down[middle] = high
        first[depth], last[depth], depth = low, middle, depth + 1
        if light:
            down[high - 1] = high
            first[depth], last[depth], depth = middle + 1, high - 1, depth + 1
    return down


def tables(count: int, seed: int = 11) -> tuple[Reaches, Edges, np.ndarray]:
    """Return a random network with shuffled rows, and the downstream id of each row (−1 at the outlet)."""
    rng = np.random.default_rng(seed)
    tree = random_tree(count, seed)
    row = rng.permutation(count)
    ids = np.unique(rng.integers(1, 2**60, count + 1000))
    rng.shuffle(ids)
    ids = ids[:count]
    down = np.full(count, -1, np.int64)
    down[row] = np.where(tree >= 0, row[tree], -1)
    upstream = np.flatnonzero(down >= 0)
    reaches = Reaches(
        ids,
        np.zeros(count, np.int8),
        rng.uniform(200, 3000, count),
        rng.uniform(0.1, 1.0, count),
        np.full(count, np.nan),
        np.full(count, 20.0),
        rng.uniform(0.001, 0.1, count),
    )
    edges = Edges(upstream, down[upstream], np.ones(len(upstream)))
    return reaches, edges, np.where(down >= 0, ids[down], -1)


def braided(edges: Edges, position: np.ndarray, order: np.ndarray, every: int) -> Edges:
    """Return the edges with one reach in `every` also flowing to another one within a few hundred below."""
    rng = np.random.default_rng(3)
    count = len(order)
    places = rng.choice(count - 400, count // every, replace=False)
    onto = order[places + rng.integers(2, 400, len(places))]
    from_rows = order[places]
    down = np.full(count, -1, np.int64)
    down[edges.upstream] = edges.downstream
    kept = (down[from_rows] >= 0) & (down[from_rows] != onto)
    share = np.ones(len(edges.upstream))
    share[np.searchsorted(edges.upstream, from_rows[kept])] = 0.7
    return Edges(
        np.concatenate([edges.upstream, from_rows[kept]]),
        np.concatenate([edges.downstream, onto[kept]]),
        np.concatenate([share, np.full(kept.sum(), 0.3)]),
    )


def interleaved(rounds: int, **runs: Callable[[], object]) -> dict[str, list[float]]:
    """Return the times of each in seconds; they run in turn, every other round in the opposite order.

    So neither of two always finds in the cache what the other has just read.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for number in range(rounds):
        for name in list(runs) if number % 2 else reversed(runs):
            begin = time.process_time()
            runs[name]()
            times[name].append(time.process_time() - begin)
    return times


def beside(times: dict[str, list[float]], name: str, limit: str) -> dict[str, float]:
    """Return the median times of a run and of its limit, and the median of the ratios of each round."""
    ratios = np.array(times[name]) / np.array(times[limit])
    return {
        "seconds": float(np.median(times[name])),
        "limit": float(np.median(times[limit])),
        "ratio": float(np.median(ratios)),
    }


def number(ids: np.ndarray, to_ids: np.ndarray) -> object:
    """What building does with the ids: rows by id, where each flows, the numbering."""
    (down,) = rows_by_id(ids, to_ids)
    return number_tree(ids, down)


def passes(network: Network, rounds: int) -> dict[str, dict[str, float]]:
    """Time the passes of a network beside their limits."""
    count, layout = len(network), network.layout
    rng = np.random.default_rng(1)
    transmission, source = rng.uniform(0.9, 1.0, (count, POLLUTANTS)), rng.random((count, POLLUTANTS))
    out, ids, index = np.ones((count, POLLUTANTS)), np.ones(count, np.int64), np.ones(3 * count, np.int32)
    slots, at_place = layout.slots, (1.0,) * POLLUTANTS
    outlet = int(network.order[-1])
    found = interleaved(
        rounds,
        upstream=lambda: np.copyto(ids, upstream_view(network, outlet)),
        upstream_limit=lambda: copy_limit(layout.order, ids),
        forward=lambda: kernels.forward_tree(slots.own, slots.target, slots.count, transmission, source, out),
        forward_limit=lambda: forward_limit(transmission, source, index, out),
        adjoint=lambda: kernels.adjoint_tree(
            slots.own, slots.target, slots.count, transmission, at_place, out
        ),
        adjoint_limit=lambda: adjoint_limit(transmission, index[:count], out),
    )
    return {name: beside(found, name, f"{name}_limit") for name in ("upstream", "forward", "adjoint")}


def upstream_view(network: Network, row: int) -> np.ndarray:
    """Return the rows above a row, as a range of the order."""
    ((first, last),) = network.layout.ranges(int(network.position[row]))
    return network.order[first : last + 1]


def building(reaches: Reaches, to_ids: np.ndarray, rounds: int) -> dict[str, float]:
    """Time ids to numbering beside scattered reads."""
    bits = int(np.ceil(np.log2(len(reaches))))
    places = np.random.default_rng(2).integers(0, 2**bits, len(reaches))
    values = np.ones(2**bits, np.int64)
    found = interleaved(
        rounds,
        build=lambda: number(reaches.ids, to_ids),
        limit=lambda: build_limit(places, values),
    )
    return beside(found, "build", "limit")


def braided_passes(network: Network, tree: Network, rounds: int) -> dict[str, float]:
    """Time the passes of a network with bifurcations beside those of the tree it was made from."""
    count = len(network)
    rng = np.random.default_rng(1)
    transmission, source = rng.uniform(0.9, 1.0, (count, POLLUTANTS)), rng.random((count, POLLUTANTS))
    out, weight, one = np.ones((count, POLLUTANTS)), np.zeros((count, POLLUTANTS)), np.ones(POLLUTANTS)
    layout, slots, plain = network.layout, network.layout.slots, tree.layout.slots
    entering, leaving = layout.entering, layout.leaving
    alone = np.zeros((count, POLLUTANTS))
    alone[-1] = 1.0
    shared = (slots.own, slots.target, slots.count, layout.tree_share)
    into, onto = (entering.down, entering.up, entering.share), (leaving.up, leaving.down, leaving.share)
    found = interleaved(
        rounds,
        forward=lambda: kernels.forward_braided(*shared, *into, transmission, source, out),
        forward_tree=lambda: kernels.forward_tree(
            plain.own, plain.target, plain.count, transmission, source, out
        ),
        adjoint=lambda: [
            kernels.backward_range(*shared, *onto, transmission, alone, first, last, weight)
            for first, last in layout.ranges(count - 1)
        ],
        adjoint_tree=lambda: kernels.adjoint_tree(
            plain.own, plain.target, plain.count, transmission, one, out
        ),
    )
    return {name: beside(found, name, f"{name}_tree")["ratio"] for name in ("forward", "adjoint")}


def peers(network: Network) -> dict[str, dict[str, float]]:
    """Time what other libraries can do of the same, once each."""
    count, edges = len(network), network.edges
    outlet = int(network.order[-1])
    pairs = list(zip(edges.upstream.tolist(), edges.downstream.tolist(), strict=True))
    found: dict[str, dict[str, float]] = {}

    def timed(library: str, what: str, run: Callable[[], Any]) -> Any:
        begin = time.process_time()
        answer = run()
        found.setdefault(library, {})[what] = time.process_time() - begin
        return answer

    def rust() -> Any:
        graph = rx.PyDiGraph()
        graph.add_nodes_from(range(count))
        graph.add_edges_from_no_data(pairs)
        return graph

    for library, make, ancestors in (
        ("rustworkx", rust, rx.ancestors),
        ("networkx", partial(nx.DiGraph, pairs), nx.ancestors),
    ):
        graph = timed(library, "build", make)
        assert len(timed(library, "upstream", partial(ancestors, graph, outlet))) == count - 1
    layout = network.layout
    weights = np.random.default_rng(1).uniform(0.9, 1.0, count)
    source = np.ones((count, POLLUTANTS))
    against = csr_matrix((np.ones(count - 1, np.int8), (layout.down, layout.up)), (count, count))
    timed("scipy", "upstream", lambda: breadth_first_order(against, count - 1, return_predecessors=False))
    matrix = timed(
        "scipy",
        "build",
        lambda: csr_matrix(
            (
                np.concatenate([np.ones(count), -weights[layout.up]]),
                (
                    np.concatenate([np.arange(count), layout.down]),
                    np.concatenate([np.arange(count), layout.up]),
                ),
            ),
            (count, count),
        ),
    )
    timed("scipy", "forward", lambda: spsolve_triangular(matrix, source, lower=True, unit_diagonal=True))
    return found


def draws(count: int = 10_000, outfalls: int = 100) -> float:
    """Return the median seconds of a thousand draws on `count` reaches."""
    reaches, edges, _ = tables(count)
    network = build(reaches, edges)
    rng = np.random.default_rng(5)
    loads = [Load(f"o{k}", int(rng.integers(count)), 100.0, 0.1, {"COD": 50.0}) for k in range(outfalls)]
    solution = solve(network, [Pollutant("COD", 0.2)], loads, {"COD": np.full(count, 10.0)})
    sections = [Section(f"s{k}", int(row), 100.0) for k, row in enumerate(rng.integers(count, size=20))]
    return float(np.median(interleaved(7, draws=lambda: monte_carlo(solution, sections))["draws"]))


def size(count: int, rounds: int, *, with_peers: bool) -> tuple[dict[str, Any], bool]:
    """Run everything at one size, print it, return the figures and whether all that is wanted is reached."""
    reaches, edges, to_ids = tables(count)
    begin = time.process_time()
    network = build(reaches, edges)
    door = time.process_time() - begin
    results: dict[str, Any] = passes(network, rounds)
    results["build"] = building(reaches, to_ids, rounds)
    print(f"{count:,} reaches, {POLLUTANTS} pollutants, milliseconds of CPU time")
    good = True
    for name, figures in results.items():
        wanted = WANTED.get(name) or WANTED_BUILD.get(count, 6.0)
        good &= figures["ratio"] <= wanted
        print(
            f"  {name:<9}{figures['seconds'] * 1e3:10.2f}   limit{figures['limit'] * 1e3:10.2f}"
            f"   ratio {figures['ratio']:5.2f}   wanted {wanted}"
        )
    print(f"  build() with all checks, first call of the process: {door * 1e3:.0f}")
    results["braided"] = braided_passes(
        build(reaches, braided(edges, network.position, network.order, 20)), network, rounds
    )
    good &= max(results["braided"].values()) <= WANTED_BRAIDED
    print(f"  5 % bifurcations, times a tree: {results['braided']}   wanted {WANTED_BRAIDED}")
    if with_peers:
        results["peers"] = peers(network)
        for library, figures in results["peers"].items():
            print(f"  {library}: " + ", ".join(f"{what} {s * 1e3:.0f}" for what, s in figures.items()))
    return results, good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--reaches", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict[str, Any] = {}
    good = True
    for count in options.reaches:
        peered = not options.no_peers and count <= 1_000_000
        results[str(count)], reached = size(count, options.rounds, with_peers=peered)
        good &= reached
    results["draws"] = draws()
    good &= results["draws"] <= WANTED_DRAWS
    print(f"1,000 draws on 10,000 reaches: {results['draws']:.3f} s   wanted {WANTED_DRAWS}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print("reached" if good else "MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
