"""A small river with known truth: three tributaries, a stem, four sections, six outfalls."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from bishui.network import Edges, Load, Pollutant, Reaches, ReachKind, Section, build, solve
from bishui.network.settings import settings
from bishui.network.tracing import Candidate, Fingerprint, Samples, trace

ITEMS = (Pollutant("cod", 0.15), Pollutant("nh3n", 0.12, 1.08), Pollutant("fluoride", 0.0, 1.0))
LIMITS = {"cod": 20.0, "nh3n": 1.0, "fluoride": 1.0}
BACKGROUND = {"cod": 8.0, "nh3n": 0.2, "fluoride": 0.3}
KINDS = {
    "sewage": Fingerprint("sewage", {"cod": 60.0, "nh3n": 8.0, "fluoride": 0.5}, 0.3),
    "electronics": Fingerprint("electronics", {"cod": 60.0, "nh3n": 6.0, "fluoride": 10.0}, 0.3),
    "paper": Fingerprint("paper", {"cod": 120.0, "nh3n": 1.5, "fluoride": 0.5}, 0.3),
}
DAY = np.datetime64("2030-05-10T08:00:00", "s")


def river():
    """Tributaries 0, 1 meet in 2; tributary 3 joins below it: 2 and 3 flow into 4, that into 5."""
    size = 6
    reaches = Reaches(
        ids=np.array([f"r{n}" for n in range(size)]),
        kind=np.full(size, ReachKind.RIVER, np.int8),
        length=np.full(size, 6_000.0),
        velocity=np.full(size, 0.4),
        volume=np.full(size, np.nan),
        temperature=np.full(size, 20.0),
        lateral_flow=np.array([0.8, 0.8, 0.2, 0.8, 0.2, 0.2]),
    )
    edges = Edges(np.array([0, 1, 2, 3, 4]), np.array([2, 2, 4, 4, 5]), np.ones(5))
    return build(reaches, edges)


SECTIONS = tuple(Section(f"s{reach}", reach, 5_500.0) for reach in (0, 1, 3, 5))


def outfall(key, reach, kind, chainage=2_000.0, flow=0.03):
    return Candidate(key, reach, chainage, kind, flow, KINDS[kind].typical)


CANDIDATES = (
    outfall("a", 0, "sewage"),
    outfall("b", 0, "electronics", 3_000.0),
    outfall("c", 1, "sewage"),
    outfall("d", 1, "paper", 4_000.0),
    outfall("e", 3, "paper"),
    outfall("f", 4, "sewage"),
)


@dataclass(frozen=True)
class Situation:
    samples: Samples
    candidates: tuple[Candidate, ...] = CANDIDATES

    def trace(self, **changes):
        return trace(
            river(), SECTIONS, self.samples, self.candidates, ITEMS,
            fingerprints=KINDS, limits=LIMITS, background=BACKGROUND,
            event_from=DAY - np.timedelta64(5, "D"),
            settings=settings("tracing", **({"steps": 3000} | changes)),
        )  # fmt: skip

    def with_candidates(self, candidates):
        return replace(self, candidates=tuple(candidates))


def concentrations(excess):
    """Return the steady concentrations when some outfalls discharge so many times more; (S, P)."""
    loads = [
        Load(
            one.key, one.reach, one.chainage, one.flow,
            {key: 0.6 * value * excess.get(one.key, 1.0) for key, value in one.permitted.items()},
        )
        for one in (*CANDIDATES, HIDDEN)
    ]  # fmt: skip
    lateral = {key: np.full(6, value) for key, value in BACKGROUND.items()}
    solution = solve(river(), ITEMS, loads, lateral)
    return np.array([solution.at(section).concentrations for section in SECTIONS])


#: On no list; its ordinary discharge is nothing to speak of.
HIDDEN = Candidate("hidden", 3, 1_000.0, "electronics", 0.002, KINDS["electronics"].typical)


def situation(excess):
    """Return six ordinary months and one campaign, exact up to a seeded tenth."""
    rng = np.random.default_rng(3)
    rows = []
    for month in range(7):
        level = concentrations(excess if month == 6 else {})
        time = DAY - np.timedelta64(30 * (6 - month), "D")
        for section in range(len(SECTIONS)):
            for item in range(len(ITEMS)):
                value = level[section, item] * np.exp(0.1 * rng.standard_normal())
                rows.append((section, item, time + np.timedelta64(section, "h"), value))
    section, item, time, value = (np.array(column) for column in zip(*rows, strict=True))
    none = np.zeros(len(rows), bool)
    return Situation(Samples(section, item, time, value, none, none))


@pytest.fixture(scope="session")
def one_source():
    """Outfall b, electronics, discharges sixteen times more."""
    return situation({"b": 16.0})


@pytest.fixture(scope="session")
def traced(one_source):
    return one_source.trace()


@pytest.fixture(scope="session")
def absent():
    """A hidden pipe of an electronics plant on the third tributary, where only a paper mill is listed."""
    return situation({"hidden": 400.0})
