"""From the records of a table to a network: topology, numbers, account."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from bishui.errors import Problem, UnknownLayout, Where
from bishui.i18n import Text
from bishui.network.formats.heads import Column, Heads, understand
from bishui.network.formats.ledger import Ledger
from bishui.network.formats.model import NetworkFile, Origin, ReadingOptions, share_problem
from bishui.network.formats.noding import Noding, node
from bishui.network.formats.records import Records, ids, is_empty
from bishui.network.formats.topology import Topology, from_edges, from_ids, from_nodes, join_nodes
from bishui.network.formats.values import Values, missing_lines, read_diffuse, read_lateral, read_reaches
from bishui.network.settings import Settings, settings
from bishui.network.tables import Edges, Floats


def assemble(
    records: Records,
    reading: ReadingOptions | None = None,
    *,
    edges: Records | None = None,
    velocity_setting: str = "velocity",
) -> NetworkFile:
    """Return the network that the records of one table describe.

    The topology comes from a table of edges where there is one, else from downstream ids, else from nodes,
    else from the ends of the lines.

    Parameters
    ----------
    records
        The rows of the reaches.
    reading
        Choices where the file leaves something open.
    edges
        A table of edges (upstream, downstream, fraction) beside that of the reaches.
    velocity_setting
        Setting that stands for a velocity that is not given.

    Raises
    ------
    UnknownLayout
        There is neither a column that tells what lies downstream, nor a line.
    """
    reading = reading or ReadingOptions()
    heads = understand(records.columns, Where(file=records.file, sheet=records.table))
    ledger = Ledger(records)
    for problem in (*heads.problems, *records.problems):
        ledger.problem(problem)
    for record in np.flatnonzero(is_empty(records, list(records.columns))).tolist():
        ledger.ignore(record, Text("空行"))
    chosen = settings("reading", **dict(reading.changes))
    if edges is not None and "id" in heads.columns:
        topology, lines, part = from_edges(heads, ledger, edges), None, None
    elif {"id", "to"} <= heads.columns.keys():
        topology, lines, part = from_ids(heads, ledger, reading), None, None
    elif {"from_node", "to_node"} <= heads.columns.keys():
        topology, lines, part = from_nodes(heads, ledger, reading), None, None
    elif records.lines is not None:
        topology, lines, part = _from_lines(heads, ledger, reading, chosen)
    else:
        raise _no_topology(records)
    if lines is None:
        lines = missing_lines(len(topology.ids)) if records.lines is None else records.lines[topology.records]
    values = Values(heads, ledger, topology.records, lines, chosen, part)
    return _network(topology, values, edges, velocity_setting)


def _network(topology: Topology, values: Values, edges: Records | None, setting: str) -> NetworkFile:
    diffuse = read_diffuse(values)
    reaches, attributes = read_reaches(topology, values, diffuse, setting)
    lateral = read_lateral(values)
    ledger, records = values.ledger, values.ledger.records
    rows = records.rows
    return NetworkFile(
        reaches=reaches,
        edges=topology.edges,
        names=np.array(values.texts("name"), dtype=object),
        lines=values.lines,
        attributes=attributes,
        lateral=lateral,
        diffuse=diffuse,
        origin=Origin(
            records.file,
            records.table,
            rows[topology.records],
            (rows if edges is None else edges.rows)[topology.edge_records],
        ),
        problems=tuple(ledger.problems),
        findings=tuple(ledger.findings),
        assumed=values.assumed,
        assumptions=tuple(values.assumptions),
        accounts=(ledger.account(),),
        ignored_columns=values.heads.ignored,
    )


def _from_lines(
    heads: Heads, ledger: Ledger, reading: ReadingOptions, chosen: Settings
) -> tuple[Topology, NDArray[np.object_], Floats]:
    """Return the topology that the ends of the lines tell, the lines, and what part of its row each is."""
    records = ledger.records
    assert records.lines is not None
    for record in np.flatnonzero(shapely.is_missing(records.lines) & (ledger.fate == 0)).tolist():
        ledger.refuse(record, _no_line(records, record))
    kept = np.flatnonzero(ledger.fate == 0)
    given = _line_ids(heads, records)[kept]
    noded = node(records.lines[kept], chosen.number("touch_m"), chosen.number("gap_m"), turn=reading.orient)
    share = np.full(len(noded.lines), np.nan)
    edges = join_nodes(noded.upper, noded.lower, share)
    named = [
        f"{given[row]}-{piece}" if piece else str(given[row])
        for row, piece in zip(noded.source.tolist(), noded.piece.tolist(), strict=True)
    ]
    _tell(noded, named, kept, ledger, reading)
    edges = _with_shares(edges, named, kept[noded.source], ledger, reading)
    topology = Topology(
        np.array(named, dtype=np.str_), kept[noded.source], edges, kept[noded.source][edges.upstream]
    )
    return topology, noded.lines, _parts(noded)


def _line_ids(heads: Heads, records: Records) -> NDArray[np.generic]:
    """Return the id of each line: that of its column where all differ, else the number of the feature."""
    column: Column | None = heads.columns.get("id")
    if column is not None:
        given = ids(records.columns[column.head])
        if len(np.unique(given)) == len(given) and not (given.astype(np.str_) == "").any():
            return given
    return records.rows


def _parts(noded: Noding) -> Floats:
    """Return the part of its line that each piece is, by length."""
    length = shapely.length(noded.lines)
    whole = np.bincount(noded.source, weights=length)[noded.source]
    return np.where(whole > 0, length / np.where(whole > 0, whole, 1.0), 1.0)


def _with_shares(
    edges: Edges, named: list[str], source: NDArray[np.int64], ledger: Ledger, reading: ReadingOptions
) -> Edges:
    """Ask for the shares where lines part; lines that are drawn cannot tell them."""
    leaving = np.bincount(edges.upstream, minlength=len(named))
    open_ = np.isnan(edges.fraction)
    for row in np.unique(edges.upstream[open_]).tolist():
        if not reading.equal_shares:
            where = ledger.records.where(int(source[row]))
            ledger.problem(share_problem(named[row], int(leaving[row]), where))
    return replace(
        edges, fraction=np.where(open_, 1.0 / np.maximum(leaving[edges.upstream], 1), edges.fraction)
    )


def _tell(
    noded: Noding, named: list[str], kept: NDArray[np.int64], ledger: Ledger, reading: ReadingOptions
) -> None:
    """Report cut lines, gaps, lines drawn against the flow, parts without a direction, and outlets."""
    records = ledger.records
    for source in np.unique(noded.source[noded.piece > 0]).tolist():
        count = int((noded.source == source).sum())
        ledger.remark(int(kept[source]), Text("在汇流点断开为 {count} 段", count=count))
    for gap in noded.gaps:
        ledger.finding(
            _gap(named, gap.line, gap.other, gap.distance, records.where(int(kept[noded.source[gap.line]])))
        )
    for row in noded.against.tolist():
        record = int(kept[noded.source[row]])
        if reading.orient:
            ledger.remark(record, Text("河段“{name}”已按水流方向反转", name=named[row]))
        ledger.finding(_against(named[row], reading.orient, records.where(record)))
    if len(noded.undecided):
        first = int(noded.undecided[0])
        ledger.finding(
            _undecided(len(noded.undecided), named[first], records.where(int(kept[noded.source[first]])))
        )
    outlets = np.flatnonzero(~np.isin(noded.lower, noded.upper))
    if len(outlets) > 1:
        ledger.finding(_outlets([named[row] for row in outlets.tolist()], Where(file=records.file)))


def _gap(named: list[str], line: int, other: int, distance: float, where: Where) -> Problem:
    return Problem(
        "gap",
        Text(
            "河段“{name}”的端点距“{other}”{distance} m，没有相接。",
            name=named[line],
            other=named[other],
            distance=f"{distance:.1f}",
        ),
        Text("如应相连，请在底图上接好，或加大相接距离（设置 touch_m）。"),
        where,
        raw=f"{distance:.3f}",
    )


def _against(name: str, done: bool, where: Where) -> Problem:
    if done:
        what = Text("河段“{name}”画的方向与水流相反，已反转。", name=name)
        return Problem("drawn-against-flow", what, Text("请核对流向。"), where, raw=name)
    return Problem(
        "drawn-against-flow",
        Text("河段“{name}”画的方向可能与水流相反。", name=name),
        Text("请核对；可选择按水流方向自动反转。确为两河同入一口的，不必改。"),
        where,
        raw=name,
    )


def _undecided(count: int, name: str, where: Where) -> Problem:
    return Problem(
        "direction-unknown",
        Text(
            "有 {count} 个河段处在有环的部分（如“{name}”），其中有端点只进不出，流向无法判断。",
            count=count,
            name=name,
        ),
        Text("请在属性表中给出下游编号，或按水流方向重画。"),
        where,
    )


def _outlets(names: list[str], where: Where) -> Problem:
    shown = "、".join(names[:10]) + ("…" if len(names) > 10 else "")
    return Problem(
        "several-outlets",
        Text("河网有 {count} 个出口：{names}。", count=len(names), names=shown),
        Text("如果只应有一个出口，其余为悬挂端点，请接到下游。"),
        where,
    )


def _no_line(records: Records, record: int) -> Problem:
    return Problem(
        "no-line",
        Text("这个要素没有线形，也没有上下游编号。"),
        Text("请补上线形，或给出下游编号。"),
        records.where(record),
    )


def _no_topology(records: Records) -> UnknownLayout:
    return UnknownLayout(
        Text("看不出河段的上下游关系；列有：{heads}。", heads="、".join(records.columns) or "—"),
        remedy=Text("请给出“河段编号”和“下游编号”，或“起点”“终点”节点，或线形。"),
        where=Where(file=Path(records.file).name, sheet=records.table),
    )
