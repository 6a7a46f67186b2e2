"""One reader for each file format; each gives blocks with their places and knows nothing of plans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from bishui.documents.blocks import Blocks
from bishui.documents.readers.plain_text import read_text
from bishui.documents.readers.spreadsheet import read_spreadsheet
from bishui.documents.readers.web_page import read_html
from bishui.documents.readers.word import read_word
from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

__all__ = ["read_blocks"]

_READERS: dict[str, Callable[[bytes, str], Blocks]] = {
    "text": read_text,
    "word": read_word,
    "spreadsheet": read_spreadsheet,
    "html": read_html,
}
_SUFFIXES = {
    ".txt": "text",
    ".tsv": "text",
    ".md": "text",
    "": "text",
    ".docx": "word",
    ".xlsx": "spreadsheet",
    ".xlsm": "spreadsheet",
    ".html": "html",
    ".htm": "html",
}


def read_blocks(data: bytes, filename: str) -> Blocks:
    """Read the bytes of a document into blocks.

    The content decides the format where it has a signature; the file name's ending decides the rest.

    Raises
    ------
    UnreadableFile
        The file is empty, damaged, or of a format that has no reader.
    """
    if not data.strip():
        raise UnreadableFile(
            Text("文件是空的，没有任何内容。"),
            remedy=Text("请确认导出时是否出错，重新导出后再试。"),
            where=Where(file=filename),
        )
    suffix = PurePath(filename).suffix.lower()
    _refuse_foreign(data, filename)
    if data.startswith(b"PK\x03\x04"):
        kind = "spreadsheet" if b"xl/workbook" in data or suffix in {".xlsx", ".xlsm"} else "word"
    else:
        kind = _kind_of_text(data, suffix, filename)
    return _READERS[kind](data, filename)


def _kind_of_text(data: bytes, suffix: str, filename: str) -> str:
    kind = _SUFFIXES.get(suffix)
    if kind in {"word", "spreadsheet"}:
        raise UnreadableFile(
            Text("文件名以 {suffix} 结尾，内容却不是这种格式。", suffix=suffix),
            remedy=Text("请用原来的软件打开后另存为 {suffix}，或改成与内容一致的扩展名。", suffix=suffix),
            where=Where(file=filename, byte=0),
        )
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "html"
    return kind or "text"


def _refuse_foreign(data: bytes, filename: str) -> None:
    """Name the formats that are known and have no reader."""
    where = Where(file=filename, byte=0)
    if data.startswith(b"%PDF"):
        raise UnreadableFile(
            Text("这是 PDF 文件，目前还不能直接读取；扫描件里只有图片，没有文字。"),
            remedy=Text(
                "请用原始的 Word、Excel、网页或文本文件；只有扫描件时，先做文字识别并另存为 docx 或 txt。"
            ),
            where=where,
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            Text("这是旧版 Office 格式（.doc、.xls），目前不能读取。"),
            remedy=Text("请用 Word、WPS 或 Excel 打开，另存为 .docx 或 .xlsx 后再试。"),
            where=where,
        )
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")):
        raise UnreadableFile(
            Text("这是图片文件，里面没有文字。"),
            remedy=Text("请用原始文档；只有图片时，先做文字识别并另存为 docx 或 txt。"),
            where=where,
        )
