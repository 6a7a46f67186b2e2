"""One entry of an override file: its cells, its days, and the fault that makes it unusable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bishui.errors import Problem, Where
from bishui.i18n import Text

_DAY = Text("日期写作 2026-01-01，不加引号。")


class WrongEntry(Exception):
    """One entry cannot be used."""

    def __init__(self, code: str, what: Text, remedy: Text, field_name: str, raw: object = None) -> None:
        super().__init__(code)
        self.code, self.what, self.remedy, self.field, self.raw = code, what, remedy, field_name, raw


@dataclass(slots=True)
class Reading:
    """A file while it is read: the problems so far, and the days of the file as a whole."""

    file: str
    first: date = date.min
    last: date | None = None
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, fault: WrongEntry, place: str) -> None:
        """Keep one problem."""
        raw = None if fault.raw is None else str(fault.raw)
        where = Where(file=self.file, field=f"{place}{fault.field}")
        self.problems.append(Problem(fault.code, fault.what, fault.remedy, where, raw))


def unknown_field(name: str, known: set[str]) -> WrongEntry:
    """Return the fault of a field that no entry of this kind has."""
    return WrongEntry(
        "unknown-field",
        Text("没有名为“{name}”的字段。", name=name),
        Text("可用的字段：{names}。", names="、".join(sorted(known))),
        name,
    )


def check_fields(entry: Mapping[str, Any], known: set[str]) -> None:
    """Refuse a field that entries of this kind do not have."""
    for name in entry:
        if name not in known:
            raise unknown_field(name, known)


def text_of(entry: Mapping[str, Any], name: str) -> str:
    """Return a text that must be there."""
    value = entry.get(name)
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise WrongEntry(
        "missing-text",
        Text("“{name}”没有填写，或不是文字。", name=name),
        Text("请填写；来源和依据是覆盖生效的根据。"),
        name,
        value,
    )


def day_of(entry: Mapping[str, Any], name: str) -> date:
    """Return a day that must be there."""
    value = entry.get(name)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise WrongEntry(
        "wrong-date", Text("“{name}”不是日期：{value}。", name=name, value=value), _DAY, name, value
    )


def check_order_of_days(first: date, last: date | None) -> None:
    """Refuse a last day before the first."""
    if last is not None and last < first:
        raise WrongEntry(
            "dates-reversed",
            Text("施行止 {last} 早于施行起 {first}。", first=first, last=last),
            Text("请核对两个日期。"),
            "in_force_to",
            last,
        )


def days_of(entry: Mapping[str, Any], reading: Reading) -> tuple[date, date | None]:
    """Return the days of an entry; what it does not say it takes from the file."""
    first = day_of(entry, "in_force_from") if "in_force_from" in entry else reading.first
    last = day_of(entry, "in_force_to") if "in_force_to" in entry else reading.last
    check_order_of_days(first, last)
    if first < reading.first or (reading.last is not None and (last is None or last > reading.last)):
        raise WrongEntry(
            "dates-outside",
            Text("条目的施行日期超出整个文件的施行日期。"),
            Text("请缩短条目的日期，或放宽 [override] 的日期。"),
            "in_force_from",
            first,
        )
    return first, last


def number_of(entry: Mapping[str, Any], name: str, place: str = "") -> Decimal:
    """Return a finite number, exactly as it is written."""
    value = entry[name]
    number = isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()
    if number and (value >= 0 or name in ("low", "high")):
        return Decimal(value)
    raise WrongEntry(
        "wrong-number",
        Text("“{name}”不是不小于零的数：{value}。", name=f"{place}{name}", value=value),
        Text("请写数字，不加引号和单位。"),
        f"{place}{name}",
        value,
    )
