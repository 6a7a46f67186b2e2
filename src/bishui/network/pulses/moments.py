"""A pulse from its mean and variance (矩): inverse Gaussian, for many draws at once."""

from __future__ import annotations

import numpy as np

from bishui.network.tables import Floats

_HALVINGS = 60
#: In ln t, beyond which nothing of a pulse is left.
_FAR = 40.0


def log_density(mean: Floats, variance: Floats, time: Floats) -> Floats:
    """Return ln of the density (1/s) at a time (s) of pulses with these means (s) and variances (s²)."""
    shape = mean**3 / variance
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 0.5 * np.log(shape / (2.0 * np.pi * time**3)) - shape * (time - mean) ** 2 / (
            2.0 * mean**2 * time
        )
    return np.asarray(np.where(time > 0, found, -np.inf))


def mode(mean: Floats, variance: Floats) -> Floats:
    """Return when the density is highest, s; written without the difference of two nearly equal numbers."""
    half = 1.5 * variance / mean**2
    return np.asarray(mean / (np.sqrt(1.0 + half**2) + half))


def passed(mean: Floats, variance: Floats, time: Floats) -> Floats:
    """Return the part that has passed until a time (s): the distribution function."""
    from scipy.special import erfcx, ndtr

    shape = mean**3 / variance
    later = np.maximum(np.asarray(time, float), 1e-300)
    root = np.sqrt(shape / later)
    first, second = root * (later / mean - 1.0), root * (later / mean + 1.0)
    # e^(2λ/μ)·Φ(−b) overflows and vanishes at once: Φ(−b) = erfcx(b/√2)·e^(−b²/2)/2.
    tail = 0.5 * erfcx(second / np.sqrt(2.0)) * np.exp(2.0 * shape / mean - second**2 / 2.0)
    return np.asarray(np.clip(ndtr(first) + tail, 0.0, 1.0))


def over(mean: Floats, variance: Floats, log_level: Floats) -> tuple[Floats, Floats]:
    """Return from when until when (s) the density is above e^log_level; not a number where it never is."""
    top = np.log(mode(mean, variance))
    never = log_density(mean, variance, np.exp(top)) <= log_level
    ends = []
    for way in (-1.0, 1.0):
        inside, outside = top.copy(), top + way * _FAR
        for _ in range(_HALVINGS):
            middle = 0.5 * (inside + outside)
            above = log_density(mean, variance, np.exp(middle)) > log_level
            inside, outside = np.where(above, middle, inside), np.where(above, outside, middle)
        ends.append(np.where(never, np.nan, np.exp(inside)))
    return ends[0], ends[1]
