"""What a laboratory and a station make of the truth: noise, detection limits, outliers and gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bishui.network.tables import Floats, Integers
from bishui.network.tracing import Samples
from bishui.twin.tracing.parameters import Generator

#: The moment from which the seconds of a scenario count: the day of the monthly campaign.
EPOCH = np.datetime64("2030-05-10T08:00:00", "s")


def laboratory(
    rng: Generator, truth: Floats, seconds: Floats, noise: float, settings: Mapping[str, Any]
) -> Samples:
    """Return one campaign: for each section (row of `truth`) one sample of all items."""
    doubt, (sites, items) = settings["ignorance"], truth.shape
    day = np.exp(doubt["month_spread"] * rng.standard_normal((sites, 1)))
    value = truth * day * np.exp(noise * rng.standard_normal(truth.shape))
    limit = np.array([item["laboratory"] for item in settings["item"]])
    return _samples(np.arange(sites).repeat(items), np.tile(np.arange(items), sites), seconds.repeat(items),
                    value.ravel(), np.tile(limit, sites), automatic=False)  # fmt: skip


def station(
    rng: Generator, section: int, truth: Floats, seconds: Floats, errors: tuple[float, Mapping[str, Any]]
) -> Samples:
    """Return the readings of a station from the truth (T, P), with gaps; `errors`: noise, settings."""
    noise, settings = errors
    kept = _present(rng, len(seconds), settings["noise"])
    parts = []
    for row, item in enumerate(settings["item"]):
        value = truth[:, row] * np.exp(_drift(rng, seconds, settings["ignorance"]))
        value = value * np.exp(noise * rng.standard_normal(len(seconds)))
        wrong = rng.random(len(seconds)) < settings["noise"]["outliers"]
        up = rng.random(len(seconds)) < 0.5
        factor = np.where(up, settings["noise"]["outlier_factor"], 1.0 / settings["noise"]["outlier_factor"])
        value = np.where(wrong, value * factor, value)
        if item["station"] > 0.0:
            size = int(kept.sum())
            parts.append(_samples(np.full(size, section), np.full(size, row), seconds[kept], value[kept],
                                  np.full(size, item["station"]), automatic=True))  # fmt: skip
    return joined(parts)


def joined(parts: Sequence[Samples]) -> Samples:
    """Return the rows of several tables of samples in one."""
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.joined(part)
    return whole


def _samples(
    section: Integers, item: Integers, seconds: Floats, value: Floats, limit: Floats, *, automatic: bool
) -> Samples:
    below = value < limit
    return Samples(
        section.astype(np.int64),
        item.astype(np.int64),
        EPOCH + np.round(seconds).astype("timedelta64[s]"),
        np.where(below, limit, value),
        below,
        np.full(len(value), automatic),
    )


def _drift(rng: Generator, seconds: Floats, settings: Mapping[str, Any]) -> Floats:
    """Return a slow drift: an autoregressive series of the correlation time."""
    keep = np.exp(-np.diff(seconds, prepend=seconds[0]) / (settings["drift_hours"] * 3600.0))
    steps = rng.standard_normal(len(seconds)) * settings["drift_spread"]
    found = np.empty(len(seconds))
    level = steps[0]
    for row, part in enumerate(keep):
        level = level if row == 0 else part * level + np.sqrt(1.0 - part**2) * steps[row]
        found[row] = level
    return found


def _present(rng: Generator, size: int, settings: Mapping[str, Any]) -> NDArray[np.bool_]:
    kept = np.ones(size, bool)
    while kept.mean() > 1.0 - settings["gaps"]:
        first = int(rng.integers(size))
        kept[first : first + 1 + int(rng.poisson(settings["gap_readings"]))] = False
    return kept
