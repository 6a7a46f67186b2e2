"""Discharges against GB 8978-1996 and GB 18918-2002: limit, limit and a unit in the last place, what is missing."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from bishui.assessment import Discharge, LeftOut, Period, discharge_result, open_result, rows_of
from bishui.standards import rules
from tests.assessment.tables import measurements, reading

MAY = Period.month(2024, 5)
BUILT = date(2005, 1, 1)


def judged(discharge, *values, item="nh3n", mark="measured"):
    rows = [
        reading(item, value, datetime(2024, 5, day), site="P", mark=mark)
        for day, value in enumerate(values, 1)
    ]
    return discharge_result(discharge, measurements(rows), MAY)


@pytest.mark.parametrize(("value", "verdict"), [("15", "meets"), ("15.0001", "exceeds"), ("0", "meets")])
def test_the_limit_itself_complies(value, verdict):
    """GB 8978-1996 表4 第11项: ammonia of grade 1 is 15 mg/L."""
    (item,) = judged(Discharge("P", "口", "gb8978", "1", BUILT), value).items
    assert (item.judgement.verdict, item.judgement.row.limit) == (verdict, Decimal(15))
    assert item.judgement.row.clause == "GB 8978-1996 表4 第11项"


def test_the_column_goes_by_the_day_of_construction():
    old = judged(Discharge("P", "口", "gb8978", "1", date(1990, 1, 1)), "10", item="nh3n").items[0]
    assert old.judgement.row.clause == "GB 8978-1996 表2 第11项"


def test_a_fact_that_the_limit_needs_is_asked_for():
    (item,) = judged(Discharge("P", "口", "gb8978", "1", BUILT), "90", item="cod").items
    assert item.judgement.verdict == "cannot_be_judged" and "行业" in str(item.reason)
    (item,) = judged(Discharge("P", "口", "gb8978", "1", BUILT, {"scope": "other"}), "90", item="cod").items
    assert (item.judgement.verdict, item.judgement.row.limit) == ("meets", Decimal(100))


def test_without_a_standard_or_a_grade_nothing_is_judged_and_the_reason_said():
    found = judged(Discharge("P", "口", None), "10")
    assert (found.rate.evaluated, str(found.items[0].reason)) == (0, "排放标准未登记")
    assert dict(found.rate.left_out) == {LeftOut.STANDARD_UNKNOWN: 1}
    found = judged(Discharge("P", "口", "gb18918"), "10", item="cod")
    assert found.items[0].judgement.verdict == "cannot_be_judged"
    assert dict(found.rate.left_out) == {LeftOut.GRADE_UNKNOWN: 1}


@pytest.mark.parametrize(
    ("value", "met", "left_out"),
    [("5", 1, {}), ("6", 0, {LeftOut.WATER_TEMPERATURE_MISSING: 1}), ("9", 0, {})],
)
def test_an_unmeasured_temperature_is_counted_apart_where_it_decides(value, met, left_out):
    """GB 18918 表1 第8项, grade 1A: within 5 mg/L meets, above 8 mg/L exceeds, between them it is not known."""
    found = judged(Discharge("P", "口", "gb18918", "1A"), value)
    assert (found.rate.met, dict(found.rate.left_out)) == (met, left_out)
    assert bool(found.exceeded) is (value == "9")


def test_the_rules_tell_what_a_missing_fact_means():
    rows = measurements([reading("nh3n", "6", datetime(2024, 5, 1), site="P")])
    strict = rules("plant", MAY.last_day, fact_missing="strictest")
    found = discharge_result(Discharge("P", "口", "gb18918", "1A"), rows, MAY, chosen=strict)
    assert dict(found.exceeded) == {"nh3n": 1}
    never = rules("plant", MAY.last_day, fact_missing="undecided")
    found = discharge_result(Discharge("P", "口", "gb18918", "1A"), rows, MAY, chosen=never)
    assert dict(found.rate.left_out) == {LeftOut.WATER_TEMPERATURE_MISSING: 1}


def test_a_row_of_results_names_what_was_missing():
    """A month in which nothing could be judged is not a month without data."""
    found = judged(Discharge("P", "口", "gb18918", "1A"), "6")
    (row,) = rows_of(found)
    assert (row["reason"], row["verdict"]) == ("water_temperature_missing", "not_judged")
    assert "水温缺测" in str(open_result(found, measurements([])).steps[0].text)


def test_days_are_counted_and_exceedances_by_item():
    found = judged(Discharge("P", "口", "gb18918", "1A"), "40", "60", "50", item="cod")
    assert (found.rate.met, found.rate.evaluated, dict(found.exceeded)) == (2, 3, {"cod": 1})
    assert found.as_dict()["standard"] == "gb18918"
