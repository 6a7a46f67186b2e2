"""How long water takes (传播时间): the mean over all branches, and the least and most along any of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bishui.network import faults, sweeps
from bishui.network.adjoint import Place
from bishui.network.faults import refuse
from bishui.network.flow import check_sections, flows, passage, seconds
from bishui.network.graph import Network
from bishui.network.tables import Floats, Pollutant, Section

_WATER = Pollutant("water", 0.0, 1.0)


def mean_travel_time(
    network: Network, section: Section, pollutant: Pollutant | None = None, flow: Floats | None = None
) -> Floats:
    """Return the mean time from the top of each reach to a section, s; NaN where no water comes from.

    It is the mean over what arrives: branches count by the load that comes through them. It is found by the
    derivative of the adjoint, m = −(∂w/∂s)/w at s = 0 with t(s) = exp(−(K + s) τ), in one more pass.

    Parameters
    ----------
    pollutant
        Whose arrival is meant; a decaying one arrives on average earlier than water, which is the default.
    flow
        At the bottom of each reach, m³/s, which mixed reactors need; without it, that of no outfalls.

    Raises
    ------
    NetworkFault
        If the section is not on the network or on a tidal reach, or the water stands on the way.
    """
    check_sections(network, [section])
    discharge = flows(network) if flow is None else flow
    kind, row = pollutant or _WATER, section.reach
    through = passage(network, discharge, [kind])
    own = through.between(row, 0.0, section.chainage)
    weight = sweeps.adjoint(network, through.whole, row, own)[:, 0]
    time = _mean_seconds(network, discharge, through.rates[:, 0])
    _refuse_standing(network, weight > 0, time)
    time[row] = _to_section(network, section, time)
    moment = np.where(weight > 0, time, 0.0) * weight
    moments = sweeps.backward(network, through.whole, moment[:, None], row)[:, 0]
    return np.where(weight > 0, moments / np.where(weight > 0, weight, 1.0), np.nan)


def travel_range(
    network: Network,
    section: Section,
    flow: Floats | None = None,
    *,
    fast: float = 1.0,
    slow: float = 1.0,
) -> Floats:
    """Return the least and the most time from the top of each reach to a section, s, (n, 2).

    Over all branches. A mixed reactor answers at once and holds back on average V/Q, so it counts with 0 and
    with V/Q. NaN where no water comes from.

    Parameters
    ----------
    fast, slow
        Multiples of the velocity for the least and the most time: the fast estimate is for arrival, the slow
        one for leaving.

    Raises
    ------
    NetworkFault
        As `mean_travel_time`.
    """
    check_sections(network, [section])
    discharge = flows(network) if flow is None else flow
    mean = _mean_seconds(network, discharge, np.zeros(len(network)))
    least = np.where(network.mixed, 0.0, mean / fast)
    time = np.stack([least, np.where(network.mixed, mean, mean / slow)], axis=1)
    own = _to_section(network, section, mean)
    mixed = bool(network.mixed[section.reach])
    at_row = np.array([0.0 if mixed else own / fast, own if mixed else own / slow])
    found = sweeps.path_times(network, time, section.reach, at_row)
    _refuse_standing(network, ~np.isnan(found[:, 0]), mean)
    return found


def time_from(network: Network, times: Floats, place: Place) -> Floats:
    """Return times of `mean_travel_time` or `travel_range` from a place inside a reach, not from its top.

    What lies between the top and the place is taken off at the given velocity; in a mixed reactor nothing
    is. Below the section on its own reach there is no time: NaN.
    """
    row = place.reach
    off = 0.0
    if not network.mixed[row] and place.chainage > 0:
        off = place.chainage / float(network.reaches.velocity[row])
    left = np.asarray(times[row] - off)
    return np.where(left < -1e-9, np.nan, np.maximum(left, 0.0))


def _mean_seconds(network: Network, flow: Floats, rate: Floats) -> Floats:
    """Return −d ln t/ds of each reach: L/u, and (V/Q)/(1 + K V/Q) of a mixed reactor."""
    with np.errstate(divide="ignore", invalid="ignore"):
        reactor = network.reaches.volume / (flow + rate * network.reaches.volume)
    return np.where(network.mixed, reactor, seconds(network))


def _to_section(network: Network, section: Section, time: Floats) -> float:
    """Return the time from the top of the section's reach to the section."""
    row = section.reach
    if network.mixed[row] or section.chainage <= 0:
        return float(time[row]) if network.mixed[row] else 0.0
    return section.chainage / float(network.reaches.velocity[row])


def _refuse_standing(network: Network, counts: NDArray[np.bool_], time: Floats) -> None:
    refuse([faults.standing_water(network.name(row)) for row in np.flatnonzero(counts & ~np.isfinite(time))])
