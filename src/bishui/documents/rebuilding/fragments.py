"""The lines of a broken table as fragments: the smallest pieces at which a cell may begin or end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bishui.documents.blocks import Paragraph, TableRow
from bishui.documents.text import join_wrapped, squeeze

_WIDE_GAP = 2
_PART = re.compile(r"\S+")
_LATIN = re.compile(r"[A-Za-z0-9.,%()/+\-]")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a line without white space inside.

    `gap` is the white space before it on its line; `paragraph` the running number of its line among those of
    the table, `first` and `last` the source lines; `opens_page` tells that its line is the first of a page.
    `bare` is the text as it is compared. `left` is where it begins on its line and `width` what it takes
    there, in full-width characters. `remnant` is not empty where it may be no part of a cell but left by a
    page: ``page`` (a head's rest at the top of a page), ``head`` (one elsewhere) or ``number`` (of a page).
    """

    text: str
    gap: str
    paragraph: int
    first: int
    last: int
    begins_line: bool
    opens_page: bool
    bare: str
    left: float
    width: float
    remnant: str = ""

    @property
    def right(self) -> float:
        """Return where it ends on its line."""
        return self.left + self.width

    @property
    def begins_part(self) -> bool:
        """Tell whether it begins a part of its line: behind a gap too wide to be one between words."""
        return self.begins_line or len(self.gap) >= _WIDE_GAP


Line = Paragraph | TableRow


def text_of(line: Line) -> str:
    """Return a line as running text."""
    return " ".join(line.cells) if isinstance(line, TableRow) else line.text


def fragments_of(lines: Sequence[Line], source_lines: Sequence[str]) -> list[Fragment]:
    """Return the fragments of some lines in order.

    A line that begins with white space, where lines otherwise do not, is how exports begin a page.
    """
    return [
        fragment
        for number, line in enumerate(lines)
        for fragment in _fragments(line, number, source_lines[line.at.first - 1])
    ]


def _fragments(line: Line, number: int, source: str) -> Iterator[Fragment]:
    parts = line.cells if isinstance(line, TableRow) else (line.text,)
    lefts = line.lefts or (width(source[: len(source) - len(source.lstrip())]),)
    begins_line = True
    for text, begins_at in zip(parts, lefts, strict=True):
        end, left = 0, begins_at
        for hit in _PART.finditer(text):
            gap = text[end : hit.start()] if end or begins_line else " " * _WIDE_GAP
            yield Fragment(
                text=hit.group(),
                gap=gap,
                paragraph=number,
                first=line.at.first,
                last=line.at.last,
                begins_line=begins_line,
                opens_page=source[:1].isspace(),
                bare=squeeze(hit.group()),
                left=left + width(text[end : hit.start()]),
                width=width(hit.group()),
            )
            left += width(text[end : hit.end()])
            end, begins_line = hit.end(), False


def lines_of(fragments: Iterable[Fragment]) -> list[list[Fragment]]:
    """Return the fragments line by line."""
    return [list(line) for _, line in groupby(fragments, key=lambda each: each.paragraph)]


def marked(fragments: Iterable[Fragment], remnant: str) -> list[Fragment]:
    """Return the fragments as ones that may have been left by a page."""
    return [replace(each, remnant=remnant) for each in fragments]


def joined(fragments: Sequence[Fragment]) -> str:
    """Put a cell together: gaps inside a line stay as written, lines are joined without any."""
    text = ""
    for line in lines_of(fragments):
        written = "".join(each.gap + each.text for each in line).strip()
        text = join_wrapped(text, written) if text else written
    return text


def width(text: str) -> float:
    """Return the width of a text in full-width characters."""
    return sum(1.0 if unicodedata.east_asian_width(each) in "WFA" else 0.5 for each in text)


def is_narrow(character: str) -> bool:
    """Tell whether a character is a digit, a Latin letter or a mark that stands with them."""
    return bool(_LATIN.match(character))
