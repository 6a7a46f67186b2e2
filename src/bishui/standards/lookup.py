"""Looking a limit up: which rows of which standards hold for an item on a day, under what is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards.editions import NotInForce
from bishui.standards.finding import resolve_item, search_word
from bishui.standards.limit_rows import LimitRow
from bishui.standards.limit_tables import (
    StandardEdition,
    edition_on,
    split,
    standard_editions,
    standard_keys,
)
from bishui.standards.local import Override, OwnLimit, OwnRange
from bishui.standards.substances import kin_of
from bishui.standards.surface import Limit, Range

_BAND = "band"
_SCOPE = "scope"
_OTHER, _ALL = "other", "all"
_BAND_WORDS = ("class_", "grade")


def limits(
    item: str,
    *,
    standard: str | None = None,
    on: date,
    override: Override | None = None,
    **conditions: Any,
) -> tuple[LimitRow, ...]:
    """Return every limit of an item that is in force on a day and does not contradict what is known.

    Parameters
    ----------
    item
        Key, name, symbol, code or CAS number; also a word for several items (``AQI``: its six pollutants) or
        for one under a condition (``昼间等效声级``).
    standard
        Key of one standard, or None for all of them.
    on
        The day of the sample; each standard is read in the edition of that day.
    override
        A bureau's own file; its values stand in the rows as such, with the national row beside them.
    **conditions
        What is known: ``band`` (class or grade; also ``grade``, ``class_``), ``water_type``, ``scope``,
        ``built``, ``water_temperature``, ``influent``, ``period``. What a standard does not ask
        for is ignored.

    Raises
    ------
    CallError
        If there is no such item or standard, or a condition has no meaning or a wrong type.
    NotInForce
        If `standard` is named and no edition of it is in force.
    """
    word = search_word(item)
    if word is not None:
        asked = {**word.when, **conditions}
        given: dict[str, Any] = {"standard": standard, "on": on, "override": override, **asked}
        return tuple(row for key in word.items for row in limits(key, **given))
    stated = stated_conditions(conditions)
    found: list[LimitRow] = []
    for edition in _editions(standard, on):
        if standard:
            known_band(edition, stated)
        wanted = resolve_item(item, edition.items if standard else ())
        for key in (wanted.key,) if standard else kin_of(wanted.key):
            rows = edition.by_item.get(key, ())
            found += fitting(edition, own_rows(rows, override, on), stated, on)
    if not found:
        resolve_item(item)
    return tuple(found)


def limit_rows(standard: str, on: date, override: Override | None = None) -> tuple[LimitRow, ...]:
    """Return every limit of a standard in force on a day, in the order of its tables.

    Raises
    ------
    CallError
        If there is no such standard.
    NotInForce
        If no edition is in force on the day.
    """
    rows = (row for row in edition_on(standard, on).rows if row.in_force(on))
    return tuple(own_rows(tuple(rows), override, on))


def _editions(standard: str | None, on: date) -> list[StandardEdition]:
    if standard is not None:
        return [edition_on(standard, on)]
    found = []
    for key in standard_keys():
        try:
            found.append(edition_on(key, on))
        except NotInForce:
            continue
    return found


def stated_conditions(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known, checked by name and kind; None means not known."""
    stated: dict[str, Any] = {}
    kinds = _kinds()
    for name, value in conditions.items():
        if value is None:
            continue
        known = _BAND if name in _BAND_WORDS else name
        if known not in kinds:
            raise CallError(
                Text("限值没有名为“{name}”的条件。", name=name),
                remedy=Text("可用的条件：{names}。", names="、".join(sorted(kinds))),
            )
        stated[known] = _typed(known, value, kinds[known])
    return stated


def _typed(name: str, value: Any, kind: type) -> Any:
    if kind is date and isinstance(value, date):
        return value
    if kind is Fraction and isinstance(value, int | Decimal | Fraction) and not isinstance(value, bool):
        return Fraction(value)
    if kind is str:
        return str(value)
    raise CallError(
        Text("条件“{name}”的值“{value}”类型不对。", name=name, value=value),
        remedy=Text("日期请用日期，温度和浓度请用十进制数，其余用文字。"),
    )


