"""Where the next sample would tell most (下一采样点): the largest expected drop of entropy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from bishui.network.adjoint import response
from bishui.network.flow import flows
from bishui.network.settings import Settings
from bishui.network.solve import solve
from bishui.network.tables import Floats, Integers, Section
from bishui.network.tracing.level import level
from bishui.network.tracing.ordinary import loads
from bishui.network.tracing.posterior import States
from bishui.network.tracing.problem import Problem
from bishui.network.travel import mean_travel_time, time_from

#: States that outcomes are predicted from, and points at which their densities are compared.
_STATES, _POINTS = 160, 24
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class NextSample:
    """A place, the item that tells most there, and what is expected of it.

    Attributes
    ----------
    reach, chainage
        Name of the reach and m from its top.
    row
        Row of the reach.
    bits
        Expected drop of entropy by this item alone, in bits; `entropy` is what there is to learn.
    """

    reach: str
    row: int
    chainage: float
    item: str
    bits: float
    entropy: float

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "reach": self.reach,
            "chainage_m": self.chainage,
            "item": self.item,
            "expected_bits": self.bits,
            "entropy_bits": self.entropy,
        }


def next_samples(
    problem: Problem, states: States, groups: Sequence[Integers], settings: Settings
) -> list[NextSample]:
    """Return places for one more sample, the most telling first; one entry for each place.

    An explanation is the set of groups that hold the sources (or none of the listed); members of the
    likeliest group count one by one, because a new place may tell them apart. At each place the outcome is
    predicted from the sampled states; what an item would tell is the mutual information of outcome and
    explanation.
    """
    few = states.thinned(_STATES)
    labels = explanations(problem, few, _parted(few, groups))
    chance = np.bincount(labels) / len(labels)
    entropy = float(-(chance * np.log2(chance)).sum())
    places = _places(problem)
    if entropy < 1e-9 or not places:
        return []
    outcome, spread = _outcomes(problem, few, places, settings)
    bits = _information(outcome, spread, labels)
    keys = [item.key for item in problem.question.pollutants]
    # All items of the one sample are measured: places rank by the sum, which counts what items share twice.
    order = np.argsort(-bits.sum(axis=1), kind="stable")
    network = problem.question.network
    found = []
    for row in order.tolist():
        item, place = int(np.argmax(bits[row])), places[row]
        told = float(min(bits[row, item], entropy))
        found.append(
            NextSample(network.name(place.reach), place.reach, place.chainage, keys[item], told, entropy)
        )
    return found


def _parted(states: States, groups: Sequence[Integers]) -> list[Integers]:
    """Return the groups, the likeliest one by its members."""
    first = max(range(len(groups)), key=lambda row: float(states.has(groups[row]).mean()), default=-1)
    return [
        part
        for row, group in enumerate(groups)
        for part in ([group[n : n + 1] for n in range(len(group))] if row == first else [group])
    ]


def explanations(problem: Problem, states: States, groups: Sequence[Integers]) -> Integers:
    """Return for each state the number of its explanation: which groups its sources belong to."""
    group_of = np.full(len(problem.evidence.place) + 1, len(groups))
    for number, group in enumerate(groups):
        group_of[group] = number
    group_of[-1] = -1
    named = np.sort(group_of[states.columns], axis=1)
    return np.asarray(np.unique(named, axis=0, return_inverse=True)[1]).ravel()


def _places(problem: Problem) -> list[Section]:
    """Return the bottoms of the reaches above the exceedance, and points between candidates on one reach."""
    network, found = problem.question.network, []
    candidates = [problem.question.candidates[row] for row in problem.listed]
    above = np.unique(problem.evidence.place[problem.prior.listed :]) - len(problem.question.candidates)
    free = np.flatnonzero(~network.tidal)
    for row in free[above].tolist():
        if network.mixed[row]:
            continue
        found.append(Section("next", row, float(network.reaches.length[row])))
        spots = sorted({candidate.chainage for candidate in candidates if candidate.reach == row})
        found += [Section("next", row, 0.5 * (one + other)) for one, other in pairwise(spots)]
    return found


def _outcomes(
    problem: Problem, states: States, places: Sequence[Section], settings: Settings
) -> tuple[Floats, Floats]:
    """Return predicted logarithms of concentrations and their errors, (L, N, P)."""
    question, evidence = problem.question, problem.evidence
    ordinary = loads(question.candidates, problem.effluent, question.pollutants)
    sections = [*question.sections, *places]
    usual = level(question, sections, ordinary, settings)
    base = np.exp(usual.mean[len(question.sections) :])
    used = np.unique(evidence.place[states.columns[states.columns >= 0]])
    bottom = flows(question.network, ordinary)
    sources = [problem.ways.places[row] for row in used]
    per_load = response(question.network, places, sources, question.pollutants, bottom)
    water = solve(question.network, [], ordinary, {})
    per_load /= np.array([water.at(place).flow for place in places])[:, None, None]
    lead = _leads(problem, places)
    now = problem.event.time.max() + 8.0 * _HOUR_S
    raised = np.zeros((len(places), len(states), len(question.pollutants)))
    for j in range(states.columns.shape[1]):
        rows = np.flatnonzero(states.columns[:, j] >= 0)
        column = states.columns[rows, j]
        delay = np.maximum(problem.prior.lead[column][None, :] - lead[:, None], 0.0)
        running = (now > states.begin[rows, j] + delay) & (now < states.end[rows, j] + delay)
        load = np.exp(states.size[rows, j])[:, None] * evidence.load[column]
        way = per_load[:, np.searchsorted(used, evidence.place[column])]
        raised[:, rows] += running[..., None] * way * load
    limit = _detection(problem)
    value = np.maximum(base[:, None] + raised, limit)
    share = raised / value
    own = (1.0 - share) * usual.spread[len(question.sections) :, None]
    part = share * np.hypot(settings.number("event_spread"), settings.number("transfer_spread"))
    measured = np.hypot(problem.event.noise, settings.number("day_spread"))
    return np.log(value), np.sqrt(measured**2 + own**2 + part**2)


def _leads(problem: Problem, places: Sequence[Section]) -> Floats:
    """Return the travel time from each place to the reference section, s; 0 where it is not above."""
    question = problem.question
    reference = int(np.argmax((problem.evidence.way > 0.0).any(axis=2).sum(axis=1)))
    times = mean_travel_time(question.network, question.sections[reference], flow=None)
    found = [time_from(question.network, times, place) for place in places]
    return np.asarray(np.nan_to_num(np.array(found)))


def _detection(problem: Problem) -> Floats:
    """Return the lowest detection limit that was met for each item; 0 where none was."""
    samples = problem.question.samples
    chosen = samples.below & ~samples.automatic
    found = np.full(len(problem.question.pollutants), np.inf)
    np.minimum.at(found, samples.item[chosen], samples.value[chosen])
    return np.where(np.isfinite(found), found, 1e-9)


def _information(outcome: Floats, spread: Floats, labels: Integers) -> Floats:
    """Return the mutual information of label and outcome, bits, (L, P)."""
    member = np.eye(int(labels.max()) + 1)[labels].T / len(labels)
    chance = member.sum(axis=1)
    found = np.zeros((outcome.shape[0], outcome.shape[2]))
    for item in range(outcome.shape[2]):
        value, wide = outcome[..., item], spread[..., item]
        low, high = value.min(axis=1) - 2.0 * wide.max(axis=1), value.max(axis=1) + 2.0 * wide.max(axis=1)
        points = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, _POINTS)
        z = (points[:, None, :] - value[..., None]) / wide[..., None]
        density = np.exp(-0.5 * z**2) / wide[..., None]
        density /= density.sum(axis=2, keepdims=True)
        joint = member @ density
        apart = chance[None, :, None] * joint.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            term = np.where(joint > 0.0, joint * np.log2(joint / apart), 0.0)
        found[:, item] = term.sum(axis=(1, 2))
    return np.maximum(found, 0.0)
