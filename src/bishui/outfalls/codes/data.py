"""The rules of the codes, read from the room's data file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def rules() -> dict[str, Any]:
    """Return the rules of all codes, by kind, as in ``data/codes.toml``."""
    return tomllib.loads((files("bishui.outfalls") / "data" / "codes.toml").read_text("utf-8"))
