"""What a network is made of: reaches, edges, loads and sections as plain columns, in m, s and g."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Seconds in a day: rates are given per day and used per second.
DAY_S = 86_400.0


class ReachKind(IntEnum):
    """What a reach is (河段类型); channels of the discharge chain (排污通道) are reaches too."""

    RIVER = 0
    CANAL = 1
    CHANNEL = 2
    LAKE = 3
    RESERVOIR = 4
    TIDAL = 5
    DRY = 6

    @property
    def mixed(self) -> bool:
        """Whether it is computed as one mixed reactor (完全混合)."""
        return self in (ReachKind.LAKE, ReachKind.RESERVOIR)


@dataclass(frozen=True, slots=True)
class Reaches:
    """Reaches (河段), one row each; row numbers are what edges, loads and sections refer to.

    Attributes
    ----------
    ids
        Names of the reaches, integers or texts, unique.
    kind
        `ReachKind` of each.
    length
        Along the channel, m.
    velocity
        m/s.
    volume
        m³; not a number where the reach is no lake or reservoir.
    temperature
        Of the water, °C.
    lateral_flow
        Local inflow at the top of the reach, m³/s; never the accumulated flow.
    """

    ids: NDArray[np.generic]
    kind: NDArray[np.int8]
    length: Floats
    velocity: Floats
    volume: Floats
    temperature: Floats
    lateral_flow: Floats

    def __len__(self) -> int:
        """Return how many reaches there are."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Edges:
    """Which reach flows into which: rows of `Reaches`, and the share of the flow that takes the edge.

    A reach without an edge is an outlet; one with several is a bifurcation (分汊) whose shares sum to 1.
    """

    upstream: Integers
    downstream: Integers
    fraction: Floats


@dataclass(frozen=True, slots=True)
class Pollutant:
    """A pollutant: decay at 20 °C per day, and its temperature factor θ; K(T) = K20 · θ^(T − 20)."""

    key: str
    decay_per_day: float
    theta: float = 1.047

    def rate(self, temperature: Floats) -> Floats:
        """Return the decay at a temperature (°C), per second."""
        return np.asarray(self.decay_per_day * self.theta ** (temperature - 20.0) / DAY_S)


@dataclass(frozen=True, slots=True)
class Load:
    """What an outfall (入河排污口) brings: flow (m³/s), concentrations (g/m³), at a chainage (m).

    `rates` (g/s) come beside flow × concentration: what is known as a load, without its water.
    """

    key: str
    reach: int
    chainage: float
    flow: float
    concentrations: Mapping[str, float] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)

    def rate(self, key: str) -> float:
        """Return the load of a pollutant, g/s."""
        return self.flow * self.concentrations.get(key, 0.0) + self.rates.get(key, 0.0)


@dataclass(frozen=True, slots=True)
class Section:
    """A section (断面): a place on a reach, chainage in m from its top; a load on the same chainage is in."""

    key: str
    reach: int
    chainage: float
