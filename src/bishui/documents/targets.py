"""Targets stated in sentences: indicator, comparison, value, unit, deadline; by grammar alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bishui.documents.draft import Target
from bishui.documents.layout import Passage
from bishui.documents.rulebook import any_of, pattern, rules
from bishui.documents.sentences import Clause, clauses, masked
from bishui.documents.text import Compact

_LONGEST = 30
_LINKS = "、和与及或"


@dataclass(frozen=True, slots=True)
class Value:
    """A number with its unit as a span of the compact text; `end` is behind 以上, 以内 and the like."""

    start: int
    end: int
    number: str
    unit: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Stated:
    """What a clause states, as spans of the compact text."""

    op: str
    indicator: tuple[tuple[int, int], ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a target asks for."""

    indicator: str
    op: str
    value: str
    unit: str | None = None
    qualitative: bool = False


def targets_in(
    passage: Passage, year: int | None, otherwise: str | None, task: int | None = None
) -> list[Target]:
    """Return the targets that a passage states.

    Parameters
    ----------
    passage
        A paragraph of the body or the content of a task.
    year
        The year of the plan, for deadlines without one.
    otherwise
        The deadline (ISO date) of targets whose sentence names none.
    task
        The position of the task in the list of tasks, None in the body.
    """
    return list(_Reader(passage, year, otherwise, task).read())


class _Reader:
    def __init__(self, passage: Passage, year: int | None, otherwise: str | None, task: int | None) -> None:
        self._passage = passage
        self._text = Compact.of(passage.text)
        self._hidden = masked(self._text)
        self._year = year
        self._otherwise = otherwise
        self._task = task

    def read(self) -> Iterator[Target]:
        for clause in clauses(self._text, self._hidden, self._year):
            numeric = list(self._numeric(clause))
            yield from numeric
            if not numeric:
                yield from self._by_class(clause)
                yield from self._qualitative(clause)

    def _numeric(self, clause: Clause) -> Iterator[Target]:
        begin = clause.start
        for value in _values(self._hidden, clause):
            if any(each.start <= value.start < each.end for each in clause.deadlines):
                continue
            stated = _statement(self._hidden, clause, begin, value)
            if stated is None:
                continue
            begin = value.end
            indicator = _clean("".join(self._text.original(*span) for span in stated.indicator))
            op = _by_indicator(stated.op, indicator)
            if indicator and op:
                wanted = Wanted(indicator, op, value.number, value.unit)
                yield self._target(clause, (stated.begin, stated.end), value.start, wanted)

    def _by_class(self, clause: Clause) -> Iterator[Target]:
        """A water class as the value: 断面水质年均值达到III类."""
        rule = rules("targets")["water_class"]["pattern"]
        for hit in pattern(rule).finditer(self._hidden, clause.start, clause.end):
            begin = clause.begin_after_deadline(hit.start())
            indicator = _clean(self._text.original(begin, hit.start()))
            if indicator:
                wanted = Wanted(indicator, "meets", hit["value"])
                yield self._target(clause, (begin, hit.end()), hit.start("value"), wanted)
            return

    def _qualitative(self, clause: Clause) -> Iterator[Target]:
        """A goal set elsewhere as the value: 达到自治区考核要求."""
        rule = rules("targets")["qualitative"]
        expression = pattern(rule["verb"] + rule["object"] + rule["end"])
        hit = expression.search(self._hidden, clause.start, clause.end)
        if hit is None:
            return
        begin = clause.begin_after_deadline(hit.start())
        indicator = _clean(self._text.original(begin, hit.start()))
        if indicator:
            value = self._text.original(hit.start("object"), hit.end("object"))
            wanted = Wanted(indicator, "meets", value, qualitative=True)
            yield self._target(clause, (begin, hit.end()), hit.start("object"), wanted)

    def _target(self, clause: Clause, span: tuple[int, int], place: int, wanted: Wanted) -> Target:
        begin, end = _window(*span, place)
        return Target(
            text=self._text.original(begin, end),
            indicator=wanted.indicator,
            op=wanted.op,
            value=wanted.value,
            unit=wanted.unit,
            deadline=clause.deadline_at(place, self._otherwise),
            qualitative=wanted.qualitative,
            line=self._passage.line_at(self._text.place(place)),
            task=self._task,
        )


def _window(begin: int, end: int, place: int) -> tuple[int, int]:
    """Return at most 30 characters of a span, with the value in them."""
    begin = max(begin, min(end - _LONGEST, place - 4))
    return begin, min(end, begin + _LONGEST)


@cache
def _number_with_unit() -> re.Pattern[str]:
    units = rules("targets")["units"]
    every = [unit for kind in ("shares", "ratios", "amounts", "counts") for unit in units[kind]]
    return re.compile(
        rf"(?<![\dA-Za-z.\-—第])(?P<number>\d+(?:\.\d+)?)(?P<unit>{any_of(every)})?"
        r"(?![\d.]|个?工作日|个?月|个?小时|年|日(?!均)|号|类|级)"
    )


@cache
def _after_value() -> re.Pattern[str]:
    words = rules("targets")["words"]
    return re.compile(
        f"(?P<more>{any_of(words['after_at_least'])})|(?P<less>{any_of(words['after_at_most'])})"
    )


