"""Compiled look-up of rows by id: both tables are parted by a hash, so that each part stays in the cache.

One large table is read at random in all its length, once a row and once a wanted id. A part is small: its
table is read at random where that costs little, and parting itself writes to few places at a time.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel

Array = npt.NDArray[Any]

#: Fibonacci hashing: 2**64 divided by the golden ratio; odd, so that no two ids have one hash.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)
#: Places of a part's table for each of its ids, at least.
SPARE = 3


@kernel(division="numpy")
def part(ids: Array, bits: int, ends: Array, parted: Array) -> None:
    """Sort ids into parts by the first bits of their hash, at least one; each part in the order given.

    Parameters
    ----------
    ends
        Where each part begins and the last one ends, (2**bits + 1), filled in.
    parted
        (n, 2) unsigned, filled in: hash and row.
    """
    shift = np.uint64(64 - bits)
    at = np.zeros(ends.size, np.int64)
    for row in range(ids.size):
        at[(np.uint64(ids[row]) * _SPREAD) >> shift] += 1
    begin = 0
    for one in range(ends.size - 1):
        ends[one], begin = begin, begin + at[one]
        at[one] = ends[one]
    ends[-1] = ids.size
    for row in range(ids.size):
        spread = np.uint64(ids[row]) * _SPREAD
        place = at[spread >> shift]
        at[spread >> shift] = place + 1
        parted[place, 0], parted[place, 1] = spread, row


@kernel(division="numpy")
def join(
    bits: int, ends: Array, parted: Array, asked: Array, wanted: Array, table: Array, rows: Array
) -> None:
    """Fill in the row of each wanted id, −1 where there is none; of ids that stand twice the first.

    Parameters
    ----------
    ends, parted, asked, wanted
        The ids and the wanted ids as `part` leaves them.
    table
        Room for the largest part: `SPARE` places for each of its ids, rounded up to a power of two.
    """
    for one in range(ends.size - 1):
        here, places, further = parted[ends[one] : ends[one + 1]], 1, 0
        while places < SPARE * (ends[one + 1] - ends[one]):
            places, further = 2 * places, further + 1
        mask, shift = np.uint64(places - 1), np.uint64(63 - bits - further)
        table[:places] = 0
        for i in range(ends[one + 1] - ends[one]):
            spread = here[i, 0]
            place = (spread >> shift >> _ONE) & mask
            while table[place] > 0 and here[np.uint64(table[place]) - _ONE, 0] != spread:
                place = (place + _ONE) & mask
            if table[place] == 0:
                table[place] = i + 1
        for i in range(asked[one], asked[one + 1]):
            spread = wanted[i, 0]
            place = (spread >> shift >> _ONE) & mask
            found = np.uint64(table[place])
            while found > 0 and here[found - _ONE, 0] != spread:
                place = (place + _ONE) & mask
                found = np.uint64(table[place])
            rows[wanted[i, 1]] = np.int64(here[found - _ONE, 1]) if found > 0 else -1
