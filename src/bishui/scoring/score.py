"""A score: every line with its points, what it was reckoned from, and what is still unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bishui.i18n import Text
from bishui.scoring.facts import Fact
from bishui.scoring.rubric import Rubric, Rule
from bishui.scoring.rules import outcome, rounded

SCORED, PENDING, EXCLUDED = "scored", "pending", "excluded"


@dataclass(frozen=True, slots=True)
class ItemScore:
    """The score of one line.

    Attributes
    ----------
    state
        ``scored``; ``pending`` where a fact is unknown; ``excluded`` where there is nothing to score.
    points
        None unless scored. Of a line with parts, the sum of the parts scored so far.
    lowest, highest
        What it can still come to.
    reckoning
        How the points came about, in words and figures.
    facts
        The facts used, by name; unknown ones hold None.
    """

    rule: Rule
    state: str
    points: Decimal | None
    lowest: Decimal
    highest: Decimal
    reckoning: Text
    facts: Mapping[str, Fact]
    parts: tuple[ItemScore, ...] = ()

    @property
    def possible(self) -> Decimal:
        """The points that the line can bring: nothing where it is excluded or a bonus."""
        if self.state == EXCLUDED or self.rule.kind == "bonus_or_penalty":
            return Decimal(0)
        if self.parts:
            return min(sum((part.possible for part in self.parts), Decimal(0)), self.rule.points)
        return self.rule.points


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one unit or division by one rubric.

    Attributes
    ----------
    points
        The sum of what is scored, raised to the full scale where lines are excluded: a unit without
        livestock is not marked down for it.
    lowest, highest
        What it can still come to once the pending lines are known; equal to `points` when none is.
    possible
        The points of the lines that apply.
    """

    rubric: Rubric
    items: tuple[ItemScore, ...]
    points: Decimal
    lowest: Decimal
    highest: Decimal
    possible: Decimal

    @property
    def complete(self) -> bool:
        """Whether every fact asked for is known."""
        return not any(True for _ in self.pending())

    def pending(self) -> Iterator[str]:
        """Yield the names of the facts that are not known yet, each once."""
        yield from dict.fromkeys(
            name for item in self.items for name, fact in item.facts.items() if fact.value is None
        )


def score(rubric: Rubric, facts: Mapping[str, Fact]) -> Score:
    """Score by `rubric`.

    Parameters
    ----------
    facts
        By name; a name that is absent is unknown, not zero.
    """
    items = tuple(_item(rule, facts, rubric.digits) for rule in rubric.rules)
    possible = sum((item.possible for item in items), Decimal(0))
    scale = rubric.total / possible if possible and _any_excluded(items) else Decimal(1)

    def total(values: Iterator[tuple[ItemScore, Decimal]]) -> Decimal:
        base = moved = Decimal(0)
        for item, value in values:
            if item.rule.kind == "bonus_or_penalty":
                moved += value
            else:
                base += value
        return rounded(base * scale + moved, rubric.digits)

    return Score(
        rubric=rubric,
        items=items,
        points=total((item, item.points or Decimal(0)) for item in items),
        lowest=total((item, item.lowest) for item in items),
        highest=total((item, item.highest) for item in items),
        possible=possible,
    )


def _item(rule: Rule, facts: Mapping[str, Fact], digits: int) -> ItemScore:
    used = {name: facts.get(name, Fact(None)) for name in rule.facts()}
    if rule.parts:
        return _sum(rule, tuple(_item(part, facts, digits) for part in rule.parts), used)
    if any(fact.value is None for fact in used.values()):
        bonus = rule.kind == "bonus_or_penalty"
        lowest = -rule.points if bonus else rule.floor
        return ItemScore(rule, PENDING, None, lowest, rule.points, Text("尚无数据，未计分"), used)
    points, reckoning = outcome(rule, used, digits)
    if points is None:
        return ItemScore(rule, EXCLUDED, None, Decimal(0), Decimal(0), reckoning, used)
    return ItemScore(rule, SCORED, points, points, points, reckoning, used)


def _sum(rule: Rule, parts: tuple[ItemScore, ...], used: Mapping[str, Fact]) -> ItemScore:
    states = {part.state for part in parts}
    state = PENDING if PENDING in states else EXCLUDED if states == {EXCLUDED} else SCORED

    def together(values: Iterator[Decimal]) -> Decimal:
        return min(max(sum(values, Decimal(0)), rule.floor), rule.points)

    if state == EXCLUDED:
        return ItemScore(rule, state, None, Decimal(0), Decimal(0), Text("没有应计对象"), used, parts)
    points = together(part.points or Decimal(0) for part in parts)
    terms = " + ".join(f"{part.points:f}" for part in parts if part.points is not None)
    return ItemScore(
        rule,
        state,
        points,
        together(part.lowest for part in parts),
        together(part.highest for part in parts),
        Text("分项合计：{terms}", terms=terms or "0"),
        used,
        parts,
    )


def _any_excluded(items: tuple[ItemScore, ...]) -> bool:
    return any(item.state == EXCLUDED or _any_excluded(item.parts) for item in items)
