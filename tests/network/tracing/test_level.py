"""What is ordinary at a place: what was measured near by counts, the more the more water is shared."""

import numpy as np
import pytest

from bishui.network import Section
from bishui.network.settings import settings
from bishui.network.tracing import Samples
from bishui.network.tracing.level import level
from bishui.network.tracing.ordinary import effluent, loads
from bishui.network.tracing.question import Question

from .conftest import BACKGROUND, CANDIDATES, DAY, ITEMS, KINDS, LIMITS, SECTIONS, river

SPREAD = settings("tracing").number("baseline_spread")
#: Just above the first section, on the reach below it, on another tributary.
PLACES = (Section("above", 0, 5_000.0), Section("below", 2, 3_000.0), Section("aside", 3, 5_000.0))


def levels(values):
    """Return levels at the sections and the places after so many earlier results at the first section."""
    number = len(values)
    samples = Samples(
        np.zeros(number, np.int64),
        np.zeros(number, np.int64),
        DAY - np.arange(1, number + 1) * np.timedelta64(30, "D"),
        np.array(values, float),
        np.zeros(number, bool),
        np.zeros(number, bool),
    )
    question = Question(
        river(), SECTIONS, samples, CANDIDATES, ITEMS, KINDS, LIMITS, BACKGROUND, DAY - np.timedelta64(3, "D")
    )
    chosen = settings("tracing")
    ordinary = loads(CANDIDATES, effluent(CANDIDATES, KINDS, ITEMS, chosen), ITEMS)
    return level(question, (*SECTIONS, *PLACES), ordinary, chosen)


@pytest.fixture(scope="module")
def untold():
    return levels([])


def test_without_earlier_results_levels_are_computed_and_vague(untold):
    np.testing.assert_allclose(untold.spread, SPREAD)
    assert not untold.results.any()


def test_many_results_of_a_section_are_its_level_whatever_was_computed():
    told = levels([30.0] * 400)
    assert np.exp(told.mean[0, 0]) == pytest.approx(30.0, rel=0.02)
    assert told.spread[0, 0] < 0.1 * SPREAD


def test_the_more_water_two_places_share_the_more_one_tells_of_the_other(untold):
    twice = float(np.exp(untold.mean[0, 0])) * 2.0
    told = levels([twice] * 6)
    moved, left = (told.mean - untold.mean)[:, 0], told.spread[:, 0]
    above, below, aside = (len(SECTIONS) + place for place in range(3))
    assert np.log(2.0) > moved[0] > moved[below] > moved[aside] > 0.0
    assert moved[above] == pytest.approx(moved[0], rel=0.15)
    assert left[0] < left[below] < left[aside] < SPREAD


def test_results_of_one_item_tell_nothing_of_another(untold):
    told = levels([40.0] * 6)
    np.testing.assert_array_equal(told.mean[:, 1:], untold.mean[:, 1:])


def test_what_is_computed_is_believed_the_less_the_more_was_measured(untold):
    aim = float(untold.mean[0, 0]) + np.log(2.0)
    moved = [levels([np.exp(aim)] * number).mean[0, 0] for number in (1, 3, 12)]
    assert untold.mean[0, 0] < moved[0] < moved[1] < moved[2] < aim
