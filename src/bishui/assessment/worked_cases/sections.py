"""Case files of this room: class of a section, attainment, rounding and the mean of pH."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from bishui.assessment import judge
from bishui.assessment.numbers import (
    ph_mean,
    round_evaluation,
    round_half_even,
    round_multiple,
    substitute,
)
from bishui.assessment.register import Target
from bishui.assessment.results import Counts, ItemResult, Reason, State
from bishui.assessment.waters.tli import trophic_state
from bishui.assessment.worked_cases.cells import given, number, plain, verdict_of
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.standards import (
    WaterType,
    find_class,
    find_item,
    method,
    surface_water,
    trophic_rules,
    unit_factor,
    water_class,
)
from bishui.verification import Case, Check, Layout, Outcome, compare, register_layout

_NONE = frozenset({"无", "none", "-", "—"})
_WATER_TYPES = {
    "river": WaterType.RIVER,
    "河流": WaterType.RIVER,
    "lake": WaterType.LAKE,
    "河": WaterType.RIVER,
    "湖库": WaterType.LAKE,
    "湖泊": WaterType.LAKE,
    "水库": WaterType.LAKE,
}


@dataclass(frozen=True, slots=True)
class _Value:
    """A printed value: what enters, and its detection limit where it was below."""

    entered: Decimal
    detection_limit: Decimal | None


def _value(text: str, line: int, column: str) -> _Value:
    marked = re.fullmatch(r"<(.+)|(.+)[Ll]", plain(text))
    if not marked:
        return _Value(number(text, line, column), None)
    limit = number(marked[1] or marked[2], line, column)
    return _Value(substitute(limit, "half"), limit)


def _item_columns(header: Sequence[str]) -> dict[str, str]:
    """Return item keys by head, of the columns that hold inputs."""
    columns: dict[str, str] = {}
    for head in header:
        item = None if head.startswith("expected_") else find_item(head)
        if item is not None and item.key != "published_class":
            columns[head] = item.key
    return columns


def _values(case: Case, header: Sequence[str]) -> dict[str, _Value]:
    values = {}
    for head, key in _item_columns(header).items():
        if given(case, head):
            value = _value(case.get(head), case.line, head)
            factor = _factor(head)
            limit = value.detection_limit
            values[key] = _Value(value.entered * factor, None if limit is None else limit * factor)
    return values


def _factor(head: str) -> Decimal:
    """Return the factor of a unit that stands behind an underscore in a head (``chla_ugL``)."""
    item, unit = find_item(head), head.rpartition("_")[2]
    factor = unit_factor(item, unit) if item is not None else None
    return Decimal(1) if factor is None else factor


def day_of(text: str) -> date:
    """Return a day inside a period such as 2024-02, 2007-W02, 2019-Q3, for the edition of the limits."""
    year = re.search(r"(?:19|20)\d{2}", text)
    return date(int(year[0]), 7, 1) if year else date.today()


def _water_type(case: Case) -> WaterType:
    named = case.get("water_type") or ("river" if case.get("river") else "")
    if named.casefold() not in _WATER_TYPES:
        raise DataError(
            Text("水体类型“{given}”不可识别。", given=named),
            remedy=Text("请写 river（河流）或 lake（湖库）。"),
            where=Where(line=case.line, column="water_type"),
        )
    return _WATER_TYPES[named.casefold()]


def _rules(case: Case, *, rounded: bool) -> judge.Rules:
    on = day_of(case.get("period"))
    return judge.Rules(surface_water(on), method(on), rounded)


def _judged(case: Case, values: dict[str, _Value], *, rounded: bool) -> dict[str, ItemResult]:
    rules = _rules(case, rounded=rounded)
    water_type = _water_type(case)
    order = [key for key in rules.standard.criteria if key in values]
    results = {}
    for key in order:
        mean = judge.ItemMean(
            key, Fraction(values[key].entered), values[key].detection_limit, "unknown", Counts(used=1)
        )
        results[key] = judge.judge_item(mean, rules, water_type)
    return results


def _modes(case: Case) -> tuple[bool, ...]:
    """Return whether to round before comparing: as the row says, both ways for ``either``."""
    word = given(case, "round_before_compare").casefold()
    return {"no": (False,), "否": (False,), "yes": (True,), "是": (True,)}.get(word, (True, False))


def _label(rank: int | None, reason: Reason | None = None) -> str:
    if rank is not None:
        return water_class(rank).numeral
    return reason.text.template if reason else "—"


def _how(rounded: bool) -> Text:
    return Text("先修约后比较") if rounded else Text("不修约比较")


def _section_class(case: Case, header: Sequence[str]) -> Iterable[Check]:
    name = case.get("case_id") or case.get("section")
    values = _values(case, header)
    for rounded in _modes(case):
        results = _judged(case, values, rounded=rounded)
        rank, reason = judge.section_class(results, _water_type(case))
        yield from _class_checks(case, name, rank, reason, _how(rounded))
        yield from _over_check(case, name, results, _how(rounded))
        yield from _nitrogen_check(case, name, values, rounded)
    yield from _trophic_checks(case, name, values)


def _class_checks(
    case: Case, name: str, rank: int | None, reason: Reason | None, note: Text
) -> Iterable[Check]:
    if given(case, "expected_class"):
        yield _same_class(case, name, "expected_class", _label(rank, reason), note)
    yield from _attained_check(case, name, rank, note)


def _attained_check(case: Case, name: str, rank: int | None, note: Text | None = None) -> Iterable[Check]:
    """Compare a verdict, in whatever words the file writes it."""
    head = "expected_attained"
    expected = given(case, head)
    if not expected:
        return
    wanted = verdict_of(expected)
    if wanted is None:
        unknown = Text("“{expected}”不是可识别的结论。", expected=expected)
        yield _not_checkable(case, name, head, expected, unknown)
        return
    words = wanted.text.template  # the case files are written in Chinese
    yield compare(case, name, head, expected=words, got=_verdict(case, rank).text.template, note=note)


def _same_class(case: Case, name: str, head: str, got: str, note: Text) -> Check:
    """Compare a class, however the file writes it."""
    return compare(case, name, head, expected=_label(_rank(case.get(head), case)), got=got, note=note)


def _rank(text: str, case: Case) -> int:
    rank = find_class(text)
    if rank is None:
        raise DataError(
            Text("“{text}”不是水质类别。", text=text),
            remedy=Text("请写 Ⅰ、Ⅱ、Ⅲ、Ⅳ、Ⅴ 或 劣Ⅴ。"),
            where=Where(line=case.line),
        )
    return rank


def _verdict(case: Case, rank: int | None) -> State:
    target = given(case, "target_class")
    if not target:
        return State.NO_TARGET
    if rank is None:
        return State.NOT_JUDGED
    return State.ATTAINED if rank <= _rank(target, case) else State.NOT_ATTAINED


def _over_check(case: Case, name: str, results: dict[str, ItemResult], note: Text) -> Iterable[Check]:
    """Compare the set of items over class Ⅲ; the order is not compared."""
    expected = case.get("expected_over_III_set")
    if not expected:
        return
    wanted = set()
    for text in re.split(r"[;,、|]", plain(expected)):
        if text.strip() and text.strip() not in _NONE:
            item = find_item(text)
            wanted.add(item.key if item else text.strip())
    got = {key for key, entry in results.items() if entry.decides_class and entry.exceeds_reference}
    yield compare(
        case,
        name,
        "expected_over_III_set",
        expected=";".join(sorted(wanted)),
        got=";".join(sorted(got)),
        note=note,
    )


def _nitrogen_check(case: Case, name: str, values: dict[str, _Value], rounded: bool) -> Iterable[Check]:
    """Total nitrogen is judged beside the class, always by lake limits: rivers have none."""
    expected = case.get("expected_TN_class")
    if not expected:
        return
    if "tn" not in values:
        yield _not_checkable(case, name, "expected_TN_class", expected, Text("没有总氮的值。"))
        return
    rules = _rules(case, rounded=rounded)
    mean = judge.ItemMean("tn", Fraction(values["tn"].entered), None, "unknown", Counts(used=1))
    result = judge.judge_item(mean, rules, WaterType.LAKE)
    note = Text("总氮按湖库限值单独评价，{how}", how=_how(rounded))
    yield _same_class(case, name, "expected_TN_class", _label(result.rank), note)


def _not_checkable(case: Case, name: str, what: str, expected: str, note: Text) -> Check:
    return Check(case.line, name, what, expected, "—", Outcome.NOT_CHECKABLE, note)


def _trophic_checks(case: Case, name: str, values: dict[str, _Value]) -> Iterable[Check]:
    """Compare the trophic state where all five inputs stand in the row; say plainly where they do not."""
    columns = [head for head in ("expected_TLI", "expected_trophic") if given(case, head)]
    needed = trophic_rules().items
    lacking = [key for key in needed if key not in values]
    for head in columns:
        if lacking:
            note = Text("未核对：缺少 {items}，综合营养状态指数需要五项。", items="、".join(lacking))
            yield Check(case.line, name, head, case.get(head), "—", Outcome.NOT_CHECKED, note)
            continue
        state = trophic_state({key: values[key].entered for key in needed})
        if head == "expected_trophic":
            yield compare(case, name, head, expected=case.get(head), got=state.grade)
            continue
        expected = number(case.get(head), case.line, head)
        got = round_half_even(Decimal(repr(state.total)), max(0, -int(expected.as_tuple().exponent)))
        yield compare(case, name, head, expected=str(expected), got=str(got))


def _needs_items(header: Sequence[str]) -> Text | None:
    if _item_columns(header):
        return None
    return Text("表里没有任何监测项目的列，无法计算类别。")


def _section_attainment(case: Case, header: Sequence[str]) -> Iterable[Check]:
    name = f"{case.get('section')} {case.get('period')}".strip()
    expected, printed = given(case, "expected_attained"), given(case, "class")
    if not expected:
        return
    rank = find_class(printed) if printed else None
    if printed and rank is None and printed not in _NONE:
        note = Text("“{given}”不是水质类别。", given=printed)
        yield _not_checkable(case, name, "expected_attained", expected, note)
        return
    yield from _attained_check(case, name, rank)
    yield from _multiples_check(case, header, name)


def _multiples_check(case: Case, header: Sequence[str], name: str) -> Iterable[Check]:
    """Compare the items over the target and their multiples, where the row holds the values.

    A multiple is relative to the limit of the target's class; a printed one has its own number of digits.
    """
    head = "published_over_indicators"
    printed = dict(re.findall(r"([^\s;,、|(]+)(?:\(([\d.]+)\))?", plain(case.get(head))))
    if not printed or printed.keys() & _NONE or not given(case, "target_class"):
        return
    values = _values(case, header)
    if not values:
        note = Text("未核对：表里没有监测值，超标倍数无从计算。")
        yield Check(case.line, name, head, case.get(head), "—", Outcome.NOT_CHECKED, note)
        return
    digits = {
        _key(text): max(0, -int(Decimal(multiple).as_tuple().exponent))
        for text, multiple in printed.items()
        if multiple
    }
    wanted = {_key(text): multiple for text, multiple in printed.items()}
    got = _over_target(case, values, digits)
    outcome = Outcome.OK if wanted == got else Outcome.DIFFERENT
    yield Check(case.line, name, head, _over_text(wanted), _over_text(got), outcome)


def _key(text: str) -> str:
    item = find_item(text)
    return item.key if item is not None else text


def _over_text(over: dict[str, str]) -> str:
    return "、".join(f"{key}({multiple})" if multiple else key for key, multiple in sorted(over.items()))


def _over_target(case: Case, values: dict[str, _Value], digits: dict[str, int]) -> dict[str, str]:
    """Return the items over the target's limits with their multiples, as many digits as are printed."""
    rules = _rules(case, rounded=True)
    target = Target("", "", _rank(case.get("target_class"), case), {}, date.min, date.max, None, None)
    over = {}
    for key in (key for key in rules.standard.criteria if key in values):
        mean = judge.ItemMean(key, Fraction(values[key].entered), None, "unknown", Counts(used=1))
        result = judge.judge_item(mean, rules, _water_type(case), target)
        if result.decides_class and result.exceeds_target:
            exact = result.over_target.exact if result.over_target is not None else None
            decimals = digits.get(key, rules.method.multiple_decimals)
            over[key] = "" if exact is None else str(round_multiple(exact, decimals))
    return over


