"""Bands, closed forms and derivatives: against published numbers, plain draws and differences."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import bishui.network.settings as model_settings
from bishui.network import (
    Load,
    Reaches,
    Section,
    adjoint,
    build,
    load_variance,
    monte_carlo,
    sensitivity,
    solve,
    survival_first_order,
    survival_gamma,
    survival_normal,
)
from bishui.network.uncertainty import _draws
from tests.network.networks import COD, NH3N, SALT, network
from tests.network.test_laws import POLLUTANTS, cases

SURE = {"decay": 0.0, "velocity": 0.0, "flow": 0.0, "lateral": 0.0, "loads": 0.0}


def using(**changes):
    return model_settings.settings("uncertainty", **changes)


def test_u1_decay_with_a_normal_rate():
    found = survival_normal(0.2, 0.05, 1.5)
    assert found.mean == pytest.approx(0.74290470467012621, rel=1e-12)
    assert found.deviation == pytest.approx(0.055796297978543344, rel=1e-12)
    assert survival_first_order(0.2, 0.05, 1.5).deviation == pytest.approx(0.05556136655112884, rel=1e-12)


def test_u2_decay_with_a_gamma_rate():
    assert survival_gamma(0.2, 0.05, 1.5).mean == pytest.approx(0.74287894922934215, rel=1e-12)


@given(st.floats(0.01, 2), st.floats(0.01, 0.8), st.floats(0.0, 5))
def test_the_mean_rate_understates_what_survives(mean, scatter, time):
    assert survival_gamma(mean, scatter * mean, time).mean >= math.exp(-mean * time) * (1 - 1e-12)


@settings(max_examples=40)
@given(cases())
def test_draws_without_scatter_are_the_solution(case):
    net, loads, lateral, section = case
    solution = solve(net, POLLUTANTS, loads, lateral)
    reading = solution.at(section)
    (band,) = monte_carlo(solution, [section], using(draws=20, **SURE))
    assert_allclose(band.concentration, np.repeat(reading.concentrations[:, None], 3, axis=1), rtol=1e-11)
    assert_allclose(band.load, np.repeat(reading.loads[:, None], 3, axis=1), rtol=1e-11)


@settings(max_examples=25)
@given(cases())
def test_each_draw_is_a_solution_with_the_drawn_inputs(case):
    net, loads, lateral, section = case
    solution = solve(net, POLLUTANTS, loads, lateral)
    draws = _draws(solution, using(draws=20))
    run = draws.run(0)
    found = run.at(section, run.tops(np.array([section.reach]))[0]) / draws.flow_at(section)
    for d in (0, 13):
        rows = dataclasses.replace(
            net.reaches,
            velocity=net.reaches.velocity / draws.clock[d],
            lateral_flow=net.reaches.lateral_flow * draws.flow[d],
        )
        kind = dataclasses.replace(COD, decay_per_day=COD.decay_per_day * run.rate[d])
        drawn = [
            Load(load.key, load.reach, load.chainage, load.flow, rates={"COD": load.rate("COD") * factor[d]})
            for load, factor in zip(draws.loads, run.factors, strict=True)
        ]
        drawn_lateral = {"COD": lateral["COD"] * run.scale[d] / draws.flow[d]}
        again = solve(build(rows, net.edges), [kind], drawn, drawn_lateral).at(section)
        assert found[d] == pytest.approx(again.concentrations[0], rel=1e-9)


def test_bands_are_the_same_on_every_run_and_widen_with_scatter():
    net = network("a>c|b>c|c>0", length=30_000.0)
    load = Load("o", 0, 100.0, 0.2, {"COD": 60.0, "NH3-N": 8.0})
    solution = solve(net, [COD, NH3N], [load], {"COD": np.full(3, 10.0)})
    section = Section("s", net.rows["c"], 30_000.0)
    first, again = (monte_carlo(solution, [section])[0] for _ in range(2))
    assert_array_equal(first.concentration, again.concentration)
    assert (np.diff(first.concentration, axis=1) > 0).all()
    wide = monte_carlo(solution, [section], using(decay=0.9))[0]
    assert np.ptp(wide.concentration[0]) > np.ptp(first.concentration[0])
    assert first.as_dict()["settings"]["settings"]["seed"]["value"] == 20260101


def test_a_band_of_loads_alone_is_that_of_the_closed_form():
    net = network("a>b|b>0", lateral_flow=[1.0, 0.0])
    loads = [Load("o", 0, 0.0, 0.1, {"Cl": 100.0}), Load("p", 1, 500.0, 0.1, {"Cl": 50.0})]
    solution = solve(net, [SALT], loads)
    section = Section("s", 1, 1000.0)
    run = _draws(solution, using(**{**SURE, "loads": 0.3, "draws": 20_000})).run(0)
    drawn = run.at(section, run.tops(np.array([1]))[0])
    weights = adjoint(net, section, [SALT], solution.flow)
    deviations = 0.3 * np.array([[load.rate("Cl")] for load in loads])
    variance = load_variance(weights, np.zeros((2, 1)), loads, deviations)
    assert variance[0] == pytest.approx((0.3 * 10) ** 2 + (0.3 * 5) ** 2)
    assert drawn.var() == pytest.approx(variance[0], rel=0.05)


def moved(rows: Reaches, name: str, row: int, by: float) -> Reaches:
    values = getattr(rows, name).copy()
    values[row] += by
    return dataclasses.replace(rows, **{name: values})


@settings(max_examples=40)
@given(cases(most=8))
def test_derivatives_are_those_of_small_differences(case):
    net, loads, lateral, section = case
    solution = solve(net, POLLUTANTS, loads, lateral)
    reading, found = solution.at(section), sensitivity(solution, section)
    total = sum(  # the derivative by K(20 °C) collects those of all reaches
        found.load_to_decay[row, 0] * 1.047 ** (net.reaches.temperature[row] - 20.0)
        for row in range(len(net))
    )
    step = 1e-5
    sides = [
        solve(net, [dataclasses.replace(COD, decay_per_day=0.2 + sign * step)], loads, lateral).at(section)
        for sign in (1, -1)
    ]
    change = (sides[0].loads[0] - sides[1].loads[0]) / (2 * step)
    assert total == pytest.approx(change, rel=1e-4, abs=1e-6 * reading.loads[0])
    if net.mixed.any():
        return
    row = int(net.upstream(section.reach)[0])
    same = {key: values * net.reaches.lateral_flow for key, values in lateral.items()}
    more = build(moved(net.reaches, "lateral_flow", row, 1e-6), net.edges)
    clean = {key: values / more.reaches.lateral_flow for key, values in same.items()}
    after = solve(more, POLLUTANTS, loads, clean).at(section)
    change = (after.concentrations - reading.concentrations) / 1e-6
    assert_allclose(change, found.concentration_to_flow[row], rtol=1e-3, atol=1e-4)
