"""Markdown (.md): headings, paragraphs and pipe tables; the marks of the format are no part of the text."""

from __future__ import annotations

import re

from bishui.documents.blocks import Blank, Block, Blocks, Paragraph, Position, Ruler, TableRow
from bishui.documents.readers.grid import closed
from bishui.documents.readers.plain_text import lines_of
from bishui.documents.text import clean_cell

_SEPARATOR = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?)?\s*")
_RULER = re.compile(r"\s*(?:[-*_]\s*){3,}|```.*")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?P<text>.*?)\s*#*\s*")
_PREFIX = re.compile(r"^(?:\s*(?:>\s?)+|\s*[-*+]\s+)")
_LINK = re.compile(r"!?\[(?P<text>[^\]]*)\]\([^)\s]*\)")
_EMPHASIS = re.compile(r"(?P<mark>\*\*\*|\*\*|__|`)(?P<text>.+?)(?P=mark)")
_ESCAPED = re.compile(r"\\(?=[\\`*_{}\[\]()#+\-.!|<>~])")
_CELL_END = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def read_markdown(data: bytes, filename: str) -> Blocks:
    """Read a Markdown file into blocks; source lines are the lines of the file."""
    lines = lines_of(data, filename)
    blocks: list[Block] = []
    group = 0
    for number, line in enumerate(lines, start=1):
        at = Position(number, number)
        block = _block(line, at, group)
        if not isinstance(block, TableRow | Ruler):
            group += 1
        blocks.append(block)
    return Blocks(filename, "markdown", tuple(blocks), tuple(lines))


def _block(line: str, at: Position, group: int) -> Block:
    if not line.strip(" \t\u3000\ufeff"):
        return Blank(at)
    if _SEPARATOR.fullmatch(line) or _RULER.fullmatch(line):
        return Ruler(at)
    if line.strip().startswith("|"):
        cells = _CELL_END.split(line.strip().removeprefix("|").removesuffix("|"))
        return TableRow(tuple(_cell(cell) for cell in cells), Position(at.first, at.last, table=1), group)
    heading = _HEADING.fullmatch(line)
    return Paragraph(_plain(heading["text"] if heading else _PREFIX.sub("", line, count=1)), at)


def _cell(text: str) -> str:
    return closed(_plain(part) for part in _BREAK.split(text))


def _plain(text: str) -> str:
    """Return the text without the marks of emphasis, links and escapes."""
    text = _EMPHASIS.sub(lambda hit: hit["text"], _LINK.sub(lambda hit: hit["text"], text))
    return clean_cell(_ESCAPED.sub("", text)).strip("\ufeff")
