"""Room left of the year (剩余空间): item by item and as whole numbers, and a trial of the remaining months."""

from datetime import date

import pytest
from django.urls import reverse

from bishui.server.accounts import workspaces
from bishui.server.core import audit
from bishui.server.plans.models import Plan, Target
from tests.server.conftest import CITY
from tests.server.sites.conftest import bring, csv

YEAR = 2021
DAY = date(YEAR, 8, 31)


@pytest.fixture
def august(city, monkeypatch):
    """The end of August: eight months are measured, 甲断面 over its limit, and a rate of 75 % is asked for."""
    monkeypatch.setattr(workspaces.Workspace, "today", property(lambda self: DAY))
    rows = [
        f"{name},{YEAR}-{month:02}-03 08:00,氨氮,{value},mg/L,,手工"
        for month in range(1, 9)
        for name, value in (("甲断面", "1.2"), ("乙断面", "0.4"))
    ]
    bring(csv(*rows))
    plan = Plan.objects.get(division=CITY)
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        Target.objects.bulk_create(
            [
                Target(
                    division=CITY,
                    plan=plan,
                    position=1,
                    indicator="全市断面水质优良比例",
                    text="全市断面水质优良比例不低于75%",
                    op=">=",
                    value=75,
                    value_text="75",
                    unit="%",
                )
            ]
        )
    return city


def page(client, name, *arguments, **query):
    response = client.get(reverse(f"waters:{name}", args=arguments), query)
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


def test_the_rate_is_said_in_whole_numbers_with_the_name_of_the_section_that_misses(august, at):
    text = page(at(), "room")
    assert "4 个断面中最多可有 1 个不达标，现在已经是甲断面。" in text
    assert "没有余量" in text
    assert "丙断面" in text.split("无法判断")[1].split("</dd>")[0]


def test_each_item_says_what_the_remaining_months_may_have(august, at):
    """(12 · 1.004999… - 8 · 1.2) / 4: at most 0.61 mg/L, for a mean below 1.005 is compared as 1.00."""
    text = page(at(), "room")
    assert "≤ 0.61 mg/L" in text
    assert "剩余 4 个月：9、10、11、12月" in text
    assert "最紧：氨氮 ≤ 0.61 mg/L" in text


def test_too_short_a_history_gives_no_probability_and_says_so(august, at):
    assert "历史资料不足，不估计可能性" in page(at(), "room")


def test_a_probability_says_how_it_was_drawn(august, at):
    rows = [
        f"甲断面,{year}-{month:02}-03 08:00,氨氮,{'0.2' if year % 2 else '2.0'},mg/L,,手工"
        for year in range(YEAR - 4, YEAR)
        for month in range(9, 13)
    ]
    bring(csv(*rows), "history.csv")
    text = page(at(), "room")
    assert "按 4 年历史重抽样" in text and "不是保证" in text
    assert "逐月抽取往年同月，2000 次，随机种子 20240101" in text


@pytest.mark.parametrize(
    ("assumed", "state", "said"),
    [
        ("0.61", "达标", "假设之后没有不达标的"),
        ("0.62", "未达标", "假设之后有 1 个：甲断面"),
    ],
)
def test_the_trial_of_the_remaining_months_is_that_of_the_assessment(august, at, assumed, state, said):
    site = august.sites["甲断面"].pk
    text = page(at(), "section_room", site, nh3n=assumed)
    answer = text.split("试算结果")[1]
    assert f"{state}</span>" in answer.split("</dd>")[0]
    assert said in answer


def test_nothing_assumed_is_the_year_so_far_and_nonsense_is_refused(august, at):
    site = august.sites["甲断面"].pk
    assert "试算结果" not in page(at(), "section_room", site)
    assert "未达标" in page(at(), "section_room", site, nh3n="").split("试算结果")[1]
    assert "试算结果" not in page(at(), "section_room", site, nh3n="-1")


def test_the_trial_by_htmx_is_that_part_alone(august, at):
    url = reverse("waters:section_room", args=[august.sites["甲断面"].pk])
    part = at().get(url, {"nh3n": "0.5"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "达标" in part


def test_a_section_without_a_target_of_the_year_has_no_page_of_its_own(august, at, monkeypatch):
    monkeypatch.setattr(workspaces.Workspace, "today", property(lambda self: date(YEAR + 1, 3, 1)))
    url = reverse("waters:section_room", args=[august.sites["甲断面"].pk])
    assert at().get(url).status_code == 404
    assert "没有断面目标" in page(at(), "room")


def test_a_city_without_readings_says_so(city, at):
    assert "没有监测数据" in page(at(), "room")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_are_shown_in_both_languages(august, at, language):
    client = at(language=language)
    assert "甲断面" in page(client, "room")
    assert "甲断面" in page(client, "section_room", august.sites["甲断面"].pk, nh3n="0.5")


def test_many_sections_have_pages_the_most_urgent_first_and_are_found_by_standing_and_name(
    august, at, monkeypatch
):
    """A province has 1,500: one page shows some, and every other one is found."""
    monkeypatch.setattr("bishui.server.waters.pages_room.PER_PAGE", 1)
    monkeypatch.setattr("bishui.server.waters.pages_room._AT_A_GLANCE", 1)

    def sections(**query):
        text = page(at(), "room", **query)
        return [part.split("<")[0] for part in text.split('<h3 class="card-title">')[1:]], text

    assert [sections(page=number)[0] for number in (1, 2, 3, 4)] == [
        ["甲断面"],
        ["乙断面"],
        ["丙断面"],
        ["丁断面"],
    ]
    assert "目前超标，仍可挽回 · 1" in sections()[1]
    assert sections(state="failing")[0] == ["甲断面"]
    assert sections(q="丁")[0] == ["丁断面"]
    none, said = sections(q="戊")
    assert none == [] and "没有符合条件的断面" in said
