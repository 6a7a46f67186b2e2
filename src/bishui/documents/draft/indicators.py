"""Tables of indicators (规划指标)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bishui.documents.draft.records import Lines, all_to_json, number_or_none, number_or_text


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """What one cell of an indicator table (规划指标表) says.

    Attributes
    ----------
    column, role, year
        The head as written; ``base`` (基期, 现状), ``actual`` (实际值) or ``target`` (目标); the head's year.
    raw, filled
        The cell as written, blank where it is merged with the one above; the same with merged text filled in.
    op
        ``=``, ``>=``, ``<=``, ``>``, ``<``, ``increase``, ``decrease``, ``range``, ``meets``; None where the
        cell holds nothing (``/``, ``——``).
    value, upper, unit
        The exact number as a decimal string and, of a range, its other end; the unit of measure, taken from
        the cell before the column of units. Of ``meets`` the wording (自治区考核要求), and no unit.
    cumulative
        The number counts the whole period (累计, or set in square brackets).
    """

    column: str
    role: str
    year: int | None
    raw: str
    filled: str
    op: str | None = None
    value: str | None = None
    upper: str | None = None
    unit: str | None = None
    cumulative: bool = False

    @property
    def key(self) -> str:
        """Return the name of this value in JSON: role and year, such as ``target2025``."""
        return f"{self.role}{self.year or ''}"

    @property
    def number(self) -> Decimal | None:
        """Return the exact number, or None where the cell names none."""
        return Decimal(self.value) if self.value is not None and self.op != "meets" else None

    @property
    def qualitative(self) -> bool:
        """Tell whether the cell asks for something in words only (达到自治区考核要求)."""
        return self.op == "meets"

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "column": self.column,
            "role": self.role,
            "year": self.year,
            "raw": self.raw,
            "op": self.op,
            "value": None if self.value is None else number_or_text(self.value),
            "upper": number_or_none(self.upper),
            "unit": self.unit,
            "cumulative": self.cumulative,
        }


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of an indicator table.

    `no`, `category` and `indicator` are carried down; `sub` names the part (市级, 县级) where a row is one of
    several. `attribute` (指标属性: 约束性, 预期性) and `status` (完成情况) are filled through merged cells,
    `attribute_raw` and `status_raw` as written. `others` are the remaining columns, head and text.
    """

    no: int | None
    category: str
    indicator: str
    sub: str
    unit: str
    values: tuple[IndicatorValue, ...]
    attribute: str
    attribute_raw: str
    status: str
    status_raw: str
    others: tuple[tuple[str, str], ...]
    lines: Lines

    @property
    def target(self) -> IndicatorValue | None:
        """Return the target for the newest year."""
        return _newest(value for value in self.values if value.role == "target")

    @property
    def base(self) -> IndicatorValue | None:
        """Return what was measured last before the target's year (基期值, 现状值)."""
        target = self.target
        end = target.year if target else None
        return _newest(
            value
            for value in self.values
            if value.role in {"base", "actual"} and (end is None or value.year is None or value.year < end)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form.

        Each value stands as written under its role and year (``target2025``), with merged text filled in
        under ``…_filled``, under its role alone where no other value has it, and under its column's head.
        """
        texts: dict[str, Any] = {}
        roles = [value.role for value in self.values]
        for value in self.values:
            texts[value.key] = texts[value.column] = value.raw
            texts[f"{value.key}_filled"] = value.filled
            if roles.count(value.role) == 1:
                texts[value.role] = value.raw
        return {
            "no": self.no,
            "category": self.category,
            "indicator": self.indicator,
            "sub": self.sub,
            "unit": self.unit,
            **texts,
            "attr": self.attribute_raw,
            "attr_filled": self.attribute,
            "status": self.status_raw,
            "status_filled": self.status,
            "others": dict(self.others),
            "values": all_to_json(self.values),
            "line": self.lines[0],
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """A table of indicators; `key` is what the document calls it (专栏2, 附件1, 表1)."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Indicator, ...]
    notes: tuple[str, ...]
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": all_to_json(self.rows),
            "notes": list(self.notes),
            "lines": list(self.lines),
        }


def _newest(values: Iterable[IndicatorValue]) -> IndicatorValue | None:
    return max(values, key=lambda value: value.year or 0, default=None)
