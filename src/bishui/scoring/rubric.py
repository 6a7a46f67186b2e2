"""Rubrics: scoring rules read from data, checked for the faults that such tables have."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from bishui.errors import CallError, DataError, Problem, Where
from bishui.i18n import Bilingual, Text
from bishui.scoring.facts import fact_kinds, is_known

#: Each kind of rule with the fields that it cannot do without.
KINDS: Mapping[str, tuple[str, ...]] = {
    "judged": (),
    "deduct_per_case": ("measure", "each"),
    "on_time": ("measure",),
    "all_or_nothing": ("measure", "threshold"),
    "proportional": ("measure", "of"),
    "count": ("weights",),
    "bonus_or_penalty": ("weights",),
    "sum_of_parts": ("parts",),
}
COMPARISONS = (">=", "<=", ">", "<", "=")
WHEN_EMPTY = ("excluded", "full", "none")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a rubric; which of the fields count follows from `kind` (see `bishui.scoring.rules`).

    Attributes
    ----------
    points
        What the line is worth; for a bonus or penalty the most it may move the total.
    measure, of
        Names of facts: what is counted, and what it is a share of.
    each
        Points taken for each case, or for each day late.
    threshold, comparison
        What the fact must reach for any points at all.
    floor
        The fewest points that are left.
    when_empty
        What a share of nothing is worth: ``excluded`` from the total, ``full`` or ``none``.
    weights
        Points for one of each counted fact.
    """

    id: str
    kind: str
    title: Bilingual
    points: Decimal
    part: Bilingual
    measure: str = ""
    of: str = ""
    each: Decimal = Decimal(0)
    threshold: Decimal | None = None
    comparison: str = ">="
    floor: Decimal = Decimal(0)
    when_empty: str = "excluded"
    weights: tuple[tuple[str, Decimal], ...] = ()
    parts: tuple[Rule, ...] = ()
    checked_by: str = ""
    note: Bilingual = field(default_factory=lambda: Bilingual(""))

    def facts(self) -> Iterator[str]:
        """Yield the names of all facts that the rule and its parts ask for."""
        if self.kind == "judged":
            yield f"judged.{self.id}"
        yield from (name for name in (self.measure, self.of) if name)
        yield from (name for name, _ in self.weights)
        for part in self.parts:
            yield from part.facts()


