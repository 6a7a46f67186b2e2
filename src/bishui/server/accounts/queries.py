"""Reads of this app."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from bishui.server.accounts.models import Division, RoleAssignment, Unit
from bishui.server.core import remembered, rights


def units_holding(action: str, division: str) -> dict[str, Any]:
    """Return, for each division under `division`, the unit whose people hold `action` for the whole of it.

    Roles that manage users do not count: they run the instance, not the plan. Where
    several units do, the first by code is meant.
    """
    holding = [
        role.id
        for role in rights.roles().values()
        if role.actions.get(action) == "subtree" and "users.manage" not in role.actions
    ]
    grants = RoleAssignment.objects.filter(
        role__in=holding, division__startswith=division, user__is_active=True
    )
    found: dict[str, Any] = {}
    for grant in grants.select_related("unit", "user__unit").order_by("unit__code", "user__unit__code"):
        unit = grant.unit or grant.user.unit
        if unit is not None:
            found.setdefault(grant.division, unit)
    return found


def units_of(division: str) -> list[Unit]:
    """Return the units under a division, in the order of their codes."""
    return list(Unit.objects.filter(division__startswith=division).order_by("code"))


def divisions_below(division: str) -> list[tuple[str, str]]:
    """Return path and name of the divisions directly below one, in the order of their codes."""
    return [(below.division, below.name) for below in _below(division)]


def shown_below(division: str) -> list[tuple[str, str]]:
    """Return what `divisions_below` does, each name in the language in use: to choose from on a page."""
    return [(below.division, below.shown_name) for below in _below(division)]


def _below(division: str) -> QuerySet[Division]:
    code = division.rstrip("/").rpartition("/")[2]
    return Division.objects.filter(parent=code).order_by("code")


def division_names(division: str) -> dict[str, str]:
    """Return the names of the divisions of a subtree by path, in the language in use.

    Every page that names a division asks here, or for `Division.shown_name`; what is kept, matched or
    printed in an official document has the Chinese name.
    """
    inside = Division.objects.filter(division__startswith=division).order_by("division")
    return {record.division: record.shown_name for record in remembered.listed(inside)}
