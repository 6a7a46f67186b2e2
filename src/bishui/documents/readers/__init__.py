"""One reader for each file format; each gives blocks with their places and knows nothing of plans."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from bishui.documents.blocks import Blocks
from bishui.documents.readers.kinds import kind_of
from bishui.documents.readers.limits import LARGEST_FILE, too_large
from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

__all__ = ["read_blocks"]

# Module and function of each format. A reader is loaded when a file of its format comes: the libraries for
# workbooks and PDF take longer to load than most plans to read.
_READERS = {
    "text": ("plain_text", "read_text"),
    "csv": ("plain_text", "read_csv"),
    "markdown": ("markdown", "read_markdown"),
    "html": ("web_page", "read_html"),
    "word": ("word", "read_word"),
    "old word": ("legacy", "read_old_word"),
    "spreadsheet": ("spreadsheet", "read_spreadsheet"),
    "old spreadsheet": ("old_spreadsheet", "read_old_spreadsheet"),
    "pdf": ("pdf", "read_pdf"),
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
    return _reader(kind_of(data, filename))(data, filename)


def _reader(kind: str) -> Callable[[bytes, str], Blocks]:
    module, name = _READERS[kind]
    reader: Callable[[bytes, str], Blocks] = getattr(import_module(f"{__name__}.{module}"), name)
    return reader
