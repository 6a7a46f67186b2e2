"""Rivers and areas, rankings, calendars and trends: the published words, refusals said, no blank for fine."""

from datetime import date, datetime

import pytest
from django.urls import reverse

from bishui.server.accounts.models import Division
from bishui.server.accounts.services import save_division
from bishui.server.sites import assessed, services
from bishui.server.sites.models import Site
from bishui.server.waters.kept import WaterResults
from tests.server.conftest import CITY, COUNTY_A
from tests.server.sites.conftest import ROWS, bring, brought, csv, lead, workspace

MONTHS = ("2021-03", "2021-04")


def page(client, route, **query):
    response = client.get(reverse(f"waters:{route}"), query)
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


@pytest.fixture
def filled(city, data_dir):
    brought(csv(*ROWS), data_dir)
    return city


def results(as_of=None):
    return WaterResults(workspace(as_of), Site.objects.filter(division__startswith=CITY))


@pytest.mark.parametrize("name", ["areas", "ranking", "calendar", "years", "trend"])
def test_a_city_without_readings_says_so(city, at, name):
    text = page(at(), name)
    assert "没有监测数据" in text or "没有可用的数值" in text
    assert "state-good" not in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", ["areas", "ranking", "calendar", "years", "trend"])
def test_every_page_is_shown_in_both_languages(filled, at, name, language):
    assert "甲断面" in page(at(language=language), name) or name == "areas"


def test_a_river_has_the_word_and_class_of_its_means_and_says_what_is_missing(filled, at):
    """环办〔2011〕22号 二.2: fewer than five sections, the mean of 1.1 and 0.4 mg/L ammonia is class Ⅲ."""
    text = page(at(), "area", of="water", name="东河")
    assert '<span class="klass klass-3">良好</span>' in text
    assert "断面均值（少于五个断面）" in text
    assert "2</b> / 4" in text and "水体类型未知 1" in text and "未采样 1" in text
    for name in filled.sites:
        assert name in text


def test_a_county_is_judged_by_shares_and_has_no_class(filled, at):
    """One Ⅳ and one Ⅱ of two: half of them are Ⅰ-Ⅲ, none is worse than Ⅴ, 轻度污染."""
    entry = next(found for found in results().areas(results().newest_month()) if found["kind"] == "county")
    assert (entry["key"], entry["by"], entry["class"], entry["level"]) == (COUNTY_A, "shares", None, 4)
    assert entry["rates"]["good"] == {"met": 1, "of": 2, "missing": 2, "percent": "50.0"}
    text = page(at(), "areas")
    assert "轻度污染" in text
    assert "氨氮（断面超标率 50.0%，1 / 2，缺 2）" in text, "a share without its counts"


def test_a_change_against_a_period_without_readings_is_not_comparable_and_says_why(filled, at):
    text = page(at(), "area", of="water", name="东河")
    assert "不可比" in text and "未评价的时段：2020-04" in text


def test_a_river_that_grew_worse_says_so(city, at):
    earlier = [row.replace("2021-04", "2021-03").replace("1.2", "0.2").replace("1.0", "0.2") for row in ROWS]
    bring(csv(*earlier, *ROWS))
    water = next(found for found in results().areas(results().newest_month()) if found["kind"] == "water")
    assert (water["changes"]["2021-03"]["verdict"], water["changes"]["2021-03"]["grades"]) == ("worse", -1)


def test_a_ranking_over_different_items_is_refused_with_the_reason_and_shows_no_ranks(filled, at):
    """环办监测〔2017〕51号: sums over different items are not comparable."""
    bring(csv("乙断面,2021-04-01 08:00,溶解氧,8.0,mg/L,,自动"), "oxygen.csv")
    text = page(at(), "ranking")
    assert "不能排名" in text and "参评项目不同" in text
    assert "“甲断面”缺少 总磷。" in text
    rows = results().indices(results().newest_month(), names())["section"]["rows"]
    assert {row["rank"] for row in rows} == {None}


def names():
    known = {str(site.pk): site.name for site in Site.objects.all()}
    return known | {CITY: "甲市", COUNTY_A: "乙县"}


def test_sections_with_the_same_items_are_ranked_and_open_item_by_item(city, at):
    bring(
        csv(
            "甲断面,2021-04-01 08:00,氨氮,1.2,mg/L,,自动",
            "甲断面,2021-04-01 08:00,溶解氧,5,mg/L,,自动",
            "乙断面,2021-04-01 08:00,氨氮,0.4,mg/L,,自动",
            "乙断面,2021-04-01 08:00,溶解氧,10,mg/L,,自动",
        )
    )
    ranking = results().indices(results().newest_month(), names())["section"]
    ranks = {names()[row["key"]]: (row["rank"], row["index"]) for row in ranking["rows"] if row["rank"]}
    assert ranking["refused"] is None
    assert ranks == {"乙断面": (1, "0.9000"), "甲断面": (2, "2.2000")}
    text = page(at(), "index", of="section", name=str(city.sites["甲断面"].pk))
    assert "1.2 / 1.0" in text and "5 / 5" in text


