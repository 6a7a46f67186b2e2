"""Indicators that plans set numbers for: named inputs with units, and a formula, as data."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.standards.editions import read_toml
from bishui.standards.rules import RULES

_FILE = RULES / "indicators.toml"


@dataclass(frozen=True, slots=True)
class IndicatorInput:
    """One input of an indicator.

    Attributes
    ----------
    key, name
        Identifier and name in both languages.
    unit
        Unit that the formula takes.
    each
        A list with one entry for each works, district or body.
    optional
        Another input may stand for it.
    setting
        Setting that stands for it where it is not given.
    default
        Number that stands for it where it is not given.
    """

    key: str
    name: Bilingual
    unit: str
    each: bool = False
    optional: bool = False
    setting: str | None = None
    default: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator (规划指标).

    Attributes
    ----------
    key, name, unit, decimals
        Identifier, name, unit of the result and the digits that it is printed with.
    at_least
        True where a target is a least value (不低于), False where it is a greatest (不高于).
    formula, text
        Name of the function, and the formula in words.
    roles
        Which input the function takes as what.
    inputs
        By key, in the order of the file.
    warn_above, warning
        A result above this number is shown with the warning.
    source, certainty
        Where the formula comes from and how sure that is.
    """

    key: str
    name: Bilingual
    unit: str
    decimals: int
    at_least: bool
    formula: str
    text: Bilingual
    roles: Mapping[str, str]
    inputs: Mapping[str, IndicatorInput]
    warn_above: Decimal | None
    warning: Bilingual | None
    source: str
    certainty: str


@cache
def _content() -> Mapping[str, Any]:
    return read_toml(_FILE)


@cache
def indicators() -> Mapping[str, Indicator]:
    """Return every indicator by key, in the order of the file."""
    return MappingProxyType({entry["key"]: _indicator(entry) for entry in _content()["indicator"]})


def indicator(key: str) -> Indicator:
    """Return one indicator.

    Raises
    ------
    CallError
        If there is none of that key.
    """
    if key not in indicators():
        raise CallError(
            Text("没有名为“{name}”的指标。", name=key),
            remedy=Text("可用的指标：{names}。", names="、".join(indicators())),
        )
    return indicators()[key]


def find_indicator(text: str) -> Indicator:
    """Return the indicator of a key or of a name in either language.

    Raises
    ------
    CallError
        If none is called so.
    """
    wanted = _plain(text)
    for found in indicators().values():
        if wanted in map(_plain, (found.key, found.name.zh, found.name.en)):
            return found
    raise CallError(
        Text("没有名为“{name}”的指标。", name=text),
        remedy=Text("可用的指标：{names}。", names="、".join(str(one.name) for one in indicators().values())),
    )


def _indicator(entry: Mapping[str, Any]) -> Indicator:
    warned = "warning_zh" in entry
    return Indicator(
        key=entry["key"],
        name=Bilingual(entry["name_zh"], entry["name_en"]),
        unit=entry["unit"],
        decimals=entry["decimals"],
        at_least=entry["at_least"],
        formula=entry["formula"],
        text=Bilingual(entry["formula_zh"], entry["formula_en"]),
        roles=MappingProxyType(dict(entry["roles"])),
        inputs=MappingProxyType({given["key"]: _input(given) for given in entry["inputs"]}),
        warn_above=Decimal(entry["warn_above"]) if "warn_above" in entry else None,
        warning=Bilingual(entry["warning_zh"], entry["warning_en"]) if warned else None,
        source=entry["source"],
        certainty=entry["certainty"],
    )


def _input(entry: Mapping[str, Any]) -> IndicatorInput:
    return IndicatorInput(
        key=entry["key"],
        name=Bilingual(entry["name_zh"], entry["name_en"]),
        unit=entry["unit"],
        each=entry.get("each", False),
        optional=entry.get("optional", False),
        setting=entry.get("setting"),
        default=Decimal(entry["default"]) if "default" in entry else None,
    )


def _plain(unit: str) -> str:
    return "".join(unicodedata.normalize("NFKC", unit).casefold().split())


@cache
def _groups() -> Mapping[str, tuple[str, Mapping[str, Decimal]]]:
    """Return group name and factors by the unit that a group is kept in."""
    groups = {}
    for name, factors in _content()["unit"].items():
        plain = {_plain(unit): Decimal(factor) for unit, factor in factors.items()}
        groups[next(iter(plain))] = (name, plain)
    return groups


def indicator_units(own: str) -> tuple[str, ...]:
    """Return the units that an input may be given in."""
    name, _ = _groups()[_plain(own)]
    return tuple(_content()["unit"][name])


def indicator_factor(own: str, given: str) -> Decimal | None:
    """Return what a number in `given` is multiplied by to stand in `own`; None where it does not convert."""
    return _groups()[_plain(own)][1].get(_plain(given))


def units_must_agree(own: str) -> bool:
    """Tell whether inputs in this kind of unit must all be given in the same one (villages, households)."""
    return _groups()[_plain(own)][0] in _content()["must_agree"]
