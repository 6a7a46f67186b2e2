"""The text of a SWMM model (.inp) by section: each data line with its number, nothing interpreted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text
from bishui.network.formats.sheets import decode


@dataclass(frozen=True, slots=True)
class Line:
    """One data line: its number in the file, from 1, and its words."""

    number: int
    words: tuple[str, ...]

    def get(self, place: int, default: str = "") -> str:
        """Return the word at a place, `default` where the line is shorter."""
        return self.words[place] if place < len(self.words) else default


@dataclass(frozen=True, slots=True)
class Sections:
    """The lines of the sections that are read, by our name; `others` counts lines of each further section."""

    file: str
    lines: Mapping[str, tuple[Line, ...]]
    others: Mapping[str, tuple[int, ...]]

    def of(self, name: str) -> tuple[Line, ...]:
        """Return the lines of a section; none where the file does not have it."""
        return self.lines.get(name, ())

    def option(self, name: str, default: str) -> str:
        """Return a word of the options, in capitals."""
        found = [line.get(1) for line in self.of("options") if line.get(0).upper() == name]
        return (found[-1] if found else default).upper()


@cache
def words() -> dict[str, Any]:
    """Return the file of section names and units."""
    return tomllib.loads((Path(__file__).parent / "data" / "swmm.toml").read_text(encoding="utf-8"))


def read_sections(path: Path) -> Sections:
    """Read the sections of a file.

    Raises
    ------
    UnreadableFile
        It is no text, or has no section that describes links.
    """
    text = decode(path.read_bytes(), path.name)
    known = {letters: name for name, letters in words()["sections"].items()}
    lines: dict[str, list[Line]] = {}
    others: dict[str, list[int]] = {}
    current, title = None, ""
    for number, raw in enumerate(text.splitlines(), 1):
        content = raw.split(";", 1)[0].split()
        if not content:
            continue
        if content[0].startswith("["):
            title = content[0].upper()
            current = next((name for letters, name in known.items() if title.startswith(letters)), None)
        elif current is not None:
            lines.setdefault(current, []).append(Line(number, tuple(content)))
        else:
            others.setdefault(title, []).append(number)
    if not any(name in lines for name in ("conduits", "pumps", "orifices", "weirs", "outlets")):
        raise UnreadableFile(
            Text("文件里没有管段（[CONDUITS] 等）。"),
            remedy=Text("请给出 SWMM 的 .inp 模型文件。"),
            where=Where(file=path.name),
        )
    return Sections(
        path.name,
        {name: tuple(entries) for name, entries in lines.items()},
        {name: tuple(entries) for name, entries in others.items()},
    )
