"""Where an invented basin is drawn (示意图): a tree of lines that do not cross, in a place where no river is.

The drawing is not to scale: lengths and chainages are those of the tables, and places on a line are at the
same part of it. Longitude and latitude in degrees, EPSG:4490.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.network import Network
from bishui.twin.geometry import Line, point_at
from bishui.twin.scaled.parameters import parameters

#: A lake is drawn as long as this, m; it has no length of its own.
_LAKE_M = 1500.0
#: Digits of a drawn coordinate: a decimetre.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines of the reaches of a basin, in the order of its rows, drawn as the water flows."""

    lines: tuple[Line, ...]
    length: tuple[float, ...]

    def at(self, reach: int, chainage: float) -> tuple[float, float]:
        """Return longitude and latitude at a chainage, m; a lake's middle wherever it is asked for."""
        length = self.length[reach]
        lon, lat = point_at(self.lines[reach], chainage / length if length > 0.0 else 0.5)
        return round(lon, _DIGITS), round(lat, _DIGITS)


def layout(network: Network, number: int) -> Layout:
    """Return where the basin of a number is drawn: in a cell of its own, its outlet at the lower edge."""
    tree = _Tree.of(network)
    across = np.zeros(len(tree.below))
    for row, place in _spread(tree, len(tree.below) - 1).places.items():
        across[row] = place
    lines = [_line(tree, across, row) for row in range(len(tree.below))]
    points = np.concatenate(lines)
    low, size = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-9)
    corner, cell = _cell(number, parameters()["layout"])
    drawn = tuple(np.round(corner + (line - low) / size * cell, _DIGITS) for line in lines)
    return Layout(drawn, tuple(network.reaches.length.tolist()))


def _cell(number: int, settings: Mapping[str, Any]) -> tuple[Line, Line]:
    """Return the lower left corner of a basin's cell and its size; after the last cell comes the first."""
    cell, columns = np.array(settings["cell"]), settings["columns"]
    row, column = divmod(number % (columns * settings["rows"]), columns)
    first = np.array(settings["first"])
    margin = 0.5 * settings["margin"] * cell
    return first + cell * [column, -row - 1] + margin, cell * (1.0 - settings["margin"])


@dataclass(frozen=True, slots=True)
class _Tree:
    """A basin without its side canals, which are drawn as no reach of their own.

    Attributes
    ----------
    below
        The reach that each flows into; -1 at the outlet, which is the last one.
    heavy
        Of the reaches that flow into it, the one with most of the river above it; -1 of a head.
    above
        All that flow into it.
    top, bottom
        Distance of its ends from the outlet along the drawing, m.
    """

    below: list[int]
    heavy: list[int]
    above: list[list[int]]
    top: list[float]
    bottom: list[float]

    @staticmethod
    def of(network: Network) -> _Tree:
        """Return the tree; a bifurcation's first branch is the river, others are canals."""
        edges, count = network.edges, len(network)
        below = [-1] * count
        for up, down in zip(edges.upstream.tolist(), edges.downstream.tolist(), strict=True):
            if below[up] < 0:
                below[up] = down
        above: list[list[int]] = [[] for _ in range(count)]
        size = [1] * count
        for row, to in enumerate(below):
            if to >= 0:
                above[to].append(row)
                size[to] += size[row]
        heavy = [max(rows, key=lambda row: size[row], default=-1) for rows in above]
        top, bottom = [0.0] * count, [0.0] * count
        for row in reversed(range(count)):
            length = float(network.reaches.length[row]) or _LAKE_M
            bottom[row] = top[below[row]] if below[row] >= 0 else 0.0
            top[row] = bottom[row] + length
        return _Tree(below, heavy, above, top, bottom)


@dataclass(frozen=True, slots=True)
class _Spread:
    """Where the reaches of a stem and its tributaries stand beside it, and how far that is on both sides."""

    places: Mapping[int, float]
    left: float
    right: float


def _spread(tree: _Tree, outlet: int) -> _Spread:
    """Return a stem upright, its tributaries beside it by turns; who joins further up stands nearer.

    So no line crosses another: a tributary reaches its stem below everything that stands between.
    """
    stem = [outlet]
    while tree.heavy[stem[-1]] >= 0:
        stem.append(tree.heavy[stem[-1]])
    places = dict.fromkeys(stem, 0.0)
    reached = {-1: 0.0, 1: 0.0}
    side = 1
    for row in reversed(stem):
        for tributary in tree.above[row]:
            if tributary == tree.heavy[row]:
                continue
            own = _spread(tree, tributary)
            inner, outer = (own.left, own.right) if side > 0 else (own.right, own.left)
            shift = side * (reached[side] + 1.0 + inner)
            places |= {other: shift + place for other, place in own.places.items()}
            reached[side] += 1.0 + inner + outer
            side = -side
    return _Spread(places, reached[-1], reached[1])


def _line(tree: _Tree, across: Line, row: int) -> Line:
    """Return the line of a reach: upright, and where it joins another, slanting to it at its end."""
    to, here = tree.below[row], float(across[row])
    there = float(across[to]) if to >= 0 else here
    ends = [(here, tree.top[row]), (there, tree.bottom[row])]
    if here != there:
        beside = tree.heavy[to]
        bend = 0.5 * min(tree.top[row] - tree.bottom[row], tree.top[beside] - tree.bottom[beside])
        ends.insert(1, (here, tree.bottom[row] + bend))
    return np.array(ends)
