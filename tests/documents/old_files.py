"""Files of old programs made by hand: a compound file (MS-CFB) and a workbook in BIFF8 (MS-XLS) inside it."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512

Value = str | float | None


def compound_file(streams: dict[str, bytes]) -> bytes:
    """A compound file with these streams; each is filled up so that it needs no small sectors."""
    bodies = {
        name: data + bytes(max(4096 - len(data), -len(data) % _SECTOR)) for name, data in streams.items()
    }
    bodies = {name: data + bytes(-len(data) % _SECTOR) for name, data in bodies.items()}
    fat = [_FAT, _END]
    entries = [_entry("Root Entry", 5, 1, _FREE, _END, 0)]
    for number, (name, data) in enumerate(bodies.items(), start=1):
        sectors = len(data) // _SECTOR
        following = number + 1 if number < len(bodies) else _FREE
        entries.append(_entry(name, 2, _FREE, following, len(fat), len(data)))
        fat += [len(fat) + offset + 1 for offset in range(sectors - 1)] + [_END]
    fat += [_FREE] * (128 - len(fat))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        1,
        1,
        0,
        4096,
        _END,
        0,
        _END,
        0,
        0,
    )
    header += struct.pack("<108I", *[_FREE] * 108)
    directory = b"".join(entries) + _entry("", 0, _FREE, _FREE, 0, 0) * (4 - len(entries))
    return header + struct.pack("<128I", *fat) + directory + b"".join(bodies.values())


def _entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
    written = (name + "\0").encode("utf-16-le") if name else b""
    return written.ljust(64, b"\0") + struct.pack(
        "<HBBIII16xI16xIQ", len(written), kind, 1, _FREE, right, child, 0, start, size
    )


def workbook(
    sheets: dict[str, list[list[Value]]], merged: Sequence[tuple[int, int, int, int]] = (), hidden: str = ""
) -> bytes:
    """An .xls with these sheets; `merged` (first row, last row, first and last column) holds for each sheet."""
    bodies = {name: _sheet(rows, merged) for name, rows in sheets.items()}
    names = {name: name.encode("utf-16-le") for name in sheets}
    before = len(_record(0x0809, bytes(16))) + sum(4 + 8 + len(name) for name in names.values()) + 4
    listed = b""
    place = before
    for name, written in names.items():
        listed += _record(0x85, struct.pack("<IBBBB", place, int(name == hidden), 0, len(name), 1) + written)
        place += len(bodies[name])
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    return compound_file({"Workbook": begin + listed + _record(0x0A, b"") + b"".join(bodies.values())})


def _sheet(rows: list[list[Value]], merged: Sequence[tuple[int, int, int, int]]) -> bytes:
    parts = [_record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))]
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                written = value.encode("utf-16-le")
                parts.append(
                    _record(0x0204, struct.pack("<HHHHB", number, column, 0, len(value), 1) + written)
                )
            elif value is not None:
                parts.append(_record(0x0203, struct.pack("<HHHd", number, column, 0, value)))
    areas = b"".join(struct.pack("<HHHH", *area) for area in merged)
    return b"".join([*parts, _record(0xE5, struct.pack("<H", len(merged)) + areas), _record(0x0A, b"")])


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data
