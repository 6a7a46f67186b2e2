"""Rows of texts put into a workbook that has its heads: as fast as writing the file at all.

`openpyxl` makes an object of each cell, which for a register of ten thousand rows takes most of a minute.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

#: What XML cannot hold, and what a workbook would take for an escaped character.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_SHEET = "xl/worksheets/sheet1.xml"


def fill(book: bytes, rows: Iterable[Sequence[str]], look: int) -> bytes:
    """Return a workbook with rows of texts below the one row of its first sheet.

    Parameters
    ----------
    book
        An XLSX whose first sheet has one row.
    look
        The style of the cells, as its number in the workbook.
    """
    filled = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(book)) as source,
        zipfile.ZipFile(filled, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            content = source.read(part)
            if part.filename == _SHEET:
                content = _with_rows(content.decode("utf-8"), rows, look).encode("utf-8")
            target.writestr(part, content, zipfile.ZIP_DEFLATED)
    return filled.getvalue()


def _with_rows(sheet: str, rows: Iterable[Sequence[str]], look: int) -> str:
    lines = list(_lines(rows, look))
    head, end, tail = sheet.partition("</sheetData>")
    head = re.sub(r'(<dimension ref="A1:[A-Z]+)1"', rf'\g<1>{len(lines) + 1}"', head, count=1)
    return "".join((head, *lines, end, tail))


def _lines(rows: Iterable[Sequence[str]], look: int) -> Iterator[str]:
    letters: list[str] = []
    for number, row in enumerate(rows, start=2):
        letters = letters or [get_column_letter(place + 1) for place in range(len(row))]
        cells = [
            f'<c r="{letter}{number}" s="{look}" t="inlineStr"><is>{_text(text)}</is></c>'
            for letter, text in zip(letters, row, strict=True)
            if text
        ]
        yield f'<row r="{number}">{"".join(cells)}</row>'


def _text(text: str) -> str:
    text = escape(_LOOKS_ESCAPED.sub("_x005F_", _NOT_XML.sub("", text)), {"\r": "&#13;"})
    # Line ends and blanks stay what they are.
    kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text or "  " in text else ""
    return f"<t{kept}>{text}</t>"
