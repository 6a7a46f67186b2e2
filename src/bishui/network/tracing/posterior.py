"""What the sampled states say: chances, loads, shares of the exceedance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bishui.network.settings import Settings
from bishui.network.tables import Floats, Integers
from bishui.network.tracing.likelihood import Sources, log_likelihood, there
from bishui.network.tracing.problem import Problem
from bishui.network.tracing.sampler import Run, sample
from bishui.network.tracing.tables import Flags

#: Powers of the likelihood of the tempered copies: evenly spaced in the logarithm down to this.
_HOTTEST = 0.2
_KEEP = 4
#: States that loads are computed from.
_DETAILED = 400


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Sampled states: columns (-1: none), logarithm of the excess, beginning and end in s, (N, 3) each."""

    columns: Integers
    size: Floats
    begin: Floats
    end: Floats

    def __len__(self) -> int:
        """Return how many states there are."""
        return len(self.columns)

    def thinned(self, number: int) -> States:
        """Return at most so many of the states, evenly."""
        rows = np.unique(np.linspace(0, len(self) - 1, min(number, len(self))).round().astype(int))
        return States(self.columns[rows], self.size[rows], self.begin[rows], self.end[rows])

    def has(self, columns: Integers) -> Flags:
        """Return which states hold one of the columns."""
        return np.asarray(np.isin(self.columns, columns).any(axis=1))


def states_of(problem: Problem, settings: Settings) -> States:
    """Sample the posterior; equal questions and seeds give equal states."""
    copies = int(settings["chains"])
    heat = _HOTTEST ** (np.arange(copies) / max(copies - 1, 1))
    start = np.resize(np.argsort(-problem.prior.look, kind="stable")[:copies], copies).astype(np.int64)
    run = Run(int(settings["steps"]), _KEEP, start, int(settings["random_seed"]))
    return States(*sample(problem.evidence, problem.prior, heat, run))


@dataclass(frozen=True, slots=True)
class Interval:
    """A load in g/s: median and credible interval, given that the candidate is a source."""

    low: float
    median: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Return the JSON form."""
        return {"low_g_s": self.low, "median_g_s": self.median, "high_g_s": self.high}


def intervals(problem: Problem, states: States, settings: Settings) -> dict[int, dict[str, Interval]]:
    """Return the excess load of each listed column that was ever a source, by item."""
    rng = np.random.default_rng(int(settings["random_seed"]))
    keys = [item.key for item in problem.question.pollutants]
    draws: dict[int, list[Floats]] = {}
    few = states.thinned(_DETAILED)
    for row in range(len(few)):
        used = np.flatnonzero(few.columns[row] >= 0)
        columns = few.columns[row, used]
        hidden = np.zeros((len(keys), len(used), 2))
        hidden[..., 1] = 1.0
        size, begin = few.size[row, used], few.begin[row, used]
        length = np.log(few.end[row, used] - begin)
        log_likelihood(problem.evidence, Sources(columns, size, begin, length), hidden)
        for j, column in enumerate(columns.tolist()):
            if column >= problem.prior.listed:
                continue
            part = hidden[:, j, 0] + np.sqrt(hidden[:, j, 1]) * rng.standard_normal((8, len(keys)))
            common = settings.number("flow_spread") * rng.standard_normal((8, 1))
            factor = np.exp(size[j] + problem.evidence.spread[column] * part + common)
            draws.setdefault(column, []).append(factor * problem.evidence.load[column])
    tail = 0.5 * (1.0 - settings.number("interval"))
    found = {}
    for column, parts in sorted(draws.items()):
        low, middle, high = np.quantile(np.concatenate(parts), [tail, 0.5, 1.0 - tail], axis=0)
        found[column] = {
            key: Interval(float(low[p]), float(middle[p]), float(high[p])) for p, key in enumerate(keys)
        }
    return found


def explained(problem: Problem, states: States) -> tuple[Floats, float]:
    """Return who brings the excess at the worst exceedance.

    Returns
    -------
    The mean share of each listed column, (listed,), and the chance that sources on no list bring most of it.
    """
    where, listed = worst(problem), problem.prior.listed
    shares, most = np.zeros(listed), 0
    few = states.thinned(_DETAILED)
    for row in range(len(few)):
        raised = raised_at(problem, few, row, where)
        total = raised.sum()
        columns = few.columns[row]
        hidden = columns >= listed
        if total <= 0.0:
            most += bool((hidden | (columns < 0)).all())
            continue
        most += bool(raised[hidden].sum() > 0.5 * total)
        own = (columns >= 0) & ~hidden
        np.add.at(shares, columns[own], raised[own] / total)
    return shares / len(few), most / len(few)


def worst(problem: Problem) -> tuple[int, int, float]:
    """Return section, item and moment of the largest exceedance, as a multiple of its limit."""
    event, question = problem.event, problem.question
    limit = np.array([question.limits.get(item.key, np.inf) for item in question.pollutants])
    ratio = np.where(event.above, event.value - np.log(limit[event.item]), -np.inf)
    row = int(np.argmax(ratio))
    return int(event.section[row]), int(event.item[row]), float(event.time[row])


def raised_at(problem: Problem, states: States, row: int, where: tuple[int, int, float]) -> Floats:
    """Return by how much each source of a state raises an item at a section and moment, (3,)."""
    section, item, time = where
    evidence, found = problem.evidence, np.zeros(states.columns.shape[1])
    for j, column in enumerate(states.columns[row].tolist()):
        if column < 0:
            continue
        place = evidence.place[column]
        delay, wide = evidence.delay[section, place], evidence.smear[section, place]
        part = there(time, states.begin[row, j] + delay, states.end[row, j] + delay, wide)
        load = np.exp(states.size[row, j]) * evidence.load[column, item]
        found[j] = load * evidence.way[section, place, item] * part
    return found
