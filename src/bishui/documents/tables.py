"""Runs of table rows put together: heads, repeated heads, rows broken over lines, section rows, notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bishui.documents.blocks import Paragraph, Position, TableRow
from bishui.documents.columns import Columns, has_sequence_head, joined_heads, repeats_above, task_columns
from bishui.documents.coverage import Coverage
from bishui.documents.headings import heading_level, parse_heading
from bishui.documents.layout import Part, is_note
from bishui.documents.list_columns import lists_no_tasks
from bishui.documents.text import join_wrapped, squeeze

_LONGEST_BREAK = 60
_LONGEST_TAIL = 30
_ROWS_AHEAD = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A row of data, as wide as the head: cells as written, cells filled by merging, and its source lines."""

    cells: tuple[str, ...]
    filled: tuple[str, ...]
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A row or a paragraph inside a task table that is a heading."""

    text: str
    at: Position


@dataclass(slots=True)
class RawTable:
    """A table with its head found; `tasks` are its columns when it is a list of tasks.

    `above` are the headings of the body it stands under, each with its level.
    """

    annex: str
    name: str
    header: tuple[str, ...]
    tasks: Columns | None
    head_line: int
    head_end: int
    head_rows: tuple[tuple[str, ...], ...] = ()
    above: tuple[tuple[int, str], ...] = ()
    rows: list[Row | SectionRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def data(self) -> list[Row]:
        """Return the rows without section rows."""
        return [row for row in self.rows if isinstance(row, Row)]


def tables_of(part: Part, coverage: Coverage) -> list[RawTable]:
    """Return the tables that stand in a part of the document."""
    assembler = _Assembler(part, coverage)
    index = 0
    while index < len(part.items):
        index = assembler.take(index)
    tables = [table for table in assembler.tables if table.rows or table.annex or table.tasks is not None]
    for table in tables:
        lines = (table.head_line, table.head_end)
        coverage.mark_rows(lines, " ".join(filter(None, ["table", table.annex, "head"])))
    return tables


class _Assembler:
    def __init__(self, part: Part, coverage: Coverage) -> None:
        self._part = part
        self._items = part.items
        self._coverage = coverage
        self.tables: list[RawTable] = []
        self._before: list[SectionRow] = []
        self._group = -1
        self._last_line = 0

    def take(self, index: int) -> int:
        """Take the item at `index` and what belongs to it; return the index of the next one."""
        item = self._items[index]
        if isinstance(item, Paragraph):
            self._paragraph(item, index)
            return index + 1
        if self._begins_table(item):
            return self._open(item, index)
        table = self.tables[-1]
        self._group = item.group
        if _is_head(item, table):
            self._coverage.mark(item.at, "ignored: repeated head")
            return index + 1
        alone = _alone(item)
        if alone and is_note(alone):
            self._note(table, alone, item.at)
            return index + 1
        if _is_section(item, table):
            self._section(next(cell for cell in item.cells if cell), item.at)
            return index + 1
        return self._row(item, index)

    def _begins_table(self, row: TableRow) -> bool:
        """Tell whether a row is the head of a new table: the first, or one that reads like another head."""
        if not self.tables:
            return True
        header = self.tables[-1].header
        if _is_head(row, self.tables[-1]):
            return False
        if task_columns(row.cells) is not None or (has_sequence_head(row.cells) and _count(row.cells) > 1):
            return True
        known_table = row.at.table is not None and row.group != self._group
        return known_table and len(row.cells) != len(header)

    def _open(self, row: TableRow, index: int) -> int:
        """Begin a table with its head, which may take two rows; return the index of the first row below."""
        header, heads = tuple(_trimmed(row.filled())), [row]
        below = self._items[index + 1] if index + 1 < len(self._items) else None
        if isinstance(below, TableRow) and below.group == row.group:
            whole = joined_heads(row.cells, below.cells)
            if whole is not None:
                header, heads = tuple(_trimmed(whole)), [row, below]
        following = index + len(heads)
        below_head = self._items[following : following + _ROWS_AHEAD]
        ahead = [item.cells for item in below_head if isinstance(item, TableRow)]
        table = RawTable(
            self._part.annex,
            self._part.name,
            header,
            None if lists_no_tasks(header) else task_columns(header, ahead),
            row.at.first,
            heads[-1].at.last,
            tuple(tuple(_trimmed(each.cells)) for each in heads),
            self._part.above,
        )
        if table.tasks is not None:
            table.rows.extend(self._headings_before())
        self.tables.append(table)
        self._group = row.group
        return following

    def _headings_before(self) -> list[Row | SectionRow]:
        """Take the headings that stand between the last row and a new table: they belong to the new one."""
        if not self.tables:
            return [*self._before]
        rows = self.tables[-1].rows
        begin = len(rows)
        while begin and isinstance(rows[begin - 1], SectionRow):
            begin -= 1
        taken = rows[begin:]
        del rows[begin:]
        return taken

    def _row(self, item: TableRow, index: int) -> int:
        table = self.tables[-1]
        cells, last, following = self._whole(item, index, len(table.header))
        filled = self._said_again(TableRow(cells, item.at, item.group, item.merged).filled())
        table.rows.append(Row(cells, filled, (item.at.first, last)))
        self._last_line = last
        return following

    def _said_again(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        """Return cells with what stands above in the place of 同上 and the like."""
        above = next((row.filled for row in reversed(self.tables[-1].rows) if isinstance(row, Row)), ())
        return tuple(
            above[column] if column < len(above) and repeats_above(cell) else cell
            for column, cell in enumerate(cells)
        )

    def _whole(self, item: TableRow, index: int, width: int) -> tuple[tuple[str, ...], int, int]:
        """Return a row's cells with the parts on lines below put to them, its last line and the next item."""
        cells, last, following = list(item.cells), item.at.last, index + 1
        if len(cells) < width and item.at.table is None and item.at.sheet is None:
            parts, end = self._rest_of_row(index, width)
            if parts:
                for part in parts:
                    cells[-1] = join_wrapped(cells[-1], part[0])
                    cells.extend(part[1:])
                last, following = self._items[end - 1].at.last, end
        tail = self._rest_of_cell(following, last) if len(cells) == width else None
        if tail is not None:
            cells[-1] = join_wrapped(cells[-1], tail.text)
            last, following = tail.at.last, following + 1
        while len(cells) > width and not cells[-1]:
            cells.pop()
        cells.extend("" for _ in range(width - len(cells)))
        return tuple(cells), last, following

    def _rest_of_row(self, index: int, width: int) -> tuple[list[tuple[str, ...]], int]:
        """Return the parts that complete a broken row and the index after them; nothing when they do not."""
        parts: list[tuple[str, ...]] = []
        total, header = len(self._items[index].cells), self.tables[-1].header  # type: ignore[union-attr]
        for place in range(index + 1, min(index + 1 + _LONGEST_BREAK, len(self._items))):
            item = self._items[place]
            if isinstance(item, TableRow) and _same(item.cells, header):
                continue
            part = item.cells if isinstance(item, TableRow) else (item.text,)
            if _begins_row(part):
                break
            parts.append(part)
            total += len(part) - 1
            if total == width:
                self._mark_heads(index + 1, place)
                return parts, place + 1
            if total > width:
                break
        return [], index + 1

    def _mark_heads(self, begin: int, end: int) -> None:
        for item in self._items[begin:end]:
            if isinstance(item, TableRow) and _same(item.cells, self.tables[-1].header):
                self._coverage.mark(item.at, "ignored: repeated head")

    def _rest_of_cell(self, index: int, last: int) -> Paragraph | None:
        """Return the paragraph right under a row that goes on with its last cell."""
        if index >= len(self._items) or not isinstance(self._items[index], Paragraph):
            return None
        item = self._items[index]
        assert isinstance(item, Paragraph)
        follows = (
            item.at.first == last + 1
            and item.at.table is None
            and item.at.sheet is None
            and len(item.text) <= _LONGEST_TAIL
        )
        row_after = index + 1 < len(self._items) and isinstance(self._items[index + 1], TableRow)
        if (
            not follows
            or not row_after
            or heading_level(squeeze(item.text)) is not None
            or is_note(item.text)
        ):
            return None
        return item

    def _paragraph(self, item: Paragraph, index: int) -> None:
        if not self.tables:
            self._before_table(item, index)
        elif is_note(item.text):
            self._note(self.tables[-1], item.text, item.at)
        elif self.tables[-1].tasks is not None and parse_heading(item.text) and self._rows_follow(index):
            self._section(item.text, item.at)

    def _note(self, table: RawTable, text: str, at: Position) -> None:
        table.notes.append(text)
        self._coverage.mark(at, f"note {self._part.annex}".strip())

    def _before_table(self, item: Paragraph, index: int) -> None:
        if self._rows_follow(index) and len(squeeze(item.text)) <= _LONGEST_BREAK:
            self._coverage.mark(item.at, f"heading {self._part.annex}".strip())
            if self._part.name and parse_heading(item.text):
                self._before.append(SectionRow(item.text, item.at))
            self._part.name = self._part.name or item.text

    def _rows_follow(self, index: int) -> bool:
        return any(isinstance(item, TableRow) for item in self._items[index + 1 :])

    def _section(self, text: str, at: Position) -> None:
        self.tables[-1].rows.append(SectionRow(text, at))
        self._coverage.mark(at, "heading")


