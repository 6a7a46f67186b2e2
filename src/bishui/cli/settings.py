"""``--set NAME=VALUE`` of the commands over tables: the method and every set of rules that a command uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bishui.cli.tables import setting_changes
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Method, Override, Rules, method, methods, rules

#: The name of the method's settings where one is qualified: ``section_class.round_before_compare``.
METHOD = "section_class"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person sets.

    Attributes
    ----------
    method
        The method with its changes; None (by date) where none of its settings is changed.
    changes
        Changed settings of each set of rules.
    """

    method: Method | None
    changes: Mapping[str, Mapping[str, Any]]

    def of(self, key: str) -> dict[str, Any]:
        """Return the changes of one set of rules."""
        return dict(self.changes.get(key, {}))

    def rules(self, key: str, on: date, override: Override | None = None) -> Rules:
        """Return the rules of a day with a bureau's own settings and these changes."""
        return rules(key, on, override, **self.of(key))


def chosen_method(settings: tuple[str, ...]) -> Method | None:
    """Return the latest method with settings changed; None (by date) where nothing is changed."""
    if not settings:
        return None
    latest = max(methods().values(), key=lambda edition: edition.in_force_from)
    current = {setting.name: setting.value for setting in latest.settings}
    return method(latest.in_force_from, **setting_changes(settings, current))


def settings_of(texts: tuple[str, ...], keys: Sequence[str], on: date) -> Settings:
    """Return which of the method and some sets of rules the ``NAME=VALUE`` texts change.

    A name that two of them have is qualified: ``shares.decimals=2``.

    Parameters
    ----------
    texts
        The texts.
    keys
        The sets of rules that the command uses.
    on
        Day whose rules tell the names and kinds of the settings.

    Raises
    ------
    CallError
        If a text is no setting, or its name is unknown or that of several settings.
    """
    current = {METHOD: {setting.name: setting.value for setting in method(on).settings}}
    for key in keys:
        current[key] = {name: setting.value for name, setting in rules(key, on).settings.items()}
    sorted_texts: dict[str, list[str]] = {}
    for text in texts:
        key, own = _placed(text, current)
        sorted_texts.setdefault(key, []).append(own)
    of_method = tuple(sorted_texts.pop(METHOD, ()))
    changes = {key: setting_changes(tuple(own), current[key]) for key, own in sorted_texts.items()}
    return Settings(chosen_method(of_method), changes)


def _placed(text: str, current: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """Return which set of rules a text is of, and the text without that name."""
    name, sign, value = text.partition("=")
    qualifier, dot, own = name.partition(".")
    if dot and qualifier in current:
        return qualifier, f"{own}{sign}{value}"
    there = [key for key, settings in current.items() if name in settings]
    if len(there) == 1 or not sign:
        return (there or [METHOD])[0], text
    if there:
        raise CallError(
            Text("设置“{name}”同时属于 {keys}。", name=name, keys="、".join(there)),
            remedy=Text("请写明属于哪一个，如 {key}.{name}=值。", key=there[0], name=name),
        )
    known = "、".join(f"{key}.{one}" for key, settings in current.items() for one in settings)
    raise CallError(
        Text("没有名为“{name}”的设置。", name=name), remedy=Text("可用的设置：{names}。", names=known)
    )
