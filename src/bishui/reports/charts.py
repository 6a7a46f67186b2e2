"""Charts: what they show, and the picture drawn of it by our own typst source.

A chart is drawn once, as vectors: the PDF takes it inline, DOCX as PNG. A value that is not there is drawn
as such, never as nought.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bishui.reports.setting import compile_pages


@dataclass(frozen=True, slots=True)
class Swatch:
    """A kind of thing in a chart: its word, its fill and the ink that is read on it (``#rrggbb``)."""

    label: str
    fill: str
    ink: str = "#ffffff"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label and the value of each part; None = no data. `target` is marked across it."""

    label: str
    parts: tuple[Decimal | int | None, ...]
    target: Decimal | int | None = None


class _Drawn(ABC):
    """A chart that a notebook shows as a picture when it stands last in a cell."""

    __slots__ = ()

    @abstractmethod
    def as_dict(self) -> dict[str, Any]:
        """Return what the typst source draws."""

    def _repr_svg_(self) -> str:
        """Return the picture, as Jupyter asks for it."""
        return _svg(self.as_dict(), _NOTEBOOK_MM).decode()


@dataclass(frozen=True, slots=True)
class BarChart(_Drawn):
    """Horizontal bars, each of one or more parts laid end to end."""

    parts: tuple[Swatch, ...]
    bars: tuple[Bar, ...]
    unit: str = ""
    target_label: str = ""
    missing: str = "无数据"

    def as_dict(self) -> dict[str, Any]:
        """Return what the typst source draws."""
        return {
            "kind": "bars",
            "parts": [_swatch(part) for part in self.parts],
            "bars": [
                {
                    "label": bar.label,
                    "parts": [_number(value) for value in bar.parts],
                    "target": _number(bar.target),
                }
                for bar in self.bars
            ],
            "unit": self.unit,
            "target_label": self.target_label,
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True)
class LineChart(_Drawn):
    """Lines over the same points; a missing value breaks the line."""

    points: tuple[str, ...]
    lines: tuple[tuple[Swatch, tuple[Decimal | int | None, ...]], ...]
    unit: str = ""
    target: Decimal | int | None = None
    target_label: str = ""
    lowest: Decimal | int | None = None
    highest: Decimal | int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what the typst source draws."""
        return {
            "kind": "lines",
            "points": list(self.points),
            "lines": [
                {**_swatch(swatch), "values": [_number(value) for value in values]}
                for swatch, values in self.lines
            ],
            "unit": self.unit,
            "target": _number(self.target),
            "target_label": self.target_label,
            "lowest": _number(self.lowest),
            "highest": _number(self.highest),
        }


@dataclass(frozen=True, slots=True)
class StripChart(_Drawn):
    """A strip for each row, a field for each head: the class of a section in each month.

    A field names a swatch, or is None: then `missing` stands in it.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str | None, ...]], ...]
    swatches: dict[str, Swatch]
    missing: Swatch = Swatch("—", "#f2f4f5", "#45575f")
    missing_label: str = "无数据"

    def as_dict(self) -> dict[str, Any]:
        """Return what the typst source draws."""
        return {
            "kind": "strips",
            "heads": list(self.heads),
            "rows": [{"label": label, "fields": list(fields)} for label, fields in self.rows],
            "swatches": {key: _swatch(swatch) for key, swatch in self.swatches.items()},
            "missing": _swatch(self.missing),
            "missing_label": self.missing_label,
        }


Chart = BarChart | LineChart | StripChart


def _swatch(swatch: Swatch) -> dict[str, str]:
    return {"label": swatch.label, "fill": swatch.fill, "ink": swatch.ink}


def _number(value: Decimal | int | None) -> dict[str, Any] | None:
    """Return a value with the digits it is printed with and the length it is drawn with."""
    return None if value is None else {"text": str(value), "size": float(value)}


#: Dots per inch of the pictures in DOCX: sharp in print, some 50 kB each.
_PPI = 220.0
#: Width of a chart in a notebook.
_NOTEBOOK_MM = 150.0


def draw_png(chart: Chart, width_mm: float) -> bytes:
    """Return a chart as PNG, `width_mm` wide and as high as it needs to be."""
    pages = compile_pages("chart.typ", {"chart": chart.as_dict(), "width": width_mm}, "png", ppi=_PPI)
    return pages[0]


def draw_svg(chart: Chart, width_mm: float) -> bytes:
    """Return a chart as SVG, its letters as outlines, so that a page needs no font for it."""
    return _svg(chart.as_dict(), width_mm)


def _svg(chart: dict[str, Any], width_mm: float) -> bytes:
    return compile_pages("chart.typ", {"chart": chart, "width": width_mm}, "svg")[0]
