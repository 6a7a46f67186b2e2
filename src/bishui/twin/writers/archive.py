"""Office files with the same bytes for the same content."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

#: The moment written into every file, so that none depends on the day it was made.
STAMP = dt.datetime(2025, 2, 28, 9, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*(</dcterms:)")


def repack(content: bytes) -> bytes:
    """Return the zip archive `content` with fixed times and, in its core properties, fixed dates."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _MODIFIED.sub(
                    rb"\g<1>" + STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<2>", data
                )
            entry = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, data)
    return packed.getvalue()
