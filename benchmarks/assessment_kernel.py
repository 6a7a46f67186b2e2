"""Monthly means, item classes and the worst class per section: our kernel beside pandas and polars.

    python benchmarks/assessment_kernel.py [--values 20000000] [--cases 1000000] [--json OUT]

All compute the same from the same readings in memory: mean of a day, mean of the daily means of a month,
class of each item, worst class of each section and month. The kernel works from Arrow columns as the
seam has them (words as dictionaries, times, decimals) and on exact fixed-point integers, with marks, sources,
detection limits and counts; "arrays" is its general form from arrays that are coded already; the others get
codes, days and binary floats. The kernel is timed once more with a share of the rows without a reading. Then
it is compared with the plain reference on random cases, ties and class limits among them, and on a year at
the largest value of each item.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from bishui.assessment import kernels, plain, rows
from bishui.assessment.means import ph_unit
from bishui.assessment.scan import Readings
from bishui.assessment.thresholds import half_units, table
from bishui.standards import Direction, WaterType, items, method, surface_water

KEYS = ("ph", "do", "codmn", "nh3n", "tp", "cod", "bod5", "oil")
STANDARD = surface_water(date(2024, 1, 1))
TABLE = table(STANDARD, KEYS, rounded=True)
WHOLE = table(STANDARD, rows.item_keys(), rounded=True)
METHOD = method(date(2024, 1, 1))
DAYS, PER_DAY = 366, 6
#: Sections that the general form and the one from Arrow columns take at a time.
SITES_AT_ONCE, BATCH_OF_SITES = 20, 20
#: Shares of rows without a reading with which the kernel is timed once more.
WITHOUT = (0.01, 0.1)
MONTH_OF_DAY = (
    np.arange(np.datetime64("2024-01-01"), np.datetime64("2025-01-01")).astype("datetime64[M]").astype(int)
    % 12
)


def make(sites: int) -> dict[str, np.ndarray]:
    """Return a year of readings at `sites` sections, sorted by site, item and time."""
    rng = np.random.default_rng(20240101)
    middle = {"ph": 750, "do": 700, "codmn": 450, "nh3n": 60, "tp": 15, "cod": 1600, "bod5": 280, "oil": 3}
    shape = (sites, len(KEYS), DAYS * PER_DAY)
    hundredths = np.empty(shape, np.int64)
    for i, key in enumerate(KEYS):
        level = middle[key] * rng.uniform(0.6, 1.5, (sites, 1)) if key != "ph" else np.full((sites, 1), 750)
        spread = 40 if key == "ph" else np.maximum(level * 0.3, 1)
        hundredths[:, i] = np.maximum(np.rint(rng.normal(level, spread, (sites, DAYS * PER_DAY))), 1)
    units = np.array([half_units(items()[key], Fraction(1, 100)) for key in KEYS])
    series = np.repeat(np.arange(sites * len(KEYS)), DAYS * PER_DAY)
    day = np.tile(np.repeat(np.arange(DAYS), PER_DAY), sites * len(KEYS))
    return {
        "site": (series // len(KEYS)).astype(np.int32),
        "item": (series % len(KEYS)).astype(np.int16),
        "series": series,
        "day": day,
        "fixed": (hundredths * units[None, :, None]).ravel(),
        "value": (hundredths / 100).ravel(),
        "status": np.zeros(series.size, np.uint8),
    }


def arrow(data: dict[str, np.ndarray]) -> pa.Table:
    """Return the readings as Arrow columns."""
    finer = np.array([10 ** (10 - items()[key].scale) for key in KEYS], np.int64)
    words = np.zeros((data["fixed"].size, 2), np.int64)
    words[:, 0] = data["fixed"] // 2 * finer[data["item"]]
    count = data["fixed"].size
    first = np.datetime64("2024-01-01T00", "s").astype(np.int64)
    second = first + np.tile(np.arange(DAYS * PER_DAY), count // (DAYS * PER_DAY)) * (86400 // PER_DAY)
    sites = [f"section-{its:05}" for its in range(int(data["site"][-1]) + 1)]
    constant = pa.array(np.zeros(count, np.int8))
    return pa.table(
        {
            "site": pa.DictionaryArray.from_arrays(pa.array(data["site"]), sites),
            "item": pa.DictionaryArray.from_arrays(pa.array(data["item"].astype(np.int32)), list(KEYS)),
            "time": pa.array(second).view(pa.timestamp("s")),
            "value": pa.Array.from_buffers(pa.decimal128(28, 10), count, [None, pa.py_buffer(words)]),
            "mark": pa.DictionaryArray.from_arrays(constant, ["measured"]),
            "source": pa.DictionaryArray.from_arrays(constant, ["automatic"]),
        }
    )


def without_readings(table: pa.Table, share: float) -> pa.Table:
    """Return the rows with a share of them marked as no reading, whatever their value."""
    missing = np.random.default_rng(1).random(table.num_rows) < share
    words = pa.DictionaryArray.from_arrays(pa.array(missing.astype(np.int8)), ["measured", "no_reading"])
    return table.set_column(table.schema.get_field_index("mark"), "mark", words)


def in_batches(table: pa.Table) -> list[pa.Table]:
    """Return some whole sections at a time."""
    step = BATCH_OF_SITES * len(KEYS) * DAYS * PER_DAY
    return [table.slice(at, step) for at in range(0, table.num_rows, step)]


def from_columns(batches: list[pa.Table]) -> np.ndarray:
    """Run the compiled passes from Arrow columns, some whole sections at a time."""
    return np.concatenate([columns_block(batch) for batch in batches])


def columns_block(batch: pa.Table) -> np.ndarray:
    """Return the worst class by (site, month) of some whole sections."""
    months = Readings(batch, None, METHOD.source_priority, {}).months(METHOD)
    item = months.series % len(months.keys)
    ranks = kernels.item_classes(
        months.state, months.high, months.low, months.denominator, months.hydrogen,
        item, WHOLE.kind, WHOLE.bound, WHOLE.closed, ph_unit(),
    )  # fmt: skip
    section = months.series // len(months.keys) * 12 + months.unit % 12
    return kernels.worst_classes(section, ranks, np.ones(ranks.size, bool), int(section.max()) + 1)


def kernel(data: dict[str, np.ndarray]) -> np.ndarray:
    """Run the compiled passes, some sections at a time, so that what lies between stays in the cache.

    Returns the worst class by (site, month).
    """
    step = SITES_AT_ONCE * len(KEYS) * DAYS * PER_DAY
    columns = (data["key"], data["fixed"], data["status"])
    ends = range(0, data["key"].size, step)
    return np.concatenate([block(*(column[at : at + step] for column in columns)) for at in ends])


def block(key: np.ndarray, fixed: np.ndarray, status: np.ndarray) -> np.ndarray:
    """Return the worst class by (site, month) of some whole sections."""
    starts = kernels.group_starts(key)
    first = key[starts[:-1]]
    series = first // DAYS
    day = first - series * DAYS
    logarithmic = series % len(KEYS) == KEYS.index("ph")
    high, low, used, hydrogen, _, _ = kernels.group_sums(starts, fixed, status, logarithmic, ph_unit(), 1)
    state = (used > 0).astype(np.uint8)
    month = series * 12 + MONTH_OF_DAY[day]
    month_starts = kernels.group_starts(month)
    state, high, low, used, hydrogen, _ = kernels.mean_of_means(
        month_starts, state, high, low, used, hydrogen, 1
    )
    group = month[month_starts[:-1]]
    row = group // 12 % len(KEYS)
    ranks = kernels.item_classes(
        state, high, low, used, hydrogen, row, TABLE.kind, TABLE.bound, TABLE.closed, ph_unit()
    )
    section = group // 12 // len(KEYS) * 12 + group % 12
    section -= section[0]
    return kernels.worst_classes(section, ranks, np.ones(ranks.size, bool), int(section[-1]) + 1)


def float_ranks(item: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Class of float means, vectorised: rounded half to even, then compared."""
    ranks = np.full(mean.size, 6, np.int8)
    for i, key in enumerate(KEYS):
        chosen = item == i
        rounded = np.round(mean[chosen], items()[key].evaluation_decimals)
        found = np.full(rounded.size, 6, np.int8)
        for rank, limit in reversed(STANDARD.limits(key, WaterType.RIVER).items()):
            if isinstance(limit, tuple):
                met = (rounded >= float(limit.low)) & (rounded <= float(limit.high))
            elif STANDARD.criteria[key].direction is Direction.MIN:
                met = rounded >= float(limit)
            else:
                met = rounded <= float(limit)
            found[met] = rank
        ranks[chosen] = found
    return ranks


