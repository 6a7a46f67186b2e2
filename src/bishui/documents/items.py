"""Numbered items in a text: （一）…（二）… or 1.…2.…, each at the beginning of a paragraph or sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from bishui.documents.layout import Passage
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import Compact, number_of


@dataclass(frozen=True, slots=True)
class Label:
    """The numbering an item begins with: its kind (the place in ``boxes.toml``), its number, its span."""

    kind: int
    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """An item as a span of the text of its passage, and the label before its title, if it has one."""

    label: str
    title: str
    text: str
    lines: tuple[int, int]


def label_of(text: str) -> Label | None:
    """Return the numbering that a text begins with, or None."""
    return _label(Compact.of(text).text, 0)


def _label(compact: str, begin: int, kinds: tuple[int, ...] | None = None) -> Label | None:
    for kind, entry in enumerate(rules("boxes")["items"]["labels"]):
        hit = pattern(entry["pattern"]).match(compact, begin)
        if hit and (kinds is None or kind in kinds):
            return Label(kind, number_of(hit["number"]), hit.start(), hit.end())
    return None


def items_of(passage: Passage) -> list[Item]:
    """Return the items of a passage in order; where nothing is numbered, each of its paragraphs is one.

    Only numbers that follow on each other count, so that a numbering inside an item does not divide it.
    """
    return _Items(passage).all()


class _Items:
    """Divides one passage."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._compact = Compact.of(passage.text)
        self._starts = sorted({self._index(offset) for offset, _ in passage.pieces})

    def all(self) -> list[Item]:
        end = len(self._compact.text)
        labels = list(self._sequence())
        if not labels:
            begins = [start for start in self._starts if start < end]
            labels = [Label(0, 0, begin, begin) for begin in begins]
        ends = [label.start for label in labels[1:]] + [end]
        return [self._item(label, until) for label, until in zip(labels, ends, strict=True)]

    def _index(self, offset: int) -> int:
        """Return where the character at an offset of the passage stands in the compact text."""
        return bisect_left(self._compact.places, offset)

    def _sequence(self) -> Iterator[Label]:
        """Give the labels of the outermost numbering: 1, 2, 3 … of the kind that the first of them has."""
        text, before = self._compact.text, rules("boxes")["items"]["before"]
        expected, kinds = 1, None
        for place in range(len(text)):
            in_front = place in self._starts
            if not in_front and (kinds is None or text[place - 1] not in before):
                continue
            label = _label(text, place, kinds)
            if label and label.number == expected:
                expected, kinds = expected + 1, (label.kind,)
                yield label

    def _item(self, label: Label, end: int) -> Item:
        """Return the item that a label begins; text in front of the first label belongs to the first item."""
        rule, compact = rules("boxes")["items"], self._compact
        begin = 0 if label.number == 1 else label.start
        stop = pattern(rule["title_end"]).search(compact.text, label.end, end)
        next_paragraph = next((start for start in self._starts if start > label.end), end)
        title_end = min(stop.start() if stop else end, next_paragraph)
        short = title_end - label.end <= rule["longest_title"]
        return Item(
            label=compact.original(label.start, label.end),
            title=compact.original(label.end, title_end).strip() if short else "",
            text=compact.original(begin, end).strip(),
            lines=(self._line(begin), self._line(max(begin, end - 1))),
        )

    def _line(self, index: int) -> int:
        return self._passage.line_at(self._compact.place(index))
