"""A plain table with coordinates as a file that a geographic information system opens: GeoPackage, GeoJSON.

Coordinates are CGCS2000 (EPSG:4490). GeoJSON knows WGS-84 only (RFC 7946); the two differ by less than a
metre, which is far below the precision that the table states of its points, and the file says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: The columns that hold the coordinates.
LON, LAT = "lon", "lat"
CRS = "EPSG:4490"
_GEOMETRY = "geom"
_BATCH = 10_000
#: Version of GeoPackage (OGC 12-128r15) that programs of many years open without a warning.
_VERSION = "1.2"

#: What a GeoJSON file says of its coordinates, beside what the format itself prescribes.
ABOUT_COORDINATES: Mapping[str, str] = {
    "datum": "CGCS2000 (EPSG:4490)",
    "note_zh": "坐标为 CGCS2000 经纬度，按 RFC 7946 以 WGS-84 书写，两者相差不到一米；"
    "precision_m 为坐标精度（米），点不是精确位置。",
    "note_en": "CGCS2000 longitude and latitude, written as WGS-84 by RFC 7946; the two differ by less than "
    "a metre. precision_m is the precision in metres: a point is not an exact place.",
}


def to_geopackage(table: pa.Table, path: Path) -> None:
    """Write a GeoPackage of points in EPSG:4490; a row without coordinates keeps its row, without a point.

    The format knows no exact decimals: those columns become floating-point numbers.
    """
    import pyogrio

    about = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    plain = pa.table({name: _nearest(table[name]) for name in table.column_names})
    pyogrio.write_arrow(
        plain.append_column(_GEOMETRY, _points(table)),
        path,
        layer="results",
        driver="GPKG",
        geometry_name=_GEOMETRY,
        geometry_type="Point",
        crs=CRS,
        layer_metadata=about or None,
        dataset_options={"VERSION": _VERSION},
    )


def _nearest(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return decimals as the floating-point numbers nearest to them: by way of text, a cast may miss them."""
    return column.cast(pa.string()).cast(pa.float64()) if pa.types.is_decimal(column.type) else column


def _points(table: pa.Table) -> pa.Array:
    """Return the points as WKB; empty where a coordinate is missing."""
    import shapely

    placed = pc.and_(pc.is_valid(table[LON]), pc.is_valid(table[LAT])).combine_chunks()
    inside = table.filter(placed)
    points = shapely.to_wkb(shapely.points(inside[LON].to_numpy(), inside[LAT].to_numpy()))
    found = np.full(table.num_rows, None, dtype=object)
    found[placed.to_numpy(zero_copy_only=False)] = points
    return pa.array(found.tolist(), pa.binary())


def to_geojson(table: pa.Table, path: Path) -> None:
    """Write a GeoJSON feature collection (RFC 7946), a feature on each line."""
    head = {"type": "FeatureCollection", "about_coordinates": dict(ABOUT_COORDINATES)}
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [')
        separator = "\n"
        for feature in features(table):
            file.write(separator + json.dumps(feature, ensure_ascii=False))
            separator = ",\n"
        file.write("\n]}\n")


def features(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield each row as a GeoJSON feature; without coordinates its geometry is null."""
    for batch in table.to_batches(max_chunksize=_BATCH):
        for row in batch.to_pylist():
            yield feature(row)


def feature(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row as a GeoJSON feature; its coordinates are also among its properties."""
    lon, lat = row.get(LON), row.get(LAT)
    point = None
    if lon is not None and lat is not None:
        point = {"type": "Point", "coordinates": [float(lon), float(lat)]}
    properties = {name: _plain(value) for name, value in row.items()}
    return {"type": "Feature", "geometry": point, "properties": properties}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
