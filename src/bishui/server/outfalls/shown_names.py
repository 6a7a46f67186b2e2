"""Names that lists show beside codes: counties, waters, units; each asked for once for a whole page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bishui.server.accounts import queries as accounts
from bishui.server.core import registers
from bishui.server.outfalls.models import WaterBody


def counties(division: str) -> dict[str, str]:
    """Return the names of the divisions of a subtree by path, in the language in use."""
    return accounts.division_names(division)


def units(division: str) -> dict[str, str]:
    """Return the names of the units of a subtree by code."""
    model = registers.load_all()["units"].model
    found: Any = model._default_manager.filter(division__startswith=division)
    return dict(found.order_by("code").values_list("code", "name"))


def waters(division: str) -> dict[str, str]:
    """Return the names of the receiving waters of a subtree by code."""
    found = WaterBody.objects.filter(division__startswith=division)
    return dict(found.values_list("code", "name"))


def waters_named(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of some receiving waters by code."""
    return dict(
        WaterBody.objects.filter(code__in={code for code in codes if code}).values_list("code", "name")
    )
