"""Where on which reach a point lies (排口、断面挂接): chainage, distance, confidence, candidates.

A point is never moved onto a reach silently: what is too far, nearly as near to another river, or on a
confluence is left to a person, with the candidates listed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bishui.i18n import Text
from bishui.network.formats.heads import fold, words
from bishui.network.formats.lines import ends, geod, in_space, lengths, metres_per_degree
from bishui.network.formats.noding import end_nodes
from bishui.network.settings import Settings, settings
from bishui.network.tables import Floats, Integers

#: Points are looked up so many at a time, so that the pairs of points and lines stay small.
_BATCH = 4096


class SnapDoubt(StrEnum):
    """Why a place is not certain."""

    TOO_FAR = "too_far"
    RIVAL = "rival"
    CONFLUENCE = "confluence"
    NAME_DIFFERS = "name_differs"
    COARSE = "coarse"
    NONE_NEAR = "none_near"

    @property
    def text(self) -> Text:
        """Say it for a user."""
        return {
            SnapDoubt.TOO_FAR: Text("距最近河段超过自动挂接的距离"),
            SnapDoubt.RIVAL: Text("另一条河几乎同样近"),
            SnapDoubt.CONFLUENCE: Text("在汇流点上，须指明在哪一侧"),
            SnapDoubt.NAME_DIFFERS: Text("河名与所填不符"),
            SnapDoubt.COARSE: Text("坐标位数太少，误差大于到河段的距离限值"),
            SnapDoubt.NONE_NEAR: Text("附近没有河段"),
        }[self]


class SnapConfidence(StrEnum):
    """How sure a place is."""

    #: May be used as it is.
    CERTAIN = "certain"
    #: The nearest is proposed; a person confirms.
    DOUBTFUL = "doubtful"
    #: Nothing is proposed.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SnapCandidate:
    """A reach on which a point may lie: row, chainage (m from the top), distance (m), whether names agree."""

    reach: int
    chainage: float
    distance: float
    name: str
    name_agrees: bool | None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "reach": self.reach,
            "chainage_m": self.chainage,
            "distance_m": self.distance,
            "name": self.name,
            "name_agrees": self.name_agrees,
        }


@dataclass(frozen=True, slots=True)
class Snap:
    """What was found for one point.

    Attributes
    ----------
    candidates
        The likeliest first; the first is the place, unless `confidence` is none.
    doubts
        Why a person should look.
    precision
        Half of the last decimal of the coordinates, m; None where it was not given.
    version
        The settings that were used.
    """

    key: str
    confidence: SnapConfidence
    candidates: tuple[SnapCandidate, ...]
    doubts: tuple[SnapDoubt, ...]
    precision: float | None
    version: str

    @property
    def place(self) -> SnapCandidate | None:
        """The place: certain or proposed; None where a person has to choose."""
        return self.candidates[0] if self.confidence is not SnapConfidence.NONE else None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "key": self.key,
            "confidence": self.confidence.value,
            "candidates": [candidate.as_dict() for candidate in self.candidates],
            "doubts": [{"code": doubt.value, "text": doubt.text.both()} for doubt in self.doubts],
            "precision_m": self.precision,
            "settings": self.version,
        }


@dataclass(frozen=True, slots=True)
class SnapPoint:
    """A point to be placed: longitude and latitude (EPSG:4490), name of its water, decimals as printed."""

    key: str
    lon: float
    lat: float
    water: str = ""
    decimals: int | None = None


def decimals_of(lon: str, lat: str) -> int:
    """Return how many decimals a pair of coordinates is printed with: the more of the two.

    A trailing zero that a spreadsheet dropped makes one of them shorter than it was.
    """
    return max(len(text.strip().partition(".")[2]) for text in (lon, lat))


def precision(decimals: int, lat: float) -> float:
    """Return half of the last decimal of a coordinate in degrees, as metres along the diagonal."""
    east, north = metres_per_degree(np.array([lat]))
    return float(0.5 * 10.0**-decimals * np.hypot(east[0], north[0]))


def snap(
    points: Sequence[SnapPoint],
    lines: NDArray[np.object_],
    names: Sequence[str] | None = None,
    lengths_given: Floats | None = None,
    chosen: Settings | None = None,
) -> list[Snap]:
    """Find for each point the place on a reach that it belongs to.

    Parameters
    ----------
    points
        The points.
    lines
        `shapely.LineString` of each reach in longitude and latitude, drawn as the water flows, or None.
    names
        Name of the water of each reach. Two reaches of one name are one river; without names, two that follow
        one another where nothing else joins.
    lengths_given
        Length of each reach in the network, m: chainages are scaled to it. Without it, the drawn length.
    chosen
        The settings of topic ``snapping``.

    Returns
    -------
    list of Snap
        One per point, in order. Distances and chainages are geodesic metres on the ellipsoid of CGCS2000.
    """
    chosen = chosen or settings("snapping")
    water = list(names) if names is not None else [""] * len(lines)
    rows = _around(points, lines, chosen)
    given = None if lengths_given is None else lengths_given[rows]
    finder = _Finder(lines[rows], [water[row] for row in rows.tolist()], given, chosen)
    found: list[Snap] = []
    for begin in range(0, len(points), _BATCH):
        found += finder.find(points[begin : begin + _BATCH])
    return [_in_rows(entry, rows) for entry in found]


def _around(points: Sequence[SnapPoint], lines: NDArray[np.object_], chosen: Settings) -> Integers:
    """Return the rows of the lines near the points, and of all that meet those at an end.

    A country has a million reaches, a city some hundred points: the others' lengths and nodes are not needed.
    """
    tree = shapely.STRtree(lines)
    near = np.zeros(len(lines), np.bool_)
    for begin in range(0, len(points), _BATCH):
        at = np.array([(point.lon, point.lat) for point in points[begin : begin + _BATCH]], np.float64)
        near[tree.query(_boxes(at, chosen.number("search_m")))[1]] = True
    if 2 * int(near.sum()) > len(lines):
        return np.arange(len(lines))
    touch = chosen.number("node_m")
    places, known = _ends(lines, near), 0
    while known < (known := int(near.sum())):
        # A little more than the touch: the ends themselves are compared in space.
        near[tree.query(_boxes(places, 2.0 * touch))[1]] = True
        places = _touching(_ends(lines, near), places, touch)
    return np.flatnonzero(near)


def _ends(lines: NDArray[np.object_], which: NDArray[np.bool_]) -> Floats:
    """Return the first and the last points of some lines."""
    return np.concatenate(ends(lines[which])) if which.any() else np.empty((0, 2))


def _touching(some: Floats, others: Floats, touch: float) -> Floats:
    """Return those of some points that touch one of the others: one node has them both."""
    from scipy.spatial import cKDTree

    if not len(others):
        return others
    apart, _ = cKDTree(in_space(others)).query(in_space(some), distance_upper_bound=2.0 * touch)
    return np.asarray(some[np.isfinite(apart)])


def _boxes(at: Floats, reach: float) -> NDArray[np.object_]:
    """Return boxes that hold everything within `reach` metres of points."""
    east, north = metres_per_degree(at[:, 1])
    # East is taken at the box's far edge from the equator, where a degree is shortest.
    far, _ = metres_per_degree(np.minimum(np.abs(at[:, 1]) + reach / north, 89.9))
    wide, high = reach / np.minimum(east, far), reach / north
    return np.asarray(
        shapely.box(at[:, 0] - wide, at[:, 1] - high, at[:, 0] + wide, at[:, 1] + high), dtype=object
    )


def _in_rows(found: Snap, rows: Integers) -> Snap:
    """Return what was found among some rows with the rows of all."""
    candidates = tuple(replace(one, reach=int(rows[one.reach])) for one in found.candidates)
    return replace(found, candidates=candidates)


class _Finder:
    """Holds the lines in a tree; finds candidates for many points at a time."""

    def __init__(
        self, lines: NDArray[np.object_], names: list[str], given: Floats | None, chosen: Settings
    ) -> None:
        self.lines, self.names, self.chosen = lines, names, chosen
        folded = {name: _fold(name) for name in set(names)}
        self.folded = [folded[name] for name in names]
        self.tree = shapely.STRtree(lines)
        drawn = lengths(lines)
        self.drawn = drawn
        self.scale = np.ones(len(lines)) if given is None else np.where(drawn > 0, given / drawn, 1.0)
        self.nodes, self.busy = _nodes(lines, chosen.number("node_m"))

    def find(self, points: Sequence[SnapPoint]) -> list[Snap]:
        """Return what is found for some points."""
        at = np.array([(point.lon, point.lat) for point in points], np.float64).reshape(-1, 2)
        which, line = self._near(at, self.chosen.number("search_m"))
        chainage, distance = self._feet(at[which], line)
        keep = distance <= self.chosen.number("search_m")
        which, line, chainage, distance = which[keep], line[keep], chainage[keep], distance[keep]
        order = np.lexsort((line, distance, which))
        bounds = np.searchsorted(which[order], np.arange(len(points) + 1))
        found = []
        for number, point in enumerate(points):
            mine = order[bounds[number] : bounds[number + 1]]
            candidates = self._candidates(point, line[mine], chainage[mine], distance[mine])
            found.append(self._judge(point, candidates))
        return found

    def _near(self, at: Floats, reach: float) -> tuple[Integers, Integers]:
        """Return pairs of points and lines whose boxes come within `reach` metres."""
        which, line = self.tree.query(_boxes(at, reach), predicate="intersects")
        return np.asarray(which, np.int64), np.asarray(line, np.int64)

    def _feet(self, at: Floats, line: Integers) -> tuple[Floats, Floats]:
        """Return for pairs of points and lines the chainage of the nearest place, and how far it is, m.

        The nearest place is looked for in a plane that touches the ellipsoid at the point; its distance and
        its chainage are then geodesic.
        """
        if not len(line):
            return np.empty(0), np.empty(0)
        vertices, owner = shapely.get_coordinates(self.lines[line], return_index=True)
        east, north = metres_per_degree(at[:, 1])
        plane = (vertices - at[owner]) * np.column_stack([east, north])[owner]
        start = np.flatnonzero(owner[1:] == owner[:-1])
        begin, along = plane[start], plane[start + 1] - plane[start]
        square = np.einsum("ij,ij->i", along, along)
        share = np.clip(-np.einsum("ij,ij->i", begin, along) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        foot = begin + share[:, None] * along
        apart = np.hypot(foot[:, 0], foot[:, 1])
        pair = owner[start]
        order = np.lexsort((apart, pair))
        best = order[np.searchsorted(pair[order], np.arange(len(line)))]
        step = geod().inv(
            vertices[start, 0], vertices[start, 1], vertices[start + 1, 0], vertices[start + 1, 1]
        )[2]
        before = np.concatenate([[0.0], np.cumsum(step)])
        first = np.searchsorted(pair, np.arange(len(line)))
        chainage = before[best] - before[first] + share[best] * np.asarray(step)[best]
        place = vertices[start[best]] + share[best, None] * (
            vertices[start[best] + 1] - vertices[start[best]]
        )
        distance = geod().inv(at[:, 0], at[:, 1], place[:, 0], place[:, 1])[2]
        return chainage * self.scale[line], np.asarray(distance, np.float64)

    def _candidates(
        self, point: SnapPoint, line: Integers, chainage: Floats, distance: Floats
    ) -> list[SnapCandidate]:
        """Return the candidates, nearest first, but those whose name agrees within the limit before all."""
        wanted = _fold(point.water)
        limit = self.chosen.number("limit_m")
        found: list[SnapCandidate] = []
        rows = zip(line.tolist(), chainage.tolist(), distance.tolist(), strict=True)
        for row, place, apart in rows:
            own = self.folded[row]
            agrees = None if not wanted or not own else wanted == own
            found.append(SnapCandidate(row, place, apart, self.names[row], agrees))
        found.sort(
            key=lambda entry: (
                not (entry.name_agrees and entry.distance <= limit),
                entry.distance,
                entry.reach,
            )
        )
        return found

    def _judge(self, point: SnapPoint, candidates: list[SnapCandidate]) -> Snap:
        chosen = self.chosen
        limit = chosen.number("limit_m")
        unsure = None if point.decimals is None else precision(point.decimals, point.lat)
        shown = tuple(candidates[: int(chosen.number("candidates"))])
        if not candidates:
            return Snap(point.key, SnapConfidence.NONE, (), (SnapDoubt.NONE_NEAR,), unsure, chosen.version)
        best = candidates[0]
        doubts: list[SnapDoubt] = []
        if best.distance > limit:
            doubts.append(SnapDoubt.TOO_FAR)
        if self._rivals(best, candidates):
            doubts.append(SnapDoubt.RIVAL)
        if self._on_node(best):
            doubts.append(SnapDoubt.CONFLUENCE)
        if best.name_agrees is False:
            doubts.append(SnapDoubt.NAME_DIFFERS)
        if unsure is not None and unsure > limit:
            doubts.append(SnapDoubt.COARSE)
        level = SnapConfidence.DOUBTFUL if doubts else SnapConfidence.CERTAIN
        if SnapDoubt.TOO_FAR in doubts:
            level = SnapConfidence.NONE
        return Snap(point.key, level, shown, tuple(doubts), unsure, chosen.version)

    def _rivals(self, best: SnapCandidate, candidates: list[SnapCandidate]) -> bool:
        """Return whether a different river is less than so many times as far; a matching name settles it."""
        if best.name_agrees:
            others = [other for other in candidates if other.name_agrees and other.reach != best.reach]
        else:
            others = [other for other in candidates if other.reach != best.reach]
        ratio = self.chosen.number("rival_ratio")
        # Within the size of a node nothing is nearer than anything else.
        near = max(best.distance, self.chosen.number("node_m") / ratio) * ratio
        return any(other.distance < near and self._different(best.reach, other.reach) for other in others)

    def _different(self, one: int, other: int) -> bool:
        """Return whether two reaches are of different rivers."""
        if self.folded[one] and self.folded[other]:
            return self.folded[one] != self.folded[other]
        return not any(
            self.nodes[up, 1] == self.nodes[down, 0] and not self.busy[up, 1]
            for up, down in ((one, other), (other, one))
        )

    def _on_node(self, best: SnapCandidate) -> bool:
        """Return whether a place is at an end at which two or more reaches come together or part."""
        near = self.chosen.number("node_m")
        length = float(self.drawn[best.reach] * self.scale[best.reach])
        at_top, at_bottom = best.chainage <= near, length - best.chainage <= near
        return bool((at_top and self.busy[best.reach, 0]) or (at_bottom and self.busy[best.reach, 1]))


def _nodes(lines: NDArray[np.object_], touch: float) -> tuple[Integers, NDArray[np.bool_]]:
    """Return the node at top and bottom of each line (n, 2), and whether three or more ends meet there."""
    present = np.flatnonzero(~shapely.is_missing(lines))
    nodes, busy = np.full((len(lines), 2), -1, np.int64), np.zeros((len(lines), 2), np.bool_)
    if len(present):
        label = np.column_stack(end_nodes(lines[present], touch))
        nodes[present] = label
        busy[present] = np.bincount(label.ravel())[label] > 2
    return nodes, busy


def _fold(name: str) -> str:
    """Return a name of a river as it is compared: without remarks in brackets and words such as 干流."""
    bare = re.sub(r"[(\[].*?[)\]]", "", fold(name))
    suffixes = words()["words"]["river_suffix"]
    ending = next((suffix for suffix in suffixes if bare.endswith(suffix) and bare != suffix), "")
    return bare.removesuffix(ending)
