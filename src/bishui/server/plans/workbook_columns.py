"""The sheets and columns of the ledger's workbook, and the written form in which cells are compared."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from bishui.i18n import Bilingual
from bishui.server.plans import steps

#: Signs that no XML file may hold.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029")
#: Signs for which a text is looked at closely.
_ODD = re.compile("[^ -~\x80-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHORT = 60
_LINE_TAILS = re.compile(r"[ \t]+(?=\n)")
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One column; see ``rules/workbook.toml`` for `mode` and `kind`."""

    id: str
    head: Bilingual
    mode: str
    kind: str
    width: int


@dataclass(frozen=True, slots=True)
class SheetForm:
    """One sheet; `needs` are the columns by which it is recognised."""

    id: str
    name: Bilingual
    needs: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return a column by its identifier."""
        return next(column for column in self.columns if column.id == name)

    @property
    def compared(self) -> tuple[Column, ...]:
        """The columns of which the export keeps a fingerprint: all but the technical ones."""
        return tuple(column for column in self.columns if column.mode != "technical")


@cache
def forms() -> Mapping[str, SheetForm]:
    """Return the sheets by identifier, in their order."""
    return {
        item["id"]: SheetForm(
            item["id"],
            Bilingual(item["name_zh"], item["name_en"]),
            tuple(item["needs"]),
            tuple(
                Column(
                    each["id"],
                    Bilingual(each["head_zh"], each["head_en"]),
                    each["mode"],
                    each["kind"],
                    each["width"],
                )
                for each in item["column"]
            ),
        )
        for item in rules()["sheet"]
    }


def rules() -> Mapping[str, Any]:
    """Return the data of ``rules/workbook.toml``."""
    return steps.rules("workbook")


def folded(head: str) -> str:
    """Return a head as heads are compared: half width, without blanks, in small letters."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", head)).casefold()


def written(value: Any) -> str:
    """Return the written form of a value: what a cell says, whichever program has saved it.

    Line ends are one sign, blanks at the ends of lines and of the text are nothing; a number is the shortest
    that means the same, a date is ``2025-06-30``. A text longer than a cell holds is cut with a mark.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return _plain(value) if len(value) > _SHORT else _plain_short(value)
    if isinstance(value, Bilingual):
        return value.zh
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(text: str) -> str:
    if _ODD.search(text):
        text = _LINE_TAILS.sub("", _LINE_ENDS.sub("\n", _NO_XML.sub("", text)))
    text = text.strip()
    longest = rules()["longest_cell"]
    return text if len(text) <= longest else f"{text[:longest]}……"


#: Names, themes and words stand in many cells.
_plain_short = lru_cache(maxsize=4096)(_plain)


def is_cut(value: Any) -> bool:
    """Tell whether a text is too long for a cell: it can be read in a workbook, and not changed there."""
    return isinstance(value, str) and len(value) > rules()["longest_cell"]


def fingerprint(texts: Iterable[str]) -> str:
    """Return what a row's hidden column keeps of its written cells: the form's version, a checksum each."""
    marks = [mark_of(text) if len(text) > _SHORT else _mark_short(text) for text in texts]
    return f"{rules()['version']}:{''.join(marks)}"


def marks_of(base: str, form: SheetForm) -> dict[str, str] | None:
    """Return the checksum of each column as exported, or None where a row brings none that can be read."""
    version, _, digits = base.strip().partition(":")
    columns = form.compared
    if version != str(rules()["version"]) or len(digits) != _DIGITS * len(columns):
        return None
    parts = [digits[start : start + _DIGITS] for start in range(0, len(digits), _DIGITS)]
    return {column.id: part for column, part in zip(columns, parts, strict=True)}


def mark_of(text: str) -> str:
    """Return the checksum of one written cell."""
    return zlib.crc32(text.encode()).to_bytes(_DIGITS // 2, "big").hex()


_mark_short = lru_cache(maxsize=4096)(mark_of)
