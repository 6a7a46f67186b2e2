"""What every reader of a format gives: paragraphs and table rows in reading order, each with its place.

This is the seam between formats and meaning: below it nothing knows what a plan is, above it nothing knows
what a text file or a Word document is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


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
    """A paragraph. `stray_cell` marks one that looks like a table cell torn out of its row."""

    text: str
    at: Position
    stray_cell: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table.

    `cells` hold what is written in this row, "" where a cell is merged with the one above or left of it.
    `merged` gives, by column, the text that a merged cell takes from above, where the format knows of it.
    `group` is the running number of the run of rows it stands in.
    """

    cells: tuple[str, ...]
    at: Position
    group: int
    merged: tuple[tuple[int, str], ...] = ()

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


Block = Paragraph | TableRow | Blank | Ruler


@dataclass(frozen=True, slots=True)
class Blocks:
    """A document as blocks, with its source lines as text for showing where something came from."""

    file: str
    format: str
    blocks: Sequence[Block]
    source_lines: Sequence[str] = field(repr=False)
