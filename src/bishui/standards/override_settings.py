"""A bureau's own settings of the methods, entry by entry: known, of the same kind, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bishui.i18n import Text
from bishui.standards.local import OwnSetting
from bishui.standards.methods import METHOD, methods
from bishui.standards.override_entries import Reading, WrongEntry, check_fields, days_of, text_of
from bishui.standards.rules import Setting, rule_editions, rule_keys

_SETTING = {"rules", "name", "value", "source", "in_force_from", "in_force_to"}


def own_setting(entry: Mapping[str, Any], reading: Reading) -> OwnSetting:
    """Return one of the bureau's own settings from its entry."""
    check_fields(entry, _SETTING)
    first, last = days_of(entry, reading)
    key, name = text_of(entry, "rules"), text_of(entry, "name")
    known = _known_settings(key)
    if name not in known:
        raise WrongEntry(
            "unknown-setting",
            Text("“{rules}”没有名为“{name}”的设置。", rules=key, name=name),
            Text("可用的设置：{names}。", names="、".join(sorted(known))),
            "name",
            name,
        )
    if "value" not in entry:
        raise WrongEntry("missing-value", Text("没有写 value。"), Text("请写设置的值。"), "value")
    value = _setting_value(known[name], entry["value"])
    return OwnSetting(key, name, value, text_of(entry, "source"), first, last)


def _known_settings(key: str) -> Mapping[str, Setting]:
    """Return the settings of all editions of a method by name."""
    if key == METHOD:
        return {setting.name: setting for method in methods().values() for setting in method.settings}
    if key not in rule_keys():
        raise WrongEntry(
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
        raise WrongEntry(
            "not-a-choice",
            Text("“{name}”不能设为“{value}”。", name=setting.name, value=value),
            Text("可用的值：{names}。", names="、".join(map(str, setting.choices))),
            "value",
            value,
        )
    if not _same_kind(setting.value, value):
        raise WrongEntry(
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
