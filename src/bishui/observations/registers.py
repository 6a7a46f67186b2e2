"""Sites, targets and flags from files on disk, for assessments without a server.

These are small tables made by hand: every fault is listed, and one fault refuses the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bishui.errors import DataError, Problem, UnknownLayout, Where
from bishui.i18n import Text
from bishui.observations.layouts import role_of
from bishui.observations.numbers import Reading, parse_cell, parse_number
from bishui.observations.schema import BACKGROUND, FLAGS, MEMBERS, POSITIONS, SITES, TARGETS, VALUE_TYPE
from bishui.observations.sheets import Sheet, read_sheets
from bishui.observations.textforms import fold, load_data
from bishui.observations.times import parse_time
from bishui.standards import find_class, find_item

_Parse = Callable[[str], Any]


def read_sites(path: str | Path) -> pa.Table:
    """Read sites (`SITES`) from CSV, XLSX or Parquet.

    Raises
    ------
    DataError
        Rows are faulty; `problems` lists each with its row, column, reason and remedy.
    UnknownLayout
        A needed head is missing.
    """
    defaults = {"kind": "section"}
    return read_register(
        Path(path), "sites", SITES, needed=("id|name",), defaults=defaults, fault_of=_site_fault
    )


def read_targets(path: str | Path) -> pa.Table:
    """Read targets (`TARGETS`): a site or scope with a class (Ⅱ, 3) or own limits (``tp=0.25; 氨氮=1.2``).

    Raises
    ------
    DataError, UnknownLayout
        As `read_sites`.
    """
    needed = ("site|scope", "period_from", "period_to")
    return read_register(Path(path), "targets", TARGETS, needed=needed, defaults={}, fault_of=_target_fault)


def read_flags(path: str | Path) -> pa.Table:
    """Read flags (`FLAGS`): readings put aside, by site, item and time, with the reason.

    Raises
    ------
    DataError, UnknownLayout
        As `read_sites`.
    """
    needed = ("site", "time_from", "time_to", "flag", "reason")
    return read_register(Path(path), "flags", FLAGS, needed=needed, defaults={}, fault_of=_flag_fault)


def read_members(path: str | Path) -> pa.Table:
    """Read which water and basin each site belongs to (`MEMBERS`); the file of sites may hold these columns.

    Raises
    ------
    DataError, UnknownLayout
        As `read_sites`.
    """
    return read_register(Path(path), "members", MEMBERS, needed=("id|name",), defaults={}, fault_of=_no_fault)


def read_positions(path: str | Path) -> pa.Table:
    """Read where each site is (`POSITIONS`); the file of sites may hold these columns, or none of them.

    Raises
    ------
    DataError, UnknownLayout
        As `read_sites`.
    """
    return read_register(
        Path(path), "positions", POSITIONS, needed=("id|name",), defaults={}, fault_of=_place_fault
    )


def read_background(path: str | Path) -> pa.Table:
    """Read approved natural backgrounds (`BACKGROUND`; 自然本底): section, item, time, document.

    Raises
    ------
    DataError, UnknownLayout
        As `read_sites`.
    """
    needed = ("site", "item", "period_from", "period_to", "document")
    return read_register(
        Path(path), "background", BACKGROUND, needed=needed, defaults={}, fault_of=_background_fault
    )


def _no_fault(_row: dict[str, Any]) -> Problem | None:
    return None


def _place_fault(row: dict[str, Any]) -> Problem | None:
    if (row["lon"] is None) == (row["lat"] is None):
        return None
    return Problem("half-a-place", Text("经度和纬度只填了一个。"), Text("请两个都填，或都不填。"))


def _background_fault(row: dict[str, Any]) -> Problem | None:
    begin, end = row["period_from"], row["period_to"]
    return _order_fault() if begin and end and end < begin else None


def read_register(
    path: Path,
    kind: str,
    schema: pa.Schema,
    *,
    needed: tuple[str, ...],
    defaults: Mapping[str, str],
    fault_of: Callable[[dict[str, Any]], Problem | None],
    parsers: Mapping[str, Callable[[str, str], Any]] | None = None,
) -> pa.Table:
    """Read a small table made by hand from CSV, XLSX or Parquet.

    Parameters
    ----------
    path, kind, schema
        The file; its group of heads in ``heads.toml``; the columns that it becomes.
    needed
        Columns without which a sheet is not of this layout; ``a|b`` asks for one of them.
    defaults
        What stands for an empty cell, by column.
    fault_of
        What is wrong with a whole row, if anything.
    parsers
        How the cells of a column are understood from their text and head; the others by name and type.

    Raises
    ------
    DataError
        Rows are faulty; `problems` lists each with its row, column, reason and remedy.
    UnknownLayout
        A needed head is missing.
    """
    ready = _typed_parquet(path, schema)
    if ready is not None:
        return ready
    sheet, head_at, places = _find_heads(path, kind, needed)
    body = sheet.body(head_at)
    problems = list(body.rejected)
    rows = []
    columns = {role: body.columns[place].to_pylist() for role, place in places.items()}
    for place, number in enumerate(body.rows.tolist()):
        texts = {role: column[place].strip() for role, column in columns.items()}
        if not any(texts.values()):
            continue
        where = Where(file=path.name, sheet=sheet.name, row=number)
        heads = {role: sheet.preview[head_at][its].strip() for role, its in places.items()}
        known = len(problems)
        row = _row(
            texts,
            schema,
            defaults=defaults,
            heads=heads,
            where=where,
            problems=problems,
            parsers=parsers or {},
        )
        _complete(row, number)
        # A cell that could not be read is told already: what follows from its absence is not.
        fault = fault_of(row) if len(problems) == known else None
        if fault is not None:
            at_fault = replace(where, column=heads.get(fault.where.field or ""))
            problems.append(replace(fault, where=at_fault))
        problems.extend(_missing(row, schema, where, problems))
        rows.append(row)
    if problems:
        raise _refusal(path, problems)
    return pa.Table.from_pylist(rows, schema=schema)


def _typed_parquet(path: Path, schema: pa.Schema) -> pa.Table | None:
    """Return a Parquet file that already has the schema's columns and types."""
    if not path.is_file() or path.open("rb").read(4) != b"PAR1":
        return None
    try:
        return pq.read_table(path).select(schema.names).cast(schema)
    except (KeyError, pa.ArrowException):
        return None


