"""Natural background (自然本底): items that a document exempts at a section, deducted before the class.

Both results are given, as measured and with the deduction (扣除自然因素影响). Background comes from a table
that names the document; it is never inferred from data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period
from bishui.assessment.rejudge import rejudged
from bishui.assessment.results import ItemResult, SectionResult
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.standards import Direction, Method, Override, Rules, find_item, meets, rules, surface_water


@dataclass(frozen=True, slots=True)
class Background:
    """An approved background: an item of a section that is not judged, or not up to a limit."""

    site: str
    item: str
    period_from: date
    period_to: date
    limit: Decimal | None
    document: str

    def covers(self, period: Period) -> bool:
        """Tell whether the period's last day lies in the approved time."""
        return self.period_from <= period.last_day <= self.period_to

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "item": self.item,
            "period_from": self.period_from.isoformat(),
            "period_to": self.period_to.isoformat(),
            "limit": None if self.limit is None else str(self.limit),
            "document": self.document,
        }


@dataclass(frozen=True, slots=True)
class Deduction:
    """One section in one period, twice.

    Attributes
    ----------
    measured
        The result as measured.
    deducted
        The result without the excluded items; the same where none is.
    excluded
        What was excluded, with its document.
    beyond
        Approved backgrounds whose limit the value exceeds; these items were judged.
    """

    measured: SectionResult
    deducted: SectionResult
    excluded: tuple[Background, ...]
    beyond: tuple[Background, ...]
    rules: Rules

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "measured": self.measured.as_dict(),
            "deducted": self.deducted.as_dict(),
            "excluded": [entry.as_dict() for entry in self.excluded],
            "beyond": [entry.as_dict() for entry in self.beyond],
            "rules": self.rules.version,
        }


def backgrounds(table: pa.Table) -> tuple[Background, ...]:
    """Return the entries of a table of `observations.schema.BACKGROUND`.

    Raises
    ------
    DataError
        If an entry has no document or an item that is not known.
    """
    return tuple(_entry(row, number) for number, row in enumerate(table.to_pylist(), 1))


def _entry(row: Mapping[str, Any], number: int) -> Background:
    item = find_item(row["item"])
    if item is None:
        raise DataError(
            Text("不认识监测项目“{item}”。", item=row["item"]),
            remedy=Text("请写标准里的项目名称或代号。"),
            where=Where(row=number, column="item"),
        )
    if not str(row["document"] or "").strip():
        raise DataError(
            Text("自然本底没有批准文件。"),
            remedy=Text("本底须由文件批准，请写明文号。"),
            where=Where(row=number, column="document"),
        )
    return Background(
        row["site"], item.key, row["period_from"], row["period_to"], row.get("limit"), row["document"]
    )


def deduct(
    result: SectionResult,
    approved: Iterable[Background],
    *,
    method: Method | None = None,
    override: Overrides | None = None,
    **changes: Any,
) -> Deduction:
    """Judge a section without its natural background (环办监测函〔2020〕82号; mechanism [C]).

    Parameters
    ----------
    result
        A result of `assess`.
    approved
        Approved backgrounds; those of other sections and times are passed over.
    method
        The method given to `assess`, if any.
    override
        The bureau's own limits and settings given to `assess`, if any.
    **changes
        Settings of the rules ``background`` by name.
    """
    own = override_on(override, result.period.last_day)
    rule = rules("background", result.period.last_day, own, **changes)
    here = [
        entry
        for entry in approved
        if entry.site == result.site and entry.covers(result.period) and entry.item in result.items
    ]
    beyond = [entry for entry in here if rule["within_limit_only"] and _beyond(entry, result, own)]
    excluded = [entry for entry in here if entry not in beyond]
    dropped = {entry.item for entry in excluded}
    deducted = result
    if any(result.items[key].decides_class for key in dropped):
        deciding = {key for key, item in result.items.items() if item.decides_class}
        bound = {key for key in result.attainment.overrides if key in result.items}
        deducted = rejudged(result, (deciding | bound) - dropped, method=method, override=own)
    return Deduction(result, deducted, tuple(excluded), tuple(beyond), rule)


def _beyond(entry: Background, result: SectionResult, own: Override | None) -> bool:
    item: ItemResult = result.items[entry.item]
    if entry.limit is None or item.compared is None:
        return False
    criterion = surface_water(result.period.last_day, own).criteria.get(entry.item)
    direction = criterion.direction if criterion is not None else Direction.MAX
    return not meets(item.compared, entry.limit, Direction.MAX if direction is Direction.RANGE else direction)
