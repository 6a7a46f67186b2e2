"""Which item a head or a cell names: of the item table first, then of the further items of the standards."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from bishui.observations.textforms import fold
from bishui.standards import Item, find_item, items, substances, unit_factor

#: Kinds of quantity that are not measured in water; their short names mean something else in a water table.
_NOT_IN_WATER = frozenset(("air_concentration", "sound"))


@cache
def known_items() -> Mapping[str, Item]:
    """Return every item that a row may name, by key."""
    return MappingProxyType({**substances(), **items()})


@cache
def named_item(text: str) -> Item | None:
    """Return the item that a text names by key, name, symbol, alias or code; None where it names none."""
    return find_item(text) or _further().get(fold(text))


@cache
def unit_behind(head: str, item: Item) -> str | None:
    """Return the unit that ends a head without brackets: ``总磷/μg/L``, ``总磷 μg/L``, ``water_temp_c``."""
    for place in range(1, len(head)):
        tail = head[place:].strip().lstrip("_/,，:：").strip()
        if tail and unit_factor(item, tail) is not None:
            return tail
    return None


@cache
def _further() -> Mapping[str, Item]:
    names: dict[str, Item] = {}
    for item in substances().values():
        if item.dimension not in _NOT_IN_WATER:
            for text in (item.key, item.name_zh, item.name_en, item.symbol, *item.aliases, *item.codes):
                names.setdefault(fold(text), item)
    return MappingProxyType(names)
