"""A pulse along a path: transfer functions, moments that add, reservoirs, ways that rejoin."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from scipy.integrate import quad

from bishui.errors import CallError
from bishui.network.pulses.path import Path, Reservoir, Segment, curve, density_of

THREE = Path(
    (
        Segment(8000, 0.3, 10, 0.2 / 86_400),
        Segment(15_000, 0.5, 25, 0.2 / 86_400),
        Segment(30_000, 0.8, 60, 0.2 / 86_400),
    )
)

segments = st.builds(
    Segment, st.floats(1000, 30_000), st.floats(0.2, 1.5), st.floats(1, 60), st.floats(0, 1e-5)
)


def inverse_gaussian(part, time):
    x, u, d, k = part.length, part.velocity, part.dispersion, part.rate
    return (
        x
        / math.sqrt(4 * math.pi * d * time**3)
        * math.exp(-((x - u * time) ** 2) / (4 * d * time) - k * time)
    )


def test_three_unlike_reaches_case_pp2():
    assert 500e3 / 60 * THREE.density(26 * 3600) == pytest.approx(0.61518250141951732, rel=1e-10)
    assert THREE.mean / 3600 == pytest.approx(26.157407407407407)
    assert math.sqrt(THREE.variance) / 3600 == pytest.approx(1.209439976192619)
    assert THREE.surviving == pytest.approx(0.80418363907506698)


@effort(max_examples=25)
@given(segments, st.floats(0.3, 3))
def test_one_reach_is_the_inverse_gaussian_far_into_both_tails(part, at):
    time = part.length / part.velocity * at
    exact = inverse_gaussian(part, time)
    if exact > 1e-280:
        assert Path((part,)).density(time) == pytest.approx(exact, rel=1e-8)


@effort(max_examples=15)
@given(segments, st.floats(0.2, 0.8), st.floats(0.7, 1.5))
def test_a_reach_cut_in_two_is_the_same_reach(part, cut, at):
    halves = [
        Segment(part.length * share, part.velocity, part.dispersion, part.rate) for share in (cut, 1 - cut)
    ]
    time = part.length / part.velocity * at
    whole = Path((part,)).density(time)
    if whole > 1e-250:
        assert Path(tuple(halves)).density(time) == pytest.approx(whole, rel=1e-8)


def test_the_order_of_reaches_changes_nothing():
    turned = Path(THREE.parts[::-1])
    assert turned.density(94_000.0) == pytest.approx(THREE.density(94_000.0), rel=1e-10)


def test_everything_that_survives_arrives():
    spread = math.sqrt(THREE.variance)
    arrived, _ = quad(THREE.density, THREE.mean - 10 * spread, THREE.mean + 15 * spread, limit=200)
    assert arrived == pytest.approx(THREE.surviving, rel=1e-8)


def test_a_reservoir_adds_its_residence_time_and_its_square():
    lake = Path((Segment(2000, 0.5, 20), Reservoir(50_000.0, 1e-6)))
    assert lake.mean == pytest.approx(54_000)
    assert lake.variance == pytest.approx(2 * 20 * 2000 / 0.125 + 50_000**2)
    assert lake.surviving == pytest.approx(1 / 1.05)
    # After the river's pulse is in, the outflow falls exponentially.
    early, late = lake.density(60_000.0), lake.density(110_000.0)
    assert late / early == pytest.approx(math.exp(-50_000 * (1 / 50_000 + 1e-6)), rel=1e-6)


def test_ways_that_rejoin_are_summed_with_their_shares():
    ways = [Path((Segment(5000, 0.5, 20),), 0.7), Path((Segment(9000, 0.5, 20),), 0.3)]
    time = 12_000.0
    assert density_of(ways, time) == pytest.approx(
        0.7 * inverse_gaussian(ways[0].parts[0], time) + 0.3 * inverse_gaussian(ways[1].parts[0], time)
    )
    assert curve(ways, 1000.0, 10.0, np.array([time]))[0] == pytest.approx(100.0 * density_of(ways, time))


def test_nothing_before_the_spill():
    assert THREE.density(0.0) == THREE.density(-1.0) == 0.0


@pytest.mark.parametrize("parts", [(), (Segment(0, 1, 1),), (Segment(1, 1, 1, -1),), (Reservoir(0),)])
def test_a_path_that_cannot_be_is_refused(parts):
    with pytest.raises(CallError):
        Path(parts)