def test_an_index_without_a_needed_item_is_not_made_and_says_so(filled, at):
    assert "缺少必需的项目" in page(at(), "ranking")


def test_each_state_that_is_no_class_looks_different_in_the_calendar(city, at):
    bring(
        csv(
            *ROWS,
            "丁断面,2021-03-01 08:00,氨氮,,mg/L,停站,自动",
            "乙断面,2021-03-01 08:00,氨氮,0.4,mg/L,,自动",
        )
    )
    services.flag(
        city.sites["乙断面"],
        item="nh3n",
        time_from=datetime(2021, 3, 1),
        time_to=datetime(2021, 3, 31),
        kind="under_review",
        reason="核实仪器",
        actor=lead(),
    )
    cells = results(date(2021, 4, 30)).months(2021)
    march, april = (
        {name: cells[str(site.pk)][month] for name, site in city.sites.items()} for month in MONTHS
    )
    assert march["丁断面"] == {"class": None, "reason": "offline"}
    assert march["乙断面"] == {"class": None, "reason": "under_review"}
    assert march["甲断面"] == {"class": None, "reason": "not_sampled"}
    assert april["丙断面"] == {"class": None, "reason": "water_type_unknown"}
    assert (april["甲断面"]["class"], april["甲断面"]["state"]) == (4, "not_attained")
    assert cells[str(city.sites["甲断面"].pk)]["2021-05"]["reason"] == "not_due"
    text = page(at(), "calendar")
    for look in (
        "heat-offline",
        "heat-not_sampled",
        "heat-under_review",
        "heat-water_type_unknown",
        "heat-missed",
    ):
        assert look in text
    assert "甲断面 2021年4月 Ⅳ类，氨氮，未达标" in text


def test_too_few_periods_give_no_trend_and_say_how_many_are_needed(filled, at):
    text = page(at(), "trend", site=str(filled.sites["甲断面"].pk), item="nh3n")
    assert "期数不足，不评价趋势" in text and "至少需要 5 期" in text


def test_five_years_that_only_rise_are_a_trend_in_the_words_of_the_method(city, at):
    bring(
        csv(*(f"甲断面,{2017 + year}-06-01 08:00,氨氮,{year / 10 + 0.2:.1f},mg/L,,手工" for year in range(5)))
    )
    found = results().trend(str(city.sites["甲断面"].pk), "nh3n")["tests"]["spearman"]
    assert (found["coefficient"], found["text"]["zh"]) == ("1.0000", "显著上升，水质变差")
    assert "显著上升，水质变差" in page(at(), "trend", site=str(city.sites["甲断面"].pk), item="nh3n")


@pytest.mark.parametrize("name", ["areas", "ranking", "calendar", "years", "room", "trend"])
def test_after_an_import_the_first_reader_waits_for_no_page(filled, at, monkeypatch, name):
    """The import computed what each page opens with; the first view finds it kept."""
    services.warm(CITY)
    monkeypatch.setattr(assessed, "_keep", lambda *_: pytest.fail(f"{name} was computed at its first view"))
    page(at(), name)


def test_new_readings_make_the_results_again(filled):
    first = results()
    before = first.areas(first.newest_month())
    assert results().areas(first.newest_month()) == before
    bring(csv("丁断面,2021-04-03 08:00,氨氮,0.1,mg/L,,自动"), "more.csv")
    assert results().areas(first.newest_month()) != before


@pytest.mark.parametrize(("module", "name"), [("pages_calendar", "calendar"), ("pages_ranking", "ranking")])
def test_a_long_table_has_pages_and_its_sums_are_of_all(filled, at, monkeypatch, module, name):
    whole = page(at(), name)
    monkeypatch.setattr(f"bishui.server.waters.{module}.PER_PAGE", 2)
    first, second = page(at(), name), page(at(), name, page=2, section=2)
    for site in filled.sites.values():
        link = f"/sites/{site.pk}/" if name == "calendar" else f"name={site.pk}"
        assert (link in first) != (link in second)
    if name == "calendar":
        sums = whole.split("<tfoot>")[1].split("</tfoot>")[0]
        assert sums in first and sums in second


def test_an_english_page_has_the_english_name_of_a_county_and_the_chinese_where_there_is_none(filled, at):
    county = Division.objects.get(division=COUNTY_A)
    assert county.name in page(at(language="en"), "areas")
    save_division(county.code, county.name, parent=county.parent, actor="system", name_en="Jia County")
    assert "Jia County" in page(at(language="en"), "areas") and county.name not in page(
        at(language="en"), "areas"
    )
    assert county.name in page(at(), "areas") and "Jia County" not in page(at(), "areas")
