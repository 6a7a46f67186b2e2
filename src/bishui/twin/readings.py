"""What the city's instruments and laboratory report: rounding, marks, gaps, faults."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bishui.observations.schema import MEASUREMENTS, VALUE_SCALE, VALUE_TYPE, Mark, Source
from bishui.twin.city import load
from bishui.twin.model import City, Section
from bishui.twin.water import Setting, simulate
from bishui.twin.weather import STEPS_PER_DAY, Series, make_weather

Record = Mapping[str, Any]
Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.datetime64]

#: Marks in the order of their codes inside this module.
MARKS = (Mark.MEASURED, Mark.BELOW_DETECTION, Mark.NO_READING, Mark.OFFLINE)
_MEASURED, _BELOW, _NONE, _OFFLINE = range(4)
#: Share of analysers that show no number during maintenance.
_DARK_IN_MAINTENANCE = 0.67


@dataclass(frozen=True, slots=True)
class ItemReadings:
    """Readings of one item: when, what the water held, which of `MARKS`, and whether a number is shown."""

    time: Times
    values: Series
    marks: npt.NDArray[np.int_]
    shown: Mask
    source: Source

    def where(self, kept: Mask) -> ItemReadings:
        """Return some of the readings."""
        marks, shown = self.marks[kept], self.shown[kept]
        return ItemReadings(self.time[kept], self.values[kept], marks, shown, self.source)


def measure(city: City) -> pa.Table:
    """Return all measurements of the city's year; the full contract stands at `City.measurements`."""
    climate, items = load("climate.toml"), load("items.toml")["item"]
    seeds = np.random.SeedSequence(city.seed).spawn(1 + len(city.sections))
    weather_rng, *section_rngs = (np.random.default_rng(seed) for seed in seeds)
    setting = Setting(make_weather(city.year, climate, city.events, weather_rng), climate, items, city.events)
    parts = []
    for section, rng in zip(city.sections, section_rngs, strict=True):
        report = _automatic if section.monitoring == "automatic" else laboratory
        water = simulate(section, setting, rng)
        for item, readings in report(section, water, setting, rng):
            parts.append(item_rows(section.id, item, readings))
    return in_order(parts)


def in_order(parts: Sequence[pa.Table]) -> pa.Table:
    """Return rows of several items and sites as one table, ordered by site, time and item."""
    order = [("site", "ascending"), ("time", "ascending"), ("item", "ascending")]
    return pa.concat_tables(parts).combine_chunks().sort_by(order)


def _during(setting: Setting, effect: str, section: Section, time: Times, item: str | None = None) -> Mask:
    """Return where `time` lies in an event of `effect` at `section` (and on `item`)."""
    inside = np.zeros(time.size, dtype=bool)
    for event in setting.events:
        if event.effect != effect or section.id not in event.sites:
            continue
        if item is not None and event.items and item not in event.items:
            continue
        inside |= (time >= np.datetime64(event.start, "s")) & (time <= np.datetime64(event.end, "s"))
    return inside


def _automatic(
    section: Section, water: Mapping[str, Series], setting: Setting, rng: np.random.Generator
) -> list[tuple[Record, ItemReadings]]:
    """Return what an automatic station (自动站) reports, item by item."""
    time, gaps = setting.weather.time, setting.climate["gaps"]
    kept = rng.random(time.size) >= gaps["row_missing"]
    dead = _during(setting, "offline", section, time)
    repair = _during(setting, "maintenance", section, time)
    offline = _maintenance(time.size, gaps, rng) | repair | dead
    found = []
    for item in setting.items:
        if not item.get("automatic", False):
            continue
        values = _hold(water[item["key"]], _during(setting, "hold", section, time, item["key"]))
        silent = rng.random(time.size) < gaps["item_missing"]
        dark = dead | (offline & (rng.random(time.size) < _DARK_IN_MAINTENANCE))
        marks = np.where(offline, _OFFLINE, np.where(silent, _NONE, _MEASURED))
        readings = ItemReadings(time, values, marks, ~(silent | dark), Source.AUTOMATIC)
        found.append((item, readings.where(kept | dead)))
    return found


