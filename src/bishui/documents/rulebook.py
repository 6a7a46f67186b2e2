"""The word lists and patterns of this room, read once from the TOML files in ``rules/``."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def rules(name: str) -> dict[str, Any]:
    """Return the content of ``rules/<name>.toml``."""
    text = resources.files("bishui.documents").joinpath("rules", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Return `text` as a compiled pattern."""
    return re.compile(text)


def any_of(words: list[str]) -> str:
    """Return a pattern for one of `words`, the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
