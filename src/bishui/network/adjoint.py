"""Against the flow (伴随): what each source contributes to a section, all sources in one backward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bishui.i18n import Text
from bishui.network import sweeps
from bishui.network.diffuse import surviving_to
from bishui.network.faults import refuse
from bishui.network.flow import Passage, check_places, check_sections, flows, passage
from bishui.network.graph import Network
from bishui.network.solve import Reading, Solution, load_rates
from bishui.network.tables import Floats, Load, Pollutant, Section

Place = Load | Section
Kind = Literal["load", "lateral", "diffuse"]

#: Below this part of a section's flow, removing a source leaves no water and no concentration.
_NO_WATER = 1e-12


@dataclass(frozen=True, eq=False)
class Weights:
    """What arrives at a section of a unit load put in elsewhere.

    Attributes
    ----------
    top
        Of a unit at the top of each reach, (n, P), by row; 0 where the water does not pass the section.
    """

    section: Section
    passage: Passage
    top: Floats

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return `top`, so that a plain array may be asked for."""
        return np.array(self.top, dtype=dtype, copy=True if copy is None else copy)

    def of(self, place: Place) -> Floats:
        """Return what arrives of a unit load put in at a place inside a reach, (P,).

        On the section's own reach that is only from above; a load on the same chainage is in.
        """
        row = place.reach
        if row != self.section.reach:
            return self.passage.to_bottom(place) * self.below(row)
        if self.passage.network.mixed[row] or place.chainage <= self.section.chainage:
            return self.passage.between(row, place.chainage, self.section.chainage)
        return np.zeros(self.top.shape[1])

    def along(self, row: int) -> tuple[Floats, float]:
        """Return what arrives of a unit load spread evenly along a reach, (P,), and along how much of it, m.

        On the section's own reach that is its part above the section.
        """
        if row == self.section.reach:
            return surviving_to(self.passage, row, self.section.chainage)
        part, length = surviving_to(self.passage, row, float(self.passage.network.reaches.length[row]))
        return part * self.below(row), length

    def below(self, row: int) -> Floats:
        """Return what arrives of a unit load at the bottom of a reach above the section's, (P,)."""
        outflows = self.passage.network.outflows
        return np.asarray(outflows.shares(row) @ self.top[outflows.of(row)])


def adjoint(
    network: Network,
    section: Section,
    pollutants: Sequence[Pollutant],
    flow: Floats | None = None,
) -> Weights:
    """Return what arrives at a section of a unit load at the top of each reach.

    Parameters
    ----------
    flow
        At the bottom of each reach, m³/s, which mixed reactors need; without it, that of no outfalls.

    Raises
    ------
    NetworkFault
        If the section is not on the network or on a tidal reach, or water stands where something decays.
    """
    check_sections(network, [section])
    through = passage(network, flows(network) if flow is None else flow, pollutants)
    return _weights(through, section)


def _weights(through: Passage, section: Section) -> Weights:
    own = through.between(section.reach, 0.0, section.chainage)
    return Weights(section, through, sweeps.adjoint(through.network, through.whole, section.reach, own))


def weight_of(network: Network, weights: Weights, place: Place) -> Floats:
    """Return what arrives at the section of `weights` of a unit load put in at a place, (P,)."""
    refuse(check_places(network, [place], Text("位置")))
    return weights.of(place)


def response(
    network: Network,
    sections: Sequence[Section],
    places: Sequence[Place],
    pollutants: Sequence[Pollutant],
    flow: Floats | None = None,
) -> Floats:
    """Return what arrives at each section of a unit load put in at each place, (S, K, P).

    As many passes as there are sections or places, whichever are fewer.
    """
    check_sections(network, sections)
    refuse(check_places(network, places, Text("位置")))
    if not sections or not places:
        return np.zeros((len(sections), len(places), len(pollutants)))
    through = passage(network, flows(network) if flow is None else flow, pollutants)
    if len(sections) <= len(places):
        weights = [_weights(through, section) for section in sections]
        return np.array([[weight.of(place) for place in places] for weight in weights])
    return np.stack([_spread(through, place, sections) for place in places], axis=1)


