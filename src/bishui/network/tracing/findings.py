"""How good traces were (溯源命中率): each trace later confirmed or refuted on the spot counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Any

#: Of the normal distribution at 95 %.
_Z = 1.959963984540054


class Found(StrEnum):
    """What the inspection of a trace found."""

    CONFIRMED = "confirmed"
    #: Nobody on the list: the culprit was another one, or nothing was found.
    REFUTED = "refuted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Finding:
    """A trace and what inspection found.

    Attributes
    ----------
    groups
        Codes of the groups as they were ranked, the likeliest first.
    named
        Whether the trace named a group, in place of saying that nothing can be decided or none is listed.
    sources
        Codes of confirmed sources; empty where refuted or open.
    """

    groups: tuple[tuple[str, ...], ...]
    named: bool
    found: Found
    sources: frozenset[str] = frozenset()

    @property
    def rank(self) -> int | None:
        """Rank of the first group with a confirmed source, from 1; None where there is none."""
        for number, group in enumerate(self.groups, 1):
            if self.sources & set(group):
                return number
        return None


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its counts and its 95 % interval (Wilson); None where nothing was counted."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        """The share."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lower and upper bound."""
        if not self.of:
            return None
        n, p = self.of, self.hits / self.of
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"hits": self.hits, "of": self.of, "share": self.share, "interval": self.interval}


@dataclass(frozen=True, slots=True)
class HitRate:
    """How good traces were; `still_open` wait for inspection and count nowhere else.

    `first` and `first_three`: a confirmed source in the first one or three groups, of all that are closed.
    `named`: of the traces that named a group, those in whose first group a source was confirmed.
    """

    first: Rate
    first_three: Rate
    named: Rate
    still_open: int

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "first": self.first.as_dict(),
            "first_three": self.first_three.as_dict(),
            "named": self.named.as_dict(),
            "open": self.still_open,
        }


def hit_rate(findings: Sequence[Finding]) -> HitRate:
    """Return how good traces were, from what inspections found; a refuted trace is a miss."""
    closed = [finding for finding in findings if finding.found is not Found.OPEN]
    ranks = [finding.rank or len(finding.groups) + 4 for finding in closed]
    named = [rank for rank, finding in zip(ranks, closed, strict=True) if finding.named]
    return HitRate(
        Rate(sum(rank == 1 for rank in ranks), len(ranks)),
        Rate(sum(rank <= 3 for rank in ranks), len(ranks)),
        Rate(sum(rank == 1 for rank in named), len(named)),
        len(findings) - len(closed),
    )
