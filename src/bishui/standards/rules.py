"""Rules of assessment that are not limits: named, dated, editable settings, each with its source.

Every method beside the class of a section (ranking, zones, sources, ecological flow, trends …) has one file
in ``data/rules``. What is marked C there comes from memory or is our own choice; a bureau changes it by name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.standards.editions import DATA, in_force, read_toml
from bishui.standards.local import Override

RULES = DATA / "rules"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its value, where it comes from, and how sure that is (A, B, C).

    `choices` are the words that it may take, where it may not take any; `override` names the bureau's file
    that set it, `national` is then the value that it stands for.
    """

    name: str
    value: Any
    source: str
    certainty: str
    label: Bilingual | None = None
    choices: tuple[Any, ...] = ()
    override: str | None = None
    national: Any = None


@dataclass(frozen=True, slots=True)
class Rules:
    """One edition of the rules of one method.

    Attributes
    ----------
    key
        Name of the method, shared by all editions: ``cwqi``, ``function_zone`` …
    version
        Edition, followed by the settings that were changed, if any; stored with every result.
    settings
        Every setting by name, with its source.
    """

    key: str
    version: str
    name_zh: str
    name_en: str
    in_force_from: date
    source: str
    settings: Mapping[str, Setting] = field(repr=False)

    @property
    def edition(self) -> str:
        """The name of the edition."""
        return self.version

    @property
    def name(self) -> Text:
        """The name of the method in words."""
        return Text(self.name_zh)

    def __getitem__(self, name: str) -> Any:
        """Return the value of a setting: text, whole number, decimal, flag, or tuple of such."""
        return self.settings[name].value

    def with_settings(self, **changes: Any) -> Rules:
        """Return the rules with some settings changed by name; the version tells which.

        Raises
        ------
        CallError
            If a name is not a setting.
        """
        settings, version = changed(self.settings, self.version, changes)
        return dataclasses.replace(self, settings=settings, version=version)

    def as_dict(self) -> dict[str, Any]:
        """Return the version and every setting with its source, for results and JSON."""
        return {
            "key": self.key,
            "version": self.version,
            "name": {"zh": self.name_zh, "en": self.name_en},
            "source": self.source,
            "settings": {
                name: {
                    "value": list(setting.value) if isinstance(setting.value, tuple) else setting.value,
                    "source": setting.source,
                    "certainty": setting.certainty,
                }
                for name, setting in self.settings.items()
            },
        }


def changed(
    settings: Mapping[str, Setting], version: str, changes: Mapping[str, Any]
) -> tuple[Mapping[str, Setting], str]:
    """Return settings with some of them changed, and the version that says so; equal values change nothing.

    Raises
    ------
    CallError
        If a name is not a setting.
    """
    for name in changes:
        if name not in settings:
            raise CallError(
                Text("评价办法没有名为“{name}”的设置。", name=name),
                remedy=Text("可用的设置：{names}。", names="、".join(sorted(settings))),
            )
    real = {name: value for name, value in changes.items() if settings[name].value != value}
    if not real:
        return settings, version
    chosen = {
        name: dataclasses.replace(setting, value=real[name], source="set by the user", certainty="C")
        if name in real
        else setting
        for name, setting in settings.items()
    }
    suffix = "+".join(f"{name}={value}" for name, value in sorted(real.items()))
    return MappingProxyType(chosen), f"{version}+{suffix}"


def overridden(
    settings: Mapping[str, Setting], version: str, override: Override | None, key: str, on: date
) -> tuple[Mapping[str, Setting], str]:
    """Return settings as a bureau's file sets them on a day, and the version that names the file."""
    own = override.settings_on(key, on) if override else {}
    if override is None or not own:
        return settings, version
    chosen = {
        name: dataclasses.replace(
            setting,
            value=own[name].value,
            source=override.said_of(own[name].source),
            certainty="A",
            override=override.name,
            national=setting.value,
        )
        if name in own
        else setting
        for name, setting in settings.items()
    }
    return MappingProxyType(chosen), f"{version}+{override.version}"


def settings_of(edition: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Setting]:
    """Return the settings of an edition; what it does not name it takes from the one that it extends."""
    settings: dict[str, Setting] = {}
    if "extends" in edition:
        parent = next(entry for entry in content["edition"] if entry["version"] == edition["extends"])
        settings.update(settings_of(parent, content))
    for entry in content["setting"]:
        if entry["edition"] == edition["version"]:
            value = tuple(entry["value"]) if isinstance(entry["value"], list) else entry["value"]
            label = Bilingual(entry["label_zh"], entry.get("label_en", "")) if "label_zh" in entry else None
            choices = tuple(entry.get("choices", ()))
            settings[entry["name"]] = Setting(
                entry["name"], value, entry["source"], entry["certainty"], label, choices
            )
    return settings


@cache
def _editions(path: Path) -> tuple[Rules, ...]:
    content = read_toml(path)
    return tuple(
        Rules(
            key=path.stem,
            version=edition["version"],
            name_zh=edition["name_zh"],
            name_en=edition["name_en"],
            in_force_from=edition["in_force_from"],
            source=edition["source"],
            settings=MappingProxyType(settings_of(edition, content)),
        )
        for edition in content["edition"]
    )


def rule_keys() -> tuple[str, ...]:
    """Return the names of all methods that have rules."""
    return tuple(sorted(path.stem for path in RULES.glob("*.toml")))


def rule_editions(key: str) -> tuple[Rules, ...]:
    """Return every edition of the rules of a method, in the order of its file."""
    return _editions(RULES / f"{key}.toml")


def rules(key: str, on: date, override: Override | None = None, **changes: Any) -> Rules:
    """Return the rules of a method in force on a day, with settings changed by name.

    A bureau's own file comes before the national rules, and `changes` before both; the version tells either.

    Raises
    ------
    NotInForce
        If the day lies before the first edition.
    CallError
        If there is no such method, or a changed name is not one of its settings.
    """
    if key not in rule_keys():
        raise CallError(
            Text("没有名为“{name}”的评价办法。", name=key),
            remedy=Text("可用的办法：{names}。", names="、".join(rule_keys())),
        )
    national = in_force(rule_editions(key), on, key)
    settings, version = overridden(national.settings, national.version, override, key, on)
    return dataclasses.replace(national, settings=settings, version=version).with_settings(**changes)
