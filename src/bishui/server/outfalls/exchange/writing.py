"""The register of outfalls as a file: GeoPackage, GeoJSON, Shapefile, or an outside system's columns."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pyarrow as pa
from openpyxl import Workbook

from bishui.observations import escape_formula
from bishui.reports import data_bytes
from bishui.server.core import registers
from bishui.server.core.register_records import text_of, texts_of, workbook
from bishui.server.outfalls.exchange.mapping import ExchangeMapping
from bishui.server.outfalls.exchange.short_names import short_names
from bishui.server.outfalls.models import Outfall

#: What the register is written as.
ENDINGS = ("xlsx", "gpkg", "zip", "geojson")
_NUMBERS = ("lon", "lat")


def table_of(outfalls: Sequence[Outfall]) -> pa.Table:
    """Return the register as a table of texts, coordinates as numbers; a column a field, by its name."""
    register = registers.load_all()["outfalls"]
    columns, fields = [], []
    for field in register.fields:
        about = {"label_zh": field.label.zh, "label_en": field.label.en, "unit": field.unit}
        if field.name in _NUMBERS:
            values = [getattr(outfall, field.name) for outfall in outfalls]
            column = pa.array([None if value is None else float(value) for value in values], pa.float64())
        else:
            column = pa.array([text_of(field, outfall) or None for outfall in outfalls], pa.string())
        columns.append(column)
        fields.append(pa.field(field.name, column.type, metadata=about))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def register_file(outfalls: Sequence[Outfall], ending: str) -> bytes:
    """Return the register as a file that is read back unchanged; `ending` is one of `ENDINGS`."""
    if ending == "xlsx":
        return workbook(registers.load_all()["outfalls"], outfalls)
    return geographic(outfalls, ending)


def geographic(outfalls: Sequence[Outfall], ending: str) -> bytes:
    """Return a file that a geographic information system opens.

    Parameters
    ----------
    ending
        ``gpkg``, ``geojson``, or ``zip`` for a packed Shapefile.
    """
    table = table_of(outfalls)
    if ending != "zip":
        return data_bytes(table, ending, escape=escape_formula)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outfalls.zip"
        _shapefile(table, path)
        return path.read_bytes()


def _shapefile(table: pa.Table, path: Path) -> None:
    """Write a packed Shapefile in UTF-8; its columns have names of ten letters, which are read back."""
    import pyogrio
    import shapely

    names = {name: short for short, name in short_names(registers.load_all()["outfalls"]).items()}
    lon, lat = table["lon"].to_pylist(), table["lat"].to_pylist()
    points = [
        None if x is None or y is None else shapely.to_wkb(shapely.Point(x, y))
        for x, y in zip(lon, lat, strict=True)
    ]
    plain = table.replace_schema_metadata(None).rename_columns([names[name] for name in table.column_names])
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "outfalls.shp"
        pyogrio.write_arrow(
            plain.append_column("geom", pa.array(points, pa.binary())),
            target,
            driver="ESRI Shapefile",
            geometry_name="geom",
            geometry_type="Point",
            crs="EPSG:4490",
            encoding="UTF-8",
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for part in sorted(Path(folder).iterdir()):
                packed.write(part, part.name)


def mapped_workbook(outfalls: Sequence[Outfall], mapping: ExchangeMapping) -> bytes:
    """Return the XLSX that an outside system takes: its heads, its words."""
    register = registers.load_all()["outfalls"]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(mapping.title.zh[:31])
    sheet.append(mapping.written_heads)
    for outfall in outfalls:
        values = {field.name: getattr(outfall, field.name) for field in register.fields}
        cells = mapping.outward(texts_of(register, outfall), values)
        sheet.append([escape_formula(cell) for cell in cells])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
