"""Capacity on a solved network: what is to be divided, and what a new outfall may bring.

The flow is that of the solution (设计流量); the programme does not change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.adjoint import Place, response
from bishui.network.capacity.allocation import AllocationCase
from bishui.network.capacity.remaining import RemainingRoom, remaining_room
from bishui.network.settings import Settings, settings
from bishui.network.solve import Solution
from bishui.network.tables import Floats, Section


def allocation_case(
    solution: Solution,
    pollutant: str,
    targets: Mapping[Section, float],
    floors: Mapping[str, float] | None = None,
    chosen: Settings | None = None,
) -> AllocationCase:
    """Return what is to be divided among the outfalls of a solution, of one pollutant.

    Parameters
    ----------
    solution
        The network at its design flow, with the present or permitted loads.
    pollutant
        Key of one of its pollutants.
    targets
        Target concentration (mg/L) by section.
    floors
        Load that technology cannot go below (g/s) by outfall; absent means 0.
    chosen
        Settings of ``capacity``: the margin of safety (安全余量).

    Raises
    ------
    CallError
        If the solution has no such pollutant.
    """
    used, column = chosen or settings("capacity"), _column(solution, pollutant)
    sections, carried, limit = list(targets), *_at(solution, targets, column)
    which = (solution.pollutants[column],)
    arriving = response(solution.network, sections, solution.loads, which, solution.flow)
    matrix = arriving.reshape(len(sections), len(solution.loads), 1)[:, :, 0]
    present = np.array([load.rate(pollutant) for load in solution.loads], float)
    least = np.array([(floors or {}).get(load.key, 0.0) for load in solution.loads], float)
    return AllocationCase(
        matrix,
        limit - (carried - matrix @ present),
        least,
        present,
        tuple(section.key for section in sections),
        tuple(load.key for load in solution.loads),
        used.number("margin_of_safety"),
    )


def room_at(
    solution: Solution,
    pollutant: str,
    targets: Mapping[Section, float],
    places: Sequence[Place],
    chosen: Settings | None = None,
) -> RemainingRoom:
    """Return how much more of a pollutant each place may take (新设排污口), and which section binds.

    Parameters are those of `allocation_case`; `places` are loads or sections on the network.

    Raises
    ------
    CallError
        If the solution has no such pollutant.
    """
    used, column = chosen or settings("capacity"), _column(solution, pollutant)
    sections, carried, limit = list(targets), *_at(solution, targets, column)
    arriving = response(solution.network, sections, places, (solution.pollutants[column],), solution.flow)
    return remaining_room(
        arriving.reshape(len(sections), len(places), 1)[:, :, 0],
        limit,
        carried,
        places=tuple(place.key for place in places),
        sections=tuple(section.key for section in sections),
        margin=used.number("margin_of_safety"),
    )


def _column(solution: Solution, pollutant: str) -> int:
    keys = [one.key for one in solution.pollutants]
    if pollutant not in keys:
        raise CallError(
            Text("这次计算没有“{pollutant}”。", pollutant=pollutant),
            remedy=Text("可用的污染物：{keys}。", keys="、".join(keys)),
        )
    return keys.index(pollutant)


def _at(solution: Solution, targets: Mapping[Section, float], column: int) -> tuple[Floats, Floats]:
    """Return what each section carries and what it may carry, g/s."""
    readings = [solution.at(section) for section in targets]
    carried = np.array([reading.loads[column] for reading in readings], float)
    return carried, np.array([reading.flow for reading in readings]) * np.array(list(targets.values()), float)
