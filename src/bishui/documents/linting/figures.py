"""Figures against figures: two for one indicator, weaker than the base, more than all, out of proportion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from bishui.documents.draft import Finding, Indicator, Lines, PlanDraft, Target
from bishui.documents.layout import Passage
from bishui.documents.linting.report import finding, section
from bishui.documents.rulebook import any_of, pattern, rules
from bishui.documents.scopes import covers_all
from bishui.documents.targets import targets_in
from bishui.documents.text import squeeze
from bishui.i18n import Text

_CLAUSE = re.compile("[^，。；]+")
_DIGIT = re.compile(r"\d")
_BRACKETED = re.compile(r"[（(].*?[)）]")
_SIDES = {">=": {"up"}, ">": {"up"}, "<=": {"down"}, "<": {"down"}, "=": {"up", "down"}}
_ISO = re.compile(r"20\d\d-\d\d-\d\d")
_HEAD = 2  # characters of a name that a line must hold before it is read for a figure of that name


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that the plan asks for, in the form in which it is compared.

    `name` is the indicator without its scope and without words that tell nothing apart, `shown` as written.
    """

    name: str
    scope: str
    year: str
    op: str
    value: Decimal
    unit: str
    shown: str
    line: int


def two_figures(draft: PlanDraft) -> Iterator[Finding]:
    """The same indicator for the same place and year, with different figures.

    Figures of one line are not compared: there they belong to different things that the line tells apart.
    """
    seen: dict[tuple[str, str, str, str], list[Figure]] = {}
    for figure in _figures(draft):
        former = seen.setdefault((figure.name, figure.scope, figure.year, figure.unit), [])
        other = next((each for each in former if _contradicts(each, figure)), None)
        former.append(figure)
        if other is not None:
            message = Text(
                "“{second}”是 {value}{unit}，而第 {line} 行“{first}”是 {former}{unit}。",
                second=figure.shown,
                value=figure.value,
                unit=figure.unit,
                line=other.line,
                first=other.shown,
                former=other.value,
            )
            yield finding("figures-disagree", message, (figure.line, figure.line))


def _contradicts(first: Figure, second: Figure) -> bool:
    same_side = first.op == second.op or bool(_SIDES.get(first.op, set()) & _SIDES.get(second.op, set()))
    return same_side and first.value != second.value and first.line != second.line


def _figures(draft: PlanDraft) -> Iterator[Figure]:
    """Give the figures of the tables of indicators and of the sentences, the tables first."""
    for table in draft.indicators:
        yield from (figure for row in table.rows if (figure := _of_row(row, draft)) is not None)
    yield from (figure for each in draft.targets if (figure := _of_target(each, draft)) is not None)


def _of_row(row: Indicator, draft: PlanDraft) -> Figure | None:
    target = row.target
    if target is None or target.number is None or target.op is None or target.cumulative:
        return None
    name, scope = (row.sub or row.indicator, "") if _is_name(row.sub) else (row.indicator, row.sub)
    return Figure(
        _core(name),
        _area(scope, draft),
        str(target.year or ""),
        target.op,
        target.number,
        target.unit or row.unit,
        _shown(row),
        row.lines[0],
    )


def _shown(row: Indicator) -> str:
    return f"{row.indicator}（{row.sub}）" if row.sub else row.indicator


def _is_name(sub: str) -> bool:
    """Tell whether the part of an indicator is itself a name (达标率) and no place (市级, 县城)."""
    return not sub or bool(re.search("(?:率|比例|浓度|量|声级|系数)$", squeeze(sub)))


def _of_target(target: Target, draft: PlanDraft) -> Figure | None:
    number = decimal(target.value)
    if target.qualitative or target.op == "meets" or number is None or not _is_measure(target):
        return None
    name = _bare(target)
    due = target.deadline or ""
    year = due[:4] if _ISO.fullmatch(due) else due
    unit = target.unit or ""
    scope = _area(target.scope, draft)
    return Figure(_core(name), scope, year, target.op, number, unit, target.indicator, target.line)


def _is_measure(target: Target) -> bool:
    """Tell whether a target measures the whole (率, 总量) and is no single piece of work (改造15座)."""
    rule = rules("targets")
    additive = {*rule["units"]["amounts"], *rule["units"]["counts"]}
    return target.unit not in additive or squeeze(target.indicator).endswith(
        tuple(rule["words"]["indicator_end"])
    )


def decimal(text: str) -> Decimal | None:
    """Return the number that `text` writes, or None."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _area(scope: str, draft: PlanDraft) -> str:
    """Return a scope as it is compared; the plan's whole area is blank, however it is named."""
    text = squeeze(scope)
    whole = covers_all(text) and text.startswith(("全", "我", "本"))
    return "" if whole or text == squeeze(draft.doc.region) else text


@lru_cache(maxsize=16_384)
def _core(name: str) -> str:
    text = _BRACKETED.sub("", squeeze(name)).strip("*")
    text = re.sub("^(?:全[市县区省州]|[我本各]?[市县区])", "", text)
    return re.sub(any_of(section("figures")["fillers"]), "", text)


def below_base(draft: PlanDraft) -> Iterator[Finding]:
    """A target that is weaker than the base value beside it, or than what the plan tells as reached."""
    for table in draft.indicators:
        for row in table.rows:
            yield from _below_base_of_row(row)
    account = _Account(draft)
    for target in draft.targets:
        yield from _below_told(target, draft, account)


