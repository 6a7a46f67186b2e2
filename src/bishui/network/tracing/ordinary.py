"""What is ordinary: the effluent of each candidate while it does not exceed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bishui.network.settings import Settings
from bishui.network.tables import Floats, Load, Pollutant
from bishui.network.tracing.tables import Candidate, Fingerprint


@dataclass(frozen=True, slots=True, eq=False)
class Effluent:
    """What candidates ordinarily discharge: loads in g/s by item, and how sure their pattern is.

    Attributes
    ----------
    load
        Ordinary load, g/s, (K, P).
    spread
        Standard deviation of its logarithm in an event, (K, P).
    excess
        What an excess is counted in: the ordinary load, in the proportions of failing treatment where its
        kind has such, g/s, (K, P).
    """

    load: Floats
    spread: Floats
    excess: Floats


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
    shift, keys = np.ones(size), [item.key for item in pollutants]
    event, scatter = settings.number("event_spread"), settings.number("record_spread")
    for row, candidate in enumerate(candidates):
        kind = fingerprints.get(candidate.kind)
        if kind is not None:
            shift[row] = kind.shift(keys)
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
    return Effluent(load, spread, load * shift)


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
