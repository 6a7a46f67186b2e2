"""How well a set of sources explains what was measured: compiled, with everything vague integrated out.

Results are compared by their logarithms. For one item, the logarithm of a result is that of the ordinary
concentration plus what each source raises it by. What is not known exactly (the fingerprint of each source,
the decay, the ordinary level and dilution at each section) moves it in proportion to shares; so it is
Gaussian and is integrated in closed form: a rank-one term for each section, a small matrix for the rest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bishui.compiled import kernel
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
    quiet
        What each group adds to the logarithm of the likelihood where no source reaches its section.
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
    quiet: Floats


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


@kernel()
def there(time: float, begin: float, end: float, smear: float) -> float:
    """Return which part of a release has arrived and not yet passed at a moment."""
    return _passed((time - begin) / smear) - _passed((time - end) / smear)


@kernel()
def _passed(z: float) -> float:
    """Return a logistic curve that is 0 and 1 beyond six standard deviations, where it is so to 4e-5."""
    if z < -6.0:
        return 0.0
    if z > 6.0:
        return 1.0
    return float(1.0 / (1.0 + np.exp(-_LOGISTIC * z)))


@kernel()
def log_normal_below(z: float) -> float:
    """Return the logarithm of the normal distribution, safe far below."""
    if z > 6.0:
        return 0.0
    if z < -10.0:
        return float(-0.5 * z * z - np.log(-z) - _HALF_LOG_2PI)
    return float(np.log(0.5 * _erfc(-z / _ROOT_2)))


@kernel()
def _erfc(x: float) -> float:
    """Return the complementary error function to 1.2e-7 relative (a Chebyshev fit)."""
    z = abs(x)
    t = 1.0 / (1.0 + 0.5 * z)
    r = t * np.exp(
        -z * z - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
        + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))))
    )  # fmt: skip
    return float(r if x >= 0.0 else 2.0 - r)


class _Work(NamedTuple):
    """Arrays of one evaluation, made once.

    Attributes
    ----------
    matrix, vector
        The system of one item: what its results say about fingerprints and decay.
    amount
        What each source raises a section by once it is there.
    begin, end, smear
        When it begins and ceases to be there, and how sharply.
    part, moved, cross
        Of one row and of one group.
    """

    matrix: Floats
    vector: Floats
    amount: Floats
    begin: Floats
    end: Floats
    smear: Floats
    part: Floats
    moved: Floats
    cross: Floats


@kernel()
def log_likelihood(evidence: Evidence, sources: Sources, hidden: Floats) -> float:
    """Return the logarithm of the likelihood of a set of sources, up to a constant.

    Parameters
    ----------
    hidden
        Empty, or (P, sources, 2): receives mean and variance of how far each source's item lies from its
        fingerprint, in standard deviations, after the results.
    """
    work = _work(len(sources.column))
    excess, end = np.exp(sources.size), sources.begin + np.exp(sources.length)
    total = 0.0
    groups = len(evidence.item)
    for group in range(groups):
        item = evidence.item[group]
        if group == 0 or evidence.item[group - 1] != item:
            _clear(work)
        if _arriving(evidence, group, sources, (excess, end), work) > 0.0:
            total += _group(evidence, group, sources, work)
        else:
            total += evidence.quiet[group]
        if group + 1 == groups or evidence.item[group + 1] != item:
            if hidden.size > 0:
                _write_hidden(work, hidden[item])
            total += _integrated(work)
    return total


@kernel()
def quiet(evidence: Evidence) -> Floats:
    """Return what each group adds to the logarithm where no source reaches its section: `Evidence.quiet`."""
    work = _work(0)
    nobody = np.empty(0)
    sources = Sources(np.empty(0, np.int64), nobody, nobody, nobody)
    return np.array([_group(evidence, group, sources, work) for group in range(len(evidence.item))])


@kernel()
def _work(count: int) -> _Work:
    rank = count + 1
    return _Work(
        np.eye(rank), np.zeros(rank), np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count),
        np.zeros(count), np.zeros(rank), np.zeros(rank),
    )  # fmt: skip


@kernel()
def _clear(work: _Work) -> None:
    """Begin the system of another item."""
    work.matrix[:] = 0.0
    work.vector[:] = 0.0
    for a in range(len(work.vector)):
        work.matrix[a, a] = 1.0


@kernel()
def _arriving(
    evidence: Evidence, group: int, sources: Sources, release: tuple[Floats, Floats], work: _Work
) -> float:
    """Write what each source raises a group by, and from when to when; return the sum.

    `release` are excess and end of each source.
    """
    item, section = evidence.item[group], evidence.section[group]
    total = 0.0
    for j in range(len(work.amount)):
        column = sources.column[j]
        place = evidence.place[column]
        way = evidence.way[section, place, item]
        work.amount[j] = release[0][j] * evidence.load[column, item] * way
        work.begin[j] = sources.begin[j] + evidence.delay[section, place]
        work.end[j] = release[1][j] + evidence.delay[section, place]
        work.smear[j] = evidence.smear[section, place]
        total += work.amount[j]
    return total


@kernel()
def _integrated(work: _Work) -> float:
    """Return what the hidden normals of one item add, by Cholesky's factor in the place of the matrix."""
    matrix, vector = work.matrix, work.vector
    total = 0.0
    for a in range(len(vector)):
        for b in range(a + 1):
            for c in range(b):
                matrix[a, b] -= matrix[a, c] * matrix[b, c]
            matrix[a, b] = np.sqrt(matrix[a, a]) if a == b else matrix[a, b] / matrix[b, b]
        for c in range(a):
            vector[a] -= matrix[a, c] * vector[c]
        vector[a] /= matrix[a, a]
        total += 0.5 * vector[a] * vector[a] - np.log(matrix[a, a])
    return total


