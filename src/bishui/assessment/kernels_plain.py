"""Compiled passes over plain rows: measured, in the order of time, of ordinary size.

Most rows are plain. `kernels_days` sums the days of the others.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any

import numpy as np

from bishui.assessment import kernels
from bishui.assessment.kernels import Array, Ints, Word
from bishui.assessment.kernels_days import DAY, unit
from bishui.compiled import kernel

#: Values below this many units of their scale are divided by a product; see `divide`.
_PLAIN = np.int64(1) << 39
#: Hundredths of the largest pH that readings have.
_HIGHEST_STEP = np.int64(1400)
#: Rows that are divided at a time: their numbers stay in the nearest cache. No group has more.
BLOCK = 1024


@kernel()
def plain_days(
    begin_row: Word,
    run: Word,
    moment: Ints,
    tick: Word,
    columns: tuple[Ints, Array, Word],
    division: tuple[Word, Word, bool],
    single: bool,
    head: tuple[Word, Word, Word],
    groups: Word,
    block: tuple[Word, Word, Word],
    scratch: tuple[Ints, Ints],
    out: tuple[Array, ...],
) -> tuple[Word, Word, tuple[Word, Word, Word]]:
    """Sum days of plain rows until another kind of day; see `kernels_rows.scan_rows`.

    Parameters
    ----------
    begin_row, run
        First row, and the one after the last.
    columns, division
        What `divide` divides, and how.
    single
        One group per sampling time, not per day.
    head
        Series, source and rank of the groups.
    block
        Rows whose numbers are in `scratch` and whether one of them is odd, as the last call gave it.

    Returns
    -------
    row, groups, block
        First row of the first day that is not plain, or `run`; how many groups there are now.
    """
    series, origin, begins, ranks, first, last, high, low, counts, detection = out
    numbers, odds = scratch
    packed = counts.view(np.uint64)  # four counts in a word: the first is of the rows used
    i, g, size, one = np.uint64(begin_row), np.uint64(groups), np.uint64(run), np.uint64(1)
    front, back, odd_rows = np.uint64(block[0]), np.uint64(block[1]), np.int64(block[2])
    begin, end, rows = np.int64(0), np.int64(0), one
    while i < size:
        if i >= back or i < front:
            front, back = i, min(size, i + np.uint64(BLOCK))
            odd_rows = divide(front, back, moment, columns, division, scratch)
        second = moment[i] if tick == 1 else moment[i] // tick
        if not single and end <= second < end + DAY:
            begin, end = end, end + DAY
        else:
            begin, end = unit(second, single)
        if odd_rows != 0:
            at, odd = odd_day(i, front, back, end * tick, moment, odds)
            if odd != 0:
                break
        else:
            at = day_end(i, rows, back, end * tick, moment)
        if at == back and back < size and i > front:  # the next block has the whole day
            back = i
            continue
        rows = at - i
        h, lo = day_sum(i - front, at - front, division[2], numbers)
        series[g], origin[g], ranks[g] = head
        begins[g], high[g], low[g], detection[g] = begin, h, lo, -1
        first[g] = second - begin
        last[g] = (moment[at - one] if tick == 1 else moment[at - one] // tick) - begin
        packed[g, 0], packed[g, 1] = rows, 0
        i = at
        g += one
    return np.int64(i), np.int64(g), (np.int64(front), np.int64(back), odd_rows)


@kernel(inline="always")
def day_end(begin_row: Word, rows: Word, back: Word, after: Word, moment: Ints) -> Any:
    """Return the row after a day's last among rows in the order of time, trying the length of another day."""
    at = begin_row + rows
    if at > back or moment[at - np.uint64(1)] >= after or (at < back and moment[at] < after):
        at = begin_row + np.uint64(1)
        while at < back and moment[at] < after:
            at += np.uint64(1)
    return at


