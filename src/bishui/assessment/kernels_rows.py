"""Compiled passes from Arrow columns to the sums of groups: one look at each row, no copy of it.

A group is what lies together of one site, item, source, import and day (or sampling time). Its sums are
exact, so parts of a group that lie apart are put together afterwards and nothing changes.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any

import numpy as np

from bishui.assessment import kernels
from bishui.assessment.kernels import Array, Ints, Word
from bishui.compiled import kernel

DAY = 86400
#: Rows of a group; more make another part of it.
MOST_ROWS = 65535
_LARGEST = np.int64(1) << 61
_MASK32 = np.int64(0xFFFFFFFF)
#: Entries of a column that are compared at a time.
_COMPARED = 256
#: Values below this many units of their scale are divided by a product; see `scan_rows`.
_PLAIN, _PLAIN_BITS = np.int64(1) << 39, 40
#: Hundredths of the largest pH that readings have.
_HIGHEST_STEP = 1400
USED, USED_BELOW, NO_READING, NO_LIMIT = (
    kernels.USED,
    kernels.USED_BELOW,
    kernels.NO_READING,
    kernels.NO_LIMIT,
)
STATUS_COUNT = kernels.STATUS_COUNT


@kernel()
def scan_rows(  # noqa: C901 - one loop over runs
    indices: tuple[Array, ...],
    lookups: tuple[Ints, ...],
    moment: Ints,
    tick: Word,
    words: Ints,
    nulls: Array,
    item_table: tuple[Ints, Ints, Ints, Word, Word],
    by_time: Array,
    flags: tuple[Ints, ...],
    below: Word,
    out: tuple[Array, ...],
) -> Any:
    """Sum the rows of each group.

    Parameters
    ----------
    indices
        Dictionary index of site, item, source, mark and import, one per row each; empty where every row has
        the first entry.
    lookups
        Code of each dictionary entry: site, item, place in the priority, row status, rank of the import.
        Rows with a negative site, item or import are left out.
    moment, tick
        Times since 1970 and how many of their units make a second.
    words, nulls
        Little-endian words of the decimal values, two for each row, and where there is none (n, or empty).
    item_table
        By item code ``10**(10 − scale)``, shift and factor that divide by it (by 10**8 for pH); the code of
        pH; half units of one pH.
    by_time
        By source: one group per sampling time, not per day.
    flags
        `begin` by site code, then item (−1 any), first and last second and status of each flag.
    below
        What stands for a row below detection, in halves of its limit.
    out
        Arrays of `groups.Groups`, long enough for a group per row: series, source, begin, rank, first, last,
        high, low, counts, detection.

    Notes
    -----
    Most days are plain: all rows measured, in the order of time, of ordinary size. `_plain_days` takes as
    many of them as there are together, `_any_day` one of the others.

    Returns
    -------
    groups
        How many there are.
    fault
        First row whose value does not fit; −1 if all do.
    """
    site, item, source, mark, batch = indices
    site_of, item_of, source_of, status_of, rank_of = lookups
    divisor, shifts, inverses, ph, ph_unit = item_table
    groups, i, size, flag_begin = 0, np.int64(0), np.int64(moment.size), flags[0]
    site_end, item_end, source_end, batch_end = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    measured, marked, has_nulls = _entry_of(status_of, USED), mark.size > 0, nulls.size > 0
    while i < size:
        if i >= site_end:
            site_end = _same_until(site, i, size)
        if i >= item_end:
            item_end = _same_until(item, i, size)
        if i >= source_end:
            source_end = _same_until(source, i, size)
        if i >= batch_end:
            batch_end = _same_until(batch, i, size)
        run = min(site_end, item_end, source_end, batch_end)
        s, it, rank = site_of[_entry(site, i)], item_of[_entry(item, i)], rank_of[_entry(batch, i)]
        if s < 0 or it < 0 or rank < 0:
            i = run
            continue
        src = source_of[_entry(source, i)]
        single, acid = by_time[src], it == ph
        head = (s * divisor.size + it, src, rank)
        flagged = flag_begin[s + 1] > flag_begin[s]
        plain = not (flagged or has_nulls or (not marked and measured != 0))
        while i < run:
            if plain:
                division = (shifts[it], inverses[it], acid)
                i, groups = _plain_days(
                    i, run, moment, tick, words, mark, measured, division, single, head, groups, out
                )
                if i == run:
                    break
            i, fault = _any_day(
                (i, run, s, it), moment, tick, words, nulls, mark, status_of,
                (divisor[it], ph_unit, acid, single, flagged, below), flags, head, groups, out,
            )  # fmt: skip
            if fault >= 0:
                return groups, fault
            groups += 1
    return groups, -1


@kernel()
def _plain_days(  # noqa: C901, PLR0912, PLR0915 - one loop: a call that takes arrays costs more than a row
    begin_row: Word,
    run: Word,
    moment: Ints,
    tick: Word,
    words: Ints,
    mark: Array,
    measured: Word,
    division: tuple[Word, Word, bool],
    single: bool,
    head: tuple[Word, Word, Word],
    groups: Word,
    out: tuple[Array, ...],
) -> tuple[Word, Word]:
    """Sum days of measured rows of ordinary size in the order of time, until another kind of day.

    The division without rest by ``10**k = 2**k × 5**k`` is a shift and a product with the inverse of
    ``5**k`` modulo 2**64; where the product is below 2**39, no other number has it and there was no rest.

    Returns
    -------
    row, groups
        First row of the first day that is not plain, or `run`; how many groups there are now.
    """
    shift, inverse, acid = division
    rests, marked = (np.int64(1) << shift) - 1, mark.size > 0
    series, origin, begins, ranks, first, last, high, low, counts, detection = out
    packed = counts.view(np.uint64)  # four counts in a word: the first is of the rows used
    high_of, low_of = kernels._HUNDREDTHS_HIGH, kernels._HUNDREDTHS_LOW
    i, g, size = np.uint64(begin_row), np.uint64(groups), np.uint64(run)
    begin, end = np.int64(0), np.int64(0)
    while i < size:
        earliest = moment[i]
        second = earliest if tick == 1 else earliest // tick
        if not single and end <= second < end + DAY:
            begin, end = end, end + DAY
        else:
            begin, end = _unit(second, single)
        after, before, at = end * tick, earliest, i
        odd, total, h, lo = np.int64(0), np.int64(0), np.int64(0), np.uint64(0)
        stop = min(size, i + np.uint64(MOST_ROWS))
        if acid:
            while at < stop:
                now = moment[at]
                if now >= after:
                    break
                word = words[at + at]
                number = (word >> shift) * inverse
                odd |= (
                    (words[at + at + np.uint64(1)] ^ (word >> 63)) | (word & rests) | np.int64(now < before)
                )
                if number < 0 or number > _HIGHEST_STEP:
                    odd = np.int64(1)
                    break
                term = low_of[np.uint64(number)]
                lo += term
                h += high_of[np.uint64(number)] + np.int64(lo < term)
                before = now
                at += np.uint64(1)
        else:
            while at < stop:
                now = moment[at]
                if now >= after:
                    break
                word = words[at + at]
                number = (word >> shift) * inverse
                odd |= (
                    (words[at + at + np.uint64(1)] ^ (word >> 63)) | (word & rests) | np.int64(now < before)
                )
                odd |= (number + _PLAIN) >> _PLAIN_BITS
                total += number
                before = now
                at += np.uint64(1)
        if marked:
            for place in range(i, at):
                odd |= np.int64(mark[place]) ^ measured
        if odd != 0:
            break
        if not acid:
            h, lo = total >> 63, np.uint64(total << 1)
        series[g], origin[g], ranks[g] = head
        begins[g], high[g], low[g], detection[g] = begin, h, lo, -1
        first[g] = second - begin
        last[g] = (before if tick == 1 else before // tick) - begin
        packed[g, 0], packed[g, 1] = at - i, 0
        i = at
        g += np.uint64(1)
    return np.int64(i), np.int64(g)


@kernel()
def _any_day(  # noqa: C901 - one loop, as `_plain_days`
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
    begin, end = _unit(moment[i] // tick, single)
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
def _entry(column: Array, at: Word) -> Any:
    return column[np.uint64(at)] if column.size else 0


@kernel()
def _entry_of(lookup: Ints, status: Word) -> Any:
    """Return the first dictionary entry with a status; −1 without one."""
    for place in range(lookup.size):
        if lookup[place] == status:
            return place
    return -1


@kernel()
def _same_until(column: Array, begin: Word, end: Word) -> Any:
    """Return where the entries of a column become another one than at `begin`."""
    if column.size == 0:
        return end
    value, i = column[begin], begin
    while i + _COMPARED <= end:
        differing = column[begin] ^ value
        for at in range(np.uint64(i), np.uint64(i + _COMPARED)):
            differing |= column[at] ^ value
        if differing:
            break
        i += _COMPARED
    while i < end and column[np.uint64(i)] == value:
        i += 1
    return i


@kernel()
def entries(column: Array, count: Word) -> Array:
    """Tell which of the `count` entries of a dictionary a column has; an empty column has the first."""
    there = np.zeros(count, np.bool_)
    there[0] = column.size == 0
    i = np.int64(0)
    while i < column.size:
        there[column[i]] = True
        i = _same_until(column, i, np.int64(column.size))
    return there


@kernel(inline="always")
def _unit(second: Word, single: bool) -> Any:
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
