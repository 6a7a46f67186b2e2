"""Classes of waters (水质类别) as plans write them, and which of two is the stronger one."""

from __future__ import annotations

from bishui.documents.comparison.result import Verdict
from bishui.documents.text import squeeze
from bishui.standards import find_class


def rank(text: str) -> int | None:
    """Return the class, 1 to 6, that a wording names (Ⅱ类, 达到或好于Ⅲ类), or None."""
    plain = squeeze(text)
    whole = find_class(plain)
    if whole is not None:
        return whole
    for width in (4, 3, 2, 1):
        for begin in range(len(plain) - width + 1):
            mark = plain[begin : begin + width]
            if not mark.isdigit() and mark.isascii() | (width == 1) and find_class(mark) is not None:
                return find_class(mark)
    return None


def better_class(before: str, after: str) -> Verdict:
    """Return how the class asked for moved: a lower number is stronger; an unread wording is just changed."""
    ranks = (rank(before), rank(after))
    if ranks[0] == ranks[1] and (ranks[0] is not None or squeeze(before) == squeeze(after)):
        return "kept"
    if ranks[0] is None or ranks[1] is None:
        return "changed"
    return "strengthened" if ranks[1] < ranks[0] else "weakened"