@kernel(inline="always")
def odd_day(begin_row: Word, front: Word, back: Word, after: Word, moment: Ints, odds: Ints) -> Any:
    """Return the row after a day's last, and not zero if one of the day's rows is odd."""
    at, odd = begin_row + np.uint64(1), odds[begin_row - front]
    while at < back and moment[at] < after:
        odd |= odds[at - front]
        at += np.uint64(1)
    return at, odd


@kernel(inline="always")
def day_sum(begin: Word, end: Word, acid: bool, numbers: Ints) -> Any:
    """Return the sum of some numbers in half units, or of their [H⁺], in two words."""
    high, low, total = np.int64(0), np.uint64(0), np.int64(0)
    if acid:
        high_of, low_of = kernels._HUNDREDTHS_HIGH, kernels._HUNDREDTHS_LOW
        for place in range(begin, end):
            term = low_of[np.uint64(numbers[place])]
            low += term
            high += high_of[np.uint64(numbers[place])] + np.int64(low < term)
        return high, low
    for place in range(begin, end):
        total += numbers[place]
    return total >> 63, np.uint64(total << 1)


@kernel()
def divide(
    front: Word,
    back: Word,
    moment: Ints,
    columns: tuple[Ints, Array, Word],
    division: tuple[Word, Word, bool],
    scratch: tuple[Ints, Ints],
) -> Any:
    """Bring the values of some rows to whole units of their item and tell whether a row is odd.

    The division without rest by ``10**k = 2**k × 5**k`` is a shift and a product with the inverse of ``5**k``
    modulo 2**64; where the product is below 2**39, no other number has it and there was no rest. No loop
    here branches or writes more than it must, so that several rows are done at once.

    Parameters
    ----------
    front, back
        First row and the one after the last.
    columns
        Words of the values, marks (or none) and the mark of a measured row.
    division
        Shift and factor; whether the item is pH.
    scratch
        Where the numbers go, from its begin on, and which of them are odd if there is one.

    Returns
    -------
    odd
        Zero where no row is below detection or without a value, before the one ahead of it in time, finer
        than its item's scale, or of no ordinary size.
    """
    numbers, odds = scratch
    words, mark, measured = columns
    shift, inverse, acid = division
    lowest, highest = (np.int64(0), _HIGHEST_STEP) if acid else (-_PLAIN, _PLAIN - 1)
    rests, two, any_odd = (np.int64(1) << shift) - 1, np.uint64(2), np.int64(0)
    for place in range(back - front):
        low, high = words[two * (front + place)], words[two * (front + place) + np.uint64(1)]
        number = (low >> shift) * inverse
        any_odd |= (high ^ (low >> 63)) | (low & rests) | (((number - lowest) | (highest - number)) >> 63)
        numbers[place] = number
    if mark.size > 0:
        for row in range(front, back):
            any_odd |= np.int64(mark[row]) ^ measured
    for row in range(front + np.uint64(1), back):
        any_odd |= np.int64(moment[row] < moment[row - np.uint64(1)])
    if any_odd != 0:
        _find_odd(front, back, moment, columns, division, odds)
    return any_odd


@kernel()
def _find_odd(
    front: Word,
    back: Word,
    moment: Ints,
    columns: tuple[Ints, Array, Word],
    division: tuple[Word, Word, bool],
    odds: Ints,
) -> None:
    """Tell by not zero which rows are odd, see `divide`."""
    words, mark, measured = columns
    shift, inverse, acid = division
    lowest, highest = (np.int64(0), _HIGHEST_STEP) if acid else (-_PLAIN, _PLAIN - 1)
    rests, two = (np.int64(1) << shift) - 1, np.uint64(2)
    for place in range(back - front):
        low, high = words[two * (front + place)], words[two * (front + place) + np.uint64(1)]
        number = (low >> shift) * inverse
        odds[place] = (high ^ (low >> 63)) | (low & rests) | (((number - lowest) | (highest - number)) >> 63)
    if mark.size > 0:
        for place in range(back - front):
            odds[place] |= np.int64(mark[front + place]) ^ measured
    for place in range(np.uint64(1), back - front):
        odds[place] |= np.int64(moment[front + place] < moment[front + place - np.uint64(1)])
