"""Finding an item by what people write: its names, and words that mean several or one under a condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.standards.editions import DATA, read_toml
from bishui.standards.items import Item, find_item, items, plain
from bishui.standards.substances import any_item, further_heads, kin_of, names_of, substances

#: How alike a name and what was written have to be (0–1) for a suggestion: a Chinese name has few characters,
#: of which one is much; our own choice.
_ALIKE, _ALIKE_IN_LETTERS = 0.5, 0.6
#: So many letters are too few to look for them inside of names, and a shorter name is held by too much.
_FEW_LETTERS, _SHORT_NAME = 3, 2
_TOO_FAR = 3.0


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody searches by.

    Attributes
    ----------
    name
        What is shown as found.
    items
        Keys of the items meant; several for one word such as AQI.
    when
        The conditions that the word states, as `limits` takes them.
    note
        What has to be said beside the limits; may be empty.
    """

    name: Bilingual
    items: tuple[str, ...]
    when: Mapping[str, Any]
    note: Bilingual


@cache
def _words() -> Mapping[str, Sought]:
    found = {}
    for entry in read_toml(DATA / "search_words.toml")["word"]:
        sought = Sought(
            name=Bilingual(entry["name_zh"], entry["name_en"]),
            items=tuple(entry["items"]),
            when=entry.get("when", {}),
            note=Bilingual(entry.get("note_zh", ""), entry.get("note_en", "")),
        )
        found.update({plain(word): sought for word in entry["words"]})
    return found


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
    raise _nothing_called(text)


def search_word(text: str) -> Sought | None:
    """Return what a word means that is no name of one item (``AQI``, ``昼间等效声级``); else None."""
    return None if _anywhere(text) is not None else _words().get(plain(text))


def sought_name(text: str) -> str:
    """Return the name of what is searched by, an item or a search word; raises as `resolve_item`."""
    word = search_word(text)
    return str(word.name) if word is not None else resolve_item(text).name


def _nothing_called(text: str) -> CallError:
    near = similar(text)
    return CallError(
        Text("没有名为“{name}”的项目。", name=text),
        remedy=Text("名称相近的项目：{names}。", names="、".join(near))
        if near
        else Text("请用项目的中文名、代码或 CAS 号查找。"),
    )


def _anywhere(text: str) -> Item | None:
    if text in items() or text in substances():
        return any_item(text)
    key = further_heads().get(plain(text))
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
    """Return names like what was written, the nearest first.

    A name that begins with it comes first, then one that holds it or is held by it, then one spelled alike.
    """
    wanted = plain(text)
    if not wanted:
        return []
    places: dict[str, tuple[float, int]] = {}
    for shown, names in _named():
        place = min((_distance(wanted, plain(name)) for name in names if name), default=_TOO_FAR)
        if place < _TOO_FAR:
            places[shown] = min(places.get(shown, (_TOO_FAR, 0)), (place, len(shown)))
    return sorted(places, key=lambda shown: places[shown])[:most]


def _named() -> Iterable[tuple[str, Iterable[str]]]:
    """Yield each name that can be shown with all that it is called by, codes apart."""
    every: list[Item] = [*items().values(), *substances().values()]
    for item in every:
        codes = {item.key, *item.codes}
        yield item.name, [name for name in names_of(item) if name not in codes]
    for word, sought in _words().items():
        yield str(sought.name), [word]


def _distance(wanted: str, name: str) -> float:
    """Return how far a name is: 0 begins so, 1 holds or is held, up to 3 the less it is alike."""
    if name.startswith(wanted):
        return 0.0
    if wanted.isascii() and len(wanted) <= _FEW_LETTERS:
        return _TOO_FAR
    if wanted in name or (len(name) >= _SHORT_NAME and not name.isascii() and name in wanted):
        return 1.0
    alike = SequenceMatcher(None, wanted, name).ratio()
    return _TOO_FAR - alike if alike >= (_ALIKE_IN_LETTERS if wanted.isascii() else _ALIKE) else _TOO_FAR
