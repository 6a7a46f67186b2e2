"""Readings and registers of a basin as the tables of the house (`bishui.observations.schema`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from bishui.network.tables import Floats
from bishui.observations.schema import MEASUREMENTS, SITES, TARGETS, Mark, Source
from bishui.twin.readings import MARKS, ItemReadings, item_rows
from bishui.twin.scaled.basins import INSTRUMENTS, Basin
from bishui.twin.scaled.parameters import Generator, generator, parameters
from bishui.twin.scaled.series import Readings, Water
from bishui.twin.scaled.surroundings import Surroundings
from bishui.twin.weather import STEP_HOURS

#: Every name begins so: nobody takes the city for a real one.
INVENTED = "虚构"
#: The class that all sections of the city are to reach.
_TARGET = 3


def moments(hours: Iterable[float]) -> np.ndarray:
    """Return hours of the year as times (datetime64[s])."""
    start = np.datetime64(dt.datetime(parameters()["year"], 1, 1), "s")
    return start + np.round(np.asarray(list(hours)) * 3600.0).astype("timedelta64[s]")


def measured(shown: Readings) -> pa.Table:
    """Return what an instrument shows as rows of `MEASUREMENTS`, ordered by item and time."""
    time = moments(np.arange(len(shown.sent)) * STEP_HOURS)[shown.sent]
    offline, number = shown.offline[shown.sent], MARKS.index(Mark.OFFLINE)
    marks = np.where(offline, number, MARKS.index(Mark.MEASURED))
    parts = []
    for row, item in enumerate(parameters()["item"]):
        values = shown.values[shown.sent, row]
        own = dict(item)
        if shown.monitor:
            values, own["key"] = values * item["ratio"], item["monitor"]
        # Instruments show a number also where a laboratory would not vouch for it.
        own.pop("detection")
        parts.append(
            item_rows(shown.about, own, ItemReadings(time, values, marks, ~offline, Source.AUTOMATIC))
        )
    return pa.concat_tables(parts)


def sampled(basin: Basin, waters: Iterable[Water]) -> pa.Table:
    """Return the monthly laboratory samples of all sections as rows of `MEASUREMENTS`."""
    parts = [MEASUREMENTS.empty_table()]
    for place, water in enumerate(waters):
        rng = generator(basin.seed, INSTRUMENTS, basin.number, 4, place)
        hours = _drawn_hours(rng, basin.days)
        scatter = np.exp(
            parameters()["instruments"]["laboratory"]
            * rng.standard_normal((len(hours), len(basin.pollutants)))
        )
        values = water.whole[(hours // STEP_HOURS).astype(int)] * scatter
        time, all_fine = moments(hours), np.full(len(hours), MARKS.index(Mark.MEASURED))
        for row, item in enumerate(parameters()["item"]):
            shown = ItemReadings(time, values[:, row], all_fine, all_fine >= 0, Source.MANUAL)
            parts.append(item_rows(water.section.key, item, shown))
    return pa.concat_tables(parts)


def sampling_hours(basin: Basin, place: int) -> Floats:
    """Return when a section is sampled, in hours of the year."""
    return _drawn_hours(generator(basin.seed, INSTRUMENTS, basin.number, 4, place), basin.days)


def _drawn_hours(rng: Generator, days: int) -> Floats:
    """Return one moment a month, between the 4th and the 11th of about 30 days, in the morning."""
    hours = np.arange(12) * 730.0 + 96.0 + rng.integers(0, 7, 12) * 24.0 + rng.integers(9, 12, 12)
    return np.asarray(hours[hours < days * 24.0], np.float64)


def measured_around(shown: Readings, values: Mapping[str, Floats]) -> pa.Table:
    """Return what a station shows beside its pollutants, whenever it shows anything (`shown`)."""
    time = moments(np.arange(len(shown.sent)) * STEP_HOURS)[shown.sent]
    offline = shown.offline[shown.sent]
    marks = np.where(offline, MARKS.index(Mark.OFFLINE), MARKS.index(Mark.MEASURED))
    kept = {key: series[shown.sent] for key, series in values.items()}
    return _around(shown.about, kept, time, marks, Source.AUTOMATIC)


def sampled_around(section: str, hours: Floats, values: Mapping[str, Floats]) -> pa.Table:
    """Return what is measured in the field when a section is sampled."""
    marks = np.full(len(hours), MARKS.index(Mark.MEASURED))
    return _around(section, values, moments(hours), marks, Source.MANUAL)


def _around(
    section: str, values: Mapping[str, Floats], time: np.ndarray, marks: np.ndarray, source: Source
) -> pa.Table:
    shown = marks == MARKS.index(Mark.MEASURED)
    return pa.concat_tables(
        [
            item_rows(section, item, ItemReadings(time, values[item["key"]], marks, shown, source))
            for item in parameters()["surrounding"]
        ]
    )


def true_water(water: Water, around: Surroundings) -> pa.Table:
    """Return what a section truly holds: m³/s, ℃, mg/L, pH, every four hours."""
    columns: dict[str, Any] = {
        "site": [water.section.key] * len(water.hours),
        "time": pa.array(moments(water.hours), pa.timestamp("s")),
    }
    for item in parameters()["surrounding"]:
        columns[item["key"]] = pa.array(around.of(item["key"]), pa.float32())
    for row, item in enumerate(parameters()["item"]):
        columns[item["key"]] = pa.array(water.whole[:, row], pa.float32())
    return pa.table(columns)


def sites(basin: Basin) -> pa.Table:
    """Return sections and monitored outfalls as `SITES`."""
    first = dt.date(parameters()["year"], 1, 1)
    rows = [_site(section.key, "section", "断面", first) for section in basin.sections]
    rows += [_site(basin.outfall_key(row), "outfall", "排污口", first) for row in basin.monitored]
    return pa.Table.from_pylist(rows, schema=SITES)


def _site(key: str, kind: str, word: str, first: dt.date) -> dict[str, Any]:
    return {
        "id": key,
        "name": f"{INVENTED}{word}{key}",
        "kind": kind,
        "water_type": "river",
        "division": None,
        "valid_from": first,
        "valid_to": None,
    }


def targets(basin: Basin) -> pa.Table:
    """Return the target class of each section, and the permitted concentrations of each monitored outfall."""
    year = parameters()["year"]
    common = {
        "scope": None,
        "period_from": dt.date(year, 1, 1),
        "period_to": dt.date(year, 12, 31),
        "source_file": None,
        "source_line": None,
    }
    rows: list[dict[str, Any]] = [
        common | {"id": f"{s.key}-{year}", "site": s.key, "target_class": _TARGET, "overrides": None}
        for s in basin.sections
    ]
    for row in basin.monitored:
        key = basin.outfall_key(row)
        limits = list(permitted(basin, row).items())
        rows.append(common | {"id": f"{key}-{year}", "site": key, "target_class": None, "overrides": limits})
    return pa.Table.from_pylist(rows, schema=TARGETS)


def permitted(basin: Basin, row: int) -> dict[str, Decimal]:
    """Return what an outfall may discharge (许可浓度), mg/L by item as its monitor names it."""
    return {
        item["monitor"]: Decimal(repr(round(float(basin.permitted[row, place]) * item["ratio"], 2)))
        for place, item in enumerate(parameters()["item"])
    }
