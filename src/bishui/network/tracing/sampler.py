"""Which sets of sources are likely: a reversible-jump sampler with tempered copies, compiled, seeded.

A state is a set of one to three sources, each with its excess, its beginning and its duration. Moves change a
source's numbers, replace a source, add one, drop one; copies at higher temperature cross between explanations
and hand them down. Only the cold copy is counted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bishui.compiled import kernel
from bishui.network.tables import Floats, Integers
from bishui.network.tracing.likelihood import MOST, Evidence, Sources, log_likelihood

_HALF_LOG_2PI = 0.9189385332046727
_DAY = 86_400.0


class Prior(NamedTuple):
    """What is believed before measuring, and where to look first.

    Attributes
    ----------
    sets
        Logarithm of the chance of one, two, three sources, times the orders that they can be named in.
    column
        Logarithm of each possible source's share of the prior.
    size, size_spread
        Mean and standard deviation of the logarithm of its excess over its ordinary load.
    window
        Earliest and latest beginning of a release, s.
    duration
        Mean and standard deviation of the logarithm of its duration in s.
    listed
        How many of the possible sources are on the list; they come first.
    kinds
        For a source on no list, of how many kinds it may be: columns run by place, then kind.
    look
        Chance of each source to be proposed; `look_sum` are its running sums.
    fit
        Logarithm of the excess with which it alone would come nearest to what was measured.
    lead
        Travel time from it to the reference section, s.
    """

    sets: Floats
    column: Floats
    size: Floats
    size_spread: Floats
    window: Floats
    duration: Floats
    listed: int
    kinds: int
    look: Floats
    look_sum: Floats
    fit: Floats
    lead: Floats


class Run(NamedTuple):
    """How to sample: moves of each copy, every how many one is kept (after a quarter), where to begin."""

    steps: int
    keep: int
    start: Integers
    seed: int


@kernel()
def _gauss(x: float, mean: float, spread: float) -> float:
    z = (x - mean) / spread
    return float(-0.5 * z * z - np.log(spread) - _HALF_LOG_2PI)


@kernel()
def _log_prior(prior: Prior, sources: Sources) -> float:
    """Return the logarithm of the prior density; sets with one source twice or two on no list have none."""
    count, hidden = len(sources.column), 0
    found = prior.sets[count - 1] - count * np.log(prior.window[1] - prior.window[0])
    for j in range(count):
        column, begin = sources.column[j], sources.begin[j]
        hidden += int(column >= prior.listed)
        if np.any(sources.column[:j] == column) or begin < prior.window[0] or begin > prior.window[1]:
            return -np.inf
        found += prior.column[column]
        found += _gauss(sources.size[j], prior.size[column], prior.size_spread[column])
        found += _gauss(sources.length[j], prior.duration[0], prior.duration[1])
    return -np.inf if hidden > 1 else found


@kernel()
def _pick(sums: Floats) -> int:
    return min(int(np.searchsorted(sums, np.random.random() * sums[-1])), len(sums) - 1)


@kernel()
def _moved_column(prior: Prior, column: int) -> tuple[int, float]:
    """Return another source in place of one, and the logarithm of the ratio of the proposals."""
    hidden = len(prior.column) - prior.listed
    if column >= prior.listed and np.random.random() < 0.5:
        place, kind = (column - prior.listed) // prior.kinds, (column - prior.listed) % prior.kinds
        if np.random.random() < 0.5:
            place = np.random.randint(hidden // prior.kinds)
        else:
            kind = np.random.randint(prior.kinds)
        return prior.listed + place * prior.kinds + kind, 0.0
    chosen = _pick(prior.look_sum)
    ratio = np.log(prior.look[column]) - np.log(prior.look[chosen])
    # A source on no list proposes from all only every other time.
    if column >= prior.listed:
        ratio -= np.log(0.5)
    if chosen >= prior.listed:
        ratio += np.log(0.5)
    return chosen, ratio


@kernel()
def _birth_density(prior: Prior, sources: Sources, j: int, hint: float) -> float:
    """Return the logarithm of the density with which source j of a set would be proposed."""
    column, width = sources.column[j], prior.window[1] - prior.window[0]
    near = np.exp(_gauss(sources.begin[j], hint, _DAY))
    found = np.log(prior.look[column]) + np.log(0.5 / width + 0.5 * near)
    found += _gauss(sources.size[j], prior.fit[column] - 0.4, 1.2)
    return float(found + _gauss(sources.length[j], prior.duration[0], prior.duration[1]))


@kernel()
def _change(prior: Prior, sources: Sources) -> tuple[Sources, float]:
    """Return a proposal and the logarithm of the ratio of proposing back to proposing it."""
    draw = np.random.random()
    if draw < 0.4:
        return _nudge(sources)
    if draw < 0.7:
        return _swap(prior, sources)
    if draw < 0.85:
        return _birth(prior, sources)
    return _death(prior, sources)


@kernel()
def _nudge(sources: Sources) -> tuple[Sources, float]:
    """Change the numbers of one source; a beginning moves with the end held, or the end alone."""
    j = np.random.randint(len(sources.column))
    size, begin, length = sources.size.copy(), sources.begin.copy(), sources.length.copy()
    scale, what, ratio = 10.0 ** np.random.uniform(-1.0, 0.3), np.random.random(), 0.0
    if what < 0.75:
        size[j] += scale * 0.5 * np.random.normal()
    if what > 0.4 and np.random.random() < 0.5:
        step = scale * _DAY * np.random.normal()
        left = np.exp(length[j]) - step
        if left <= 600.0:
            return sources, -np.inf
        begin[j] += step
        length[j] = np.log(left)
        ratio = sources.length[j] - length[j]
    elif what > 0.4:
        length[j] += scale * 0.5 * np.random.normal()
    return Sources(sources.column, size, begin, length), ratio


@kernel()
def _swap(prior: Prior, sources: Sources) -> tuple[Sources, float]:
    """Put another source in the place of one, with the load that fits it and the time that it needs."""
    j = np.random.randint(len(sources.column))
    old = sources.column[j]
    chosen, ratio = _moved_column(prior, old)
    column, size, begin = sources.column.copy(), sources.size.copy(), sources.begin.copy()
    size[j] += prior.fit[chosen] - prior.fit[old] + 0.3 * np.random.normal()
    begin[j] += prior.lead[old] - prior.lead[chosen]
    column[j] = chosen
    return Sources(column, size, begin, sources.length), ratio


@kernel()
def _birth(prior: Prior, sources: Sources) -> tuple[Sources, float]:
    count = len(sources.column)
    if count == MOST:
        return sources, -np.inf
    chosen = _pick(prior.look_sum)
    hint = sources.begin[0] + prior.lead[sources.column[0]] - prior.lead[chosen]
    begin = np.random.uniform(prior.window[0], prior.window[1])
    if np.random.random() < 0.5:
        begin = hint + _DAY * np.random.normal()
    born = Sources(
        np.append(sources.column, chosen),
        np.append(sources.size, prior.fit[chosen] - 0.4 + 1.2 * np.random.normal()),
        np.append(sources.begin, begin),
        np.append(sources.length, prior.duration[0] + prior.duration[1] * np.random.normal()),
    )
    return born, -_birth_density(prior, born, count, hint) - np.log(count + 1)


@kernel()
def _death(prior: Prior, sources: Sources) -> tuple[Sources, float]:
    count = len(sources.column)
    if count == 1:
        return sources, -np.inf
    j = np.random.randint(count)
    rest = np.array([i for i in range(count) if i != j])
    left = Sources(sources.column[rest], sources.size[rest], sources.begin[rest], sources.length[rest])
    hint = left.begin[0] + prior.lead[left.column[0]] - prior.lead[sources.column[j]]
    return left, _birth_density(prior, sources, j, hint) + np.log(count)


@kernel()
def sample(
    evidence: Evidence, prior: Prior, heat: Floats, run: Run
) -> tuple[Integers, Floats, Floats, Floats]:
    """Return kept states of the cold copy: sources (-1: none), excess, beginning and end, (kept, 3) each.

    Parameters
    ----------
    heat
        Powers of the likelihood of the copies; the first is 1.
    """
    np.random.seed(run.seed)
    none = np.zeros((0, 0, 0))
    states = [_first(prior, run.start[copy]) for copy in range(len(heat))]
    fitting = np.array([log_likelihood(evidence, state, none) for state in states])
    believed = np.array([_log_prior(prior, state) for state in states])
    burnt = run.steps // 4
    kept = (run.steps - burnt) // run.keep
    column, size = np.full((kept, MOST), -1), np.zeros((kept, MOST))
    begin, end = np.zeros((kept, MOST)), np.zeros((kept, MOST))
    for step in range(run.steps):
        for copy in range(len(heat)):
            new, ratio = _change(prior, states[copy])
            belief = _log_prior(prior, new) if ratio > -np.inf else -np.inf
            if belief == -np.inf:
                continue
            fit = log_likelihood(evidence, new, none)
            gain = heat[copy] * (fit - fitting[copy]) + belief - believed[copy] + ratio
            if np.log(np.random.random()) < gain:
                states[copy], fitting[copy], believed[copy] = new, fit, belief
        _exchange(states, heat, fitting, believed)
        row = (step - burnt) // run.keep
        if step >= burnt and (step - burnt) % run.keep == 0 and row < kept:
            count = len(states[0].column)
            column[row, :count], size[row, :count] = states[0].column, states[0].size
            begin[row, :count] = states[0].begin
            end[row, :count] = states[0].begin + np.exp(states[0].length)
    return column, size, begin, end


@kernel()
def _first(prior: Prior, column: int) -> Sources:
    """Return a state to begin with: one source that still runs."""
    begin = 0.7 * prior.window[1] + 0.3 * prior.window[0]
    length = np.log(prior.window[1] - begin + 2.0 * _DAY)
    return Sources(np.array([column]), np.array([prior.fit[column]]), np.array([begin]), np.array([length]))


@kernel()
def _exchange(states: list[Sources], heat: Floats, fitting: Floats, believed: Floats) -> None:
    """Offer the state of a hotter copy to the next colder one."""
    if len(heat) < 2:
        return
    cold = np.random.randint(len(heat) - 1)
    hot = cold + 1
    if np.log(np.random.random()) < (heat[cold] - heat[hot]) * (fitting[hot] - fitting[cold]):
        states[cold], states[hot] = states[hot], states[cold]
        fitting[cold], fitting[hot] = fitting[hot], fitting[cold]
        believed[cold], believed[hot] = believed[hot], believed[cold]
