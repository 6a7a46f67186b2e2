"""A document as a Word file (DOCX) in the layout of GB/T 9704-2012."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from bishui.reports import word_parts as parts
from bishui.reports.archive import repack
from bishui.reports.charts import draw_png
from bishui.reports.document import Document, Heading, Note, Paragraph, Picture, Table
from bishui.reports.layout import official
from bishui.reports.numbering import Numbered, NumberedDocument, numbered, resolve
from bishui.reports.paper import signature_indents
from bishui.reports.word_fonts import FONT_TABLE, font_table
from bishui.reports.word_links import add_spans, places
from bishui.reports.word_styles import prepare_styles
from bishui.reports.word_tables import add_table


def to_docx(document: Document) -> bytes:
    """Return a document as DOCX; equal documents give equal bytes.

    The faces that the standard names are named, with those to take instead in the font table; charts are
    pictures with their description.
    """
    found, known = numbered(document), places(document.appendix)
    word = docx.Document()
    prepare_styles(word)
    _page(word)
    _properties(word, document)
    _head(word, document)
    for entry in found.blocks:
        _block(word, entry, found, known)
    _attachment_lines(word, found)
    _signature(word, document)
    for attachment in found.attachments:
        _attachment_head(word, attachment.head, attachment.title)
        for entry in attachment.blocks:
            _block(word, entry, found, known)
    for table in document.appendix:
        _attachment_head(word, "", table.caption)
        add_table(word, table, known, places=True)
        if table.note:
            word.add_paragraph(f"注：{table.note}", style=parts.NOTE)
    packed = io.BytesIO()
    word.save(packed)
    return repack(packed.getvalue(), document.signed_on, {FONT_TABLE: font_table(official())})


def _page(word: Any) -> None:
    """Set paper, margins, the grid of lines and characters, and the page numbers of both sides."""
    layout, section = official(), word.sections[0]
    section.page_width, section.page_height = Mm(layout.mm("page_width")), Mm(layout.mm("page_height"))
    section.top_margin, section.left_margin = Mm(layout.mm("margin_top")), Mm(layout.mm("margin_left"))
    section.bottom_margin, section.right_margin = Mm(layout.margin_bottom), Mm(layout.margin_right)
    section.footer_distance = Mm(layout.footer_distance)
    parts.set_grid(section, layout)
    word.settings.odd_and_even_pages_header_footer = True
    parts.page_number(section.footer, "right")
    parts.page_number(section.even_page_footer, "left")


def _properties(word: Any, document: Document) -> None:
    properties = word.core_properties
    properties.title, properties.author, properties.comments = document.plain_title, document.issuer, ""
    properties.keywords, properties.language = "；".join(document.keywords), "zh-CN"
    properties.last_modified_by = document.issuer
    properties.created = properties.modified = datetime.combine(document.signed_on, time.min)


def _head(word: Any, document: Document) -> None:
    layout = official()
    if document.red_head:
        parts.red_head(word, document.issuer, document.number)
    before = "title_lines_before" if document.red_head else "plain_title_lines_before"
    parts.empty_lines(word, layout.count(before))
    for line in document.title.split("\n"):
        word.add_paragraph(line, style="Title")
    if document.number and not document.red_head:
        word.add_paragraph(document.number, style=parts.CENTRED)
    parts.empty_lines(word, layout.count("recipient_lines_before"))
    if document.recipient:
        word.add_paragraph(f"{document.recipient}：", style=parts.FLUSH)


def _block(word: Any, entry: Numbered, found: NumberedDocument, known: Mapping[str, str]) -> None:
    block = entry.block
    if isinstance(block, Heading):
        word.add_paragraph(f"{entry.number}{block.text}", style=f"Heading {block.level}")
    elif isinstance(block, Paragraph):
        add_spans(word.add_paragraph(), resolve(block.parts, found.labels), known)
    elif isinstance(block, Note):
        word.add_paragraph(f"注：{block.text}", style=parts.NOTE)
    elif isinstance(block, Table):
        _table(word, block, entry.number, known)
    else:
        _picture(word, block, entry.number)


def _table(word: Any, table: Table, number: str, known: Mapping[str, str]) -> None:
    """Write a table with its caption and its note."""
    caption = word.add_paragraph(f"{number}  {table.caption}", style="Caption")
    caption.paragraph_format.keep_with_next = True
    add_table(word, table, known)
    if table.note:
        word.add_paragraph(f"注：{table.note}", style=parts.NOTE)
    else:
        word.add_paragraph(style=parts.GAP)


def _picture(word: Any, picture: Picture, number: str) -> None:
    width = official().mm("text_width")
    paragraph = word.add_paragraph(style=parts.PICTURE)
    image = paragraph.add_run().add_picture(io.BytesIO(draw_png(picture.chart, width)), width=Mm(width))
    described = image._inline.docPr
    described.set("name", number)
    described.set("descr", picture.text)
    word.add_paragraph(f"{number}  {picture.caption}", style="Caption")


def _attachment_lines(word: Any, found: NumberedDocument) -> None:
    """List the attachments under the body (附件说明), longer names hanging under their first character."""
    layout, lines = official(), found.attachment_lines()
    if not lines:
        return
    parts.empty_lines(word, layout.count("attachment_lines_before"))
    pitch = layout.character_pitch
    for index, line in enumerate(lines):
        paragraph = word.add_paragraph("附件：" if index == 0 else "", style=parts.FLUSH)
        hanging = 3 * pitch
        paragraph.paragraph_format.left_indent = Pt(layout.count("indent_characters") * pitch + hanging)
        paragraph.paragraph_format.first_line_indent = Pt(-hanging if index == 0 else 0)
        paragraph.add_run(line)
        paragraph.paragraph_format.keep_with_next = True


def _signature(word: Any, document: Document) -> None:
    layout = official()
    right = layout.count("signature_right_characters")
    indents = signature_indents(document.issuer, document.signed_text, right)
    parts.empty_lines(word, layout.count("signature_lines_before"), follow=True)
    for text, indent in zip((document.issuer, document.signed_text), indents, strict=True):
        paragraph = word.add_paragraph(text, style=parts.RIGHT)
        paragraph.paragraph_format.right_indent = Pt(indent * layout.character_pitch)
    paragraph.paragraph_format.keep_with_next = False


def _attachment_head(word: Any, head: str, title: str) -> None:
    paragraph = word.add_paragraph(head, style=parts.ATTACHMENT)
    paragraph.paragraph_format.page_break_before = True
    outline = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().append(outline)
    parts.empty_lines(word, 1)
    word.add_paragraph(title, style="Title")
    parts.empty_lines(word, 1)
