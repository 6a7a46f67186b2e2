"""Design flow by GB/T 25173-2010, and decay rates with their errors."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.network.capacity import (
    DecayRate,
    ShortSeries,
    driest_month_flow,
    lake_rate,
    lowest_recent_month,
    pearson_flow,
    pooled_rate,
    rate_by_flow,
    rate_by_perimeter,
    two_section_rate,
)
from bishui.network.settings import settings


def series(lowest, first=2000):
    """Years whose driest month is March."""
    return {
        (first + at, month): Decimal(low if month == 3 else "99")
        for at, low in enumerate(lowest)
        for month in range(1, 13)
    }


def test_nine_years_have_the_lowest_as_their_90_percent_and_are_refused_as_too_few():
    flows = series([str(n) for n in range(1, 10)])
    with pytest.raises(ShortSeries, match="9"):
        driest_month_flow(flows)
    marked = driest_month_flow(flows, settings("capacity", short_series="mark"))
    assert (marked.value, marked.short) == (1, True)


def test_between_two_ranks_the_flow_is_interpolated_exactly():
    # 10 years: place 0.9 · 11 = 9.9, between the second smallest (2) and the smallest (1).
    flow = driest_month_flow(series([str(n) for n in range(1, 11)]))
    assert flow.value == Fraction(11, 10)
    assert flow.place == "m = 9.9"


def test_years_that_lack_months_are_left_out_and_counted():
    flows = series([str(n) for n in range(1, 12)])
    del flows[2000, 7]
    flow = driest_month_flow(flows)
    assert flow.left_out == {2000: 11} and 2000 not in flow.years
    assert not flow.short


def test_the_lowest_month_of_the_last_ten_years_ignores_older_ones():
    flow = lowest_recent_month(series(["1", *["5"] * 9, "4"]))
    assert (flow.value, flow.place) == (4, "2010-03")


def test_a_river_that_falls_dry_is_said():
    assert driest_month_flow(series(["0"] * 12)).zero


def test_no_flow_at_all_is_refused_even_where_short_series_are_marked():
    with pytest.raises(ShortSeries):
        lowest_recent_month({}, settings("capacity", short_series="mark"))


def test_pearson_is_close_to_the_empirical_value_and_equals_a_constant():
    flows = series([str(n) for n in range(10, 40)])
    assert float(pearson_flow(flows).value) == pytest.approx(float(driest_month_flow(flows).value), rel=0.15)
    assert pearson_flow(series(["7"] * 10)).value == 7


@given(st.lists(st.integers(1, 1000), min_size=10, max_size=40), st.integers(2, 9))
def test_design_flows_scale_with_the_river(lowest, factor):
    flows = series([str(low) for low in lowest])
    larger = {key: flow * factor for key, flow in flows.items()}
    for method in (driest_month_flow, lowest_recent_month):
        assert method(larger).value == factor * method(flows).value


def test_one_pair_of_sections_says_nothing_about_k():
    # 10 % each and half a day between: the error is 0.28 per day.
    rate = two_section_rate(10.0, 9.0, 0.5 * 86_400 * 0.4, 0.4, upper_cv=0.1, lower_cv=0.1)
    assert rate.deviation == pytest.approx(0.2828, abs=1e-4)
    assert rate.per_day == pytest.approx(0.2107, abs=1e-4)
    assert rate.says_nothing


def test_many_pairs_do():
    pooled = pooled_rate([DecayRate(0.2, 0.28, "two-sections")] * 16)
    assert pooled.per_day == pytest.approx(0.2) and pooled.deviation == pytest.approx(0.07)
    assert pooled.pairs == 16 and not pooled.says_nothing
    with pytest.raises(CallError):
        pooled_rate([])


def test_k_of_a_lake_gives_back_the_profile():
    # C falls by e^(−KΦh(r_B² − r_A²)/2Q_p).
    rate = lake_rate(12.0, 8.0, radii=(100.0, 300.0), angle=3.14, depth=5.0, flow=0.4)
    assert rate == pytest.approx(2 * 0.4 / (3.14 * 5.0 * 80_000.0) * 0.405465 * 86_400, rel=1e-5)
    with pytest.raises(CallError):
        lake_rate(12.0, 8.0, radii=(300.0, 100.0), angle=3.14, depth=5.0, flow=0.4)


def test_the_english_formulas_are_fed_in_feet():
    assert rate_by_flow(1.0) == pytest.approx(10.3 * 35.3147**-0.49, rel=1e-5)
    assert rate_by_perimeter(10.0) == pytest.approx(39.6 * 32.8084**-0.34, rel=1e-5)
