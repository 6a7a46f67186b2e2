"""Scenarios of tracing: from a seed, the same at each call, with nothing of the truth in what is shown."""

import dataclasses

import numpy as np
import pytest

from bishui.network import Load, Pollutant, build, solve
from bishui.twin.tracing import follow_up, scenario, seeds, version
from bishui.twin.tracing.parameters import parameters

SEEDS = range(100_000, 100_012)


def same(one, other):
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in dataclasses.fields(one)
    )


def test_seeds_of_tuning_and_measuring_have_none_in_common():
    assert not set(seeds("tuning")) & set(seeds("held_out"))
    assert min(len(seeds("tuning")), len(seeds("held_out"))) >= 10_000


def test_the_parameters_have_a_version_and_a_date():
    assert version()
    assert parameters()["date"].isoformat()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_seed_is_one_scenario(seed):
    (case, truth), (again, truth_again) = scenario(seed, 2), scenario(seed, 2)
    assert same(case.samples, again.samples)
    assert case.candidates == again.candidates
    assert truth.sources == truth_again.sources
    assert truth.loads == truth_again.loads


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tiers_share_one_truth_and_show_more_of_it(seed):
    (first, truth), (second, truth_again) = scenario(seed, 1), scenario(seed, 2)
    assert truth.sources == truth_again.sources
    assert not first.samples.automatic.any()
    assert second.samples.automatic.any()
    assert same(first.samples, second.samples.rows(~second.samples.automatic))


@pytest.mark.parametrize("seed", SEEDS)
def test_sizes_are_as_the_issue_wants_them(seed):
    case, truth = scenario(seed, 2)
    assert 20 <= len(case.reaches) <= 200
    assert 3 <= len(case.sections) <= 8
    assert 5 <= len(case.candidates) <= 50
    assert len(truth.sources) <= 3
    assert 0.10 <= truth.noise <= 0.30
    assert truth.absent or set(truth.sources) <= {candidate.key for candidate in case.candidates}


@pytest.mark.parametrize("seed", SEEDS)
def test_an_exceedance_shows_in_the_campaign(seed):
    case, _ = scenario(seed, 1)
    limits = np.array([case.limits[pollutant.key] for pollutant in case.pollutants])
    late = case.samples.rows(case.samples.time >= case.event_from)
    assert (late.value > limits[late.item]).any()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_truth_agrees_with_the_engine_where_nobody_exceeds(seed):
    """Path sums here, one sweep there: the same concentrations, when the engine is told the truth."""
    case, truth = scenario(seed, 1)
    river = truth.world.river
    reaches = dataclasses.replace(case.reaches, velocity=river.velocity, lateral_flow=river.lateral)
    per_day = river.rate[0] * 86_400.0
    items = [Pollutant(p.key, float(k), 1.0) for p, k in zip(case.pollutants, per_day, strict=True)]
    keys = [item.key for item in items]
    loads = [
        Load(str(n), o.reach, o.chainage, o.flow, dict(zip(keys, o.ordinary.tolist(), strict=True)))
        for n, o in enumerate(truth.world.outfalls)
    ]
    lateral = {key: river.background[:, n] for n, key in enumerate(keys)}
    solution = solve(build(reaches, case.edges), items, loads, lateral)
    engine = np.array([solution.at(section).concentrations for section in case.sections])
    assert truth.world.ordinary(case.sections) == pytest.approx(engine, rel=1e-9)


def test_a_follow_up_sample_is_the_same_for_the_same_question():
    case, truth = scenario(100_003, 3)
    one = follow_up(truth, case.sections[0].reach, 10.0, 9)
    other = follow_up(truth, case.sections[0].reach, 10.0, 9)
    assert same(one, other)
    assert set(one.item.tolist()) == set(range(len(case.pollutants)))
    assert (one.section == 9).all()
    assert one.time[0] > case.samples.time.max()
