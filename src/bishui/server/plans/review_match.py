"""Which records of one reading of a plan are those of another: pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from bishui.server.plans.review_draft import lines_of
from bishui.server.plans.unit_names import fold

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
_LIST_NAMES = {"value_text": "value"}


def pair(
    old: Sequence[Any], new: Sequence[Any], same: Sequence[Sequence[str]], get: Callable[[Any, str], Any]
) -> list[tuple[int, int]]:
    """Return which record of `old` is which of `new`, as positions from 0.

    Parameters
    ----------
    same
        Ways to know a record again, the surest first: the fields that must agree. Each way pairs what the
        ways before it have left, in the order of the document.
    get
        Gives the value of a field of a record.
    """
    pairs: list[tuple[int, int]] = []
    left, right = list(range(len(old))), list(range(len(new)))
    for names in same:
        waiting: dict[tuple[str, ...], list[int]] = {}
        for index in right:
            waiting.setdefault(_key(new[index], names, get), []).append(index)
        for index in list(left):
            key = _key(old[index], names, get)
            if any(key) and waiting.get(key):
                found = waiting[key].pop(0)
                pairs.append((index, found))
                left.remove(index)
                right.remove(found)
    return sorted(pairs)


def _key(record: Any, names: Sequence[str], get: Callable[[Any, str], Any]) -> tuple[str, ...]:
    return tuple(fold(str(value)) if (value := get(record, name)) is not None else "" for name in names)


def of_row(record: Any, name: str) -> Any:
    """Return a field of a row of the ledger."""
    return getattr(record, name)


def of_json(record: Mapping[str, Any], name: str) -> Any:
    """Return a field of a record of the plan's JSON by the name it has in the ledger."""
    if name in ("line", "line_from"):
        lines = lines_of(record)
        return lines[0] if lines else None
    return record.get(_LIST_NAMES.get(name, name))


def moves(current: Mapping[K, int], wanted: Mapping[K, int]) -> Iterator[tuple[K, int]]:
    """Give the single moves that bring records from their positions to others, no two ever at one place.

    A ring of records that want each other's places is opened by moving one of them beyond the last first.
    """
    place = dict(current)
    taken = set(place.values())
    open_moves = {key: position for key, position in wanted.items() if place[key] != position}
    beyond = max([*taken, *wanted.values()], default=0) + 1
    while open_moves:
        key = next((key for key, position in open_moves.items() if position not in taken), None)
        target = beyond if key is None else open_moves.pop(key)
        if key is None:
            key, beyond = next(iter(open_moves)), beyond + 1
        taken.discard(place[key])
        taken.add(target)
        place[key] = target
        yield key, target
