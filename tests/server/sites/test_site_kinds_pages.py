"""The page of a site of each kind: its own newest month, its own series, limits and ways to its neighbours."""

import json
import re
from datetime import date
from decimal import Decimal

from django.urls import reverse

from bishui.assessment import Period
from bishui.server.sites import services
from bishui.server.sites.assessed import Results
from bishui.server.sites.sampled import Sampled, sampled_of
from tests.server.sites.conftest import APRIL, END_OF_APRIL, bring, csv, facts, readings, table, workspace

FLOW = "m³/s"


def shown(at, site, query="", language="zh-hans"):
    response = at(language=language).get(reverse("sites:site", args=[site.pk]) + query)
    assert response.status_code == 200
    return response.content.decode()


def chart(text):
    found = re.search(r'<script id="chart-data-series"[^>]*>(.*?)</script>', text, re.S)
    return json.loads(found[1]) if found else None


def lines(text, key):
    item = next(item for item in chart(text)["items"] if item["key"] == key)
    return [(line["label"], line["value"], line["target"]) for line in item["limits"]]


def works(place, **fields):
    record = place.add("城南厂", "sewage_plant", capacity=Decimal(1), discharge_grade="1A", **fields)
    for name, kind in (("城南进水", "plant_inlet"), ("城南出水", "plant_outlet")):
        place.add(name, kind, plant=record.code)
    return record


def run(place):
    """A works that measured on the first days of March and April: 0.1 m³/s are 86.4 % of 10 000 m³ a day."""
    works(place)
    bring(
        csv(
            *readings("城南进水", "流量", ["0.1", "0.1"], FLOW, month=3),
            *readings("城南进水", "流量", ["0.05"], FLOW),
            *readings("城南进水", "化学需氧量", ["200"]),
            *readings("城南出水", "化学需氧量", ["40"], month=3),
            *readings("城南出水", "化学需氧量", ["60"]),
        )
    )


def test_a_works_draws_the_series_of_its_inlet_and_outlet_with_the_limits_of_each(place, at):
    run(place)
    text = shown(at, place.sites["城南厂"])
    names = {item["name"] for item in chart(text)["items"]}
    assert names == {"进水 流量", "进水 化学需氧量", "出水 化学需氧量"}
    outlet, inlet = place.sites["城南出水"].code, place.sites["城南进水"].code
    assert lines(text, f"{outlet}-cod") == [("一级A标准", "50", True)]
    assert lines(text, f"{inlet}-cod") == []
    # 10 000 m³ a day are 0.116 m³/s.
    assert lines(text, f"{inlet}-flow") == [("设计规模", "0.116", True)]


def test_a_works_leads_to_its_points_and_they_lead_back(place, at):
    run(place)
    record, inlet, outlet = (place.sites[name] for name in ("城南厂", "城南进水", "城南出水"))
    text = shown(at, record)
    assert all(f"../{point.pk}/?period=2021-04" in text for point in (inlet, outlet))
    text = shown(at, inlet)
    assert all(f"../{other.pk}/?period=2021-04" in text for other in (record, outlet))
    assert f"../{inlet.pk}/?" not in text


def test_a_works_month_by_month_tells_days_that_are_not_due_apart_from_days_without_data(place):
    run(place)
    panel = place.panel("城南厂", as_of=date(2021, 4, 10))
    january, _february, march, april = (row["cells"] for row in table(panel, "逐月运行").rows)
    assert january[1]["text"] == "无数据"
    assert (march[1]["text"], march[2]["k"], march[2]["n"], march[2]["missing"]) == ("86.4 %", 2, 31, 29)
    assert (april[1]["text"], april[2]["k"], april[2]["missing"]) == ("43.2 %", 1, 9)
    assert april[2]["note"] == "未到期 20"
    assert (march[3]["k"], march[3]["n"], april[3]["k"], april[3]["n"]) == (1, 1, 0, 1)
    days = facts(panel)["出水达标天数"]
    assert (days["missing"], "未到期 20" in days["note"]) == (9, True)


def test_a_works_without_any_series_has_no_chart(place, at):
    works(place)
    bring(csv(*readings(place.add("甲断面", "section", water_type="river").name, "氨氮", ["0.4"])))
    text = shown(at, place.sites["城南厂"])
    assert chart(text) is None
    assert "chart-title" not in text


