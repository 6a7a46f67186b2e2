"""Settings of the models: coefficients and choices that no law fixes, each named, dated and sourced.

One file a topic in ``data``. Certainty: D = derived and checked by us, V = read in the source that is named,
M = from memory or our own choice, to be checked before a bureau relies on it. A bureau changes a setting for
one call by name, or for good by a file of its own (`read_own_settings`).
"""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bishui.errors import CallError, DataError, Problem, UnreadableFile, Where
from bishui.i18n import Bilingual, Text

DATA = Path(__file__).parent / "data"

#: Certainty of what the user sets: nobody but the user vouches for it.
_OWN = "M"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes
    ----------
    value
        A number, a flag or a word.
    unit
        Unit of the value, empty where it has none.
    source, certainty
        Where it comes from, and how sure that is (D, V, M).
    low, high
        Range that is published for it, where there is one.
    at_least, at_most, choices
        What it may take; None or empty: anything of its type.
    own
        Name of the bureau's file that set it; None: the value delivered.
    """

    name: str
    value: Any
    unit: str
    source: str
    certainty: str
    in_force_from: date
    label: Bilingual
    low: float | None = None
    high: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    choices: tuple[str, ...] = ()
    own: str | None = None

    @property
    def band(self) -> tuple[float, float]:
        """The published range; the value alone where none is published."""
        return (
            float(self.value) if self.low is None else self.low,
            float(self.value) if self.high is None else self.high,
        )

    def fault_of(self, value: Any) -> Text | None:
        """Return why the setting cannot take a value, or None."""
        if isinstance(self.value, bool) or isinstance(value, bool):
            fits = isinstance(self.value, bool) and isinstance(value, bool)
            return None if fits else Text("应为 true 或 false，且仅用于开关项")
        if isinstance(self.value, str):
            if value in self.choices or (not self.choices and isinstance(value, str)):
                return None
            return Text("应为以下之一：{choices}", choices="、".join(self.choices))
        if not isinstance(value, int | float) or not math.isfinite(value):
            return Text("应为有限的数")
        if self.at_least is not None and value < self.at_least:
            return Text("不得小于 {limit}", limit=self.at_least)
        if self.at_most is not None and value > self.at_most:
            return Text("不得大于 {limit}", limit=self.at_most)
        return None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "value": self.value,
            "unit": self.unit,
            "source": self.source,
            "certainty": self.certainty,
            "in_force_from": self.in_force_from.isoformat(),
            "label": self.label.both(),
            "low": self.low,
            "high": self.high,
            "own": self.own,
        }


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one topic on one day; `version` tells what was changed and is stored with results."""

    topic: str
    version: str
    settings: Mapping[str, Setting] = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        """Return the value of a setting."""
        return self.settings[name].value

    def number(self, name: str) -> float:
        """Return the value of a numeric setting."""
        return float(self.settings[name].value)

    def as_dict(self) -> dict[str, Any]:
        """Return the version and every setting with its source."""
        return {
            "topic": self.topic,
            "version": self.version,
            "settings": {name: setting.as_dict() for name, setting in self.settings.items()},
        }


@dataclass(frozen=True, slots=True)
class OwnValue:
    """A value that a bureau sets in its own file, and what it rests on."""

    topic: str
    name: str
    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """A checked file of a bureau's own settings: its name, what it rests on (依据文件), its values."""

    name: str
    basis: str
    values: tuple[OwnValue, ...]


def settings(topic: str, on: date | None = None, own: OwnSettings | None = None, **changes: Any) -> Settings:
    """Return the settings of a topic in force on a day.

    Parameters
    ----------
    topic
        Name of a file in ``data``: ``capacity``, ``decay``, ``dispersion`` …
    on
        The day; None means today.
    own
        A bureau's own settings; they come before those delivered.
    **changes
        Settings changed for this call, by name; they come before both.

    Raises
    ------
    CallError
        If there is no such topic or setting, or a value is not one that the setting may take.
    """
    if topic not in topics():
        raise CallError(
            Text("没有名为“{topic}”的模型设置。", topic=topic),
            remedy=Text("可用的设置：{names}。", names="、".join(topics())),
        )
    version, entries = _entries(topic)
    chosen = _in_force(entries, on or date.today())
    if own is not None:
        taken = {value.name: value for value in own.values if value.topic == topic}
        for name, value in taken.items():
            chosen[name] = dataclasses.replace(
                chosen[name],
                value=value.value,
                source=f"{own.name}（{own.basis}）：{value.source}",
                certainty=_OWN,
                own=own.name,
            )
        version += f"+{own.name}" if taken else ""
    return _changed(Settings(topic, version, MappingProxyType(chosen)), changes)


