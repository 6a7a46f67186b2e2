"""What lies upstream or downstream of a point, how far it is and how long the water takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bishui.errors import BishuiError
from bishui.server.network.held import Held
from bishui.server.network.placing import Placed

if TYPE_CHECKING:
    from bishui.network import Integers, Network, Section

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class There:
    """Something on the way: distance (km), and the least and most time (h); None where it cannot be told."""

    placed: Placed
    km: float | None
    hours: tuple[float, float] | None

    @property
    def near(self) -> tuple[float, str]:
        """What the lists are sorted by."""
        return (self.km if self.km is not None else np.inf), self.thing_name

    @property
    def thing_name(self) -> str:
        """What it is called."""
        return self.placed.thing.name


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a point: rows of its reaches, its own first, and what lies there, the nearest first."""

    rows: tuple[int, ...]
    length_km: float
    there: tuple[There, ...]

    def of_kind(self, kind: str) -> list[There]:
        """Return what lies there of one kind."""
        return [entry for entry in self.there if entry.placed.thing.kind == kind]


def upstream(found: Held, at: Section, placed: Iterable[Placed]) -> Side:
    """Return what lies upstream of a point.

    Parameters
    ----------
    at
        The point.
    placed
        What is to be looked for; what has no usable place is left out.
    """
    from bishui.network import time_from

    rows = found.network.upstream(at.reach)
    inside = np.zeros(len(found.network), np.bool_)
    inside[rows] = True
    lengths = _unmixed(found.network)
    metres, seconds = _lengths(lengths, at), _times(found.network, at)
    there = []
    for entry in placed:
        section = entry.section
        if not entry.usable or not inside[section.reach] or not _above(entry, at):
            continue
        if metres is None:
            there.append(There(entry, None, None))
            continue
        far = float(time_from(lengths, metres[:, 0], section))
        hours = _hours(found.network, seconds, section)
        there.append(There(entry, _km(far), hours))
    return _side(found, rows[::-1], there)


def downstream(found: Held, at: Section, placed: Iterable[Placed]) -> Side:
    """Return what lies downstream of a point; parameters are those of `upstream`."""
    from bishui.network import flows

    rows = found.network.downstream(at.reach)
    order = {row: number for number, row in enumerate(rows.tolist())}
    flow = flows(found.network)
    ways = _ways_down(found.network, flow, at, rows.tolist())
    there = []
    for entry in placed:
        if not entry.usable or entry.reach not in order or _above(entry, at, strictly=True):
            continue
        there.append(_reached(found.network, flow, entry, ways))
    return _side(found, rows, there)


def _side(found: Held, rows: Integers, there: list[There]) -> Side:
    """Return a side from its rows, the point's own first."""
    length = float(found.network.reaches.length[rows].sum()) / 1000.0
    return Side(tuple(rows.tolist()), length, tuple(sorted(there, key=lambda entry: entry.near)))


def _above(entry: Placed, at: Section, *, strictly: bool = False) -> bool:
    """Return whether something on the point's own reach lies above it; elsewhere the rows have told it."""
    if entry.reach != at.reach:
        return not strictly
    return entry.chainage < at.chainage if strictly else entry.chainage <= at.chainage


def _unmixed(network: Network) -> Network:
    """Return the network with every reach a river of 1 m/s: times on it are lengths."""
    from bishui.network import ReachKind

    reaches = network.reaches
    river = np.where(reaches.kind == ReachKind.TIDAL, reaches.kind, np.int8(ReachKind.RIVER))
    return replace(
        network,
        reaches=replace(reaches, kind=river.astype(np.int8), velocity=np.ones(len(reaches))),
    )


def _lengths(lengths: Network, at: Section) -> Any:
    """Return the least and the most length from each reach's top to the point, m; None on a tidal one."""
    from bishui.network import travel_range

    try:
        return travel_range(lengths, at, np.ones(len(lengths)))
    except BishuiError:
        return None


def _times(network: Network, at: Section) -> Any:
    """Return the least and the most time to the point, s; None where water stands on the way."""
    from bishui.network import travel_range

    try:
        return travel_range(network, at)
    except BishuiError:
        return None


def _hours(network: Network, seconds: Any, section: Section) -> tuple[float, float] | None:
    from bishui.network import time_from

    if seconds is None:
        return None
    found = [float(time_from(network, seconds[:, side], section)) for side in (0, 1)]
    return None if not np.isfinite(found).all() else (found[0] / _HOUR_S, found[1] / _HOUR_S)


def _km(metres: float) -> float | None:
    return metres / 1000.0 if np.isfinite(metres) else None


@dataclass(slots=True)
class _Way:
    """From the point to the top of a reach: least length (m), least and most time (s)."""

    metres: float
    least: float
    most: float


def _ways_down(network: Network, flow: Any, at: Section, rows: list[int]) -> dict[int, _Way]:
    """Return the way to the top of each reach below the point, in the order of flow."""
    reaches = network.reaches
    # The point's own reach counts from the point: its top lies before it.
    own = _passing(network, flow, at.reach, at.chainage)
    ways = {at.reach: _Way(-at.chainage, -own[0], -own[1])}
    for row in rows:
        least, most = _passing(network, flow, row, float(reaches.length[row]))
        here = ways[row]
        beyond = _Way(here.metres + float(reaches.length[row]), here.least + least, here.most + most)
        for below in network.outflows.of(row).tolist():
            known = ways.get(below)
            ways[below] = beyond if known is None else _either(known, beyond)
    return ways


def _either(one: _Way, other: _Way) -> _Way:
    return _Way(min(one.metres, other.metres), min(one.least, other.least), max(one.most, other.most))


def _passing(network: Network, flow: Any, row: int, metres: float) -> tuple[float, float]:
    """Return the least and the most time over a part of a reach; of a mixed reactor 0 and V/Q."""
    reaches = network.reaches
    if network.mixed[row]:
        most = float(reaches.volume[row] / flow[row]) if flow[row] > 0 else float("inf")
        return 0.0, most if metres > 0 else 0.0
    velocity = float(reaches.velocity[row])
    time = metres / velocity if velocity > 0 else float("inf")
    return time, time


def _reached(network: Network, flow: Any, entry: Placed, ways: dict[int, _Way]) -> There:
    row = entry.section.reach
    way = ways[row]
    least, most = _passing(network, flow, row, entry.chainage)
    total = way.least + least, way.most + most
    metres = way.metres + entry.chainage
    hours = None if not np.isfinite(total).all() else (total[0] / _HOUR_S, total[1] / _HOUR_S)
    if hours is not None:
        hours = max(hours[0], 0.0), max(hours[1], 0.0)
    return There(entry, _km(max(metres, 0.0)), hours)
