"""How well a set of sources explains what was measured: compiled, with everything vague integrated out.

Results are compared by their logarithms. For one item, the logarithm of a result is that of the ordinary
concentration plus what each source raises it by. What is not known exactly (the fingerprint of each source,
the decay, the ordinary level and dilution at each section) moves it in proportion to shares; so it is
Gaussian and is integrated in closed form: a rank-one term for each section, a small matrix for the rest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from bishui.network.tables import Floats, Integers

#: Sources that may act at once.
MOST = 3
#: Slope of the logistic curve that is closest to the normal distribution.
_LOGISTIC = 1.702
_HALF_LOG_2PI, _ROOT_2 = 0.9189385332046727, 1.4142135623730951


class Evidence(NamedTuple):
    """What was measured in the event, and the ways from every possible source to every section.

    Rows are sorted into groups of one item and section. Times are seconds from the reference moment.

    Attributes
    ----------
    value, time, variance, below
        Logarithm of each result, its moment, error variance, and whether it is only a detection limit.
    start
        First row of each group, and the number of rows.
    item, section
        Of each group; groups of one item are neighbours.
    base, base_spread
        Logarithm of the ordinary concentration of each group, and its standard deviation.
    way
        Concentration at a section per unit load at a place, s/m³, (S, places, P).
    slope
        How its logarithm moves with the logarithm of K, (S, places, P).
    delay, smear
        Mean travel time and its standard deviation, s, (S, places).
    place
        Of each possible source.
    load, spread
        Ordinary load of each possible source by item, g/s, and the spread of its fingerprint, (C, P).
    doubt
        Standard deviations: of ln K, of dilution at a section.
    """

    value: Floats
    time: Floats
    variance: Floats
    below: Integers
    start: Integers
    item: Integers
    section: Integers
    base: Floats
    base_spread: Floats
    way: Floats
    slope: Floats
    delay: Floats
    smear: Floats
    place: Integers
    load: Floats
    spread: Floats
    doubt: Floats


class Sources(NamedTuple):
    """A set of sources.

    Attributes
    ----------
    column
        Which of the possible sources each is.
    size
        Logarithm of its excess over its ordinary load.
    begin
        Beginning of its release, s from the reference moment.
    length
        Logarithm of its duration in s.
    """

    column: Integers
    size: Floats
    begin: Floats
    length: Floats


@njit(cache=True)
def there(time: float, begin: float, end: float, smear: float) -> float:
    """Return which part of a release has arrived and not yet passed at a moment."""
    return _passed((time - begin) / smear) - _passed((time - end) / smear)


@njit(cache=True)
def _passed(z: float) -> float:
    """Return a logistic curve that is 0 and 1 beyond six standard deviations, where it is so to 4e-5."""
    if z < -6.0:
        return 0.0
    if z > 6.0:
        return 1.0
    return float(1.0 / (1.0 + np.exp(-_LOGISTIC * z)))


@njit(cache=True)
def log_normal_below(z: float) -> float:
    """Return the logarithm of the normal distribution, safe far below."""
    if z > 6.0:
        return 0.0
    if z < -10.0:
        return float(-0.5 * z * z - np.log(-z) - _HALF_LOG_2PI)
    return float(np.log(0.5 * _erfc(-z / _ROOT_2)))


@njit(cache=True)
def _erfc(x: float) -> float:
    """Return the complementary error function to 1.2e-7 relative (a Chebyshev fit)."""
    z = abs(x)
    t = 1.0 / (1.0 + 0.5 * z)
    r = t * np.exp(
        -z * z - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
        + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))))
    )  # fmt: skip
    return float(r if x >= 0.0 else 2.0 - r)


@njit(cache=True)
def log_likelihood(evidence: Evidence, sources: Sources, hidden: Floats) -> float:
    """Return the logarithm of the likelihood of a set of sources, up to a constant.

    Parameters
    ----------
    hidden
        Empty, or (P, sources, 2): receives mean and variance of how far each source's item lies from its
        fingerprint, in standard deviations, after the results.
    """
    count = len(sources.column)
    rank = count + 1
    total = 0.0
    matrix, vector = np.eye(rank), np.zeros(rank)
    amount = np.zeros(count)
    groups = len(evidence.item)
    for group in range(groups):
        item, section = evidence.item[group], evidence.section[group]
        if group == 0 or evidence.item[group - 1] != item:
            matrix, vector = np.eye(rank), np.zeros(rank)
        for j in range(count):
            column = sources.column[j]
            way = evidence.way[section, evidence.place[column], item]
            amount[j] = np.exp(sources.size[j]) * evidence.load[column, item] * way
        total += _group(evidence, group, sources, amount, (matrix, vector))
        if group + 1 == groups or evidence.item[group + 1] != item:
            factor = np.linalg.cholesky(matrix)
            solved = np.linalg.solve(matrix, vector)
            for j in range(rank):
                total -= np.log(factor[j, j])
            total += 0.5 * np.dot(vector, solved)
            if hidden.size > 0:
                covariance = np.linalg.inv(matrix)
                for j in range(count):
                    hidden[item, j, 0], hidden[item, j, 1] = solved[j], covariance[j, j]
    return total


@njit(cache=True)
def _parts(
    evidence: Evidence, place: tuple[int, int], sources: Sources, amount: Floats, part: Floats
) -> float:
    """Write what each source adds to a row; return the sum. `place` is section and row."""
    section, row = place
    total = 0.0
    for j in range(len(amount)):
        part[j] = 0.0
        if amount[j] > 0.0:
            where = evidence.place[sources.column[j]]
            begin = sources.begin[j] + evidence.delay[section, where]
            end = begin + np.exp(sources.length[j])
            part[j] = amount[j] * there(evidence.time[row], begin, end, evidence.smear[section, where])
            total += part[j]
    return total


@njit(cache=True)
def _shares(evidence: Evidence, group: int, sources: Sources, part: Floats, moved: Floats) -> None:
    """Write how the logarithm of a row moves with each hidden normal: fingerprints, then decay.

    `part` holds the shares of the sources.
    """
    item, section, count = evidence.item[group], evidence.section[group], len(part)
    moved[count] = 0.0
    for j in range(count):
        column = sources.column[j]
        moved[j] = part[j] * evidence.spread[column, item]
        moved[count] += part[j] * evidence.slope[section, evidence.place[column], item] * evidence.doubt[0]


@njit(cache=True)
def _group(
    evidence: Evidence, group: int, sources: Sources, amount: Floats, system: tuple[Floats, Floats]
) -> float:
    """Add the rows of one item and section to the system; return their part that is not in it."""
    matrix, vector = system
    rank = len(vector)
    ordinary = np.exp(evidence.base[group])
    part, moved = np.zeros(rank - 1), np.zeros(rank)
    square, cross, mixed = 0.0, np.zeros(rank), 0.0
    total = 0.0
    for row in range(evidence.start[group], evidence.start[group + 1]):
        raised = _parts(evidence, (evidence.section[group], row), sources, amount, part)
        left, own = evidence.value[row] - evidence.base[group], evidence.base_spread[group]
        if raised > 0.0:
            level = ordinary + raised
            part /= level
            raised /= level
            left = evidence.value[row] - np.log(level)
            own = (1.0 - raised) * own + raised * evidence.doubt[1]
            _shares(evidence, group, sources, part, moved)
        else:
            moved[:] = 0.0
        if evidence.below[row]:
            spread = evidence.variance[row] + own * own + (moved * moved).sum()
            total += log_normal_below(left / np.sqrt(spread))
            continue
        weight = 1.0 / evidence.variance[row]
        total -= 0.5 * weight * left * left
        square += weight * own * own
        mixed += weight * own * left
        if raised > 0.0:
            for a in range(rank):
                cross[a] += weight * own * moved[a]
                vector[a] += weight * moved[a] * left
                for b in range(rank):
                    matrix[a, b] += weight * moved[a] * moved[b]
    shrink = 1.0 / (1.0 + square)
    for a in range(rank):
        vector[a] -= shrink * cross[a] * mixed
        for b in range(rank):
            matrix[a, b] -= shrink * cross[a] * cross[b]
    return float(total + 0.5 * shrink * mixed * mixed - 0.5 * np.log(1.0 + square))
