"""The standards of a bulletin open to the clause and the limits that judged each item, and to the settings."""

from dataclasses import replace

from bishui.assessment import Body, BodyPoint, grade_body, groundwater_classes
from bishui.bulletins import given_of, tell
from bishui.standards import parse_override
from tests.assessment.tables import measurements, reading
from tests.bulletins.cities import MONTH, column, given, rows_of, tables

OWN = """[override]
name = "甲市管控值"
basis = "甲文〔2025〕1号"
in_force_from = 2024-01-01

[[limit]]
standard = "gb3838"
item = "nh3n"
when = { water_type = "river" }
limits = { II = 0.8, III = 1.2 }
unit = "mg/L"
source = "附件1"
"""


def opened(told, use):
    """What stands behind the edition in the row of a use."""
    at = column(told, "basis", "用于").index(use)
    edition = told.tables["basis"].rows[at][-1]
    return [entry.text for entry in told.figures[edition.ref.removeprefix("figure:")].behind]


def test_the_standard_opens_to_the_limits_and_the_clause_of_each_item_that_was_judged():
    more = [reading("do", "6", "2024-02-01T08:00", site="断面1")]
    rows = opened(tell(given([2, 4, None], more=more)), "断面定类")
    # GB 3838-2002 table 1: ammonia nitrogen (no. 7) and dissolved oxygen (no. 3, a least value)
    assert (
        "河流 氨氮（mg/L） Ⅰ类≤0.15、Ⅱ类≤0.5、Ⅲ类≤1.0、Ⅳ类≤1.5、Ⅴ类≤2.0；GB 3838-2002 表1 第7项；判定2个断面"
        in rows
    )
    assert any(row.startswith("河流 溶解氧（mg/L） Ⅰ类≥7.5、Ⅱ类≥6") and "判定1个断面" in row for row in rows)
    assert rows[-2:] == ["断面1：Ⅱ类", "断面2：Ⅳ类"]  # a section without a class was judged by nothing


def test_a_lake_is_judged_by_the_limits_of_lakes():
    more = [reading("tp", "0.04", "2024-02-01T08:00", site="断面1")]
    rows = opened(tell(given([None], more=more, water_type="lake", river="乙湖")), "断面定类")
    assert any(row.startswith("湖库 总磷（mg/L） Ⅰ类≤0.01") for row in rows)


def test_a_method_opens_to_its_settings_with_how_sure_they_are():
    told = tell(given([2, 3]))
    assert "设置 未检出值参与均值的取值：检出限的一半（确定程度 A）" in opened(told, "数据统计和单因子评价")
    assert "设置 采用断面水质类别比例法的最少断面数：5（确定程度 C）" in opened(told, "河流、区域状况")


def test_the_bureaus_own_limit_stands_where_it_judged():
    own = parse_override(OWN.encode(), "own.toml")
    city = tables(rows_of([2, 3], MONTH), ["断面1", "断面2"], "甲河")
    told = tell(given_of("甲市", MONTH, city, override=own))
    (line,) = (row for row in opened(told, "断面定类") if "氨氮" in row)
    assert "Ⅲ类≤1.2" in line and "附件1" in line
    assert "Ⅲ类≤1.0" in " ".join(opened(tell(given_of("甲市", MONTH, city)), "断面定类"))


def test_wells_and_black_odorous_waters_open_to_clauses_and_settings():
    well = groundwater_classes(
        measurements([reading("nh3n", "0.6", "2024-02-01T08:00", site="井")]), MONTH, sites=("井",)
    )
    water = measurements([reading("nh3n", "16", "2024-02-01T08:00", site="沟")])
    body = grade_body(Body("沟", "甲沟", (BodyPoint("沟"),), regime="rural"), water, MONTH)
    base = given([2])
    told = tell(replace(base, wells=well, bodies=(body,), names={**base.names, "井": "一号井", "沟": "沟口"}))
    assert any("氨氮 Ⅲ类限值 0.50 mg/L；GB/T 14848-2017" in row for row in opened(told, "地下水"))
    assert opened(told, "黑臭水体")[0] == f"甲沟：{body.clause}"
