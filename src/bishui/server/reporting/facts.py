"""What a report is made of, in a form that can be kept: figures with their source, tables, charts, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bishui.server.core.templatetags.bishui_ui import share

NO_DATA = "无数据"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing behind a figure, with the page that shows it."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: as it is printed, where it comes from and for which day it holds.

    Attributes
    ----------
    text
        As printed; `NO_DATA` where there is none.
    label
        What it is.
    source
        The query or the method that gave it, in words.
    as_of
        The day, as ISO text.
    url
        The page that shows the whole.
    rows
        What was counted.
    value
        The number as text, empty where it is none; conditions and workbooks read it.
    """

    text: str
    label: str
    source: str
    as_of: str
    url: str = ""
    rows: tuple[Row, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing (缺失): what kind, which, and why it matters."""

    kind: str
    what: str
    why: str
    url: str = ""


@dataclass(slots=True)
class Facts:
    """Everything gathered for a report.

    `tables` are rows of cells by name (text, number as text or None, address), `charts` the values that are
    drawn by name. `paper` is the form of a bulletin (`bishui.bulletins.Paper`), kept with the figures so
    that an edition is shown for ever as it was issued; a summary has the chapters of its rules.
    """

    figures: dict[str, Figure] = field(default_factory=dict)
    tables: dict[str, list[list[dict[str, Any]]]] = field(default_factory=dict)
    charts: dict[str, dict[str, Any]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    paper: dict[str, Any] | None = None

    def add(self, other: Facts) -> None:
        """Take over what another part gathered."""
        self.figures.update(other.figures)
        self.tables.update(other.tables)
        self.charts.update(other.charts)
        self.gaps += other.gaps

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        form: dict[str, Any] = {
            "figures": {key: _figure_dict(figure) for key, figure in self.figures.items()},
            "tables": self.tables,
            "charts": self.charts,
            "gaps": [
                {"kind": gap.kind, "what": gap.what, "why": gap.why, "url": gap.url} for gap in self.gaps
            ],
        }
        return form if self.paper is None else form | {"paper": self.paper}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Facts:
        """Return the facts that a JSON form holds."""
        figures = {
            key: Figure(**{**entry, "rows": tuple(Row(**row) for row in entry["rows"])})
            for key, entry in data["figures"].items()
        }
        gaps = [Gap(**gap) for gap in data["gaps"]]
        return cls(figures, data["tables"], data["charts"], gaps, data.get("paper"))


def _figure_dict(figure: Figure) -> dict[str, Any]:
    return {
        "text": figure.text,
        "label": figure.label,
        "source": figure.source,
        "as_of": figure.as_of,
        "url": figure.url,
        "rows": [{"text": row.text, "url": row.url} for row in figure.rows],
        "value": figure.value,
    }


@dataclass(frozen=True, slots=True)
class Source:
    """Where the figures of one part come from; makes them, so that none lacks its source and day."""

    words: str
    as_of: str
    url: str = ""

    def count(self, label: str, rows: Iterable[Row], url: str = "") -> Figure:
        """Return how many rows there are, with the rows."""
        found = tuple(rows)
        return Figure(str(len(found)), label, self.words, self.as_of, url or self.url, found, str(len(found)))

    def percent(self, label: str, part: Sequence[Row], whole: int, url: str = "") -> Figure:
        """Return what share of `whole` the rows are; without a whole there is no figure."""
        text = share(len(part), whole) if whole else NO_DATA
        value = text.removesuffix("%") if whole else ""
        return Figure(text, label, self.words, self.as_of, url or self.url, tuple(part), value)

    def text(self, label: str, text: str, value: str = "", url: str = "", rows: Iterable[Row] = ()) -> Figure:
        """Return a figure in words."""
        return Figure(text or NO_DATA, label, self.words, self.as_of, url or self.url, tuple(rows), value)


def cell(text: object, url: str = "", number: Decimal | int | str | None = None) -> dict[str, Any]:
    """Return a cell of a table; with `number` a workbook calculates with it."""
    shown = "—" if text in (None, "") else str(text)
    return {"text": shown, "number": None if number in (None, "") else str(number), "url": url}


def number_cell(number: int | Decimal | None, url: str = "", unit: str = "") -> dict[str, Any]:
    """Return a cell with a number."""
    return cell(NO_DATA if number is None else f"{number}{unit}", url, number)
