"""Compiled look-up of rows by id: both tables are parted by a hash, so that each part stays in the cache.

One large table is read at random in all its length, once a row and once a wanted id. A part is small: its
table is read at random where that costs little, and parting itself writes to few places at a time. Parting
keeps the order within a part, so what was found is put back by reading the parts side by side.
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
def count_parts(ids: Array, bits: int, ends: Array) -> None:
    """Fill in where each part begins and the last one ends.

    Parameters
    ----------
    bits
        How many of the first bits of the hash tell the parts apart, at least one.
    ends
        (2**bits + 1), filled in.
    """
    shift = np.uint64(64 - bits)
    ends[:] = 0
    for row in range(ids.size):
        ends[((np.uint64(ids[row]) * _SPREAD) >> shift) + _ONE] += 1
    for one in range(1, ends.size):
        ends[one] += ends[one - 1]


@kernel(division="numpy")
def part(ids: Array, bits: int, ends: Array, parted: Array) -> None:
    """Sort ids into parts, each in the order given.

    Parameters
    ----------
    bits, ends
        As `count_parts` has them.
    parted
        (n, 2) unsigned, filled in: hash and row.
    """
    shift, at = np.uint64(64 - bits), ends.copy()
    for row in range(ids.size):
        spread = np.uint64(ids[row]) * _SPREAD
        place = at[spread >> shift]
        at[spread >> shift] = place + 1
        parted[place, 0], parted[place, 1] = spread, row


@kernel(division="numpy")
def part_wanted(wanted: Array, bits: int, ends: Array, parted: Array) -> None:
    """Sort wanted ids into parts as `part` does; only their hashes are filled in, (n,)."""
    shift, at = np.uint64(64 - bits), ends.copy()
    for name in wanted:
        spread = np.uint64(name) * _SPREAD
        place = at[spread >> shift]
        at[spread >> shift] = place + 1
        parted[place] = spread


@kernel(division="numpy")
def join(
    bits: int, ends: Array, parted: Array, asked: Array, wanted: Array, table: Array, found: Array
) -> None:
    """Fill in the row of each parted wanted id, −1 where there is none; of ids that stand twice the first.

    Parameters
    ----------
    ends, parted, asked, wanted
        The ids and the wanted ids as `part` and `part_wanted` leave them.
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
            spread = wanted[i]
            place = (spread >> shift >> _ONE) & mask
            held = np.uint64(table[place])
            while held > 0 and here[held - _ONE, 0] != spread:
                place = (place + _ONE) & mask
                held = np.uint64(table[place])
            found[i] = np.int64(here[held - _ONE, 1]) if held > 0 else -1


@kernel(division="numpy")
def put_back(wanted: Array, bits: int, ends: Array, found: Array, rows: Array) -> None:
    """Fill in what was found by the order of the wanted ids."""
    shift, at = np.uint64(64 - bits), ends.copy()
    for k in range(wanted.size):
        one = (np.uint64(wanted[k]) * _SPREAD) >> shift
        place = at[one]
        at[one] = place + 1
        rows[k] = found[place]
