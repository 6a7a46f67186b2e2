"""Workbooks (.xlsx): each sheet in turn, one source line a row; merged cells keep the text they continue."""

from __future__ import annotations

import datetime
import io
import re
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from bishui.documents.blocks import Blocks
from bishui.documents.readers.grid import Cell, GridBlocks
from bishui.documents.text import clean_cell, join_wrapped
from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

_DECIMALS = re.compile(r"0\.(0+)(?:_ )?$")


def read_spreadsheet(data: bytes, filename: str) -> Blocks:
    """Read a workbook into blocks: a row with one text is a paragraph, unless it stands in a table.

    Raises
    ------
    UnreadableFile
        The file is damaged or no workbook.
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception as error:  # the library lets errors of zip, XML and its own through
        raise UnreadableFile(
            Text("Excel 文件打不开，可能已损坏或有密码：{reason}。", reason=type(error).__name__),
            remedy=Text("请用 Excel 或 WPS 打开，另存为新的 .xlsx 后再试。"),
            where=Where(file=filename),
        ) from None
    grid = GridBlocks()
    for sheet in book.worksheets:
        _add_sheet(grid, sheet)
    return grid.finish(filename, "spreadsheet")


def _add_sheet(grid: GridBlocks, sheet: Worksheet) -> None:
    above = _merged_down(sheet)
    in_table = False
    grid.next_table()
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [
            Cell(_text(cell.value, cell.number_format), above.get((number, column), ""))
            for column, cell in enumerate(row, start=1)
        ]
        while cells and not (cells[-1].text or cells[-1].from_above) and not in_table:
            cells.pop()
        filled = [cell.text for cell in cells if cell.text]
        if len(filled) > 1:
            in_table = True
        if not filled and not any(cell.from_above for cell in cells):
            grid.add_paragraph("", sheet.title)
            in_table = False
            grid.next_table()
        elif in_table:
            grid.add_row(cells, number, sheet=sheet.title)
        else:
            grid.add_paragraph(filled[0] if filled else "", sheet.title)


def _merged_down(sheet: Worksheet) -> dict[tuple[int, int], str]:
    """Return, by row and column, the text of merged cells that began in a row above."""
    texts: dict[tuple[int, int], str] = {}
    for area in sheet.merged_cells.ranges:
        first = sheet.cell(area.min_row, area.min_col)
        text = _text(first.value, first.number_format)
        for row in range(area.min_row + 1, area.max_row + 1):
            texts[row, area.min_col] = text
    return texts


def _text(value: Any, number_format: str = "General") -> str:
    """Return the value of a cell as text; a number has the decimals its format shows, else those stored."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    decimals = _DECIMALS.match(number_format or "")
    if isinstance(value, int | float) and not isinstance(value, bool) and decimals:
        return f"{value:.{len(decimals[1])}f}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = ""
    for part in str(value).split("\n"):
        text = join_wrapped(text, clean_cell(part))
    return text
