"""How a source reaches a section, path by path: not the engine's way, so that no fault is shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc

from bishui.network.tables import Floats, Section
from bishui.twin.tracing.rivers import River


@dataclass(frozen=True, slots=True, eq=False)
class Packet:
    """What one path from a source brings to a section.

    `part` of the load takes the path, of which `survival` (P,) arrives; the arrival of a sudden start is
    spread about `mean` seconds with `variance`.
    """

    section: int
    part: float
    survival: Floats
    mean: float
    variance: float

    def arrived(self, seconds: Floats) -> Floats:
        """Return which part of a steady source that began so long ago has arrived."""
        passed = np.maximum(seconds, 0.0)
        if self.variance <= 0.0:
            return np.asarray(seconds >= self.mean, float)
        return np.asarray(gammainc(self.mean**2 / self.variance, passed * self.mean / self.variance))


@dataclass(frozen=True, slots=True)
class _State:
    row: int
    chainage: float
    part: float
    exponent: Floats
    mean: float
    variance: float


def flows(river: River, outfalls: Sequence[tuple[int, float, float]]) -> Floats:
    """Return the flow at the bottom of each reach; `outfalls` are reach, chainage, flow."""
    flow = river.lateral.copy()
    for row, _, own in outfalls:
        flow[row] += own
    for row, out in enumerate(river.downstream):
        for to, part in out:
            flow[to] += part * flow[row]
    return flow


def flow_at(
    river: River, flow: Floats, outfalls: Sequence[tuple[int, float, float]], place: Section
) -> float:
    """Return the flow at a place: that at the bottom of its reach without the outfalls below the place."""
    below = sum(own for row, z, own in outfalls if row == place.reach and z > place.chainage)
    return float(flow[place.reach]) - (0.0 if river.mixed(place.reach) else below)


def packets(
    river: River, flow: Floats, source: tuple[int, float], sections: Sequence[Section]
) -> list[Packet]:
    """Return every path from a source (reach, chainage) to the sections below it."""
    found: list[Packet] = []
    open_states = [_State(source[0], source[1], 1.0, np.zeros(river.rate.shape[1]), 0.0, 0.0)]
    while open_states:
        state = open_states.pop()
        for number, place in enumerate(sections):
            if place.reach == state.row and (river.mixed(state.row) or place.chainage >= state.chainage):
                found.append(_packet(number, _moved(river, flow, state, place.chainage)))
        end = _moved(river, flow, state, float(river.length[state.row]))
        for to, part in river.downstream[state.row]:
            open_states.append(_State(to, 0.0, end.part * part, end.exponent, end.mean, end.variance))
    return found


def _moved(river: River, flow: Floats, state: _State, chainage: float) -> _State:
    rate = river.rate[state.row]
    if river.mixed(state.row):
        stay = float(river.volume[state.row] / flow[state.row])
        lost, mean = np.log1p(rate * stay), stay
        variance = stay**2
    else:
        speed = float(river.velocity[state.row])
        mean = (chainage - state.chainage) / speed
        lost, variance = rate * mean, 2.0 * river.dispersion * mean / speed**2
    return _State(
        state.row, chainage, state.part, state.exponent + lost, state.mean + mean, state.variance + variance
    )


def _packet(number: int, state: _State) -> Packet:
    return Packet(number, state.part, np.exp(-state.exponent), state.mean, state.variance)


def background_loads(river: River, flow: Floats, sections: Sequence[Section]) -> Floats:
    """Return the loads at the sections that the local inflows of all reaches bring, g/s, (S, P)."""
    top = river.lateral[:, None] * river.background
    for row, out in enumerate(river.downstream):
        start = _State(row, 0.0, 1.0, np.zeros(river.rate.shape[1]), 0.0, 0.0)
        end = _moved(river, flow, start, float(river.length[row]))
        for to, part in out:
            top[to] += part * top[row] * np.exp(-end.exponent)
    states = [_State(place.reach, 0.0, 1.0, np.zeros(river.rate.shape[1]), 0.0, 0.0) for place in sections]
    return np.array(
        [
            top[place.reach] * np.exp(-_moved(river, flow, state, place.chainage).exponent)
            for place, state in zip(sections, states, strict=True)
        ]
    )
