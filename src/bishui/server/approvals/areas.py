"""Special areas (特殊保护区域): polygons in by GeoJSON or GeoPackage, and which of them hold a place.

A hit is a flag and a proposal; whether an outfall may stand there is what a person judges. A file that is
not in degrees is refused: tens of metres decide here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import shapely
from shapely.geometry import mapping, shape

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.server.approvals.models import SpecialArea
from bishui.server.core import audit, files

#: What an area may be; the register of a bureau may hold others as ``other``.
KINDS: Mapping[str, Text] = {
    "drinking_water": Text("饮用水水源保护区"),
    "nature": Text("自然保护地"),
    "ecological_line": Text("生态保护红线"),
    "fishery": Text("水产种质资源保护区"),
    "scenic": Text("风景名胜区水体"),
    "other": Text("其他需要特殊保护的区域"),
}
_ENDINGS = (".geojson", ".json", ".gpkg")
_DEGREES = ("EPSG:4490", "EPSG:4326", "OGC:CRS84")
_FIELDS = ("code", "name", "kind", "level", "since", "until")


def import_areas(
    content: BinaryIO, name: str, *, source: str, division: str, actor: Any, where: str = ""
) -> list[SpecialArea]:
    """Read special areas from a file; an area with a known code is renewed, the others are added.

    The file's columns are ``code``, ``name``, ``kind`` (a key of `KINDS`), and if wanted ``level``,
    ``since`` and ``until`` (days).

    Raises
    ------
    DataError
        If the file can not be read, has no polygons, lacks a column, or is not in degrees.
    """
    if not source.strip():
        raise DataError(Text("没有写明区域的来源。"), remedy=Text("请填写批准文件的名称和文号。"))
    data = content.read()
    rows = _read(data, name)
    with audit.action(
        "approvals.areas_imported", actor=actor, where=where, division=division, file=name, count=len(rows)
    ):
        stored = files.keep([data], name, division=division)
        made = []
        for row, geometry in rows:
            area = SpecialArea.objects.filter(division=division, code=row["code"]).first()
            area = area or SpecialArea(division=division, code=row["code"])
            for field in _FIELDS[1:]:
                setattr(area, field, row[field])
            area.geometry = mapping(geometry)
            area.west, area.south, area.east, area.north = geometry.bounds
            area.source, area.file = source.strip(), stored
            area.save()
            made.append(area)
    return made


def _read(data: bytes, name: str) -> list[tuple[dict[str, Any], Any]]:
    place = Where(file=name)
    ending = PurePath(name).suffix.casefold()
    if ending not in _ENDINGS:
        raise DataError(
            Text("不能读取“{name}”。", name=name),
            remedy=Text("请上传 GeoJSON（.geojson）或 GeoPackage（.gpkg）文件。"),
            where=place,
        )
    import pyogrio  # half a second, with pandas: only who reads a file waits for it

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"areas{ending}"
        path.write_bytes(data)
        try:
            meta, _fids, geometries, columns = pyogrio.raw.read(path)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise DataError(
                Text("“{name}”不是可读的空间数据文件。", name=name),
                remedy=Text("请在地理信息软件中打开检查后重新导出。"),
                where=place,
            ) from error
    _check_file(meta, name)
    named = dict(zip([str(field) for field in meta["fields"]], columns, strict=True))
    shapes = shapely.from_wkb(geometries)
    return [
        _row({key: values[number] for key, values in named.items()}, one, name, number + 1)
        for number, one in enumerate(shapes)
    ]


def _check_file(meta: Mapping[str, Any], name: str) -> None:
    missing = [field for field in _FIELDS[:3] if field not in [str(one) for one in meta["fields"]]]
    if missing:
        raise DataError(
            Text("“{name}”缺少字段：{fields}。", name=name, fields="、".join(missing)),
            remedy=Text("每个区域须有 code、name、kind 三个字段。"),
            where=Where(file=name),
        )
    if meta["crs"] is not None and meta["crs"] not in _DEGREES:
        raise DataError(
            Text("“{name}”的坐标系 {crs} 不可用。", name=name, crs=meta["crs"]),
            remedy=Text("请转换为 CGCS2000 经纬度（EPSG:4490）后再上传。"),
            where=Where(file=name),
        )


def _row(given: Mapping[str, Any], geometry: Any, name: str, number: int) -> tuple[dict[str, Any], Any]:
    place = Where(file=name, row=number)
    if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
        raise DataError(
            Text("第 {number} 个要素不是面。", number=number), remedy=Text("区域须为面状要素。"), where=place
        )
    if not geometry.is_valid:
        raise DataError(
            Text("第 {number} 个要素的边界自相交。", number=number),
            remedy=Text("请在地理信息软件中修复几何后再上传。"),
            where=place,
        )
    row = {field: _text(given.get(field)) for field in _FIELDS}
    if not row["code"] or not row["name"] or row["kind"] not in KINDS:
        raise DataError(
            Text("第 {number} 个要素的编码、名称或类别不可用：{row}", number=number, row=str(row)),
            remedy=Text("类别可用：{kinds}。", kinds="、".join(KINDS)),
            where=place,
        )
    days = {field: _day(row[field], place) for field in ("since", "until")}
    return row | days, geometry


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()  # noqa: PLR0124 - NaN is a missing text


def _day(text: str, place: Where) -> date | None:
    if not text or text == "NaT":
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise DataError(
            Text("“{text}”不是日期。", text=text), remedy=Text("请写成 2026-01-31 这样。"), where=place
        ) from error


def areas_at(division: str, lon: Decimal | None, lat: Decimal | None, day: date) -> list[SpecialArea]:
    """Return the special areas that hold a place on a day; a place on the edge counts as inside.

    Areas of the division, of those that hold it and of those inside it are asked.
    """
    if lon is None or lat is None:
        return []
    x, y = float(lon), float(lat)
    near = SpecialArea.objects.filter(west__lte=x, east__gte=x, south__lte=y, north__gte=y)
    point = shapely.Point(x, y)
    return [
        area
        for area in near
        if area.holds_on(day)
        and (division.startswith(area.division) or area.division.startswith(division))
        and shape(area.geometry).intersects(point)
    ]


def end(area: SpecialArea, day: date, *, actor: Any, why: str, where: str = "") -> None:
    """Let a special area hold no longer than until a day; it is never deleted."""
    with audit.action(
        "approvals.area_ended", actor=actor, where=where, why=why, division=area.division, name=area.name
    ):
        area.until = day
        area.save()
