"""A first proposal how a laboratory writes its spreadsheets; a person confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.observations.heads import (
    Head,
    Heads,
    bare,
    day_in,
    day_of_name,
    find_heads,
    is_result,
    joined,
    limit_row,
    site_in,
    understand_head,
    unit_row,
)
from bishui.observations.laboratory_texts import are_days
from bishui.observations.layouts import says_day, unknown_layout
from bishui.observations.mappings import Column, Mapping
from bishui.observations.sheets import Sheet
from bishui.standards import Item


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposed mapping, and what a person has to look at before confirming it."""

    mapping: Mapping
    findings: tuple[Problem, ...]


def guess_mapping(sheets: Sequence[Sheet], *, name: str = "", file: str = "") -> Guess:
    """Propose how the sheets of a laboratory are to be read.

    Parameters
    ----------
    sheets
        The sheets of one file, from `read_sheets`; hidden ones count only where all are.
    name
        The laboratory.
    file
        The file's name, for messages.

    Raises
    ------
    UnknownLayout
        In no sheet do two columns mean anything.
    """
    sheets = [sheet for sheet in sheets if not sheet.hidden] or sheets
    found = [(sheet, heads) for sheet in sheets if (heads := find_heads(sheet)) is not None]
    if not found:
        raise unknown_layout(sheets, file)
    sheet, first = max(found, key=lambda pair: pair[1].known())
    heads = _with_sites_below(sheet, first)
    findings: list[Problem] = []
    where = Where(file=file or None, sheet=sheet.name, row=heads.at + 1)
    roles = heads.roles()
    if "item" in roles and "value" in roles and heads is first:
        mapping = _long(heads, name)
    elif "item" in roles and not any(its.item for its in heads.columns):
        mapping = _across(sheet, heads, name)
    else:
        mapping = _wide(sheet, heads, name)
    mapping = _with_date(sheet, heads, mapping, where, findings)
    mapping = _with_site(sheet, heads, mapping, where, findings)
    _tell_columns(mapping, where, findings)
    _tell_twice(mapping, where, findings)
    if mapping.kind != "across":
        _tell_sheets(found, sheet, heads, file, findings)
    return Guess(mapping, tuple(findings))


def _with_sites_below(sheet: Sheet, heads: Heads) -> Heads:
    """Add the row below heads that say "item … result" where it names the sites under "result"."""
    roles = heads.roles()
    below = sheet.preview[heads.last + 1 : heads.last + 2]
    if not below or "item" not in roles or "value" not in roles or "site" in roles:
        return heads
    answers = [
        text.strip()
        for text, head in zip(below[0], heads.columns, strict=False)
        if text.strip() and (head.role == "value" or not head.text)
    ]
    if not answers or any(map(is_result, answers)):
        return heads
    texts = joined(sheet.preview, heads.at, heads.rows + 1)
    return Heads(heads.at, heads.rows + 1, tuple(map(understand_head, texts)))


def _columns(heads: Heads, units: dict[int, str], limits: dict[int, str]) -> tuple[Column, ...]:
    columns = []
    for place, head in enumerate(heads.columns):
        if not head.text:
            continue
        if head.item is not None:
            unit = units.get(place) or head.unit
            columns.append(Column(head.text, "result", head.item.key, unit, limits.get(place)))
        else:
            columns.append(Column(head.text, head.role or "ignore"))
    return _clock_apart(columns)


def _clock_apart(columns: list[Column]) -> tuple[Column, ...]:
    """Of two columns of time the one that says "day" is the day, the other the time of day.

    Two of the same head cannot be told apart: the first of them counts.
    """
    timed = [place for place, its in enumerate(columns) if its.role == "time"]
    if len({bare(columns[place].head) for place in timed}) == len(timed) == 2:
        days = [place for place in timed if says_day(columns[place].head)]
        clock = next((place for place in timed if place not in days), timed[1])
        columns[clock] = replace(columns[clock], role="clock")
    return tuple(columns)


def _wide(sheet: Sheet, heads: Heads, name: str) -> Mapping:
    items: dict[int, Item] = {place: its.item for place, its in enumerate(heads.columns) if its.item}
    units: dict[int, str] = {}
    limits: dict[int, str] = {}
    rows: dict[str, int | None] = {"unit_row": None, "limit_row": None}
    for offset, record in enumerate(sheet.preview[heads.last + 1 : heads.last + 3], start=1):
        said = unit_row(record, items)
        bounds = limit_row(record, items)
        if said is not None and rows["unit_row"] is None and bounds is None:
            units, rows["unit_row"] = said, offset
        elif bounds is not None:
            limits, rows["limit_row"] = bounds, offset
        else:
            break
    columns = _columns(heads, units, limits)
    return Mapping(name, "wide", columns, heads.rows, rows["unit_row"], rows["limit_row"])


def _long(heads: Heads, name: str) -> Mapping:
    return Mapping(name, "long", _columns(heads, {}, {}), heads.rows)


