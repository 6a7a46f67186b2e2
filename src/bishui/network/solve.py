"""Steady transport with the flow (稳态输移): loads and concentrations of all reaches, balanced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bishui.network import faults, sweeps
from bishui.network.diffuse import Diffuse, check_diffuse, surviving, surviving_to
from bishui.network.faults import refuse
from bishui.network.flow import (
    Passage,
    check_sections,
    flows,
    in_order,
    passage,
)
from bishui.network.graph import Network
from bishui.network.tables import Floats, Load, Pollutant, Section

#: Above this part of what enters, a result is not given (残差上限).
LARGEST_RESIDUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the load of each pollutant went, g/s; `residual` is the rest, as a part of what entered."""

    pollutants: tuple[str, ...]
    entered: Floats
    left: Floats
    decayed: Floats
    residual: Floats

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, by pollutant."""
        return {
            key: {
                "in_g_s": float(self.entered[p]),
                "out_g_s": float(self.left[p]),
                "decayed_g_s": float(self.decayed[p]),
                "residual": float(self.residual[p]),
            }
            for p, key in enumerate(self.pollutants)
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """What passes a section: flow (m³/s), and by pollutant load (g/s) and concentration (g/m³ = mg/L)."""

    section: Section
    pollutants: tuple[str, ...]
    flow: float
    loads: Floats
    concentrations: Floats

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "section": self.section.key,
            "flow_m3_s": self.flow,
            "load_g_s": dict(zip(self.pollutants, self.loads.tolist(), strict=True)),
            "concentration_mg_l": dict(zip(self.pollutants, self.concentrations.tolist(), strict=True)),
        }


@dataclass(frozen=True, eq=False)
class Solution:
    """The steady state of a network.

    Attributes
    ----------
    flow
        At the bottom of each reach, m³/s.
    passage
        What decays where, and what gets through.
    lateral
        Load that enters with the lateral flow at the top, g/s, (n, P).
    top, bottom
        Load at the top and the bottom of each reach, g/s, (n, P); not a number on tidal reaches.
    diffuse
        What enters all along the reaches.
    """

    network: Network
    pollutants: tuple[Pollutant, ...]
    loads: tuple[Load, ...]
    flow: Floats
    passage: Passage
    lateral: Floats
    top: Floats
    bottom: Floats
    balance: Balance
    diffuse: Diffuse | None = None

    @cached_property
    def concentration(self) -> Floats:
        """Concentration at the bottom of each reach, g/m³, (n, P); not a number where no water flows."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.flow[:, None] > 0, self.bottom / self.flow[:, None], np.nan)

    @property
    def transmission(self) -> Floats:
        """Part of a load at the top of each reach that arrives at its bottom, (n, P)."""
        return self.passage.whole

    @cached_property
    def _loads_of(self) -> Mapping[int, list[Load]]:
        found: dict[int, list[Load]] = {}
        for load in in_order(self.network, self.loads):
            found.setdefault(load.reach, []).append(load)
        return found

    def at(self, section: Section) -> Reading:
        """Return what passes a section; a load on the same chainage is in.

        Raises
        ------
        NetworkFault
            If the section is not on the network, on a tidal reach, or where no water flows.
        """
        check_sections(self.network, [section])
        row, mixed = section.reach, bool(self.network.mixed[section.reach])
        of_reach = self._loads_of.get(row, [])
        total = self.top[row] * self.passage.between(row, 0.0, section.chainage)
        flow = float(self.flow[row])
        for load in of_reach:
            if mixed or load.chainage <= section.chainage:
                part = self.passage.between(row, load.chainage, section.chainage)
                total = total + part * load_rates(load, self.pollutants)
            else:
                flow -= load.flow
        if self.diffuse is not None:
            part, along = surviving_to(self.passage, row, section.chainage)
            total = total + self.diffuse.per_metre(self.network, self.pollutants)[row] * along * part
            flow -= float(self.diffuse.flow[row]) * (float(self.network.reaches.length[row]) - along)
        if flow <= 0:
            refuse([faults.dry_section(section.key, self.network.name(row))])
        keys = tuple(pollutant.key for pollutant in self.pollutants)
        return Reading(section, keys, flow, total, total / flow)


def load_rates(load: Load, pollutants: Sequence[Pollutant]) -> Floats:
    """Return what a load brings of each pollutant, g/s."""
    return np.array([load.rate(pollutant.key) for pollutant in pollutants], np.float64)


