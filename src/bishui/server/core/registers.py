"""Registers (台账): fields with type, unit, range and help stand once; everything else comes from them.

A register is a TOML file in an app's ``registers`` folder. From it come the form, the list, the import
template (which is also the export), the API schema, the validation messages and the documentation.
There is one validation, `parse`, used by the form, the import and the API alike.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps

from bishui.errors import Problem, Where
from bishui.i18n import Bilingual, Text
from bishui.server.core.records import OwnedRecord

TYPES = ("text", "choice", "integer", "decimal", "date", "reference")
#: Types whose blank is an empty text; of the others it is None.
_BLANK_IS_TEXT = ("text", "choice", "reference")


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value with its names; any of them, or the value itself, may be written in a file."""

    value: str
    label: Bilingual


@dataclass(frozen=True, slots=True)
class Condition:
    """That the choice `field` of the same record has one of `values`."""

    field: str
    values: frozenset[str]

    def holds(self, record: Mapping[str, Any]) -> bool:
        """Tell whether it holds for a record given by field name."""
        return record.get(self.field) in self.values


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a register.

    Attributes
    ----------
    type
        One of `TYPES`; ``reference`` holds the key of a record of the register `register`.
    digits
        Digits after the point that a decimal may have.
    when
        Where it does not hold, the record has no such field: it is not shown and stays blank.
    required_when
        Where it holds, the field must be given.
    among
        For a reference: the condition that the referenced record has to meet.
    distinct
        No two records of a file may have the same value, however it is written.
    """

    name: str
    type: str
    label: Bilingual
    help: Bilingual
    unit: str = ""
    required: bool = False
    in_list: bool = True
    choices: tuple[Choice, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    max_length: int = 200
    digits: int = 10
    pattern: str = ""
    register: str = ""
    #: For a reference: the attribute of the referenced record that is kept; empty = its key.
    stores: str = ""
    when: Condition | None = None
    required_when: Condition | None = None
    among: Condition | None = None
    distinct: bool = False

    def applies(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a record, given by field name, has this field."""
        return self.when is None or self.when.holds(record)

    def for_record(self, record: Mapping[str, Any]) -> Field:
        """Return the field as it is for one record: required, where the record's kind asks for it."""
        needed = self.required_when is not None and self.required_when.holds(record)
        return replace(self, required=True) if needed else self

    @property
    def heads(self) -> tuple[str, ...]:
        """The column heads by which a file may name this field."""
        return (self.label.zh, self.label.en, self.name)

    def choice_label(self, value: Any) -> str:
        """Return the name of a choice in the current language."""
        return next((str(choice.label) for choice in self.choices if choice.value == value), str(value or ""))


@dataclass(frozen=True, slots=True)
class Register:
    """One register: its model, its key field, its fields and the rights it asks for."""

    key: str
    model_label: str
    title: Bilingual
    help: Bilingual
    key_field: str
    name_field: str
    view_right: str
    edit_right: str
    fields: tuple[Field, ...]
    #: A record without a key is a new one, and its model gives the key (`OwnedRecord.assign_keys`).
    assigns_keys: bool = False

    @property
    def model(self) -> type[OwnedRecord]:
        """The Django model of the records."""
        return apps.get_model(self.model_label)

    def field(self, name: str) -> Field:
        """Return a field by its name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def divider(self) -> Field | None:
        """The choice that decides which fields a record has; None where all have the same."""
        names = {field.when.field for field in self.fields if field.when is not None}
        return self.field(names.pop()) if names else None

    def narrowed(self, value: str) -> Register:
        """Return the register with the fields of one kind of record, `value` of its divider.

        Where there is no divider or no such kind, it is returned as it is.
        """
        divider = self.divider
        if divider is None or value not in {choice.value for choice in divider.choices}:
            return self
        kind = {divider.name: value}
        fields = tuple(field.for_record(kind) for field in self.fields if field.applies(kind))
        return replace(self, fields=fields)

    def field_of_head(self, head: str) -> Field | None:
        """Return the field that a column head names, or None."""
        wanted = fold(head)
        for field in self.fields:
            if wanted in {fold(name) for name in field.heads}:
                return field
        return None

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of one record, for the API's documentation."""
        properties = {field.name: _json_type(field) for field in self.fields}
        required = [field.name for field in self.fields if field.required]
        return {"type": "object", "title": self.title.en, "properties": properties, "required": required}


