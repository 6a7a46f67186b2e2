"""Files that grow row by row: CSV, GeoJSON and Parquet, so that only one basin is held at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bishui.observations.schema import MEASUREMENTS
from bishui.twin.geometry import Line

Record = Mapping[str, Any]

_MARK = {"invented": "虚构数据；与任何真实地方和单位无关 (invented data)"}
#: Rows of measurements, as the house reads them; the mark tells a file apart that left its folder.
READINGS = pa.schema(
    [field for field in MEASUREMENTS if field.name not in ("import_id", "row")], metadata=_MARK
)
#: What the water of a section truly holds and how much flows.
TRUTH = pa.schema(
    [
        ("site", pa.string()),
        ("time", pa.timestamp("s")),
        *((f"{item}", pa.float32()) for item in ("flow", "wtemp", "do", "ph", "codmn", "nh3n", "tp", "tn")),
    ],
    metadata=_MARK,
)
_COORDINATES = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}


class Sheet:
    """A CSV file that takes rows as they come; the first row tells the heads."""

    def __init__(self, path: Path, open_files: ExitStack) -> None:
        self._file = open_files.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
        self._writer: csv.DictWriter[str] | None = None

    def write(self, rows: Iterable[Record]) -> None:
        """Write rows."""
        for row in rows:
            if self._writer is None:
                self._writer = csv.DictWriter(self._file, list(row), lineterminator="\r\n")
                self._writer.writeheader()
            self._writer.writerow(row)


class Drawing:
    """A GeoJSON file that takes features as they come; it is whole when the stack of open files closes."""

    def __init__(self, path: Path, open_files: ExitStack, name: str) -> None:
        self._file = open_files.enter_context(path.open("w", encoding="utf-8"))
        head = {"type": "FeatureCollection", "name": name, "crs": _COORDINATES}
        self._file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [')
        self._between = "\n"
        open_files.callback(self._file.write, "\n]}\n")

    def write(self, features: Iterable[tuple[Line, Record]]) -> None:
        """Write lines (longitude and latitude), each with its properties."""
        for line, properties in features:
            geometry = {"type": "LineString", "coordinates": line.tolist()}
            feature = {"type": "Feature", "properties": properties, "geometry": geometry}
            self._file.write(self._between + json.dumps(feature, ensure_ascii=False, allow_nan=False))
            self._between = ",\n"


class Long:
    """A Parquet file that takes tables as they come."""

    def __init__(self, path: Path, open_files: ExitStack, schema: pa.Schema) -> None:
        numbers = [field.name for field in schema if pa.types.is_floating(field.type)]
        words = [name for name in schema.names if name not in numbers]
        self._schema = schema
        self._writer = open_files.enter_context(
            pq.ParquetWriter(
                path, schema, compression="zstd", use_dictionary=words, use_byte_stream_split=numbers
            )
        )

    def write(self, rows: pa.Table) -> None:
        """Write the columns of a table that belong to the file."""
        if rows.num_rows:
            chosen = rows.select(self._schema.names).combine_chunks()
            self._writer.write_table(chosen.replace_schema_metadata(self._schema.metadata))
