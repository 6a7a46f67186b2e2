"""NHDPlus measures run from the downstream end up; chainages run down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import DataError
from bishui.network.formats import chainage_of_measure


def test_the_upper_end_is_the_top() -> None:
    assert chainage_of_measure(100, 0, 100, 2000) == 0
    assert chainage_of_measure(0, 0, 100, 2000) == 2000
    assert chainage_of_measure(62.5, 50, 75, 1000) == 500


@given(st.floats(0, 100), st.floats(0, 100))
def test_what_is_further_up_has_the_smaller_chainage(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert chainage_of_measure(high, 0, 100, 5000) <= chainage_of_measure(low, 0, 100, 5000)


@pytest.mark.parametrize("measure", [-1, 101])
def test_a_measure_beyond_the_reach_is_refused(measure: float) -> None:
    with pytest.raises(DataError):
        chainage_of_measure(measure, 0, 100, 1000)
    with pytest.raises(DataError):
        chainage_of_measure(50, 50, 50, 1000)