def fold(text: str) -> str:
    """Return a head, or a value that may stand once, in the form in which two are compared."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s*]|\(.*?\)", "", folded)


def _json_type(field: Field) -> dict[str, Any]:
    kind = "integer" if field.type == "integer" else "string"
    found: dict[str, Any] = {
        "type": kind if field.required or field.type in _BLANK_IS_TEXT else [kind, "null"],
        "title": field.label.en,
        "description": f"{field.help.zh} {field.help.en}".strip(),
    }
    if field.type == "date":
        found["format"] = "date"
    if field.type == "text":
        found["maxLength"] = field.max_length
    if field.choices:
        found["enum"] = [*(choice.value for choice in field.choices), *([] if field.required else [""])]
    return found


def _bilingual(data: Mapping[str, Any], stem: str) -> Bilingual:
    return Bilingual(data.get(f"{stem}_zh", ""), data.get(f"{stem}_en", ""))


def _condition(data: Mapping[str, Any] | None) -> Condition | None:
    """Return the condition of ``{ field = [values] }``."""
    if data is None:
        return None
    ((field, values),) = data.items()
    return Condition(field, frozenset(values))


def _field(data: Mapping[str, Any]) -> Field:
    if data["type"] not in TYPES:
        raise ValueError(f"unknown field type {data['type']!r}")
    return Field(
        name=data["name"],
        type=data["type"],
        label=_bilingual(data, "label"),
        help=_bilingual(data, "help"),
        unit=data.get("unit", ""),
        required=data.get("required", False),
        in_list=data.get("in_list", True),
        choices=tuple(Choice(item["value"], _bilingual(item, "label")) for item in data.get("choice", [])),
        minimum=data.get("minimum"),
        maximum=data.get("maximum"),
        max_length=data.get("max_length", 200),
        digits=data.get("digits", 10),
        pattern=data.get("pattern", ""),
        register=data.get("register", ""),
        stores=data.get("stores", ""),
        when=_condition(data.get("when")),
        required_when=_condition(data.get("required_when")),
        among=_condition(data.get("among")),
        distinct=data.get("distinct", False),
    )


@cache
def load_all() -> Mapping[str, Register]:
    """Return every register that the installed apps define.

    A field may take its choices from a field of another register (``choices_of = "register.field"``).
    """
    found: dict[str, Register] = {}
    borrowed: list[tuple[str, str, str]] = []
    for app in apps.get_app_configs():
        for path in sorted((Path(app.path) / "registers").glob("*.toml")):
            data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
            found[data["key"]] = Register(
                key=data["key"],
                model_label=data["model"],
                title=_bilingual(data, "title"),
                help=_bilingual(data, "help"),
                key_field=data["key_field"],
                name_field=data["name_field"],
                view_right=data["view_right"],
                edit_right=data["edit_right"],
                fields=tuple(_field(item) for item in data["field"]),
                assigns_keys=data.get("assigns_keys", False),
            )
            borrowed += [
                (data["key"], item["name"], item["choices_of"])
                for item in data["field"]
                if "choices_of" in item
            ]
    for key, name, lender in borrowed:
        found[key] = _with_choices(found[key], name, found[lender.split(".")[0]], lender.split(".")[1])
    return found


def _with_choices(register: Register, name: str, lender: Register, lent: str) -> Register:
    choices = lender.field(lent).choices
    fields = tuple(
        replace(field, choices=choices) if field.name == name else field for field in register.fields
    )
    return replace(register, fields=fields)


def parse(field: Field, raw: Any, where: Where | None = None) -> Any:
    """Return the value that `raw` (a text from a form, a file or the API) means for `field`.

    A blank optional field gives None, or an empty text where the field is a text.

    Returns
    -------
    str, int, Decimal, date, None or Problem
        A `bishui.errors.Problem` where the text cannot be that field's value.
    """
    written = str(raw).strip() if raw is not None else ""
    # Names stay as they were written; numbers, dates, choices and codes are compared in one form.
    is_name = field.type == "text" and not field.pattern
    text = written if is_name else unicodedata.normalize("NFKC", written).strip()
    place = where or Where(field=str(field.label))
    if not text:
        if field.required:
            return _problem("required", Text("“{label}”不能为空。", label=field.label), field, place, "")
        return "" if field.type in _BLANK_IS_TEXT else None
    return _PARSERS[field.type](field, text, place)


def _problem(code: str, what: Text, field: Field, where: Where, raw: str) -> Problem:
    remedy = Text("{help}", help=field.help) if field.help.zh else Text("请按模板的填写说明修改。")
    return Problem(code, what, remedy, where, raw)


#: Characters that neither a workbook nor PostgreSQL can hold; tabs and line breaks may stand.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _text(field: Field, text: str, where: Where) -> str | Problem:
    if len(text) > field.max_length:
        what = Text("“{label}”超过 {n} 个字：{text}", label=field.label, n=field.max_length, text=text[:40])
        return _problem("too-long", what, field, where, text)
    if _CONTROL.search(text):
        shown = _CONTROL.sub("□", text)
        what = Text("“{label}”含有不可见的控制字符：{text}", label=field.label, text=shown)
        return _problem("control-character", what, field, where, shown)
    if field.pattern and not re.fullmatch(field.pattern, text):
        return _problem(
            "pattern", Text("“{text}”不是有效的{label}。", text=text, label=field.label), field, where, text
        )
    return text


def _choice(field: Field, text: str, where: Where) -> str | Problem:
    wanted = fold(text)
    for choice in field.choices:
        if wanted in (fold(choice.value), fold(choice.label.zh), fold(choice.label.en)):
            return choice.value
    allowed = "、".join(choice.label.zh for choice in field.choices)
    what = Text("“{label}”只能是 {allowed}，不能是“{text}”。", label=field.label, allowed=allowed, text=text)
    return _problem("choice", what, field, where, text)


#: A number as people write it: commas only between groups of three digits, an exponent of two digits.
_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?([eE][-+]?\d{1,2})?")


def _decimal(field: Field, text: str, where: Where) -> Decimal | Problem:
    text = text.replace("−", "-")
    try:
        value = Decimal(text.replace(",", "")) if _NUMBER.fullmatch(text) else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        return _problem("number", Text("“{text}”不是数字。", text=text), field, where, text)
    if (field.minimum is not None and value < field.minimum) or (
        field.maximum is not None and value > field.maximum
    ):
        return _problem("range", _out_of_range(field, text), field, where, text)
    if -int(value.as_tuple().exponent) > field.digits:
        what = Text("“{label}”最多 {n} 位小数：{text}", label=field.label, n=field.digits, text=text)
        return _problem("digits", what, field, where, text)
    return value


def _out_of_range(field: Field, text: str) -> Text:
    if field.maximum is None:
        return Text("“{label}”不能小于 {low}：{text}", label=field.label, low=field.minimum, text=text)
    if field.minimum is None:
        return Text("“{label}”不能大于 {high}：{text}", label=field.label, high=field.maximum, text=text)
    return Text(
        "“{label}”应在 {low} 与 {high} 之间，不能是 {text}。",
        label=field.label,
        low=field.minimum,
        high=field.maximum,
        text=text,
    )


def _integer(field: Field, text: str, where: Where) -> int | Problem:
    value = _decimal(field, text, where)
    if isinstance(value, Problem):
        return value
    if value != value.to_integral_value():
        return _problem("integer", Text("“{text}”不是整数。", text=text), field, where, text)
    return int(value)


def _date(field: Field, text: str, where: Where) -> date | Problem:
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00:00)?", text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    return _problem("date", Text("“{text}”不是日期，应写作 2025-06-30。", text=text), field, where, text)


_PARSERS = {
    "text": _text,
    "reference": _text,
    "choice": _choice,
    "decimal": _decimal,
    "integer": _integer,
    "date": _date,
}
