"""The status of waters and areas, and the ranking, as rows of a table of results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bishui.assessment import (
    CityIndex,
    Overrides,
    Period,
    QualityIndex,
    SectionResult,
    area_status,
    city_index,
    lake_status,
    period_cells,
    rank_indices,
    rows_of,
    section_index,
)
from bishui.errors import DataError
from bishui.server.sites.models import Site
from bishui.server.waters.areas import COUNTY, Area
from bishui.standards import Rules

Row = dict[str, Any]


def area_rows(
    areas: Iterable[Area],
    names: Mapping[str, str],
    sections: Mapping[str, SectionResult],
    *,
    override: Overrides | None = None,
) -> list[Row]:
    """Return a row for the city and each of its waters, basins and counties.

    Parameters
    ----------
    names
        Names of the divisions by path; a water or basin is its own name.
    sections
        Section results of one period by site.
    override
        The bureau's own limits and settings by day.
    """
    return [_area_row(area, names.get(area.key, area.key), sections, override) for area in areas]


def _area_row(
    area: Area, name: str, sections: Mapping[str, SectionResult], override: Overrides | None
) -> Row:
    inside = [sections[site] for site in area.sites]
    if area.points:
        (row,) = rows_of(lake_status(name, inside, roles=area.points, override=override))
    else:
        status = area_status(name, inside, administrative=area.administrative, override=override)
        (row,) = rows_of(status)
    return row | {"subject": area.key}


def ranking_rows(
    areas: Iterable[Area],
    sites: Iterable[Site],
    names: Mapping[str, str],
    sections: Mapping[str, SectionResult],
    rules: Rules,
    *,
    override: Overrides | None = None,
) -> list[Row]:
    """Return a row for the index of each section, then of each county; a section is named by its code.

    Where their item lists differ there are indices and no ranks: such sums are not comparable.
    """
    known = {str(site.pk): site for site in sites}
    period = next((result.period for result in sections.values()), None)
    by_section = [
        (known[key].code, known[key].name, section_index(result, rules, override=override))
        for key, result in sections.items()
    ]
    by_county = [
        (area.key, names[area.key], city_index(area.key, inside, rules, override=override))
        for area in areas
        if area.kind == COUNTY
        for inside in [[sections[site] for site in area.sites]]
    ]
    return [*_ranked(by_section, period, rules), *_ranked(by_county, period, rules)]


def _ranked(
    entries: Iterable[tuple[str, str, QualityIndex | CityIndex]], period: Period | None, rules: Rules
) -> list[Row]:
    given = list(entries)
    try:
        ranking = rank_indices([index for _, _, index in given], rules)
        ranks = {id(place.entry): place.rank for place in ranking.places}
    except DataError:
        ranks = {}
    when = period_cells(period) if period else {}
    rows = [
        {**when, **row, "subject": key, "name": name, "place": ranks.get(id(index))}
        for key, name, index in given
        for row in rows_of(index)
    ]
    return sorted(rows, key=lambda row: (row["place"] is None, row["place"] or 0))
