"""The answer of a trace, computed from what it was asked and from nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bishui.network import Pollutant, Section
from bishui.network.tracing import Candidate, Fingerprint, Samples, trace
from bishui.server.network.held import Held


def answer(found: Held, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON form of `bishui.network.tracing.Trace`.

    Parameters
    ----------
    found
        The network that the question was asked of.
    asked
        As `bishui.server.network.asking.question_of` returns it.

    Raises
    ------
    BishuiError
        As `bishui.network.tracing.trace`; nothing to trace where no result of the event is above its limit.
    """
    places = [*asked["sections"], *asked["candidates"]]
    rows = found.rows({entry["reach"] for entry in places})
    answered = trace(
        found.network,
        [_section(entry, rows) for entry in asked["sections"]],
        _samples(asked["samples"]),
        [_candidate(entry, rows) for entry in asked["candidates"]],
        [Pollutant(entry["item"], entry["decay_per_day"], entry["theta"]) for entry in asked["pollutants"]],
        fingerprints={
            # Questions of before the year's third settings know no failing treatment.
            kind: Fingerprint(kind, typical, spread, *failing)
            for kind, (typical, spread, *failing) in asked["fingerprints"].items()
        },
        limits={item: math.inf if limit is None else limit for item, limit in asked["limits"].items()},
        background=asked["background"],
        event_from=np.datetime64(asked["event_from"], "s"),
    )
    plain: dict[str, Any] = _finite(answered.as_dict())
    return plain


def _section(entry: Mapping[str, Any], rows: Mapping[str, int]) -> Section:
    return Section(entry["key"], rows[entry["reach"]], entry["chainage_m"])


def _candidate(entry: Mapping[str, Any], rows: Mapping[str, int]) -> Candidate:
    return Candidate(
        entry["code"],
        rows[entry["reach"]],
        entry["chainage_m"],
        entry["kind"],
        entry["flow_m3_s"],
        entry["permitted"],
        {item: tuple(values) for item, values in entry["history"].items()},
    )


def _samples(columns: Mapping[str, Any]) -> Samples:
    return Samples(
        np.array(columns["section"], np.int64),
        np.array(columns["item"], np.int64),
        np.array(columns["time"], "datetime64[s]"),
        np.array(columns["value"], np.float64),
        np.array(columns["below"], np.bool_),
        np.array(columns["auto"], np.bool_),
    )


def _finite(value: Any) -> Any:
    """Return a value as a database keeps JSON: what is not a number is nothing."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(entry) for entry in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
