"""Ecological flow routed (生态流量): what of releases and lateral flow arrives where a base flow is owed.

A reservoir or sluice that controls its outflow lets through what it releases, whatever comes in from above;
bifurcations pass flow on by their shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.network import faults, sweeps
from bishui.network.diffuse import Diffuse, check_diffuse
from bishui.network.faults import refuse
from bishui.network.flow import added_flow, check_loads, check_sections
from bishui.network.graph import Network
from bishui.network.tables import Floats, Load, Section


@dataclass(frozen=True, slots=True)
class BaseFlow:
    """A section's base flow against what arrives.

    Attributes
    ----------
    wanted, arrives
        m³/s.
    shortfall
        What is missing, m³/s; 0 if nothing is.
    factor
        By what all lateral flow above, at tops and along reaches, would have to be multiplied to keep it;
        None where there is none.
    more_release
        By control reach: how much more it alone would have to release, m³/s; only those that help.
    """

    section: Section
    wanted: float
    arrives: float
    shortfall: float
    factor: float | None
    more_release: Mapping[int, float]

    @property
    def kept(self) -> bool:
        """Whether the section has its base flow."""
        return self.shortfall <= 0

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "section": self.section.key,
            "wanted_m3_s": self.wanted,
            "arrives_m3_s": self.arrives,
            "shortfall_m3_s": self.shortfall,
            "factor": self.factor,
            "more_release_m3_s": {str(row): more for row, more in self.more_release.items()},
            "kept": self.kept,
        }


def routed_flow(
    network: Network,
    loads: Sequence[Load] = (),
    releases: Mapping[int, float] | None = None,
    diffuse: Diffuse | None = None,
) -> Floats:
    """Return the flow at the bottom of each reach, m³/s, below reaches that release a given flow.

    Parameters
    ----------
    loads
        Outfalls, with their water.
    releases
        By row: what the reach lets out at its bottom, m³/s, in place of what enters it.
    diffuse
        What enters all along the reaches; only its water counts.

    Raises
    ------
    NetworkFault
        If a load or the inflow along reaches is wrong, or a release is no number of zero or more.
    """
    controls = releases or {}
    refuse([faults.bad_release(network.name(row), flow) for row, flow in controls.items() if not flow >= 0])
    check_loads(network, loads)
    passing, source = np.ones((len(network), 1)), np.zeros((len(network), 1))
    source[:, 0] = _inflow(network, diffuse) + added_flow(network, loads)
    for row, flow in controls.items():
        passing[row] = 0.0
        for below, share in zip(network.outflows.of(row), network.outflows.shares(row), strict=True):
            source[below] += share * flow
    bottom = sweeps.forward(network, passing, source)[1][:, 0]
    bottom[list(controls)] = list(controls.values())
    return bottom


def _inflow(network: Network, diffuse: Diffuse | None) -> Floats:
    """Return the local inflow of each reach, at its top and along it, m³/s."""
    if diffuse is None:
        return network.reaches.lateral_flow
    check_diffuse(network, diffuse)
    return network.reaches.lateral_flow + diffuse.water(network)


def base_flows(
    network: Network,
    wanted: Sequence[tuple[Section, float]],
    loads: Sequence[Load] = (),
    releases: Mapping[int, float] | None = None,
    diffuse: Diffuse | None = None,
) -> list[BaseFlow]:
    """Return for each section whether its base flow arrives, and what would have to change if not.

    Parameters
    ----------
    wanted
        Sections and the base flow owed there, m³/s.
    loads, releases, diffuse
        As `routed_flow`.

    Raises
    ------
    NetworkFault
        If a section is not on the network, or as `routed_flow`.
    """
    check_sections(network, [section for section, _ in wanted])
    controls = dict(releases or {})
    flow, inflow = routed_flow(network, loads, controls, diffuse), _inflow(network, diffuse)
    passing = np.ones((len(network), 1))
    passing[list(controls)] = 0.0
    found = []
    for section, owed in wanted:
        held = network.mixed[section.reach] or section.reach in controls
        beyond = 0.0 if held else _diffuse_below(network, diffuse, section)
        arrives = float(flow[section.reach]) - beyond - (0.0 if held else _below(loads, section))
        weight = sweeps.adjoint(network, passing, section.reach, np.ones(1))[:, 0]
        # Where the section's own reach releases a given flow, no lateral flow changes what arrives.
        lateral = 0.0 if section.reach in controls else float(weight @ inflow) - beyond
        short = max(owed - arrives, 0.0)
        found.append(
            BaseFlow(
                section,
                owed,
                arrives,
                short,
                (owed - arrives + lateral) / lateral if lateral > 0 else None,
                _more_release(network, weight, section.reach, controls, short),
            )
        )
    return found


def _below(loads: Sequence[Load], section: Section) -> float:
    """Return the water that outfalls bring into the section's reach below it, m³/s."""
    return sum(
        load.flow for load in loads if load.reach == section.reach and load.chainage > section.chainage
    )


def _diffuse_below(network: Network, diffuse: Diffuse | None, section: Section) -> float:
    """Return the water that enters along the section's reach below it, m³/s."""
    if diffuse is None:
        return 0.0
    rest = float(network.reaches.length[section.reach]) - section.chainage
    return float(diffuse.flow[section.reach]) * rest


def _more_release(
    network: Network, weight: Floats, row: int, controls: Mapping[int, float], short: float
) -> dict[int, float]:
    """Return how much more each control alone would have to release."""
    found = {}
    for control in controls:
        outflows = network.outflows
        arrives = 1.0 if control == row else float(outflows.shares(control) @ weight[outflows.of(control)])
        if arrives > 0 and short > 0:
            found[control] = short / arrives
    return found
