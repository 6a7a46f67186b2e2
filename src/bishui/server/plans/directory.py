"""What the register of units and the register of sites hold, as plain records."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps

from bishui.server.plans.unit_names import Directory, KnownUnit, Place


def directory_of(division: str) -> Directory:
    """Return the units that a plan of the division path `division` can mean: those that have not ended."""
    places = [
        Place(str(path), str(name), str(level))
        for path, name, level in apps.get_model("accounts", "Division")
        ._default_manager.values_list("division", "name", "level")
        .order_by("division")
    ]
    units = [
        KnownUnit(str(unit.pk), tuple(unit.names()), unit.division, unit.kind)
        for unit in apps.get_model("accounts", "Unit")
        ._default_manager.filter(valid_to=None)
        .order_by("division", "code")
    ]
    return Directory(division, places, units)


def unit_names() -> dict[str, str]:
    """Return the name of each unit by identifier."""
    model = apps.get_model("accounts", "Unit")
    return {str(pk): str(name) for pk, name in model._default_manager.values_list("pk", "name")}


def sites_of(division: str, names: Sequence[str]) -> dict[str, str | None]:
    """Return the identifier of the site that each name means, None where it is not known or not sole."""
    from bishui.server.sites import queries

    return queries.find_sites(division, names)


def site_names(division: str) -> dict[str, str]:
    """Return the name of each site of a division's subtree by identifier."""
    from bishui.server.sites import queries

    return queries.site_names(division)