def _is_head(row: TableRow, table: RawTable) -> bool:
    """Tell whether a row says the head of a table again, or one of the two rows of it."""
    return _same(row.cells, table.header) or any(_same(row.cells, head) for head in table.head_rows)


def _same(cells: Sequence[str], header: Sequence[str]) -> bool:
    return [squeeze(cell) for cell in _trimmed(cells)] == [squeeze(cell) for cell in header]


def _trimmed(cells: Sequence[str]) -> list[str]:
    trimmed = list(cells)
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return trimmed


def _count(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell)


def _alone(row: TableRow) -> str:
    """Return the one text of a row that holds a single one, else nothing."""
    texts = [cell for cell in row.cells if cell]
    return texts[0] if len(texts) == 1 and not row.merged else ""


def _is_section(row: TableRow, table: RawTable) -> bool:
    """Tell whether a row of a task table is a heading: one text alone in it, before the content column."""
    if table.tasks is None:
        return False
    texts = {cell for cell in row.cells if cell}
    if len(texts) != 1 or row.merged:
        return False
    text = next(iter(texts))
    first = next(column for column, cell in enumerate(row.cells) if cell)
    return not text.isdigit() and (first < table.tasks["content"] or heading_level(squeeze(text)) is not None)


def _begins_row(cells: Sequence[str]) -> bool:
    """Tell whether cells begin a row of their own: a number alone in the first, a heading, or a note."""
    first = squeeze(cells[0])
    if first.isdigit() and len(cells) > 1:
        return True
    return heading_level(first) is not None or is_note(first)
