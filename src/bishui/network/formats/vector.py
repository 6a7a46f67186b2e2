"""Lines with attributes: GeoPackage, Shapefile, GeoJSON and what else GDAL reads, in degrees.

GDAL is loaded with the first file, not with the room: it brings pandas along and takes half a second.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from bishui.errors import CallError, DataError, Problem, UnreadableFile, Where
from bishui.i18n import Text
from bishui.network.formats.dbf import read_attributes
from bishui.network.formats.heads import fold
from bishui.network.formats.model import LON_LAT, ReadingOptions
from bishui.network.formats.records import Records, flat

#: The table of edges in a GeoPackage that we write.
EDGES_LAYER = "edges"
_POINT, _LINE, _MULTI_LINE = 0, 1, 5
#: Systems whose coordinates are longitude and latitude that differ from CGCS2000 by centimetres.
_SAME = ("EPSG:4490", "EPSG:4326", "OGC:CRS84", "EPSG:4269")


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer as GDAL gives it."""

    name: str | None
    columns: dict[str, pa.Array]
    wkb: NDArray[np.object_]
    crs: str | None
    ignored: dict[int, Text] = field(default_factory=dict)


def read_vector(path: Path, reading: ReadingOptions) -> Records:
    """Read the lines of a file.

    Raises
    ------
    UnreadableFile
        GDAL cannot open it.
    DataError
        Its coordinate system is unknown and its coordinates are no longitude and latitude.
    """
    layer = _shapefile(path) if path.suffix.casefold() == ".shp" else _layer(path, reading.layer)
    rows = np.arange(1, len(layer.wkb) + 1, dtype=np.int64)
    lines, odd = _lines(_flat_lines(layer.wkb), rows, Where(file=path.name, sheet=layer.name))
    lines = to_lon_lat(lines, reading.crs or layer.crs, path.name)
    kept = np.array([row not in layer.ignored and row not in odd for row in rows.tolist()], np.bool_)
    mask = pa.array(kept)
    columns = {head: column.filter(mask) for head, column in layer.columns.items()}
    problems = tuple(problem for row, problem in odd.items() if row not in layer.ignored)
    return Records(path.name, layer.name, columns, rows[kept], lines[kept], layer.ignored, problems)


