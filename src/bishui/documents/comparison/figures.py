"""Figures of two plans: targets in sentences and indicators of tables, judged by their direction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache

from bishui.documents.comparison.classes import better_class, rank
from bishui.documents.comparison.frame import Frame, Side, last_year
from bishui.documents.comparison.result import Change, Entry, Mention, Verdict
from bishui.documents.comparison.similarity import Space, best_pairs
from bishui.documents.draft import Lines, PlanDraft, Target
from bishui.documents.rulebook import any_of, pattern, rules
from bishui.documents.text import squeeze
from bishui.i18n import Text

_SIGNS = {">=": "≥", "<=": "≤", ">": "＞", "<": "＜", "=": "＝"}
_UP = {">=", ">", "increase", "decrease"}
_DOWN = {"<=", "<"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A target in one shape, from a sentence or from a table of indicators.

    `index` counts from 1; `divisions` are the responsible units of the task it stands in.
    """

    index: int
    indicator: str
    op: str
    value: str
    unit: str
    deadline: str | None
    qualitative: bool
    lines: Lines
    divisions: tuple[str, ...] = ()

    @property
    def content(self) -> tuple[object, ...]:
        """Everything but its place."""
        return (self.indicator, self.op, self.value, self.unit, self.deadline, self.divisions)

    @property
    def wording(self) -> str:
        """What is asked for, as a person would write it."""
        words = {"increase": str(Text("提高")), "decrease": str(Text("下降")), "meets": str(Text("达到"))}
        return f"{_SIGNS.get(self.op) or words.get(self.op, self.op)}{self.value}{self.unit}"


def compare_figures(frame: Frame) -> list[Entry]:
    """Return what became of the figures, in no particular order."""
    before, after = list(_figures(frame.before)), list(_figures(frame.after))
    texts = [
        [_text(frame, figure, "before") for figure in before],
        [_text(frame, figure, "after") for figure in after],
    ]
    space = Space([*texts[0], *texts[1]])
    first, second = ([space.vector(text) for text in side] for side in texts)
    whole = ([figure.content for figure in before], [figure.content for figure in after])
    rule = rules("comparison")["pairing"]
    pairs = best_pairs(
        first,
        second,
        rule["figure"],
        lambda i, j: _agreement(before[i], after[j]) if _comparable(before[i], after[j]) else None,
        whole,
    )
    firsts, seconds = {pair.first for pair in pairs}, {pair.second for pair in pairs}
    pairs += best_pairs(
        first,
        second,
        rule["figure_other_measure"],
        lambda i, j: None if i in firsts or j in seconds else _agreement(before[i], after[j]),
        whole,
    )
    paired = ({pair.first for pair in pairs}, {pair.second for pair in pairs})
    entries = [_entry(frame, before[pair.first], after[pair.second], pair.similarity) for pair in pairs]
    entries += [_alone(frame, figure, "before") for i, figure in enumerate(before) if i not in paired[0]]
    entries += [_alone(frame, figure, "after") for j, figure in enumerate(after) if j not in paired[1]]
    return entries


def _figures(plan: PlanDraft) -> Iterator[Figure]:
    for number, target in enumerate(plan.targets, start=1):
        yield Figure(
            number,
            _indicator(plan, target),
            target.op,
            target.value,
            target.unit or "",
            target.deadline,
            target.qualitative,
            (target.line, target.line),
            plan.tasks[target.task].responsible.units if target.task is not None else (),
        )
    yield from _of_tables(plan)


def _indicator(plan: PlanDraft, target: Target) -> str:
    """Return what a target speaks of, with its scope; a short one with the theme of its task."""
    named = target.indicator
    if target.scope and target.scope not in named:
        named = f"{target.scope}{named}"
    if target.task is not None and len(named) < rules("comparison")["wording"]["short"]:
        theme = plan.tasks[target.task].theme
        named = f"{theme}：{named}" if theme else named
    return named


def _of_tables(plan: PlanDraft) -> Iterator[Figure]:
    """Give the figures of the tables of indicators; what a former plan wanted is left out."""
    number, end = len(plan.targets), last_year(plan.doc)
    first = plan.doc.period[0] if plan.doc.period else plan.doc.year
    for row in (row for table in plan.indicators for row in table.rows):
        wanted = row.target
        if wanted is None or wanted.op is None or wanted.value is None:
            continue
        if wanted.year is not None and first is not None and wanted.year < first:
            continue
        number += 1
        year = wanted.year or end
        upper = f"—{wanted.upper}" if wanted.upper else ""
        yield Figure(
            number,
            f"{row.indicator}{row.sub}",
            wanted.op,
            f"{wanted.value}{upper}",
            wanted.unit or "",
            f"{year}-12-31" if year else None,
            wanted.qualitative,
            row.lines,
        )


def _text(frame: Frame, figure: Figure, side: Side) -> str:
    """Return what two indicators are compared by: no whole areas, counts and marks, synonyms made one."""
    rule = rules("comparison")["wording"]
    text = frame.neutral(figure.indicator, side).strip("*")
    for part in ("aside", "whole", "counted"):
        text = re.sub(rule[part], "", text)
    for first, *others in rule["same"]:
        text = pattern(any_of([first, *others])).sub(first, text)
    return text or squeeze(figure.indicator)


