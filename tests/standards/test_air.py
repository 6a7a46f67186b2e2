"""The air quality index in both editions (HJ 633-2012, HJ 633-2026)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.standards import air_index, air_indices
from bishui.standards.editions import NotInForce

OLD, NEW = air_index(date(2026, 2, 28)), air_index(date(2026, 3, 1))


def test_the_edition_is_that_of_the_day():
    assert (OLD.edition, NEW.edition) == ("HJ 633-2012", "HJ 633-2026")
    with pytest.raises(NotInForce):
        air_index(date(2015, 12, 31))


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("pm25_daily", "35", 50, 50),
        ("pm25_daily", "60", 82, 100),  # 50 + 50·25/40 = 81.25, up
        ("pm25_daily", "75", 100, 114),  # 100 + 50·15/55 = 113.6…, up
        ("pm25_daily", "150", 200, 200),
        ("pm10_daily", "120", 85, 100),
        ("pm10_daily", "150", 100, 112),
        ("o3_daily_max_8h", "160", 100, 100),
        ("carbon_monoxide_daily", "4", 100, 100),
        ("so2_daily", "475", 150, 150),
        ("no2_daily", "0", 0, 0),
        ("pm25_daily", "501", 500, 500),
    ],
)
def test_individual_indices_by_the_printed_breakpoints_rounded_up(key, value, old, new):
    for index, expected in ((OLD, old), (NEW, new)):
        assert index.rounded(index.individual(key, Decimal(value))) == expected


def test_beyond_the_end_of_a_short_list_the_editions_differ():
    assert OLD.individual("o3_daily_max_8h", 801) is None
    assert NEW.individual("o3_daily_max_8h", 801) == 300
    assert OLD.individual("so2_hourly", 801) is None
    assert NEW.individual("so2_hourly", 801) == 200


@pytest.mark.parametrize(
    ("value", "word"), [(50, "优"), (51, "良"), (150, "轻度污染"), (301, "严重污染"), (500, "严重污染")]
)
def test_levels_and_their_words(value, word):
    assert NEW.level(value).label.zh == word


def test_levels_have_no_gap():
    for index in air_indices():
        assert [level.low for level in index.levels][1:] == [level.high + 1 for level in index.levels][:-1]


@given(st.sampled_from(NEW.keys), st.integers(0, 800), st.integers(0, 800))
def test_more_pollution_is_never_a_lower_index(key, one, other):
    low, high = sorted((one, other))
    for index in air_indices():
        first, second = index.individual(key, low), index.individual(key, high)
        assert first is None or second is None or first <= second


def test_every_breakpoint_reaches_its_step_exactly():
    for index in air_indices():
        for key, points in index.breakpoints.items():
            reached = [index.individual(key, point) for point in points]
            assert reached == [Fraction(step) for step in index.steps[: len(points)]]


def test_negative_values_and_unknown_keys_are_refused():
    with pytest.raises(CallError, match="负数"):
        NEW.individual("pm25_daily", -1)
    with pytest.raises(CallError, match="可用的项目"):
        NEW.individual("pm1_daily", 1)
