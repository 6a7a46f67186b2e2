"""Warning on an invented city with known truth: what is found, how late, and how much is said in vain.

    python benchmarks/warning.py [--size 60] [--days 240] [--seeds held_out|tuning] [--first 0] [--json LINES]
                                 [--without-alerts]

On the readings of automatic stations and of dischargers' own monitors four rules are asked:
  alerts   exceedance of readings, sudden change, silence, as `find_alerts` finds them after every import
  quality  what `check` proposes to look at: repeated values, copied stretches, drift, jumps, gaps …
  limit    naive: a reading above the limit (class III; the permit of a monitor)
  3 sigma  naive: a reading farther than 3 standard deviations from the mean of its last 30 days
An event in the water is found where a rule speaks at a section that it visibly reaches, while it is there or
within a day, or at the discharger's monitor while it goes on; a fault or a falsified series at its own
instrument. Delay counts from the arrival at the first such section, or from the beginning. What one series
says within a day of the last is one alarm. An alarm without any cause is in vain; where the water truly is
above the limit it is counted apart. Single wrong readings are known too: who points at one is right. Who
always speaks finds everything: "by chance" is what the same alarms find when they are moved by half of the
time told. Nine tenths of the work are the alert rules: without them the others are measured in half a minute.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import AlertKind, find_alerts
from bishui.assessment.alerts.series import missing_data
from bishui.observations import check
from bishui.standards import rules
from bishui.twin.scaled import (
    Basin,
    Readings,
    Water,
    basins,
    readings,
    seeds,
    tables,
    version,
    water_at,
    weather_of,
)
from bishui.twin.scaled.parameters import kinds, parameters

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
METHODS = ("alerts", "quality", "limit", "3 sigma")
#: Days that the naive mean looks back, and the readings that it needs at least.
BACK_DAYS, BACK_LEAST, SIGMAS = 30, 20, 3.0
START = datetime(parameters()["year"], 1, 1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a rule said of one series: from when to when, and when it could be known."""

    method: str
    rule: str
    site: str
    item: str
    start: datetime
    end: datetime
    known: datetime


