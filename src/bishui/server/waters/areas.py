"""Rivers, lakes, basins, counties, the city: which there are, and their status in the form that is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bishui.assessment import (
    AreaStatus,
    Change,
    LakeStatus,
    Overrides,
    Period,
    Pooled,
    RateKind,
    SectionResult,
    State,
    area_change,
    area_status,
    lake_status,
    section_change,
)
from bishui.server.sites.models import Site
from bishui.server.waters.missing import reason_of
from bishui.standards import Rules

#: Kinds of areas, in the order of the page.
CITY, WATER, BASIN, COUNTY = "city", "water", "basin", "county"
KINDS = (CITY, WATER, BASIN, COUNTY)

BySite = Mapping[str, SectionResult]


@dataclass(frozen=True, slots=True)
class Area:
    """A water or an area with its sections.

    `key` is the name of a water or basin, the division path of a county or the city. `points` is empty but
    for a lake: there the place in the lake (``inside``, ``inflow``) of each point.
    """

    kind: str
    key: str
    sites: tuple[str, ...]
    points: Mapping[str, str] = field(default_factory=dict)

    @property
    def administrative(self) -> bool:
        """Whether it is judged by the shares of its sections, however few (环办〔2011〕22号 二.2)."""
        return self.kind in (CITY, COUNTY)


def areas_of(sites: Sequence[Site], division: str) -> list[Area]:
    """Return the city, its waters, basins and counties, by what the register says of each section."""
    found: dict[tuple[str, str], list[Site]] = {}
    for site in sites:
        places = {
            CITY: division,
            WATER: site.water,
            BASIN: site.basin,
            COUNTY: county_of(site.county, division),
        }
        for place in places.items():
            found.setdefault(place, []).append(site)
    named = [(kind, key, inside) for (kind, key), inside in found.items() if key]
    named.sort(key=lambda entry: (KINDS.index(entry[0]), -len(entry[2]), entry[1]))
    return [_area(*entry) for entry in named]


def _area(kind: str, key: str, inside: Sequence[Site]) -> Area:
    lake = kind == WATER and all(site.kind == "lake_point" for site in inside)
    points = {str(site.pk): site.lake_position for site in inside} if lake else {}
    return Area(kind, key, tuple(str(site.pk) for site in inside), points)


def county_of(path: str, division: str) -> str:
    """Return the county of the city `division` that a path lies in; empty where it names none."""
    inside = path.removeprefix(division) if path.startswith(division) else ""
    return f"{division}{inside.split('/')[0]}/" if inside else ""


def statuses(
    areas: Iterable[Area],
    by_period: Mapping[Period, BySite],
    period: Period,
    override: Overrides | None = None,
) -> list[dict[str, Any]]:
    """Return the status of each area in `period`, with its change against each other period.

    Parameters
    ----------
    by_period
        The section results by site, of the period and of the earlier ones that it is compared with.
    override
        The bureau's own values that the results were made by.
    """
    return [_status(area, by_period, period, override) for area in areas]


def _status(
    area: Area, by_period: Mapping[Period, BySite], period: Period, override: Overrides | None
) -> dict[str, Any]:
    lakes = {when: _lake(area, found, override) for when, found in by_period.items()} if area.points else {}
    left_out = set(lakes[period].left_out) if lakes else set()
    sites = [site for site in area.sites if site not in left_out] or area.sites
    found = {
        when: area_status(
            area.key,
            [results[site] for site in sites],
            administrative=area.administrative,
            override=override,
        )
        for when, results in by_period.items()
    }
    now = found[period]
    names = {section.site: section.name for section in now.sections}
    changes = {
        when.label: _change(_compared(found, lakes, (when, period), override), names)
        for when in found
        if when != period
    }
    return {
        "kind": area.kind,
        "key": area.key,
        "evaluated": now.evaluated,
        "sites": len(now.sections),
        "left_out": len(left_out),
        "missing": dict(Counter(reason_of(section) for section in now.sections if section.rank is None)),
        "counts": list(now.class_shares.counts),
        "rates": {kind.value: _rate(now, kind) for kind in RateKind},
        "changes": changes,
        "sections": [_section(section, found, period) for section in now.sections],
        "item_lists": len(now.item_lists),
        "enough": all(section.enough_periods for section in now.sections if section.rank is not None),
    } | (_of_lake(lakes[period]) if lakes else _of_sections(now))


def _lake(area: Area, results: BySite, override: Overrides | None) -> LakeStatus:
    inside = [results[site] for site in area.sites]
    return lake_status(area.key, inside, roles=area.points, override=override)


def _of_sections(now: AreaStatus) -> dict[str, Any]:
    """Return what the sections together say, by their means or by their shares."""
    if now.pooled is not None:
        pollutants = _pooled_pollutants(now.pooled)
    else:
        pollutants = [entry.as_dict() for entry in now.main_pollutants]
    return {
        "by": now.by.value,
        "class": now.rank,
        "level": now.level,
        "reason": now.reason.value if now.reason else None,
        "pollutants": pollutants,
        "means": _means(now.pooled),
        "trophic": None,
        "rules": named(now.rules),
    }


def _of_lake(now: LakeStatus) -> dict[str, Any]:
    """Return what the points of a lake together say: the class of their means, and the trophic state."""
    form = now.as_dict()
    return {
        "by": "points",
        "class": now.rank,
        "level": now.rank,
        "reason": now.reason.value if now.reason else None,
        "pollutants": _pooled_pollutants(now.pooled) if now.pooled is not None else [],
        "means": _means(now.pooled),
        "trophic": form["trophic"],
        "rules": named(now.rules),
    }


def named(rules: Rules) -> dict[str, str]:
    """Return which rules a result was made by: their name in both languages, and the version."""
    return {"zh": rules.name_zh, "en": rules.name_en, "version": rules.version}


def _compared(
    found: Mapping[Period, AreaStatus],
    lakes: Mapping[Period, LakeStatus],
    periods: tuple[Period, Period],
    override: Overrides | None,
) -> Change:
    before, after = periods
    if lakes:
        return section_change(lakes[before].as_section(), lakes[after].as_section(), override=override)
    return area_change(found[before], found[after], override=override)


def _change(change: Change, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a change in the form that is kept; what it warns of names sections, not their identifiers."""
    form = change.as_dict()
    for warning in form["warnings"]:
        warning["text"] = {language: _named(text, names) for language, text in warning["text"].items()}
    return form


