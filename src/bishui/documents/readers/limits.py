"""What a document may be at most, so that no upload exhausts the machine.

The largest published plan known has 2,000 lines and 150 kB; the limits leave room for a hundred times that.
"""

from __future__ import annotations

from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a file as it is handed in."""

LARGEST_UNPACKED = 256 * 1024 * 1024
"""Bytes of all parts of a packed file (.docx, .xlsx) together."""

MOST_PARTS = 10_000
"""Parts of a packed file."""

MOST_PAGES = 1_000
"""Pages of a PDF."""

MOST_LINES = 200_000
"""Source lines: paragraphs and table rows."""

MOST_CELLS = 1_000_000
"""Cells of all tables together, merged and blank ones counted."""

WIDEST_TABLE = 400
"""Columns of one table."""

DEEPEST = 40
"""Tables within tables, and forms within forms."""

CONVERSION_SECONDS = 60
"""Time that LibreOffice has for one document."""


def too_large(what: Text, filename: str) -> UnreadableFile:
    """Return the error for a document that goes beyond one of the limits; `what` says which."""
    return UnreadableFile(
        what,
        remedy=Text("请确认是不是计划文件；若是，请删去与计划无关的内容，或拆成几个文件分别导入。"),
        where=Where(file=filename),
    )
