"""What the judgement of every pair needs to know of the two plans: relation, years, regions."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bishui.documents.comparison.result import Change, Relation, Span, Verdict
from bishui.documents.comparison.spans import spans_of
from bishui.documents.draft import DocumentHead, PlanDraft
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import squeeze

Side = Literal["before", "after"]

_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Frame:
    """Two plans and how they stand to each other."""

    before: PlanDraft
    after: PlanDraft
    relation: Relation

    @classmethod
    def of(cls, before: PlanDraft, after: PlanDraft) -> Frame:
        """Return the frame of two plans."""
        return cls(before, after, _relation(before.doc, after.doc))

    def plan(self, side: Side) -> PlanDraft:
        """Return the plan of a side."""
        return self.before if side == "before" else self.after

    def neutral(self, text: str, side: Side) -> str:
        """Return a text without blanks, with the plan's own year and region named alike in both plans."""
        doc = self.plan(side).doc
        plain = squeeze(text)
        for year, word in _own_years(doc):
            plain = plain.replace(f"{year}年", word)
        for name in filter(None, (doc.region, _last_division(doc.region))):
            plain = plain.replace(name, "")
        return plain

    def changed_text(self, field: str, before: str, after: str) -> Change | None:
        """Return the change of a text, or None where only the plans' own years and regions differ."""
        if self.neutral(before, "before") == self.neutral(after, "after"):
            return None
        spans: tuple[Span, ...] = spans_of(squeeze(before), squeeze(after))
        return Change(field, "changed", before, after, spans=spans)

    def changed_deadline(
        self, written: tuple[str, str], meant: tuple[str | None, str | None]
    ) -> Change | None:
        """Return the change of a deadline, or None where both mean the same day of the plan's own period.

        A day is taken by its distance to the end of the plan's period, so that 6月底前 of this year and of
        last year are the same; the later one is the weaker.
        """
        first, second = (self._distance(meant[0], "before"), self._distance(meant[1], "after"))
        if first == second and (first is not None or squeeze(written[0]) == squeeze(written[1])):
            return None
        verdict: Verdict = "changed"
        if isinstance(first, int) and isinstance(second, int):
            verdict = "weakened" if second < first else "strengthened"
        return Change("deadline", verdict, *written)

    def _distance(self, norm: str | None, side: Side) -> int | str | None:
        """Return how many days before the end of the plan's period a day lies; other forms as they are."""
        end = last_year(self.plan(side).doc)
        if norm is None or end is None or not _ISO.fullmatch(norm):
            return norm
        day = date.fromisoformat(norm)
        if day.month == 2 and day.day == calendar.monthrange(day.year, 2)[1]:
            return (end - day.year) * 372 + 10 * 31
        return (end - day.year) * 372 + (12 - day.month) * 31 + (31 - day.day)

    def outside(self, side: Side, divisions: tuple[str, ...]) -> bool:
        """Tell whether something of the higher plan is a duty of other divisions than the lower plan's.

        `divisions` are the counties or bodies that it names; none, or a collective one, means all.
        """
        if self.relation.kind != "levels" or side != self.relation.upper:
            return False
        rule = rules("comparison")["levels"]
        lower = self.plan("after" if side == "before" else "before").doc.region
        name = pattern(rule["suffix"]).sub("", _last_division(lower))
        named = [division for division in divisions if division]
        if not name or not named:
            return False
        return not any(name in division or pattern(rule["collective"]).match(division) for division in named)


def last_year(doc: DocumentHead) -> int | None:
    """Return the last year that a plan speaks of."""
    return doc.period[1] if doc.period else doc.year


def _last_division(region: str) -> str:
    """Return the innermost division of a region (甲市乙县: 乙县)."""
    return pattern(rules("comparison")["levels"]["above"]).sub("", region)


def _level(doc: DocumentHead) -> str:
    """Return the level of a plan, by the end of its region's name where the reader gave none."""
    levels = rules("document")["head"]["levels"].items()
    by_name = next((name for name, ends in levels if doc.region.endswith(tuple(ends))), "")
    return doc.region_level or str(by_name)


def _own_years(doc: DocumentHead) -> list[tuple[int, str]]:
    words = rules("comparison")["years"]
    if doc.year is None or doc.period:
        return []
    return [(doc.year, words["own"]), (doc.year - 1, words["before"])]


def _relation(before: DocumentHead, after: DocumentHead) -> Relation:
    order = rules("comparison")["levels"]["order"]
    levels = [_level(doc) for doc in (before, after)]
    ranks = [order.index(level) if level in order else None for level in levels]
    if ranks[0] is not None and ranks[1] is not None and ranks[0] != ranks[1]:
        return Relation("levels", "before" if ranks[0] < ranks[1] else "after")
    if before.region != after.region:
        return Relation("other")
    lengths = [doc.period[1] - doc.period[0] if doc.period else 0 for doc in (before, after)]
    if lengths[0] != lengths[1]:
        return Relation("periods", "before" if lengths[0] > lengths[1] else "after")
    return Relation("successive")
