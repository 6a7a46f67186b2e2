"""Topology of lines alone (建立拓扑): ends that touch, gaps, free ends, lines drawn upstream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from bishui.network.formats.lines import ends, geod, in_space, metres_per_degree
from bishui.network.tables import Floats, Integers


@dataclass(frozen=True, slots=True)
class Gap:
    """A free end (悬挂端点) that nearly meets another line: both lines, and how far apart, m."""

    line: int
    at_start: bool
    other: int
    distance: float


@dataclass(frozen=True, slots=True)
class Noding:
    """Lines cut where others end on them, with the nodes at their ends.

    Attributes
    ----------
    lines
        The pieces, as drawn or turned.
    source
        Which of the given lines each piece comes from.
    piece
        Number of the piece within its line, from 1; 0 where the line was not cut.
    upper, lower
        Node at the first and last point of each piece.
    gaps
        Free ends near another line.
    against
        Pieces that are drawn against the flow of their river, as far as the rest of it tells.
    undecided
        Nodes' pieces of parts of the network that have rings, in which no direction can be told.
    """

    lines: NDArray[np.object_]
    source: Integers
    piece: Integers
    upper: Integers
    lower: Integers
    gaps: tuple[Gap, ...]
    against: Integers
    undecided: Integers


def node(lines: NDArray[np.object_], touch: float, gap: float, *, turn: bool = False) -> Noding:
    """Find which lines meet.

    Parameters
    ----------
    lines
        `shapely.LineString` in longitude and latitude, drawn as the water flows.
    touch
        Ends nearer than this are one node; an end nearer than this to the inside of another line cuts it, m.
    gap
        Free ends nearer than this to another line are reported, m.
    turn
        Turn the lines that are drawn against the flow; otherwise they are only named.
    """
    pieces, source, piece = _cut(lines, touch)
    upper, lower = end_nodes(pieces, touch)
    against, undecided = drawn_against(upper, lower)
    if turn and len(against):
        pieces = pieces.copy()
        pieces[against] = shapely.reverse(pieces[against])
        upper, lower = upper.copy(), lower.copy()
        upper[against], lower[against] = lower[against], upper[against]
    gaps = tuple(_gaps(pieces, (upper, lower), touch, gap))
    return Noding(pieces, source, piece, upper, lower, gaps, against, undecided)


def end_nodes(lines: NDArray[np.object_], touch: float) -> tuple[Integers, Integers]:
    """Return the node at the first and at the last point of each line: ends that touch are one node.

    Ends touch directly or through others; nodes are numbered from 0.
    """
    from scipy.spatial import cKDTree

    first, last = ends(lines)
    points = in_space(np.concatenate([first, last]))
    pairs = cKDTree(points).query_pairs(max(touch, 1e-6), output_type="ndarray")
    label = _connected(len(points), pairs[:, 0], pairs[:, 1])
    return label[: len(lines)], label[len(lines) :]


def _cut(lines: NDArray[np.object_], touch: float) -> tuple[NDArray[np.object_], Integers, Integers]:
    """Cut lines where the end of another touches their inside."""
    upper, lower = end_nodes(lines, touch)
    first, last = ends(lines)
    label, points = np.concatenate([upper, lower]), np.concatenate([first, last])
    free = np.flatnonzero(np.bincount(label)[label] == 1)
    cuts: dict[int, list[float]] = {}
    for end, other, place in _near_inside(lines, points[free], free % len(lines), touch):
        if label[free[end]] not in (upper[other], lower[other]):
            cuts.setdefault(other, []).append(place)
    pieces: list[shapely.LineString] = []
    source: list[int] = []
    piece: list[int] = []
    for row, line in enumerate(lines.tolist()):
        parts = _parts(line, cuts[row]) if row in cuts else [line]
        pieces += parts
        source += [row] * len(parts)
        piece += range(1, len(parts) + 1) if len(parts) > 1 else [0]
    return np.array(pieces, dtype=object), np.array(source, np.int64), np.array(piece, np.int64)


def _near_inside(
    lines: NDArray[np.object_], points: Floats, own: Integers, reach: float
) -> list[tuple[int, int, float]]:
    """Return the lines within `reach` metres of each point but its own: which point, line, place on it."""
    east, north = metres_per_degree(points[:, 1])
    box = shapely.box(
        points[:, 0] - reach / east,
        points[:, 1] - reach / north,
        points[:, 0] + reach / east,
        points[:, 1] + reach / north,
    )
    which, line = shapely.STRtree(lines).query(box, predicate="intersects")
    other = line != own[which]
    which, line = which[other], line[other]
    point = shapely.points(points[which])
    place = shapely.line_locate_point(lines[line], point)
    foot = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], place))
    distance = geod().inv(points[which, 0], points[which, 1], foot[:, 0], foot[:, 1])[2]
    near = np.flatnonzero(np.asarray(distance) <= reach)
    return [(int(which[row]), int(line[row]), float(place[row])) for row in near]


def _parts(line: shapely.LineString, places: Sequence[float]) -> list[shapely.LineString]:
    """Return a line cut at places along it, in its own units."""
    points = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    inside = sorted({place for place in places if 0.0 < place < along[-1]})
    parts, begin, head = [], 0, [points[0]]
    for place in inside:
        end = int(np.searchsorted(along, place, "left"))
        cut = shapely.get_coordinates(shapely.line_interpolate_point(line, place))[0]
        parts.append(_line([*head, *points[begin + 1 : end], cut]))
        begin, head = (end if along[end] == place else end - 1), [cut]
    parts.append(_line([*head, *points[begin + 1 :]]))
    return parts


def _line(points: Sequence[NDArray[np.float64]]) -> shapely.LineString:
    return shapely.LineString(np.array(points))


def _gaps(
    lines: NDArray[np.object_], nodes: tuple[Integers, Integers], touch: float, gap: float
) -> list[Gap]:
    """Return the nearest other line of each free end, where it is near enough to be meant, each pair once."""
    label = np.concatenate(nodes)
    first, last = ends(lines)
    points = np.concatenate([first, last])
    free = np.flatnonzero(np.bincount(label)[label] == 1)
    nearest: dict[int, Gap] = {}
    for end, other, place in _near_inside(lines, points[free], free % len(lines), gap):
        row = int(free[end])
        foot = shapely.get_coordinates(shapely.line_interpolate_point(lines[other], place))[0]
        distance = float(geod().inv(points[row, 0], points[row, 1], foot[0], foot[1])[2])
        found = Gap(row % len(lines), row < len(lines), other, distance)
        if distance > touch and (row not in nearest or distance < nearest[row].distance):
            nearest[row] = found
    closest: dict[frozenset[int], Gap] = {}
    for found in sorted(nearest.values(), key=lambda its: its.distance):
        closest.setdefault(frozenset((found.line, found.other)), found)
    return sorted(closest.values(), key=lambda its: (its.line, its.at_start))


def _connected(count: int, one: Integers, other: Integers) -> Integers:
    """Return the number of the connected part of each node, by the pairs that are joined."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    near = coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    return np.asarray(connected_components(near, directed=False)[1], np.int64)


