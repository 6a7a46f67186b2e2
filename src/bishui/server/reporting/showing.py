"""A composed document as the page shows it: the same blocks as on paper, figures and rows as links."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bishui.reports import (
    Document,
    Heading,
    Note,
    Paragraph,
    Picture,
    Span,
    Table,
    draw_svg,
    numbered,
    resolve,
)
from bishui.reports.numbering import Numbered
from bishui.server.reporting.compose import FIGURE, PART
from bishui.server.reporting.links import Links

_CHART_MM = 156.0
#: A long table is shown with so many rows; all of them stand in the files.
SHOWN_ROWS = 60


@dataclass(frozen=True, slots=True)
class _Page:
    """Where the links of a page lead, and how many rows of a table it shows."""

    links: Links
    most: int | None


def shown(document: Document, links: Links, most: int | None = SHOWN_ROWS) -> dict[str, Any]:
    """Return the blocks of body and attachments for ``reporting/document.html``.

    Parameters
    ----------
    links
        Where figures and cells lead.
    most
        How many rows of a table are shown; None = all.
    """
    page = _Page(links, most)
    found = numbered(document)
    return {
        "title_lines": document.title.split("\n"),
        "number": document.number,
        "recipient": document.recipient,
        "issuer": document.issuer,
        "date": document.signed_text,
        "blocks": _blocks(found.blocks, found.labels, page),
        "attachment_lines": found.attachment_lines(),
        "attachments": [
            {"head": entry.head, "title": entry.title, "blocks": _blocks(entry.blocks, found.labels, page)}
            for entry in found.attachments
        ],
    }


def _blocks(entries: Iterable[Numbered], labels: Any, page: _Page) -> list[dict[str, Any]]:
    return [_block(entry, labels, page) for entry in entries]


def _block(entry: Numbered, labels: Any, page: _Page) -> dict[str, Any]:
    block = entry.block
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "text": f"{entry.number}{block.text}"}
    if isinstance(block, Paragraph):
        pieces = [_piece(span, page) for span in resolve(block.parts, labels)]
        return {"kind": "paragraph", "pieces": pieces}
    if isinstance(block, Note):
        return {"kind": "note", "text": block.text}
    if isinstance(block, Table):
        return _table(block, entry.number, page)
    assert isinstance(block, Picture)
    picture = base64.b64encode(draw_svg(block.chart, _CHART_MM)).decode()
    return {
        "kind": "picture",
        "caption": f"{entry.number}  {block.caption}",
        "text": block.text,
        "source": f"data:image/svg+xml;base64,{picture}",
    }


def _piece(span: Span, page: _Page) -> dict[str, str]:
    if span.ref.startswith(FIGURE):
        key = span.ref.removeprefix(FIGURE)
        return {"text": span.text, "figure": page.links.figure(key)}
    if span.ref.startswith(PART):
        return {"text": span.text, "part": page.links.part(span.ref.removeprefix(PART))}
    return {"text": span.text}


def _table(table: Table, number: str, page: _Page) -> dict[str, Any]:
    rows = table.rows[: page.most]
    return {
        "kind": "table",
        "caption": f"{number}  {table.caption}",
        "columns": [{"label": column.head} for column in table.columns],
        "rows": [
            {
                "cells": [
                    {"text": cell.text, "url": page.links.opened(cell.ref), "numeric": column.numeric}
                    for cell, column in zip(row, table.columns, strict=True)
                ]
            }
            for row in rows
        ],
        "more": len(table.rows) - len(rows),
        "empty": table.empty,
        "note": table.note,
    }
