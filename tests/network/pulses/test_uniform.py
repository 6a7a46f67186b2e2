"""A pulse on one uniform reach: peak before x/U, arrival and leaving, exposure, finite release."""

import math

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from scipy.integrate import quad

from bishui.errors import CallError
from bishui.network.pulses.uniform import (
    UniformReach,
    concentration,
    exposure,
    finite_release,
    passing,
    peak,
    peak_time,
)

P1 = UniformReach(50.0, 0.5, 20.0)
P2 = UniformReach(50.0, 0.5, 20.0, 0.5)
TONNE = 1e6

reaches = st.builds(UniformReach, st.floats(5, 500), st.floats(0.05, 2), st.floats(0.5, 200), st.floats(0, 3))


def test_the_published_pulse_case_p1():
    assert peak_time(P1, 5000.0) / 3600 == pytest.approx(2.7556444430222677, rel=1e-12)
    assert peak(P1, TONNE, 5000.0) == pytest.approx(12.640919048641638, rel=1e-12)
    found = passing(P1, TONNE, 5000.0, 0.5)
    assert found.arrival / 3600 == pytest.approx(2.0010244461664199, rel=1e-10)
    assert found.leaving / 3600 == pytest.approx(3.7958692493916512, rel=1e-10)
    assert found.duration == found.leaving - found.arrival


def test_exposure_without_decay_is_mass_over_flow():
    assert exposure(P1, TONNE, 5000.0) == pytest.approx(TONNE / 25.0, rel=1e-14)


@effort(max_examples=30)
@given(reaches, st.floats(100, 50_000))
def test_the_peak_is_earlier_than_the_water_and_nothing_is_higher(reach, distance):
    top = peak_time(reach, distance)
    assert top < distance / reach.velocity
    highest = concentration(reach, 1.0, distance, top)
    for factor in (0.99, 1.01):
        assert concentration(reach, 1.0, distance, top * factor) <= highest


@effort(max_examples=30)
@given(reaches, st.floats(100, 20_000), st.floats(0.01, 0.9))
def test_at_arrival_and_leaving_the_concentration_is_the_threshold(reach, distance, share):
    mass = 1e6
    top = peak(reach, mass, distance)
    if top < 1e-250:
        return
    found = passing(reach, mass, distance, share * top)
    assert found.arrival < peak_time(reach, distance) < found.leaving
    for time in (found.arrival, found.leaving):
        assert concentration(reach, mass, distance, time) == pytest.approx(share * top, rel=1e-6)


def test_below_the_threshold_it_is_never_exceeded_case_p4():
    assert passing(P1, 10_000.0, 5000.0, 0.5) is None
    with pytest.raises(CallError):
        passing(P1, 10_000.0, 5000.0, 0.0)


def test_exposure_is_the_integral():
    whole, _ = quad(
        lambda time: concentration(P2, TONNE, 5000.0, time), 1.0, 50_000.0, limit=400, points=[10_000]
    )
    assert exposure(P2, TONNE, 5000.0) == pytest.approx(whole, rel=1e-8)


def test_nothing_at_or_before_the_release_and_no_overflow_just_after():
    assert concentration(P1, TONNE, 5000.0, 0.0) == concentration(P1, TONNE, 5000.0, -5.0) == 0.0
    assert concentration(P1, TONNE, 5000.0, 1e-9) == 0.0


@pytest.mark.parametrize("reach", [P1, P2])
def test_a_release_over_an_hour_is_the_sum_of_its_pulses(reach):
    for time in (8000.0, 10_000.0, 13_000.0):
        summed, _ = quad(lambda at, t=time: concentration(reach, 1.0, 5000.0, t - at), 0.0, 3600.0)
        assert finite_release(reach, 3600.0, 5000.0, time, 3600.0) == pytest.approx(summed, rel=1e-8)


def test_a_very_short_release_is_the_sudden_one():
    sudden = concentration(P2, TONNE, 5000.0, 9900.0)
    assert finite_release(P2, TONNE, 5000.0, 9900.0, 1.0) == pytest.approx(sudden, rel=1e-3)
    assert finite_release(P2, TONNE, 5000.0, 9900.0, 0.0) == sudden
    assert finite_release(P2, TONNE, 5000.0, -1.0, 60.0) == 0.0


def test_a_long_way_with_little_dispersion_does_not_overflow():
    sharp = UniformReach(50.0, 0.5, 0.5)
    assert math.isfinite(finite_release(sharp, TONNE, 50_000.0, 100_000.0, 3600.0))


@pytest.mark.parametrize(
    "wrong", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, math.nan), (1.0, 1.0, 1.0, -1.0)]
)
def test_a_reach_that_cannot_be_is_refused(wrong):
    with pytest.raises(CallError):
        UniformReach(*wrong)


def test_upstream_of_the_spill_is_refused():
    with pytest.raises(CallError):
        peak_time(P1, 0.0)
