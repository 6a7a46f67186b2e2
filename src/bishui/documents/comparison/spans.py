"""The pieces in which two versions of a text differ."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

from bishui.documents.comparison.result import Span

_SHORTEST_SAME = 2


def spans_of(before: str, after: str) -> tuple[Span, ...]:
    """Return the pieces of two texts in order: same, dropped, added.

    A single character that both share between two changes is part of the change: it is chance, not agreement.
    """
    pieces: list[tuple[str, str, str]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        first, second = before[i1:i2], after[j1:j2]
        inside = i1 > 0 and i2 < len(before)
        same = tag == "equal" and (len(first) >= _SHORTEST_SAME or not inside)
        if not same and pieces and pieces[-1][0] == "changed":
            pieces[-1] = ("changed", pieces[-1][1] + first, pieces[-1][2] + second)
        else:
            pieces.append(("same" if same else "changed", first, second))
    return tuple(_spans(pieces))


def _spans(pieces: list[tuple[str, str, str]]) -> Iterator[Span]:
    for kind, first, second in pieces:
        if kind == "same":
            yield Span("same", first)
            continue
        sides: tuple[tuple[Literal["dropped", "added"], str], ...] = (("dropped", first), ("added", second))
        yield from (Span(side, text) for side, text in sides if text)
