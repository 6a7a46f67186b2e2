"""Random outfalls: what the register says of them, and what they ordinarily discharge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.network.tables import Floats
from bishui.network.tracing import Candidate, Fingerprint
from bishui.twin.tracing.parameters import Generator, around, between, count, log_between
from bishui.twin.tracing.rivers import River


@dataclass(frozen=True, slots=True, eq=False)
class Outfall:
    """An outfall as it truly is: ordinary flow (m³/s) and concentrations (g/m³, by row of the items)."""

    kind: str
    reach: int
    chainage: float
    flow: float
    ordinary: Floats


def fingerprints(settings: Mapping[str, Any]) -> dict[str, Fingerprint]:
    """Return the fingerprint of each kind of discharger, as it is generally known."""
    doubt = np.hypot(settings["candidates"]["own_spread"], settings["event"]["fingerprint_spread"])
    return {kind["key"]: Fingerprint(kind["key"], kind["typical"], float(doubt)) for kind in settings["kind"]}


def draw_outfalls(rng: Generator, river: River, settings: Mapping[str, Any]) -> list[Outfall]:
    """Draw the outfalls on the list; some are nearly the same as the one before."""
    rows = [row for row in range(len(river)) if not river.mixed(row)]
    found: list[Outfall] = []
    for _ in range(round(log_between(rng, settings["candidates"]["count"]))):
        if found and rng.random() < settings["candidates"]["twin_share"]:
            found.append(_twin(rng, river, found[-1], settings))
        else:
            row = int(rows[rng.integers(len(rows))])
            kind = settings["kind"][rng.integers(len(settings["kind"]))]
            found.append(_outfall(rng, river, row, kind, settings))
    return found


def _outfall(
    rng: Generator, river: River, row: int, kind: Mapping[str, Any], settings: Mapping[str, Any]
) -> Outfall:
    typical = np.array([kind["typical"][item["key"]] for item in settings["item"]])
    own = np.exp(settings["candidates"]["own_spread"] * rng.standard_normal(len(typical)))
    share = between(rng, settings["candidates"]["normal_share"])
    flow = around(rng, kind["flow"], kind["flow_spread"])
    return Outfall(kind["key"], row, float(rng.uniform(0.0, river.length[row])), flow, typical * share * own)


def _twin(rng: Generator, river: River, other: Outfall, settings: Mapping[str, Any]) -> Outfall:
    kind = next(kind for kind in settings["kind"] if kind["key"] == other.kind)
    near = _outfall(rng, river, other.reach, kind, settings)
    flow = around(rng, other.flow, settings["candidates"]["twin_flow_spread"])
    return Outfall(near.kind, near.reach, near.chainage, flow, near.ordinary)


def draw_hidden(rng: Generator, river: River, settings: Mapping[str, Any]) -> Outfall:
    """Draw a source that is on no list (暗管): any kind, anywhere."""
    rows = [row for row in range(len(river)) if not river.mixed(row)]
    kind = dict(settings["kind"][rng.integers(len(settings["kind"]))])
    kind |= {"flow": settings["event"]["hidden_flow"], "flow_spread": settings["event"]["hidden_spread"]}
    return _outfall(rng, river, int(rows[rng.integers(len(rows))]), kind, settings)


def candidate(rng: Generator, number: int, outfall: Outfall, settings: Mapping[str, Any]) -> Candidate:
    """Return what the register knows of an outfall: permit and a few earlier measurements."""
    kind = next(kind for kind in settings["kind"] if kind["key"] == outfall.kind)
    times = count(rng, settings["candidates"]["history"])
    scatter = settings["candidates"]["history_spread"]
    history = {
        item["key"]: tuple(
            float(value) for value in outfall.ordinary[row] * np.exp(scatter * rng.standard_normal(times))
        )
        for row, item in enumerate(settings["item"])
        if times
    }
    return Candidate(
        key=f"W{number + 1:02}",
        reach=outfall.reach,
        chainage=outfall.chainage,
        kind=outfall.kind,
        flow=outfall.flow,
        permitted=dict(kind["typical"]),
        history=history,
    )
