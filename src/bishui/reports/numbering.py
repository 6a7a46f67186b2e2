"""Numbers in the order in which things stand: headings, tables (表1), charts (图1), attachments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bishui.reports.document import Block, Document, Heading, Inline, Picture, Reference, Span, Table
from bishui.reports.layout import official


@dataclass(frozen=True, slots=True)
class Numbered:
    """A block with its number: ``一、`` of a heading, ``表1`` of a table, ``图1`` of a chart, else empty."""

    block: Block
    number: str


@dataclass(frozen=True, slots=True)
class NumberedAttachment:
    """An attachment with its head (``附件1``, or ``附件`` where there is one only)."""

    head: str
    title: str
    blocks: tuple[Numbered, ...]


@dataclass(frozen=True, slots=True)
class NumberedDocument:
    """A document's blocks with their numbers; `labels` gives the number of each labelled table and chart."""

    document: Document
    blocks: tuple[Numbered, ...]
    attachments: tuple[NumberedAttachment, ...]
    labels: Mapping[str, str]

    def text(self, parts: Iterable[Inline]) -> str:
        """Return what is printed for the pieces of a line."""
        return "".join(self.spans_text(part) for part in parts)

    def spans_text(self, part: Inline) -> str:
        """Return what is printed for one piece.

        Raises
        ------
        KeyError
            If it refers to a table or chart that the document does not hold.
        """
        return part.text if isinstance(part, Span) else self.labels[part.label]

    def tables(self) -> list[Numbered]:
        """Return every table of the body and the attachments, in order."""
        every = [*self.blocks, *(block for found in self.attachments for block in found.blocks)]
        return [entry for entry in every if isinstance(entry.block, Table)]

    def attachment_lines(self) -> list[str]:
        """Return the names of the attachments as the body lists them (附件说明)."""
        if len(self.attachments) == 1:
            return [self.attachments[0].title]
        return [f"{index}.{entry.title}" for index, entry in enumerate(self.attachments, start=1)]


class _Counter:
    """Counts while a document is walked through once."""

    def __init__(self) -> None:
        self._headings = [0, 0, 0, 0]
        self._tables = self._pictures = 0
        self.labels: dict[str, str] = {}

    def number(self, block: Block) -> Numbered:
        if isinstance(block, Heading):
            self._headings[block.level - 1] += 1
            self._headings[block.level :] = [0] * (4 - block.level)
            return Numbered(block, official().heading_number(block.level, self._headings[block.level - 1]))
        if isinstance(block, Table):
            self._tables += 1
            return self._labelled(block, block.label, f"表{self._tables}")
        if isinstance(block, Picture):
            self._pictures += 1
            return self._labelled(block, block.label, f"图{self._pictures}")
        return Numbered(block, "")

    def start_attachment(self) -> None:
        self._headings = [0, 0, 0, 0]

    def _labelled(self, block: Block, label: str, number: str) -> Numbered:
        if label in self.labels:
            raise ValueError(f"two tables or charts are labelled {label!r}")
        self.labels[label] = number
        return Numbered(block, number)


def numbered(document: Document) -> NumberedDocument:
    """Number a document.

    Raises
    ------
    ValueError
        If two tables or charts bear one label.
    """
    counter = _Counter()
    blocks = tuple(counter.number(block) for block in document.blocks)
    attachments = []
    for index, attachment in enumerate(document.attachments, start=1):
        counter.start_attachment()
        head = f"附件{index}" if len(document.attachments) > 1 else "附件"
        found = tuple(counter.number(block) for block in attachment.blocks)
        attachments.append(NumberedAttachment(head, attachment.title, found))
    return NumberedDocument(document, blocks, tuple(attachments), counter.labels)


def resolve(parts: Iterable[Inline], labels: Mapping[str, str]) -> list[Span]:
    """Return the pieces of a line with each reference as the number it stands for."""
    return [Span(labels[part.label]) if isinstance(part, Reference) else part for part in parts]
