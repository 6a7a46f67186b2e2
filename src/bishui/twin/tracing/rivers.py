"""Random rivers: what is known of them, and what they truly are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bishui.network.tables import DAY_S, Edges, Floats, Pollutant, Reaches, ReachKind
from bishui.twin.tracing.parameters import Generator, between, count, log_between


@dataclass(frozen=True, slots=True, eq=False)
class River:
    """A river as it truly is; rows as in the reaches that the tracer is given, upstream first.

    Attributes
    ----------
    kind, length
        As known: maps are right.
    velocity
        m/s.
    lateral
        Local inflow, m³/s.
    rate
        Decay, 1/s, (n, P).
    background
        Concentration of the local inflow, g/m³, (n, P).
    volume
        Of lakes, m³.
    dispersion
        m²/s.
    downstream
        For each reach the pairs of a reach that it flows into and the share of its flow.
    """

    kind: NDArray[np.int8]
    length: Floats
    velocity: Floats
    lateral: Floats
    rate: Floats
    background: Floats
    volume: Floats
    dispersion: float
    downstream: tuple[tuple[tuple[int, float], ...], ...]

    def __len__(self) -> int:
        """Return how many reaches there are."""
        return len(self.length)

    def mixed(self, row: int) -> bool:
        """Return whether a reach is a lake."""
        return ReachKind(int(self.kind[row])).mixed


def pollutants(settings: Mapping[str, Any]) -> tuple[Pollutant, ...]:
    """Return the items with the decay that the tracer assumes."""
    return tuple(Pollutant(item["key"], item["decay"], item["theta"]) for item in settings["item"])


def draw_river(rng: Generator, settings: Mapping[str, Any]) -> tuple[Reaches, Edges, River]:
    """Draw a river: the reaches and edges as they are known, and the river as it truly is."""
    size = round(log_between(rng, settings["river"]["reaches"]))
    downstream = _with_canals(rng, _tree(rng, size, settings["river"]), settings["river"])
    reaches = _known(rng, downstream, settings["river"])
    pairs = [(row, to, part) for row, out in enumerate(downstream) for to, part in out]
    edges = Edges(
        np.array([row for row, _, _ in pairs], np.int64),
        np.array([to for _, to, _ in pairs], np.int64),
        np.array([part for _, _, part in pairs]),
    )
    return reaches, edges, _truth(rng, reaches, downstream, settings)


def _tree(rng: Generator, size: int, settings: Mapping[str, Any]) -> list[int]:
    """Return the reach that each flows into, -1 at the outlet; upstream reaches come first."""
    to = [-1]
    tributaries = [0]
    for _ in range(size - 1):
        wanted = 1 if rng.random() < settings["branching"] else 0
        fitting = [row for row, held in enumerate(tributaries) if held == wanted]
        fitting = fitting or [row for row, held in enumerate(tributaries) if held < 2]
        chosen = int(fitting[rng.integers(len(fitting))])
        to.append(chosen)
        tributaries[chosen] += 1
        tributaries.append(0)
    last = size - 1
    return [-1 if to[last - row] < 0 else last - to[last - row] for row in range(size)]


def _with_canals(
    rng: Generator, tree: list[int], settings: Mapping[str, Any]
) -> list[list[tuple[int, float]]]:
    """Return the downstream lists; a side canal leaves a reach and joins one further down."""
    downstream = [[] if to < 0 else [(to, 1.0)] for to in tree]
    if rng.random() >= settings["with_splits"]:
        return downstream
    for _ in range(count(rng, settings["splits"])):
        row = int(rng.integers(len(tree)))
        path = [row]
        while tree[path[-1]] >= 0:
            path.append(tree[path[-1]])
        if len(path) < 4 or len(downstream[row]) > 1:
            continue
        to = path[min(len(path) - 1, 3 + int(rng.integers(4)))]
        part = between(rng, settings["split_fraction"])
        downstream[row] = [(tree[row], 1.0 - part), (to, part)]
    return downstream


def _known(rng: Generator, downstream: list[list[tuple[int, float]]], settings: Mapping[str, Any]) -> Reaches:
    size = len(downstream)
    lateral = settings["lateral_flow"] * np.exp(settings["lateral_spread"] * rng.standard_normal(size))
    flow = lateral.copy()
    for row, out in enumerate(downstream):
        for to, part in out:
            flow[to] += part * flow[row]
    kind = np.zeros(size, np.int8)
    volume = np.full(size, np.nan)
    length = settings["length_m"] * np.exp(settings["length_spread"] * rng.standard_normal(size))
    if rng.random() < settings["with_lakes"] and size > 8:
        for row in rng.choice(size - 1, count(rng, settings["lakes"]), replace=False):
            kind[row] = ReachKind.LAKE
            length[row] = 0.0
            volume[row] = flow[row] * DAY_S * between(rng, settings["residence_days"])
    return Reaches(
        ids=np.array([f"R{row + 1:03}" for row in range(size)]),
        kind=kind,
        length=length,
        velocity=rng.uniform(settings["velocity"][0], settings["velocity"][1], size),
        volume=volume,
        temperature=np.full(size, between(rng, settings["temperature"])),
        lateral_flow=lateral,
    )


def _truth(
    rng: Generator, known: Reaches, downstream: list[list[tuple[int, float]]], settings: Mapping[str, Any]
) -> River:
    """Return what the river truly is, as far from what is known as the parameters say."""
    doubt, items, size = settings["ignorance"], settings["item"], len(known)
    assumed = np.stack([item.rate(known.temperature) for item in pollutants(settings)], axis=1)
    median = np.array([item["background"] for item in items])
    common = doubt["flow_common_spread"] * rng.standard_normal()
    return River(
        kind=known.kind,
        length=known.length,
        velocity=known.velocity * np.exp(doubt["velocity_spread"] * rng.standard_normal()),
        lateral=known.lateral_flow * np.exp(common + doubt["flow_reach_spread"] * rng.standard_normal(size)),
        rate=assumed * np.exp(doubt["decay_spread"] * rng.standard_normal(len(items))),
        background=median
        * np.exp(
            doubt["background_spread"]
            * (rng.standard_normal(len(items)) + rng.standard_normal((size, len(items))))
        ),
        volume=known.volume,
        dispersion=between(rng, settings["river"]["dispersion"]),
        downstream=tuple(tuple(out) for out in downstream),
    )
