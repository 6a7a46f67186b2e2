"""The compiled oxygen sag: BOD and deficit swept with the flow, outfalls at their chainage. Twin: `oxygen`.

All states are loads in g/s, which the sag, being linear, moves as it moves concentrations.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel

Array = npt.NDArray[Any]

_DAY_S = 86_400.0
#: How a reach is computed.
RIVER, REACTOR, NOT_COMPUTED = range(3)


class Water(NamedTuple):
    """The network by row.

    Attributes
    ----------
    order
        The rows, upstream first.
    how
        `RIVER`, `REACTOR` or `NOT_COMPUTED`.
    length, velocity, volume, flow
        m, m/s, m³, m³/s at the bottom.
    rates
        (n, 2) deoxygenation and reaeration, 1/d.
    start, below, share
        Where each row flows to.
    """

    order: Array
    how: Array
    length: Array
    velocity: Array
    volume: Array
    flow: Array
    rates: Array
    start: Array
    below: Array
    share: Array


class Inflows(NamedTuple):
    """Outfalls by row, then chainage: those of a row are ``start[row]`` to ``start[row + 1]``.

    `chainage` m, `flow` m³/s, `brought` (m, 2) BOD and deficit in g/s.
    """

    start: Array
    chainage: Array
    flow: Array
    brought: Array


@kernel(division="numpy")
def sweep(water: Water, inflows: Inflows, top: Array, bottom: Array, worst: Array) -> None:
    """Fill in what leaves each reach (g/s) and the worst deficit within it (mg/L).

    Parameters
    ----------
    top
        (n, 2) what the lateral flow brings; what comes from above is added.
    """
    for row in water.order:
        if water.how[row] == NOT_COMPUTED:
            continue
        if water.how[row] == REACTOR:
            bottom[row, 0], bottom[row, 1], worst[row] = _react(water, inflows, row, top[row])
        else:
            bottom[row, 0], bottom[row, 1], worst[row] = _run(water, inflows, row, top[row])
        for edge in range(water.start[row], water.start[row + 1]):
            for part in range(2):
                top[water.below[edge], part] += water.share[edge] * bottom[row, part]


@kernel(division="numpy")
def _react(water: Water, inflows: Inflows, row: int, top: Array) -> tuple[float, float, float]:
    """Return what leaves a mixed reactor, and its deficit: both decay, and what BOD takes is a deficit."""
    bod, deficit, flow = top[0], top[1], water.flow[row]
    for k in range(inflows.start[row], inflows.start[row + 1]):
        bod += inflows.brought[k, 0]
        deficit += inflows.brought[k, 1]
    if flow <= 0.0:
        return 0.0, 0.0, 0.0
    stay = water.volume[row] / flow / _DAY_S
    bod /= 1.0 + water.rates[row, 0] * stay
    taken = water.rates[row, 0] * stay * bod
    deficit = (deficit + taken) / (1.0 + water.rates[row, 1] * stay)
    return bod, deficit, deficit / flow


@kernel(division="numpy")
def _run(water: Water, inflows: Inflows, row: int, top: Array) -> tuple[float, float, float]:
    """Return what leaves a river reach, and its worst deficit: from outfall to outfall to the bottom."""
    first, last = inflows.start[row], inflows.start[row + 1]
    flow, at = water.flow[row], 0.0
    for k in range(first, last):
        flow -= inflows.flow[k]
    bod, deficit, found = top[0], top[1], 0.0
    for k in range(first, last + 1):
        to = inflows.chainage[k] if k < last else water.length[row]
        days = (to - at) / water.velocity[row] / _DAY_S if to > at else 0.0
        state = (max(bod, 0.0), deficit)
        when = min(_critical(water.rates[row], state), days)
        lowest, after = _sag(water.rates[row], state, when), _sag(water.rates[row], state, days)
        if flow > 0.0:
            found = max(found, lowest[1] / flow, after[1] / flow)
        bod, deficit, at = after[0], after[1], to
        if k < last:
            bod += inflows.brought[k, 0]
            deficit += inflows.brought[k, 1]
            flow += inflows.flow[k]
    return bod, deficit, found


@kernel(division="numpy")
def _sag(rates: Array, state: tuple[float, float], days: float) -> tuple[float, float]:
    """Return BOD and deficit after a time; see `oxygen.OxygenSag.at`."""
    left, difference = np.exp(-rates[0] * days), rates[1] - rates[0]
    grown = days if difference == 0.0 else -np.expm1(-difference * days) / difference
    made = rates[0] * state[0] * left * grown
    return state[0] * left, made + state[1] * np.exp(-rates[1] * days)


@kernel(division="numpy")
def _critical(rates: Array, state: tuple[float, float]) -> float:
    """Return when the deficit is greatest, d; see `oxygen.OxygenSag.critical_time`."""
    made = rates[0] * state[0]
    if made == 0.0:
        return 0.0
    if rates[1] == 0.0:
        return np.inf
    difference, ratio = rates[1] - rates[0], state[1] / made
    if -ratio * difference <= -1.0:
        return 0.0
    if difference == 0.0:
        return float(max(0.0, 1.0 / rates[0] - ratio))
    both = np.log1p(difference / rates[0]) + np.log1p(-ratio * difference)
    return float(max(0.0, both / difference))
