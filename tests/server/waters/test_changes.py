"""Trying a change before it is saved (issue 4, instant re-assessment): what moves is shown, nothing is kept."""

import re
from datetime import datetime

import pytest
from django.urls import reverse

from bishui.server.sites import quality, services
from bishui.server.sites.models import Flag, QualityFinding, Site
from bishui.server.waters import memory
from bishui.server.waters.kept import WaterResults
from tests.server.conftest import CITY
from tests.server.sites.conftest import ROWS, bring, brought, csv, lead, workspace

HTMX = {"HX-Request": "true"}


@pytest.fixture
def filled(city, data_dir):
    brought(csv(*ROWS), data_dir)
    return city


def tried(client, kind, **query):
    response = client.get(reverse("waters:changes"), {"kind": kind, **query})
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


def cell(text, name):
    """Return the classes of each cell of a section's row, as they are printed."""
    row = re.search(rf'<tr><th scope="row"><a[^>]*>{name}</a></th>(.*?)</tr>', text, re.DOTALL)
    assert row, name
    return [re.findall(r'klass-\d">(\S+?)<', found) for found in row[1].split("</td>")[:-1]]


def test_a_looser_limit_moves_the_month_the_year_and_the_verdict(filled, at):
    """甲断面 has 1.1 mg/L ammonia against the limit 1.0 of class Ⅲ (GB 3838-2002 表1): with 1.2 it attains."""
    text = tried(at(), "limit", item="nh3n", rank="3", water_type="", value="1.2")
    assert "氨氮 Ⅲ类限值改为 1.2" in text
    cells = cell(text, "甲断面")
    assert cells[0] == ["Ⅳ", "Ⅲ"]  # the year
    assert cells[4] == ["Ⅳ", "Ⅲ"]  # April
    assert cells[1] == []
    assert "类别变好 1，变差 0" in text
    assert "50.0% → 100.0%" in text and "GB 3838-2002+nh3n.3" in text
    assert "乙断面" not in text.split("move-table")[1].split("</table>")[0]
    site = f"/sites/{filled.sites['甲断面'].pk}/?period="
    assert f'href="{site}2021"' in text and f'href="{site}2021-04"' in text, "what moves opens to its rows"


def test_the_change_is_said_in_the_language_in_use(filled, at):
    text = tried(at(language="en"), "limit", item="nh3n", rank="3", water_type="", value="1.2")
    assert "Ⅲ类" not in text and "class III limit changed to 1.2" in text


@pytest.mark.parametrize(
    ("kind", "route"),
    [("limit", "standards:overrides"), ("below_detection", "standards:overrides"), ("flag", "sites:hold")],
)
def test_the_page_says_where_the_change_is_made_for_good_to_those_who_may(filled, at, kind, route):
    link = f'<a href="{reverse(route)}">'
    assert link in tried(at(), kind).split("change-form")[1]
    if kind == "flag":
        assert link not in tried(at("viewer@city"), kind).split("change-form")[1]


def test_a_limit_of_lakes_moves_no_river(filled, at):
    text = tried(at(), "limit", item="tp", rank="3", water_type="lake", value="0.001")
    assert "没有断面、比率或名次变动。" in text


def test_a_stricter_target_moves_the_verdict_and_no_class(filled, at):
    site = str(filled.sites["乙断面"].pk)
    text = tried(at(), "target", site=site, target_class="1", year="2021")
    assert cell(text, "乙断面")[4] == ["Ⅱ", "Ⅱ"]
    assert 'title="达标"' in text and 'title="未达标"' in text


def test_flagged_readings_leave_the_mean(filled, at):
    """Without the 1.2 of the first day 甲断面 has 1.0 mg/L, which complies with class Ⅲ."""
    query = {"time_from": "2021-04-01T00:00", "time_to": "2021-04-01T23:59", "flag": "excluded"}
    text = tried(at(), "flag", sites=str(filled.sites["甲断面"].pk), item="nh3n", **query)
    assert cell(text, "甲断面")[4] == ["Ⅳ", "Ⅲ"]
    assert not Flag.objects.exists()


def test_other_rules_for_results_below_detection_and_valid_days(filled, at):
    assert '变动的断面月</dt><dd class="number">0<' in tried(at(), "below_detection", substitute="limit")
    text = tried(at(), "valid_days", per_day="1", days="2")
    assert cell(text, "乙断面")[4] == ["Ⅱ"] and "无数据" in text


def test_without_ammonia_the_class_is_that_of_the_other_items(filled, at):
    text = tried(at(), "items", chosen=["do", "tp"])
    assert "只由 2 项决定类别：溶解氧、总磷" in text
    assert cell(text, "甲断面")[4] == ["Ⅳ", "Ⅰ"]


def test_the_answer_by_htmx_is_that_part_of_the_page_alone(filled, at):
    query = {"kind": "limit", "item": "nh3n", "rank": "3", "water_type": "", "value": "1.2"}
    part = at().get(reverse("waters:changes"), query, headers=HTMX).content.decode()
    assert "<html" not in part and cell(part, "甲断面")[4] == ["Ⅳ", "Ⅲ"]


