"""A document as a page (HTML): its blocks with links where marks lead, or a file that stands on its own.

The file has no link that leaves it, no script and no picture of another place: it can be put on a website or
kept for years as it is.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

from bishui.reports.accounts import Account, numbered_accounts
from bishui.reports.charts import draw_svg
from bishui.reports.document import Cell, Document, Heading, Note, Paragraph, Picture, Span, Table
from bishui.reports.numbering import Numbered, NumberedAttachment, NumberedDocument, numbered, resolve

_CHART_MM = 156.0
#: What a cell begins with: of a column of words, and of one of numbers.
_OPENINGS = ("<td>", '<td class="is-number">')
#: Where a mark leads: an address, or nothing.
Lead = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shortened:
    """How many rows of a long table are shown, and the line that says how many were left out."""

    rows: int
    said: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class _Page:
    """Where marks lead (empty = nowhere), how long tables are shown, the numbers of tables and charts."""

    lead: Lead
    shortened: Shortened | None
    labels: Mapping[str, str]


def to_body(document: Document, lead: Lead, shortened: Shortened | None = None) -> str:
    """Return title, body, signature and attachments of a document as HTML for a page of the caller's.

    Parameters
    ----------
    lead
        The address that a mark leads to; empty where it leads nowhere.
    shortened
        How long tables are shown; without it all rows stand.
    """
    found = numbered(document)
    page = _Page(lead, shortened, found.labels)
    parts = [*_head(document), *_blocks(found.blocks, page), *_foot(found)]
    return "\n".join([*parts, *(_attachment(entry, page) for entry in found.attachments)])


def to_html(
    document: Document, accounts: Sequence[Account] = (), further: Sequence[Table] = (), stamp: str = ""
) -> bytes:
    """Return a document as one HTML file: each figure leads to its account at the end, a cell to its row.

    Parameters
    ----------
    accounts
        What stands behind each figure.
    further
        Tables that follow, whose first cells are where their marks lead.
    stamp
        What the accounts rest on as a whole, in words.
    """
    places = _places(accounts, further)

    def lead(mark: str) -> str:
        return f"#{places[mark]}" if mark in places else ""

    page = _Page(lead, None, {})
    parts = [to_body(document, lead)]
    if accounts:
        parts.append(_accounts(accounts, stamp, page))
    parts += [_further(number, table, page) for number, table in enumerate(further, start=1)]
    title = escape(document.plain_title)
    return (
        '<!DOCTYPE html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_style()}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    ).encode()


def _style() -> str:
    return resources.files("bishui.reports").joinpath("data", "page.css").read_text(encoding="utf-8")


def _places(accounts: Sequence[Account], further: Sequence[Table]) -> dict[str, str]:
    """Return the place of each mark: of a figure its account, of others the first row that bears it."""
    found = {account.mark: f"figure-{number}" for number, account in numbered_accounts(accounts)}
    for number, table in enumerate(further, start=1):
        for row, cells in enumerate(table.rows, start=1):
            if cells[0].ref:
                found.setdefault(cells[0].ref, f"row-{number}-{row}")
    return found


def _head(document: Document) -> list[str]:
    title = "<br>".join(escape(line) for line in document.title.split("\n"))
    return [
        *([f'<p class="report-number">{escape(document.number)}</p>'] if document.number else []),
        f'<p class="report-title" role="heading" aria-level="2">{title}</p>',
        *([f"<p>{escape(document.recipient)}：</p>"] if document.recipient else []),
    ]


def _foot(found: NumberedDocument) -> list[str]:
    """Return the list of attachments and the signature."""
    lines = "<br>".join(escape(line) for line in found.attachment_lines())
    listed = f'<div class="report-attachments"><span>附件：</span><span>{lines}</span></div>'
    document = found.document
    signed = f"{escape(document.issuer)}<br>{document.signed_text}"
    return [*([listed] if lines else []), f'<p class="report-signature">{signed}</p>']


def _attachment(entry: NumberedAttachment, page: _Page) -> str:
    head = (
        f'<section class="report-attachment">\n<p class="report-heading-1">{entry.head}</p>\n'
        f'<p class="report-title" role="heading" aria-level="3">{escape(entry.title)}</p>'
    )
    return "\n".join([head, *_blocks(entry.blocks, page), "</section>"])


def _blocks(entries: Iterable[Numbered], page: _Page) -> list[str]:
    return [_block(entry, page) for entry in entries]


def _block(entry: Numbered, page: _Page) -> str:
    block = entry.block
    if isinstance(block, Heading):
        level = f'class="report-heading report-heading-{block.level}" role="heading"'
        return f'<p {level} aria-level="{block.level + 2}">{entry.number}{escape(block.text)}</p>'
    if isinstance(block, Paragraph):
        pieces = "".join(_piece(span, page) for span in resolve(block.parts, page.labels))
        return f'<p class="report-text">{pieces}</p>'
    if isinstance(block, Note):
        return _note(block.text)
    if isinstance(block, Table):
        return _table(block, f"{entry.number}  {block.caption}", page)
    return _picture(block, entry.number)


def _piece(span: Span, page: _Page) -> str:
    """Return a piece of a line; what kind of mark it bears (before the colon) names the class of its link."""
    if not span.ref:
        return escape(span.text)
    return _linked(span.text, page.lead(span.ref), f"report-{span.ref.partition(':')[0]}")


def _linked(text: str, address: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<a{named} href="{escape(address)}">{escape(text)}</a>' if address else escape(text)


def _note(text: str) -> str:
    return f'<p class="report-note">注：{escape(text)}</p>'


def _picture(picture: Picture, number: str) -> str:
    drawn = base64.b64encode(draw_svg(picture.chart, _CHART_MM)).decode()
    caption = escape(f"{number}  {picture.caption}")
    return (
        f'<figure class="report-picture"><div tabindex="0" role="region" aria-label="{caption}">'
        f'<img src="data:image/svg+xml;base64,{drawn}" alt="{escape(picture.text)}"></div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _table(table: Table, caption: str, page: _Page, places: Sequence[str] = ()) -> str:
    """Return a table with its caption and note; `places` are the names of its rows."""
    shown = table.rows[: page.shortened.rows] if page.shortened else table.rows
    rest = len(table.rows) - len(shown)
    heads = "".join(f'<th scope="col">{escape(column.head)}</th>' for column in table.columns)
    named = [f' id="{place}"' for place in places] or [""] * len(shown)
    rows = [f"<tr{name}>{_cells(row, table, page)}</tr>" for name, row in zip(named, shown, strict=True)] or [
        f'<tr><td colspan="{len(table.columns)}" class="report-empty">{escape(table.empty)}</td></tr>'
    ]
    name = f"<caption>{escape(caption)}</caption>" if caption else ""
    spoken = escape(caption or table.caption)
    lines = [
        f'<div class="report-frame" tabindex="0" role="region" aria-label="{spoken}">',
        f'<table class="report-table">{name}',
        f"<thead><tr>{heads}</tr></thead>\n<tbody>",
        *rows,
        "</tbody></table></div>",
    ]
    if rest and page.shortened:
        lines.append(f'<p class="report-note">{escape(page.shortened.said(rest))}</p>')
    return "\n".join([*lines, *([_note(table.note)] if table.note else [])])


def _cells(row: Sequence[Cell], table: Table, page: _Page) -> str:
    return "".join(
        f"{_OPENINGS[column.numeric]}{_opened(cell.text, cell.ref, page)}</td>"
        for cell, column in zip(row, table.columns, strict=True)
    )


def _opened(text: str, mark: str, page: _Page) -> str:
    """Return a text that leads where its mark does."""
    return _linked(text, page.lead(mark)) if mark else escape(text)


def _accounts(accounts: Sequence[Account], stamp: str, page: _Page) -> str:
    """Return the part that figures lead to: each opens to its source and to all that was counted."""
    lines = ['<section class="report-attachment">', '<h2 class="report-title">各数字的依据</h2>']
    lines += [f'<p class="report-note">{escape(stamp)}</p>'] if stamp else []
    for number, account in numbered_accounts(accounts):
        things = "".join(f"<li>{_opened(thing.text, thing.ref, page)}</li>" for thing in account.things)
        lines += [
            f"<details><summary>{number}. {escape(account.label)}：{escape(account.text)}</summary>",
            f'<p class="report-note" id="figure-{number}">{escape(account.source)}；截至 {account.as_of}</p>',
            f"<ul>{things}</ul></details>" if things else "</details>",
        ]
    return "\n".join([*lines, "</section>"])


def _further(number: int, table: Table, page: _Page) -> str:
    """Return a table that marks lead to; its own first cells are the places."""
    places = [f"row-{number}-{row}" for row in range(1, len(table.rows) + 1)]
    rows = tuple((Cell(row[0].text, row[0].number), *row[1:]) for row in table.rows)
    plain = Table(table.label, table.caption, table.columns, rows, note=table.note, empty=table.empty)
    title = f'<h2 class="report-title">{escape(table.caption)}</h2>'
    return "\n".join(
        ['<section class="report-attachment">', title, _table(plain, "", page, places), "</section>"]
    )
