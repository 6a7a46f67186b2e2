"""A sewage works (污水处理厂) with its inlet and outlet, and the volume that it treats day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bishui.assessment import DayVolume, LeftOut, Period, PeriodKind, Plant, mean_text, site_means
from bishui.server.sites import queries
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.models import Site
from bishui.standards import method

FLOW = "flow"
SECONDS_PER_DAY = 86400
#: The register gives capacities in 10⁴ m³/d.
_CAPACITY_UNIT = 10000


@dataclass(frozen=True, slots=True)
class Works:
    """A works with the sites of its inlet and outlet."""

    record: Site
    inlet: Site | None
    outlet: Site | None

    @property
    def plant(self) -> Plant:
        """The works as the assessment takes it; a capacity that is not registered is nought and not used."""
        capacity = self.record.capacity or Decimal(0)
        return Plant(
            id=str(self.record.pk),
            name=self.record.name,
            capacity=capacity * _CAPACITY_UNIT,
            inlet=str(self.inlet.pk) if self.inlet else None,
            outlet=str(self.outlet.pk) if self.outlet else None,
            grade=self.record.discharge_grade or None,
            built=self.record.built,
            division=self.record.division,
        )

    @property
    def metered(self) -> list[Site]:
        """Where the treated volume may be measured, the first that has data counts."""
        return [site for site in (self.record, self.outlet, self.inlet) if site is not None]


def works_of(site: Site) -> Works | None:
    """Return the works that a site is, or belongs to; None where no works is registered."""
    record = site if site.kind == "sewage_plant" else queries.plant_of(site)
    if record is None:
        return None
    # The page of one of several inlets or outlets speaks of that one, else of the first.
    by_kind = {point.kind: point for point in reversed(queries.points_of(record))} | {site.kind: site}
    return Works(record, by_kind.get("plant_inlet"), by_kind.get("plant_outlet"))


def volumes_of(look: Look, works: Works, period: Period) -> tuple[list[DayVolume], str | None]:
    """Return the volume of each day from its mean flow, where it is metered, and the name of that place."""
    places = works.metered
    rows = look.rows(period, [str(place.pk) for place in places])
    by = method(period.last_day, look.override)
    means = site_means(rows, look.flags, PeriodKind.DAY, by, wanted=(FLOW,))
    for place in places:
        here = [mean for mean in means if mean.site == str(place.pk) and mean.value is not None]
        if here:
            return [_day(works.plant.id, mean.period.start.date(), mean.value) for mean in here], place.name
    return [], None


def _day(plant: str, day: date, flow: Any) -> DayVolume:
    return DayVolume(plant, day, Decimal(mean_text(flow * SECONDS_PER_DAY)))


def not_due(look: Look, period: Period) -> int:
    """Return how many days of a period are after the day that the pages speak of."""
    return max(0, (period.last_day - max(look.city.today, period.start.date())).days)


def without_not_due(rate: Mapping[str, Any], days: int) -> dict[str, Any]:
    """Return a rate of days in which those that are not due are told as such, and not as without data."""
    left_out = dict(rate["left_out"])
    open_days = min(days, left_out.get(LeftOut.NO_DATA, 0))
    if open_days:
        left_out[LeftOut.NO_DATA] -= open_days
        left_out[LeftOut.NOT_DUE] = left_out.get(LeftOut.NOT_DUE, 0) + open_days
    return {**rate, "left_out": {reason: count for reason, count in left_out.items() if count}}
