"""Data out by the name of the file: the ending chooses the format."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from bishui.errors import CallError, Where
from bishui.i18n import Text
from bishui.reports.flat import Escape, to_csv, to_parquet, to_workbook
from bishui.reports.geographic import to_geojson, to_geopackage

_WRITERS: Mapping[str, Callable[[pa.Table, Path, Escape], None]] = {
    "xlsx": to_workbook,
    "csv": to_csv,
    "parquet": lambda table, path, _: to_parquet(table, path),
    "gpkg": lambda table, path, _: to_geopackage(table, path),
    "geojson": lambda table, path, _: to_geojson(table, path),
}
#: Formats that people read: a caller gives them a table in words.
SPREADSHEETS = ("xlsx", "csv")
#: The formats by the ending of a file, with their media types.
DATA_FORMATS: Mapping[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
}


def data_format(path: str | Path) -> str:
    """Return the format that the ending of a file's name chooses.

    Raises
    ------
    CallError
        If it is none of `DATA_FORMATS`.
    """
    ending = Path(path).suffix.removeprefix(".").lower()
    if ending in _WRITERS:
        return ending
    raise CallError(
        Text("不能写成“{path}”：不认识这种文件类型。", path=Path(path).name),
        remedy=Text("文件名请以 {endings} 之一结尾。", endings="、".join(f".{key}" for key in _WRITERS)),
        where=Where(file=str(path)),
    )


def write_data(table: pa.Table, path: str | Path, *, escape: Escape) -> Path:
    """Write a table in the format that the file's name chooses; a file that is there is replaced as a whole.

    Parameters
    ----------
    table
        The table; columns ``lon`` and ``lat`` in degrees make points in GeoPackage and GeoJSON.
    path
        ``.xlsx``, ``.csv``, ``.parquet``, ``.gpkg`` or ``.geojson``.
    escape
        Makes a text safe in a spreadsheet (the rule for formulas is not this room's).

    Raises
    ------
    CallError
        If the ending is unknown, or the place cannot be written.
    """
    target = Path(path)
    write = _WRITERS[data_format(target)]
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".bishui-") as folder:
            made = Path(folder) / target.name
            write(table, made, escape)
            made.replace(target)
    except OSError as fault:
        raise CallError(
            Text("无法写入 {path}：{reason}。", path=target, reason=fault.strerror or type(fault).__name__),
            remedy=Text("请换一个存在且可以写入的位置。"),
            where=Where(file=str(target)),
        ) from None
    return target


def data_bytes(table: pa.Table, ending: str, *, escape: Escape) -> bytes:
    """Return a table as the bytes of a file in one of `DATA_FORMATS`."""
    with tempfile.TemporaryDirectory(prefix="bishui-") as folder:
        return write_data(table, Path(folder) / f"table.{ending}", escape=escape).read_bytes()
