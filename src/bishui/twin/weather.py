"""The city's weather and the flow that follows from it, on a regular time grid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from bishui.twin.model import Event

#: Hours between two readings of an automatic station (自动站每 4 小时一组).
STEP_HOURS = 4
STEPS_PER_DAY = 24 // STEP_HOURS

Series = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weather:
    """The year on the 4-hour grid, all arrays of the same length.

    `time` is datetime64[s]; `day` the day of the year with its fraction, from 0; `hour` 0–20;
    `flow` a dimensionless index: 0 in dry weather, about 1 after 40 mm of rain.
    """

    time: npt.NDArray[np.datetime64]
    day: Series
    hour: Series
    rain_mm: Series
    flow: Series


def season(day: Series, peak_day: float) -> Series:
    """Return a yearly cosine, 1 on `peak_day` and −1 half a year later."""
    return np.cos(2 * np.pi * (day - peak_day) / 365.0)


def make_weather(
    year: int, climate: Mapping[str, Any], events: Iterable[Event], rng: np.random.Generator
) -> Weather:
    """Return the weather of `year`: random showers, and the storms among `events`."""
    start = np.datetime64(dt.datetime(year, 1, 1), "s")
    steps = int((np.datetime64(dt.datetime(year + 1, 1, 1), "s") - start) / np.timedelta64(STEP_HOURS, "h"))
    time = start + np.arange(steps) * np.timedelta64(STEP_HOURS * 3600, "s")
    day = np.arange(steps) / STEPS_PER_DAY
    rain = _showers(day, climate["rain"], rng)
    for event in events:
        if event.effect == "rain" and event.size is not None:
            inside = (time >= np.datetime64(event.start, "s")) & (time <= np.datetime64(event.end, "s"))
            rain[inside] += event.size / max(int(inside.sum()), 1)
    hour = np.arange(steps) % STEPS_PER_DAY * float(STEP_HOURS)
    return Weather(time, day, hour.astype(np.float64), rain, _flow(rain, climate["rain"]))


def _showers(day: Series, rain: Mapping[str, Any], rng: np.random.Generator) -> Series:
    wetness = (1 + season(day, rain["wettest_day"])) / 2
    chance = rain["chance_per_day_dry"] + wetness * (rain["chance_per_day_wet"] - rain["chance_per_day_dry"])
    falls = rng.random(day.size) < chance / STEPS_PER_DAY
    return np.where(falls, rng.exponential(rain["mean_mm"], day.size), 0.0)


def _flow(rain_mm: Series, rain: Mapping[str, Any]) -> Series:
    """Return the linear-reservoir response to rain."""
    keep = float(np.exp(-1 / (rain["recession_days"] * STEPS_PER_DAY)))
    flow: Series = lfilter([1.0], [1.0, -keep], rain_mm / rain["mm_per_unit"])
    return flow


def red_noise(size: int, memory_hours: float, rng: np.random.Generator) -> Series:
    """Return autocorrelated noise (AR 1) with mean 0 and standard deviation 1."""
    keep = float(np.exp(-STEP_HOURS / memory_hours))
    shocks = rng.standard_normal(size) * np.sqrt(1 - keep**2)
    shocks[0] = rng.standard_normal()
    noise: Series = lfilter([1.0], [1.0, -keep], shocks)
    return noise
