"""Laws of steady transport: mass is conserved, forward and adjoint agree, names and order do not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from bishui.network import (
    Load,
    Reaches,
    Section,
    adjoint,
    build,
    contributions,
    flows,
    kernels,
    mean_travel_time,
    plain,
    response,
    solve,
    sweeps,
    time_from,
    transmission,
    travel_range,
    weight_of,
)
from tests.network.networks import COD, NH3N, SALT, network, outfalls, shuffled, tables

POLLUTANTS = (COD, NH3N, SALT)


@st.composite
def cases(draw, **how):
    """A network with water everywhere, its outfalls, lateral concentrations and a section."""
    rows, edges = draw(tables(**how))
    rows.lateral_flow[:] += 0.01
    net = build(rows, edges)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lateral = {pollutant.key: rng.uniform(0, 20, len(net)) for pollutant in POLLUTANTS}
    row = int(rng.integers(len(net)))
    section = Section("s", row, float(rng.choice([0.0, rng.random(), 1.0]) * rows.length[row]))
    return net, draw(outfalls(net)), lateral, section


@settings(max_examples=40)
@given(cases())
def test_what_enters_leaves_or_decays(case):
    net, loads, lateral, _ = case
    balance = solve(net, POLLUTANTS, loads, lateral).balance
    assert_allclose(balance.entered, balance.left + balance.decayed, rtol=1e-12)
    assert_allclose(balance.decayed[2], 0.0, atol=1e-12 * balance.entered[2])


@settings(max_examples=40)
@given(cases())
def test_water_is_conserved(case):
    net, loads, _, _ = case
    outlets = np.diff(net.outflows.start) == 0
    entered = net.reaches.lateral_flow.sum() + sum(load.flow for load in loads)
    assert_allclose(flows(net, loads)[outlets].sum(), entered, rtol=1e-12)


@settings(max_examples=40)
@given(cases())
def test_forward_and_adjoint_agree_to_one_in_a_million_million(case):
    net, loads, lateral, section = case
    solution = solve(net, POLLUTANTS, loads, lateral)
    reading = solution.at(section)
    weights = adjoint(net, section, POLLUTANTS, solution.flow)
    total = (weights.top * solution.lateral).sum(axis=0)
    for load in loads:
        brought = [load.rate(pollutant.key) for pollutant in POLLUTANTS]
        total = total + weight_of(net, weights, load) * brought
    assert_allclose(total, reading.loads, rtol=1e-12)


@settings(max_examples=40)
@given(cases())
def test_shares_of_a_section_sum_to_one(case):
    net, loads, lateral, section = case
    solution = solve(net, POLLUTANTS, loads, lateral)
    for listed in contributions(solution, section).values():
        assert sum(one.share for one in listed) == pytest.approx(1.0, rel=1e-12)


@settings(max_examples=40)
@given(cases())
def test_no_weight_is_negative_or_above_one(case):
    net, _, _, section = case
    top = adjoint(net, section, POLLUTANTS).top
    assert (top >= 0).all()
    assert (top <= 1 + 1e-12).all()


@settings(max_examples=40)
@given(cases(), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_and_edges_changes_no_bit(case, seed):
    net, loads, lateral, _ = case
    other, order = shuffled(net, seed)
    back = np.argsort(order)
    moved = [
        Load(load.key, int(back[load.reach]), load.chainage, load.flow, load.concentrations)
        for load in reversed(loads)
    ]
    first = solve(net, POLLUTANTS, loads, lateral)
    second = solve(other, POLLUTANTS, moved, {key: value[order] for key, value in lateral.items()})
    assert_array_equal(second.top, first.top[order])
    assert_array_equal(second.bottom, first.bottom[order])
    assert_array_equal(second.flow, first.flow[order])


@settings(max_examples=40)
@given(cases(), st.integers(0, 2**32 - 1))
def test_other_names_change_nothing(case, seed):
    net, loads, lateral, section = case
    ids = np.random.default_rng(seed).permutation(len(net)).astype(str)
    rows = net.reaches
    named = build(
        Reaches(ids, rows.kind, rows.length, rows.velocity, rows.volume, rows.temperature, rows.lateral_flow),
        net.edges,
    )
    first, second = (solve(one, POLLUTANTS, loads, lateral) for one in (net, named))
    assert_allclose(second.top, first.top, rtol=1e-13)
    assert_allclose(second.at(section).concentrations, first.at(section).concentrations, rtol=1e-13)


@settings(max_examples=40)
@given(cases())
def test_compiled_passes_are_the_plain_ones_to_the_bit(case):
    net, _, lateral, section = case
    layout = net.layout
    passing = transmission(net, flows(net), POLLUTANTS)
    source = np.stack([lateral[pollutant.key] for pollutant in POLLUTANTS], axis=1)
    inflows, outflows = layout.inflows, layout.outflows
    order, position = layout.order, layout.position
    top, bottom = plain.forward(inflows.start, inflows.other, inflows.share, passing[order], source[order])
    found = sweeps.forward(net, passing, source)
    assert_array_equal(found[0], top[position])
    assert_array_equal(found[1], bottom[position])
    last = int(position[section.reach])
    adding = np.where(np.isin(np.arange(len(net)), net.upstream(section.reach))[:, None], source, 0.0)
    below = plain.backward(
        outflows.start, outflows.other, outflows.share, passing[order], adding[order], last
    )
    assert_array_equal(sweeps.backward(net, passing, adding, section.reach), below[position])


@settings(max_examples=40)
@given(cases(splits=False))
def test_a_tree_taken_as_a_braided_network_gives_the_same_bits(case):
    net, _, lateral, section = case
    layout = net.layout
    passing = transmission(net, flows(net), POLLUTANTS)
    source = np.stack([lateral[pollutant.key] for pollutant in POLLUTANTS], axis=1)
    slots, beside, top = layout.slots, layout.entering, np.empty_like(source)
    kernels.forward_braided(
        slots.own,
        slots.target,
        slots.count,
        layout.tree_share,
        beside.down,
        beside.up,
        beside.share,
        passing[layout.order],
        source[layout.order],
        top,
    )
    assert_array_equal(top[layout.position], sweeps.forward(net, passing, source)[0])
    own = np.array([0.3, 0.5, 1.0])
    alone = np.zeros_like(passing)
    alone[section.reach] = own
    assert_array_equal(
        sweeps.adjoint(net, passing, section.reach, own), sweeps.backward(net, passing, alone, section.reach)
    )


@settings(max_examples=40)
@given(cases())
def test_responses_are_the_same_with_and_against_the_flow(case):
    net, loads, _, section = case
    sections = [section, Section("t", int(net.order[-1]), 0.0)]
    for few in (sections, sections * (len(loads) + 1)):
        found = response(net, few, loads, POLLUTANTS)
        assert found.shape == (len(few), len(loads), 3)
        for s, one in enumerate(few):
            weights = adjoint(net, one, POLLUTANTS)
            for k, load in enumerate(loads):
                assert_allclose(found[s, k], weights.of(load), rtol=1e-12, atol=1e-300)


def paths(net, row, section, times):
    """Every path from the top of a reach to a section: its share and its time."""
    own = times[section.reach]
    if row == section.reach:
        return [(1.0, own)]
    found = []
    for below, share in zip(net.outflows.of(row), net.outflows.shares(row), strict=True):
        found += [(share * part, times[row] + time) for part, time in paths(net, below, section, times)]
    return found


@settings(max_examples=40)
@given(cases(most=9))
def test_the_mean_travel_time_is_that_over_all_paths(case):
    net, _, _, section = case
    rows, flow = net.reaches, flows(net)
    whole = np.where(net.mixed, rows.volume / flow, rows.length / rows.velocity)
    times = whole.copy()
    if not net.mixed[section.reach]:
        times[section.reach] = section.chainage / rows.velocity[section.reach]
    mean, span = mean_travel_time(net, section), travel_range(net, section)
    for row in range(len(net)):
        ways = paths(net, row, section, times)
        if not sum(share for share, _ in ways):
            assert np.isnan(mean[row])
            continue
        expected = sum(share * time for share, time in ways) / sum(share for share, _ in ways)
        assert mean[row] == pytest.approx(expected, rel=1e-9, abs=1e-6)
        assert span[row, 1] == pytest.approx(max(time for _, time in ways), rel=1e-9, abs=1e-6)
        assert span[row, 0] <= mean[row] * (1 + 1e-9)


def test_a_decaying_pollutant_arrives_earlier_on_average_than_water():
    net = network("up>main:0.5|up>canal:0.5|main>down|canal>down|down>0", velocity=[0.5, 0.5, 0.05, 0.5])
    section = Section("s", net.rows["down"], 500.0)
    row = net.rows["up"]
    assert mean_travel_time(net, section, COD)[row] < mean_travel_time(net, section)[row]
    least, most = travel_range(net, section)[row]
    assert (least, most) == pytest.approx((1000 / 0.5 * 2 + 1000, 2000 + 20_000 + 1000))
    slow = travel_range(net, section, fast=2.0, slow=0.5)[row]
    assert slow.tolist() == pytest.approx([least / 2, most * 2])


def test_times_from_inside_a_reach_leave_out_what_lies_above():
    net = network("a>b|b>0")
    times = mean_travel_time(net, Section("s", 1, 400.0))
    assert time_from(net, times, Load("o", 0, 600.0, 0.1)) == pytest.approx(400 / 0.5 + 800)
    assert time_from(net, times, Load("o", 1, 400.0, 0.1)) == pytest.approx(0.0)
    assert np.isnan(time_from(net, times, Load("o", 1, 401.0, 0.1)))


def test_a_clean_large_outfall_has_a_load_share_and_dilutes():
    net = network("a>b|b>0", lateral_flow=[1.0, 0.0])
    clean = Load("clean", 1, 0.0, 4.0, {"Cl": 5.0})
    solution = solve(net, [SALT], [clean], {"Cl": np.array([50.0, 0.0])})
    listed = contributions(solution, Section("s", 1, 1000.0))["Cl"]
    one = next(one for one in listed if one.source == "clean")
    assert one.share == pytest.approx(20 / 70)
    assert solution.at(Section("s", 1, 1000.0)).concentrations[0] == pytest.approx(14.0)
    assert one.removal == pytest.approx(50.0 - 14.0)


@settings(max_examples=40)
@given(cases())
def test_the_removal_effect_is_what_a_run_without_the_outfall_gives(case):
    net, loads, lateral, section = case
    if net.mixed.any():
        return
    solution = solve(net, POLLUTANTS, loads, lateral)
    before = solution.at(section).concentrations
    for p, listed in enumerate(contributions(solution, section).values()):
        for one in listed:
            if one.kind == "load":
                rest = [load for load in loads if load.key != one.source]
                after = solve(net, POLLUTANTS, rest, lateral).at(section).concentrations
                assert one.removal == pytest.approx(after[p] - before[p], rel=1e-9, abs=1e-9)
