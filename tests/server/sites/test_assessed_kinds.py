"""Each kind of site shows what its own method says: attaining, failing, and without data."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from bishui.assessment import Period
from bishui.server.core import audit
from bishui.server.sites import assessed, queries, services
from bishui.server.sites.assessed import Results
from bishui.server.sites.bounds import Bound
from bishui.server.sites.kinds import flood_of, room_of
from tests.server.conftest import CITY
from tests.server.sites.conftest import APRIL, END_OF_APRIL, bring, csv, facts, readings, table, workspace
from tests.server.standards.in_force import put_in_force


def source(place, name, **fields):
    given = {"source_level": "city", "source_water": "surface", "use_state": "in_use", "water_type": "river"}
    return place.add(name, "drinking_water_source", **(given | fields))


def test_a_source_attains_where_every_item_meets_class_three(place):
    source(place, "甲水源地", daily_volume=Decimal("0.5"))
    bring(csv(*readings("甲水源地", "氨氮", ["0.4"]), *readings("甲水源地", "总氮", ["1.8"])))
    panel = place.panel("甲水源地")
    assert facts(panel)["2021年4月"]["state"] == "attained"
    (k, n, missing) = (facts(panel)["达标月数"][key] for key in ["k", "n", "missing"])
    assert (k, n, missing) == (1, 1, 3)
    # 0.5 × 30 days, all of it from a month that attains; the three months without data leave the rate.
    assert facts(panel)["水量达标率"]["text"] == "100.0 %"
    april = table(panel, "逐月").rows[-1]["cells"]
    assert april[4] == {"klass": 5, "reason": "no_data"}


def test_a_source_fails_by_an_item_with_its_multiple(place):
    source(place, "甲水源地")
    bring(csv(*readings("甲水源地", "氨氮", ["1.2"])))
    panel = place.panel("甲水源地")
    assert facts(panel)["2021年4月"]["state"] == "not_attained"
    assert "氨氮 1.2 mg/L，超标 0.2 倍" in table(panel, "逐月").rows[-1]["cells"][3]["text"]
    assert "取水量不明" in facts(panel)["水量达标率"]["note"]


def test_a_source_counts_no_month_out_of_use_and_none_without_data(place):
    source(place, "甲水源地", use_since=date(2021, 3, 1))
    source(place, "乙水源地")
    bring(csv(*readings("甲水源地", "氨氮", ["0.4"])))
    panel = place.panel("甲水源地")
    assert facts(panel)["不在用的月份（不计）"]["text"] == "2021-01、2021-02"
    assert [row["cells"][0]["text"] for row in table(panel, "逐月").rows] == ["2021-03", "2021-04"]
    assert facts(place.panel("乙水源地"))["2021年4月"] == {"state": "not_judged", "note": "无数据"}


def test_a_zone_by_annual_mean_and_by_frequency(place):
    place.add("甲功能区", "function_zone", water_type="river", function_class=3)
    place.add("乙功能区", "function_zone", water_type="river", function_class=3)
    place.add("丙功能区", "function_zone", water_type="river", function_class=3)
    bring(
        csv(
            *readings("甲功能区", "氨氮", ["0.5", "0.6", "0.5", "0.6", "0.5", "1.4"]),
            *readings("乙功能区", "氨氮", ["1.6", "1.4"]),
        )
    )
    good, bad, empty = (place.panel(name) for name in ("甲功能区", "乙功能区", "丙功能区"))
    assert facts(good)["2021年1—4月累计"]["state"] == "attained"
    by_frequency = table(good, "两种").rows[1]["cells"]
    assert (by_frequency[1]["state"], by_frequency[2]["k"], by_frequency[2]["n"]) == ("attained", 5, 6)
    assert facts(bad)["2021年1—4月累计"]["state"] == "not_attained"
    assert table(bad, "两种").rows[0]["cells"][3]["text"] == "氨氮"
    assert any("至少需要 6 次" in notice["text"] for notice in bad.notices)
    assert facts(empty)["2021年1—4月累计"]["state"] == "not_judged"


def test_a_lake_from_its_points_without_the_inflow(place):
    given = {"water": "镜湖", "water_type": "lake"}
    place.add("湖心", "lake_point", lake_position="inside", **given)
    place.add("湖东", "lake_point", lake_position="inside", **given)
    place.add("入口", "lake_point", lake_position="inflow", **given)
    place.add("空湖", "lake_point", lake_position="inside", water="空湖", water_type="lake")
    rows = [
        *readings("湖心", "总磷", ["0.02"]),
        *readings("湖东", "总磷", ["0.04"]),
        *readings("入口", "总磷", ["0.9"]),
    ]
    bring(csv(*rows))
    panel = place.panel("湖心")
    # (0.02 + 0.04) / 2 = 0.03: class Ⅲ by the limits of lakes; the inflow does not enter.
    assert facts(panel)["镜湖 2021年4月"]["klass"] == 3
    assert (facts(panel)["参加统计的点位"]["k"], facts(panel)["参加统计的点位"]["n"]) == (2, 2)
    assert "TLI(Σ)" in facts(panel)["营养状态"]["text"]
    assert "仅供参考" in panel.notices[0]["text"]
    assert facts(place.panel("空湖"))["空湖 2021年4月"]["klass"] is None


def test_a_station_keeps_its_base_flow_or_not_and_days_without_data_are_missing(place):
    for name in ("甲站", "乙站", "丙站"):
        place.add(name, "hydrometric_station", base_flow=Decimal("4.18"), guarantee_rate=Decimal(90))
    bring(
        csv(
            *readings("甲站", "流量", ["4.18"] * 10, "m³/s"),
            *readings("乙站", "流量", ["4.18", "4.17"], "m³/s"),
        )
    )
    good, bad, empty = (place.panel(name) for name in ("甲站", "乙站", "丙站"))
    assert facts(good)["2021年1—4月累计"]["state"] == "attained"
    by_day = table(good, "保证率").rows[0]["cells"]
    # January to April has 120 days; ten have data.
    assert (by_day[2]["k"], by_day[2]["n"], by_day[2]["missing"]) == (10, 10, 110)
    assert good.lines("flow") == [Bound(Decimal("4.18"), "生态基流")]
    assert facts(bad)["2021年1—4月累计"]["state"] == "not_attained"
    assert table(bad, "低于生态基流").rows[0]["cells"][0]["text"] == "2021-04-02"
    assert facts(empty)["2021年1—4月累计"]["state"] == "not_judged"


def plant(place, code_of, **fields):
    works = place.add(f"{code_of}厂", "sewage_plant", capacity=Decimal("1"), discharge_grade="1A", **fields)
    place.add(f"{code_of}进水", "plant_inlet", plant=works.code)
    place.add(f"{code_of}出水", "plant_outlet", plant=works.code)


def test_a_plant_with_its_load_its_inlet_and_its_effluent(place):
    for name in ("城南", "城北"):
        plant(place, name)
    bring(
        csv(
            # 0.1 m³/s is 8640 m³ a day: 86.4 % of 10 000 m³/d.
            *readings("城南出水", "流量", ["0.1", "0.1"], "m³/s"),
            *readings("城南进水", "五日生化需氧量", ["100", "120"]),
            *readings("城南出水", "化学需氧量", ["40", "60"]),
            *readings("城南出水", "pH", ["7.1", "7.2"], ""),
        )
    )
    panel = place.panel("城南厂")
    assert facts(panel)["运行负荷率"]["text"] == "86.4 %"
    assert table(panel, "进水浓度").rows[0]["cells"][1]["text"] == "110.0 mg/L"
    effluent = facts(panel)["出水达标天数"]
    assert (effluent["k"], effluent["n"], effluent["missing"]) == (1, 2, 28)
    cod = next(
        row["cells"] for row in table(panel, "出水逐项").rows if row["cells"][0]["text"] == "化学需氧量"
    )
    # 60 mg/L against 50 mg/L of grade 1A (GB 18918-2002 table 1).
    assert (cod[1]["text"], cod[3]["k"], cod[3]["n"], cod[4]["text"]) == ("50", 1, 2, "0.20")
    ph = next(row["cells"] for row in table(panel, "出水逐项").rows if row["cells"][0]["text"] == "pH值")
    assert ph[1]["text"] == "6~9"
    empty = place.panel("城北厂")
    assert facts(empty)["运行负荷率"]["text"] == "无数据"
    assert (facts(empty)["出水达标天数"]["n"], table(empty, "出水逐项").rows) == (0, [])
    assert "城南厂" in facts(place.panel("城南出水"))["所属污水处理厂"]["text"]


def test_a_black_odorous_point_is_graded_by_item(place):
    given = {"water": "某渠", "surroundings": "urban"}
    for name in ("渠首", "渠尾", "渠中"):
        place.add(name, "black_odorous_point", **given)
    bring(
        csv(
            *readings("渠首", "氨氮", ["1", "2"]),
            *readings("渠尾", "氨氮", ["20", "18", "9"]),
            *readings("渠首", "氧化还原电位", ["100", "120"], "mV"),
        )
    )
    good, bad, empty = (place.panel(name) for name in ("渠首", "渠尾", "渠中"))
    assert facts(good)["2021年1—4月累计"]["label"] == "不黑臭"
    assert facts(good)["监测次数"]["number"] == 2
    # Two of three readings of ammonia are above 15 mg/L (建城〔2015〕130号 table 2): 66.7 % of one indicator.
    assert facts(bad)["2021年1—4月累计"]["label"] == "重度黑臭"
    assert facts(empty)["2021年1—4月累计"] == {"klass": None, "reason": "no_data"}
    assert not any(str(place.sites["渠首"].pk) in notice["text"] for notice in good.notices)


def test_a_well_by_its_worst_item(place):
    for name in ("甲井", "乙井", "丙井"):
        place.add(name, "groundwater_well", function_class=3)
    bring(
        csv(
            *readings("甲井", "氨氮", ["0.3"]),
            *readings("乙井", "氨氮", ["0.3"]),
            *readings("乙井", "总硬度", ["600"]),
        )
    )
    good, bad, empty = (place.panel(name) for name in ("甲井", "乙井", "丙井"))
    assert (facts(good)["2021年4月"]["klass"], facts(good)["与功能类别相比"]["state"]) == (3, "attained")
    # Total hardness 600 mg/L: class Ⅳ (450 to 650), 600 / 450 − 1 = 0.33.
    assert (facts(bad)["2021年4月"]["klass"], facts(bad)["劣于Ⅲ类的项目"]["text"]) == (
        4,
        "总硬度（以CaCO₃计）",
    )
    assert facts(empty)["2021年4月"]["klass"] is None


def test_settings_that_are_not_verified_stand_with_the_method(place):
    place.add("甲站", "hydrometric_station", base_flow=Decimal("4.18"))
    method = place.panel("甲站").method
    assert method["version"] and method["source"]
    assert "required_daily_percent" not in {entry["label"] for entry in method["unverified"]}
    assert any("保证率" in entry["label"] for entry in method["unverified"])


def test_the_answer_is_kept_and_made_again_when_an_attribute_changes(place, monkeypatch):
    place.add("甲站", "hydrometric_station", base_flow=Decimal("4.18"))
    bring(csv(*readings("甲站", "流量", ["4.18"], "m³/s")))
    first = place.panel("甲站")
    with monkeypatch.context() as patch:
        patch.setattr("bishui.server.sites.kinds.flow.ecological_flow", None)
        assert place.panel("甲站") == first
    services.save_site(
        "K0", "甲站", kind="hydrometric_station", division=CITY, base_flow=Decimal("5"), actor="tester"
    )
    place.sites["甲站"].refresh_from_db()
    assert facts(place.panel("甲站"))["2021年1—4月累计"]["state"] == "not_attained"


def test_the_bureaus_own_file_is_part_of_what_results_follow_from(place):
    before = assessed.inputs(workspace())
    put_in_force(OWN)
    assert assessed.inputs(workspace()) != before


OWN = """
[override]
name = "甲市管控值"
basis = "甲文〔2021〕1号"
in_force_from = 2021-01-01

