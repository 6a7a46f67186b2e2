"""One reader for each file format; each gives blocks with their places and knows nothing of plans."""

from __future__ import annotations

from collections.abc import Callable

from bishui.documents.blocks import Blocks
from bishui.documents.readers.kinds import kind_of
from bishui.documents.readers.legacy import read_old_word
from bishui.documents.readers.limits import LARGEST_FILE, too_large
from bishui.documents.readers.markdown import read_markdown
from bishui.documents.readers.old_spreadsheet import read_old_spreadsheet
from bishui.documents.readers.pdf import read_pdf
from bishui.documents.readers.plain_text import read_csv, read_text
from bishui.documents.readers.spreadsheet import read_spreadsheet
from bishui.documents.readers.web_page import read_html
from bishui.documents.readers.word import read_word
from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

__all__ = ["read_blocks"]

_READERS: dict[str, Callable[[bytes, str], Blocks]] = {
    "text": read_text,
    "csv": read_csv,
    "markdown": read_markdown,
    "html": read_html,
    "word": read_word,
    "old word": read_old_word,
    "spreadsheet": read_spreadsheet,
    "old spreadsheet": read_old_spreadsheet,
    "pdf": read_pdf,
}


def read_blocks(data: bytes, filename: str) -> Blocks:
    """Read the bytes of a document into blocks.

    The content decides the format where it has a signature; the file name's ending decides the rest.

    Raises
    ------
    UnreadableFile
        The file is empty, too large, damaged, encrypted, or of a format that has no reader.
    """
    if not data.strip():
        raise UnreadableFile(
            Text("文件是空的，没有任何内容。"),
            remedy=Text("请确认导出时是否出错，重新导出后再试。"),
            where=Where(file=filename),
        )
    if len(data) > LARGEST_FILE:
        raise too_large(Text("文件超过 {most} 兆字节。", most=LARGEST_FILE // 1024**2), filename)
    return _READERS[kind_of(data, filename)](data, filename)
