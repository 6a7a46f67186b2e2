"""Source tracing on scenarios with known truth: hits, intervals, calibration, beside two naive rules.

    python benchmarks/tracing.py [--cases 300] [--seeds held_out|tuning] [--first 0] [--jobs 1] [--json LINES]
        [--set NAME=VALUE ...]

Three tiers on the same scenarios: monthly samples; plus automatic stations; plus one follow-up sample at the
place that the tracer asked for. A hit is a true source in the first k groups; groups are the tracer's own for
all three rankings. "Nearest upstream" ranks by travel time to the worst section, "largest permit" by the
permitted load of the item that exceeds there. With --json a scenario is a line; a broken run can go on.
Settings are changed with --set, on tuning seeds only: nothing is chosen by what it does to the held-out ones.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bishui.network import Section, build, mean_travel_time, time_from
from bishui.network.settings import Settings, settings
from bishui.network.tracing import LEAD, Trace, Verdict, trace
from bishui.twin.tracing import Case, Truth, follow_up, scenario, seeds, version

TIERS = {1: "monthly samples only", 2: "plus automatic stations", 3: "plus one follow-up sample"}
INTERVAL, ABSENT, TOP3 = (0.85, 0.95), 0.80, 0.90


def traced(case: Case, sections: Sequence[Section], samples: Any, chosen: Settings) -> tuple[Trace, float]:
    begin = time.perf_counter()
    found = trace(
        build(case.reaches, case.edges),
        sections,
        samples,
        case.candidates,
        case.pollutants,
        fingerprints=case.fingerprints,
        limits=case.limits,
        background=case.background,
        event_from=case.event_from,
        settings=chosen,
    )
    return found, time.perf_counter() - begin


def rank_in_groups(groups: Sequence[frozenset[str]], order: Iterable[str], sources: Sequence[str]) -> int:
    """Return the rank, from 1, of the first group with a true source; groups go by their first member."""
    met: list[frozenset[str]] = []
    for key in order:
        group = next(group for group in groups if key in group)
        if group not in met:
            met.append(group)
    return next(number for number, group in enumerate(met, 1) if group & set(sources))


def naive(case: Case, sections: Sequence[Section], found: Trace) -> dict[str, list[str]]:
    """Return the order of candidates by each naive rule; those not upstream come last."""
    name, item, _ = found.exceedance
    section = next(section for section in sections if section.key == name)
    network = build(case.reaches, case.edges)
    times = mean_travel_time(network, section)
    away = {
        candidate.key: time_from(network, times, candidate_place(candidate)) for candidate in case.candidates
    }
    permit = {
        candidate.key: candidate.flow * candidate.permitted.get(item, 0.0) for candidate in case.candidates
    }
    return {
        "nearest upstream": sorted(away, key=lambda key: (np.isnan(away[key]), away[key], key)),
        "largest permit": sorted(permit, key=lambda key: (bool(np.isnan(away[key])), -permit[key], key)),
    }


def candidate_place(candidate: Any) -> Section:
    return Section(candidate.key, candidate.reach, candidate.chainage)


def record(
    case: Case, truth: Truth, sections: Sequence[Section], found: Trace, seconds: float
) -> dict[str, Any]:
    """Return what came out of one trace, against the truth."""
    groups = [frozenset(group.keys) for group in found.groups]
    size = {key: len(group) for group in groups for key in group}
    row: dict[str, Any] = {
        "seed": case.seed,
        "seconds": seconds,
        "absent": truth.absent,
        "sources": len(truth.sources),
        "candidates": len(case.candidates),
        "verdict": found.verdict.value,
        "none": found.none_listed,
        "top": found.groups[0].probability,
        "top_size": found.groups[0].size,
        "chances": [[s.probability, s.key in truth.sources] for s in found.suspects],
        "group_chances": [[g.probability, bool(set(g.keys) & set(truth.sources))] for g in found.groups],
        "covered": [],
    }
    if truth.absent:
        return row
    row["rank"] = rank_in_groups(groups, [key for group in found.groups for key in group.keys], truth.sources)
    row["naive"] = {
        rule: rank_in_groups(groups, order, truth.sources)
        for rule, order in naive(case, sections, found).items()
    }
    row["true_sizes"] = [size[key] for key in truth.sources]
    row["mean_rank"] = [
        next(number for number, group in enumerate(groups, 1) if key in group) for key in truth.sources
    ]
    loads = {suspect.key: suspect.loads for suspect in found.suspects}
    for key, load in zip(truth.sources, truth.loads, strict=True):
        interval = loads[key].get(found.exceedance[1])
        if interval is not None:
            row["covered"].append(bool(interval.low <= load[found.exceedance[1]] <= interval.high))
    return row


def run(seed: int, changes: Mapping[str, float]) -> dict[int, dict[str, Any]]:
    """Return the record of each tier of one seed."""
    chosen = settings("tracing", **changes)
    found: dict[int, dict[str, Any]] = {}
    for tier in (1, 2):
        case, truth = scenario(seed, tier)
        first, seconds = traced(case, case.sections, case.samples, chosen)
        found[tier] = record(case, truth, case.sections, first, seconds)
    sections = case.sections
    if first.next_samples:
        place = first.next_samples[0]
        more = follow_up(truth, place.row, place.chainage, len(case.sections))
        sections = (*case.sections, Section("follow-up", place.row, place.chainage))
        first, again = traced(case, sections, case.samples.joined(more), chosen)
        seconds += again
    found[3] = record(case, truth, sections, first, seconds)
    return found


def share(values: Sequence[Any]) -> str:
    return f"{np.mean(values):6.1%} of {len(values)}" if len(values) else "none"


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of one tier."""
    there = [row for row in rows if not row["absent"]]
    absent = [row for row in rows if row["absent"]]
    named = [row for row in rows if row["verdict"] == Verdict.NAMED.value]
    undecided = [row for row in rows if row["verdict"] == Verdict.UNDECIDED.value]
    none = [row for row in rows if row["verdict"] == Verdict.NONE_LISTED.value]
    right = [row.get("rank") == 1 for row in named]
    return {
        "top-1": [row["rank"] <= 1 for row in there],
        "top-3": [row["rank"] <= 3 for row in there],
        "nearest upstream top-1": [row["naive"]["nearest upstream"] <= 1 for row in there],
        "nearest upstream top-3": [row["naive"]["nearest upstream"] <= 3 for row in there],
        "largest permit top-1": [row["naive"]["largest permit"] <= 1 for row in there],
        "largest permit top-3": [row["naive"]["largest permit"] <= 3 for row in there],
        "interval covers": [hit for row in there for hit in row["covered"]],
        "absent: none of the listed is the verdict": [
            row["verdict"] == Verdict.NONE_LISTED.value for row in absent
        ],
        "absent: none of the listed is likeliest": [row["none"] > row["top"] for row in absent],
        "absent: no listed one is named": [row["verdict"] != Verdict.NAMED.value for row in absent],
        "a group is named, and rightly": right,
        "none of the listed is said, and rightly": [row["absent"] for row in none],
        "said that it cannot be decided": [row in undecided for row in rows],
        "verdict right (undecided counts as right)": [
            *right, *[row["absent"] for row in none], *[True for _ in undecided]
        ],
    }  # fmt: skip


