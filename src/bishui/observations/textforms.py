"""Word lists and written forms shared by the readers: the data files beside this module, loaded once."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bishui.observations.schema import Mark, Source
from bishui.standards import items, substances, unit_factor

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−⁃﹘﹣─━ー"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u2060\u00ad"), None)
_POWER = re.compile(r"10([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_BLANKS = re.compile(r"\s+")


@cache
def load_data(name: str) -> Mapping[str, Any]:
    """Return the content of the data file `name` of this room."""
    return tomllib.loads((files("bishui.observations") / "data" / name).read_text("utf-8"))


def normalise(text: str) -> str:
    """Return `text` in NFKC with one kind of dash, no invisible characters and powers of ten as ``10^n``.

    NFKC alone would turn ``10⁴`` into ``104``; the power is therefore written out first.
    """
    text = _POWER.sub(lambda found: "10^" + unicodedata.normalize("NFKC", found.group(1)), text)
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    return text.translate(_DASHES).strip()


def fold(text: str) -> str:
    """Return `text` as word lists and heads are compared: normalised, lower case, without blanks."""
    return _BLANKS.sub("", normalise(text)).lower()


@cache
def words(group: str) -> Mapping[str, str]:
    """Return folded word → meaning for one group of ``marks.toml``."""
    return {word: meaning for meaning, forms in load_data("marks.toml")[group].items() for word in forms}


def cell_mark(text: str) -> Mark | None:
    """Return what a whole cell without a number says, or None when it is not such a word."""
    folded = fold(text)
    if folded and not folded.strip("-_"):
        return Mark.NO_READING
    found = words("cell").get(folded)
    return Mark(found) if found else None


def qualifier_mark(text: str) -> Mark | None:
    """Return the mark that a word of the qualifier (标记) column means."""
    found = words("qualifier").get(fold(text))
    return Mark(found) if found else None


def status_mark(text: str) -> Mark | None:
    """Return MEASURED or OFFLINE for a station status (站点情况), None for an unknown word."""
    found = words("status").get(fold(text))
    return Mark(found) if found else None


def source_of(text: str) -> Source | None:
    """Return how a value came to be (数据来源), None for an unknown word."""
    found = words("source").get(fold(text))
    return Source(found) if found else None


@cache
def is_unit(text: str) -> bool:
    """Return whether `text` is a unit that some item can be given in."""
    return any(unit_factor(item, text) is not None for item in (*items().values(), *substances().values()))


def written(group: str, meaning: str) -> str:
    """Return the word that exports write for `meaning` of `group`."""
    return str(load_data("marks.toml")[group][meaning][0])
