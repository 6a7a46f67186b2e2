"""Water-use indicators (用水指标): a year's amounts, the formula, and the plan's target with value and gap.

Formulas are those of `bishui.assessment.indicator_value`; which amounts they take and which wordings of a
target mean them is in ``rules/water_use.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from bishui.assessment import Amount, Parts, State, indicator_value, reaches
from bishui.i18n import Bilingual
from bishui.server.core import registers
from bishui.server.core.city import City
from bishui.server.plans.target_queries import numeric_targets
from bishui.server.sources.models import WaterUseYear
from bishui.standards import indicator, indicator_factor

_VOLUME = "m³"
_SPACES = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Rule:
    """One indicator: its name, unit and digits, the formula (empty: an amount itself) and what it takes."""

    key: str
    name: Bilingual
    unit: str
    decimals: int
    at_least: bool
    formula: str
    text: Bilingual | None
    certainty: str
    pattern: str
    amount: str
    inputs: tuple[Mapping[str, Any], ...]

    def means(self, words: str, unit: str) -> bool:
        """Tell whether a target's wording and unit mean this indicator."""
        return bool(re.search(self.pattern, words)) and ("%" in unit) == (self.unit == "%")


@dataclass(frozen=True, slots=True)
class Aim:
    """A plan's target: the number as printed, its unit, the year it is of, and the plan."""

    value: Decimal
    unit: str
    year: int
    plan: str
    pk: Any


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator of a division in a year.

    Attributes
    ----------
    value
        Unrounded, in the unit of the rule; None where an amount in `missing` is not known.
    parts
        Numerator and denominator, in the units of the formula.
    state, gap
        Against `aim`, where there is one of that year: the verdict of the value rounded to the target's
        digits, and value less target in the target's unit with the digits of the indicator.
    """

    rule: Rule
    year: int
    value: Fraction | None
    parts: Parts | None
    missing: tuple[str, ...]
    aim: Aim | None
    state: State
    gap: Decimal | None
    origin: str


@cache
def _file() -> dict[str, Any]:
    path = Path(__file__).parent / "rules" / "water_use.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def base_year() -> int:
    """Return the year that reductions are against."""
    return int(_file()["base_year"]["value"])


@cache
def rules() -> tuple[Rule, ...]:
    """Return the indicators in the order of the file."""
    return tuple(_rule(data) for data in _file()["indicator"])


def _rule(data: Mapping[str, Any]) -> Rule:
    formula = data.get("formula", "")
    known = indicator(formula) if formula else None
    return Rule(
        key=data["key"],
        name=known.name if known else Bilingual(data["name_zh"], data["name_en"]),
        unit=known.unit if known else data["unit"],
        decimals=known.decimals if known else data["decimals"],
        at_least=known.at_least if known else data["at_least"],
        formula=formula,
        text=known.text if known else None,
        certainty=known.certainty if known else "",
        pattern=data["pattern"],
        amount=data.get("amount", ""),
        inputs=tuple(data.get("inputs", ())),
    )


def aims(city: City, user: Any) -> dict[tuple[str, str], list[Aim]]:
    """Return the plans' targets by key of the indicator and division, in the order of the plans."""
    found: dict[tuple[str, str], list[Aim]] = {}
    for target in numeric_targets(city, user):
        words = _SPACES.sub("", target.indicator) or _SPACES.sub("", target.text)
        rule = next((rule for rule in rules() if rule.means(words, target.unit)), None)
        year = target.plan.year or (target.plan.period_to.year if target.plan.period_to else None)
        if rule is None or year is None:
            continue
        aim = Aim(_printed(target), target.unit, year, target.plan.title, target.pk)
        found.setdefault((rule.key, target.division), []).append(aim)
    return found


def _printed(target: Any) -> Decimal:
    """Return the target's number with the digits of the plan."""
    try:
        return Decimal(target.value_text)
    except InvalidOperation:
        return Decimal(f"{target.value.normalize():f}")


def series(division: str, wanted: Mapping[tuple[str, str], Sequence[Aim]]) -> dict[str, list[Figure]]:
    """Return each indicator's figures of one division, the oldest year first.

    A year that a plan sets a target for and that has no amounts has a figure without a value.
    """
    rows = {row.year: row for row in WaterUseYear.objects.filter(division=division)}
    found: dict[str, list[Figure]] = {}
    for rule in rules():
        by_year = {aim.year: aim for aim in wanted.get((rule.key, division), ())}
        years = sorted(rows.keys() | by_year.keys())
        found[rule.key] = [
            figure(rule, year, rows.get(year), rows.get(base_year()), by_year.get(year)) for year in years
        ]
    return found


