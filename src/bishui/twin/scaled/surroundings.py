"""What a section truly holds beside its pollutants: flow, temperature, oxygen, pH, by season and weather.

All of it comes after the pollutants and from random numbers of its own: a city's events, their arrivals and
the readings of pollutants are the same with it and without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.network.tables import Floats
from bishui.twin.city import load
from bishui.twin.scaled.basins import INSTRUMENTS, Basin
from bishui.twin.scaled.parameters import generator, parameters
from bishui.twin.scaled.series import Readings, Water, hours_of
from bishui.twin.tracing.parameters import between
from bishui.twin.water import saturated_oxygen
from bishui.twin.weather import STEP_HOURS, Weather, red_noise, season


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The truth at one section, (T,) each: m³/s, ℃, mg/L, pH."""

    section: str
    flow: Floats
    wtemp: Floats
    do: Floats
    ph: Floats

    def of(self, item: str) -> Floats:
        """Return one of them by the key of its item."""
        found: Floats = getattr(self, item)
        return found


def surroundings_at(basin: Basin, place: int, weather: Weather, water: Water) -> Surroundings:
    """Return flow, temperature, oxygen and pH at a section; `water` is what it holds of pollutants.

    - Flow: that of the steady solution times season, storms and a slow disturbance. Storms thin an event's
      load by the same factor (`bishui.twin.scaled.series.water_at`).
    - Oxygen: a part of saturation at the temperature (HJ/T 2.3), less where organic matter is raised.
    """
    settings, climate = parameters()["surroundings"], load("climate.toml")
    rng = generator(basin.seed, INSTRUMENTS, basin.number, 5, place)
    hours = hours_of(basin.days)
    steps, memory = len(hours), climate["noise"]["memory_hours"]
    flow, day = weather.flow[:steps], weather.day[:steps]
    slow = {name: red_noise(steps, memory, rng) for name in ("flow", "wtemp", "do", "ph")}
    wet, afternoon = flow / (1.0 + flow), _afternoon(hours, climate["oxygen"]["peak_hour"])
    temperature = (
        climate["temperature"]["mean"]
        + between(rng, settings["temperature_offset"])
        - climate["temperature"]["amplitude"] * season(day, climate["temperature"]["coldest_day"])
        + climate["temperature"]["diurnal"] * _afternoon(hours, climate["temperature"]["warmest_hour"])
        + climate["temperature"]["noise"] * slow["wtemp"]
        - climate["temperature"]["rain_cooling"] * wet
    )
    wettest = season(day, climate["rain"]["wettest_day"])
    exponent = settings["flow_season"] * wettest + settings["flow_spread"] * slow["flow"]
    storms = 1.0 + parameters()["water"]["dilution"] * flow
    own = climate["oxygen"]
    share = (
        between(rng, settings["saturation"])
        + own["diurnal"] * afternoon
        + own["noise"] * slow["do"]
        - own["rain_drop"] * wet
    )
    organic = water.raised[:, [item["key"] for item in parameters()["item"]].index("codmn")]
    oxygen = saturated_oxygen(temperature) * np.clip(share, 0.02, 1.6) - settings["oxygen_demand"] * organic
    return Surroundings(
        section=water.section.key,
        flow=float(basin.ordinary.at(water.section).flow) * np.exp(exponent) * storms,
        wtemp=np.maximum(temperature, 0.2),
        do=np.maximum(oxygen, settings["oxygen_least"]),
        ph=between(rng, settings["ph"])
        + climate["ph"]["diurnal"] * afternoon
        + climate["ph"]["noise"] * slow["ph"]
        - climate["ph"]["rain_drop"] * wet,
    )


def shown_around(basin: Basin, place: int, truth: Surroundings, shown: Readings) -> dict[str, Floats]:
    """Return what the station of a section shows of its surroundings, by item, (T,).

    It is silent, offline and under maintenance when the station (`shown`) is.
    """
    rng = generator(basin.seed, INSTRUMENTS, basin.number, 6, place)
    assert shown.about == truth.section, "a station stands at its own section"
    return {item["key"]: _scattered(rng, truth.of(item["key"]), item) for item in _items()}


def sampled_around(basin: Basin, place: int, truth: Surroundings, hours: Floats) -> dict[str, Floats]:
    """Return what is measured beside the laboratory's samples, by item, at so many hours of the year."""
    rng = generator(basin.seed, INSTRUMENTS, basin.number, 7, place)
    steps = (hours // STEP_HOURS).astype(int)
    return {item["key"]: _scattered(rng, truth.of(item["key"])[steps], item) for item in _items()}


def _items() -> tuple[Mapping[str, Any], ...]:
    return tuple(parameters()["surrounding"])


def _scattered(rng: np.random.Generator, truth: Floats, item: Mapping[str, Any]) -> Floats:
    """Return readings: a relative scatter, and one in the item's own unit."""
    relative = np.exp(item["relative"] * rng.standard_normal(len(truth)))
    return np.asarray(np.maximum(truth * relative + item["absolute"] * rng.standard_normal(len(truth)), 0.0))


def _afternoon(hours: Floats, peak_hour: float) -> Floats:
    return np.cos(2.0 * np.pi * (hours % 24.0 - peak_hour) / 24.0)
