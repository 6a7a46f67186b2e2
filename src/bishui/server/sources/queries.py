"""Reads of this app: drinking-water sources by month, and the rate of those that attain (水源达标率)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time

from bishui.assessment import Period, Rate, assess_sources
from bishui.server.core.city import AssessedCity
from bishui.server.sites import queries as sites
from bishui.server.sources import attainment
from bishui.server.standards import queries as standards

_KIND = "drinking_water_source"


def source_years(city: AssessedCity, year: int) -> dict[str, attainment.SourceYear]:
    """Return the months of a year of each of a city's sources, by identifier of its site."""
    return attainment.years_of(city, sites.sites_of_kind(city.division, _KIND), year)


def source_rate(
    city: AssessedCity,
    period: Period,
    *,
    levels: Collection[str] = (),
    only: Collection[str] = (),
) -> Rate:
    """Return how many sources attained of those judged; those out of use or without data are told apart.

    Parameters
    ----------
    period
        A month, quarter, year or the year so far; by the rules every month of it attains, or its mean.
    levels
        Levels of sources (``city``, ``county``, …), empty for all.
    only
        Identifiers of the sources that count, empty for all.
    """
    given = [
        source
        for source in sites.sites_of_kind(city.division, _KIND)
        if (not levels or source.attributes.get("source_level") in levels) and (not only or source.id in only)
    ]
    asked = [attainment.as_asked(source, period) for source in given]
    last = datetime.combine(period.last_day, time(23, 59, 59))
    end = min(last, sites.end_of(city) or last)
    rows = sites.measurements(city.division, [source.id for source in given], period.start, end)
    return assess_sources(
        rows,
        sites.sites_table(city.division),
        [source for source, _ in asked],
        period,
        withdrawals=[entry for _, idle in asked for entry in idle],
        flags=sites.flags_table(city.division),
        override=standards.by_day(city.division),
    ).by_count
