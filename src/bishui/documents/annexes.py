"""Tables of annexes: merged cells filled down, and the targets of sections and sources they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bishui.documents.columns import Columns, columns_of, has_sequence_head
from bishui.documents.coverage import Coverage
from bishui.documents.draft import SectionTarget, SourceTarget, Table
from bishui.documents.names import names_nobody
from bishui.documents.rulebook import any_of, rules
from bishui.documents.tables import RawTable, Row
from bishui.documents.text import close_gaps, squeeze

_DEGREES = re.compile(r"\d{1,3}(?:\.\d+)?")


def fill_down(rows: Sequence[Row], header: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the rows with the text of merged cells carried down.

    A blank cell is taken for merged when nothing stands left of it in its row, but for the running number:
    merged cells nest from the left. A blank to the right of a text is just blank.
    """
    begin = 1 if has_sequence_head(header) else 0
    filled: list[tuple[str, ...]] = []
    for row in rows:
        cells = list(row.filled)
        if filled:
            numbered = begin == 0 or bool(cells[0])
            for column in range(begin if numbered else 0, len(cells)):
                if cells[column]:
                    break
                cells[column] = filled[-1][column] if column < len(filled[-1]) else ""
        filled.append(tuple(cells))
    return tuple(filled)


def annex_table(raw: RawTable, coverage: Coverage) -> Table:
    """Turn a raw table into the record of an annex."""
    rows = raw.data
    mark_rows(raw, coverage)
    last = rows[-1].lines[1] if rows else raw.head_line
    return Table(
        annex=raw.annex,
        name=raw.name,
        header=raw.header,
        rows=tuple(row.cells for row in rows),
        rows_filled=fill_down(rows, raw.header),
        notes=tuple(raw.notes),
        row_lines=tuple(row.lines for row in rows),
        lines=(rows[0].lines[0] if rows else raw.head_line, last),
    )


def mark_rows(raw: RawTable, coverage: Coverage) -> None:
    """Note which rows of a table the lines became."""
    for number, row in enumerate(raw.data, start=1):
        coverage.mark_rows(row.lines, " ".join(filter(None, ["table", raw.annex, f"row {number}"])))


def section_targets(table: Table) -> list[SectionTarget]:
    """Return the targets of sections (断面) in a table that names sections and a class."""
    columns = columns_of(table.header, "section")
    if "section" not in columns or "class" not in columns:
        return []
    level = _level_of(table.name, "section")
    targets = []
    for row, lines in zip(table.rows_filled, table.row_lines, strict=True):
        get = _Getter(row, columns)
        if not get("section"):
            continue
        targets.append(
            SectionTarget(
                section=get("section"),
                water=get("water"),
                basin=get("basin"),
                level=get("level") or level,
                county=get("county"),
                city=get("city"),
                assessed=get("assessed"),
                lon=_degrees(get("lon")),
                lat=_degrees(get("lat")),
                target_class=get("class"),
                lines=lines,
            )
        )
    return targets


def source_targets(table: Table) -> list[SourceTarget]:
    """Return the targets of drinking-water sources in a table that names sources and a target."""
    columns = columns_of(table.header, "source")
    if "source" not in columns or "target" not in columns:
        return []
    level = _level_of(table.name, "source")
    targets = []
    for row, lines in zip(table.rows_filled, table.row_lines, strict=True):
        get = _Getter(row, columns)
        if not get("source"):
            continue
        targets.append(
            SourceTarget(
                source=get("source"),
                level=get("level") or level,
                county=get("county"),
                status=get("status"),
                type=get("type"),
                lon=_degrees(get("lon")),
                lat=_degrees(get("lat")),
                target=get("target"),
                lines=lines,
            )
        )
    return targets


class _Getter:
    """Reads a row by role; a role without a column is blank, and so is a cell that says there is nothing."""

    def __init__(self, row: Sequence[str], columns: Columns) -> None:
        self._row = row
        self._columns = columns

    def __call__(self, role: str) -> str:
        column = self._columns.get(role)
        if column is None or column >= len(self._row):
            return ""
        text = self._row[column]
        return "" if names_nobody(text) else close_gaps(text)


def _level_of(name: str, kind: str) -> str:
    """Return the level that a table's name gives to all its rows; 县级以上 names a range and gives none."""
    rule = rules("columns")["levels"]
    match = re.search(f"({any_of(rule[kind])})(?!{any_of(rule['range_suffix'])})", squeeze(name))
    return match[1] if match else ""


def _degrees(text: str) -> str | None:
    match = _DEGREES.search(squeeze(text))
    return match.group() if match else None
