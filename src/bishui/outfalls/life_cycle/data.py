"""The rules of the life cycle, read from the room's data file, with their source and certainty."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from bishui.i18n import Bilingual


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that a bureau may change, with where it is from."""

    name: str
    value: Any
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Condition:
    """When a requirement is asked: `key` has one of `values`; without values, it is filled."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that must be filled; with `values`, with one of these."""

    key: str
    label: Bilingual
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that a step must have.

    Attributes
    ----------
    test
        How it is tested; see `requirements`.
    when
        All must hold for it to be asked.
    since
        Field with the day since which records count; empty = the whole round.
    params
        What else the test needs, as in the data file.
    """

    id: str
    test: str
    label: Bilingual
    when: tuple[Condition, ...]
    fields: tuple[Field, ...]
    since: str
    params: Mapping[str, Any]
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Category:
    """A remediation category (整治类型).

    Attributes
    ----------
    grounds
        Problems for which it is the usual answer.
    types
        Types of HJ 1312-2023 for which it is.
    mouth_gone
        Whether the mouth is sealed or removed by it.
    """

    id: str
    label: Bilingual
    local: str
    grounds: tuple[str, ...]
    types: tuple[str, ...]
    mouth_gone: bool
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """What opens a closed outfall again (反弹); `test` is empty where people say so."""

    id: str
    label: Bilingual
    test: str
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class CustodyStep:
    """A step in the chain of custody (样品流转)."""

    id: str
    label: Bilingual
    repeats: bool
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class LifeCycle:
    """All rules of the life cycle, by id and in the order of the file."""

    settings: Mapping[str, Setting]
    requirements: Mapping[str, Requirement]
    categories: Mapping[str, Category]
    triggers: Mapping[str, Trigger]
    custody: Mapping[str, CustodyStep]
    abnormalities: Mapping[str, Bilingual]
    trace_methods: Mapping[str, Bilingual]
    #: Cubic metres a day in one of each unit of flow, by its spelling.
    flow_units: Mapping[str, Decimal]

    def setting(self, name: str) -> Any:
        """Return the value of a setting."""
        return self.settings[name].value


@cache
def life_cycle() -> LifeCycle:
    """Return the rules of ``data/life_cycle.toml``."""
    return parse(tomllib.loads((files("bishui.outfalls") / "data" / "life_cycle.toml").read_text("utf-8")))


def parse(data: Mapping[str, Any]) -> LifeCycle:
    """Build the rules from a file's content."""
    return LifeCycle(
        settings={item["name"]: Setting(**item) for item in data["setting"]},
        requirements={item["id"]: _requirement(item) for item in data["requirement"]},
        categories={item["id"]: _category(item) for item in data["category"]},
        triggers={
            item["id"]: Trigger(item["id"], _label(item), item["test"], item["source"], item["certainty"])
            for item in data["trigger"]
        },
        custody={
            item["id"]: CustodyStep(
                item["id"], _label(item), item.get("repeats", False), item["source"], item["certainty"]
            )
            for item in data["custody"]
        },
        abnormalities={item["id"]: _label(item) for item in data["abnormality"]},
        trace_methods={item["id"]: _label(item) for item in data["trace_method"]},
        flow_units={
            spelling: Decimal(str(item["per_day"]))
            for item in data["flow_unit"]
            for spelling in item["spellings"]
        },
    )


def _label(item: Mapping[str, Any]) -> Bilingual:
    return Bilingual(item["label_zh"], item.get("label_en", ""))


def _requirement(item: Mapping[str, Any]) -> Requirement:
    named = {"id", "test", "label_zh", "label_en", "when", "fields", "since", "source", "certainty"}
    return Requirement(
        id=item["id"],
        test=item["test"],
        label=_label(item),
        when=tuple(Condition(one["key"], tuple(one.get("values", ()))) for one in item.get("when", [])),
        fields=tuple(
            Field(one["key"], _label(one), tuple(one.get("values", ()))) for one in item.get("fields", [])
        ),
        since=item.get("since", ""),
        params={key: value for key, value in item.items() if key not in named},
        source=item["source"],
        certainty=item["certainty"],
    )


def _category(item: Mapping[str, Any]) -> Category:
    return Category(
        id=item["id"],
        label=_label(item),
        local=item["local_zh"],
        grounds=tuple(item["grounds"]),
        types=tuple(item["types"]),
        mouth_gone=item["mouth_gone"],
        source=item["source"],
        certainty=item["certainty"],
    )
