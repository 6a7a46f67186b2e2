"""Reads of this app."""

from __future__ import annotations

from typing import Any

from bishui.server.accounts.models import Division, RoleAssignment, Unit
from bishui.server.core import rights


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
    code = division.rstrip("/").rpartition("/")[2]
    return list(Division.objects.filter(parent=code).order_by("code").values_list("division", "name"))
