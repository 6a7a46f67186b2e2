"""What every reader of a format gives: paragraphs and table rows in reading order, each with its place.

This is the seam between formats and meaning: below it nothing knows what a plan is, above it nothing knows
what a text file or a Word document is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bishui.i18n import Text


@dataclass(frozen=True, slots=True)
class Position:
    """Where a block stands.

    `first` and `last` are source lines, counted from 1: physical lines of a text file; for other formats the
    running number of the paragraph or table row. `sheet`, `table`, `row`: where the format knows them.
    """

    first: int
    last: int
    sheet: str | None = None
    table: int | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. `stray_cell` marks one that looks like a table cell torn out of its row.

    `lefts` is not empty for a single line of which it is known where it begins on the page; see `TableRow`.
    """

    text: str
    at: Position
    stray_cell: bool = False
    lefts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table.

    `cells` hold what is written in this row, "" where a cell is merged with the one above or left of it.
    `merged` gives, by column, the text that a merged cell takes from above, where the format knows of it.
    `group` is the running number of the run of rows it stands in. Where only the lines of a page are known
    and no rows, this is one line, its cells the parts between wide gaps, and `lefts` where each part begins,
    in widths of a full-width character.
    """

    cells: tuple[str, ...]
    at: Position
    group: int
    merged: tuple[tuple[int, str], ...] = ()
    lefts: tuple[float, ...] = ()

    def filled(self) -> tuple[str, ...]:
        """Return the cells with merged ones filled in."""
        cells = list(self.cells)
        for column, text in self.merged:
            if column < len(cells) and not cells[column]:
                cells[column] = text
        return tuple(cells)


@dataclass(frozen=True, slots=True)
class Blank:
    """A line without text."""

    at: Position


@dataclass(frozen=True, slots=True)
class Ruler:
    """A line that only draws something, such as a row of dashes."""

    at: Position


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that is no part of what the document says: `why` is ``page head``, ``page number`` and so on."""

    at: Position
    why: str


Block = Paragraph | TableRow | Blank | Ruler | Skipped


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source line stands in the file itself, as a person would look it up.

    All numbers count from 1: the page of a PDF, the row of a worksheet, the table of a document and the row
    in it, the paragraph of a Word document or web page.
    """

    page: int | None = None
    sheet: str | None = None
    table: int | None = None
    row: int | None = None
    paragraph: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the known parts only."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    def next(self) -> Place:
        """Return the place of the line after this one: the next row or paragraph, or the same page."""
        return Place(
            self.page,
            self.sheet,
            self.table,
            None if self.row is None else self.row + 1,
            None if self.paragraph is None else self.paragraph + 1,
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader of a format has to say of a file it could read: a hidden sheet, a page without text."""

    rule: str
    message: Text
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Blocks:
    """A document as blocks, with its source lines as text for showing where something came from.

    `places` gives the place of each source line in the file; it is empty where lines are the file's own.
    """

    file: str
    format: str
    blocks: Sequence[Block]
    source_lines: Sequence[str] = field(repr=False)
    places: Sequence[Place | None] = field(default=(), repr=False)
    notices: Sequence[Notice] = ()


def runs_of(places: Sequence[Place | None]) -> list[dict[str, Any]]:
    """Return places in short: one entry for each run of lines on one page, or of rows or paragraphs in order.

    Each entry holds ``lines`` (first and last, counted from 1) and the place of its first line.
    """
    runs: list[dict[str, Any]] = []
    expected: Place | None = None
    for number, place in enumerate(places, start=1):
        if place is not None and place == expected:
            runs[-1]["lines"][1] = number
        elif place is not None:
            runs.append({"lines": [number, number], **place.as_dict()})
        expected = place.next() if place is not None else None
    return runs
