"""Find what Vite built: from the name of an entry to its script, styles and preloads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bishui.errors import StoreError, Where
from bishui.i18n import Text

#: Written by ``npm run build`` in ``frontend/``.
MANIFEST = Path(__file__).resolve().parents[2] / "static" / "built" / "manifest.json"


@dataclass(frozen=True, slots=True)
class Asset:
    """The files of one entry, as paths below ``static/built/``."""

    script: str
    styles: tuple[str, ...]
    preloads: tuple[str, ...]


def _missing(path: Path, entry: str) -> StoreError:
    return StoreError(
        Text("页面资源“{entry}”尚未构建。", entry=entry),
        remedy=Text("请在项目目录运行 make run；它会构建页面资源并启动服务。"),
        where=Where(file=str(path)),
    )


@lru_cache(maxsize=4)
def _read(path: Path, _modified: int) -> dict[str, dict[str, Any]]:
    """Read the manifest; `_modified` makes a new build visible without a restart."""
    manifest: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _chunks(manifest: dict[str, dict[str, Any]], key: str) -> Iterator[dict[str, Any]]:
    """Yield the chunk of `key` and all it imports at once, each one time."""
    seen: set[str] = set()
    waiting = [key]
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen.add(name)
            yield manifest[name]
            waiting += manifest[name].get("imports", [])


def find_asset(entry: str, path: Path | None = None) -> Asset:
    """Return the built files of `entry` (``app``, ``map``, ``chart``).

    Raises
    ------
    StoreError
        If the front end has not been built, with the remedy.
    """
    path = path or MANIFEST
    key = f"src/{entry}.ts"
    try:
        manifest = _read(path, path.stat().st_mtime_ns)
        chunks = list(_chunks(manifest, key))
    except (OSError, ValueError, KeyError) as error:
        raise _missing(path, entry) from error
    return Asset(
        script=chunks[0]["file"],
        styles=tuple(style for chunk in chunks for style in chunk.get("css", [])),
        preloads=tuple(chunk["file"] for chunk in chunks[1:]),
    )
