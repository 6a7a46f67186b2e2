"""Who flows into whom (上下游关系): from ids of reaches, or from nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bishui.errors import Problem
from bishui.i18n import Text
from bishui.network import faults
from bishui.network.formats.heads import Heads, fold, words
from bishui.network.formats.ledger import Ledger
from bishui.network.formats.model import ReadingOptions, share_problem
from bishui.network.formats.records import Records, bad_number, flat, half_width, ids, number, numbers, texts
from bishui.network.tables import Edges, Floats, Integers

_PARTS = re.compile(r"[|;；、,，]")


@dataclass(frozen=True, slots=True)
class Topology:
    """The reaches of a table, by the record each stands in, and their edges with theirs."""

    ids: NDArray[np.generic]
    records: Integers
    edges: Edges
    edge_records: Integers


@dataclass(slots=True)
class _Branches:
    """Reads the cells that do not simply name one reach, and keeps the edges they give.

    `share` holds what each record says of its share, not a number where it says nothing.
    """

    ledger: Ledger
    reading: ReadingOptions
    column: pa.Array
    lists: pa.Array | None
    share: Floats
    rows: Mapping[str, int]
    edges: list[tuple[int, int, float, int]] = field(default_factory=list)

    def read(self, record: int, own: int, name: str) -> None:
        """Read one cell: an outlet, several branches, or an unknown id."""
        for target, share in self._named(record):
            row = self.rows.get(target, self.rows.get(half_width(target)))
            if row is not None:
                self.edges.append((own, row, share, record))
            elif fold(target) in words()["words"]["outlet"]:
                continue
            elif self.reading.outside == "outlet":
                self.ledger.remark(record, Text("下游“{target}”不在文件中，作为出口", target=target))
            else:
                fault = faults.unknown_downstream(name, target)
                self.ledger.problem(replace(fault, where=self.ledger.records.where(record)))

    def _named(self, record: int) -> list[tuple[str, float]]:
        """Return the ids and shares that a cell names; a list (GeoJSON) has its shares in another list."""
        cell, share = self.column[record].as_py(), float(self.share[record])
        if cell is None:
            return []
        if isinstance(cell, list):
            given = self.lists[record].as_py() or [] if self.lists is not None else []
            shares = given if len(given) == len(cell) else [float("nan")] * len(cell)
            return [(str(target), float(part)) for target, part in zip(cell, shares, strict=True)]
        text = texts(pa.array([cell]))[0]
        pairs = [_pair(part.strip()) for part in _PARTS.split(text) if part.strip()]
        if len(pairs) == 1 and np.isnan(pairs[0][1]):
            return [(text, share)]
        return pairs


def from_ids(heads: Heads, ledger: Ledger, reading: ReadingOptions) -> Topology:
    """Return the topology of a table in which each row names its reach and what lies downstream.

    A reach may stand in several rows, one for each branch, or name its branches in one cell: ``b:0.7|c:0.3``.
    """
    records = ledger.records
    given = ids(records.columns[heads.columns["id"].head])
    reaches, owner = _reaches(given, heads, ledger)
    own = given[reaches]
    share = _shares(heads, ledger)
    kept = np.flatnonzero(owner >= 0)
    target, column = _match(records, heads, own)
    plain = kept[target[kept] >= 0]
    other = _not_outlets(kept[target[kept] < 0], column)
    edges = _branches(
        other, owner, own, _Branches(ledger, reading, column, _lists(heads, records), share, {})
    )
    up = np.concatenate([owner[plain], np.array([edge[0] for edge in edges], np.int64)])
    down = np.concatenate([target[plain], np.array([edge[1] for edge in edges], np.int64)])
    fraction = np.concatenate([share[plain], np.array([edge[2] for edge in edges], np.float64)])
    record = np.concatenate([plain, np.array([edge[3] for edge in edges], np.int64)])
    order = np.argsort(record, kind="stable")
    found = Edges(up[order], down[order], fraction[order])
    return _completed(Topology(own, reaches, found, record[order]), ledger, reading)


def _not_outlets(records: Integers, column: pa.Array) -> Integers:
    """Return the records whose cell says more than that nothing lies downstream."""
    cells = column.take(pa.array(records))
    if pa.types.is_list(cells.type):
        return records
    nothing = words()["words"]["outlet"]
    says = [fold(text) not in nothing for text in texts(cells)]
    return records[np.array(says, np.bool_)]


def _branches(
    records: Integers, owner: Integers, own: NDArray[np.generic], reader: _Branches
) -> list[tuple[int, int, float, int]]:
    """Read the cells of the records that name no reach as a whole."""
    if len(records):
        names = [str(name) for name in own.tolist()]
        # What was typed in full-width signs means the id in plain ones, unless another reach bears it.
        reader.rows = {half_width(name): row for row, name in enumerate(names)} | {
            name: row for row, name in enumerate(names)
        }
        for record in records.tolist():
            row = int(owner[record])
            reader.read(record, row, str(own[row]))
    return reader.edges


def _lists(heads: Heads, records: Records) -> pa.Array | None:
    """Return the column of lists of shares, where there is one."""
    head = heads.head("fraction")
    column = flat(records.columns[head]) if head is not None else None
    return column if column is not None and pa.types.is_list(column.type) else None


def _reaches(given: NDArray[np.generic], heads: Heads, ledger: Ledger) -> tuple[Integers, Integers]:
    """Return the first record of each reach, and the reach of each record (-1: of none)."""
    open_ = ledger.fate == 0
    if given.dtype.kind == "U":
        for record in np.flatnonzero((given == "") & open_).tolist():
            ledger.refuse(record, _no_id(ledger.records, record, heads.columns["id"].head))
        open_ &= given != ""
    places = np.flatnonzero(open_)
    _, first, inverse = np.unique(given[places], return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    owner = np.full(len(given), -1, np.int64)
    owner[places] = rank[inverse]
    reaches = places[first[order]]
    extra = places[first[inverse] != np.arange(len(places))]
    if len(extra):
        _read_extra(extra, owner, reaches, heads, ledger)
    return reaches, owner


def _read_extra(extra: Integers, owner: Integers, reaches: Integers, heads: Heads, ledger: Ledger) -> None:
    """Say of each further row of a reach: a repeat, one more branch, or a contradiction."""
    records = ledger.records
    branch = {heads.head("to"), heads.head("fraction")}
    cells = {head: texts(column) for head, column in records.columns.items()}
    rows: dict[int, dict[tuple[str, ...], int]] = {}
    for record in [*reaches[np.unique(owner[extra])].tolist(), *extra.tolist()]:
        own = int(owner[record])
        content = tuple(column[record] for column in cells.values())
        seen = rows.setdefault(own, {})
        if content in seen:
            ledger.ignore(record, Text("与第 {row} 行重复", row=int(records.rows[seen[content]])))
            owner[record] = -1
            continue
        seen[content] = record
        if record == reaches[own]:
            continue
        first = int(reaches[own])
        other = next(
            (
                head
                for head, column in cells.items()
                if head not in branch and column[record] and column[record] != column[first]
            ),
            None,
        )
        if other is None:
            ledger.mark_edge(record)
        else:
            ledger.refuse(record, _contradiction(records, record, first, other))
            owner[record] = -1


def _match(records: Records, heads: Heads, own: NDArray[np.generic]) -> tuple[Integers, pa.Array]:
    """Return the reach that the cell of each record names as a whole (-1: none), and the column."""
    column = flat(records.columns[heads.columns["to"].head])
    if pa.types.is_list(column.type):
        return np.full(len(records), -1, np.int64), column
    if pa.types.is_integer(column.type) and own.dtype.kind == "i":
        found = pc.index_in(column, pa.array(own))
    else:
        found = pc.index_in(pa.array(texts(column), pa.string()), pa.array(own.astype(np.str_).tolist()))
    target = np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), np.int64)
    return target, column


def _pair(text: str) -> tuple[str, float]:
    name, sign, share = text.replace("：", ":").rpartition(":")
    value = number(share) if sign else None
    return (name.strip(), value) if value is not None else (text, float("nan"))


def _shares(heads: Heads, ledger: Ledger) -> Floats:
    """Return the share that each record gives; not a number where none."""
    column = heads.columns.get("fraction")
    records = ledger.records
    if column is None or pa.types.is_list(flat(records.columns[column.head]).type):
        return np.full(len(records), np.nan)
    share, wrong = numbers(records.columns[column.head], column.factor)
    for record in wrong.tolist():
        ledger.refuse(record, bad_number(records, record, column.head))
    return share


def from_nodes(heads: Heads, ledger: Ledger, reading: ReadingOptions) -> Topology:
    """Return the topology of a table in which each row names its reach and the nodes at its two ends.

    The share of a row is what its reach takes of the water that arrives at its upper node.
    """
    records = ledger.records
    upper = texts(records.columns[heads.columns["from_node"].head])
    lower = texts(records.columns[heads.columns["to_node"].head])
    if "id" in heads.columns:
        given = ids(records.columns[heads.columns["id"].head])
    else:
        given = np.array([f"{a}>{b}" for a, b in zip(upper, lower, strict=True)], dtype=np.str_)
    _refuse_without_nodes(upper, lower, heads, ledger)
    reaches, _ = (
        _reaches(given, heads, ledger)
        if "id" in heads.columns
        else (
            np.flatnonzero(ledger.fate == 0),
            None,
        )
    )
    names = np.array([*upper, *lower], dtype=np.str_)
    code = np.unique(names, return_inverse=True)[1].astype(np.int64)
    share = _shares(heads, ledger)[reaches]
    edges = join_nodes(code[: len(upper)][reaches], code[len(upper) :][reaches], share)
    return _completed(Topology(given[reaches], reaches, edges, reaches[edges.upstream]), ledger, reading)


def _refuse_without_nodes(upper: list[str], lower: list[str], heads: Heads, ledger: Ledger) -> None:
    for role, cells in (("from_node", upper), ("to_node", lower)):
        for record, cell in enumerate(cells):
            if not cell and ledger.fate[record] == 0:
                ledger.refuse(record, _no_id(ledger.records, record, heads.columns[role].head))


def from_edges(heads: Heads, ledger: Ledger, edges: Records) -> Topology:
    """Return the topology of a table of reaches beside a table of edges: upstream, downstream, fraction."""
    records = ledger.records
    given = ids(records.columns[heads.columns["id"].head])
    reaches, _ = _reaches(given, heads, ledger)
    own = given[reaches]
    known = pa.array(own.astype(np.str_).tolist(), pa.string())
    ends = []
    for head, fault in (("upstream", faults.unknown_upstream), ("downstream", faults.unknown_downstream)):
        found = pc.fill_null(pc.index_in(pa.array(texts(edges.columns[head]), pa.string()), known), -1)
        ends.append(np.asarray(found.to_numpy(zero_copy_only=False), np.int64))
        for record in np.flatnonzero(ends[-1] < 0).tolist():
            names = (texts(edges.columns[end])[record] for end in ("upstream", "downstream"))
            ledger.problem(replace(fault(*names), where=edges.where(record)))
    kept = np.flatnonzero((ends[0] >= 0) & (ends[1] >= 0))
    share, _ = numbers(edges.columns["fraction"])
    return Topology(own, reaches, Edges(ends[0][kept], ends[1][kept], share[kept]), kept)


def join_nodes(upper: Integers, lower: Integers, share: Floats) -> Edges:
    """Return an edge from each reach that ends at a node to each that begins there, in order of reaches."""
    order = np.argsort(upper, kind="stable")
    begin = np.searchsorted(upper[order], lower, "left")
    count = np.searchsorted(upper[order], lower, "right") - begin
    up = np.repeat(np.arange(len(lower), dtype=np.int64), count)
    offset = np.arange(len(up)) - np.repeat(np.cumsum(count) - count, count)
    down = order[np.repeat(begin, count) + offset]
    single = np.repeat(count == 1, count)
    return Edges(up, down.astype(np.int64), np.where(single & np.isnan(share[down]), 1.0, share[down]))


def _completed(topology: Topology, ledger: Ledger, reading: ReadingOptions) -> Topology:
    """Fill in the shares that need no statement, and ask for those that do."""
    up, share = topology.edges.upstream, topology.edges.fraction.copy()
    count = np.bincount(up, minlength=len(topology.ids))
    share[np.isnan(share) & (count[up] == 1)] = 1.0
    for row in np.unique(up[np.isnan(share)]).tolist():
        mine = up == row
        if reading.equal_shares and np.isnan(share[mine]).all():
            share[mine] = 1.0 / count[row]
            continue
        record = int(topology.edge_records[np.flatnonzero(mine)[0]])
        where = ledger.records.where(record)
        ledger.problem(share_problem(str(topology.ids[row]), int(count[row]), where))
        share[mine] = 1.0 / count[row]
    if reading.normalise:
        total = np.bincount(up, weights=share, minlength=len(topology.ids))
        share = np.where(total[up] > 0, share / np.where(total[up] > 0, total[up], 1.0), share)
    edges = Edges(topology.edges.upstream, topology.edges.downstream, share)
    return replace(topology, edges=edges)


def _no_id(records: Records, record: int, head: str) -> Problem:
    return Problem(
        "no-id",
        Text("“{head}”是空的。", head=head),
        Text("请填写编号；每个河段都要有。"),
        records.where(record, head),
    )


def _contradiction(records: Records, record: int, first: int, head: str) -> Problem:
    return Problem(
        "contradiction",
        Text(
            "同一河段在第 {row} 行的“{head}”是“{other}”，这里是“{own}”。",
            row=int(records.rows[first]),
            head=head,
            other=str(records.columns[head][first].as_py()),
            own=str(records.columns[head][record].as_py()),
        ),
        Text("请改为一致；若是两个河段，请给出不同的编号。"),
        records.where(record, head),
    )
