"""A bulletin as a document: its blocks in order, each figure and cell with the mark of what it opens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bishui.assessment import Period
from bishui.bulletins.told import FIGURE, Figure, Sheet, Told
from bishui.reports import (
    Account,
    Attachment,
    Block,
    Cell,
    Column,
    Heading,
    Inline,
    Note,
    Paragraph,
    Reference,
    Span,
    Table,
    appended,
    counted,
    sources,
)

#: What stands under the accounts on paper.
_ACCOUNTS_NOTE = (
    "正文、表格中的数字按所在行与本表对应；办法的版本、设置和各项目的限值、条款见“依据”各行，"
    "各断面逐项的均值、限值、条款和数据个数见断面（点位）逐项结果。"
)
_PLACE = re.compile(r"\{([a-z_0-9.]+|table:[a-z_0-9]+)\}")
#: What the mark of a paragraph begins with that a person wrote.
PART = "part:"


@dataclass(frozen=True, slots=True)
class Paper:
    """The form of a bulletin that is kept beside its figures and rows, so that no later rule changes it.

    Attributes
    ----------
    blocks, annexes
        As in `Told`.
    sheets
        Keys of the tables that stand in workbooks only.
    tables
        Each table without its rows: ``caption``, ``sheet``, ``columns``, ``note``, ``empty``.
    """

    blocks: Sequence[Mapping[str, Any]]
    annexes: Sequence[Mapping[str, str]]
    tables: Mapping[str, Mapping[str, Any]]
    sheets: Sequence[str] = ()

    @classmethod
    def of(cls, told: Told) -> Paper:
        """Return the form of what is told."""
        return cls(
            tuple(told.blocks),
            tuple(told.annexes),
            {key: _form(sheet) for key, sheet in told.tables.items()},
            tuple(told.sheets),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "blocks": list(self.blocks),
            "annexes": list(self.annexes),
            "tables": dict(self.tables),
            "sheets": list(self.sheets),
        }


def _form(sheet: Sheet) -> dict[str, Any]:
    columns = [
        {"head": entry.head, "width": entry.width, "numeric": entry.numeric} for entry in sheet.columns
    ]
    return {
        "caption": sheet.caption,
        "sheet": sheet.sheet,
        "columns": columns,
        "note": sheet.note,
        "empty": sheet.empty,
    }


@dataclass(frozen=True, slots=True)
class Content:
    """What is put into a paper: texts of figures, rows of tables (text, number, ref), written parts."""

    figures: Mapping[str, str]
    rows: Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Told) -> Content:
        """Return the figures and rows of what is told."""
        return cls({key: figure.text for key, figure in told.figures.items()}, rows_of(told))


def rows_of(told: Told) -> dict[str, list[list[dict[str, Any]]]]:
    """Return the rows of each table in the form that is kept."""
    return {
        key: [
            [
                {
                    "text": cell.text,
                    "number": None if cell.number is None else str(cell.number),
                    "url": cell.ref,
                }
                for cell in row
            ]
            for row in sheet.rows
        ]
        for key, sheet in told.tables.items()
    }


@dataclass(frozen=True, slots=True)
class Bound:
    """A bulletin put together for every kind of file.

    Attributes
    ----------
    blocks, attachments
        The body, and what follows it.
    accounts
        What stands behind each figure.
    further
        Tables that no printed page has: what the marks of sections lead to.
    """

    blocks: tuple[Block, ...]
    attachments: tuple[Attachment, ...]
    accounts: tuple[Account, ...]
    further: tuple[Table, ...]

    @property
    def appendix(self) -> tuple[Table, ...]:
        """What figures and sections lead to in a Word file."""
        return (appended(self.accounts, _ACCOUNTS_NOTE), *self.further)

    @property
    def sheets(self) -> tuple[Table, ...]:
        """What figures and sections lead to in a workbook."""
        return (sources(self.accounts), counted(self.accounts), *self.further)


def bound(paper: Paper, content: Content, accounts: Iterable[Account]) -> Bound:
    """Put a bulletin together: every figure in it leads to its account, in every kind of file."""
    blocks, attachments = laid_out(paper, content)
    return Bound(blocks, attachments, tuple(accounts), further(paper, content))


def source_of(figure: Figure, period: Period) -> str:
    """Return where a figure comes from, in words: the rule, and the period that it was applied to."""
    return f"{figure.basis}；时段 {period.label}"


def accounts_of(told: Told, period: Period, as_of: date) -> tuple[Account, ...]:
    """Return what stands behind each figure of what is told."""
    return tuple(
        Account(
            mark=f"{FIGURE}{key}",
            label=figure.label,
            text=figure.text,
            source=source_of(figure, period),
            as_of=as_of.isoformat(),
            things=tuple(Span(entry.text, entry.ref) for entry in figure.behind),
            number=Decimal(figure.value) if figure.value == figure.text and figure.value else None,
        )
        for key, figure in told.figures.items()
    )


def laid_out(paper: Paper, content: Content) -> tuple[tuple[Block, ...], tuple[Attachment, ...]]:
    """Return the blocks of the body and the attachments of a bulletin."""
    body = tuple(block for entry in paper.blocks for block in _block(entry, paper, content))
    annexes = tuple(
        Attachment(entry["title"], (_table(entry["table"], paper, content),)) for entry in paper.annexes
    )
    return body, annexes


def further(paper: Paper, content: Content) -> tuple[Table, ...]:
    """Return the tables of a bulletin that stand in workbooks only."""
    return tuple(_table(key, paper, content) for key in paper.sheets)


def _block(entry: Mapping[str, Any], paper: Paper, content: Content) -> Iterator[Block]:
    if "part" in entry:
        yield from _part(entry, content)
    elif "heading" in entry:
        yield Heading(entry["level"], entry["heading"])
    elif "text" in entry:
        yield Paragraph(tuple(_inline(entry["text"], paper, content)))
    elif "note" in entry:
        yield Note(entry["note"])
    else:
        yield _table(entry["table"], paper, content)


def _part(entry: Mapping[str, Any], content: Content) -> Iterator[Block]:
    """Yield what a person wrote under its heading; nothing where nobody did."""
    lines = content.parts.get(entry["part"], ())
    if lines:
        yield Heading(entry["level"], entry["heading"])
    for line in lines:
        yield Paragraph((Span(line, f"{PART}{entry['part']}"),))


def _inline(template: str, paper: Paper, content: Content) -> Iterator[Inline]:
    """Yield the pieces of a text; braces that name nothing (of a site's name) are words like others."""
    at = 0
    for match in _PLACE.finditer(template):
        name = match[1]
        if match.start() > at:
            yield Span(template[at : match.start()])
        if name.removeprefix("table:") in paper.tables:
            yield Reference(name)
        elif name in content.figures:
            yield Span(content.figures[name], f"{FIGURE}{name}")
        else:
            yield Span(match[0])
        at = match.end()
    if at < len(template):
        yield Span(template[at:])


def _table(key: str, paper: Paper, content: Content) -> Table:
    form = paper.tables[key]
    columns = tuple(Column(entry["head"], entry["width"], entry["numeric"]) for entry in form["columns"])
    rows = tuple(
        tuple(
            Cell(entry["text"], Decimal(entry["number"]) if entry["number"] else None, entry["url"])
            for entry in row
        )
        for row in content.rows[key]
    )
    return Table(f"table:{key}", form["caption"], columns, rows, form["sheet"], form["note"], form["empty"])
