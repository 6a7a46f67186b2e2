"""Where a series leads: the median slope, its verdicts, and laws of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.server.indicators.forecast import outlook

BEGIN = date(2025, 1, 1)
TODAY, END = date(2025, 7, 1), date(2025, 12, 31)


def series(*values, step=30):
    return [(BEGIN + timedelta(days=step * n), Decimal(str(value))) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "op", "target", "verdict"),
    [
        ((), ">=", 80, "no_value"),
        ((70,), ">=", 80, "too_few"),
        ((70, 71), ">=", 80, "too_few"),
        ((70, 71, 81), ">=", 80, "reached"),
        ((60, 63, 66, 69), ">=", 80, "on_the_way"),
        ((60, 60.1, 60.2, 60.3), ">=", 80, "short"),
        ((40, 38, 36, 34), "<=", 30, "on_the_way"),
        ((40, 41, 42), "<=", 30, "short"),
        ((29,), "<=", 30, "too_few"),
        ((10, 20, 29), "<=", 30, "short"),
    ],
)
def test_verdicts(values, op, target, verdict):
    assert outlook(series(*values), op, Decimal(target), END, TODAY).verdict == verdict


def test_after_the_deadline_only_the_last_value_speaks():
    assert outlook(series(1, 2, 3), ">=", Decimal(9), date(2025, 6, 30), TODAY).verdict == "missed"
    assert outlook(series(1, 2, 9), ">=", Decimal(9), date(2025, 6, 30), TODAY).verdict == "reached"


def test_a_share_is_never_expected_beyond_100():
    assert outlook(series(80, 90, 99), ">=", Decimal(100), END, TODAY, most=Decimal(100)).expected == 100


def test_one_wild_value_does_not_turn_the_slope():
    """Sen 1968: the median of the pairs' slopes withstands outliers."""
    calm = outlook(series(10, 11, 12, 13, 14, 15, 16), ">=", Decimal(90), END, TODAY)
    wild = outlook(series(10, 11, 12, 99, 14, 15, 16), ">=", Decimal(90), END, TODAY)
    assert wild.expected == calm.expected


def test_a_straight_line_is_continued_exactly():
    points = [(BEGIN + timedelta(days=n), Decimal(n)) for n in range(0, 100, 10)]
    assert outlook(points, ">=", Decimal(1000), BEGIN + timedelta(days=200), TODAY).expected == 200


@given(st.lists(st.integers(0, 1000), min_size=3, max_size=12), st.integers(-50, 50))
def test_law_a_series_shifted_leads_to_a_place_shifted_as_much(values, shift):
    one = outlook(series(*values), ">=", Decimal(10**6), END, TODAY)
    other = outlook(series(*(value + shift for value in values)), ">=", Decimal(10**6), END, TODAY)
    assert abs(other.expected - one.expected - shift) <= Decimal("0.01")
    assert one.low <= one.expected <= one.high
