"""Entries that may be one outfall (疑似重复), by place and by name: proposed, never decided."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from math import cos, hypot, radians
from typing import Any

_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What is compared of an outfall: degrees, the digits after their point, names and codes."""

    code: str
    name: str
    lon: Decimal | float | None
    lat: Decimal | float | None
    digits: int | None
    regional_code: str = ""

    @property
    def place(self) -> tuple[float, float] | None:
        """Longitude and latitude as numbers to reckon with; None where there is no place."""
        return None if self.lon is None or self.lat is None else (float(self.lon), float(self.lat))


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two entries that may be one, the earlier code first.

    Attributes
    ----------
    distance
        Metres between them; None where one has no place.
    reasons
        Of ``near``, ``same_name``, ``same_code``.
    """

    first: str
    second: str
    distance: float | None
    reasons: tuple[str, ...]


@cache
def duplicate_rules() -> dict[str, dict[str, Any]]:
    """Return when two entries are proposed, each rule with its source and certainty."""
    text = (files("bishui.outfalls") / "data" / "duplicates.toml").read_text("utf-8")
    return tomllib.loads(text)


def likenesses(entries: Iterable[Entry]) -> list[Likeness]:
    """Return the pairs that may be one outfall, the nearest first, those without a place last.

    Order and repetition of the entries change nothing.
    """
    known = {entry.code: entry for entry in entries}
    found: dict[tuple[str, str], Likeness] = {}
    for one, other in _candidates(sorted(known.values(), key=lambda entry: entry.code)):
        likeness = _compare(one, other)
        if likeness is not None:
            found[likeness.first, likeness.second] = likeness
    return sorted(
        found.values(),
        key=lambda pair: (pair.distance is None, pair.distance or 0.0, pair.first, pair.second),
    )


def _candidates(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Yield the pairs worth comparing: in the same or the next cell of a grid, or with an equal code."""
    by_code: dict[str, list[Entry]] = {}
    cells: dict[tuple[int, int], list[Entry]] = {}
    reach = max(duplicate_rules()["near"]["metres"], duplicate_rules()["same_name"]["metres"])
    for entry in entries:
        if entry.regional_code:
            yield from ((other, entry) for other in by_code.setdefault(entry.regional_code, []))
            by_code[entry.regional_code].append(entry)
        if entry.place is None:
            continue
        lon, lat = entry.place
        row = int(lat * _METRES_PER_DEGREE // reach)
        column = int(lon * _METRES_PER_DEGREE * _shrink(row, reach) // reach)
        for near_row in (row - 1, row, row + 1):
            middle = int(lon * _METRES_PER_DEGREE * _shrink(near_row, reach) // reach)
            for near_column in (middle - 1, middle, middle + 1):
                yield from ((other, entry) for other in cells.get((near_row, near_column), []))
        cells.setdefault((row, column), []).append(entry)


def _shrink(row: int, reach: float) -> float:
    """Return how long a degree of longitude is in a row of cells, as a share of one of latitude."""
    return cos(radians(row * reach / _METRES_PER_DEGREE))


def _compare(one: Entry, other: Entry) -> Likeness | None:
    rules = duplicate_rules()
    distance = _distance(one, other)
    sharp = all((entry.digits or 0) >= rules["coarse"]["digits"] for entry in (one, other))
    reasons = []
    if one.regional_code and one.regional_code == other.regional_code:
        reasons.append("same_code")
    if distance is not None and sharp and distance <= rules["near"]["metres"]:
        reasons.append("near")
    if distance is not None and distance <= rules["same_name"]["metres"] and _alike(one.name, other.name):
        reasons.append("same_name")
    first, second = sorted((one.code, other.code))
    return Likeness(first, second, distance, tuple(reasons)) if reasons else None


def _distance(one: Entry, other: Entry) -> float | None:
    if one.place is None or other.place is None:
        return None
    (lon, lat), (far_lon, far_lat) = one.place, other.place
    north = (lat - far_lat) * _METRES_PER_DEGREE
    east = (lon - far_lon) * _METRES_PER_DEGREE * cos(radians((lat + far_lat) / 2))
    return round(hypot(north, east), 1)


def _alike(one: str, other: str) -> bool:
    first, second = (
        re.sub(r"\W", "", unicodedata.normalize("NFKC", name)).casefold() for name in (one, other)
    )
    return bool(first and second) and (first in second or second in first)
