"""Tables of single pages put together to tables of the document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bishui.documents.readers.grid import Cell, closed
from bishui.documents.readers.pdf.lines import cell_text
from bishui.documents.readers.pdf.page import Glyph
from bishui.documents.readers.pdf.rulings import RuledGrid
from bishui.documents.text import squeeze

_SAME_PLACE = 4.0
"""Points by which a column's line may move from page to page."""

_MOST_HEAD_ROWS = 3
_NEARLY_ALWAYS = 0.8
_NUMBER = re.compile(r"[（(]?\d{1,4}[）)]?[.．、]?")
_ANY = re.compile(r".+", re.DOTALL)
_FINISHED = re.compile(r"[。！？；]\s*$")


@dataclass(slots=True)
class PlacedCell:
    """A cell on its page: from which to which line, its text, and how many rows it covers."""

    left: float
    right: float
    text: str
    rows: int


@dataclass(slots=True)
class TablePart:
    """What stands of a table on one page; a row holds its own cells, and None for one that covers it."""

    page: int
    top: float
    bottom: float
    xs: tuple[float, ...]
    rows: list[list[PlacedCell]] = field(default_factory=list)


@dataclass(slots=True)
class WholeRow:
    """A row of a table with its cells on the table's columns; `repeated` marks a head that is said again.

    `covers` gives, by column, how many rows the cell that begins here covers, where it is more than one.
    """

    page: int
    cells: list[Cell]
    repeated: bool = False
    joined: bool = False
    covers: dict[int, int] = field(default_factory=dict)


def table_part(grid: RuledGrid, glyphs: Sequence[Glyph], page: int) -> TablePart:
    """Put the characters of a page into the cells of a table.

    A row is a strip between two lines; a cell that covers several is in the first of them.
    """
    inside: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        around = grid.cell_at(*glyph.middle)
        if around is not None:
            inside.setdefault(around, []).append(glyph)
    part = TablePart(page, grid.ys[0], grid.ys[-1], grid.xs, [[] for _ in grid.ys[1:]])
    for index, cell in enumerate(grid.cells):
        placed = PlacedCell(
            grid.xs[cell.left],
            grid.xs[cell.right + 1],
            cell_text(inside.get(index, ()), grid.xs[cell.left], grid.xs[cell.right + 1]),
            cell.bottom - cell.top + 1,
        )
        part.rows[cell.top].append(placed)
    return part


def continues(part: TablePart, following: TablePart) -> bool:
    """Tell whether a table at the top of a page goes on with the one that ends the page before."""
    few, many = sorted((part.xs, following.xs), key=len)
    return len(few) >= 2 and all(any(abs(x - other) <= _SAME_PLACE for other in many) for x in few)


def whole_table(parts: Sequence[TablePart]) -> list[WholeRow]:
    """Return the rows of a table that may go over several pages.

    Heads repeated on a page are marked, a row broken over two pages is put together (its second half stays as
    a row marked `joined`, so that its line is accounted for), and a merged cell goes on on the next page.
    """
    xs = max((part.xs for part in parts), key=len)
    rows = [_laid_out(part, xs) for part in parts]
    whole = rows[0]
    _mark_heads(whole[:1], whole[1:])
    for following in rows[1:]:
        _mark_heads(whole[:_MOST_HEAD_ROWS], following)
        rest = [row for row in following if not row.repeated]
        if rest and _is_second_half(whole, rest[0]):
            _join(whole, rest[0])
            rest[0].joined = True
        elif rest:
            _carry(whole, rest)
        whole = whole + following
    return whole


