"""The parameters of a city of any size: two files, each with its version, and the seeds of its parts."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bishui.twin.city import load

Generator = np.random.Generator


def parameters() -> Mapping[str, Any]:
    """Return the parameters of rivers, outfalls and instruments."""
    return load("scaled.toml")


def kinds() -> Sequence[Mapping[str, Any]]:
    """Return the kinds of events and faults."""
    found: Sequence[Mapping[str, Any]] = load("scaled_events.toml")["happening"]
    return found


def version() -> str:
    """Return the versions of both files; figures of different versions are not compared."""
    return f"{parameters()['version']}.{load('scaled_events.toml')['version']}"


def seeds(purpose: str) -> range:
    """Return the seeds of a purpose: ``tuning`` or ``held_out``; the two have none in common."""
    first, last = parameters()["seeds"][purpose]
    return range(first, last + 1)


def days_of_year() -> int:
    """Return how many days the city's year has."""
    return 365 + calendar.isleap(parameters()["year"])


def generator(seed: int, *place: int) -> Generator:
    """Return the random numbers of one part of a city; another part's do not depend on them."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=place))
