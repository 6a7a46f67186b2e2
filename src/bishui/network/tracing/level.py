"""What is ordinary at a place: computed concentrations, moved by what was measured there and near by.

Where the computed and the measured differ, they differ alike at places that share their water: a part of the
error is common to the whole river, the rest goes with the share of the load that has passed both places. So
earlier results of a section tell something of every other place on the same river, the more the nearer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bishui.network.adjoint import response
from bishui.network.settings import Settings
from bishui.network.solve import Solution, solve
from bishui.network.tables import Floats, Integers, Load, Section
from bishui.network.tracing.question import Question

#: Rounds in which results below detection are given their expected value.
_ROUNDS = 8
#: A level is never known better than this, as a part of the spread before anything was measured.
_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Level:
    """Logarithm of ordinary concentrations and its standard deviation, (S, P), and results behind, (S, P)."""

    mean: Floats
    spread: Floats
    results: Floats


def level(
    question: Question, sections: Sequence[Section], ordinary: Sequence[Load], settings: Settings
) -> Level:
    """Return ordinary concentrations: computed from background and ordinary loads, moved by earlier results.

    The first sections are those of the question; others may follow, and take from those.
    """
    network, background = question.network, question.background
    lateral = {item.key: np.full(len(network), background.get(item.key, 0.0)) for item in question.pollutants}
    solution = solve(network, question.pollutants, ordinary, lateral)
    readings = [solution.at(section) for section in sections]
    computed = np.array([np.asarray(reading.concentrations) for reading in readings])
    with np.errstate(divide="ignore"):
        mean = np.where(computed > 0.0, np.log(computed), np.log(1e-6))
    seen = _seen(question, mean, settings)
    spread = np.full(mean.shape, settings.number("baseline_spread"))
    known = np.flatnonzero((seen.weight > 0.0).any(axis=1))
    if len(known):
        loads = np.array([np.asarray(reading.loads) for reading in readings])
        common = settings.number("baseline_common")
        alike = common + (1.0 - common) * _shared(solution, sections, known, loads)
        for item in range(mean.shape[1]):
            told = seen.weight[known, item] > 0.0
            if told.any():
                rows = known[told]
                error = 1.0 / seen.weight[rows, item]
                apart = seen.measured[rows, item] - mean[rows, item]
                moved, left = _moved(alike[:, told, item], rows, apart, error / spread[0, item] ** 2)
                mean[:, item] += moved
                spread[:, item] *= left
    return Level(mean, spread, seen.results)


class _Seen(NamedTuple):
    """What was measured before: mean logarithm, its inverse variance (0: nothing), number, (S, P)."""

    measured: Floats
    weight: Floats
    results: Floats


def _seen(question: Question, mean: Floats, settings: Settings) -> _Seen:
    before = question.before
    measured, count = np.zeros(mean.shape), np.zeros(mean.shape)
    single = np.hypot(settings.number("noise_high"), settings.number("day_spread"))
    for row, column in {(int(s), int(p)) for s, p in zip(before.section, before.item, strict=True)}:
        chosen = (before.section == row) & (before.item == column)
        measured[row, column] = _log_mean(
            np.log(before.value[chosen]), before.below[chosen], mean[row, column], single
        )
        # A result below detection says less than one above it.
        count[row, column] = np.where(before.below[chosen], 0.25, 1.0).sum()
    return _Seen(measured, count / single**2, count)


def _shared(solution: Solution, sections: Sequence[Section], known: Integers, loads: Floats) -> Floats:
    """Return which part of the load at the lower of two places has passed the upper one, (S, K, P)."""
    network, flow, items = solution.network, solution.flow, solution.pollutants
    places = [sections[row] for row in known]
    from_known = response(network, sections, places, items, flow) * loads[known][None]
    to_known = response(network, places, sections, items, flow).transpose(1, 0, 2) * loads[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        below, above = from_known / loads[:, None], to_known / loads[known][None]
    return np.asarray(np.clip(np.nan_to_num(np.maximum(below, above), posinf=0.0), 0.0, 1.0))


def _moved(alike: Floats, rows: Integers, apart: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Return by how much levels move and what is left of their spread, as normal distributions do, (S,).

    `apart` is measured less computed at `rows`, `error` its variance; variances count in that of a level
    before anything was measured.
    """
    # Two branches of a bifurcation may share more than a covariance can; then the nearest one is taken.
    value, vector = np.linalg.eigh(alike[rows])
    within = (vector * np.maximum(value, 0.0)) @ vector.T + np.diag(error)
    gain = np.linalg.solve(within, alike.T).T
    left = 1.0 - (gain * alike).sum(axis=1)
    return gain @ apart, np.sqrt(np.clip(left, _LEAST**2, 1.0))


def _log_mean(value: Floats, below: Floats, start: float, spread: float) -> float:
    """Return the mean logarithm; results below detection count with their expected value under it."""
    if not below.any():
        return float(value.mean())
    from scipy.special import log_ndtr

    mean = start
    for _ in range(_ROUNDS):
        z = (value - mean) / spread
        expected = mean - spread * np.exp(-0.5 * (z**2 + np.log(2.0 * np.pi)) - log_ndtr(z))
        mean = float(np.where(below, expected, value).mean())
    return mean