def figure(
    rule: Rule, year: int, row: WaterUseYear | None, base: WaterUseYear | None, aim: Aim | None = None
) -> Figure:
    """Return one indicator of one year.

    Parameters
    ----------
    row, base
        The amounts of the year and of the base year; None where there are none.
    """
    origin = row.origin if row is not None else ""
    if not rule.formula:
        amount = getattr(row, rule.amount, None) if row is not None else None
        value = None if amount is None else Fraction(amount)
        absent = () if amount is not None else (_label(rule.amount),)
        return Figure(rule, year, value, None, absent, aim, *_held(rule, value, aim), origin)
    given, missing = _inputs(rule, row, base)
    result = None if missing else indicator_value(rule.formula, given, date(year, 12, 31))
    value = result.value if result else None
    names = missing or ((str(result.warnings[0]),) if result and value is None and result.warnings else ())
    parts = result.parts if result else None
    return Figure(rule, year, value, parts, tuple(names), aim, *_held(rule, value, aim), origin)


def _label(name: str) -> str:
    return str(registers.load_all()["water_use"].field(name).label)


def _amount(row: WaterUseYear | None, name: str) -> Amount:
    field = registers.load_all()["water_use"].field(name)
    value = getattr(row, name, None) if row is not None else None
    return Amount(value, field.unit or None, of=str(field.label))


def _inputs(
    rule: Rule, row: WaterUseYear | None, base: WaterUseYear | None
) -> tuple[dict[str, Amount | list[Amount]], tuple[str, ...]]:
    """Return what the formula takes, and the names of the amounts that are not known."""
    given: dict[str, Amount | list[Amount]] = {}
    missing: list[str] = []
    lists = [spec["each"] for spec in rule.inputs if "each" in spec]
    known = [place for place in zip(*lists, strict=True) if all(_has(row, name) for name in place)]
    if lists and not known:
        missing += [_label(name) for names in lists for name in names]
    for position, spec in enumerate(spec for spec in rule.inputs if "each" in spec):
        given[spec["key"]] = [_amount(row, place[position]) for place in known]
    for spec in rule.inputs:
        if "each" in spec:
            continue
        of = base if spec.get("of_base") else row
        names = [spec["field"]] if "field" in spec else spec["over"]
        absent = [name for name in names if not _has(of, name)]
        year = f"（{base_year()}）" if spec.get("of_base") else ""
        missing += [_label(name) + year for name in absent]
        if not absent:
            given[spec["key"]] = _amount(of, names[0]) if "field" in spec else _quotient(of, *names)
    return given, tuple(missing)


def _has(row: WaterUseYear | None, name: str) -> bool:
    return row is not None and getattr(row, name) is not None


def _quotient(row: WaterUseYear | None, part: str, whole: str) -> Amount:
    """Return one amount over another: 10⁴ m³ over 10⁴ yuan, in m³ a 10⁴ yuan; not known over nought."""
    volume, money = Fraction(getattr(row, part)), Fraction(getattr(row, whole))
    factor = indicator_factor(_VOLUME, _amount(row, part).unit or _VOLUME) or Decimal(1)
    return Amount(volume * Fraction(factor) / money if money else None, of=_label(part))


def _held(rule: Rule, value: Fraction | None, aim: Aim | None) -> tuple[State, Decimal | None]:
    """Return the verdict against a target and the gap, in the target's unit."""
    if aim is None:
        return State.NO_TARGET, None
    if value is None:
        return State.NOT_JUDGED, None
    here = in_unit(rule, value, aim.unit)
    if here is None:
        return State.NOT_JUDGED, None
    reached = reaches(here, aim.value, at_least=rule.at_least)
    digits = max(0, -int(aim.value.as_tuple().exponent))
    gap = rounded(here, max(digits, rule.decimals)) - aim.value
    return State.ATTAINED if reached else State.NOT_ATTAINED, gap


def in_unit(rule: Rule, value: Fraction, unit: str) -> Fraction | None:
    """Return a value in the unit of a target; None where the unit is not one of volume."""
    if rule.formula:
        return value
    own, other = indicator_factor(_VOLUME, rule.unit), indicator_factor(_VOLUME, unit)
    return None if own is None or other is None else value * Fraction(own) / Fraction(other)


def in_own_unit(rule: Rule, aim: Aim) -> Fraction | None:
    """Return a target in the unit of its indicator; None where the unit is not one of volume."""
    one = in_unit(rule, Fraction(1), aim.unit)
    return Fraction(aim.value) / one if one else None


def rounded(value: Fraction, digits: int) -> Decimal:
    """Return a value half up, as rates are printed."""
    scale = 10**digits
    number = abs(value) * scale + Fraction(1, 2)
    whole = number.numerator // number.denominator
    return Decimal(-whole if value < 0 else whole).scaleb(-digits)


def counts(figures: Iterable[Figure]) -> tuple[int, int, int]:
    """Return how many targets are attained, of how many that are judged, and how many are not judged."""
    states = [entry.state for entry in figures if entry.aim is not None]
    missing = states.count(State.NOT_JUDGED)
    return states.count(State.ATTAINED), len(states) - missing, missing
