"""Several pollutants at once: one share for all that an outfall discharges, added in equivalents."""

import numpy as np
import pytest

from bishui.errors import CallError
from bishui.network.capacity import equal_proportion, greatest_total, shared_allocation
from bishui.network.settings import settings
from tests.network.capacity.test_allocation import A1, case

HALF = case([[0.8, 0.5, 0], [0.6, 0.4, 0.9]], [20, 22.5], [2.5, 2.5, 2.5], [30, 25, 20])


def test_one_pollutant_alone_is_divided_as_ever():
    found = shared_allocation({"COD": A1})
    assert found.loads["COD"] == pytest.approx(greatest_total(A1).loads)
    assert found.allocation.binding == ("s0 · COD", "s1 · COD")


def test_two_pollutants_in_proportion_are_divided_as_one():
    found = shared_allocation({"COD": A1, "NH3-N": HALF})
    assert found.share == pytest.approx(greatest_total(A1).loads / A1.present)
    assert found.loads["NH3-N"] == pytest.approx(0.5 * found.loads["COD"])
    assert found.alone == pytest.approx({"COD": 84.0277777778, "NH3-N": 42.0138888889})


def test_the_scarcer_pollutant_binds_and_is_named_with_its_section():
    tight = case(HALF.response, [10, 22.5], HALF.floor, HALF.present)
    found = shared_allocation({"COD": A1, "NH3-N": tight}, equal_proportion)
    assert found.share == pytest.approx([10 / (0.8 * 30 + 0.5 * 25)] * 3)
    assert found.allocation.binding == ("s0 · NH3-N",)
    assert (tight.response @ found.loads["NH3-N"] <= tight.limit + 1e-9).all()
    assert (A1.response @ found.loads["COD"] <= A1.limit + 1e-9).all()


def test_nobody_is_asked_for_less_than_the_floor_of_any_of_its_pollutants():
    high = case(HALF.response, [100, 100], [15, 2.5, 2.5], HALF.present)
    found = shared_allocation({"COD": A1, "NH3-N": high})
    assert found.share[0] >= 0.5 - 1e-12


def test_an_outfall_without_load_keeps_what_it_has():
    none = case(A1.response, A1.room, [0, 5, 5], [0, 50, 40])
    found = shared_allocation({"COD": none})
    assert found.share[0] == 1.0
    assert found.loads["COD"][0] == 0.0


def test_what_cannot_be_added_or_differs_is_refused_by_name():
    with pytest.raises(CallError, match="砷"):
        shared_allocation({"COD": A1, "砷": HALF})
    with pytest.raises(CallError, match="排口不一致"):
        shared_allocation({"COD": A1, "TP": case([[1.0]], [1.0], [0.0], [1.0])})
    with pytest.raises(CallError, match="没有要分配"):
        shared_allocation({})


def test_equivalents_are_settings():
    tight = case(HALF.response, [10, 22.5], [0, 0, 0], [5, 25, 20])
    heavier = settings("allocation", equivalent_nh3n=0.001)
    usual, other = (shared_allocation({"COD": A1, "NH3-N": tight}, chosen=s) for s in (None, heavier))
    assert other.loads["NH3-N"].sum() >= usual.loads["NH3-N"].sum() - 1e-9
    assert np.isclose(usual.allocation.total, usual.loads["COD"].sum() + usual.loads["NH3-N"].sum() / 0.8)
