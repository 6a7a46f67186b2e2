"""Kernels against their plain twins."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import kernels, plain
from bishui.assessment.means import ph_exact, ph_unit
from bishui.assessment.numbers import round_evaluation
from bishui.assessment.rows import decimal_words
from bishui.assessment.thresholds import half_units, highest, lowest, table
from bishui.standards import WaterType, items, surface_water

STANDARD = surface_water(date(2024, 1, 1))
KEYS = tuple(STANDARD.criteria)
#: The first call compiles.
compiled = settings(deadline=None)
BIGGEST = (1 << 62) - 2


def run(groups, below=1, *, logarithmic=False):
    """Run sums and one level of means over [[(value, status), …] per day]."""
    rows = [row for day in groups for row in day]
    starts = np.cumsum([0, *(len(day) for day in groups)]).astype(np.int64)
    value = np.array([row[0] for row in rows], np.int64)
    status = np.array([row[1] for row in rows], np.uint8)
    flags = np.full(len(groups), logarithmic)
    high, low, used, hydrogen, counts, detection = kernels.group_sums(
        starts, value, status, flags, ph_unit(), below
    )
    state = (used > 0).astype(np.uint8)
    ends = np.array([0, len(groups)], np.int64)
    means = kernels.mean_of_means(ends, state, high, low, np.maximum(used, 1), hydrogen, 1)
    return means, counts, detection


def rational(means):
    state, high, low, denominator, _, _ = means
    if state[0] == kernels.EMPTY:
        return None
    assert state[0] == kernels.GOOD
    return Fraction((int(high[0]) << 64) | int(low[0]), int(denominator[0]))


values = st.integers(-BIGGEST // 2, BIGGEST // 2).map(lambda half: half * 2)
rows = st.tuples(values, st.integers(0, 7))
days = st.lists(st.lists(rows, min_size=1, max_size=24), min_size=1, max_size=31)


@compiled
@given(days)
def test_sums_and_means_of_means_are_exact(groups):
    means, counts, _ = run(groups)
    halves = [[(v // 2 if s == kernels.USED_BELOW else v, s) for v, s in day] for day in groups]
    expected = plain.mean_of_means(plain.group_mean(*zip(*day, strict=True))[0] for day in halves)
    if means[0][0] == kernels.WIDE:
        assert abs(expected) > 0
    else:
        assert rational(means) == expected
    for g, day in enumerate(groups):
        assert counts[g].tolist() == [sum(s == kind for _, s in day) for kind in range(8)]


@pytest.mark.parametrize(("below", "expected"), [(0, 0), (1, 5), (2, 10)])
def test_a_row_below_detection_enters_by_name_and_leaves_its_limit(below, expected):
    means, _, detection = run([[(10, kernels.USED_BELOW)]], below)
    assert rational(means) == expected
    assert detection[0] == 10


@pytest.mark.parametrize("key", list(items()))
def test_a_year_of_hours_at_the_largest_value_has_that_value_as_its_mean(key):
    year = [[(BIGGEST, kernels.USED)] * 24] * 366
    assert rational(run(year)[0]) == BIGGEST


def test_nothing_wraps_beyond_128_bits():
    state = np.ones(40, np.uint8)
    high = np.full(40, (1 << 62), np.int64)
    low = np.zeros(40, np.uint64)
    starts = np.array([0, 40], np.int64)
    found = kernels.mean_of_means(starts, state, high, low, np.ones(40, np.int64), np.zeros(40), 1)
    assert found[0][0] == kernels.WIDE


def test_a_common_denominator_beyond_one_word_is_left_to_the_twin():
    primes = np.array([2**31 - 1, 2**31 - 19, 2**31 - 61], np.int64)
    ones, zero = np.ones(3, np.uint8), np.zeros(3, np.int64)
    found = kernels.mean_of_means(
        np.array([0, 3], np.int64), ones, zero, np.ones(3, np.uint64), primes, np.zeros(3), 1
    )
    assert found[0][0] == kernels.WIDE


@compiled
@given(st.lists(st.integers(0, 14000), min_size=1, max_size=60), st.randoms())
def test_mean_of_ph_agrees_with_the_twin_in_any_order(thousandths, random):
    unit = half_units(items()["ph"], Fraction(1, 1000))
    shuffled = random.sample(thousandths, len(thousandths))
    found = [
        run([[(v * unit, kernels.USED) for v in order]], logarithmic=True)[0][4][0]
        for order in (thousandths, shuffled)
    ]
    expected = plain.ph_mean_of_means([[Decimal(v) / 1000 for v in thousandths]])
    for hydrogen in found:
        assert abs(ph_exact(float(hydrogen)) - Fraction(expected)) < Fraction(2, 10**10)


@compiled
@given(st.integers(0, 14000), st.integers(1, 40))
def test_equal_values_of_ph_have_that_value_as_their_mean(thousandths, count):
    unit = half_units(items()["ph"], Fraction(1, 1000))
    means, _, _ = run([[(thousandths * unit, kernels.USED)] * count], logarithmic=True)
    assert ph_exact(float(means[4][0])) == Fraction(thousandths, 1000)


limits = st.sampled_from(
    ["0.00005", "0.0001", "0.004", "0.005", "0.02", "0.025", "0.15", "1.0", "6", "7.5", "15", "40"]
)


@compiled
@given(limits.map(Decimal), st.integers(0, 5), st.fractions(0, 50, max_denominator=10**6))
def test_comparing_with_a_bound_is_rounding_and_comparing(limit, decimals, value):
    for end, at_most in ((highest(limit, decimals), True), (lowest(limit, decimals), False)):
        if not at_most and limit < Decimal(1).scaleb(-decimals):
            continue  # lower limits are never finer than the digits kept
        for x in (value, end.value, end.value + Fraction(1, 10**15), end.value - Fraction(1, 10**15)):
            rounded = round_evaluation(x, decimals)
            by_rounding = rounded <= limit if at_most else rounded >= limit
            inside = x < end.value if at_most else x > end.value
            assert by_rounding == (inside or (x == end.value and end.closed))


def classes(key, numerators, denominators, water_type, *, rounded):
    thresholds = table(STANDARD, KEYS, rounded=rounded)
    row = list(WaterType).index(water_type) * len(KEYS) + KEYS.index(key)
    n = len(numerators)
    return kernels.item_classes(
        np.ones(n, np.uint8),
        np.array([-1 if x < 0 else 0 for x in numerators], np.int64),
        np.array(numerators, np.int64).view(np.uint64),
        np.array(denominators, np.int64),
        np.ones(n),
        np.full(n, row, np.int64),
        thresholds.kind,
        thresholds.bound,
        thresholds.closed,
        ph_unit(),
    ).tolist()


@pytest.mark.parametrize("rounded", [True, False])
@pytest.mark.parametrize("water_type", list(WaterType))
@pytest.mark.parametrize("key", [key for key in KEYS if key not in ("ph", "wtemp")])
def test_classes_agree_with_the_twin_around_every_limit(key, water_type, rounded):
    limits = STANDARD.limits(key, water_type)
    item = items()[key]
    unit = 2 * 10**item.scale
    step = Fraction(1, 10 ** min(item.scale, (item.evaluation_decimals or 0) + 1))
    means = [
        Fraction(limit) + n * step + tiny
        for limit in limits.values()
        for n in range(-11, 12)
        for tiny in (0, Fraction(1, 7 * unit), Fraction(-1, 7 * unit))
    ]
    means = [mean for mean in means if mean >= 0]
    found = classes(key, [int(m * unit * 7) for m in means], [7] * len(means), water_type, rounded=rounded)
    expected = [plain.item_class(STANDARD, key, mean, water_type, rounded=rounded) or 0 for mean in means]
    assert found == expected


@pytest.mark.parametrize(
    ("ph", "rounded", "rank"),
    [("5.5", True, 1), ("5.49", True, 6), ("9.49", True, 1), ("9.5", True, 6), ("9", False, 1), ("9.01", False, 6),
     ("6", False, 1), ("5.99", False, 6)],
)  # fmt: skip
def test_ph_is_rounded_to_a_whole_number_before_it_is_compared(ph, rounded, rank):
    thresholds = table(STANDARD, ("ph",), rounded=rounded)
    half = half_units(items()["ph"], Fraction(ph))
    state, high, low, den, hydrogen, _ = run([[(half, kernels.USED)] * 7] * 3, logarithmic=True)[0]
    found = kernels.item_classes(
        state, high, low, den, hydrogen, np.zeros(1, np.int64), thresholds.kind, thresholds.bound,
        thresholds.closed, ph_unit(),
    )  # fmt: skip
    assert found[0] == rank


@compiled
@given(st.lists(st.decimals(-(10**8), 10**8, places=10), min_size=1))
def test_decimals_become_half_units_exactly(numbers):
    column = pa.array(numbers, pa.decimal128(38, 10))
    zero = np.zeros(len(numbers), np.int64)
    value, fault = kernels.fixed_point(decimal_words(column), np.array([1]), zero, zero == 0)
    assert fault == -1
    assert value.tolist() == [int(number * 2 * 10**10) for number in numbers]


@compiled
@given(st.integers(-(2 * 10**18), 2 * 10**18))
def test_values_wider_than_one_word_are_divided_exactly(count):
    column = pa.array([Decimal(count)], pa.decimal128(38, 10))
    one = np.zeros(1, np.int64)
    value, fault = kernels.fixed_point(decimal_words(column), np.array([10**10]), one, one == 0)
    assert (fault, value[0]) == (-1, 2 * count)


@pytest.mark.parametrize("number", ["0.1", "3000000000000000000", "-3000000000000000000", "12345678901.5"])
def test_a_value_that_does_not_fit_its_scale_is_named(number):
    column = pa.array([Decimal(1), Decimal(number)], pa.decimal128(38, 10))
    codes = np.zeros(2, np.int64)
    _, fault = kernels.fixed_point(decimal_words(column), np.array([10**10]), codes, codes == 0)
    assert fault == 1
