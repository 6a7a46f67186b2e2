"""The limits of the exchange with devices, from ``rules/limits.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def _values() -> dict[str, int]:
    text = (Path(__file__).parent / "rules" / "limits.toml").read_text(encoding="utf-8")
    return {item["name"]: int(item["value"]) for item in tomllib.loads(text)["setting"]}


def limit(name: str) -> int:
    """Return one limit, in the unit that its file says."""
    return _values()[name]
