"""Reading a bureau's own override file (本级覆盖文件), with one precise problem for each wrong entry."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from bishui.errors import BishuiError, DataError, Problem, UnreadableFile, Where
from bishui.i18n import Text
from bishui.standards.items import unit_factor
from bishui.standards.limit_rows import LimitRow
from bishui.standards.limit_tables import StandardEdition, edition_on, standard_keys
from bishui.standards.local import Override, OwnLimit, OwnRange, OwnSetting
from bishui.standards.lookup import own_rows
from bishui.standards.methods import METHOD, methods
from bishui.standards.rules import Setting, rule_editions, rule_keys
from bishui.standards.substances import any_item, resolve_item
from bishui.standards.surface import Direction, Range

LARGEST = 1_000_000
_HEAD = {"name", "basis", "in_force_from", "in_force_to"}
_LIMIT = {
    "standard", "item", "table", "when", "limit", "limits", "low", "high", "unit", "source",
    "in_force_from", "in_force_to",
}  # fmt: skip
_SETTING = {"rules", "name", "value", "source", "in_force_from", "in_force_to"}
_DAY = Text("日期写作 2026-01-01，不加引号。")


class _Wrong(Exception):
    """One entry cannot be used."""

    def __init__(self, code: str, what: Text, remedy: Text, field_name: str, raw: object = None) -> None:
        super().__init__(code)
        self.code, self.what, self.remedy, self.field, self.raw = code, what, remedy, field_name, raw


@dataclass(slots=True)
class _Reading:
    """A file while it is read: the problems so far, and the days of the file as a whole."""

    file: str
    first: date = date.min
    last: date | None = None
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, fault: _Wrong, place: str) -> None:
        """Keep one problem."""
        raw = None if fault.raw is None else str(fault.raw)
        where = Where(file=self.file, field=f"{place}{fault.field}")
        self.problems.append(Problem(fault.code, fault.what, fault.remedy, where, raw))


def read_override(path: Path) -> Override:
    """Return a bureau's override file, checked.

    Raises
    ------
    UnreadableFile
        If the file is missing, too large or not TOML.
    DataError
        If entries are wrong; `problems` has one for each.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise UnreadableFile(
            Text("覆盖文件打不开：{reason}。", reason=fault.strerror),
            remedy=Text("请核对路径和访问权限。"),
            where=Where(file=str(path)),
        ) from fault
    return parse_override(content, path.name)


def parse_override(content: bytes, name: str) -> Override:
    """Return the override that the bytes of a file hold, checked; `name` is the file's name for messages.

    Raises
    ------
    UnreadableFile
        If it is too large or not TOML.
    DataError
        If entries are wrong; `problems` has one for each.
    """
    data = _toml(content, name)
    reading = _Reading(name)
    head = _head(data, reading)
    dated = reading.first > date.min
    limits = tuple(_entries(data, "limit", reading, _limit)) if dated else ()
    settings = tuple(_entries(data, "setting", reading, _setting)) if dated else ()
    override = Override(
        name=head.get("name", ""),
        basis=head.get("basis", ""),
        in_force_from=reading.first,
        in_force_to=reading.last,
        digest=_digest(data),
        limits=limits,
        settings=settings,
    )
    if not reading.problems:
        _check_whole(override, reading)
    if reading.problems:
        raise DataError(
            Text("覆盖文件有 {count} 处错误，没有采用。", count=len(reading.problems)),
            remedy=Text("请逐条改正后重新检查。"),
            where=Where(file=name),
            problems=reading.problems,
        )
    return override


def _toml(content: bytes, name: str) -> dict[str, Any]:
    if len(content) > LARGEST:
        raise UnreadableFile(
            Text("覆盖文件有 {size} 字节，超过 {most} 字节。", size=len(content), most=LARGEST),
            remedy=Text("请核对是否选错了文件。"),
            where=Where(file=name),
        )
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise UnreadableFile(
            Text("覆盖文件不是正确的 TOML：{fault}。", fault=fault),
            remedy=Text("请用 UTF-8 编码保存，并对照文档中的例子改正。"),
            where=Where(file=name),
        ) from fault