@dataclass(frozen=True, slots=True)
class Lists:
    """Who is commended (通报表扬) and who is criticised (通报批评)."""

    commend_top: int | None = None
    commend_at_least: Decimal | None = None
    criticise_below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rubric:
    """A scoring scheme (考核评分办法) in one version.

    Attributes
    ----------
    subject
        Who is scored: ``unit``, ``division``.
    total
        What the lines without bonus and penalty add up to.
    digits
        Decimal places of each line's points; totals are sums of the rounded lines, so that they can be
        added up by hand.
    source, certainty
        The document it comes from and how sure that is.
    labels
        Names of the facts that people count.
    problems
        Faults of the scheme itself that do not stop it: parts that do not add up, a total that is another.
    data
        What it was read from.
    """

    id: str
    version: str
    title: Bilingual
    subject: str
    total: Decimal
    digits: int
    rules: tuple[Rule, ...]
    lists: Lists
    valid_from: date | None
    source: Bilingual
    certainty: str
    labels: Mapping[str, Bilingual]
    problems: tuple[Problem, ...]
    data: Mapping[str, Any]

    def label(self, fact: str) -> str:
        """Return the name of a fact: of a computed one, of a judged line, or as the rubric calls it."""
        if fact in self.labels:
            return str(self.labels[fact])
        if fact in fact_kinds():
            return str(fact_kinds()[fact].label)
        judged = next((rule.title for rule in self.all_rules() if fact == f"judged.{rule.id}"), None)
        return str(judged or fact.partition(".")[2])

    def facts(self) -> tuple[str, ...]:
        """Return the names of all facts asked for, each once, in order."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.facts()))

    def all_rules(self) -> Iterator[Rule]:
        """Yield every line, parts after the line they belong to."""
        for rule in self.rules:
            yield from _with_parts(rule)


def rubric_of(data: Mapping[str, Any], *, file: str = "") -> Rubric:
    """Read a rubric from plain data (TOML, JSON).

    Raises
    ------
    DataError
        With every fault that leaves a line without a meaning: an unknown kind, a missing field, a number
        that is none, a fact that nobody computes, an identifier used twice.
    """
    reader = _Reader(file)
    rules = reader.rules(data.get("rule", ()), "rule")
    rubric = Rubric(
        id=str(data.get("id", "")),
        version=str(data.get("version", "")),
        title=_bilingual(data, "title"),
        subject=str(data.get("subject", "unit")),
        total=reader.number(data, "total", "", Decimal(100)),
        digits=int(data.get("digits", 2)),
        rules=rules,
        lists=reader.lists(data.get("lists", {})),
        valid_from=data.get("valid_from"),
        source=_bilingual(data, "source"),
        certainty=str(data.get("certainty", "")),
        labels={name: Bilingual(*words) for name, words in data.get("labels", {}).items()},
        problems=(),
        data=data,
    )
    reader.check(rubric)
    if reader.problems:
        raise DataError(
            Text("评分办法“{title}”有 {count} 处错误。", title=str(rubric.title), count=len(reader.problems)),
            remedy=Text("请逐条改正后再用。"),
            where=Where(file=file or None),
            problems=reader.problems,
        )
    return replace(rubric, problems=tuple(_doubts(rubric, file)))


@cache
def rubrics() -> Mapping[str, Rubric]:
    """Return the rubrics that come with the software, by identifier."""
    folder = Path(__file__).parent / "data" / "rubrics"
    found = (
        rubric_of(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal), file=path.name)
        for path in sorted(folder.glob("*.toml"))
    )
    return {rubric.id: rubric for rubric in found}


def find_rubric(identifier: str) -> Rubric:
    """Return the rubric `identifier` that comes with the software.

    Raises
    ------
    CallError
        If there is none of that name.
    """
    try:
        return rubrics()[identifier]
    except KeyError:
        raise CallError(
            Text("没有名为“{name}”的评分办法。", name=identifier),
            remedy=Text("可用的有：{names}。", names="、".join(rubrics())),
        ) from None


class _Reader:
    """Turns plain data into rules and keeps what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def rules(self, entries: Sequence[Mapping[str, Any]], place: str) -> tuple[Rule, ...]:
        return tuple(self.rule(entry, f"{place} {n}") for n, entry in enumerate(entries, start=1))

    def rule(self, entry: Mapping[str, Any], place: str) -> Rule:
        kind = str(entry.get("kind", ""))
        place = f"{place} {entry.get('id', '')}".strip()
        if kind not in KINDS:
            self.fault("unknown-kind", place, Text("没有“{kind}”这种评分方式。", kind=kind), "、".join(KINDS))
        for name in KINDS.get(kind, ()):
            if name not in entry:
                self.fault("missing-field", place, Text("缺少“{field}”。", field=name), name)
        return Rule(
            id=str(entry.get("id", "")),
            kind=kind,
            title=_bilingual(entry, "title"),
            points=self.number(entry, "points", place, None),
            part=_bilingual(entry, "part"),
            measure=str(entry.get("measure", "")),
            of=str(entry.get("of", "")),
            each=self.number(entry, "each", place, Decimal(0)),
            threshold=self.number(entry, "threshold", place, None) if "threshold" in entry else None,
            comparison=str(entry.get("comparison", ">=")),
            floor=self.number(entry, "floor", place, Decimal(0)),
            when_empty=str(entry.get("when_empty", "excluded")),
            weights=tuple(
                (str(name), self.number(entry["weights"], name, place, None))
                for name in entry.get("weights", {})
            ),
            parts=self.rules(entry.get("parts", ()), place),
            checked_by=str(entry.get("checked_by", "")),
            note=_bilingual(entry, "note"),
        )

    def number(self, entry: Mapping[str, Any], field: str, place: str, default: Decimal | None) -> Decimal:
        given = entry.get(field, default)
        try:
            value = Decimal(str(given))
        except InvalidOperation:
            value = Decimal("NaN")
        if isinstance(given, bool) or not value.is_finite():
            self.fault(
                "not-a-number",
                place,
                Text("“{field}”应是数字，不能是“{given}”。", field=field, given=given),
                field,
            )
            return Decimal(0)
        return value

    def lists(self, entry: Mapping[str, Any]) -> Lists:
        def bound(field: str) -> Decimal | None:
            return self.number(entry, field, "lists", None) if field in entry else None

        top = entry.get("commend_top")
        return Lists(
            int(top) if top is not None else None, bound("commend_at_least"), bound("criticise_below")
        )

    def check(self, rubric: Rubric) -> None:
        if not rubric.id or not rubric.rules:
            self.fault("empty", "", Text("评分办法没有编号，或没有评分项。"), "id, rule")
        seen: set[str] = set()
        for rule in rubric.all_rules():
            if not rule.id or rule.id in seen:
                self.fault("id", rule.id, Text("评分项编号“{id}”为空或重复。", id=rule.id), "id")
            seen.add(rule.id)
            self._check_values(rule)

    def _check_values(self, rule: Rule) -> None:
        for name in rule.facts():
            if not is_known(name):
                self.fault("unknown-fact", rule.id, Text("没有人计算“{name}”。", name=name), "measure")
        if rule.comparison not in COMPARISONS or rule.when_empty not in WHEN_EMPTY:
            allowed = "、".join((*COMPARISONS, *WHEN_EMPTY))
            self.fault("word", rule.id, Text("比较方式或空值处理写法不认识。"), allowed)
        if rule.points < 0 or rule.each < 0 or rule.floor > rule.points:
            self.fault("range", rule.id, Text("分值不能为负，保底分不能高于分值。"), "points, each, floor")

    def fault(self, code: str, place: str, what: Text, hint: str) -> None:
        self.problems.append(
            Problem(
                code,
                what,
                Text("请检查：{hint}。", hint=hint),
                Where(file=self.file or None, field=place or None),
            )
        )


def _doubts(rubric: Rubric, file: str) -> Iterator[Problem]:
    """Yield what does not add up in the scheme itself; such schemes are in force all the same."""
    for rule in rubric.all_rules():
        if rule.kind != "sum_of_parts":
            continue
        together = sum((part.points for part in rule.parts), Decimal(0))
        if together != rule.points:
            yield Problem(
                "parts-do-not-add-up",
                Text("各分项合计 {sum} 分，而本项为 {points} 分。", sum=together, points=rule.points),
                Text("请向评分办法的发文单位核实。"),
                Where(file=file or None, field=rule.id),
            )
    base = sum((rule.points for rule in rubric.rules if rule.kind != "bonus_or_penalty"), Decimal(0))
    if base != rubric.total:
        yield Problem(
            "total-does-not-add-up",
            Text("各项合计 {sum} 分，而满分为 {points} 分。", sum=base, points=rubric.total),
            Text("请向评分办法的发文单位核实。"),
            Where(file=file or None, field="total"),
        )


def _with_parts(rule: Rule) -> Iterator[Rule]:
    yield rule
    for part in rule.parts:
        yield from _with_parts(part)


def _bilingual(data: Mapping[str, Any], field: str) -> Bilingual:
    return Bilingual(str(data.get(f"{field}_zh", "")), str(data.get(f"{field}_en", "")))