@kernel()
def _write_hidden(work: _Work, hidden: Floats) -> None:
    """Write mean and variance of the hidden normals of one item."""
    solved, covariance = np.linalg.solve(work.matrix, work.vector), np.linalg.inv(work.matrix)
    for j in range(len(hidden)):
        hidden[j, 0], hidden[j, 1] = solved[j], covariance[j, j]


@kernel()
def _shares(evidence: Evidence, group: int, sources: Sources, work: _Work) -> None:
    """Write how the logarithm of a row moves with each hidden normal: fingerprints, then decay.

    `work.part` holds the shares of the sources.
    """
    item, section, count = evidence.item[group], evidence.section[group], len(work.part)
    work.moved[count] = 0.0
    for j in range(count):
        column, part = sources.column[j], work.part[j]
        work.moved[j] = part * evidence.spread[column, item]
        work.moved[count] += part * evidence.slope[section, evidence.place[column], item] * evidence.doubt[0]


@kernel()
def _raised(work: _Work, time: float) -> float:
    """Write what each source raises a row by; return the sum."""
    total = 0.0
    for j in range(len(work.part)):
        work.part[j] = 0.0
        if work.amount[j] > 0.0:
            work.part[j] = work.amount[j] * there(time, work.begin[j], work.end[j], work.smear[j])
            total += work.part[j]
    return total


@kernel()
def _group(evidence: Evidence, group: int, sources: Sources, work: _Work) -> float:
    """Add the rows of one item and section to the system; return their part that is not in it."""
    rank, ordinary = len(work.vector), np.exp(evidence.base[group])
    moved, cross = work.moved, work.cross
    square, mixed, total = 0.0, 0.0, 0.0
    cross[:] = 0.0
    for row in range(evidence.start[group], evidence.start[group + 1]):
        raised = _raised(work, evidence.time[row])
        left, own = evidence.value[row] - evidence.base[group], evidence.base_spread[group]
        if raised > 0.0:
            level = ordinary + raised
            for j in range(rank - 1):
                work.part[j] /= level
            left = evidence.value[row] - np.log(level)
            own += raised / level * (evidence.doubt[1] - own)
            _shares(evidence, group, sources, work)
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
                work.vector[a] += weight * moved[a] * left
                for b in range(a + 1):
                    work.matrix[a, b] += weight * moved[a] * moved[b]
    shrink = 1.0 / (1.0 + square)
    for a in range(rank):
        work.vector[a] -= shrink * cross[a] * mixed
        for b in range(a + 1):
            work.matrix[a, b] -= shrink * cross[a] * cross[b]
            work.matrix[b, a] = work.matrix[a, b]
    return float(total + 0.5 * shrink * mixed * mixed - 0.5 * np.log(1.0 + square))
