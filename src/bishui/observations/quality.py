"""Quality control (质量控制): which measurements a person should look at, and the numbers that say so.

Findings are proposals. Nothing is changed, left out or flagged here; a flag is made by a person. Every
threshold is a setting of the rules ``quality``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.observations.findings import ERROR, FINDINGS, NOTICE, WARNING, Found, evidence_maps
from bishui.observations.numbers import PUBLISHED_CLASS, bounds
from bishui.observations.quality_copies import Copies
from bishui.observations.quality_drift import drifting
from bishui.observations.quality_kernels import compiled
from bishui.observations.schema import TIME_TYPE, VALUE_TYPE, Mark, Source
from bishui.observations.series import SOURCES, Series, series_by_sites
from bishui.observations.values import CODE
from bishui.standards import Rules
from bishui.standards import rules as rules_of

_HOUR = 3600
_AUTOMATIC = SOURCES.index(Source.AUTOMATIC)
_SKIPPED = frozenset((PUBLISHED_CLASS,))


def check(
    measurements: pa.Table,
    sites: pa.Table | None = None,
    *,
    rules: Rules | None = None,
    copies: Copies | None = None,
) -> pa.Table:
    """Look for doubtful values, repeats, contradictions and gaps.

    Parameters
    ----------
    measurements
        `MEASUREMENTS`, in any order. Values of rows marked offline are not looked at.
    sites
        `SITES`; where given, rows of sites that it does not name are left out.
    rules
        Rules of the method ``quality``; without them those in force on the last day of the table.
    copies
        Where the table is a part of what is checked: collects the stretches that are compared across parts,
        and is asked by the caller for what it found. Without it the sites of this table are compared.

    Returns
    -------
    pa.Table
        `FINDINGS`, sorted by site, time, item and rule. The same rows in another order give the same table.

    Notes
    -----
    Single rules: impossible value, instrument range (量程), repeated value (连续相同), jump (突变), part
    above whole (氨氮大于总氮 …), duplicates within and across sources, stuck at the detection limit, copied
    stretch (雷同数据), slow drift (缓慢漂移), gap.
    """
    if sites is not None:
        known = pa.concat_arrays([sites["id"].combine_chunks(), sites["name"].combine_chunks()])
        measurements = measurements.filter(pc.is_in(measurements["site"], value_set=known))
    if not measurements.num_rows:
        return FINDINGS.empty_table()
    rules = rules or rules_of("quality", _last_day(measurements))
    compared = copies or Copies(rules)
    tables = [FINDINGS.empty_table()]
    for series in series_by_sites(measurements, _SKIPPED):
        tables += [_table(found, series, rules) for found in _all(series, rules) if len(found.first)]
        compared.add(series)
    if copies is None:
        tables.append(compared.found())
    order = [
        (name, "ascending") for name in ("site", "time_from", "item", "rule", "source", "other_item", "count")
    ]
    return pa.concat_tables(tables).sort_by(order).combine_chunks()


def _last_day(measurements: pa.Table) -> date:
    last: datetime = pc.max(measurements["time"]).as_py()
    return last.date()


def _all(series: Series, rules: Rules) -> Iterator[Found]:
    yield from _impossible(series)
    yield from _outside_instrument(series, rules)
    yield _repeated(series, rules)
    yield _jumps(series, rules)
    yield from _parts(series, rules)
    yield _duplicates_within(series)
    yield from _duplicates_across(series, rules)
    yield _stuck(series, rules)
    yield drifting(series, rules)
    yield _gaps(series, rules)


def _impossible(series: Series) -> Iterator[Found]:
    """Values that the item cannot have: a slip of the pen, a wrong unit."""
    for item in series.items:
        places = _of_item(series, series.counted, item)
        yield from _outside("impossible_value", series, places, bounds(item), ERROR)


def _outside_instrument(series: Series, rules: Rules) -> Iterator[Found]:
    """Automatic values outside the range of the instrument, as it stood on the day."""
    automatic = series.counted[series.source[series.counted] == _AUTOMATIC]
    for item in series.items:
        name = f"instrument_range.{item}"
        if name not in rules.settings:
            continue
        places = _of_item(series, automatic, item)
        spans = [(_second(day), Decimal(low), Decimal(high)) for day, low, high in rules[name]]
        for place, (start, low, high) in enumerate(spans):
            end = spans[place + 1][0] if place + 1 < len(spans) else 2**62
            its = places[(series.seconds[places] >= start) & (series.seconds[places] < end)]
            yield from _outside("instrument_range", series, its, (low, high), WARNING)


def _second(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def _of_item(series: Series, places: np.ndarray, item: str) -> np.ndarray:
    its: np.ndarray = places[series.item[places] == series.items.index(item)]
    return its


def _outside(
    rule: str, series: Series, places: np.ndarray, bound: tuple[Decimal | None, Decimal | None], severity: str
) -> Iterator[Found]:
    """Yield the values below the lowest and above the highest that may be, both of which are fine."""
    low, high = bound
    for end, wrong in (
        (low, None if low is None else series.value[places] < float(low)),
        (high, None if high is None else series.value[places] > float(high)),
    ):
        if wrong is None or not wrong.any():
            continue
        its = places[wrong]
        yield Found(
            rule,
            its,
            its,
            severity,
            1,
            series.values(its),
            pa.array([end] * len(its), VALUE_TYPE),
            None,
            {
                "low": ["" if low is None else low] * len(its),
                "high": ["" if high is None else high] * len(its),
            },
        )


def _runs(series: Series, places: np.ndarray, same: np.ndarray, least: int, hours: int) -> Any:
    """Return first and last places and lengths of runs of automatic rows.

    `same` tells for each place but the first whether it goes on with the run of the one before.
    """
    if not places.size:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    begin = np.flatnonzero(np.concatenate(([True], ~same)))
    end = np.concatenate((begin[1:], [len(places)])) - 1
    length = end - begin + 1
    long = (length >= least) & (series.seconds[places[end]] - series.seconds[places[begin]] >= hours * _HOUR)
    return places[begin[long]], places[end[long]], length[long]


def _hours(series: Series, first: np.ndarray, last: np.ndarray) -> list[float]:
    hours: list[float] = ((series.seconds[last] - series.seconds[first]) / _HOUR).tolist()
    return hours


def _repeated(series: Series, rules: Rules) -> Found:
    """The same digits again and again: an instrument that stands still."""
    places = series.valid[series.source[series.valid] == _AUTOMATIC]
    measured = series.mark[places] == CODE[Mark.MEASURED]
    same = (
        (np.diff(series.value[places]) == 0)
        & (np.diff(series.number[places]) == 0)
        & measured[1:]
        & measured[:-1]
    )
    first, last, count = _runs(series, places, same, rules["repeated_least"], rules["repeated_hours"])
    evidence = {"hours": _hours(series, first, last), "least": [rules["repeated_least"]] * len(first)}
    return Found("repeated_value", first, last, WARNING, count, series.values(first), None, None, evidence)


def _stuck(series: Series, rules: Rules) -> Found:
    """Nothing but "below detection" for long: a dead sensor, or truly clean water."""
    places = series.valid[series.source[series.valid] == _AUTOMATIC]
    below = series.mark[places] == CODE[Mark.BELOW_DETECTION]
    places = places[below]
    order = np.flatnonzero(below)
    same = (np.diff(order) == 1) & (np.diff(series.number[places]) == 0)
    first, last, count = _runs(series, places, same, rules["stuck_least"], rules["stuck_hours"])
    evidence = {"hours": _hours(series, first, last), "least": [rules["stuck_least"]] * len(first)}
    return Found(
        "stuck_at_detection_limit", first, last, NOTICE, count, series.values(first), None, None, evidence
    )


def _jumps(series: Series, rules: Rules) -> Found:
    """A value far from the median of its neighbours, measured by their median absolute deviation."""
    places = series.measured
    starts = series.starts(places)
    head = places[starts[:-1]] if places.size else places
    floors = np.array([_setting(rules, f"jump_floor.{item}") for item in series.items])
    spans = np.array([_span(rules, source) for source in SOURCES], dtype=np.int64)
    median, spread = np.full(len(places), np.nan), np.full(len(places), np.nan)
    if places.size:
        compiled()(
            starts,
            series.seconds[places],
            series.value[places],
            floors[series.item[head]],
            spans[series.source[head]],
            float(rules["jump_share"]),
            int(rules["jump_neighbours"]),
            int(rules["jump_least"]),
            float(rules["jump_factor"]),
            median,
            spread,
        )
    found = np.flatnonzero(~np.isnan(median))
    its, middle, wide = places[found], median[found], spread[found]
    off = series.value[its] - middle
    limit = middle + np.sign(off) * float(rules["jump_factor"]) * wide
    deviations = np.divide(np.abs(off), wide, out=np.full(len(its), np.inf), where=wide > 0)
    evidence = {"median": middle.tolist(), "spread": wide.tolist(), "deviations": deviations.tolist()}
    bound = pa.array(np.round(limit, 6)).cast(pa.decimal128(28, 6), safe=False).cast(VALUE_TYPE)
    return Found("jump", its, its, NOTICE, 1, series.values(its), bound, None, evidence)


def _setting(rules: Rules, name: str) -> float:
    return float(rules[name]) if name in rules.settings else 0.0


def _span(rules: Rules, source: Source) -> int:
    name = f"jump_hours.{'automatic' if source is Source.AUTOMATIC else 'manual'}"
    return int(rules[name]) * _HOUR


def _parts(series: Series, rules: Rules) -> Iterator[Found]:
    """A part above its whole at one site and time, by the same source."""
    for name in rules.settings:
        if not name.startswith("parts."):
            continue
        whole = name.removeprefix("parts.")
        for parts in rules[name]:
            if whole in series.items and set(parts) <= set(series.items):
                yield _parts_above(series, list(parts), whole, float(rules["part_share"]))


def _parts_above(series: Series, parts: list[str], whole: str, share: float) -> Found:
    places = [_of_item(series, series.measured, part) for part in parts]
    base = _of_item(series, series.valid, whole)
    base = base[~np.isnan(series.value[base])]
    key = _sampling(series, base)
    for its in places:
        key = np.intersect1d(key, _sampling(series, its), assume_unique=True)
    base = base[np.searchsorted(_sampling(series, base), key)]
    places = [its[np.searchsorted(_sampling(series, its), key)] for its in places]
    # Sums of decimals as floats are off by a few units of the fifteenth digit: no difference of a result.
    total = np.sum([series.value[its] for its in places], axis=0) if len(base) else np.zeros(0)
    above = total > series.value[base] * (1 + 1e-12)
    found, base = [its[above] for its in places], base[above]
    sums = series.values(found[0])
    for its in found[1:]:
        sums = pc.add(sums, series.values(its)).cast(VALUE_TYPE)
    excess = (total[above] - series.value[base]) > share * series.value[base]
    below = series.mark[base] == CODE[Mark.BELOW_DETECTION]
    return Found(
        "part_above_whole",
        found[0],
        found[0],
        [WARNING if its else NOTICE for its in excess.tolist()],
        len(parts) + 1,
        sums,
        series.values(base),
        [whole] * len(base),
        {
            "part": ["+".join(parts)] * len(base),
            "whole_below_detection": ["yes" if its else "no" for its in below.tolist()],
        },
    )


def _sampling(series: Series, places: np.ndarray) -> np.ndarray:
    """Return one ascending code per site, source and time, for rows of one item."""
    group = series.site[places].astype(np.int64) * len(SOURCES) + series.source[places]
    start, end = int(series.seconds.min()), int(series.seconds.max())
    codes: np.ndarray = group * (end - start + 1) + (series.seconds[places] - start)
    return codes


def _duplicates_within(series: Series) -> Found:
    """Several results of one source for one site, item and time."""
    places = series.numbered
    same = (np.diff(series.number[places]) == 0) & (np.diff(series.seconds[places]) == 0)
    begin = np.flatnonzero(np.concatenate(([True], ~same))) if places.size else places
    end = np.concatenate((begin[1:], [len(places)])) - 1 if places.size else places
    several = end > begin
    first, last = places[begin[several]], places[end[several]]
    count = end[several] - begin[several] + 1
    low, high = (op.reduceat(series.value[places], begin)[several] if places.size else np.zeros(0)
                 for op in (np.minimum, np.maximum))  # fmt: skip
    equal = (low == high) & (series.mark[first] == series.mark[last])
    return Found(
        "duplicate_within",
        first,
        last,
        [NOTICE if its else WARNING for its in equal.tolist()],
        count,
        series.values(first),
        series.values(last),
        None,
        {"equal": ["yes" if its else "no" for its in equal.tolist()]},
        unflagged=equal,
    )


def _duplicates_across(series: Series, rules: Rules) -> Iterator[Found]:
    """One site, item and time told by two sources."""
    places = series.measured
    key = series.number[places] // len(SOURCES)
    start, end = int(series.seconds.min()), int(series.seconds.max())
    key = key * (end - start + 1) + (series.seconds[places] - start)
    share = float(rules["sources_differ_share"])
    for one in range(len(SOURCES)):
        for other in range(one + 1, len(SOURCES)):
            left, right = (places[series.source[places] == its] for its in (one, other))
            first, second = (key[series.source[places] == its] for its in (one, other))
            _, mine, theirs = np.intersect1d(first, second, assume_unique=True, return_indices=True)
            yield _across(series, left[mine], right[theirs], share)


def _across(series: Series, left: np.ndarray, right: np.ndarray, share: float) -> Found:
    mean = (np.abs(series.value[left]) + np.abs(series.value[right])) / 2
    off = np.abs(series.value[left] - series.value[right])
    relative = np.divide(off, mean, out=np.zeros(len(left)), where=mean > 0)
    return Found(
        "duplicate_across",
        left,
        left,
        [WARNING if its > share else NOTICE for its in relative.tolist()],
        2,
        series.values(left),
        series.values(right),
        None,
        {
            "other_source": [str(SOURCES[its]) for its in series.source[right].tolist()],
            "relative_difference": relative.tolist(),
        },
    )


def _gaps(series: Series, rules: Rules) -> Found:
    """Stretches without a valid value, longer than the series' own interval allows."""
    places = series.valid
    starts = series.starts(places)
    step = np.diff(series.seconds[places], prepend=0) if places.size else np.zeros(0, dtype=np.int64)
    usual = _usual_intervals(step, starts, int(rules["gap_values"]))
    size = np.diff(starts)
    interval = np.repeat(usual, size)
    inside = np.ones(len(places), dtype=bool)
    inside[starts[:-1][size > 0]] = False
    missing = np.zeros(len(places), dtype=np.int64)
    known = inside & (interval > 0)
    missing[known] = np.rint(step[known] / interval[known]).astype(np.int64) - 1
    least = np.full(len(SOURCES), int(rules["gap_missing.manual"]))
    least[_AUTOMATIC] = int(rules["gap_missing.automatic"])
    found = np.flatnonzero(known & (missing >= least[series.source[places]]))
    # Times, not rows: the same rows imported again say nothing more.
    time = np.cumsum(np.diff(series.seconds, prepend=series.seconds[:1]) != 0)
    silent = time[places[found]] - time[places[found - 1]] - 1
    evidence = {
        "interval_hours": (interval[found] / _HOUR).tolist(),
        "hours": (step[found] / _HOUR).tolist(),
        "rows_without_number": silent.tolist(),
    }
    return Found("gap", places[found - 1], places[found], NOTICE, missing[found], None, None, None, evidence)


