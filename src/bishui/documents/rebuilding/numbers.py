"""Where the rows of a numbered table begin: the running numbers among all that begin a line."""

from __future__ import annotations

from collections.abc import Sequence

from bishui.documents.rebuilding.fragments import Fragment
from bishui.documents.rebuilding.rows import RowReader
from bishui.documents.rulebook import pattern, rules

# What a row counts, and what a number left out or a late start costs.
_ROW, _MISSING, _LATEST = 10, 3, 3
_LONGEST_ROW = 200


def running_numbers(fragments: Sequence[Fragment], reader: RowReader) -> list[int]:
    """Return the places of the running numbers.

    They count up. A number in a text may look like the next one; where there are several ways to count, the
    rows between the numbers decide which reads best.
    """
    number = pattern(rules("rebuilding")["number"]["pattern"])
    places = [
        index for index, each in enumerate(fragments) if each.begins_line and number.fullmatch(each.bare)
    ]
    values = [int(fragments[place].bare.rstrip(".．、")) for place in places]
    ways = _ways_to_count(values)
    if len({values[index] for index in ways}) == len(ways):
        return [places[index] for index in ways]
    chosen = _best_read(ways, values, places, fragments, reader)
    return [places[index] for index in chosen]


def _step(before: int, after: int) -> int:
    return _ROW - _MISSING * (after - before - 1)


def _ways_to_count(values: Sequence[int]) -> list[int]:
    """Return the indexes of all numbers that stand in one of the longest ways to count up."""
    ahead = [_ROW - _MISSING * min(value - 1, _LATEST) for value in values]
    behind = [0] * len(values)
    for index, value in enumerate(values):
        for other in range(index):
            if values[other] < value:
                ahead[index] = max(ahead[index], ahead[other] + _step(values[other], value))
    for index in range(len(values) - 1, -1, -1):
        for other in range(index + 1, len(values)):
            if values[index] < values[other]:
                behind[index] = max(behind[index], behind[other] + _step(values[index], values[other]))
    whole = max((a + b for a, b in zip(ahead, behind, strict=True)), default=0)
    return [index for index in range(len(values)) if ahead[index] + behind[index] == whole]


def _best_read(
    ways: Sequence[int],
    values: Sequence[int],
    places: Sequence[int],
    fragments: Sequence[Fragment],
    reader: RowReader,
) -> list[int]:
    """Return the way to count between whose numbers the rows read best."""
    layers = [
        [index for index in ways if values[index] == value]
        for value in sorted({values[index] for index in ways})
    ]
    best: dict[int, tuple[float, list[int]]] = {index: (0.0, [index]) for index in layers[0]}
    for layer in layers[1:]:
        best = {
            index: max(
                (
                    (value + _worth(fragments, places[before], places[index], reader), [*chain, index])
                    for before, (value, chain) in best.items()
                    if before < index
                ),
                default=(float("-inf"), [index]),
            )
            for index in layer
        }
    ends = (
        (v + _worth(fragments, places[i], len(fragments), reader), chain) for i, (v, chain) in best.items()
    )
    return max(ends)[1]


def _worth(fragments: Sequence[Fragment], number: int, end: int, reader: RowReader) -> float:
    """Return how well the fragments behind a number read as its row; what is too long for a row is none."""
    if end - number > _LONGEST_ROW:
        return -1000.0
    return reader.read(fragments[number + 1 : end]).value
