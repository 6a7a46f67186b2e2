"""How long a spill drill takes: ``python benchmarks/spill.py [REACHES]``.

A chain of reaches with 30 receptors is the worst case, for every receptor has the longest path; the plain
peer adds the pulse up reach by reach and receptor by receptor with `scipy.stats.invgauss`, without bands.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy.stats import invgauss

from bishui.network import Edges, Pollutant, Reaches, ReachKind, Section, build
from bishui.network.pulses.spill import Receptor, ReceptorKind, Spill, drill

RECEPTORS, LENGTH, VELOCITY, DISPERSION = 30, 400.0, 0.5, 20.0


def main() -> None:
    """Print both times and their ratio."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    full = np.full(count, np.nan)
    reaches = Reaches(
        np.arange(count),
        np.full(count, ReachKind.RIVER, dtype=np.int8),
        np.full(count, LENGTH),
        np.full(count, VELOCITY),
        full,
        np.full(count, 20.0),
        np.r_[10.0, np.zeros(count - 1)],
    )
    rows = np.arange(count - 1)
    network = build(reaches, Edges(rows, rows + 1, np.ones(count - 1)))
    places = np.linspace(1, count - 1, RECEPTORS).astype(int)
    receptors = [
        Receptor(f"s{row}", ReceptorKind.SECTION, Section("s", int(row), 200.0), 0.01) for row in places
    ]
    spill = Spill(Section("spill", 0, 100.0), 500_000.0, Pollutant("x", 0.0), 0.0, "declared")
    times = np.linspace(0, count * LENGTH / VELOCITY * 1.2, 2000)[1:]
    drill(network, spill, receptors[:1])
    ours, plain = [], []
    for _ in range(5):
        ours.append(_timed(lambda: drill(network, spill, receptors)))
        plain.append(_timed(lambda: [_plain(int(row), times) for row in places]))
    print(f"{count} reaches, {RECEPTORS} receptors, bands: {min(ours):.2f} s", end="; ")
    print(f"plain sum without bands: {min(plain):.3f} s; ratio {min(ours) / min(plain):.1f}")


def _plain(row: int, times: np.ndarray) -> np.ndarray:
    mean = variance = 0.0
    for _ in range(row):
        mean += LENGTH / VELOCITY
        variance += 2 * DISPERSION * LENGTH / VELOCITY**3
    shape = mean**3 / variance
    return invgauss.pdf(times, mean / shape, scale=shape)


def _timed(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
