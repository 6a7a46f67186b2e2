"""Compiled passes over the sums of groups: to days and months, and what lies in which order.

The sums are exact, so in which parts they come changes nothing; see `kernels_rows` for how they are made.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any

import numpy as np

from bishui.assessment import kernels
from bishui.assessment.kernels import STATUS_COUNT, USED, USED_BELOW, Array, Ints, Word
from bishui.assessment.kernels_days import DAY, MOST_ROWS
from bishui.assessment.kernels_months import KINDS, add_kind, mean_of_kinds, plus
from bishui.compiled import kernel

#: A month of daily sums below this many bits fits one word.
_PLAIN_SUM_BITS = np.uint64(57)
EMPTY, GOOD = kernels.EMPTY, kernels.GOOD


@kernel()
def join_groups(
    starts: Ints, acid: Array, high: Ints, low: Array, counts: Array, detection: Ints
) -> tuple[Ints, Array, Ints, Array, Array, Ints]:
    """Put the parts of each group together.

    Parameters
    ----------
    starts
        Begin of each group among the parts, and the length at the end.
    acid
        One flag per part: its sum is that of [H⁺].

    Returns
    -------
    high, low, used, hydrogen, counts, detection
        As `kernels.group_sums` gives them; `used` is at least 1.
    """
    groups = starts.size - 1
    out_high = np.zeros(groups, np.int64)
    out_low = np.zeros(groups, np.uint64)
    out_used = np.ones(groups, np.int64)
    hydrogen = np.zeros(groups, np.float64)
    out_counts = np.zeros((groups, STATUS_COUNT), np.int32)
    out_detection = np.full(groups, -1, np.int64)
    for g in range(groups):
        h, lo = np.int64(0), np.uint64(0)
        for i in range(starts[g], starts[g + 1]):
            h, lo, _ = kernels._plus(h, lo, high[i], low[i])
            for kind in range(STATUS_COUNT):
                out_counts[g, kind] += counts[i, kind]
            out_detection[g] = max(out_detection[g], detection[i])
        used = np.int64(out_counts[g, USED]) + out_counts[g, USED_BELOW]
        out_used[g] = max(used, 1)
        if acid[starts[g]]:
            hydrogen[g] = kernels.hydrogen_mean(h, lo, out_used[g])
        else:
            out_high[g], out_low[g] = h, lo
    return out_high, out_low, out_used, hydrogen, out_counts, out_detection


@kernel()
def month_means(  # noqa: C901, PLR0915 - one loop, as `kernels_rows.scan_rows`
    groups: tuple[Array, ...],
    parts: tuple[Ints, Ints],
    month_of: tuple[Ints, Word, Ints],
    by_time: Array,
    least: Word,
    items: tuple[Word, Word],
    out: tuple[Array, ...],
) -> Any:
    """Average groups to months: parts to days or samples, these to the month.

    Parameters
    ----------
    groups
        Series, source, begin, high, low, counts and detection of `groups.Groups`.
    parts
        Begin and end of each stretch of one series and source in the order of time, themselves in the order
        of the answer; no month is in two.
    month_of
        Month number by day, and the day of its first entry; by month, the second after its last.
    by_time, least
        Sources whose sampling times count one by one; fewer valid rows make no daily mean of the others.
    items
        Number of items and the code of pH.
    out
        Arrays of the months: series, source, month, state, high, low, denominator, hydrogen, counts,
        detection, days.

    Returns
    -------
    months
        How many there are; −1 where 128 bits do not hold one, and nothing is to be used.
    """
    series, source, begin, high, low, own, detection = groups
    packed = own.view(np.uint64)  # four counts in a word: a day is plain where only the first is not zero
    to_series, to_source, to_month, state, to_high, to_low, denominator, hydrogen, counts, largest, days = out
    month_number, first_day, month_end = month_of
    denominators = np.zeros(KINDS, np.int64)
    highs, lows = np.zeros(KINDS, np.int64), np.zeros(KINDS, np.uint64)
    months = 0
    for part in range(parts[0].size):
        i, size = np.uint64(parts[0][part]), np.uint64(parts[1][part])
        series_here, source_here = series[i], source[i]
        acid, single = series_here % items[0] == items[1], by_time[source_here]
        enough = 1 if single else max(1, least)
        while i < size:
            month = month_number[begin[i] // DAY - first_day]
            until = month_end[month - month_number[0]]
            to_series[months], to_source[months], to_month[months] = series_here, source_here, month
            for kind in range(STATUS_COUNT):
                counts[months, kind] = 0
            kinds, good, day_count, last_day, limit = 0, 0, 0, np.int64(-1 << 62), np.int64(-1)
            total, lost, whole = 0.0, 0.0, True
            after, used, lo, sums = _plain_month(i, size, until, acid, begin, (high, low, packed, detection))
            if not single and used >= enough:
                good = day_count = np.int64(after - i)  # type: ignore[assignment]
                counts[months, USED] = good * used
                i, kinds, (total, lost) = after, 0 if acid else 1, sums
                denominators[0], highs[0], lows[0] = used, 0, lo
            while i < size and begin[i] < until:
                unit = begin[i]
                h, lo, used = np.int64(0), np.uint64(0), np.int64(0)
                while i < size and begin[i] == unit:
                    h, lo, fits = kernels._plus(h, lo, high[i], low[i])
                    for kind in range(STATUS_COUNT):
                        counts[months, kind] += own[i, kind]
                    used += np.int64(own[i, USED]) + np.int64(own[i, USED_BELOW])
                    limit = max(limit, detection[i])
                    whole &= fits
                    i += np.uint64(1)
                if used < enough:
                    continue
                good += 1
                if not single:
                    day_count += 1
                elif unit // DAY != last_day:
                    day_count, last_day = day_count + 1, unit // DAY
                if acid:
                    term = kernels.hydrogen_mean(h, lo, used)
                    total, lost = plus(total, lost, term)
                    continue
                kinds, fits = add_kind(denominators, highs, lows, kinds, (used, h, lo))
                whole &= fits
            h, lo, common, fits = mean_of_kinds(denominators, highs, lows, kinds, good)
            if not (fits and whole):
                return -1
            to_high[months], to_low[months], denominator[months] = h, lo, common
            state[months], largest[months], days[months] = GOOD if good else EMPTY, limit, day_count
            hydrogen[months] = (total + lost) / good if acid and good else 0.0
            months += 1
    return months


@kernel()
def _plain_month(
    first: Word, size: Word, until: Word, acid: bool, begin: Ints, sums: tuple[Array, ...]
) -> tuple[Word, Word, Word, tuple[float, float]]:
    """Sum days of one month that all have the same number of measured rows, one group each, none above 2**57.

    Returns
    -------
    after, used
        First group after the month; rows of each day, 0 where a day is another.
    low, hydrogen
        Sum of the days; of the daily means of [H⁺], with what it lost.
    """
    high, low, packed, detection = sums
    at, before, alike, odd = first, begin[first] - 1, packed[first, 0], np.uint64(0)
    together, total, lost = np.uint64(0), 0.0, 0.0
    used = np.int64(alike)
    if used == 0 or used > MOST_ROWS:
        return first, np.int64(0), together, (total, lost)
    while at < size and begin[at] < until:
        odd |= (packed[at, 0] ^ alike) | packed[at, 1] | np.uint64(detection[at] + 1)
        odd |= np.uint64(begin[at] <= before)
        before = begin[at]
        if acid:
            term = kernels.hydrogen_mean(high[at], low[at], used)
            total, lost = plus(total, lost, term)
        else:
            odd |= np.uint64(high[at]) | (low[at] >> _PLAIN_SUM_BITS)
            together += low[at]  # type: ignore[assignment]
        at += np.uint64(1)
    return at, (used if odd == 0 else np.int64(0)), together, (total, lost)


@kernel()
def contested(series: Ints, source: Array, begin: Ints, rank: Array, first: Array, last: Array) -> Array:
    """Tell of each part whether its group has parts of several imports that lie over one another in time.

    The parts of a group lie together.
    """
    size = series.size
    found = np.zeros(size, np.bool_)
    start = 0
    for here in range(1, size + 1):
        same = here < size and begin[here] == begin[start]
        if same and series[here] == series[start] and source[here] == source[start]:
            continue
        over = False
        for i in range(start, here):
            for j in range(i + 1, here):
                over |= rank[i] != rank[j] and first[i] <= last[j] and first[j] <= last[i]
        if over:
            found[start:here] = True
        start = here
    return found


@kernel()
def stretches(series: Ints, source: Array, begin: Ints) -> tuple[Ints, Word, Word]:
    """Return what is of one series and source and in the order of time already.

    Returns
    -------
    starts
        Where each stretch begins, and the length at the end.
    lowest, highest
        Among `begin`; 0 without any.
    """
    size = np.uint64(series.size)
    places = np.empty(series.size + 1, np.int64)
    places[0] = 0
    if not size:
        return places, np.int64(0), np.int64(0)
    count, lowest, highest = 1, begin[0], begin[0]
    before, before_source, earlier = series[0], source[0], begin[0]
    for i in range(np.uint64(1), size):
        here, here_source, now = series[i], source[i], begin[i]
        lowest, highest = min(lowest, now), max(highest, now)
        if here != before or here_source != before_source or now < earlier:
            places[count] = i
            count += 1
        before, before_source, earlier = here, here_source, now
    places[count] = series.size
    return places[: count + 1].copy(), lowest, highest


@kernel()
def sites_there(series: Ints, items: Word, there: Array) -> None:
    """Mark the sites that some series have; `series` is ``site × items + item``."""
    before = np.int64(-1)
    for i in range(series.size):
        if series[i] != before:
            before = series[i]
            there[before // items] = True


@kernel()
def number_sites(series: Ints, items: Word, place: Ints) -> None:
    """Give each site of some series another number, in place."""
    before, after = np.int64(-1), np.int64(-1)
    for i in range(series.size):
        if series[i] != before:
            before = series[i]
            site = before // items
            after = before + (place[site] - site) * items
        series[i] = after
