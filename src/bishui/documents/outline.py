"""The outline of a document: its headings in order, with their level, numbering and title."""

from __future__ import annotations

from collections.abc import Sequence

from bishui.documents.draft import OutlineHeading
from bishui.documents.headings import numbering
from bishui.documents.text import close_gaps


def outline_of(headings: Sequence[tuple[int, str, int]]) -> tuple[OutlineHeading, ...]:
    """Return the outline from headings as (level of the numbering, text, source line).

    Levels are counted from 1 over those that occur: chapters and sections in a long plan, 一、 and （一）
    in a short one.
    """
    found = sorted({level for level, _, _ in headings})
    levels = {level: depth for depth, level in enumerate(found, start=1)}
    outline = []
    for level, text, line in headings:
        number, title = numbering(text)
        outline.append(OutlineHeading(levels[level], number, close_gaps(title), line))
    return tuple(outline)
