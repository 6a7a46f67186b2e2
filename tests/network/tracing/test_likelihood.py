"""The compiled likelihood against plain matrices, and the sampler against the prior that it must return."""

import numpy as np
import pytest

from bishui.network.tracing.likelihood import Evidence, Sources, log_likelihood, log_normal_below, quiet
from bishui.network.tracing.sampler import Prior, Run, sample


def evidence(rng, rows=5, sections=3, places=4, items=2):
    groups = sections * items
    found = Evidence(
        value=rng.normal(1.0, 0.5, rows * groups),
        time=rng.uniform(-2e5, 0.0, rows * groups),
        variance=rng.uniform(0.02, 0.1, rows * groups),
        below=np.zeros(rows * groups, np.int64),
        start=rows * np.arange(groups + 1),
        item=np.repeat(np.arange(items), sections),
        section=np.tile(np.arange(sections), items),
        base=rng.normal(0.5, 0.2, groups),
        base_spread=rng.uniform(0.1, 0.4, groups),
        way=rng.uniform(0.0, 1.0, (sections, places, items)),
        slope=-rng.uniform(0.0, 0.5, (sections, places, items)),
        delay=rng.uniform(1e3, 5e4, (sections, places)),
        smear=rng.uniform(1e3, 2e4, (sections, places)),
        place=np.arange(places),
        load=rng.uniform(0.2, 2.0, (places, items)),
        spread=rng.uniform(0.2, 0.6, (places, items)),
        doubt=np.array([0.35, 0.15]),
        quiet=np.zeros(groups),
    )
    found.way[0, 2] = 0.0
    return found._replace(quiet=quiet(found))


def dense(given, columns, size, begin, end):
    """Return the same logarithm by whole covariance matrices, one for each item."""

    def passed(z):
        return np.where(z < -6, 0.0, np.where(z > 6, 1.0, 1.0 / (1.0 + np.exp(-1.702 * z))))

    total = 0.0
    for item in range(given.load.shape[1]):
        left, noise, hidden = [], [], []
        groups = np.flatnonzero(given.item == item)
        for number, group in enumerate(groups):
            section = given.section[group]
            rows = np.arange(given.start[group], given.start[group + 1])
            time, place = given.time[rows], given.place[columns]
            lag, wide = given.delay[section, place], given.smear[section, place]
            there = passed((time[:, None] - begin - lag) / wide) - passed((time[:, None] - end - lag) / wide)
            part = np.exp(size) * given.load[columns, item] * given.way[section, place, item] * there
            level = np.exp(given.base[group]) + part.sum(axis=1)
            share = part / level[:, None]
            raised = share.sum(axis=1)
            own = np.zeros((len(rows), len(groups)))
            own[:, number] = (1 - raised) * given.base_spread[group] + raised * given.doubt[1]
            decay = (share * given.slope[section, place, item]).sum(axis=1) * given.doubt[0]
            hidden.append(np.column_stack([share * given.spread[columns, item], decay, own]))
            left.append(given.value[rows] - np.log(level))
            noise.append(given.variance[rows])
        rest, error, factors = np.concatenate(left), np.concatenate(noise), np.concatenate(hidden)
        covariance = np.diag(error) + factors @ factors.T
        total -= 0.5 * rest @ np.linalg.solve(covariance, rest)
        total -= 0.5 * (np.linalg.slogdet(covariance)[1] - np.log(error).sum())
    return total


@pytest.mark.parametrize("columns", [[2], [0, 3], [1, 2, 3]])
def test_the_compiled_likelihood_is_that_of_plain_matrices(columns):
    rng = np.random.default_rng(len(columns))
    given, count = evidence(rng), len(columns)
    state = (np.array(columns), rng.normal(0, 1, count), rng.uniform(-2e5, -1e5, count), np.full(count, -2e4))
    sources = Sources(state[0], state[1], state[2], np.log(state[3] - state[2]))
    got = log_likelihood(given, sources, np.zeros((0, 0, 0)))
    assert got == pytest.approx(dense(given, *state), rel=1e-9)


def test_far_below_detection_costs_next_to_nothing_and_far_above_much():
    assert log_normal_below(8.0) == 0.0
    assert log_normal_below(0.0) == pytest.approx(np.log(0.5), rel=1e-6)
    assert log_normal_below(-12.0) < -70.0
    assert log_normal_below(-10.01) == pytest.approx(log_normal_below(-9.99), rel=0.02)


def test_without_results_the_sampler_returns_the_prior():
    """The law that births, deaths, swaps and tempering keep: no data, no news."""
    places, listed = 6, 4
    rng = np.random.default_rng(1)
    nothing = evidence(rng, rows=0, places=places)
    share = np.array([0.1, 0.2, 0.2, 0.3, 0.1, 0.1])
    look = np.array([0.3, 0.1, 0.2, 0.2, 0.1, 0.1])
    prior = Prior(
        sets=np.log([0.55, 0.30, 0.15]) + np.log([1.0, 2.0, 6.0]),
        column=np.log(share),
        size=np.full(places, 1.0),
        size_spread=np.full(places, 0.8),
        window=np.array([-1e6, 0.0]),
        duration=np.array([12.0, 0.7]),
        listed=listed,
        kinds=1,
        look=look,
        look_sum=np.cumsum(look),
        fit=rng.normal(1.0, 0.3, places),
        lead=np.zeros(places),
    )
    columns, size, begin, _ = sample(
        nothing, prior, np.array([1.0, 0.5]), Run(400_000, 8, np.array([0, 1]), 5)
    )
    count = (columns >= 0).sum(axis=1)
    # Sets with one source twice, or with two of those on no list, have no chance: enumerate what is left.
    wanted = np.zeros(4)
    chance = np.zeros(places)
    for a in range(places):
        wanted[1] += 0.55 * share[a]
        chance[a] += 0.55 * share[a]
        for b in range(a):
            if min(a, b) < listed:
                part = 0.30 * 2 * share[a] * share[b]
                wanted[2] += part
                chance[[a, b]] += part
            for c in range(b):
                if sum(x >= listed for x in (a, b, c)) < 2:
                    part = 0.15 * 6 * share[a] * share[b] * share[c]
                    wanted[3] += part
                    chance[[a, b, c]] += part
    got = np.bincount(count, minlength=4) / len(count)
    assert got == pytest.approx(wanted / wanted.sum(), abs=0.02)
    seen = np.array([(columns == row).any(axis=1).mean() for row in range(places)])
    assert seen == pytest.approx(chance / wanted.sum(), abs=0.025)
    held = columns >= 0
    assert size[held].mean() == pytest.approx(1.0, abs=0.03)
    assert size[held].std() == pytest.approx(0.8, abs=0.03)
    assert begin[held].mean() == pytest.approx(-5e5, abs=2e4)
