"""Change between two periods (环办〔2011〕22号 三): grades, ΔG − ΔD, what is comparable; keeping the class."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import (
    Caution,
    Period,
    State,
    Verdict,
    area_change,
    area_status,
    assess,
    keeping,
    section_change,
)
from bishui.assessment.waters.change import verdict_of_points
from bishui.errors import CallError
from bishui.standards import rules
from tests.assessment.places import MONTH, of_classes, results_of
from tests.assessment.tables import measurements, sites

LATER = Period.month(2024, 3)
RULE = rules("change", date(2024, 1, 1))


def section(rank, period=MONTH, **options):
    (result,) = of_classes(rank, period=period, **options)
    return result


def area(*ranks, period=MONTH):
    return area_status("甲河", of_classes(*ranks, period=period))


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (2, 1, "无明显变化"),  # both 优
        (3, 2, "有所好转"),
        (2, 3, "有所下降"),
        (4, 2, "明显好转"),
        (3, 5, "明显下降"),
        (6, 5, "有所好转"),
        (6, 1, "明显好转"),
        (4, 4, "无明显变化"),
    ],
)
def test_a_section_changes_by_status_grades(before, after, word):
    assert str(section_change(section(before), section(after, LATER)).text) == word


def test_the_word_for_worse_is_a_setting():
    assert str(section_change(section(3), section(5, LATER), worse_word="变差").text) == "明显变差"


@pytest.mark.parametrize(
    ("good", "worst", "verdict"),
    [
        # 2012 to 2013 in the national bulletin: 68.9/10.2 to 71.7/9.0.
        ("2.8", "-1.2", Verdict.NO_CHANGE),
        ("13", "-11", Verdict.CLEARLY_BETTER),
        ("10", "0", Verdict.NO_CHANGE),
        ("10.1", "0", Verdict.BETTER),
        ("20", "0", Verdict.BETTER),
        ("-10", "0", Verdict.NO_CHANGE),
        ("-8", "5", Verdict.WORSE),
        ("-15", "6", Verdict.CLEARLY_WORSE),
    ],
)
def test_shares_change_by_the_gain_of_the_good_less_that_of_the_worst(good, worst, verdict):
    assert verdict_of_points(Fraction(good) - Fraction(worst), RULE) is verdict


def test_an_area_by_shares():
    found = area_change(area(3, 3, 4, 4, 6), area(3, 3, 3, 4, 4, period=LATER))
    assert (found.good, found.worst, found.points, found.verdict) == (20, -20, 40, Verdict.CLEARLY_BETTER)


def test_an_area_by_means_changes_as_a_section():
    found = area_change(area(4, 4), area(3, 3, period=LATER))
    assert (found.grades, found.verdict, found.points) == (1, Verdict.BETTER, None)


def test_different_sections_are_not_compared_unless_set_so():
    before, after = area(3, 3, 4, 4, 6), area(3, 3, 4, 4, 6, 1, 1, period=LATER)
    refused = area_change(before, after)
    assert (refused.verdict, str(refused.text)) == (None, "不可比")
    assert [entry.caution for entry in refused.warnings] == [Caution.DIFFERENT_SECTIONS]
    assert "S05、S06" in str(refused.warnings[0].text)
    common = area_change(before, after, different_sections="common")
    assert (common.verdict, common.points) == (Verdict.NO_CHANGE, 0)
    assert common.warnings


def test_another_section_is_never_the_same():
    one, other = of_classes(3, 3)
    assert section_change(one, other).verdict is None


def test_different_item_lists_are_warned_of_judged_over_the_common_items_or_refused():
    (before,) = results_of({"A": {"nh3n": "0.9"}})
    (after,) = results_of({"A": {"nh3n": "0.9", "cod": "28"}}, period=LATER)
    warned = section_change(before, after)
    assert (warned.verdict, warned.warnings[0].caution) == (Verdict.WORSE, Caution.DIFFERENT_ITEMS)
    common = section_change(before, after, different_items="common")
    assert (common.verdict, common.warnings[0].refused) == (Verdict.NO_CHANGE, False)
    assert section_change(before, after, different_items="refuse").verdict is None


def test_areas_over_the_common_items():
    values = {name: {"nh3n": "0.9"} for name in "ABCDE"}
    more = {name: {"nh3n": "0.9", "cod": "28"} for name in "ABCDE"}
    before = area_status("甲河", results_of(values))
    after = area_status("甲河", results_of(more, period=LATER))
    assert area_change(before, after).verdict is Verdict.CLEARLY_WORSE
    assert area_change(before, after, different_items="common").verdict is Verdict.NO_CHANGE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Period.month(2024, 2), Period.quarter(2024, 2)),
        (Period.year_to_date(2023, 6), Period.year_to_date(2024, 7)),
    ],
)
def test_periods_of_different_kinds_are_not_compared(first, second):
    found = section_change(section(3, first), section(3, second))
    assert (found.verdict, found.warnings[0].caution) == (None, Caution.DIFFERENT_PERIODS)


def test_means_and_shares_are_not_compared():
    found = area_change(area(3, 3, 3, 3), area(3, 3, 3, 3, 3, period=LATER))
    assert found.verdict is None
    assert Caution.DIFFERENT_WAYS in {entry.caution for entry in found.warnings}


def test_an_unevaluated_period_is_said():
    (empty,) = assess(measurements([]), sites("S00"), period=LATER)
    nothing = section_change(section(3), empty)
    assert (nothing.verdict, nothing.warnings[0].caution) == (None, Caution.NOT_EVALUATED)
    assert LATER.label in str(nothing.warnings[0].text)


@given(
    st.lists(st.integers(1, 6), min_size=5, max_size=7), st.lists(st.integers(1, 6), min_size=7, max_size=7)
)
def test_forward_and_backward_are_opposite(before, after):
    first, second = area(*before), area(*after[: len(before)], period=LATER)
    forward, back = area_change(first, second), area_change(second, first)
    assert forward.points == -back.points
    opposite = {
        Verdict.CLEARLY_BETTER: Verdict.CLEARLY_WORSE,
        Verdict.BETTER: Verdict.WORSE,
        Verdict.NO_CHANGE: Verdict.NO_CHANGE,
        Verdict.WORSE: Verdict.BETTER,
        Verdict.CLEARLY_WORSE: Verdict.CLEARLY_BETTER,
    }
    assert back.verdict is opposite[forward.verdict]


def test_a_lower_class_that_attains_is_reported_and_fails_only_where_the_plan_says_so():
    now, last = section(3, target_class=3), section(2)
    reported = keeping(now, last)
    assert (reported.kept, reported.state) == (False, State.ATTAINED)
    required = keeping(now, last, not_worse_than_last_year=True)
    assert required.state is State.NOT_ATTAINED
    assert keeping(section(2, target_class=3), last, not_worse_than_last_year=True).state is State.ATTAINED


def test_a_section_that_misses_its_target_is_not_saved_by_keeping_its_class():
    found = keeping(section(4, target_class=3), section(4), not_worse_than_last_year=True)
    assert (found.kept, found.state) == (True, State.NOT_ATTAINED)


def test_keeping_compares_one_section():
    one, other = of_classes(3, 3)
    with pytest.raises(CallError):
        keeping(one, other)
