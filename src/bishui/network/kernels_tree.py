"""Compiled numbering of a tree, largest tributary first. Twin: `plain.arrange`.

Reads and writes of random places are what it costs, and waiting for one before the next can begin. So edges
are first sorted into a few ranges of downstream rows that each fit the cache; then one search goes against
the flow from the outlets, many rows at a time, and reads a record of each row that has tributaries, once.
It puts the tributaries of a row beside each other: how much lies above all of them is the difference of two
sums. The search keeps to a part of the tree before it begins another, so that what it numbers lies close.
What was just read from a random place decides no branch where it can be helped.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel

Array = npt.NDArray[Any]

#: Rows that are read before any of them is worked on.
_BLOCK = 1024
#: More tributaries than this are not numbered; nor are more rows than this.
MOST_TRIBUTARIES, MOST_ROWS = 254, (1 << 28) - 1

# A tributary as its downstream reach has it, 30 bits: its row (from bit 2), whether it has tributaries itself
# or none. A record of a row: the two tributaries that stand last in the table, the last one low; then whether
# that one stands behind the other, and whether there are more.
_NONE, _FED, _ROW_AT = np.uint64(1), np.uint64(2), np.uint64(2)
_NO, _ONE, _HALF, _SIGN = np.uint64(0), np.uint64(1), np.uint64(32), np.uint64(63)
_TRIBUTARY, _LOW = np.uint64((1 << 30) - 1), np.uint64(0xFFFFFFFF)
_BEHIND_AT, _BEHIND, _MORE = np.uint64(62), np.uint64(1 << 62), np.uint64(1 << 63)


class Search(NamedTuple):
    """The rows met against the flow: outlets, rows with tributaries, and what flows where more than two meet.

    Attributes
    ----------
    row
        The row at each place of the search; all that flow into one row are beside each other.
    record
        Of that row. Where more than two meet, how many instead of who.
    first
        The place of its first tributary that has a place.
    above
        The sum of all rows above those here and further on; one longer than there are places.
    """

    row: Array
    record: Array
    first: Array
    above: Array


@kernel(division="numpy")
def by_downstream(down: Array, shift: int, fed: Array, pairs: Array) -> None:
    """Sort what flows where into ranges of 2**shift downstream rows.

    Parameters
    ----------
    down
        Downstream row of each row; anything beyond the rows at outlets.
    fed
        8 bits a row and one more: whether it has tributaries, filled in.
    pairs
        The downstream row and the tributary, filled in.
    """
    outlet, by = np.uint32(down.size), np.uint32(shift)
    ends = np.zeros((down.size >> shift) + 2, np.int64)
    fed[:] = 0
    for row in range(down.size):
        below = min(down[row], outlet)
        fed[below] = 1
        ends[(below >> by) + np.uint32(1)] += 1
    for one in range(1, ends.size):
        ends[one] += ends[one - 1]
    for row in range(down.size):
        below = min(down[row], outlet)
        to = ends[below >> by]
        ends[below >> by] = to + 1
        pairs[to] = np.uint64(below) << _HALF | np.uint64(row) << _ROW_AT | (_NONE + np.uint64(fed[row]))


@kernel(division="numpy")
def meetings(pairs: Array, record: Array, further: Array) -> None:
    """Fill in the records.

    Parameters
    ----------
    record
        64 bits a row and one more.
    further
        By row: where more than two meet, the tributary that stands before it, 0 if there is none.
    """
    record[:] = 0
    for pair in pairs:
        below = pair >> _HALF
        held = record[below]
        if held >> _HALF == 0:
            record[below] = held << _HALF | pair & _LOW
            continue
        last, before = held & _TRIBUTARY, held >> _HALF & _TRIBUTARY
        if held & _MORE == 0:
            further[before >> _ROW_AT] = 0
        further[last >> _ROW_AT] = before
        record[below] = held << _HALF | pair & _LOW | _MORE


@kernel(division="numpy")
def climb(record: Array, further: Array, search: Search, outlets: int, lows: Array, highs: Array) -> Any:
    """Go against the flow from the outlets, which are the first rows of the search.

    Parameters
    ----------
    lows, highs
        Room for ranges of places that wait, as many as there are rows.

    Returns
    -------
    How many rows have a place; −1 if more than `MOST_TRIBUTARIES` meet.
    """
    rows, records, first, _ = search
    placed: Any = outlets
    lows[0], highs[0], waiting = 0, placed, 1
    while waiting > 0:
        low, high = np.int64(lows[waiting - 1]), np.int64(highs[waiting - 1])
        begin = max(low, high - _BLOCK)
        highs[waiting - 1] = begin
        waiting -= begin == low
        for k in range(begin, high):
            records[k] = record[rows[k]]
        before = placed
        for k in range(begin, high):
            held, first[k] = records[k], placed
            if held & _MORE != 0:
                placed = _all_of(held, further, rows, placed)
                if placed - np.int64(first[k]) > MOST_TRIBUTARIES:
                    return -1
                records[k] = _MORE | np.uint64(placed - np.int64(first[k])) << _ROW_AT
                continue
            rows[placed] = (held & _TRIBUTARY) >> _ROW_AT
            placed += np.int64(held >> _ONE & _ONE)
            rows[placed] = (held >> _HALF & _TRIBUTARY) >> _ROW_AT
            placed += np.int64(held >> _HALF >> _ONE & _ONE)
        lows[waiting], highs[waiting] = before, placed
        waiting += placed > before
    return placed


@kernel(division="numpy")
def _all_of(held: Array, further: Array, rows: Array, placed: int) -> int:
    """Give every tributary of a row a place, those without tributaries too."""
    rows[placed] = (held & _TRIBUTARY) >> _ROW_AT
    one: Any = held >> _HALF & _TRIBUTARY
    while one > 0:
        placed += 1
        rows[placed] = one >> _ROW_AT
        one = np.uint64(further[one >> _ROW_AT])
    return placed + 1


@kernel(division="numpy")
def sum_up(search: Search, placed: int, even: Array) -> int:
    """Fill in the sums; return how many `even` there are: where two meet above which lie equally many."""
    _, records, first, above = search
    above[placed], found = 0, 0
    for k in range(placed - 1, -1, -1):
        held, begin = records[k], np.uint64(first[k])
        middle = begin + (held >> _ONE & _ONE)
        end = middle + (held >> _HALF >> _ONE & _ONE)
        one = (held & _ONE) + np.uint64(np.uint32(above[begin] - above[middle]))
        other = (held >> _HALF & _ONE) + np.uint64(np.uint32(above[middle] - above[end]))
        if held & _MORE != 0:
            one += np.uint64(np.uint32(above[begin] - above[begin + ((held & _TRIBUTARY) >> _ROW_AT)]))
        above[k] = np.uint64(above[k + 1]) + _ONE + one + other
        even[found] = k
        found += one == other
    return found


@kernel(division="numpy")
def compare(rank: Array, records: Array, even: Array) -> None:
    """Put the one of the lower rank first where above two lie equally many."""
    for k in even:
        held = records[k]
        one, other = (held & _TRIBUTARY) >> _ROW_AT, (held >> _HALF & _TRIBUTARY) >> _ROW_AT
        records[k] = held | np.uint64(rank[other] < rank[one]) * _BEHIND


@kernel(division="numpy")
def number(
    search: Search, placed: int, outlets: int, rank: Array, place: Array, order: Array, size: Array
) -> None:
    """Fill in row and size at each position.

    The smaller of two tributaries stands right before the reach they flow into, the larger one before all
    that is above the smaller.

    Parameters
    ----------
    place
        Position of each row of the search, one longer than there are.
    order, size
        One longer than there are rows.
    """
    rows, records, first, above = search
    nobody, nowhere = np.uint64(placed), np.uint64(order.size - 1)
    members, end = np.empty(MOST_TRIBUTARIES, np.int64), np.uint64(0)
    for k in range(outlets):
        whole = np.uint64(np.uint32(above[k] - above[k + 1]))
        end += whole
        place[k], order[end - _ONE], size[end - _ONE] = end - _ONE, rows[k], whole
    for k in range(placed):
        held, begin, last = records[k], np.uint64(first[k]), np.uint64(place[k])
        if held & _MORE != 0:
            _number_many(search, k, members, rank, place, order, size)
            continue
        fed, fed_too = held >> _ONE & _ONE, held >> _HALF >> _ONE & _ONE
        middle = begin + fed
        one = (held & _ONE) + np.uint64(np.uint32(above[begin] - above[middle]))
        other = (held >> _HALF & _ONE) + np.uint64(np.uint32(above[middle] - above[middle + fed_too]))
        # All bits if the one stands behind the other; then masks in place of branches.
        swapped = _NO - ((one - other) >> _SIGN | held >> _BEHIND_AT & _ONE)
        at = last - _ONE - (other & ~swapped)
        place[nobody + (begin - nobody & _NO - fed)] = at
        at = at if one > 0 else nowhere
        order[at], size[at] = (held & _TRIBUTARY) >> _ROW_AT, one
        at = last - _ONE - (one & swapped)
        place[nobody + (middle - nobody & _NO - fed_too)] = at
        at = at if other > 0 else nowhere
        order[at], size[at] = (held >> _HALF & _TRIBUTARY) >> _ROW_AT, other


@kernel(division="numpy")
def _number_many(
    search: Search, k: int, members: Array, rank: Array, place: Array, order: Array, size: Array
) -> None:
    """Number more than two that meet: the largest first, then by rank."""
    rows, records, first, above = search
    begin, count = np.int64(first[k]), np.int64((records[k] & _TRIBUTARY) >> _ROW_AT)
    for one in range(begin, begin + count):
        at, own = one - begin, rank[rows[one]]
        while at > 0 and rank[rows[members[at - 1]]] > own:
            members[at] = members[at - 1]
            at -= 1
        members[at] = one
    largest = members[0]
    for one in members[1:count]:
        if _weight(above, one) > _weight(above, largest):
            largest = one
    end: Any = np.int64(place[k]) - np.int64(np.uint32(above[begin] - above[begin + count]))
    end = _take(largest, end, search, place, order, size)
    for one in members[:count]:
        if one != largest:
            end = _take(one, end, search, place, order, size)


@kernel(division="numpy")
def _weight(above: Array, k: Any) -> Any:
    """Return how many rows lie above the one at a place of the search, with itself."""
    return np.int64(np.uint32(above[k] - above[k + 1]))


@kernel(division="numpy")
def _take(k: Any, begin: Any, search: Search, place: Array, order: Array, size: Array) -> Any:
    """Number one; return where the next begins."""
    weight = _weight(search.above, k)
    last = begin + weight - 1
    place[k], order[last], size[last] = last, search.row[k], weight
    return last + 1


@kernel(division="numpy")
def invert(order: Array, shift: int, pairs: Array, position: Array) -> None:
    """Fill in the position of each row, sorted into ranges of 2**shift rows first.

    Parameters
    ----------
    pairs
        64 bits a row: room.
    """
    by = np.uint64(shift)
    ends = np.arange(0, order.size, 1 << shift)
    for place in range(order.size):
        row = np.uint64(order[place])
        to = ends[row >> by]
        ends[row >> by] = to + 1
        pairs[to] = row << _HALF | np.uint64(place)
    for pair in pairs:
        position[pair >> _HALF] = pair & _LOW
