"""The network with its permitted loads in the steady state, and what it may still take (剩余容量)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from bishui.errors import NotFound
from bishui.i18n import Text
from bishui.server.network.held import Held
from bishui.server.network.limits import limits_of
from bishui.server.network.placing import Placed, usable
from bishui.server.network.rules import item_keys, pollutants
from bishui.standards import items

if TYPE_CHECKING:
    from bishui.network import Load, Section, Solution

_DAY_S = 86_400.0
#: g/s to kg/d.
_DAILY = 86.4


@dataclass(frozen=True, slots=True)
class SectionState:
    """A section as it is computed: flow (m³/s), concentration, limit (mg/L; None: no target), kg/d left.

    `left` below 0 says by how much it is over its limit already.
    """

    placed: Placed
    flow: float
    concentration: float
    limit: float | None
    left: float | None


@dataclass(frozen=True, slots=True)
class Room:
    """What a reach may still take at its top, kg/d: None where no section with a target is below.

    `binding` is the section that allows least; `over` whether it is over its limit already.
    """

    reach: int
    load: float | None
    binding: Placed | None
    over: bool


@dataclass(frozen=True, eq=False)
class Rooms(Sequence[Room]):
    """What many places may still take, as columns: a province has a million reaches.

    Attributes
    ----------
    reaches, loads, binding
        By place: row, kg/d (not a number where no section is below), which of `sections` binds (-1: none).
    sections, over
        The sections with a limit, and whether each is over it already.
    """

    reaches: NDArray[np.int64]
    loads: NDArray[np.float64]
    binding: NDArray[np.int64]
    sections: tuple[Placed, ...]
    over: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return how many places there are."""
        return len(self.reaches)

    @overload
    def __getitem__(self, at: int) -> Room: ...
    @overload
    def __getitem__(self, at: slice) -> list[Room]: ...
    def __getitem__(self, at: int | slice) -> Room | list[Room]:
        """Return one place, or several."""
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        reach, bound = int(self.reaches[at]), int(self.binding[at])
        if bound < 0:
            return Room(reach, None, None, False)
        return Room(reach, float(self.loads[at]), self.sections[bound], bool(self.over[bound]))

    def of_reaches(self, rows: Iterable[int]) -> list[Room]:
        """Return those of some reaches, where there are any."""
        wanted = np.fromiter(rows, np.int64)
        return [self[int(at)] for at in np.flatnonzero(np.isin(self.reaches, wanted))]

    def bound_by(self, key: str) -> NDArray[np.int64]:
        """Return at which places a section binds."""
        mine = [at for at, entry in enumerate(self.sections) if entry.thing.key == key]
        return np.flatnonzero(np.isin(self.binding, mine))


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a network may take of one item."""

    item: str
    sections: tuple[SectionState, ...]
    rooms: Rooms
    margin: float


def loads_of(placed: Iterable[Placed]) -> tuple[Load, ...]:
    """Return the permitted loads of the outfalls that have a place."""
    from bishui.network import Load

    found = []
    for entry in usable(placed, "outfall"):
        permit = entry.thing.discharge
        if permit is None:
            continue
        conc = {item: float(value) for item, value in permit.permitted().items() if value is not None}
        section = entry.section
        found.append(
            Load(entry.thing.key, section.reach, section.chainage, float(permit.flow) / _DAY_S, conc)
        )
    return tuple(found)


_lock = threading.Lock()
_kept: list[tuple[object, Solution]] = []


def solution_of(found: Held, placed: Iterable[Placed]) -> Solution:
    """Return the steady state with the permitted loads, kept while nothing changes.

    Raises
    ------
    NetworkFault
        If it cannot be computed, e.g. where a lake has no inflow.
    """
    from bishui.network import solve

    loads = loads_of(placed)
    name = (found.digest, repr(loads))
    with _lock:
        if _kept and _kept[0][0] == name:
            return _kept[0][1]
    solution = solve(found.network, pollutants(), loads, found.file.lateral, found.file.diffuse)
    with _lock:
        _kept[:] = [(name, solution)]
    return solution


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a capacity is asked for: the item, the day on which limits hold, target class by site."""

    item: str
    day: date
    targets: Mapping[str, int]


def capacity_of(
    found: Held, placed: Sequence[Placed], wanted: Wanted, at: Sequence[Section] | None = None
) -> Capacity:
    """Return what each reach may still take of an item, and which section binds.

    Parameters
    ----------
    at
        Where the room is asked for; None = at the top of every reach.

    Raises
    ------
    NotFound
        The item is not one that networks are computed with.
    """
    from bishui.network import Section
    from bishui.network.settings import settings

    if wanted.item not in item_keys():
        raise NotFound(
            Text("没有为“{item}”设置降解系数，不能计算。", item=wanted.item),
            remedy=Text("可计算：{items}。", items="、".join(items()[key].name for key in item_keys())),
        )
    solution = solution_of(found, placed)
    states = [_state(solution, entry, wanted) for entry in usable(placed, "section")]
    if at is None:
        free = np.flatnonzero(~found.network.tidal).tolist()
        at = [Section(found.network.name(row), row, 0.0) for row in free]
    margin = settings("capacity").number("margin_of_safety")
    return Capacity(wanted.item, tuple(states), _rooms(solution, wanted.item, states, at), margin)


def _rooms(solution: Solution, item: str, states: Sequence[SectionState], at: Sequence[Section]) -> Rooms:
    """Return what each place may still take."""
    from bishui.network.capacity import room_at

    reaches = np.fromiter((place.reach for place in at), np.int64, len(at))
    limited = {state.placed.section: state.limit for state in states if state.limit is not None}
    if not limited:
        nothing = np.full(len(at), np.nan)
        return Rooms(reaches, nothing, np.full(len(at), -1), (), np.zeros(0, np.bool_))
    room = room_at(solution, item, limited, at)
    sections = tuple(state.placed for state in states if state.limit is not None)
    load = np.where(room.binding < 0, np.nan, _DAILY * room.load)
    return Rooms(reaches, load, room.binding, sections, room.lack > 0)


def _state(solution: Solution, entry: Placed, wanted: Wanted) -> SectionState:
    reading = solution.at(entry.section)
    concentration = float(reading.concentrations[item_keys().index(wanted.item)])
    limit = limits_of(entry.thing, wanted.targets, [wanted.item], wanted.day).get(wanted.item)
    left = None if limit is None else _DAILY * (limit - concentration) * reading.flow
    return SectionState(entry, reading.flow, concentration, limit, left)
