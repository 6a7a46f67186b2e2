"""The attributes of a Shapefile (.dbf) as text and numbers, in whatever encoding they were written.

Read here rather than by GDAL: names of fields are cut to ten bytes, often in the middle of a Chinese
character, and files from county bureaus seldom say that they are GBK.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

#: Language driver ids (byte 29) that stand for simplified Chinese.
_GBK_DRIVERS = (0x4D, 0x7A)
_ENCODINGS = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "936": "gb18030",
    "ansi 936": "gb18030",
}
_HEADER, _FIELD = 32, 32


@dataclass(frozen=True, slots=True)
class Attributes:
    """The table of a .dbf: columns by name, which records are marked as deleted, and the encoding used."""

    columns: dict[str, pa.Array]
    deleted: NDArray[np.bool_]
    encoding: str


@dataclass(frozen=True, slots=True)
class _Field:
    name: bytes
    kind: str
    width: int


def read_attributes(path: Path) -> Attributes:
    """Read a .dbf file.

    The encoding is that of the .cpg file beside it, else that of the language driver, else UTF-8 where all
    text fits it, else GB 18030.

    Raises
    ------
    UnreadableFile
        The file is cut off or no .dbf, or its text fits neither the stated nor a usual encoding.
    """
    content = path.read_bytes()
    if len(content) < _HEADER:
        raise _damaged(path)
    count = int.from_bytes(content[4:8], "little")
    start, width = int.from_bytes(content[8:10], "little"), int.from_bytes(content[10:12], "little")
    if not width or len(content) < start + count * width:
        raise _damaged(path)
    fields = _fields(content[_HEADER:start])
    layout = np.dtype(
        [("deleted", "S1"), *((f"f{place}", f"S{field.width}") for place, field in enumerate(fields))]
    )
    if layout.itemsize != width:
        raise _damaged(path)
    table = np.frombuffer(content, layout, count, start)
    encoding = _encoding(path, content, fields, table)
    columns: dict[str, pa.Array] = {}
    for place, field in enumerate(fields):
        name = _name(field.name, encoding)
        columns[name if name not in columns else f"{name}_{place}"] = _column(
            table[f"f{place}"], field, encoding
        )
    return Attributes(columns, np.asarray(table["deleted"] == b"*"), encoding)


def _fields(content: bytes) -> list[_Field]:
    found = []
    for begin in range(0, len(content) - _FIELD + 1, _FIELD):
        entry = content[begin : begin + _FIELD]
        if entry[0] == 0x0D:
            break
        found.append(_Field(entry[:11].split(b"\0")[0], chr(entry[11]), entry[16]))
    return found


def _encoding(path: Path, content: bytes, fields: list[_Field], table: NDArray[np.void]) -> str:
    said = _said(path)
    if said is None and content[29] in _GBK_DRIVERS:
        said = "gb18030"
    sample = b"\n".join(
        [*(_whole(field.name) for field in fields)]
        + [b"\n".join(table[f"f{place}"].tolist()) for place, field in enumerate(fields) if field.kind == "C"]
    )
    for encoding in dict.fromkeys(filter(None, (said, "utf-8", "gb18030"))):
        try:
            sample.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return encoding
    raise UnreadableFile(
        Text("属性表的文字既不是 UTF-8 也不是 GBK 编码。"),
        remedy=Text("请在 GIS 软件中以 UTF-8 编码重新导出 Shapefile，或改用 GeoPackage。"),
        where=Where(file=path.name),
    )


def _said(path: Path) -> str | None:
    """Return the encoding that the .cpg file names."""
    for beside in (path.with_suffix(".cpg"), path.with_suffix(".CPG")):
        if beside.is_file():
            said = beside.read_text(encoding="ascii", errors="replace").strip().casefold()
            return _ENCODINGS.get(said, said or None)
    return None


def _whole(name: bytes) -> bytes:
    """Return a name without the part of a UTF-8 character that the ten bytes cut off."""
    for cut in range(4):
        kept = name[: len(name) - cut] if cut else name
        try:
            kept.decode("utf-8")
        except UnicodeDecodeError:
            continue
        return kept if len(name) == 10 or not cut else name
    return name


def _name(name: bytes, encoding: str) -> str:
    kept = _whole(name) if encoding == "utf-8" else name
    return kept.decode(encoding, errors="ignore").strip()


def _column(cells: NDArray[np.bytes_], field: _Field, encoding: str) -> pa.Array:
    """Return a column: integers, floats or text; blanks are null where it holds numbers."""
    if field.kind in "NF":
        return _numbers(cells)
    known = {cell: cell.decode(encoding, errors="replace").strip("\0 ") for cell in set(cells.tolist())}
    return pa.array([known[cell] for cell in cells.tolist()], pa.string())


def _numbers(cells: NDArray[np.bytes_]) -> pa.Array:
    found = [cell.strip(b"\0 *").decode("ascii", errors="replace") for cell in cells.tolist()]
    text = [cell if cell else None for cell in found]
    for kind, make in ((pa.int64(), int), (pa.float64(), float)):
        try:
            return pa.array([None if cell is None else make(cell) for cell in text], kind)
        except (ValueError, OverflowError, pa.ArrowInvalid):
            continue
    return pa.array(text, pa.string())


def _damaged(path: Path) -> UnreadableFile:
    return UnreadableFile(
        Text("属性表（.dbf）不完整或已损坏。"),
        remedy=Text("请重新导出，并连同 .shp、.shx、.dbf、.prj、.cpg 一起提供。"),
        where=Where(file=path.name),
    )