def _maintenance(size: int, gaps: Record, rng: np.random.Generator) -> Mask:
    """Return the steps of routine maintenance (例行维护), each a few readings long."""
    between = gaps["maintenance_every_days"] * STEPS_PER_DAY
    starts = np.arange(int(rng.integers(0, between)), size, between)
    inside = np.zeros(size, dtype=bool)
    for start in np.maximum(starts + rng.integers(-STEPS_PER_DAY, STEPS_PER_DAY + 1, starts.size), 0):
        inside[start : start + gaps["maintenance_steps"]] = True
    return inside


def _hold(values: Series, held: Mask) -> Series:
    """Return `values` with one repeated value where the sensor is stuck (卡值)."""
    return np.where(held, values[int(np.argmax(held))], values)


def laboratory(
    section: Section, water: Mapping[str, Series], setting: Setting, rng: np.random.Generator
) -> list[tuple[Record, ItemReadings]]:
    """Return the monthly laboratory samples (手工监测), item by item."""
    time = _sampling_times(int(str(setting.weather.time[0])[:4]), rng)
    nearest = np.searchsorted(setting.weather.time, time, side="right") - 1
    taken = ~_during(setting, "missing", section, time)
    found = []
    for item in setting.items:
        scatter = np.exp(setting.climate["noise"]["laboratory"] * rng.standard_normal(time.size))
        exact = water[item["key"]][nearest]
        values = exact if item["model"] in ("temperature", "ph") else exact * scatter
        marks = np.full(time.size, _MEASURED)
        readings = ItemReadings(time, values, marks, marks == _MEASURED, Source.MANUAL)
        found.append((item, readings.where(taken)))
    return found


def _sampling_times(year: int, rng: np.random.Generator) -> Times:
    """Return one moment a month, between the 4th and the 10th, in the morning."""
    days, hours, tens = rng.integers(0, 7, 12), rng.integers(0, 3, 12), rng.integers(0, 6, 12)
    moments = [
        dt.datetime(year, month, 4 + int(day), 9 + int(hour), 10 * int(ten))
        for month, day, hour, ten in zip(range(1, 13), days, hours, tens, strict=True)
    ]
    return np.array(moments, dtype="datetime64[s]")


def item_rows(site: str, item: Record, readings: ItemReadings) -> pa.Table:
    """Return readings of one item at one site as rows of the measurements table.

    Parameters
    ----------
    item
        Its ``key``, ``unit``, ``decimals`` and, where it has one, ``detection`` (mg/L, as text).
    """
    digits = item["decimals"]
    numbers = np.rint(np.maximum(readings.values, 0.0) * 10**digits).astype(np.int64)
    shown = pa.array(readings.shown)
    marks = readings.marks
    exact = _decimals(numbers, digits)
    raw, value = pc.cast(exact, pa.string()), pc.cast(exact, VALUE_TYPE)
    if (limit := item.get("detection")) is not None:
        below = (marks == _MEASURED) & (readings.values < float(limit))
        marks = np.where(below, _BELOW, marks)
        value = pc.if_else(pa.array(below), pa.scalar(Decimal(limit), VALUE_TYPE), value)
        raw = pc.if_else(pa.array(below), pa.scalar(f"{limit}L"), raw)
    rows = len(numbers)
    words = pa.array([str(mark) for mark in MARKS])
    columns = {
        "import_id": pa.nulls(rows, pa.string()),
        "row": pa.nulls(rows, pa.int32()),
        "site": pa.repeat(site, rows),
        "time": pa.array(readings.time, pa.timestamp("s")),
        "item": pa.repeat(item["key"], rows),
        "value": pc.if_else(shown, value, pa.scalar(None, VALUE_TYPE)),
        "mark": words.take(pa.array(marks)),
        "unit": pa.repeat(item["unit"], rows),
        "raw": pc.if_else(shown, raw, pa.scalar("--")),
        "source": pa.repeat(str(readings.source), rows),
    }
    return pa.Table.from_pydict(columns, schema=MEASUREMENTS)


def _decimals(numbers: npt.NDArray[np.int64], digits: int) -> pa.Array:
    """Return integers as decimals with `digits` places, without passing through binary fractions.

    Every value fits: the largest is below 10⁶ with 4 digits, far inside the 18 of a 64-bit integer.
    """
    words = np.empty((numbers.size, 2), dtype=np.int64)
    words[:, 0] = numbers
    words[:, 1] = numbers >> 63
    kind = pa.decimal128(28 - VALUE_SCALE, digits)
    return pa.Array.from_buffers(kind, numbers.size, [None, pa.py_buffer(words.tobytes())])
