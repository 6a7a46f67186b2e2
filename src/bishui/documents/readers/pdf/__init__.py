"""PDF with a text layer: paragraphs in reading order and ruled tables, joined over pages.

Text and lines come from pdfium; cells are found from the ruled lines. Pages that are only pictures are named.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from bishui.documents.blocks import Blocks, Place
from bishui.documents.readers.grid import GridBlocks
from bishui.documents.readers.kinds import damaged, encrypted
from bishui.documents.readers.limits import MOST_PAGES, too_large
from bishui.documents.readers.pdf.lines import (
    Line,
    Measure,
    goes_on,
    lines_of,
    marks_of,
    put_together,
    tabbed,
    unruled_rows,
)
from bishui.documents.readers.pdf.page import Page, read_page
from bishui.documents.readers.pdf.rulings import grids_of
from bishui.documents.readers.pdf.tables import TablePart, continues, table_part, whole_table
from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

__all__ = ["read_pdf"]

_MOST_GLYPHS = 3_000_000
_LEAST_GLYPHS = 12
"""Characters of a page that are no more than a page number and a stamp: such a page is a picture."""

_PDFIUM = threading.Lock()
"""pdfium may be used by one thread at a time."""


def read_pdf(data: bytes, filename: str) -> Blocks:
    """Read a PDF into blocks.

    Raises
    ------
    UnreadableFile
        The file is damaged, has a password, is too large, or holds scanned pages without text.
    """
    with _PDFIUM:
        pages = _pages(data, filename)
    blank = [page.number for page in pages if len(page.glyphs) < _LEAST_GLYPHS and page.pictures]
    _refuse_without_text(pages, blank, filename)
    grid = GridBlocks(filename)
    _Writer(grid, {page.number: round(page.width) for page in pages}).write(list(_items(pages)))
    if blank:
        grid.add_notice(
            "pages-without-text",
            Text(
                "第 {pages} 页只有图片，没有文字，没有读取；请对这些页做文字识别后重新导入。",
                pages="、".join(map(str, blank)),
            ),
            1,
        )
    return grid.finish("pdf")


def _pages(data: bytes, filename: str) -> list[Page]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise encrypted(filename) from None
        raise damaged("PDF", filename) from None
    try:
        if len(document) > MOST_PAGES:
            raise too_large(Text("PDF 超过 {most} 页。", most=MOST_PAGES), filename)
        pages: list[Page] = []
        glyphs = 0
        for index in range(len(document)):
            page = document[index]
            pages.append(read_page(page, index + 1))
            page.close()
            glyphs += len(pages[-1].glyphs)
            if glyphs > _MOST_GLYPHS:
                raise too_large(Text("PDF 超过 {most} 个字。", most=_MOST_GLYPHS), filename)
        return pages
    except pypdfium2.PdfiumError:
        raise damaged("PDF", filename) from None
    finally:
        document.close()


def _refuse_without_text(pages: Sequence[Page], blank: Sequence[int], filename: str) -> None:
    glyphs = sum(len(page.glyphs) for page in pages)
    if not glyphs or 2 * len(blank) > len(pages):
        count = len(pages)
        raise UnreadableFile(
            Text(
                "这份 PDF 是扫描件：{count} 页中有 {blank} 页只有图片，没有文字。",
                count=count,
                blank=len(blank),
            )
            if blank
            else Text("这份 PDF 共 {count} 页，里面没有文字。", count=count),
            remedy=Text(
                "请用原始的 Word、Excel 文件，或从 Word 直接导出 PDF；只有扫描件时，先做文字识别（OCR），"
                "另存为 docx 或带文字的 PDF。"
            ),
            where=Where(file=filename),
        )
    unmapped = sum(page.unmapped for page in pages)
    if 2 * unmapped > glyphs:
        raise UnreadableFile(
            Text("这份 PDF 的字体没有文字编码：显示正常，但取出来的是乱码。"),
            remedy=Text("请用原始的 Word、Excel 文件，或做文字识别（OCR）后另存为 docx。"),
            where=Where(file=filename),
        )


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line that is no text: a head, a foot or a number of a page."""

    line: Line
    why: str


