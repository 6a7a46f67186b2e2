"""A result file of the Water Quality Portal: read and harmonised, beside pandas in the same run.

    python benchmarks/wqp.py FILE.csv[.gz]

Bishui maps characteristics, fractions and units to items in exact decimals and accounts for every row.
The peer does the plain part of the same work in floats: read, keep water and the mapped names, numbers,
units, detection limits for non-detects, drop repeats. It accounts for nothing.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from bishui.observations import read_table
from bishui.observations.textforms import load_data
from bishui.standards import items, unit_factor


def with_bishui(path: Path) -> int:
    result = read_table(path)
    counts = Counter(result.account["outcome"].to_pylist())
    assert sum(counts.values()) == result.rows_read
    return result.rows_read


def with_pandas(path: Path) -> int:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    read = len(frame)
    names, factors = _tables(frame)
    frame = frame.drop_duplicates(subset=[name for name in frame.columns if name != "ResultIdentifier"])
    frame = frame[frame["ActivityMediaName"] == "Water"]
    frame["item"] = frame["CharacteristicName"].map(names)
    frame = frame.dropna(subset=["item"])
    unit = frame["ResultMeasure.MeasureUnitCode"]
    number = pd.to_numeric(frame["ResultMeasureValue"], errors="coerce")
    limit = pd.to_numeric(frame["DetectionQuantitationLimitMeasure.MeasureValue"], errors="coerce")
    factor = pd.Series([factors.get(pair) for pair in zip(frame["item"], unit, strict=True)], frame.index)
    frame["below"] = number.isna() & limit.notna()
    frame["value"] = number.fillna(limit) * factor
    frame["time"] = pd.to_datetime(
        frame["ActivityStartDate"] + " " + frame["ActivityStartTime.Time"].replace("", "00:00:00")
    )
    return read


def _tables(frame: pd.DataFrame) -> tuple[dict[str, str], dict[tuple[str, str], float]]:
    """Return name → item and (item, unit) → factor."""
    data = load_data("wqx.toml")
    names = {name: entry["item"] for entry in reversed(data["characteristic"]) for name in entry["names"]}
    factors = {}
    for key in set(names.values()) & set(items()):
        for unit in frame["ResultMeasure.MeasureUnitCode"].unique():
            given, own = data["units"].get(unit.lower(), ("1", unit))
            factor = unit_factor(items()[key], own)
            if factor is not None:
                factors[key, unit] = float(given) * float(factor)
    return names, factors


def measure(name: str, job: Callable[[Path], int], path: Path) -> float:
    """Return the best of three runs."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        rows = job(path)
        best = min(best, time.perf_counter() - start)
    print(f"{name:<32}{rows:>10,} rows {best:>7.2f} s {rows / best:>12,.0f} rows/s")
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    path = parser.parse_args().file
    ours = measure("bishui (exact, accounted for)", with_bishui, path)
    theirs = measure("pandas (float, not accounted)", with_pandas, path)
    print(f"bishui takes {ours / theirs:.2f} times as long")


if __name__ == "__main__":
    main()
