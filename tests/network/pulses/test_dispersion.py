"""Dispersion as a range, mixing length by three formulas, Jobson's cross-check."""

import numpy as np
import pytest

from bishui.errors import CallError
from bishui.network.pulses import hydraulics_of
from bishui.network.pulses.dispersion import (
    Channel,
    dispersion,
    middle_dispersion,
    mixing_length,
    shear_velocity,
)
from bishui.network.pulses.jobson import jobson
from bishui.network.settings import settings
from tests.network.nets import network

D1 = Channel(50.0, 2.0, 0.6, 0.06)


def test_all_formulas_side_by_side_case_d1():
    found = dispersion(D1)
    assert found.values == pytest.approx(
        {"fischer": 82.5, "elder": 0.7116, "seo_cheong": 139.91323569385089, "kashefipour_falconer": 127.344}
    )
    assert found.range == pytest.approx((82.5, 139.913), rel=1e-5)
    assert found.range[0] < found.middle < found.range[1]
    assert set(found.doubtful) == {"elder", "kashefipour_falconer"}
    assert found.as_dict()["values"]["seo_cheong"] == 140.0


def test_columns_of_channels_have_the_middle_of_each():
    slope = np.full(2, D1.shear**2 / (9.81 * D1.depth))
    found = middle_dispersion(np.array([50.0, np.nan]), np.array([2.0, 2.0]), slope, np.array([0.6, 0.6]))
    assert found[0] == pytest.approx(dispersion(D1).middle, rel=1e-3)
    assert np.isnan(found[1])


def test_a_spill_is_spread_by_the_channels_where_the_file_gives_them():
    net = network([1000, 1000], [(0, 1)])
    given = {"width": np.array([50.0, np.nan]), "depth": np.full(2, 2.0), "slope": np.full(2, 4e-4)}
    found, default = hydraulics_of(net, given), settings("spill").number("default_dispersion")
    assert found.dispersion[0] == pytest.approx(dispersion(Channel(50, 2, 0.5, 0.0885889)).middle, rel=1e-4)
    assert found.dispersion[1] == default
    assert "1 个河段" in found.sources["dispersion"]
    assert hydraulics_of(net, {}).dispersion is None


def test_a_coefficient_is_a_setting():
    changed = dispersion(D1, settings("dispersion", seo_factor=5.195))
    assert changed.values["seo_cheong"] < dispersion(D1).values["seo_cheong"]
    assert "seo_factor=5.195" in changed.settings.version


def test_a_channel_that_cannot_be_is_refused():
    with pytest.raises(CallError, match="shear"):
        Channel(50.0, 2.0, 0.6, 0.0)


def test_shear_velocity_of_a_wide_channel():
    assert shear_velocity(2.0, 0.0004) == pytest.approx(0.0885889, rel=1e-6)


def test_at_the_bank_and_in_mid_stream_the_formula_is_close_to_fischers():
    bank, centre = (
        mixing_length(width=60.0, depth=2.0, offset=offset, velocity=0.5, slope=0.0004)
        for offset in (0.0, 30.0)
    )
    assert bank.hj_2018 == pytest.approx(17750.199167410568)
    assert bank.fischer / centre.fischer == pytest.approx(4.0)
    assert bank.hj_2018 / centre.hj_2018 == pytest.approx(0.442 / 0.11, rel=1e-3)
    assert bank.longest == bank.hj_2018
    between = mixing_length(width=150.0, depth=4.0, offset=20.0, velocity=0.9, slope=0.0002)
    assert between.fischer is None


def test_a_wide_shallow_river_is_outside_taylors_range():
    found = mixing_length(width=300.0, depth=1.0, offset=0.0, velocity=0.5, slope=0.0004)
    assert "300" in str(found.doubtful[0])


def test_an_outfall_beyond_mid_stream_is_refused():
    with pytest.raises(CallError, match="较近"):
        mixing_length(width=60.0, depth=2.0, offset=31.0, velocity=0.5, slope=0.0004)


def test_travel_time_alone_agrees_with_the_pulse_case_p1_within_its_factor():
    # P1 at 5 km: 2.756 h, 12.64 mg/L by the formula of one uniform reach.
    found = jobson(mass=1e6, flow=25.0, mean_flow=None, peak_time=2.7556 * 3600)
    assert found.unit_peak == pytest.approx(857 * 2.7556**-0.760)
    assert found.low < found.peak < found.high
    assert found.agrees(12.64) and not found.agrees(200.0)
    assert found.leading_edge == pytest.approx(0.89 * 2.7556 * 3600)
    with pytest.raises(CallError):
        jobson(mass=1e6, flow=0.0, mean_flow=None, peak_time=1.0)
