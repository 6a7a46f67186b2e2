"""Reads of this app: the tables of the seam, as `bishui.observations.schema` has them.

Only rows of imports that are active count, and in an invented city only those up to its fixed day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.conf import settings

from bishui.assessment import Discharge
from bishui.observations import FLAGS, SITES, MeasurementStore, Selection
from bishui.server.core import imports
from bishui.server.core.city import AssessedCity
from bishui.server.sites import deciding
from bishui.server.sites.models import Flag, Reach, Site
from bishui.server.sites.names import fold, known_names

#: Discharge standards that set some limits by trade.
_STANDARDS_BY_TRADE = ("gb8978",)
IMPORT_KIND = "observations"


def store() -> MeasurementStore:
    """Return the store of measurements."""
    return MeasurementStore(settings.STORE_URL)


def end_of(workspace: AssessedCity) -> datetime | None:
    """Return the last moment whose rows count in the city; None = all."""
    day = workspace.as_of
    return datetime.combine(day, time(23, 59, 59)) if day is not None else None


def measurements(
    division: str,
    sites: Collection[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    items: Collection[str] | None = None,
) -> pa.Table:
    """Return the measurements that count.

    Parameters
    ----------
    division
        Path; the imports of its subtree.
    sites
        Site identifiers; None = every site that those imports name.
    start, end
        First and last moment, both inside.
    items
        Item keys; None = all.

    Returns
    -------
    pyarrow.Table
        `bishui.observations.MEASUREMENTS`.
    """
    return store().read(
        imports=imports.active_ids(IMPORT_KIND, division),
        sites=None if sites is None else list(sites),
        items=None if items is None else list(items),
        time_from=start,
        time_to=end,
    )


def stored(division: str, start: datetime | None = None, end: datetime | None = None) -> Selection:
    """Return the measurements that count, from `start` to `end`, to be looked at batch by batch."""
    active = imports.active_ids(IMPORT_KIND, division)
    return store().select(imports=active, time_from=start, time_to=end)


def selection(
    workspace: AssessedCity, start: datetime | None = None, end: datetime | None = None
) -> Selection:
    """Return the measurements of a city that count; in an invented one none after its fixed day."""
    ends = [moment for moment in (end, end_of(workspace)) if moment is not None]
    return stored(workspace.division, start, min(ends, default=None))


def find_sites(division: str, names: Sequence[str]) -> dict[str, str | None]:
    """Return the site identifier of each name, code or alias; None where it is unknown or ambiguous."""
    known = known_names(division)
    return {name: known.get(fold(name)) for name in names}


def site_names(division: str) -> dict[str, str]:
    """Return the names of the sites in a division's subtree by identifier."""
    found = Site.objects.filter(division__startswith=division).values_list("pk", "name")
    return {str(pk): name for pk, name in found}


def waters_of(keys: Iterable[str]) -> dict[str, str]:
    """Return by identifier the names of the waters that some sites lie at; of those that have one."""
    found = Site.objects.filter(pk__in=keys).exclude(water="").values_list("pk", "water")
    return {str(pk): water for pk, water in found}


def site_in(division: str, key: str) -> Site | None:
    """Return a site of a division's subtree by its identifier."""
    return Site.objects.filter(pk=key, division__startswith=division).first()


def sites_table(division: str) -> pa.Table:
    """Return the sites of a division's subtree (`SITES`); an unknown water type is null."""
    names = ["pk", *(name for name in SITES.names if name != "id")]
    inside = Site.objects.filter(division__startswith=division).order_by("pk").values_list(*names)
    columns = dict(zip(names, zip(*inside, strict=True), strict=True)) if inside else dict.fromkeys(names, ())
    columns["id"] = [str(pk) for pk in columns.pop("pk")]
    columns["water_type"] = [kind or None for kind in columns["water_type"]]
    return pa.table([pa.array(columns[field.name], field.type) for field in SITES], schema=SITES)


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site with what decides its assessment.

    Attributes
    ----------
    attributes
        By field of the register ``sites`` that this kind has; None or an empty text = not registered. Of a
        sewage plant's inlet or outlet also ``capacity``, ``discharge_grade`` and ``built`` of its plant.
    use_states
        Of a drinking-water source: (first day, ``in_use``, ``standby`` or ``planned``) in order of time; the
        first day None = as far back as is known.
    """

    id: str
    code: str
    name: str
    kind: str
    division: str
    county: str
    water: str
    basin: str
    water_type: str | None
    valid_from: date | None
    valid_to: date | None
    attributes: Mapping[str, Any]
    use_states: tuple[tuple[date | None, str], ...] = ()


def sites_of_kind(division: str, kind: str) -> list[SiteFacts]:
    """Return the sites of one kind in a division's subtree, by name."""
    inside = Site.objects.filter(division__startswith=division, kind=kind).prefetch_related("use_states")
    plants = _plants(division) if kind in ("plant_inlet", "plant_outlet") else {}
    return [_facts(site, plants.get(site.plant)) for site in inside.order_by("name", "pk")]


