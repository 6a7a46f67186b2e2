"""Compiled passes over fixed-point values: sums, means of means, classes. Plain twins stand in `plain`.

Values are integers of half units, ``value × 2 × 10**scale``, so that half a detection limit is exact. Sums
are kept in 128 bits as two words; a mean is ``(high, low) / denominator``. Where 128 bits do not hold a
result the group is marked and the caller takes the exact twin: nothing ever wraps.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel

#: What a row is to a mean. The first two are used.
USED, USED_BELOW, NO_READING, NOT_GIVEN, OFFLINE, NO_LIMIT, EXCLUDED, UNDER_REVIEW = range(8)
STATUS_COUNT = 8

#: What kind of limit a threshold row holds.
NO_THRESHOLD, AT_MOST, AT_LEAST, WITHIN = range(4)

#: A group without a usable value, a good mean, a mean that needs more than 128 bits.
EMPTY, GOOD, WIDE = range(3)

#: A class that the exact twin has to find.
UNDECIDED = 255

PH_TOLERANCE = 1e-12
_LARGEST_DENOMINATOR = 1 << 62
_MASK32 = np.uint64(0xFFFFFFFF)
_SHIFT32 = np.uint64(32)

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
#: A 64-bit word; compiled code tells signed from unsigned.
Word = Any


@kernel(inline="always")
def _multiply(a: Word, b: Word) -> Any:
    """Return the 128-bit product of two unsigned 64-bit words."""
    x, y = np.uint64(a), np.uint64(b)
    x0, x1 = x & _MASK32, x >> _SHIFT32
    y0, y1 = y & _MASK32, y >> _SHIFT32
    low = x0 * y0
    middle = x1 * y0 + (low >> _SHIFT32)
    other = x0 * y1 + (middle & _MASK32)
    return x1 * y1 + (middle >> _SHIFT32) + (other >> _SHIFT32), (other << _SHIFT32) | (low & _MASK32)


@kernel(inline="always")
def _negate(high: Word, low: Word) -> Any:
    flipped = ~np.uint64(low) + np.uint64(1)
    return np.int64(~np.int64(high) + (1 if flipped == np.uint64(0) else 0)), flipped


@kernel()
def _times(high: Word, low: Word, factor: Word) -> Any:
    """Return a signed 128-bit number times a positive factor, and whether it fits."""
    negative = high < 0
    h, lo = np.int64(high), np.uint64(low)
    if negative:
        h, lo = _negate(h, lo)
    carry, new_low = _multiply(lo, np.uint64(factor))
    top, new_high = _multiply(np.uint64(h), np.uint64(factor))
    total = new_high + carry
    fits = top == np.uint64(0) and total >= carry and total < np.uint64(1 << 63)
    signed = np.int64(total)
    if negative:
        signed, new_low = _negate(signed, new_low)
    return signed, new_low, fits


@kernel(inline="always")
def _plus(high: Word, low: Word, high2: Word, low2: Word) -> Any:
    """Return the sum of two signed 128-bit numbers, and whether it fits."""
    new_low = np.uint64(low) + np.uint64(low2)
    carry = np.int64(1) if new_low < np.uint64(low) else np.int64(0)
    new_high = np.int64(high) + np.int64(high2) + carry
    fits = not ((high >= 0) == (high2 >= 0) and (new_high >= 0) != (high >= 0))
    return new_high, new_low, fits


@kernel(inline="always")
def _compare(high: Word, low: Word, high2: Word, low2: Word) -> Any:
    if high != high2:
        return -1 if high < high2 else 1
    if np.uint64(low) == np.uint64(low2):
        return 0
    return -1 if np.uint64(low) < np.uint64(low2) else 1


@kernel()
def _gcd(a: Word, b: Word) -> Any:
    while b:
        a, b = b, a % b
    return a


@kernel()
def group_starts(key: Ints) -> Ints:
    """Return where each run of equal keys begins, and the length at the end."""
    starts = np.empty(key.size + 1, np.int64)
    groups = 0
    for i in range(key.size):
        if i == 0 or key[i] != key[i - 1]:
            starts[groups] = i
            groups += 1
    starts[groups] = key.size
    return starts[: groups + 1]


@kernel()
def group_sums(
    starts: Ints, value: Ints, status: Array, logarithmic: Array, unit: float, below: Word
) -> tuple[Ints, Array, Ints, Array, Array, Ints]:
    """Sum the used values of each group exactly.

    Parameters
    ----------
    starts
        Begin of each group in the rows, and the length at the end (n groups + 1).
    value, status
        Half units and row status, one per row.
    logarithmic
        One flag per group: sum [H⁺] = 10^(−value) instead (pH).
    unit
        Half units of one pH, ``2 × 10**scale``.
    below
        What stands for a row below detection, in halves of its limit: 1 half, 0 zero, 2 the limit.

    Returns
    -------
    high, low, denominator
        Sum in 128 bits and number of used values (the mean is their ratio), per group.
    hydrogen
        Mean [H⁺] of logarithmic groups, else 0.
    counts
        Rows by status, (groups, 8).
    largest_detection
        Largest detection limit among the used rows, in half units; −1 without one.
    """
    groups = starts.size - 1
    high = np.empty(groups, np.int64)
    low = np.empty(groups, np.uint64)
    denominator = np.empty(groups, np.int64)
    hydrogen = np.zeros(groups, np.float64)
    counts = np.zeros((groups, STATUS_COUNT), np.int32)
    detection = np.full(groups, -1, np.int64)
    for g in range(groups):
        plain, upper, lower = _plain_sum(starts[g], starts[g + 1], value, status)
        if plain:
            counts[g, USED] = denominator[g] = starts[g + 1] - starts[g]
            high[g], low[g] = _join(upper, lower)
            if logarithmic[g]:
                hydrogen[g] = _hydrogen_mean(starts[g], starts[g + 1], value, status, unit)
            continue
        upper, lower, used, undetected, largest = np.int64(0), np.int64(0), 0, 0, np.int64(-1)
        for i in range(starts[g], starts[g + 1]):
            kind, number = status[i], value[i]
            if kind == USED:
                used += 1
            elif kind == USED_BELOW:
                undetected += 1
                largest = max(largest, number)
                number = (number >> 1) * below
            else:
                counts[g, kind] += 1
                continue
            upper += number >> 32
            lower += number & 0xFFFFFFFF
        counts[g, USED], counts[g, USED_BELOW] = used, undetected
        used += undetected
        denominator[g], detection[g] = used, largest
        high[g], low[g] = _join(upper, lower)
        if logarithmic[g] and used:
            hydrogen[g] = _hydrogen_mean(starts[g], starts[g + 1], value, status, unit)
    return high, low, denominator, hydrogen, counts, detection


@kernel(inline="always")
def _plain_sum(begin: Word, end: Word, value: Ints, status: Array) -> Any:
    """Return whether every row of a group is a plain measured value, and their sum in two halves."""
    upper, lower, other = np.int64(0), np.int64(0), np.uint8(0)
    for i in range(begin, end):
        upper += value[i] >> 32
        lower += value[i] & 0xFFFFFFFF
        other |= status[i]
    return other == USED, upper, lower


@kernel(inline="always")
def _join(upper: Word, lower: Word) -> Any:
    """Return ``upper × 2**32 + lower`` (lower not negative) as two words."""
    upper = upper + (lower >> 32)
    return upper >> 32, (np.uint64(upper & 0xFFFFFFFF) << _SHIFT32) | np.uint64(lower & 0xFFFFFFFF)


#: [H⁺] is summed in units of 2⁻⁹⁶, exactly, so that neither order nor parts matter.
_HYDROGEN_UNIT = 2.0**-96
_WORD = 2.0**64
#: Beyond these no pH exists; what is entered there counts as the end, far outside every limit.
_LOWEST_PH, _HIGHEST_PH = -4.0, 17.0
#: 10^(−pH) of every hundredth from 0 to 14, which is how readings are printed, as two words.
_HUNDREDTHS = [round(10.0 ** (-step / 100) / _HYDROGEN_UNIT) for step in range(1401)]
_HUNDREDTHS_HIGH = np.array([units >> 64 for units in _HUNDREDTHS], np.int64)
_HUNDREDTHS_LOW = np.array([units & (1 << 64) - 1 for units in _HUNDREDTHS], np.uint64)


@kernel()
def hydrogen_words(value: Word, step: Word, unit: float) -> Any:
    """Return 10^(−pH) of half units as two words; `step` is a hundredth in half units."""
    place = value // step
    if place * step == value and 0 <= place <= 1400:
        return _HUNDREDTHS_HIGH[place], _HUNDREDTHS_LOW[place]
    ph = min(max(value / unit, _LOWEST_PH), _HIGHEST_PH)
    units = 10.0**-ph / _HYDROGEN_UNIT
    high = math.floor(units / _WORD)
    return np.int64(high), np.uint64(units - high * _WORD)


@kernel()
def hydrogen_mean(high: Word, low: Word, used: Word) -> float:
    """Return the mean [H⁺] of a sum in two words."""
    return float((np.float64(high) * _WORD + np.float64(np.uint64(low))) * _HYDROGEN_UNIT / used)


@kernel()
def _hydrogen_mean(begin: Word, end: Word, value: Ints, status: Array, unit: float) -> float:
    """Return the mean of 10^(−value) of the used rows."""
    high, low, used = np.int64(0), np.uint64(0), 0
    step = np.int64(unit / 100)
    for i in range(begin, end):
        if status[i] > USED_BELOW:
            continue
        used += 1
        term_high, term_low = hydrogen_words(value[i], step, unit)
        high, low, _ = _plus(high, low, term_high, term_low)
    return float(hydrogen_mean(high, low, used))


@kernel()
def _common_denominator(begin: Word, end: Word, state: Array, denominator: Ints) -> Any:
    """Return the least common denominator of the good members; 0 where it is too large."""
    common = np.int64(1)
    for i in range(begin, end):
        if state[i] == GOOD and denominator[i] != common:
            factor = denominator[i] // _gcd(common, denominator[i])
            if common > _LARGEST_DENOMINATOR // factor:
                return np.int64(0)
            common *= factor
    return common


@kernel()
def _sum_of_means(
    begin: Word, end: Word, state: Array, high: Ints, low: Array, denominator: Ints, common: Word
) -> Any:
    """Return the sum over a common denominator, the number of members, and the group's state."""
    h, lo, members = np.int64(0), np.uint64(0), 0
    for i in range(begin, end):
        if state[i] != GOOD:
            continue
        members += 1
        term_high, term_low, fits = high[i], low[i], True
        if denominator[i] != common:
            term_high, term_low, fits = _times(high[i], low[i], common // denominator[i])
        h, lo, fits2 = _plus(h, lo, term_high, term_low)
        if not (fits and fits2):
            return h, lo, members, WIDE
    return h, lo, members, GOOD


@kernel(inline="always")
def _reduced(high: Word, low: Word, denominator: Word) -> Any:
    """Return the fraction in lower terms where its numerator fits one word."""
    signed = np.int64(low)
    if (high == 0 and signed >= 0) or (high == -1 and signed < 0):
        common = _gcd(abs(signed), denominator)
        if common > 1:
            signed //= common
            return np.int64(0 if signed >= 0 else -1), np.uint64(signed), denominator // common
    return high, low, denominator


@kernel()
def mean_of_means(
    starts: Ints, state: Array, high: Ints, low: Array, denominator: Ints, hydrogen: Array, least: Word
) -> tuple[Array, Ints, Array, Ints, Array, Ints]:
    """Average means exactly: days to a month, months to a year.

    Parameters
    ----------
    starts
        Begin of each group among the members, and the length at the end.
    state, high, low, denominator, hydrogen
        The members; only `GOOD` ones enter, a `WIDE` one makes its group wide.
    least
        Fewer good members make no mean.

    Returns
    -------
    state, high, low, denominator, hydrogen, members
        The means, and how many members entered each.
    """
    groups = starts.size - 1
    out_state = np.empty(groups, np.uint8)
    out_high = np.zeros(groups, np.int64)
    out_low = np.zeros(groups, np.uint64)
    out_denominator = np.ones(groups, np.int64)
    out_hydrogen = np.zeros(groups, np.float64)
    out_members = np.zeros(groups, np.int64)
    for g in range(groups):
        begin, end = starts[g], starts[g + 1]
        good, wide = 0, False
        for i in range(begin, end):
            good += state[i] != EMPTY
            wide = wide or state[i] == WIDE
        out_members[g] = good
        if good < max(1, least):
            out_state[g] = EMPTY
            continue
        common = np.int64(0) if wide else _common_denominator(begin, end, state, denominator)
        if common == 0 or common > _LARGEST_DENOMINATOR // good:
            out_state[g] = WIDE
            continue
        h, lo, _, out_state[g] = _sum_of_means(begin, end, state, high, low, denominator, common)
        out_high[g], out_low[g], out_denominator[g] = _reduced(h, lo, common * good)
        out_hydrogen[g] = _mean_hydrogen(begin, end, state, hydrogen)
    return out_state, out_high, out_low, out_denominator, out_hydrogen, out_members


@kernel()
def totals(
    starts: Ints, counts: Array, detection: Ints, days: Ints, months: Ints
) -> tuple[Array, Ints, Ints, Ints]:
    """Return what lies in each group of members: rows by status, largest detection limit, days, months."""
    groups = starts.size - 1
    out_counts = np.zeros((groups, STATUS_COUNT), counts.dtype)
    out_detection = np.full(groups, -1, np.int64)
    out_days = np.zeros(groups, np.int64)
    out_months = np.zeros(groups, np.int64)
    for g in range(groups):
        for i in range(starts[g], starts[g + 1]):
            for kind in range(STATUS_COUNT):
                out_counts[g, kind] += counts[i, kind]
            out_detection[g] = max(out_detection[g], detection[i])
            out_days[g] += days[i]
            out_months[g] += months[i]
    return out_counts, out_detection, out_days, out_months


@kernel()
def _mean_hydrogen(begin: Word, end: Word, state: Array, hydrogen: Array) -> float:
    total, lost, used = 0.0, 0.0, 0
    for i in range(begin, end):
        if state[i] == EMPTY:
            continue
        used += 1
        term = hydrogen[i]
        longer = total + term
        lost += (total - longer) + term if total >= term else (term - longer) + total
        total = longer
    return (total + lost) / used


@kernel()
def _meets(high: Word, low: Word, denominator: Word, bound: Word, inclusive: bool, at_most: bool) -> Any:
    """Compare a mean with a bound in half units; return the answer and whether 128 bits held it."""
    other_high, other_low, fits = _times(np.int64(0 if bound >= 0 else -1), np.uint64(bound), denominator)
    order = _compare(high, low, other_high, other_low)
    if order == 0:
        return inclusive, fits
    return (order < 0) == at_most, fits


@kernel()
def _ph_within(hydrogen: float, low: float, high: float, closed: Array) -> bool:
    ph = -math.log10(hydrogen)
    above = closed[0] if abs(ph - low) <= PH_TOLERANCE else ph > low
    below = closed[1] if abs(ph - high) <= PH_TOLERANCE else ph < high
    return bool(above and below)


@kernel()
def item_classes(
    state: Array,
    high: Ints,
    low: Array,
    denominator: Ints,
    hydrogen: Array,
    table: Ints,
    kind: Array,
    bound: Ints,
    closed: Array,
    unit: float,
) -> Array:
    """Classify means: the best class whose limit each meets (GB 3838-2002 table 1).

    Parameters
    ----------
    state, high, low, denominator, hydrogen
        The means.
    table
        Row of the threshold table for each mean, −1 for none.
    kind, bound, closed
        The threshold table of `thresholds.table`: kind of limit (rows), bounds in half units and whether
        the bound itself complies (rows, 5); for `WITHIN` the first two are the ends.
    unit
        Half units of one pH.

    Returns
    -------
    ranks
        1–6; 0 where there is no limit or no value, 255 where the exact twin has to decide.
    """
    ranks = np.zeros(state.size, np.uint8)
    for g in range(state.size):
        row = table[g]
        if state[g] == EMPTY or row < 0 or kind[row] == NO_THRESHOLD:
            continue
        if state[g] == WIDE:
            ranks[g] = UNDECIDED
        elif kind[row] == WITHIN:
            inside = _ph_within(hydrogen[g], bound[row, 0] / unit, bound[row, 1] / unit, closed[row])
            ranks[g] = 1 if inside else 6
        else:
            ranks[g] = 6
            for c in range(5):
                met, fits = _meets(
                    high[g], low[g], denominator[g], bound[row, c], closed[row, c], kind[row] == AT_MOST
                )
                if not fits:
                    ranks[g] = UNDECIDED
                    break
                if met:
                    ranks[g] = c + 1
                    break
    return ranks


@kernel()
def worst_classes(section: Ints, rank: Array, decides: Array, sections: Word) -> Array:
    """Return the worst item class of each section (单因子评价法; 环办〔2011〕22号 2.(1)); 0 without one."""
    worst = np.zeros(sections, np.uint8)
    for g in range(section.size):
        if decides[g] and rank[g] > worst[section[g]]:
            worst[section[g]] = rank[g]
    return worst


@kernel()
def fixed_point(words: Ints, divisor: Ints, item: Array, used: Array) -> tuple[Ints, int]:
    """Turn decimal128 values into half units.

    Parameters
    ----------
    words
        The little-endian 64-bit words of the values, (n, 2).
    divisor
        By item code: ``10**(10 − scale)``.
    item
        Item code per row.
    used
        Per row: whether there is a value; without one it becomes zero.

    Returns
    -------
    value
        Half units.
    fault
        First row that does not fit the item's scale or 62 bits; −1 if all do.
    """
    value = np.empty(item.size, np.int64)
    limit = np.int64(1) << 61
    for i in range(item.size):
        if not used[i]:
            value[i] = 0
            continue
        low, high = words[i, 0], words[i, 1]
        if high == (low >> 63):
            whole = low // divisor[item[i]]
            exact = whole * divisor[item[i]] == low
        else:
            whole, exact = _divide(high, low, divisor[item[i]])
        if not exact or whole >= limit or whole <= -limit:
            return value, i
        value[i] = whole * 2
    return value, -1


@kernel()
def _divide(high: Word, low: Word, divisor: Word) -> Any:
    """Divide a signed 128-bit number by ``10**k``, k ≤ 10.

    Return the quotient and whether it is exact and fits. The divisor is split in two that fit 32 bits,
    so that a remainder and the next half word fit 64.
    """
    negative = high < 0
    h, lo = np.int64(high), np.uint64(low)
    if negative:
        h, lo = _negate(h, lo)
    first = divisor if divisor < 100_000 else np.int64(100_000)
    exact = True
    top = np.uint64(h)
    for part in (first, divisor // first):
        by = np.uint64(part)
        digits = (top >> _SHIFT32, top & _MASK32, lo >> _SHIFT32, lo & _MASK32)
        rest = np.uint64(0)
        top, lo = np.uint64(0), np.uint64(0)
        for place in range(4):
            current = (rest << _SHIFT32) | digits[place]
            quotient, rest = current // by, current % by
            if place < 2:
                top = (top << _SHIFT32) | quotient
            else:
                lo = (lo << _SHIFT32) | quotient
        exact = exact and rest == np.uint64(0)
    fits = top == np.uint64(0) and lo < np.uint64(1 << 62)
    signed = np.int64(lo)
    return (-signed if negative else signed), exact and fits