[[setting]]
rules = "trend"
name = "least_periods"
value = 6
source = "第三条"
"""


def test_the_page_of_each_kind_opens_down_to_its_rows(place, at):
    place.add("渠首", "black_odorous_point", water="某渠", surroundings="urban")
    bring(csv(*readings("渠首", "氧化还原电位", ["-250", "120"], "mV"), *readings("渠首", "氨氮", ["9"])))
    site = place.sites["渠首"]
    text = at().get(reverse("sites:site", args=[site.pk])).content.decode()
    address = reverse("sites:rows", args=[site.pk, "orp"])
    assert address in text and "重度黑臭" in text and "class-title" not in text
    rows = at().get(f"{address}?period=2021-04").content.decode()
    assert "-250" in rows and "table.csv" in rows


def test_substances_beyond_the_item_table_leave_the_classes_of_sections_alone(place):
    section = place.add("甲断面", "section", water_type="river")
    place.add("甲井", "groundwater_well")
    bring(csv(*readings("甲断面", "氨氮", ["0.4"]), *readings("甲井", "总硬度", ["100"])))
    results = Results(workspace())
    assert results.attainment(APRIL)["sections"][str(section.pk)]["class"] == 2
    assert results.history()[str(section.pk)][0]["class"] == 2


def test_room_left_this_year_for_a_section(city):
    bring(csv(*readings("甲断面", "氨氮", ["1.2"]), *readings("甲断面", "氨氮", ["1.1"], month=3)))
    panel = room_of(city.sites["甲断面"], Results(workspace(END_OF_APRIL)))
    (row,) = panel.tables[0].rows
    assert row["cells"][0]["text"] == "氨氮"
    assert "剩余 8 个月" in row["cells"][4]["text"]
    assert (row["cells"][3]["k"], row["cells"][3]["n"]) == (2, 10)
    assert room_of(city.sites["甲断面"], Results(workspace(date(2024, 4, 30)))) is None


def test_flood_season_of_a_section_whose_basin_has_one(city):
    """April of the Pearl basin, target Ⅲ: 2.4 mg/L ammonia is 2.4 times the limit, one day of two over it."""
    site = city.sites["甲断面"]
    bring(csv(*readings("甲断面", "氨氮", ["2.4", "0.5"]), *readings("甲断面", "氨氮", ["1.8"], month=3)))
    assert flood_of(site, Results(workspace()), APRIL) is None
    with audit.action("sites.saved", actor="tester", division=CITY, name=site.name):
        site.basin = "珠江流域"
        site.save()
    assert flood_of(site, Results(workspace()), Period.month(2021, 3)) is None  # before the season
    panel = flood_of(site, Results(workspace()), APRIL)
    assert facts(panel)["强度（目标限值的倍数）"]["text"] == "2.4"
    days = facts(panel)["超过目标限值的天数"]
    assert (days["k"], days["n"], days["missing"]) == (1, 2, 28)
    assert facts(panel)["提示"]["label"] == "建议溯源"
    (april,) = panel.tables[0].rows
    assert [cell.get("text") for cell in april["cells"][:3]] == ["2021-04", "氨氮", "2.4"]


def test_what_is_drawn_apart_is_counted(city, at):
    bring(csv(*readings("乙断面", "总磷", ["<0.02", "0.05", "0.06"])))
    services.flag(
        city.sites["乙断面"],
        item="tp",
        time_from=date(2021, 4, 2),
        time_to=date(2021, 4, 3),
        kind="under_review",
        reason="疑似仪器故障",
        actor="tester",
    )
    text = at().get(reverse("sites:site", args=[city.sites["乙断面"].pk])).content.decode()
    assert "已标记而不计入的读数（以叉号标出） 1、未检出 1" in text
    assert queries.flags_table(CITY).num_rows == 1


def cells_of(panel, heading, name):
    return next(row["cells"] for row in table(panel, heading).rows if row["cells"][0]["text"] == name)


def test_an_outfall_is_judged_by_its_own_standard_with_limit_and_clause(place):
    """GB 18918-2002 table 1, grade 1B: COD 60 mg/L; GB 8978-1996 table 4, grade 1: ammonia 15 mg/L."""
    place.add("城东口", "outfall_point", discharge_standard="gb18918", discharge_grade="1B")
    built = date(2005, 1, 1)
    place.add("城西口", "outfall_point", discharge_standard="gb8978", discharge_grade="1", built=built)
    bring(
        csv(
            *readings("城东口", "化学需氧量", ["50", "72"]),
            *readings("城西口", "氨氮", ["14", "18"]),
            *readings("城西口", "化学需氧量", ["90"]),
        )
    )
    panel = place.panel("城东口")
    days = facts(panel)["达标天数"]
    assert (days["k"], days["n"]) == (1, 2)
    cod = cells_of(panel, "逐项结果", "化学需氧量")
    assert (cod[1]["text"], cod[3]["k"], cod[3]["n"], cod[4]["text"]) == ("60", 1, 2, "0.20")
    assert cod[0]["note"].startswith("GB 18918-2002 表1")
    assert panel.lines("cod") == [Bound(Decimal(60), "一级B标准")]
    panel = place.panel("城西口")
    assert facts(panel)["执行标准"]["text"] == "GB 8978-1996 一级"
    ammonia = cells_of(panel, "逐项结果", "氨氮")
    assert (ammonia[1]["text"], ammonia[3]["k"], ammonia[3]["n"]) == ("15", 1, 2)
    assert ammonia[0]["note"] == "GB 8978-1996 表4 第11项"
    # The limit of COD depends on the trade, which is not known: no verdict, and the reason.
    cod = cells_of(panel, "逐项结果", "化学需氧量")
    assert (cod[3]["n"], cod[3]["missing"]) == (0, 1)
    assert "适用范围（行业）" in cod[5]["text"]


@pytest.mark.parametrize(("trade", "limit", "met"), [("味精", "300", 1), ("other", "150", 0)])
def test_the_trade_of_an_outfall_decides_limits_that_are_set_by_trade(place, trade, limit, met):
    """GB 8978-1996 table 4, COD, grade 2: 300 mg/L for monosodium glutamate, 150 for units of no listed trade."""
    known = {"discharge_standard": "gb8978", "discharge_grade": "2", "built": date(2005, 1, 1)}
    place.add("城西口", "outfall_point", trade=trade, **known)
    bring(csv(*readings("城西口", "化学需氧量", ["200"])))
    cod = cells_of(place.panel("城西口"), "逐项结果", "化学需氧量")
    assert (cod[1]["text"], cod[3]["k"], cod[3]["n"]) == (limit, met, 1)


def test_an_outfall_without_a_standard_says_so(place):
    place.add("城南口", "outfall_point")
    panel = place.panel("城南口")
    assert facts(panel)["评价结果"] == {"state": "not_judged", "note": "未登记排放标准"}
