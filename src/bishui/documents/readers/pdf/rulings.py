"""Ruled lines put together to the grids of tables, and the cells that the lines leave."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bishui.documents.readers.pdf.page import Ruling

_SNAP = 2.5
"""Points between lines that are one: double lines, and corners that do not quite meet."""

_LEAST_CELL = 4.0
"""Points: a row or column that is narrower is the gap of a double line."""

_MOST_LINES = 1_500
"""Lines of a page after putting pieces together; a page with more is a drawing."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell: its rows and columns, first and last, in the lines of its grid."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class RuledGrid:
    """A table's lines: `xs` from left to right, `ys` from top to bottom, and its cells."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[GridCell, ...]

    def cell_at(self, x: float, y: float) -> int | None:
        """Return the position in `cells` of the one around a point, or None outside the table."""
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        if not (0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1):
            return None
        return next(
            (
                index
                for index, cell in enumerate(self.cells)
                if cell.left <= column <= cell.right and cell.top <= row <= cell.bottom
            ),
            None,
        )


def grids_of(rulings: Iterable[Ruling]) -> list[RuledGrid]:
    """Return the tables that the ruled lines of a page draw, from the top down.

    A box around a paragraph, with no line inside it, is no table.
    """
    lines = _whole_lines(rulings)
    if len(lines) > _MOST_LINES:
        return []
    grids = [grid for group in _connected(lines) if (grid := _grid(group)) is not None]
    return sorted(grids, key=lambda grid: grid.ys[0])


def _whole_lines(rulings: Iterable[Ruling]) -> list[Ruling]:
    """Put pieces of one line together."""
    lines: list[Ruling] = []
    for horizontal in (True, False):
        chosen = [each for each in rulings if each.horizontal is horizontal]
        levels = _levels(each.at for each in chosen)
        by_level: dict[float, list[Ruling]] = {}
        for each in chosen:
            by_level.setdefault(_nearest(levels, each.at), []).append(each)
        for level, pieces in by_level.items():
            lines.extend(_joined(horizontal, level, pieces))
    return lines


def _joined(horizontal: bool, level: float, pieces: list[Ruling]) -> list[Ruling]:
    spans: list[list[float]] = []
    for piece in sorted(pieces, key=lambda each: each.begin):
        if spans and piece.begin <= spans[-1][1] + _SNAP:
            spans[-1][1] = max(spans[-1][1], piece.end)
        else:
            spans.append([piece.begin, piece.end])
    return [Ruling(horizontal, level, begin, end) for begin, end in spans]


def _levels(values: Iterable[float]) -> list[float]:
    """Return the places at which lines stand, those close together as one."""
    levels: list[list[float]] = []
    for value in sorted(values):
        if levels and value - levels[-1][-1] <= _SNAP:
            levels[-1].append(value)
        else:
            levels.append([value])
    return [sum(each) / len(each) for each in levels]


def _nearest(levels: Sequence[float], value: float) -> float:
    index = bisect_right(levels, value)
    return min(levels[max(0, index - 1) : index + 1], key=lambda level: abs(level - value))


def _connected(lines: list[Ruling]) -> list[list[Ruling]]:
    """Return the lines in groups that touch one another."""
    across = [each for each in lines if each.horizontal]
    down = [each for each in lines if not each.horizontal]
    parent = {id(each): id(each) for each in lines}

    def root(key: int) -> int:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for flat in across:
        for upright in down:
            if (
                flat.begin - _SNAP <= upright.at <= flat.end + _SNAP
                and upright.begin - _SNAP <= flat.at <= upright.end + _SNAP
            ):
                parent[root(id(flat))] = root(id(upright))
    groups: dict[int, list[Ruling]] = {}
    for each in lines:
        groups.setdefault(root(id(each)), []).append(each)
    return list(groups.values())


def _grid(lines: list[Ruling]) -> RuledGrid | None:
    across = [each for each in lines if each.horizontal]
    down = [each for each in lines if not each.horizontal]
    if not across or not down:
        return None
    xs = _with_ends(sorted({each.at for each in down}), across)
    ys = _with_ends(sorted({each.at for each in across}), down)
    if len(xs) < 3 and len(ys) < 3:
        return None
    return RuledGrid(tuple(xs), tuple(ys), tuple(_cells(xs, ys, across, down)))


def _with_ends(levels: list[float], crossing: list[Ruling]) -> list[float]:
    """Add the sides that are not drawn: tables open at the sides, or broken off at the end of a page."""
    first, last = min(each.begin for each in crossing), max(each.end for each in crossing)
    if first < levels[0] - _LEAST_CELL:
        levels = [first, *levels]
    if last > levels[-1] + _LEAST_CELL:
        levels = [*levels, last]
    return [
        level for index, level in enumerate(levels) if not index or level - levels[index - 1] > _LEAST_CELL
    ]


def _cells(xs: list[float], ys: list[float], across: list[Ruling], down: list[Ruling]) -> list[GridCell]:
    """Return the cells: fields of the grid with no line between them are one."""
    rows, columns = len(ys) - 1, len(xs) - 1
    parent = list(range(rows * columns))

    def root(field: int) -> int:
        while parent[field] != field:
            parent[field] = parent[parent[field]]
            field = parent[field]
        return field

    flat, upright = _by_level(across, ys), _by_level(down, xs)
    for row in range(rows):
        for column in range(columns):
            field = row * columns + column
            middle_x, middle_y = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
            if column + 1 < columns and not _crosses(upright.get(column + 1), middle_y):
                parent[root(field + 1)] = root(field)
            if row + 1 < rows and not _crosses(flat.get(row + 1), middle_x):
                parent[root(field + columns)] = root(field)
    members: dict[int, list[int]] = {}
    for field in range(rows * columns):
        members.setdefault(root(field), []).append(field)
    return [
        GridCell(
            min(field // columns for field in fields),
            min(field % columns for field in fields),
            max(field // columns for field in fields),
            max(field % columns for field in fields),
        )
        for fields in members.values()
    ]


def _by_level(lines: list[Ruling], levels: list[float]) -> dict[int, list[Ruling]]:
    found: dict[int, list[Ruling]] = {}
    for each in lines:
        index = min(range(len(levels)), key=lambda number: abs(levels[number] - each.at))
        found.setdefault(index, []).append(each)
    return found


def _crosses(lines: list[Ruling] | None, place: float) -> bool:
    return any(each.begin <= place <= each.end for each in lines or ())
