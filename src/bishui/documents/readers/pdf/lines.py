"""Characters put together to lines, lines to paragraphs; heads and feet of pages told apart from the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bishui.documents.readers.grid import closed
from bishui.documents.readers.pdf.page import Glyph
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import join_wrapped

_SAME_LINE = 0.5
"""Share of the size by which baselines of one line may differ: sub- and superscripts."""

_WORD_GAP = 0.22
_COLUMN_GAP = 1.6
"""Shares of the size: a gap between Latin words, and one that may set columns apart."""

_LOOSE_GAP = 0.5
"""Share of the size: a gap wider than justified text has between Chinese characters."""

_NEAR, _FEWEST_ROWS, _MOST_BETWEEN, _HEAD_LINES, _TAIL = 4, 4, 40, 12, 20
"""Lines: looked at for parts below one another, of a table without ruled lines, between two that show it,
of a head above the first and of a row below the last of them."""

_LEAST_INSET, _MOST_INSET = 2.0, 6.0
"""Points between a ruled line and the text of a cell."""

_ROOM_FOR_ONE, _SHORT_OF_EDGE, _STRETCHED = 0.9, 0.15, 0.1
"""Shares of the size that a line leaves free."""

_LATIN_WIDTH = 0.55
_RAGGED = 0.6
"""Shares of the size: the width of a Latin letter, and by how much a line may miss the edge of the text."""

_MARGIN = 0.12
"""Share of the page's height in which heads and feet stand."""

_PAGE_NUMBER = re.compile(
    r"[-—–·•\s]*(?:第|共|[Pp]age)?\s*\d{1,4}\s*(?:页|/\s*\d{1,4})?"
    r"(?:[，,]?\s*共\s*\d+\s*页)?[-—–·•\s]*"
)
_LEAST_TEXT = 0.8
"""Share of the room between equal margins that lines of text fill at least."""

_CHANGING = re.compile(r"第?\s*\d+\s*页|\d+\s*/\s*\d+|\s")
_LATIN = re.compile(r"[A-Za-z0-9.%]")
_TOKEN = re.compile(r"[A-Za-z0-9.,%/+\-]+|.")
_FINISHED = re.compile(r"[。：；！？]$")
_NUMBERED = re.compile(
    r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．](?!\d)|第[一二三四五六七八九十]{1,3}[章节条]"
)
_NEVER_FIRST = "，。、；：！？）》”’】〉…%％"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a page. `segments` are its parts between wide gaps, each with its left end."""

    page: int
    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    segments: tuple[tuple[float, str], ...]


def lines_of(glyphs: Iterable[Glyph], page: int) -> list[Line]:
    """Return the lines that characters form, from the top down."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda each: (each.baseline, each.left)):
        if rows and _on_line(rows[-1], glyph):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [_line(sorted(row, key=lambda each: each.left), page) for row in rows]


def _on_line(row: list[Glyph], glyph: Glyph) -> bool:
    size = max(row[-1].size, glyph.size)
    return glyph.baseline - row[0].baseline <= _SAME_LINE * size * 0.9


def _line(glyphs: list[Glyph], page: int) -> Line:
    segments: list[tuple[float, str]] = []
    text = ""
    before: Glyph | None = None
    for glyph in glyphs:
        gap = glyph.left - before.right if before else 0.0
        width = min(glyph.size, before.size) if before else glyph.size
        if before is None or gap > _COLUMN_GAP * width:
            segments.append((glyph.left, glyph.text))
            text += (" " if before else "") + glyph.text
        else:
            spaced = gap > _WORD_GAP * width and _LATIN.match(text[-1]) and _LATIN.match(glyph.text)
            text += (" " if spaced else "") + glyph.text
            # A gap that no justified text has may part two columns: its width is kept in spaces.
            spaces = round(gap / (0.5 * width)) if gap > _LOOSE_GAP * width else int(bool(spaced))
            segments[-1] = (segments[-1][0], segments[-1][1] + " " * spaces + glyph.text)
        before = glyph
    size = Counter(round(each.size, 1) for each in glyphs).most_common(1)[0][0]
    return Line(
        page,
        text,
        glyphs[0].left,
        max(each.right for each in glyphs),
        min(each.baseline - each.size for each in glyphs),
        max(each.baseline for each in glyphs),
        size,
        tuple(segments),
    )


