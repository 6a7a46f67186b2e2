"""Web pages (.html): block elements as paragraphs, tables as rows with their spans."""

from __future__ import annotations

import re
from contextlib import suppress
from html.parser import HTMLParser

from bishui.documents.blocks import Blocks
from bishui.documents.readers.grid import Cell, GridBlocks
from bishui.documents.readers.plain_text import decode
from bishui.documents.text import join_wrapped

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*(gb2312|gbk|gb18030)", re.IGNORECASE)
_BREAKS = {
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "br",
    "section",
    "article",
    "header",
    "footer",
    "tr",
    "table",
}
_SKIPPED = {"script", "style", "head", "nav", "template", "noscript"}


def read_html(data: bytes, filename: str) -> Blocks:
    """Read a web page into blocks. Scripts, styles, the head and navigation are left out; nothing else is."""
    if _CHARSET.search(data[:2048]):
        with suppress(UnicodeDecodeError):  # a wrong declaration: tried as plain text is
            data = data.decode("gb18030").encode("utf-8")
    parser = _Page()
    parser.feed(decode(data, filename))
    parser.close()
    return parser.finish(filename)


class _Page(HTMLParser):
    """Walks the page once, collecting paragraphs and the cells of the outermost tables."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._grid = GridBlocks()
        self._text = ""
        self._skipping = 0
        self._tables = 0
        self._rows: list[list[tuple[str, int, int]]] = []
        self._span = (1, 1)
        self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag == "table":
            self._tables += 1
            if self._tables == 1:
                self._paragraph()
                self._rows = []
        elif self._tables == 0 and tag in _BREAKS:
            self._paragraph()
        elif self._tables == 1 and tag == "tr":
            self._rows.append([])
        elif self._tables == 1 and tag in {"td", "th"}:
            self._text = ""
            self._span = (_span(dict(attrs).get("rowspan")), _span(dict(attrs).get("colspan")))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag == "table" and self._tables:
            self._tables -= 1
            if self._tables == 0:
                self._count += 1
                self._grid.add_table(_grid(self._rows), table=self._count)
                self._text = ""
        elif self._tables == 0 and tag in _BREAKS:
            self._paragraph()
        elif self._tables == 1 and tag in {"td", "th"} and self._rows:
            self._rows[-1].append((self._text.strip(), *self._span))
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        for number, part in enumerate(data.split("\n")):
            self._text = self._text + part if number == 0 else join_wrapped(self._text, part)

    def _paragraph(self) -> None:
        if self._text.strip():
            self._grid.add_paragraph(self._text.strip())
        self._text = ""

    def finish(self, filename: str) -> Blocks:
        """Return the blocks of the page."""
        self._paragraph()
        return self._grid.finish(filename, "html")


def _span(text: str | None) -> int:
    return min(int(text), 1000) if text and text.isdigit() and int(text) > 0 else 1


def _grid(rows: list[list[tuple[str, int, int]]]) -> list[list[Cell]]:
    """Lay the cells of a table on its grid."""
    waiting: dict[int, tuple[int, str]] = {}
    grid: list[list[Cell]] = []
    for row in rows:
        cells: list[Cell] = []
        for text, rowspan, colspan in row:
            _continue(cells, waiting)
            if rowspan > 1:
                waiting[len(cells)] = (rowspan - 1, text)
            cells.append(Cell(text))
            cells.extend(Cell("") for _ in range(colspan - 1))
        _continue(cells, waiting)
        grid.append(cells)
    return grid


def _continue(cells: list[Cell], waiting: dict[int, tuple[int, str]]) -> None:
    """Put in the cells that go on from rows above at this place."""
    while len(cells) in waiting:
        left, text = waiting.pop(len(cells))
        if left > 1:
            waiting[len(cells)] = (left - 1, text)
        cells.append(Cell("", text))
