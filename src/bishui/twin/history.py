"""The years before the city's own (历年手工监测): monthly samples at every section, with slow change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from bishui.twin.city import load
from bishui.twin.model import City, Section
from bishui.twin.readings import in_order, item_rows, laboratory
from bishui.twin.water import Setting, simulate
from bishui.twin.weather import make_weather


def history(city: City) -> pa.Table:
    """Return what the laboratory found in the years before `City.year`.

    Every section was sampled by hand then, once a month; nothing of `City.events` had happened. Ordinary
    levels change from year to year as ``history.toml`` says, so that a trend has a known direction.

    Returns
    -------
    pyarrow.Table
        Schema `bishui.observations.schema.MEASUREMENTS`, ordered by site, time and item; equal cities give
        equal tables.
    """
    climate, items, told = load("climate.toml"), load("items.toml")["item"], load("history.toml")
    parts = []
    for year in range(city.year - told["years"], city.year):
        seeds = np.random.SeedSequence([city.seed, year]).spawn(1 + len(city.sections))
        weather_rng, *section_rngs = (np.random.default_rng(seed) for seed in seeds)
        setting = Setting(make_weather(year, climate, (), weather_rng), climate, items, ())
        for section, rng in zip(city.sections, section_rngs, strict=True):
            then = _as_in(section, city.year - year, told)
            for item, readings in laboratory(then, simulate(then, setting, rng), setting, rng):
                parts.append(item_rows(section.id, item, readings))
    return in_order(parts)


def _as_in(section: Section, years_before: int, told: Mapping[str, Any]) -> Section:
    """Return the section with the levels that it had `years_before` the city's own year."""
    levels = dict(section.levels)
    for change in told["change"]:
        if section.id in change["sections"]:
            for level in change["levels"]:
                levels[level] *= change["yearly"] ** -years_before
    return replace(section, levels=levels)
