"""Mann–Kendall and seasonal Kendall tests with Sen's slope: rank statistics of a series in time.

Own implementation on arrays; gaps are NaN and keep their place in time, so a slope is per step and not per
value present. Nothing here knows a rule of assessment: levels and options are arguments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class KendallTest:
    """Result of a test of Kendall's kind.

    Attributes
    ----------
    count
        Values present (n).
    score
        S, the number of rising pairs less the falling ones.
    variance
        Variance of S under no trend, corrected for ties and, where asked for, for serial correlation.
    z
        Normal score of S with the correction of one for continuity.
    p
        Two-sided probability.
    tau
        S divided by the number of pairs.
    slope
        Sen's slope (median of the slopes of all pairs), per step, or per year where there are seasons.
    significant
        Whether `p` is below the level.
    """

    count: int
    score: int
    variance: float
    z: float
    p: float
    tau: float
    slope: float
    significant: bool


def score(values: Floats) -> int:
    """Return S = Σ sgn(x_j − x_i) over all pairs i < j of values without gaps."""
    return sum(int(np.sign(values[i + 1 :] - values[i]).sum()) for i in range(values.size - 1))


def variance(values: Floats) -> float:
    """Return the variance of S: (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18 over groups of t equal values."""
    n = values.size
    _, ties = np.unique(values, return_counts=True)
    tied = int((ties * (ties - 1) * (2 * ties + 5)).sum())
    return (n * (n - 1) * (2 * n + 5) - tied) / 18


def pair_slopes(values: Floats) -> Floats:
    """Return (x_j − x_i) / (j − i) of all pairs i < j, by their place in time; gaps give none."""
    steps = np.arange(values.size, dtype=float)
    there = ~np.isnan(values)
    x, at = values[there], steps[there]
    parts = [(x[i + 1 :] - x[i]) / (at[i + 1 :] - at[i]) for i in range(x.size - 1)]
    return np.concatenate(parts) if parts else np.empty(0)


def sen_slope(values: Floats) -> float:
    """Return Sen's slope per step, NaN with fewer than two values."""
    slopes = pair_slopes(values)
    return float(np.median(slopes)) if slopes.size else math.nan


def mann_kendall(values: Floats, level: float, *, serial_correlation: bool = False) -> KendallTest:
    """Test a series for a monotonic trend (Mann 1945, Kendall 1975), two-sided.

    Parameters
    ----------
    values
        The series in time, (n,), gaps as NaN.
    level
        Significance level, two-sided.
    serial_correlation
        Correct the variance for serial correlation (Hamed and Rao 1998).
    """
    present = values[~np.isnan(values)]
    slope = sen_slope(values)
    spread = variance(present)
    if serial_correlation:
        spread *= hamed_rao_factor(present, slope, level)
    return _result([present], spread, slope, level)


def seasonal_kendall(grid: Floats, level: float) -> KendallTest:
    """Test a series with seasons (Hirsch, Slack and Smith 1982): S and its variance summed over seasons.

    Parameters
    ----------
    grid
        The series, (years, seasons), gaps as NaN.
    level
        Significance level, two-sided.
    """
    columns = [grid[:, season] for season in range(grid.shape[1])]
    present = [column[~np.isnan(column)] for column in columns]
    slopes = np.concatenate([pair_slopes(column) for column in columns])
    slope = float(np.median(slopes)) if slopes.size else math.nan
    return _result(present, sum(variance(values) for values in present), slope, level)


def _result(seasons: Sequence[Floats], spread: float, slope: float, level: float) -> KendallTest:
    """Put a test together from the values of each season, without gaps."""
    s = sum(score(values) for values in seasons)
    pairs = sum(values.size * (values.size - 1) // 2 for values in seasons)
    z = (s - math.copysign(1, s)) / math.sqrt(spread) if s and spread > 0 else 0.0
    p = math.erfc(abs(z) / math.sqrt(2))
    return KendallTest(
        count=sum(values.size for values in seasons),
        score=s,
        variance=float(spread),
        z=z,
        p=p,
        tau=s / pairs if pairs else 0.0,
        slope=slope,
        significant=p < level,
    )


def mean_ranks(values: Floats) -> Floats:
    """Return ranks from 1, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Floats = (last - (counts - 1) / 2)[place]
    return shared


def hamed_rao_factor(values: Floats, slope: float, level: float) -> float:
    """Return what the variance of S is multiplied by for serial correlation (Hamed and Rao 1998).

    Autocorrelations of the ranks of the series without its trend count where they lie outside the two-sided
    bounds of white noise at `level`.
    """
    n = values.size
    if n < 3:
        return 1.0
    ranks = mean_ranks(values - slope * np.arange(1, n + 1))
    centred = ranks - ranks.mean()
    covariance = np.correlate(centred, centred, "full")[n - 1 :]
    if covariance[0] == 0:
        return 1.0
    correlation = covariance / covariance[0]
    bound = _NORMAL.inv_cdf(1 - level / 2) / math.sqrt(n)
    lags = np.arange(1, n)
    counted = np.abs(correlation[1:]) > bound
    weights = (n - lags) * (n - lags - 1.0) * (n - lags - 2.0)
    return float(1 + 2 / (n * (n - 1) * (n - 2)) * (weights * correlation[1:])[counted].sum())
