"""The rest of the city as files: network, registers, events and progress."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from bishui.twin.model import City
from bishui.twin.network import concentrations, discharges, network_reaches
from bishui.twin.progress import task_progress
from bishui.twin.writers import write_json


def schematic(city: City) -> list[dict[str, Any]]:
    """Return the reaches for a map labelled 示意图, from upstream to downstream.

    Returns
    -------
    list of dict
        ``name`` (river), ``points`` ([longitude, latitude] in degrees, EPSG:4490), ``order`` (of flow,
        from 1), ``kind`` (main, tributary, lake).
    """
    return [
        {
            "name": reach.river,
            "points": [list(point) for point in reach.points],
            "order": reach.order,
            "kind": reach.kind,
        }
        for reach in city.reaches
    ]


def network_files(city: City, folder: Path) -> dict[str, Path]:
    """Write network and registers: reaches and sections as CSV and GeoJSON, the others as CSV.

    The reaches are a network that `bishui network check` accepts; ``outfalls.csv`` is a table of candidates.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = (
        "reaches.csv",
        "reaches.geojson",
        "sections.csv",
        "sections.geojson",
        "outfalls.csv",
        "sites.csv",
        "targets.csv",
    )
    paths = {name: folder / name for name in names}
    reaches = network_reaches(city)
    sections = [{k: v for k, v in asdict(section).items() if k != "levels"} for section in city.sections]
    _write_csv(reaches, paths["reaches.csv"])
    _write_csv(sections, paths["sections.csv"])
    _write_csv([_outfall(row) for row in discharges(city)], paths["outfalls.csv"])
    lines = [("LineString", [list(point) for point in reach.points]) for reach in city.reaches]
    points = [("Point", [section.lon, section.lat]) for section in city.sections]
    write_json(_features(lines, reaches), paths["reaches.geojson"])
    write_json(_features(points, sections), paths["sections.geojson"])
    _write_table(city.sites(), paths["sites.csv"])
    _write_table(city.targets().drop_columns(["overrides"]), paths["targets.csv"])
    return paths


def _outfall(row: Mapping[str, str]) -> dict[str, str]:
    """Return an outfall as a table of candidates has it."""
    kept = {"outfall_id": row["outfall"]} | {name: row[name] for name in ("name", "lon", "lat", "kind")}
    permitted = concentrations({item: row[item] for item in ("cod", "nh3n", "tp", "tn")})
    return kept | {"flow_m3_d": row["flow"], "permitted": permitted}


def truth_files(city: City, folder: Path) -> dict[str, Path]:
    """Write what happened in the year, and how far the tasks are, as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"events": folder / "events.json", "progress": folder / "progress.json"}
    write_json([_plain(asdict(event)) for event in city.events], paths["events"])
    write_json([_plain(asdict(task)) for task in task_progress(city)], paths["progress"])
    return paths


def _plain(value: Any) -> Any:
    """Return `value` with dates as ISO text, for JSON."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _features(
    geometries: Iterable[tuple[str, list[Any]]], records: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    features = [
        {"type": "Feature", "geometry": {"type": kind, "coordinates": where}, "properties": record}
        for (kind, where), record in zip(geometries, records, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _write_csv(records: Sequence[dict[str, Any]], path: Path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(records)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


def _write_table(table: pa.Table, path: Path) -> None:
    _write_csv(table.to_pylist(), path)
