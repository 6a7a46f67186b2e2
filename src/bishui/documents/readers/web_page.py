"""Web pages (.html): block elements as paragraphs, tables as rows, as a browser shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from bishui.documents.blocks import Blocks, Place
from bishui.documents.readers.grid import Cell, GridBlocks, closed
from bishui.documents.readers.kinds import damaged
from bishui.documents.readers.limits import WIDEST_TABLE
from bishui.documents.readers.plain_text import decode
from bishui.documents.text import join_wrapped

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*(gb2312|gbk|gb18030)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_PARAGRAPHS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "address", "caption", "br", "hr")
_AREAS = ("div", "section", "article", "aside", "main", "header", "footer", "form", "fieldset", "center")
_LISTS_AND_TABLES = ("ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "td", "th", "figure", "figcaption")
_BREAKS = frozenset((*_PARAGRAPHS, *_AREAS, *_LISTS_AND_TABLES))
_SKIPPED = frozenset(
    ("script", "style", "head", "nav", "template", "noscript", "select", "button", "iframe", "object", "svg")
)
_MOST_ROWS_SPANNED = 10_000


def read_html(data: bytes, filename: str) -> Blocks:
    """Read a web page into blocks. Scripts, styles, the head, navigation and what is hidden are left out."""
    if _CHARSET.search(data[:2048]):
        with suppress(UnicodeDecodeError):  # a wrong declaration: tried as plain text is
            data = data.decode("gb18030").encode("utf-8")
    text = decode(data, filename).replace("\x00", "")
    try:
        root = etree.HTML(text.encode("utf-8"), etree.HTMLParser(encoding="utf-8", remove_comments=True))
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise damaged("HTML", filename)
    page = _Page(filename)
    page.story(root)
    return page.finish()


class _Page:
    """Walks through the page once, collecting paragraphs and tables."""

    def __init__(self, filename: str) -> None:
        self._grid = GridBlocks(filename)
        self._text = ""
        self._tables = 0
        self._paragraphs = 0
        self._numbers: list[count[int]] = []

    def story(self, element: Any) -> None:
        """Take an element that holds paragraphs and tables."""
        if not _is_seen(element):
            return
        if element.tag == "table" and not _is_layout(element):
            self._table(element)
            return
        breaks = element.tag in _BREAKS
        if breaks:
            self._paragraph()
        self._list_item(element)
        self._add(element.text)
        for child in element:
            self.story(child)
            self._add(child.tail)
        if breaks:
            self._paragraph()
        if element.tag == "ol":
            self._numbers.pop()

    def _list_item(self, element: Any) -> None:
        """Write the number before an item of a numbered list."""
        if element.tag == "ol":
            self._numbers.append(count(_number(element.get("start"), 1)))
        elif element.tag == "li" and self._numbers and element.getparent().tag == "ol":
            self._text = f"{next(self._numbers[-1])}."

    def _add(self, text: str | None) -> None:
        self._text = _joined(self._text, text)

    def _paragraph(self) -> None:
        if self._text.strip():
            self._paragraphs += 1
            self._grid.add_paragraph(self._text.strip(), Place(paragraph=self._paragraphs))
        self._text = ""

    def _table(self, table: Any) -> None:
        self._paragraph()
        caption = table.find("caption")
        if caption is not None:
            self.story(caption)
        self._tables += 1
        self._grid.add_table(_grid(table), table=self._tables)

    def finish(self) -> Blocks:
        """Return the blocks of the page."""
        self._paragraph()
        return self._grid.finish("html")


def _is_seen(element: Any) -> bool:
    return (
        isinstance(element.tag, str)
        and element.tag not in _SKIPPED
        and element.get("hidden") is None
        and not _HIDDEN.search(element.get("style") or "")
    )


def _joined(before: str, text: str | None) -> str:
    """Add text as a browser flows it; a line break of the source between Chinese characters is nothing."""
    if not text:
        return before
    broken = text.replace("\r\n", "\n").split("\n")
    whole = before + _SPACES.sub(" ", broken[0])
    for part in broken[1:]:
        whole = join_wrapped(whole, _SPACES.sub(" ", part))
    return whole


def _rows_of(table: Any) -> list[Any]:
    """Return the rows of a table itself, not those of tables inside it."""
    rows: list[Any] = []
    for child in table:
        if child.tag == "tr":
            rows.append(child)
        elif child.tag in {"thead", "tbody", "tfoot"}:
            rows.extend(each for each in child if each.tag == "tr")
    return [row for row in rows if _is_seen(row)]


def _cells_of(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in {"td", "th"} and _is_seen(cell)]


def _is_layout(table: Any) -> bool:
    """Tell whether a table only arranges the page: one cell a row, or its text in tables inside it."""
    rows = [_cells_of(row) for row in _rows_of(table)]
    spans = (_number(cell.get("colspan"), 1) for row in rows for cell in row)
    if all(len(row) < 2 for row in rows) and all(span == 1 for span in spans):
        return True
    inner = sum(
        len("".join(each.itertext()).strip())
        for each in table.iterdescendants("table")
        if next(each.iterancestors("table")) is table
    )
    return 2 * inner > len("".join(table.itertext()).strip())


def _cell_text(element: Any) -> str:
    """Return the text of a cell with its paragraphs and line breaks closed."""
    parts = [""]
    _collect(element, parts)
    return closed(parts)


def _collect(element: Any, parts: list[str]) -> None:
    if not _is_seen(element):
        return
    breaks = element.tag in _BREAKS
    if breaks:
        parts.append("")
    parts[-1] = _joined(parts[-1], element.text)
    for child in element:
        _collect(child, parts)
        parts[-1] = _joined(parts[-1], child.tail)
    if breaks:
        parts.append("")


def _number(text: str | None, otherwise: int) -> int:
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) > 0 else otherwise


def _grid(table: Any) -> Iterator[list[Cell]]:
    """Give the rows of a table, its cells laid on their grid; a row stops where no table is that wide."""
    waiting: dict[int, tuple[int, int, str]] = {}
    for row in _rows_of(table):
        cells: list[Cell] = []
        for element in _cells_of(row):
            _continue(cells, waiting)
            if len(cells) > WIDEST_TABLE:
                break
            down = min(_number(element.get("rowspan"), 1), _MOST_ROWS_SPANNED)
            across = min(_number(element.get("colspan"), 1), WIDEST_TABLE + 1)
            text = _cell_text(element)
            if down > 1:
                waiting[len(cells)] = (down - 1, across, text)
            cells.append(Cell(text))
            cells.extend(Cell("") for _ in range(across - 1))
        _continue(cells, waiting)
        yield cells


def _continue(cells: list[Cell], waiting: dict[int, tuple[int, int, str]]) -> None:
    """Put in the cells that go on from rows above at this place."""
    while len(cells) in waiting:
        column = len(cells)
        left, across, text = waiting.pop(column)
        if left > 1:
            waiting[column] = (left - 1, across, text)
        cells.append(Cell("", text))
        cells.extend(Cell("") for _ in range(across - 1))
