"""The forms of the field page, from ``forms.toml``: what they ask for, and whether an answer can stand."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from bishui.errors import DataError, Problem, Where
from bishui.i18n import Bilingual, Text

_MOST_BOTTLES = 60


@cache
def forms() -> Mapping[str, dict[str, Any]]:
    """Return the forms by identifier, as the page draws them."""
    text = (Path(__file__).parent / "forms.toml").read_text(encoding="utf-8")
    return {form["id"]: form for form in tomllib.loads(text)["form"]}


def label(kind: str) -> Bilingual:
    """Return what a form is called."""
    form = forms()[kind]
    return Bilingual(form["label_zh"], form["label_en"])


def clean(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of a form as the records keep them; unanswered fields are left out.

    Raises
    ------
    DataError
        With every field that is missing or cannot stand.
    """
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in forms()[kind]["field"]:
        if not _is_asked(field, given):
            continue
        value = given.get(field["name"])
        if value in (None, "", []):
            if field.get("required"):
                problems.append(_problem(field, Text("“{label}”没有填写。", label=_label(field)), value))
            continue
        try:
            found[field["name"]] = _CLEANERS.get(field["type"], _text)(field, value)
        except (TypeError, ValueError, InvalidOperation):
            what = Text("“{label}”的值“{value}”不能接受。", label=_label(field), value=str(value)[:60])
            problems.append(_problem(field, what, value))
    if problems:
        title = label(kind)
        raise DataError(
            Text("表单“{form}”有 {n} 项需要更正。", form=title, n=len(problems)),
            remedy=Text("请在设备上打开该表单，按提示更正后重新提交。"),
            where=problems[0].where,
            problems=problems,
        )
    return found


def _is_asked(field: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    condition = field.get("when")
    return condition is None or given.get(condition[0]) == condition[1]


def _label(field: Mapping[str, Any]) -> Bilingual:
    return Bilingual(field["label_zh"], field["label_en"])


def _problem(field: Mapping[str, Any], what: Text, value: Any) -> Problem:
    raw = None if value is None else str(value)[:200]
    return Problem(
        "field-form", what, Text("请更正“{label}”。", label=_label(field)), Where(field=field["name"]), raw
    )


def _text(field: Mapping[str, Any], value: Any) -> str:
    text = str(value).strip()
    if not isinstance(value, str) or not text or len(text) > field.get("longest", 200):
        raise ValueError
    return text


def _choice(field: Mapping[str, Any], value: Any) -> str:
    if value not in {option["value"] for option in field["choice"]}:
        raise ValueError
    return str(value)


def _yesno(field: Mapping[str, Any], value: Any) -> str:
    if value not in ("yes", "no"):
        raise ValueError
    return str(value)


def _number(field: Mapping[str, Any], value: Any) -> Decimal:
    number = Decimal(str(value).strip())
    if not number.is_finite() or not Decimal(field["minimum"]) <= number <= Decimal(field["maximum"]):
        raise ValueError
    return number


def _many(field: Mapping[str, Any], value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError
    return [_choice(field, item) for item in value]


def _list(field: Mapping[str, Any], value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    if len(items) > _MOST_BOTTLES:
        raise ValueError
    return list(dict.fromkeys(_text(field, item) for item in items))


_CLEANERS = {
    "choice": _choice,
    "yesno": _yesno,
    "number": _number,
    "many": _many,
    "people": _list,
    "bottles": _list,
}
