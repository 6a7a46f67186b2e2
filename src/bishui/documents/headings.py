"""Headings by their numbering (GB/T 9704-2012: 一、（一）1.（1）; 第一章 in longer plans), and their path."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import Compact, squeeze

_SENTENCE = re.compile(r"[。；！？]")
_OUTERMOST = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its level, its text with the numbering, and where the text that runs on after it begins."""

    level: int
    text: str
    rest_begins: int | None = None


def parse_heading(text: str) -> Heading | None:
    """Return the heading that a paragraph is or begins with, or None."""
    compact = Compact.of(text)
    level = heading_level(compact.text)
    if level is None:
        return None
    rule = rules("document")["headings"]
    sentence = _SENTENCE.search(compact.text)
    if sentence is None:
        return Heading(level, text.strip()) if len(compact.text) <= rule["longest"] else None
    if sentence.start() > rule["longest_run_in"]:
        return None
    title = compact.original(0, sentence.start())
    if sentence.end() >= len(compact.text):
        return Heading(level, title)
    return Heading(level, title, compact.place(sentence.end()))


def heading_level(compact: str) -> int | None:
    """Return the level of the numbering that a text without spaces begins with, or None."""
    for entry in rules("document")["headings"]["levels"]:
        if pattern(entry["pattern"]).match(compact):
            return int(entry["level"])
    return _OUTERMOST if compact in rules("document")["headings"]["unnumbered"] else None


def numbering(text: str) -> tuple[str, str]:
    """Return the numbering a heading begins with, without the mark after it (第一章, 一), and its title."""
    title = without_numbering(text)
    number = squeeze(text.strip().removesuffix(title))
    return number.rstrip("、.．"), title


def without_numbering(text: str) -> str:
    """Return a heading without the numbering it begins with."""
    compact = Compact.of(text)
    for entry in rules("document")["headings"]["levels"]:
        hit = pattern(entry["pattern"]).match(compact.text)
        if hit:
            return compact.original(hit.end(), len(compact.text))
    return text.strip()


class HeadingPath:
    """The headings above the present place, the outermost first."""

    def __init__(self) -> None:
        self._stack: list[tuple[int, str]] = []

    def enter(self, level: int, text: str) -> None:
        """Go below a heading; headings of the same or a deeper level are left."""
        self._stack = [entry for entry in self._stack if entry[0] < level] + [(level, text)]

    def entries(self) -> tuple[tuple[int, str], ...]:
        """Return the headings above, each with its level."""
        return tuple(self._stack)

    def path(self) -> tuple[str, ...]:
        """Return the headings above."""
        return tuple(text for _, text in self._stack)
