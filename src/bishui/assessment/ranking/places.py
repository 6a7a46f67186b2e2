"""Rankings (排名): equal printed values share a rank, whatever the order in which they were given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place(Generic[T]):
    """One place in a ranking: the rank counted from 1, what is ranked, and its value as printed."""

    rank: int
    entry: T
    value: Fraction
    printed: Decimal


def rank_ascending(
    entries: Iterable[T],
    *,
    value: Callable[[T], Fraction],
    printed: Callable[[T], Decimal],
    name: Callable[[T], str],
    shared: bool = True,
) -> tuple[Place[T], ...]:
    """Rank by value, the smallest first (环办监测〔2017〕51号).

    Entries with the same printed value share a rank and the next rank is skipped: 1, 2, 2, 4. Inside a rank
    the unrounded value decides the order, then the name.

    Parameters
    ----------
    entries
        What to rank, in any order.
    value, printed, name
        The unrounded value, the value as it is printed, and the name of an entry.
    shared
        False gives every entry its own rank, in the same order.
    """
    ordered = sorted(entries, key=lambda entry: (printed(entry), value(entry), name(entry)))
    places: list[Place[T]] = []
    for position, entry in enumerate(ordered, 1):
        equal = shared and bool(places) and places[-1].printed == printed(entry)
        rank = places[-1].rank if equal else position
        places.append(Place(rank, entry, value(entry), printed(entry)))
    return tuple(places)
