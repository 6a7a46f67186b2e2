"""Instant re-assessment of a city: build once, then each kind of change, beside a full run of pandas.

    python benchmarks/whatif.py [--years 10] [--sections 30] [--stations 30] [--json OUT]

The city has monthly manual samples of 21 items at its sections and four-hourly readings of nine items at its
stations. The pandas run does the plain part of the same work from the same values, in memory: daily means,
monthly means, yearly means, classes, worst class. It does neither exact arithmetic nor targets, rates, ranks.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from bishui.assessment import warm_up
from bishui.assessment.register import Target
from bishui.assessment.whatif.changes import FlagChange, LimitChange
from bishui.assessment.whatif.model import CityModel
from bishui.observations.schema import SITES, TARGETS, VALUE_TYPE
from bishui.standards import Direction, WaterType, items, surface_water

STANDARD = surface_water(date(2024, 1, 1))
STATION = ("wtemp", "ph", "do", "codmn", "nh3n", "tp", "tn", "conductivity", "turbidity")
LEVEL = {"wtemp": 20, "ph": 7.5, "do": 7, "conductivity": 300, "turbidity": 20}
WANTED = 0.2
FIRST_YEAR = 2015


def make(sections: int, stations: int, years: int) -> pa.Table:
    """Return the measurements of the city; about one in ten values of metals is a result at all."""
    rng = np.random.default_rng(20240101)
    end = f"{FIRST_YEAR + years}-01-01"
    hours = np.arange(np.datetime64(f"{FIRST_YEAR}-01-01T00"), np.datetime64(f"{end}T00"), 4)
    months = np.arange(np.datetime64(f"{FIRST_YEAR}-01"), np.datetime64(end, "M")).astype("datetime64[s]")
    parts = [
        part(rng, f"station-{n:02}", item, hours, "automatic") for n in range(stations) for item in STATION
    ]
    parts += [
        part(rng, f"section-{n:02}", item, months + np.timedelta64(5 * 86400, "s"), "manual")
        for n in range(sections)
        for item in STANDARD.deciding_items
    ]
    return pa.concat_tables(parts).combine_chunks()


def part(rng: np.random.Generator, site: str, item: str, times: np.ndarray, source: str) -> pa.Table:
    """Return one series: values around the limit of class II or III, some below detection."""
    limit = STANDARD.limits(item, WaterType.RIVER).get(3)
    level = LEVEL.get(item) or float(limit if isinstance(limit, Decimal) else 1)
    spread = 0.4 if item == "ph" else level * 0.35
    values = np.maximum(rng.normal(level * (1 if item in LEVEL else 0.7), spread, times.size), level * 0.02)
    metal = item in ("cu", "zn", "se", "as", "hg", "cd", "cr6", "pb", "cn", "phenol")
    below = rng.random(times.size) < (0.9 if metal else 0.02 if item in ("nh3n", "tp") else 0)
    values[below] = level * 0.1
    digits = 7 if metal else 3
    count = times.size
    decimals = pa.array(np.round(values, digits)).cast(pa.string()).cast(VALUE_TYPE)
    return pa.table(
        {
            "row": pa.array(np.arange(count, dtype=np.int32)),
            "site": pa.array([site] * count).dictionary_encode().cast(pa.string()),
            "time": pa.array(times.astype("datetime64[s]")),
            "item": pa.array([item] * count),
            "value": decimals,
            "mark": pa.array(np.where(below, "below_detection", "measured")),
            "source": pa.array([source] * count),
        }
    )


def register(sections: int, stations: int, years: int) -> tuple[pa.Table, pa.Table]:
    """Return sites in six divisions, and a target of class III for each."""
    names = [f"section-{n:02}" for n in range(sections)] + [f"station-{n:02}" for n in range(stations)]
    site_rows = [
        {"id": name, "name": name, "kind": "section", "water_type": "river", "division": f"division-{n % 6}"}
        for n, name in enumerate(names)
    ]
    span = {"period_from": date(FIRST_YEAR, 1, 1), "period_to": date(FIRST_YEAR + years - 1, 12, 31)}
    target_rows = [{"id": name, "site": name, "target_class": 3, **span} for name in names]
    return pa.Table.from_pylist(site_rows, SITES), pa.Table.from_pylist(target_rows, TARGETS)


def with_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the worst class by site and month or year, by floats."""
    days = frame.groupby(["site", "item", "day"], observed=True)["value"].mean().reset_index()
    days["month"] = days["day"].to_numpy().astype("datetime64[M]").astype(np.int64)
    months = days.groupby(["site", "item", "month"], observed=True)["value"].mean().reset_index()
    months["year"] = months["month"] // 12
    years = months.groupby(["site", "item", "year"], observed=True)["value"].mean().reset_index()
    found = []
    for table, unit in ((months, "month"), (years, "year")):
        table["rank"] = ranks(table["item"].astype(str).to_numpy(), table["value"].to_numpy())
        found.append(table.groupby(["site", unit], observed=True)["rank"].max().reset_index())
    return pd.concat(found)


