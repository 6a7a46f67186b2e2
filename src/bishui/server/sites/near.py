"""Which known names a name in a file is near to, for a person to choose from; nothing is decided here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
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
    best: dict[str, Proposal] = {}
    for candidate in candidates:
        found = compare(name, candidate, water)
        if found.nearness >= rules["least"] and (
            candidate.site not in best or found.nearness > best[candidate.site].nearness
        ):
            best[candidate.site] = found
    ordered = sorted(best.values(), key=lambda proposal: (-proposal.nearness, proposal.name))
    return ordered[: rules["most"]]


def compare(name: str, candidate: Candidate, water: str = "") -> Proposal:
    """Return how near `name` is to one known name, and in what they differ."""
    written, known = fold(name), fold(candidate.name)
    if written == known:
        return Proposal(candidate.site, candidate.name, 1.0, Text("名称相同，但有不止一个点位叫这个名称"))
    costs = _settings()["costs"]
    plain = _bare(written), _bare(known)
    cost, pairs = _distance(written, known)
    nearness = 1 - cost / max(len(written), len(known), 1)
    why = _difference(pairs)
    if all(plain) and plain != (written, known):
        bare_cost, bare_pairs = _distance(*plain)
        bare = 1 - (bare_cost + costs["generic"]) / max(*map(len, plain))
        if bare > nearness:
            nearness, why = bare, _difference(bare_pairs)
    if water and candidate.water and fold(water) == fold(candidate.water):
        nearness += _settings()["proposals"]["same_water"]
        why = Text("{why}；所在水体相同", why=why)
    return Proposal(candidate.site, candidate.name, round(min(nearness, 0.99), 4), why)


def _bare(name: str) -> str:
    """Return a name without the words that files add or leave out, the longest taken first."""
    for word in sorted(_settings()["words"]["generic"], key=len, reverse=True):
        name = name.replace(word, "")
    return name


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


def _distance(one: str, other: str) -> tuple[float, list[tuple[str, str]]]:
    """Return the weighted edit distance, and the pairs of characters that differ (one may be empty)."""
    row: list[tuple[float, list[tuple[str, str]]]] = [(0.0, [])]
    for character in other:
        row.append((row[-1][0] + 1, [*row[-1][1], ("", character)]))
    for left in one:
        before, row = row, [(row[0][0] + 1, [*row[0][1], (left, "")])]
        for at, right in enumerate(other):
            swap = _cost(left, right)
            pair = [(left, right)] if left != right else []
            row.append(
                min(
                    (before[at][0] + swap, before[at][1] + pair),
                    (before[at + 1][0] + 1, [*before[at + 1][1], (left, "")]),
                    (row[at][0] + 1, [*row[at][1], ("", right)]),
                    key=lambda step: step[0],
                )
            )
    return row[-1]


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