def _usual_intervals(step: np.ndarray, starts: np.ndarray, least: int) -> np.ndarray:
    """Return the median interval of each series in seconds, 0 where it has too few values."""
    usual = np.zeros(len(starts) - 1)
    for number, (first, end) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
        if end - first >= max(least, 2):
            usual[number] = np.median(step[first + 1 : end])
    return usual


def _table(found: Found, series: Series, rules: Rules) -> pa.Table:
    """Return the findings of one rule as rows of `FINDINGS`."""
    size = len(found.first)
    proposed = dict(entry.split("=", 1) for entry in rules["flag"]).get(found.rule)
    unflagged = np.zeros(size, dtype=bool) if found.unflagged is None else found.unflagged
    severity = [found.severity] * size if isinstance(found.severity, str) else list(found.severity)
    inner = 1 if found.rule == "gap" else 0
    columns = [
        pa.array([found.rule] * size),
        _words(series.sites, series.site[found.first]),
        _words(series.items, series.item[found.first]),
        _words([str(source) for source in SOURCES], series.source[found.first]),
        pa.array(series.seconds[found.first] + inner).cast(TIME_TYPE),
        pa.array(series.seconds[found.last] - inner).cast(TIME_TYPE),
        pa.array(severity),
        pa.array(np.broadcast_to(np.asarray(found.count, dtype=np.int32), size)),
        found.value if found.value is not None else pa.nulls(size, VALUE_TYPE),
        found.limit if found.limit is not None else pa.nulls(size, VALUE_TYPE),
        pa.array(found.other_item or [None] * size, pa.string()),
        pa.array([proposed] * size, pa.string(), mask=unflagged),
        evidence_maps(found.evidence, size),
        pa.array([rules.version] * size),
    ]
    return pa.table(columns, schema=FINDINGS)


def _words(words: list[str], codes: np.ndarray) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(codes))
