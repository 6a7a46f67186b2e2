"""Networks out: GeoPackage, GeoJSON, from/to CSV; what is written reads back as the same network."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from bishui.errors import CallError, Where
from bishui.i18n import Text
from bishui.network.formats.model import LON_LAT, NetworkFile
from bishui.network.formats.vector import EDGES_LAYER
from bishui.network.tables import Floats, ReachKind

REACHES_LAYER = "reaches"
#: Heads of the numbers of `Reaches`; each says its unit.
HEADS = {
    "length": "length_m",
    "velocity": "velocity_m_s",
    "volume": "volume_m3",
    "temperature": "temp_C",
    "lateral_flow": "lateral_flow_m3_s",
}
_ATTRIBUTE_HEADS = {
    "width": "width_m",
    "depth": "depth_m",
    "area": "area_m2",
    "total_flow": "total_flow_m3_s",
}
#: Heads of what enters all along the reaches, in the units it is computed with: nothing is lost by rounding.
_DIFFUSE_FLOW, _DIFFUSE_LOAD = "diffuse_flow_m3_s_m", "diffuse_load_g_s_m"
_URN = f"urn:ogc:def:crs:{LON_LAT.replace(':', '::')}"


def write_network(file: NetworkFile, path: str | Path) -> None:
    """Write a network; the kind of file is told by the name: .gpkg, .geojson, .json or .csv.

    Parameters
    ----------
    file
        The network with names, lines and further numbers.
    path
        Where to. A file that is there is replaced as a whole.

    Raises
    ------
    CallError
        The ending of the name is none of these.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.casefold())
    if writer is None:
        raise CallError(
            Text("不能写成“{suffix}”文件。", suffix=path.suffix or path.name),
            remedy=Text("请用 .gpkg、.geojson 或 .csv。"),
            where=Where(file=str(path)),
        )
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".bishui-") as folder:
        made = Path(folder) / path.name
        writer(file, made)
        made.replace(path)


def columns(file: NetworkFile) -> dict[str, pa.Array]:
    """Return the attributes of the reaches as columns with heads that our readers understand."""
    reaches, count = file.reaches, len(file.reaches)
    found: dict[str, pa.Array] = {
        "id": pa.array(reaches.ids.tolist()),
        "name": pa.array(file.names.tolist(), pa.string()),
        "kind": pa.array([ReachKind(kind).name.lower() for kind in reaches.kind.tolist()], pa.string()),
    }
    for name, head in HEADS.items():
        found[head] = _numbers(getattr(reaches, name))
    for name, values in file.attributes.items():
        found[_ATTRIBUTE_HEADS.get(name, name)] = _numbers(values)
    if file.lateral:
        found["lateral_conc_mg_L"] = _amounts(file.lateral, count)
    if file.diffuse is not None:
        found[_DIFFUSE_FLOW] = _numbers(file.diffuse.flow)
        found[_DIFFUSE_LOAD] = _amounts(file.diffuse.rates, count)
    if file.assumed:
        marks = [";".join(name for name, mask in file.assumed.items() if mask[row]) for row in range(count)]
        found["assumed"] = pa.array(marks, pa.string())
    return found


def _amounts(by_name: Mapping[str, Floats], count: int) -> pa.Array:
    """Return cells such as ``COD=10.0;NH3N=0.5``, with all digits."""
    cells = [
        ";".join(f"{name}={float(values[row])!r}" for name, values in by_name.items()) for row in range(count)
    ]
    return pa.array(cells, pa.string())


def _numbers(values: np.ndarray) -> pa.Array:
    return pa.array(np.asarray(values, np.float64), pa.float64(), mask=np.isnan(values))


def _edges(file: NetworkFile) -> pa.Table:
    ids = file.reaches.ids
    return pa.table(
        {
            "upstream": pa.array(ids[file.edges.upstream].tolist(), pa.array(ids.tolist()).type),
            "downstream": pa.array(ids[file.edges.downstream].tolist(), pa.array(ids.tolist()).type),
            "fraction": pa.array(file.edges.fraction, pa.float64()),
        }
    )


def _write_geopackage(file: NetworkFile, path: Path) -> None:
    import pyogrio

    table = pa.table({**columns(file), "geom": pa.array(shapely.to_wkb(file.lines).tolist(), pa.binary())})
    pyogrio.write_arrow(
        table, path, layer=REACHES_LAYER, geometry_name="geom", geometry_type="LineString", crs=LON_LAT
    )
    pyogrio.write_arrow(_edges(file), path, layer=EDGES_LAYER, append=True)


def _write_geojson(file: NetworkFile, path: Path) -> None:
    """Write one feature per reach; coordinates keep all their digits, ``to`` and ``fraction`` are lists."""
    below = _below(file)
    table = pa.table(columns(file)).to_pylist()
    features: list[dict[str, Any]] = []
    for row, properties in enumerate(table):
        targets = below.get(row, [])
        properties["to"] = [file.reaches.ids[target].item() for target, _ in targets]
        properties["fraction"] = [share for _, share in targets]
        line = file.lines[row]
        geometry = (
            None
            if line is None
            else {"type": "LineString", "coordinates": shapely.get_coordinates(line).tolist()}
        )
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    content = {
        "type": "FeatureCollection",
        "name": REACHES_LAYER,
        "crs": {"type": "name", "properties": {"name": _URN}},
        "features": features,
    }
    path.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False), encoding="utf-8")


def _below(file: NetworkFile) -> dict[int, list[tuple[int, float]]]:
    found: dict[int, list[tuple[int, float]]] = {}
    edges = file.edges
    triples = zip(edges.upstream.tolist(), edges.downstream.tolist(), edges.fraction.tolist(), strict=True)
    for up, down, share in triples:
        found.setdefault(up, []).append((down, share))
    return found


def _write_table(file: NetworkFile, path: Path) -> None:
    """Write one row per edge: a bifurcation stands in several rows. Lines are not in a table."""
    below = _below(file)
    table = columns(file)
    heads = list(table)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "to", "fraction", *heads[1:]])
    cells = [[_cell(value) for value in column.to_pylist()] for column in table.values()]
    for row in range(len(file.reaches)):
        own, *others = (column[row] for column in cells)
        for target, share in below.get(row, [(None, 1.0)]):
            to = "" if target is None else _cell(file.reaches.ids[target].item())
            writer.writerow([own, to, repr(share), *others])
    path.write_text(out.getvalue(), encoding="utf-8-sig")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)


_WRITERS: dict[str, Callable[[NetworkFile, Path], None]] = {
    ".gpkg": _write_geopackage,
    ".geojson": _write_geojson,
    ".json": _write_geojson,
    ".csv": _write_table,
}
