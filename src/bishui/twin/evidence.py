"""Files of evidence for the invented city: small, whole, and each saying that it is invented."""

from __future__ import annotations

import io
import struct
import zlib

from openpyxl import Workbook

_NOTICE = "本文件由软件生成，岚津市及其单位均为虚构。"
_SIZE = 120


def evidence_file(name: str, text: str = "") -> bytes:
    """Return the content of a file of evidence; its kind follows from the ending of `name`.

    Parameters
    ----------
    name
        The file's name, ending in ``.xlsx``, ``.png`` or ``.pdf``.
    text
        What it proves; a workbook says it in a cell.
    """
    if name.endswith(".xlsx"):
        return _workbook(name, text)
    return _picture() if name.endswith(".png") else _page()


def _workbook(name: str, text: str) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ([name.rsplit(".", 1)[0]], [text], [_NOTICE]):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _picture() -> bytes:
    """Return a PNG: a river between two banks."""
    rows = b"".join(
        b"\x00" + b"".join(bytes(_colour(abs(x - _SIZE // 2 - y // 6))) for x in range(_SIZE))
        for y in range(_SIZE)
    )
    head = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _colour(distance: int) -> tuple[int, int, int]:
    return (20, 150, 170) if distance < 18 else (200, 190, 150) if distance < 24 else (90, 140, 80)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _page() -> bytes:
    """Return a PDF of one page, in the fonts that every reader has."""
    stream = (
        b"BT /F1 14 Tf 72 760 Td (Lanjin: an invented city) Tj "
        b"0 -24 Td (Sample evidence, made by software) Tj ET"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (count, table, count)
    return content + end + b"startxref\n%d\n%%%%EOF\n" % len(content)
