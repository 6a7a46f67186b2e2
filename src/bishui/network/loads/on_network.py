"""The balance of measured sections on a solved network: outfalls, lateral flow, what neither explains."""

from __future__ import annotations

from collections.abc import Mapping

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.adjoint import response
from bishui.network.loads.balance import SectionBalance, section_balance
from bishui.network.solve import Solution
from bishui.network.tables import Section

#: Name under which the lateral flow (区间入流) stands among the sources; its load is what arrives.
LATERAL = "lateral"


def section_balances(
    solution: Solution, pollutant: str, measured: Mapping[Section, tuple[float, float]]
) -> tuple[SectionBalance, ...]:
    """Return the balance of each measured section.

    Parameters
    ----------
    solution
        The network with the listed loads, at the flow of the measurement.
    pollutant
        Key of one of its pollutants.
    measured
        Concentration and its standard deviation by section, mg/L; taken times the flow of the solution there.

    Raises
    ------
    CallError
        If the solution has no such pollutant.
    """
    keys = [one.key for one in solution.pollutants]
    if pollutant not in keys:
        raise CallError(
            Text("这次计算没有“{pollutant}”。", pollutant=pollutant),
            remedy=Text("可用的污染物：{keys}。", keys="、".join(keys)),
        )
    column, sections = keys.index(pollutant), list(measured)
    which = (solution.pollutants[column],)
    parts = response(solution.network, sections, solution.loads, which, solution.flow)
    loads = {load.key: load.rate(pollutant) for load in solution.loads}
    found = []
    for row, section in enumerate(sections):
        reading = solution.at(section)
        arriving = {load.key: float(parts[row, at, 0]) for at, load in enumerate(solution.loads)}
        lateral = float(reading.loads[column]) - sum(loads[key] * part for key, part in arriving.items())
        sources = {**loads, LATERAL: max(lateral, 0.0)}
        concentration, deviation = (value * reading.flow for value in measured[section])
        found.append(
            section_balance(section.key, concentration, sources, {**arriving, LATERAL: 1.0}, deviation)
        )
    return tuple(found)
