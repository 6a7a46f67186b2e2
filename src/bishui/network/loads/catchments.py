"""Non-point loads by catchment (汇水区面源): what people, animals and fields bring, put along the reaches.

What is spread over a catchment enters its reach all along; the river takes the middle of the published
range, and the range is carried beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.diffuse import Diffuse
from bishui.network.loads.export import StagedLoad, farmland, livestock, residents
from bishui.network.settings import Settings, settings
from bishui.network.tables import DAY_S, Floats

#: What is computed where the settings have a coefficient for it.
ITEMS = ("cod", "nh3n", "tn", "tp")
#: Sources by the beginning of their coefficients' names.
_COEFFICIENT = {"rural": "rural", "town": "town", "livestock": "pig", "farmland": "farmland"}
_G_PER_T, _YEAR_S = 1e6, 365 * DAY_S

End = Literal["value", "low", "high"]


@dataclass(frozen=True, slots=True)
class Catchment:
    """What lives and grows in the catchment of a reach (汇水区).

    Attributes
    ----------
    reach
        Row of the reach that it drains to.
    rural, town
        Persons; of those in towns `collected` is the share whose sewage a works takes.
    heads
        Animals by kind, as `livestock` names them; `used_on_fields` is the share of manure not discharged.
    mu
        Farmland, 亩; `corrections` are names of the settings, without ``farmland_correction_``.
    """

    key: str
    reach: int
    rural: float = 0.0
    town: float = 0.0
    collected: float = 0.0
    heads: Mapping[str, float] = field(default_factory=dict)
    used_on_fields: float = 0.0
    mu: float = 0.0
    corrections: tuple[str, ...] = ()

    @property
    def activity(self) -> Mapping[str, float]:
        """How much there is of each source; nothing brings nothing."""
        return {
            "rural": self.rural,
            "town": self.town,
            "livestock": float(sum(self.heads.values())),
            "farmland": self.mu,
        }


@dataclass(frozen=True, slots=True)
class CatchmentLoads:
    """What a catchment brings, by source and item; `lacking` are sources that have no coefficient for one."""

    catchment: Catchment
    loads: tuple[StagedLoad, ...]
    lacking: tuple[tuple[str, str], ...]

    def entering(self, item: str, end: End = "value") -> float:
        """Return what enters the river of an item, t/a: the value, or an end of its range."""
        return float(sum(getattr(load.entering, end) for load in self.loads if load.item == item))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "catchment": self.catchment.key,
            "loads": [load.as_dict() for load in self.loads],
            "without_coefficient": [{"source": source, "item": item} for source, item in self.lacking],
        }


def catchment_loads(catchment: Catchment, chosen: Settings | None = None) -> CatchmentLoads:
    """Return what a catchment brings, in three stages with their ranges.

    Raises
    ------
    CallError
        If a number, a kind of animal or a correction cannot be.
    """
    used = chosen or settings("loads")
    there = [source for source, amount in catchment.activity.items() if amount != 0]
    pairs = [(source, item) for item in ITEMS for source in there]
    known = [pair for pair in pairs if f"{_COEFFICIENT[pair[0]]}_{pair[1]}" in used.settings]
    return CatchmentLoads(
        catchment,
        tuple(_load(catchment, source, item, used) for source, item in known),
        tuple(pair for pair in pairs if pair not in known),
    )


def _load(catchment: Catchment, source: str, item: str, used: Settings) -> StagedLoad:
    if source == "livestock":
        return livestock(catchment.heads, item, used_on_fields=catchment.used_on_fields, chosen=used)
    if source == "farmland":
        return farmland(catchment.mu, item, corrections=catchment.corrections, chosen=used)
    town = source == "town"
    people, collected = (catchment.town, catchment.collected) if town else (catchment.rural, 0.0)
    return residents(people, item, town=town, collected=collected, chosen=used)


def along_reaches(
    found: Sequence[CatchmentLoads], length: Floats, names: Mapping[str, str], end: End = "value"
) -> Diffuse:
    """Return the loads of catchments as inflow along their reaches; they bring no water.

    Parameters
    ----------
    length
        Of each reach, m, by row.
    names
        Pollutant by item; items that it does not name are left out.
    end
        The value of each load, or the low or high end of its range.

    Raises
    ------
    CallError
        If a reach has no length along which anything could enter.
    """
    rates = {name: np.zeros(len(length)) for name in names.values()}
    for one in found:
        row = one.catchment.reach
        if not length[row] > 0:
            raise CallError(
                Text("汇水区“{key}”的河段长度为 0，面源无处沿程进入。", key=one.catchment.key),
                remedy=Text("请填写该河段（湖库为其长度）的长度，或把面源并入相邻河段。"),
            )
        for item, name in names.items():
            rates[name][row] += one.entering(item, end) * _G_PER_T / _YEAR_S / length[row]
    return Diffuse(np.zeros(len(length)), rates)
