"""A network as it was read, kept as columns of numbers: it opens at once.

What a file says of itself while it is read (findings, assumptions, the account of its rows) is not kept.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from bishui.network.diffuse import Diffuse
from bishui.network.formats.model import NetworkFile, Origin
from bishui.network.tables import Edges, Pollutant, Reaches

_FACTS = "facts.json"
#: Smaller columns are read; larger ones are mapped into memory, and several processes share them.
_MAPPED_FROM = 65_536


def keep_file(file: NetworkFile, folder: Path) -> bool:
    """Keep a network that was read without problems; return whether it is kept.

    Parameters
    ----------
    folder
        Where its columns are written; it is there as a whole or not at all. One that is there stays.
    """
    if file.problems or shapely.has_z(file.lines).any():
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    written = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
    try:
        for name, column in _columns(file):
            np.save(written / f"{name}.npy", column, allow_pickle=False)
        (written / _FACTS).write_text(json.dumps(_facts(file), ensure_ascii=False), "utf-8")
        written.replace(folder)
    except OSError:
        return (folder / _FACTS).is_file()
    finally:
        shutil.rmtree(written, ignore_errors=True)
    return True


def open_kept(folder: Path) -> NetworkFile | None:
    """Return a kept network, without what was said of its reading; None where there is no whole one."""
    try:
        facts = json.loads((folder / _FACTS).read_text("utf-8"))
        return _opened(folder, facts)
    except (OSError, ValueError, KeyError, TypeError):
        return None


@cache
def reading_code() -> str:
    """Return what names the code and settings by which files are read: what others kept is void."""
    room = Path(__file__).parents[1]
    parts = sorted(path for path in room.rglob("*") if path.suffix in (".py", ".toml") and path.is_file())
    digest = hashlib.sha256()
    for path in parts:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _columns(file: NetworkFile) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the columns of a file with their names."""
    for table, given in (("reaches", file.reaches), ("edges", file.edges)):
        for field in fields(given):
            yield f"{table}.{field.name}", _plain(getattr(given, field.name))
    for group, columns in _groups(file).items():
        for number, column in enumerate(columns.values()):
            yield f"{group}.{number}", column
    if file.diffuse is not None:
        yield "diffuse_flow", file.diffuse.flow
    yield "origin.reach_rows", file.origin.reach_rows
    yield "origin.edge_rows", file.origin.edge_rows
    points, owner = shapely.get_coordinates(file.lines, return_index=True)
    yield "points", points
    yield "points_of", np.bincount(owner, minlength=len(file.lines)).astype(np.int32)
    yield "names", _names(file).indices.to_numpy(zero_copy_only=False).astype(np.int32)


def _names(file: NetworkFile) -> pa.DictionaryArray:
    """Return the names of the waters: many reaches have the same one."""
    return pa.array([str(name or "") for name in file.names.tolist()], pa.string()).dictionary_encode()


def _plain(column: NDArray[Any]) -> NDArray[Any]:
    """Return a column without Python objects: ids may be texts."""
    return column.astype(np.str_) if column.dtype == object else column


def _groups(file: NetworkFile) -> dict[str, Mapping[str, NDArray[Any]]]:
    """Return the columns that have names of their own."""
    return {
        "attributes": file.attributes,
        "lateral": file.lateral,
        "assumed": file.assumed,
        "diffuse": file.diffuse.rates if file.diffuse is not None else {},
    }


def _facts(file: NetworkFile) -> dict[str, Any]:
    """Return what is no column."""
    return {
        "groups": {group: list(columns) for group, columns in _groups(file).items()},
        "names": _names(file).dictionary.to_pylist(),
        "file": file.origin.file,
        "table": file.origin.table,
        "ignored_columns": list(file.ignored_columns),
        "pollutants": [[one.key, one.decay_per_day, one.theta] for one in file.pollutants],
        "diffuse": file.diffuse is not None,
    }


def _opened(folder: Path, facts: Mapping[str, Any]) -> NetworkFile:
    def column(name: str) -> NDArray[Any]:
        path = folder / f"{name}.npy"
        # Written to in memory only: compiled kernels want columns that may be written.
        mode: Literal["c"] | None = "c" if path.stat().st_size > _MAPPED_FROM else None
        return np.asarray(np.load(path, mmap_mode=mode, allow_pickle=False))

    def group(name: str) -> dict[str, NDArray[Any]]:
        return {key: column(f"{name}.{number}") for number, key in enumerate(facts["groups"][name])}

    return NetworkFile(
        reaches=Reaches(*(column(f"reaches.{field.name}") for field in fields(Reaches))),
        edges=Edges(*(column(f"edges.{field.name}") for field in fields(Edges))),
        names=np.array([*facts["names"]], dtype=object)[column("names")],
        lines=_lines(column("points"), column("points_of")),
        attributes=group("attributes"),
        lateral=group("lateral"),
        origin=Origin(facts["file"], facts["table"], column("origin.reach_rows"), column("origin.edge_rows")),
        assumed=group("assumed"),
        ignored_columns=tuple(facts["ignored_columns"]),
        pollutants=tuple(Pollutant(*one) for one in facts["pollutants"]),
        diffuse=Diffuse(column("diffuse_flow"), group("diffuse")) if facts["diffuse"] else None,
    )


def _lines(points: NDArray[np.float64], count: NDArray[np.int32]) -> NDArray[np.object_]:
    """Return the lines by row; None where there is none."""
    lines = np.full(len(count), None, dtype=object)
    drawn = np.flatnonzero(count)
    if len(drawn):
        lines[drawn] = shapely.linestrings(points, indices=np.repeat(np.arange(len(drawn)), count[drawn]))
    return lines
