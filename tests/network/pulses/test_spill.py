"""A spill drill: who is hit when, with bands, what it rests on, and what a measurement changes."""

import numpy as np
import pytest

from bishui.errors import CallError
from bishui.network import NetworkFault, Pollutant, ReachKind, Section
from bishui.network.pulses import moments
from bishui.network.pulses.path import Path, Reservoir, Segment
from bishui.network.pulses.spill import (
    Hydraulics,
    Measurement,
    Receptor,
    ReceptorKind,
    Spill,
    drill,
    recalibrate,
)
from bishui.network.settings import settings
from tests.network.nets import network

STILL = Pollutant("x", 0.0)
CHAIN = network([5000, 8000, 15_000], [(0, 1), (1, 2)])


def at(row, chainage, limit=None, kind=ReceptorKind.SECTION, name=None):
    return Receptor(name or f"r{row}-{chainage}", kind, Section("s", row, chainage), limit)


def spilt(mass_kg=500.0, row=0, chainage=1000.0, pollutant=STILL, duration=0.0):
    return Spill(Section("spill", row, chainage), mass_kg * 1000.0, pollutant, duration, "declared")


def test_the_likely_course_is_the_exact_one_of_the_path():
    (hit,) = drill(CHAIN, spilt(), [at(2, 6000.0)]).hits
    path = Path(tuple(Segment(length, 0.5, 20.0) for length in (4000, 8000, 6000)))
    for when in (33_000.0, 36_000.0, 40_000.0):
        expected = 500e3 / 10.0 * path.density(when)
        assert np.interp(when, hit.times, hit.concentrations) == pytest.approx(expected, rel=2e-3)
    assert hit.mass == pytest.approx(500e3)
    assert hit.flow * np.trapezoid(hit.concentrations, hit.times) == pytest.approx(500e3, rel=1e-6)


def test_who_is_hit_first_comes_first_and_who_is_not_hit_is_said():
    side = network([5000, 5000, 5000], [(0, 2), (1, 2)], lateral=[10, 10, 0])
    found = drill(side, spilt(), [at(2, 3000.0), at(0, 2000.0), at(1, 100.0), at(0, 500.0)])
    assert [hit.receptor.name for hit in found.hits] == ["r0-2000.0", "r2-3000.0"]
    assert [one.name for one in found.clear] == ["r1-100.0", "r0-500.0"]


def test_bands_hold_the_likely_value_and_are_in_order():
    for hit in drill(CHAIN, spilt(), [at(1, 2000.0, 1.0), at(2, 15_000.0, 1.0)]).hits:
        for band in (hit.arrival, hit.peak_time, hit.peak, hit.leaving):
            assert band.low <= band.likely <= band.high
        assert hit.arrival.likely < hit.peak_time.likely < hit.leaving.likely
        first, last = hit.over_limit
        assert first == hit.arrival.low and last == hit.leaving.high
        assert hit.exceeds == 1.0


def test_a_limit_that_is_never_reached_has_no_arrival_and_a_chance():
    (hit,) = drill(CHAIN, spilt(mass_kg=0.001), [at(2, 15_000.0, 1.0)]).hits
    assert np.isnan(hit.arrival.likely) and hit.over_limit is None and hit.exceeds == 0.0
    assert hit.as_dict()["arrival_h"]["likely"] is None


def test_concentration_is_proportional_to_mass_and_mass_still_to_come_falls():
    one, two = (drill(CHAIN, spilt(mass), [at(2, 6000.0)]).hits[0] for mass in (100.0, 200.0))
    assert two.peak.likely == pytest.approx(2 * one.peak.likely)
    left = [one.still_to_come(when) for when in (0.0, 33_000.0, 36_000.0, 40_000.0, 80_000.0)]
    assert left[0] == one.mass and left == sorted(left, reverse=True)
    assert left[-1] == pytest.approx(0.0, abs=1.0)


def test_decay_leaves_less_and_earlier_limits_hold_longer_tails():
    fast = drill(CHAIN, spilt(pollutant=Pollutant("x", 2.0)), [at(2, 6000.0)]).hits[0]
    assert fast.mass == pytest.approx(500e3 * np.exp(-2.0 * 36_000 / 86_400), rel=5e-3)
    short, long = (
        drill(CHAIN, spilt(), [at(2, 6000.0, 1.0)], chosen=settings("spill", tail_factor=factor)).hits[0]
        for factor in (1.0, 2.0)
    )
    assert long.leaving.likely - long.peak_time.likely == pytest.approx(
        2 * (short.leaving.likely - short.peak_time.likely)
    )


def test_a_branch_that_rejoins_sums_both_ways():
    ring = network([2000, 4000, 9000, 5000], [(0, 1, 0.7), (0, 2, 0.3), (1, 3), (2, 3)])
    (hit,) = drill(ring, spilt(chainage=500.0), [at(3, 4000.0)]).hits
    ways = [
        Path((Segment(1500, 0.5, 20), Segment(middle, 0.5, 20), Segment(4000, 0.5, 20)), share)
        for middle, share in ((4000, 0.7), (9000, 0.3))
    ]
    for when in (19_000.0, 24_000.0, 29_000.0):
        expected = 500e3 / 10.0 * sum(way.density(when) for way in ways)
        assert np.interp(when, hit.times, hit.concentrations) == pytest.approx(expected, rel=0.02, abs=0.02)
    assert hit.mass == pytest.approx(500e3)


