"""Workbooks of older programs (.xls, .et): values and merged cells, without formats."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from bishui.documents.blocks import Blocks
from bishui.documents.readers.grid import Cell, GridBlocks
from bishui.documents.readers.kinds import damaged, encrypted
from bishui.documents.readers.limits import MOST_CELLS, too_large
from bishui.documents.readers.rows import add_rows, merged_down, one_line
from bishui.documents.readers.shown import shown_date, shown_number
from bishui.i18n import Text


def read_old_spreadsheet(data: bytes, filename: str) -> Blocks:
    """Read a workbook into blocks; see `read_spreadsheet`.

    Numbers have the digits that are stored: an .xls is read without its number formats.

    Raises
    ------
    UnreadableFile
        The file is damaged, encrypted or too large.
    """
    grid = GridBlocks(filename)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for index, meta in enumerate(book.sheets_metadata):
                if meta.typ != SheetTypeEnum.WorkSheet:
                    continue
                if meta.visible == SheetVisibleEnum.Visible:
                    add_rows(grid, meta.name, _rows(book.get_sheet_by_index(index), filename))
                else:
                    _name_hidden(grid, meta.name)
    except PasswordError:
        raise encrypted(filename) from None
    except (CalamineError, OSError, ValueError) as error:
        raise damaged("Excel", filename, type(error).__name__) from None
    return grid.finish("spreadsheet")


def _rows(sheet: CalamineSheet, filename: str) -> Iterator[tuple[int, list[Cell]]]:
    if sheet.start is None or sheet.end is None:
        return
    areas = [
        (top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ]
    size = sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in areas)
    if max(size, sheet.height * sheet.width) > MOST_CELLS:
        raise too_large(Text("工作簿超过 {most} 个单元格。", most=MOST_CELLS), filename)
    top, left = sheet.start
    texts = {
        (top + 1 + row, left + 1 + column): text
        for row, values in enumerate(sheet.to_python())
        for column, value in enumerate(values)
        if (text := _text(value))
    }
    above = merged_down(areas, texts)
    width = max((column for _, column in texts), default=0)
    for number in range(1, max((row for row, _ in (*texts, *above)), default=0) + 1):
        columns = range(1, width + 1)
        yield number, [Cell(texts.get((number, c), ""), above.get((number, c), "")) for c in columns]


def _name_hidden(grid: GridBlocks, name: str) -> None:
    grid.add_notice(
        "hidden-sheet", Text("工作表“{sheet}”是隐藏的，没有读取；需要时请取消隐藏后重新导入。", sheet=name)
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return shown_number(value)
    if isinstance(value, datetime.datetime):
        return shown_date(value, "")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return one_line(str(value))
