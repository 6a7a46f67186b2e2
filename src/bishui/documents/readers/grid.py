"""Blocks for formats that know tables: one source line for each paragraph and each table row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bishui.documents.blocks import (
    Blank,
    Block,
    Blocks,
    Notice,
    Paragraph,
    Place,
    Position,
    Skipped,
    TableRow,
)
from bishui.documents.readers.limits import MOST_CELLS, MOST_LINES, WIDEST_TABLE, too_large
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import clean_cell, join_wrapped
from bishui.i18n import Text


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a grid: what is written in it, and what it takes from above where it is merged."""

    text: str
    from_above: str = ""


def closed(parts: Iterable[str]) -> str:
    """Put the lines of a cell together; no character is lost or made up.

    Lines that each name a body are a list whose separators are the line breaks, and these are kept.
    """
    texts = [text for part in parts if (text := clean_cell(part))]
    body = pattern(rules("units")["list"]["body"])
    if len(texts) > 1 and all(body.fullmatch(text) for text in texts):
        return "\n".join(texts)
    whole = ""
    for text in texts:
        whole = join_wrapped(whole, text)
    return whole


class GridBlocks:
    """Collects paragraphs and tables in reading order and numbers them as source lines.

    Parameters
    ----------
    filename
        The file, for messages.
    """

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self._blocks: list[Block] = []
        self._lines: list[str] = []
        self._places: list[Place | None] = []
        self._notices: list[Notice] = []
        self._group = 0
        self._cells = 0

    @property
    def lines(self) -> int:
        """Return how many source lines there are so far."""
        return len(self._lines)

    def add_paragraph(self, text: str, place: Place | None = None) -> None:
        """Add a paragraph; each line break in it begins a new source line."""
        for part in text.split("\n"):
            at = self._line(part, place)
            cleaned = clean_cell(part.replace("\t", " "))
            self._blocks.append(Paragraph(cleaned, at) if cleaned else Blank(at))

    def add_line(self, text: str, place: Place | None = None, lefts: tuple[float, ...] = ()) -> None:
        """Add a line of a table without ruled lines: a row with tabs, or a part of one.

        It is left open whether the row is whole; that is decided where the meaning of columns is known.
        `lefts` are where its parts begin, in widths of a full-width character.
        """
        cells = tuple(clean_cell(cell) for cell in text.split("\t"))
        at = self._line(text, place)
        if len(cells) > 1:
            self._blocks.append(TableRow(cells, at, self._group, lefts=lefts))
        else:
            self._blocks.append(Paragraph(cells[0], at, lefts=lefts))

    def add_skipped(self, text: str, why: str, place: Place | None = None) -> None:
        """Add a line that is no part of what the document says."""
        self._blocks.append(Skipped(self._line(text, place), why))

    def add_table(
        self, rows: Iterable[list[Cell]], table: int | None = None, place: Place | None = None
    ) -> None:
        """Add a table, row by row."""
        self._group += 1
        page = place.page if place else None
        for number, cells in enumerate(rows, start=1):
            self.add_row(cells, Place(page=page, table=table, row=number))

    def add_row(self, cells: list[Cell], place: Place) -> None:
        """Add one row of the present table."""
        self._cells += len(cells)
        if len(cells) > WIDEST_TABLE:
            raise too_large(Text("有一张表格超过 {most} 列。", most=WIDEST_TABLE), self._filename)
        if self._cells > MOST_CELLS:
            raise too_large(Text("表格超过 {most} 个单元格。", most=MOST_CELLS), self._filename)
        at = self._line("\t".join(cell.text.replace("\n", " ") for cell in cells), place)
        if not any(cell.text or cell.from_above for cell in cells):
            self._blocks.append(Blank(at))
            return
        merged = tuple((column, cell.from_above) for column, cell in enumerate(cells) if cell.from_above)
        self._blocks.append(TableRow(tuple(cell.text for cell in cells), at, self._group, merged))

    def next_table(self) -> None:
        """Begin a new run of rows."""
        self._group += 1

    def add_notice(self, rule: str, message: Text, first: int | None = None) -> None:
        """Note something that the user should know, on the lines from `first` to the present one."""
        last = max(1, self.lines)
        self._notices.append(Notice(rule, message, (min(first or last, last), last)))

    def finish(self, kind: str) -> Blocks:
        """Return what was collected."""
        return Blocks(
            self._filename,
            kind,
            tuple(self._blocks),
            tuple(self._lines),
            tuple(self._places),
            tuple(self._notices),
        )

    def _line(self, text: str, place: Place | None) -> Position:
        if len(self._lines) >= MOST_LINES:
            raise too_large(Text("文件超过 {most} 行。", most=MOST_LINES), self._filename)
        self._lines.append(text)
        self._places.append(place)
        number = len(self._lines)
        if place is None:
            return Position(number, number)
        return Position(number, number, sheet=place.sheet, table=place.table, row=place.row)
