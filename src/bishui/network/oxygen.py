"""The oxygen sag (氧垂曲线) of Streeter and Phelps, on one reach and along a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import kernels_oxygen
from bishui.network.faults import refuse, zero_velocity
from bishui.network.flow import flows
from bishui.network.graph import Network
from bishui.network.settings import Settings, settings
from bishui.network.tables import Floats, Load


@dataclass(frozen=True, slots=True)
class OxygenState:
    """What a place has after a time: ultimate BOD and oxygen deficit, mg/L; `time` in days."""

    time: float
    bod: float
    deficit: float

    def oxygen(self, saturation: float) -> float:
        """Return dissolved oxygen (mg/L); never below zero, where the formula no longer holds."""
        return max(0.0, saturation - self.deficit)

    def anaerobic(self, saturation: float) -> bool:
        """Tell whether the deficit is more than there is: the formula is invalid from there on."""
        return self.deficit > saturation


@dataclass(frozen=True, slots=True)
class OxygenSag:
    """A reach with BOD and deficit at its top (mg/L), deoxygenation k_d and reaeration k_a (1/d)."""

    deoxygenation: float
    reaeration: float
    bod: float
    deficit: float = 0.0

    def __post_init__(self) -> None:
        for name in ("deoxygenation", "reaeration", "bod"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise CallError(
                    Text("{name} 不能是 {value}。", name=name, value=value),
                    remedy=Text("请填写不小于 0 的数。"),
                )

    def at(self, days: float) -> OxygenState:
        """Return what is there after a travel time (d).

        D = k_d L0 (e^(−k_d t) − e^(−k_a t))/(k_a − k_d) + D0 e^(−k_a t); the quotient is written with
        expm1, so that equal and nearly equal rates lose nothing.
        """
        left = math.exp(-self.deoxygenation * days)
        made = self.deoxygenation * self.bod * made_per_unit(self.deoxygenation, self.reaeration, days)
        return OxygenState(days, self.bod * left, made + self.deficit * math.exp(-self.reaeration * days))

    @property
    def critical_time(self) -> float:
        """When the deficit is greatest, d; 0 where it only falls (no sag), infinite without reaeration."""
        kd, ka = self.deoxygenation, self.reaeration
        if kd == 0 or self.bod == 0:
            return 0.0
        if ka == 0:
            return math.inf
        difference = ka - kd
        ratio = self.deficit / (kd * self.bod)
        # ln{(k_a/k_d)[1 − D0(k_a − k_d)/(k_d L0)]}/(k_a − k_d), as a sum of two log1p over the difference.
        inside = -ratio * difference
        if inside <= -1.0:
            return 0.0
        time = _log1p_over(difference, 1.0 / kd) + _log1p_over(difference, -ratio)
        return max(0.0, time)

    @property
    def critical(self) -> OxygenState:
        """The state at the critical time."""
        return self.at(self.critical_time)


def _log1p_over(difference: float, factor: float) -> float:
    """Return log1p(difference · factor)/difference, and its limit where the difference is zero."""
    return factor if difference == 0 else math.log1p(difference * factor) / difference


def made_per_unit(deoxygenation: float, reaeration: float, days: float) -> float:
    """Return (e^(−k_d t) − e^(−k_a t))/(k_a − k_d), also where the rates are equal."""
    difference = reaeration - deoxygenation
    grown = days if difference == 0 else -math.expm1(-difference * days) / difference
    return math.exp(-deoxygenation * days) * grown


@dataclass(frozen=True, slots=True)
class Reaeration:
    """Reaeration (复氧系数) at 20 °C by three formulas, 1/d, and the one that Covar's chart picks."""

    oconnor_dobbins: float
    churchill: float
    owens_gibbs: float
    chosen: str
    settings: Settings = field(repr=False)

    @property
    def value(self) -> float:
        """The picked one, 1/d."""
        return float(getattr(self, self.chosen))


def reaeration(velocity: float, depth: float, chosen: Settings | None = None) -> Reaeration:
    """Return the reaeration of a river from velocity (m/s) and depth (m).

    Raises
    ------
    CallError
        If either is not above zero.

    Notes
    -----
    O'Connor–Dobbins 3.93 u^0.5/H^1.5, Churchill 5.026 u/H^1.67, Owens–Gibbs 5.32 u^0.67/H^1.85.
    """
    if not (velocity > 0 and depth > 0):
        raise CallError(
            Text("流速 {velocity} 和水深 {depth} 应大于 0。", velocity=velocity, depth=depth),
            remedy=Text("请核对输入，单位为 m/s 和 m。"),
        )
    s = chosen or settings("decay")
    if depth <= s["covar_shallow_to"]:
        pick = "owens_gibbs"
    else:
        pick = "churchill" if velocity > s["covar_split_velocity"] else "oconnor_dobbins"
    return Reaeration(
        s["oconnor_factor"] * velocity**0.5 / depth**1.5,
        s["churchill_factor"] * velocity / depth**1.67,
        s["owens_factor"] * velocity**0.67 / depth**1.85,
        pick,
        s,
    )


