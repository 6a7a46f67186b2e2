"""The sum of one day's rows, whatever they are; `kernels_plain` has a faster way for plain ones."""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any

import numpy as np

from bishui.assessment import kernels
from bishui.assessment.kernels import NO_LIMIT, NO_READING, STATUS_COUNT, USED, USED_BELOW, Array, Ints, Word
from bishui.compiled import kernel

DAY = 86400
#: Rows of a group; more make another part of it.
MOST_ROWS = 65535
_LARGEST = np.int64(1) << 61
_MASK32 = np.int64(0xFFFFFFFF)


@kernel()
def any_day(  # noqa: C901 - one loop, as `kernels_plain.plain_days`
    where: tuple[Word, Word, Word, Word],
    moment: Ints,
    tick: Word,
    words: Ints,
    nulls: Array,
    mark: Array,
    status_of: Ints,
    kind: tuple[Word, Word, bool, bool, bool, Word],
    flags: tuple[Ints, ...],
    head: tuple[Word, Word, Word],
    group: Word,
    out: tuple[Array, ...],
) -> tuple[Word, Word]:
    """Sum the rows from one on that are of its day, whatever they are, as one group.

    Returns
    -------
    row, fault
        First row after them; the row whose value does not fit, else −1.
    """
    i, run, s, it = where
    by, ph_unit, acid, single, flagged, below = kind
    series, origin, begins, ranks, first, last, high, low, counts, detection = out
    begin, end = unit(moment[i] // tick, single)
    from_, after, stop = begin * tick, end * tick, min(run, i + MOST_ROWS)
    for status in range(STATUS_COUNT):
        counts[group, status] = 0
    step, marked, has_nulls = np.int64(ph_unit // 100), mark.size > 0, nulls.size > 0
    upper, lower, h, lo = np.int64(0), np.int64(0), np.int64(0), np.uint64(0)
    used, undetected, largest = 0, 0, np.int64(-1)
    earliest, latest = moment[i], moment[i]
    while i < stop:
        at = np.uint64(i)  # an unsigned place needs no check for counting from the end
        now = moment[at]
        if now < from_ or now >= after:
            break
        i += 1
        earliest, latest = min(earliest, now), max(latest, now)
        status = status_of[np.uint64(mark[at])] if marked else status_of[0]
        if has_nulls and nulls[at]:
            status = _without_value(status)
        if flagged and status <= USED_BELOW:
            status = _flag(flags, s, it, now // tick, status)
        if status > USED_BELOW:
            counts[group, status] += 1
            continue
        number, fits = _fixed(words[at + at], words[at + at + np.uint64(1)], by)
        if not fits:
            return i, i - 1
        if status == USED:
            used += 1
            number *= 2
        else:
            undetected += 1
            largest = max(largest, number * 2)
            number *= 2 if acid else below
        if acid:
            term_high, term_low = kernels.hydrogen_words(number, step, float(ph_unit))
            h, lo, _ = kernels._plus(h, lo, term_high, term_low)
        else:
            upper += number >> 32
            lower += number & _MASK32
    if not acid:
        h, lo = kernels._join(upper, lower)
    series[group], origin[group], ranks[group] = head
    begins[group], high[group], low[group], detection[group] = begin, h, lo, largest
    counts[group, USED], counts[group, USED_BELOW] = used, undetected
    first[group], last[group] = earliest // tick - begin, latest // tick - begin
    return i, np.int64(-1)


@kernel(inline="always")
def unit(second: Word, single: bool) -> Any:
    """Return the first second of a row's day, or its own, and the first one after."""
    if single:
        return second, second + 1
    begin = second - second % DAY
    return begin, begin + DAY


@kernel(inline="always")
def _without_value(status: Word) -> Any:
    if status == USED:
        return NO_READING
    return NO_LIMIT if status == USED_BELOW else status


@kernel()
def _flag(flags: tuple[Ints, ...], site: Word, item: Word, second: Word, status: Word) -> Any:
    """Return the status that the first flag over a row gives it; exclusions come first."""
    begin, items, first, last, given = flags
    for f in range(begin[site], begin[site + 1]):
        if (items[f] < 0 or items[f] == item) and first[f] <= second <= last[f]:
            return given[f]
    return status


@kernel(inline="always")
def _fixed(low: Word, high: Word, divisor: Word) -> Any:
    """Return a decimal's value in the item's own units, and whether it fits its scale and 61 bits."""
    if high == (low >> 63):
        whole, exact = low, True
        if divisor != 1:
            whole = low // divisor
            exact = whole * divisor == low
    else:
        whole, exact = kernels._divide(high, low, divisor)
    return whole, exact and -_LARGEST < whole < _LARGEST