def _spread(through: Passage, place: Place, sections: Sequence[Section]) -> Floats:
    """Return what arrives at each section of a unit load put in at one place, by one pass with the flow."""
    network, row = through.network, place.reach
    source, arriving = np.zeros_like(through.whole), through.to_bottom(place)
    for below, share in zip(network.outflows.of(row), network.outflows.shares(row), strict=True):
        source[below] += share * arriving
    top, _ = sweeps.forward(network, through.whole, source)
    found = np.zeros((len(sections), len(through.pollutants)))
    for s, section in enumerate(sections):
        if section.reach != row:
            found[s] = top[section.reach] * through.between(section.reach, 0.0, section.chainage)
        elif network.mixed[row] or place.chainage <= section.chainage:
            found[s] = through.between(row, place.chainage, section.chainage)
    return found


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one source contributes to a section, of one pollutant.

    Attributes
    ----------
    source
        Key of the load, or id of the reach whose lateral or diffuse inflow it is.
    kind
        ``load``, ``lateral`` or ``diffuse``: what enters all along a reach.
    transmission
        Part of its load that arrives.
    load
        What arrives, g/s.
    share
        Of the load at the section (负荷贡献率); the shares of a section sum to 1.
    removal
        Change of the section's concentration if the source, water and load, were gone (削减效果), g/m³.
        Not additive; positive where a clean source dilutes. None where no water would be left.
    """

    source: str
    kind: Kind
    reach: int
    pollutant: str
    transmission: float
    load: float
    share: float
    removal: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "source": self.source,
            "kind": self.kind,
            "pollutant": self.pollutant,
            "transmission": self.transmission,
            "load_g_s": self.load,
            "load_share": self.share,
            "removal_effect_mg_l": self.removal,
        }


#: Water itself: what is not lost.
_WATER = Pollutant("water", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class _Source:
    """A source seen from a section: its part that arrives, what it brings (g/s), its water there (m³/s)."""

    key: str
    kind: Kind
    reach: int
    weight: Floats
    brought: Floats
    water: float


def contributions(solution: Solution, section: Section) -> dict[str, list[Contribution]]:
    """Return what every source contributes to a section, by pollutant, the largest first.

    Sources that bring nothing of a pollutant, or lie elsewhere, are left out. The removal effect keeps the
    transmissions as they are; only what a mixed reactor passes would change with its flow.

    Raises
    ------
    NetworkFault
        As `Solution.at`.
    """
    reading = solution.at(section)
    found: dict[str, list[Contribution]] = {key: [] for key in reading.pollutants}
    for source in _sources(solution, section):
        for p, key in enumerate(reading.pollutants):
            arrives = float(source.weight[p] * source.brought[p])
            if arrives > 0:
                found[key].append(_contribution(source, p, arrives, reading))
    for listed in found.values():
        listed.sort(key=lambda one: (-one.load, one.kind, one.source))
    return found


def _sources(solution: Solution, section: Section) -> Iterator[_Source]:
    network, pollutants = solution.network, solution.pollutants
    weights = _weights(solution.passage, section)
    water = adjoint(network, section, [_WATER], solution.flow)
    for load in solution.loads:
        arriving = float(water.of(load)[0]) * load.flow
        yield _Source(load.key, "load", load.reach, weights.of(load), load_rates(load, pollutants), arriving)
    for row in np.flatnonzero((solution.lateral * weights.top > 0).any(axis=1)):
        arriving = float(water.top[row, 0] * network.reaches.lateral_flow[row])
        yield _Source(
            network.name(row), "lateral", int(row), weights.top[row], solution.lateral[row], arriving
        )
    yield from _spread_sources(solution, weights, water)


def _spread_sources(solution: Solution, weights: Weights, water: Weights) -> Iterator[_Source]:
    """Yield what enters all along the reaches above a section."""
    if solution.diffuse is None:
        return
    network, flow = solution.network, solution.diffuse.flow
    rates = solution.diffuse.per_metre(network, solution.pollutants)
    above = network.upstream(weights.section.reach)
    for row in above[(rates[above] > 0).any(axis=1)].tolist():
        weight, length = weights.along(row)
        arriving = float(water.along(row)[0][0]) * float(flow[row]) * length
        yield _Source(network.name(row), "diffuse", row, weight, rates[row] * length, arriving)


def _contribution(source: _Source, p: int, arrives: float, reading: Reading) -> Contribution:
    load, remaining = float(reading.loads[p]), reading.flow - source.water
    removal = None
    if remaining > _NO_WATER * reading.flow:
        removal = (load - arrives) / remaining - float(reading.concentrations[p])
    return Contribution(
        source.key,
        source.kind,
        source.reach,
        reading.pollutants[p],
        float(source.weight[p]),
        arrives,
        arrives / load,
        removal,
    )