@pytest.mark.parametrize(
    ("kind", "query", "said"),
    [
        ("limit", {"item": "nh3n", "rank": "3", "value": "x"}, "这不是数"),
        ("limit", {"item": "nh3n", "rank": "3", "value": "-1"}, "不小于零"),
        ("limit", {"item": "nh3n", "rank": "3", "value": "6~9"}, "形式与标准不同"),
        ("limit", {"item": "nope", "rank": "3", "value": "1"}, "项目"),
        ("flag", {"item": ""}, "断面"),
        ("valid_days", {"per_day": "1", "days": "99"}, "天数"),
    ],
)
def test_what_cannot_be_tried_is_said(filled, at, kind, query, said):
    assert said in tried(at(), kind, **query)


def test_every_kind_has_its_form_in_both_languages(filled, at):
    for language in ("zh-hans", "en"):
        for kind in ("limit", "target", "flag", "below_detection", "valid_days", "items"):
            assert "change-fields" in tried(at(language=language), kind)


def test_a_city_without_readings_says_so(city, at):
    text = tried(at(), "limit", item="nh3n", rank="3", water_type="", value="1.2")
    assert "没有监测数据" in text


def test_the_model_stays_warm_until_something_is_saved(filled, at):
    def results():
        return WaterResults(workspace(), Site.objects.filter(division__startswith=CITY))

    assert not memory.is_warm(results())
    assert at().get(reverse("waters:warm")).status_code == 204
    first = memory.model_of(results())
    assert memory.is_warm(results()) and memory.model_of(results()) is first
    flagged(filled)
    assert not memory.is_warm(results())
    assert memory.model_of(results()) is not first


def flagged(city):
    return services.flag(
        city.sites["甲断面"],
        item="nh3n",
        time_from=datetime(2021, 4, 1),
        time_to=datetime(2021, 4, 1, 23, 59),
        kind="excluded",
        reason="校准",
        actor=lead(),
    )


# -- see before saving ---------------------------------------------------------------------------------

SPAN = {"item": "nh3n", "time_from": "2021-04-01T00:00", "time_to": "2021-04-01T23:59"}


def test_a_flag_is_seen_before_it_is_saved_and_saved_from_there(filled, at):
    site = filled.sites["甲断面"]
    url = reverse("sites:flag", args=[site.pk])
    data = {**SPAN, "flag": "excluded", "reason": "仪器校准", "preview": "1"}
    text = at().post(url, data).content.decode()
    assert cell(text, "甲断面")[4] == ["Ⅳ", "Ⅲ"] and "还没有保存" in text
    assert not Flag.objects.exists()
    kept = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text.split("page-actions")[-1])
    )
    assert "preview" not in kept
    at().post(url, {key: value for key, value in kept.items() if key != "csrfmiddlewaretoken"})
    assert Flag.objects.get().reason == "仪器校准"


def test_a_flag_needs_no_reason_to_be_looked_at_but_its_times(filled, at):
    url = reverse("sites:flag", args=[filled.sites["甲断面"].pk])
    part = at().post(url, {**SPAN, "flag": "excluded", "preview": "1"}, headers=HTMX).content.decode()
    assert "<html" not in part and cell(part, "甲断面")
    wrong = at().post(url, {"flag": "excluded", "preview": "1"}).content.decode()
    assert "不能推演" in wrong and "开始时间" in wrong


def test_a_withdrawal_is_seen_before_it_is_saved(filled, at):
    record = flagged(filled)
    url = reverse("sites:flag_withdraw", args=[record.pk])
    text = at().post(url, {"why": "", "preview": "1"}).content.decode()
    assert cell(text, "甲断面")[4] == ["Ⅲ", "Ⅳ"]
    record.refresh_from_db()
    assert record.withdrawn_at is None


def test_a_period_held_back_at_several_sites_is_seen_before_it_is_saved(filled, at):
    sites = [str(filled.sites[name].pk) for name in ("甲断面", "乙断面")]
    data = {"sites": sites, "item": "", "time_from": "2021-04-01T00:00", "time_to": "2021-04-30T23:59"}
    text = at().post(reverse("sites:hold"), {**data, "preview": "1"}).content.decode()
    assert cell(text, "甲断面")[4] == ["Ⅳ"] and cell(text, "乙断面")[4] == ["Ⅱ"]
    assert "无数据" in text
    assert not Flag.objects.exists()


def test_findings_are_seen_before_they_are_flagged(filled, at):
    bring(csv("乙断面,2021-04-01 08:00,总氮,0.1,mg/L,,自动"), "nitrogen.csv")
    run = quality.ask(CITY, actor=lead())
    quality.perform(run)
    finding = QualityFinding.objects.get(item="nh3n")
    data = {"finding": [str(finding.pk)], "preview": "excluded"}
    text = at().post(reverse("sites:quality_decide"), data).content.decode()
    assert cell(text, "乙断面")
    finding.refresh_from_db()
    assert finding.state == "new" and not Flag.objects.exists()
    none = at().post(reverse("sites:quality_decide"), {"preview": "excluded"}).content.decode()
    assert "没有选择任何质控发现" in none


def test_who_may_not_flag_may_not_look_by_the_flags_form(filled, at):
    url = reverse("sites:flag", args=[filled.sites["甲断面"].pk])
    assert at("viewer@city").post(url, {**SPAN, "flag": "excluded", "preview": "1"}).status_code == 403
