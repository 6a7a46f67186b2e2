"""Quality control over a province's stored rows: time and memory of every check in one call.

    python benchmarks/quality.py [--rows 20000000]

Invented automatic sites, four-hourly readings of nine items, one reading in two hundred disturbed.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter

import numpy as np
import pyarrow as pa

from bishui.observations import MEASUREMENTS, check

ITEMS = ("wtemp", "ph", "do", "conductivity", "turbidity", "codmn", "nh3n", "tp", "tn")
SITES = 100
SEED = 20_240_305


def measurements(rows: int) -> pa.Table:
    """Return `rows` results, each series a slow wave with two digits."""
    random = np.random.default_rng(SEED)
    series = SITES * len(ITEMS)
    steps = -(-rows // series)
    level = np.tile(np.arange(1, len(ITEMS) + 1), SITES)
    walk = np.sin(np.arange(steps)[:, None] / 50) * 0.3 + random.normal(0, 0.02, (steps, series))
    value = np.round(level + walk, 2).ravel()[:rows]
    disturbed = random.random(rows) < 0.005
    value[disturbed] = np.round(value[disturbed] * 5, 2)
    place = np.arange(rows)
    seconds = (place // series) * 4 * 3600 + 1_262_304_000
    names = pa.array([f"样例断面{number:03d}" for number in range(SITES)])
    site = names.take(pa.array(place % series // len(ITEMS)))
    item = pa.array(ITEMS).take(pa.array(place % len(ITEMS)))
    numbers = pa.array(value).cast(pa.decimal128(28, 2), safe=False).cast(MEASUREMENTS.field("value").type)
    same = pa.array(np.zeros(rows, dtype=np.int8))
    columns = [
        pa.nulls(rows, pa.string()),
        pa.array(place.astype(np.int32)),
        site,
        pa.array(seconds).cast(pa.timestamp("s")),
        item,
        numbers,
        pa.array(["measured"]).take(same),
        pa.nulls(rows, pa.string()),
        pa.nulls(rows, pa.string()),
        pa.array(["automatic"]).take(same),
    ]
    return pa.table(columns, schema=MEASUREMENTS)


def memory() -> float:
    """Return the most memory that the process has held so far, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000_000)
    rows = parser.parse_args().rows
    check(measurements(10_000))
    table = measurements(rows)
    before = memory()
    start = time.perf_counter()
    findings = check(table)
    seconds = time.perf_counter() - start
    print(f"{rows:,} rows, {SITES} sites: {seconds:.2f} s, {rows / seconds / 1e6:.1f} M rows/s")
    print(f"memory at most {memory():.2f} GiB, of which {before:.2f} GiB for the table itself")
    for rule, count in sorted(Counter(findings["rule"].to_pylist()).items()):
        print(f"{rule:<28}{count:>10,} findings")


if __name__ == "__main__":
    main()
