"""Blocks for formats that know tables: one source line for each paragraph and each table row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bishui.documents.blocks import Blank, Block, Blocks, Paragraph, Position, TableRow
from bishui.documents.text import clean_cell


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a grid: what is written in it, and what it takes from above where it is merged."""

    text: str
    from_above: str = ""


class GridBlocks:
    """Collects paragraphs and tables in reading order and numbers them as source lines."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._lines: list[str] = []
        self._group = 0

    def add_paragraph(self, text: str, sheet: str | None = None) -> None:
        """Add a paragraph; each line break in it begins a new source line."""
        for part in text.split("\n"):
            self._lines.append(part)
            at = Position(len(self._lines), len(self._lines), sheet=sheet)
            cleaned = clean_cell(part.replace("\t", " "))
            self._blocks.append(Paragraph(cleaned, at) if cleaned else Blank(at))

    def add_table(
        self, rows: Iterable[list[Cell]], table: int | None = None, sheet: str | None = None
    ) -> None:
        """Add a table, row by row."""
        self._group += 1
        for number, cells in enumerate(rows, start=1):
            self.add_row(cells, number, table, sheet)

    def add_row(
        self, cells: list[Cell], row: int, table: int | None = None, sheet: str | None = None
    ) -> None:
        """Add one row of the present table."""
        self._lines.append("\t".join(cell.text for cell in cells))
        at = Position(len(self._lines), len(self._lines), sheet=sheet, table=table, row=row)
        if not any(cell.text or cell.from_above for cell in cells):
            self._blocks.append(Blank(at))
            return
        merged = tuple((column, cell.from_above) for column, cell in enumerate(cells) if cell.from_above)
        self._blocks.append(TableRow(tuple(cell.text for cell in cells), at, self._group, merged))

    def next_table(self) -> None:
        """Begin a new run of rows."""
        self._group += 1

    def finish(self, filename: str, kind: str) -> Blocks:
        """Return what was collected."""
        return Blocks(filename, kind, tuple(self._blocks), tuple(self._lines))
