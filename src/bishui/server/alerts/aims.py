"""What values are compared with: the plans' targets, a function zone's class, a discharge's own standard."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from bishui.assessment import Discharge
from bishui.server.sites import queries as sites


def aims_of(division: str, day: date) -> pa.Table:
    """Return the targets of a city; a function zone that no plan names has the class registered for it.

    The registered class holds in the year of `day` and in the one before, as far as runs are followed back.
    """
    planned = sites.targets_table(division)
    named = set(planned["site"].to_pylist())
    zones = [
        {
            "id": f"function_class {zone.id} {year}",
            "site": zone.id,
            "target_class": zone.attributes["function_class"],
            "period_from": date(year, 1, 1),
            "period_to": date(year, 12, 31),
        }
        for zone in sites.sites_of_kind(division, "function_zone")
        for year in (day.year - 1, day.year)
        if zone.attributes.get("function_class") and zone.id not in named
    ]
    return pa.concat_tables([planned, pa.Table.from_pylist(zones, schema=planned.schema)])


def discharges_of(division: str) -> dict[str, Discharge]:
    """Return by site id what decides the limits of each plant's outlet and each outfall's sampling point.

    An outlet has the grade and the day of construction of its plant (GB 18918), a point what is registered
    for it; what is not registered leaves the limits that depend on it out.
    """
    outlets = {
        site.id: sites.discharge_of(
            site.id,
            site.name,
            standard="gb18918",
            grade=site.attributes.get("discharge_grade", ""),
            built=site.attributes.get("built"),
        )
        for site in sites.sites_of_kind(division, "plant_outlet")
    }
    points = {
        site.id: sites.discharge_of(
            site.id,
            site.name,
            standard=site.attributes["discharge_standard"],
            grade=site.attributes["discharge_grade"],
            built=site.attributes["built"],
            trade=site.attributes["trade"],
        )
        for site in sites.sites_of_kind(division, "outfall_point")
    }
    return outlets | points
