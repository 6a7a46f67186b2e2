"""Series of a target from three sources, entered by people with their source, withdrawn with a reason."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from bishui.errors import Conflict, DataError
from bishui.server.accounts import workspaces
from bishui.server.accounts.models import Division
from bishui.server.core import audit
from bishui.server.indicators import series, services
from bishui.server.indicators.models import IndicatorValue
from bishui.server.plans.models import Plan, Target
from tests.server.conftest import CITY

pytestmark = pytest.mark.django_db
AT = datetime(2025, 7, 10, 9)


@pytest.fixture
def target(instance, data_dir):
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        root = Division.objects.get(code="990000")
        root.as_of = date(2025, 7, 10)
        root.save()
        plan = Plan(division=CITY, title="计划", kind="annual_plan", year=2025)
        plan.period_from, plan.period_to = date(2025, 1, 1), date(2025, 12, 31)
        plan.save()
        target = Target(division=CITY, plan=plan, position=1, indicator="污水集中收集率", op=">=")
        target.value, target.value_text, target.unit = Decimal(70), "70", "%"
        target.text = "污水集中收集率达到70%"
        target.save()
    return target


def city():
    return workspaces.of_root(Division.objects.get(code="990000"))


def add(target, day, value, source="统计报表"):
    return services.add_value(target, day, value, source=source, today=date(2025, 7, 10), actor="u", at=AT)


def test_values_that_people_enter_make_a_series_with_its_outlook(target):
    for month, value in ((1, "60.0"), (3, "62"), (5, "６４％")):
        add(target, date(2025, month, 28), value)
    found = series.indicators(city())[0]
    assert [value.text for value in found.values] == ["60.0", "62", "64"]
    assert found.deadline == date(2025, 12, 31)
    assert found.outlook.verdict == "on_the_way"


@pytest.mark.parametrize("value", ["", "约60", "1e400", "NaN", "60,5", "0.00000000001"])
def test_what_is_no_number_is_refused(value, target):
    with pytest.raises(DataError):
        add(target, date(2025, 6, 30), value)


def test_a_value_without_source_or_of_tomorrow_is_refused(target):
    with pytest.raises(DataError):
        add(target, date(2025, 6, 30), "60", source=" ")
    with pytest.raises(DataError):
        add(target, date(2025, 7, 11), "60")


def test_a_day_has_one_value_and_a_wrong_one_is_withdrawn_not_overwritten(target):
    first = add(target, date(2025, 6, 30), "6")
    with pytest.raises(Conflict):
        add(target, date(2025, 6, 30), "60")
    with pytest.raises(DataError):
        services.withdraw(first, why="", actor="u")
    services.withdraw(first, why="少写一位", actor="u")
    add(target, date(2025, 6, 30), "60")
    assert [value.text for value in series.indicator(city(), target).values] == ["60"]
    assert IndicatorValue.objects.count() == 2


@pytest.mark.parametrize(
    ("indicator", "figure", "level"),
    [
        ("国控断面水质优良比例", "good_percent", "national"),
        ("地表水达到或优于Ⅲ类比例", "good_percent", ""),
        ("劣Ⅴ类断面比例", "worst_percent", ""),
        ("县级饮用水水源地水质达标率", "sources_percent", ""),
        ("县级以上饮用水水源达到或好于Ⅲ类的比例", "sources_percent", ""),
        ("自治区考核断面达标率", "attained_percent", "regional"),
        ("城市污水处理率", None, ""),
        ("畜禽粪污综合利用率", None, ""),
    ],
)
def test_the_wording_of_a_target_tells_which_figure_is_computed(indicator, figure, level):
    rule = series.figure_of(indicator, "")
    assert (rule["figure"] if rule else None) == figure
    assert series.level_of(indicator, "") == level


def client_of(instance, name):
    client = Client()
    client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_pages_open_and_a_refused_value_stays_in_the_form(target, instance):
    client = client_of(instance, "bureau_staff@city")
    assert client.get("/indicators/").status_code == 200
    assert client.get("/indicators/water/").status_code == 200
    refused = client.post(
        f"/indicators/{target.pk}/add/", {"day": "2025-06-30", "value": "六十", "source": "报表"}
    )
    assert refused.status_code == 422 and "六十" in refused.content.decode()
    taken = client.post(
        f"/indicators/{target.pk}/add/", {"day": "2025-06-30", "value": "60", "source": "报表"}
    )
    assert taken.status_code == 302
    assert "报表" in client.get(f"/indicators/{target.pk}/").content.decode()


def test_who_only_looks_enters_nothing_and_another_city_sees_nothing(target, instance):
    values = {"day": "2025-06-30", "value": "60", "source": "报表"}
    assert client_of(instance, "viewer@city").post(f"/indicators/{target.pk}/add/", values).status_code == 403
    assert client_of(instance, "bureau_staff@other").get(f"/indicators/{target.pk}/").status_code == 404
    assert not IndicatorValue.objects.exists()