def solve(
    network: Network,
    pollutants: Sequence[Pollutant],
    loads: Sequence[Load] = (),
    lateral: Mapping[str, Floats] | None = None,
    diffuse: Diffuse | None = None,
) -> Solution:
    """Return loads and concentrations of all pollutants in all reaches.

    Parameters
    ----------
    network
        The network, with its lateral flows.
    pollutants
        What is computed, in this order of columns.
    loads
        Outfalls.
    lateral
        Concentration of the lateral flow of each reach by pollutant, g/m³, by row; absent means none.
    diffuse
        What enters all along the reaches; None means nothing.

    Raises
    ------
    NetworkFault
        If a load is wrong or enters where no water flows, if water stands where something decays, or if the
        balance of a pollutant does not close to 1e-9.
    """
    flow = _flow(network, loads, diffuse)
    through = passage(network, flow, pollutants)
    own = _lateral(network, pollutants, lateral or {})
    points = _point_loads(through, loads, diffuse)
    top, bottom = sweeps.forward(network, through.whole, own + _passed_on(network, points.arriving))
    bottom += points.arriving
    balance = _balance(through, own, points, top, bottom)
    refuse(
        [
            faults.unbalanced(key, float(residual))
            for key, residual in zip(balance.pollutants, balance.residual, strict=True)
            if not abs(residual) <= LARGEST_RESIDUAL
        ]
    )
    top[network.tidal] = bottom[network.tidal] = np.nan
    return Solution(
        network, tuple(pollutants), tuple(loads), flow, through, own, top, bottom, balance, diffuse
    )


def _flow(network: Network, loads: Sequence[Load], diffuse: Diffuse | None) -> Floats:
    """Return the flow at the bottoms; refuse loads where there is none."""
    if diffuse is not None:
        check_diffuse(network, diffuse)
    flow = flows(network, loads, diffuse.water(network) if diffuse else None)
    found = [
        faults.zero_flow(load.key, network.name(load.reach))
        for load in loads
        if flow[load.reach] <= 0 and any(rate > 0 for rate in load.rates.values())
    ]
    for key, rates in (diffuse.rates if diffuse else {}).items():
        dry = np.flatnonzero((rates > 0) & (flow <= 0))
        found += [faults.zero_flow(key, network.name(row)) for row in dry]
    refuse(found)
    return flow


def _lateral(network: Network, pollutants: Sequence[Pollutant], given: Mapping[str, Floats]) -> Floats:
    """Return the load that enters with lateral flow, g/s; none on tidal reaches."""
    own = np.zeros((len(network), len(pollutants)))
    flow = np.where(network.tidal, 0.0, network.reaches.lateral_flow)
    for p, pollutant in enumerate(pollutants):
        if pollutant.key in given:
            own[:, p] = flow * given[pollutant.key]
    bad = ~(np.isfinite(own) & (own >= 0))
    refuse(
        [
            faults.bad_lateral(network.name(row), pollutants[p].key, float(given[pollutants[p].key][row]))
            for row, p in np.argwhere(bad)
        ]
    )
    return own


@dataclass(frozen=True, slots=True)
class _PointLoads:
    """What enters each reach below its top, and what of that arrives at its bottom, g/s, (n, P)."""

    entering: Floats
    arriving: Floats


def _point_loads(through: Passage, loads: Sequence[Load], diffuse: Diffuse | None) -> _PointLoads:
    points = _PointLoads(np.zeros_like(through.whole), np.zeros_like(through.whole))
    for load in in_order(through.network, loads):
        brought = load_rates(load, through.pollutants)
        points.entering[load.reach] += brought
        points.arriving[load.reach] += brought * through.to_bottom(load)
    if diffuse is not None:
        brought = diffuse.per_metre(through.network, through.pollutants)
        brought *= through.network.reaches.length[:, None]
        points.entering[:] += brought
        points.arriving[:] += brought * surviving(through)
    return points


def _passed_on(network: Network, arriving: Floats) -> Floats:
    """Return what enters the tops of what was put into the reaches directly above, in their order."""
    source, edges, layout = np.zeros_like(arriving), network.edges, network.layout
    loaded = np.asarray((arriving > 0).any(axis=1))
    carrying = np.flatnonzero(loaded[edges.upstream])
    carrying = carrying[np.lexsort((layout.down[carrying], layout.up[carrying]))]
    up, down = edges.upstream[carrying], edges.downstream[carrying]
    np.add.at(source, down, edges.fraction[carrying, None] * arriving[up])
    return source


def _balance(through: Passage, own: Floats, points: _PointLoads, top: Floats, bottom: Floats) -> Balance:
    """Return what entered, what left at outlets and into tidal reaches, and what decayed on the way."""
    network = through.network
    river = ~network.tidal
    outlets = (np.diff(network.outflows.start) == 0) & river
    entered = own.sum(axis=0) + points.entering.sum(axis=0)
    left = bottom[outlets].sum(axis=0) + top[_first_tidal(network)].sum(axis=0)
    decayed = (top[river] * (1.0 - through.whole[river])).sum(axis=0)
    decayed += (points.entering - points.arriving).sum(axis=0)
    rest = entered - left - decayed
    residual = np.where(entered > 0, rest / np.where(entered > 0, entered, 1.0), rest)
    return Balance(tuple(p.key for p in through.pollutants), entered, left, decayed, residual)


def _first_tidal(network: Network) -> NDArray[np.bool_]:
    """Return which tidal reaches have a river above: there the computation ends."""
    edges, tidal = network.edges, network.tidal
    first = np.zeros(len(network), bool)
    first[edges.downstream[~tidal[edges.upstream]]] = True
    return np.asarray(first & tidal)
