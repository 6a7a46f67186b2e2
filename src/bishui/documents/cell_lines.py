"""Tables of a text export on their grid: one cell per line, or rows that have more cells than their head.

A cell begins with a tab and goes on over lines without one; a blank line ends a row. The head tells how many
columns there are; where rows have more cells than the head, one of its columns is divided in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bishui.documents.blocks import Block, Blocks, Position, TableRow
from bishui.documents.columns import plain_head
from bishui.documents.list_columns import is_indicator_head
from bishui.documents.rulebook import rules
from bishui.documents.text import clean_cell, join_wrapped, squeeze

_CELL = re.compile(r"\t(?:[^\t]*[^\t\s][^\t]*\t*)?[ \u3000]*")
_FEWEST_COLUMNS = 3
_LONGEST_HEAD = 14
_LONGEST_GAP = 3


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines without a blank one between them, read as the cells of one row; none where they are no cells."""

    first: int
    last: int
    cells: tuple[str, ...]


def with_rows_rebuilt(document: Blocks) -> Blocks:
    """Return a document with its tables on their grid; formats that know tables are left alone.

    Tables of one cell per line become rows; in tables of indicators, whose head may stand over two columns,
    the rows get the cells that the export left out.
    """
    if document.format != "text":
        return document
    rows: dict[int, TableRow] = {}
    number = 1 + max((block.group for block in document.blocks if isinstance(block, TableRow)), default=0)
    for table in _tables(list(_groups(document.source_lines))):
        number += 1
        laid_out = _laid_out([group.cells for group in table])
        for group, cells in zip(table, laid_out, strict=True):
            rows[group.first] = TableRow(cells, Position(group.first, group.last), number)
    for run in _runs(document.blocks):
        for row, cells in zip(run, _laid_out([row.cells for row in run]), strict=True):
            rows[row.at.first] = replace(row, cells=cells)
    return replace(document, blocks=tuple(_replaced(document.blocks, rows))) if rows else document


def _runs(blocks: Sequence[Block]) -> Iterator[list[TableRow]]:
    """Give the tables of indicators that stand one row a line and have rows with more cells than the head."""
    rows = [block for block in blocks if isinstance(block, TableRow)]
    for _, group in groupby(rows, key=lambda row: row.group):
        run = list(group)
        width = len(run[0].cells)
        if is_indicator_head(run[0].cells) and width < max(len(row.cells) for row in run) <= width + 2:
            yield run


def _replaced(blocks: Sequence[Block], rows: dict[int, TableRow]) -> Iterator[Block]:
    until = 0
    for block in blocks:
        if block.at.first in rows:
            yield rows[block.at.first]
            until = rows[block.at.first].at.last
        elif block.at.first > until:
            yield block


def _groups(lines: Sequence[str]) -> Iterator[_Group]:
    cells: list[str] = []
    first, sound = 0, True
    for number, line in enumerate((*lines, ""), start=1):
        if line.strip(" \u3000\u00a0\ufeff"):
            first = first or number
            if _CELL.fullmatch(line):
                cells.append(clean_cell(line))
            elif line.startswith("\t") or "\t" in line.strip() or not cells:
                sound = False
            else:
                cells[-1] = join_wrapped(cells[-1], clean_cell(line))
        elif first:
            yield _Group(first, number - 1, tuple(cells) if sound else ())
            cells, first, sound = [], 0, True


def _tables(groups: list[_Group]) -> Iterator[list[_Group]]:
    """Give the groups of each table: a head, and what follows without another kind of text between."""
    index = 0
    while index < len(groups):
        end = index + 1
        if _is_head(groups[index]):
            while end < len(groups) and _goes_on(groups[index], groups[end - 1], groups[end]):
                end += 1
            while end > index and len(groups[end - 1].cells) == 1:
                end -= 1  # a text alone names the rows below it; without any it stands behind the table
            if end - index > 1:
                yield groups[index:end]
        index = end


def _is_head(group: _Group) -> bool:
    return len(group.cells) >= _FEWEST_COLUMNS and all(
        0 < len(squeeze(cell)) <= _LONGEST_HEAD and not squeeze(cell).isdigit() for cell in group.cells
    )


def _goes_on(head: _Group, before: _Group, group: _Group) -> bool:
    near = group.first - before.last <= _LONGEST_GAP
    return near and 0 < len(group.cells) <= len(head.cells) + 2


def _laid_out(table: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Give the rows on one grid, the head first."""
    columns = len(table[0])
    width = max(map(len, table))
    divided = _divided_column(table) + 1
    for cells in table:
        left_out = [""] * (width - len(cells))
        at = divided if len(cells) >= columns else len(cells)
        yield (*cells[:at], *left_out, *cells[at:])


def _divided_column(table: Sequence[tuple[str, ...]]) -> int:
    """Return which column of the head is divided: that of the indicators, else that with the most text."""
    words = rules("indicators")["columns"]["indicator"]
    named = [column for column, head in enumerate(table[0]) if plain_head(head) in words]
    if named:
        return named[0]
    plain = [row for row in table[1:] if len(row) == len(table[0])]
    lengths = [sum(len(row[column]) for row in plain) for column in range(len(table[0]))]
    return lengths.index(max(lengths))
