"""The store of measurements: append, corrections and a read of what counts, four importers at once.

    python benchmarks/store.py [--rows 1000000] [--json OUT]

Beside it the plain part of the same: polars joins and writes one Parquet file (no log, no exactly-once, not
flushed to the disk), deltalake merges the corrections into the table by their key and reads it. A correction
of ours is an import like another, so its price is an append and the read that lets it count.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from bishui.observations import MEASUREMENTS, MeasurementStore

ITEMS = ("codmn", "nh3n", "tp", "tn")
SITES = 100
KEY = ("site", "time", "item", "source")
IMPORTERS = 4


def rows(count: int, seed: int, first: str = "2024-01-01T00") -> pa.Table:
    """Return measurements at each site and item every hour from a time on."""
    rng = np.random.default_rng(seed)
    length = max(1, count // (SITES * len(ITEMS)))
    count = length * SITES * len(ITEMS)
    words = np.zeros((count, 2), np.int64)
    words[:, 0] = rng.integers(1, 9999, count) * 10**7
    hours = np.datetime64(first, "s") + np.arange(length) * np.timedelta64(1, "h")
    series = np.repeat(np.arange(SITES * len(ITEMS)), length)
    columns = {
        "site": pa.array([f"site-{its:03}" for its in range(SITES)]).take(pa.array(series // len(ITEMS))),
        "item": pa.array(ITEMS).take(pa.array(series % len(ITEMS))),
        "time": pa.array(np.tile(hours, SITES * len(ITEMS))),
        "value": pa.Array.from_buffers(pa.decimal128(28, 10), count, [None, pa.py_buffer(words)]),
        "mark": pa.repeat(pa.scalar("measured"), count),
        "source": pa.repeat(pa.scalar("automatic"), count),
        "row": pa.array(np.arange(2, count + 2, dtype=np.int32)),
    }
    arrays = [
        columns[field.name].cast(field.type) if field.name in columns else pa.nulls(count, field.type)
        for field in MEASUREMENTS
    ]
    return pa.table(arrays, schema=MEASUREMENTS)


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Return the wall-clock seconds of one run, and its answer."""
    begin = time.perf_counter()
    answer = run()
    return time.perf_counter() - begin, answer


def ours(folder: Path, first: pa.Table, corrections: pa.Table) -> dict[str, float]:
    """Append the rows, then the corrections, and read what counts."""
    store = MeasurementStore(folder)
    append, _ = timed(lambda: store.append("first", first))

    def correct() -> pa.Table:
        store.append("corrections", corrections)
        return store.read(imports=store.imports())

    merge, found = timed(correct)
    assert found.num_rows == first.num_rows
    corrected = found.filter(pa.compute.equal(found["import_id"], "corrections"))
    assert corrected.num_rows == corrections.num_rows
    return {"append": append, "corrections": merge}


def by_deltalake(folder: Path, first: pa.Table, corrections: pa.Table) -> dict[str, float]:
    """Write with deltalake, merge by the key, and read."""
    first, corrections = (
        table.set_column(table.schema.get_field_index("time"), "time", table["time"].cast(pa.timestamp("us")))
        for table in (first, corrections)
    )
    append, _ = timed(lambda: write_deltalake(folder, first))

    def correct() -> pa.Table:
        same = " and ".join(f"old.{name} = new.{name}" for name in KEY)
        table = DeltaTable(folder)
        table.merge(corrections, same, source_alias="new", target_alias="old").when_matched_update_all(
        ).when_not_matched_insert_all().execute()  # fmt: skip
        return table.to_pyarrow_dataset().to_table()

    merge, found = timed(correct)
    assert found.num_rows == first.num_rows
    return {"append": append, "corrections": merge}


def by_polars(folder: Path, first: pa.Table, corrections: pa.Table) -> dict[str, float]:
    """Write one Parquet file; correct by an anti-join, and write and read it again."""
    folder.mkdir()
    file = folder / "rows.parquet"
    append, _ = timed(lambda: pl.from_arrow(first).write_parquet(file))

    def correct() -> pl.DataFrame:
        new = pl.from_arrow(corrections)
        kept = pl.read_parquet(file).join(new, on=list(KEY), how="anti")
        pl.concat([kept, new]).write_parquet(file)
        return pl.read_parquet(file)

    merge, found = timed(correct)
    assert found.height == first.num_rows
    return {"append": append, "corrections": merge}


def _import(folder: Path, number: int, count: int, start: Any) -> None:
    table = rows(count, number, f"202{number}-01-01T00")
    start.wait()
    MeasurementStore(folder, lock_timeout=600).append(f"import-{number}", table)


def at_once(folder: Path, count: int) -> float:
    """Let several processes import at once; return the seconds until the last one has."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(IMPORTERS + 1)
    workers = [
        context.Process(target=_import, args=(folder, number, count, start)) for number in range(IMPORTERS)
    ]
    for worker in workers:
        worker.start()
    start.wait()
    begin = time.perf_counter()
    for worker in workers:
        worker.join()
    spent = time.perf_counter() - begin
    store = MeasurementStore(folder)
    wanted = sum(rows(count, number).num_rows for number in range(IMPORTERS))
    assert store.read(imports=store.imports()).num_rows == wanted
    return spent


RUNS: dict[str, Callable[[Path, pa.Table, pa.Table], dict[str, float]]] = {
    "bishui": ours,
    "deltalake": by_deltalake,
    "polars": by_polars,
}


def main() -> int:
    """Run all and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    first, corrections = rows(options.rows, 1), rows(options.rows // 4, 2)
    results: dict[str, Any] = {"rows": first.num_rows, "corrected": corrections.num_rows}
    with tempfile.TemporaryDirectory() as temporary:
        for name, run in RUNS.items():
            run(Path(temporary) / f"warm-{name}", first.slice(0, 1000), first.slice(0, 100))
            results[name] = run(Path(temporary) / name, first, corrections)
        four = at_once(Path(temporary) / "four", options.rows // IMPORTERS)
    print(f"{first.num_rows:,} rows appended, {corrections.num_rows:,} of them corrected and all read again")
    for name in RUNS:
        its = results[name]
        print(
            f"  {name:<10} append {first.num_rows / its['append']:>12,.0f} rows/s"
            f"   corrections {corrections.num_rows / its['corrections']:>12,.0f} rows/s"
            f"   {its['append'] / results['bishui']['append']:6.2f} x and"
            f" {its['corrections'] / results['bishui']['corrections']:6.2f} x the time of ours"
        )
    rate = options.rows / four
    print(f"  {IMPORTERS} importers at once: {rate:,.0f} rows/s together; nothing lost, nothing twice")
    results["importers"] = {"seconds": four, "rows_per_second": rate}
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    reached = corrections.num_rows / results["bishui"]["corrections"] >= 100_000
    print(f"wanted: corrections at 100,000 rows/s or more -> {'reached' if reached else 'MISSED'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
