"""How long a read of one site takes from a store filled day by day, before its files are joined and after.

    python benchmarks/one_site.py [--imports 200] [--rounds 15] [--json OUT]

The store is invented: 200 stations with nine items every four hours, one import a day. Ours goes from the log
to the rows that count; pyarrow and polars only filter the same files by site. Times are seconds of CPU time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.compute as pc
import pyarrow.dataset as pd

sys.path.insert(0, str(Path(__file__).parent))
import province
from bishui.observations import MeasurementStore

STATIONS = 200
#: Seconds of CPU time for a read of one site, once the files are joined.
WANTED = 0.05


def filled(folder: Path, imports: int) -> MeasurementStore:
    """Return a store with an import of each day."""
    province.SITES = STATIONS
    store = MeasurementStore(folder)
    begin = np.datetime64("2024-01-01T00", "s")
    for day in range(imports):
        first = begin + np.timedelta64(day, "D")
        times = np.arange(first, first + np.timedelta64(1, "D"), province.STEP)
        store.append(f"day-{day:04}", province.table(times, day))
    return store


def by_bishui(store: MeasurementStore, imports: set[str], site: str) -> int:
    """Read what counts of the site."""
    return store.read(imports=imports, sites=[site]).num_rows


def by_pyarrow(store: MeasurementStore, _imports: set[str], site: str) -> int:
    """Filter the files, groups of rows left out by their statistics."""
    return int(pd.dataset(store.files()).to_table(filter=pc.field("site") == site).num_rows)


def by_polars(store: MeasurementStore, _imports: set[str], site: str) -> int:
    """Filter the files, groups of rows left out by their statistics."""
    return pl.scan_parquet(store.files()).filter(pl.col("site") == site).collect().height


RUNS: dict[str, Callable[[MeasurementStore, set[str], str], int]] = {
    "bishui": by_bishui,
    "pyarrow": by_pyarrow,
    "polars": by_polars,
}


def measure(store: MeasurementStore, rounds: int) -> dict[str, float]:
    """Return the median CPU time of each; all must find the same number of rows."""
    found: dict[str, float] = {}
    imports = store.imports()
    sites = [f"station-{its:04}" for its in range(7, STATIONS, STATIONS // rounds)][:rounds]
    for name, run in RUNS.items():
        run(store, imports, sites[0])
        spent = []
        for site in sites:
            begin = time.process_time()
            rows = run(store, imports, site)
            spent.append(time.process_time() - begin)
            assert rows == by_bishui(store, imports, site) > 0
        found[name] = statistics.median(spent)
    return found


def main() -> int:
    """Fill, measure, join the files and measure again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--imports", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict[str, Any] = {"imports": options.imports}
    with tempfile.TemporaryDirectory() as temporary:
        store = filled(Path(temporary) / "store", options.imports)
        for state in ("as imported", "joined"):
            if state == "joined":
                begin = time.process_time()
                store.compact()
                results["joining"] = time.process_time() - begin
            found = measure(store, options.rounds)
            results[state] = {"files": len(store.files()), **found}
            print(f"{state}, {len(store.files())} files")
            for name, spent in found.items():
                print(
                    f"  {name:<8} {spent * 1e3:8.1f} ms   {spent / found['bishui']:6.2f} x the time of ours"
                )
    print(f"joining took {results['joining']:.2f} s")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    reached = results["joined"]["bishui"] <= WANTED
    print(f"wanted: one site within {WANTED} s, joined -> {'reached' if reached else 'MISSED'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
