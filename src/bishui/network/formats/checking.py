"""From a file that was read to a network that can be computed: the faults of the graph, with their place."""

from __future__ import annotations

from dataclasses import replace

from bishui.errors import Problem
from bishui.network.faults import Fault, NetworkFault
from bishui.network.formats.model import NetworkFile
from bishui.network.graph import Network, build


def build_file(file: NetworkFile) -> Network:
    """Return the network of a file.

    Raises
    ------
    NetworkFault
        With everything that is wrong in the rows and in the graph, each with its place in the file.
    """
    try:
        return build(file.reaches, file.edges, file.problems)
    except NetworkFault as fault:
        raise NetworkFault(_placed(file, fault.problems)) from None


def problems_of(file: NetworkFile) -> tuple[Problem, ...]:
    """Return all that is wrong in the rows and in the graph, with its place; nothing for a sound network."""
    try:
        build_file(file)
    except NetworkFault as fault:
        return fault.problems
    return ()


def _placed(file: NetworkFile, problems: tuple[Problem, ...]) -> list[Problem]:
    """Give each fault that names reaches the row of the first of them."""
    rows = dict(zip(map(str, file.reaches.ids.tolist()), file.origin.reach_rows.tolist(), strict=True))
    placed: list[Problem] = []
    for problem in problems:
        if isinstance(problem, Fault) and problem.where.row is None:
            row = next((rows[name] for name in problem.reaches if name in rows), None)
            if row is not None:
                placed.append(replace(problem, where=file.origin.where(row)))
                continue
        placed.append(problem)
    return placed