def _find_heads(path: Path, kind: str, needed: tuple[str, ...]) -> tuple[Sheet, int, dict[str, int]]:
    sheets = read_sheets(path)
    for sheet in sheets:
        for position, record in enumerate(sheet.preview):
            places: dict[str, int] = {}
            for place, head in enumerate(record):
                role = role_of(head, kind) if head.strip() else None
                if role is not None:
                    places.setdefault(role, place)
            if all(any(role in places for role in choice.split("|")) for choice in needed):
                return sheet, position, places
    words = load_data("heads.toml")[kind]
    raise UnknownLayout(
        Text(
            "认不出这个表的格式。找到的表头：{found}。",
            found="、".join(filter(None, sheets[0].preview[0]))[:300],
        ),
        remedy=Text(
            "需要的表头：{wanted}。",
            wanted="、".join("/".join(words[role][0] for role in choice.split("|")) for choice in needed),
        ),
        where=Where(file=path.name),
    )


def _row(
    texts: Mapping[str, str],
    schema: pa.Schema,
    *,
    defaults: Mapping[str, str],
    heads: Mapping[str, str],
    where: Where,
    problems: list[Problem],
    parsers: Mapping[str, Callable[[str, str], Any]],
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(schema.names)
    for field in schema:
        text = texts.get(field.name, "") or defaults.get(field.name, "")
        if not text:
            continue
        head = heads.get(field.name, "")
        own = parsers.get(field.name)
        value = _parser(field)(text) if own is None else own(text, head)
        if isinstance(value, Problem):
            place = Where(where.file, where.sheet, where.row, heads.get(field.name, field.name))
            problems.append(Problem(value.code, value.what, value.remedy, place, text))
        else:
            row[field.name] = value
    return row


def _complete(row: dict[str, Any], number: int) -> None:
    """Fill what follows from the rest: the id from the name, the name from the id, or the row."""
    if "name" in row:
        row["id"] = row["id"] or row["name"]
        row["name"] = row["name"] or row["id"]
    else:
        row["id"] = row["id"] or str(number)


def _missing(row: Mapping[str, Any], schema: pa.Schema, where: Where, known: list[Problem]) -> list[Problem]:
    told = {problem.where.column for problem in known if problem.where.row == where.row}
    return [
        Problem("missing", Text("没有填写“{field}”。", field=field.name), Text("请补填这一项。"), where)
        for field in schema
        if not field.nullable and row[field.name] is None and not told
    ]


def _refusal(path: Path, problems: list[Problem]) -> DataError:
    return DataError(
        Text("“{name}”有 {count} 处问题，未读入。", name=path.name, count=len(problems)),
        remedy=Text("请按下列各处逐一改正后重试。"),
        where=Where(file=path.name),
        problems=problems,
    )


def _parser(field: pa.Field) -> _Parse:
    special: dict[str, _Parse] = {
        "kind": lambda text: word_of("kind", text),
        "water_type": lambda text: word_of("water_type", text),
        "flag": lambda text: word_of("flag", text),
        "item": _item,
        "target_class": _target_class,
        "overrides": _overrides,
        "source_line": _whole,
        "limit": _decimal,
        "role": lambda text: word_of("role", text),
        "lon": lambda text: _degrees(text, 180),
        "lat": lambda text: _degrees(text, 90),
        "datum": lambda text: word_of("datum", text),
    }
    if field.name in special:
        return special[field.name]
    if pa.types.is_date(field.type):
        return _date
    if pa.types.is_timestamp(field.type):
        return parse_time
    return str


def word_of(group: str, text: str) -> str | Problem:
    """Return the stored word of a group that a cell means."""
    table = load_data("heads.toml")["words"][group]
    for word, forms in table.items():
        if fold(text) in map(fold, forms):
            return str(word)
    allowed = "、".join(forms[1] for forms in table.values())
    return Problem(
        "unknown-word",
        Text("不认识“{raw}”。", raw=text),
        Text("请填写：{allowed}。", allowed=allowed),
        raw=text,
    )


def _item(text: str) -> str | Problem:
    item = find_item(text)
    if item is None:
        return Problem(
            "unknown-item",
            Text("不认识监测项目“{raw}”。", raw=text),
            Text("请使用项目的名称或代码。"),
            raw=text,
        )
    return item.key


def _target_class(text: str) -> int | Problem:
    rank = find_class(text)
    if rank is None or rank > 5:
        return Problem(
            "not-a-class", Text("“{raw}”不是目标类别。", raw=text), Text("请填写 Ⅰ～Ⅴ 或 1～5。"), raw=text
        )
    return rank


def _overrides(text: str) -> list[tuple[str, Decimal]] | Problem:
    """Read ``tp=0.25; 氨氮=1.2``: own limits of single items, in the item's own unit."""
    found = []
    for part in text.replace("；", ";").replace("，", ";").split(";"):
        name, sign, limit = part.replace("＝", "=").partition("=")
        item = find_item(name.strip())
        reading = parse_cell(limit.strip(), item) if sign and item is not None else None
        if item is None or not isinstance(reading, Reading) or reading.value is None:
            return Problem(
                "bad-override",
                Text("“{raw}”不是单项限值。", raw=part.strip()),
                Text("请写成 总磷=0.25; 氨氮=1.2 的形式。"),
                raw=text,
            )
        found.append((item.key, reading.value.quantize(Decimal(1).scaleb(-VALUE_TYPE.scale))))
    return found


def _decimal(text: str) -> Decimal | Problem:
    reading = parse_number(text)
    if not isinstance(reading, Reading) or reading.value is None:
        return Problem("not-a-number", Text("“{raw}”不是数。", raw=text), Text("请填写数值。"), raw=text)
    return reading.value.quantize(Decimal(1).scaleb(-VALUE_TYPE.scale))


def _degrees(text: str, most: int) -> str | Problem:
    """Read degrees in decimal form; the digits stay."""
    reading = parse_number(text)
    value = reading.value if isinstance(reading, Reading) else None
    if value is None or not -most <= value <= most:
        return Problem(
            "not-degrees",
            Text("“{raw}”不是 ±{most} 以内的度数。", raw=text, most=most),
            Text("请填写十进制的度，如 109.41；度分秒请先换算。"),
            raw=text,
        )
    return f"{value:f}"


def _whole(text: str) -> int | Problem:
    if text.isascii() and text.isdigit():
        return int(text)
    return Problem("not-a-number", Text("“{raw}”不是整数。", raw=text), Text("请填写行号。"), raw=text)


def _date(text: str) -> date | Problem:
    moment = parse_time(text)
    return moment.date() if isinstance(moment, datetime) else moment


def _site_fault(row: dict[str, Any]) -> Problem | None:
    start, end = row.get("valid_from"), row.get("valid_to")
    return _order_fault() if start and end and end < start else None


def _target_fault(row: dict[str, Any]) -> Problem | None:
    if row["site"] is None and row["scope"] is None:
        return Problem("no-object", Text("没有断面，也没有考核范围。"), Text("请填写其中一项。"))
    if row["target_class"] is None and not row["overrides"]:
        return Problem("no-target", Text("没有目标类别，也没有单项限值。"), Text("请填写其中一项。"))
    start, end = row["period_from"], row["period_to"]
    return _order_fault() if start and end and end < start else None


def _flag_fault(row: dict[str, Any]) -> Problem | None:
    start, end = row["time_from"], row["time_to"]
    return _order_fault() if start and end and end < start else None


def _order_fault() -> Problem:
    return Problem("end-before-start", Text("结束早于开始。"), Text("请核对起止时间。"))
