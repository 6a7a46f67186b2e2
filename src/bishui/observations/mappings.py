"""How one laboratory writes its spreadsheets: which column is what, in which unit; a person confirms it."""

from __future__ import annotations

import json
import tomllib
from collections import abc
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from bishui.errors import DataError
from bishui.i18n import Text
from bishui.observations.naming import known_items
from bishui.observations.schema import Source
from bishui.standards import unit_factor

SCHEMA_VERSION = 1
KINDS = ("wide", "long", "across")
#: What a column may be; ``result`` holds results of the column's item.
ROLES = (
    "site",
    "time",
    "clock",
    "item",
    "value",
    "unit",
    "qualifier",
    "source",
    "limit",
    "raw",
    "province",
    "basin",
    "city",
    "river",
    "status",
    "result",
    "ignore",
)
DATES = ("column", "above", "sheet", "given")
SITES = ("column", "above", "sheet")


class MappingMismatch(DataError):
    """A file does not fit the saved mapping; the problems name each difference."""

    code = "mapping-mismatch"


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the laboratory heads it.

    Attributes
    ----------
    head
        As written; the parts of several head rows are joined by `` / ``.
    role
        One of `ROLES`.
    item, unit, limit
        For results: item key, unit of the numbers (None: the item's own), detection limit in that unit.
    """

    head: str
    role: str
    item: str | None = None
    unit: str | None = None
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one laboratory writes its spreadsheets.

    Attributes
    ----------
    name
        The laboratory.
    kind
        ``wide`` (items as columns), ``long`` (a row per result), ``across`` (items down, sites across).
    columns
        Every column that the heads name; ``across``: those that are no site.
    head_rows
        How many rows make the heads.
    unit_row, limit_row
        Which row below the heads holds units, detection limits; from 1, None without one.
    sheets
        Sheets that are read; empty means every sheet that fits.
    date
        Where the day of sampling stands: ``column`` (``across``: a row of days), ``above`` the heads, in the
        name of the ``sheet``, or ``given`` by the caller.
    site
        Where the site stands: ``column`` (``across``: the heads), ``above`` the heads, or the ``sheet``.
    items, sites
        As written → item key, site.
    units
        Item key → unit of its numbers where no head says it.
    limits
        Item key → detection limit in the item's own unit, for "below detection" without a number.
    source
        How the values came to be; a laboratory's are manual.
    """

    name: str
    kind: str
    columns: tuple[Column, ...]
    head_rows: int = 1
    unit_row: int | None = None
    limit_row: int | None = None
    sheets: tuple[str, ...] = ()
    date: str = "column"
    site: str = "column"
    items: abc.Mapping[str, str] = field(default_factory=dict)
    sites: abc.Mapping[str, str] = field(default_factory=dict)
    units: abc.Mapping[str, str] = field(default_factory=dict)
    limits: abc.Mapping[str, str] = field(default_factory=dict)
    source: str = Source.MANUAL.value

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; what is not set is left out."""
        columns = [
            {
                name: value
                for name in ("head", "role", "item", "unit", "limit")
                if (value := getattr(column, name)) is not None
            }
            for column in self.columns
        ]
        rows = {"unit_row": self.unit_row, "limit_row": self.limit_row}
        return {
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "kind": self.kind,
            "head_rows": self.head_rows,
            **{name: value for name, value in rows.items() if value is not None},
            "sheets": list(self.sheets),
            "date": self.date,
            "site": self.site,
            "source": self.source,
            "columns": columns,
            "items": dict(self.items),
            "sites": dict(self.sites),
            "units": dict(self.units),
            "limits": dict(self.limits),
        }

    @classmethod
    def from_dict(cls, given: abc.Mapping[str, Any]) -> Mapping:
        """Return the mapping of a JSON form.

        Raises
        ------
        DataError
            A word is not one of those that may stand there; the message names it.
        """
        if given.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
            raise _fault("schema_version", given.get("schema_version"), str(SCHEMA_VERSION))
        try:
            mapping = cls(
                name=str(given.get("name", "")),
                kind=given["kind"],
                columns=tuple(Column(**column) for column in given.get("columns", ())),
                head_rows=given.get("head_rows", 1),
                unit_row=given.get("unit_row"),
                limit_row=given.get("limit_row"),
                sheets=tuple(given.get("sheets", ())),
                date=given.get("date", "column"),
                site=given.get("site", "column"),
                items=dict(given.get("items", {})),
                sites=dict(given.get("sites", {})),
                units=dict(given.get("units", {})),
                limits=dict(given.get("limits", {})),
                source=given.get("source", Source.MANUAL.value),
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise DataError(
                Text("表格对照设置不完整或有不认识的项：{fault}。", fault=fault),
                remedy=Text("请重新识别表格并确认。"),
            ) from fault
        _validate(mapping)
        return mapping

    def to_json(self) -> str:
        """Return the mapping as JSON text."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Mapping:
        """Return the mapping of a JSON text; a `DataError` tells what is wrong with it."""
        try:
            return cls.from_dict(json.loads(text))
        except json.JSONDecodeError as fault:
            raise _unreadable(fault) from fault

    def to_toml(self) -> str:
        """Return the mapping as TOML text, for a file that people edit."""
        given = self.as_dict()
        tables = ("items", "sites", "units", "limits")
        lines = [f"{key} = {_toml(given[key])}" for key in given if key not in ("columns", *tables)]
        for column in given["columns"]:
            lines += ["", "[[columns]]", *(f"{key} = {_toml(value)}" for key, value in column.items())]
        for table in tables:
            if given[table]:
                lines += ["", f"[{table}]"]
                lines += [f"{_toml(key)} = {_toml(value)}" for key, value in given[table].items()]
        return "\n".join(lines) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> Mapping:
        """Return the mapping of a TOML text; a `DataError` tells what is wrong with it."""
        try:
            return cls.from_dict(tomllib.loads(text))
        except tomllib.TOMLDecodeError as fault:
            raise _unreadable(fault) from fault


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _validate(mapping: Mapping) -> None:
    """Refuse words that mean nothing, and units that the item cannot be given in."""
    allowed = (
        ("kind", [mapping.kind], KINDS),
        ("date", [mapping.date], DATES),
        ("site", [mapping.site], SITES),
        ("source", [mapping.source], tuple(str(source) for source in Source)),
        ("role", [column.role for column in mapping.columns], ROLES),
        (
            "item",
            [column.item for column in mapping.columns if column.role == "result"],
            tuple(known_items()),
        ),
        ("items", list(mapping.items.values()), tuple(known_items())),
        ("units", list(mapping.units), tuple(known_items())),
        ("limits", list(mapping.limits), tuple(known_items())),
    )
    for name, words, known in allowed:
        for word in words:
            if word not in known:
                raise _fault(name, word, "、".join(known))
    if not isinstance(mapping.head_rows, int) or mapping.head_rows < 1:
        raise _fault("head_rows", mapping.head_rows, "1, 2, 3")
    for item, unit in _units(mapping):
        if unit_factor(known_items()[item], unit) is None:
            raise _fault(f"unit ({known_items()[item].name})", unit, known_items()[item].unit)
    for limit in (*mapping.limits.values(), *(its.limit for its in mapping.columns if its.limit)):
        if not _positive(limit):
            raise _fault("limit", limit, "0.02")


def _units(mapping: Mapping) -> list[tuple[str, str]]:
    of_columns = [(its.item, its.unit) for its in mapping.columns if its.item and its.unit]
    return [*of_columns, *mapping.units.items()]


def _positive(text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and number > 0


def _fault(name: str, word: object, known: str) -> DataError:
    return DataError(
        Text("表格对照设置中“{name}”的值“{word}”不可用。", name=name, word=word),
        remedy=Text("可用的值：{known}。", known=known),
    )


def _unreadable(fault: Exception) -> DataError:
    return DataError(
        Text("表格对照设置读不出来：{fault}。", fault=fault),
        remedy=Text("请重新识别表格并确认，或改正该文件。"),
    )