def _rounding(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    kind, entered = case.get("kind"), plain(case.get("input"))
    expected = number(case.get("expected"), case.line, "expected")
    decimals = int(number(case.get("decimals"), case.line, "decimals"))
    name = f"{kind} {entered}"
    if kind == "round":
        got = round_evaluation(number(entered, case.line, "input"), decimals)
    elif kind == "ph_mean":
        values = [number(part, case.line, "input") for part in entered.split("|") if part.strip()]
        got = round_half_even(ph_mean(values), decimals)
    else:
        note = Text("不认识的算例种类“{kind}”。", kind=kind)
        yield _not_checkable(case, name, "expected", str(expected), note)
        return
    outcome = Outcome.OK if got == expected else Outcome.DIFFERENT
    yield Check(case.line, name, "expected", str(expected), f"{got:f}", outcome)


SECTION_CLASS = Layout(
    "section-class", frozenset({"water_type", "expected_class"}), _section_class, _needs_items
)
SECTION_ATTAINMENT = Layout(
    "section-attainment", frozenset({"target_class", "class", "expected_attained"}), _section_attainment
)
ROUNDING = Layout("rounding-and-ph", frozenset({"kind", "input", "decimals", "expected"}), _rounding)

for _layout in (SECTION_CLASS, SECTION_ATTAINMENT, ROUNDING):
    register_layout(_layout)
