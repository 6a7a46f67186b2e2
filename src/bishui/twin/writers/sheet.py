"""The plan as a workbook (XLSX): the text on one sheet, each annex on its own."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from bishui.twin.plan import Paragraph, PlanDocument, Table, row_spans
from bishui.twin.writers.archive import repack

_WIDE = {"任务内容": 60, "牵头单位": 24, "配合单位": 28, "责任单位": 32, "污水集中处理设施名称": 28}


def to_xlsx(document: PlanDocument) -> bytes:
    """Return the plan as XLSX; values are text, so that no digit of a coordinate is lost."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "正文"
    sheet.column_dimensions["A"].width = 120
    body = [
        b for b in document.blocks if isinstance(b, Paragraph) and b.kind not in ("annex_head", "table_name")
    ]
    for index, block in enumerate(body, start=1):
        cell = sheet.cell(index, 1, block.text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=block.kind in ("title", "heading"))
    for table in document.tables:
        _table(book.create_sheet(f"附件{table.annex}"), table)
    packed = io.BytesIO()
    book.save(packed)
    return repack(packed.getvalue())


def _table(sheet: Worksheet, table: Table) -> None:
    """Write the table's name, its head and its rows, merging what belongs together."""
    width = len(table.header)
    sheet.cell(1, 1, table.name).font = Font(bold=True)
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width)
    for column, name in enumerate(table.header, start=1):
        sheet.cell(2, column, name).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = _WIDE.get(name, 14)
    for index, (row, spans) in enumerate(zip(table.rows, row_spans(table), strict=True), start=3):
        for column, (text, span) in enumerate(zip(row.cells, spans, strict=True), start=1):
            if text:
                sheet.cell(index, column, text).alignment = Alignment(wrap_text=True, vertical="top")
            if span > 1:
                sheet.merge_cells(
                    start_row=index, end_row=index + span - 1, start_column=column, end_column=column
                )
        if row.heading:
            sheet.merge_cells(start_row=index, end_row=index, start_column=1, end_column=width)
    sheet.freeze_panes = "A3"
