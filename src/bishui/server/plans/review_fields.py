"""The fields of a read plan: how each is shown, corrected and checked. Pure; see `rules/review.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from bishui.documents import normalise_deadline, split_units
from bishui.errors import DataError, Where
from bishui.i18n import Bilingual, Text

_LONGEST = {"line": 300, "text": 4000, "units": 2000, "deadline": 200}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record, as `rules/review.toml` says."""

    key: str
    label: Bilingual
    kind: str
    required: bool = False
    choices: Mapping[str, Bilingual] | None = None
    #: The field that holds what the written form means.
    means: str = ""
    #: The flag that makes the field take any text.
    unless: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it is edited in several lines."""
        return self.kind in ("text", "units")


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the plan's JSON."""

    key: str
    label: Bilingual
    names: Sequence[str]
    fields: Mapping[str, Field]
    same: Sequence[Sequence[str]] = ()
    #: The field that takes the text of the marked lines when a record is added; empty = none is added.
    add: str = ""
    single: bool = False


@cache
def listings() -> Mapping[str, Listing]:
    """Return the lists that are reviewed, in their order."""
    return {item["key"]: _listing(item) for item in _rules()["list"]}


def _listing(item: Mapping[str, Any]) -> Listing:
    return Listing(
        item["key"],
        Bilingual(item["label_zh"], item["label_en"]),
        item["names"],
        {field["key"]: _field(field) for field in item["field"]},
        item.get("same", ()),
        item.get("add", ""),
        item.get("single", False),
    )


def _field(item: Mapping[str, Any]) -> Field:
    choices = {
        each["value"]: Bilingual(each["label_zh"], each["label_en"]) for each in item.get("choices", [])
    }
    return Field(
        item["key"],
        Bilingual(item["label_zh"], item["label_en"]),
        item["kind"],
        item.get("required", False),
        choices or None,
        item.get("means", ""),
        item.get("unless", ""),
    )


def written(field: Field, value: Any) -> str:
    """Return the text that stands in the form for a value of the JSON; `parse` reads it again."""
    if value is None or value == "":
        return ""
    if field.kind == "units":
        return str(value["raw"])
    if field.kind == "path":
        return " › ".join(value)
    if field.kind == "names":
        return "、".join(value)
    if field.kind == "flag":
        return "1" if value else ""
    return str(value)


def shown(field: Field, value: Any) -> str:
    """Return a value for reading, in the current language."""
    if field.kind == "flag":
        return str(Text("是") if value else Text("否"))
    if field.kind == "choice" and field.choices and value in field.choices:
        return str(field.choices[value])
    if field.kind == "norm" and value:
        return norm_words(str(value))
    return written(field, value)


def norm_words(norm: str) -> str:
    """Return what a normalised deadline says, in the current language; a date stays a date."""
    for pattern, label in _norms():
        if match := pattern.fullmatch(norm):
            return str(label).format(**match.groupdict())
    return norm


@cache
def _norms() -> list[tuple[re.Pattern[str], Bilingual]]:
    return [(re.compile(item["pattern"]), Bilingual(item["zh"], item["en"])) for item in _rules()["norm"]]


@cache
def _rules() -> dict[str, Any]:
    path = Path(__file__).parent / "rules" / "review.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def parse(field: Field, text: str, record: Mapping[str, Any]) -> Any:
    """Return the value of the JSON that a typed text stands for.

    Parameters
    ----------
    field, text
        The field and what was typed.
    record
        The record as it stands, for fields that depend on another.

    Raises
    ------
    DataError
        If the field cannot hold it, with the way to write it.
    """
    text = text.strip()
    if field.required and not text:
        raise _wrong(field, Text("“{label}”不能为空。", label=field.label), Text("请按原文填写。"))
    limit = _LONGEST.get(field.kind, 300)
    if len(text) > limit:
        raise _wrong(
            field,
            Text(
                "“{label}”最多 {limit} 个字，现有 {count} 个字。",
                label=field.label,
                limit=limit,
                count=len(text),
            ),
            Text("请缩短后再保存。"),
        )
    if field.unless and record.get(field.unless):
        return text
    return _PARSERS.get(field.kind, _line)(field, text)


def follow(field: Field, value: Any, year: int | None) -> dict[str, Any]:
    """Return the fields that follow from a corrected one: the meaning of a deadline."""
    return {field.means: normalise_deadline(value, year)} if field.means else {}


def _wrong(field: Field, what: Text, remedy: Text) -> DataError:
    return DataError(what, remedy=remedy, where=Where(field=str(field.label)))


def _line(field: Field, text: str) -> str:
    return text if field.kind == "text" else re.sub(r"\s*\n\s*", "", text)


def _integer(field: Field, text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) > 9999:
        raise _wrong(
            field,
            Text("“{label}”应是整数，不能是“{text}”。", label=field.label, text=text),
            Text("请填写 0 至 9999 的整数。"),
        )
    return int(text)


def _number(field: Field, text: str) -> str | None:
    """Return a number with the digits that were typed."""
    if not text:
        return None
    try:
        finite = Decimal(text).is_finite()
    except InvalidOperation:
        finite = False
    if not finite or "e" in text.casefold():
        raise _wrong(
            field,
            Text("“{label}”应是数，不能是“{text}”。", label=field.label, text=text),
            Text("请只填数字；定性要求请把“定性目标”改为“是”。"),
        )
    return text


def _degrees(field: Field, text: str) -> str:
    if text and not re.fullmatch(r"\d{1,3}(?:\.\d{1,8})?", text):
        raise _wrong(
            field,
            Text("“{label}”应是十进制的度，不能是“{text}”。", label=field.label, text=text),
            Text("请写成 109.4250 这样的形式。"),
        )
    return text


def _day(field: Field, text: str) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _wrong(
            field,
            Text("“{text}”不是日期。", text=text),
            Text("请写成 2025-06-30 这样的形式。"),
        ) from None


def _norm(field: Field, text: str) -> str | None:
    if not text or any(pattern.fullmatch(text) for pattern, _ in _norms()):
        return text or None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _wrong(
            field,
            Text("“{text}”不是日期，也不是可用的时限写法。", text=text),
            Text(
                "请写日期如 2025-06-30，或 all year（全年）、every quarter（每季度）、"
                "every year 12-25（每年12月25日）、relative:+20 workdays（20个工作日内）。"
            ),
        ) from None


def _units(_field: Field, text: str) -> dict[str, Any]:
    return split_units(_line(_field, text)).to_json()


def _path(_field: Field, text: str) -> list[str]:
    return [part.strip() for part in re.split("[›>]", text) if part.strip()]


def _names(_field: Field, text: str) -> list[str]:
    return list(split_units(text).units)


def _flag(_field: Field, text: str) -> bool:
    return text in ("1", "on", "true")


def _choice(field: Field, text: str) -> str:
    if field.choices and text not in field.choices:
        raise _wrong(
            field,
            Text("“{text}”不在“{label}”的选项中。", text=text, label=field.label),
            Text("请从列出的选项中选择。"),
        )
    return text


_PARSERS: Mapping[str, Callable[[Field, str], Any]] = {
    "integer": _integer,
    "number": _number,
    "degrees": _degrees,
    "day": _day,
    "norm": _norm,
    "units": _units,
    "path": _path,
    "names": _names,
    "flag": _flag,
    "choice": _choice,
}
