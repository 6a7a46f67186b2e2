"""What a table has shown of its columns: how wide they are, who stands in them, which are left blank."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bishui.documents.rebuilding.fragments import Fragment, lines_of
from bishui.documents.rebuilding.grammar import grammar_of, kind_of_name, names_of
from bishui.documents.rulebook import rules

# The width of a gap, in full-width characters.
GAP = 0.5

Cells = Sequence[Sequence[Fragment]]


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of a table's columns, by column; empty before a first reading has shown any.

    `widths`: full-width characters on a line that is full. `names`: how often each body was seen. `kinds`:
    the share of each kind of body. `filled`: the share of rows in which the column is not blank.
    """

    widths: Mapping[int, float] = field(default_factory=dict)
    names: Mapping[int, Counter[str]] = field(default_factory=dict)
    kinds: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    filled: Mapping[int, float] = field(default_factory=dict)


def habits_of(rows: Sequence[Cells], roles: Sequence[str]) -> Habits:
    """Return what rows, as read so far, show of the columns."""
    fewest = int(rules("rebuilding")["fewest"])
    widths: dict[int, float] = {}
    names: dict[int, Counter[str]] = {}
    kinds: dict[int, Mapping[str, float]] = {}
    filled: dict[int, float] = {}
    if len(rows) < fewest:
        return Habits()
    for column, role in enumerate(roles):
        cells = [row[column] for row in rows if row[column]]
        filled[column] = len(cells) / len(rows)
        full = full_width([line_widths(cell) for cell in cells])
        if full is not None:
            widths[column] = full
        if grammar_of(role) == "units":
            names[column] = Counter(name for cell in cells for name in names_of(bare(cell)))
            kinds[column] = _shares(names[column], fewest)
    return Habits(widths, names, kinds, filled)


def _shares(names: Counter[str], fewest: int) -> Mapping[str, float]:
    kinds: Counter[str] = Counter()
    for name, count in names.items():
        kinds[kind_of_name(name)] += count
    total = kinds.total()
    return {kind: count / total for kind, count in kinds.items()} if total >= fewest else {}


def full_width(cells: Sequence[Sequence[float]]) -> float | None:
    """Return the width that full lines have in most cells of several lines; None where no cell has several.

    The median of the cells' widest lines is not moved by single cells that were cut wrongly.
    """
    widest = sorted(max(lines) for lines in cells if len(lines) > 1)
    return widest[len(widest) // 2] if widest else None


def line_widths(cell: Sequence[Fragment]) -> list[float]:
    """Return the widths of the lines of a cell."""
    return [
        sum(each.width for each in line) + GAP * sum(1 for each in line[1:] if each.gap)
        for line in lines_of(cell)
    ]


def bare(cell: Sequence[Fragment]) -> str:
    """Return the text of a cell without white space."""
    return "".join(each.bare for each in cell)
