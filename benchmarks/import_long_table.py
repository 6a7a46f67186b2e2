"""Import of a long table: file to durable store, beside pandas and polars in the same run.

    python benchmarks/import_long_table.py [--rows 1000000]

Bishui reads exact decimals, checks units, ranges, repeats and contradictions, accounts for every row and
flushes to the disk; the peers parse binary floats and check nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from deltalake import write_deltalake

from bishui.observations import MeasurementStore, read_table

ITEMS = (
    ("水温", "℃", 1),
    ("pH", "无量纲", 2),
    ("溶解氧", "mg/L", 2),
    ("高锰酸盐指数", "mg/L", 2),
    ("氨氮", "mg/L", 3),
)
SITES = 100
SEED = 20_240_305


def write_input(path: Path, rows: int) -> None:
    """Write `rows` results of invented sites, every four hours, two in a hundred without a plain number."""
    random = np.random.default_rng(SEED)
    times = [
        datetime(2024, 1, 1) + timedelta(hours=4 * step) for step in range(rows // (SITES * len(ITEMS)) + 1)
    ]
    numbers = random.uniform(0.1, 9.9, rows)
    odd = random.integers(0, 100, rows)
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("断面名称,监测时间,项目,结果,单位,标记\n")
        for moment in times:
            stamp = moment.strftime("%Y-%m-%d %H:%M")
            for site in range(SITES):
                for name, unit, digits in ITEMS:
                    if written == rows:
                        return
                    value = f"{numbers[written]:.{digits}f}"
                    value = {0: f"{value}L", 1: "--"}.get(int(odd[written]), value)
                    file.write(f"样例断面{site:03d},{stamp},{name},{value},{unit},\n")
                    written += 1


def with_bishui(source: Path, target: Path) -> int:
    result = read_table(source)
    if result.problems:
        raise SystemExit(f"unexpected: {result.problems[0]}")
    MeasurementStore(target).append("benchmark", result.table)
    return int(result.table.num_rows)


def with_pandas(source: Path, target: Path) -> int:
    frame = pd.read_csv(source)
    frame["监测时间"] = pd.to_datetime(frame["监测时间"]).astype("datetime64[us]")
    frame["结果"] = pd.to_numeric(frame["结果"], errors="coerce")
    frame["year"] = frame["监测时间"].dt.year.astype("int32")
    write_deltalake(target, frame, partition_by=["year"])
    return len(frame)


def with_polars(source: Path, target: Path) -> int:
    frame = pl.read_csv(source, infer_schema=False).with_columns(
        pl.col("监测时间").str.to_datetime("%Y-%m-%d %H:%M", time_unit="us"),
        pl.col("结果").cast(pl.Float64, strict=False),
    )
    frame = frame.with_columns(pl.col("监测时间").dt.year().alias("year"))
    write_deltalake(target, frame, partition_by=["year"])
    return frame.height


def measure(name: str, job: Callable[[Path, Path], int], source: Path, target: Path) -> float:
    start = time.perf_counter()
    rows = job(source, target)
    seconds = time.perf_counter() - start
    print(f"{name:<28}{rows:>10,} rows {seconds:>7.2f} s {rows / seconds:>12,.0f} rows/s")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "long.csv"
        write_input(source, rows)
        print(f"{source.stat().st_size / 1e6:.0f} MB CSV, {rows:,} rows, read and written to a Delta table")
        ours = measure("bishui (exact, checked)", with_bishui, source, Path(folder) / "bishui")
        for name, job in (
            ("pandas (float, unchecked)", with_pandas),
            ("polars (float, unchecked)", with_polars),
        ):
            theirs = measure(name, job, source, Path(folder) / name.split()[0])
            print(f"{'':<28}bishui takes {ours / theirs:.2f} times as long")


if __name__ == "__main__":
    main()