def merged(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Return alarms, those of one rule and series within a day of one another as one."""
    found: list[Alarm] = []
    for alarm in sorted(alarms, key=lambda a: (a.method, a.rule, a.site, a.item, a.start, a.known)):
        last = found[-1] if found else None
        same = last and (last.method, last.rule, last.site, last.item) == (
            alarm.method, alarm.rule, alarm.site, alarm.item,
        )  # fmt: skip
        if last and same and alarm.start - last.end <= DAY:
            known = min(last.known, alarm.known)
            found[-1] = Alarm(
                alarm.method, alarm.rule, alarm.site, alarm.item, last.start, max(last.end, alarm.end), known
            )
        else:
            found.append(alarm)
    return found


def alerts(rows: pa.Table, sites: pa.Table, targets: pa.Table, days: int) -> Iterator[Alarm]:
    """Yield what the alert rules find; every look covers the recent days, so that looks may be days apart."""
    chosen = rules("alerts", START.date())
    recent = chosen["recent_days"]
    # Months are another question, and how far back a run began changes no alarm.
    chosen = rules(
        "alerts",
        START.date(),
        None,
        levels=("reading",),
        approaching_levels=(),
        run_days=recent,
        room_percent=0,
    )
    least = {
        AlertKind.EXCEEDANCE: chosen["readings_in_a_row"],
        AlertKind.SUDDEN_CHANGE: chosen["sudden_in_a_row"],
    }
    for day in range(recent - 1, days + recent - 1, recent - 1):
        moment = START + min(day, days) * DAY
        for found in find_alerts(between(rows, moment, 60), sites, targets, moment=moment, chosen=chosen):
            if found.kind in least:
                at = sorted(row.at for row in found.rows)
                known = at[min(least[found.kind], len(at)) - 1]
                yield Alarm("alerts", found.kind.value, found.site, found.item, at[0], at[-1], known)
    for day in range(1, days + 1):
        moment = START + day * DAY
        # Wide enough for the last reading before the silence.
        for found in missing_data(between(rows, moment, recent * 2), sites, moment, chosen):
            if found.level is None:
                yield Alarm("alerts", found.kind.value, found.site, "", found.first, moment, moment)


def between(rows: pa.Table, moment: datetime, days: int) -> pa.Table:
    """Return the rows of so many days before a moment."""
    first, last = (pa.scalar(at, pa.timestamp("s")) for at in (moment - days * DAY, moment))
    return rows.filter(pc.and_(pc.greater_equal(rows["time"], first), pc.less_equal(rows["time"], last)))


def quality(rows: pa.Table) -> Iterator[Alarm]:
    """Yield what quality control proposes, with the moment at which enough readings were there to say so."""
    chosen = rules("quality", START.date())
    half = timedelta(hours=4 * int(chosen["jump_neighbours"]) / 2)
    least = timedelta(hours=max(4 * (int(chosen["repeated_least"]) - 1), int(chosen["repeated_hours"])))
    for found in check(rows).to_pylist():
        known = found["time_to"]
        # A part above its whole says nothing of which of the two is wrong.
        item = "" if found["other_item"] else found["item"]
        if found["rule"] == "repeated_value":
            known = min(known, found["time_from"] + least)
        elif found["rule"] == "copied_series":
            known = min(known, found["time_from"] + 4 * (int(chosen["copied_least"]) - 1) * HOUR)
        elif found["rule"] == "slow_drift":
            known = min(known, found["time_from"] + int(dict(found["evidence"])["known_after_days"]) * DAY)
        elif found["rule"] == "jump":
            known += half
        yield Alarm(
            "quality",
            found["rule"],
            found["site"],
            item,
            found["time_from"],
            found["time_to"],
            known,
        )


def naive(shown: Readings, limits: Mapping[str, float]) -> Iterator[Alarm]:
    """Yield what the two naive rules say of one instrument."""
    for row, item in enumerate(parameters()["item"]):
        key = item["monitor"] if shown.monitor else item["key"]
        there = np.flatnonzero(shown.sent & ~shown.offline)
        values = shown.values[there, row] * (item["ratio"] if shown.monitor else 1.0)
        over = values > limits.get(key, np.inf)
        strange = far_from_usual(there * 4.0, values)
        for method, said in (("limit", over), ("3 sigma", strange)):
            for at in there[said].tolist():
                moment = START + timedelta(hours=at * 4)
                yield Alarm(method, method, shown.about, key, moment, moment, moment)


def far_from_usual(hours: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return which values are far from the mean of those of the days before them."""
    first = np.searchsorted(hours, hours - BACK_DAYS * 24.0)
    here = np.arange(len(values))
    sums, squares = (np.concatenate([[0.0], np.cumsum(values**power)]) for power in (1, 2))
    count = np.maximum(here - first, 1)
    mean = (sums[here] - sums[first]) / count
    spread = np.sqrt(np.maximum((squares[here] - squares[first]) / count - mean**2, 0.0))
    return (here - first >= BACK_LEAST) & (np.abs(values - mean) > SIGMAS * spread) & (spread > 0)


def limits_of(targets: pa.Table) -> dict[str, dict[str, float]]:
    """Return the limit of each item at each site."""
    classes = {item["key"]: item["limit"] for item in parameters()["item"] if item["limit"]}
    return {
        row["site"]: {key: float(value) for key, value in row["overrides"]} if row["overrides"] else classes
        for row in targets.to_pylist()
    }


@dataclass(frozen=True, slots=True)
class Cause:
    """Where and when an event can be seen; `items` empty means any."""

    event: str
    site: str
    items: frozenset[str]
    start: datetime
    end: datetime
    after: timedelta = DAY

    def explains(self, alarm: Alarm) -> bool:
        """Return whether an alarm can come from it; an alarm without an item speaks of all."""
        items_meet = not self.items or not alarm.item or alarm.item in self.items
        return (
            alarm.site == self.site
            and items_meet
            and alarm.start <= self.end + self.after
            and alarm.end >= self.start
        )


def causes(basin: Basin, waters: Sequence[Water]) -> list[Cause]:
    """Return where each event of a basin can be seen."""
    found = []
    for water in waters:
        for one in water.arrivals:
            if one.visible:
                span = (START + timedelta(hours=one.first), START + timedelta(hours=one.last))
                found.append(Cause(one.event, one.section, frozenset(), *span))
    monitors = {basin.outfall_key(row) for row in basin.monitored}
    falsified = {event.hides for event in basin.events}
    for event in basin.events:
        span = (START + timedelta(hours=event.start), START + timedelta(hours=event.end))
        if not event.is_load:
            word = "monitor" if event.at == "monitor" else "key"
            items = frozenset(parameters()["item"][row][word] for row in event.items)
            found.append(Cause(event.id, event.about, items, *span))
        elif event.about in monitors and event.id not in falsified:
            found.append(Cause(event.id, event.about, frozenset(), *span))
    return found


def outliers(shown: Sequence[Readings]) -> Iterator[Cause]:
    """Yield the single readings that are plainly wrong."""
    for one in shown:
        word = "monitor" if one.monitor else "key"
        for step, row in np.argwhere(one.wrong & (one.sent & ~one.offline)[:, None]).tolist():
            moment = START + timedelta(hours=step * 4)
            items = frozenset([parameters()["item"][row][word]])
            yield Cause(f"outlier {one.about} {step} {row}", one.about, items, moment, moment, timedelta(0))


def measure(basin: Basin, waters: Sequence[Water], *, with_alerts: bool = True) -> dict[str, Any]:
    """Return what became of the events of a basin, and the alarms without a cause."""
    shown = list(readings(basin, list(waters)))
    rows = pa.concat_tables([tables.measured(one) for one in shown])
    sites, targets = tables.sites(basin), tables.targets(basin)
    limits = limits_of(targets)
    said = merged(
        [
            *(alerts(rows, sites, targets, basin.days) if with_alerts else ()),
            *quality(rows),
            *(alarm for one in shown for alarm in naive(one, limits[one.about])),
        ]
    )
    moved = [later(alarm, basin.days) for alarm in said]
    known = [*causes(basin, waters), *outliers(shown)]
    by_event = defaultdict(list)
    for cause in known:
        by_event[cause.event].append(cause)
    events = [
        {"event": event.id, "kind": event.kind if not event.id.endswith("-D") else "discharge_behind"}
        | {method: delay(by_event[event.id], said, method) for method in METHODS}
        | {f"{method} by chance": delay(by_event[event.id], moved, method) for method in METHODS}
        for event in basin.events
        if by_event[event.id]
    ]
    events += [
        {"event": one.event, "kind": "outlier"}
        | {method: delay([one], said, method) for method in METHODS}
        | {f"{method} by chance": delay([one], moved, method) for method in METHODS}
        for one in known
        if one.event.startswith("outlier")
    ]
    unseen = [event.kind for event in basin.events if not by_event[event.id]]
    truth = {water.section.key: water.whole for water in waters}
    vain = [
        {"method": alarm.method, "rule": alarm.rule, "monitor": alarm.site.startswith("W")}
        | {"over": truly_over(alarm, truth, limits)}
        for alarm in said
        if not any(cause.explains(alarm) for cause in known)
    ]
    years = basin.days / 365.0
    return {
        "basin": basin.number,
        "seed": basin.seed,
        "stations": len(waters) * years,
        "monitors": len(basin.monitored) * years,
        "events": events,
        "unseen": unseen,
        "vain": vain,
    }


def later(alarm: Alarm, days: int) -> Alarm:
    """Return an alarm moved by half of the time told, round at its end."""
    by = days / 2 * DAY
    if alarm.start + by >= START + days * DAY:
        by -= days * DAY
    return replace(alarm, start=alarm.start + by, end=alarm.end + by, known=alarm.known + by)


def delay(where: Sequence[Cause], said: Sequence[Alarm], method: str) -> float | None:
    """Return how many hours after it could first be seen an event is found; None where it is not."""
    start = min(cause.start for cause in where)
    moments = [
        max(alarm.known, start)
        for alarm in said
        if alarm.method == method
        and any(cause.explains(alarm) and alarm.known >= cause.start for cause in where)
    ]
    return (min(moments) - start) / timedelta(hours=1) if moments else None


def truly_over(
    alarm: Alarm, truth: Mapping[str, np.ndarray], limits: Mapping[str, Mapping[str, float]]
) -> bool:
    """Return whether the water itself is above the limit while an alarm at a section lasts."""
    if alarm.site not in truth or alarm.item not in limits[alarm.site]:
        return False
    column = [item["key"] for item in parameters()["item"]].index(alarm.item)
    first, last = (int((at - START) / timedelta(hours=4)) for at in (alarm.start, alarm.end))
    return bool((truth[alarm.site][first : last + 1, column] > limits[alarm.site][alarm.item]).any())


def report(found: Sequence[Mapping[str, Any]], methods: Sequence[str]) -> None:
    """Print the shares found with their delays by kind, and the alarms in vain."""
    order = [*dict.fromkeys(kind["key"] for kind in kinds()), "discharge_behind", "outlier"]
    events = [event for one in found for event in one["events"]]
    unseen = [kind for one in found for kind in one["unseen"]]
    names = (*methods, "alerts, quality") if "alerts" in methods else methods
    print("\nfound, median delay in hours; found by chance")
    print(f"{'':<22}{'':>5}" + "".join(f"{name:>20}" for name in names))
    for kind in order:
        its = [event for event in events if event["kind"] == kind]
        if its:
            print(f"{kind:<22}{len(its):>5}" + "".join(f"{share(its, name):>20}" for name in names))
    print(f"not visible anywhere: {len(unseen)} discharges")
    print(f"\n{'in vain, by year':<28}" + "".join(f"{name:>12}" for name in methods))
    for name, monitor in (("stations", False), ("monitors", True)):
        years = sum(one[name] for one in found)
        for words, over in ((name, False), (f"{name}, water over limit", True)):
            counts = [vain_of(found, method, monitor, over) / years for method in methods]
            if any(counts):
                print(f"{words:<28}" + "".join(f"{count:>12.2f}" for count in counts))
        print(f"    {years:.1f} {name[:-1]}-years; by rule: " + ", ".join(by_rule(found, monitor, years)))


def share(events: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the share found by one method or several, the median delay, and the share found by chance."""
    hit = [least(event, name, "") for event in events]
    chance = [least(event, name, " by chance") is not None for event in events]
    delays = [value for value in hit if value is not None]
    median = f" {np.median(delays):.0f} h" if delays else ""
    return f"{len(delays) / len(hit):.0%}{median}; {np.mean(chance):.0%}"


def least(event: Mapping[str, Any], name: str, which: str) -> float | None:
    values = (event[method + which] for method in name.split(", "))
    return min((value for value in values if value is not None), default=None)


def vain_of(found: Sequence[Mapping[str, Any]], method: str, monitor: bool, over: bool) -> int:
    return sum(
        alarm["method"] == method and alarm["monitor"] is monitor and alarm["over"] is over
        for one in found
        for alarm in one["vain"]
    )


def by_rule(found: Sequence[Mapping[str, Any]], monitor: bool, years: float) -> Iterator[str]:
    counts: dict[str, int] = defaultdict(int)
    for one in found:
        for alarm in one["vain"]:
            if alarm["monitor"] is monitor and not alarm["over"]:
                counts[alarm["rule"]] += 1
    for rule, count in sorted(counts.items(), key=lambda entry: -entry[1]):
        yield f"{rule} {count / years:.2f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=60)
    parser.add_argument("--days", type=int, default=240)
    parser.add_argument("--seeds", choices=("held_out", "tuning"), default="held_out")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--without-alerts", action="store_true")
    options = parser.parse_args()
    seed = seeds(options.seeds)[options.first]
    print(
        f"city version {version()}, {options.seeds} seed {seed}, {options.size} sections, {options.days} days"
    )
    print(f"rules {rules('alerts', START.date()).version}, {rules('quality', START.date()).version}")
    begin, weather, found = time.process_time(), weather_of(seed), []
    for basin in basins(options.size, seed, options.days):
        waters = [water_at(basin, place, weather) for place in range(len(basin.sections))]
        found.append(measure(basin, waters, with_alerts=not options.without_alerts))
        if options.json:
            with options.json.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(found[-1]) + "\n")
        print(f"basin {basin.number}: {time.process_time() - begin:.0f} s of processor time", file=sys.stderr)
    report(found, METHODS[1:] if options.without_alerts else METHODS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
