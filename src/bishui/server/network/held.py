"""The network in force, as it can be computed on: read once in a process and kept while it is in force.

One network is kept, by the bytes of its file and how it is read: a province's has a million reaches. What was
read of a file lies in the data directory as columns, and may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from bishui.errors import NotFound
from bishui.i18n import Text
from bishui.server.network.models import NetworkVersion
from bishui.server.network.stored import read_stored

if TYPE_CHECKING:
    from bishui.network import Network, NetworkFile


@dataclass(frozen=True, eq=False)
class Held:
    """A version with its network; `digest` names file and reading."""

    version: NetworkVersion
    digest: str
    file: NetworkFile
    network: Network

    def name(self, row: int) -> str:
        """Return what a reach is called: its water and its id."""
        water = str(self.file.names[row] or "")
        return f"{water} {self.network.name(row)}".strip()

    def rows(self, ids: set[str]) -> dict[str, int]:
        """Return the rows of some ids, given as texts."""
        known, counted = self.network.rows, self.network.reaches.ids.dtype.kind in "iu"
        found = {name: known.get(int(name) if counted and _is_number(name) else name) for name in ids}
        return {name: row for name, row in found.items() if row is not None}

    def row(self, name: str) -> int | None:
        """Return the row of an id given as text; None where there is no such reach."""
        return self.rows({name}).get(name)


def _is_number(name: str) -> bool:
    """Return whether a text is a whole number as ids are written."""
    return name.lstrip("-").isdecimal() and str(int(name)) == name


#: Networks whose columns are kept: the one in force, and those of earlier traces.
_MOST_KEPT = 4
_lock = threading.Lock()
_kept: list[tuple[str, NetworkFile, Network]] = []


def in_force(division: str) -> NetworkVersion | None:
    """Return the version in force in a division: its own newest, or that of a division above it."""
    parts = [part for part in division.split("/") if part]
    paths = ["/".join(parts[:count]) + "/" for count in range(1, len(parts) + 1)]
    found = NetworkVersion.objects.filter(division__in=paths, taken_back=False).select_related("file")
    return found.order_by("-division", "-number").first()


def held(division: str) -> Held | None:
    """Return the network in force in a division; None where there is none yet."""
    version = in_force(division)
    return None if version is None else of_version(version)


def needed(division: str) -> Held:
    """Return the network in force in a division.

    Raises
    ------
    NotFound
        There is none yet.
    """
    found = held(division)
    if found is None:
        raise NotFound(Text("还没有导入河网。"), remedy=Text("请先在“数据导入”中导入河网文件。"))
    return found


def of_version(version: NetworkVersion) -> Held:
    """Return the network of a version, read now unless it was the last one asked for."""
    digest = digest_of(version)
    with _lock:
        if not _kept or _kept[0][0] != digest:
            _kept[:] = [(digest, *_read(version))]
        _, file, network = _kept[0]
    return Held(version, digest, file, network)


def digest_of(version: NetworkVersion) -> str:
    """Return what names the network of a version: its bytes and how they are read."""
    return digest(version.file.sha256, version.options)


def digest(sha256: str, options: Mapping[str, Any]) -> str:
    """Return what names a network: the bytes of its file and how they are read."""
    return hashlib.sha256(f"{sha256}{json.dumps(options, sort_keys=True)}".encode()).hexdigest()


def keep(name: str, file: NetworkFile) -> None:
    """Keep what was read of a file as columns, by its digest; those asked for longest ago give way."""
    from bishui.network.formats import keep_file

    keep_file(file, _folder(name))
    kept = sorted(_root().glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[_MOST_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _root() -> Path:
    return Path(settings.DATA_DIR) / "networks"


def _folder(name: str) -> Path:
    """Return where a network is kept: by its digest and by the code that reads it."""
    from bishui.network.formats import reading_code

    return _root() / f"{name[:32]}-{reading_code()[:16]}"


def _read(version: NetworkVersion) -> tuple[NetworkFile, Network]:
    from bishui.network import build_file
    from bishui.network.formats import open_kept

    name = digest_of(version)
    file = open_kept(_folder(name))
    if file is not None:
        os.utime(_folder(name))
        return file, build_file(file)
    with tempfile.TemporaryDirectory() as folder:
        file = read_stored(version.file.path, version.file.name, version.options, Path(folder))
    network = build_file(file)
    keep(name, file)
    return file, network
