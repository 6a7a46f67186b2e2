"""Writing measurements as a long table, which the readers take back; the template is an empty one."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.observations.naming import known_items
from bishui.observations.numbers import PUBLISHED_CLASS, Reading, parse_number
from bishui.observations.schema import MEASUREMENTS, Mark
from bishui.observations.textforms import cell_mark, load_data, written
from bishui.standards import items, unit_factor

#: Rows that a worksheet holds beside its heads.
SHEET_ROWS = 1_048_575
_WIDTHS = (24, 18, 16, 14, 12, 12, 10, 14)
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
_SHEET, _HELP = "监测数据", "说明"

_GUIDE = (
    ("怎样填写", "How to fill in"),
    (
        "一行一个结果；表头不要改动。断面名称、监测时间、项目、结果必填。",
        "One result per row; keep the heads. Section, time, item and result are needed.",
    ),
    (
        "监测时间为北京时间，写作 2024-03-05 08:00。",
        "Times are China Standard Time, written 2024-03-05 08:00.",
    ),
    ("单位留空表示该项目的单位（见下表）。", "An empty unit means the item's own unit (see below)."),
    (
        "低于检出限写 <0.02 或 0.02L；没有读数写 --；不监测写 *。",
        "Below detection: <0.02 or 0.02L; no reading: --; not monitored: *.",
    ),
    ("“原始文本”由导出写入，填写时留空。", "The last column is written by exports; leave it empty."),
)


def write_long_table(
    table: pa.Table, path: str | Path, *, site_names: Mapping[str, str] | None = None
) -> Path:
    """Write measurements as a long table.

    Parameters
    ----------
    table
        Rows of `MEASUREMENTS`.
    path
        ``.xlsx`` or ``.csv`` (UTF-8 with BOM, which spreadsheet programs recognise).
    site_names
        What to write for a site id; ids without a name are written as they are.

    Returns
    -------
    Path
        The file. `read_table` reads it back to the same rows (apart from `import_id` and `row`).

    Raises
    ------
    CallError
        The name ends otherwise.
    """
    path = Path(path)
    records = _records(table.select(MEASUREMENTS.names), site_names or {})
    if path.suffix.lower() == ".xlsx":
        _write_workbook(records, path)
    elif path.suffix.lower() == ".csv":
        _write_text(records, path)
    else:
        raise CallError(
            Text("无法写出“{name}”：只支持 .xlsx 和 .csv。", name=path.name),
            remedy=Text("请把文件名改为 .xlsx 或 .csv 结尾。"),
        )
    return path


def write_template(path: str | Path) -> Path:
    """Write the template to fill in: the export of an empty table."""
    return write_long_table(MEASUREMENTS.empty_table(), path)


def escape_formula(text: str) -> str:
    """Return `text` so that a spreadsheet program shows it instead of running it.

    A text that begins with = + - @, a tab or a line break, and is neither a number nor a mark such as ``--``,
    gets an apostrophe in front, which the readers take off again.
    """
    if text.startswith(_RISKY) and cell_mark(text) is None and not _is_number(text):
        return f"'{text}"
    return f"'{text}" if text.startswith("'") else text


def _is_number(text: str) -> bool:
    reading = parse_number(text)
    return isinstance(reading, Reading) and text.strip("-") != "" and text.isascii() and "\n" not in text


def _heads() -> list[str]:
    return list(load_data("heads.toml")["written"].values())


def _records(table: pa.Table, site_names: Mapping[str, str]) -> Iterator[list[str]]:
    names = {key: item.name_zh for key, item in known_items().items()}
    for batch in table.to_batches(max_chunksize=65_536):
        for row in batch.to_pylist():
            yield [
                site_names.get(row["site"], row["site"]),
                row["time"].isoformat(sep=" "),
                names.get(row["item"], row["item"]),
                _result(row),
                row["unit"] or "",
                written("qualifier", row["mark"]),
                written("source", row["source"]),
                "" if row["raw"] is None else row["raw"],
            ]


def _result(row: Mapping[str, object]) -> str:
    """Return the result in the unit that was given: the given text, or the value where there is none."""
    raw, value, item = row["raw"], row["value"], known_items().get(str(row["item"]))
    if raw is not None:
        return str(raw)
    if not isinstance(value, Decimal) or item is None:
        return ""
    factor = unit_factor(item, str(row["unit"])) if row["unit"] else None
    number = format((value / (factor or 1)).normalize(), "f")
    return f"<{number}" if row["mark"] == Mark.BELOW_DETECTION else number


def _write_text(records: Iterator[list[str]], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_heads())
        writer.writerows([escape_formula(cell) for cell in record] for record in records)


def _write_workbook(records: Iterator[list[str]], path: Path) -> None:
    """Write a workbook; a table longer than a worksheet goes on in the next one."""
    book = Workbook(write_only=True)
    first = next(records, None)
    rest = chain([first], records) if first is not None else iter(())
    number = 0
    while number == 0 or first is not None:
        number += 1
        sheet = _new_sheet(book, _SHEET if number == 1 else f"{_SHEET}{number}")
        written_rows = 0
        for record in rest:
            sheet.append(_workbook_cells(sheet, record))
            written_rows += 1
            if written_rows == SHEET_ROWS:
                break
        first = next(rest, None) if written_rows == SHEET_ROWS else None
        rest = chain([first], rest) if first is not None else iter(())
    _write_help(book)
    book.save(path)


def _new_sheet(book: Workbook, title: str) -> Any:  # write-only sheets are not fully typed
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_head_cell(sheet, head) for head in _heads()])
    return sheet


def _head_cell(sheet: Any, text: str) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="DCE9F5")
    return cell


def _workbook_cells(sheet: Any, record: list[str]) -> list[object]:
    cells: list[object] = [_text_cell(sheet, text) for text in record]
    cells[3] = _number_cell(sheet, record[3])
    return cells


def _text_cell(sheet: Any, text: str) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, escape_formula(text))
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _number_cell(sheet: Any, text: str) -> Cell:
    """Return a number cell that shows the given digits, or a text cell where a float would not be exact."""
    plain = text.removeprefix("-").replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit()) or text.endswith(".") or len(plain) > 15:
        return _text_cell(sheet, text)
    cell: Cell = WriteOnlyCell(sheet, float(text))
    digits = len(text.partition(".")[2])
    cell.number_format = f"0.{'0' * digits}" if digits else "0"
    return cell


def _write_help(book: Workbook) -> None:
    """Write what may be filled in: rules, items with units, marks; Chinese with English beside."""
    sheet: Any = book.create_sheet(_HELP)
    for column, width in (("A", 56), ("B", 44), ("C", 14), ("D", 14)):
        sheet.column_dimensions[column].width = width
    for chinese, english in _GUIDE:
        sheet.append([chinese, english])
    sheet.append([])
    sheet.append(
        [_head_cell(sheet, head) for head in ("监测项目", "Monitored item", "计量单位 Unit", "代码 Key")]
    )
    for key, item in items().items():
        unit = "Ⅰ～劣Ⅴ" if key == PUBLISHED_CLASS else item.unit
        sheet.append([_text_cell(sheet, text) for text in (item.name_zh, item.name_en, unit, key)])
    sheet.append([])
    sheet.append([_head_cell(sheet, head) for head in ("可用标记", "Mark")])
    for mark in Mark:
        sheet.append([written("qualifier", mark), mark.replace("_", " ")])
