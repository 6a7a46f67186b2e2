"""Scenarios: a case, which is all that a tracer may see, and its truth, which it may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.network.tables import Edges, Pollutant, Reaches, Section
from bishui.network.tracing import Candidate, Fingerprint, Samples
from bishui.twin.tracing.events import Release, World, draw_releases
from bishui.twin.tracing.measure import EPOCH, laboratory
from bishui.twin.tracing.outfalls import candidate, draw_hidden, draw_outfalls, fingerprints
from bishui.twin.tracing.parameters import Generator, between, count, parameters, version
from bishui.twin.tracing.rivers import River, draw_river, pollutants
from bishui.twin.tracing.scene import Scene

#: Monthly samples only; plus automatic stations; plus one follow-up sample where the tracer asks.
TIERS = (1, 2, 3)
#: How many rivers are drawn for a seed, and how many events on each, until one makes an exceedance.
ATTEMPTS, EVENTS = 200, 40


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is known when an exceedance is to be traced; nothing in it comes from the truth but by measuring.

    Attributes
    ----------
    reaches, edges, pollutants
        The river as it is known: flows, velocities and decay are assumed.
    background
        Assumed concentrations of local inflows, g/m³ by item.
    limits
        What the sections must keep, g/m³ by item.
    sections, samples
        Where was measured and what; months before the event are in it.
    event_from
        Results before this moment are ordinary (nobody had reported an exceedance).
    candidates, fingerprints
        The list, and what kinds of discharger look like.
    """

    seed: int
    tier: int
    reaches: Reaches
    edges: Edges
    pollutants: tuple[Pollutant, ...]
    background: Mapping[str, float]
    limits: Mapping[str, float]
    sections: tuple[Section, ...]
    samples: Samples
    event_from: np.datetime64
    candidates: tuple[Candidate, ...]
    fingerprints: Mapping[str, Fingerprint]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What a tracer may not see.

    Attributes
    ----------
    sources
        Codes of the true sources on the list; empty where the culprit is on no list.
    loads
        Their excess loads, g/s by item.
    """

    version: str
    world: World
    releases: tuple[Release, ...]
    sources: tuple[str, ...]
    loads: tuple[Mapping[str, float], ...]
    noise: float
    sampled_at: float
    seed: int

    @property
    def absent(self) -> bool:
        """Whether the culprit is on no list."""
        return not self.sources


def scenario(seed: int, tier: int) -> tuple[Case, Truth]:
    """Return the scenario of a seed; its tiers share one truth and show more or less of it.

    Parameters
    ----------
    seed
        Any whole number; `seeds` tells which are for tuning and which for measuring.
    tier
        1: monthly samples; 2 and 3: the series of automatic stations too. The follow-up sample of tier 3 is
        asked for with `follow_up`.
    """
    settings = parameters()
    first = np.random.default_rng([int(version()), seed])
    absent = bool(first.random() < settings["event"]["absent"])
    wanted = 1 + int(first.choice(len(settings["event"]["sources"]), p=settings["event"]["sources"]))
    for attempt in range(ATTEMPTS):
        found = _attempt(seed, attempt, tier, 0 if absent else wanted, settings)
        if found is not None:
            return found
    raise AssertionError(f"seed {seed} yields no exceedance")


def follow_up(truth: Truth, reach: int, chainage: float, section: int) -> Samples:
    """Return one follow-up sample (加密采样) at a place: all items, with noise; `section` numbers its rows.

    The same question has the same answer, and it depends on the truth and on the place only.
    """
    settings = parameters()
    place = Section("follow-up", reach, chainage)
    rng = np.random.default_rng([int(version()), truth.seed, 7, reach, round(chainage)])
    seconds = np.array([truth.sampled_at])
    clean = truth.world.ordinary([place])
    whole = clean + sum(truth.world.raised(release, place, seconds) for release in truth.releases)
    sample = laboratory(rng, whole, seconds, truth.noise, settings)
    rows = np.full(len(sample), section, np.int64)
    return Samples(rows, sample.item, sample.time, sample.value, sample.below, sample.automatic)


def _attempt(
    seed: int, attempt: int, tier: int, wanted: int, settings: Mapping[str, Any]
) -> tuple[Case, Truth] | None:
    """Return a scenario with so many listed sources (0: a hidden one); None where nothing is exceeded."""
    rng = np.random.default_rng([int(version()), seed, attempt])
    reaches, edges, river = draw_river(rng, settings)
    listed = draw_outfalls(rng, river, settings)
    sections = _sections(rng, river, settings["sections"])
    outfalls = listed if wanted else [*listed, draw_hidden(rng, river, settings)]
    world = World.of(river, outfalls)
    seconds = rng.uniform(0.0, settings["sections"]["campaign_hours"] * 3600.0, len(sections))
    noise = between(rng, settings["noise"]["relative"])
    scene = Scene(world, sections, seconds, world.ordinary(sections), noise, settings)
    event = _event(rng, scene, wanted, len(listed))
    if event is None:
        return None
    releases, campaigns = event
    series = scene.series(rng, releases)
    candidates = tuple(candidate(rng, row, outfall, settings) for row, outfall in enumerate(listed))
    case = Case(
        seed,
        tier,
        reaches,
        edges,
        pollutants(settings),
        {item["key"]: item["background"] for item in settings["item"]},
        {item["key"]: item["limit"] for item in settings["item"]},
        sections,
        campaigns.joined(series) if tier > 1 else campaigns,
        EPOCH - np.timedelta64(settings["series"]["days_before"], "D"),
        candidates,
        fingerprints(settings),
    )
    return case, _truth(scene, releases, candidates, seed, tier)


def _event(rng: Generator, scene: Scene, wanted: int, listed: int) -> tuple[list[Release], Samples] | None:
    """Return releases that make an exceedance, with the samples in which it shows."""
    for _ in range(EVENTS):
        chosen = rng.permutation(listed)[:wanted].tolist() if wanted else [listed]
        releases = draw_releases(rng, scene.world, chosen, scene.settings)
        if scene.makes_an_exceedance(releases):
            samples = scene.campaigns(rng, releases)
            if samples is not None:
                return releases, samples
    return None


def _sections(rng: Generator, river: River, settings: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return the sections, one at the outlet; the more water passes, the likelier a section."""
    rows = [row for row in range(len(river) - 1) if not river.mixed(row)]
    size = np.ones(len(river))
    for row, out in enumerate(river.downstream):
        for to, part in out:
            size[to] += part * size[row]
    weight = np.sqrt(size[rows])
    number = min(count(rng, settings["count"]) - 1, len(rows))
    chosen = sorted(rng.choice(rows, number, replace=False, p=weight / weight.sum()).tolist())
    reaches = [*chosen, len(river) - 1]
    return tuple(
        Section(f"S{number + 1}", row, float(rng.uniform(0.5, 1.0) * river.length[row]))
        for number, row in enumerate(reaches)
    )


def _truth(
    scene: Scene, releases: list[Release], candidates: tuple[Candidate, ...], seed: int, tier: int
) -> Truth:
    settings = scene.settings
    keys = [item["key"] for item in settings["item"]]
    listed = [release for release in releases if release.outfall < len(candidates)]
    last = 24.0 * settings["series"]["days_after"] if tier > 1 else settings["sections"]["campaign_hours"]
    return Truth(
        version(),
        scene.world,
        tuple(releases),
        tuple(candidates[release.outfall].key for release in listed),
        tuple(dict(zip(keys, release.excess.tolist(), strict=True)) for release in listed),
        scene.noise,
        (last + settings["follow_up"]["hours_after"]) * 3600.0,
        seed,
    )
