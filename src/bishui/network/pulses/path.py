"""A pulse along a path of unlike reaches and reservoirs: flux concentration, by Fourier inversion.

The transform of each reach is known and a path is their product. It is inverted on a vertical line: a
contour that bends to the left (Talbot) runs where the transform explodes and fails for rivers. The line
goes through the saddle point, so that also the far tails keep their relative accuracy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.tables import Floats

Complexes = NDArray[np.complex128]

#: The line is sampled so that copies of the pulse lie this many standard deviations apart.
_APART = 80.0
_CHUNK = 256
_MOST = 1 << 20
_NEGLIGIBLE = 1e-18


@dataclass(frozen=True, slots=True)
class Segment:
    """A reach: length (m), velocity (m/s), dispersion (m²/s), decay (1/s)."""

    length: float
    velocity: float
    dispersion: float
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Reservoir:
    """A mixed reactor (完全混合): residence time V/Q (s), decay (1/s)."""

    residence: float
    rate: float = 0.0


@dataclass(frozen=True)
class Path:
    """Reaches and reservoirs, one after the other; `share`: product of the split fractions on the way."""

    parts: tuple[Segment | Reservoir, ...]
    share: float = 1.0
    #: Columns of the reaches (length, velocity, dispersion, rate) and of the lakes (residence, rate).
    _reaches: Floats = field(init=False, repr=False, compare=False)
    _lakes: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for part in self.parts:
            sizes = (
                (part.length, part.velocity, part.dispersion)
                if isinstance(part, Segment)
                else (part.residence,)
            )
            if not (all(size > 0 and math.isfinite(size) for size in sizes) and part.rate >= 0):
                raise CallError(
                    Text("路径中有一段的参数不可用：{part}。", part=part),
                    remedy=Text("长度、流速、离散系数和停留时间应大于 0，降解系数不小于 0。"),
                )
        if not self.parts:
            raise CallError(Text("路径是空的。"), remedy=Text("请至少给出一个河段。"))
        columns = [(p.length, p.velocity, p.dispersion, p.rate) for p in self.parts if isinstance(p, Segment)]
        lakes = [(p.residence, p.rate) for p in self.parts if isinstance(p, Reservoir)]
        object.__setattr__(self, "_reaches", np.array(columns, float).reshape(-1, 4).T[:, :, None])
        object.__setattr__(self, "_lakes", np.array(lakes, float).reshape(-1, 2).T[:, :, None])

    @property
    def mean(self) -> float:
        """Mean travel time without decay, s."""
        length, velocity, _, _ = self._reaches
        return float((length / velocity).sum() + self._lakes[0].sum())

    @property
    def variance(self) -> float:
        """Variance of the travel time without decay, s²; along a path they add."""
        length, velocity, spread, _ = self._reaches
        return float((2.0 * spread * length / velocity**3).sum() + (self._lakes[0] ** 2).sum())

    @property
    def surviving(self) -> float:
        """Part of the mass that arrives."""
        return self.share * math.exp(float(self._log(np.zeros(1, np.complex128))[0].real))

    def transform(self, s: Complexes) -> Complexes:
        """Return the Laplace transform of what arrives of a unit mass, G(s)."""
        return np.asarray(self.share * np.exp(self._log(s)))

    def _log(self, s: Complexes) -> Complexes:
        """Return ln G without the share; U − √(U² + 4D(s + K)) is written without cancellation."""
        length, velocity, spread, rate = self._reaches
        root = np.sqrt(velocity**2 + 4.0 * spread * (s + rate))
        residence, lost = self._lakes
        total = -(2.0 * (s + rate) * length / (velocity + root)).sum(axis=0)
        return np.asarray(total - np.log1p((s + lost) * residence).sum(axis=0))

    def _edge(self) -> float:
        """Return the rightmost singularity of the transform."""
        _, velocity, spread, rate = self._reaches
        residence, lost = self._lakes
        return float(np.max(np.vstack([-(velocity**2) / (4.0 * spread) - rate, -1.0 / residence - lost])))

    def _moments_at(self, s: float) -> tuple[float, float]:
        """Return mean and variance of the pulse tilted by e^(−s·t)."""
        length, velocity, spread, rate = self._reaches
        residence, lost = self._lakes
        gamma = np.sqrt(velocity**2 + 4.0 * spread * (s + rate))
        stay = 1.0 / (1.0 / residence + lost + s)
        mean = (length / gamma).sum() + stay.sum()
        return float(mean), float((2.0 * spread * length / gamma**3).sum() + (stay**2).sum())

    def density(self, time: float) -> float:
        """Return what arrives per second at `time` (s) of a unit mass; times mass/flow: g/m³.

        To 1e-8 and better for Péclet numbers UL/D above 1, also far into both tails.
        """
        if time <= 0:
            return 0.0
        saddle = self._saddle(time)
        _, variance = self._moments_at(saddle)
        period = _APART * max(math.sqrt(variance), variance / time)
        step = 2.0 * math.pi / period
        at_saddle = float(self._log(np.array([saddle + 0j]))[0].real)
        total, first = 0.5, 1
        while first < _MOST:
            s = np.asarray(saddle + 1j * step * np.arange(first, first + _CHUNK), np.complex128)
            terms = np.exp(self._log(s) - at_saddle + (s - saddle) * time)
            total += float(terms.real.sum())
            if float(np.abs(terms[-16:]).max()) < _NEGLIGIBLE:
                break
            first += _CHUNK
        return self.share * step / math.pi * math.exp(at_saddle + saddle * time) * total

    def _saddle(self, time: float) -> float:
        """Return s where the tilted mean is `time`: it falls from infinity at the edge to zero."""
        from scipy.optimize import brentq

        edge = self._edge()

        def late(log_gap: float) -> float:
            return math.log(self._moments_at(edge + math.exp(log_gap))[0] / time)

        low = high = math.log(1.0 / time)
        while late(low) < 0:
            low -= 2.0
        while late(high) > 0:
            high += 2.0
        return edge + math.exp(brentq(late, low, high, xtol=1e-9))


def density_of(paths: Sequence[Path], time: float) -> float:
    """Return what arrives per second of a unit mass over several paths: a bifurcation (分汊) that rejoins."""
    return math.fsum(path.density(time) for path in paths)


def curve(paths: Sequence[Path], mass: float, flow: float, times: Floats) -> Floats:
    """Return concentrations (g/m³) at `times` (s) where the flow is `flow` (m³/s), after `mass` (g)."""
    return np.array([mass / flow * density_of(paths, float(time)) for time in times])
