"""The rows of a file of outfalls: a sheet, or points with attributes (GeoPackage, Shapefile, GeoJSON)."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from bishui.errors import DataError, Problem, UnreadableFile, Where
from bishui.i18n import Text
from bishui.observations import read_sheets

#: Endings of files of points; a Shapefile comes packed with its parts.
GEOGRAPHIC = (".gpkg", ".geojson", ".json", ".zip")
_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")
_LARGEST = 1024 * 1024 * 1024
#: Longitude and latitude in a datum that the register names.
_DATUMS = {"EPSG:4490": "CGCS2000", "EPSG:4326": "WGS-84", "OGC:CRS84": "WGS-84"}


@dataclass(frozen=True, slots=True)
class FileRows:
    """Rows by head, each with its number in the file, and those that have not a cell per head."""

    heads: Sequence[str]
    rows: Sequence[tuple[int, dict[str, str]]]
    misshapen: Sequence[Problem] = ()


def read_rows(path: Path, name: str) -> FileRows:
    """Read a file; what kind it is, its ending says.

    Raises
    ------
    UnreadableFile
        If it cannot be opened as what it says it is.
    DataError
        If its coordinates are no longitude and latitude, or a packed file holds no Shapefile.
    """
    if Path(name).suffix.casefold() in GEOGRAPHIC and not _is_workbook(path):
        return _points(path, name)
    sheet = read_sheets(path, name=name)[0]
    heads = [str(head) for head in (sheet.preview or [[]])[0]]
    body = sheet.body(0)
    columns = [column.to_pylist() for column in body.columns]
    rows = [
        (number, {head: columns[at][index] for at, head in enumerate(heads) if head.strip()})
        for index, number in enumerate(body.rows.tolist())
    ]
    return FileRows(heads, [entry for entry in rows if _says_anything(entry[1])], body.rejected)


def _says_anything(row: dict[str, str]) -> bool:
    return any(text.strip() for text in row.values())


def _is_workbook(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as packed:
        return any(name.startswith("xl/") for name in packed.namelist())


def _points(path: Path, name: str) -> FileRows:
    with _opened(path, name) as source:
        meta, geometry, columns = _layer(source, name)
    datum = _datum(meta.get("crs"), name)
    heads = [str(head) for head in meta["fields"]]
    rows = []
    for index, point in enumerate(geometry):
        row = {head: _text(columns[at][index]) for at, head in enumerate(heads)}
        row = _place(point, datum) | {head: text for head, text in row.items() if text}
        rows.append((index + 1, row))
    return FileRows([*heads, "lon", "lat", "datum"], [entry for entry in rows if _says_anything(entry[1])])


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Path]:
    """Yield a path that GDAL opens by its ending; a packed Shapefile is unpacked for as long."""
    with tempfile.TemporaryDirectory() as folder:
        ending = Path(name).suffix.casefold()
        if ending != ".zip":
            plain = Path(folder) / f"points{ending}"
            plain.symlink_to(path.resolve())
            yield plain
            return
        yield _unpacked(path, name, Path(folder))


def _unpacked(path: Path, name: str, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as packed:
            parts = [
                part for part in packed.infolist() if PurePosixPath(part.filename).suffix.casefold() in _PARTS
            ]
            if sum(part.file_size for part in parts) > _LARGEST:
                raise DataError(
                    Text("“{name}”解压后过大。", name=name),
                    remedy=Text("请分县导出后分别导入。"),
                    where=Where(file=name),
                )
            for part in parts:
                target_path = folder / f"points{_ending(part.filename)}"
                with packed.open(part) as source, target_path.open("wb") as target:
                    shutil.copyfileobj(source, target)
    except zipfile.BadZipFile as error:
        raise UnreadableFile(
            Text("“{name}”不是完整的压缩包。", name=name), remedy=Text("请重新压缩后上传。")
        ) from error
    found = folder / "points.shp"
    if not found.is_file():
        raise DataError(
            Text("“{name}”中没有 Shapefile。", name=name),
            remedy=Text("压缩包中应有同名的 .shp、.dbf、.shx、.prj 文件。"),
            where=Where(file=name),
        )
    return found


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.casefold()


def _layer(source: Path, name: str) -> tuple[dict[str, Any], Any, Any]:
    import pyogrio.errors
    import pyogrio.raw
    import shapely

    for encoding in ("UTF-8", "GB18030"):
        try:
            meta, _, geometry, columns = pyogrio.raw.read(source, encoding=encoding, datetime_as_string=True)
            return meta, shapely.from_wkb(geometry), columns
        except UnicodeDecodeError:
            continue
        except (pyogrio.errors.DataSourceError, ValueError) as error:
            raise UnreadableFile(
                Text("“{name}”不能作为地理数据打开。", name=name),
                remedy=Text("请另存为 GeoPackage、GeoJSON 或压缩的 Shapefile 后再上传。"),
                where=Where(file=name),
            ) from error
    raise UnreadableFile(
        Text("“{name}”的文字编码无法识别。", name=name),
        remedy=Text("请另存为 UTF-8 或 GBK 编码。"),
        where=Where(file=name),
    )


def _datum(crs: str | None, name: str) -> str:
    if not crs:
        return ""
    if crs not in _DATUMS:
        raise DataError(
            Text("“{name}”的坐标系是 {crs}，不是经纬度。", name=name, crs=crs),
            remedy=Text("请在地理信息软件中转换为 CGCS2000（EPSG:4490）后再导入。"),
            where=Where(file=name),
        )
    return _DATUMS[crs]


def _place(point: Any, datum: str) -> dict[str, str]:
    """Return the coordinates of a point as texts, of anything else none; attributes that say them win."""
    if point is None or point.is_empty or point.geom_type != "Point":
        return {}
    place = {"lon": f"{point.x:.8f}".rstrip("0").rstrip("."), "lat": f"{point.y:.8f}".rstrip("0").rstrip(".")}
    return place | ({"datum": datum} if datum else {})


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, np.datetime64):
        return str(value)[:10]
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value)
