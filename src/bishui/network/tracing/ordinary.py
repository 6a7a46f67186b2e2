"""What is ordinary: effluent of each candidate and concentrations at each section while nobody exceeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bishui.network.settings import Settings
from bishui.network.solve import solve
from bishui.network.tables import Floats, Load, Pollutant, Section
from bishui.network.tracing.question import Question
from bishui.network.tracing.tables import Candidate, Fingerprint

#: Rounds in which results below detection are given their expected value.
_ROUNDS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Effluent:
    """What candidates ordinarily discharge: loads in g/s by item, and how sure their pattern is.

    `load` and `spread` (standard deviation of the logarithm in an event) are (K, P).
    """

    load: Floats
    spread: Floats


def effluent(
    candidates: Sequence[Candidate],
    fingerprints: Mapping[str, Fingerprint],
    pollutants: Sequence[Pollutant],
    settings: Settings,
) -> Effluent:
    """Return ordinary loads: the kind's pattern, moved by the outfall's own earlier results.

    For each item the logarithm of the pattern has the spread of the kind; n results with their scatter move
    it as two normal distributions do. An item that no fingerprint names comes from the permit.
    """
    size = (len(candidates), len(pollutants))
    load, spread = np.zeros(size), np.full(size, settings.number("unknown_kind_spread"))
    event, scatter = settings.number("event_spread"), settings.number("record_spread")
    for row, candidate in enumerate(candidates):
        kind = fingerprints.get(candidate.kind)
        for column, item in enumerate(pollutants):
            typical, own = _typical(candidate, kind, item.key, settings)
            results = [value for value in candidate.history.get(item.key, ()) if value > 0.0]
            if typical is None and not results:
                continue
            level = np.log((typical or np.median(results)) * settings.number("ordinary_share"))
            weight = 1.0 / own**2
            gained = len(results) / scatter**2
            mean = (
                (weight * level + gained * np.mean(np.log(results))) / (weight + gained) if results else level
            )
            load[row, column] = candidate.flow * np.exp(mean)
            spread[row, column] = np.sqrt(1.0 / (weight + gained) + event**2)
    return Effluent(load, spread)


def _typical(
    candidate: Candidate, kind: Fingerprint | None, item: str, settings: Settings
) -> tuple[float | None, float]:
    """Return the concentration expected of an item, and the spread of its logarithm; None: it has none."""
    if kind is not None and item in kind.typical:
        return kind.typical[item], kind.spread
    return candidate.permitted.get(item), settings.number("unknown_kind_spread")


def loads(candidates: Sequence[Candidate], found: Effluent, pollutants: Sequence[Pollutant]) -> list[Load]:
    """Return the candidates' ordinary loads as the engine takes them."""
    return [
        Load(
            candidate.key,
            candidate.reach,
            candidate.chainage,
            candidate.flow,
            {
                item.key: float(found.load[row, column] / candidate.flow)
                for column, item in enumerate(pollutants)
            }
            if candidate.flow > 0.0
            else {},
        )
        for row, candidate in enumerate(candidates)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Logarithm of ordinary concentrations and its standard deviation, (S, P), and results behind, (S, P)."""

    mean: Floats
    spread: Floats
    results: Floats


def level(
    question: Question, sections: Sequence[Section], ordinary: Sequence[Load], settings: Settings
) -> Level:
    """Return ordinary concentrations: computed from background and ordinary loads, moved by earlier results.

    Where the computed and the measured differ at sections with earlier results, the mean ratio moves the
    computed ones of sections without.
    """
    network, before, background = question.network, question.before, question.background
    lateral = {item.key: np.full(len(network), background.get(item.key, 0.0)) for item in question.pollutants}
    solution = solve(network, question.pollutants, ordinary, lateral)
    computed = np.array([np.asarray(solution.at(section).concentrations) for section in sections])
    with np.errstate(divide="ignore"):
        mean = np.where(computed > 0.0, np.log(computed), np.log(1e-6))
    count = np.zeros(mean.shape)
    measured = np.full(mean.shape, np.nan)
    single = np.hypot(settings.number("noise_high"), settings.number("day_spread"))
    for row, column in {(int(s), int(p)) for s, p in zip(before.section, before.item, strict=True)}:
        chosen = (before.section == row) & (before.item == column)
        measured[row, column] = _log_mean(
            np.log(before.value[chosen]), before.below[chosen], mean[row, column], single
        )
        # A result below detection says less than one above it.
        count[row, column] = np.where(before.below[chosen], 0.25, 1.0).sum()
    known = count > 0
    spread0 = settings.number("baseline_spread")
    with np.errstate(invalid="ignore"):
        ratio = np.where(known, measured - mean, 0.0)
    # A shrunken mean ratio: one section's word counts half.
    common = ratio.sum(axis=0) / (known.sum(axis=0) + 1.0)
    prior = mean + common
    weight, gained = 1.0 / spread0**2, count / single**2
    moved = (weight * prior + gained * np.where(known, measured, 0.0)) / (weight + gained)
    return Level(moved, np.sqrt(1.0 / (weight + gained)), count)


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