@cache
def _kinds() -> dict[str, type]:
    """Return the conditions that any standard asks for, each with the type it is compared in."""
    kinds: dict[str, type] = {_BAND: str}
    for edition in standard_editions():
        for name in edition.conditions:
            kinds.setdefault(name, str)
        for row in edition.rows:
            for name, bound in row.conditions.items():
                stem, ending = split(name)
                if ending:
                    kinds[stem] = date if isinstance(bound, date) else Fraction
    return kinds


def fitting(
    edition: StandardEdition, rows: Iterable[LimitRow], stated: Mapping[str, Any], on: date
) -> list[LimitRow]:
    """Return the rows in force that do not contradict what is stated, each trade's own row before others.

    A trade with rows of its own in other grades alone has no limit in the stated one.
    """
    every = [row for row in rows if row.in_force(on) and _fits(row, stated)]
    chosen = _of_scope(edition, every, stated.get(_SCOPE))
    return [row for row in chosen if row.band is None or stated.get(_BAND, row.band) == row.band]


def known_band(edition: StandardEdition, stated: Mapping[str, Any]) -> None:
    """Raise `CallError` if a class or grade is stated that the standard does not have."""
    band = stated.get(_BAND)
    if band is None or band in edition.bands:
        return
    raise CallError(
        Text(
            "{edition} 没有“{band}”这一{name}。", edition=edition.edition, band=band, name=edition.band_name
        ),
        remedy=Text("可用的值：{names}。", names="、".join(edition.bands)),
    )


def _fits(row: LimitRow, stated: Mapping[str, Any]) -> bool:
    """Tell whether what is stated, the band apart, does not contradict a row."""
    return all(holds(name, bound, stated) is not False for name, bound in row.conditions.items())


def holds(name: str, bound: Any, stated: Mapping[str, Any]) -> bool | None:
    """Tell whether a condition of a row holds; None where it is not stated, or is a scope."""
    stem, ending = split(name)
    if stem not in stated or stem == _SCOPE:
        return None
    value = stated[stem]
    match ending:
        case "above":
            return bool(value > bound)
        case "from":
            return bool(value >= bound)
        case "at_most" | "to":
            return bool(value <= bound)
        case _:
            return bool(value == bound)


def _of_scope(edition: StandardEdition, rows: list[LimitRow], stated: str | None) -> list[LimitRow]:
    """Return the rows of a stated trade: its own, else those of other units, else those of every unit."""
    if stated is None or not edition.scopes:
        return rows
    chosen: list[LimitRow] = []
    for key in dict.fromkeys((row.table, row.item) for row in rows):
        group = [row for row in rows if (row.table, row.item) == key]
        chosen += _scope_rows(edition, group, stated)
    return chosen


def _scope_rows(edition: StandardEdition, group: Sequence[LimitRow], stated: str) -> list[LimitRow]:
    scoped = [row for row in group if _SCOPE in row.conditions]
    if not scoped:
        return list(group)
    own = [row for row in scoped if edition.scopes[row.conditions[_SCOPE]].names(stated)]
    other = [row for row in scoped if row.conditions[_SCOPE] == _OTHER]
    return own or other or [row for row in scoped if row.conditions[_SCOPE] == _ALL]


def own_rows(rows: Sequence[LimitRow], override: Override | None, on: date) -> list[LimitRow]:
    """Return rows with the bureau's values in the place of the national ones that they replace."""
    if override is None or not rows:
        return list(rows)
    own = override.limits_on(rows[0].standard, on)
    return [_own_row(row, own, override) for row in rows]


def _own_row(row: LimitRow, own: Sequence[OwnLimit], override: Override) -> LimitRow:
    for limit in own:
        value = limit.limits.get(row.band or "")
        if value is not None and limit.replaces(row.table, row.item, row.conditions):
            return dataclasses.replace(
                row,
                limit=_as_limit(value),
                not_detectable=False,
                source=override.said_of(limit.source),
                certainty="A",
                doubts=(),
                override=override.name,
                national=row,
                in_force_from=max(limit.in_force_from, row.in_force_from),
                in_force_to=limit.in_force_to,
            )
    return row


def _as_limit(value: Decimal | OwnRange) -> Limit:
    return Range(*value) if isinstance(value, OwnRange) else value
