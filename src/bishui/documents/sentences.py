"""Running text cut into sentences and clauses, with the deadline that holds at each place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bishui.documents.deadlines import Found, find
from bishui.documents.text import Compact

_BRACKETS = re.compile(r"（[^（）]*）|\([^()]*\)|《[^《》]*》|〔[^〔〕]*〕|“[^“”]*”")
_SENTENCE = re.compile(r"[^。！？!?]+")
_CLAUSE = re.compile(r"[^，；,;：:]+")
_YEAR = re.compile(r"(?<![比较以从\d])(?:到|至)?(?P<year>20\d\d)年度?(?![—－\-~至])")
_ISO = re.compile(r"20\d\d-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause as a span of the compact text, and the deadlines of its sentence."""

    start: int
    end: int
    deadlines: tuple[Found, ...]

    def deadline_at(self, place: int, otherwise: str | None) -> str | None:
        """Return the date that holds at `place`: the last one named before it in the sentence.

        A word whose day is a matter of region or reading (汛期前) does not override `otherwise`.
        """
        sure = [each for each in self.deadlines if each.certainty != "C" or otherwise is None]
        dates = [
            each.norm for each in sure if each.start <= place and each.norm and _ISO.fullmatch(each.norm)
        ]
        return dates[-1] if dates else otherwise

    def begin_after_deadline(self, place: int) -> int:
        """Return where the clause's own text begins: behind a deadline between its start and `place`."""
        return max(
            [
                self.start,
                *(each.end for each in self.deadlines if self.start <= each.start and each.end <= place),
            ]
        )


def masked(text: Compact) -> str:
    """Return the compact text with everything in brackets and titles made unreadable, at the same length."""
    hidden = text.text
    for _ in range(3):
        hidden = _BRACKETS.sub(lambda hit: "□" * len(hit.group()), hidden)
    return hidden


def clauses(text: Compact, hidden: str, year: int | None) -> Iterator[Clause]:
    """Give the clauses of a text in order."""
    found = find(text, year)
    years = [
        Found(hit.start(), hit.end(), hit.group(), f"{hit['year']}-12-31")
        for hit in _YEAR.finditer(hidden)
        if not any(each.start < hit.end() and hit.start() < each.end for each in found)
    ]
    every = sorted((*found, *years), key=lambda each: each.start)
    for sentence in _SENTENCE.finditer(hidden):
        here = tuple(each for each in every if sentence.start() <= each.start < sentence.end())
        for clause in _CLAUSE.finditer(hidden, sentence.start(), sentence.end()):
            yield Clause(clause.start(), clause.end(), here)
