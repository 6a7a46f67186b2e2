"""Ranks, the lists for commendation and criticism, and who moves when a rule changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bishui.scoring.rubric import Lists
from bishui.scoring.score import Score


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of one subject: equal points share a place and the next place is left out.

    `settled` is false while facts that are still unknown could change the place.
    """

    subject: str
    place: int
    score: Score
    settled: bool


@dataclass(frozen=True, slots=True)
class Move:
    """What a change of rules does to one subject; the former side is None for one that is new."""

    subject: str
    place_before: int | None
    place_after: int | None
    points_before: Decimal | None
    points_after: Decimal | None

    @property
    def moved(self) -> bool:
        """Whether place or points differ."""
        return (self.place_before, self.points_before) != (self.place_after, self.points_after)


def ranks(scores: Mapping[str, Score]) -> list[Rank]:
    """Return the subjects from the best; those with equal points in the order of their names."""
    ordered = sorted(scores.items(), key=lambda item: (-item[1].points, item[0]))
    points = [score.points for _, score in ordered]
    return [
        Rank(subject, points.index(score.points) + 1, score, _is_settled(subject, scores))
        for subject, score in ordered
    ]


def _is_settled(subject: str, scores: Mapping[str, Score]) -> bool:
    mine = scores[subject]
    others = (score for name, score in scores.items() if name != subject)
    return mine.complete and all(
        other.complete or other.highest < mine.lowest or other.lowest > mine.highest for other in others
    )


def lists(ranked: list[Rank], rule: Lists) -> tuple[list[Rank], list[Rank]]:
    """Return who is commended and who is criticised.

    Nobody is commended whose place is not settled, or criticised who may still come to more points.
    """
    commended = [
        rank
        for rank in ranked
        if rank.settled
        and rule.commend_top is not None
        and rank.place <= rule.commend_top
        and rank.score.points >= (rule.commend_at_least or Decimal(0))
    ]
    criticised = [
        rank
        for rank in ranked
        if rule.criticise_below is not None and rank.score.highest < rule.criticise_below
    ]
    return commended, criticised


def moves(before: list[Rank], after: list[Rank]) -> list[Move]:
    """Return what changes between two rankings, the greatest change of place first."""
    old = {rank.subject: rank for rank in before}
    new = {rank.subject: rank for rank in after}
    found = [_move(subject, old.get(subject), new.get(subject)) for subject in {**old, **new}]
    return sorted(found, key=lambda move: (-_distance(move), move.subject))


def _move(subject: str, before: Rank | None, after: Rank | None) -> Move:
    return Move(
        subject,
        before.place if before else None,
        after.place if after else None,
        before.score.points if before else None,
        after.score.points if after else None,
    )


def _distance(move: Move) -> Decimal:
    places = abs((move.place_after or 0) - (move.place_before or 0))
    points = abs((move.points_after or Decimal(0)) - (move.points_before or Decimal(0)))
    return Decimal(places) * 1000 + points
