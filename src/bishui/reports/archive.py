"""Office files with the same bytes for the same content."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date

_TIMES = re.compile(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*(</dcterms:)")


def repack(content: bytes, day: date, replaced: Mapping[str, bytes] | None = None) -> bytes:
    """Return the zip archive `content` with `day` as every time in it.

    Parameters
    ----------
    content
        A DOCX or XLSX file.
    day
        The day written as the time of each part and in the core properties.
    replaced
        Parts to put in place of those of the same name.
    """
    parts = dict(replaced or {})
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in sorted(old.namelist(), key=_first):
            data = parts.get(name) or old.read(name)
            if name == "docProps/core.xml":
                data = _TIMES.sub(rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode() + rb"\g<2>", data)
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, data)
    return packed.getvalue()


def _first(name: str) -> tuple[bool, str]:
    """Order the list of content types first, where readers look for it."""
    return name != "[Content_Types].xml", name