_Item = Line | _Mark | TablePart


def _items(pages: Sequence[Page]) -> Iterator[_Item]:
    """Give what stands on the pages in reading order."""
    tables = {page.number: _tables(page) for page in pages}
    lines = {page.number: _free_lines(page, tables[page.number]) for page in pages}
    marks = marks_of([(page.height, lines[page.number]) for page in pages])
    for page in pages:
        items: list[tuple[float, _Item]] = [(part.top, part) for part in tables[page.number]]
        for line in lines[page.number]:
            why = marks.get(id(line))
            items.append((line.top, _Mark(line, why) if why else line))
        yield from (item for _, item in sorted(items, key=lambda each: each[0]))


def _tables(page: Page) -> list[TablePart]:
    parts = [table_part(grid, page.glyphs, page.number) for grid in grids_of(page.rulings)]
    return [part for part in parts if any(cell.text for row in part.rows for cell in row)]


def _free_lines(page: Page, parts: Sequence[TablePart]) -> list[Line]:
    def is_free(x: float, y: float) -> bool:
        return not any(part.xs[0] <= x < part.xs[-1] and part.top <= y < part.bottom for part in parts)

    return lines_of((glyph for glyph in page.glyphs if is_free(*glyph.middle)), page.number)


class _Writer:
    """Turns the items of all pages into paragraphs and tables."""

    def __init__(self, grid: GridBlocks, widths: Mapping[int, int]) -> None:
        self._grid = grid
        self._widths = widths
        self._tables = 0
        self._paragraph: list[Line] = []
        self._parts: list[TablePart] = []
        self._marks: list[_Mark] = []

    def write(self, items: Sequence[_Item]) -> None:
        """Write all items; what breaks a paragraph or a table only by a page's edge is written after it."""
        lines = [item for item in items if isinstance(item, Line)]
        parts = [item for item in items if isinstance(item, TablePart)]
        in_table = {id(line) for line, flag in zip(lines, unruled_rows(lines), strict=True) if flag}
        measures = {
            width: Measure.of(
                [line for line in lines if self._widths[line.page] == width],
                [(part.xs[0], part.xs[-1]) for part in parts if self._widths[part.page] == width],
                width,
            )
            for width in set(self._widths.values())
        }
        for item in items:
            if isinstance(item, _Mark):
                self._marks.append(item)
            elif isinstance(item, TablePart):
                self._table(item)
            else:
                self._line(item, measures[self._widths[item.page]], id(item) in in_table)
        self._close()

    def _line(self, line: Line, measure: Measure, in_table: bool) -> None:
        if in_table:
            self._close()
            lefts = tuple(left / line.size for left, _ in line.segments)
            self._grid.add_line(tabbed(line).text, Place(page=line.page), lefts)
        elif not self._parts and self._paragraph and goes_on(self._paragraph[-1], line, measure):
            self._paragraph.append(line)
        else:
            self._close()
            self._paragraph = [line]

    def _table(self, part: TablePart) -> None:
        if self._parts and self._parts[-1].page + 1 == part.page and continues(self._parts[-1], part):
            self._parts.append(part)
            return
        self._close()
        self._parts = [part]

    def _close(self) -> None:
        """Write the open paragraph or table, and the marks of pages that stood inside it."""
        if self._paragraph:
            self._grid.add_paragraph(put_together(self._paragraph), Place(page=self._paragraph[0].page))
        if self._parts:
            self._write_table()
        for mark in self._marks:
            self._grid.add_skipped(mark.line.text, mark.why, Place(page=mark.line.page))
        self._paragraph, self._parts, self._marks = [], [], []

    def _write_table(self) -> None:
        self._tables += 1
        self._grid.next_table()
        for number, row in enumerate(whole_table(self._parts), start=1):
            place = Place(page=row.page, table=self._tables, row=number)
            if row.repeated or row.joined:
                text = "\t".join(cell.text for cell in row.cells)
                why = "repeated head" if row.repeated else "rest of the row above"
                self._grid.add_skipped(text, why, place)
            else:
                self._grid.add_row(row.cells, place)