def _comparable(before: Figure, after: Figure) -> bool:
    """Tell whether two values can be set side by side: one measure, and both a level or both a step."""
    if before.qualitative or after.qualitative:
        return True
    steps = [figure.op in {"increase", "decrease"} for figure in (before, after)]
    if any(steps) and before.op != after.op:
        return False
    return _measure(before.unit)[0] == _measure(after.unit)[0]


def _agreement(before: Figure, after: Figure) -> int:
    return sum(
        (
            before.qualitative == after.qualitative,
            squeeze(before.indicator) == squeeze(after.indicator),
            before.op == after.op,
            before.value == after.value,
            before.deadline == after.deadline,
        )
    )


@cache
def _measures() -> dict[str, tuple[str, Decimal]]:
    found: dict[str, tuple[str, Decimal]] = {}
    for measure in rules("comparison")["units"]["measures"]:
        found[measure["name"]] = (measure["name"], Decimal(1))
        found |= {unit: (measure["name"], Decimal(times)) for unit, times in measure["also"].items()}
    return found


def _measure(unit: str) -> tuple[str, Decimal]:
    plain = squeeze(unit)
    return _measures().get(plain, (plain, Decimal(1)))


def _entry(frame: Frame, before: Figure, after: Figure, similarity: float) -> Entry:
    value, note = _value_verdict(before, after)
    if value in {"strengthened", "weakened"} and _is_a_part(frame, before, after):
        value, note = "changed", Text("总量、数量类指标由下级分担，两级的数值不能直接比较强弱。")
    changes = [] if value == "kept" else [Change("value", value, before.wording, after.wording)]
    if squeeze(before.indicator) != squeeze(after.indicator):
        reworded = frame.changed_text("indicator", before.indicator, after.indicator)
        changes += [reworded] if reworded else []
    deadline = frame.changed_deadline(
        (before.deadline or "", after.deadline or ""), (before.deadline, after.deadline)
    )
    changes += [deadline] if deadline else []
    return Entry(
        "figure",
        _together({value, deadline.verdict if deadline else "kept"}),
        before.indicator,
        (_place(before),),
        (_place(after),),
        tuple(changes),
        similarity,
        note=note,
    )


def _together(verdicts: set[Verdict]) -> Verdict:
    """Return the verdict on value and day together; stronger in one and weaker in the other is changed."""
    moved = verdicts - {"kept"}
    return moved.pop() if len(moved) == 1 else "changed" if moved else "kept"


def _is_a_part(frame: Frame, before: Figure, after: Figure) -> bool:
    """Tell whether the lower plan's amount is a part of the higher one's: only amounts are shared out."""
    units = rules("targets")["units"]
    amounts = {squeeze(unit) for unit in (*units["amounts"], *units["counts"])}
    return (
        frame.relation.kind == "levels"
        and squeeze(before.unit) in amounts
        and squeeze(before.indicator) != squeeze(after.indicator)
    )


def _value_verdict(before: Figure, after: Figure) -> tuple[Verdict, Text | None]:
    if before.qualitative != after.qualitative:
        return "changed", Text("一份计划写的是数值，另一份写的是定性要求，强弱无法直接比较。")
    if before.qualitative or "meets" in {before.op, after.op}:
        return _wording_verdict(before, after), None
    if not _comparable(before, after):
        return "changed", Text("两份计划用的计量方式不同，强弱无法直接比较。")
    numbers = (_number(before), _number(after))
    if numbers[0] is None or numbers[1] is None:
        return ("kept" if squeeze(before.wording) == squeeze(after.wording) else "changed"), None
    direction = _direction(before, after)
    if direction == 0:
        return "changed", Text("两份计划的比较方向相反，请对照原文。")
    if numbers[0] == numbers[1]:
        return "kept", None
    return ("strengthened" if (numbers[1] - numbers[0]) * direction > 0 else "weakened"), None


def _wording_verdict(before: Figure, after: Figure) -> Verdict:
    if squeeze(before.value) == squeeze(after.value):
        return "kept"
    if rank(before.value) is None or rank(after.value) is None:
        return "changed"
    return better_class(before.value, after.value)


def _number(figure: Figure) -> Decimal | None:
    try:
        return Decimal(figure.value) * _measure(figure.unit)[1]
    except InvalidOperation:
        return None


def _direction(before: Figure, after: Figure) -> int:
    """Return 1 where more is stronger, -1 where less is, 0 where the two plans disagree on it."""
    ops = {before.op, after.op}
    if ops & _UP and ops & _DOWN:
        return 0
    if ops & _UP:
        return 1
    if ops & _DOWN:
        return -1
    less = rules("targets")["words"]["less_is_better"]
    return -1 if any(word in before.indicator + after.indicator for word in less) else 1


def _alone(frame: Frame, figure: Figure, side: Side) -> Entry:
    place = (_place(figure),)
    verdict: Verdict = "dropped" if side == "before" else "added"
    if frame.outside(side, figure.divisions):
        verdict = "outside"
    before, after = (place, ()) if side == "before" else ((), place)
    return Entry("figure", verdict, figure.indicator, before, after)


def _place(figure: Figure) -> Mention:
    return Mention(figure.index, None, f"{figure.indicator} {figure.wording}", figure.lines)
