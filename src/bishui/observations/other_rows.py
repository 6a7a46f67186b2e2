"""Rows of a table that hold no results.

Below the heads units and detection limits; further down notes, means, limits of a standard, heads again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.observations.heads import bare, is_word, limit_row, starts_with
from bishui.observations.layouts import Layout
from bishui.observations.numbers import unknown_unit
from bishui.observations.records import Records
from bishui.observations.sheets import Body
from bishui.standards import Item, unit_factor

UNITS, LIMITS = Text("单位行"), Text("检出限行")
#: How many records below the heads may hold units or detection limits.
_BELOW_HEADS = 3


@dataclass(frozen=True, slots=True)
class BelowHeads:
    """A layout with the units of its row of units, and item → detection limit in the item's own unit."""

    layout: Layout
    limits: Mapping[str, Decimal] = field(default_factory=dict)


def reason_of(record: Sequence[str], answers: Iterable[int], heads: Sequence[str]) -> Text | None:
    """Return why a record holds no result, None where it may hold one.

    Parameters
    ----------
    record
        Its cells, without blanks around them.
    answers
        Places of the columns that hold results. A note holds none: a site may begin with the same character.
    heads
        The heads as `bare` gives them.
    """
    first = next((text for text in record if text), "")
    if first and [bare(text) for text in record] == list(heads):
        return Text("重复的表头")
    if starts_with("note", first) and not {record[at] for at in answers} - {"", first}:
        return Text("表外说明")
    if is_word("summary", first):
        return Text("统计行或标准限值行")
    return None


def set_others_aside(body: Body, layout: Layout, records: Records) -> BelowHeads:
    """Account for records that hold no results, and return what the rows below the heads say.

    Raises
    ------
    DataError
        A unit of the row of units is unknown for its item, or not the one that the head says.
    """
    found = _take_below_heads(body, layout, records) if layout.kind == "wide" else BelowHeads(layout)
    _set_notes_aside(body, layout, records)
    return found


def _set_notes_aside(body: Body, layout: Layout, records: Records) -> None:
    """Account for notes and the like; looked at are records without a site's name in its place."""
    sites = pc.utf8_trim_whitespace(body.columns[layout.roles["site"]]).dictionary_encode()
    doubtful = np.array([_is_no_site(text, layout) for text in sites.dictionary.to_pylist()], dtype=bool)
    if not doubtful.any():
        return
    heads = [bare(head) for head in layout.heads]
    answers = [column.place for column in layout.items] or [layout.roles["value"]]
    for place in np.flatnonzero(doubtful[sites.indices.to_numpy()] & records.open).tolist():
        reason = reason_of(_record(body, place), answers, heads)
        if reason is not None:
            records.ignore(np.array([place]), reason)


def _is_no_site(text: str, layout: Layout) -> bool:
    return (
        not text
        or starts_with("note", text)
        or is_word("summary", text)
        or bare(text) == bare(layout.head("site"))
    )


def _take_below_heads(body: Body, layout: Layout, records: Records) -> BelowHeads:
    found = BelowHeads(layout)
    items = {column.place: column.item for column in layout.items}
    for place in np.flatnonzero(records.open)[:_BELOW_HEADS].tolist():
        record = _record(body, place)
        site = record[layout.roles["site"]]
        if site and not is_word("unit", site) and not is_word("limit", site):
            break
        limits = limit_row(record, items)
        if _are_units(record, items):
            found = replace(found, layout=_with_units(found.layout, record, records.where(place)))
            records.ignore(np.array([place]), UNITS)
        elif limits is not None:
            found = replace(found, limits=_in_own_units(found.layout, limits))
            records.ignore(np.array([place]), LIMITS)
    return found


def _are_units(record: Sequence[str], items: Mapping[int, Item]) -> bool:
    """Return whether a record without a site holds units: at least one that is known, and no number."""
    said = [(items[place], record[place]) for place in items if record[place]]
    known = [unit_factor(item, text) is not None for item, text in said]
    numbers = [any(sign.isdigit() for sign in text) for _, text in said]
    return any(known) and all(its or not number for its, number in zip(known, numbers, strict=True))


def _with_units(layout: Layout, record: Sequence[str], where: Where) -> Layout:
    columns = []
    for column in layout.items:
        said = record[column.place]
        there = replace(where, column=column.head)
        if said and unit_factor(column.item, said) is None:
            problem = unknown_unit(said, column.item)
            raise DataError(problem.what, remedy=problem.remedy, where=there)
        if said and column.unit and _factor(column.item, column.unit) != _factor(column.item, said):
            raise DataError(
                Text("表头中的单位是“{head}”，单位行中是“{row}”。", head=column.unit, row=said),
                remedy=Text("请核对，只保留正确的一个。"),
                where=there,
            )
        columns.append(replace(column, unit=said or column.unit))
    return replace(layout, items=tuple(columns))


def _in_own_units(layout: Layout, limits: Mapping[int, str]) -> dict[str, Decimal]:
    columns = {column.place: column for column in layout.items}
    return {
        columns[place].item.key: Decimal(limit) * _factor(columns[place].item, columns[place].unit)
        for place, limit in limits.items()
    }


def _factor(item: Item, unit: str | None) -> Decimal:
    return Decimal(unit_factor(item, unit or item.unit) or 1)


def _record(body: Body, place: int) -> list[str]:
    return [_text(column, place) for column in body.columns]


def _text(column: pa.Array, place: int) -> str:
    return str(column[place].as_py()).strip()
