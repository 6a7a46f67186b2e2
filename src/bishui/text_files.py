"""Text files as bureaus have them: UTF-8 with or without a mark, or GB 18030."""

from __future__ import annotations

from pathlib import Path

from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    UnreadableFile
        If it is text in neither encoding.
    """
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(
        Text("文件不是 UTF-8 或 GB 18030 编码的文本。"),
        remedy=Text("请另存为 UTF-8 编码的文本或 CSV。"),
        where=Where(file=str(path)),
    )
