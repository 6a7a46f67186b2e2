"""Rounding (GB/T 8170), the zero rule, percentages, multiples, the mean of pH."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment.numbers import (
    first_digit,
    mean,
    multiple,
    percent,
    ph_mean,
    round_evaluation,
    round_half_even,
    round_half_up,
    round_multiple,
    shown,
    substitute,
)

decimals = st.decimals(min_value=0, max_value=10**6, places=6)


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        ("0.0034", 3, "0.003"),
        ("0.0035", 3, "0.004"),
        ("0.0045", 3, "0.004"),
        ("1.005", 2, "1.00"),
        ("1.015", 2, "1.02"),
        ("9.5", 0, "10"),
        ("9.4", 0, "9"),
        ("5.5", 0, "6"),
        ("8.5", 0, "8"),
        ("-0.5", 0, "0"),
        ("-1.5", 0, "-2"),
    ],
)
def test_half_goes_to_even(value, digits, expected):
    assert str(round_half_even(Decimal(value), digits)) == expected


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        ("0.00005", 3, "0.00005"),
        ("0.0004", 3, "0.0004"),
        ("0.0006", 3, "0.001"),
        ("0.005", 2, "0.005"),
        ("0.00015", 4, "0.0002"),
        ("0.00045", 3, "0.0004"),
        ("0.0000951", 3, "0.0001"),
        ("0", 3, "0.000"),
    ],
)
def test_a_result_that_would_be_zero_keeps_one_digit_of_the_unrounded_value(value, digits, expected):
    assert round_evaluation(Decimal(value), digits) == Decimal(expected)


def test_a_mean_is_rounded_from_the_rational_and_never_twice():
    # 0.2 + 0.2 + 0.3004… = a third over a tie: rounding through 0.2335 would give another answer.
    third = Fraction(Decimal("0.70049999")) / 3
    assert round_half_even(third, 3) == Decimal("0.233")
    assert round_half_even(Fraction(1, 3) + Fraction(1, 6), 0) == 0
    assert round_half_even(Fraction("2.5") + Fraction(1, 10**30), 0) == 3


def test_a_logarithm_within_1e_12_of_a_tie_is_the_tie():
    tolerance = Fraction(1, 10**12)
    assert round_half_even(Fraction("8.5") + Fraction(9, 10**13), 0, tolerance) == 8
    assert round_half_even(Fraction("8.5") + Fraction(11, 10**13), 0, tolerance) == 9


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(2, 32, "6.3"), (6, 7, "85.7"), (7, 7, "100.0"), (44, 48, "91.7"), (0, 5, "0.0"), (38, 44, "86.4")],
)
def test_percentages_go_half_up(part, whole, expected):
    assert str(percent(part, whole)) == expected


def test_nothing_evaluated_has_no_percentage():
    assert percent(0, 0) is None


def test_half_up_differs_from_half_even():
    assert (round_half_up(Decimal("0.25"), 1), round_half_even(Decimal("0.25"), 1)) == (
        Decimal("0.3"),
        Decimal("0.2"),
    )


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        ("2.3", "1.0", "1.3"),
        ("0.32", "0.2", "0.6"),
        ("24", "20", "0.2"),
        ("6.6", "6", "0.1"),
        ("20.8", "20", "0.04"),
    ],
)
def test_multiples_keep_at_least_one_significant_digit(value, limit, expected):
    assert str(round_multiple(multiple(Decimal(value), Decimal(limit)), 1)) == expected


def test_mean_of_ph_goes_through_the_hydrogen_ion():
    values = [Decimal(text) for text in ["6.5", "7.9", "8.8", "9", "6.78", "8.87"]]
    assert round_half_even(ph_mean(values), 2) == Decimal("7.08")


@given(st.decimals(min_value=0, max_value=14, places=3), st.integers(1, 40))
def test_equal_values_of_ph_have_that_value_as_their_mean(value, count):
    assert ph_mean([value] * count) == value


@given(st.lists(decimals, min_size=1, max_size=30), st.randoms())
def test_order_does_not_matter(values, random):
    shuffled = random.sample(values, len(values))
    assert mean(shuffled) == mean(values)


@given(decimals, st.integers(1, 50))
def test_equal_values_have_that_value_as_their_mean(value, count):
    assert mean([value] * count) == value


@given(decimals, st.integers(0, 5))
def test_rounding_again_changes_nothing(value, digits):
    once = round_evaluation(value, digits)
    assert round_evaluation(once, digits) == once


@given(decimals, decimals, st.integers(0, 5))
def test_rounding_keeps_the_order(one, other, digits):
    low, high = sorted((one, other))
    assert round_evaluation(low, digits) <= round_evaluation(high, digits)


@given(st.decimals(min_value="0.0000001", max_value=1000, places=7))
def test_the_first_digit_is_where_the_text_has_it(value):
    place = first_digit(value)
    assert 1 <= value.scaleb(place) < 10


def test_what_is_shown_ends_after_ten_digits():
    assert str(shown(Fraction(1, 3))) == "0.3333333333"
    assert str(shown(Fraction(1200))) == "1200"


@pytest.mark.parametrize(("rule", "expected"), [("half", "0.005"), ("zero", "0"), ("limit", "0.01")])
def test_below_detection_has_its_substitute_by_name(rule, expected):
    assert substitute(Decimal("0.01"), rule) == Decimal(expected)
