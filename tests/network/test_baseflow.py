"""Ecological flow routed: releases replace what enters, bifurcations pass it on, shortfalls are named."""

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose

from bishui.network import Diffuse, Load, NetworkFault, Section, base_flows, flows, routed_flow
from tests.network.networks import network
from tests.network.test_laws import cases


@settings(max_examples=40)
@given(cases())
def test_without_releases_it_is_the_flow(case):
    net, loads, _, _ = case
    assert_allclose(routed_flow(net, loads), flows(net, loads), rtol=1e-13)


def test_a_release_replaces_what_comes_in():
    net = network("a>dam|dam>b|b>0", lateral_flow=[3.0, 0.5, 0.2])
    dam, b = net.rows["dam"], net.rows["b"]
    assert routed_flow(net, releases={dam: 0.8}).tolist() == pytest.approx([3.0, 0.8, 1.0])
    (found,) = base_flows(net, [(Section("s", b, 0.0), 1.5)], releases={dam: 0.8})
    assert not found.kept
    assert found.shortfall == pytest.approx(0.5)
    assert found.more_release == {dam: pytest.approx(0.5)}
    assert found.factor == pytest.approx(0.7 / 0.2)


def test_a_bifurcation_passes_its_share_of_a_release():
    net = network("dam>m:0.7|dam>c:0.3|m>0|c>0", lateral_flow=[9.0, 0.0, 0.0])
    dam, c = net.rows["dam"], net.rows["c"]
    (found,) = base_flows(net, [(Section("s", c, 10.0), 0.6)], releases={dam: 1.0})
    assert found.arrives == pytest.approx(0.3)
    assert found.more_release[dam] == pytest.approx(1.0)
    assert found.factor is None


def test_outfalls_below_a_section_do_not_count():
    net = network("a>0", lateral_flow=1.0)
    load = Load("o", 0, 600.0, 0.5)
    above, below = (base_flows(net, [(Section("s", 0, z), 1.2)], [load])[0] for z in (500.0, 600.0))
    assert (above.kept, below.kept) == (False, True)
    assert above.factor == pytest.approx(1.2)
    assert below.as_dict()["shortfall_m3_s"] == 0.0


def test_a_release_is_a_number_not_below_zero():
    for flow in (-1.0, np.nan):
        with pytest.raises(NetworkFault) as raised:
            routed_flow(network("a>0"), releases={0: flow})
        assert raised.value.problems[0].code == "bad-release"


def test_inflow_along_the_way_counts_down_to_the_section_and_is_held_back_by_a_control():
    net = network("a>b|b>0", length=1000.0, lateral_flow=[2.0, 0.0])
    along = Diffuse(np.array([1e-3, 2e-3]), {})
    (open_,) = base_flows(net, [(Section("s", 1, 250.0), 7.0)], diffuse=along)
    assert open_.arrives == pytest.approx(2 + 1 + 0.5)
    assert open_.factor == pytest.approx(7 / 3.5), "all local inflow, at tops and along, must double"
    (held,) = base_flows(net, [(Section("s", 1, 250.0), 7.0)], releases={0: 1.0}, diffuse=along)
    assert held.arrives == pytest.approx(1 + 0.5)
    assert held.more_release == {0: pytest.approx(5.5)}


def test_at_a_reach_that_releases_a_given_flow_no_inflow_helps():
    net = network("a>dam|dam>0", lateral_flow=[3.0, 1.0])
    (found,) = base_flows(net, [(Section("s", 1, 500.0), 2.0)], releases={1: 0.8})
    assert (found.arrives, found.factor) == (pytest.approx(0.8), None)
    assert found.more_release == {1: pytest.approx(1.2)}
