"""The outfalls that a surveyor carries along, with what is needed without signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bishui.i18n import Text
from bishui.server.accounts.models import Division
from bishui.server.core import rights, workflow
from bishui.server.field.limits import limit
from bishui.server.outfalls.models import Outfall, OutfallRound

#: What a device shows of a point and compares when its form arrives: what somebody else may have changed.
WATCHED = ("name", "stage", "lon", "lat", "merged_into", "removed_on")
_NAMES = {
    "name": Text("名称"),
    "stage": Text("状态"),
    "lon": Text("经度"),
    "lat": Text("纬度"),
    "merged_into": Text("并入"),
    "removed_on": Text("撤销日期"),
    "near": Text("附近已有排污口"),
}
_SHOWN = ("id", "version", "code", "division", "town", "address", "landmark", "kind", "due", *WATCHED)


def counties(user: Any, root: str) -> list[dict[str, str]]:
    """Return the counties of a city in which a user may survey, as path and name."""
    reached = rights.divisions(user, "outfalls.survey")
    found = Division.objects.filter(division__startswith=root).exclude(parent="").order_by("code")
    return [
        {"division": county.division, "name": county.name, "name_en": county.name_en or county.name}
        for county in found
        if county.division.count("/") == root.count("/") + 1
        and any(county.division.startswith(path) or path.startswith(county.division) for path in reached)
    ]


def carried(user: Any, division: str, *, town: str = "", after: str = "") -> dict[str, Any]:
    """Return the next part of the points of a county.

    Parameters
    ----------
    town
        Code of a town, to take only its points along.
    after
        The cursor of the part before; empty for the first.

    Returns
    -------
    dict
        ``points``; ``cursor`` for the next part, empty after the last; ``limit``, the most a device carries.
    """
    found = rights.visible(user, "outfalls.survey", Outfall.objects.all())
    found = found.filter(division__startswith=division, merged_into="", removed_on=None, code__gt=after)
    if town:
        found = found.filter(town=town)
    size = limit("points_at_once")
    rows = list(found.order_by("code").values(*_SHOWN)[: size + 1])
    return {
        "points": [as_carried(row) for row in rows[:size]],
        "cursor": rows[size - 1]["code"] if len(rows) > size else "",
        "limit": limit("points"),
    }


def as_carried(row: dict[str, Any]) -> dict[str, Any]:
    """Return one point as a device keeps it: texts, and nothing where nothing is known."""
    return {key: value if key == "version" else _plain(value) for key, value in row.items()}


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def differences(seen: dict[str, Any], outfall: Outfall) -> list[dict[str, str]]:
    """Return what of a point has changed since a device took it along: field, seen, now."""
    now = {name: _plain(getattr(outfall, name)) for name in WATCHED}
    return [
        {"field": name, "seen": str(seen[name]), "now": now[name]}
        for name in WATCHED
        if name in seen and str(seen[name]) != now[name]
    ]


def worded(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a difference as people read it: what it is about in both languages, states by their names."""
    states = workflow.load_all()[OutfallRound.workflow_name].states
    found = dict(entry) | {"label": _NAMES[entry["field"]].both()}
    if entry["field"] == "stage":
        for side in ("seen", "now"):
            found[side] = str(states[entry[side]].label) if entry[side] in states else entry[side]
    return found
