"""Administrative divisions (行政区划, GB/T 2260) that codes are checked against."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Division:
    """A division: its code, its level (province, city, county, town), and whether it still exists."""

    code: str
    level: str
    name: str
    parent: str
    current: bool = True


class Divisions(Mapping[str, Division]):
    """The divisions that an instance knows, by code."""

    def __init__(self, known: Iterable[Division]) -> None:
        self._known = {division.code: division for division in known}

    def __getitem__(self, code: str) -> Division:
        """Return the division with a code."""
        return self._known[code]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the codes."""
        return iter(self._known)

    def __len__(self) -> int:
        """Return how many divisions there are."""
        return len(self._known)

    def is_county(self, code: str) -> bool:
        """Whether the code is that of a county, an abolished one included: old codes stay valid."""
        return code in self._known and self._known[code].level == "county"


@cache
def known_divisions() -> Divisions:
    """Return the divisions that come with the project; a platform passes its own."""
    return read_divisions((files("bishui.outfalls") / "data" / "divisions.csv").read_text("utf-8"))


def read_divisions(text: str) -> Divisions:
    """Read a table with the heads code, level, name, parent, status; rows without a code are passed by."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows = csv.DictReader(io.StringIO("\n".join(lines)))
    return Divisions(
        Division(row["code"], row["level"], row["name"], row["parent"], row["status"] == "current")
        for row in rows
        if row["code"]
    )
