"""The way of sewage drawn: dischargers and channels at the left, the outfall, the water it empties into.

Each link stands below the drawing with its days and its evidence; one that has ended is drawn broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bishui.server.outfalls.models import ChainLink, Channel, Discharger, Outfall, WaterBody
from bishui.server.outfalls.shown_stages import word

#: A chain longer than this is a loop or a fault of entry.
_STEPS = 8
_WIDTH, _HEIGHT, _ACROSS, _DOWN = 190, 54, 250, 78
_SHORT = 13


@dataclass(slots=True)
class Node:
    """A box of the drawing; `step` counts from the water, 0, to the left."""

    key: str
    kind: str
    name: str
    note: str
    step: int
    x: int = 0
    y: int = 0

    @property
    def short(self) -> str:
        """The name as it fits into the box."""
        return self.name if len(self.name) <= _SHORT else f"{self.name[: _SHORT - 1]}…"


@dataclass(slots=True)
class Chain:
    """The drawing with its size, and the links below it, the present ones first."""

    nodes: list[Node]
    edges: list[dict[str, Any]]
    width: int
    height: int
    links: list[dict[str, Any]] = field(default_factory=list)


def links_above(outfall: Outfall) -> list[ChainLink]:
    """Return all links of the ways that lead to an outfall, ended ones too."""
    found: dict[Any, ChainLink] = {}
    ends = {outfall.code}
    for _step in range(_STEPS):
        new = [link for link in ChainLink.objects.filter(lower__in=ends) if link.pk not in found]
        if not new:
            break
        found.update((link.pk, link) for link in new)
        ends = {link.upper for link in new}
    return list(found.values())


def chain(outfall: Outfall, water: WaterBody | None, day: date) -> Chain:
    """Return the chain of an outfall as it is drawn on a day."""
    links = links_above(outfall)
    steps = _steps(outfall.code, links)
    named = _named(links)
    nodes = [_water(outfall, water), Node(outfall.code, "outfall", outfall.name, outfall.code, 1)]
    nodes += [
        Node(key, named[key][0], named[key][1], named[key][2], step)
        for key, step in steps.items()
        if key != outfall.code
    ]
    height = _place(nodes)
    at = {node.key: node for node in nodes}
    edges = [_edge(at[link.upper], at[link.lower], link.holds_on(day), _share(link)) for link in links]
    edges.append(_edge(at[outfall.code], nodes[0], True, ""))
    width = max(node.x for node in nodes) + _WIDTH + 4
    ordered = sorted(links, key=lambda link: (not link.holds_on(day), link.code))
    return Chain(nodes, edges, width, height, [_told(link, named, outfall, day) for link in ordered])


def _steps(code: str, links: Iterable[ChainLink]) -> dict[str, int]:
    """Return for each box how many links lie at most between it and the water."""
    steps = {code: 1}
    for _round in range(_STEPS):
        for link in links:
            if link.lower in steps:
                steps[link.upper] = max(steps.get(link.upper, 0), min(steps[link.lower] + 1, _STEPS))
    return steps


def _named(links: list[ChainLink]) -> dict[str, tuple[str, str, str]]:
    """Return kind, name and note of each upper end; one that is in no register is named by its code."""
    wanted = {link.upper: link.upper_kind for link in links}
    found = {key: (kind, key, "") for key, kind in wanted.items()}
    for channel in Channel.objects.filter(code__in=wanted):
        found[channel.code] = ("channel", channel.name, word("kind", channel.kind, "channels"))
    for discharger in Discharger.objects.filter(code__in=wanted):
        found[discharger.code] = ("discharger", discharger.name, discharger.trade)
    return found


def _water(outfall: Outfall, water: WaterBody | None) -> Node:
    name = water.name if water else outfall.water or _("受纳水体未登记")
    return Node("~water", "water", name, water.zone2_target if water else "", 0)


def _place(nodes: list[Node]) -> int:
    """Set where each box stands, the steps from right to left; return the height of the drawing."""
    columns: dict[int, list[Node]] = {}
    for node in nodes:
        columns.setdefault(node.step, []).append(node)
    last = max(columns)
    tallest = max(len(column) for column in columns.values())
    for step, column in columns.items():
        top = (tallest - len(column)) * _DOWN // 2
        for number, node in enumerate(column):
            node.x, node.y = (last - step) * _ACROSS + 2, top + number * _DOWN + 2
    return tallest * _DOWN - (_DOWN - _HEIGHT) + 4


def _edge(upper: Node, lower: Node, holds: bool, share: str) -> dict[str, Any]:
    begin, end = (upper.x + _WIDTH, upper.y + _HEIGHT // 2), (lower.x - 3, lower.y + _HEIGHT // 2)
    middle = (begin[0] + end[0]) // 2
    return {
        "path": f"M{begin[0]} {begin[1]} C{middle} {begin[1]} {middle} {end[1]} {end[0]} {end[1]}",
        "holds": holds,
        "share": share,
        "x": middle,
        "y": (begin[1] + end[1]) // 2 - 5,
    }


def _share(link: ChainLink) -> str:
    return "" if link.share is None else f"{link.share.normalize():f}%"


def _told(
    link: ChainLink, named: Mapping[str, tuple[str, str, str]], outfall: Outfall, day: date
) -> dict[str, Any]:
    """Return a link as the list below the drawing tells it."""
    lower = outfall.name if link.lower == outfall.code else named.get(link.lower, ("", link.lower, ""))[1]
    return {
        "link": link,
        "upper": named[link.upper][1],
        "lower": lower,
        "share": _share(link),
        "holds": link.holds_on(day),
    }
