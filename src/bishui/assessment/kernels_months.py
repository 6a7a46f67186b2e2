"""Compiled passes from rows to means of months, day by day, without sums of days in between."""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any

import numpy as np

from bishui.assessment import kernels
from bishui.assessment.kernels import EMPTY, GOOD, STATUS_COUNT, USED, USED_BELOW, Array, Ints, Word
from bishui.assessment.kernels_days import DAY, any_day, unit
from bishui.assessment.kernels_plain import BLOCK, day_end, day_sum, divide, odd_day
from bishui.compiled import kernel

_LARGEST_DENOMINATOR = 1 << 61
#: Different numbers of rows a day that a month may have before the general kernel takes it.
KINDS = 64
#: Begin of each month from this year on and of the one after the last, in seconds since 1970.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_MONTH_BEGIN = (
    np.arange(f"{_FIRST_YEAR}-01", f"{_LAST_YEAR + 1}-02", dtype="datetime64[M]")
    .astype("datetime64[s]")
    .astype(np.int64)
)
_MONTH_SECONDS = 2_629_746  # a twelfth of the Gregorian calendar's mean year


@kernel()
def whole_months(  # noqa: C901, PLR0912, PLR0915 - one loop, as `kernels_plain.plain_days`
    where: tuple[Word, Word, Word, Word],
    inside: tuple[Word, Word],
    moment: Ints,
    tick: Word,
    columns: tuple[Ints, Array, Word],
    nulls: Array,
    status_of: Ints,
    plain: bool,
    division: tuple[Word, Word, bool],
    kind: tuple[Word, Word, bool, bool, bool, Word],
    flags: tuple[Ints, ...],
    least: Word,
    head: tuple[Word, Word, Word],
    months: Word,
    scratch: tuple[Ints, Ints],
    sums: tuple[Ints, Ints, Array],
    day: tuple[Array, ...],
    out: tuple[Array, ...],
) -> tuple[Word, Word]:
    """Average whole months of one series whose days lie in order, until a month that is not so.

    Parameters
    ----------
    where
        First row, of which no row of its month comes before, the row after the last, site and item.
    inside
        First row with which a month may begin, and the last with which one may end; what touches the ends of
        a part of the rows may go on in another part.
    columns, division
        What `kernels_plain.divide` divides, and how; `plain` where some rows may be plain.
    kind, flags
        As `kernels_days.any_day` takes them.
    least
        Rows that a day must have.
    scratch, sums
        Memory for a block, see `kernels_plain.divide`; for denominators and sums of the kinds of days.
    day
        Arrays of `groups.Groups`, whose first place is used for a day that is not plain.
    out
        Arrays as `kernels_groups.month_means` writes them.

    Returns
    -------
    row, months
        First row of that month, or the row after the last; how many months there are now.
    """
    (numbers, odds), (denominators, highs, lows) = scratch, sums
    _, _, _, _, _, _, day_high, day_low, day_counts, day_detection = day
    series, source, month, state, high, low, denominator, hydrogen, counts, largest, days_used = out
    words, mark, _ = columns
    acid, one, m, size = division[2], np.uint64(1), months, np.uint64(where[1])
    i, front, back, odd_rows = np.uint64(where[0]), np.uint64(0), np.uint64(0), np.int64(0)
    while i < size and np.int64(i) >= inside[0] and m < month.size:
        number = _month_of(moment[i] // tick)
        if number < 0:
            break
        until, end = _MONTH_BEGIN[number + 1] * tick, _MONTH_BEGIN[number]
        for status in range(STATUS_COUNT):
            counts[m, status] = 0
        at, rows, days, limit, fine, measured = i, one, np.int64(0), np.int64(-1), True, np.int64(0)
        together, alike, kinds, total, lost = np.int64(0), np.int64(0), np.int64(0), 0.0, 0.0
        while at < size and moment[at] < until:
            second = moment[at] if tick == 1 else moment[at] // tick
            if second < end:  # a day that was there before
                fine = False
                break
            after = end + DAY if second < end + DAY else unit(second, False)[1]
            ordinary, stop = plain, at + one
            if plain:
                if at >= back or at < front:
                    front, back = at, min(size, at + np.uint64(BLOCK))
                    odd_rows = divide(front, back, moment, columns, division, scratch)
                if odd_rows != 0:
                    stop, odd = odd_day(at, front, back, after * tick, moment, odds)
                    ordinary = odd == 0
                else:
                    stop = day_end(at, rows, back, after * tick, moment)
                if stop == back and back < size and at > front:  # the next block has the whole day
                    back = at
                    continue
            if ordinary:
                used = np.int64(stop - at)
                h, lo = day_sum(at - front, stop - front, acid, numbers)
                measured += used
            else:
                from_ = (np.int64(at), where[1], where[2], where[3])
                row, fault = any_day(
                    from_, moment, tick, words, nulls, mark, status_of, kind, flags, head, np.int64(0), day
                )
                if fault >= 0:
                    fine = False
                    break
                stop, h, lo = np.uint64(row), day_high[0], day_low[0]
                limit, used = max(limit, day_detection[0]), np.int64(0)
                for status in range(STATUS_COUNT):
                    counts[m, status] += day_counts[0, status]
                used = np.int64(day_counts[0, USED]) + np.int64(day_counts[0, USED_BELOW])
            if used >= least:
                days += 1
                if acid:
                    total, lost = plus(total, lost, kernels.hydrogen_mean(h, lo, used))
                elif ordinary and used == np.int64(rows):
                    together += np.int64(lo)
                    alike += 1
                else:
                    kinds, fits = add_kind(denominators, highs, lows, kinds, (used, h, lo))
                    fine &= fits
                    if not fine:
                        break
            if ordinary and alike == 0:
                rows = stop - at
            at, end = stop, after
        if alike and fine:
            plain_sum = (np.int64(rows), together >> 63, np.uint64(together))
            kinds, fine = add_kind(denominators, highs, lows, kinds, plain_sum)
        if not fine or np.int64(at) > inside[1]:
            break
        h, lo, common, fine = mean_of_kinds(denominators, highs, lows, kinds, days)
        if not fine:
            break
        series[m], source[m], _ = head
        counts[m, USED] += measured
        month[m], state[m] = _FIRST_YEAR * 12 + number, GOOD if days else EMPTY
        high[m], low[m], denominator[m], largest[m], days_used[m] = h, lo, common, limit, days
        hydrogen[m] = (total + lost) / days if acid and days else 0.0
        i = at
        m += 1
    return np.int64(i), m


@kernel()
def month_end(begin_row: Word, run: Word, moment: Ints, tick: Word) -> Word:
    """Return the first row after those from one on that are of its month or of an earlier one."""
    number = _month_of(moment[begin_row] // tick)
    if number < 0:
        return run
    i, until = np.uint64(begin_row), _MONTH_BEGIN[number + 1] * tick
    while i < np.uint64(run) and moment[i] < until:
        i += np.uint64(1)
    return np.int64(i)


@kernel()
def _month_of(second: Word) -> Word:
    """Return the place of a moment's month in `_MONTH_BEGIN`; −1 where it is not there."""
    if second < _MONTH_BEGIN[0] or second >= _MONTH_BEGIN[_MONTH_BEGIN.size - 1]:
        return np.int64(-1)
    place = (second - _MONTH_BEGIN[0]) // _MONTH_SECONDS
    while _MONTH_BEGIN[place] > second:
        place -= 1
    while _MONTH_BEGIN[place + 1] <= second:
        place += 1
    return np.int64(place)


@kernel(inline="always")
def plus(total: float, lost: float, term: float) -> tuple[float, float]:
    """Add to a sum of floats what it is and what it lost (Neumaier's summation)."""
    longer = total + term
    lost += (total - longer) + term if total >= term else (term - longer) + total
    return longer, lost


@kernel()
def add_kind(
    denominators: Ints, highs: Ints, lows: Array, kinds: Word, sums: tuple[Word, Word, Word]
) -> tuple[Word, bool]:
    """Add a sum to those of the same denominator.

    Returns
    -------
    kinds, fits
        How many denominators there are now; whether there was room for them and 128 bits held the sum.
    """
    used, high, low = sums
    place = np.int64(0)
    while place < kinds and denominators[place] != used:
        place += 1
    if place == KINDS:
        return kinds, False
    if place == kinds:
        denominators[place], highs[place], lows[place] = used, high, low
        return kinds + 1, True
    highs[place], lows[place], fits = kernels._plus(highs[place], lows[place], high, low)
    return kinds, fits


@kernel(inline="always")
def mean_of_kinds(denominators: Ints, highs: Ints, lows: Array, kinds: Word, members: Word) -> Any:
    """Return the mean of all members over a common denominator, and whether 128 bits held it."""
    if kinds == 1:
        common = denominators[0]
        fits = common <= _LARGEST_DENOMINATOR // members
        h, lo, denominator = kernels._reduced(highs[0], lows[0], common * members)
        return h, lo, denominator, fits
    common = np.int64(1)
    for place in range(kinds):
        factor = denominators[place] // kernels._gcd(common, denominators[place])
        if common > _LARGEST_DENOMINATOR // factor // max(1, members):
            return np.int64(0), np.uint64(0), np.int64(1), False
        common *= factor
    h, lo, whole = np.int64(0), np.uint64(0), True
    for place in range(kinds):
        term_high, term_low, fits = highs[place], lows[place], True
        if denominators[place] != common:
            term_high, term_low, fits = kernels._times(
                highs[place], lows[place], common // denominators[place]
            )
        h, lo, fits2 = kernels._plus(h, lo, term_high, term_low)
        whole = whole and fits and fits2
    if not kinds:
        return h, lo, np.int64(1), True
    h, lo, denominator = kernels._reduced(h, lo, common * members)
    return h, lo, denominator, whole
