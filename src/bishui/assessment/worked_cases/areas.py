"""Case files of rivers, shares and trophic state: status by shares, percentages, TLI sums and grades."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from bishui.assessment.numbers import round_half_even, round_half_up
from bishui.assessment.waters.areas import status_of_shares
from bishui.assessment.waters.shares import largest_remainder, shares
from bishui.assessment.waters.tli import combine
from bishui.assessment.worked_cases.cells import given, number, percentage, plain
from bishui.assessment.worked_cases.sections import day_of
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.standards import Rules, find_item, rules, trophic_rules, water_class
from bishui.verification import Case, Check, Layout, Outcome, compare, register_layout

_PARTS = ("pct_I_III", "pct_IV", "pct_V", "pct_worse_V")
_YES = frozenset({"yes", "是", "true", "1"})


def _river_status(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    """Compare the word of a status with that of the printed shares."""
    expected = case.get("expected_status")
    if not expected:
        return
    name = " ".join(part for part in (case.get("case_id"), case.get("unit"), case.get("period")) if part)
    rule = rules("area_status", day_of(case.get("period")))
    good, worst = _good_and_worst(case)
    if good is None:
        note = Text("没有Ⅰ—Ⅲ类比例，无从判定。")
        yield Check(case.line, name, "expected_status", expected, "—", Outcome.NOT_CHECKABLE, note)
        return
    words = {water_class(status_of_shares(good, share, rule)).word_zh for share in worst}
    if len(words) > 1:
        note = Text("劣Ⅴ类比例未给出，两种状况都有可能：{words}。", words="、".join(sorted(words)))
        yield Check(case.line, name, "expected_status", expected, "—", Outcome.NOT_CHECKABLE, note)
        return
    yield compare(
        case, name, "expected_status", expected=expected, got=words.pop(), note=_few_sections(case, rule)
    )


def _few_sections(case: Case, rule: Rules) -> Text | None:
    """Say that few sections are judged by means, which the file does not hold."""
    count = given(case, "n_sections")
    least = rule["share_method_from"]
    if not count or number(count, case.line, "n_sections") >= least:
        return None
    return Text("断面少于 {least} 个，办法要求先求均值；此处按公布的比例核对。", least=least)


def _good_and_worst(case: Case) -> tuple[Decimal | None, tuple[Decimal, ...]]:
    """Return the share of Ⅰ–Ⅲ and the least and the largest that 劣Ⅴ may be, from what was published."""
    parts = {head: percentage(case.get(head), case.line, head) for head in _PARTS if given(case, head)}
    rest = Decimal(100) - sum(parts.values(), Decimal(0))
    if "pct_I_III" not in parts:
        if len(parts) < len(_PARTS) - 1:
            return None, ()
        parts["pct_I_III"] = rest
    good = parts["pct_I_III"]
    if "pct_worse_V" in parts:
        return good, (parts["pct_worse_V"],)
    rest = max(rest, Decimal(0))
    known = "pct_IV" in parts and "pct_V" in parts
    return good, ((rest,) if known else (Decimal(0), rest))


def _percentages(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    """Compare counts in percent: plain half up, and as a publisher may have printed them."""
    name = " ".join(part for part in (case.get("case_id"), case.get("what")) if part)
    counts = [int(count) for count in _numbers(case, "counts")]
    whole = int(number(case.get("denominator"), case.line, "denominator"))
    plain_head = "plain_half_up_1dp"
    if given(case, plain_head):
        expected = _numbers(case, plain_head)
        got = shares(counts, whole, decimals=1, sum_to_100=False).printed
        yield _same_numbers(case, name, plain_head, expected, got)
    if given(case, "published_percent"):
        yield _published(case, name, counts, whole)


def _parts(case: Case, head: str) -> list[str]:
    return [part.strip() for part in re.split(r"[|;]", plain(case.get(head)))]


def _numbers(case: Case, head: str) -> list[Decimal]:
    return [percentage(part, case.line, head) for part in _parts(case, head)]


def _same_numbers(
    case: Case, name: str, head: str, expected: Sequence[Decimal], got: Sequence[Decimal]
) -> Check:
    outcome = Outcome.OK if list(expected) == list(got) else Outcome.DIFFERENT
    return Check(case.line, name, head, _joined(expected), _joined(got), outcome)


def _joined(values: Sequence[Decimal]) -> str:
    return "|".join(f"{value:f}" for value in values)


def _published(case: Case, name: str, counts: Sequence[int], whole: int) -> Check:
    """Find the rule by which the printed percentages come out; without one they differ."""
    head = "published_percent"
    if len(_parts(case, head)) != len(counts):
        note = Text("百分比与计数的项数不同。")
        return Check(case.line, name, head, case.get(head), "—", Outcome.NOT_CHECKABLE, note)
    expected = _numbers(case, head)
    decimals = max(0, *(-int(value.as_tuple().exponent) for value in expected))
    plain = shares(counts, whole, decimals=decimals, sum_to_100=False)
    unit = Fraction(1, 10**decimals)
    ways: list[tuple[Text, Sequence[Decimal]]] = [(Text("四舍五入"), plain.printed)]
    rest = whole - sum(counts)
    if rest >= 0:
        complete = shares([*counts, rest], whole, decimals=decimals, sum_to_100=False).exact
        forced = largest_remainder(complete, decimals)[: len(counts)]
        ways.append((Text("合计强制为 100（最大余数法）"), forced))
    ways.append((Text("截尾"), [round_half_up(share // unit * unit, decimals) for share in plain.exact]))
    for note, printed in ways:
        if expected == list(printed):
            return Check(case.line, name, head, _joined(expected), _joined(printed), Outcome.OK, note)
    if rest == 0 and _balanced(plain.exact, expected, unit):
        note = Text("合计强制为 100，每项与未修约值相差不到一个末位单位")
        return Check(case.line, name, head, _joined(expected), _joined(plain.printed), Outcome.OK, note)
    return Check(case.line, name, head, _joined(expected), _joined(plain.printed), Outcome.DIFFERENT)


def _balanced(exact: Sequence[Fraction], printed: Sequence[Decimal], unit: Fraction) -> bool:
    """Tell whether printed shares total 100 and each lies within one unit in the last place."""
    if len(exact) != len(printed) or sum(printed) != 100:
        return False
    return all(abs(share - Fraction(value)) < unit for share, value in zip(exact, printed, strict=True))


def _index_columns(header: Sequence[str]) -> dict[str, str]:
    """Return the item of the index by head, of the columns ``TLI_<item>``."""
    symbols = {"SD": "transparency"}
    columns = {}
    for head in header:
        prefix, _, symbol = head.partition("_")
        if prefix != "TLI" or not symbol:
            continue
        item = find_item(symbol)
        key = symbols.get(symbol.upper(), item.key if item is not None else "")
        if key in trophic_rules().items:
            columns[head] = key
    return columns


def _tli_sum(case: Case, header: Sequence[str]) -> Iterable[Check]:
    """Compare a total with the weighted sum of printed indices, within what their digits leave open."""
    columns = {head: key for head, key in _index_columns(header).items() if given(case, head)}
    indices = {key: number(case.get(head), case.line, head) for head, key in columns.items()}
    name = " ".join(part for part in (case.get("case_id"), case.get("water"), case.get("year")) if part)
    if not indices:
        raise DataError(
            Text("没有任何单项营养状态指数。"),
            remedy=Text("请补上 TLI_chla、TLI_TP 等列的值。"),
            where=Where(line=case.line),
        )
    state = combine({key: float(value) for key, value in indices.items()})
    note = None if state.official else Text("只有 {count} 项，权重重新归一，非正式评价", count=len(indices))
    if given(case, "expected_TLI_sum"):
        expected = number(case.get("expected_TLI_sum"), case.line, "expected_TLI_sum")
        digits = max(0, -int(expected.as_tuple().exponent))
        got = round_half_even(Decimal(repr(state.total)), digits)
        slack = _half_unit(expected) + max(_half_unit(value) for value in indices.values())
        outcome = Outcome.OK if abs(Decimal(repr(state.total)) - expected) <= slack else Outcome.DIFFERENT
        yield Check(case.line, name, "expected_TLI_sum", f"{expected:f}", f"{got:f}", outcome, note)
    if given(case, "expected_trophic"):
        yield _grade_check(case, name, "expected_trophic", state.grade)


def _half_unit(printed: Decimal) -> Decimal:
    return Decimal(5).scaleb(int(printed.as_tuple().exponent) - 1)


def _tli_grade(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    """Compare the grade of an index; a published grade that contradicts the rule must not come out."""
    name = " ".join(part for part in (case.get("water"), case.get("period")) if part)
    index = number(case.get("TLI"), case.line, "TLI")
    got = trophic_rules().grade(float(index))
    if given(case, "rule_grade"):
        yield _grade_check(case, name, "rule_grade", got)
    published = given(case, "published_grade")
    if not published:
        return
    if not case.get("consistent") or case.get("consistent").casefold() in _YES:
        yield _grade_check(case, name, "published_grade", got)
        return
    outcome = Outcome.DIFFERENT if _same_grade(published, got) else Outcome.OK
    note = Text("公布的等级与规则不符，不予复现")
    yield Check(case.line, name, "published_grade", published, got, outcome, note)


def _grade_check(case: Case, name: str, head: str, got: str) -> Check:
    expected = case.get(head)
    outcome = Outcome.OK if _same_grade(expected, got) else Outcome.DIFFERENT
    return Check(case.line, name, head, expected, got, outcome)


def _same_grade(printed: str, grade: str) -> bool:
    """Tell whether a printed grade is this one; 富营养 alone stands for all three of its grades."""
    plain = printed.removesuffix("化").removesuffix("型").removesuffix("状态").removesuffix("水平")
    return plain == grade or (plain == "富营养" and grade.endswith("度富营养"))


RIVER_STATUS = Layout("river-status", frozenset({"pct_I_III", "expected_status"}), _river_status)
PERCENTAGES = Layout("percentages", frozenset({"denominator", "counts", "published_percent"}), _percentages)
TLI_SUM = Layout("tli-sum", frozenset({"TLI_chla", "expected_TLI_sum"}), _tli_sum)
TLI_GRADE = Layout("tli-grade", frozenset({"TLI", "published_grade"}), _tli_grade)

for _layout in (RIVER_STATUS, PERCENTAGES, TLI_SUM, TLI_GRADE):
    register_layout(_layout)
