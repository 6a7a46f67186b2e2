"""How the city's water moves, and what its outfalls may discharge: what network files hold beside lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bishui.twin.city import load
from bishui.twin.model import City

#: Of rivers at the middle of the year, ℃.
_TEMPERATURE = 20.0


def network_reaches(city: City) -> list[dict[str, Any]]:
    """Return the reaches as a table that `bishui network check` reads.

    Returns
    -------
    list of dict
        Name, kind, nodes and length of each reach; ``velocity_m_s``, ``volume_m3`` (empty of a river),
        ``temperature``, ``lateral_flow_m3_s`` and ``lateral_conc_mg_l`` (``COD=6;NH3N=0.05``, mg/L).
    """
    moving = {record["id"]: record for record in load("network.toml")["reach"]}
    return [_reach(asdict(reach), moving[reach.id]) for reach in city.reaches]


def _reach(fields: dict[str, Any], moving: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in fields.items() if name != "points"}
    return kept | {
        "velocity_m_s": moving["velocity"],
        "volume_m3": moving.get("volume", ""),
        "temperature": _TEMPERATURE,
        "lateral_flow_m3_s": moving["flow"],
        "lateral_conc_mg_l": concentrations(moving["background"]),
    }


def concentrations(values: Mapping[str, Any]) -> str:
    """Return concentrations as they stand in one cell: ``cod=6.0;nh3n=0.05``, mg/L."""
    return ";".join(f"{key}={value}" for key, value in values.items())


def discharges(city: City) -> list[dict[str, str]]:
    """Return what each outfall of the city may discharge (许可排放量), with its place.

    Returns
    -------
    list of dict
        ``outfall``, ``name``, ``discharger``, ``kind``, ``flow`` (m³/d), ``cod``, ``nh3n``, ``tp``, ``tn``
        (mg/L), ``division``, ``lon``, ``lat`` (degrees, EPSG:4490), as texts.
    """
    permits = {record["outfall"]: record for record in load("network.toml")["discharge"]}
    owners = {owner.id: owner for owner in city.dischargers}
    return [
        {
            "outfall": outfall.id,
            "name": outfall.name_zh,
            "discharger": owners[outfall.discharger].name_zh,
            "division": owners[outfall.discharger].division,
            "kind": permits[outfall.id]["kind"],
            "flow": permits[outfall.id]["flow"],
            **permits[outfall.id]["permitted"],
            "lon": f"{outfall.lon:.4f}",
            "lat": f"{outfall.lat:.4f}",
        }
        for outfall in city.outfalls
        if outfall.id in permits
    ]


def intake_places(city: City) -> dict[str, tuple[str, str]]:
    """Return, by id, reach and chainage (m from its top) of the intakes on rivers and lakes."""
    length = {reach.id: reach.length_km * 1000.0 for reach in city.reaches}
    return {
        record["id"]: (record["reach"], f"{record['at'] * length[record['reach']]:.2f}")
        for record in load("city.toml")["source"]
        if "reach" in record
    }
