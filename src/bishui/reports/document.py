"""A document as its author thinks of it: headings, paragraphs, tables, charts, attachments, signature.

Nothing is numbered here; `bishui.reports.numbering` numbers it in the order in which it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bishui.reports.charts import Chart


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line.

    Attributes
    ----------
    text
        What is printed.
    ref
        A mark of the caller's own, which a page may turn into a link; paper does not show it. In a file it
        leads to the row of an appendix or a sheet whose first cell bears the same mark.
    """

    text: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A place where the number of a table or chart (表1, 图2) is printed; `label` names it."""

    label: str


Inline = Span | Reference


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 4 (一、（一）1.（1）), without its number."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body."""

    parts: tuple[Inline, ...]

    @classmethod
    def of(cls, text: str) -> Paragraph:
        """Return a paragraph of plain text."""
        return cls((Span(text),))


@dataclass(frozen=True, slots=True)
class Note:
    """A note (注) in small type under a table, a chart or a paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its share of the width and whether it holds numbers."""

    head: str
    width: float = 1
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what is printed, the number that a workbook calculates with, a mark as in `Span`."""

    text: str
    number: Decimal | int | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `label` is what a `Reference` names, `sheet` the short name of its sheet in a workbook.

    A table without rows prints `empty` instead: no data is never shown as nothing.
    """

    label: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sheet: str = ""
    note: str = ""
    empty: str = "无数据"

    def __post_init__(self) -> None:
        """Refuse a row of another length than the head."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.label}: a row has {len(row)} cells for {len(self.columns)} heads"
                )


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart (图) with its caption; `text` says in words what it shows, for those who cannot see it."""

    label: str
    caption: str
    chart: Chart
    text: str


Block = Heading | Paragraph | Note | Table | Picture


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment (附件), on pages of its own."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """An official document (公文).

    Attributes
    ----------
    title
        Its title; a line break where the author wants one.
    issuer, signed_on
        The signature (发文机关署名) and the date (成文日期); the date also stands in the file's properties.
    number
        Document number (发文字号), may be empty.
    recipient
        Addressee (主送机关) without its colon, may be empty.
    blocks, attachments
        The body and what follows it.
    appendix
        Tables that follow in a Word file on pages of their own, without being attachments: what the marks
        lead to. Printed pages do not have them.
    sheets
        Further tables, for the workbook only.
    red_head
        Whether the issuer stands in red at the head of the first page (红头).
    """

    title: str
    issuer: str
    signed_on: date
    blocks: tuple[Block, ...]
    attachments: tuple[Attachment, ...] = ()
    number: str = ""
    recipient: str = ""
    appendix: tuple[Table, ...] = ()
    sheets: tuple[Table, ...] = ()
    red_head: bool = False
    keywords: tuple[str, ...] = field(default=())

    @property
    def signed_text(self) -> str:
        """The date as it is printed: no leading noughts (GB/T 9704-2012, 7.3.5.4)."""
        return f"{self.signed_on.year}年{self.signed_on.month}月{self.signed_on.day}日"

    @property
    def plain_title(self) -> str:
        """The title on one line."""
        return self.title.replace("\n", "")
