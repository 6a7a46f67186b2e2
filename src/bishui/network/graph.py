"""The network itself (河网): reaches and who flows into whom, checked, numbered, asked for up and down."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bishui.errors import Problem
from bishui.network import checks, faults, kernels
from bishui.network.faults import Fault, refuse
from bishui.network.layout import Adjacency, Layout, RingFound, adjacency, arrange, rows_by_id
from bishui.network.tables import Edges, Floats, Integers, Reaches, ReachKind

#: What stands for "no downstream reach" in tables of ids.
OUTLETS = (None, "", "0", 0, -1, "-1")


@dataclass(frozen=True, eq=False)
class Network:
    """A checked network without rings.

    Attributes
    ----------
    reaches, edges
        As they were given.
    layout
        The inner numbering; results are given by row, as the reaches were.
    """

    reaches: Reaches
    edges: Edges
    layout: Layout

    def __len__(self) -> int:
        """Return how many reaches there are."""
        return len(self.reaches)

    @property
    def order(self) -> Integers:
        """The rows, upstream first."""
        return self.layout.order

    @property
    def position(self) -> NDArray[np.int32]:
        """The place of each row in `order`."""
        return self.layout.position

    @property
    def size(self) -> NDArray[np.int32]:
        """By place in `order`: how many places that end there lie upstream of it in the tree."""
        return self.layout.size

    @property
    def has_splits(self) -> bool:
        """Whether a reach flows into several (分汊)."""
        return not self.layout.is_tree

    @cached_property
    def outflows(self) -> Adjacency:
        """The downstream rows of each row, with their shares."""
        edges = self.edges
        return adjacency(len(self), edges.upstream, other=edges.downstream, share=edges.fraction)

    @cached_property
    def inflows(self) -> Adjacency:
        """The upstream rows of each row, with their shares."""
        edges = self.edges
        return adjacency(len(self), edges.downstream, other=edges.upstream, share=edges.fraction)

    @cached_property
    def mixed(self) -> NDArray[np.bool_]:
        """By row: whether the reach is a mixed reactor (湖、库)."""
        return checks.is_mixed(self.reaches)

    @cached_property
    def tidal(self) -> NDArray[np.bool_]:
        """By row: whether the reach is tidal (感潮) and therefore not computed."""
        return np.asarray(self.reaches.kind == ReachKind.TIDAL)

    @cached_property
    def rows(self) -> Mapping[Any, int]:
        """The row of each id."""
        return {name: row for row, name in enumerate(self.reaches.ids.tolist())}

    def name(self, row: int | np.signedinteger) -> str:
        """Return the id of a row as text."""
        return str(self.reaches.ids[row])

    def upstream(self, row: int) -> Integers:
        """Return the rows from which water reaches `row`, itself included, upstream first."""
        ranges = self.layout.ranges(int(self.position[row]))
        return np.concatenate([self.order[first : last + 1] for first, last in reversed(ranges)])

    def downstream(self, row: int) -> Integers:
        """Return the rows which water from `row` reaches, itself included, in flow order."""
        outflows = self.layout.outflows
        return self.order[kernels.below(outflows.start, outflows.other, int(self.position[row]))]

    def is_upstream(self, above: int, row: int) -> bool:
        """Return whether water from `above` reaches `row`; a reach reaches itself."""
        return self.layout.reaches(int(self.position[above]), int(self.position[row]))


def find_edges(
    ids: NDArray[Any],
    upstream: Sequence[Any] | NDArray[Any],
    downstream: Sequence[Any] | NDArray[Any],
    fractions: Floats | None = None,
    *,
    outlets: Collection[Any] = OUTLETS,
) -> tuple[Edges, list[Fault]]:
    """Turn a table of from and to ids into edges by row, and return the faults found on the way.

    Parameters
    ----------
    ids
        Ids of the reaches.
    upstream, downstream
        The two ends of each edge, as ids; no downstream id means an outlet.
    fractions
        Share of the flow that takes the edge; without it, all of it.
    outlets
        What stands for "no downstream reach", unless a reach bears that id.

    Returns
    -------
    edges, faults
        The edges whose two ends are known, and one fault for each that has an unknown end. Hand the faults to
        `build`, which refuses them together with its own.
    """
    from_rows, to_rows = _rows_of(np.asarray(ids), np.asarray(upstream), np.asarray(downstream))
    given = np.ones(len(from_rows)) if fractions is None else np.asarray(fractions, np.float64)
    found: list[Fault] = []
    none = set(outlets)
    for e in np.flatnonzero((from_rows < 0) | (to_rows < 0)).tolist():
        above, below = upstream[e], downstream[e]
        if from_rows[e] < 0:
            found.append(faults.unknown_upstream(str(above), str(below)))
        elif below not in none:
            found.append(faults.unknown_downstream(str(above), str(below)))
    kept = (from_rows >= 0) & (to_rows >= 0)
    return Edges(from_rows[kept], to_rows[kept], given[kept]), found


def _rows_of(ids: NDArray[Any], *wanted: NDArray[Any]) -> list[Integers]:
    """Return the rows of wanted ids, −1 where there is none."""
    if all(np.issubdtype(names.dtype, np.integer) for names in (ids, *wanted)):
        return [rows.astype(np.int64) for rows in rows_by_id(ids, *wanted)]
    row = {name: place for place, name in enumerate(ids.tolist())}
    return [np.array([row.get(name, -1) for name in names.tolist()], np.int64) for names in wanted]


def build(reaches: Reaches, edges: Edges, known: Sequence[Problem] = ()) -> Network:
    """Check a network and number it.

    Parameters
    ----------
    reaches, edges
        The tables; edges by row.
    known
        Faults found before, while reading.

    Raises
    ------
    NetworkFault
        With every fault found: values, unknown ends, self-loops, double edges, shares, tidal reaches in the
        way, and rings with their members in flow order.
    """
    tables = checks.check_tables(reaches, edges)
    if tables:
        refuse([*known, *tables])
    named = {name for fault in known if isinstance(fault, Fault) for name in fault.reaches[:1]}
    found: list[Problem] = [
        *known,
        *checks.check_reaches(reaches),
        *checks.check_edges(reaches, edges, named),
    ]
    if checks.ends_known(reaches, edges):
        rank = _rank(reaches.ids)
        try:
            layout = arrange(rank, edges)
        except RingFound as ring:
            found += _ring_faults(reaches, edges, rank, ring.placed)
    refuse(found)
    return Network(reaches, edges, layout)


def _rank(ids: NDArray[np.generic]) -> Integers:
    """Return a number of each row that follows its id: the id itself, or its place among the texts."""
    if np.issubdtype(ids.dtype, np.integer):
        return ids.astype(np.int64)
    return np.asarray(np.unique(ids, return_inverse=True)[1], np.int64)


def _ring_faults(reaches: Reaches, edges: Edges, rank: Integers, placed: NDArray[np.int32]) -> list[Fault]:
    left = np.setdiff1d(np.arange(len(reaches)), placed)
    return [
        faults.cycle([str(name) for name in reaches.ids[ring].tolist()])
        for ring in checks.rings(rank, edges, left)
    ]