def _below_base_of_row(row: Indicator) -> Iterator[Finding]:
    base, target = row.base, row.target
    if base is None or target is None or base.cumulative != target.cumulative:
        return
    if base.number is None or target.number is None or not _weaker(target.op, target.number, base.number):
        return
    message = Text(
        "“{indicator}”的目标是 {target}，而 {year} 年已经是 {base}。",
        indicator=_shown(row),
        target=target.raw or target.filled,
        year=base.year or "—",
        base=base.raw or base.filled,
    )
    yield finding("below-base", message, row.lines)


def _weaker(op: str | None, wanted: Decimal, reached: Decimal) -> bool:
    return (op in {">=", ">"} and wanted < reached) or (op in {"<=", "<"} and wanted > reached)


def _below_told(target: Target, draft: PlanDraft, account: _Account) -> Iterator[Finding]:
    wanted = decimal(target.value)
    if target.qualitative or wanted is None or target.unit not in rules("targets")["units"]["shares"]:
        return
    for told in account.told(target):
        reached = decimal(told.value)
        alike = told.unit == target.unit and _area(told.scope, draft) == _area(target.scope, draft)
        if reached is not None and alike and told.op in _SIDES and _weaker(target.op, wanted, reached):
            message = Text(
                "“{indicator}”的目标是 {value}{unit}，而第 {line} 行写的是已经 {told}。",
                indicator=target.indicator,
                value=target.value,
                unit=target.unit or "",
                line=told.line,
                told=f"{told.value}{told.unit}",
            )
            yield finding("below-base", message, (target.line, target.line))
            return


def over_all(draft: PlanDraft) -> Iterator[Finding]:
    """A share of more than all."""
    for target in draft.targets:
        number = decimal(target.value)
        if target.unit != "%" or number is None or target.op not in {">=", "="}:
            continue
        if number > 100 or pattern(section("shares")["over"]).search(squeeze(target.text)):
            message = Text(
                "“{indicator}”写成“{text}”，比例不能超过 100%。",
                indicator=target.indicator,
                text=target.text,
            )
            yield finding("share-over-100", message, (target.line, target.line))


def turned_round(draft: PlanDraft) -> Iterator[Finding]:
    """A sentence that raises a figure to less than it was, or lowers it to more (由67%提高到65%)."""
    for text, lines in _texts(draft):
        for hit in pattern(section("figures")["from_to"]).finditer(squeeze(text)):
            first, last = Decimal(hit["first"]), Decimal(hit["last"])
            if (last <= first) if hit["up"] else (last >= first):
                message = Text("“{text}”前后的数值与说法相反。", text=hit.group())
                yield finding("below-base", message, lines)


def _texts(draft: PlanDraft) -> Iterator[tuple[str, Lines]]:
    for task in draft.tasks:
        yield task.content, task.lines
    for line in dict.fromkeys(target.line for target in draft.targets if target.task is None):
        yield draft.source((line, line)), (line, line)


def out_of_proportion(draft: PlanDraft) -> Iterator[Finding]:
    """A target a hundred times off what the plan's own account says of the same thing."""
    account = _Account(draft)
    limit = Decimal(section("figures")["proportion"])
    for target in draft.targets:
        wanted = _measured(target)
        if wanted is None or wanted[1] == 0 or target.op not in _SIDES:
            continue
        for told in account.told(target):
            stated = _measured(told)
            if stated is None or stated[0] != wanted[0] or stated[1] == 0:
                continue
            ratio = stated[1] / wanted[1]
            if ratio >= limit or ratio <= 1 / limit:
                message = Text(
                    "“{indicator}”的目标是 {value}{unit}，而第 {line} 行写的是 {told}，相差百倍以上。",
                    indicator=target.indicator,
                    value=target.value,
                    unit=target.unit or "",
                    line=told.line,
                    told=f"{told.value}{told.unit}",
                )
                yield finding("out-of-proportion", message, (target.line, target.line))
                break


class _Account:
    """What the lines without targets tell: the figures in each of their sentences, read when asked for."""

    def __init__(self, draft: PlanDraft) -> None:
        own = {target.line for target in draft.targets}
        self._clauses = [
            (number, clause)
            for number, line in enumerate(draft.source_lines, start=1)
            if number not in own and "\t" not in line
            for clause in _CLAUSE.findall(line)
            if _DIGIT.search(clause)
        ]
        self._read: dict[tuple[int, str], list[Target]] = {}

    def told(self, target: Target) -> Iterator[Target]:
        """Give the figures of the same name as a target's."""
        name = _core(_bare(target))
        for number, clause in self._clauses:
            if name[:_HEAD] in clause:
                yield from (each for each in self._figures(number, clause) if _core(_bare(each)) == name)

    def _figures(self, number: int, clause: str) -> list[Target]:
        known = self._read.get((number, clause))
        if known is None:
            known = targets_in(Passage(clause, ((0, number),)), None, None, facts=True)
            self._read[number, clause] = known
        return known


def _bare(target: Target) -> str:
    return squeeze(target.indicator).removeprefix(squeeze(target.scope))


def _measured(target: Target) -> tuple[str, Decimal] | None:
    """Return the dimension of a target and its size in that dimension's first unit."""
    number = decimal(target.value)
    if number is None or target.qualitative:
        return None
    for dimension, units in section("figures")["dimensions"].items():
        if target.unit in units:
            return dimension, number * Decimal(units[target.unit])
    return None
