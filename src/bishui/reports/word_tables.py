"""Tables of a Word file, built from copies of one cell for each column: long ones take no time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from bishui.reports import word_parts as parts
from bishui.reports.document import Cell, Table
from bishui.reports.layout import official
from bishui.reports.word_links import as_place, leading

#: What is left free on either side of a cell, in twips (1 mm): narrow columns need their width.
_INSET = "57"
#: So many rows before the last one stay with it: no page begins with a single row.
_TOGETHER = 2
#: A row of an appendix with a longer text may be torn; otherwise it would leave half a page empty.
_TORN = 500
_BORDERS = ("top", "left", "bottom", "right", "insideH", "insideV")


def add_table(word: Any, table: Table, known: Mapping[str, str], *, places: bool = False) -> None:
    """Add a table whose head is repeated on every page and whose rows are not torn.

    One with few rows stays on one page: each row is kept with the next. The last rows are kept together, and
    the last one with the note.

    Parameters
    ----------
    known
        The place of each mark; a cell with one leads there.
    places
        Whether the first cells are those places: a mark that several rows bear leads to the first of them.
        Long rows of such a table may be torn.
    """
    widths = _widths([column.width for column in table.columns])
    grid = _element("w:tbl", _properties(), _grid(widths))
    whole = len(table.rows) <= official().count("unbroken_rows")
    styles = [parts.TABLE_NUMBER if column.numeric else parts.TABLE_TEXT for column in table.columns]
    heads = [_cell(parts.TABLE_HEAD, width, follow=True) for width in widths]
    grid.append(_row(heads, [column.head for column in table.columns], head=True))
    cells = [_cell(style, width, follow=False) for style, width in zip(styles, widths, strict=True)]
    kept = [_cell(style, width, follow=True) for style, width in zip(styles, widths, strict=True)]
    last = len(table.rows) - 1
    waiting = {row[0].ref for row in table.rows} if places else set()
    for number, row in enumerate(table.rows):
        follow = (whole or number >= last - _TOGETHER) if number < last else bool(table.note)
        texts = [cell.text for cell in row]
        line = _row(kept if follow else cells, texts, torn=places and max(map(len, texts)) > _TORN)
        _mark(line, row, known, place_of=waiting if places else None)
        grid.append(line)
    if not table.rows:
        grid.append(_empty(table, sum(widths)))
    word.element.body.insert_element_before(grid, "w:sectPr")


def _mark(line: Any, row: Sequence[Cell], known: Mapping[str, str], *, place_of: set[str] | None) -> None:
    """Let the cells of a row lead to the places of their marks; in an appendix the first is a place.

    `place_of` are the marks of an appendix that have no place yet: the first row that bears one is its place.
    """
    written = line.findall(qn("w:tc"))
    for number, (cell, entry) in enumerate(zip(written, row, strict=True)):
        place = known.get(entry.ref)
        if place is None:
            continue
        paragraph = cell[-1]
        if place_of is not None and number == 0:
            if entry.ref in place_of:
                place_of.remove(entry.ref)
                as_place(paragraph, place)
        else:
            run = paragraph[-1]
            paragraph.remove(run)
            paragraph.append(leading(run, place))


def _element(name: str, *children: Any, **attributes: str) -> Any:
    element = OxmlElement(name, attrs={qn(f"w:{key}"): value for key, value in attributes.items()})
    for child in children:
        element.append(child)
    return element


def _widths(shares: Sequence[float]) -> list[int]:
    """Divide the width of the text area among the columns, in twips, without a rest."""
    total = Mm(official().mm("text_width")).twips
    edges = [round(total * sum(shares[:index]) / sum(shares)) for index in range(len(shares) + 1)]
    return [right - left for left, right in pairwise(edges)]


def _properties() -> Any:
    borders = _element(
        "w:tblBorders",
        *(_element(f"w:{side}", val="single", sz="4", space="0", color="000000") for side in _BORDERS),
    )
    width = Mm(official().mm("text_width")).twips
    return _element(
        "w:tblPr",
        _element("w:tblW", w=str(width), type="dxa"),
        _element("w:jc", val="center"),
        borders,
        _element("w:tblLayout", type="fixed"),
        _element(
            "w:tblCellMar", *(_element(f"w:{side}", w=_INSET, type="dxa") for side in ("left", "right"))
        ),
    )


def _grid(widths: Iterable[int]) -> Any:
    return _element("w:tblGrid", *(_element("w:gridCol", w=str(width)) for width in widths))


def _cell(style: str, width: int, *, follow: bool) -> Any:
    """Return a cell with nothing in it, to be copied."""
    form = _element("w:pPr", _element("w:pStyle", val=style))
    if follow:
        form.append(_element("w:keepNext"))
    properties = _element(
        "w:tcPr", _element("w:tcW", w=str(width), type="dxa"), _element("w:vAlign", val="center")
    )
    return _element("w:tc", properties, _element("w:p", form, _element("w:r", _element("w:t"))))


def _row(cells: Sequence[Any], texts: Sequence[str], *, head: bool = False, torn: bool = False) -> Any:
    properties = _element("w:trPr", *([] if torn else [_element("w:cantSplit")]))
    if head:
        properties.append(_element("w:tblHeader"))
    row = _element("w:tr", properties)
    for cell, text in zip(cells, texts, strict=True):
        row.append(_filled(cell, text))
    return row


def _filled(cell: Any, text: str) -> Any:
    copy = deepcopy(cell)
    written = copy[-1][-1][-1]
    written.text = text
    written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return copy


def _empty(table: Table, width: int) -> Any:
    """Return the one row of a table that has none: what it prints instead, over all columns."""
    cell = _cell(parts.TABLE_NUMBER, width, follow=False)
    cell[0].insert(1, _element("w:gridSpan", val=str(len(table.columns))))
    return _row([cell], [table.empty])
