"""What a long-term plan holds beside tasks: its outline, special columns (专栏) and projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bishui.documents.draft.records import Lines, all_to_json
from bishui.documents.draft.tasks import UnitCell


@dataclass(frozen=True, slots=True)
class OutlineHeading:
    """A heading of the document: `level` counts from 1, the outermost; `number` as written (第一章, 一、)."""

    level: int
    number: str
    title: str
    line: int

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"level": self.level, "number": self.number, "title": self.title, "line": self.line}


@dataclass(frozen=True, slots=True)
class ColumnItem:
    """One thing in a special column: its numbering (`label`), its title and its whole text, both included."""

    label: str
    title: str
    text: str
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"label": self.label, "title": self.title, "text": self.text, "lines": list(self.lines)}


@dataclass(frozen=True, slots=True)
class SpecialColumn:
    """A box set into a plan (专栏): its number, title and items; `table` where it holds indicators."""

    no: int
    title: str
    items: tuple[ColumnItem, ...]
    table: str | None
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "no": self.no,
            "title": self.title,
            "items": all_to_json(self.items),
            "table": self.table,
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class Project:
    """A project (重点工程项目) of a list of projects.

    `category` and `subcategory` are carried down as written; `years` is the span as written (2021-2025);
    `investment` the number as written, `investment_unit` its unit, from the cell or the column's head.
    """

    no: int | None
    category: str
    subcategory: str
    name: str
    content: str
    years: str
    units: UnitCell
    investment: str
    investment_unit: str | None
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "no": self.no,
            "category": self.category,
            "subcategory": self.subcategory,
            "name": self.name,
            "content": self.content,
            "years": self.years,
            "units": list(self.units.units),
            "units_raw": self.units.raw,
            "etc": self.units.etc,
            "investment": self.investment or None,
            "investment_unit": self.investment_unit,
            "lines": list(self.lines),
        }
