"""A document as printed pages (PDF), set with typst in fonts that are free to ship."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from bishui.reports.document import Document, Heading, Note, Paragraph, Picture, Table
from bishui.reports.layout import Layout, official, width_in_characters
from bishui.reports.numbering import Numbered, NumberedDocument, numbered
from bishui.reports.setting import compile_pages


def to_pdf(document: Document) -> bytes:
    """Return a document as PDF in the layout of GB/T 9704-2012; equal documents give equal bytes."""
    moment = datetime.combine(document.signed_on, time.min)
    return compile_pages("official.typ", _data(numbered(document)), "pdf", moment=moment)[0]


def signature_indents(issuer: str, signed: str, right: float) -> tuple[float, float]:
    """Return how many characters stay free to the right of the signature and of the date.

    Without a seal the signature stands `right` characters from the right edge and the date begins two
    characters further right than the signature; where the date would then stick out, the date stands `right`
    characters from the edge and the signature gives way (GB/T 9704-2012, 7.3.5.2).
    """
    name, day = width_in_characters(issuer), width_in_characters(signed)
    if name - day >= right:
        return right, right + name - 2 - day
    return right + day + 2 - name, right


def _data(found: NumberedDocument) -> dict[str, Any]:
    document, layout = found.document, official()
    signature, day = signature_indents(
        document.issuer, document.signed_text, layout.count("signature_right_characters")
    )
    return {
        "layout": _layout(layout, red_head=document.red_head),
        "title": document.plain_title,
        "title_lines": document.title.split("\n"),
        "issuer": document.issuer,
        "number": document.number,
        "recipient": document.recipient,
        "keywords": list(document.keywords),
        "red_head": document.red_head,
        "date": document.signed_text,
        "signature_indent": signature,
        "date_indent": day,
        "blocks": [_block(entry, found) for entry in found.blocks],
        "attachment_lines": found.attachment_lines(),
        "attachments": [
            {
                "head": entry.head,
                "title": entry.title,
                "blocks": [_block(block, found) for block in entry.blocks],
            }
            for entry in found.attachments
        ],
    }


def _layout(layout: Layout, *, red_head: bool) -> dict[str, Any]:
    counts = {name: layout.count(name) for name in layout.counts}
    if not red_head:
        counts["title_lines_before"] = counts["plain_title_lines_before"]
    return {
        **{name: layout.mm(name) for name in layout.lengths},
        **counts,
        "margin_right": layout.margin_right,
        "margin_bottom": layout.margin_bottom,
        "line_pitch": layout.line_pitch,
        "character_pitch": layout.character_pitch,
        "page_number_top": layout.page_number_top,
        "size": {name: layout.points(name) for name in layout.sizes},
        "faces": {key: {"free": face.free, "stroke": face.stroke} for key, face in layout.faces.items()},
        "level_faces": list(layout.level_faces),
    }


def _block(entry: Numbered, found: NumberedDocument) -> dict[str, Any]:
    block = entry.block
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "number": entry.number, "text": block.text}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": found.text(block.parts)}
    if isinstance(block, Note):
        return {"kind": "note", "text": block.text}
    if isinstance(block, Table):
        return _table(block, entry.number)
    assert isinstance(block, Picture)
    return {
        "kind": "picture",
        "number": entry.number,
        "caption": block.caption,
        "chart": block.chart.as_dict(),
    }


def _table(table: Table, number: str) -> dict[str, Any]:
    return {
        "kind": "table",
        "number": number,
        "caption": table.caption,
        "columns": [
            {"head": column.head, "width": column.width, "numeric": column.numeric}
            for column in table.columns
        ],
        "rows": [[cell.text for cell in row] for row in table.rows],
        "empty": table.empty,
        "note": table.note,
    }
