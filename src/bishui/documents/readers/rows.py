"""Rows of worksheets as blocks: what is a title or a note, and where a table begins and ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bishui.documents.blocks import Place
from bishui.documents.readers.grid import Cell, GridBlocks, closed

Area = tuple[int, int, int, int]
"""A merged range: first row, first column, last row, last column; counted from 1."""


def merged_down(areas: Iterable[Area], texts: Mapping[tuple[int, int], str]) -> dict[tuple[int, int], str]:
    """Return, by row and column, the text of merged cells that began in a row above."""
    return {
        (row, left): texts.get((top, left), "")
        for top, left, bottom, _ in areas
        for row in range(top + 1, bottom + 1)
    }


def add_rows(grid: GridBlocks, sheet: str, rows: Iterable[tuple[int, list[Cell]]]) -> None:
    """Add the rows of a worksheet: one with a single text is a paragraph, unless it stands in a table."""
    in_table = False
    grid.next_table()
    blank = False
    for number, row in rows:
        cells, place = row, Place(sheet=sheet, row=number)
        while cells and not (cells[-1].text or cells[-1].from_above):
            cells = cells[:-1]
        filled = [cell.text for cell in cells if cell.text]
        in_table = in_table or len(filled) > 1
        if not cells and blank:
            continue  # of many blank rows one is enough
        blank = not cells
        if not cells:
            grid.add_paragraph("", place)
            in_table = False
            grid.next_table()
        elif in_table:
            grid.add_row(row, place)
        else:
            grid.add_paragraph(filled[0] if filled else "", place)


def one_line(text: str) -> str:
    """Return the text of a cell with its line breaks closed."""
    return closed(text.replace("_x000D_", "").replace("\r", "\n").split("\n"))
