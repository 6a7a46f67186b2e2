"""What a section's water carries, and from whom: permitted loads against what was measured (负荷平衡)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bishui.server.network.asking import counting
from bishui.server.network.held import Held
from bishui.server.network.placing import Placed
from bishui.server.network.steady import SectionState, Wanted, solution_of

if TYPE_CHECKING:
    from bishui.network.loads import SectionBalance

_YEAR = timedelta(days=365)
#: g/s to kg/d.
DAILY = 86.4


@dataclass(frozen=True, slots=True)
class Measured:
    """The mean of a section's results of a year, mg/L, the standard deviation of that mean, and how many."""

    mean: float
    deviation: float
    count: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Balance:
    """A section against its sources; `measured` is None where it has no results."""

    state: SectionState
    measured: Measured | None
    sources: SectionBalance


def balance_of(
    found: Held, placed: Sequence[Placed], state: SectionState, wanted: Wanted, *, division: str
) -> Balance:
    """Return the balance of one section: without results, of what is computed.

    Parameters
    ----------
    state
        The section as `bishui.server.network.steady.capacity_of` tells it.
    wanted
        The item, and the last day of the year whose results count.
    """
    from bishui.network.loads import section_balances

    measured = _measured(division, state.placed, wanted.item, wanted.day)
    against = (state.concentration, 0.0) if measured is None else (measured.mean, measured.deviation)
    solution = solution_of(found, placed)
    return Balance(
        state, measured, section_balances(solution, wanted.item, {state.placed.section: against})[0]
    )


def _measured(division: str, entry: Placed, item: str, day: date) -> Measured | None:
    last = datetime.combine(day, time(23, 59, 59))
    rows = list(counting(division, [str(entry.thing.site)], (item,), last - _YEAR, last))
    values = [float(row["value"]) for row in rows]
    if not values:
        return None
    spread = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    days = [row["time"].date() for row in rows]
    return Measured(statistics.fmean(values), spread, len(values), min(days), max(days))
