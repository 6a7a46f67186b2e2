"""The discharge chain (排污链) of two tables, objects and edges, and the joined network as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import shapely
from shapely.ops import substring

from bishui.errors import BishuiError, DataError, Problem
from bishui.i18n import Text
from bishui.network.chain import Chain, ChainEdge, ChainObject, EvidenceKind, JoinedNetwork, ObjectKind
from bishui.network.diffuse import Diffuse
from bishui.network.formats.heads import fold, words
from bishui.network.formats.model import NetworkFile, Origin
from bishui.network.places import PlacesTable
from bishui.network.samples import moment
from bishui.network.tables import Floats, Integers

_CHANNEL_SPEED, _WARMTH = 1.0, 20.0


def read_chain(objects: Path, edges: Path) -> Chain:
    """Read a chain: objects (编号, 类别, 里程 …), and edges (上游, 下游, 比例, dates, evidence).

    Raises
    ------
    DataError
        With every row that cannot be read, and every edge that cannot be: unknown ends, kinds that cannot
        follow one another, shares outside 0 to 1, reversed dates, the same edge twice on one day.
    """
    things = _read_objects(objects)
    table = PlacesTable(edges, "chain", ("upstream",))
    table.needs("upstream", "downstream")
    chain = Chain({thing.key: thing for thing in things})
    for record, edge in enumerate(_edges(table)):
        try:
            chain = chain.add(edge)
        except BishuiError as fault:
            remedy = fault.remedy or Text("请核对该行。")
            table.problem(Problem(fault.code, fault.what, remedy, table.records.where(record)))
    table.done()
    return chain


def _read_objects(path: Path) -> list[ChainObject]:
    table = PlacesTable(path, "chain", ("kind",))
    table.needs("key", "kind")
    keys, names = table.keys(), table.texts("name")
    length, velocity = table.numbers("length", 0.0), table.numbers("velocity", _CHANNEL_SPEED)
    warmth, chainage = table.numbers("temperature", _WARMTH), table.numbers("chainage", np.nan)
    known = {fold(word): kind for kind, said in words("chain")["object_kind"].items() for word in said}
    found = []
    for record, text in enumerate(table.texts("kind")):
        kind = known.get(fold(text))
        if kind is None:
            table.problem(_unknown(table, record, "kind", text, "object_kind"))
            continue
        for role, values in (("length", length), ("velocity", velocity)):
            if values[record] < 0:
                table.problem(table.negative(record, role, float(values[record])))
        found.append(
            ChainObject(
                keys[record],
                ObjectKind(kind),
                names[record],
                float(length[record]),
                float(velocity[record]),
                float(warmth[record]),
                None if np.isnan(chainage[record]) else float(chainage[record]),
            )
        )
    table.done()
    return found


def _edges(table: PlacesTable) -> list[ChainEdge]:
    """Return the edge of each record; what cannot be read is a problem of the table."""
    upper, lower, share = table.texts("upstream"), table.texts("downstream"), table.numbers("fraction", 1.0)
    begins, ends = ([_day(table, role, n, text) for n, text in enumerate(table.texts(role))]
                    for role in ("valid_from", "valid_to"))  # fmt: skip
    known = {fold(word): kind for kind, said in words("chain")["evidence_kind"].items() for word in said}
    said, where, why = table.texts("evidence"), table.texts("evidence_text"), table.texts("closed_because")
    found = []
    for record, text in enumerate(said):
        kind = known.get(fold(text))
        if text and kind is None:
            table.problem(_unknown(table, record, "evidence", text, "evidence_kind"))
        found.append(
            ChainEdge(
                upper[record],
                lower[record],
                float(share[record]),
                begins[record],
                ends[record],
                EvidenceKind(kind) if kind else None,
                where[record],
                why[record],
            )
        )
    return found


def _day(table: PlacesTable, role: str, record: int, text: str) -> date | None:
    if not text:
        return None
    found = moment(text)
    if np.isnat(found):
        table.problem(
            Problem(
                "not-a-date",
                Text("“{text}”不是日期。", text=text),
                Text("写法：2025-06-01；没有请留空。"),
                table.records.where(record, table.heads.head(role)),
                raw=text,
            )
        )
        return None
    day: date = found.astype("datetime64[D]").item()
    return day


def _unknown(table: PlacesTable, record: int, role: str, text: str, list_: str) -> Problem:
    listed = (said[1] for said in words("chain")[list_].values())
    return Problem(
        "unknown-kind",
        Text("不认识“{text}”。", text=text),
        Text("可用：{known}。", known="、".join(listed)),
        table.records.where(record, table.heads.head(role)),
        raw=text,
    )


def joined_file(joined: JoinedNetwork, river: NetworkFile) -> NetworkFile:
    """Return river and chain as one network file: every command over networks runs on it.

    Lines of the river are cut where it is; objects of the chain have none. A section below a cut lies on the
    lower piece, ``reach@chainage``.

    Raises
    ------
    DataError
        If the river's pieces do not fit its reaches.
    """
    count = len(joined.reaches)
    source, begin = _pieces(joined, river)
    own = source >= 0
    first = own & (begin == 0)
    lines = np.full(count, None, dtype=object)
    names = np.full(count, "", dtype=object)
    names[own] = river.names[source[own]]
    for row in np.flatnonzero(own).tolist():
        lines[row] = _part(river, int(source[row]), float(begin[row]), float(joined.reaches.length[row]))

    def spread(values: Floats, where: np.ndarray[tuple[int], np.dtype[np.bool_]], rest: float) -> Floats:
        return np.where(where, values[np.maximum(source, 0)], rest)

    edges = np.arange(len(joined.edges.upstream))
    return NetworkFile(
        reaches=joined.reaches,
        edges=joined.edges,
        names=names,
        lines=lines,
        attributes={key: spread(values, own, np.nan) for key, values in river.attributes.items()},
        lateral={key: spread(values, first, 0.0) for key, values in river.lateral.items()},
        origin=Origin(river.origin.file, river.origin.table, np.arange(count), edges),
        pollutants=river.pollutants,
        diffuse=None
        if river.diffuse is None
        else Diffuse(
            spread(river.diffuse.flow, own, 0.0),
            {key: spread(rates, own, 0.0) for key, rates in river.diffuse.rates.items()},
        ),
    )


def _pieces(joined: JoinedNetwork, river: NetworkFile) -> tuple[Integers, Floats]:
    """Return the reach of the river that each row is a piece of, -1 for the chain, and where it begins, m."""
    source, begin = np.full(len(joined.reaches), -1), np.zeros(len(joined.reaches))
    for row, name in enumerate(river.reaches.ids.tolist()):
        if str(name) not in joined.pieces:
            raise DataError(
                Text("河段“{name}”不在合并后的河网中。", name=name), remedy=Text("请用同一个河网文件合并。")
            )
        for start, piece in joined.pieces[str(name)]:
            source[piece], begin[piece] = row, start
    return source, begin


def _part(river: NetworkFile, row: int, begin: float, length: float) -> shapely.LineString | None:
    """Return the line of a piece of a reach; chainages are in the reach's length, lines in theirs."""
    line, whole = river.lines[row], float(river.reaches.length[row])
    if line is None or whole <= 0 or (begin == 0 and length == whole):
        return line
    return substring(line, begin / whole, min((begin + length) / whole, 1.0), normalized=True)
