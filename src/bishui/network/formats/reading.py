"""A network from a file of any kind that is known; the kind is told by the content and the name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from bishui.errors import CallError, NotFound, Where
from bishui.i18n import Text
from bishui.network.formats.assemble import assemble
from bishui.network.formats.model import NetworkFile, ReadingOptions
from bishui.network.formats.records import Records
from bishui.network.formats.sheets import read_sheet
from bishui.network.formats.swmm import read_swmm
from bishui.network.formats.vector import EDGES_LAYER, layers, read_table, read_vector

_SHEETS = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".xlsm")
_VECTORS = (".gpkg", ".shp", ".geojson", ".json", ".fgb", ".gdb", ".kml", ".gml")
_EDGE_HEADS = {"upstream", "downstream", "fraction"}


def read_network(path: str | Path, reading: ReadingOptions | None = None) -> NetworkFile:
    """Read a network: from/to table, GeoPackage, Shapefile, GeoJSON, HydroRIVERS, NHDPlus, SWMM model.

    Parameters
    ----------
    path
        CSV or XLSX; .gpkg, .shp, .geojson; .inp.
    reading
        Choices where the file leaves something open.

    Returns
    -------
    NetworkFile
        With problems and findings beside the network: reading goes on as long as it can.

    Raises
    ------
    NotFound
        There is no such file.
    UnreadableFile
        It is damaged, or not of the kind that its name says.
    UnknownLayout
        It does not tell which reach flows into which.
    """
    path, reading = Path(path), reading or ReadingOptions()
    if not path.exists():
        raise NotFound(
            Text("找不到文件“{path}”。", path=str(path)), remedy=Text("请核对文件名和所在文件夹。")
        )
    suffix = path.suffix.casefold()
    if suffix == ".inp":
        return read_swmm(path, reading)
    if suffix in _SHEETS:
        return assemble(read_sheet(path, reading.layer), reading)
    if suffix in _VECTORS:
        return assemble(read_vector(path, reading), reading, edges=_edges(path))
    raise CallError(
        Text("不认识“{suffix}”文件。", suffix=suffix or path.name),
        remedy=Text("可读：CSV、XLSX、GeoPackage（.gpkg）、Shapefile（.shp）、GeoJSON、SWMM（.inp）。"),
        where=Where(file=path.name),
    )


def _edges(path: Path) -> Records | None:
    """Return the table of edges of a GeoPackage, where it has one."""
    if path.suffix.casefold() != ".gpkg" or EDGES_LAYER not in layers(path):
        return None
    table: Mapping[str, pa.Array] = read_table(path, EDGES_LAYER)
    if not table.keys() >= _EDGE_HEADS:
        return None
    count = len(table["fraction"])
    return Records(path.name, EDGES_LAYER, table, np.arange(1, count + 1, dtype=np.int64))
