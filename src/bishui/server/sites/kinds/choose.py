"""Which method a kind of site has, and its answer kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bishui.assessment import Period
from bishui.server.sites.assessed import Results
from bishui.server.sites.bounds import Bounds
from bishui.server.sites.kinds import (
    black_odorous,
    flow,
    groundwater,
    lakes,
    outfalls,
    plants,
    sources,
    zones,
)
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import Panel
from bishui.server.sites.models import Site
from bishui.server.sites.sampled import sampled_of

#: Changes when the form of a kept answer changes.
_FORM = "3"


class Method(Protocol):
    """A module of this package."""

    def compute(self, look: Look) -> dict[str, Any] | None:
        """Return the answer as JSON; None where what decides is not registered."""

    def panel(self, look: Look, found: Mapping[str, Any] | None) -> Panel:
        """Put a kept answer in words."""


_METHODS: Mapping[str, Method] = {
    "drinking_water_source": sources,
    "function_zone": zones,
    "lake_point": lakes,
    "hydrometric_station": flow,
    "sewage_plant": plants,
    "plant_inlet": plants,
    "plant_outlet": plants,
    "outfall_point": outfalls,
    "black_odorous_point": black_odorous,
    "groundwater_well": groundwater,
}


def panel_of(site: Site, results: Results, period: Period) -> Panel | None:
    """Return what the method of its kind says of a site in a period; None where the kind has no other one."""
    method = _METHODS.get(site.kind)
    if method is None:
        return None
    look = Look(results.workspace, site, period, sampled_of(site, results))
    name = f"kind {_FORM} {site.pk} {period.label} {results.workspace.today}"
    return method.panel(look, results.kept(name, lambda: method.compute(look)))


def limits_of_works(site: Site, results: Results, period: Period) -> Bounds:
    """Return what the series at a works, its inlet or its outlet are judged by."""
    return plants.lines(Look(results.workspace, site, period))
