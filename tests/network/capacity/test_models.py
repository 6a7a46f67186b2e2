"""GB/T 25173-2010: models by name, units, deficits, and what speaks against a number."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.network.capacity import (
    MODELS,
    capacity,
    lake_concentration,
    phosphorus_retention,
    river_size,
    side_by_side,
)
from bishui.network.settings import settings

RIVER = {"Q": 10.0, "Qp": 0.5, "C0": 15.0, "Cs": 20.0, "K": 0.2, "L": 10_000.0, "u": 0.3}


def of(model, **inputs):
    return capacity(model, {name: inputs[name] for name in inputs})


def codes(result):
    return {flag.code for flag in result.flags}


def test_the_models_of_one_river_side_by_side_case_c1():
    found = {result.model.key: round(result.value, 1) for result in side_by_side(RIVER)}
    assert found == {
        "river_0d": 52.5,
        "river_1d_standard": 64.2,
        "river_1d_middle": 63.5,
        "river_1d_top": 66.0,
        "river_1d_control": 64.9,
        "river_1d_spread": 63.5,
    }


def test_grams_per_second_and_tonnes_a_year_with_the_days_of_the_year():
    inputs = {"Q": 10.0, "Qp": 0.5, "C0": 15.0, "Cs": 20.0}
    result = capacity("river_0d", inputs)
    assert (result.grams_per_second, result.days) == (52.5, 365)
    assert result.tonnes_per_year == pytest.approx(52.5 * 31.536, rel=1e-15)
    leap = capacity("river_0d", inputs, settings("capacity", days_of_year=366))
    assert leap.tonnes_per_year == pytest.approx(52.5 * 31.6224, rel=1e-15)


def test_no_capacity_is_a_deficit_and_is_not_clipped():
    result = of("river_0d", Q=10.0, Qp=0.5, C0=25.0, Cs=20.0)
    assert result.value == -52.5 and result.deficit == 52.5 and result.usable == 0
    assert {"no-capacity", "upstream-fails"} <= codes(result)


def test_the_upstream_that_fails_even_after_its_decay_is_named():
    failing = capacity("river_1d_top", {**{n: RIVER[n] for n in RIVER if n != "Qp"}, "C0": 25.0})
    assert "upstream-fails" in codes(failing)
    passing = capacity("river_1d_top", {n: RIVER[n] for n in RIVER if n != "Qp"})
    assert "upstream-fails" not in codes(passing)


def test_an_exponent_above_the_limit_is_marked():
    lake = {"C0": 12.0, "Cs": 20.0, "K": 0.05, "hl": 6.0, "phi": math.pi, "Qp": 0.4}
    assert "exponent" not in codes(capacity("lake_spread", {**lake, "r": 300.0}))
    assert "exponent" in codes(capacity("lake_spread", {**lake, "r": 1000.0}))


@pytest.mark.parametrize(
    ("flow", "size"), [(150.0, "large"), (149.9, "medium"), (15.1, "medium"), (15.0, "small")]
)
def test_the_size_of_a_river_hj_t_2_3_93(flow, size):
    assert river_size(flow).value == size
    assert f"river-{size}" in codes(of("river_0d", Q=flow, Qp=0.0, C0=1.0, Cs=2.0))


def test_a_stock_is_no_load():
    result = of("lake_stock", V=12e6, C0=14.0, Cs=20.0)
    assert (result.value, result.unit) == (72_000.0, "kg")
    assert result.grams_per_second is None and result.tonnes_per_year is None
    assert "not-a-load" in codes(result)
    assert result.model.key not in {
        other.model.key for other in side_by_side({"V": 1.0, "C0": 0.0, "Cs": 1.0})
    }


def test_a_margin_of_safety_is_taken_off_what_may_be_given_away():
    result = capacity(
        "river_0d",
        {"Q": 10.0, "Qp": 0.0, "C0": 10.0, "Cs": 20.0},
        settings("capacity", margin_of_safety=0.15),
    )
    assert result.usable == pytest.approx(85.0)
    assert result.as_dict()["margin_of_safety"] == 0.15


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"Q": 1.0, "Qp": 0.0, "C0": 1.0}, "Cs"),
        ({"Q": 1.0, "Qp": 0.0, "C0": 1.0, "Cs": 2.0, "K": 1.0}, "不用输入"),
        ({"Q": -1.0, "Qp": 0.0, "C0": 1.0, "Cs": 2.0}, "设计流量"),
        ({"Q": 0.0, "Qp": 0.0, "C0": 1.0, "Cs": 2.0}, "大于 0"),
        ({"Q": math.nan, "Qp": 0.0, "C0": 1.0, "Cs": 2.0}, "nan"),
    ],
)
def test_inputs_that_cannot_be_are_refused_by_name(inputs, said):
    with pytest.raises(CallError, match=said):
        capacity("river_0d", inputs)


def test_an_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(CallError, match="river_0d"):
        capacity("river_3d", {})


def test_every_model_has_a_name_a_formula_and_a_place():
    for model in MODELS.values():
        assert model.name.zh != model.name.en and model.formula and model.clause


@given(st.floats(0.001, 2), st.floats(100, 50_000), st.floats(0.05, 2), st.floats(1, 30), st.floats(0, 29))
def test_without_decay_every_river_model_is_dilution_and_decay_orders_them(k, length, u, target, upstream):
    river = {"Q": 10.0, "C0": upstream, "Cs": target, "L": length, "u": u}
    keys = ("river_1d_control", "river_1d_spread", "river_1d_middle", "river_1d_top")
    still = [capacity(key, {**river, "K": 0.0}).value for key in keys]
    assert still == pytest.approx([(target - upstream) * 10.0] * 4)
    spread, middle, top = (capacity(key, {**river, "K": k}).value for key in keys[1:])
    if target > upstream:
        assert spread <= middle * (1 + 1e-12) <= top * (1 + 1e-12)


def test_one_sub_reach_of_the_strict_form_is_dilution_and_decay_of_the_target():
    strict = capacity("river_1d_control", {n: RIVER[n] for n in RIVER if n != "Qp"})
    assert strict.value == pytest.approx(50.0 + 20.0 * (1 - math.exp(-0.2 * 10_000 / 0.3 / 86_400)) * 10.0)


def test_the_estuary_gives_back_the_target_at_the_control_point():
    tide = {"Q": 30.0, "Qp": 1.0, "C0": 10.0, "Cs": 15.0, "K": 0.2, "Ex": 200.0, "u": 0.1, "x": 2000.0}
    n = math.sqrt(1 + 4 * 0.2 / 86_400 * 200 / 0.01)
    for key, sign, part in (("estuary_upstream", -1, 1 + n), ("estuary_downstream", 1, 1 - n)):
        load = capacity(key, tide).value
        reached = load / (31.0 * n) * math.exp(0.1 * sign * 2000.0 * part / 400.0) + 10.0
        assert reached == pytest.approx(15.0, rel=1e-12)


def test_the_mixed_lake_reaches_its_target_under_its_capacity():
    load = of("lake_mixed", V=12e6, Qout=2.0, C0=14.0, Cs=20.0, K=0.02).value + 14.0 * 2.0
    at = lambda time: lake_concentration(  # noqa: E731
        time, load=load, start=5.0, volume=12e6, outflow=2.0, rate_per_day=0.02
    )
    assert at(0.0) == 5.0
    assert at(1e12) == pytest.approx(20.0, rel=1e-12)
    assert lake_concentration(86_400.0, load=1.0, start=0.0, volume=1e6, outflow=0.0, rate_per_day=0.0) == (
        pytest.approx(0.0864)
    )


def test_reservoir_in_practice_is_the_mixed_lake_without_outflow():
    assert of("reservoir_practice", K=0.02, V=12e6, Cs=20.0).value == pytest.approx(
        of("lake_mixed", V=12e6, Qout=0.0, C0=14.0, Cs=20.0, K=0.02).value
    )


def test_phosphorus_stays_in_the_lake():
    assert phosphorus_retention(10.0, 4.0) == pytest.approx(0.6)
    with pytest.raises(CallError):
        phosphorus_retention(0.0, 1.0)
    with pytest.raises(CallError, match="Rp"):
        of("lake_dillon", Ps=0.05, h=8.0, A=3e6, Qa=4e7, V=2.4e7, Rp=1.0)
