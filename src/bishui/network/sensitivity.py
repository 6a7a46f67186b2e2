"""How a section answers to each input (敏感性): one pass with the flow and one against it give all of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bishui.network.adjoint import Weights, adjoint
from bishui.network.diffuse import mean_loss
from bishui.network.flow import in_order, seconds
from bishui.network.solve import Solution, load_rates
from bishui.network.tables import DAY_S, Floats, Pollutant, Section

_WATER = Pollutant("water", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """First derivatives at a section, by row and pollutant, (n, P).

    Attributes
    ----------
    load_to_decay
        Change of the load there per change of K(T) in a reach, g/s per 1/d: −τ × what of its load arrives.
    load_to_lateral
        Per g/s more that enters the top of a reach; the weights.
    concentration_to_flow
        Change of the concentration per m³/s more clean water at the top of a reach, g/m³ per m³/s.
    """

    load_to_decay: Floats
    load_to_lateral: Floats
    concentration_to_flow: Floats


def sensitivity(solution: Solution, section: Section) -> Sensitivity:
    """Return how a section answers to decay, lateral load and lateral flow of every reach.

    Mixed reactors: τ is (V/Q)/(1 + K V/Q); that their transmission changes with flow is not in
    `concentration_to_flow`.

    Raises
    ------
    NetworkFault
        As `Solution.at`.
    """
    network, row = solution.network, section.reach
    reading = solution.at(section)
    weights = adjoint(network, section, solution.pollutants, solution.flow)
    water = adjoint(network, section, [_WATER], solution.flow)
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = network.reaches.volume[:, None] / (
            solution.flow[:, None] + solution.passage.rates * network.reaches.volume[:, None]
        )
    time = np.where(network.mixed[:, None], stay, seconds(network)[:, None])
    reactor = bool(network.mixed[row])
    if not reactor:
        time[row] = _time_to(solution, row, section.chainage)
    answer = np.where(weights.top > 0, time * weights.top * np.nan_to_num(solution.top), 0.0)
    for load in in_order(network, solution.loads):
        end = section.chainage if load.reach == row else float(network.reaches.length[load.reach])
        within = (
            time[load.reach]
            if network.mixed[load.reach]
            else _time_to(solution, load.reach, end - load.chainage)
        )
        answer[load.reach] += within * weights.of(load) * load_rates(load, solution.pollutants)
    answer += _along(solution, weights, time)
    dilution = -water.top * reading.concentrations / reading.flow
    return Sensitivity(-answer / DAY_S, weights.top, dilution)


def _along(solution: Solution, weights: Weights, time: Floats) -> Floats:
    """Return what inflow along reaches adds: it stays for a part of the time only, or mixes in a reactor."""
    network, section = solution.network, weights.section
    found = np.zeros_like(time)
    if solution.diffuse is None:
        return found
    spread = solution.diffuse.per_metre(network, solution.pollutants)
    for row in network.upstream(section.reach).tolist():
        if not spread[row].any():
            continue
        part, length = weights.along(row)
        if not network.mixed[row]:
            # Standing water (an endless time) passes what does not decay; its rates are 0.
            rate = solution.passage.rates[row]
            loss = mean_loss(np.where(rate > 0, rate * np.where(rate > 0, time[row], 1.0), 0.0))
            part = loss if row == section.reach else loss * weights.below(row)
        found[row] = np.where(part > 0, time[row] * part * spread[row] * length, 0.0)
    return found


def _time_to(solution: Solution, row: int, distance: float) -> float:
    """Return the time that water takes along a part of a reach, s."""
    velocity = float(solution.network.reaches.velocity[row])
    return distance / velocity if distance > 0 and velocity > 0 else 0.0
