"""From the names that a plan writes to the units of the register: pure, over plain records."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A division: its path, name and level."""

    path: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit of the register; `names` are all its written forms, the official one first."""

    id: str
    names: tuple[str, ...]
    division: str
    kind: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """A written name and the units it means.

    `reason` is empty where it is clear, else ``unknown`` (no such unit), ``ambiguous`` (several),
    ``empty`` (a collective name, and the register holds none of those units) or ``no-unit`` (a person said
    that it names no unit).
    """

    written: str
    units: tuple[str, ...]
    reason: str = ""


#: What people said that written names mean.
Given = Mapping[str, tuple[str, ...] | None]


@cache
def rules() -> dict[str, Any]:
    """Return the data of ``rules/collectives.toml``."""
    return tomllib.loads((Path(__file__).parent / "rules" / "collectives.toml").read_text(encoding="utf-8"))


def fold(name: str) -> str:
    """Return `name` without spaces and with half-width brackets, for comparing."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).replace(",", "、")


class Directory:
    """The units that a plan of the division `home` can mean.

    A name is looked for among the units of the division itself, then below it, then above it; the first
    of these rings that knows the name decides.
    """

    def __init__(self, home: str, places: Iterable[Place], units: Iterable[KnownUnit]) -> None:
        self.home = home
        self.places: Mapping[str, Place] = {place.path: place for place in places}
        self.units = list(units)
        self._rings = [self._index(ring) for ring in self._split()]

    def _split(self) -> list[list[KnownUnit]]:
        own = [unit for unit in self.units if unit.division == self.home]
        below = [
            unit for unit in self.units if unit.division != self.home and unit.division.startswith(self.home)
        ]
        above = [
            unit for unit in self.units if unit.division != self.home and self.home.startswith(unit.division)
        ]
        return [own, below, above]

    def _index(self, units: Sequence[KnownUnit]) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for unit in units:
            for form in self._forms(unit):
                held = index.setdefault(form, [])
                if unit.id not in held:
                    held.append(unit.id)
        return index

    def _forms(self, unit: KnownUnit) -> set[str]:
        place = self.places.get(unit.division)
        forms: set[str] = set()
        for name in map(fold, unit.names):
            forms.add(name)
            if place and name.startswith(place.name) and len(name) > len(place.name):
                rest = name[len(place.name) :]
                forms.add(place.name[-1] + rest)
                forms |= {rest} if unit.division == self.home else set()
            level = level_of(name)
            if place and level and place.name.endswith(level):
                forms.add(place.name + name[len(level) :])
            if level and unit.division == self.home:
                forms.add(name[len(level) :])
        return {variant for form in forms for variant in _with_endings(form)}

    def find(self, name: str) -> list[str]:
        """Return the identifiers of the units that `name` may mean."""
        for ring in self._rings:
            if found := ring.get(fold(name)):
                return found
        return []

    def prefix_of(self, name: str) -> str:
        """Return the level or the division's name that `name` begins with, or nothing."""
        folded = fold(name)
        for place in self.places.values():
            if folded.startswith(place.name) and len(folded) > len(place.name):
                return place.name
        return level_of(folded)

    def collective(self, name: str) -> list[str] | None:
        """Return the units that a collective name stands for, or None where it is none."""
        folded = fold(name)
        for rule in rules()["collective"]:
            if re.fullmatch(rule["pattern"], folded):
                return [unit.id for unit in self.units if self._is_meant(unit, rule)]
        return None

    def _is_meant(self, unit: KnownUnit, rule: Mapping[str, Any]) -> bool:
        place = self.places.get(unit.division)
        return (
            place is not None
            and unit.kind == rule["kind"]
            and unit.division != self.home
            and unit.division.startswith(self.home)
            and place.level in rule["levels"]
            and place.name.endswith(tuple(rule["divisions"]))
        )


def level_of(name: str) -> str:
    """Return the level (市, 县, 区, …) that a folded name begins with, or nothing."""
    rule = rules()["inheritance"]
    if name.startswith(tuple(rule["no_levels"])):
        return ""
    return next((level for level in rule["levels"] if name.startswith(level) and len(name) > len(level)), "")


def _with_endings(form: str) -> Iterator[str]:
    yield form
    for short, long in rules()["endings"]["pairs"]:
        if form.endswith(long):
            yield form[: -len(long)] + short
        elif form.endswith(short):
            yield form[: -len(short)] + long


def resolve(names: Sequence[str], directory: Directory, given: Given | None = None) -> list[Resolved]:
    """Resolve the names of one cell.

    A name without a level of its own takes that of the name before it: 市生态环境局、工业和信息化局 means
    市工业和信息化局. What a person has `given` for a name goes before everything else.
    """
    found: list[Resolved] = []
    carried = ""
    for name in names:
        own = directory.prefix_of(name)
        if given and name in given:
            units = given[name]
            found.append(Resolved(name, units or (), "" if units else "no-unit"))
        else:
            found.append(_one(name, "" if own else carried, directory))
        carried = own or carried
    return found


def _one(name: str, carried: str, directory: Directory) -> Resolved:
    meant = directory.collective(name)
    if meant is not None:
        return Resolved(name, tuple(meant), "" if meant else "empty")
    for form in ([carried + name] if carried else []) + [name]:
        units = directory.find(form)
        if len(units) == 1:
            return Resolved(name, tuple(units))
        if units:
            return Resolved(name, (), "ambiguous")
    return Resolved(name, (), "unknown")


def near(name: str, directory: Directory, most: int = 5) -> list[str]:
    """Return the identifiers of the units whose names are most like `name`, the likest first.

    Likeness is the share of common characters and pairs of characters, so that a word left out or put
    elsewhere costs little; below a third nothing is offered.
    """
    wanted = _parts(fold(name))
    scores: dict[str, float] = {}
    for unit in directory.units:
        for form in unit.names:
            parts = _parts(fold(form))
            score = 2 * (wanted & parts).total() / (wanted.total() + parts.total())
            scores[unit.id] = max(score, scores.get(unit.id, 0))
    likest = sorted(scores, key=lambda unit: -scores[unit])[:most]
    return [unit for unit in likest if scores[unit] > 1 / 3]


def _parts(name: str) -> Counter[str]:
    return Counter([*name, *(name[index : index + 2] for index in range(len(name) - 1))])


def role_meant(name: str) -> str:
    """Return the role whose units in the same plan `name` stands for (各牵头单位 → ``lead``), or nothing."""
    folded = fold(name)
    return next((rule["role"] for rule in rules()["plan_role"] if re.fullmatch(rule["pattern"], folded)), "")


def resolve_plan(
    cells: Mapping[tuple[int, str], Sequence[str]], directory: Directory, given: Given | None = None
) -> dict[tuple[int, str], list[Resolved]]:
    """Resolve every cell of a plan.

    Parameters
    ----------
    cells
        The names by (position of the task, role).
    given
        What people said that names mean: units by identifier, None = no unit at all.

    Returns
    -------
    dict
        The same keys, with one `Resolved` for each written name, in order.
    """
    found = {key: resolve(names, directory, given) for key, names in cells.items()}
    named: dict[str, dict[str, None]] = {}
    for (_, role), cell in found.items():
        named.setdefault(role, {}).update((unit, None) for item in cell for unit in item.units)
    for cell in found.values():
        for index, item in enumerate(cell):
            if item.reason == "no-unit":
                continue
            if not item.units and (role := role_meant(item.written)):
                units = tuple(named.get(role, ()))
                cell[index] = Resolved(item.written, units, "" if units else "empty")
    return found
