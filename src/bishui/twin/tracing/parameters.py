"""The parameters of the scenarios: one file, one version, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).parent.parent / "data" / "tracing.toml"

Generator = np.random.Generator


@cache
def parameters() -> Mapping[str, Any]:
    """Return the parameters as they stand in the data file."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def version() -> str:
    """Return the version of the parameters; figures of different versions are not compared."""
    return str(parameters()["version"])


def seeds(purpose: str) -> range:
    """Return the seeds of a purpose: ``tuning`` or ``held_out``; the two have none in common."""
    first, last = parameters()["seeds"][purpose]
    return range(first, last + 1)


def between(rng: Generator, pair: list[float]) -> float:
    """Draw a number evenly from a pair of bounds."""
    return float(rng.uniform(pair[0], pair[1]))


def log_between(rng: Generator, pair: list[float]) -> float:
    """Draw a number whose logarithm is even between a pair of bounds."""
    return float(np.exp(rng.uniform(np.log(pair[0]), np.log(pair[1]))))


def count(rng: Generator, pair: list[int]) -> int:
    """Draw a whole number evenly, both bounds in."""
    return int(rng.integers(pair[0], pair[1] + 1))


def around(rng: Generator, median: float, spread: float) -> float:
    """Draw a lognormal number of a median and a spread of its logarithm."""
    return float(median * np.exp(spread * rng.standard_normal()))
