"""What each kind of rule does with the facts: one function for each, all exact until the last rounding."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from bishui.i18n import Text
from bishui.scoring.facts import Fact
from bishui.scoring.rubric import Rule

#: Points, or None for a line that is excluded from the total, with the reckoning in words.
Outcome = tuple[Decimal | None, Text]
Facts = Mapping[str, Fact]

_COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


def outcome(rule: Rule, facts: Facts, digits: int) -> Outcome:
    """Return the points of a rule without parts, rounded to `digits` places (GB/T 8170), and why.

    All facts of the rule must be known.
    """
    points, reckoning = _KINDS[rule.kind](rule, facts)
    return (None if points is None else rounded(points, digits)), reckoning


def rounded(points: Decimal, digits: int) -> Decimal:
    """Return `points` with `digits` decimal places, a tie going to the even digit (GB/T 8170, 3.2.3)."""
    return points.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def _judged(rule: Rule, facts: Facts) -> Outcome:
    given = _value(facts, f"judged.{rule.id}")
    points = min(max(given, Decimal(0)), rule.points)
    return points, Text("评定 {points} 分，满分 {full} 分", points=_shown(points), full=_shown(rule.points))


def _deduct_per_case(rule: Rule, facts: Facts) -> Outcome:
    cases = _value(facts, rule.measure)
    points = max(rule.points - rule.each * cases, rule.floor)
    return points, Text(
        "{full} 分，{cases} 次，每次扣 {each} 分，保底 {floor} 分",
        full=_shown(rule.points),
        cases=_shown(cases),
        each=_shown(rule.each),
        floor=_shown(rule.floor),
    )


def _on_time(rule: Rule, facts: Facts) -> Outcome:
    late = max(_value(facts, rule.measure), Decimal(0))
    if late == 0:
        return rule.points, Text("按时，得 {full} 分", full=_shown(rule.points))
    points = max(rule.points - rule.each * late, rule.floor) if rule.each else rule.floor
    return points, Text("迟 {days} 天，得 {points} 分", days=_shown(late), points=_shown(points))


def _all_or_nothing(rule: Rule, facts: Facts) -> Outcome:
    value = _value(facts, rule.measure)
    bound = rule.threshold if rule.threshold is not None else Decimal(0)
    reached = _COMPARE[rule.comparison](value, bound)
    return (rule.points if reached else rule.floor), Text(
        "{value} {comparison} {bound}：{verdict}",
        value=_shown(value),
        comparison=rule.comparison,
        bound=_shown(bound),
        verdict=Text("符合") if reached else Text("不符合"),
    )


def _proportional(rule: Rule, facts: Facts) -> Outcome:
    done, of = _value(facts, rule.measure), _value(facts, rule.of)
    if of == 0:
        worth = {"excluded": None, "full": rule.points, "none": Decimal(0)}[rule.when_empty]
        return worth, Text("没有应计对象")
    share = min(max(done / of, Decimal(0)), Decimal(1))
    enough = rule.threshold is None or _COMPARE[rule.comparison](share * 100, rule.threshold)
    points = rule.points * min(max(done, Decimal(0)), of) / of if enough else rule.floor
    return max(points, rule.floor), Text(
        "{full} 分 × {done} / {of}", full=_shown(rule.points), done=_shown(done), of=_shown(of)
    )


def _count(rule: Rule, facts: Facts) -> Outcome:
    total, words = _weighed(rule, facts)
    return min(max(total, rule.floor), rule.points), words


def _bonus_or_penalty(rule: Rule, facts: Facts) -> Outcome:
    total, words = _weighed(rule, facts)
    return min(max(total, -rule.points), rule.points), words


def _weighed(rule: Rule, facts: Facts) -> tuple[Decimal, Text]:
    terms = [(_value(facts, name), weight) for name, weight in rule.weights]
    words = " + ".join(f"{_shown(count)} × {_shown(weight)}" for count, weight in terms)
    total = sum((count * weight for count, weight in terms), Decimal(0))
    return total, Text("{terms} = {total}", terms=words, total=_shown(total))


def _value(facts: Facts, name: str) -> Decimal:
    value = facts[name].value
    if value is None:
        raise LookupError(name)
    return value


def _shown(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_KINDS: Mapping[str, Callable[[Rule, Facts], Outcome]] = {
    "judged": _judged,
    "deduct_per_case": _deduct_per_case,
    "on_time": _on_time,
    "all_or_nothing": _all_or_nothing,
    "proportional": _proportional,
    "count": _count,
    "bonus_or_penalty": _bonus_or_penalty,
}
