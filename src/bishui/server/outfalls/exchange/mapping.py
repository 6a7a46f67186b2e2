"""Mappings (字段对照): how an outside system heads its columns and words its answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bishui.i18n import Bilingual
from bishui.server.core import registers


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an outside system: its heads, the first of them written; `words` by our value."""

    heads: tuple[str, ...]
    field: str
    words: Mapping[str, str]
    #: A text that stands in every row, where the other side asks for a column that we do not keep.
    always: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeMapping:
    """One outside system.

    Attributes
    ----------
    key_heads
        Heads of the column that holds the other side's own code, kept as ``regional_code`` or
        ``official_code`` and used to find the outfall again.
    key_field
        The field that keeps it.
    fixed
        What the other side takes for granted and its files do not say, by field.
    source, certainty
        Where the columns were read, and how sure that is.
    """

    id: str
    title: Bilingual
    key_field: str
    columns: tuple[Column, ...]
    fixed: Mapping[str, str]
    source: str
    certainty: str

    def column_of(self, head: str) -> Column | None:
        """Return the column that a head of a file names."""
        wanted = registers.fold(head)
        for column in self.columns:
            if wanted in {registers.fold(name) for name in column.heads}:
                return column
        return None

    def inward(self, row: Mapping[str, str]) -> dict[str, str]:
        """Return a row of a file by the fields of the register, in the register's own words."""
        found = dict(self.fixed)
        for head, text in row.items():
            column = self.column_of(head)
            if column is not None and column.field and text.strip():
                found[column.field] = _ours(column, text)
        return found

    def outward(self, texts: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
        """Return the cells of a record: `texts` by field as files write them, `values` as they are kept."""
        return [
            column.always or column.words.get(str(values.get(column.field, "")), texts.get(column.field, ""))
            for column in self.columns
        ]

    @property
    def written_heads(self) -> list[str]:
        """The heads that a file for the other side has."""
        return [column.heads[0] for column in self.columns]


def _ours(column: Column, text: str) -> str:
    wanted = registers.fold(text)
    return next((ours for ours, theirs in column.words.items() if registers.fold(theirs) == wanted), text)


@cache
def mappings() -> dict[str, ExchangeMapping]:
    """Return the mappings by id."""
    found = {}
    for path in sorted((Path(__file__).parent / "mappings").glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        found[data["id"]] = ExchangeMapping(
            id=data["id"],
            title=Bilingual(data["title_zh"], data["title_en"]),
            key_field=data["key_field"],
            columns=tuple(_column(entry) for entry in data["column"]),
            fixed=data.get("fixed", {}),
            source=data["source"],
            certainty=data["certainty"],
        )
    return found


def _column(entry: Mapping[str, Any]) -> Column:
    heads: Sequence[str] = entry["heads"]
    return Column(tuple(heads), entry.get("field", ""), entry.get("words", {}), entry.get("always", ""))
