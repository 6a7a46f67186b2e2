"""Items that standards name beyond the item table (标准所列的其他项目), and what any item is called by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from bishui.standards.editions import DATA, read_toml
from bishui.standards.items import Item, item_of, items, plain


@cache
def _content() -> tuple[Mapping[str, Item], Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    """Return the items, the plain item of each total metal, and the CAS numbers, by key."""
    entries = read_toml(DATA / "substances.toml")["item"]
    return (
        MappingProxyType({entry["key"]: item_of(entry) for entry in entries if entry["key"] not in items()}),
        MappingProxyType({entry["key"]: entry["total_of"] for entry in entries if "total_of" in entry}),
        MappingProxyType({entry["key"]: tuple(entry["cas"]) for entry in entries if "cas" in entry}),
    )


def substances() -> Mapping[str, Item]:
    """Return the items that standards limit and the item table does not hold, by key.

    They stand apart because the kernels keep dense tables over the item table.
    """
    return _content()[0]


def cas_numbers(key: str) -> tuple[str, ...]:
    """Return the CAS numbers of an item; several where it is a group of isomers."""
    return _content()[2].get(key, ())


def kin_of(key: str) -> tuple[str, ...]:
    """Return an item with its other form: metal and total metal (总量)."""
    totals = _content()[1]
    plain_key = totals.get(key, key)
    return (
        key,
        *(other for other in (plain_key, *totals) if other != key and totals.get(other, other) == plain_key),
    )


@cache
def further_heads() -> Mapping[str, str]:
    """Return the keys of the further items by every name, plain, and by CAS number."""
    heads: dict[str, str] = {}
    for item in substances().values():
        for text in names_of(item):
            heads.setdefault(plain(text), item.key)
    for key, item in substances().items():
        heads[plain(item.name_zh)] = key
    for key in _content()[2]:
        for number in cas_numbers(key):
            heads.setdefault(number, key)
    return heads


def names_of(item: Item) -> Iterable[str]:
    """Return everything that an item is called by."""
    return (item.key, item.name_zh, item.name_en, item.symbol, *item.aliases, *item.codes)


def any_item(key: str) -> Item:
    """Return the item of a key from the item table or from the standards' further items."""
    return items().get(key) or substances()[key]
