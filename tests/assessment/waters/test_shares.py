"""Shares: half up, forced by the largest remainder, rates against printed targets (reference 0.4, 3.1)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import rate_reaches, shares
from bishui.errors import CallError

COUNTS = st.lists(st.integers(0, 400), min_size=1, max_size=7).filter(any)


def printed(*counts, whole=None, **changes):
    return [str(share) for share in shares(counts, whole, **changes).printed]


@pytest.mark.parametrize(
    ("counts", "plain", "forced"),
    [
        # National weekly bulletin 2007 week 2; 2013; Hubei November 2021; Wuhan July 2021.
        ((49, 9, 6, 19), ["59.0", "10.8", "7.2", "22.9"], ["59.0", "10.9", "7.2", "22.9"]),
        ((100, 14, 7, 6), ["78.7", "11.0", "5.5", "4.7"], ["78.8", "11.0", "5.5", "4.7"]),
        ((6, 37, 17, 6), ["9.1", "56.1", "25.8", "9.1"], ["9.1", "56.1", "25.7", "9.1"]),
        ((8, 13, 9, 2), ["25.0", "40.6", "28.1", "6.3"], ["25.0", "40.6", "28.1", "6.3"]),
    ],
)
def test_published_shares_plain_and_forced(counts, plain, forced):
    assert printed(*counts) == plain
    assert printed(*counts, sum_to_100=True) == forced


def test_shares_that_do_not_exhaust_the_whole_are_never_forced():
    found = shares([104, 98, 2], 114, sum_to_100=True)
    assert ([str(share) for share in found.printed], found.forced) == (["91.2", "86.0", "1.8"], False)


def test_a_tie_is_rounded_up():
    assert printed(2, whole=32) == ["6.3"]


def test_nothing_evaluated_has_no_percentages():
    assert shares([0, 0]).printed == ()


@pytest.mark.parametrize(("counts", "whole"), [((3,), 2), ((-1, 3), 2)])
def test_counts_beyond_the_whole_are_refused(counts, whole):
    with pytest.raises(CallError):
        shares(counts, whole)


@given(COUNTS, st.integers(0, 3))
def test_forced_shares_total_exactly_100_and_stay_within_one_unit_of_plain(counts, decimals):
    plain = shares(counts, decimals=decimals)
    forced = shares(counts, decimals=decimals, sum_to_100=True)
    assert sum(forced.printed) == 100
    unit = Decimal(1).scaleb(-decimals)
    assert all(abs(a - b) <= unit for a, b in zip(plain.printed, forced.printed, strict=True))
    assert all(abs(Fraction(b) - a) < unit for a, b in zip(plain.exact, forced.printed, strict=True))


@given(COUNTS)
def test_unrounded_shares_sum_to_100(counts):
    assert sum(shares(counts).exact) == 100


@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_the_counts_moves_the_shares_with_them(counts, random):
    order = list(range(len(counts)))
    random.shuffle(order)
    before = shares(counts, sum_to_100=True).printed
    after = shares([counts[place] for place in order], sum_to_100=True).printed
    assert sorted(zip(counts, before, strict=True)) == sorted(
        zip([counts[place] for place in order], after, strict=True)
    )


@pytest.mark.parametrize(
    ("met", "of", "target", "at_least", "reached"),
    [
        (6, 7, "85.7", True, True),  # Qinzhou 2024: 85.714…
        (2, 3, "66.7", True, True),  # 66.666… would fail unrounded
        (6, 7, "85.8", True, False),
        (6, 7, "86", True, True),
        (5, 7, "85.7", True, False),
        (1, 200, "0.5", False, True),
        (199, 200, "100", True, False),  # 99.5 rounds to 100, and 100 means every one
        (200, 200, "100", True, True),
        (1, 300, "0", False, False),  # 0.33… rounds to 0, and 0 means none
        (0, 300, "0", False, True),
    ],
)
def test_a_rate_is_rounded_to_the_digits_of_the_target(met, of, target, at_least, reached):
    assert rate_reaches(met, of, Decimal(target), at_least=at_least) is reached


def test_the_ends_are_rounded_to_where_the_setting_says_so():
    assert rate_reaches(199, 200, Decimal(100), exact_at_ends=False)
