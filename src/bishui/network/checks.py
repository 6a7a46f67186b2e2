"""What a network must be before anything is computed on it (导入校验): every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from bishui.i18n import Text
from bishui.network import faults
from bishui.network.faults import Fault
from bishui.network.tables import Edges, Integers, Reaches, ReachKind

#: How far the shares of a bifurcation may be from one in sum, after reading.
SPLIT_TOLERANCE = 1e-9

Mask = NDArray[np.bool_]


def check_tables(reaches: Reaches, edges: Edges) -> list[Fault]:
    """Return what is wrong with the columns themselves; nothing else can be looked at before it is mended."""
    count = len(reaches)
    if not count:
        return [faults.empty()]
    names = ("kind", "length", "velocity", "volume", "temperature", "lateral_flow")
    found = [
        faults.columns_unlike(name, len(getattr(reaches, name)), count)
        for name in names
        if len(getattr(reaches, name)) != count
    ]
    wanted = len(edges.upstream)
    found += [
        faults.columns_unlike(name, len(getattr(edges, name)), wanted)
        for name in ("downstream", "fraction")
        if len(getattr(edges, name)) != wanted
    ]
    return found


def check_reaches(reaches: Reaches) -> list[Fault]:
    """Return the faults of the reaches by themselves: names, kinds, quantities."""
    found = [*_names(reaches), *_kinds(reaches)]
    river = ~is_mixed(reaches)
    with np.errstate(invalid="ignore"):
        wrong = (
            ("length", Text("长度（m）"), reaches.length, _negative(reaches.length)),
            ("velocity", Text("流速（m/s）"), reaches.velocity, river & _negative(reaches.velocity)),
            ("lateral-flow", Text("区间入流（m³/s）"), reaches.lateral_flow, _negative(reaches.lateral_flow)),
            ("temperature", Text("水温（℃）"), reaches.temperature, ~np.isfinite(reaches.temperature)),
        )
        remedies = {
            "length": Text("请填写沿河道量得的长度，不小于 0。"),
            "velocity": Text("请填写不小于 0 的流速；反向水流请改写上下游关系。"),
            "lateral-flow": Text("请填写本河段的区间入流，不小于 0；不是累积流量；取水不能填负值。"),
            "temperature": Text("请填写水温。"),
        }
        for code, what, values, mask in wrong:
            found += [
                faults.bad_value(code, _name(reaches, row), what, float(values[row]), remedies[code])
                for row in np.flatnonzero(mask)
            ]
        lake = ~river & ~(np.isfinite(reaches.volume) & (reaches.volume > 0))
    found += [
        faults.lake_without_volume(_name(reaches, row), float(reaches.volume[row]))
        for row in np.flatnonzero(lake)
    ]
    return found


def _name(reaches: Reaches, row: int | np.signedinteger) -> str:
    return str(reaches.ids[row])


def _negative(values: NDArray[np.float64]) -> Mask:
    """Return where a quantity is not a number that is zero or more."""
    return ~(np.isfinite(values) & (values >= 0))


def is_mixed(reaches: Reaches) -> Mask:
    """Return which reaches are mixed reactors."""
    return np.isin(reaches.kind, [kind.value for kind in ReachKind if kind.mixed])


def _names(reaches: Reaches) -> Iterator[Fault]:
    names, counts = np.unique(reaches.ids, return_counts=True)
    for which in np.flatnonzero(counts > 1):
        yield faults.duplicate_id(str(names[which]), int(counts[which]))


def _kinds(reaches: Reaches) -> Iterator[Fault]:
    unknown = ~np.isin(reaches.kind, [kind.value for kind in ReachKind])
    for row in np.flatnonzero(unknown):
        yield faults.unknown_kind(_name(reaches, row), int(reaches.kind[row]))


def ends_known(reaches: Reaches, edges: Edges) -> bool:
    """Return whether every edge joins two rows of the table."""
    ends = np.concatenate([edges.upstream, edges.downstream])
    return bool(((ends >= 0) & (ends < len(reaches))).all())


def check_edges(reaches: Reaches, edges: Edges, named: Collection[str] = ()) -> list[Fault]:
    """Return the faults of the edges: ends, doubles, shares, tidal reaches in the way.

    Parameters
    ----------
    named
        Reaches that a fault names already: with an edge lost or double, their shares say nothing.
    """
    count = len(reaches)

    def name(row: int | np.signedinteger) -> str:
        return _name(reaches, row) if 0 <= row < count else str(row)

    up, down = edges.upstream, edges.downstream
    lost_up, lost_down = (up < 0) | (up >= count), (down < 0) | (down >= count)
    found = [faults.unknown_upstream(name(up[e]), name(down[e])) for e in np.flatnonzero(lost_up)]
    found += [
        faults.unknown_downstream(name(up[e]), name(down[e])) for e in np.flatnonzero(lost_down & ~lost_up)
    ]
    if found:
        return found
    found += [faults.self_loop(name(up[e])) for e in np.flatnonzero(up == down)]
    leaving = np.bincount(up, minlength=count)
    splits = bool((leaving > 1).any())
    if splits:
        found += [faults.duplicate_edge(name(a), name(b)) for a, b in _doubles(count, edges)]
    found += _share_values(edges, name)
    excused = {*named, *(fault.reaches[0] for fault in found if fault.reaches)}
    if splits or bool((np.abs(edges.fraction - 1.0) > SPLIT_TOLERANCE).any()):
        found += [fault for fault in _share_sums(leaving, edges, name) if fault.reaches[0] not in excused]
    tidal = reaches.kind == ReachKind.TIDAL
    found += [
        faults.tidal_in_the_way(name(up[e]), name(down[e])) for e in np.flatnonzero(tidal[up] & ~tidal[down])
    ]
    return found


def _doubles(count: int, edges: Edges) -> list[tuple[int, int]]:
    both, counts = np.unique(edges.upstream * np.int64(count) + edges.downstream, return_counts=True)
    return [(int(key) // count, int(key) % count) for key in both[counts > 1]]


def _share_values(edges: Edges, name: Callable[[int | np.signedinteger], str]) -> Iterator[Fault]:
    with np.errstate(invalid="ignore"):
        bad = ~((edges.fraction >= 0) & (edges.fraction <= 1 + SPLIT_TOLERANCE))
    for e in np.flatnonzero(bad):
        yield faults.split_value(name(edges.upstream[e]), name(edges.downstream[e]), float(edges.fraction[e]))


def _share_sums(
    leaving: Integers, edges: Edges, name: Callable[[int | np.signedinteger], str]
) -> Iterator[Fault]:
    total = np.bincount(edges.upstream, weights=edges.fraction, minlength=len(leaving))
    for row in np.flatnonzero((leaving > 0) & (np.abs(total - 1.0) > SPLIT_TOLERANCE)):
        yield faults.split_sum(name(row), float(total[row]))


def rings(rank: Integers, edges: Edges, left: Integers) -> list[list[int]]:
    """Return the rows of each ring, in flow order from the lowest rank, and only the members of rings.

    Parameters
    ----------
    rank
        By row; decides where the naming of a ring begins.
    edges
        The edges, by row.
    left
        The rows that no flow order could place: on a ring, or below one.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    inside = np.zeros(len(rank), bool)
    inside[left] = True
    kept = inside[edges.upstream] & inside[edges.downstream]
    up, down = edges.upstream[kept], edges.downstream[kept]
    graph = csr_matrix((np.ones(len(up), np.int8), (up, down)), shape=(len(rank), len(rank)))
    _, label = connected_components(graph, directed=True, connection="strong")
    below: dict[int, list[int]] = {}
    for a, b in zip(up.tolist(), down.tolist(), strict=True):
        if label[a] == label[b] and a != b:
            below.setdefault(a, []).append(b)
    found, seen = [], set[int]()
    for row in sorted(below, key=lambda row: int(rank[row])):
        if row not in seen:
            found.append(_walk(row, below, rank, seen))
    return found


def _walk(first: int, below: dict[int, list[int]], rank: Integers, seen: set[int]) -> list[int]:
    """Return the rows that a search with the flow meets, in that order."""
    met, stack = [], [first]
    while stack:
        row = stack.pop()
        if row in seen:
            continue
        seen.add(row)
        met.append(row)
        stack.extend(sorted(below[row], key=lambda other: -int(rank[other])))
    return met
