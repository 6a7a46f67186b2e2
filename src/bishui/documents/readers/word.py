"""Word documents (.docx): paragraphs and tables in order, as a reader sees them.

Automatic numbers are written out, deletions under revision (修订) left out and insertions kept, text boxes
and footnotes put after the paragraph they belong to.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from bishui.documents.blocks import Blocks, Place
from bishui.documents.readers.grid import Cell, GridBlocks, closed
from bishui.documents.readers.kinds import damaged
from bishui.documents.readers.limits import DEEPEST, WIDEST_TABLE
from bishui.documents.readers.numbering import Numbering
from bishui.errors import BishuiError
from bishui.i18n import Text

_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_P, _TBL, _TR, _TC = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
# What holds paragraphs without being one: content controls, insertions, smart tags.
_WRAPPERS = {qn(f"w:{name}") for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
# What is in the file and not in the text: deletions, field codes, properties, the reading of ruby.
_UNSEEN = {
    *(qn(f"w:{name}") for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "rt")),
    *(qn(f"w:{name}") for name in ("sdtPr", "fldData", "txbxContent")),
    f"{_COMPATIBILITY}Fallback",
}
_SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


def read_word(data: bytes, filename: str) -> Blocks:
    """Read a Word document into blocks.

    Raises
    ------
    UnreadableFile
        The file is damaged, too large or no Word document.
    """
    try:
        document = docx.Document(io.BytesIO(data))
        return _Reader(document, filename).read()
    except BishuiError:
        raise
    except Exception as error:  # the library lets errors of zip, XML and its own through
        raise damaged("Word", filename, type(error).__name__) from None


class _Reader:
    """Walks through one document."""

    def __init__(self, document: Any, filename: str) -> None:
        self._document = document
        self._grid = GridBlocks(filename)
        self._numbering = Numbering(
            _part(document.part, RELATIONSHIP_TYPE.NUMBERING), _part(document.part, RELATIONSHIP_TYPE.STYLES)
        )
        notes = _part(document.part, RELATIONSHIP_TYPE.FOOTNOTES)
        self._notes = {each.get(qn("w:id")): each for each in notes} if notes is not None else {}
        self._paragraphs = 0
        self._tables = 0
        self._footnotes = 0
        self._carried = ""

    def read(self) -> Blocks:
        """Return the blocks of the document."""
        self._heads("header", "page head")
        body = self._document.element.body
        self._story(body, 0)
        self._heads("footer", "page foot")
        if body.find(f".//{qn('w:del')}") is not None or body.find(f".//{qn('w:ins')}") is not None:
            self._grid.add_notice(
                "tracked-changes",
                Text("文档中有未接受的修订：读取的是修订后的文字，请确认是否为定稿。"),
                1,
            )
        return self._grid.finish("word")

    def _story(self, parent: Any, depth: int) -> None:
        for element in _blocks_of(parent):
            if element.tag == _P:
                self._paragraph(element)
            else:
                self._table(element, depth)
        self._flush()

    def _paragraph(self, element: Any) -> None:
        self._carried += self._numbering.label(element) + _text(element)
        # A deleted paragraph mark joins a paragraph with the next one.
        if element.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}") is None:
            self._paragraphs += 1
            self._grid.add_paragraph(self._carried, Place(paragraph=self._paragraphs))
            self._carried = ""
        self._beside(element)

    def _flush(self) -> None:
        if self._carried:
            self._paragraphs += 1
            self._grid.add_paragraph(self._carried, Place(paragraph=self._paragraphs))
            self._carried = ""

    def _beside(self, element: Any) -> None:
        """Add the text boxes and the footnotes of a paragraph or table behind it."""
        for box in element.iter(qn("w:txbxContent")):
            if not any(parent.tag == f"{_COMPATIBILITY}Fallback" for parent in box.iterancestors()):
                self._story(box, 1)
        for mark in element.iter(qn("w:footnoteReference")):
            note = self._notes.get(mark.get(qn("w:id")))
            if note is not None:
                self._footnotes += 1
                text = "".join(_text(each) for each in _blocks_of(note) if each.tag == _P).strip()
                self._grid.add_paragraph(f"注{self._footnotes}：{text}", Place(paragraph=self._paragraphs))

    def _table(self, element: Any, depth: int) -> None:
        self._flush()
        if depth < DEEPEST and _is_layout(element):
            for row in _rows_of(element):
                for cell in _wrapped(row, _TC):
                    self._story(cell, depth + 1)
            return
        self._tables += 1
        self._grid.add_table(_grid(element, self._cell), table=self._tables)
        self._beside(element)

    def _cell(self, element: Any) -> str:
        """Put the paragraphs of a cell together without losing a character."""
        parts: list[str] = []
        for block in _blocks_of(element):
            if block.tag == _P:
                text = self._numbering.label(block) + _text(block)
                parts.extend(part.replace("\t", " ") for part in text.split("\n"))
            else:
                rows = _grid(block, self._cell)
                parts.extend(" ".join(cell.text for cell in row if cell.text) for row in rows)
        return closed(parts)

    def _heads(self, name: str, why: str) -> None:
        """Account for the heads and feet of pages; equal ones of several sections once."""
        texts: dict[str, None] = {}
        for section in self._document.sections:
            for prefix in ("", "first_page_", "even_page_"):
                area = getattr(section, prefix + name)
                if not area.is_linked_to_previous:
                    texts.update(dict.fromkeys(_text(each).strip() for each in area._element.iter(_P)))
        for text in filter(None, texts):
            self._grid.add_skipped(text, why)


def _part(document_part: Any, kind: str) -> Any:
    """Return the root element of a part of the document, or None where it has none."""
    for relation in document_part.rels.values():
        if relation.reltype == kind and not relation.is_external:
            part = relation.target_part
            return part.element if hasattr(part, "element") else parse_xml(part.blob)
    return None


def _wrapped(parent: Any, *tags: str) -> Iterator[Any]:
    """Give the children with one of these tags, also those inside content controls and insertions."""
    for child in parent:
        if child.tag in tags:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _wrapped(child, *tags)
        elif child.tag == f"{_COMPATIBILITY}AlternateContent":
            yield from _wrapped(next(iter(child), child), *tags)


def _blocks_of(parent: Any) -> Iterator[Any]:
    yield from _wrapped(parent, _P, _TBL)


def _rows_of(table: Any) -> Iterator[Any]:
    """Give the rows of a table but those deleted under revision."""
    for row in _wrapped(table, _TR):
        if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is None:
            yield row


def _text(element: Any) -> str:
    """Return the text of a paragraph as a reader sees it."""
    parts: list[str] = []
    _collect(element, parts)
    return "".join(parts)


def _collect(element: Any, parts: list[str]) -> None:
    for child in element:
        tag = child.tag
        if tag in _UNSEEN or not isinstance(tag, str):
            continue
        if tag in {qn("w:t"), f"{_MATHS}t"}:
            parts.append(child.text or "")
        elif tag in _SIGNS:
            if child.get(qn("w:type")) not in {"page", "column"}:
                parts.append(_SIGNS[tag])
        elif tag == qn("w:r") and _is_hidden(child):
            continue
        else:
            _collect(child, parts)


def _is_hidden(run: Any) -> bool:
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return vanish is not None and vanish.get(qn("w:val")) not in {"0", "false"}


def _is_layout(table: Any) -> bool:
    """Tell whether a table only arranges the page: most of its text stands in tables inside it."""
    inner = sum(len(_text(each)) for cell in table.iter(_TC) for each in cell.iterchildren(_TBL))
    return inner > 0 and 2 * inner > len(_text(table))


def _grid(table: Any, text_of: Callable[[Any], str]) -> Iterator[list[Cell]]:
    """Give each row as cells on the table's grid; spans become blank cells that know what they continue."""
    above: dict[int, str] = {}
    for row in _rows_of(table):
        cells = [Cell("") for _ in range(min(_number(row, "w:trPr", "w:gridBefore", 0), WIDEST_TABLE))]
        for element in _wrapped(row, _TC):
            column = len(cells)
            merge = element.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            if merge is not None and merge.get(qn("w:val")) != "restart":
                cells.append(Cell("", above.get(column, "")))
            else:
                above[column] = text_of(element)
                cells.append(Cell(above[column]))
            span = min(_number(element, "w:tcPr", "w:gridSpan", 1), WIDEST_TABLE + 1)
            cells.extend(Cell("") for _ in range(span - 1))
        yield cells


def _number(element: Any, properties: str, name: str, otherwise: int) -> int:
    found = element.find(f"{qn(properties)}/{qn(name)}")
    text = found.get(qn("w:val")) if found is not None else None
    return int(text) if text is not None and text.isdecimal() else otherwise
