"""The line icons of the pages: name → path, read from ``icons.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

ICONS: dict[str, str] = tomllib.loads((Path(__file__).parent / "icons.toml").read_text(encoding="utf-8"))
