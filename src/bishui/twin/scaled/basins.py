"""Basins: a river with its sections, outfalls and permits, and what happens there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bishui.network import Load, Network, Pollutant, Section, Solution, build, solve
from bishui.network.tables import Floats
from bishui.twin.scaled.happenings import Happening, Subjects, draw_happenings, hidden_outlets
from bishui.twin.scaled.parameters import Generator, generator, parameters
from bishui.twin.tracing.outfalls import Outfall, draw_hidden, draw_outfalls
from bishui.twin.tracing.parameters import between, count
from bishui.twin.tracing.rivers import River, draw_river, pollutants

#: Parts of a city that have random numbers of their own.
WEATHER, RIVER, EVENTS, INSTRUMENTS = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class Basin:
    """A river basin (流域) of an invented city, with its known truth.

    Attributes
    ----------
    number
        Its place in the city, from 0.
    sections
        With places on the network; keys are ``S0000-1``.
    outfalls
        The first `listed` stand in the registers (``W0000-01``), the others on no list (``H0000-09``).
    monitored
        Rows of the outfalls with an online monitor (自动监控).
    permitted
        Permitted concentrations of the listed outfalls, mg/L, (K, P).
    background
        Concentrations of the local inflow of each reach, mg/L, (n, P).
    ordinary
        Solution of the network when nobody exceeds.
    events
        What happens, ordered by beginning.
    """

    number: int
    seed: int
    days: int
    network: Network
    sections: tuple[Section, ...]
    outfalls: tuple[Outfall, ...]
    listed: int
    monitored: tuple[int, ...]
    permitted: Floats
    background: Floats
    ordinary: Solution
    events: tuple[Happening, ...]

    @property
    def pollutants(self) -> tuple[Pollutant, ...]:
        """Return the items that the city computes."""
        return pollutants(parameters())

    def outfall_key(self, row: int) -> str:
        """Return the name of an outfall in files."""
        return _key(self.number, row, self.listed)


def basins(size: int, seed: int, days: int) -> Iterator[Basin]:
    """Yield the basins of a city, one after the other.

    Parameters
    ----------
    size
        Number of sections of the whole city; the last basin has as many as are left.
    seed
        Equal seeds give equal cities; a larger city begins with the basins of a smaller one.
    days
        How many days of the year are told.
    """
    left, number = size, 0
    while left > 0:
        basin = _basin(seed, number, left, days)
        yield basin
        left -= len(basin.sections)
        number += 1


def _key(number: int, row: int, listed: int) -> str:
    return f"{'W' if row < listed else 'H'}{number:04}-{row + 1:02}"


def _basin(seed: int, number: int, most: int, days: int) -> Basin:
    settings = parameters()
    rng, fate = generator(seed, RIVER, number), generator(seed, EVENTS, number)
    reaches, edges, river = draw_river(rng, settings)
    ids = np.array([f"B{number:04}-{name}" for name in reaches.ids.tolist()])
    network = build(replace(reaches, ids=ids), edges)
    sections = _sections(rng, river, number, settings)[:most]
    listed = draw_outfalls(rng, river, settings)
    monitored = tuple(
        np.flatnonzero(rng.random(len(listed)) < settings["candidates"]["monitored_share"]).tolist()
    )
    hidden = [draw_hidden(fate, river, settings) for _ in range(hidden_outlets(fate, days))]
    outfalls = (*listed, *hidden)
    keys = [_key(number, row, len(listed)) for row in range(len(outfalls))]
    named = list(zip(keys, outfalls, strict=True))
    subjects = Subjects(number, named, len(listed), monitored, [section.key for section in sections])
    return Basin(
        number=number,
        seed=seed,
        days=days,
        network=network,
        sections=sections,
        outfalls=outfalls,
        listed=len(listed),
        monitored=monitored,
        permitted=np.array([_permitted(outfall, settings) for outfall in listed]),
        background=river.background,
        ordinary=_solution(network, river, listed, keys, settings),
        events=draw_happenings(fate, subjects, days),
    )


def _sections(rng: Generator, river: River, number: int, settings: Mapping[str, Any]) -> tuple[Section, ...]:
    """Draw sections on different reaches, the outlet first; the others follow in the order drawn."""
    wanted = count(rng, settings["basin"]["sections"])
    rows = [row for row in range(len(river) - 1) if not river.mixed(row)]
    others = rng.choice(rows, min(wanted - 1, len(rows)), replace=False).tolist()
    return tuple(
        Section(
            f"S{number:04}-{place}",
            row,
            between(rng, settings["basin"]["place_on_reach"]) * float(river.length[row]),
        )
        for place, row in enumerate([len(river) - 1, *others], 1)
    )


def _permitted(outfall: Outfall, settings: Mapping[str, Any]) -> list[float]:
    kind = next(kind for kind in settings["kind"] if kind["key"] == outfall.kind)
    return [kind["typical"][item["key"]] for item in settings["item"]]


def _solution(
    network: Network, river: River, listed: list[Outfall], keys: list[str], settings: Mapping[str, Any]
) -> Solution:
    """Return what the network holds when nobody exceeds; outlets on no list stand still then."""
    items = [item["key"] for item in settings["item"]]
    loads = [
        Load(key, o.reach, o.chainage, o.flow, dict(zip(items, o.ordinary.tolist(), strict=True)))
        for key, o in zip(keys, listed, strict=False)
    ]
    lateral = {item: river.background[:, place] for place, item in enumerate(items)}
    return solve(network, pollutants(settings), loads, lateral)
