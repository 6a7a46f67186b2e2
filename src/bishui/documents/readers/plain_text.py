"""Plain text: paragraphs by line, tables as rows with tabs or commas, in any usual encoding."""

from __future__ import annotations

import csv
import re

from bishui.documents.blocks import Blank, Block, Blocks, Paragraph, Position, Ruler, TableRow
from bishui.documents.readers.grid import closed
from bishui.documents.readers.limits import MOST_LINES, too_large
from bishui.documents.text import clean_cell
from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

_RULER = re.compile(r"[-=_—─|+:\s]{3,}")
_USUAL = re.compile(r"[\t\n\r\x20-\x7e\u2000-\u206f\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_DELIMITERS = ",;\t|"
_LEAST_ROWS = 3


def decode(data: bytes, filename: str) -> str:
    """Return the text of `data`, whatever of the usual encodings it is written in.

    UTF-8, UTF-16 and GB 18030 (which holds GBK and GB 2312) are told apart by mark and by content.

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
        wide = _unmarked_utf16(data)
        if wide is not None:
            return wide
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


def _unmarked_utf16(data: bytes) -> str | None:
    """Return the text of UTF-16 without a mark; nearly all of it must then be usual characters."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(text) > 1 and len(_USUAL.findall(text)) >= 0.95 * len(text):
            return text
    return None


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


def lines_of(data: bytes, filename: str) -> list[str]:
    """Return the lines of a text file, whatever ends them."""
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
    if len(lines) > MOST_LINES:
        raise too_large(Text("文件超过 {most} 行。", most=MOST_LINES), filename)
    return lines


def read_text(data: bytes, filename: str) -> Blocks:
    """Read a plain-text export into blocks; a line with a tab is a table row.

    Text that is a comma-separated or a pipe table throughout is read as such, whatever its name.
    """
    lines = lines_of(data, filename)
    if not any("\t" in line for line in lines):
        if _is_markdown(lines):
            from bishui.documents.readers.markdown import read_markdown

            return read_markdown(data, filename)
        if _comma_rows(lines) >= _LEAST_ROWS:
            return read_csv(data, filename)
    blocks: list[Block] = []
    group = 0
    for number, line in enumerate(lines, start=1):
        block = _block(line, Position(number, number), group, _width(blocks))
        if not isinstance(block, TableRow | Ruler):
            group += 1
        blocks.append(block)
    return Blocks(filename, "text", tuple(blocks), tuple(lines))


def _is_markdown(lines: list[str]) -> bool:
    return any(re.fullmatch(r"\s*\|(?:\s*:?-{3,}:?\s*\|)+\s*", line) for line in lines)


def _comma_rows(lines: list[str]) -> int:
    """Return how many lines on end, at most, have the same number of ASCII commas, three or more."""
    best = run = before = 0
    for line in lines:
        count = line.count(",")
        run = run + 1 if count >= 3 and count == before else 1 if count >= 3 else 0
        before = count
        best = max(best, run)
    return best


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


def read_csv(data: bytes, filename: str) -> Blocks:
    """Read a file of comma-separated values; quoted cells may hold line breaks and the delimiter.

    A row with a single text outside a table is a paragraph: titles and notes are saved that way.
    """
    lines = lines_of(data, filename)
    try:
        return _csv_blocks(lines, filename)
    except csv.Error:  # a quotation mark without its partner swallows the rest of the file
        raise UnreadableFile(
            Text("CSV 文件中有一个单元格没有结束：可能多了或少了一个双引号。"),
            remedy=Text("请用 Excel 或 WPS 打开检查，重新另存为 CSV 或 .xlsx 后再试。"),
            where=Where(file=filename),
        ) from None


def _csv_blocks(lines: list[str], filename: str) -> Blocks:
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=_delimiter(lines))
    blocks: list[Block] = []
    first, group, in_table = 1, 0, False
    for record in reader:
        at = Position(first, reader.line_num, table=1)
        first = reader.line_num + 1
        cells = [_cell(cell) for cell in record]
        filled = [cell for cell in cells if cell]
        if not filled:
            blocks.append(Blank(at))
            in_table, group = False, group + 1
        elif len(filled) > 1 or in_table:
            in_table = True
            blocks.append(TableRow(tuple(cells), at, group))
        else:
            blocks.append(Paragraph(filled[0], Position(at.first, at.last)))
    return Blocks(filename, "csv", tuple(blocks), tuple(lines))


def _cell(text: str) -> str:
    return closed(part.replace("\t", " ") for part in text.split("\n"))


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that most lines hold."""
    return max(_DELIMITERS, key=lambda delimiter: sum(1 for line in lines if delimiter in line))
