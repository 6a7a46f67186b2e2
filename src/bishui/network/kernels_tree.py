"""Compiled numbering of a tree, largest tributary first. Twin: `plain.arrange`.

Nothing here follows one reach after the other down the river, where each step would wait for memory: rows
are taken from a queue of those whose tributaries are all done, in blocks, so that their reads overlap.
Measured, what counts is how many reads and writes go to random places, and how large the array is: so all
that comes after is kept by place in the queue, and what goes back to rows and positions is first sorted into
a few ranges that each fit the cache. For the same reason what was just read from a random place decides
neither a branch nor where the next thing is written, where it can be helped.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel

Array = npt.NDArray[Any]

#: Rows that are read before any of them is worked on.
_BLOCK = 2048
#: More tributaries than this are not counted; nor are more rows than this.
MOST_TRIBUTARIES, MOST_ROWS = 254, (1 << 28) - 1

# A record of a row while it waits: how many tributaries are not done (8 bits), the place in the queue of the
# one that was done last, from one (28), how many rows lie above (28).
_LEFT, _LAST = np.uint64(0xFF), np.uint64(0xFFFFFFF)
_LAST_AT, _ABOVE_AT = np.uint64(8), np.uint64(36)
_KEEP = np.uint64(0xFFFFFFF0000000FF)
_ONE, _HALF, _LOW = np.uint64(1), np.uint64(32), np.uint64(0xFFFFFFFF)
_ROW = np.uint32(1)


class Queue(NamedTuple):
    """The rows of a tree in flow order, headwaters first, and what is known of each by its place there.

    Attributes
    ----------
    row
        The row; this and `weight` and `last` are one longer than there are rows.
    weight
        How many rows lie above it, with itself.
    last
        Of rows behind the headwaters: the place of the tributary that was done last.
    before
        The tributary of the same row that was done before it, from one; 0 if it was the first.
    """

    row: Array
    weight: Array
    last: Array
    before: Array


@kernel(division="numpy")
def flow_order(down: Array, waiting: Array, record: Array, queue: Queue) -> Any:
    """Fill in the queue of a tree. See `plain.flow_order`.

    Parameters
    ----------
    down
        Downstream row of each row; anything beyond the rows at outlets.
    waiting
        8 bits a row and one more: how many tributaries there are, filled in.
    record
        64 bits a row and one more, for the outlets: room.

    Returns
    -------
    placed, headwaters, most
        How many rows have a place, fewer than all if there is a ring; how many of them have no tributary; the
        largest number of tributaries.
    """
    outlet = np.uint32(down.size)
    waiting[:] = 0
    for row in range(down.size):
        below = min(down[row], outlet)
        waiting[below] += np.uint8(waiting[below] <= MOST_TRIBUTARIES)
    waiting[outlet] = 0
    headwaters, most = 0, np.uint8(0)
    for row in range(down.size):
        queue.row[headwaters] = row
        headwaters += waiting[row] == 0
        record[row] = waiting[row]
        most = max(most, waiting[row])
    queue.weight[:headwaters] = 1
    # One is always left to come of what flows into the outlets' end.
    record[outlet] = 1
    if most > MOST_TRIBUTARIES:
        return 0, headwaters, most
    return _drain(down, record, queue, headwaters), headwaters, most


@kernel(division="numpy")
def _drain(down: Array, record: Array, queue: Queue, placed: int) -> int:
    """Take rows from the queue and add those that become ready; return how many were placed in all."""
    outlet = np.uint32(down.size)
    onto, after = np.empty(_BLOCK, np.uint32), np.empty(_BLOCK, np.uint64)
    rows, weight, last, before = queue
    done = 0
    while done < placed:
        block = min(_BLOCK, placed - done)
        for k in range(block):
            onto[k] = min(down[rows[done + k]], outlet)
        for k in range(block):
            after[k] = record[onto[k]]
        for k in range(block):
            below = onto[k]
            held = record[below]
            before[done + k] = (held >> _LAST_AT) & _LAST
            held = (held & _KEEP) | (np.uint64(done + k + 1) << _LAST_AT)
            held += (np.uint64(weight[done + k]) << _ABOVE_AT) - np.uint64(below < outlet)
            record[below] = held
            after[k] = held
        for k in range(block):
            rows[placed] = onto[k]
            weight[placed] = (after[k] >> _ABOVE_AT) + _ONE
            last[placed] = done + k
            placed += (after[k] & _LEFT) < _ONE
        done += block
    return placed


@kernel(division="numpy")
def outlets(record: Array, queue: Queue) -> Array:
    """Return the places in the queue of the rows that flow nowhere."""
    found = np.empty(queue.before.size, np.int64)
    count, at = 0, (record[-1] >> _LAST_AT) & _LAST
    while at > 0:
        found[count] = at - _ONE
        count += 1
        at = np.uint64(queue.before[at - _ONE])
    return found[:count].copy()


@kernel(division="numpy")
def pairs(rank: Array, queue: Queue, headwaters: int, large: Array, small: Array, tied: Array) -> None:
    """Fill in the larger and the smaller of two tributaries, of two of one size by rank.

    Parameters
    ----------
    large, small
        By place in the queue, behind the headwaters; `small` is beyond the queue where there is one only.
        Where more than two meet, they mean nothing.
    tied
        Room.
    """
    none, ties = np.uint32(rank.size), 0
    for k in range(headwaters, rank.size):
        last, before = queue.last[k], queue.before[queue.last[k]]
        weight = queue.weight[last]
        rest = queue.weight[k] - _ROW - weight
        other = before - _ROW if before > 0 else none
        large[k] = last if weight > rest else other
        small[k] = other if weight > rest else last
        tied[ties] = k
        ties += weight == rest
    for place in range(ties):
        k = tied[place]
        one, other = large[k], small[k]
        swap = rank[queue.row[other]] < rank[queue.row[one]]
        large[k] = other if swap else one
        small[k] = one if swap else other


@kernel(division="numpy")
def crowds(rank: Array, waiting: Array, queue: Queue, headwaters: int) -> Any:
    """Return where more than two meet, and who does: the largest first, then by rank.

    Returns
    -------
    places, start, members
        Places in the queue; those that meet at the i-th are ``members[start[i]:start[i + 1]]``.
    """
    places, members = np.empty(rank.size, np.int64), np.empty(rank.size, np.int64)
    start = np.zeros(rank.size + 1, np.int64)
    count, end = 0, 0
    for k in range(headwaters, rank.size):
        if waiting[queue.row[k]] <= 2:
            continue
        first, at = end, np.int64(queue.last[k]) + 1
        while at > 0:
            place, own = end, rank[queue.row[at - 1]]
            while place > first and rank[queue.row[members[place - 1]]] > own:
                members[place] = members[place - 1]
                place -= 1
            members[place] = at - 1
            end += 1
            at = np.int64(queue.before[at - 1])
        _largest_first(queue.weight, members[first:end])
        places[count], start[count + 1] = k, end
        count += 1
    return places[:count].copy(), start[: count + 1].copy(), members[:end].copy()


@kernel(division="numpy")
def _largest_first(weight: Array, members: Array) -> None:
    heavy = 0
    for place in range(1, members.size):
        if weight[members[place]] > weight[members[heavy]]:
            heavy = place
    largest = members[heavy]
    for place in range(heavy, 0, -1):
        members[place] = members[place - 1]
    members[0] = largest


@kernel(division="numpy")
def ranges(
    queue: Queue, headwaters: int, large: Array, small: Array, roots: Array, crowded: Any, begin: Array
) -> None:
    """Fill in where the range of positions of each begins, from the outlets up.

    The largest tributary begins where the downstream reach begins, the others behind one another.

    Parameters
    ----------
    roots
        The outlets, in order.
    crowded
        As `crowds` returns.
    begin
        By place in the queue and one more.
    """
    weight, (places, start, members) = queue.weight, crowded
    at, waits = np.uint32(0), places.size - 1
    for root in roots:
        begin[root] = at
        at += weight[root]
    for k in range(begin.size - 2, headwaters - 1, -1):
        at = begin[k]
        if waits >= 0 and places[waits] == k:
            for one in members[start[waits] : start[waits + 1]]:
                begin[one] = at
                at += weight[one]
            waits -= 1
            continue
        begin[large[k]] = at
        begin[small[k]] = at + weight[large[k]]


@kernel(division="numpy")
def scatter(
    queue: Queue,
    headwaters: int,
    begin: Array,
    shift: int,
    places: Array,
    held: Array,
    by_row: Array,
    position: Array,
) -> Array:
    """Sort what goes to each position, and the positions of rows, into ranges of 2**shift.

    Parameters
    ----------
    places, held
        A position, and row and size of what stands there, filled in.
    by_row
        Row and position of all but the headwaters, filled in with gaps: these come in the order of rows, so
        their `position` is filled in at once.

    Returns
    -------
    ends
        Where what is in each range of `by_row` ends.
    """
    count = position.size
    ends = np.arange(0, count, 1 << shift)
    at = ends.copy()
    for k in range(count):
        place, row = begin[k] + queue.weight[k] - _ROW, queue.row[k]
        to = at[place >> shift]
        at[place >> shift] = to + 1
        places[to], held[to] = place, np.uint64(queue.weight[k]) << _HALF | np.uint64(row)
    for k in range(headwaters):
        position[queue.row[k]] = begin[k]
    for k in range(headwaters, count):
        place, row = begin[k] + queue.weight[k] - _ROW, queue.row[k]
        to = ends[row >> shift]
        ends[row >> shift] = to + 1
        by_row[to] = np.uint64(row) << _HALF | np.uint64(place)
    return ends


@kernel(division="numpy")
def gather(
    places: Array,
    held: Array,
    by_row: Array,
    ends: Array,
    shift: int,
    order: Array,
    size: Array,
    position: Array,
) -> None:
    """Fill in the columns of `layout.Layout` from what `scatter` leaves, range by range."""
    for k in range(order.size):
        order[places[k]] = held[k] & _LOW
        size[places[k]] = held[k] >> _HALF
    for one in range(ends.size):
        for k in range(one << shift, ends[one]):
            position[by_row[k] >> _HALF] = by_row[k] & _LOW
