"""Inflow all along a reach (沿程分散入流): the closed form, and that how a river is cut up changes nothing."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from bishui.network import (
    Diffuse,
    Edges,
    Load,
    NetworkFault,
    Reaches,
    Section,
    build,
    contributions,
    monte_carlo,
    sensitivity,
    solve,
)
from bishui.network.settings import settings as model_settings
from bishui.network.uncertainty import _draws
from tests.network.networks import COD, NH3N, SALT, network, outfalls, tables

POLLUTANTS = (COD, NH3N, SALT)


@st.composite
def cases(draw):
    """A network with water everywhere, outfalls, inflow along its reaches, and a section."""
    rows, edges = draw(tables())
    rows.lateral_flow[:] += 0.01
    net = build(rows, edges)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inflow = rng.choice([0.0, 1e-5, 1e-3], len(net))
    diffuse = Diffuse.of(inflow, {item.key: rng.uniform(0, 30, len(net)) for item in POLLUTANTS})
    row = int(rng.integers(len(net)))
    section = Section("s", row, float(rng.choice([0.0, rng.random(), 1.0]) * rows.length[row]))
    return net, draw(outfalls(net)), diffuse, section


def test_the_load_after_x_metres_is_the_closed_form():
    net = network("a>0", length=5000.0)
    inflow = Diffuse(np.array([2e-4]), {"COD": np.array([0.01])})
    solution = solve(net, [COD], [], {"COD": np.array([12.0])}, inflow)
    decay = 0.2 / 86_400 / 0.5
    for x in (0.0, 1200.0, 5000.0):
        reading = solution.at(Section("s", 0, x))
        expected = 12.0 * np.exp(-decay * x) + 0.01 * (1 - np.exp(-decay * x)) / decay
        assert reading.loads[0] == pytest.approx(expected, rel=1e-12)
        assert reading.flow == pytest.approx(1.0 + 2e-4 * x, rel=1e-12)
    assert solution.bottom[0, 0] == pytest.approx(expected, rel=1e-12)


def test_what_does_not_decay_is_all_there():
    solution = solve(network("a>b|b>0"), [SALT], diffuse=Diffuse(np.zeros(2), {"Cl": np.array([0.02, 0.01])}))
    assert solution.bottom[:, 0].tolist() == pytest.approx([20.0, 30.0], rel=1e-14)


@settings(max_examples=40)
@given(cases())
def test_what_enters_along_the_way_leaves_or_decays(case):
    net, loads, diffuse, _ = case
    solution = solve(net, POLLUTANTS, loads, None, diffuse)
    balance, outlets = solution.balance, np.diff(net.outflows.start) == 0
    assert_allclose(balance.entered, balance.left + balance.decayed, rtol=1e-11, atol=1e-15)
    water = net.reaches.lateral_flow.sum() + (diffuse.flow * net.reaches.length).sum()
    assert_allclose(solution.flow[outlets].sum(), water + sum(load.flow for load in loads), rtol=1e-12)


@settings(max_examples=40)
@given(cases())
def test_contributions_against_the_flow_are_the_load_with_it(case):
    net, loads, diffuse, section = case
    solution = solve(net, POLLUTANTS, loads, None, diffuse)
    reading = solution.at(section)
    for p, listed in enumerate(contributions(solution, section).values()):
        assert sum(one.load for one in listed) == pytest.approx(reading.loads[p], rel=1e-12)


def cut(net, diffuse, row, share):
    """Return the network with one reach cut in two at a share of its length, and its inflow."""
    rows, count = net.reaches, len(net)
    columns = {
        field.name: np.append(getattr(rows, field.name), getattr(rows, field.name)[row])
        for field in fields(rows)
    }
    columns["ids"][count] = rows.ids.max() + 1
    columns["length"][[row, count]] = rows.length[row] * np.array([share, 1.0 - share])
    columns["lateral_flow"][count] = 0.0
    up = np.where(net.edges.upstream == row, count, net.edges.upstream)
    edges = Edges(
        np.append(up, row), np.append(net.edges.downstream, count), np.append(net.edges.fraction, 1.0)
    )
    rates = {key: np.append(values, values[row]) for key, values in diffuse.rates.items()}
    return build(Reaches(**columns), edges), Diffuse(np.append(diffuse.flow, diffuse.flow[row]), rates)


@settings(max_examples=40)
@given(cases(), st.floats(0.0, 1.0))
def test_a_river_cut_in_two_carries_the_same(case, share):
    net, _, diffuse, section = case
    row = section.reach
    if net.mixed[row]:
        return
    parted, along = cut(net, diffuse, row, share)
    whole, halves = (
        solve(one, POLLUTANTS, (), None, inflow) for one, inflow in ((net, diffuse), (parted, along))
    )
    for kept in range(len(net)):
        other = len(net) if kept == row else kept
        assert_allclose(halves.bottom[other], whole.bottom[kept], rtol=1e-11, atol=1e-15)
        assert halves.flow[other] == pytest.approx(whole.flow[kept], rel=1e-12)


SURE = {"decay": 0.0, "velocity": 0.0, "flow": 0.0, "lateral": 0.0, "loads": 0.0}


@settings(max_examples=30)
@given(cases())
def test_draws_without_scatter_are_the_solution(case):
    net, loads, diffuse, section = case
    solution = solve(net, POLLUTANTS, loads, None, diffuse)
    (band,) = monte_carlo(solution, [section], model_settings("uncertainty", draws=20, **SURE))
    reading = solution.at(section)
    assert_allclose(band.load, np.repeat(reading.loads[:, None], 3, axis=1), rtol=1e-11)
    expected = np.repeat(reading.concentrations[:, None], 3, axis=1)
    assert_allclose(band.concentration, expected, rtol=1e-11)


@settings(max_examples=25)
@given(cases(), st.booleans())
def test_each_draw_is_a_solution_with_the_drawn_inputs(case, in_portions):
    net, loads, diffuse, section = case
    solution = solve(net, POLLUTANTS, loads, None, diffuse)
    draws = _draws(solution, model_settings("uncertainty", draws=20))
    run = draws.run(0)
    with pytest.MonkeyPatch.context() as patch:
        if in_portions:
            patch.setattr("bishui.network.uncertainty._LARGEST", 7 * len(net))
        found = run.at(section, run.tops(np.array([section.reach]))[0]) / draws.flow_at(section)
    for d in (0, 13):
        rows = replace(
            net.reaches,
            velocity=net.reaches.velocity / draws.clock[d],
            lateral_flow=net.reaches.lateral_flow * draws.flow[d],
        )
        kind = replace(COD, decay_per_day=COD.decay_per_day * run.rate[d])
        drawn = [
            Load(load.key, load.reach, load.chainage, load.flow, rates={"COD": load.rate("COD") * factor[d]})
            for load, factor in zip(draws.loads, run.factors, strict=True)
        ]
        inflow = Diffuse(diffuse.flow * draws.flow[d], {"COD": diffuse.rates["COD"] * run.scale[d]})
        again = solve(build(rows, net.edges), [kind], drawn, None, inflow).at(section)
        assert found[d] == pytest.approx(again.concentrations[0], rel=1e-9)


@settings(max_examples=30)
@given(cases())
def test_derivatives_by_decay_are_those_of_small_differences(case):
    net, loads, diffuse, section = case
    solution = solve(net, POLLUTANTS, loads, None, diffuse)
    found = sensitivity(solution, section).load_to_decay[:, 0]
    total = found @ COD.theta ** (net.reaches.temperature - 20.0)
    step = 1e-5
    above, below = (
        solve(net, [replace(COD, decay_per_day=0.2 + by)], loads, None, diffuse).at(section).loads[0]
        for by in (step, -step)
    )
    size = solution.at(section).loads[0]
    assert total == pytest.approx((above - below) / (2 * step), rel=1e-4, abs=1e-6 * size)


def test_many_outfalls_side_by_side_come_near_it():
    net = network("a>0", length=4000.0)
    spread = Diffuse.of(np.array([1e-4]), {"COD": np.array([40.0])})
    many = [Load(f"o{k}", 0, 10.0 * k + 5.0, 1e-3, {"COD": 40.0}) for k in range(400)]
    first, second = solve(net, [COD], many), solve(net, [COD], diffuse=spread)
    assert first.flow[0] == pytest.approx(second.flow[0], rel=1e-12)
    assert first.bottom[0, 0] == pytest.approx(second.bottom[0, 0], rel=1e-7)


def test_what_cannot_be_is_refused():
    net = network("a>b|b>0")
    with pytest.raises(NetworkFault, match="沿程COD负荷"):
        solve(net, [COD], diffuse=Diffuse(np.zeros(2), {"COD": np.array([0.1, -1.0])}))
    with pytest.raises(NetworkFault, match="应有 2 个"):
        solve(net, [COD], diffuse=Diffuse(np.zeros(3), {}))
