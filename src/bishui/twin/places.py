"""The city's other places of measurement: sources, sewage plants, outfalls, stations, wells, lake, zones.

Each follows a profile of ``data/places.toml``: what is measured there, how often, around which level. What
happened there is said in the same file.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from bishui.standards import any_item
from bishui.twin.city import load
from bishui.twin.geometry import point_at
from bishui.twin.model import City
from bishui.twin.weather import STEPS_PER_DAY, Series, Weather, make_weather, season

Record = Mapping[str, Any]

_COLDEST_DAY = 20
_MONTHS = {"month": range(1, 13), "quarter": (2, 5, 8, 11), "half_year": (4, 9)}


@dataclass(frozen=True)
class Place:
    """A place of measurement (监测点位) that is no section.

    `lon` and `lat` are texts with the digits that are published; `fields` are the further fields that its
    kind has in the register of sites.
    """

    id: str
    name_zh: str
    kind: str
    division: str
    lon: str
    lat: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One result as a laboratory writes it: the number, or ``0.01L`` below the detection limit."""

    site: str
    time: dt.datetime
    item: str
    raw: str
    unit: str


def places(city: City) -> tuple[Place, ...]:
    """Return the places beside sections, drinking-water sources and sewage plants."""
    lines = {reach.id: np.array(reach.points) for reach in city.reaches}
    found = []
    for record in load("places.toml")["place"]:
        if "lonlat" in record:
            lon, lat = record["lonlat"]
        else:
            lon, lat = (f"{value:.3f}" for value in point_at(lines[record["reach"]], record["at"]))
        found.append(
            Place(
                record["id"],
                record["name_zh"],
                record["kind"],
                record["division"],
                lon,
                lat,
                record.get("fields", {}),
            )
        )
    return tuple(found)


def place_readings(city: City, until: dt.date | None = None) -> Iterator[Reading]:
    """Yield the readings of the year at all these places, up to and with the day `until`.

    Equal cities give equal readings; a later `until` only adds some.
    """
    data = load("places.toml")
    year = _Year(city)
    measured = [
        *data["measured"],
        *({"site": place["id"], **place} for place in data["place"]),
    ]
    for number, record in enumerate(measured):
        rng = np.random.default_rng([city.seed, 7, number])
        for reading in _at(record, year, rng):
            if until is None or reading.time.date() <= until:
                yield reading


class _Year:
    """The year that all places share."""

    def __init__(self, city: City) -> None:
        self.city = city

    @cached_property
    def weather(self) -> Weather:
        """The weather that the sections had, too."""
        (seed,) = np.random.SeedSequence(self.city.seed).spawn(1)
        rng = np.random.default_rng(seed)
        return make_weather(self.city.year, load("climate.toml"), self.city.events, rng)

    @cached_property
    def _wetness(self) -> Series:
        return np.asarray(self.weather.flow.reshape(-1, STEPS_PER_DAY).mean(axis=1))

    @cached_property
    def _cold(self) -> Series:
        return season(np.arange(366, dtype=np.float64), _COLDEST_DAY)

    def wet(self, day: dt.date) -> float:
        """Return the mean flow index of a day."""
        return float(self._wetness[self._number(day)])

    def cold(self, day: dt.date) -> float:
        """Return 1 on the coldest day, -1 half a year later."""
        return float(self._cold[self._number(day)])

    def _number(self, day: dt.date) -> int:
        return (day - dt.date(self.city.year, 1, 1)).days

    def days(self, every: str) -> list[dt.date]:
        """Return the days of sampling; monthly and rarer samples are taken early in the month."""
        year = self.city.year
        if every == "day":
            return [
                dt.date(year, month, day)
                for month in range(1, 13)
                for day in range(1, calendar.monthrange(year, month)[1] + 1)
            ]
        return [dt.date(year, month, 5 + month % 4) for month in _MONTHS[every]]


def _profile(name: str) -> tuple[str, list[Record]]:
    """Return how often a profile is sampled, and its items with their levels."""
    profile = load("places.toml")["profile"][name]
    if "like" not in profile:
        return profile["every"], profile["items"]
    every, items = _profile(profile["like"])
    levels = profile.get("levels", {})
    return profile.get("every", every), [{**item, **_level(levels, item)} for item in items]


def _level(levels: Mapping[str, float], item: Record) -> Record:
    return {"level": levels[item["key"]]} if item["key"] in levels else {}


def _at(record: Record, year: _Year, rng: np.random.Generator) -> Iterator[Reading]:
    every, items = _profile(record["profile"])
    site = record["site"]
    hour = 8 if every == "day" else 10
    for day in year.days(every):
        for item in items:
            level = record.get("levels", {}).get(item["key"], item["level"])
            value = _value(item, level, day, year, float(rng.standard_normal()))
            value *= _factor(site, item["key"], day)
            unit = any_item(item["key"]).unit
            time = dt.datetime.combine(day, dt.time(hour))
            yield Reading(site, time, item["key"], _raw(item, value), unit)


def _value(item: Record, level: float, day: dt.date, year: _Year, shock: float) -> float:
    """Return what the water holds: a level that follows season, rain and chance."""
    swing, noise = item.get("season", 0.0) * year.cold(day), item["noise"]
    if item.get("additive", False):
        return float(level + swing + noise * shock)
    storm = item.get("storm", 0.0) * math.log1p(year.wet(day))
    return float(level * math.exp(swing + storm + noise * shock - noise**2 / 2))


def _factor(site: str, item: str, day: dt.date) -> float:
    factor = 1.0
    for happening in load("places.toml")["happening"]:
        if site in happening["sites"] and item in happening["items"]:
            factor *= happening["factor"] if happening["start"] <= day <= happening["end"] else 1.0
    return factor


def _raw(item: Record, value: float) -> str:
    limit = item.get("detection")
    if limit is not None and value < float(limit):
        return f"{limit}L"
    return f"{Decimal(repr(value)):.{item['digits']}f}"
