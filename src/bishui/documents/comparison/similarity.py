"""How alike two texts are, and which records of two lists belong together.

Texts are vectors of character pairs weighted by their rarity in both plans. Sums are rounded exactly
(`fsum`), so that neither the order of the records nor that of the two plans changes a result.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bishui.documents.rulebook import rules


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as weights of its character groups, and the sum of their squares."""

    text: str
    weights: Mapping[str, float]
    square: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Record `first` of one list and record `second` of the other, with their similarity."""

    first: int
    second: int
    similarity: float


class Space:
    """The texts of both plans, from which the rarity of character groups is known."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._size = int(rules("comparison")["pairing"]["gram"])
        held = [set(self._groups(text)) for text in texts]
        self._count = len(held)
        self._in = Counter(group for groups in held for group in groups)

    def _groups(self, text: str) -> list[str]:
        if len(text) < self._size:
            return [text] if text else []
        return [text[index : index + self._size] for index in range(len(text) - self._size + 1)]

    def vector(self, text: str) -> Vector:
        """Return the vector of a text."""
        weights = {
            group: number * math.log1p(self._count / (self._in[group] or 1))
            for group, number in Counter(self._groups(text)).items()
        }
        return Vector(text, weights, math.fsum(weight * weight for weight in weights.values()))


def alike(first: Vector, second: Vector) -> float:
    """Return the cosine of two vectors: 1 for the same text, 0 where they share nothing."""
    if first.text == second.text:
        return 1.0
    if not first.square or not second.square:
        return 0.0
    shared = first.weights.keys() & second.weights.keys()
    product = math.fsum(first.weights[group] * second.weights[group] for group in shared)
    return min(1.0, product / math.sqrt(first.square * second.square))


def contained(part: Vector, whole: Vector) -> float:
    """Return how much of `part` stands in `whole`, by weight, from 0 to 1."""
    everything = math.fsum(part.weights.values())
    if not everything:
        return 0.0
    shared = part.weights.keys() & whole.weights.keys()
    return math.fsum(min(part.weights[group], whole.weights[group]) for group in shared) / everything


def best_pairs(
    first: Sequence[Vector],
    second: Sequence[Vector],
    least: float,
    agreement: Callable[[int, int], int | None],
    whole: tuple[Sequence[object], Sequence[object]],
) -> list[Pair]:
    """Pair the records of two lists, the most alike first; each is in at most one pair.

    Parameters
    ----------
    first, second
        The records' texts.
    least
        Pairs less alike than this are not made.
    agreement
        In how many other respects two records agree, which decides between equally alike ones; None where
        they cannot belong together.
    whole
        The records themselves, without their places: what decides last, so that their order never does.
    """
    found: list[tuple[float, int, tuple[str, ...], int, int]] = []
    for i, one in enumerate(first):
        for j, other in enumerate(second):
            similarity = alike(one, other)
            agreed = agreement(i, j) if similarity >= least else None
            if agreed is not None:
                texts = tuple(sorted((repr(whole[0][i]), repr(whole[1][j]))))
                found.append((-similarity, -agreed, texts, i, j))
    pairs: list[Pair] = []
    firsts: set[int] = set()
    seconds: set[int] = set()
    for score, _, _, i, j in sorted(found):
        if i not in firsts and j not in seconds:
            firsts.add(i)
            seconds.add(j)
            pairs.append(Pair(i, j, round(-score, 3)))
    return pairs
