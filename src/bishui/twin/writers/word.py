"""The plan as a Word document (DOCX)."""

from __future__ import annotations

import io
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt

from bishui.twin.plan import Paragraph, PlanDocument, Table, row_spans
from bishui.twin.writers.archive import STAMP, repack

_STYLES = {"title": "Title", "heading": "Heading 1", "annex_head": "Heading 1", "table_name": "Heading 2"}


def to_docx(document: PlanDocument) -> bytes:
    """Return the plan as DOCX; repeated themes are vertically merged cells, section rows merged across."""
    word = Document()
    _prepare(word, document)
    for block in document.blocks:
        if isinstance(block, Paragraph):
            word.add_paragraph(block.text, style=_STYLES.get(block.kind))
        else:
            _table(word, block)
    packed = io.BytesIO()
    word.save(packed)
    return repack(packed.getvalue())


def _prepare(word: Any, document: PlanDocument) -> None:
    page = word.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = page.page_height, page.page_width
    normal = word.styles["Normal"]
    normal.font.size = Pt(10)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    properties = word.core_properties
    properties.title, properties.author, properties.comments = document.title, "", ""
    properties.created = properties.modified = STAMP


def _table(word: Any, table: Table) -> None:
    grid = word.add_table(rows=len(table.rows) + 1, cols=len(table.header), style="Table Grid")
    cells = [list(row.cells) for row in grid.rows]
    for cell, name in zip(cells[0], table.header, strict=True):
        cell.text = name
    for index, (row, spans) in enumerate(zip(table.rows, row_spans(table), strict=True), start=1):
        if row.heading:
            cells[index][0].merge(cells[index][-1]).text = row.cells[0]
            continue
        for column, (text, span) in enumerate(zip(row.cells, spans, strict=True)):
            if span > 1:
                cells[index][column].merge(cells[index + span - 1][column])
            if span and text:
                cells[index][column].text = text