def with_pandas(frame: pd.DataFrame) -> np.ndarray:
    """The same by pandas: two group-bys, classes vectorised, a third group-by."""
    acid = frame["item"] == KEYS.index("ph")
    frame = frame.assign(value=frame["value"].where(~acid, 10.0 ** -frame["value"]))
    days = frame.groupby(["site", "item", "day"], sort=False)["value"].mean().reset_index()
    days["month"] = MONTH_OF_DAY[days["day"]]
    months = days.groupby(["site", "item", "month"], sort=False)["value"].mean().reset_index()
    item = months["item"].to_numpy()
    mean = months["value"].to_numpy().copy()
    mean[item == KEYS.index("ph")] = -np.log10(mean[item == KEYS.index("ph")])
    months["rank"] = float_ranks(item, mean)
    return months.groupby(["site", "month"])["rank"].max().to_numpy()


def with_polars(frame: pl.DataFrame) -> np.ndarray:
    """The same by polars, lazily, on one thread."""
    acid = pl.col("item") == KEYS.index("ph")
    months = (
        frame.lazy()
        .with_columns(value=pl.when(acid).then(10.0 ** -pl.col("value")).otherwise(pl.col("value")))
        .group_by("site", "item", "day")
        .agg(pl.col("value").mean())
        .with_columns(month=pl.lit(pl.Series(MONTH_OF_DAY)).gather(pl.col("day")))
        .group_by("site", "item", "month")
        .agg(pl.col("value").mean())
        .with_columns(mean=pl.when(acid).then(-pl.col("value").log10()).otherwise(pl.col("value")))
        .collect()
    )
    ranks = float_ranks(months["item"].to_numpy(), months["mean"].to_numpy())
    worst = months.with_columns(rank=pl.Series(ranks)).group_by("site", "month").agg(pl.col("rank").max())
    return worst.sort("site", "month")["rank"].to_numpy()


