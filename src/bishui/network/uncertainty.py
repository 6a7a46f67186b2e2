"""How sure a concentration is (不确定性): closed forms where there are some, Monte Carlo draws elsewhere.

A mean decay rate understates the mean concentration, since exp is convex; bands therefore come from draws,
not from runs with mean values. Nothing here knows about errors that all draws share: a wrong network, a
missing outfall.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bishui.network import kernels_along, kernels_draws, sweeps
from bishui.network.adjoint import Weights
from bishui.network.diffuse import mean_survival
from bishui.network.flow import added_flow, check_sections, in_order, seconds
from bishui.network.settings import Settings, settings
from bishui.network.solve import Solution, load_rates
from bishui.network.tables import Floats, Integers, Load, Section

#: Numbers in the table of what enters along the reaches, at the most: 32 MB.
_LARGEST = 4_000_000


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
    transmissions of mixed reactors follow the drawn lateral flow. Inflow along reaches varies with the
    lateral inflow: both are what the land brings.

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
    """
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
            self._spread(column),
        )

    def _spread(self, column: int) -> Floats | None:
        """Return what enters along each reach of a pollutant, g/s per m, by row."""
        diffuse = self.solution.diffuse
        if diffuse is None:
            return None
        return diffuse.per_metre(self.solution.network, self.solution.pollutants)[:, column]

    def factor(self, name: str, rows: int = 1) -> Floats:
        """Return lognormal factors, (rows, draws)."""
        return _factors(self.generator, self.chosen, name, rows)

    def flow_at(self, section: Section) -> Floats:
        """Return the flow at a section by draw, m³/s."""
        row, below, along = section.reach, 0.0, 0.0
        if not self.solution.network.mixed[row]:
            below = sum(
                load.flow for load in self.loads if load.reach == row and load.chainage > section.chainage
            )
            if self.solution.diffuse is not None:
                rest = float(self.solution.network.reaches.length[row]) - section.chainage
                along = float(self.solution.diffuse.flow[row]) * rest
        return np.asarray(self.own_flow[row] - below + (self.lateral_flow[row] - along) * self.flow)


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
    """The draws of one pollutant: outfall loads with their factors, factors of decay and of lateral load.

    `spread` is what enters along each reach, g/s per m; it has the factors of the lateral load.
    """

    draws: _Draws
    column: int
    brought: Floats
    factors: Floats
    rate: Floats
    scale: Floats
    spread: Floats | None = None

    def tops(self, rows: Integers) -> Floats:
        """Return the loads at the tops of these rows, by draw."""
        tops = np.zeros((len(rows), len(self.rate)))
        for some in self._portions():
            tops[:, some] = self._tops(rows, some)
        return tops

    def _portions(self) -> list[slice]:
        """Return the draws in portions, so that the table of what enters along the reaches stays small."""
        count = len(self.rate)
        sources = 0 if self.spread is None else int(np.count_nonzero(self.spread))
        most = max(1, _LARGEST // sources) if sources else count
        return [slice(begin, min(begin + most, count)) for begin in range(0, count, most)]

    def _tops(self, rows: Integers, some: slice) -> Floats:
        """Return the loads at the tops of these rows, for some of the draws."""
        draws, solution = self.draws, self.draws.solution
        layout = solution.network.layout
        order, slots, beside = layout.order, layout.slots, layout.entering
        decay, stored = self._decay()
        points = self._points(some)
        places = layout.position[points.rows]
        start = np.zeros(len(order) + 1, np.int64)
        np.cumsum(np.bincount(places, minlength=len(order)), out=start[1:])
        tops = np.zeros((len(rows), len(self.rate[some])))
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
            points.decay,
            points.load,
            points.factors,
            self.rate[some],
            -self.rate[some] * draws.clock[some],
            self.scale[some],
            draws.flow[some],
            _numbered(len(order), layout.position[rows]),
            tops,
        )
        return tops

    def _points(self, some: slice) -> _Points:
        """Return what enters below the tops, in the order of the layout: outfalls, then along the reaches.

        What enters along a river reach has lost its part already: its factors hold the mean survival.
        """
        draws, network = self.draws, self.draws.solution.network
        points = _Points(
            np.array([load.reach for load in draws.loads], np.int64),
            np.array([self._time(load, None) for load in draws.loads], np.float64),
            self.brought,
            self.factors[:, some],
        )
        if self.spread is None:
            return points
        along = np.flatnonzero(self.spread)
        rows = np.append(points.rows, along)
        order = np.argsort(network.layout.position[rows], kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        factors, count = np.empty((len(order), len(self.rate[some]))), len(points.rows)
        factors[place[:count]] = points.factors
        growth, decay = -self.rate[some] * draws.clock[some], self._decay()[0][along]
        kernels_along.survived(decay, growth, self.scale[some], place[count:], factors)
        whole = self.spread[along] * network.reaches.length[along]
        return _Points(
            rows[order],
            np.append(points.decay, np.zeros(len(along)))[order],
            np.append(points.load, whole)[order],
            factors,
        )

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
        if self.spread is not None:
            total = total + self.spread[row] * self.scale * self._along(section, part)
        return np.asarray(total)

    def _along(self, section: Section, part: Callable[[Load], Floats]) -> Floats:
        """Return what survives down to a section of a unit per metre that enters along its reach, by draw."""
        network, row = self.draws.solution.network, section.reach
        if network.mixed[row]:
            return float(network.reaches.length[row]) * part(Load("", row, 0.0, 0.0))
        decay = self._time(Load("", row, 0.0, 0.0), section.chainage)
        return section.chainage * mean_survival(decay * self.rate * self.draws.clock)


@dataclass(frozen=True, eq=False)
class _Points:
    """What enters below the top of a reach: row, rate × time to its bottom, load (g/s), factors by draw."""

    rows: Integers
    decay: Floats
    load: Floats
    factors: Floats


def _numbered(count: int, places: NDArray[np.signedinteger[Any]]) -> NDArray[np.int32]:
    """Return −1 for each position except `places`, which are numbered in their order."""
    found = np.full(count, -1, np.int32)
    found[places] = np.arange(len(places))
    return found
