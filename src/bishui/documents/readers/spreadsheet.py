"""Workbooks (.xlsx): each sheet in turn, one source line a row; merged cells keep the text they continue."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from bishui.documents.blocks import Blocks, Place
from bishui.documents.readers.grid import Cell, GridBlocks
from bishui.documents.readers.kinds import damaged
from bishui.documents.readers.limits import MOST_CELLS, too_large
from bishui.documents.readers.rows import add_rows, merged_down, one_line
from bishui.documents.readers.shown import CHINESE_DATES, shown_date, shown_number
from bishui.errors import BishuiError
from bishui.i18n import Text

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+(?::[A-Z]+\d+)?)"')
_CELL = re.compile(rb"<(?:\w+:)?c[\s>]")
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>"
)


def read_spreadsheet(data: bytes, filename: str) -> Blocks:
    """Read a workbook into blocks. Hidden sheets are named and left out; hidden rows are named and read.

    Raises
    ------
    UnreadableFile
        The file is damaged or too large.
    """
    try:
        scan = _scan(data)
        if scan.cells > MOST_CELLS or scan.merged > MOST_CELLS:
            raise too_large(Text("工作簿超过 {most} 个单元格。", most=MOST_CELLS), filename)
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except BishuiError:
        raise
    except Exception as error:  # the library lets errors of zip, XML and its own through
        raise damaged("Excel", filename, type(error).__name__) from None
    grid = GridBlocks(filename)
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            add_rows(grid, sheet.title, _rows(sheet))
            _note_hidden_rows(grid, sheet)
        else:
            _leave_out(grid, sheet)
    if scan.without_result:
        grid.add_notice(
            "formula-without-result",
            Text("有 {count} 个公式单元格没有保存计算结果，读出来是空白。", count=scan.without_result),
            1,
        )
    return grid.finish("spreadsheet")


@dataclass(slots=True)
class _Scan:
    """What the parts of a workbook hold, counted before the workbook is built in memory."""

    cells: int = 0
    merged: int = 0
    without_result: int = 0


def _scan(data: bytes) -> _Scan:
    scan = _Scan()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                part = package.read(name)
                scan.cells += sum(1 for _ in _CELL.finditer(part))
                scan.without_result += sum(1 for _ in _NO_RESULT.finditer(part))
                for hit in _MERGED.finditer(part):
                    size = CellRange(hit[1].decode()).size
                    scan.merged += size["rows"] * size["columns"]
    return scan


def _rows(sheet: Worksheet) -> Iterator[tuple[int, list[Cell]]]:
    """Give the rows from the first to the last that holds a text, each as wide as the widest text.

    Cells that were only formatted, down to the last row of the sheet, cost nothing.
    """
    texts = {
        place: text
        for place, cell in sheet._cells.items()
        if (text := _text(cell.value, cell.number_format, _format_number(cell)))
    }
    areas = [(each.min_row, each.min_col, each.max_row, each.max_col) for each in sheet.merged_cells.ranges]
    above = merged_down(areas, texts)
    by_row: dict[int, list[int]] = {}
    for row, column in (*texts, *(place for place, text in above.items() if text)):
        by_row.setdefault(row, []).append(column)
    width = max((column for _, column in texts), default=0)
    gap = False
    for number in range(1, max(by_row, default=0) + 1):
        if number in by_row or not gap:  # of many blank rows in a row one is enough
            columns = range(1, width + 1)
            yield number, [Cell(texts.get((number, c), ""), above.get((number, c), "")) for c in columns]
        gap = number not in by_row


def _note_hidden_rows(grid: GridBlocks, sheet: Worksheet) -> None:
    hidden = sorted(number for number, row in sheet.row_dimensions.items() if row.hidden)
    if hidden:
        grid.add_notice(
            "hidden-rows",
            Text(
                "工作表“{sheet}”中有 {count} 行是隐藏的（从第 {row} 行起），也已读取，请核对是否应当导入。",
                sheet=sheet.title,
                count=len(hidden),
                row=hidden[0],
            ),
        )


def _leave_out(grid: GridBlocks, sheet: Worksheet) -> None:
    """Account for a hidden sheet without reading it: it holds lists for choosing from, or old versions."""
    first = grid.lines + 1
    for number, cells in _rows(sheet):
        text = "\t".join(cell.text for cell in cells).rstrip("\t")
        grid.add_skipped(text, "hidden sheet", Place(sheet=sheet.title, row=number))
    if grid.lines >= first:
        grid.add_notice(
            "hidden-sheet",
            Text("工作表“{sheet}”是隐藏的，没有读取；需要时请取消隐藏后重新导入。", sheet=sheet.title),
            first,
        )


def _format_number(cell: Any) -> int:
    return int(cell._style.numFmtId) if cell.has_style else 0


def _text(value: Any, code: str, format_number: int) -> str:
    """Return the value of a cell as it is shown."""
    if value is None:
        return ""
    if format_number in CHINESE_DATES and isinstance(value, int | float | datetime.datetime):
        moment = value if isinstance(value, datetime.datetime) else from_excel(value)
        return shown_date(moment, CHINESE_DATES[format_number])
    if isinstance(value, datetime.datetime):
        return shown_date(value, code)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return shown_number(value, code)
    return one_line(str(value))
