"""What is computed after an import, so that the first reader of the pages of waters does not wait."""

from __future__ import annotations

from bishui.server.accounts.workspaces import Workspace
from bishui.server.sites.models import Site
from bishui.server.waters import room, words
from bishui.server.waters.kept import MOST_YEARS, WaterResults


def warm(city: Workspace) -> None:
    """Compute and keep classes by month and year, areas and rankings of the newest month, the room left."""
    results = WaterResults(city, Site.objects.filter(division__startswith=city.division))
    month, years = results.newest_month(), results.years_covered()
    if month is None or not results.sites:
        return
    results.months(years[-1])
    results.years(years[-MOST_YEARS:])
    results.areas(month)
    results.indices(month, words.names_of(results.sites, city))
    room.room_of(results, None)
