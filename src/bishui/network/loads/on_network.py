"""The balance of measured sections on a solved network: outfalls, local inflow, what neither explains."""

from __future__ import annotations

from collections.abc import Mapping

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.adjoint import contributions
from bishui.network.loads.balance import SectionBalance, section_balance
from bishui.network.solve import Solution
from bishui.network.tables import Section

#: Names under which lateral flow (区间入流) and inflow along the reaches (沿程入流) stand among the sources;
#: their loads are what arrives.
LATERAL, DIFFUSE = "lateral", "diffuse"


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
    loads = {load.key: load.rate(pollutant) for load in solution.loads}
    found = []
    for section, measurement in measured.items():
        listed = contributions(solution, section)[pollutant]
        parts = {one.source: one.transmission for one in listed if one.kind == "load"}
        arriving = dict.fromkeys((LATERAL, DIFFUSE), 0.0)
        for one in listed:
            if one.kind != "load":
                arriving[one.kind] += one.load
        if solution.diffuse is None:
            del arriving[DIFFUSE]
        flow = solution.at(section).flow
        concentration, deviation = (value * flow for value in measurement)
        sources, parts = {**loads, **arriving}, {**parts, **dict.fromkeys(arriving, 1.0)}
        found.append(section_balance(section.key, concentration, sources, parts, deviation))
    return tuple(found)