@dataclass(frozen=True, eq=False)
class NetworkOxygen:
    """BOD and oxygen deficit at the bottom of each reach.

    Attributes
    ----------
    flow
        m³/s, at the bottom.
    bod, deficit
        mg/L, at the bottom; not a number where no water flows or the reach is tidal.
    worst
        The greatest deficit within the reach, mg/L: a sag between its ends is not missed.
    """

    network: Network
    flow: Floats
    bod: Floats
    deficit: Floats
    worst: Floats

    def anaerobic(self, saturation: float | Floats) -> list[str]:
        """Return the reaches where the deficit is more than saturation: from there the formula is invalid."""
        over = np.flatnonzero(self.worst > saturation)
        return [self.network.name(row) for row in over]


def network_oxygen(
    network: Network,
    *,
    deoxygenation: Floats,
    reaeration_rate: Floats,
    lateral_bod: Floats,
    lateral_deficit: Floats,
    loads: Sequence[Load] = (),
    keys: tuple[str, str] = ("bod", "deficit"),
) -> NetworkOxygen:
    """Return the sag along a network: two coupled columns, swept with the flow.

    At the bottom of a reach, BOD = e^(−k_d τ)·L and deficit = e^(−k_a τ)·D + s·L, so the system stays
    triangular. A lake is one mixed reactor.

    Parameters
    ----------
    deoxygenation, reaeration_rate
        (n,) 1/d at the temperature of each reach.
    lateral_bod, lateral_deficit
        (n,) mg/L of the lateral flow, which enters at the top.
    loads
        Outfalls; they enter at their chainage, with what `keys` names of them.

    Raises
    ------
    NetworkFault
        If a load is not on the network, or the water of a river stands while oxygen is used or taken up.
    """
    flow = flows(network, loads)
    rates = np.column_stack([deoxygenation, reaeration_rate]).astype(float)
    _refuse_standing(network, rates)
    lateral = network.reaches.lateral_flow
    top = np.column_stack([lateral * lateral_bod, lateral * lateral_deficit]).astype(float)
    bottom, worst = np.zeros_like(top), np.zeros(len(network))
    water = _water(network, flow, rates)
    kernels_oxygen.sweep(water, _inflows(network, loads, keys), top, bottom, worst)
    known = (flow > 0) & ~network.tidal
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(known[:, None], bottom / flow[:, None], np.nan)
    return NetworkOxygen(network, flow, found[:, 0], found[:, 1], worst)


def _refuse_standing(network: Network, rates: Floats) -> None:
    """Refuse river reaches whose water stands and takes up or loses oxygen: it would never arrive."""
    reaches = network.reaches
    river = ~(network.mixed | network.tidal) & (reaches.length > 0)
    standing = river & (reaches.velocity <= 0) & (rates > 0).any(axis=1)
    refuse([zero_velocity(network.name(row), "BOD") for row in np.flatnonzero(standing)])


def _water(network: Network, flow: Floats, rates: Floats) -> kernels_oxygen.Water:
    reaches, outflows = network.reaches, network.outflows
    how = np.where(network.mixed, kernels_oxygen.REACTOR, kernels_oxygen.RIVER)
    return kernels_oxygen.Water(
        network.order,
        np.where(network.tidal, kernels_oxygen.NOT_COMPUTED, how),
        reaches.length,
        np.where(reaches.velocity > 0, reaches.velocity, np.inf),
        reaches.volume,
        flow,
        rates,
        outflows.start,
        outflows.other,
        outflows.share,
    )


def _inflows(network: Network, loads: Sequence[Load], keys: tuple[str, str]) -> kernels_oxygen.Inflows:
    """Return the outfalls by row, then chainage."""
    there = sorted(loads, key=lambda load: (load.reach, load.chainage, load.key))
    start = np.zeros(len(network) + 1, np.int64)
    rows = np.array([load.reach for load in there], np.int64)
    np.cumsum(np.bincount(rows, minlength=len(network)), out=start[1:])
    return kernels_oxygen.Inflows(
        start,
        np.array([load.chainage for load in there], float),
        np.array([load.flow for load in there], float),
        np.array([[load.rate(key) for key in keys] for load in there], float).reshape(-1, 2),
    )
