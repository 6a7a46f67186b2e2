"""A bureau's own limits, entry by entry: standard, item, row, values and unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bishui.errors import BishuiError
from bishui.i18n import Text
from bishui.standards.finding import resolve_item
from bishui.standards.items import unit_factor
from bishui.standards.limit_rows import LimitRow
from bishui.standards.limit_tables import StandardEdition, edition_on, standard_keys
from bishui.standards.local import OwnLimit, OwnRange
from bishui.standards.override_entries import Reading, WrongEntry, check_fields, days_of, number_of, text_of
from bishui.standards.substances import any_item
from bishui.standards.surface import Range

_LIMIT = {
    "standard", "item", "table", "when", "limit", "limits", "low", "high", "unit", "source",
    "in_force_from", "in_force_to",
}  # fmt: skip


def own_limit(entry: Mapping[str, Any], reading: Reading) -> OwnLimit:
    """Return one of the bureau's own limits from its entry."""
    check_fields(entry, _LIMIT)
    first, last = days_of(entry, reading)
    edition = _standard_of(entry, first)
    item = _item_of(entry, edition)
    when, table = entry.get("when", {}), entry.get("table")
    rows = _rows_of(edition, item, table, when, first)
    limits = _values_of(entry, rows)
    unit, factor = _unit_of(entry, item, rows[0])
    return OwnLimit(
        standard=edition.key,
        item=item,
        table=table,
        when=dict(when),
        limits={band: _scaled(value, factor) for band, value in limits.items()},
        unit=unit,
        source=text_of(entry, "source"),
        in_force_from=first,
        in_force_to=last,
    )


def _standard_of(entry: Mapping[str, Any], on: date) -> StandardEdition:
    key = text_of(entry, "standard")
    if key not in standard_keys():
        raise WrongEntry(
            "unknown-standard",
            Text("没有名为“{name}”的标准。", name=key),
            Text("可用的标准：{names}。", names="、".join(standard_keys())),
            "standard",
            key,
        )
    return edition_on(key, on)


def _item_of(entry: Mapping[str, Any], edition: StandardEdition) -> str:
    given = text_of(entry, "item")
    try:
        item = resolve_item(given, edition.items)
    except BishuiError as fault:
        raise WrongEntry(
            "unknown-item", fault.what, fault.remedy or Text("请核对项目名称。"), "item", given
        ) from fault
    if item.key not in edition.by_item:
        raise WrongEntry(
            "item-not-limited",
            Text("{edition} 没有规定“{item}”的限值，不能覆盖。", edition=edition.edition, item=item.name),
            Text("请核对项目和标准；本级新增的项目请另立标准文件。"),
            "item",
            given,
        )
    return item.key


def _rows_of(edition: StandardEdition, item: str, table: object, when: object, on: date) -> list[LimitRow]:
    if not isinstance(when, Mapping):
        raise WrongEntry(
            "wrong-type",
            Text("when 要写成 {sample}。", sample='{ water_type = "river" }'),
            Text('例如 when = { water_type = "lake" }。'),
            "when",
            when,
        )
    rows = [
        row
        for row in edition.by_item[item]
        if row.in_force(on)
        and table in (None, row.table)
        and all(row.conditions.get(name) == value for name, value in when.items())
    ]
    if rows:
        return rows
    known = sorted(
        {f"{name} = {value}" for row in edition.by_item[item] for name, value in row.conditions.items()}
    )
    raise WrongEntry(
        "unknown-condition",
        Text("{edition} 中没有符合这些条件的限值。", edition=edition.edition),
        Text("该项目可用的条件：{names}。", names="、".join(known) or "—"),
        "when" if when else "table",
        dict(when) or table,
    )


def _values_of(entry: Mapping[str, Any], rows: list[LimitRow]) -> dict[str, Decimal | OwnRange]:
    given = [name for name in ("limit", "limits", "low") if name in entry]
    if len(given) != 1 or ("low" in entry) != ("high" in entry):
        raise WrongEntry(
            "which-value",
            Text("要么写 limit，要么写 limits，要么同时写 low 和 high。"),
            Text("请只保留一种写法。"),
            "limit",
        )
    ranged = any(isinstance(row.limit, Range) for row in rows)
    if ranged != ("low" in entry):
        raise WrongEntry(
            "wrong-type",
            Text("该项目在标准中是上下限。") if ranged else Text("该项目在标准中是单个限值，不是上下限。"),
            Text("请写 low 和 high。") if ranged else Text("请写 limit 或 limits。"),
            given[0],
            entry[given[0]],
        )
    bands = {row.band or "" for row in rows}
    if "limits" in entry:
        return _by_band(entry["limits"], bands)
    value = (
        OwnRange(number_of(entry, "low"), number_of(entry, "high")) if ranged else number_of(entry, "limit")
    )
    if isinstance(value, OwnRange) and value.low > value.high:
        raise WrongEntry(
            "reversed-range", Text("下限大于上限。"), Text("请核对 low 和 high。"), "low", value.low
        )
    return dict.fromkeys(sorted(bands), value)


def _by_band(limits: object, bands: set[str]) -> dict[str, Decimal | OwnRange]:
    if not isinstance(limits, Mapping) or not limits:
        raise WrongEntry(
            "wrong-type",
            Text("limits 要写成 {sample}。", sample="{ III = 0.8 }"),
            Text("例如 limits = { III = 0.8 }。"),
            "limits",
            limits,
        )
    for band in limits:
        if band not in bands:
            raise WrongEntry(
                "unknown-class",
                Text("该限值没有“{band}”这一类别或级别。", band=band),
                Text(
                    "可用的值：{names}。",
                    names="、".join(sorted(bands - {""})) or Text("不分类别，请写 limit"),
                ),
                f"limits.{band}",
                limits[band],
            )
    return {band: number_of(limits, band, "limits.") for band in limits}


def _unit_of(entry: Mapping[str, Any], item: str, row: LimitRow) -> tuple[str, Decimal]:
    """Return the unit of the standard, and what the bureau's values are multiplied by to stand in it."""
    given = text_of(entry, "unit")
    if given == row.unit:
        return row.unit, Decimal(1)
    factor, printed = unit_factor(any_item(item), given), unit_factor(any_item(item), row.unit)
    if factor is not None and printed is not None:
        return row.unit, factor / printed
    raise WrongEntry(
        "wrong-unit",
        Text("单位“{unit}”不能换算为标准的单位 {own}。", unit=given, own=row.unit),
        Text("请写标准的单位。"),
        "unit",
        given,
    )


def _scaled(value: Decimal | OwnRange, factor: Decimal) -> Decimal | OwnRange:
    if factor == 1:
        return value
    if isinstance(value, OwnRange):
        return OwnRange(value.low * factor, value.high * factor)
    return value * factor
