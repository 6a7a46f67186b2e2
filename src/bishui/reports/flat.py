"""A plain table as a file of data for other programs: CSV, XLSX, Parquet; never a layout for paper.

What a column means travels in the metadata of its Arrow field (``label_zh``, ``label_en``, ``meaning_zh``,
``meaning_en``, ``unit``): spreadsheets are headed by the labels and explain them on a sheet of their own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill

from bishui.i18n import Bilingual, Text

Escape = Callable[[str], str]

#: Rows of one worksheet under its head; the format allows 1,048,576.
SHEET_ROWS = 1_000_000
#: A spreadsheet keeps fifteen digits of a number; one with more is written as a text.
_DIGITS = 15
_BATCH = 65_536
_REPLACED = "\N{REPLACEMENT CHARACTER}"


def said(field: pa.Field, what: str) -> Bilingual:
    """Return the label or the meaning that a field carries; its name where it carries none."""
    about = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    return Bilingual(about.get(f"{what}_zh", field.name), about.get(f"{what}_en", ""))


def unit_of(field: pa.Field) -> str:
    """Return the unit that a field carries, empty without one."""
    return str((field.metadata or {}).get(b"unit", b"").decode())


def heads(table: pa.Table) -> list[str]:
    """Return the heads of a spreadsheet: the labels in the language in use, with units."""
    units = [unit_of(field) for field in table.schema]
    labels = [str(said(field, "label")) for field in table.schema]
    return [f"{label}({unit})" if unit else label for label, unit in zip(labels, units, strict=True)]


def to_csv(table: pa.Table, path: Path, escape: Escape) -> None:
    """Write UTF-8 with a mark at its beginning, as Chinese Excel expects; formulas are made texts."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(escape, heads(table)))
        writer.writerows([_csv_cell(value, escape) for value in row] for row in _rows(table))


def to_parquet(table: pa.Table, path: Path) -> None:
    """Write Parquet with the names, the types and the metadata of the table."""
    pq.write_table(table, path, compression="zstd")


def to_workbook(table: pa.Table, path: Path, escape: Escape) -> None:
    """Write a workbook: rows under their heads, a long table on several sheets, what the columns mean."""
    book = Workbook(write_only=True)
    rows = _rows(table)
    first: Any = next(rows, None)
    number = 0
    while number == 0 or first is not None:
        number += 1
        sheet = _sheet(book, f"{Text('结果')}{number if number > 1 else ''}", heads(table), escape)
        for row in _page(first, rows):
            sheet.append([_cell(sheet, value, escape) for value in row])
        first = next(rows, None) if first is not None else None
    _explain(book, table, escape)
    book.save(path)


def _page(first: tuple[Any, ...] | None, rest: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    return chain([first], islice(rest, SHEET_ROWS - 1)) if first is not None else iter(())


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def plain_number(value: Decimal) -> str:
    """Return a decimal without an exponent and without noughts at its end."""
    return f"{value.normalize():f}"


def _csv_cell(value: Any, escape: Escape) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, date):
        return value.isoformat()
    return repr(value) if isinstance(value, int | float) else escape(str(value))


def _cell(sheet: Any, value: Any, escape: Escape) -> Any:
    if value is None or isinstance(value, bool | int | float | date):
        return value
    if isinstance(value, Decimal):
        text = plain_number(value)
        return float(value) if len(text.strip("-0.").replace(".", "")) <= _DIGITS else _text(sheet, text)
    return _text(sheet, escape(value))


def _text(sheet: Any, text: str) -> Any:
    """Return a cell that is a text, whatever it looks like."""
    cell: Any = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(_REPLACED, text))
    cell.data_type, cell.number_format = "s", "@"
    return cell


def _sheet(book: Workbook, title: str, names: list[str], escape: Escape) -> Any:
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    cells = [_text(sheet, escape(name)) for name in names]
    for cell in cells:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DCE9F5")
    sheet.append(cells)
    return sheet


def _explain(book: Workbook, table: pa.Table, escape: Escape) -> None:
    """Write what each column means, and what the table says of itself."""
    names = [str(text) for text in (Text("字段"), Text("名称"), Text("单位"), Text("含义"))]
    sheet = _sheet(book, str(Text("字段说明")), names, escape)
    for field in table.schema:
        texts = (field.name, str(said(field, "label")), unit_of(field), str(said(field, "meaning")))
        sheet.append([_text(sheet, escape(text)) for text in texts])
    for key, value in (table.schema.metadata or {}).items():
        sheet.append([_text(sheet, escape(text.decode())) for text in (key, value)])
