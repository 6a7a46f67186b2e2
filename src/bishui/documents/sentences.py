"""Running text cut into sentences and clauses, with the deadline that holds at each place."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bishui.documents.deadlines import Found, find
from bishui.documents.text import Compact

_BRACKETS = re.compile(r"（[^（）]*）|\([^()]*\)|《[^《》]*》|〔[^〔〕]*〕|“[^“”]*”")
_SENTENCE = re.compile(r"[^。！？!?]+")
_CLAUSE = re.compile(r"[^，；,;：:]+")
_YEAR = re.compile(r"(?<![比较以从\d])(?:到|至)?(?P<year>20\d\d)年度?(?![—－\-~至])")
# Longer runs without a full stop or a comma are damage; going through them takes its square in time.
_LONGEST_SENTENCE = 5000
_LONGEST_CLAUSE = 1000
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
    """Give the clauses of a text in order; a sentence or clause longer than anybody writes is passed over."""
    found = find(text, year)
    begins = [each.start for each in found]
    years = [
        Found(hit.start(), hit.end(), hit.group(), f"{hit['year']}-12-31")
        for hit in _YEAR.finditer(hidden)
        if not _overlaps(found, begins, hit)
    ]
    every = sorted((*found, *years), key=lambda each: each.start)
    begins = [each.start for each in every]
    for sentence in _SENTENCE.finditer(hidden):
        if sentence.end() - sentence.start() > _LONGEST_SENTENCE:
            continue
        here = tuple(every[bisect_left(begins, sentence.start()) : bisect_left(begins, sentence.end())])
        for clause in _CLAUSE.finditer(hidden, sentence.start(), sentence.end()):
            if clause.end() - clause.start() <= _LONGEST_CLAUSE:
                yield Clause(clause.start(), clause.end(), here)


def _overlaps(found: Sequence[Found], begins: Sequence[int], hit: re.Match[str]) -> bool:
    """Tell whether a hit shares a character with something found; `begins` are the starts, in order."""
    before = bisect_left(begins, hit.end()) - 1
    return before >= 0 and found[before].end > hit.start()
