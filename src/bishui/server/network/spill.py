"""A spill drill (突发水污染事件推演): who is hit when, with bands, and the schematic of the way down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext

from bishui.network import Pollutant, ReachKind, Section
from bishui.network.pulses import (
    Drill,
    Hit,
    Hydraulics,
    Receptor,
    ReceptorKind,
    Spill,
    drill,
    hydraulics_of,
)
from bishui.server.network.held import Held
from bishui.server.network.limits import limits_of, target_classes
from bishui.server.network.placing import Placed, usable
from bishui.server.network.rules import pollutants, rules
from bishui.server.network.walking import Side, downstream

_G_PER_KG = 1000.0
_HOUR_S = 3600.0
#: What stands in no file of a network but in the settings.
_SET = {"decay": "", "velocity_factor": ""}


@dataclass(frozen=True, slots=True)
class Question:
    """What is drilled: where, what, how much (kg), over how long (h), from when; an own limit (mg/L).

    `item` is an item key, or empty where `name` names another substance.
    """

    reach: int
    chainage: float
    item: str
    name: str
    mass_kg: float
    hours: float
    begin: datetime
    limit: float | None = None
    flow_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Struck:
    """One place that is hit: distance (km), and the moments of arrival, peak and passing."""

    placed: Placed
    km: float | None
    hit: Hit
    begin: datetime

    def moments(self, part: str) -> list[datetime | None]:
        """Return early, likely and late moments of ``arrival``, ``peak_time`` or ``leaving``."""
        band = getattr(self.hit, part)
        return [
            self.begin + timedelta(seconds=float(value)) if np.isfinite(value) else None for value in band
        ]


@dataclass(frozen=True, slots=True)
class Answer:
    """The drill with what it struck, the nearest first, and what it does not reach."""

    question: Question
    struck: tuple[Struck, ...]
    clear: tuple[Placed, ...]
    side: Side
    drilled: Drill


def answer(found: Held, placed: Sequence[Placed], division: str, asked: Question) -> Answer:
    """Return who is hit when by a spill.

    Raises
    ------
    BishuiError
        As `bishui.network.pulses.drill`.
    """
    receptors, by_name = [], {}
    targets = target_classes(division, asked.begin.date())
    for entry in usable(placed, "section", "intake"):
        kind = ReceptorKind.INTAKE if entry.thing.kind == "intake" else ReceptorKind.SECTION
        limit = asked.limit
        if asked.item:
            own = limits_of(entry.thing, targets, [asked.item], asked.begin.date())
            limit = limit if limit is not None else own.get(asked.item)
        by_name[entry.thing.key] = entry
        receptors.append(Receptor(entry.thing.key, kind, entry.section, limit))
    at = Section("spill", asked.reach, asked.chainage)
    spilt = Spill(
        at, asked.mass_kg * _G_PER_KG, _pollutant(asked), asked.hours * _HOUR_S, gettext("推演填报")
    )
    drilled = drill(found.network, spilt, receptors, _hydraulics(found, asked))
    side = downstream(found, at, placed)
    far = {entry.placed.thing.key: entry.km for entry in side.there}
    struck = tuple(
        Struck(by_name[hit.receptor.name], far.get(hit.receptor.name), hit, asked.begin)
        for hit in drilled.hits
    )
    return Answer(asked, struck, tuple(by_name[one.name] for one in drilled.clear), side, drilled)


def _pollutant(asked: Question) -> Pollutant:
    """Return what is spilt; what is not among the items that networks know is not reduced on the way."""
    known = {one.key: one for one in pollutants()}
    return known.get(asked.item) or Pollutant(asked.item or asked.name, 0.0, 1.0)


def _hydraulics(found: Held, asked: Question) -> Hydraulics:
    """Return what carries the spill: dispersion by the cross-sections of the file, the flow of the day.

    Where that is not the flow of the network, velocity follows it with a power.
    """
    from bishui.network import flows

    along = found.file.diffuse
    flow = flows(found.network, (), None if along is None else along.water(found.network))
    if asked.flow_factor == 1.0:
        plain = hydraulics_of(found.network, found.file.attributes, flow)
        return replace(plain, sources={**_SET, **plain.sources})
    carried = hydraulics_of(found.network, found.file.attributes, flow * asked.flow_factor)
    power, said = rules()["spill"]["velocity_power"], gettext("按填报的流量倍数推算")
    return replace(
        carried,
        velocity_factor=float(asked.flow_factor**power),
        sources={**_SET, **carried.sources, "flow": said, "velocity_factor": said},
    )


def schematic(found: Held, given: Answer) -> dict[str, Any]:
    """Return the way down as a straight line to be drawn: places by distance, each with its moments.

    Returns
    -------
    dict
        ``width``, ``height`` and ``marks`` of ``x``, ``y``, ``name``, ``kind``, ``km``, ``arrival``.
    """
    shown = [entry for entry in given.struck if entry.km is not None]
    longest = max((entry.km or 0.0 for entry in shown), default=1.0) or 1.0
    marks = []
    for number, entry in enumerate(sorted(shown, key=lambda one: one.km or 0.0)):
        marks.append(
            {
                "x": round(60 + 820 * (entry.km or 0.0) / longest, 1),
                "y": 60 + 34 * (number + 1),
                "name": entry.placed.thing.name,
                "kind": entry.placed.thing.kind,
                "km": f"{entry.km:.1f}",
                "arrival": entry.moments("arrival")[1],
            }
        )
    return {"width": 1100, "height": 110 + 34 * len(marks), "marks": marks}


def points_of_control(found: Held, given: Answer) -> list[dict[str, Any]]:
    """Return where water can be held or is thinned on the way: lakes, reservoirs, canals, confluences."""
    network = found.network
    rows = list(given.side.rows)
    on_way = set(rows)
    shown: list[dict[str, Any]] = []
    for row in rows:
        kind = ReachKind(int(network.reaches.kind[row]))
        if kind.mixed or kind in (ReachKind.CANAL, ReachKind.CHANNEL):
            shown.append({"row": row, "name": found.name(row), "what": "hold"})
        others = [other for other in network.inflows.of(row).tolist() if other not in on_way]
        if others and row != rows[0]:
            joined = "、".join(str(found.file.names[other] or network.name(other)) for other in others)
            shown.append({"row": row, "name": found.name(row), "what": "join", "with": joined})
    return shown