def drawn_against(upper: Integers, lower: Integers) -> tuple[Integers, Integers]:
    """Return the lines that are drawn against the flow, and those of which that cannot be told.

    Each connected part of the network that is a tree drains to one free end. Of all free ends the one is
    taken as the outlet for which the fewest lines are drawn the other way; those are named. In a part with
    rings every direction may be meant, so nothing is said of its lines unless they end where nothing goes on.

    Parameters
    ----------
    upper, lower
        Node at the first and last point of each line.
    """
    nodes = int(max(upper.max(initial=-1), lower.max(initial=-1))) + 1
    part = _connected(nodes, upper, lower)
    own = part[upper]
    size = np.bincount(own, minlength=part.max(initial=-1) + 1)
    tree = np.bincount(part) - 1 == size
    outgoing, incoming = np.bincount(upper, minlength=nodes), np.bincount(lower, minlength=nodes)
    # Where lines only end, or only begin, in the middle of a part, one of them must be drawn the wrong way.
    stuck = ((outgoing == 0) & (incoming > 1)) | ((incoming == 0) & (outgoing > 1))
    looked_at = np.zeros(len(size), np.bool_)
    looked_at[part[stuck]] = True
    against = np.zeros(len(upper), np.bool_)
    order = np.argsort(own, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(size)])
    for which in np.flatnonzero(looked_at & tree).tolist():
        lines = order[bounds[which] : bounds[which + 1]]
        against[lines[_turned(upper[lines], lower[lines])]] = True
    undecided = np.flatnonzero((looked_at & ~tree)[own])
    return np.flatnonzero(against), undecided


def _turned(upper: Integers, lower: Integers) -> Integers:
    """Return which lines of a tree run away from the outlet that asks for the fewest turns."""
    nodes, local = np.unique(np.concatenate([upper, lower]), return_inverse=True)
    up, down = local[: len(upper)].tolist(), local[len(upper) :].tolist()
    meeting: list[list[tuple[int, int]]] = [[] for _ in nodes]
    for line, (a, b) in enumerate(zip(up, down, strict=True)):
        meeting[a].append((b, line))
        meeting[b].append((a, line))
    order, line_to, parent = _walk(meeting, 0)
    # Turns needed when everything drains to node 0; then for each node from its parent's.
    away = [line_to[node] >= 0 and down[line_to[node]] == node for node in range(len(nodes))]
    cost = [0] * len(nodes)
    cost[0] = sum(away)
    for node in order[1:]:
        cost[node] = cost[parent[node]] + (-1 if away[node] else 1)
    free = [node for node in range(len(nodes)) if len(meeting[node]) == 1]
    outlet = min(free, key=lambda node: (cost[node], node))
    order, line_to, _ = _walk(meeting, outlet)
    return np.array(sorted(line_to[node] for node in order[1:] if down[line_to[node]] == node), np.int64)


def _walk(meeting: list[list[tuple[int, int]]], root: int) -> tuple[list[int], list[int], list[int]]:
    """Walk a tree from its root: the nodes in order, the line and the node each was reached from."""
    line_to, parent = [-1] * len(meeting), [-1] * len(meeting)
    order, seen = [root], [False] * len(meeting)
    seen[root] = True
    for node in order:
        for other, line in meeting[node]:
            if not seen[other]:
                seen[other] = True
                line_to[other], parent[other] = line, node
                order.append(other)
    return order, line_to, parent
