"""Water-use indicators: value, target, gap; what is missing is named and never judged."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from bishui.assessment import State
from bishui.errors import DataError
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import audit
from bishui.server.plans.models import Plan, Target
from bishui.server.sources import water_use
from tests.server.conftest import CITY
from tests.server.sources.conftest import client_of, enter

pytestmark = pytest.mark.django_db
ROW = {
    "code": "Y2025",
    "division": "990000",
    "year": "2025",
    "total_use": "98700",
    "gdp": "21000000",
    "gdp_constant": "20000000",
    "supplied": "8000",
    "leaked": "712",
    "large_coefficient": "0.5",
    "large_water": "300",
    "small_coefficient": "0.6",
    "small_water": "100",
    "origin": "公报",
}
CITY_NOW = Workspace("990000", "甲市", CITY, True, date(2025, 10, 20), CITY)


@pytest.fixture
def plan(instance):
    """A plan with targets in the wordings of plans: total, leakage, intensity and its reduction."""
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        plan = Plan(division=CITY, title="甲市 2025 年计划", kind="annual_plan", year=2025)
        plan.save()
        rows = [
            ("全市用水总量", "<=", "9.85", "亿立方米"),
            ("城市公共供水管网漏损率", "<=", "8.5", "%"),
            ("万元地区生产总值用水量比2020年下降", ">=", "9", "%"),
            ("万元国内生产总值用水量", "<=", "47.0", "立方米"),
            ("再生水利用率", ">=", "26", "%"),
        ]
        for position, (name, op, value, unit) in enumerate(rows):
            Target(
                division=CITY,
                plan=plan,
                position=position,
                indicator=name,
                op=op,
                value=D(value),
                value_text=value,
                unit=unit,
            ).save()
    return plan


def figures():
    return {
        key: found[-1]
        for key, found in water_use.series(CITY, water_use.aims(CITY_NOW, None)).items()
        if found
    }


def test_each_indicator_has_numerator_denominator_and_value(instance):
    enter("water_use", **ROW)
    found = figures()
    assert water_use.rounded(found["pipe_leakage_rate"].value, 2) == D("8.90")
    parts = found["water_use_per_gdp"].parts
    assert (parts.numerator, parts.denominator) == (987000000, 21000000)
    assert found["water_use_per_gdp"].value == 47
    assert water_use.rounded(found["irrigation_efficiency"].value, 3) == D("0.525")


def test_the_plans_targets_are_met_or_missed_with_their_gap(plan):
    enter("water_use", **ROW)
    enter(
        "water_use",
        code="Y2020",
        division="990000",
        year="2020",
        total_use="101200",
        gdp_constant="19000000",
        origin="公报",
    )
    found = figures()
    assert (found["total_use"].state, found["total_use"].gap) == (State.NOT_ATTAINED, D("0.02"))
    assert (found["pipe_leakage_rate"].state, found["pipe_leakage_rate"].gap) == (
        State.NOT_ATTAINED,
        D("0.4"),
    )
    assert (found["water_use_per_gdp"].state, found["water_use_per_gdp"].gap) == (State.ATTAINED, D("0.0"))
    reduction = found["water_use_per_gdp_reduction"]  # 1 − 49.35 / 53.263… = 7.3 %
    assert (reduction.state, reduction.gap) == (State.NOT_ATTAINED, D("-1.7"))
    assert water_use.counts(found.values()) == (1, 4, 1)


def test_a_missing_amount_is_named_and_gives_no_verdict(plan):
    enter("water_use", **ROW)
    found = figures()["reclaimed_water_use_rate"]
    assert found.state is State.NOT_JUDGED
    assert found.missing == ("再生水利用量", "污水处理量")
    assert "可比价地区生产总值（2020）" in figures()["water_use_per_gdp_reduction"].missing


def test_a_target_without_any_amounts_is_shown_as_missing(plan, instance):
    assert water_use.counts(figures().values()) == (0, 0, 5)
    page = client_of(instance, "viewer@city").get(reverse("sources:water_use")).content.decode()
    assert "缺 5" in page


def test_a_division_has_one_row_a_year(instance):
    enter("water_use", **ROW)
    with pytest.raises(DataError, match="已有 2025 年的数据"):
        enter("water_use", **ROW | {"code": "again"})


def test_the_page_shows_the_gap_and_opens_for_a_county_that_has_nothing(plan, instance):
    enter("water_use", **ROW)
    page = client_of(instance, "viewer@city").get(reverse("sources:water_use")).content.decode()
    assert "+0.4 个百分点" in page
    empty = client_of(instance, "viewer@a").get(reverse("sources:water_use"))
    assert "还没有用水数据" in empty.content.decode()