def cell_text(glyphs: Iterable[Glyph], left: float, right: float) -> str:
    """Return the text of a cell; its lines are put together without losing or inventing a character.

    Parameters
    ----------
    glyphs
        The characters in the cell.
    left, right
        Its sides. A line that left room for what begins the next one was ended on purpose.
    """
    lines = lines_of(glyphs, 0)
    if len(lines) < 2:
        return lines[0].text if lines else ""
    inset = min(max(min(line.left for line in lines) - left, _LEAST_INSET), _MOST_INSET)
    room = right - left - 2 * inset
    names = _names(lines, room)
    if names:
        return closed(names)
    parts = [lines[0].text]
    for line, following in pairwise(lines):
        if line.right - line.left + _beginning(following.text) * line.size < room:
            parts.append(following.text)
        else:
            parts[-1] = join_wrapped(parts[-1], following.text)
    return closed(parts)


def _names(lines: Sequence[Line], room: float) -> list[str]:
    """Return the names of a cell that lists one body after the other, each from a new line; else nothing.

    A line may end a name when nearly a character would have fitted after it, or when it ends short of the
    edge that other lines of the same cell were stretched to.
    """
    body = pattern(rules("units")["list"]["body"])
    if all(body.fullmatch(line.text) for line in lines):
        return [line.text for line in lines]
    left_over = [room - (line.right - line.left) for line in lines]
    stretched = any(rest < _STRETCHED * line.size for rest, line in zip(left_over, lines, strict=True))
    short = _SHORT_OF_EDGE if stretched else _ROOM_FOR_ONE
    names = [""]
    for line, rest in zip(lines, left_over, strict=True):
        names[-1] += line.text
        if body.fullmatch(names[-1]) and rest >= short * line.size:
            names.append("")
    whole = names[:-1] if not names[-1] else names
    return whole if len(whole) > 1 and all(body.fullmatch(name) for name in whole) else []


def _beginning(text: str) -> float:
    """Return the width of what cannot be parted at the beginning of a line, in sizes of its type."""
    token = _TOKEN.match(text)
    first = len(token.group()) if token else 1
    width = _LATIN_WIDTH * first if first > 1 else 1.0
    return width + sum(1 for character in text[first : first + 2] if character in _NEVER_FIRST)


def marks_of(pages: Sequence[tuple[float, Sequence[Line]]]) -> dict[int, str]:
    """Return which lines are no text, by their identity, and what they are.

    Parameters
    ----------
    pages
        The height and the lines outside tables of each page.

    Returns
    -------
    dict
        ``id(line)`` to ``page head``, ``page foot`` or ``page number``: a number alone at the edge of a page,
        or a line that stands at one height on several pages with nothing but the page's number changing.
    """
    counts = Counter(key for height, lines in pages for key in {_key(line, height) for line in lines})
    often = max(2, min(3, len(pages)))
    marks: dict[int, str] = {}
    for height, lines in pages:
        for line in lines:
            at_top, at_bottom = line.bottom < _MARGIN * height, line.top > (1 - _MARGIN) * height
            if not (at_top or at_bottom):
                continue
            if _PAGE_NUMBER.fullmatch(line.text):
                marks[id(line)] = "page number"
            elif counts[_key(line, height)] >= often:
                marks[id(line)] = "page head" if at_top else "page foot"
    return marks


def _key(line: Line, height: float) -> tuple[str, int]:
    return _CHANGING.sub("", line.text), round(line.bottom / height * 80)