def _across(sheet: Sheet, heads: Heads, name: str) -> Mapping:
    """Items down, sites across: the columns that mean nothing else are sites."""
    fixed = tuple(
        column
        for column in _columns(heads, {}, {})
        if understand_head(column.head).role not in (None, "value")
    )
    item_at, unit_at = heads.roles()["item"], heads.roles().get("unit")
    written, units = {}, {}
    for text, unit in _down(sheet, heads, item_at, unit_at):
        head: Head = understand_head(text)
        if head.item is not None:
            written[text] = head.item.key
            units[head.item.key] = unit or head.unit or head.item.unit
    return Mapping(name, "across", fixed, heads.rows, items=written, units=units)


def _down(sheet: Sheet, heads: Heads, item_at: int, unit_at: int | None) -> list[tuple[str, str]]:
    body = sheet.body(heads.last)
    texts = [text.strip() for text in body.columns[item_at].to_pylist()]
    units = [""] * len(texts) if unit_at is None else body.columns[unit_at].to_pylist()
    return [(text, unit.strip()) for text, unit in zip(texts, units, strict=True) if text]


def _with_date(
    sheet: Sheet, heads: Heads, mapping: Mapping, where: Where, findings: list[Problem]
) -> Mapping:
    above = [text for record in sheet.preview[: heads.at] for text in record]
    in_column = any(column.role == "time" for column in mapping.columns)
    if mapping.kind == "across":
        texts = [text for text, _ in _down(sheet, heads, heads.roles()["item"], None)]
        in_column = _has_days_below(sheet, heads)
        in_column |= any(understand_head(text).role == "time" for text in texts)
    if in_column:
        return mapping
    if day_in(above) is not None:
        return replace(mapping, date="above")
    if day_of_name(sheet.name) is not None:
        return replace(mapping, date="sheet")
    findings.append(
        Problem(
            "no-date",
            Text("表中没有采样日期。"),
            Text("请在导入时指定采样日期，或在表头上方写“采样日期：2024-03-05”。"),
            where,
        )
    )
    return replace(mapping, date="given")


def _has_days_below(sheet: Sheet, heads: Heads) -> bool:
    """Return whether the row below the heads names a day for each column of results."""
    below = sheet.preview[heads.last + 1 : heads.last + 2]
    places = [at for at, its in enumerate(heads.columns) if its.text and its.role in (None, "value")]
    return bool(below) and are_days([text.strip() for at, text in enumerate(below[0]) if at in places])


def _with_site(
    sheet: Sheet, heads: Heads, mapping: Mapping, where: Where, findings: list[Problem]
) -> Mapping:
    if mapping.kind == "across" or any(column.role == "site" for column in mapping.columns):
        return mapping
    above = [text for record in sheet.preview[: heads.at] for text in record]
    if site_in(above) is not None:
        return replace(mapping, site="above")
    findings.append(
        Problem(
            "no-site",
            Text("表中没有断面（点位）列，以工作表名“{sheet}”为断面名称。", sheet=sheet.name or ""),
            Text("请确认；否则请补上断面名称列。"),
            where,
        )
    )
    return replace(mapping, site="sheet")


def _tell_columns(mapping: Mapping, where: Where, findings: list[Problem]) -> None:
    """Name the columns that mean nothing known, and the units that are assumed."""
    for column in mapping.columns:
        at = replace(where, column=column.head)
        if column.role == "ignore" and understand_head(column.head).role is None:
            findings.append(
                Problem(
                    "unknown-column",
                    Text("不认识“{head}”列，将不读取。", head=column.head),
                    Text("请确认，或指定它是什么。"),
                    at,
                    raw=column.head,
                )
            )
        if column.role == "result" and column.unit is None and column.item != "ph":
            findings.append(
                Problem(
                    "unit-assumed",
                    Text("“{head}”没有写明单位，按该项目自身的单位计。", head=column.head),
                    Text("请核对单位并确认。"),
                    at,
                    raw=column.head,
                )
            )


def _tell_twice(mapping: Mapping, where: Where, findings: list[Problem]) -> None:
    """Name the columns that hold results of one and the same item."""
    for number, column in enumerate(mapping.columns):
        before = [its.head for its in mapping.columns[:number] if its.item == column.item]
        if column.role == "result" and before:
            findings.append(
                Problem(
                    "column-twice",
                    Text("“{head}”与“{other}”是同一个项目。", head=column.head, other=before[0]),
                    Text("请只保留一列，另一列改为不读取。"),
                    replace(where, column=column.head),
                    raw=column.head,
                )
            )


def _tell_sheets(
    found: list[tuple[Sheet, Heads]], chosen: Sheet, heads: Heads, file: str, findings: list[Problem]
) -> None:
    """Name the sheets whose heads differ from those that the mapping was made from."""
    wanted = {bare(its.text) for its in heads.columns if its.text}
    for sheet, other in found:
        if sheet is not chosen and {bare(its.text) for its in other.columns if its.text} != wanted:
            findings.append(
                Problem(
                    "sheet-differs",
                    Text("工作表“{sheet}”的表头与“{chosen}”不同。", sheet=sheet.name, chosen=chosen.name),
                    Text("请为它另建一个对照，或在对照中只选要读取的工作表。"),
                    Where(file=file or None, sheet=sheet.name, row=other.at + 1),
                )
            )
