"""Items (监测项目): what a measurement row may name, with unit, digits and the heads found in files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from bishui.i18n import current_language
from bishui.standards.editions import DATA, read_toml

_TRAILING_BRACKETS = re.compile(r"^(?P<head>.+)[(\[](?P<inside>[^()\[\]]*)[)\]]$")


@dataclass(frozen=True, slots=True)
class Item:
    """One measured item.

    Attributes
    ----------
    key
        Stable identifier, used in every table.
    name_zh, name_en, symbol
        Names in both languages and the chemical or customary symbol.
    unit
        The item's own unit; measured values are kept in it.
    dimension
        Group of units that convert to `unit`.
    scale
        Digits after the point kept by kernels: they work on ``value × 10**scale`` as 64-bit integers.
    evaluation_decimals, hourly_decimals
        Digits of evaluation data (环办监测函〔2020〕82号) and of hourly data (总站水字〔2020〕90号);
        None where the documents name none.
    aliases, codes
        Heads as printed in files, and item codes of the HJ 212 family.
    certainty
        A, B or C, of the digits.
    """

    key: str
    name_zh: str
    name_en: str
    symbol: str
    unit: str
    dimension: str
    scale: int
    evaluation_decimals: int | None
    hourly_decimals: int | None
    aliases: tuple[str, ...]
    codes: tuple[str, ...]
    certainty: str

    @property
    def name(self) -> str:
        """The name in the language in use."""
        return self.name_en if current_language() == "en" else self.name_zh


def item_of(entry: Mapping[str, Any]) -> Item:
    """Return the item of an entry of a data file."""
    return Item(
        key=entry["key"],
        name_zh=entry["name_zh"],
        name_en=entry["name_en"],
        symbol=entry["symbol"],
        unit=entry["unit"],
        dimension=entry["dimension"],
        scale=entry["scale"],
        evaluation_decimals=entry.get("evaluation_decimals"),
        hourly_decimals=entry.get("hourly_decimals"),
        aliases=tuple(entry["aliases"]),
        codes=tuple(entry.get("codes", ())),
        certainty=entry["certainty"],
    )


@cache
def items() -> Mapping[str, Item]:
    """Return every known item by key, in the order of GB 3838 table 1, further items after them."""
    entries = read_toml(DATA / "items.toml")["item"]
    return MappingProxyType({entry["key"]: item_of(entry) for entry in entries})


def plain(text: str) -> str:
    """Return `text` after NFKC, case-folded, without white space."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def _units() -> Mapping[str, Mapping[str, Decimal]]:
    groups = read_toml(DATA / "units.toml")
    return {
        dimension: {plain(unit): Decimal(factor) for unit, factor in group.items()}
        for dimension, group in groups.items()
        if isinstance(group, dict)
    }


@cache
def _unit_spellings() -> tuple[str, ...]:
    return tuple(sorted({unit for group in _units().values() for unit in group}, key=len, reverse=True))


def unit_factor(item: Item, unit: str) -> Decimal | None:
    """Return what a value in `unit` is multiplied by to stand in the item's own unit.

    Parameters
    ----------
    item
        The measured item.
    unit
        A unit as printed; NFKC, case and white space do not matter.

    Returns
    -------
    Decimal or None
        The exact factor, or None if the unit is not one of the item's dimension.
    """
    group = _units().get(item.dimension, {})
    factor = group.get(plain(unit))
    own = group.get(plain(item.unit))
    return None if factor is None or own is None else factor / own


@cache
def _heads() -> Mapping[str, Item]:
    heads: dict[str, Item] = {}
    for item in items().values():
        for text in (item.key, item.name_zh, item.name_en, item.symbol, *item.aliases, *item.codes):
            heads.setdefault(plain(text), item)
    return heads


def find_item(text: str) -> Item | None:
    """Return the item that a head or cell names, or None.

    Compared after NFKC, case-folded, without white space and without a unit, in brackets or after an
    underscore: ``高锰酸盐指数(mg/L)``, ``CODMn``, ``NH₃-N``, ``氨氮（NH3-N）``, ``叶绿素α``, ``w01019``.
    """
    head = plain(text)
    for candidate in _readings_of(head):
        if candidate in _heads():
            return _heads()[candidate]
    return _named_twice(head)


def _readings_of(head: str) -> tuple[str, ...]:
    """Return the head as it stands, then without a unit in brackets or behind a separator."""
    readings = [head]
    match = _TRAILING_BRACKETS.match(head)
    if match and (match["inside"] in _unit_spellings() or not match["inside"]):
        readings.append(match["head"])
    for unit in _unit_spellings():
        for separator in ("_", "/", ",", "，", ""):
            if unit not in ("m", "-", "%") and len(unit) > 1 and head.endswith(separator + unit):
                readings.append(head.removesuffix(separator + unit))
    readings.append(head.removesuffix("_m"))
    return tuple(readings)


def _named_twice(head: str) -> Item | None:
    """Return the item of a head such as ``氨氮(NH3-N)``, whose name and brackets mean the same item."""
    match = _TRAILING_BRACKETS.match(head)
    if not match:
        return None
    outside, inside = find_item(match["head"]), find_item(match["inside"])
    return outside if outside is not None and outside == inside else None
