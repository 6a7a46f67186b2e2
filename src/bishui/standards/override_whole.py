"""An override file as a whole: nothing said twice, the limits of an item in the order of their classes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bishui.i18n import Text
from bishui.standards.limit_rows import LimitRow
from bishui.standards.limit_tables import edition_on
from bishui.standards.local import Override, OwnLimit, OwnSetting
from bishui.standards.lookup import own_rows
from bishui.standards.override_entries import Reading, WrongEntry
from bishui.standards.surface import Direction, Range


def check_whole(override: Override, reading: Reading) -> None:
    """Find what only the entries together show: two for one value, and limits that are not in order."""
    for number, limit in enumerate(override.limits, start=1):
        for earlier in override.limits[: number - 1]:
            if _same_place(earlier, limit):
                reading.wrong(_twice(limit.item), f"limit[{number}].")
        _check_order(override, limit, number, reading)
    for number, setting in enumerate(override.settings, start=1):
        for before in override.settings[: number - 1]:
            if (before.rules, before.name) == (setting.rules, setting.name) and _together(before, setting):
                reading.wrong(_twice(f"{setting.rules}.{setting.name}"), f"setting[{number}].")


def _together(one: OwnLimit | OwnSetting, other: OwnLimit | OwnSetting) -> bool:
    """Tell whether two entries are in force on some common day."""
    return (one.in_force_to is None or other.in_force_from <= one.in_force_to) and (
        other.in_force_to is None or one.in_force_from <= other.in_force_to
    )


def _same_place(one: OwnLimit, other: OwnLimit) -> bool:
    apart = any(one.when[name] != other.when[name] for name in set(one.when) & set(other.when))
    tables_apart = None not in (one.table, other.table) and one.table != other.table
    return (
        (one.standard, one.item) == (other.standard, other.item)
        and bool(set(one.limits) & set(other.limits))
        and not apart
        and not tables_apart
        and _together(one, other)
    )


def _twice(what: str) -> WrongEntry:
    return WrongEntry(
        "twice", Text("“{what}”的同一个值在文件中写了两次。", what=what), Text("请只保留一条。"), "item"
    )


def _check_order(override: Override, limit: OwnLimit, number: int, reading: Reading) -> None:
    """Find a class whose limit is stricter than that of a better class, after the replacement."""
    on = limit.in_force_from
    edition = edition_on(limit.standard, on)
    rows = [row for row in edition.by_item[limit.item] if row.in_force(on)]
    for one, other in _neighbours(own_rows(rows, override, on)):
        worse = _looser_is(one, other)
        if worse and limit.replaces(one.table, one.item, one.conditions):
            what = Text(
                "{better} 的限值 {one} 比 {worse} 的 {other} 宽，次序颠倒。",
                better=edition.bands[str(one.band)].label,
                worse=edition.bands[str(other.band)].label,
                one=one.shown,
                other=other.shown,
            )
            remedy = Text("请核对数值，或同时写明相邻类别的限值。")
            reading.wrong(
                WrongEntry("not-monotone", what, remedy, "limits", (one if one.national else other).limit),
                f"limit[{number}].",
            )


def _neighbours(rows: list[LimitRow]) -> Iterator[tuple[LimitRow, LimitRow]]:
    groups: dict[tuple[Any, ...], list[LimitRow]] = {}
    for row in rows:
        if row.band is not None:
            key = (row.table, row.direction, tuple(sorted(map(str, row.conditions.items()))))
            groups.setdefault(key, []).append(row)
    for group in groups.values():
        ordered = sorted(group, key=lambda row: row.rank or 0)
        yield from pairwise(ordered)


def _looser_is(one: LimitRow, other: LimitRow) -> bool:
    """Tell whether the better class allows more than the worse one."""
    if isinstance(one.limit, Range) and isinstance(other.limit, Range):
        return one.limit.low < other.limit.low or one.limit.high > other.limit.high
    if isinstance(one.limit, Decimal) and isinstance(other.limit, Decimal):
        return one.limit < other.limit if one.direction is Direction.MIN else one.limit > other.limit
    return other.not_detectable and not one.not_detectable