def well(place):
    """A well sampled in February, in a city with data of April."""
    place.add("甲井", "groundwater_well", function_class=3)
    place.add("甲断面", "section", water_type="river")
    rows = [*readings("甲井", "氨氮", ["0.3"], month=2), *readings("甲断面", "氨氮", ["0.4"])]
    bring(csv(*rows))
    return place.sites["甲井"]


def test_a_page_opens_at_the_newest_month_of_its_site_and_says_so(place, at):
    text = shown(at, well(place))
    assert "本点位最近有数据的是2021年2月，现显示该月；全市数据到2021年4月。" in text
    assert "氨氮" in text
    assert re.search(r'<option value="2021-02" selected>2021年2月</option>', text)
    assert "2021年4月（未采样）" in text


def test_a_month_without_samples_says_so_and_leads_to_one_with_them(place, at):
    site = well(place)
    text = shown(at, site, "?period=2021-04")
    assert "2021年4月未采样。" in text
    assert 'href="?period=2021-02"' in text
    assert "现显示该月" not in text
    assert facts(place.panel("甲井"))["2021年4月"]["reason"] == "not_sampled"


def test_numbers_that_a_person_set_aside_are_under_review_and_not_unsampled(place):
    place.add("甲井", "groundwater_well", function_class=3)
    bring(csv(*readings("甲井", "氨氮", ["0.3"])))
    services.flag(
        place.sites["甲井"],
        item="",
        time_from=date(2021, 4, 1),
        time_to=date(2021, 4, 3),
        kind="under_review",
        reason="疑似污染样品",
        actor="tester",
    )
    assert facts(place.panel("甲井"))["2021年4月"]["reason"] == "under_review"


def test_a_station_without_readings_is_not_said_to_be_unsampled():
    station = Sampled((("2021-01", "2021-02"),), automatic=True)
    assert (station.absence(APRIL), station.absence(Period.month(2021, 2))) == ("no_data", "")
    assert Sampled((("2021-01", "2021-02"),)).absence(APRIL) == "not_sampled"
    assert Sampled().absence(APRIL) == "no_data"


def test_the_months_of_a_site_are_unbroken_runs_and_rows_without_a_number_are_none(place):
    place.add("甲井", "groundwater_well")
    rows = [row for month in (1, 2, 4) for row in readings("甲井", "氨氮", ["0.3"], month=month)]
    bring(csv(*rows, "甲井,2021-05-01 08:00,氨氮,,mg/L,停站,自动"))
    found = sampled_of(place.sites["甲井"], Results(workspace(END_OF_APRIL)))
    assert found.runs == (("2021-01", "2021-02"), ("2021-04", "2021-04"))
    assert found.newest == APRIL
    assert found.covers(Period.year_to_date(2021, 3))
    assert not found.covers(Period.month(2021, 3))


def test_the_items_of_a_source_stand_beside_their_limit_and_clause(place, at):
    """GB 3838-2002: class Ⅲ of table 1; table 2 limits chloride to 250 mg/L."""
    given = {"source_level": "city", "source_water": "surface", "use_state": "in_use", "water_type": "river"}
    place.add("甲水源地", "drinking_water_source", **given)
    rows = [("氨氮", "1.2"), ("氯化物", "300"), ("总氮", "3")]
    bring(csv(*(row for item, value in rows for row in readings("甲水源地", item, [value]))))
    items = {row["cells"][0]["text"]: row["cells"] for row in table(place.panel("甲水源地"), "逐项结果").rows}
    assert (items["氨氮"][0]["note"], items["氨氮"][2]["text"]) == ("GB 3838-2002 表1 第7项", "≤ 1.0")
    assert items["氨氮"][4]["text"] == "0.2"
    assert (items["氯化物"][0]["note"], items["氯化物"][2]["text"]) == ("GB 3838-2002 表2 第2项", "≤ 250")
    # Total nitrogen is printed beside the class and judged by nothing.
    text = shown(at, place.sites["甲水源地"])
    assert ("Ⅲ", "1", True) in lines(text, "nh3n")
    assert lines(text, "chloride") == [("限值", "250", True)]
    assert not any(judges for _label, _value, judges in lines(text, "tn"))


def test_a_source_leads_to_where_it_is_managed(place, at):
    given = {"source_level": "city", "source_water": "surface", "use_state": "in_use", "water_type": "river"}
    site = place.add("甲水源地", "drinking_water_source", **given)
    assert reverse("sources:source", args=[site.pk]) in shown(at, site)


