"""Building the city from its data files."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.twin.geometry import distances_km, point_at, smooth
from bishui.twin.model import (
    City,
    Collective,
    Discharger,
    Division,
    DrinkingSource,
    Event,
    Outfall,
    Park,
    Reach,
    Section,
    SewagePlant,
    Unit,
)

SIZES = ("small", "medium")
#: The day at which the demonstration stands still.
AS_OF = dt.date(2025, 10, 20)
#: How a plan names a unit that belongs to a city, a district or a county.
_SHORT_LEVEL = {"city": "市", "district": "区", "county": "县"}

Record = Mapping[str, Any]


@cache
def load(name: str) -> dict[str, Any]:
    """Return the data file `name` of this room; the caller must not change it."""
    text = resources.files("bishui.twin").joinpath("data", name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def build_city(seed: int = 1, size: str = "small") -> City:
    """Build the invented city (虚构城市).

    Parameters
    ----------
    seed
        Decides weather, noise and gaps. Names, network, plan and events do not depend on it.
    size
        ``small`` (12 sections) or ``medium`` (20 sections, three more tributaries).

    Returns
    -------
    City
        Frozen; equal arguments give equal cities.

    Raises
    ------
    CallError
        When `size` is neither of the two, or `seed` is negative.
    """
    if size not in SIZES:
        raise CallError(
            Text("不认识的城市规模“{size}”。", size=size),
            remedy=Text("请改用 {sizes} 之一。", sizes="、".join(SIZES)),
        )
    if seed < 0:
        raise CallError(Text("随机种子 {seed} 为负数。", seed=seed), remedy=Text("请改用 0 或更大的整数。"))
    data = load("city.toml")
    divisions = tuple(Division(**record) for record in data["division"])
    reaches = _reaches(_of_size(data["reach"], size), {n["id"]: n["at"] for n in data["node"]})
    lines = {reach.id: np.array(reach.points) for reach in reaches}
    head = data["city"]
    own = next(division for division in divisions if division.code == head["division"])
    return City(
        name_zh=own.name_zh,
        name_en=own.name_en,
        division=own.code,
        year=head["year"],
        as_of=head["as_of"],
        seed=seed,
        size=size,
        divisions=divisions,
        units=_units(data, divisions, own.code),
        collectives=tuple(Collective(r["name"], tuple(r["units"])) for r in data["collective"]),
        reaches=reaches,
        sections=_sections(_of_size(data["section"], size), reaches, head),
        sources=tuple(_source(record, lines) for record in data["source"]),
        plants=tuple(
            SewagePlant(**_without(record, "reach", "at"), **_lonlat(record, lines))
            for record in data["plant"]
        ),
        parks=tuple(
            Park(**_without(record, "plants"), plants=tuple(record["plants"])) for record in data["park"]
        ),
        dischargers=tuple(Discharger(**record) for record in data["discharger"]),
        outfalls=tuple(
            Outfall(**_without(record, "at"), **_lonlat(record, lines)) for record in data["outfall"]
        ),
        events=_events(),
    )


def _of_size(records: Sequence[Record], size: str) -> list[Record]:
    return [record for record in records if record.get("size", "small") in SIZES[: SIZES.index(size) + 1]]


def _without(record: Record, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in keys}


def _units(data: Record, divisions: Sequence[Division], own: str) -> tuple[Unit, ...]:
    """Return one unit per division and kind of bureau, and those named one by one."""
    units = []
    for division in divisions:
        if own not in (division.code, division.parent):
            continue
        for bureau in data["bureau"]:
            if division.level in bureau["levels"]:
                units.append(_unit(division, bureau))
    units += [Unit(**record) for record in data["unit"]]
    return tuple(units)


def _unit(division: Division, bureau: Record) -> Unit:
    forms = dict.fromkeys([bureau["zh"], bureau.get("short", bureau["zh"])])
    aliases = [division.name_zh + form for form in forms if form != bureau["zh"]]
    if division.level == "city":
        aliases += [_SHORT_LEVEL[division.level] + form for form in forms] + list(forms)
    return Unit(
        id=f"{division.code}-{bureau['key']}",
        name_zh=division.name_zh + bureau["zh"],
        name_en=f"{division.name_en} {bureau['en']}",
        division=division.code,
        kind=bureau["key"],
        aliases=tuple(aliases),
    )


def _reaches(records: Sequence[Record], nodes: Mapping[str, Sequence[float]]) -> tuple[Reach, ...]:
    below = {record["from"]: record["id"] for record in records}
    reaches = []
    for order, record in enumerate(records, start=1):
        corners = np.array([nodes[record["from"]], *record["via"], nodes[record["to"]]])
        line = np.round(smooth(corners), 5)
        reaches.append(
            Reach(
                id=record["id"],
                river=record["river"],
                kind=record["kind"],
                order=order,
                from_node=record["from"],
                to_node=record["to"],
                downstream=below.get(record["to"]),
                points=tuple((float(lon), float(lat)) for lon, lat in line),
                length_km=round(float(distances_km(line)[-1]), 2),
            )
        )
    return tuple(reaches)


def _lonlat(record: Record, lines: Mapping[str, Any], digits: int = 4) -> dict[str, Any]:
    lon, lat = point_at(lines[record["reach"]], record["at"])
    return {"lon": round(lon, digits), "lat": round(lat, digits)}


def _sections(records: Sequence[Record], reaches: Sequence[Reach], head: Record) -> tuple[Section, ...]:
    rivers = {reach.id: reach.river for reach in reaches}
    lines = {reach.id: np.array(reach.points) for reach in reaches}
    return tuple(
        Section(
            **_without(record, "at", "size", "assessed", "water_type"),
            **_lonlat(record, lines),
            coordinate_digits=4,
            water=rivers[record["reach"]],
            basin=head["basin"],
            assessed=record.get("assessed", record["division"]),
            water_type=record.get("water_type"),
        )
        for record in records
    )


def _source(record: Record, lines: Mapping[str, Any]) -> DrinkingSource:
    if "lonlat" in record:
        lon, lat = record["lonlat"]
    else:
        place = _lonlat(record, lines)
        lon, lat = f"{place['lon']:.2f}", f"{place['lat']:.2f}"
    return DrinkingSource(**_without(record, "reach", "at", "lonlat"), lon=lon, lat=lat)


def _events() -> tuple[Event, ...]:
    return tuple(
        Event(
            **_without(record, "sites", "items"),
            sites=tuple(record["sites"]),
            items=tuple(record["items"]),
        )
        for record in load("events.toml")["event"]
    )