@dataclass(frozen=True, slots=True)
class Measure:
    """The edges between which text runs: a line that ends before the right one ends its paragraph."""

    left: float
    right: float

    @classmethod
    def of(cls, lines: Sequence[Line], tables: Sequence[tuple[float, float]], width: float) -> Measure:
        """Return the edges of lines on pages of one width: the usual left end, the longest few's right.

        Tables as wide as the text, given by their sides, tell where its edges are when lines are short; so
        does the page, whose margins are nearly alike and never wider than a fifth of the text.
        """
        if not lines:
            return cls(0.0, width)
        rights = sorted(line.right for line in lines)
        lefts = Counter(round(line.left) for line in lines)
        most = max(lefts.values())
        left: float = min(left for left, count in lefts.items() if count * 2 >= most)
        right = max(rights[-1 - len(rights) // 20], left + _LEAST_TEXT * (width - 2 * left))
        for side, other in tables:
            if side <= left + lines[0].size and other >= right - lines[0].size:
                left, right = min(left, side), max(right, other)
        return cls(left, right)


def goes_on(line: Line, following: Line, measure: Measure) -> bool:
    """Tell whether `following` continues the paragraph of `line`.

    A line was broken by the edge of the page when the next word would not have fitted; a paragraph's first
    line is set in by two characters (GB/T 9704-2012, 7.3.3), a larger or smaller type begins another one.
    """
    size = line.size
    if abs(line.size - following.size) > 0.15 * size:
        return False
    if following.left > measure.left + 1.4 * size:
        return False
    if _FINISHED.search(line.text) and _NUMBERED.match(following.text):
        return False
    if following.page == line.page and following.bottom - line.bottom > 2.6 * size:
        return False
    return measure.right - line.right < (_beginning(following.text) + _RAGGED) * size


def put_together(lines: Sequence[Line]) -> str:
    """Return the text of the lines of one paragraph."""
    text = ""
    for line in lines:
        text = join_wrapped(text, line.text)
    return text


def unruled_rows(lines: Sequence[Line]) -> list[bool]:
    """Tell for each line whether it stands in a table without ruled lines.

    Such lines have wide gaps, and their parts begin below one another; two in a row make a table, and lines
    with a single part between them belong to it when that part begins where a column does.
    """
    in_table = [False] * len(lines)
    for index, line in enumerate(lines):
        # Lines of cells that stand at the middle of a row fall between those of its other cells.
        for other in range(index + 1, min(index + 1 + _NEAR, len(lines))):
            most = max(len(line.segments), len(lines[other].segments))
            if most >= 3 and _shared(line, lines[other]) >= 2:
                in_table[index] = in_table[other] = True
    return _filled(in_table)


def _filled(in_table: Sequence[bool]) -> list[bool]:
    """Return the flags with the lines between those that show a table, and its head's above the first.

    Cells of several lines leave lines with a single part; they belong to the table like those around them.
    """
    shown = [index for index, flag in enumerate(in_table) if flag]
    runs: list[list[int]] = []
    for index in shown:
        if runs and index - runs[-1][-1] <= _MOST_BETWEEN:
            runs[-1].append(index)
        else:
            runs.append([index])
    filled = list(in_table)
    for run in runs:
        if len(run) >= _FEWEST_ROWS:
            begin, end = max(0, run[0] - _HEAD_LINES), min(len(filled), run[-1] + _TAIL)
            filled[begin:end] = [True] * (end - begin)
    return filled


def _shared(line: Line, other: Line) -> int:
    """Return how many parts of two lines begin at the same place."""
    return sum(
        any(abs(left - right) <= 0.8 * line.size for right, _ in other.segments) for left, _ in line.segments
    )


def tabbed(line: Line) -> Line:
    """Return the line with its parts set apart by tabs."""
    return replace(line, text="\t".join(text for _, text in line.segments))
