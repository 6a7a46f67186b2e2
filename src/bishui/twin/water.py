"""What the water of one section really holds through the year, before any instrument looks at it.

Each item follows one model: temperature, oxygen, ph or concentration. Values are floats in the item's
own unit; rounding, marks and gaps belong to `bishui.twin.readings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.twin.model import Event, Section
from bishui.twin.weather import Series, Weather, red_noise, season

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all sections of a city share: the weather, its climate, the items measured, the events."""

    weather: Weather
    climate: Record
    items: Sequence[Record]
    events: Sequence[Event]


def simulate(section: Section, setting: Setting, rng: np.random.Generator) -> dict[str, Series]:
    """Return the year of each item at `section`, on the grid of the setting's weather."""
    weather, climate = setting.weather, setting.climate
    memory = climate["noise"]["memory_hours"]
    noise = {item["key"]: red_noise(weather.time.size, memory, rng) for item in setting.items}
    temperature = _temperature(weather, climate["temperature"], noise["wtemp"])
    water: dict[str, Series] = {}
    for item in setting.items:
        key = item["key"]
        if item["model"] == "temperature":
            series = temperature
        elif item["model"] == "oxygen":
            series = _oxygen(section, setting, temperature, noise[key])
        elif item["model"] == "ph":
            series = _ph(section, weather, climate, noise[key])
        else:
            series = _concentration(section, weather, item, noise[key])
        water[key] = _with_events(series, section, key, setting)
    return water


def _afternoon(weather: Weather, peak_hour: float) -> Series:
    return np.cos(2 * np.pi * (weather.hour - peak_hour) / 24)


def _temperature(weather: Weather, climate: Record, noise: Series) -> Series:
    yearly = climate["mean"] - climate["amplitude"] * season(weather.day, climate["coldest_day"])
    wet = weather.flow / (1 + weather.flow)
    temperature: Series = (
        yearly
        + climate["diurnal"] * _afternoon(weather, climate["warmest_hour"])
        + climate["noise"] * noise
        - climate["rain_cooling"] * wet
    )
    return temperature


def saturated_oxygen(temperature: Series) -> Series:
    """Return dissolved oxygen at saturation, mg/L, for fresh water of `temperature` in ℃.

    DO_f = 468 / (31.6 + T), the formula of HJ/T 2.3 for fresh water.
    """
    return 468.0 / (31.6 + temperature)


def _oxygen(section: Section, setting: Setting, temperature: Series, noise: Series) -> Series:
    climate, weather = setting.climate["oxygen"], setting.weather
    share: Series = (
        section.levels["saturation"]
        + climate["diurnal"] * _afternoon(weather, climate["peak_hour"])
        + climate["noise"] * noise
        - climate["rain_drop"] * weather.flow / (1 + weather.flow)
    )
    return saturated_oxygen(temperature) * np.clip(share, 0.02, 1.6)


def _ph(section: Section, weather: Weather, climate: Record, noise: Series) -> Series:
    own = climate["ph"]
    ph: Series = (
        section.levels["ph"]
        + own["diurnal"] * _afternoon(weather, climate["oxygen"]["peak_hour"])
        + own["noise"] * noise
        - own["rain_drop"] * weather.flow / (1 + weather.flow)
    )
    return ph


def _concentration(section: Section, weather: Weather, item: Record, noise: Series) -> Series:
    """Return level × season × flow × noise, each as a factor; the noise has mean 1."""
    level: float = section.levels[item["level"]] * item.get("ratio", 1.0)
    spread = item["noise"]
    exponent: Series = (
        item["season"] * season(weather.day, 20)
        + item["flow"] * np.log1p(weather.flow)
        + spread * noise
        - spread**2 / 2
    )
    return level * np.exp(exponent)


def _with_events(series: Series, section: Section, item: str, setting: Setting) -> Series:
    """Return `series` with what happened to the water itself (not to the instruments)."""
    time = setting.weather.time
    for event in setting.events:
        if section.id not in event.sites or item not in event.items or event.size is None:
            continue
        start, end = np.datetime64(event.start, "s"), np.datetime64(event.end, "s")
        inside = (time >= start) & (time <= end)
        size = event.size * event.ratios.get(item, 1.0)
        if event.effect == "multiply":
            series = np.where(inside, series * size, series)
        elif event.effect == "pulse":
            progress = ((time - start) / (end - start)).astype(np.float64)
            series = series + np.where(inside, size * pulse(progress), 0.0)
    return series


def pulse(progress: Series) -> Series:
    """Return the shape of a passing cloud: 0 at its ends, 1 at a quarter of its duration, a long tail."""
    inside = np.clip(progress, 0.0, 1.0)
    return inside * (1 - inside) ** 3 / (0.25 * 0.75**3)