def _values(text: str, clause: Clause) -> Iterator[Value]:
    """Give the numbers of a clause with their units."""
    for hit in _number_with_unit().finditer(text, clause.start, clause.end):
        after = _after_value().match(text, hit.end(), clause.end)
        meaning = None if after is None else ">=" if after["more"] else "<="
        yield Value(hit.start(), after.end() if after else hit.end(), hit["number"], hit["unit"], meaning)


def _statement(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """Return what is stated about a value, or None where the value states nothing to be reached."""
    rule = rules("targets")["words"]
    if any(re.match(condition, text[value.end : clause.end]) for condition in rule["condition_after"]):
        return None
    for way in (_compared, _worked, _share_of, _bare):
        stated = way(text, clause, begin, value)
        if stated is not None:
            return stated
    return None


@cache
def _comparison() -> re.Pattern[str]:
    """A comparison right before the value, or before a noun phrase that ends with 的."""
    words = rules("targets")["words"]
    kinds = "|".join(
        f"(?P<{kind}>{any_of(words[kind])})"
        for kind in ("at_least", "at_most", "increase", "decrease", "reach", "done", "equal")
    )
    return re.compile(f"(?:{kinds})(?:了|约|到)?")


_OPERATORS = {
    "at_least": ">=",
    "at_most": "<=",
    "increase": "increase",
    "decrease": "decrease",
    "reach": "reach",
    "done": "reach",
    "equal": "=",
}


def _compared(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """Indicator, comparison, value: 收集率达到60%; or 抽查比例不低于……总数量的10%."""
    start = max(begin, clause.begin_after_deadline(value.start))
    hits = list(_comparison().finditer(text, start, value.start))
    adjacent = [hit for hit in hits if hit.end() == value.start]
    distant = (
        [hit for hit in hits if hit["at_least"] or hit["at_most"]] if text[value.start - 1] in "的之" else []
    )
    hit = next(iter(adjacent or distant), None)
    if hit is None or hit.start() <= start:
        return None
    if value.unit is None and not _ends_an_indicator(text[start : hit.start()]):
        return None
    if hit["done"] and value.unit not in rules("targets")["units"]["shares"]:
        return None
    op = value.after or _OPERATORS[str(hit.lastgroup)]
    if value.unit in rules("targets")["units"]["counts"] and op == "=":
        return None
    return Stated(op, ((_after_link(text, start), hit.start()),), _after_link(text, start), value.end)


def _worked(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """A verb that asks for an amount of work: 完成45个行政村的农村生活污水治理, 新建灌溉面积2万亩."""
    if value.unit is None:
        return None
    words = rules("targets")["words"]
    units = rules("targets")["units"]
    first = clause.begin_after_deadline(value.start)
    hit = re.search(any_of(words["work"]), text[first : value.start])
    if hit is None:
        return None
    verb = first + hit.start()
    start = max(begin, verb + len("完成") if hit.group() == "完成" else verb)
    end = value.end
    spans = [(_after_link(text, start), value.start)]
    if value.unit in units["counts"] or text[value.end : clause.end].startswith("的"):
        end = _end_of_item(text, value.end, clause.end)
        spans.append((value.end, end))
    elif value.unit in units["shares"]:
        return None
    return Stated(value.after or ">=", tuple(spans), _after_link(text, max(begin, verb)), end)


def _share_of(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """A share of a kind that does something: 95%以上畜禽规模养殖场建立台账."""
    first = clause.begin_after_deadline(value.start)
    if value.unit not in rules("targets")["units"]["shares"] or value.start != first:
        return None
    if not pattern(rules("targets")["words"]["share_of"]).match(text, value.end, clause.end):
        return None
    return Stated(value.after or "=", ((value.end, clause.end),), value.start, clause.end)


def _bare(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """An indicator with the value right after it: 无害化处理率100%."""
    start = max(begin, clause.begin_after_deadline(value.start))
    if value.unit is None or not _ends_an_indicator(text[start : value.start]):
        return None
    return Stated(value.after or "=", ((_after_link(text, start), value.start),), start, value.end)


def _ends_an_indicator(text: str) -> bool:
    stripped = pattern(rules("targets")["words"]["lead_out"]).sub("", text).rstrip("□")
    return stripped.endswith(tuple(rules("targets")["words"]["indicator_end"]))


def _after_link(text: str, start: int) -> int:
    while start < len(text) and text[start] in _LINKS:
        start += 1
    return start


def _end_of_item(text: str, begin: int, end: int) -> int:
    """Return where the item that a count belongs to ends: at 、 or the end of the clause."""
    comma = text.find("、", begin, end)
    return end if comma < 0 else comma


def _clean(indicator: str) -> str:
    """Take off words before and after an indicator that are no part of it."""
    words = rules("targets")["words"]
    text = Compact.of(indicator).text.strip("、的□")
    text = pattern(words["lead_in"]).sub("", text)
    return pattern(words["lead_out"]).sub("", text).strip("、的")


def _by_indicator(op: str, indicator: str) -> str:
    """Turn 达到 into a comparison: at most for indicators of which less is better."""
    if op != "reach":
        return op
    less = rules("targets")["words"]["less_is_better"]
    return "<=" if any(word in indicator for word in less) else ">="
