"""Several pollutants shared out together (多污染物联合分配): each outfall keeps one share of all its loads.

An outfall is rebuilt once, for all that it discharges; so of its present loads it keeps one and the same
share. In those shares every section and pollutant is one more line of the same programme, and all rules of
`allocation` hold. Loads of several pollutants are added in pollution equivalents (污染当量).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.capacity.allocation import Allocation, AllocationCase, greatest_total
from bishui.network.settings import Settings, settings
from bishui.network.tables import Floats

AllocationRule = Callable[[AllocationCase, Settings], Allocation]


@dataclass(frozen=True, slots=True)
class SharedAllocation:
    """What each outfall keeps of all its loads.

    Attributes
    ----------
    allocation
        The allocation in equivalents (g/s over the equivalent value); its sections are named
        "section · pollutant", so the prices say which pollutant binds where.
    share
        (outfalls,) share of the present loads that is kept; 1 where there is no load.
    loads
        By pollutant: (outfalls,) allowed loads, g/s.
    alone
        By pollutant: the greatest total (g/s) if it were the only one; the difference to `loads` is the price
        of one share for all.
    """

    allocation: Allocation = field(repr=False)
    share: Floats
    loads: Mapping[str, Floats]
    alone: Mapping[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        names = self.allocation.case.outfalls
        return {
            "allocation": self.allocation.as_dict(),
            "outfalls": [
                {
                    "outfall": name,
                    "share_kept": float(self.share[row]),
                    "loads": {key: float(loads[row]) for key, loads in self.loads.items()},
                }
                for row, name in enumerate(names)
            ],
            "totals": {key: float(loads.sum()) for key, loads in self.loads.items()},
            "totals_alone": dict(self.alone),
        }


def shared_allocation(
    cases: Mapping[str, AllocationCase],
    rule: AllocationRule = greatest_total,
    chosen: Settings | None = None,
) -> SharedAllocation:
    """Return an allocation of several pollutants, each outfall keeping one share of all it discharges.

    Parameters
    ----------
    cases
        By pollutant what is to be divided; all of the same outfalls.
    rule
        `greatest_total`, `equal_proportion`, `max_min_ratio` or `capped_differences`.
    chosen
        Settings of ``allocation``: there stand the equivalents.

    Raises
    ------
    CallError
        If there is no case, the outfalls differ, or the equivalent of a pollutant is not known.
    Infeasible
        If a section fails at the floors.
    """
    used = chosen or settings("allocation")
    case = shared_case(cases, used)
    found = rule(case, used)
    share = np.where(case.present > 0, found.loads / np.where(case.present > 0, case.present, 1.0), 1.0)
    return SharedAllocation(
        found,
        share,
        {key: share * one.present for key, one in cases.items()},
        {key: greatest_total(one, used).total for key, one in cases.items()},
    )


def shared_case(cases: Mapping[str, AllocationCase], chosen: Settings | None = None) -> AllocationCase:
    """Return one case of several: the unknowns are what each outfall keeps, in equivalents.

    An outfall with present loads h_p has H = Σ h_p / equivalent_p; y of it is y · h_p / H of each.
    Its floor is the largest share that technology allows none of its pollutants to go below.

    Raises
    ------
    CallError
        As `shared_allocation`.
    """
    used = chosen or settings("allocation")
    first = _same_outfalls(cases)
    present = np.array([case.present for case in cases.values()])
    floor = np.array([case.floor for case in cases.values()])
    weight = (present / np.array([[equivalent(key, used)] for key in cases])).sum(axis=0)
    least = np.where(present > 0, floor / np.where(present > 0, present, 1.0), 0.0).max(axis=0)
    per_unit = present / np.where(weight > 0, weight, 1.0)
    return AllocationCase(
        np.vstack([case.response * per_unit[row] for row, case in enumerate(cases.values())]),
        np.concatenate([case.limit for case in cases.values()]),
        least * weight,
        weight,
        tuple(f"{section} · {key}" for key, case in cases.items() for section in case.sections),
        first.outfalls,
    )


def equivalent(pollutant: str, chosen: Settings) -> float:
    """Return how much of a pollutant is one equivalent, kg.

    Raises
    ------
    CallError
        If the settings have none for it.
    """
    name = "equivalent_" + "".join(mark for mark in pollutant.casefold() if mark.isalnum())
    if name not in chosen.settings:
        known = [key.removeprefix("equivalent_") for key in chosen.settings if key.startswith("equivalent_")]
        raise CallError(
            Text("“{pollutant}”没有污染当量值，不能与其他污染物合计。", pollutant=pollutant),
            remedy=Text("现有：{known}；其余请逐项分配。", known="、".join(known)),
        )
    return chosen.number(name)


def _same_outfalls(cases: Mapping[str, AllocationCase]) -> AllocationCase:
    if not cases:
        raise CallError(Text("没有要分配的污染物。"), remedy=Text("请至少给出一种污染物。"))
    first, *others = cases.items()
    for key, case in others:
        if case.outfalls != first[1].outfalls:
            raise CallError(
                Text("“{one}”与“{other}”的排口不一致。", one=first[0], other=key),
                remedy=Text("请对同一组排口按同一顺序分配；没有该污染物的排口，负荷填 0。"),
            )
    return first[1]