def test_a_groundwater_source_is_not_drawn_by_the_classes_of_surface_water(place, at):
    """GB/T 14848-2017 table 1: ammonia 0.50 mg/L for Ⅲ; GB 3838-2002 has 1.0."""
    given = {"source_level": "city", "source_water": "ground", "use_state": "in_use"}
    place.add("甲水源地", "drinking_water_source", **given)
    bring(csv(*readings("甲水源地", "氨氮", ["0.3"])))
    assert [line[1:] for line in lines(shown(at, place.sites["甲水源地"]), "nh3n")] == [("0.5", True)]


def test_older_months_are_folded(place, at):
    place.add("甲断面", "section", water_type="river")
    days = [f"{year}-{month:02}-01 08:00" for year in (2019, 2020, 2021) for month in range(1, 13)]
    bring(csv(*(f"甲断面,{day},氨氮,0.4,mg/L,,手工" for day in days[:30])))
    text = shown(at, place.sites["甲断面"])
    assert "更早的 6 个月" in text
    assert text.index("更早的 6 个月") < text.index("?period=2019-06")


def test_a_zone_is_drawn_with_the_limit_of_the_class_that_it_must_reach(place, at):
    place.add("甲功能区", "function_zone", water_type="river", function_class=2)
    bring(csv(*readings("甲功能区", "氨氮", ["0.4"])))
    judging = [line for line in lines(shown(at, place.sites["甲功能区"]), "nh3n") if line[2]]
    assert judging == [("Ⅱ", "0.5", True)]


def test_a_well_is_drawn_by_the_classes_of_groundwater(place, at):
    place.add("甲井", "groundwater_well", function_class=4)
    bring(csv(*readings("甲井", "氨氮", ["0.3"])))
    assert lines(shown(at, place.sites["甲井"]), "nh3n") == [
        ("Ⅰ", "0.02", False),
        ("Ⅱ", "0.1", False),
        ("Ⅲ", "0.5", False),
        ("Ⅳ", "1.5", True),
    ]


def test_an_item_without_a_limit_is_not_told_as_missing(place):
    place.add("城东口", "outfall_point", discharge_standard="gb18918", discharge_grade="1B")
    bring(csv(*readings("城东口", "水温", ["20"], "℃"), *readings("城东口", "化学需氧量", ["50"])))
    rows = {row["cells"][0]["text"]: row["cells"] for row in table(place.panel("城东口"), "逐项").rows}
    assert (rows["水温"][1]["text"], rows["水温"][3]) == ("无限值", {"text": "—"})
    assert (rows["化学需氧量"][3]["k"], rows["化学需氧量"][3]["missing"]) == (1, 0)


def test_rural_water_is_black_odorous_or_not(place):
    place.add("某沟", "black_odorous_point", water="某沟", surroundings="rural")
    bring(csv(*readings("某沟", "氨氮", ["16", "2"])))
    found = table(place.panel("某沟"), "逐项分级")
    assert [column["label"] for column in found.columns] == ["指标", "监测次数", "不黑臭", "黑臭", "最近一次"]
    ammonia = next(row["cells"] for row in found.rows if row["cells"][0]["text"] == "氨氮")
    assert [cell["number"] for cell in ammonia[1:4]] == [2, 1, 1]


def test_the_rows_of_one_file_name_it_once(place, at):
    place.add("甲井", "groundwater_well")
    bring(csv(*readings("甲井", "氨氮", ["0.3", "0.4", "0.5"])))
    address = reverse("sites:rows", args=[place.sites["甲井"].pk, "nh3n"])
    text = at().get(f"{address}?period=2021-04").content.decode()
    assert text.count("table.csv") == 1
    assert [f"第 {line} 行" in text for line in (2, 3, 4)] == [True, True, True]


def test_a_clause_is_written_in_the_language_of_the_page(place, at):
    place.add("甲断面", "section", water_type="river")
    bring(csv(*readings("甲断面", "氨氮", ["0.4"])))
    address = reverse("sites:rows", args=[place.sites["甲断面"].pk, "nh3n"])
    text = at(language="en").get(f"{address}?period=2021-04").content.decode()
    assert "GB 3838-2002 Table 1, item 7" in text
    assert "class II" in text
    assert "Ⅱ类" not in text
