"""Items that standards name beyond the item table (标准所列的其他项目), and finding any by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards.editions import DATA, read_toml
from bishui.standards.items import Item, find_item, item_of, items, plain


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
def _heads() -> Mapping[str, str]:
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


def resolve_item(text: str, among: Iterable[str] | None = None) -> Item:
    """Return the item of a key, name, symbol, code or CAS number.

    Parameters
    ----------
    text
        What somebody wrote: ``nh3n``, ``氨氮``, ``总汞``, ``苯并（a）芘``, ``w01019``, ``71-43-2``.
    among
        Keys that are looked at first, such as those of one standard: ``co`` is carbon monoxide in the air
        standard and cobalt in the others; ``cu`` is total copper where only that is limited.

    Raises
    ------
    CallError
        If nothing is called so; the remedy lists similar names.
    """
    for found in (_among(text, tuple(among)) if among is not None else None, _anywhere(text)):
        if found is not None:
            return found
    raise CallError(
        Text("没有名为“{name}”的项目。", name=text),
        remedy=Text("名称相近的项目：{names}。", names="、".join(similar(text)))
        if similar(text)
        else Text("请用项目的中文名、代码或 CAS 号查找。"),
    )


def any_item(key: str) -> Item:
    """Return the item of a key from the item table or from the standards' further items."""
    return items().get(key) or substances()[key]


def _anywhere(text: str) -> Item | None:
    if text in items() or text in substances():
        return any_item(text)
    key = _heads().get(plain(text))
    return find_item(text) or (substances()[key] if key else None)


def _among(text: str, keys: tuple[str, ...]) -> Item | None:
    if text in keys:
        return any_item(text)
    for key in keys:
        if plain(text) in {plain(name) for name in names_of(any_item(key))}:
            return any_item(key)
    found = _anywhere(text)
    kin = [key for key in kin_of(found.key) if key in keys] if found else []
    return any_item(kin[0]) if kin else None


def similar(text: str, most: int = 6) -> list[str]:
    """Return names that hold `text`, or that it holds, shortest first."""
    wanted = plain(text)
    every = [*items().values(), *substances().values()]
    near = [
        item.name
        for item in every
        if wanted and any(wanted in plain(name) for name in (item.name_zh, item.name_en, *item.aliases))
    ]
    return sorted(dict.fromkeys(near), key=len)[:most]
