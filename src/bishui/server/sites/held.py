"""Rows that active imports hold already: exact repeats are recognised, other values contradict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.observations import Mark
from bishui.server.core.models import ImportSession
from bishui.server.sites import queries
from bishui.standards import items

_KEY = ("site", "time", "item")
#: Marks that say nothing more than a held row with a number says.
_SILENT = (Mark.NO_READING, Mark.NOT_GIVEN)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a table of measurements adds to those held.

    Attributes
    ----------
    fresh
        Rows that no active import holds.
    repeats
        Rows that one holds with the same value and mark.
    contradictions
        Rows for whose site, time and item one holds something else, with ``held_import``, ``held_value``
        and ``held_mark``.
    """

    fresh: pa.Table
    repeats: pa.Table
    contradictions: pa.Table


def compare(table: pa.Table, division: str) -> Comparison:
    """Compare rows with what the active imports of a division hold.

    A row that only says that there is no reading, where a reading is held, is a repeat: it says nothing more.
    The other way round it is fresh: a late reading fills the gap.
    """
    numbered = table.append_column("place", pa.array(range(len(table)), pa.int64()))
    held = _held(table, division)
    if not held.num_rows:
        return Comparison(table, table.slice(0, 0), numbered.slice(0, 0))
    joined = numbered.join(held, keys=list(_KEY), join_type="left outer").sort_by("place")
    silent = pc.is_in(joined["mark"], value_set=pa.array(_SILENT))
    late = pc.and_(pc.is_in(joined["held_mark"], value_set=pa.array(_SILENT)), pc.invert(silent))
    known = pc.and_(pc.is_valid(joined["held_mark"]), pc.invert(late))
    same = pc.and_kleene(pc.equal(joined["mark"], joined["held_mark"]), _equal(joined))
    said = pc.and_(known, pc.or_(pc.fill_null(same, False), silent))
    other = pc.and_(known, pc.invert(said))
    names = table.column_names
    return Comparison(
        joined.filter(pc.invert(known)).select(names),
        joined.filter(said).select(names),
        joined.filter(other),
    )


def _equal(joined: pa.Table) -> pa.ChunkedArray:
    """Tell where the values are equal; two rows without a value are."""
    both_null = pc.and_(pc.is_null(joined["value"]), pc.is_null(joined["held_value"]))
    return pc.or_(both_null, pc.fill_null(pc.equal(joined["value"], joined["held_value"]), False))


def _held(table: pa.Table, division: str) -> pa.Table:
    empty = pa.table({"held_mark": pa.array([], pa.string())})
    if not table.num_rows:
        return empty
    span = pc.min_max(table["time"])
    rows = queries.measurements(
        division, pc.unique(table["site"]).to_pylist(), span["min"].as_py(), span["max"].as_py()
    )
    if not rows.num_rows:
        return empty
    held = rows.select([*_KEY, "value", "mark", "import_id"])
    # Where a late reading filled a gap, both rows are held: the reading speaks.
    silent = pc.is_in(held["mark"], value_set=pa.array(_SILENT))
    held = pa.concat_tables([held.filter(pc.invert(silent)), held.filter(silent)])
    places = held.append_column("place", pa.array(range(held.num_rows), pa.int64()))
    first = places.group_by(_KEY).aggregate([("place", "min")])["place_min"]
    return held.take(first).rename_columns([*_KEY, "held_value", "held_mark", "held_import"])


def problems(found: pa.Table, file: str, names: dict[str, str]) -> Iterator[Problem]:
    """Yield one problem for each contradiction; it names the import that holds the other value."""
    if not found.num_rows:
        return
    sessions = ImportSession.objects.select_related("file").in_bulk(
        pc.unique(found["held_import"]).to_pylist()
    )
    holders = {str(pk): str(session) for pk, session in sessions.items()}
    for row in found.to_pylist():
        yield Problem(
            "contradicts-import",
            Text(
                "“{site}”{time} 的{item}为“{raw}”，与已导入的“{held}”（{holder}）不同，未采用。",
                site=names.get(row["site"], row["site"]),
                time=f"{row['time']:%Y-%m-%d %H:%M}",
                item=items()[row["item"]].name_zh,
                raw=row["raw"],
                held=_said(row["held_value"], row["held_mark"]),
                holder=holders.get(row["held_import"], row["held_import"]),
            ),
            Text(
                "请核对原始记录。若以本文件为准，请先撤回“{holder}”再导入。",
                holder=holders.get(row["held_import"], ""),
            ),
            Where(file=file, row=row["row"], column=items()[row["item"]].name_zh),
            row["raw"],
        )


def _said(value: object, mark: str) -> str:
    if value is None:
        return mark
    text = f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return f"<{text}" if mark == Mark.BELOW_DETECTION else text
