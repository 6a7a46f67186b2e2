"""Weeks, ten days, half-years: means of daily means, of monthly means (环办〔2011〕22号 一.(二))."""

from fractions import Fraction

from bishui.assessment import Period, assess
from tests.assessment.tables import measurements, reading, sites


def mean(rows, period, item="nh3n"):
    (result,) = assess(measurements(rows), sites("S"), period=period)
    entry = result.items.get(item)
    return entry and (entry.mean, entry.source, entry.counts.entered)


def test_a_week_is_the_mean_of_its_daily_means():
    rows = [
        reading("nh3n", "0.1", "2024-01-29T00:00"),
        reading("nh3n", "0.3", "2024-01-29T04:00"),
        reading("nh3n", "0.6", "2024-02-04T20:00"),
        reading("nh3n", "9", "2024-02-05T00:00"),
    ]
    assert mean(rows, Period.week(2024, 5)) == (Fraction("0.4"), "automatic", 3)


def test_ten_days_take_one_source_only_as_a_month_does():
    rows = [
        reading("nh3n", "0.2", "2024-02-01T00:00"),
        reading("nh3n", "5", "2024-02-02T09:00", source="manual"),
    ]
    assert mean(rows, Period.ten_days(2024, 2, 1)) == (Fraction("0.2"), "automatic", 1)
    assert mean(rows[1:], Period.ten_days(2024, 2, 1)) == (Fraction(5), "manual", 1)
    assert mean(rows, Period.ten_days(2024, 2, 2)) is None


def test_a_half_year_is_the_mean_of_its_months():
    rows = [
        reading("nh3n", "0.1", "2024-01-05T00:00"),
        reading("nh3n", "0.3", "2024-06-05T00:00"),
        reading("nh3n", "0.5", "2024-06-06T00:00"),
        reading("nh3n", "9", "2024-07-01T00:00"),
    ]
    assert mean(rows, Period.half_year(2024, 1)) == (Fraction("0.25"), "automatic", 3)


def test_the_ph_of_a_week_goes_through_hydrogen_ions():
    rows = [reading("ph", "6", "2024-01-29T00:00"), reading("ph", "8", "2024-01-30T00:00")]
    value, _, _ = mean(rows, Period.week(2024, 5), "ph")
    assert round(float(value), 2) == 6.30
