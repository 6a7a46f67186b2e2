"""Finding the heads (表头) of a laboratory's sheet: several rows, merged cells, rows of units and limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from bishui.errors import Problem
from bishui.observations.layouts import role_of
from bishui.observations.naming import named_item, unit_behind
from bishui.observations.numbers import Reading, parse_number
from bishui.observations.schema import Mark
from bishui.observations.sheets import Sheet
from bishui.observations.textforms import fold, load_data, normalise
from bishui.observations.times import parse_time
from bishui.standards import Item, unit_factor

JOINT = " / "
#: How many rows heads may have.
MOST_ROWS = 3
_BRACKETS = re.compile(r"[(（\[](?P<inside>[^()（）\[\]]*)[)）\]]\s*$")
_SAID_UNIT = re.compile(r"单位\s*[:：]?\s*(?P<unit>[^\s,，;；)）]+)")
_SAID_DAY = re.compile(r"(?:采样|取样|监测|采集)(?:日期|时间)\s*[:：]?\s*(?P<day>.*)")
_SAID_SITE = re.compile(r"(?:采样|监测)?(?:断面|点位|站点|地点|测点)(?:名称)?\s*[:：]\s*(?P<site>\S.*)")


@dataclass(frozen=True, slots=True)
class Head:
    """One head: as written, what it means, and the unit that it says."""

    text: str
    role: str | None = None
    item: Item | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of a sheet: position of the first row, number of rows, one head per column."""

    at: int
    rows: int
    columns: tuple[Head, ...]

    @property
    def last(self) -> int:
        """Position of the last row of the heads."""
        return self.at + self.rows - 1

    def roles(self) -> dict[str, int]:
        """Return role → place, the first where several columns have it."""
        return {its.role: place for place, its in reversed(list(enumerate(self.columns))) if its.role}

    def known(self) -> int:
        """Return how many different things the columns mean."""
        meant = {its.item.key if its.item else its.role for its in self.columns}
        return len(meant - {None, "ignore"})


def joined(records: Sequence[Sequence[str]], at: int, rows: int) -> list[str]:
    """Return the heads of `rows` rows from position `at`, the distinct parts of each column joined."""
    heads = []
    for place in range(len(records[at + rows - 1])):
        parts: list[str] = []
        for record in records[at : at + rows]:
            text = " ".join(record[place].split()) if place < len(record) else ""
            if text and text not in parts:
                parts.append(text)
        heads.append(JOINT.join(parts))
    return heads


def find_heads(sheet: Sheet) -> Heads | None:
    """Return the heads of a sheet: the rows near its top in which most columns mean something."""
    best: Heads | None = None
    most = 0
    for rows in range(1, MOST_ROWS + 1):
        for at in range(len(sheet.preview) - rows + 1):
            found = Heads(at, rows, tuple(map(understand_head, joined(sheet.preview, at, rows))))
            weight = found.known() + _items_down(sheet, found)
            if weight >= 2 and weight > most:
                best, most = found, weight
    return best


def _items_down(sheet: Sheet, heads: Heads) -> int:
    """Return how many items stand under a head that says "item", 0 where it is one or none."""
    place = heads.roles().get("item")
    if place is None:
        return 0
    below = [record[place] for record in sheet.preview[heads.last + 1 :] if place < len(record)]
    named = {its.item.key for text in below if text and (its := understand_head(text)).item}
    return len(named) if len(named) > 1 else 0


@cache
def understand_head(text: str) -> Head:
    """Return what a head means; of several joined parts the last that means something counts.

    A unit stands in brackets behind the item, or in brackets of a part above it.
    """
    parts = text.split(JOINT)
    for part in reversed(parts):
        item = _item(part)
        role = _role(part) if item is None else None
        if item is not None:
            return Head(text, None, item, _unit(parts, item))
        if role is not None:
            return Head(text, role)
    return Head(text)


def _role(part: str) -> str | None:
    folded = fold(part)
    bare = fold(_BRACKETS.sub("", normalise(part)))
    role = role_of(part)
    if role is not None:
        return role
    for name, forms in load_data("heads.toml")["laboratory"].items():
        if folded in forms or bare in forms:
            return str(name)
    return None


def _item(part: str) -> Item | None:
    """Return the item that a head names, whatever unit stands in brackets behind it."""
    if _role(part) is not None:
        return None
    listed = load_data("heads.toml")["items"].get(fold(part))
    if listed:
        return named_item(listed["item"])
    text = normalise(part)
    while True:
        item = named_item(text)
        shorter = _BRACKETS.sub("", text).strip()
        if item is not None or shorter == text:
            return item or _item_before_unit(text)
        text = shorter


