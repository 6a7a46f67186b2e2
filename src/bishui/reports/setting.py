"""The one place that runs typst: the sources of this room, the fonts of the package, the input as JSON.

A text never becomes part of a source: it comes in as data, so that no text can be read as markup.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import typst
from pylopdf_fonts_zh_cn import sans_path, serif_path

_SOURCES = ("official.typ", "chart.typ", "charts.typ")


@cache
def _sources() -> dict[str, bytes]:
    folder = resources.files("bishui.reports").joinpath("data")
    return {name: folder.joinpath(name).read_bytes() for name in _SOURCES}


@cache
def _fonts() -> typst.Fonts:
    folders = dict.fromkeys(str(path.parent) for path in (serif_path(), sans_path()))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders))


def compile_pages(
    main: str,
    data: Any,
    kind: str,
    *,
    ppi: float | None = None,
    moment: datetime | None = None,
) -> list[bytes]:
    """Set `data` with the source `main`.

    Parameters
    ----------
    main
        Name of the source in ``data/``.
    data
        What the source reads, as JSON.
    kind
        ``pdf`` (one file) or ``png`` (a picture for each page).
    ppi
        Dots per inch of the pictures.
    moment
        The time written into the file; none is written without it.

    Returns
    -------
    list of bytes
        The same bytes for the same input.
    """
    sources = {"main": _sources()[main], **{name: text for name, text in _sources().items() if name != main}}
    made = typst.compile(  # type: ignore[call-overload]  # its stubs know one source only
        sources,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format=kind,
        ppi=ppi,
        timestamp=None if moment is None else int((moment - datetime(1970, 1, 1)).total_seconds()),
    )
    return list(made) if isinstance(made, list) else [made]