def _named(text: str, names: Mapping[str, str]) -> str:
    for site, name in names.items():
        text = text.replace(site, name)
    return text


def _rate(status: AreaStatus, kind: RateKind) -> dict[str, Any]:
    part, whole = status.parts(kind)
    percent = status.percent(kind)
    return {
        "met": part,
        "of": whole,
        "missing": _left_out(status, kind),
        "percent": None if percent is None else str(percent),
    }


def _left_out(status: AreaStatus, kind: RateKind) -> int:
    """Return how many sections are in no denominator: without a class, or with a target and no verdict."""
    if kind is RateKind.ATTAINED:
        return sum(section.attainment.state is State.NOT_JUDGED for section in status.sections)
    return len(status.sections) - status.evaluated


def _pooled_pollutants(pooled: Pooled) -> list[dict[str, Any]]:
    return [
        {"item": entry.item, "multiple": None if entry.multiple is None else str(entry.multiple)}
        for entry in pooled.main_pollutants
    ]


def _means(pooled: Pooled | None) -> list[dict[str, Any]]:
    """Return the means over the places that decide the class; none where it was judged by shares."""
    if pooled is None:
        return []
    return [
        item.as_dict() | {"places": len(pooled.places[key])}
        for key, item in pooled.items.items()
        if item.decides_class and item.mean is not None
    ]


def _section(section: SectionResult, found: Mapping[Period, AreaStatus], period: Period) -> dict[str, Any]:
    earlier = {
        when.label: next((old.rank for old in status.sections if old.site == section.site), None)
        for when, status in found.items()
        if when != period
    }
    return {
        "site": section.site,
        "class": section.rank,
        "reason": None if section.rank else reason_of(section),
        "state": section.attainment.state.value,
        "target": section.attainment.target_class,
        "deciding": list(section.deciding),
        "earlier": earlier,
    }