def _laid_out(part: TablePart, xs: tuple[float, ...]) -> list[WholeRow]:
    """Return the rows of a part on the columns of the whole table."""
    open_cells: dict[int, tuple[int, str]] = {}
    rows: list[WholeRow] = []
    for placed in part.rows:
        cells = [Cell("") for _ in xs[1:]]
        covers: dict[int, int] = {}
        for column, (left, text) in list(open_cells.items()):
            cells[column] = Cell("", text)
            open_cells[column] = (left - 1, text)
            if left == 1:
                del open_cells[column]
        for cell in placed:
            column = min(range(len(xs) - 1), key=lambda index: abs(xs[index] - cell.left))
            cells[column] = Cell(cell.text)
            if cell.rows > 1:
                covers[column] = cell.rows
                open_cells[column] = (cell.rows - 1, cell.text)
        if placed or any(cell.from_above for cell in cells):
            rows.append(WholeRow(part.page, cells, covers=covers))
    return rows


def _mark_heads(head: Sequence[WholeRow], rows: Sequence[WholeRow]) -> None:
    """Mark the rows that say the table's head again, at the top of a page or in the middle of one."""
    said = [_said(row) for row in head]
    expected = 0
    for row in rows:
        here = _said(row)
        if here != (said[expected] if expected < len(said) else None):
            expected = 0
        if expected < len(said) and here == said[expected] and any(here):
            row.repeated = True
            expected += 1


def _said(row: WholeRow) -> list[str]:
    return [squeeze(cell.text or cell.from_above) for cell in row.cells]


def _plain_rows(rows: Sequence[WholeRow]) -> list[WholeRow]:
    plain = [row for row in rows if not row.repeated and not row.joined]
    return [row for row in plain if sum(bool(cell.text) for cell in row.cells) > 1]


def _is_second_half(whole: Sequence[WholeRow], row: WholeRow) -> bool:
    """Tell whether a page's first row goes on with the last row of the page before.

    In a numbered table it does when it has no number. Otherwise its first cell must be blank, and the
    sentence in the row before unfinished, or a cell behind it blank that hardly any row leaves blank.
    """
    plain = _plain_rows(whole)
    last = next((each for each in reversed(whole) if not each.repeated and not each.joined), None)
    if len(plain) < 2 or plain[-1] is not last or row.cells[0].text or not any(c.text for c in row.cells):
        return False
    if any(cell.from_above for cell in row.cells):
        return False
    if _share(plain, 0, _NUMBER) >= _NEARLY_ALWAYS:
        return True
    texts = [[each.cells[column].text for each in plain] for column in range(len(row.cells))]
    # The column of sentences: most of its cells end like one; of equal ones the one with more text.
    weights = [(sum(map(bool, map(_FINISHED.search, each))), sum(map(len, each))) for each in texts]
    sentences = weights.index(max(weights))
    if not row.cells[sentences].text or not _FINISHED.search(last.cells[sentences].text):
        return True
    return any(
        last.cells[column].text
        and not row.cells[column].text
        and _share(plain, column, _ANY) >= _NEARLY_ALWAYS
        for column in range(sentences + 1, len(row.cells))
    )


def _share(rows: Sequence[WholeRow], column: int, form: re.Pattern[str]) -> float:
    return sum(bool(form.fullmatch(row.cells[column].text)) for row in rows) / len(rows)


def _join(whole: list[WholeRow], row: WholeRow) -> None:
    last = next(each for each in reversed(whole) if not each.repeated and not each.joined)
    last.cells = [
        Cell(closed((*first.text.split("\n"), *second.text.split("\n"))), first.from_above)
        for first, second in zip(last.cells, row.cells, strict=True)
    ]


def _carry(whole: Sequence[WholeRow], rest: Sequence[WholeRow]) -> None:
    """Let a merged cell that ends a page go on with the blank cell that begins the next.

    A cell of the last row is merged when it covers rows above too, or the blank one covers several below.
    """
    last = next((each for each in reversed(whole) if not each.repeated and not each.joined), None)
    if last is None or not any(cell.text for cell in rest[0].cells):
        return
    for column, cell in enumerate(last.cells):
        below = rest[0].covers.get(column, 1)
        text = cell.from_above or (cell.text if below > 1 else "")
        if text and not rest[0].cells[column].text:
            for row in rest[:below]:
                row.cells[column] = Cell("", text)
