"""Trends: rank correlation (环办〔2011〕22号 三), Mann–Kendall, seasonal Kendall, Sen's slope, Hamed–Rao."""

import math
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import (
    Course,
    Meaning,
    PeriodKind,
    Series,
    SeriesPoint,
    mann_kendall_trend,
    measured_series,
    seasonal_kendall_trend,
    spearman_trend,
)
from bishui.assessment.trends import kendall
from bishui.assessment.trends.trend import critical_value, ranks_of
from bishui.errors import CallError, DataError
from bishui.standards import Direction, rules, surface_water
from tests.assessment.tables import flags, measurements, reading

ON = date(2024, 1, 1)
RULES = rules("trend", ON)
#: Annual means 2001-2005 of the published example.
FIVE_YEARS = ["1.700", "1.722", "1.648", "1.695", "1.505"]

numbers = st.lists(st.integers(-50, 50), min_size=3, max_size=20)


def series(values, item=None):
    return Series.of([None if value is None else Decimal(value) for value in values], item=item)


def months(values, first=2000, item=None):
    points = (
        SeriesPoint(first + at // 12, at % 12 + 1, None if value is None else Fraction(value))
        for at, value in enumerate(values)
    )
    return Series.dated(points, item=item)


class TestRankCorrelation:
    def test_worked_example_of_five_years(self):
        found = spearman_trend(series(FIVE_YEARS), RULES)
        assert [int(rank) for rank in found.ranks] == [4, 5, 2, 3, 1]
        assert found.squares == 36
        assert (str(found.rounded), found.critical) == ("-0.8000", Decimal("0.900"))
        assert str(found.text) == "无显著变化趋势（平稳）"

    def test_a_coefficient_equal_to_the_critical_value_is_significant(self):
        # Ranks 1 2 3 5 4: Σd² = 2, r_s = 0.9 exactly, N = 5.
        rising = series(["1", "2", "3", "5", "4"])
        assert spearman_trend(rising, RULES).course is Course.RISING
        strict = RULES.with_settings(spearman_at_least=False)
        assert spearman_trend(rising, strict).course is Course.NO_TREND

    @pytest.mark.parametrize(
        ("item", "values", "words"),
        [
            ("nh3n", "1 2 3 4 5", "显著上升，水质变差"),
            ("nh3n", "5 4 3 2 1", "显著下降，水质好转"),
            ("do", "1 2 3 4 5", "显著上升，水质好转"),
            ("do", "5 4 3 2 1", "显著下降，水质变差"),
            ("good_share", "1 2 3 4 5", "显著上升，水质好转"),
            ("ph", "1 2 3 4 5", "显著上升"),
            (None, "1 2 3 4 5", "显著上升"),
        ],
    )
    def test_what_a_course_means_depends_on_the_item(self, item, values, words):
        assert str(spearman_trend(series(values.split(), item), RULES).text) == words

    def test_the_settings_agree_with_the_directions_of_the_limits(self):
        for key, criterion in surface_water(ON).criteria.items():
            assert (key in RULES["higher_is_better"]) == (criterion.direction is Direction.MIN)
            assert (key in RULES["neither_is_better"]) == (
                criterion.direction in (Direction.RANGE, Direction.DELTA)
            )

    def test_equal_values_share_their_mean_rank_and_pearson_of_the_ranks_counts(self):
        assert ranks_of([Decimal(1), 3, 3, 2]) == (1, Fraction(7, 2), Fraction(7, 2), 2)
        found = spearman_trend(series(["1", "2", "2", "3", "4"]), RULES)
        assert found.tied
        assert found.coefficient == pytest.approx(math.sqrt(0.95))

    def test_equal_values_throughout_have_no_trend(self):
        found = spearman_trend(series(["2"] * 6), RULES)
        assert (found.coefficient, found.course) == (None, Course.NO_TREND)

    @pytest.mark.parametrize(
        ("count", "listed", "value"),
        [(5, 5, "0.900"), (6, 6, "0.829"), (9, 9, "0.600"), (11, 10, "0.564"), (13, 12, "0.506"), (30, 30, "0.306"),
         (45, 30, "0.306")],
    )  # fmt: skip
    def test_critical_values_and_the_next_smaller_number_of_periods(self, count, listed, value):
        assert critical_value(count, RULES) == (listed, Decimal(value))

    def test_the_level_is_a_setting(self):
        strict = RULES.with_settings(spearman_level="0.01")
        assert critical_value(5, strict) == (5, Decimal("1.000"))
        assert spearman_trend(series(["1", "2", "3", "5", "4"]), strict).course is Course.NO_TREND
        with pytest.raises(CallError, match=r"0\.05"):
            spearman_trend(series(FIVE_YEARS), RULES.with_settings(spearman_level="0.1"))

    def test_fewer_than_five_periods_are_not_judged(self):
        found = spearman_trend(series(["1", "2", None, "3", "4"]), RULES)
        assert (found.course, found.count, found.series.missing) == (Course.NOT_JUDGED, 4, 1)
        assert found.meaning is Meaning.NONE

    @given(numbers)
    def test_reversed_time_reverses_the_coefficient(self, values):
        forward = spearman_trend(series(values), RULES).coefficient
        backward = spearman_trend(series(values[::-1]), RULES).coefficient
        assert (forward is None and backward is None) or forward == pytest.approx(-backward)

    def test_no_trend_by_chance_is_as_rare_as_the_level_says(self):
        # N = 5: of all 120 orders, those with r_s ≥ 0.9 are 5, that is 0.0417 < 0.05.
        from itertools import permutations

        rising = [
            spearman_trend(series(order), RULES).course is Course.RISING
            for order in permutations(range(1, 6))
        ]
        assert sum(rising) == 5


def plain_score(values):
    return sum((b > a) - (b < a) for a, b in combinations(values, 2))


class TestMannKendall:
    def test_worked_example_of_five_years(self):
        found = mann_kendall_trend(series(FIVE_YEARS), RULES).test
        assert found.score == -6
        assert found.variance == pytest.approx(16.666667, abs=1e-5)
        assert (found.z, found.p) == (pytest.approx(-1.224745, abs=1e-5), pytest.approx(0.220671, abs=1e-5))
        assert (found.tau, found.slope) == (pytest.approx(-0.6), pytest.approx(-0.037375))

    @given(numbers)
    def test_the_score_is_the_number_of_rising_pairs_less_the_falling_ones(self, values):
        assert kendall.score(np.array(values, float)) == plain_score(values)

    @given(numbers)
    def test_reversed_time_changes_the_sign_of_score_and_slope(self, values):
        forward, backward = (
            mann_kendall_trend(series(order), RULES).test for order in (values, values[::-1])
        )
        assert (forward.score, forward.variance) == (-backward.score, backward.variance)
        assert (forward.z, forward.slope) == (-backward.z, pytest.approx(-backward.slope))

    @given(numbers)
    def test_a_rising_transform_leaves_score_and_variance(self, values):
        bent = [value**3 + 7 for value in values]
        plain, other = (mann_kendall_trend(series(given), RULES).test for given in (values, bent))
        assert (plain.score, plain.variance, plain.p) == (other.score, other.variance, other.p)

    @given(numbers)
    def test_sen_slope_is_the_median_of_all_pairs(self, values):
        slopes = [(b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(values), 2)]
        assert kendall.sen_slope(np.array(values, float)) == pytest.approx(median(slopes))

    def test_ties_lessen_the_variance(self):
        # n = 6 with groups of 3 and 2: (6·5·17 − 3·2·11 − 2·1·9) / 18.
        assert kendall.variance(np.array([1.0, 1, 1, 2, 2, 3])) == pytest.approx((510 - 66 - 18) / 18)

    def test_a_gap_keeps_its_place_in_time(self):
        found = mann_kendall_trend(series(["1", None, "3", "4", "5", "6"]), RULES)
        assert (found.test.slope, found.test.count, found.series.missing) == (1, 5, 1)

    def test_a_score_of_one_has_no_z_after_the_correction_for_continuity(self):
        assert mann_kendall_trend(series(["2", "1", "3"]), RULES).test.z == 0


class TestSeasonal:
    def test_each_season_is_compared_with_itself_only(self):
        # Every January is higher than every July; each grows by 1 a year.
        values = [str(year + (100 if month == 0 else month)) for year in range(6) for month in range(12)]
        found = seasonal_kendall_trend(months(values), RULES)
        assert found.test.score == 12 * 15
        assert (found.test.tau, found.test.slope) == (1, 1)
        assert found.course is Course.RISING

    def test_score_and_variance_are_sums_over_seasons(self):
        values = [str((7 * at) % 11) for at in range(72)]
        found = seasonal_kendall_trend(months(values), RULES).test
        columns = [np.array(values[month::12], float) for month in range(12)]
        assert found.score == sum(kendall.score(column) for column in columns)
        assert found.variance == pytest.approx(sum(kendall.variance(column) for column in columns))

    def test_missing_months_are_skipped_and_counted(self):
        values = [None if at % 5 == 0 else str(at) for at in range(72)]
        found = seasonal_kendall_trend(months(values), RULES)
        assert found.test.count == 72 - found.series.missing == 57
        assert found.test.tau == 1

    def test_fewer_years_than_five_are_not_judged(self):
        found = seasonal_kendall_trend(months([str(at) for at in range(48)]), RULES)
        assert (found.course, found.years) == (Course.NOT_JUDGED, 4)

    def test_a_series_of_years_has_no_seasons(self):
        with pytest.raises(CallError, match="逐月"):
            seasonal_kendall_trend(series(FIVE_YEARS), RULES)


class TestSerialCorrelation:
    def factor(self, values, slope):
        """State the correction of Hamed and Rao in plain words of the paper."""
        n = len(values)
        rest = [value - slope * step for step, value in enumerate(values, 1)]
        ranks = [
            sum(other < value for other in rest) + (sum(other == value for other in rest) + 1) / 2
            for value in rest
        ]
        centre = sum(ranks) / n
        spread = sum((rank - centre) ** 2 for rank in ranks)
        total = 0.0
        for lag in range(1, n):
            r = sum((ranks[i] - centre) * (ranks[i + lag] - centre) for i in range(n - lag)) / spread
            if abs(r) > 1.959963984540054 / math.sqrt(n):
                total += (n - lag) * (n - lag - 1) * (n - lag - 2) * r
        return 1 + 2 * total / (n * (n - 1) * (n - 2))

    def test_the_variance_is_corrected_for_correlated_ranks(self):
        values = [math.sin(step / 4) + step / 30 for step in range(40)]
        plain = mann_kendall_trend(series([str(value) for value in values]), RULES).test
        chosen = RULES.with_settings(serial_correlation="hamed_rao")
        found = mann_kendall_trend(series([str(value) for value in values]), chosen).test
        assert found.variance == pytest.approx(plain.variance * self.factor(values, plain.slope))
        assert found.variance != pytest.approx(plain.variance)
        assert found.score == plain.score

    def test_the_seasonal_test_refuses_it(self):
        chosen = RULES.with_settings(serial_correlation="hamed_rao")
        with pytest.raises(CallError, match="hamed_rao"):
            seasonal_kendall_trend(months(["1"] * 72), chosen)


class TestBelowDetection:
    def series(self, below):
        points = (
            SeriesPoint(
                year,
                None,
                Fraction(year, 10) if year not in below else Fraction(1, 100 - year),
                year in below,
            )
            for year in range(1, 11)
        )
        return Series.dated(points)

    def test_more_than_five_percent_take_one_value_below_the_smallest(self):
        found = mann_kendall_trend(self.series({1, 2}), RULES)
        assert (found.below_detection, found.replaced) == (2, True)
        # The two are equal now: one pair less counts.
        assert found.test.score == 44

    def test_up_to_the_share_they_stay_as_they_are(self):
        found = mann_kendall_trend(self.series({1, 2}), RULES.with_settings(censored_percent=20))
        assert (found.replaced, found.test.score) == (False, 45)

    def test_all_below_detection_is_no_trend(self):
        found = mann_kendall_trend(self.series(set(range(1, 11))), RULES)
        assert (found.test.score, found.course) == (0, Course.NO_TREND)


class TestSeries:
    def test_from_measurements_by_month_and_year_with_flags_and_below_detection(self):
        table = measurements(
            [
                reading("tp", "0.1", "2022-01-05T08:00"),
                reading("tp", "0.3", "2022-01-20T08:00"),
                reading("tp", "0.02", "2022-03-05T08:00", mark="below_detection"),
                reading("tp", "9", "2022-04-05T08:00"),
                reading("tp", "5", "2022-01-05T08:00", site="other"),
            ]
        )
        marked = flags({"time_from": "2022-04-01", "time_to": "2022-04-30"} | _april())
        by_month = measured_series(table, site="S", item="tp", flags=marked)
        assert [(p.label, p.value, p.below_detection) for p in by_month.points] == [
            ("2022-01", Fraction(1, 5), False),
            ("2022-02", None, False),
            ("2022-03", Fraction(1, 100), True),
            ("2022-04", None, False),
        ]
        (year,) = measured_series(table, site="S", item="tp", flags=marked, step=PeriodKind.YEAR).points
        assert (year.label, year.value, year.results, year.complete) == ("2022", Fraction(21, 200), 2, False)

    def test_annual_means_of_months_mark_years_that_are_too_short(self):
        yearly = months([str(at) for at in range(15)]).yearly(8)
        assert [(p.label, p.value, p.complete) for p in yearly.points] == [
            ("2000", Fraction(11, 2), True),
            ("2001", 13, False),
        ]

    def test_two_values_of_a_month_are_a_fault(self):
        point = SeriesPoint(2020, 1, Fraction(1))
        with pytest.raises(DataError, match="2020-01"):
            Series.dated([point, point])

    def test_the_order_of_points_changes_nothing(self):
        points = [SeriesPoint(year, None, Fraction(year)) for year in (2003, 2001, 2006)]
        assert Series.dated(points) == Series.dated(points[::-1])
        assert [point.label for point in Series.dated(points).points] == [
            str(year) for year in range(2001, 2007)
        ]

    def test_a_site_without_values_is_a_fault(self):
        with pytest.raises(DataError, match="可用数值"):
            measured_series(measurements([reading("tp", "1")]), site="nobody", item="tp")


def _april():
    return {"time_from": datetime(2022, 4, 1), "time_to": datetime(2022, 4, 30, 23)}