def _plants(division: str) -> dict[str, Site]:
    """Return the sewage plants of the whole city by code."""
    root = division.split("/", 1)[0] + "/"
    found = Site.objects.filter(division__startswith=root, kind="sewage_plant")
    return {plant.code: plant for plant in found}


def plant_of(site: Site) -> Site | None:
    """Return the sewage plant that an inlet or outlet belongs to."""
    return _plants(site.division).get(site.plant) if site.plant else None


def points_of(plant: Site) -> list[Site]:
    """Return the inlets and outlets of a sewage plant, the inlets first."""
    root = plant.division.split("/", 1)[0] + "/"
    kinds = ("plant_inlet", "plant_outlet")
    found = Site.objects.filter(division__startswith=root, plant=plant.code, kind__in=kinds)
    return list(found.order_by("kind", "code"))


def _facts(site: Site, plant: Site | None) -> SiteFacts:
    of_plant = deciding.attributes(plant) if plant is not None else {}
    return SiteFacts(
        id=str(site.pk),
        code=site.code,
        name=site.name,
        kind=site.kind,
        division=site.division,
        county=site.county,
        water=site.water,
        basin=site.basin,
        water_type=site.water_type or None,
        valid_from=site.valid_from,
        valid_to=site.valid_to,
        attributes=of_plant | deciding.attributes(site),
        use_states=tuple((state.since, state.state) for state in site.use_states.all()),
    )


def discharge_of(
    site: str, name: str, *, standard: str, grade: str, built: date | None, trade: str = ""
) -> Discharge:
    """Return a discharge as the assessment takes it; an empty text = not registered."""
    by_trade = trade and standard in _STANDARDS_BY_TRADE
    further = {"scope": trade} if by_trade else {}
    return Discharge(site, name, standard or None, grade or None, built, further)


def lying_in(division: str) -> dict[str, str]:
    """Return, by site identifier, the path of the division that each site lies in, where it is known."""
    rows = Site.objects.filter(division__startswith=division).exclude(county="").values_list("pk", "county")
    return {str(pk): county for pk, county in rows}


def control_levels(division: str) -> dict[str, str]:
    """Return, by site identifier, its level of control (``national``, ``regional``, ``city``)."""
    rows = Site.objects.filter(division__startswith=division).values_list("pk", "control_level")
    return {str(pk): level for pk, level in rows}


def flags_table(division: str) -> pa.Table:
    """Return the flags that hold in a division's subtree (`FLAGS`)."""
    standing = Flag.objects.filter(site__division__startswith=division, withdrawn_at=None).order_by("pk")
    rows = [
        {
            "id": str(flag.pk),
            "site": str(flag.site_id),
            "item": flag.item or None,
            "time_from": flag.time_from,
            "time_to": flag.time_to,
            "flag": flag.flag,
            "reason": flag.reason,
            "by": flag.by,
            "at": flag.at,
        }
        for flag in standing
    ]
    return pa.Table.from_pylist(rows, schema=FLAGS)


def targets_table(division: str) -> pa.Table:
    """Return the targets of a division's subtree, from the plans that count."""
    from bishui.server.plans import queries as plans

    table: pa.Table = plans.targets_table(division)
    return table


def reaches(division: str) -> list[Reach]:
    """Return the schematic reaches of a division's subtree, the smallest first."""
    return list(Reach.objects.filter(division__startswith=division))


@dataclass(frozen=True, slots=True)
class SitePlace:
    """Where a site lies: degrees (EPSG:4490) and how many decimals they were given with; None = unknown."""

    id: UUID
    code: str
    name: str
    kind: str
    division: str
    water: str
    water_type: str
    source_water: str
    outfall: str
    lon: Decimal | None
    lat: Decimal | None
    digits: int | None


def places_of(division: str, kinds: Collection[str]) -> list[SitePlace]:
    """Return where the sites of some kinds in a division's subtree lie, by name."""
    inside = Site.objects.filter(division__startswith=division, kind__in=list(kinds)).order_by("name", "pk")
    return [
        SitePlace(
            site.pk,
            site.code,
            site.name,
            site.kind,
            site.division,
            site.water,
            site.water_type,
            site.source_water,
            site.outfall,
            site.lon,
            site.lat,
            site.coordinate_digits,
        )
        for site in inside
    ]
