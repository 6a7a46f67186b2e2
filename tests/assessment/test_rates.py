"""Rates: k of n with what left the denominator, and targets compared at their own digits."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import LeftOut, Rate, State, reaches


@pytest.mark.parametrize(
    ("met", "evaluated", "target", "state"),
    [
        (6, 7, "85.7", State.ATTAINED),  # Qinzhou 2024: six of seven sections, target 85.7 %
        (2, 3, "66.7", State.ATTAINED),
        (5, 7, "85.7", State.NOT_ATTAINED),
        (0, 7, "0", State.ATTAINED),
        (749, 750, "100", State.NOT_ATTAINED),  # 99.87 % rounds to 100, but one failed
        (750, 750, "100", State.ATTAINED),
        (0, 0, "80", State.NOT_JUDGED),
    ],
)
def test_a_rate_is_compared_at_the_digits_of_the_printed_target(met, evaluated, target, state):
    assert Rate(Fraction(met), Fraction(evaluated), {}).verdict(Decimal(target)) is state


def test_without_a_target_there_is_no_verdict():
    assert Rate.count([True]).verdict(None) is State.NO_TARGET


def test_what_leaves_the_denominator_is_counted_by_reason():
    rate = Rate.count([True, False, True], [LeftOut.DRY, LeftOut.NO_DATA, LeftOut.DRY])
    assert (rate.met, rate.evaluated, rate.missing) == (2, 3, 3)
    assert rate.as_dict() == {
        "met": "2", "evaluated": "3", "left_out": {"dry": 2, "no_data": 1}, "percent": "66.7",
    }  # fmt: skip


def test_nothing_evaluated_has_no_percentage():
    assert (Rate.count([]).percent, Rate.count([], [LeftOut.NO_DATA]).missing) == (None, 1)


@pytest.mark.parametrize(
    ("value", "target", "at_least", "met"),
    [
        ("66.65", "66.7", True, True),
        ("66.6499", "66.7", True, False),
        ("55.24", "55.2", False, True),
        ("55.25", "55.2", False, False),
        ("65", "65", True, True),
    ],
)
def test_half_up_to_the_digits_of_the_target(value, target, at_least, met):
    assert reaches(Decimal(value), Decimal(target), at_least=at_least) is met


@given(st.lists(st.booleans(), min_size=1), st.randoms())
def test_the_order_of_verdicts_changes_nothing(verdicts, random):
    shuffled = list(verdicts)
    random.shuffle(shuffled)
    assert Rate.count(verdicts) == Rate.count(shuffled)


@given(st.lists(st.booleans(), min_size=1))
def test_one_more_attained_never_lowers_a_rate(verdicts):
    assert Rate.count([*verdicts, True]).exact >= Rate.count(verdicts).exact