def _item_before_unit(text: str) -> Item | None:
    """Return the item of a head such as ``化学需氧量(CODCr) mg/L``."""
    name, _, unit = text.rpartition(" ")
    item = _item(name) if name else None
    return item if item is not None and unit_factor(item, unit) is not None else None


def _unit(parts: list[str], item: Item) -> str | None:
    for part in reversed(parts):
        listed = load_data("heads.toml")["items"].get(fold(part))
        if listed:
            return str(listed["unit"])
        for given in _units_said(part):
            if unit_factor(item, given) is not None:
                return given
        if _item(part) == item and (behind := unit_behind(normalise(part), item)):
            return behind
    return None


def _units_said(part: str) -> Iterator[str]:
    """Yield what stands in brackets at the end, and what stands behind the word "unit" (单位)."""
    brackets, said = _BRACKETS.search(part), _SAID_UNIT.search(part)
    if brackets:
        yield re.split(r"[,，]", re.sub(r"^单位\s*[:：]?\s*", "", brackets["inside"]))[0].strip()
    if said:
        yield said["unit"]


def bare(head: str) -> str:
    """Return a head as it is compared with a saved one: without the unit in brackets."""
    return JOINT.join(fold(_BRACKETS.sub("", normalise(part))) for part in head.split(JOINT))


def starts_with(group: str, text: str) -> bool:
    """Return whether a row's first text begins with a word of ``[rows]`` of ``heads.toml``."""
    folded = fold(text)
    return any(folded.startswith(word) for word in load_data("heads.toml")["rows"][group])


def is_word(group: str, text: str) -> bool:
    """Return whether a text is a word of ``[rows]``, a remark in brackets aside."""
    words = load_data("heads.toml")["rows"][group]
    return fold(text) in words or fold(_BRACKETS.sub("", normalise(text))) in words


def unit_row(record: Sequence[str], items: Mapping[int, Item]) -> dict[int, str] | None:
    """Return place → unit where a record holds the units of the item columns, else None."""
    said = {place: record[place].strip() for place in items if place < len(record) and record[place].strip()}
    units = {place: text for place, text in said.items() if unit_factor(items[place], text) is not None}
    named = any(is_word("unit", text) for text in record)
    plain = [text for text in said.values() if text not in units.values()]
    enough = len(units) * 2 > len(items) or (named and units)
    return units if enough and not any(any(sign.isdigit() for sign in text) for text in plain) else None


def limit_row(record: Sequence[str], items: Mapping[int, Item]) -> dict[int, str] | None:
    """Return place → detection limit where a record says that it holds them, else None."""
    if not any(is_word("limit", text) for text in record):
        return None
    limits = {}
    for place in items:
        given = parse_number(record[place]) if place < len(record) and record[place].strip() else None
        if isinstance(given, Reading) and given.value is not None and given.value > 0:
            limits[place] = f"{given.value:f}"
    return limits


def day_in(texts: Sequence[str]) -> str | None:
    """Return the written day of sampling among cells above the heads, None where there is none."""
    cells = [text.strip() for text in texts if text.strip()]
    for place, text in enumerate(cells):
        found = _SAID_DAY.search(normalise(text))
        if found is None:
            continue
        after = cells[place + 1 : place + 2]
        for candidate in (found["day"].strip(), *after):
            day = _day(candidate)
            if day is not None:
                return day
    return None


def day_of_name(name: str | None) -> str | None:
    """Return the day that the name of a sheet is, None where it is none."""
    return _day(name or "")


def _day(text: str) -> str | None:
    for candidate in (text, re.split(r"[\s,，;；]", text.strip(), maxsplit=1)[0]):
        moment = parse_time(candidate)
        if isinstance(moment, datetime):
            return candidate
        if isinstance(moment, Problem) and moment.code == "no-year":
            return candidate
    return None


def site_in(texts: Sequence[str]) -> str | None:
    """Return the site that a cell above the heads names, None where there is none."""
    for text in texts:
        found = _SAID_SITE.search(text.strip())
        if found:
            return re.split(r"\s{2,}|[,，;；]", found["site"])[0].strip()
    return None


def is_result(text: str) -> bool:
    """Return whether a cell can be a result."""
    given = parse_number(text)
    return isinstance(given, Reading) and given.mark in (Mark.MEASURED, Mark.BELOW_DETECTION)