def layers(path: Path) -> list[str]:
    """Return the names of the layers of a file."""
    import pyogrio.errors

    try:
        return [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    except (pyogrio.errors.DataSourceError, ValueError) as error:
        raise _unreadable(path) from error


def read_table(path: Path, layer: str) -> dict[str, pa.Array]:
    """Return the columns of a layer without geometry."""
    import pyogrio

    table = pyogrio.read_arrow(path, layer=layer, read_geometry=False)[1]
    return {name: table[name].combine_chunks() for name in table.column_names}


def _layer(path: Path, wanted: str | None) -> _Layer:
    import pyogrio.errors

    names = layers(path)
    if wanted is not None and wanted not in names:
        raise CallError(
            Text("文件中没有图层“{layer}”。", layer=wanted),
            remedy=Text("现有图层：{names}。", names="、".join(names)),
            where=Where(file=path.name),
        )
    name = wanted or _first_with_lines(path, names)
    options = {"DATE_AS_STRING": "YES"} if path.suffix.casefold() in (".geojson", ".json") else {}
    try:
        meta, table = pyogrio.read_arrow(path, layer=name, **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError) as error:
        raise _unreadable(path) from error
    geometry = meta["geometry_name"] or "wkb_geometry"
    columns = {name: _plain(table[name]) for name in table.column_names if name != geometry}
    wkb = np.array(
        table[geometry].to_pylist() if geometry in table.column_names else [None] * len(table), object
    )
    if options:
        columns = {head: _listed(head, column) for head, column in columns.items()}
    return _Layer(name if len(names) > 1 else None, columns, wkb, meta["crs"])


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array; what GDAL marks as JSON as its text."""
    found = flat(column)
    return found.storage if isinstance(found.type, pa.BaseExtensionType) else found


def _listed(head: str, column: pa.Array) -> pa.Array:
    """Return lists where GDAL gives the text of lists, as it does when they are empty or of several types."""
    if not pa.types.is_string(column.type) or fold(head) not in ("to", "fraction"):
        return column
    cells = column.to_pylist()
    if not all(cell is None or cell.startswith("[") for cell in cells):
        return column
    try:
        found = [json.loads(cell or "[]") for cell in cells]
    except ValueError:
        return column
    kind = pa.float64() if fold(head) == "fraction" else pa.string()
    return pa.array(
        [[entry if kind == pa.float64() else str(entry) for entry in entries] for entries in found],
        pa.list_(kind),
    )


def _first_with_lines(path: Path, names: list[str]) -> str:
    """Return the first layer that holds lines, else the first."""
    import pyogrio

    kinds = dict(pyogrio.list_layers(path).tolist())
    return next((name for name in names if "LineString" in str(kinds[name])), names[0])


def _shapefile(path: Path) -> _Layer:
    """Read the lines by GDAL without the attributes, and the attributes here."""
    import pyogrio.errors

    beside = {its.suffix.casefold(): its for its in path.parent.iterdir() if its.stem == path.stem}
    if ".dbf" not in beside:
        raise UnreadableFile(
            Text("Shapefile 缺少属性表（.dbf）。"),
            remedy=Text("请连同 .shp、.shx、.dbf、.prj 一起提供，文件名相同。"),
            where=Where(file=path.name),
        )
    attributes = read_attributes(beside[".dbf"])
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".shp", ".shx", ".prj"):
            if suffix in beside:
                (Path(folder) / f"lines{suffix}").symlink_to(beside[suffix].resolve())
        try:
            meta, table = pyogrio.read_arrow(Path(folder) / "lines.shp", columns=[])
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise _unreadable(path) from error
    wkb = np.array(table[meta["geometry_name"] or "wkb_geometry"].to_pylist(), dtype=object)
    if len(wkb) != len(attributes.deleted):
        raise UnreadableFile(
            Text(
                "线形有 {lines} 个，属性有 {rows} 行，对不上。", lines=len(wkb), rows=len(attributes.deleted)
            ),
            remedy=Text("请重新导出 Shapefile。"),
            where=Where(file=path.name),
        )
    ignored = {int(row) + 1: Text("已标记删除") for row in np.flatnonzero(attributes.deleted)}
    return _Layer(None, attributes.columns, wkb, meta["crs"], ignored)


def _flat_lines(wkb: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return geometries without heights."""
    shapes: NDArray[np.object_] = np.asarray(shapely.from_wkb(wkb), dtype=object)
    return shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes


def _lines(
    shapes: NDArray[np.object_], rows: NDArray[np.int64], where: Where
) -> tuple[NDArray[np.object_], Mapping[int, Problem]]:
    """Return single lines; parts that join end to end are one line; what is no line is a problem by row."""
    lines = np.array(shapes, dtype=object)
    kinds = shapely.get_type_id(lines)
    multi = kinds == _MULTI_LINE
    if multi.any():
        lines[multi] = shapely.line_merge(lines[multi], directed=True)
        kinds = shapely.get_type_id(lines)
    empty = ~shapely.is_missing(lines) & shapely.is_empty(lines)
    lines[empty] = None
    odd: dict[int, Problem] = {}
    for place in np.flatnonzero(~shapely.is_missing(lines) & (kinds != _LINE)).tolist():
        row = int(rows[place])
        at = Where(file=where.file, sheet=where.sheet, row=row)
        parts = kinds[place] == _MULTI_LINE
        odd[row] = _several_parts(at) if parts else _not_a_line(at, str(lines[place].geom_type))
        lines[place] = None
    return lines, odd


def to_lon_lat(lines: NDArray[np.object_], crs: str | None, file: str) -> NDArray[np.object_]:
    """Return lines of a coordinate system in longitude and latitude (`LON_LAT`)."""
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    points = shapely.get_coordinates(lines)
    if crs is None:
        if len(points) and (np.abs(points) > [180.0, 90.0]).any():
            raise DataError(
                Text("文件没有说明坐标系，坐标也不是经纬度（如 {x}，{y}）。", x=points[0, 0], y=points[0, 1]),
                remedy=Text("请补上 .prj，或指明坐标系，如 EPSG:4490、EPSG:4545。"),
                where=Where(file=file),
            )
        return lines
    try:
        source = CRS.from_user_input(crs)
    except CRSError as error:
        raise CallError(
            Text("不认识坐标系“{crs}”。", crs=crs[:60]),
            remedy=Text("写法：EPSG:4490。"),
            where=Where(file=file),
        ) from error
    if ":".join(source.to_authority() or ()) in _SAME:
        return lines
    across = Transformer.from_crs(source, LON_LAT, always_xy=True)
    moved: NDArray[np.object_] = shapely.transform(lines, across.transform, interleaved=False)
    return moved


def _several_parts(where: Where) -> Problem:
    return Problem(
        "several-parts",
        Text("这个要素由几段不相接的线组成。"),
        Text("请拆成单个河段（每段一条线）。"),
        where,
    )


def _not_a_line(where: Where, kind: str) -> Problem:
    return Problem(
        "not-a-line",
        Text("这个要素不是线（{kind}）。", kind=kind),
        Text("请只保留河流中心线；湖库请以通过它的中心线表示。"),
        where,
        raw=kind,
    )


def _unreadable(path: Path) -> UnreadableFile:
    return UnreadableFile(
        Text("无法打开这个文件：它已损坏，或不是 GeoPackage、Shapefile、GeoJSON。"),
        remedy=Text("请在 GIS 软件中重新导出为 GeoPackage。"),
        where=Where(file=path.name),
    )
