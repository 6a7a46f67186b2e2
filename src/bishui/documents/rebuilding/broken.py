"""One broken table: its lines cleared of what pages left there, divided into rows, the rows read twice.

The first reading goes by the grammar of the columns alone; it shows how wide the columns are and who stands
in them, and the second reading uses that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bishui.documents.headings import heading_level
from bishui.documents.rebuilding.fragments import Fragment, joined, lines_of
from bishui.documents.rebuilding.habits import bare, habits_of
from bishui.documents.rebuilding.heads import Head, numbers_at_breaks, page_marks, repeated_heads
from bishui.documents.rebuilding.laid_out import read_laid_out
from bishui.documents.rebuilding.numbers import running_numbers
from bishui.documents.rebuilding.rows import Reading, RowReader
from bishui.documents.rulebook import rules

_DEEPEST_SECTION = 2
# So many rows show the habits of a table well enough.
_SHOWN = 24


@dataclass(frozen=True, slots=True)
class RebuiltRow:
    """A row put together: its cells as text, and its source lines."""

    cells: tuple[str, ...]
    lines: tuple[int, int]


@dataclass(slots=True)
class RebuiltTable:
    """What became of the lines of a broken table.

    `head` and `rows` as text; `heads_repeated`, `page_marks` what pages left; `others` what stays as it was:
    section rows and what could not be placed.
    """

    head: Head
    rows: list[RebuiltRow] = field(default_factory=list)
    heads_repeated: list[Fragment] = field(default_factory=list)
    page_marks: list[Fragment] = field(default_factory=list)
    others: list[Fragment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The fragments of one row (behind its number), or of several where rows are not numbered."""

    number: Fragment | None
    fragments: tuple[Fragment, ...]


def rebuild(head: Head, fragments: Sequence[Fragment], titles: frozenset[str]) -> RebuiltTable | None:
    """Put a table together again.

    Parameters
    ----------
    head
        Its head.
    fragments
        What stands below the head, to the end of the table.
    titles
        Lines that a page may repeat: the titles of the document and of the table, without spaces.

    Returns
    -------
    The table, or None where no row can be made out.
    """
    table = RebuiltTable(head)
    rest, table.page_marks = page_marks(fragments, titles)
    rest, table.heads_repeated = repeated_heads(rest, head)
    if head.laid_out:
        rest = _without_head_lines(rest, table)
        for part in _between_sections(rest, table):
            for reading in read_laid_out(head, part) or _nothing_read(table, part):
                _add_row(table, None, reading)
        return table if _is_table(table) else None
    breaks = [line for each in (*table.page_marks, *table.heads_repeated) for line in (each.first, each.last)]
    stretches = _stretches(numbers_at_breaks(rest, breaks), table)
    readings = _read_twice(head, stretches)
    for number, reading in readings:
        _add_row(table, number, reading)
    return table if _is_table(table) else None


def _is_table(table: RebuiltTable) -> bool:
    """Tell whether most rows are filled as rows of such a table are; prose that names the heads is not."""
    needed = {"content"} if "content" in table.head.roles else set()
    sound = sum(
        needed <= {role for role, cell in zip(table.head.roles, row.cells, strict=True) if cell}
        and sum(bool(cell) for cell in row.cells[1 if table.head.numbered else 0 :]) > 1
        for row in table.rows
    )
    return bool(table.rows) and 2 * sound >= len(table.rows)


def _without_head_lines(fragments: Sequence[Fragment], table: RebuiltTable) -> list[Fragment]:
    """Take out lines that say a line of the head again at its place: the rest of a head on a new page."""
    heads = [{(each.bare, round(each.left)) for each in line} for line in lines_of(table.head.fragments)]
    kept: list[Fragment] = []
    for line in lines_of(fragments):
        is_head = {(each.bare, round(each.left)) for each in line} in heads
        (table.heads_repeated if is_head else kept).extend(line)
    return kept


def _nothing_read(table: RebuiltTable, fragments: Sequence[Fragment]) -> list[Reading]:
    _set_aside(table, fragments)
    return []


def _stretches(fragments: Sequence[Fragment], table: RebuiltTable) -> list[_Stretch]:
    """Divide the fragments into stretches; section rows and what precedes the first row are set aside."""
    if not table.head.numbered:
        return [_Stretch(None, part) for part in _between_sections(fragments, table)]
    begins = running_numbers(fragments, RowReader(table.head.roles, 1))
    if not begins:
        return []
    _set_aside(table, fragments[: begins[0]])
    stretches: list[_Stretch] = []
    for begin, end in pairwise([*begins, len(fragments)]):
        kept, aside = without_sections(fragments[begin + 1 : end])
        _set_aside(table, aside)
        stretches.append(_Stretch(fragments[begin], tuple(kept)))
    return stretches


def _set_aside(table: RebuiltTable, fragments: Sequence[Fragment]) -> None:
    for each in fragments:
        if each.remnant in {"page", "head"}:
            table.heads_repeated.append(each)
        elif each.remnant == "number":
            table.page_marks.append(each)
        else:
            table.others.append(each)


def without_sections(fragments: Sequence[Fragment]) -> tuple[list[Fragment], list[Fragment]]:
    """Cut section rows off the end of a row's fragments, with what a page left between or behind them."""
    lines = lines_of(fragments)
    cut = len(lines)
    for index in range(len(lines) - 1, -1, -1):
        if is_section(lines[index]):
            cut = index
        elif not lines[index][0].remnant:
            break
    flat = [each for line in lines[:cut] for each in line]
    return flat, [each for line in lines[cut:] for each in line]


def is_section(line: Sequence[Fragment]) -> bool:
    """Tell whether a line is the heading of a section: numbered 一、 or （一）, and no sentence."""
    text = bare(line)
    level = heading_level(text)
    longest = int(rules("document")["headings"]["longest"])
    return level is not None and level <= _DEEPEST_SECTION and len(text) <= longest and "。" not in text


def _between_sections(fragments: Sequence[Fragment], table: RebuiltTable) -> list[tuple[Fragment, ...]]:
    parts: list[list[Fragment]] = [[]]
    for line in lines_of(fragments):
        if is_section(line):
            _set_aside(table, line)
            parts.append([])
        else:
            parts[-1].extend(line)
    return [tuple(part) for part in parts if part]


def _read_twice(head: Head, stretches: Sequence[_Stretch]) -> list[tuple[Fragment | None, Reading]]:
    first = RowReader(head.roles, 1 if head.numbered else 0)
    shown = _read(first, stretches[:_SHOWN])
    habits = habits_of([reading.cells for _, reading in shown], head.roles)
    if not habits.filled:
        return _read(first, stretches)
    return _read(RowReader(head.roles, first.first, habits), stretches)


def _read(reader: RowReader, stretches: Sequence[_Stretch]) -> list[tuple[Fragment | None, Reading]]:
    readings: list[tuple[Fragment | None, Reading]] = []
    for stretch in stretches:
        if stretch.number is not None:
            readings.append((stretch.number, reader.read(stretch.fragments)))
        else:
            readings.extend((None, reading) for reading in reader.read_several(stretch.fragments))
    return readings


def _add_row(table: RebuiltTable, number: Fragment | None, reading: Reading) -> None:
    cells = (((number,),) if number else ()) + reading.cells[1 if number else 0 :]
    used = [each for cell in cells for each in cell]
    lines = (min(each.first for each in used), max(each.last for each in used))
    table.rows.append(RebuiltRow(tuple(joined(cell) for cell in cells), lines))
    _set_aside(table, reading.left_out)
