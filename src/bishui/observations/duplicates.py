"""Rows that say the same twice, and rows that contradict one another.

Nothing is chosen silently: an exact repeat names the row it repeats, a reading that adds a number to an
earlier "no reading" names what it replaces, and of two different numbers neither is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bishui.observations.schema import Mark
from bishui.observations.values import CODE

#: Which mark gives way to which: a number says more than "off", "off" more than "no reading".
WEIGHT = {
    Mark.MEASURED: 3,
    Mark.BELOW_DETECTION: 3,
    Mark.OFFLINE: 2,
    Mark.NO_READING: 1,
    Mark.NOT_GIVEN: 0,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of cells with the same site, time and item.

    Attributes
    ----------
    repeats
        Cell → the cell it says the same as, or whose number replaces its missing one.
    contradictions
        Groups of cells with different results, each in the order of the file.
    """

    repeats: dict[int, int]
    contradictions: list[list[int]]


def combine(*codes: np.ndarray) -> np.ndarray:
    """Return one int64 code per place that is equal where all `codes` (not negative) are equal."""
    key = np.zeros(len(codes[0]), dtype=np.int64)
    reach = 1
    for code in codes:
        span = int(code.max(initial=0)) + 1
        if reach > 2**62 // span:
            key = dense(key)
            reach = int(key.max(initial=0)) + 1
        key = key * span + code
        reach *= span
    return key


def dense(key: np.ndarray) -> np.ndarray:
    """Return small codes, counted in the order of first appearance, for any int64 key."""
    codes: np.ndarray = pa.array(key).dictionary_encode().indices.to_numpy().astype(np.int64)
    return codes


def first_of(key: np.ndarray) -> np.ndarray:
    """Return for each place the first place with the same key."""
    codes = dense(key)
    first = np.empty(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    places: np.ndarray = first[codes]
    return places


def judge(key: np.ndarray, marks: np.ndarray, values: np.ndarray) -> Verdict:
    """Compare cells with the same key.

    Parameters
    ----------
    key
        One code per (site, time, item), shape (n,).
    marks
        Code of each cell's mark, shape (n,).
    values
        A code that is equal where the values are equal, shape (n,).
    """
    verdict = Verdict({}, [])
    again = np.flatnonzero(first_of(key) != np.arange(len(key)))
    if not again.size:
        return verdict
    several = np.flatnonzero(np.isin(key, key[again]))
    order = several[np.argsort(key[several], kind="stable")]
    sorted_key = key[order]
    edges = np.flatnonzero(np.diff(sorted_key)) + 1
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [len(order)]))
    for place in range(len(starts)):
        _judge_group(order[starts[place] : ends[place]].tolist(), marks, values, verdict)
    return verdict


def _judge_group(cells: list[int], marks: np.ndarray, values: np.ndarray, verdict: Verdict) -> None:
    weights = {CODE[mark]: weight for mark, weight in WEIGHT.items()}
    heaviest = max(weights[marks[cell]] for cell in cells)
    strong = [cell for cell in cells if weights[marks[cell]] == heaviest]
    told = {(int(marks[cell]), int(values[cell])) for cell in strong}
    if heaviest == WEIGHT[Mark.MEASURED] and len(told) > 1:
        verdict.contradictions.append(strong)
    kept = strong[0]
    for cell in cells:
        if cell != kept and (cell not in strong or len(told) == 1 or heaviest < WEIGHT[Mark.MEASURED]):
            verdict.repeats[cell] = kept
