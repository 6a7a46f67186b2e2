"""Indicators of the plans: named inputs with units, a formula by name, the result against its target.

Which inputs an indicator takes, in which unit, and by which formula is data (`standards.indicators`); here
stand the few formulas. Numerator and denominator are kept apart in each result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bishui.assessment.numbers import round_half_up
from bishui.assessment.rates import reaches
from bishui.assessment.results import State, mean_text
from bishui.errors import CallError, DataError, Where
from bishui.i18n import Bilingual, Text
from bishui.standards import (
    Indicator,
    IndicatorInput,
    Rules,
    indicator,
    indicator_factor,
    indicator_units,
    rules,
    units_must_agree,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """An input as it was given: a number, its unit (the input's own where None), what it is of, its source.

    A number of None says that it is not known.
    """

    value: Decimal | Fraction | None
    unit: str | None = None
    of: str = ""
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "value": None if self.value is None else mean_text(self.value),
            "unit": self.unit,
            "of": self.of,
            "source": self.source,
        }


Given = Amount | Sequence[Amount]


@dataclass(frozen=True, slots=True)
class Parts:
    """Numerator and denominator of an indicator, and what their quotient is multiplied by (100 for %)."""

    numerator: Fraction
    denominator: Fraction
    factor: int = 1


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """The value of one indicator.

    Attributes
    ----------
    indicator
        What was computed, with its formula, units and source.
    value
        Unrounded, in the unit of the indicator; None where an input is missing or the denominator is zero.
    rounded
        Half up to the digits of the target, or of the indicator where there is none.
    parts
        Numerator and denominator.
    inputs
        As they were given, in the order of the formula.
    entered, left_out
        Of the works or districts: how many entered, and those left out for a missing number.
    missing
        Inputs that are missing altogether.
    target, state
        What it was held against, and the verdict.
    warnings
        What looks wrong with it.
    rules
        Version of the rules.
    """

    indicator: Indicator
    value: Fraction | None
    rounded: Decimal | None
    parts: Parts | None
    inputs: Mapping[str, Given]
    entered: int
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    target: Decimal | None
    state: State
    warnings: tuple[Text | Bilingual, ...]
    rules: str
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; decimals are strings."""
        return {
            "indicator": self.indicator.key,
            "name": self.indicator.name.both(),
            "unit": self.indicator.unit,
            "formula": self.indicator.text.both(),
            "value": None if self.value is None else mean_text(self.value),
            "rounded": None if self.rounded is None else str(self.rounded),
            "numerator": None if self.parts is None else mean_text(self.parts.numerator),
            "denominator": None if self.parts is None else mean_text(self.parts.denominator),
            "inputs": {
                key: given.as_dict() if isinstance(given, Amount) else [entry.as_dict() for entry in given]
                for key, given in self.inputs.items()
            },
            "entered": self.entered,
            "left_out": list(self.left_out),
            "missing": list(self.missing),
            "target": None if self.target is None else str(self.target),
            "state": self.state.value,
            "warnings": [warning.both() for warning in self.warnings],
            "source": self.indicator.source,
            "certainty": self.indicator.certainty,
            "rules": self.rules,
        }


def indicator_value(
    key: str,
    given: Mapping[str, Given],
    on: date,
    *,
    target: Decimal | None = None,
    chosen: Rules | None = None,
) -> IndicatorResult:
    """Return the value of an indicator of the plans.

    Parameters
    ----------
    key
        Key of `standards.indicators`.
    given
        Inputs by key; a list for those of each works or district, all of one length.
    on
        Last day of the period, for the edition of the rules.
    target
        As printed; the value is rounded to its digits before they are compared.
    chosen
        The rules; without them those in force on the day.

    Raises
    ------
    CallError
        If there is no such indicator or input, or the lists are not of one length.
    DataError
        If a number is negative, or its unit is not one of the input.
    """
    wanted, used = indicator(key), chosen or rules("indicators", on)
    _check_keys(wanted, given)
    inputs = _Inputs(wanted, given, used)
    missing = inputs.missing()
    parts = None if missing else FORMULAS[wanted.formula](inputs)
    value = parts.factor * parts.numerator / parts.denominator if parts and parts.denominator else None
    decimals = wanted.decimals if target is None else max(0, -int(target.as_tuple().exponent))
    return IndicatorResult(
        indicator=wanted,
        value=value,
        rounded=None if value is None else round_half_up(value, decimals),
        parts=parts,
        inputs=dict(given),
        entered=inputs.entered,
        left_out=inputs.left_out,
        missing=missing,
        target=target,
        state=_state(value, target, at_least=wanted.at_least),
        warnings=tuple(_warnings(wanted, value, parts, inputs)),
        rules=used.version,
        used=used,
    )


def _state(value: Fraction | None, target: Decimal | None, *, at_least: bool) -> State:
    if target is None:
        return State.NO_TARGET
    if value is None:
        return State.NOT_JUDGED
    return State.ATTAINED if reaches(value, target, at_least=at_least) else State.NOT_ATTAINED


def _warnings(
    wanted: Indicator, value: Fraction | None, parts: Parts | None, inputs: _Inputs
) -> list[Text | Bilingual]:
    found: list[Text | Bilingual] = []
    bound = wanted.warn_above
    if wanted.warning is not None and bound is not None and value is not None and value > bound:
        found.append(wanted.warning)
    if parts is not None and not parts.denominator:
        found.append(Text("分母为零，无法计算。"))
    if inputs.left_out:
        found.append(Text("缺少数据、未参加计算：{names}。", names="、".join(inputs.left_out)))
    return found


def _check_keys(wanted: Indicator, given: Mapping[str, Given]) -> None:
    for key in given:
        if key not in wanted.inputs:
            raise CallError(
                Text("指标“{name}”没有名为“{key}”的输入。", name=wanted.name, key=key),
                remedy=Text("可用的输入：{names}。", names="、".join(wanted.inputs)),
            )
    lengths = {len(entry) for entry in given.values() if not isinstance(entry, Amount)}
    if len(lengths) > 1:
        raise CallError(
            Text("逐项输入的个数不一致：{lengths}。", lengths="、".join(map(str, sorted(lengths)))),
            remedy=Text("请使各列表按相同的对象一一对应，缺数的写作未知。"),
        )


class _Inputs:
    """The inputs of one indicator in the units of the formula, by role."""

    def __init__(self, wanted: Indicator, given: Mapping[str, Given], used: Rules) -> None:
        self._wanted, self._given, self._rules = wanted, given, used
        self._check_units()
        lists = {key: entry for key, entry in given.items() if not isinstance(entry, Amount)}
        length = len(next(iter(lists.values()), ()))
        unknown = [i for i in range(length) if any(entry[i].value is None for entry in lists.values())]
        self._places = [place for place in range(length) if place not in unknown]
        self.entered = len(self._places)
        self.left_out = tuple(self._label(lists, place) for place in unknown)

    @staticmethod
    def _label(lists: Mapping[str, Sequence[Amount]], place: int) -> str:
        named = (entry[place].of for entry in lists.values() if entry[place].of)
        return next(named, str(place + 1))

    def _check_units(self) -> None:
        used: set[str] = set()
        for key, entry in self._given.items():
            spec = self._wanted.inputs[key]
            for amount in (entry,) if isinstance(entry, Amount) else entry:
                if units_must_agree(spec.unit):
                    used.add(amount.unit or spec.unit)
        if len(used) > 1:
            raise DataError(
                Text("同一指标的统计单位不一致：{units}。", units="、".join(sorted(used))),
                remedy=Text("请按同一统计单位（如行政村）给出分子与分母。"),
            )

    def missing(self) -> tuple[str, ...]:
        """Return the inputs that are needed and not there."""
        lacking = [
            spec.key
            for spec in self._wanted.inputs.values()
            if not spec.optional and not self._stands_in(spec) and not self.has(spec.key)
        ]
        roles = self._wanted.roles
        if "whole_of" in roles and not self.has(roles["whole"]) and not self.has(roles["whole_of"]):
            lacking.append(roles["whole"])
        return tuple(lacking)

    @staticmethod
    def _stands_in(spec: IndicatorInput) -> bool:
        return spec.setting is not None or spec.default is not None

    def has(self, key: str) -> bool:
        """Tell whether an input was given with a number."""
        entry = self._given.get(key)
        if isinstance(entry, Amount):
            return entry.value is not None
        return entry is not None and bool(self._places)

    def one(self, role: str) -> Fraction:
        """Return a single input."""
        spec = self._wanted.inputs[self._wanted.roles[role]]
        entry = self._given.get(spec.key)
        if isinstance(entry, Amount) and entry.value is not None:
            return self._number(spec, entry)
        if spec.setting is not None:
            return Fraction(self._rules[spec.setting])
        return Fraction(spec.default or 0)

    def each(self, role: str) -> list[Fraction]:
        """Return an input of each works or district; one number stands for all of them."""
        spec = self._wanted.inputs[self._wanted.roles[role]]
        entry = self._given.get(spec.key)
        if entry is None or isinstance(entry, Amount):
            return [self.one(role)] * (len(self._places) or 1)
        return [self._number(spec, entry[place]) for place in self._places]

    def role_given(self, role: str) -> bool:
        """Tell whether the input of a role was given."""
        return self.has(self._wanted.roles.get(role, ""))

    def _number(self, spec: IndicatorInput, amount: Amount) -> Fraction:
        unit = amount.unit or spec.unit
        factor = indicator_factor(spec.unit, unit)
        if factor is None:
            raise DataError(
                Text("“{name}”的单位“{unit}”不能换算为 {own}。", name=spec.name, unit=unit, own=spec.unit),
                remedy=Text("可用的单位：{units}。", units="、".join(indicator_units(spec.unit))),
                where=Where(field=spec.key),
            )
        value = Fraction(amount.value or 0)
        if value < 0:
            raise DataError(
                Text("“{name}”的值 {value} 是负数。", name=spec.name, value=amount.value),
                remedy=Text("请核对该项数值。"),
                where=Where(field=spec.key),
            )
        return value * Fraction(factor)


def _share(inputs: _Inputs) -> Parts:
    """Return part of whole; a share of another input stands for a whole that was not given."""
    if inputs.role_given("whole") or not inputs.role_given("whole_of"):
        return Parts(inputs.one("part"), inputs.one("whole"), 100)
    return Parts(inputs.one("part"), inputs.one("whole_of") * inputs.one("whole_share"), 100)


def _quotient(inputs: _Inputs) -> Parts:
    return Parts(inputs.one("part"), inputs.one("whole"))


def _capacity_share(inputs: _Inputs) -> Parts:
    capacity = zip(inputs.each("capacity"), inputs.each("days"), strict=True)
    return Parts(sum(inputs.each("part"), Fraction(0)), sum((c * d for c, d in capacity), Fraction(0)), 100)


def _weighted_mean(inputs: _Inputs) -> Parts:
    weights = inputs.each("weight")
    products = (w * v for w, v in zip(weights, inputs.each("value"), strict=True))
    return Parts(sum(products, Fraction(0)), sum(weights, Fraction(0)))


def _load_share(inputs: _Inputs) -> Parts:
    """Return the load that came in, of the load that people give off; both in kg/d."""
    given = (inputs.each(role) for role in ("volume", "concentration", "deduction"))
    loads = (v * c / 1000 - d for v, c, d in zip(*given, strict=True))
    return Parts(sum(loads, Fraction(0)), inputs.one("people") * inputs.one("per_person") / 1000, 100)


def _reduction(inputs: _Inputs) -> Parts:
    base = inputs.one("base")
    return Parts(base - inputs.one("present"), base, 100)


#: The formulas that the table of indicators may name.
FORMULAS: Mapping[str, Callable[[_Inputs], Parts]] = {
    "share": _share,
    "quotient": _quotient,
    "capacity_share": _capacity_share,
    "weighted_mean": _weighted_mean,
    "load_share": _load_share,
    "reduction": _reduction,
}
