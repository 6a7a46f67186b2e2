"""What is computed after an import, so that the first reader of the pages of waters does not wait."""

from __future__ import annotations

from bishui.server.accounts.workspaces import Workspace
from bishui.server.sites.models import Site
from bishui.server.waters import room, words
from bishui.server.waters.kept import MOST_YEARS, WaterResults


def warm(city: Workspace) -> None:
    """Compute and keep what the pages open with.

    Classes by month and year, areas and rankings of the newest month, the room left, the first trend.
    """
    results = WaterResults(city, Site.objects.filter(division__startswith=city.division))
    month, years = results.newest_month(), results.years_covered()
    if month is None or not results.sites:
        return
    results.months(years[-1])
    results.years(years[-MOST_YEARS:])
    results.areas(month)
    results.indices(month, words.names_of(results.sites, city))
    room.room_of(results, None)
    _warm_trend(results)


def _warm_trend(results: WaterResults) -> None:
    """Compute and keep the trend of the section and item that the page of trends opens with."""
    site = results.section_first()
    item = results.item_first(site.key) if site else ""
    if site and item:
        results.trend(site.key, item)
