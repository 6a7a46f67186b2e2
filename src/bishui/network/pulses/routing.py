"""A pulse over a network: what each reach does to it, gathered from the spill down to a section.

The transform of the pulse at a section is the sum over all ways of the products of their reaches: one pass
with the flow over the reaches between spill and section. Its mean and variance come from the same pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bishui.network.graph import Network
from bishui.network.pulses.path import Complexes
from bishui.network.tables import Floats, Integers, Section

#: Frequencies of a section's pulse, at the least and at the most.
_LEAST, _MOST = 64, 4096
#: Copies of the pulse lie this many standard deviations apart.
_APART = 40.0
#: Of the amplitude at rest: beyond it frequencies add nothing.
_NEGLIGIBLE = 1e-13


@dataclass(frozen=True, eq=False)
class Routing:
    """What a pulse meets, by row: velocity (m/s), dispersion (m²/s), decay (1/s), flow (m³/s)."""

    network: Network
    spill: Section
    velocity: Floats
    dispersion: Floats
    rate: Floats
    flow: Floats

    @cached_property
    def _below(self) -> NDArray[np.bool_]:
        found = np.zeros(len(self.network), bool)
        found[self.network.downstream(self.spill.reach)] = True
        return found

    @cached_property
    def _rank(self) -> Integers:
        rank = np.empty(len(self.network), np.int64)
        rank[self.network.order] = np.arange(len(self.network))
        return rank

    def reached(self, section: Section) -> bool:
        """Tell whether the spill passes a section."""
        if section.reach == self.spill.reach:
            return bool(self.network.mixed[section.reach]) or section.chainage > self.spill.chainage
        return bool(self._below[section.reach])

    def rows_to(self, section: Section) -> Integers:
        """Return the reaches between spill and section, both ends in, upstream first."""
        above = self.network.upstream(section.reach)
        rows = above[self._below[above]]
        return np.asarray(rows[np.argsort(self._rank[rows])])

    def arrival(self, section: Section) -> Arrival:
        """Return what arrives at a section that the spill reaches."""
        rows = self.rows_to(section)
        network, reaches = self.network, self.network.reaches
        length = reaches.length[rows].astype(float)
        first, last = rows == self.spill.reach, rows == section.reach
        mixed = network.mixed[rows]
        length[last & ~mixed] = section.chainage
        length[first & ~mixed] -= self.spill.chainage
        with np.errstate(divide="ignore", invalid="ignore"):
            stay = np.where(mixed, reaches.volume[rows] / self.flow[rows], 0.0)
        return Arrival(
            np.where(mixed, 0.0, length),
            self.velocity[rows],
            self.dispersion[rows],
            self.rate[rows],
            stay,
            self._ways(rows),
        )

    def _ways(self, rows: Integers) -> list[tuple[Integers, Floats]] | None:
        """Return for each row places and shares of the rows above it; None where there is one way only."""
        if not self.network.has_splits:
            return None
        place = {int(row): at for at, row in enumerate(rows)}
        above: list[tuple[list[int], list[float]]] = [([], []) for _ in rows]
        for at, row in enumerate(rows):
            below = self.network.outflows.of(int(row))
            for down, share in zip(below, self.network.outflows.shares(int(row)), strict=True):
                if int(down) in place:
                    above[place[int(down)]][0].append(at)
                    above[place[int(down)]][1].append(float(share))
        return [(np.array(places, np.int64), np.array(shares)) for places, shares in above]


@dataclass(frozen=True, eq=False)
class Arrival:
    """The reaches on the way to a section, spill first, section last, and how they join.

    `ways` names for each reach those above it with their shares; None: one after the other, all shares 1.
    """

    length: Floats
    velocity: Floats
    dispersion: Floats
    rate: Floats
    stay: Floats
    ways: list[tuple[Integers, Floats]] | None

    def transform(self, s: Complexes) -> Complexes:
        """Return the Laplace transform of what arrives of a unit mass."""
        log = self._logs(s)
        if self.ways is None:
            return np.asarray(np.exp(log.sum(axis=0)))
        each = np.exp(log)
        at = np.zeros_like(each)
        at[0] = each[0]
        for row in range(1, len(each)):
            places, shares = self.ways[row]
            at[row] = (shares[:, None] * at[places]).sum(axis=0) * each[row]
        return np.asarray(at[-1])

    def _logs(self, s: Complexes) -> Complexes:
        u, d = self.velocity[:, None], self.dispersion[:, None]
        inside = s[None, :] + self.rate[:, None]
        with np.errstate(invalid="ignore"):  # reactors have no velocity
            travelled = -2.0 * inside * self.length[:, None] / (u + np.sqrt(u**2 + 4.0 * d * inside))
        return np.asarray(np.where(self.stay[:, None] > 0, -np.log1p(inside * self.stay[:, None]), travelled))

    @cached_property
    def moments(self) -> tuple[float, float, float]:
        """Surviving part, mean (s) and variance (s²) of what arrives; over several ways weighted by load."""
        gamma = np.sqrt(self.velocity**2 + 4.0 * self.dispersion * self.rate)
        held = np.where(self.stay > 0, self.stay / (1.0 + self.rate * self.stay), 0.0)
        mean = np.where(self.stay > 0, held, self.length / gamma)
        variance = np.where(self.stay > 0, held**2, 2.0 * self.dispersion * self.length / gamma**3)
        part = np.exp(self._logs(np.zeros(1, np.complex128))[:, 0].real)
        if self.ways is None:
            return float(part.prod()), float(mean.sum()), float(variance.sum())
        state = np.zeros((len(part), 3))
        state[0] = part[0], mean[0], variance[0]
        for row in range(1, len(part)):
            state[row] = self._joined(row, state, part[row], mean[row], variance[row])
        return float(state[-1, 0]), float(state[-1, 1]), float(state[-1, 2])

    def _joined(self, row: int, state: Floats, part: float, mean: float, variance: float) -> Floats:
        assert self.ways is not None
        places, shares = self.ways[row]
        weight = shares * state[places, 0]
        whole = float(weight.sum())
        if whole <= 0:
            return np.array([0.0, mean, variance])
        middle = float((weight * state[places, 1]).sum()) / whole
        spread = float((weight * (state[places, 2] + (state[places, 1] - middle) ** 2)).sum()) / whole
        return np.array([whole * part, middle + mean, spread + variance])

    def pulse(self, released_over: float = 0.0) -> Pulse:
        """Return the pulse that arrives of a unit mass, released at once or evenly over a time (s)."""
        surviving, mean, variance = self.moments
        mean, variance = mean + released_over / 2.0, variance + released_over**2 / 12.0
        period = _APART * max(np.sqrt(variance), variance / mean)
        step, count = 2.0 * np.pi / period, _LEAST
        while True:
            s = np.asarray(1j * step * np.arange(count), np.complex128)
            amplitude = self.transform(s)
            if released_over > 0:
                amplitude[1:] *= -np.expm1(-s[1:] * released_over) / (s[1:] * released_over)
            size = np.abs(amplitude[-8:]).max()
            if size <= _NEGLIGIBLE * surviving or count >= _MOST:
                break
            count *= 2
        if size > _NEGLIGIBLE * surviving:
            # A reservoir's sharp beginning has all frequencies: cut softly, which blurs it over
            # 1/(count·step).
            amplitude *= np.exp(-18.0 * (np.arange(count) / count) ** 2)
        return Pulse(amplitude, step, surviving, mean, variance)


@dataclass(frozen=True, eq=False)
class Pulse:
    """What arrives per second of a unit mass, by its frequencies; mean and variance of when."""

    amplitude: Complexes
    step: float
    surviving: float
    mean: float
    variance: float

    def density(self, times: Floats) -> Floats:
        """Return what arrives per second at times (s); zero before the spill, never below."""
        times = np.atleast_1d(np.asarray(times, float))
        turns = np.exp(1j * self.step * np.outer(times, np.arange(len(self.amplitude))))
        total = (turns * self.amplitude).real.sum(axis=1) - 0.5 * self.amplitude[0].real
        return np.asarray(np.where(times > 0, np.maximum(total * self.step / np.pi, 0.0), 0.0))

    def times(self, count: int = 600) -> Floats:
        """Return times (s) that hold the pulse, for a curve."""
        spread = float(np.sqrt(self.variance))
        first = max(self.mean - 8.0 * spread, self.mean * 1e-3)
        return np.linspace(first, self.mean + 14.0 * spread, count)
