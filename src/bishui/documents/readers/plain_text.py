"""Plain text: paragraphs by line, tables as tab-separated rows, in UTF-8, UTF-16 or GB 18030 (GBK)."""

from __future__ import annotations

import re

from bishui.documents.blocks import Blank, Block, Blocks, Paragraph, Position, Ruler, TableRow
from bishui.documents.text import clean_cell
from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

_RULER = re.compile(r"[-=_—─|+:\s]{3,}")


def decode(data: bytes, filename: str) -> str:
    """Return the text of `data`, whatever of the usual encodings it is written in.

    Raises
    ------
    UnreadableFile
        No encoding fits; the error names the first byte that does not.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strict(data, encoding, filename)
    control = _first_control(data)
    if control is not None:
        raise _not_text(filename, control, data[control])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as utf8:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError as gbk:
            place = max(utf8.start, gbk.start)
            raise _not_text(filename, place, data[place]) from None


def _strict(data: bytes, encoding: str, filename: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(filename, error.start, data[min(error.start, len(data) - 1)]) from None


def _first_control(data: bytes) -> int | None:
    match = re.search(rb"[\x00-\x08\x0e-\x1f]", data)
    return match.start() if match else None


def _not_text(filename: str, place: int, value: int) -> UnreadableFile:
    return UnreadableFile(
        Text(
            "无法按 UTF-8 或 GB18030 识别文字：第 {place} 字节是 0x{value}。",
            place=place,
            value=f"{value:02X}",
        ),
        remedy=Text("请用记事本或 WPS 打开，另存为 UTF-8 编码的文本文件后再试。"),
        where=Where(file=filename, byte=place),
    )


def read_text(data: bytes, filename: str) -> Blocks:
    """Read a plain-text export into blocks; a line with a tab is a table row."""
    text = (
        decode(data, filename)
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\x0b", " ")
        .replace("\x0c", "")
    )
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    blocks: list[Block] = []
    group = 0
    for number, line in enumerate(lines, start=1):
        block = _block(line, Position(number, number), group, _width(blocks))
        if not isinstance(block, TableRow | Ruler):
            group += 1
        blocks.append(block)
    return Blocks(filename, "text", tuple(blocks), tuple(lines))


def _width(blocks: list[Block]) -> int:
    """Return the number of cells of the row just above, 0 where there is none."""
    return len(blocks[-1].cells) if blocks and isinstance(blocks[-1], TableRow) else 0


def _block(line: str, at: Position, group: int, width: int) -> Block:
    if not line.strip(" \t\u3000\u00a0\ufeff"):
        return Blank(at)
    if _RULER.fullmatch(line.strip()):
        return Ruler(at)
    if "\t" not in line:
        return Paragraph(clean_cell(line.lstrip("\ufeff")), at)
    cells = tuple(clean_cell(cell) for cell in line.split("\t"))
    alone = sum(1 for cell in cells if cell) == 1 and cells[-1] != ""
    if alone and len(cells) != width:
        # A tab before a single text is an indent, or a cell whose row was lost.
        return Paragraph(cells[-1], at, stray_cell=True)
    return TableRow(cells, at, group)
