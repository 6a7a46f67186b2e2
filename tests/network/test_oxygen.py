"""The oxygen sag: textbook example, equal rates, no sag, and a network as two coupled columns."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.network import Load, NetworkFault, ReachKind
from bishui.network.oxygen import OxygenSag, network_oxygen, reaeration
from tests.network.nets import network


def test_the_textbook_example_case_sp1():
    sag = OxygenSag(0.2, 0.41, 10.9, 1.5)
    assert sag.critical_time == pytest.approx(2.6751236640242763)
    assert sag.critical.deficit == pytest.approx(3.1139694513991668)
    assert sag.critical.oxygen(9.1) == pytest.approx(5.9860305486008332)


def test_equal_and_nearly_equal_rates_are_continuous():
    equal = OxygenSag(0.3, 0.3, 20.0, 1.0)
    assert equal.critical_time == pytest.approx(1 / 0.3 - 1 / 6)
    for difference in (1e-12, 1e-9, 1e-7):
        near = OxygenSag(0.3, 0.3 + difference, 20.0, 1.0)
        assert near.at(2.0).deficit == pytest.approx(equal.at(2.0).deficit, rel=10 * difference + 1e-14)
        assert near.critical_time == pytest.approx(equal.critical_time, rel=10 * difference + 1e-13)


@given(st.floats(0.05, 2), st.floats(0.05, 2), st.floats(0.1, 50), st.floats(0, 8))
def test_nothing_is_worse_than_the_critical_point(kd, ka, bod, deficit):
    sag = OxygenSag(kd, ka, bod, deficit)
    worst = sag.critical.deficit
    for factor in (0.0, 0.5, 0.99, 1.01, 2.0):
        assert sag.at(factor * sag.critical_time + (factor - 1) * 0).deficit <= worst * (1 + 1e-12)


def test_a_great_deficit_at_the_top_only_falls():
    assert OxygenSag(0.2, 0.8, 2.0, 8.0).critical_time == 0.0
    assert OxygenSag(0.0, 0.4, 2.0, 1.0).critical_time == 0.0
    assert math.isinf(OxygenSag(0.2, 0.0, 2.0, 1.0).critical_time)


def test_more_deficit_than_there_is_oxygen_is_said():
    state = OxygenSag(0.5, 0.2, 60.0).critical
    assert state.anaerobic(9.0) and state.oxygen(9.0) == 0.0
    with pytest.raises(CallError):
        OxygenSag(-0.1, 0.2, 1.0)


def test_reaeration_by_three_formulas_and_the_pick_by_depth_and_velocity():
    found = reaeration(0.3, 1.5)
    assert found.oconnor_dobbins == pytest.approx(3.93 * 0.3**0.5 / 1.5**1.5)
    assert found.value == found.oconnor_dobbins
    assert reaeration(1.0, 1.5).chosen == "churchill" and reaeration(0.3, 0.4).chosen == "owens_gibbs"
    with pytest.raises(CallError):
        reaeration(0.0, 1.0)


def sag_of(net, bod=10.0, deficit=1.0, loads=()):
    n = len(net)
    return network_oxygen(
        net,
        deoxygenation=np.full(n, 0.3),
        reaeration_rate=np.full(n, 0.6),
        lateral_bod=np.full(n, bod),
        lateral_deficit=np.full(n, deficit),
        loads=loads,
    )


def test_a_chain_is_one_long_reach():
    found = sag_of(network([20_000, 30_000], [(0, 1)]))
    whole = OxygenSag(0.3, 0.6, 10.0, 1.0).at(50_000 / 0.5 / 86_400)
    assert (found.bod[1], found.deficit[1]) == pytest.approx((whole.bod, whole.deficit))


def test_the_worst_point_between_the_ends_of_a_reach_is_found():
    found = sag_of(network([400_000], []))
    assert found.worst[0] == pytest.approx(OxygenSag(0.3, 0.6, 10.0, 1.0).critical.deficit)
    assert found.worst[0] > found.deficit[0]
    assert found.anaerobic(found.worst[0] - 0.1) == ["0"] and found.anaerobic(9.0) == []


def test_an_outfall_enters_at_its_chainage_and_is_mixed():
    net = network([40_000], [])
    found = sag_of(net, loads=[Load("o", 0, 20_000.0, 10.0, {"bod": 50.0, "deficit": 3.0})])
    half = OxygenSag(0.3, 0.6, 10.0, 1.0).at(20_000 / 0.5 / 86_400)
    mixed = OxygenSag(0.3, 0.6, (half.bod + 50) / 2, (half.deficit + 3) / 2).at(20_000 / 0.5 / 86_400)
    assert (found.bod[0], found.deficit[0]) == pytest.approx((mixed.bod, mixed.deficit))


def test_a_lake_is_mixed_and_its_deficit_is_what_its_bod_takes():
    net = network([0], [], kinds=[ReachKind.LAKE], volumes=[864_000.0])
    found = sag_of(net)
    # One day of residence: BOD = 10/1.3; deficit = (1 + 0.3·BOD)/1.6.
    assert found.bod[0] == pytest.approx(10 / 1.3)
    assert found.deficit[0] == pytest.approx((1 + 0.3 * 10 / 1.3) / 1.6)
    assert found.worst[0] == pytest.approx(found.deficit[0])


def test_tributaries_mix_by_flow():
    net = network([1000, 1000, 0.001], [(0, 2), (1, 2)], lateral=[10, 30, 0])
    found = sag_of(net)
    assert found.bod[2] == pytest.approx(found.bod[0]) and found.flow[2] == 40


def test_a_sag_is_the_same_step_by_step_and_in_one_compiled_sweep():
    """Outfalls at several chainages, a bifurcation by shares: against `OxygenSag` from place to place."""
    net = network([30_000, 20_000, 10_000], [(0, 1, 0.25), (0, 2, 0.75)])
    loads = [Load("b", 0, 20_000.0, 5.0, {"bod": 40.0}), Load("a", 0, 5_000.0, 2.0, rates={"deficit": 4.0})]
    found = sag_of(net, loads=loads)
    bod, deficit, worst, flow, at = 100.0, 10.0, 0.0, 10.0, 0.0
    for to, more, brought in ((5e3, 2.0, (0.0, 4.0)), (20e3, 5.0, (200.0, 0.0)), (30e3, 0.0, (0.0, 0.0))):
        sag = OxygenSag(0.3, 0.6, bod, deficit)
        days = (to - at) / 0.5 / 86_400
        worst = max(worst, sag.at(min(sag.critical_time, days)).deficit / flow)
        after = sag.at(days)
        bod, deficit, flow, at = after.bod + brought[0], after.deficit + brought[1], flow + more, to
    assert (found.bod[0], found.deficit[0]) == pytest.approx((bod / 17, deficit / 17), rel=1e-12)
    assert found.worst[0] == pytest.approx(worst, rel=1e-12)
    assert found.flow[1:] == pytest.approx([0.25 * 17, 0.75 * 17])


def test_water_that_stands_has_no_sag():
    with pytest.raises(NetworkFault, match="流速为 0"):
        sag_of(network([1000], [], velocity=0.0))
