"""Which known names a name in a file is near to, for a person to choose from; nothing is decided here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from bishui.i18n import Text
from bishui.server.sites.names import fold

#: GB 2312 level 1 (一级汉字) stands in the order of reading: rows 16 to 55 of 94 characters.
_FIRST_ROW, _LAST_ROW, _ROW_SIZE = 0xB0, 0xD7, 94


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name by which a site is known, and the water that it lies at."""

    site: str
    name: str
    water: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A site that a name may mean; `nearness` is 1 for the same name, `why` says in what they differ."""

    site: str
    name: str
    nearness: float
    why: Text


@cache
def _settings() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "rules" / "names.toml").read_text(encoding="utf-8"))


@cache
def _groups() -> dict[str, frozenset[int]]:
    """Return, for each character, the numbers of the groups of confusable characters it is in."""
    found: dict[str, set[int]] = {}
    for number, group in enumerate(_settings()["characters"]["groups"]):
        for character in group:
            found.setdefault(character, set()).add(number)
    return {character: frozenset(numbers) for character, numbers in found.items()}


def proposals(name: str, candidates: Iterable[Candidate], water: str = "") -> list[Proposal]:
    """Return the sites that `name` may mean, the nearest first, each site once.

    Parameters
    ----------
    name
        As a file writes it.
    candidates
        Every name, code and alias that is known; a site may have several.
    water
        The water that the file names, if it does.
    """
    rules = _settings()["proposals"]
    best: dict[str, tuple[float, Candidate]] = {}
    for candidate in candidates:
        found = _nearness(name, candidate, water) if _may_be(name, candidate.name) else 0.0
        if found >= rules["least"] and found > best.get(candidate.site, (0.0, candidate))[0]:
            best[candidate.site] = found, candidate
    ordered = sorted(best.values(), key=lambda entry: (-entry[0], entry[1].name))
    return [compare(name, candidate, water) for _, candidate in ordered[: rules["most"]]]


def compare(name: str, candidate: Candidate, water: str = "") -> Proposal:
    """Return how near `name` is to one known name, and in what they differ."""
    nearness = _nearness(name, candidate, water)
    if nearness == 1:
        why = Text("名称相同，但有不止一个点位叫这个名称")
    else:
        why = _difference(_pairs(*_forms(fold(name), fold(candidate.name))[1]))
    if nearness < 1 and _same_water(candidate, water):
        why = Text("{why}；所在水体相同", why=why)
    return Proposal(candidate.site, candidate.name, nearness, why)


def _nearness(name: str, candidate: Candidate, water: str) -> float:
    """Return 1 for the same name, less the more differs; the same water adds a little."""
    written, known = fold(name), fold(candidate.name)
    if written == known:
        return 1.0
    nearness = _forms(written, known)[0]
    if _same_water(candidate, water):
        nearness += _settings()["proposals"]["same_water"]
    return round(min(nearness, 0.99), 4)


def _same_water(candidate: Candidate, water: str) -> bool:
    return bool(water and candidate.water and fold(water) == fold(candidate.water))


def _forms(written: str, known: str) -> tuple[float, tuple[str, str]]:
    """Return how near two names are, and in which forms: whole, or without the common words."""
    whole = 1 - _distance(written, known) / max(len(written), len(known), 1)
    plain = _bare(written), _bare(known)
    if not all(plain) or plain == (written, known):
        return whole, (written, known)
    bare = 1 - (_distance(*plain) + _settings()["costs"]["generic"]) / max(map(len, plain))
    return (bare, plain) if bare > whole else (whole, (written, known))


def _may_be(name: str, known: str) -> bool:
    """Tell whether two names share a character, or one that is mistaken for it."""
    return not _wide(fold(name)).isdisjoint(fold(known))


@lru_cache(maxsize=4096)
def _wide(name: str) -> frozenset[str]:
    """Return the characters of a name and all that are mistaken for them."""
    groups = _settings()["characters"]["groups"]
    return frozenset(name).union(*(groups[at] for char in name for at in _groups().get(char, ())))


@lru_cache(maxsize=4096)
def _bare(name: str) -> str:
    """Return a name without the words that files add or leave out, the longest taken first."""
    for word in sorted(_settings()["words"]["generic"], key=len, reverse=True):
        name = name.replace(word, "")
    return name


@lru_cache(maxsize=65536)
def _cost(one: str, other: str) -> float:
    costs: dict[str, float] = _settings()["costs"]
    if one == other:
        return 0
    if _groups().get(one, frozenset()) & _groups().get(other, frozenset()):
        return costs["confusable"]
    return costs["near_reading"] if _sound_alike(one, other) else costs["other"]


def _place(character: str) -> int | None:
    """Return where a character stands in the order of reading, None where it has no place there."""
    try:
        row, cell = character.encode("gb2312")
    except (UnicodeEncodeError, ValueError):
        return None
    return (row - _FIRST_ROW) * _ROW_SIZE + cell if _FIRST_ROW <= row <= _LAST_ROW else None


def _sound_alike(one: str, other: str) -> bool:
    places = _place(one), _place(other)
    if places[0] is None or places[1] is None:
        return False
    return abs(places[0] - places[1]) <= int(_settings()["proposals"]["reading_distance"])


def _distance(one: str, other: str) -> float:
    """Return the weighted edit distance of two names."""
    return _table(one, other)[-1][-1]


def _table(one: str, other: str) -> list[list[float]]:
    """Return the weighted edit distances of every beginning of `one` (rows) and of `other` (columns)."""
    table = [[float(at) for at in range(len(other) + 1)]]
    for number, left in enumerate(one, 1):
        above, row = table[-1], [float(number)]
        for at, right in enumerate(other):
            row.append(min(above[at] + _cost(left, right), above[at + 1] + 1, row[at] + 1))
        table.append(row)
    return table


def _pairs(one: str, other: str) -> list[tuple[str, str]]:
    """Return the characters that differ, side by side; one is empty where the other has no counterpart."""
    table, pairs = _table(one, other), []
    row, column = len(one), len(other)
    while row or column:
        here = table[row][column]
        if row and column and here == table[row - 1][column - 1] + _cost(one[row - 1], other[column - 1]):
            row, column = row - 1, column - 1
            if one[row] != other[column]:
                pairs.append((one[row], other[column]))
        elif row and here == table[row - 1][column] + 1:
            row -= 1
            pairs.append((one[row], ""))
        else:
            column -= 1
            pairs.append(("", other[column]))
    return pairs[::-1]


def _difference(pairs: list[tuple[str, str]]) -> Text:
    """Say in what two names differ."""
    swapped = [(left, right) for left, right in pairs if left and right]
    if not pairs:
        return Text("只差通用字词")
    if len(pairs) == 1 and swapped:
        ((left, right),) = swapped
        if _cost(left, right) < _settings()["costs"]["near_reading"]:
            return Text("只差一个字：{left}／{right}（易混）", left=left, right=right)
        if _sound_alike(left, right):
            return Text("只差一个字：{left}／{right}（读音可能相近）", left=left, right=right)
        return Text("只差一个字：{left}／{right}", left=left, right=right)
    shown = "、".join(f"{left or '—'}／{right or '—'}" for left, right in pairs[:4])
    return Text("差 {count} 个字：{shown}", count=len(pairs), shown=shown)