def topics() -> tuple[str, ...]:
    """Return the names of all topics."""
    return tuple(sorted(path.stem for path in DATA.glob("*.toml")))


def _changed(given: Settings, changes: Mapping[str, Any]) -> Settings:
    chosen = dict(given.settings)
    for name, value in changes.items():
        if name not in chosen:
            raise CallError(
                Text("“{topic}”没有名为“{name}”的设置。", topic=given.topic, name=name),
                remedy=Text("可用的设置：{names}。", names="、".join(sorted(chosen))),
            )
        fault = chosen[name].fault_of(value)
        if fault is not None:
            raise CallError(
                Text("设置“{name}”不能取“{value}”：{fault}。", name=name, value=value, fault=fault),
                remedy=Text(
                    "{label}，单位：{unit}。", label=chosen[name].label, unit=chosen[name].unit or "—"
                ),
            )
        chosen[name] = dataclasses.replace(
            chosen[name], value=value, source="set by the user", certainty=_OWN
        )
    real = {name: value for name, value in changes.items() if given[name] != value}
    suffix = "".join(f"+{name}={value}" for name, value in sorted(real.items()))
    return Settings(given.topic, given.version + suffix, MappingProxyType(chosen))


def _in_force(entries: Sequence[Setting], on: date) -> dict[str, Setting]:
    """Return the latest entry of each name that has begun; before the first, the first."""
    chosen: dict[str, Setting] = {}
    for entry in sorted(entries, key=lambda entry: entry.in_force_from):
        if entry.name not in chosen or entry.in_force_from <= on:
            chosen[entry.name] = entry
    return chosen


@cache
def _entries(topic: str) -> tuple[str, tuple[Setting, ...]]:
    content = _toml(DATA / f"{topic}.toml")
    return content["version"], tuple(_setting(entry) for entry in content["setting"])


def _setting(entry: Mapping[str, Any]) -> Setting:
    return Setting(
        name=entry["name"],
        value=entry["value"],
        unit=entry["unit"],
        source=entry["source"],
        certainty=entry["certainty"],
        in_force_from=entry["in_force_from"],
        label=Bilingual(entry["label_zh"], entry["label_en"]),
        low=entry.get("low"),
        high=entry.get("high"),
        at_least=entry.get("at_least"),
        at_most=entry.get("at_most"),
        choices=tuple(entry.get("choices", ())),
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UnreadableFile(
            Text("设置文件读不出来：{fault}。", fault=fault),
            remedy=Text("请核对该文件是否存在、是否为正确的 TOML。"),
            where=Where(file=str(path)),
        ) from fault


def read_own_settings(path: Path) -> OwnSettings:
    """Read a bureau's own settings: ``name``, ``basis`` and ``[[setting]]`` of topic, name, value, source.

    Raises
    ------
    UnreadableFile
        If the file is missing or is not TOML.
    DataError
        With every fault: a missing head, an unknown topic or name, a value that the setting may not take.
    """
    content = _toml(path)
    problems = [
        Problem(
            "missing-field", Text("缺少“{head}”。", head=head), Text("请补上。"), Where(str(path), field=head)
        )
        for head in ("name", "basis")
        if not isinstance(content.get(head), str) or not content[head]
    ]
    values: list[OwnValue] = []
    for number, entry in enumerate(content.get("setting", []), 1):
        fault = _own_fault(entry)
        if fault is None:
            values.append(OwnValue(entry["topic"], entry["name"], entry["value"], entry["source"]))
        else:
            what = Text("第 {number} 项设置：{fault}。", number=number, fault=fault)
            remedy = Text("请更正后重新读入；本文件尚未生效。")
            problems.append(Problem("setting", what, remedy, Where(str(path)), raw=str(entry)))
    if problems:
        raise DataError(
            Text("设置文件有 {count} 处错误，未采用。", count=len(problems)),
            remedy=Text("请逐处更正。"),
            where=Where(file=str(path)),
            problems=problems,
        )
    return OwnSettings(content["name"], content["basis"], tuple(values))


def _own_fault(entry: Mapping[str, Any]) -> Text | None:
    lacking = [head for head in ("topic", "name", "value", "source") if head not in entry]
    if lacking:
        return Text("缺少 {heads}", heads="、".join(lacking))
    if entry["topic"] not in topics():
        return Text("没有名为“{topic}”的模型设置", topic=entry["topic"])
    known = {setting.name: setting for setting in _entries(entry["topic"])[1]}
    if entry["name"] not in known:
        return Text("“{topic}”没有名为“{name}”的设置", topic=entry["topic"], name=entry["name"])
    fault = known[entry["name"]].fault_of(entry["value"])
    return fault and Text("{name} = {value} {fault}", name=entry["name"], value=entry["value"], fault=fault)
