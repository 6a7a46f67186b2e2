"""Flow (流量) and what it lets through: the flow of each reach, the part of a load that passes it.

Flow is the same system as load with nothing lost. An outfall's water is in the river below its chainage;
the velocity stays the given one. A lake or reservoir is one mixed reactor (完全混合), where places have no
order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bishui.i18n import Text
from bishui.network import faults, sweeps
from bishui.network.faults import Fault, refuse
from bishui.network.graph import Network
from bishui.network.tables import Floats, Load, Pollutant, Section


def check_places(network: Network, places: Sequence[Load | Section], what: Text) -> list[Fault]:
    """Return which loads or sections lie outside the network, outside their reach or on a tidal reach."""
    found = []
    for place in places:
        if not 0 <= place.reach < len(network):
            found.append(faults.unknown_reach(what, place.key, place.reach, len(network)))
            continue
        name, length = network.name(place.reach), float(network.reaches.length[place.reach])
        if not network.mixed[place.reach] and not 0 <= place.chainage <= length:
            found.append(faults.beyond_reach(what, place.key, name, place.chainage, length))
        if network.tidal[place.reach]:
            found.append(faults.tidal_place(what, place.key, name))
    return found


def check_sections(network: Network, sections: Sequence[Section]) -> None:
    """Refuse sections that are not on the network.

    Raises
    ------
    NetworkFault
        With one fault for each wrong section.
    """
    refuse(check_places(network, sections, Text("断面")))


def check_loads(network: Network, loads: Sequence[Load]) -> None:
    """Refuse loads that are not on the network or whose numbers cannot be.

    Raises
    ------
    NetworkFault
        With one fault for each wrong place, flow, concentration or rate.
    """
    found = check_places(network, loads, Text("排口"))
    for load in loads:
        values = [(Text("流量（m³/s）"), load.flow)]
        values += [(Text("{key} 浓度", key=key), value) for key, value in load.concentrations.items()]
        values += [(Text("{key} 负荷（g/s）", key=key), value) for key, value in load.rates.items()]
        found += [
            faults.bad_load(load.key, what, value)
            for what, value in values
            if not (np.isfinite(value) and value >= 0)
        ]
    refuse(found)


def in_order(network: Network, loads: Sequence[Load]) -> list[Load]:
    """Return loads by reach, chainage and key, so that sums do not depend on their order."""
    return sorted(loads, key=lambda load: (int(network.position[load.reach]), load.chainage, load.key))


def added_flow(network: Network, loads: Sequence[Load]) -> Floats:
    """Return the water that loads bring into each reach, m³/s, by row."""
    added = np.zeros(len(network))
    for load in in_order(network, loads):
        added[load.reach] += load.flow
    return added


def flows(network: Network, loads: Sequence[Load] = (), along: Floats | None = None) -> Floats:
    """Return the flow at the bottom of each reach, m³/s, by row.

    Parameters
    ----------
    network
        The network; its lateral flows enter at the tops.
    loads
        Outfalls; their water is counted.
    along
        Water that enters all along each reach, m³/s by row, as `Diffuse.water` has it; None means none.

    Raises
    ------
    NetworkFault
        If a load is not on the network or its numbers cannot be.
    """
    check_loads(network, loads)
    source = network.reaches.lateral_flow + added_flow(network, loads)
    if along is not None:
        source = source + along
    return sweeps.forward(network, np.ones((len(network), 1)), source[:, None])[1][:, 0]


def decay_rates(network: Network, pollutants: Sequence[Pollutant]) -> Floats:
    """Return K(T) of each pollutant in each reach, 1/s, (n, P)."""
    columns = [pollutant.rate(network.reaches.temperature) for pollutant in pollutants]
    return np.stack(columns, axis=1) if columns else np.empty((len(network), 0))


def seconds(network: Network) -> Floats:
    """Return the time through each reach (L/u), s; infinite where water stands, 0 in reactors."""
    reaches = network.reaches
    with np.errstate(divide="ignore", invalid="ignore"):
        time = np.where(reaches.length > 0, reaches.length / reaches.velocity, 0.0)
    return np.where(network.mixed, 0.0, time)


@dataclass(frozen=True, eq=False)
class Passage:
    """What decays where, and what gets through.

    Attributes
    ----------
    rates
        K(T) of each pollutant in each reach, 1/s, (n, P).
    whole
        Part of a load at the top of each reach that arrives at its bottom, (n, P).
    """

    network: Network
    pollutants: tuple[Pollutant, ...]
    rates: Floats
    whole: Floats

    def between(self, row: int, begin: float, end: float) -> Floats:
        """Return what part of a load survives from one chainage of a reach to a lower one, (P,).

        In a mixed reactor it is that of the whole reactor, from anywhere to anywhere.
        """
        if self.network.mixed[row]:
            return np.asarray(self.whole[row]).copy()
        velocity = float(self.network.reaches.velocity[row])
        time = (end - begin) / velocity if end > begin and velocity > 0 else 0.0
        return np.asarray(np.exp(-self.rates[row] * time))

    def to_bottom(self, place: Load | Section) -> Floats:
        """Return what part of a load survives from a place to the bottom of its reach, (P,)."""
        return self.between(place.reach, place.chainage, float(self.network.reaches.length[place.reach]))


def passage(network: Network, flow: Floats, pollutants: Sequence[Pollutant]) -> Passage:
    """Return what decays where and what gets through, with the arguments and errors of `transmission`."""
    rates = decay_rates(network, pollutants)
    return Passage(network, tuple(pollutants), rates, transmission(network, flow, pollutants))


def transmission(network: Network, flow: Floats, pollutants: Sequence[Pollutant]) -> Floats:
    """Return the part of a load at the top of each reach that arrives at its bottom, (n, P).

    River: exp(−K L/u). Mixed reactor: Q/(Q + K V). Tidal reaches end the computation and let nothing through.

    Parameters
    ----------
    flow
        At the bottom of each reach, m³/s.

    Raises
    ------
    NetworkFault
        If water stands in a river reach in which a pollutant decays.
    """
    rate, time = decay_rates(network, pollutants), seconds(network)
    standing = np.isinf(time) & ~network.tidal
    refuse(
        [
            faults.zero_velocity(network.name(row), pollutants[p].key)
            for row, p in np.argwhere(standing[:, None] & (rate > 0))
        ]
    )
    time = np.where(np.isinf(time), 0.0, time)
    passing = np.exp(-rate * time[:, None])
    mixed = network.mixed
    if mixed.any():
        removed = rate[mixed] * network.reaches.volume[mixed, None]
        through = flow[mixed, None] + removed
        passing[mixed] = np.where(removed > 0, flow[mixed, None] / np.where(through > 0, through, 1.0), 1.0)
    passing[network.tidal] = 0.0
    return passing