def timed(run: Callable[[], np.ndarray], times: int) -> tuple[float, np.ndarray]:
    """Return the best of several runs in seconds of one core's time, and the answer."""
    best, answer = float("inf"), np.empty(0)
    for _ in range(times):
        begin = time.process_time()
        answer = run()
        best = min(best, time.process_time() - begin)
    return best, answer


def speeds(values: int) -> dict[str, Any]:
    """Time the three on the same readings and print them."""
    data = make(max(1, values // (len(KEYS) * DAYS * PER_DAY)))
    data["key"] = data["series"] * DAYS + data["day"]
    count = data["fixed"].size
    kernel(make(1) | {"key": np.arange(len(KEYS) * DAYS * PER_DAY) // PER_DAY})
    whole = arrow(data)
    batches = in_batches(whole)
    from_columns(batches[:1])
    ours, answer = timed(lambda: from_columns(batches), 5)
    arrays, by_arrays = timed(lambda: kernel(data), 5)
    columns = {name: data[name] for name in ("site", "item", "day", "value")}
    frame = pl.DataFrame(columns)
    polars, by_polars = timed(lambda: with_polars(frame), 2)
    pandas, by_pandas = timed(lambda: with_pandas(pd.DataFrame(columns)), 1)
    print(f"{count:,} values, {answer.size:,} section-months, one core, seconds of CPU time")
    results: dict[str, Any] = {"values": count}
    for name, seconds, found in (
        ("kernel", ours, answer),
        ("arrays", arrays, by_arrays),
        ("polars", polars, by_polars),
        ("pandas", pandas, by_pandas),
    ):
        differing = int((found != answer).sum())
        print(
            f"  {name:<8}{seconds:8.3f} s {count / seconds / 1e6:9.1f} M values/s"
            f"   kernel is {seconds / ours:6.1f} x   classes unlike the exact ones: {differing}"
        )
        results[name] = {"seconds": seconds, "values_per_second": count / seconds, "differing": differing}
    for share in WITHOUT:
        marked = in_batches(without_readings(whole, share))
        seconds, _ = timed(partial(from_columns, marked), 3)
        results[f"without {share:g}"] = {"seconds": seconds, "values_per_second": count / seconds}
        print(f"  {share:.0%} of the rows without a reading: {count / seconds / 1e6:.1f} M values/s")
    return results


def random_cases(cases: int) -> int:
    """Compare kernel and plain reference on random groups; return how many differ.

    A case is one item mean of 1–4 days with 1–3 readings each, near class limits and rounding ties.
    """
    rng = np.random.default_rng(7)
    item = rng.integers(0, len(KEYS), cases)
    days = rng.integers(1, 5, cases)
    per_day = rng.integers(1, 4, int(days.sum()))
    day_case = np.repeat(np.arange(cases), days)
    row_day = np.repeat(np.arange(per_day.size), per_day)
    row_item = item[day_case[row_day]]
    value = near_limits(rng, row_item)
    status = rng.choice(np.array([0, 0, 0, 1, 2, 6], np.uint8), row_day.size)
    status[(row_item == KEYS.index("ph")) & (status == 1)] = 0
    starts = kernels.group_starts(row_day)
    logarithmic = item[day_case] == KEYS.index("ph")
    high, low, used, hydrogen, _, _ = kernels.group_sums(starts, value, status, logarithmic, ph_unit(), 1)
    state = (used > 0).astype(np.uint8)
    members = kernels.group_starts(day_case)
    state, high, low, den, hydrogen, _ = kernels.mean_of_means(
        members, state, high, low, np.maximum(used, 1), hydrogen, 1
    )
    ranks = kernels.item_classes(
        state, high, low, den, hydrogen, item, TABLE.kind, TABLE.bound, TABLE.closed, ph_unit()
    )
    given = (value.tolist(), status.tolist(), starts.tolist(), members.tolist())
    return sum(
        reference(KEYS[code], case, *given) != int(rank)
        for case, (code, rank) in enumerate(zip(item.tolist(), ranks.tolist(), strict=True))
    )


def near_limits(rng: np.random.Generator, row_item: np.ndarray) -> np.ndarray:
    """Return half units near a class limit, a tie, or anywhere, per row."""
    value = np.empty(row_item.size, np.int64)
    for code, key in enumerate(KEYS):
        chosen = np.flatnonzero(row_item == code)
        item = items()[key]
        step = half_units(item, Fraction(1, 10 ** ((item.evaluation_decimals or 0) + 1)))
        bounds = TABLE.bound[code, : 2 if key == "ph" else 5]
        near = rng.choice(bounds, chosen.size) // step + rng.integers(-6, 7, chosen.size)
        anywhere = rng.integers(1, int(bounds.max() // step) * 2, chosen.size)
        value[chosen] = np.where(rng.random(chosen.size) < 0.8, near, anywhere) * step
    ceiling = half_units(items()["ph"], Fraction(14))
    value[row_item == KEYS.index("ph")] = value[row_item == KEYS.index("ph")].clip(0, ceiling)
    return np.maximum(value, 2)


def reference(
    key: str, case: int, value: list[int], status: list[int], starts: list[int], members: list[int]
) -> int:
    """Return the class of one case by rationals: means, rounding once, comparing as printed."""
    unit = 2 * 10 ** items()[key].scale
    days = []
    for day in range(members[case], members[case + 1]):
        span = range(starts[day], starts[day + 1])
        used = [Fraction(value[i], unit * (1 + status[i])) for i in span if status[i] <= kernels.USED_BELOW]
        if used:
            days.append(used)
    if not days:
        return 0
    if key == "ph":
        found = plain.ph_mean_of_means(days)
        assert found is not None
        mean = Fraction(found)
    else:
        mean = sum((sum(day) / len(day) for day in days), Fraction(0)) / len(days)
    return plain.item_class(STANDARD, key, mean, WaterType.RIVER, rounded=True) or 0


def largest_year() -> int:
    """A year of hourly values at the largest value that each item's scale holds: the mean is that value."""
    wrong = 0
    for key in items():
        value = np.full(366 * 24, (1 << 62) - 2, np.int64)
        days = kernels.group_starts(np.arange(value.size) // 24)
        status = np.zeros(value.size, np.uint8)
        flags = np.zeros(days.size - 1, bool)
        high, low, used, hydrogen, _, _ = kernels.group_sums(days, value, status, flags, ph_unit(), 1)
        months = kernels.group_starts(MONTH_OF_DAY)
        state = np.ones(used.size, np.uint8)
        state, high, low, den, hydrogen, _ = kernels.mean_of_means(
            months, state, high, low, used, hydrogen, 1
        )
        year = np.array([0, 12], np.int64)
        state, high, low, den, _, _ = kernels.mean_of_means(year, state, high, low, den, hydrogen, 1)
        mean = Fraction((int(high[0]) << 64) | int(low[0]), int(den[0]))
        if state[0] != kernels.GOOD or mean != value[0]:
            print(f"  {key}: {mean} != {value[0]}")
            wrong += 1
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--values", type=int, default=20_000_000)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = speeds(options.values)
    begin = time.perf_counter()
    results["cases"], results["cases_differing"] = options.cases, random_cases(options.cases)
    print(
        f"{options.cases:,} random cases against the plain reference: {results['cases_differing']} differ "
        f"({time.perf_counter() - begin:.0f} s)"
    )
    results["largest_year_wrong"] = largest_year()
    print(
        f"a year of hours at the largest value of {len(items())} items: {results['largest_year_wrong']} wrong"
    )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    fast = results["kernel"]["values_per_second"] >= 100e6
    print(f"wanted: at least 100 M values/s and no difference -> {'reached' if fast else 'MISSED'}")
    return 0 if fast and not results["cases_differing"] and not results["largest_year_wrong"] else 1


if __name__ == "__main__":
    sys.exit(main())
