"""What a person may write into a cell of the ledger's workbook: checked, taken apart, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bishui.documents import split_units
from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.server.plans import directory, steps
from bishui.server.plans.duty_models import ROLES
from bishui.server.plans.unit_names import Directory, near, resolve
from bishui.server.plans.workbook_columns import folded
from bishui.server.plans.workbook_reading import day_of, number_of

_LONGEST = {"theme": 300, "deadline": 200, "what": 300}
_MUST = frozenset({"content", "what"})
_MANY = 10_000
_PLACES = 4
_ROLE_WORDS: Mapping[str, tuple[str, ...]] = {
    "lead": ("牵头", "牵头单位", "Lead", "lead"),
    "responsible": ("责任", "责任单位", "Responsible", "responsible"),
    "cooperating": ("配合", "配合单位", "Cooperating", "cooperating"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a cell of units: those that stood there already, and the units that each new one means."""

    names: tuple[str, ...]
    fresh: Mapping[str, tuple[str, ...]]


class Register:
    """The register of units as one import asks for it: read once."""

    def __init__(self, division: str) -> None:
        self.directory: Directory = directory.directory_of(division)
        self.called = directory.unit_names()

    def unit(self, text: str, where: Where) -> str | Problem:
        """Return the identifier of the one unit that `text` names."""
        found = resolve([text], self.directory)[0]
        if len(found.units) == 1:
            return found.units[0]
        return self._unknown(text, found.reason or "ambiguous", where)

    def names(self, text: str, former: Sequence[str], where: Where) -> Names | Problem:
        """Return the names of a cell; those of `former`, which it held before, are taken as they are."""
        names = self.split(text, former)
        fresh: dict[str, tuple[str, ...]] = {}
        for item in resolve(names, self.directory):
            if item.written in former:
                continue
            if not item.units:
                return self._unknown(item.written, item.reason, where)
            fresh[item.written] = item.units
        return Names(names, fresh)

    def split(self, text: str, former: Sequence[str]) -> tuple[str, ...]:
        """Return the names in a cell, each once; a former name may hold the sign that divides names."""
        found: list[str] = []
        rest = text
        while rest:
            known = next((name for name in _longest(former) if _begins(rest, name)), None)
            if known is not None:
                found.append(known)
                rest = rest[len(known) :].lstrip(_BETWEEN)
                continue
            ends = [at for name in former if (at := _place(rest, name)) > 0]
            part, rest = (rest[: min(ends)], rest[min(ends) :]) if ends else (rest, "")
            found += split_units(part).units
        return tuple(dict.fromkeys(found))

    def _unknown(self, name: str, reason: str, where: Where) -> Problem:
        what = {
            "ambiguous": Text("单位台账中有多个单位符合“{name}”。", name=name),
            "empty": Text("单位台账中没有“{name}”所指的单位。", name=name),
        }.get(reason, Text("单位台账中没有“{name}”。", name=name))
        candidates = "、".join(self.called[unit] for unit in near(name, self.directory))
        remedy = (
            Text(
                "可能是：{names}。请改写成其中之一，或在单位台账中新增、登记其他写法后重新比较。",
                names=candidates,
            )
            if candidates
            else Text("请在单位台账中新增这个单位，或登记其他写法后重新比较。")
        )
        return Problem(f"unit-{reason}", what, remedy, where, name)


_BETWEEN = "、，,；;\n \t"


def _longest(names: Sequence[str]) -> list[str]:
    return sorted(names, key=len, reverse=True)


def _begins(text: str, name: str) -> bool:
    """Tell whether `text` begins with the whole name."""
    return text.startswith(name) and (len(text) == len(name) or text[len(name)] in _BETWEEN)


def _place(text: str, name: str) -> int:
    """Return where the whole name begins in `text`, or -1."""
    at = text.find(name)
    while at >= 0:
        if (at == 0 or text[at - 1] in _BETWEEN) and _begins(text[at:], name):
            return at
        at = text.find(name, at + 1)
    return -1


def parse(column: str, text: str, where: Where) -> Any:
    """Return the value of an edited cell: a text, a day, a weight or a field of work; or its `Problem`.

    Parameters
    ----------
    column
        The column's identifier; cells of units are read by `Register`.
    text
        The written cell.
    """
    if column == "due":
        return _day(text, where)
    if column == "weight":
        return _weight(text, where)
    if column == "field":
        return _field(text, where)
    longest = _LONGEST.get(column, 0)
    if not text and column in _MUST:
        return Problem(
            "empty", Text("内容不能为空。"), Text("请填写内容；要保留原样，填回原来的文字。"), where
        )
    if longest and len(text) > longest:
        what = Text("这一格有 {count} 个字，最多 {most} 个。", count=len(text), most=longest)
        return Problem("too-long", what, Text("请缩短后再导入。"), where, text[:60])
    return text


def _day(text: str, where: Where) -> Any:
    if not text:
        return None
    day = day_of(text)
    if day is not None and 1990 <= day.year <= 2200:
        return day
    return Problem(
        "not-a-day",
        Text("“{text}”不是完整的日期。", text=text),
        Text("请写成 2025-06-30、2025/6/30 或 2025年6月30日，年份不能省。"),
        where,
        text,
    )


def _weight(text: str, where: Where) -> Any:
    number = number_of(text)
    if number is not None and 0 <= number < _MANY and number == number.quantize(Decimal(1).scaleb(-_PLACES)):
        return number
    return Problem(
        "not-a-weight",
        Text("权重“{text}”不是可用的数字。", text=text),
        Text("请填写 0 至 9999 的数字，至多四位小数。"),
        where,
        text,
    )


def _field(text: str, where: Where) -> Any:
    labels = steps.field_labels()
    wanted = folded(text)
    found = next(
        (key for key, label in labels.items() if wanted in (folded(label.zh), folded(label.en), key)), None
    )
    if found is not None and text:
        return found
    return Problem(
        "not-a-field",
        Text("没有“{text}”这个领域。", text=text),
        Text("请从列表中选择：{words}。", words="、".join(label.zh for label in labels.values())),
        where,
        text,
    )


def role_of(text: str, where: Where) -> str | Problem:
    """Return the role that a cell names."""
    found = next((role for role in ROLES if text in _ROLE_WORDS[role]), None)
    if found is not None:
        return found
    return Problem(
        "not-a-role",
        Text("没有“{text}”这个角色。", text=text),
        Text("请填写牵头、责任或配合。"),
        where,
        text,
    )