def _digest(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what the file says, whatever its order of keys, spacing and comments."""
    said = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _head(data: Mapping[str, Any], reading: _Reading) -> Mapping[str, Any]:
    head = data.get("override")
    if not isinstance(head, Mapping):
        reading.wrong(
            _Wrong(
                "no-head", Text("文件没有 [override] 表头。"), Text("请写明名称、依据文件和施行日期。"), ""
            ),
            "override",
        )
        return {}
    for check in (_check_head_text, _check_head_days):
        try:
            check(head, reading)
        except _Wrong as fault:
            reading.wrong(fault, "override.")
    for key in sorted(set(data) - {"schema_version", "override", "limit", "setting"}):
        reading.wrong(_unknown_field(key, {"override", "limit", "setting"}), "")
    return head


def _check_head_text(head: Mapping[str, Any], _: _Reading) -> None:
    _only(head, _HEAD)
    for name in ("name", "basis"):
        _text(head, name)


def _check_head_days(head: Mapping[str, Any], reading: _Reading) -> None:
    reading.first = _day(head, "in_force_from")
    if "in_force_to" in head:
        reading.last = _day(head, "in_force_to")
    _in_order(reading.first, reading.last)


def _entries(data: Mapping[str, Any], kind: str, reading: _Reading, read: Any) -> Iterator[Any]:
    entries = data.get(kind, [])
    if not isinstance(entries, list):
        reading.wrong(
            _Wrong(
                "wrong-type",
                Text("[[{kind}]] 要写成双方括号的条目。", kind=kind),
                Text("请对照文档中的例子改正。"),
                "",
            ),
            kind,
        )
        return
    for number, entry in enumerate(entries, start=1):
        try:
            yield read(entry, reading)
        except _Wrong as fault:
            reading.wrong(fault, f"{kind}[{number}].")
        except BishuiError as fault:
            remedy = fault.remedy or Text("请对照文档中的例子改正。")
            reading.wrong(_Wrong(fault.code, fault.what, remedy, "standard"), f"{kind}[{number}].")


def _unknown_field(name: str, known: set[str]) -> _Wrong:
    return _Wrong(
        "unknown-field",
        Text("没有名为“{name}”的字段。", name=name),
        Text("可用的字段：{names}。", names="、".join(sorted(known))),
        name,
    )


def _only(entry: Mapping[str, Any], known: set[str]) -> None:
    for name in entry:
        if name not in known:
            raise _unknown_field(name, known)


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise _Wrong(
        "missing-text",
        Text("“{name}”没有填写，或不是文字。", name=name),
        Text("请填写；来源和依据是覆盖生效的根据。"),
        name,
        value,
    )


def _day(entry: Mapping[str, Any], name: str) -> date:
    value = entry.get(name)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise _Wrong("wrong-date", Text("“{name}”不是日期：{value}。", name=name, value=value), _DAY, name, value)


def _in_order(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise _Wrong(
            "dates-reversed",
            Text("施行止 {last} 早于施行起 {first}。", first=first, last=last),
            Text("请核对两个日期。"),
            "in_force_to",
            last,
        )


def _days(entry: Mapping[str, Any], reading: _Reading) -> tuple[date, date | None]:
    """Return the days of an entry; what it does not say it takes from the file."""
    first = _day(entry, "in_force_from") if "in_force_from" in entry else reading.first
    last = _day(entry, "in_force_to") if "in_force_to" in entry else reading.last
    _in_order(first, last)
    if first < reading.first or (reading.last is not None and (last is None or last > reading.last)):
        raise _Wrong(
            "dates-outside",
            Text("条目的施行日期超出整个文件的施行日期。"),
            Text("请缩短条目的日期，或放宽 [override] 的日期。"),
            "in_force_from",
            first,
        )
    return first, last


def _limit(entry: Mapping[str, Any], reading: _Reading) -> OwnLimit:
    _only(entry, _LIMIT)
    first, last = _days(entry, reading)
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
        source=_text(entry, "source"),
        in_force_from=first,
        in_force_to=last,
    )


def _standard_of(entry: Mapping[str, Any], on: date) -> StandardEdition:
    key = _text(entry, "standard")
    if key not in standard_keys():
        raise _Wrong(
            "unknown-standard",
            Text("没有名为“{name}”的标准。", name=key),
            Text("可用的标准：{names}。", names="、".join(standard_keys())),
            "standard",
            key,
        )
    return edition_on(key, on)


def _item_of(entry: Mapping[str, Any], edition: StandardEdition) -> str:
    given = _text(entry, "item")
    try:
        item = resolve_item(given, edition.items)
    except BishuiError as fault:
        raise _Wrong(
            "unknown-item", fault.what, fault.remedy or Text("请核对项目名称。"), "item", given
        ) from fault
    if item.key not in edition.by_item:
        raise _Wrong(
            "item-not-limited",
            Text("{edition} 没有规定“{item}”的限值，不能覆盖。", edition=edition.edition, item=item.name),
            Text("请核对项目和标准；本级新增的项目请另立标准文件。"),
            "item",
            given,
        )
    return item.key


def _rows_of(edition: StandardEdition, item: str, table: object, when: object, on: date) -> list[LimitRow]:
    if not isinstance(when, Mapping):
        raise _Wrong(
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
    raise _Wrong(
        "unknown-condition",
        Text("{edition} 中没有符合这些条件的限值。", edition=edition.edition),
        Text("该项目可用的条件：{names}。", names="、".join(known) or "—"),
        "when" if when else "table",
        dict(when) or table,
    )


def _values_of(entry: Mapping[str, Any], rows: list[LimitRow]) -> dict[str, Decimal | OwnRange]:
    given = [name for name in ("limit", "limits", "low") if name in entry]
    if len(given) != 1 or ("low" in entry) != ("high" in entry):
        raise _Wrong(
            "which-value",
            Text("要么写 limit，要么写 limits，要么同时写 low 和 high。"),
            Text("请只保留一种写法。"),
            "limit",
        )
    ranged = any(isinstance(row.limit, Range) for row in rows)
    if ranged != ("low" in entry):
        raise _Wrong(
            "wrong-type",
            Text("该项目在标准中是上下限。") if ranged else Text("该项目在标准中是单个限值，不是上下限。"),
            Text("请写 low 和 high。") if ranged else Text("请写 limit 或 limits。"),
            given[0],
            entry[given[0]],
        )
    bands = {row.band or "" for row in rows}
    if "limits" in entry:
        return _by_band(entry["limits"], bands)
    value = OwnRange(_number(entry, "low"), _number(entry, "high")) if ranged else _number(entry, "limit")
    if isinstance(value, OwnRange) and value.low > value.high:
        raise _Wrong("reversed-range", Text("下限大于上限。"), Text("请核对 low 和 high。"), "low", value.low)
    return dict.fromkeys(sorted(bands), value)


def _by_band(limits: object, bands: set[str]) -> dict[str, Decimal | OwnRange]:
    if not isinstance(limits, Mapping) or not limits:
        raise _Wrong(
            "wrong-type",
            Text("limits 要写成 {sample}。", sample="{ III = 0.8 }"),
            Text("例如 limits = { III = 0.8 }。"),
            "limits",
            limits,
        )
    for band in limits:
        if band not in bands:
            raise _Wrong(
                "unknown-class",
                Text("该限值没有“{band}”这一类别或级别。", band=band),
                Text(
                    "可用的值：{names}。",
                    names="、".join(sorted(bands - {""})) or Text("不分类别，请写 limit"),
                ),
                f"limits.{band}",
                limits[band],
            )
    return {band: _number(limits, band, "limits.") for band in limits}


def _number(entry: Mapping[str, Any], name: str, place: str = "") -> Decimal:
    value = entry[name]
    number = isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()
    if number and (value >= 0 or name in ("low", "high")):
        return Decimal(value)
    raise _Wrong(
        "wrong-number",
        Text("“{name}”不是不小于零的数：{value}。", name=f"{place}{name}", value=value),
        Text("请写数字，不加引号和单位。"),
        f"{place}{name}",
        value,
    )


def _unit_of(entry: Mapping[str, Any], item: str, row: LimitRow) -> tuple[str, Decimal]:
    """Return the unit of the standard, and what the bureau's values are multiplied by to stand in it."""
    given = _text(entry, "unit")
    if given == row.unit:
        return row.unit, Decimal(1)
    factor, printed = unit_factor(any_item(item), given), unit_factor(any_item(item), row.unit)
    if factor is not None and printed is not None:
        return row.unit, factor / printed
    raise _Wrong(
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


def _setting(entry: Mapping[str, Any], reading: _Reading) -> OwnSetting:
    _only(entry, _SETTING)
    first, last = _days(entry, reading)
    key, name = _text(entry, "rules"), _text(entry, "name")
    known = _known_settings(key)
    if name not in known:
        raise _Wrong(
            "unknown-setting",
            Text("“{rules}”没有名为“{name}”的设置。", rules=key, name=name),
            Text("可用的设置：{names}。", names="、".join(sorted(known))),
            "name",
            name,
        )
    if "value" not in entry:
        raise _Wrong("missing-value", Text("没有写 value。"), Text("请写设置的值。"), "value")
    value = _setting_value(known[name], entry["value"])
    return OwnSetting(key, name, value, _text(entry, "source"), first, last)


def _known_settings(key: str) -> Mapping[str, Setting]:
    """Return the settings of all editions of a method by name."""
    if key == METHOD:
        return {setting.name: setting for method in methods().values() for setting in method.settings}
    if key not in rule_keys():
        raise _Wrong(
            "unknown-rules",
            Text("没有名为“{name}”的评价办法。", name=key),
            Text("可用的办法：{names}。", names="、".join((METHOD, *rule_keys()))),
            "rules",
            key,
        )
    return {name: setting for edition in rule_editions(key) for name, setting in edition.settings.items()}


def _setting_value(setting: Setting, value: Any) -> Any:
    if isinstance(value, list):
        value = tuple(value)
    if setting.choices and value not in setting.choices:
        raise _Wrong(
            "not-a-choice",
            Text("“{name}”不能设为“{value}”。", name=setting.name, value=value),
            Text("可用的值：{names}。", names="、".join(map(str, setting.choices))),
            "value",
            value,
        )
    if not _same_kind(setting.value, value):
        raise _Wrong(
            "wrong-type",
            Text(
                "“{name}”的值 {value} 类型不对，应为{kind}。",
                name=setting.name,
                value=repr(value),
                kind=_kind(setting.value),
            ),
            Text("标准值是 {own}，请按它的样子填写。", own=setting.value),
            "value",
            value,
        )
    return value


def _kind(own: Any) -> Text:
    if isinstance(own, bool):
        return Text("是否（true 或 false）")
    if isinstance(own, int):
        return Text("整数")
    if isinstance(own, Decimal):
        return Text("数")
    return Text("列表") if isinstance(own, tuple) else Text("文字")


def _same_kind(own: Any, value: Any) -> bool:
    """Tell whether a value is of the kind of the national one; a whole number may stand for a decimal."""
    if isinstance(own, Decimal):
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    if isinstance(own, tuple):
        return isinstance(value, tuple) and all(not own or _same_kind(own[0], part) for part in value)
    return type(own) is type(value)


def _check_whole(override: Override, reading: _Reading) -> None:
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


def _twice(what: str) -> _Wrong:
    return _Wrong(
        "twice", Text("“{what}”的同一个值在文件中写了两次。", what=what), Text("请只保留一条。"), "item"
    )


def _check_order(override: Override, limit: OwnLimit, number: int, reading: _Reading) -> None:
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
                _Wrong("not-monotone", what, remedy, "limits", (one if one.national else other).limit),
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
