"""Flood-season intensity of readings every four hours, and function zones by frequency of monthly samples.

    python benchmarks/flood.py [--sections 100] [--json OUT]

Sections, targets and values are invented. Wanted: at most a second each of one core's time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from bishui.assessment import Period, Zone, assess_zones, flood_season
from bishui.observations import MEASUREMENTS, SITES, TARGETS
from bishui.standards import rules

YEAR = 2024
PER_DAY = 6
#: Item and usual value in thousandths.
FLOOD_ITEMS = {"codmn": 4000, "nh3n": 700, "tp": 150}
ZONE_ITEMS = {"do": 7000, "codmn": 4000, "nh3n": 700, "tp": 150, "cod": 16000, "bod5": 3000}


def readings(sections: int, usual: dict[str, int], times: np.ndarray) -> pa.Table:
    """Return readings of each section and item at each time."""
    rng = np.random.default_rng(20240401)
    count = sections * len(usual) * times.size
    middle = np.tile(np.repeat(list(usual.values()), times.size), sections)
    words = np.zeros((count, 2), np.int64)
    words[:, 0] = np.maximum(np.rint(middle * rng.lognormal(0, 0.3, count) / 10), 1).astype(np.int64) * 10**8
    names = [f"section-{its:03}" for its in range(sections)]
    item = np.repeat(np.arange(len(usual)), times.size)
    columns = {
        "site": pa.array(names).take(pa.array(np.repeat(np.arange(sections), len(usual) * times.size))),
        "time": pa.array(np.tile(times, sections * len(usual))),
        "item": pa.array(list(usual)).take(pa.array(np.tile(item, sections))),
        "value": pa.Array.from_buffers(pa.decimal128(28, 10), count, [None, pa.py_buffer(words)]),
        "mark": pa.repeat(pa.scalar("measured"), count),
        "source": pa.repeat(pa.scalar("automatic"), count),
        "row": pa.array(np.arange(2, count + 2, dtype=np.int32)),
    }  # fmt: skip
    arrays = [
        columns[field.name].cast(field.type) if field.name in columns else pa.nulls(count, field.type)
        for field in MEASUREMENTS
    ]
    return pa.table(arrays, schema=MEASUREMENTS)


def register(sections: int) -> pa.Table:
    """Return the sections: rivers, valid always."""
    names = (f"section-{its:03}" for its in range(sections))
    rows = [{"id": name, "name": name, "kind": "section", "water_type": "river"} for name in names]
    return pa.Table.from_pylist(rows, schema=SITES)


def targets(sections: int) -> pa.Table:
    """Return a target of class Ⅱ–Ⅳ for each section."""
    days = {"period_from": date(YEAR, 1, 1), "period_to": date(YEAR, 12, 31)}
    rows = [
        {"id": f"target-{its}", "site": f"section-{its:03}", "target_class": 2 + its % 3, **days}
        for its in range(sections)
    ]
    return pa.Table.from_pylist(rows, schema=TARGETS)


def seconds(run: Callable[[], object]) -> float:
    """Return the better of two runs, in seconds of one core's time; the first one compiles."""
    spent = []
    for _ in range(2):
        begin = time.process_time()
        run()
        spent.append(time.process_time() - begin)
    return min(spent)


def main() -> int:
    """Time the two and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sections", type=int, default=100)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    count, day = options.sections, np.datetime64(f"{YEAR}-01-01T00", "s")
    every = day + np.arange(366 * PER_DAY) * np.timedelta64(24 // PER_DAY, "h")
    known, goals = register(count), targets(count)
    season, zoned = readings(count, FLOOD_ITEMS, every), readings(count, ZONE_ITEMS, every[:: PER_DAY * 30])
    zones = [Zone(f"zone-{its}", f"zone-{its}", (f"section-{its:03}",), 3) for its in range(count)]
    chosen = rules("function_zone", date(YEAR, 12, 31), method="frequency")
    results = {
        "flood_season": seconds(
            lambda: flood_season(season, goals, year=YEAR, basin="珠江流域", sites=known)
        ),
        "function_zones": seconds(
            lambda: assess_zones(zoned, known, zones, Period.year(YEAR), chosen=chosen)
        ),
    }
    for name, spent in results.items():
        print(f"{name:<16}{count} sections{spent:8.2f} s of CPU time")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0 if max(results.values()) <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