def calibration(rows: Sequence[dict[str, Any]], name: str) -> list[tuple[float, float, int]]:
    """Return by steps of probability: mean probability, how often it was so, and how many."""
    pairs = np.array([pair for row in rows for pair in row[name]], float)
    step = np.minimum((pairs[:, 0] * 10).astype(int), 9)
    return [
        (float(pairs[step == n, 0].mean()), float(pairs[step == n, 1].mean()), int((step == n).sum()))
        for n in range(10)
        if (step == n).any()
    ]


def report(tier: int, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Print one tier; return which targets were missed."""
    figures = summary(rows)
    there = [row for row in rows if not row["absent"]]
    ranks = [rank for row in there for rank in row["mean_rank"]]
    sizes = [size for row in there for size in row["true_sizes"]]
    print(f"\nTier {tier}: {TIERS[tier]}; {len(rows)} scenarios, {len(rows) - len(there)} culprits absent")
    for name, values in figures.items():
        print(f"  {name:<46}{share(values)}")
    print(f"  rank of a true source's group                 mean {np.mean(ranks):.2f},"
          f" median {np.median(ranks):.0f}")  # fmt: skip
    print(f"  size of the group of a true source            mean {np.mean(sizes):.2f}, largest {max(sizes)},"
          f" alone {np.mean(np.array(sizes) == 1):.0%}")  # fmt: skip
    taken = [row["seconds"] for row in rows]
    print(f"  seconds a trace                               median {np.median(taken):.2f},"
          f" most {max(taken):.2f}")  # fmt: skip
    print("  calibration of groups, said: was (how many)   ", end="")
    print(*(f"{said:.2f}: {was:.2f} ({n})" for said, was, n in calibration(rows, "group_chances")), sep="  ")
    missed = []
    if tier == 3 and np.mean(figures["top-3"]) < TOP3:
        missed.append(f"tier {tier}: top-3 below {TOP3:.0%}")
    for k in ("top-1", "top-3"):
        missed += [
            f"tier {tier}: {k} does not beat {rule}"
            for rule in ("nearest upstream", "largest permit")
            if np.mean(figures[k]) <= np.mean(figures[f"{rule} {k}"])
        ]
    if not INTERVAL[0] <= np.mean(figures["interval covers"]) <= INTERVAL[1]:
        missed.append(f"tier {tier}: intervals cover outside {INTERVAL[0]:.0%}-{INTERVAL[1]:.0%}")
    # Saying that it cannot be decided counts as right; naming one of the listed does not.
    if np.mean(figures["absent: no listed one is named"]) < ABSENT:
        missed.append(f"tier {tier}: a listed one is named in more than {1 - ABSENT:.0%} without the culprit")
    return missed


def measured(
    chosen: Sequence[int], jobs: int, path: Path | None, changes: Mapping[str, float]
) -> list[dict[int, dict[str, Any]]]:
    """Return the records of the seeds; those that the file holds are not run again."""
    known: dict[int, dict[int, dict[str, Any]]] = {}
    if path and path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            read = {int(tier): row for tier, row in json.loads(line).items()}
            known[read[1]["seed"]] = read
    missing = [seed for seed in chosen if seed not in known]
    with ProcessPoolExecutor(jobs) as pool:
        for seed, rows in zip(missing, pool.map(partial(run, changes=changes), missing), strict=True):
            known[seed] = rows
            if path:
                with path.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(rows) + "\n")
    return [known[seed] for seed in chosen]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seeds", choices=("held_out", "tuning"), default="held_out")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    changes = {name: float(value) for name, value in (pair.split("=") for pair in options.set)}
    if changes and options.seeds == "held_out":
        parser.error("--set needs --seeds tuning")
    chosen = seeds(options.seeds)[options.first : options.first + options.cases]
    print(f"scenarios version {version()}, {options.seeds} seeds {chosen[0]}-{chosen[-1]}")
    print(LEAD.render("zh-hans"))
    found = measured(chosen, options.jobs, options.json, changes)
    missed = [line for tier in TIERS for line in report(tier, [rows[tier] for rows in found])]
    print("\nMISSED: " + "; ".join(missed) if missed else "\nAll targets reached")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
