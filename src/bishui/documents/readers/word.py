"""Word documents (.docx): paragraphs and tables in order; merged cells keep the text they continue."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from bishui.documents.blocks import Blocks
from bishui.documents.readers.grid import Cell, GridBlocks
from bishui.documents.text import clean_cell, join_wrapped
from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text


def read_word(data: bytes, filename: str) -> Blocks:
    """Read a Word document into blocks.

    Raises
    ------
    UnreadableFile
        The file is damaged or no Word document.
    """
    try:
        document = docx.Document(io.BytesIO(data))
    except Exception as error:  # the library lets errors of zip, XML and its own through
        raise UnreadableFile(
            Text("Word 文件打不开，可能已损坏或有密码：{reason}。", reason=type(error).__name__),
            remedy=Text("请用 Word 或 WPS 打开，另存为新的 .docx 后再试。"),
            where=Where(file=filename),
        ) from None
    grid = GridBlocks()
    for table, item in enumerate(document.iter_inner_content(), start=1):
        if isinstance(item, WordParagraph):
            grid.add_paragraph(item.text)
        else:
            grid.add_table(_rows(item), table=table)
    return grid.finish(filename, "word")


def _rows(table: WordTable) -> Iterator[list[Cell]]:
    """Give each row as cells on the table's grid; spans become blank cells that know what they continue."""
    above: dict[int, str] = {}
    for row in table.rows:
        cells: list[Cell] = [Cell("") for _ in range(row.grid_cols_before)]
        for element in row._tr.tc_lst:
            text = _text(element, table)
            column = len(cells)
            if element.vMerge == "continue":
                cells.append(Cell("", above.get(column, "")))
            else:
                cells.append(Cell(text))
                above[column] = text
            cells.extend(Cell("") for _ in range(element.grid_span - 1))
        yield cells


def _text(element: Any, table: WordTable) -> str:
    """Put the paragraphs of a cell together without losing a character."""
    text = ""
    for paragraph in element.p_lst:
        text = join_wrapped(text, clean_cell(WordParagraph(paragraph, table).text.replace("\n", "")))
    return text
