"""What a section must keep: the limits of its target class; at an intake those of drinking water."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from bishui.server.network.points import Thing
from bishui.server.network.rules import rules
from bishui.server.sites import queries as sites
from bishui.standards import items, surface_water

_GRAMS = {"mg/L": Decimal(1), "μg/L": Decimal("0.001"), "µg/L": Decimal("0.001")}


def target_classes(division: str, day: date) -> dict[str, int]:
    """Return, by site identifier, the target class that holds on a day; the strictest of several.

    Where none holds on the day, as early in a year whose plan is not out yet, the last one before it does.
    """
    newest: dict[str, tuple[date, int]] = {}
    for row in sites.targets_table(division).to_pylist():
        site, rank = row["site"], row["target_class"]
        if site is None or rank is None or row["period_from"] > day:
            continue
        until = min(row["period_to"], day)
        known = newest.get(site)
        if known is None or (until, -rank) > (known[0], -known[1]):
            newest[site] = until, rank
    return {site: rank for site, (_, rank) in newest.items()}


def class_of(thing: Thing, targets: Mapping[str, int]) -> int | None:
    """Return the class that something must keep: its target, at an intake that of drinking water."""
    if thing.kind == "intake":
        return int(rules()["spill"]["drinking_class"])
    return targets.get(str(thing.site)) if thing.kind == "section" else None


def limits_of(thing: Thing, targets: Mapping[str, int], wanted: Sequence[str], day: date) -> dict[str, float]:
    """Return the limits of some items at a place, mg/L; none where it has no target or the item no limit.

    A place of unknown water type keeps the limits of a river.
    """
    rank = class_of(thing, targets)
    if rank is None:
        return {}
    standard = surface_water(day)
    found: dict[str, float] = {}
    for item in wanted:
        limit = standard.limits(item, thing.water_type or "river").get(rank)
        factor = _GRAMS.get(items()[item].unit)
        if isinstance(limit, Decimal) and factor is not None:
            found[item] = float(limit * factor)
    return found
