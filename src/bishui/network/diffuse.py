"""Inflow all along a reach (沿程分散入流): water and loads per metre, from fields, banks and groundwater.

With the velocity held, d(QC)/dx = m − (K/u) QC: of m g/s per metre, m (1 − e^(−Kx/u)) u/K are there after x
metres. So it is a load spread evenly, of which the mean part survives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bishui.i18n import Text
from bishui.network import faults
from bishui.network.faults import Fault, refuse
from bishui.network.flow import Passage, seconds
from bishui.network.graph import Network
from bishui.network.tables import Floats, Pollutant


@dataclass(frozen=True, slots=True)
class Diffuse:
    """What enters all along each reach, by row; in a mixed reactor it enters the whole of it.

    Attributes
    ----------
    flow
        Water, m³/s per m.
    rates
        Loads, g/s per m by pollutant; absent means none.
    """

    flow: Floats
    rates: Mapping[str, Floats]

    @classmethod
    def of(cls, flow: Floats, concentrations: Mapping[str, Floats]) -> Diffuse:
        """Return inflow of some concentrations, g/m³ by pollutant and row."""
        return cls(flow, {key: flow * values for key, values in concentrations.items()})

    def plus(self, other: Diffuse) -> Diffuse:
        """Return both together."""
        keys = dict.fromkeys([*self.rates, *other.rates])
        nothing = np.zeros(len(self.flow))
        rates = {key: self.rates.get(key, nothing) + other.rates.get(key, nothing) for key in keys}
        return Diffuse(self.flow + other.flow, rates)

    def water(self, network: Network) -> Floats:
        """Return the water that enters each reach, m³/s."""
        return self.flow * network.reaches.length

    def per_metre(self, network: Network, pollutants: Sequence[Pollutant]) -> Floats:
        """Return the loads, g/s per m, (n, P); none on tidal reaches."""
        found = np.zeros((len(network), len(pollutants)))
        for p, pollutant in enumerate(pollutants):
            if pollutant.key in self.rates:
                found[:, p] = np.where(network.tidal, 0.0, self.rates[pollutant.key])
        return found


def check_diffuse(network: Network, diffuse: Diffuse) -> None:
    """Refuse columns of another length, and what is no number of 0 or more.

    Raises
    ------
    NetworkFault
        With one fault for each.
    """
    columns = [(Text("沿程入流（m³/s/m）"), diffuse.flow)]
    columns += [(Text("沿程{key}负荷（g/s/m）", key=key), values) for key, values in diffuse.rates.items()]
    unlike = [
        faults.columns_unlike(str(what), len(values), len(network))
        for what, values in columns
        if len(values) != len(network)
    ]
    refuse(unlike)
    remedy = Text("请填写每米河长的入流，不小于 0；没有沿程入流的河段填 0。")
    found: list[Fault] = []
    for what, values in columns:
        found += [
            faults.bad_value("diffuse", network.name(row), what, float(values[row]), remedy)
            for row in np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
        ]
    refuse(found)


def mean_survival(decay: Floats) -> Floats:
    """Return (1 − e^(−x))/x, the mean part that survives of what enters evenly along x = K L/u."""
    small = decay < 1e-12
    return np.where(small, 1.0, -np.expm1(-decay) / np.where(small, 1.0, decay))


def mean_loss(decay: Floats) -> Floats:
    """Return (1 − (1 + x) e^(−x))/x², by how much `mean_survival` falls per unit of x.

    Near 0 by its series, whose next term is below the rounding: the fraction would lose all its digits.
    """
    small = decay < 1e-2
    x = np.where(small, decay, 0.0)
    series = 1 / 2 - x * (1 / 3 - x * (1 / 8 - x * (1 / 30 - x * (1 / 144 - x * (1 / 840 - x / 5760)))))
    y = np.where(small, 1.0, decay)
    return np.where(small, series, -(np.expm1(-y) + y * np.exp(-y)) / y**2)


def surviving(through: Passage) -> Floats:
    """Return the part that arrives at the bottom of what enters evenly along each reach, (n, P)."""
    network, time = through.network, seconds(through.network)
    time = np.where(np.isfinite(time), time, 0.0)
    found = mean_survival(through.rates * time[:, None])
    return np.where((network.mixed | network.tidal)[:, None], through.whole, found)


def surviving_to(through: Passage, row: int, chainage: float) -> tuple[Floats, float]:
    """Return the part that arrives at a chainage of what enters evenly above it, (P,), and along how much, m.

    In a mixed reactor it is that of the whole reactor, whatever the chainage.
    """
    if through.network.mixed[row]:
        return np.asarray(through.whole[row]).copy(), float(through.network.reaches.length[row])
    velocity = float(through.network.reaches.velocity[row])
    return mean_survival(through.rates[row] * (chainage / velocity if velocity > 0 else 0.0)), chainage
