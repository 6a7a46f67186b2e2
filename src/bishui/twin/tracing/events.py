"""The truth of a scenario: who exceeds, from when to when, and what is then in the water where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.network.tables import DAY_S, Floats, Section
from bishui.twin.tracing.outfalls import Outfall
from bishui.twin.tracing.parameters import Generator, around, log_between
from bishui.twin.tracing.rivers import River
from bishui.twin.tracing.transport import Packet, background_loads, flow_at, flows, packets


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """An exceeding source: its excess loads (g/s by item), began and ended in s from the campaign."""

    outfall: int
    excess: Floats
    start: float
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A river with its outfalls, all of them, and the way from each to each section."""

    river: River
    outfalls: tuple[Outfall, ...]
    flow: Floats

    @classmethod
    def of(cls, river: River, outfalls: Sequence[Outfall]) -> World:
        """Return the world of a river and its outfalls."""
        return cls(river, tuple(outfalls), flows(river, [(o.reach, o.chainage, o.flow) for o in outfalls]))

    def discharge(self, place: Section) -> float:
        """Return the flow at a place, m³/s."""
        return flow_at(self.river, self.flow, [(o.reach, o.chainage, o.flow) for o in self.outfalls], place)

    def ways(self, row: int, sections: Sequence[Section]) -> list[Packet]:
        """Return the paths from an outfall to the sections."""
        outfall = self.outfalls[row]
        return packets(self.river, self.flow, (outfall.reach, outfall.chainage), sections)

    def ordinary(self, sections: Sequence[Section]) -> Floats:
        """Return the concentrations when nobody exceeds, (S, P)."""
        loads = background_loads(self.river, self.flow, sections)
        for row, outfall in enumerate(self.outfalls):
            for way in self.ways(row, sections):
                loads[way.section] += way.part * way.survival * outfall.flow * outfall.ordinary
        return np.asarray(loads / np.array([[self.discharge(place)] for place in sections]))

    def raised(self, release: Release, place: Section, seconds: Floats) -> Floats:
        """Return by how much a release raises the concentrations at a place, (T, P)."""
        found = np.zeros((len(seconds), self.river.rate.shape[1]))
        for way in self.ways(release.outfall, [place]):
            there = way.arrived(seconds - release.start) - way.arrived(seconds - release.end)
            found += way.part * there[:, None] * (way.survival * release.excess)
        return found / self.discharge(place)


def draw_releases(
    rng: Generator, world: World, chosen: Sequence[int], settings: Mapping[str, Any]
) -> list[Release]:
    """Draw what the chosen outfalls do: how much, from when to when; the campaign falls within."""
    event = settings["event"]
    found = []
    for row in chosen:
        outfall = world.outfalls[row]
        pattern = np.exp(event["fingerprint_spread"] * rng.standard_normal(len(outfall.ordinary)))
        factor = log_between(rng, event["factor"])
        length = around(rng, event["duration_days"], event["duration_spread"]) * DAY_S
        start = -float(rng.uniform(0.0, 1.0)) * length
        excess = outfall.flow * outfall.ordinary * (factor * pattern)
        found.append(Release(row, excess, start, start + length))
    return found