def test_a_reservoir_on_the_way_delays_and_flattens():
    kinds = [ReachKind.RIVER, ReachKind.RESERVOIR, ReachKind.RIVER]
    lake = network([5000, 0, 3000], [(0, 1), (1, 2)], kinds=kinds, volumes=[np.nan, 1e6, np.nan])
    (hit,) = drill(lake, spilt(), [at(2, 3000.0)]).hits
    path = Path((Segment(4000, 0.5, 20), Reservoir(100_000.0), Segment(3000, 0.5, 20)))
    for when in (40_000.0, 150_000.0):
        expected = 500e3 / 10.0 * path.density(when)
        assert np.interp(when, hit.times, hit.concentrations) == pytest.approx(expected, rel=0.02)


def test_a_long_release_is_lower_and_brings_the_same_mass():
    sudden, slow = (
        drill(CHAIN, spilt(duration=lasting), [at(1, 4000.0)]).hits[0] for lasting in (0.0, 7200.0)
    )
    assert slow.peak.likely < sudden.peak.likely
    assert slow.flow * np.trapezoid(slow.concentrations, slow.times) == pytest.approx(500e3, rel=1e-4)


def test_assumptions_are_given_with_their_sources():
    found = drill(CHAIN, spilt(), [], Hydraulics(sources={"flow": "gauge of the day"}))
    said = {str(one.name): one for one in found.assumptions}
    assert said["泄漏量"].value == 500.0 and said["泄漏量"].source == "declared"
    assert said["流量"].source == "gauge of the day"
    assert "our choice" in said["流速相对误差"].source
    assert all(one.source for one in found.assumptions)
    assert found.as_dict()["assumptions"][0]["name"]["zh"] == "泄漏量"


def test_two_runs_give_the_same_bands():
    one, two = (drill(CHAIN, spilt(), [at(2, 6000.0, 1.0)]).hits[0].arrival for _ in range(2))
    assert one == two


def test_one_measurement_scales_the_mass_only():
    (hit,) = drill(CHAIN, spilt(), [at(2, 6000.0)]).hits
    when = hit.peak_time.likely
    measured = Measurement(
        Section("s", 2, 6000.0), when, 3.0 * float(np.interp(when, hit.times, hit.concentrations))
    )
    found = recalibrate(CHAIN, spilt(), [measured])
    assert found.mass_factor == pytest.approx(3.0, rel=1e-3) and found.velocity_factor == 1.0
    assert found.spill.mass == pytest.approx(1500e3, rel=1e-3)


def test_several_measurements_find_mass_and_velocity():
    truth = drill(CHAIN, spilt(800.0), [at(1, 4000.0)], Hydraulics(velocity_factor=1.3)).hits[0]
    place = Section("s", 1, 4000.0)
    times = truth.peak_time.likely + np.array([-1500.0, -500.0, 0.0, 600.0, 1500.0])
    seen = [
        Measurement(place, float(when), float(np.interp(when, truth.times, truth.concentrations)))
        for when in times
    ]
    found = recalibrate(CHAIN, spilt(500.0), seen)
    assert found.velocity_factor == pytest.approx(1.3, rel=0.01)
    assert found.spill.mass == pytest.approx(800e3, rel=0.02)
    again = drill(CHAIN, found.spill, [at(1, 4000.0)], found.hydraulics).hits[0]
    assert again.peak.likely == pytest.approx(truth.peak.likely, rel=0.02)


def test_measurements_that_the_spill_does_not_reach_say_nothing():
    with pytest.raises(CallError):
        recalibrate(CHAIN, spilt(), [Measurement(Section("s", 0, 10.0), 100.0, 5.0)])


def test_standing_water_and_wrong_spills_are_refused():
    with pytest.raises(CallError, match="流速"):
        drill(network([5000, 8000], [(0, 1)], velocity=[0.5, 0.0]), spilt(), [])
    with pytest.raises(NetworkFault):
        drill(CHAIN, spilt(row=9), [])
    with pytest.raises(NetworkFault):
        drill(CHAIN, spilt(chainage=5001.0), [at(1, 9000.0)])
    with pytest.raises(CallError):
        spilt(mass_kg=0.0)


def test_every_receptor_on_a_chain_of_three_thousand_reaches_is_hit():
    count = 3000
    long = network([400.0] * count, [(row, row + 1) for row in range(count - 1)])
    places = [at(int(row), 200.0, 0.01) for row in np.linspace(1, count - 1, 30)]
    assert len(drill(long, spilt(chainage=100.0), places).hits) == 30


def test_the_moments_form_is_a_density_with_its_mode_and_distribution():
    mean, variance = np.array([36_000.0]), np.array([3.5e6])
    times = np.linspace(20_000, 60_000, 4001)
    density = np.exp(moments.log_density(mean, variance, times))
    assert np.trapezoid(density, times) == pytest.approx(1.0, rel=1e-9)
    assert times[int(np.argmax(density))] == pytest.approx(float(moments.mode(mean, variance)[0]), abs=10)
    assert np.trapezoid(density[:1601], times[:1601]) == pytest.approx(
        float(moments.passed(mean, variance, times[1600])[0]), rel=1e-6
    )
