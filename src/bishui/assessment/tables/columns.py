"""The columns of a table of results: their names, types and meanings in both languages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from bishui.i18n import Bilingual

_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(38, 10),
    "date": pa.date32(),
    "flag": pa.bool_(),
    "degrees": pa.float64(),
}


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column.

    Attributes
    ----------
    name
        Its key, the same in every format.
    type
        Its Arrow type.
    label, meaning
        Its head in a spreadsheet, and what stands in it.
    unit
        Unit of its numbers, empty without one.
    """

    name: str
    type: pa.DataType
    label: Bilingual
    meaning: Bilingual
    unit: str = ""

    @property
    def field(self) -> pa.Field:
        """The Arrow field; label, meaning and unit are its metadata, so that they travel with the table."""
        about = {
            "label_zh": self.label.zh,
            "label_en": self.label.en,
            "meaning_zh": self.meaning.zh,
            "meaning_en": self.meaning.en,
            "unit": self.unit,
        }
        return pa.field(self.name, self.type, metadata=about)


@cache
def result_columns() -> tuple[ResultColumn, ...]:
    """Return the columns of a table of results, in their order."""
    path = Path(__file__).with_name("columns.toml")
    return tuple(
        ResultColumn(
            name=entry["name"],
            type=_TYPES[entry["type"]],
            label=Bilingual(entry["label_zh"], entry["label_en"]),
            meaning=Bilingual(entry["meaning_zh"], entry["meaning_en"]),
            unit=entry.get("unit", ""),
        )
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["column"]
    )


@cache
def result_schema() -> pa.Schema:
    """Return the schema of a table of results; it says in what the coordinates are."""
    about = {"crs": "EPSG:4490", "crs_name": "CGCS2000", "time_zone": "China Standard Time (UTC+8)"}
    return pa.schema([column.field for column in result_columns()], metadata=about)
