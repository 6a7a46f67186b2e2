"""Targets stated in sentences: indicator, scope, comparison, value, unit, deadline; by grammar alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bishui.documents.draft import SpecialColumn, Target
from bishui.documents.layout import Passage
from bishui.documents.pieces import pieces_of
from bishui.documents.quantities import Run, Value, runs_in, values_in
from bishui.documents.rulebook import pattern, rules
from bishui.documents.scopes import covers_all, scope_of, scope_of_path, without_long_scope
from bishui.documents.sentences import Clause, clauses, masked
from bishui.documents.statements import Stated, after_link, comparison, operator, statement
from bishui.documents.text import Compact, squeeze

_LONGEST = 30
_ENDS = "。！？!?"
_HALTS = "；;"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a target asks for."""

    indicator: str
    op: str
    value: str
    unit: str | None = None
    qualitative: bool = False
    scope: str = ""


def targets_in(
    passage: Passage,
    year: int | None,
    otherwise: str | None,
    task: int | None = None,
    *,
    facts: bool = False,
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
    facts
        Also give the figures that are told as reached already.
    """
    return list(_Reader(passage, year, otherwise, task).read(facts=facts))


def target_passages(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Give the passages in which targets may stand: below a heading, and not below one of background (形势).

    The innermost heading that announces targets or background decides.
    """
    for passage in passages:
        if passage.path and not _is_background(passage.path):
            yield passage


def passages_of_columns(columns: Sequence[SpecialColumn], source_lines: Sequence[str]) -> Iterator[Passage]:
    """Give what special columns (专栏) say, item by item, as passages below both titles."""
    for column in columns:
        for item in column.items:
            yield Passage(
                item.text, pieces_of(item.text, item.lines, source_lines), (column.title, item.title)
            )


def _is_background(path: Sequence[str]) -> bool:
    rule = rules("targets")["passages"]
    for heading in reversed(path):
        if pattern(rule["announcing"]).search(squeeze(heading)):
            return False
        if pattern(rule["background"]).search(squeeze(heading)):
            return True
    return False


class _Reader:
    """Goes through the clauses of one passage in order."""

    def __init__(self, passage: Passage, year: int | None, otherwise: str | None, task: int | None) -> None:
        self._passage = passage
        self._text = Compact.of(passage.text)
        self._hidden = masked(self._text)
        self._year = year
        self._otherwise = otherwise
        self._task = task
        self._above = scope_of_path(passage.path)
        self._sentence_scope = ""
        self._former = ""

    def read(self, *, facts: bool) -> Iterator[Target]:
        before: Clause | None = None
        for clause in clauses(self._text, self._hidden, self._year):
            self._pass(before, clause)
            if facts or not self._tells_facts(clause):
                found = list(self._listed(before, clause) or self._numeric(clause))
                yield from found or self._in_words(clause)
            before = clause

    def _pass(self, before: Clause | None, clause: Clause) -> None:
        """Forget at the end of a sentence what was spoken of; 全市 alone holds beyond a semicolon."""
        between = "" if before is None else self._hidden[before.end : clause.start]
        if any(mark in between for mark in _ENDS):
            self._sentence_scope = self._former = ""
        elif any(mark in between for mark in _HALTS) and not covers_all(self._sentence_scope):
            self._sentence_scope = ""

    def _tells_facts(self, clause: Clause) -> bool:
        """Tell whether a clause reports what has been reached: by its words, or by a year before the plan."""
        due = clause.deadline_at(clause.end, None)
        if due and self._year and int(due[:4]) < self._year:
            return True
        facts = pattern(rules("targets")["words"]["facts"])
        return bool(facts.search(self._hidden, clause.start, clause.end))

    def _numeric(self, clause: Clause) -> Iterator[Target]:
        begin = clause.start
        runs = list(runs_in(self._hidden, clause.start, clause.end))
        for run in runs:
            yield from self._in_turn(clause, run)
        for value in values_in(self._hidden, clause.start, clause.end):
            if any(each.start <= value.start < each.end for each in clause.deadlines):
                continue
            if value.start < begin or any(run.start <= value.start < run.end for run in runs):
                continue
            stated = statement(self._hidden, clause, begin, value)
            if stated is not None:
                begin = max(value.end, stated.end)
                yield from self._of_value(clause, value, stated)

    def _of_value(self, clause: Clause, value: Value, stated: Stated) -> Iterator[Target]:
        """Give the target of a value, and of a range one for each end."""
        indicator = self._borrow(_clean("".join(self._text.original(*span) for span in stated.indicator)))
        if not indicator:
            return
        wanted = Wanted(
            indicator, _by_indicator(stated.op, indicator), value.number, stated.unit or value.unit
        )
        ends = [wanted]
        if value.upper:
            ends = [replace(wanted, op=">="), replace(wanted, op="<=", value=value.upper)]
        for each in ends:
            yield self._target(clause, (stated.begin, stated.end), value.start, each)

    def _borrow(self, indicator: str) -> str:
        """Put the indicator named before in the sentence to a noun that says nothing alone (占比)."""
        if indicator in rules("targets")["words"]["borrowing"] and self._former:
            return self._former + indicator
        self._former = indicator
        return indicator

    def _in_turn(self, clause: Clause, run: Run) -> Iterator[Target]:
        """Several indicators with a number for each: 甲、乙排放浓度分别不高于10、35毫克/升."""
        begin = clause.begin_after_deadline(run.start)
        turn = pattern(rules("targets")["words"]["listed_in_turn"]).search(self._hidden, begin, run.start)
        hits = [
            hit for hit in comparison().finditer(self._hidden, begin, run.start) if hit.end() == run.start
        ]
        if turn is None:
            return
        subject = _clean(self._text.original(begin, turn.start()))
        names = re.split("[、和及与]", subject)[-len(run.numbers) :]
        if len(names) < len(run.numbers):
            return
        tail = pattern(rules("targets")["words"]["common_tail"]).search(names[-1])
        op = run.after or (operator(hits[0]) if hits else "=")
        for name, number in zip(names, run.numbers, strict=True):
            whole = name if tail is None or name.endswith(tail.group()) else name + tail.group()
            wanted = Wanted(whole, _by_indicator(op, whole), number, run.unit)
            yield self._target(clause, (begin, run.end), run.start, wanted)

    def _listed(self, before: Clause | None, clause: Clause) -> Iterator[Target] | None:
        """A list behind a colon, each name with its own figure: 治理率分别达到：甲县20%、乙县30%."""
        words = rules("targets")["words"]
        if before is None or self._hidden[before.end : clause.start] not in {":", "："}:
            return None
        hit = pattern(words["listed_before"]).search(self._hidden, before.start, before.end)
        if hit is None:
            return None
        begin = before.begin_after_deadline(hit.start())
        subject = _clean(self._text.original(begin, hit.start()))
        values = list(values_in(self._hidden, clause.start, clause.end))
        named = next(comparison().finditer(self._hidden, hit.start(), before.end), None)
        return self._items(clause, subject, operator(named) if named else "=", values)

    def _items(self, clause: Clause, subject: str, op: str, values: list[Value]) -> Iterator[Target]:
        begin = clause.start
        for value in values:
            first = after_link(self._hidden, begin)
            name = _clean(self._text.original(first, value.start))
            begin = value.end
            if name and subject:
                asked = value.after or _by_indicator(op, subject)
                wanted = Wanted(f"{subject}（{name}）", asked, value.number, value.unit, scope=name)
                yield self._target(clause, (first, value.end), value.start, wanted)

    def _in_words(self, clause: Clause) -> Iterator[Target]:
        yield from self._by_class(clause)
        rule = rules("targets")["qualitative"]
        asked = list(re.finditer(rule["verb"] + rule["object"] + rule["end"], self._clause(clause)))
        asked = asked or list(re.finditer(rule["handed_down"], self._clause(clause)))
        for hit in asked[:1]:
            start, end = clause.start + hit.start(), clause.start + hit.end()
            indicator = _clean(self._text.original(clause.begin_after_deadline(start), start))
            place = clause.start + hit.start("object")
            yield from self._words(clause, indicator, (place, end), (start, end))
        if not asked:
            yield from self._gone(clause)

    def _gone(self, clause: Clause) -> Iterator[Target]:
        """Something bad that is to be gone (消除黑臭水体), or waters that must hold (水质稳定达标)."""
        rule = rules("targets")["qualitative"]
        if pattern(rule["gone_words"]).search(self._hidden, clause.start, clause.end) is None:
            return
        begin = clause.begin_after_deadline(clause.end)
        for name in ("gone_after", "gone", "holds"):
            hit = pattern(rule[name]).search(self._hidden, begin, clause.end)
            if hit is not None:
                indicator = _clean(self._text.original(*hit.span("what")))
                yield from self._words(clause, indicator, hit.span("object"), hit.span())
                return

    def _words(
        self, clause: Clause, indicator: str, wanted: tuple[int, int], whole: tuple[int, int]
    ) -> Iterator[Target]:
        if indicator:
            asked = Wanted(indicator, "meets", self._text.original(*wanted), qualitative=True)
            span = (clause.begin_after_deadline(whole[0]), whole[1])
            yield self._target(clause, span, wanted[0], asked)

    def _clause(self, clause: Clause) -> str:
        return self._hidden[clause.start : clause.end]

    def _by_class(self, clause: Clause) -> Iterator[Target]:
        """A water class as the value: 断面水质年均值达到III类."""
        rule = rules("targets")["water_class"]["pattern"]
        for hit in pattern(rule).finditer(self._hidden, clause.start, clause.end):
            begin = clause.begin_after_deadline(hit.start())
            indicator = _clean(self._text.original(begin, hit.start()))
            if indicator:
                wanted = Wanted(indicator, "meets", hit["value"])
                yield self._target(clause, (begin, hit.end()), hit.start("value"), wanted)

    def _target(self, clause: Clause, span: tuple[int, int], place: int, wanted: Wanted) -> Target:
        begin, end = _window(*span, place)
        how_often = (wanted.unit or "").startswith("次/")
        own = wanted.scope or scope_of(wanted.indicator)
        indicator = without_long_scope(wanted.indicator, own)
        self._sentence_scope = self._sentence_scope if wanted.scope else own or self._sentence_scope
        return Target(
            text=self._text.original(begin, end),
            indicator=indicator,
            op=wanted.op,
            value=wanted.value,
            unit=wanted.unit,
            deadline=None if how_often else clause.deadline_at(place, self._otherwise),
            qualitative=wanted.qualitative,
            line=self._passage.line_at(self._text.place(place)),
            task=self._task,
            scope=own or self._sentence_scope or self._above,
        )


def _window(begin: int, end: int, place: int) -> tuple[int, int]:
    """Return at most 30 characters of a span, with the value in them."""
    begin = max(begin, min(end - _LONGEST, place - 4))
    return begin, min(end, begin + _LONGEST)


def _clean(indicator: str) -> str:
    """Take off words before and after an indicator that are no part of it."""
    words = rules("targets")["words"]
    text = Compact.of(indicator).text.strip("、的□")
    text = pattern(words["lead_in"]).sub("", text)
    text = pattern(words["lead_out"]).sub("", text).strip("、的")
    return pattern(words["named_list"]).sub("", text)


def _by_indicator(op: str, indicator: str) -> str:
    """Turn 达到 into a comparison: at most for indicators of which less is better."""
    if op != "reach":
        return op
    less = rules("targets")["words"]["less_is_better"]
    return "<=" if any(word in indicator for word in less) else ">="
