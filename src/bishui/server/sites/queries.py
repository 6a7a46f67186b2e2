"""Reads of this app: the tables of the seam, as `bishui.observations.schema` has them.

Only rows of imports that are active count, and in an invented city only those up to its fixed day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time

import pyarrow as pa
from django.conf import settings

from bishui.observations import FLAGS, SITES, MeasurementStore
from bishui.server.core import imports
from bishui.server.core.city import AssessedCity
from bishui.server.sites.models import Flag, Reach, Site
from bishui.server.sites.names import fold, known_names

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


def find_sites(division: str, names: Sequence[str]) -> dict[str, str | None]:
    """Return the site identifier of each name, code or alias; None where it is unknown or ambiguous."""
    known = known_names(division)
    return {name: known.get(fold(name)) for name in names}


def site_names(division: str) -> dict[str, str]:
    """Return the names of the sites in a division's subtree by identifier."""
    found = Site.objects.filter(division__startswith=division).values_list("pk", "name")
    return {str(pk): name for pk, name in found}


def sites_table(division: str) -> pa.Table:
    """Return the sites of a division's subtree (`SITES`); an unknown water type is null."""
    rows = [
        {
            "id": str(site.pk),
            "name": site.name,
            "kind": site.kind,
            "water_type": site.water_type or None,
            "division": site.division,
            "valid_from": site.valid_from,
            "valid_to": site.valid_to,
        }
        for site in Site.objects.filter(division__startswith=division).order_by("pk")
    ]
    return pa.Table.from_pylist(rows, schema=SITES)


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
