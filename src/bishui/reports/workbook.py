"""The tables of a document as a workbook (XLSX): a sheet for each, the head frozen, numbers as numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from math import ceil

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bishui.reports.archive import repack
from bishui.reports.document import Cell, Document, Table
from bishui.reports.layout import width_in_characters
from bishui.reports.numbering import numbered

_HEAD_FILL = PatternFill("solid", fgColor="DCE9F5")
_THIN = Side(style="thin", color="B8C4CC")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_TOP = Alignment(wrap_text=True, vertical="top")
#: How many characters wide a sheet is (A4 across at full size), and the bounds of a column.
_SHEET_WIDTH, _NARROW, _WIDE = 124.0, 8.0, 70.0
#: Height of a line and the greatest height of a row, in pt.
_LINE, _HIGHEST = 15.0, 405.0
_LINKED = Font(color="0A6A82", underline="single")
#: Title and heads stand above it.
_FIRST_ROW = 3
_NO_NAME = re.compile(r"[\\/*?:\[\]]")


def to_xlsx(document: Document, *, escape: Callable[[str], str]) -> bytes:
    """Return the tables of a document as XLSX; equal documents give equal bytes.

    Parameters
    ----------
    document
        What to write; its `sheets` follow the tables of body and attachments.
    escape
        Makes a text safe in a cell (the rule for formulas is not this room's).
    """
    found = numbered(document)
    book = Workbook()
    cover = book.worksheets[0]
    cover.title = "说明"
    tables = [(entry.number, entry.block) for entry in found.tables()]
    tables += [("", table) for table in document.sheets]
    names: list[str] = []
    for number, table in tables:
        assert isinstance(table, Table)
        names.append(_sheet_name(table, number, names))
    places = _places(document, names)
    for name, (number, table) in zip(names, tables, strict=True):
        assert isinstance(table, Table)
        sheet = book.create_sheet(name)
        _write(sheet, table, f"{number}  {table.caption}".strip(), escape)
        _link(sheet, table.rows, places, skip=0 if number else 1)
    _cover(cover, document, names, escape)
    book.properties.title, book.properties.creator = document.plain_title, document.issuer
    packed = io.BytesIO()
    book.save(packed)
    return repack(packed.getvalue(), document.signed_on)


def _places(document: Document, names: list[str]) -> dict[str, str]:
    """Return where each mark leads: the first row of a further sheet whose first cell bears it."""
    found: dict[str, str] = {}
    for name, table in zip(names[len(names) - len(document.sheets) :], document.sheets, strict=True):
        for row, cells in enumerate(table.rows, start=_FIRST_ROW):
            if cells[0].ref:
                found.setdefault(cells[0].ref, f"'{name.replace(chr(39), chr(39) * 2)}'!A{row}")
    return found


def _link(sheet: Worksheet, rows: Iterable[Sequence[Cell]], places: dict[str, str], *, skip: int) -> None:
    """Let each cell with a mark lead to its place; the first ones of a further sheet are such places."""
    for row, cells in enumerate(rows, start=_FIRST_ROW):
        for column, value in enumerate(cells[skip:], start=1 + skip):
            place = places.get(value.ref)
            if place:
                cell = sheet.cell(row, column)
                cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place)
                cell.font = _LINKED


def _sheet_name(table: Table, number: str, taken: list[str]) -> str:
    """Return a name that a workbook allows: short, without its signs, and not there yet."""
    wanted = _NO_NAME.sub("", f"{number}{table.sheet or table.caption}")[:31]
    return wanted if wanted not in taken else f"{wanted[:28]}{len(taken)}"


def _cover(sheet: Worksheet, document: Document, names: list[str], escape: Callable[[str], str]) -> None:
    lines = [document.plain_title, document.issuer, document.signed_text]
    for row, text in enumerate(lines, start=1):
        _text(sheet, row, 1, escape(text))
    sheet["A1"].font = Font(bold=True, size=14)
    for row, name in enumerate(names, start=len(lines) + 2):
        cell = sheet.cell(row, 1, name)
        cell.hyperlink = f"#'{name}'!A1"
        cell.font = _LINKED
    sheet.column_dimensions["A"].width = 60


def _write(sheet: Worksheet, table: Table, title: str, escape: Callable[[str], str]) -> None:
    _text(sheet, 1, 1, escape(title))
    sheet["A1"].font = Font(bold=True, size=13)
    widths = _widths(table)
    for column, head in enumerate(table.columns, start=1):
        _text(sheet, 2, column, escape(head.head))
        cell = sheet.cell(2, column)
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD_FILL, _BORDER
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        sheet.column_dimensions[get_column_letter(column)].width = widths[column - 1]
    _set_height(sheet, 2, [head.head for head in table.columns], widths)
    for row, cells in enumerate(table.rows, start=_FIRST_ROW):
        for column, value in enumerate(cells, start=1):
            _value(sheet, row, column, value, escape)
        _set_height(sheet, row, [cell.text for cell in cells], widths)
    last = 2 + len(table.rows)
    if not table.rows:
        last += 1
        _text(sheet, last, 1, escape(table.empty))
    if table.note:
        _text(sheet, last + 1, 1, escape(f"注：{table.note}"))
    sheet.freeze_panes = "A3"
    _print(sheet)
    if table.rows:
        sheet.auto_filter.ref = f"A2:{get_column_letter(len(table.columns))}{last}"


def _widths(table: Table) -> list[float]:
    """Divide the width of a sheet among the columns by their shares, in characters."""
    whole = sum(column.width for column in table.columns)
    return [min(_WIDE, max(_NARROW, _SHEET_WIDTH * column.width / whole)) for column in table.columns]


def _set_height(sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[float]) -> None:
    """Make a row as high as its longest text needs: not every program does so when it opens the file."""
    lines = max(
        (
            ceil(2 * width_in_characters(text) / (width - 1))
            for text, width in zip(texts, widths, strict=True)
        ),
        default=1,
    )
    if lines > 1:
        sheet.row_dimensions[row].height = min(_HIGHEST, lines * _LINE)


def _print(sheet: Worksheet) -> None:
    """Let a sheet print on A4 across, as wide as the page, its heads on every page."""
    setup = sheet.page_setup
    setup.paperSize, setup.orientation = sheet.PAPERSIZE_A4, sheet.ORIENTATION_LANDSCAPE
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:2"


def _value(sheet: Worksheet, row: int, column: int, value: Cell, escape: Callable[[str], str]) -> None:
    if value.number is None:
        _text(sheet, row, column, escape(value.text))
    else:
        sheet.cell(row, column, value.number)
    cell = sheet.cell(row, column)
    cell.border, cell.alignment = _BORDER, _TOP


def _text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Write a text as a text, whatever it looks like."""
    cell = sheet.cell(row, column, text)
    cell.data_type, cell.number_format = "s", "@"
