"""Loads: samples, coefficients in three stages, rating curves, storm flow, first flush, the balance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError, DataError
from bishui.network.loads.balance import section_balance, unexplained
from bishui.network.loads.export import (
    Stage,
    farmland,
    fertiliser,
    livestock,
    pig_equivalents,
    residents,
    runoff,
    total,
)
from bishui.network.loads.point import (
    Sample,
    beale_load,
    daily_load,
    flow_weighted_load,
    integrated_load,
    load_of_means,
)
from bishui.network.loads.rating import Correction, rating_curve
from bishui.network.loads.storm import Flush, first_flush, split_flow, storm_load
from bishui.network.settings import settings

YEAR = 365 * 86_400.0
L2 = [Sample(2, 10), Sample(8, 40), Sample(3, 15)]


def test_a_load_from_cubic_metres_a_day():
    assert daily_load(35.0, 1200.0) == 42.0


def test_the_sum_of_products_is_not_the_product_of_means_case_l2():
    assert flow_weighted_load(L2, 18.0, YEAR).tonnes == pytest.approx(3362.2227692307692)
    assert load_of_means(L2, 18.0, YEAR).tonnes == pytest.approx(2459.808)


def test_beale_corrects_the_bias_by_its_factor():
    flow, load = np.array([10, 40, 15.0]), np.array([20, 320, 45.0])
    sxy, sxx = np.cov(flow, load)[0, 1], flow.var(ddof=1)
    factor = (1 + sxy / 3 / flow.mean() / load.mean()) / (1 + sxx / 3 / flow.mean() ** 2)
    expected = flow_weighted_load(L2, 18.0, YEAR).grams * factor
    assert beale_load(L2, 18.0, YEAR).grams == pytest.approx(expected)
    assert beale_load([Sample(5, 10), Sample(5, 20)], 15.0, YEAR).grams_per_second == pytest.approx(75.0)
    with pytest.raises(DataError):
        beale_load(L2[:1], 18.0, YEAR)


def test_what_no_sample_stands_for_is_filled_and_said():
    found = integrated_load([Sample(10, 2, 3600), Sample(20, 4, 3600)], 4 * 3600)
    assert found.measured == 0.5 and found.grams == pytest.approx(2 * (20 + 80) * 3600)
    assert found.kilograms_per_day == pytest.approx(50 * 86.4)
    with pytest.raises(DataError):
        integrated_load([Sample(10, 2, 7200)], 3600)


@given(st.floats(0, 100), st.lists(st.floats(0.1, 100), min_size=2, max_size=9))
def test_with_one_concentration_every_estimator_agrees(concentration, flows):
    samples = [Sample(concentration, flow) for flow in flows]
    found = [method(samples, 7.0, YEAR).grams for method in (flow_weighted_load, load_of_means, beale_load)]
    assert found == pytest.approx([concentration * 7.0 * YEAR] * 3, rel=1e-9)


def test_three_stages_of_rural_sewage_with_their_ranges():
    found = residents(10_000, "cod")
    assert found.generated.value == pytest.approx(40 * 10_000 * 365 / 1e6)
    assert found.discharged == found.generated
    assert found.entering.value == pytest.approx(146 * 0.35)
    assert (found.entering.low, found.entering.high) == pytest.approx((58.4 * 0.2, 146 * 0.5))
    assert residents(10_000, "cod", collected=0.6).discharged.value == pytest.approx(58.4)


def test_farmland_begins_at_what_is_discharged():
    found = farmland(1000, "nh3n", corrections=["rain_high"])
    assert found.generated is None and found.discharged.value == pytest.approx(2 * 1.35)
    with pytest.raises(CallError, match="产生量"):
        total([found, residents(1, "nh3n")], Stage.GENERATED)
    assert total([found, residents(1000, "nh3n")], Stage.ENTERING).value == pytest.approx(
        2.7 * 0.2 + 1.46 * 0.35
    )


def test_livestock_in_pig_equivalents_gb_18596():
    assert pig_equivalents({"pig": 10, "layer": 30, "broiler": 60, "sheep": 3, "dairy_cow": 1}) == 23
    found = livestock({"pig": 100}, "cod", used_on_fields=0.8)
    assert found.discharged.value == pytest.approx(50 * 100 * 365 / 1e6 * 0.2)
    with pytest.raises(CallError, match="dragon"):
        pig_equivalents({"dragon": 1})


def test_fertiliser_lost_and_runoff():
    assert fertiliser(100.0, "single_rice", "tn").discharged.value == pytest.approx(0.694)
    assert runoff(1e6, "cod").entering == pytest.approx((125.0, 50.0, 200.0))


def test_a_coefficient_that_is_not_known_is_not_borrowed_and_items_are_not_added():
    with pytest.raises(CallError, match="town_tp"):
        residents(1, "tp", town=True)
    with pytest.raises(CallError, match="不能相加"):
        total([residents(1, "cod"), residents(1, "tp")], Stage.ENTERING)
    with pytest.raises(CallError):
        residents(-1, "cod")
    with pytest.raises(CallError):
        residents(1, "cod", collected=1.5)


def test_a_rating_curve_with_both_corrections_case_l3():
    curve = rating_curve([5, 10, 20, 40, 80], [12, 30, 85, 190, 520])
    assert (curve.a, curve.b) == pytest.approx((0.31036649544493844, 1.3537775637337026))
    assert curve.smearing == pytest.approx(1.001009071783717)
    assert curve.load(15.0) == pytest.approx(53.381949377018213)
    assert curve.load(15.0, Correction.NONE) * curve.normal_factor == curve.load(15.0, Correction.NORMAL)
    assert curve.beyond(90.0) and not curve.beyond(80.0)


def test_beyond_the_sampled_flows_it_is_refused_where_the_settings_say_so():
    curve = rating_curve([5, 10, 20], [12, 30, 85], settings("loads", rating_beyond="refuse"))
    with pytest.raises(CallError, match="20"):
        curve.load(21.0)


@pytest.mark.parametrize(("flow", "load"), [([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [0, 1, 2])])
def test_too_few_or_zero_values_make_no_curve(flow, load):
    with pytest.raises(DataError):
        rating_curve(flow, load)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=60))
def test_base_and_storm_flow_sum_to_the_flow_and_neither_is_negative(flow):
    found = split_flow(flow)
    assert found.base + found.storm == pytest.approx(np.array(flow), abs=1e-9)
    assert (found.base >= -1e-9).all() and (found.storm >= -1e-9).all()
    assert 0 <= found.base_share <= 1 + 1e-9


def test_a_steady_river_is_all_base_flow_and_a_storm_is_not():
    assert split_flow([5.0] * 20).base_share == pytest.approx(1.0)
    assert split_flow([5.0] * 10 + [80.0, 40.0, 20.0] + [5.0] * 10).base_share < 0.8
    with pytest.raises(DataError):
        split_flow([1.0, np.nan])


def test_first_flush_case_ff1():
    found = first_flush([0, 10, 20, 30, 50, 100], [0, 30, 50, 62, 78, 100])
    assert found.ratio == pytest.approx(0.62) and found.flush is Flush.STRONG
    even = first_flush([1, 2, 3], [1, 2, 3])
    assert even.ratio == pytest.approx(0.3) and even.flush is Flush.NONE
    with pytest.raises(DataError):
        first_flush([0, 10, 5], [0, 1, 2])
    assert storm_load(1e6, 100.0) == 100.0


def test_a_balance_names_what_no_source_explains():
    found = section_balance(
        "s", 100.0, {"a": 80.0, "b": 10.0, "far": 5.0}, {"a": 0.5, "b": 1.0}, deviation=5.0
    )
    assert [source.source for source in found.sources] == ["a", "b"]
    assert (found.explained, found.remainder) == (50.0, 50.0)
    assert "4320 kg/d" in str(found.says) and "未登记排口" in str(found.says)


def test_a_negative_remainder_says_what_is_wrong():
    found = section_balance("s", 30.0, {"a": 80.0}, {"a": 0.5})
    assert found.remainder == -10.0 and "偏大" in str(found.says)
    within = section_balance("t", 38.0, {"a": 80.0}, {"a": 0.5}, deviation=2.0)
    assert "误差之内" in str(within.says)
    assert unexplained([within, found]) == [found]
    with pytest.raises(CallError):
        section_balance("s", 1.0, {"a": 1.0}, {"a": 1.5})
