"""What a bulletin says: figures with what they were counted from, tables, and the order they stand in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode

from bishui.reports import Cell, Column

NO_DATA = "无数据"
#: What the mark of a cell or a counted thing begins with: one site, or a figure that is opened.
SITE, FIGURE = "site:", "figure:"


def site_ref(site: str, period: str = "", item: str = "") -> str:
    """Return the mark of a site: in a period other than the bulletin's, and of one of its items.

    Parameters
    ----------
    site
        Its identifier.
    period
        Label of the period; empty = that of the bulletin.
    item
        Key of an item whose rows are opened; empty = the site's result.
    """
    query = urlencode({key: value for key, value in (("period", period), ("item", item)) if value})
    return f"{SITE}{site}?{query}" if query else f"{SITE}{site}"


def site_of(ref: str) -> tuple[str, str, str]:
    """Return site, period and item of a mark that `site_ref` made."""
    site, _, query = ref.removeprefix(SITE).partition("?")
    asked = parse_qs(query)
    return site, asked.get("period", [""])[0], asked.get("item", [""])[0]


@dataclass(frozen=True, slots=True)
class Behind:
    """One thing behind a figure: in words, with the mark of what it opens."""

    text: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: as it is printed, what it is, by which rule, and what was counted.

    `value` is the number as text, empty where it is none.
    """

    text: str
    label: str
    basis: str
    behind: tuple[Behind, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing (缺失): what kind, which, and why it matters."""

    kind: str
    what: str
    why: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its caption, the name of its sheet, its columns and rows."""

    caption: str
    sheet: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    empty: str = NO_DATA


@dataclass(slots=True)
class Told:
    """All that a bulletin says.

    Attributes
    ----------
    figures, tables
        By key.
    blocks
        Its body in order; each has one of ``heading`` (with ``level``), ``text`` (with places ``{key}`` for
        figures and ``{table:key}`` for numbers of tables), ``table``, ``note`` or ``part``.
    annexes
        Title and table of each attachment.
    sheets
        Tables of files that are calculated with, and of no paper.
    gaps
        What is missing.
    """

    figures: dict[str, Figure] = field(default_factory=dict)
    tables: dict[str, Sheet] = field(default_factory=dict)
    blocks: list[dict[str, Any]] = field(default_factory=list)
    annexes: list[dict[str, str]] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def head(self, text: str, level: int = 1) -> None:
        """Add a heading."""
        self.blocks.append({"heading": text, "level": level})

    def say(self, text: str) -> None:
        """Add a paragraph; an empty one is left out."""
        if text:
            self.blocks.append({"text": text})

    def note(self, text: str) -> None:
        """Add a note."""
        self.blocks.append({"note": text})

    def show(self, key: str, table: Sheet) -> None:
        """Add a table to the body."""
        self.tables[key] = table
        self.blocks.append({"table": key})

    def annex(self, key: str, table: Sheet) -> None:
        """Add a table as an attachment of its own."""
        self.tables[key] = table
        self.annexes.append({"title": table.caption, "table": key})

    def sheet(self, key: str, table: Sheet) -> None:
        """Add a table that stands in workbooks only."""
        self.tables[key] = table
        self.sheets.append(key)

    def cell(self, key: str, figure: Figure, number: Decimal | int | str | None = None) -> Cell:
        """Add a figure that stands in a table, and return its cell."""
        self.figure(key, figure)
        return cell(figure.text, f"{FIGURE}{key}", number)

    def figure(self, key: str, figure: Figure) -> str:
        """Add a figure and return its place in a text."""
        if key in self.figures:
            raise ValueError(f"the figure {key} is there twice")
        self.figures[key] = figure
        return f"{{{key}}}"

    def count(self, key: str, label: str, basis: str, behind: Iterable[Behind]) -> str:
        """Add how many things there are, with the things; return its place in a text."""
        found = tuple(behind)
        return self.figure(key, Figure(str(len(found)), label, basis, found, str(len(found))))

    def percent(
        self, key: str, label: str, basis: str, percent: Decimal | None, behind: Iterable[Behind]
    ) -> str:
        """Add a percentage, or that there is none; return its place in a text."""
        text, value = (NO_DATA, "") if percent is None else (f"{percent}%", str(percent))
        return self.figure(key, Figure(text, label, basis, tuple(behind), value))


def cell(text: object, ref: str = "", number: Decimal | int | str | None = None) -> Cell:
    """Return a cell; nothing is shown as a dash, and a workbook calculates with `number`."""
    shown = "—" if text in (None, "") else str(text)
    return Cell(shown, None if number in (None, "") else Decimal(str(number)), ref)


def column(head: str, width: float, *, numeric: bool = False) -> Column:
    """Return a column of a table."""
    return Column(head, width, numeric)
