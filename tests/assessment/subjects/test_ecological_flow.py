"""Ecological flow: guarantee rates, days without data, days that passed all inflow on, warnings."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import FlowTarget, Met, Passing, Period, PeriodKind, State, ecological_flow
from bishui.standards import rules
from tests.assessment.tables import flags, measurements, reading

TARGET = FlowTarget("S", Decimal("4.18"), source="annex 4")
NEW_YEAR = datetime(2024, 1, 1, 8)


def days(values, start=NEW_YEAR, item="flow"):
    return measurements(
        reading(item, value, start + timedelta(days=day), mark="no_reading" if value is None else "measured")
        for day, value in enumerate(values)
    )


def judged(values, target=TARGET, period=None, **options):
    (found,) = ecological_flow(days(values), [target], period or Period.month(2024, 1), **options)
    return found


def test_worked_example_of_a_year_with_nine_days_missing():
    # 366 days, 9 missing, 330 at 4.18 m³/s or more: 330/357 = 92.4 %, compliant at 90.
    found = judged(["4.18"] * 330 + ["4.17"] * 27, period=Period.year(2024))
    assert (found.rate.met, found.rate.evaluated, found.rate.missing) == (330, 357, 9)
    assert (found.rate.percent, found.required, found.state) == (Decimal("92.4"), 90, State.ATTAINED)
    assert (found.rules, found.target.source) == ("67-2020.1", "annex 4")


@pytest.mark.parametrize(
    ("value", "met"),
    [
        ("4.18", Met.MET),
        ("4.180001", Met.MET),
        ("4.179999", Met.BELOW),
        ("0", Met.BELOW),
        ("-1", Met.BELOW),
        (None, Met.MISSING),
    ],
)
def test_a_value_equal_to_the_target_meets_it(value, met):
    assert judged([value]).steps[0].met is met


@pytest.mark.parametrize(("share", "state"), [(27, State.ATTAINED), (26, State.NOT_ATTAINED)])
def test_ninety_percent_of_thirty_days(share, state):
    assert judged(["5"] * share + ["4"] * (30 - share)).state is state


def test_a_day_is_the_mean_of_its_readings():
    rows = [reading("flow", value, f"2024-01-01T{hour:02}:00") for hour, value in ((2, "4.1"), (14, "4.26"))]
    (found,) = ecological_flow(measurements(rows), [TARGET], Period.day(date(2024, 1, 1)))
    assert (found.steps[0].value, found.steps[0].met) == (Decimal("4.18"), Met.MET)


def test_months_are_judged_by_their_means_and_a_higher_rate():
    values = ["5"] * 31 + ["4"] * 10 + ["6"] * 19 + ["4"] * 31
    found = judged(values, period=Period.quarter(2024, 1), by=PeriodKind.MONTH)
    assert [step.met for step in found.steps] == [Met.MET, Met.MET, Met.BELOW]
    assert (found.rate.percent, found.required, found.state) == (
        Decimal("66.7"), 95, State.NOT_ATTAINED,
    )  # fmt: skip


def test_days_that_passed_all_inflow_on_count_as_met_by_setting():
    passing = Passing("S", date(2024, 1, 2), "调度令1号")
    found = judged(["5", "3"], passings=[passing])
    assert [step.met for step in found.steps[:2]] == [Met.MET, Met.PASSED_ON]
    assert (found.rate.percent, found.steps[1].document) == (100, "调度令1号")
    strict = rules("ecological_flow", date(2024, 1, 31), passed_inflow_counts_as_met=False)
    assert judged(["5", "3"], passings=[passing], chosen=strict).rate.percent == 50


def test_warning_levels_are_a_setting():
    assert judged(["5.1", "5.0", "4.0", "3.0"]).warnings == {120: 1, 100: 1, 80: 1}
    one = rules("ecological_flow", date(2024, 1, 31), warning_levels_percent=(100,))
    assert judged(["5.1", "5.0", "4.0", "3.0"], chosen=one).warnings == {100: 2}


def test_days_that_are_not_due_are_not_missing():
    found = judged(["5"] * 10, as_of=date(2024, 1, 20))
    assert {reason.value: count for reason, count in found.rate.left_out.items()} == {
        "no_data": 10, "not_due": 11,
    }  # fmt: skip


def test_a_flagged_day_is_missing():
    held = flags({"time_from": datetime(2024, 1, 1), "time_to": datetime(2024, 1, 1, 23), "item": "flow"})
    (found,) = ecological_flow(days(["5", "5"]), [TARGET], Period.month(2024, 1), flags=held)
    assert (found.rate.evaluated, found.steps[0].met) == (1, Met.MISSING)


def test_the_longest_run_below_the_target():
    found = judged(["5", "4", "4", "5", "4", "4", "4", None, "4"])
    assert found.longest_below == (date(2024, 1, 5), date(2024, 1, 7))
    assert found.lowest.value == 4


def test_water_levels_work_the_same_and_months_may_have_their_own_minimum():
    target = FlowTarget("S", Decimal("76.5"), "water_level", by_month={2: Decimal("78")})
    rows = days(["77"] * 60, item="water_level")
    (found,) = ecological_flow(rows, [target], Period.year_to_date(2024, 2))
    assert (found.rate.met, found.rate.evaluated) == (31, 60)


def test_a_station_without_data_is_not_judged():
    found = judged([])
    assert (found.rate.percent, found.state, found.rate.missing) == (None, State.NOT_JUDGED, 31)
    assert found.as_dict()["lowest"] is None


@settings(max_examples=25)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=31), st.integers(0, 1000))
def test_law_the_rate_counts_days_and_raising_the_target_never_raises_it(values, minimum):
    texts = [str(Decimal(value).scaleb(-2)) for value in values]
    target = FlowTarget("S", Decimal(minimum).scaleb(-2))
    found = judged(texts, target)
    assert found.rate.met == sum(value >= minimum for value in values)
    higher = judged(texts, FlowTarget("S", Decimal(minimum + 1).scaleb(-2)))
    assert higher.rate.met <= found.rate.met