def ranks(item: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return the class of float means."""
    found = np.zeros(value.size, np.int8)
    for key in STANDARD.deciding_items:
        chosen = item == key
        mean = np.round(value[chosen], items()[key].evaluation_decimals)
        rank = np.full(mean.size, 6, np.int8)
        for step, limit in reversed(STANDARD.limits(key, WaterType.RIVER).items()):
            if isinstance(limit, tuple):
                met = (mean >= float(limit.low)) & (mean <= float(limit.high))
            elif STANDARD.criteria[key].direction is Direction.MIN:
                met = mean >= float(limit)
            else:
                met = mean <= float(limit)
            rank[met] = step
        found[chosen] = rank
    return found


def timed(run: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Return the median of several runs in seconds, and the last answer."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        answer = run()
        taken.append(time.perf_counter() - begin)
    return float(np.median(taken)), answer


def changes(years: int) -> dict[str, dict[str, Any]]:
    """Return one or two of each kind of change, the far-reaching ones among them."""
    last = FIRST_YEAR + years - 1
    span = {"period_from": date(FIRST_YEAR, 1, 1), "period_to": date(last, 12, 31)}
    own = Target(
        "station-03", "station-03", 2, {"tp": Decimal("0.15")}, **span, source_file=None, source_line=None
    )

    def flag(first: datetime, to: datetime, item: str | None = None) -> FlagChange:
        return FlagChange("new", "station-05", first, to, item=item)

    return {
        "limit: TP, class III": {"limit": LimitChange("tp", 3, Decimal("0.15"))},
        "limit: TP, class II": {"limit": LimitChange("tp", 2, Decimal("0.08"))},
        "target: one station": {"target": own},
        "flag: three days of one item": {"flag": flag(datetime(last, 6, 3), datetime(last, 6, 5), "nh3n")},
        "flag: a year of all items": {"flag": flag(datetime(last, 1, 1), datetime(last, 12, 31, 23))},
        "flag: all years of all items": {
            "flag": flag(datetime(FIRST_YEAR, 1, 1), datetime(last, 12, 31, 23))
        },
        "below detection: zero": {"below_detection": "zero"},
        "setting: no rounding": {"setting": {"round_before_compare": False}},
        "setting: least results a day 4": {"setting": {"min_valid_per_day": 4}},
        "setting: least days a month 29": {"setting": {"min_valid_days_per_month": 29}},
        "setting: manual first": {"setting": {"source_priority": ("manual", "automatic", "unknown")}},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--sections", type=int, default=30)
    parser.add_argument("--stations", type=int, default=30)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    size = (options.sections, options.stations, options.years)
    table = make(*size)
    sites, targets = register(*size)
    warm_up()
    build, model = timed(lambda: CityModel.build(table, sites, targets), 1)
    print(f"{table.num_rows:,} values, {len(model.sites)} sites, {len(model.periods)} periods")
    print(f"  build once                        {build:8.3f} s")
    frame = pd.DataFrame(
        {
            "site": pd.Categorical(table["site"].to_pandas()),
            "item": pd.Categorical(table["item"].to_pandas()),
            "day": table["time"].to_numpy().astype("datetime64[D]"),
            "value": table["value"].cast(pa.float64()).to_numpy(),
        }
    )
    full, _ = timed(lambda: with_pandas(frame), 1)
    print(f"  pandas, the plain part in full    {full:8.3f} s")
    results: dict[str, Any] = {"values": table.num_rows, "build": build, "pandas": full, "changes": {}}
    for name, change in changes(options.years).items():
        seconds, got = timed(lambda change=change: model.change(**change), 5)
        moved = (len(got.months), len(got.years), len(got.rates), len(got.ranks))
        results["changes"][name] = {"seconds": seconds, "ratio": full / seconds, "moved": moved}
        print(
            f"  {name:<34}{seconds:8.3f} s {full / seconds:7.0f} x faster; judged {got.judged} of {got.of};"
            f" moved: months {moved[0]}, years {moved[1]}, rates {moved[2]}, indices {moved[3]}"
        )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    slow = [name for name, entry in results["changes"].items() if entry["seconds"] > WANTED]
    print(f"wanted: every change within {WANTED} s -> {'MISSED: ' + ', '.join(slow) if slow else 'reached'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
