"""The balance on a network: a section that measures what the listed loads bring has nothing left over."""

import numpy as np
import pytest

from bishui.errors import CallError
from bishui.network import Load, Pollutant, Section, solve
from bishui.network.loads import LATERAL, section_balances
from tests.network.nets import network

NET = network([10_000, 6000, 20_000], [(0, 2), (1, 2)], lateral=[8, 4, 0])
LOADS = [Load("a", 0, 2000.0, 0.3, {"cod": 200.0}), Load("b", 1, 500.0, 0.2, {"cod": 300.0})]
PLACES = [Section("upper", 0, 9000.0), Section("lower", 2, 15_000.0)]
SOLVED = solve(NET, [Pollutant("cod", 0.2)], LOADS, {"cod": np.full(3, 8.0)})


def test_what_the_model_gives_is_explained_and_what_is_more_is_left_over():
    exact = {place: (float(SOLVED.at(place).concentrations[0]), 0.1) for place in PLACES}
    for one in section_balances(SOLVED, "cod", exact):
        assert one.remainder == pytest.approx(0.0, abs=1e-9)
    upper, _ = section_balances(SOLVED, "cod", exact)
    assert {source.source for source in upper.sources} == {"a", LATERAL}
    more = {place: (value + 2.0, 0.1) for place, (value, _) in exact.items()}
    for place, one in zip(PLACES, section_balances(SOLVED, "cod", more), strict=True):
        assert one.remainder == pytest.approx(2.0 * SOLVED.at(place).flow)


def test_a_pollutant_that_was_not_computed_is_refused():
    with pytest.raises(CallError, match="cod"):
        section_balances(SOLVED, "tp", {})
