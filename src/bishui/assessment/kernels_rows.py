"""Compiled passes from Arrow columns to the sums of groups: one look at each row, no copy of it.

A group is what lies together of one site, item, source, import and day (or sampling time). Its sums are
exact, so parts of a group that lie apart are put together afterwards and nothing changes.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any

import numpy as np

from bishui.assessment.kernels import USED, Array, Ints, Word
from bishui.assessment.kernels_days import any_day
from bishui.assessment.kernels_months import KINDS, month_end, whole_months
from bishui.assessment.kernels_plain import BLOCK, plain_days
from bishui.compiled import kernel

#: Entries of a column that are compared at a time.
_COMPARED = 256


@kernel()
def scan_rows(  # noqa: C901, PLR0912 - one loop over runs
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
    by_month: tuple[bool, Word, bool],
    out: tuple[Array, ...],
    day: tuple[Array, ...],
    months_out: tuple[Array, ...],
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
    by_month
        Whether months whose days lie in order are averaged here and give no groups; rows that a day must
        have; whether the first and the last month may go on in another part of the rows.
    out, day, months_out
        Arrays of `groups.Groups`, long enough for a group per row: series, source, begin, rank, first, last,
        high, low, counts, detection; of one group; and of `whole_months.room`.

    Notes
    -----
    Most days are plain: all rows measured, in the order of time, of ordinary size. `plain_days` takes as many
    of them as there are together, `any_day` one of the others, `whole_months` as many months of any days.

    Returns
    -------
    groups, months
        How many there are.
    fault
        First row whose value does not fit; −1 if all do.
    """
    site, item, source, mark, batch = indices
    site_of, item_of, source_of, status_of, rank_of = lookups
    divisor, shifts, inverses, ph, ph_unit = item_table
    groups, months, i, size, flag_begin = 0, 0, np.int64(0), np.int64(moment.size), flags[0]
    months_wanted, least, going_on = by_month
    inside = (np.int64(going_on), size - np.int64(going_on))
    site_end, item_end, source_end, batch_end = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    measured, marked, has_nulls = _entry_of(status_of, USED), mark.size > 0, nulls.size > 0
    columns, scratch = (words, mark, measured), (np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64))
    sums = (np.empty(KINDS, np.int64), np.empty(KINDS, np.int64), np.empty(KINDS, np.uint64))
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
        division = (shifts[it], inverses[it], acid)
        kind = (divisor[it], ph_unit, acid, single, flagged, below)
        block = (np.int64(0), np.int64(0), np.int64(0))
        while i < run:
            stop = run
            if months_wanted and not single:
                i, months = whole_months(
                    (i, run, s, it), inside, moment, tick, columns, nulls, status_of, plain, division, kind,
                    flags, least, head, months, scratch, sums, day, months_out,
                )  # fmt: skip
                if i == run:
                    break
                stop = month_end(i, run, moment, tick)
            while i < stop:
                if plain:
                    i, groups, block = plain_days(
                        i, stop, moment, tick, columns, division, single, head, groups, block, scratch, out
                    )
                    if i == stop:
                        break
                where = (i, stop, s, it)
                i, fault = any_day(
                    where, moment, tick, words, nulls, mark, status_of, kind, flags, head, groups, out
                )
                if fault >= 0:
                    return groups, months, fault
                groups += 1
    return groups, months, -1


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
