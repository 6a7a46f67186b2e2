"""Case files of function zones and drinking-water sources: rates from counts and volumes, and verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from bishui.assessment.numbers import round_half_up
from bishui.assessment.rates import Rate
from bishui.assessment.worked_cases.cells import given, number, percentage, verdict_of
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.verification import Case, Check, Layout, Outcome, compare, register_layout


def _rate(case: Case, part: str, whole: str) -> Rate | None:
    """Return the rate of two columns; None where one of them is blank."""
    if not given(case, part) or not given(case, whole):
        return None
    met, evaluated = (Fraction(number(case.get(head), case.line, head)) for head in (part, whole))
    if not 0 <= met <= evaluated:
        raise DataError(
            Text("“{part}”的值 {met} 与“{whole}”的值 {evaluated} 不符。", part=part, met=met, whole=whole,
                 evaluated=evaluated),
            remedy=Text("达标数不能为负，也不能大于总数。"),
            where=Where(line=case.line, column=part),
        )  # fmt: skip
    return Rate(met, evaluated, {})


def _function_zones(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    name = " ".join(part for part in (case.get("case_id"), case.get("city")) if part)
    rate = _rate(case, "zones_attained", "zones_evaluated")
    for head in case.cells:
        if head.startswith(("expected_rate_pct", "published_rate_pct")) and given(case, head):
            yield _percent_check(case, name, head, rate)
        elif head.startswith("expected_verdict") and given(case, head):
            yield _verdict_check(case, name, head, rate)


def _verdict_check(case: Case, name: str, head: str, rate: Rate | None) -> Check:
    expected, target = case.get(head), given(case, "control_target_pct")
    if rate is None or rate.exact is None or not target:
        return _not_checkable(case, name, head, expected, Text("没有达标率或控制目标，无从判定。"))
    wanted = verdict_of(expected)
    if wanted is None:
        note = Text("“{expected}”不是可识别的结论。", expected=expected)
        return _not_checkable(case, name, head, expected, note)
    got = rate.verdict(percentage(target, case.line, "control_target_pct"))
    return compare(case, name, head, expected=wanted.text.template, got=got.text.template)


def _drinking_water(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    name = " ".join(part for part in (case.get("source_key"), case.get("unit"), case.get("period")) if part)
    by_count = _rate(case, "sources_attained", "sources_evaluated")
    by_volume = _rate(case, "volume_attained_10kt", "volume_total_10kt")
    published = {"published_rate_count_pct": by_count, "published_rate_volume_pct": by_volume}
    printed = {head: rate for head, rate in published.items() if given(case, head)}
    some = any(rate is not None for rate in printed.values())
    for head, rate in printed.items():
        if rate is None and some:
            note = Text("未核对：没有公布计算该比率所需的数量。")
            yield Check(case.line, name, head, case.get(head), "—", Outcome.NOT_CHECKED, note)
        else:
            yield _percent_check(case, name, head, rate)


def _percent_check(case: Case, name: str, head: str, rate: Rate | None) -> Check:
    """Compare a rate at the digits that were printed: rounded half up, or cut as some publishers do."""
    expected = percentage(case.get(head), case.line, head)
    if rate is None or rate.exact is None:
        note = Text("缺少达标数或总数，无法计算。")
        return _not_checkable(case, name, head, case.get(head), note)
    decimals = max(0, -int(expected.as_tuple().exponent))
    got = round_half_up(rate.exact, decimals)
    if head.startswith("published") and got != expected == _cut(rate.exact, decimals):
        note = Text("公布值为截尾，四舍五入为 {got}。", got=f"{got:f}")
        return Check(case.line, name, head, f"{expected:f}", f"{expected:f}", Outcome.OK, note)
    return compare(case, name, head, expected=f"{expected:f}", got=f"{got:f}")


def _cut(value: Fraction, decimals: int) -> Decimal:
    unit = Fraction(1, 10**decimals)
    return round_half_up(value // unit * unit, decimals)


def _not_checkable(case: Case, name: str, what: str, expected: str, note: Text) -> Check:
    return Check(case.line, name, what, expected, "—", Outcome.NOT_CHECKABLE, note)


FUNCTION_ZONES = Layout(
    "function-zone-attainment",
    frozenset({"zones_evaluated", "zones_attained", "control_target_pct"}),
    _function_zones,
)
DRINKING_WATER = Layout(
    "drinking-water-rate",
    frozenset({"sources_evaluated", "sources_attained", "published_rate_count_pct"}),
    _drinking_water,
)

for _layout in (FUNCTION_ZONES, DRINKING_WATER):
    register_layout(_layout)
