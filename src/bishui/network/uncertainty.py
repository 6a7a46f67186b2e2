"""How sure a concentration is (不确定性): closed forms where there are some, Monte Carlo draws elsewhere.

A mean decay rate understates the mean concentration, since exp is convex; bands therefore come from draws,
not from runs with mean values. Nothing here knows about errors that all draws share: a wrong network, a
missing outfall.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bishui.network import kernels_draws, sweeps
from bishui.network.adjoint import Weights
from bishui.network.diffuse import refuse_diffuse
from bishui.network.flow import added_flow, check_sections, in_order, seconds
from bishui.network.settings import Settings, settings
from bishui.network.solve import Solution, load_rates
from bishui.network.tables import Floats, Integers, Load, Section


@dataclass(frozen=True, slots=True)
class Survival:
    """Mean and standard deviation of exp(−Kτ), K being uncertain."""

    mean: float
    deviation: float


def survival_normal(mean: float, deviation: float, time: float) -> Survival:
    """Return them for K ~ Normal, exact; such a K can be negative, so prefer `survival_gamma`.

    Parameters
    ----------
    mean, deviation
        Of K, in one unit of time.
    time
        τ, in that unit.
    """
    spread = (deviation * time) ** 2
    half = math.exp(-mean * time + spread / 2)
    return Survival(half, half * math.sqrt(math.expm1(spread)))


def survival_gamma(mean: float, deviation: float, time: float) -> Survival:
    """Return them for K ~ Gamma with this mean and deviation, exact: E = (1 + θτ)^−k.

    By logarithms, since k is large where the deviation is small: with x = θτ the variance is
    E² (e^{k ln(1 + x²/(1 + 2x))} − 1).
    """
    shape, scaled = (mean / deviation) ** 2, deviation**2 / mean * time
    first = math.exp(-shape * math.log1p(scaled))
    spread = math.expm1(shape * math.log1p(scaled**2 / (1 + 2 * scaled)))
    return Survival(first, first * math.sqrt(spread))


def survival_first_order(mean: float, deviation: float, time: float) -> Survival:
    """Return them to first order: deviation τσ exp(−μτ)."""
    middle = math.exp(-mean * time)
    return Survival(middle, time * deviation * middle)


def load_variance(
    weights: Weights, lateral: Floats, loads: Sequence[Load] = (), deviations: Floats | None = None
) -> Floats:
    """Return the variance of the load at a section from independent errors of the loads, (g/s)², (P,).

    Exact, since the load at the section is linear in them: Σ w² σ².

    Parameters
    ----------
    lateral
        Standard deviation of the load that enters each top, g/s, (n, P).
    loads, deviations
        Outfalls and the standard deviations of their loads, g/s, (K, P).
    """
    total = ((weights.top * lateral) ** 2).sum(axis=0)
    for k, load in enumerate(loads):
        if deviations is not None:
            total = total + (weights.of(load) * deviations[k]) ** 2
    return np.asarray(total)


@dataclass(frozen=True, slots=True)
class Band:
    """What a section may show: low, median and high load (g/s) and concentration (g/m³), and the mean.

    Attributes
    ----------
    quantiles
        The quantiles of the columns, such as 0.05, 0.5, 0.95.
    load, concentration
        By pollutant, (P, 3).
    mean
        Mean concentration, (P,).
    made_by
        Settings of the draws: their number, seed, scatter of each input.
    """

    section: Section
    pollutants: tuple[str, ...]
    quantiles: tuple[float, float, float]
    load: Floats
    concentration: Floats
    mean: Floats
    made_by: Settings

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "section": self.section.key,
            "quantiles": list(self.quantiles),
            "load_g_s": dict(zip(self.pollutants, self.load.tolist(), strict=True)),
            "concentration_mg_l": dict(zip(self.pollutants, self.concentration.tolist(), strict=True)),
            "mean_mg_l": dict(zip(self.pollutants, self.mean.tolist(), strict=True)),
            "settings": self.made_by.as_dict(),
        }


def monte_carlo(solution: Solution, sections: Sequence[Section], using: Settings | None = None) -> list[Band]:
    """Return the band of each section.

    Drawn are, each as a lognormal factor with mean 1: velocity and lateral flow, common to all reaches; per
    pollutant the decay and the lateral concentration; per outfall and pollutant its load. Flow and the
    transmissions of mixed reactors follow the drawn lateral flow.

    Parameters
    ----------
    solution
        The state about which is drawn.
    sections
        Where.
    using
        Settings of the topic ``uncertainty``; without them, those in force.

    Raises
    ------
    NetworkFault
        If a section is not on the network, or no water flows there.
    CallError
        If the solution has inflow along reaches.
    """
    refuse_diffuse(solution.diffuse)
    check_sections(solution.network, sections)
    keys = [solution.at(section).pollutants for section in sections]
    draws = _draws(solution, using or settings("uncertainty"))
    rows = np.unique([section.reach for section in sections]).astype(np.int64)
    loads = np.empty((len(sections), len(solution.pollutants), len(draws.clock)))
    for p in range(len(solution.pollutants)):
        run = draws.run(p)
        tops = run.tops(rows)
        for s, section in enumerate(sections):
            loads[s, p] = run.at(section, tops[np.searchsorted(rows, section.reach)])
    return [
        _band(section, keys[s], loads[s], draws.flow_at(section), draws.chosen)
        for s, section in enumerate(sections)
    ]


def _band(section: Section, keys: tuple[str, ...], loads: Floats, flow: Floats, chosen: Settings) -> Band:
    quantiles = (chosen.number("low"), 0.5, chosen.number("high"))
    concentrations = loads / flow
    return Band(
        section,
        keys,
        quantiles,
        np.quantile(loads, quantiles, axis=1).T,
        np.quantile(concentrations, quantiles, axis=1).T,
        concentrations.mean(axis=1),
        chosen,
    )


@dataclass(frozen=True, eq=False)
class _Draws:
    """What the pollutants share: factors of time and of lateral flow by draw, the two flows of each reach."""

    solution: Solution
    loads: Sequence[Load]
    chosen: Settings
    generator: np.random.Generator
    clock: Floats
    flow: Floats
    lateral_flow: Floats
    own_flow: Floats

    def run(self, column: int) -> _Run:
        """Draw what a pollutant has alone."""
        solution, factor = self.solution, self.factor
        brought = [load_rates(load, solution.pollutants)[column] for load in self.loads]
        return _Run(
            self,
            column,
            np.array(brought, np.float64),
            factor("loads", len(brought)),
            factor("decay")[0],
            factor("lateral")[0] * self.flow,
        )

    def factor(self, name: str, rows: int = 1) -> Floats:
        """Return lognormal factors, (rows, draws)."""
        return _factors(self.generator, self.chosen, name, rows)

    def flow_at(self, section: Section) -> Floats:
        """Return the flow at a section by draw, m³/s."""
        row, below = section.reach, 0.0
        if not self.solution.network.mixed[row]:
            below = sum(
                load.flow for load in self.loads if load.reach == row and load.chainage > section.chainage
            )
        return np.asarray(self.own_flow[row] - below + self.lateral_flow[row] * self.flow)


def _factors(generator: np.random.Generator, chosen: Settings, name: str, rows: int = 1) -> Floats:
    """Return lognormal factors with mean 1 and the scatter of a setting, (rows, draws)."""
    spread = math.log1p(chosen.number(name) ** 2)
    drawn = generator.standard_normal((rows, int(chosen["draws"])))
    return np.asarray(np.exp(math.sqrt(spread) * drawn - spread / 2))


def _draws(solution: Solution, chosen: Settings) -> _Draws:
    network = solution.network
    loads = in_order(network, solution.loads)
    added = added_flow(network, loads)[:, None]
    own = sweeps.forward(network, np.ones((len(network), 1)), added)[1][:, 0]
    generator = np.random.default_rng(int(chosen["seed"]))
    clock = 1.0 / _factors(generator, chosen, "velocity")[0]
    flow = _factors(generator, chosen, "flow")[0]
    return _Draws(solution, loads, chosen, generator, clock, flow, np.maximum(solution.flow - own, 0.0), own)


@dataclass(frozen=True, eq=False)
class _Run:
    """The draws of one pollutant: outfall loads with their factors, factors of decay and of lateral load."""

    draws: _Draws
    column: int
    brought: Floats
    factors: Floats
    rate: Floats
    scale: Floats

    def tops(self, rows: Integers) -> Floats:
        """Return the loads at the tops of these rows, by draw."""
        draws, solution = self.draws, self.draws.solution
        layout = solution.network.layout
        order, slots, beside = layout.order, layout.slots, layout.entering
        decay, stored = self._decay()
        places = layout.position[np.array([load.reach for load in draws.loads], np.int64)]
        start = np.zeros(len(order) + 1, np.int64)
        np.cumsum(np.bincount(places, minlength=len(order)), out=start[1:])
        tops = np.zeros((len(rows), len(self.rate)))
        kernels_draws.forward_draws(
            slots.own,
            slots.target,
            slots.count,
            layout.tree_share,
            _numbered(len(order), np.unique(beside.up)),
            beside.down,
            beside.up,
            beside.share,
            decay[order],
            stored[order],
            solution.lateral[order, self.column],
            draws.lateral_flow[order],
            draws.own_flow[order],
            start,
            np.array([self._time(load, None) for load in draws.loads], np.float64),
            self.brought,
            self.factors,
            self.rate,
            -self.rate * draws.clock,
            self.scale,
            draws.flow,
            _numbered(len(order), layout.position[rows]),
            tops,
        )
        return tops

    def _decay(self) -> tuple[Floats, Floats]:
        """Return rate × time of each reach, and rate × volume of mixed reactors, −1 elsewhere."""
        network = self.draws.solution.network
        rate, time = self.draws.solution.passage.rates[:, self.column], seconds(network)
        decay = np.where(rate > 0, rate * np.where(np.isfinite(time), time, 0.0), 0.0)
        decay[network.tidal] = np.inf
        volume = np.where(network.mixed, network.reaches.volume, 0.0)
        return decay, np.where(network.mixed, rate * volume, -1.0)

    def _time(self, place: Load, end: float | None) -> float:
        """Return rate × time from a place to a lower chainage of its reach, or to the bottom."""
        solution, row = self.draws.solution, place.reach
        velocity = float(solution.network.reaches.velocity[row])
        stop = float(solution.network.reaches.length[row]) if end is None else end
        rate = float(solution.passage.rates[row, self.column])
        return rate * (stop - place.chainage) / velocity if rate > 0 and velocity > 0 else 0.0

    def at(self, section: Section, top: Floats) -> Floats:
        """Return the load at a section by draw, from that at the top of its reach."""
        draws, row = self.draws, section.reach
        mixed = bool(draws.solution.network.mixed[row])
        stored = float(self._decay()[1][row])

        def part(place: Load) -> Floats:
            if not mixed:
                return np.asarray(np.exp(-self._time(place, section.chainage) * self.rate * draws.clock))
            flow = draws.own_flow[row] + draws.lateral_flow[row] * draws.flow
            return np.asarray(flow / (flow + stored * self.rate))

        total = top * part(Load("", row, 0.0, 0.0))
        for k, load in enumerate(draws.loads):
            if load.reach == row and (mixed or load.chainage <= section.chainage):
                total = total + self.brought[k] * self.factors[k] * part(load)
        return np.asarray(total)


def _numbered(count: int, places: Integers) -> NDArray[np.int32]:
    """Return −1 for each position except `places`, which are numbered in their order."""
    found = np.full(count, -1, np.int32)
    found[places] = np.arange(len(places))
    return found
