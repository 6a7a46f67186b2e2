"""Tables whose lines stand as on the page: columns by their place, rows by what makes their cells whole.

Each line holds a piece of several cells, so the columns are known from where the pieces stand. Where a row
ends is not: its number may stand at the middle of its height. Rows are cut so that their cells read best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from bishui.documents.rebuilding.fragments import Fragment, lines_of
from bishui.documents.rebuilding.grammar import grammar_of, score
from bishui.documents.rebuilding.habits import bare
from bishui.documents.rebuilding.heads import Head
from bishui.documents.rebuilding.rows import Cell, Reading
from bishui.documents.rulebook import pattern, rules

_MOST_LINES = 60
_STEPS = 2
_EDGE = 0.25

_Parts = tuple[tuple[Fragment, ...], ...]
_Stands = Callable[[int, int, int], float]


def cuts_between(head: Head, lines: Sequence[Sequence[Fragment]]) -> list[float]:
    """Return where one column ends and the next begins.

    Between the middles of two heads, the cut is where the fewest pieces of text stand in its way, in the
    middle of the widest such space.
    """
    middles = [
        (min(each.left for each in cell) + max(each.right for each in cell)) / 2 for cell in head.columns
    ]
    parts = [part for line in (*lines_of(head.fragments), *lines) for part in parts_of(line)]
    return [_cut(left, right, parts) for left, right in pairwise(middles)]


def _cut(left: float, right: float, parts: Sequence[Sequence[Fragment]]) -> float:
    count = int((right - left) * _STEPS)
    places = [left + (step + 0.5) / _STEPS for step in range(max(count, 1))]
    crossed = [
        sum(part[0].left + _EDGE < place < part[-1].right - _EDGE for part in parts) for place in places
    ]
    fewest = min(crossed)
    best: tuple[int, int] = (0, 0)
    begin = None
    for index, count in enumerate([*crossed, fewest + 1]):
        if count == fewest and begin is None:
            begin = index
        elif count != fewest and begin is not None:
            best = max(best, (index - begin, -begin))
            begin = None
    length, start = best[0], -best[1]
    return places[start + length // 2]


def parts_of(line: Sequence[Fragment]) -> list[list[Fragment]]:
    """Return the parts of a line between wide gaps."""
    parts: list[list[Fragment]] = []
    for each in line:
        if each.begins_part or not parts:
            parts.append([])
        parts[-1].append(each)
    return parts


def _by_column(line: Sequence[Fragment], cuts: Sequence[float]) -> _Parts:
    """Return the fragments of a line by column; a part over several columns is shared out at its gaps."""
    cells: list[list[Fragment]] = [[] for _ in range(len(cuts) + 1)]
    for part in parts_of(line):
        middle = (part[0].left + part[-1].right) / 2
        crosses = any(part[0].left + 1 < cut < part[-1].right - 1 for cut in cuts)
        for each in part:
            place = (each.left + each.right) / 2 if crosses else middle
            cells[sum(place > cut for cut in cuts)].append(each)
    return tuple(tuple(cell) for cell in cells)


def read_laid_out(head: Head, fragments: Sequence[Fragment]) -> list[Reading]:
    """Return the rows of fragments that stand between two section rows; [] where they make none."""
    lines = lines_of(fragments)
    if not lines:
        return []
    cuts = cuts_between(head, lines)
    cells = [_by_column(line, cuts) for line in lines]
    ways = [_rows(head, cells, stands) for stands in (_at_top, _in_middle)]
    return [_reading(cells[begin:end]) for begin, end in max(ways, key=lambda way: way[0])[1]]


def _reading(lines: Sequence[_Parts]) -> Reading:
    return Reading(tuple(_cell(lines, column) for column in range(len(lines[0]))), (), 0.0)


def _cell(lines: Sequence[_Parts], column: int) -> Cell:
    return tuple(each for line in lines for each in line[column])


def _at_top(first: int, last: int, height: int) -> float:
    """Return by how many lines a cell is off the top of its row."""
    return float(first)


def _in_middle(first: int, last: int, height: int) -> float:
    """Return by how many lines a cell is off the middle of its row; half a line is none."""
    return max(0.0, abs((first + last) / 2 - (height - 1) / 2) - 0.5)


def _rows(head: Head, lines: Sequence[_Parts], stands: _Stands) -> tuple[float, list[tuple[int, int]]]:
    """Return the rows as spans of lines, such that what they are worth together is the greatest, and that.

    `stands` tells how far off a cell of the given first and last line is in a row of the given height.
    """
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(lines) + 1):
        ways = [
            (best[begin][0] + _worth(head, lines[begin:end], stands), begin)
            for begin in range(max(0, end - _MOST_LINES), end)
            if best[begin][0] > float("-inf") and _may_be_row(head, lines[begin:end])
        ]
        best.append(max(ways, default=(float("-inf"), end - 1)))
    if best[-1][0] == float("-inf"):
        return best[-1][0], []
    return best[-1][0], list(_back(best))[::-1]


def _back(best: Sequence[tuple[float, int]]) -> Iterator[tuple[int, int]]:
    end = len(best) - 1
    while end:
        begin = best[end][1]
        yield begin, end
        end = begin


def _may_be_row(head: Head, lines: Sequence[_Parts]) -> bool:
    """Tell whether lines may be a row: in a numbered table there is just one number in them."""
    if not head.numbered:
        return True
    number = pattern(rules("rebuilding")["number"]["pattern"])
    cell = _cell(lines, 0)
    return len(cell) == 1 and bool(number.fullmatch(bare(cell)))


def _worth(head: Head, lines: Sequence[_Parts], stands: _Stands) -> float:
    """Return how well lines read as one row, and how well its cells stand in it."""
    blank, weight = rules("rebuilding")["blank"], rules("rebuilding")["weights"]
    value = 0.0
    for column in range(1 if head.numbered else 0, len(head.roles)):
        role = head.roles[column]
        text = bare(_cell(lines, column))
        value += score(grammar_of(role), text) if text else float(blank.get(role, blank["other"]))
    for column in range(len(head.roles)):
        filled = [index for index, line in enumerate(lines) if line[column]]
        if filled:
            value += max(weight["far_off"], weight["line_off"] * stands(filled[0], filled[-1], len(lines)))
    return value
