"""A bulletin from plain tables: readings, sites, targets and flags as the seam has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from bishui.assessment import (
    Overrides,
    Period,
    SectionResult,
    SourceAssessment,
    WaterSource,
    assess,
    assess_sources,
)
from bishui.bulletins.given import BASIN, CITY, WATER, Given, Section, Water, compared_with, is_lake
from bishui.standards import Method, Override

_SECTIONS = ("section", "lake_point")
_SOURCE = "drinking_water_source"


@dataclass(frozen=True)
class Tables:
    """The tables of a bulletin; `members` tells the water, the basin and the role in a lake of each site."""

    measurements: pa.Table
    sites: pa.Table
    members: pa.Table
    targets: pa.Table | None = None
    flags: pa.Table | None = None


def given_of(
    place: str,
    period: Period,
    tables: Tables,
    *,
    as_of: date | None = None,
    method: Method | None = None,
    override: Override | None = None,
) -> Given:
    """Assess tables and return what a bulletin is told from.

    Parameters
    ----------
    place, period
        Whose bulletin, and of when.
    tables
        Readings of the period and, as far as there are some, of those that it is compared with.
    as_of
        The last day whose readings count, for the notes; without it the period's last day.
    method
        How to judge; without it each period takes the edition in force on its last day.
    override
        A bureau's own limits and settings.

    Raises
    ------
    DataError
        If a table lacks a column, or holds a word or a number that cannot be used.
    """
    before, last_year = compared_with(period)
    periods = [entry for entry in (period, before, last_year) if entry is not None]
    rows = {row["id"]: row for row in tables.sites.to_pylist()}
    members = {row["id"]: row for row in tables.members.to_pylist()}
    sections = [row for row in rows.values() if row["kind"] in _SECTIONS]
    results: dict[Period, dict[str, SectionResult]] = {entry: {} for entry in periods}
    found = assess(
        tables.measurements,
        tables.sites,
        tables.targets,
        tables.flags,
        period=periods,
        method=method,
        override=override,
    )
    wanted = {row["id"] for row in sections}
    for result in found:
        if result.site in wanted:
            results[result.period][result.site] = result
    return Given(
        place=place,
        period=period,
        as_of=as_of or period.last_day,
        before=before,
        last_year=last_year,
        sections=[_section(row, members) for row in sections],
        waters=_waters(place, sections, members),
        results=results,
        names={key: row["name"] for key, row in rows.items()},
        sources=_sources(period, tables, rows, override),
        own=override,
        override=f"{override.name}（{override.basis}）" if override else "",
    )


def _section(row: Mapping[str, Any], members: Mapping[str, Mapping[str, Any]]) -> Section:
    member = members.get(row["id"], {})
    return Section(row["id"], row["name"], water=member.get("water") or "")


def _waters(
    place: str, sections: Sequence[Mapping[str, Any]], members: Mapping[str, Mapping[str, Any]]
) -> list[Water]:
    """Return the place, and the waters and basins that the sections lie in."""
    if not sections:
        return []
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {(CITY, place): list(sections)}
    for row in sections:
        for kind, column in ((WATER, "water"), (BASIN, "basin")):
            name = members.get(row["id"], {}).get(column)
            if name:
                groups.setdefault((kind, name), []).append(row)
    return [_water(kind, name, inside, members) for (kind, name), inside in groups.items()]


def _water(
    kind: str, name: str, inside: Sequence[Mapping[str, Any]], members: Mapping[str, Mapping[str, Any]]
) -> Water:
    roles = {row["id"]: members.get(row["id"], {}).get("role") or "" for row in inside}
    lake = kind == WATER and is_lake((row["water_type"], roles[row["id"]]) for row in inside)
    return Water(kind, name, tuple(row["id"] for row in inside), lake, roles if lake else {})


def _sources(
    period: Period,
    tables: Tables,
    rows: Mapping[str, Mapping[str, Any]],
    override: Overrides | None,
) -> SourceAssessment | None:
    """Return the drinking-water sources, all as surface water: the tables do not tell another kind."""
    found = [WaterSource(key, row["name"], (key,)) for key, row in rows.items() if row["kind"] == _SOURCE]
    if not found:
        return None
    return assess_sources(
        tables.measurements, tables.sites, found, period, flags=tables.flags, override=override
    )
