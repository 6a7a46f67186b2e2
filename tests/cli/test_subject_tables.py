"""``bishui explain --as`` over tables of their own: load rates, indicators of the plans, sign-off, air."""

import json

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from bishui.cli.root import cli

VOLUMES = """污水处理厂,日期,处理水量（万m³）,设计规模（万m³/d）,运行状态
甲厂,2024-06-01,0.9,1,运行
甲厂,2024-06-02,０．９,,
甲厂,2024-06-03,--,,
甲厂,2024-06-04,,,停运
乙厂,2024-06-01,400 m³,0.1,
"""
INPUTS = """指标,年度,参数,对象,数值,单位,来源
城市生活污水集中收集率,2024,进厂水量,甲厂,15,万m³/d,年报
城市生活污水集中收集率,2024,进厂水量,乙厂,"50,000",m³/d,年报
城市生活污水集中收集率,2024,进水五日生化需氧量浓度,甲厂,100,mg/L,年报
城市生活污水集中收集率,2024,进水五日生化需氧量浓度,乙厂,60,mg/L,年报
城市生活污水集中收集率,2024,城区用水人口,,60,万人,统计公报
城市生活污水集中收集率,2023,城区用水人口,,50,万人,统计公报
"""
PAPERS = """黑臭水体,材料类型,日期,有效问卷,满意问卷,文件
甲河,公众评议,2024-06-20,120,110,问卷汇总.pdf
甲河,工程实施记录,2024-05-30,,,竣工验收.pdf
乙河,公众评议,2024-06-20,10,1,问卷.pdf
"""
AIR = """城市,日期,PM2.5（μg/m³）,PM10,SO2,NO2,CO（mg/m³）,O3-8h
甲市,2025-03-05,40,80,<6,30,0.8,120
甲市,2025-03-06,90,120,8,30,0.8,120
甲市,2025-03-07,未检出,80,8,30,0.8,120
"""


def call(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def written(folder, text, encoding="utf-8"):
    path = folder / "t.csv"
    path.write_bytes(text.encode(encoding))
    return path


def explained(path, how, site, period, *more):
    return call("explain", path, "--as", how, "--site", site, "--period", period, *more)


# -- load rates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_the_load_of_a_works_from_its_volumes(tmp_path, encoding):
    """1.8 of 3 × 1 万m³ (a day without a volume leaves, a day of standstill stays): 60 %."""
    text = VOLUMES if encoding != "gbk" else VOLUMES.replace("³", "3")  # GBK has no superscript three
    found = explained(written(tmp_path, text, encoding), "load", "甲厂", "2024-06", "--against", "65")
    assert found.exit_code == 0, found.output
    assert "2024-06 运行负荷率：60.0%" in found.output
    assert "缺 27 天，停运 1 天" in found.output
    assert "06-01 9000、06-02 9000、06-03 —、06-04 停运" in found.output
    assert "18000 ÷ (10000 × 3)" in found.output
    assert "不达标" in found.output


def test_all_works_of_the_table_together(tmp_path):
    found = explained(written(tmp_path, VOLUMES), "load", "全部", "2024-06", "--json", tmp_path / "o.json")
    assert found.exit_code == 0, found.output
    result = json.loads((tmp_path / "o.json").read_text("utf-8"))["result"]
    assert [load["percent"] for load in result["plants"]] == ["60.0", "40.0"]
    assert result["percent"] == "59.4"  # 18 400 of 31 000 m³


def test_a_setting_may_be_changed(tmp_path):
    path = written(tmp_path, VOLUMES)
    found = explained(path, "load", "全部", "2024-06", "--set", "mean_load_rate=plain")
    assert "2024-06 运行负荷率：50.0%" in found.output  # (60 % + 40 %) ÷ 2
    assert explained(path, "load", "全部", "2024-06", "--set", "nothing=1").exit_code == 2


def test_the_same_table_as_a_workbook_with_a_title_above_its_heads(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append(["某市污水处理厂水量统计"])
    sheet.merge_cells("A1:E1")
    for line in VOLUMES.splitlines():
        sheet.append(line.split(","))
    book.save(tmp_path / "v.xlsx")
    found = explained(tmp_path / "v.xlsx", "load", "甲厂", "2024-06")
    assert "60.0%" in found.output


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("甲厂,2024-06-05,abc,,", ("第 7 行", "处理水量", "abc")),
        ("甲厂,2024-06-05,<0.02,,", ("第 7 行", "处理水量", "低于检出限")),
        ("甲厂,2024-06-05,-1,,", ("第 7 行", "处理水量", "负数")),
        ("甲厂,2024-06-05,1 kg,,", ("第 7 行", "处理水量", "kg")),
        ("甲厂,昨天,1,,", ("第 7 行", "日期", "昨天")),
        ("甲厂,2024-06-05,1,,坏了", ("第 7 行", "运行状态", "坏了")),
        ("甲厂,2024-06-01,1,,", ("第 7 行", "甲厂", "两行")),
        ("甲厂,2024-06-05,1,2,", ("第 7 行", "设计规模", "不一致")),
        (",2024-06-05,1,,", ("第 7 行", "plant")),
    ],
)
def test_a_fault_names_file_row_and_column(tmp_path, row, said):
    found = explained(written(tmp_path, VOLUMES + row + "\n"), "load", "甲厂", "2024-06")
    assert found.exit_code != 0
    assert [text for text in ("t.csv", *said) if text not in found.output] == []


def test_a_works_without_capacity_and_a_works_that_is_not_there(tmp_path):
    bare = "污水处理厂,日期,处理水量\n甲厂,2024-06-01,9000\n"
    found = explained(written(tmp_path, bare), "load", "甲厂", "2024-06")
    assert found.exit_code != 0 and "没有设计规模" in found.output
    found = explained(written(tmp_path, VOLUMES), "load", "丙厂", "2024-06")
    assert found.exit_code == 2 and "甲厂、乙厂" in found.output


# -- indicators ----------------------------------------------------------------------------------------


def test_an_indicator_of_the_plans_from_its_inputs(tmp_path):
    """(150 000 × 100 + 50 000 × 60) ÷ 1000 kg/d of 600 000 × 45 ÷ 1000 kg/d: 66.7 %."""
    path = written(tmp_path, INPUTS)
    found = explained(path, "indicator", "城市生活污水集中收集率", "2024", "--against", "65.0")
    assert found.exit_code == 0, found.output
    assert "城市生活污水集中收集率：66.7 %" in found.output
    assert "达标" in found.output and "统计公报" in found.output
    by_key = explained(path, "indicator", "sewage_collection_rate", "2024")
    assert "66.7 %" in by_key.output


def test_an_input_that_is_missing_gives_no_value_and_says_which(tmp_path):
    path = written(tmp_path, "\n".join(INPUTS.splitlines()[:5]) + "\n")
    found = explained(path, "indicator", "城市生活污水集中收集率", "2024", "--json", "-")
    assert found.exit_code == 0, found.output
    result = json.loads(found.output)["result"]
    assert (result["rounded"], result["missing"]) == (None, ["population"])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("没有的指标,2024,进厂水量,,1,,", ("第 8 行", "指标", "没有的指标")),
        ("污水处理率,2024,人口,,1,,", ("第 8 行", "参数", "污水处理量")),
        ("污水处理率,2024,用水量,,1,kg,", ("第 8 行", "单位", "kg")),
        ("污水处理率,2024,用水量,,-1,m³,", ("第 8 行", "数值", "负数")),
        ("城市生活污水集中收集率,2024,城区用水人口,,61,万人,", ("第 8 行", "写了两次", "第 6 行")),
        ("城市生活污水集中收集率,2024,进厂水量,甲厂,1,m³/d,", ("第 8 行", "写了两次", "第 2 行")),
    ],
)
def test_a_wrong_input_is_named_with_its_place(tmp_path, row, said):
    found = explained(written(tmp_path, INPUTS + row + "\n"), "indicator", "城市生活污水集中收集率", "2024")
    assert found.exit_code != 0
    assert [text for text in ("t.csv", *said) if text not in found.output] == []


# -- sign-off ------------------------------------------------------------------------------------------


def samples(folder):
    rows = ["断面,监测时间,透明度(cm),溶解氧(mg/L),氧化还原电位(mV),氨氮(mg/L)"]
    days = [f"2024-{month:02}-{day:02}" for month in range(1, 7) for day in (1, 10, 20)]
    rows += [f"一号点,{day} 09:00,60,5.0,120,1.5" for day in days]
    (folder / "m.csv").write_text("\n".join(rows) + "\n", "utf-8")
    (folder / "s.csv").write_text("编号,水体\n一号点,甲河\n", "utf-8")
    return folder / "m.csv"


def sign_off(folder, papers, *more, period="2024-01~06"):
    (folder / "p.csv").write_text(papers, "utf-8")
    options = ("--sites", folder / "s.csv", "--records", folder / "p.csv", "--against", "初见成效", *more)
    return explained(samples(folder), "sign-off", "甲河", period, *options)


def test_a_stage_of_the_sign_off_is_tested_by_samples_and_papers(tmp_path):
    found = sign_off(tmp_path, PAPERS)
    assert found.exit_code == 0, found.output
    assert "甲河 初见成效：通过" in found.output
    assert "有效问卷 120 份" in found.output and "有效问卷 10 份" not in found.output


def test_a_paper_that_is_missing_is_named(tmp_path):
    found = sign_off(tmp_path, PAPERS.replace("甲河,工程", "乙河,工程"))
    assert found.exit_code == 0
    assert "未通过" in found.output and "没有该项材料" in found.output


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("甲河,公众评议,2024-06-21,100,,x.pdf", ("第 5 行", "有效问卷", "没有写明")),
        ("甲河,公众评议,2024-06-21,100,101,x.pdf", ("第 5 行", "满意问卷", "多于")),
        ("甲河,公众评议,2024-06-21,一百,1,x.pdf", ("第 5 行", "有效问卷", "一百")),
        ("甲河,别的,2024-06-21,,,x.pdf", ("第 5 行", "材料类型", "工程")),
    ],
)
def test_a_faulty_paper_is_named_with_its_place(tmp_path, row, said):
    found = sign_off(tmp_path, PAPERS + row + "\n")
    assert found.exit_code != 0
    assert [text for text in ("p.csv", *said) if text not in found.output] == []


def test_a_sign_off_says_what_it_still_needs(tmp_path):
    table = samples(tmp_path)
    assert "--records" in explained(table, "sign-off", "甲河", "2024-01~06").output
    (tmp_path / "p.csv").write_text(PAPERS, "utf-8")
    found = explained(table, "sign-off", "甲河", "2024-01~06", "--records", tmp_path / "p.csv")
    assert found.exit_code == 2 and "--against" in found.output


# -- air -----------------------------------------------------------------------------------------------


def test_the_index_of_a_day(tmp_path):
    """HJ 633-2012: PM2.5 40 µg/m³ lies at 50 + 50 × 5 ÷ 40 = 56.25, PM10 80 at 65, O3 120 at 66.7: AQI 67."""
    found = explained(written(tmp_path, AIR), "air", "甲市", "2025-03-05")
    assert found.exit_code == 0, found.output
    assert "AQI 67 良" in found.output
    assert "二氧化硫（24小时平均）：浓度 3，分指数 3" in found.output  # half of the detection limit


def test_the_good_days_of_a_month_count_what_is_missing_apart(tmp_path):
    found = explained(written(tmp_path, AIR), "air", "甲市", "2025-03", "--json", tmp_path / "o.json")
    assert "优良天数比例：50.0%" in found.output
    rate = json.loads((tmp_path / "o.json").read_text("utf-8"))["result"]["rate"]
    # The fifth is good, the sixth is not; the seventh lacks PM2.5 and 28 days are not there.
    assert (rate["met"], rate["evaluated"], rate["left_out"]) == ("1", "2", {"no_data": 29})


def test_milligrams_in_the_head_are_converted(tmp_path):
    table = "日期,PM2.5（mg/m³）\n2025-03-05,0.040\n"
    found = explained(written(tmp_path, table), "air", "某市", "2025-03-05")
    assert "浓度 40，分指数 56.25" in found.output


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("甲市,2025-03-08,abc,80,8,30,0.8,120", ("第 5 行", "PM2.5", "abc")),
        ("甲市,2025-03-08,40,-80,8,30,0.8,120", ("第 5 行", "PM10", "负数")),
        ("甲市,2025-03-08,40,80 ℃,8,30,0.8,120", ("第 5 行", "PM10", "可吸入颗粒物")),
        ("甲市,2025-03-05,40,80,8,30,0.8,120", ("第 5 行", "两行")),
    ],
)
def test_a_faulty_day_is_named_with_its_place(tmp_path, row, said):
    found = explained(written(tmp_path, AIR + row + "\n"), "air", "甲市", "2025-03")
    assert found.exit_code != 0
    assert [text for text in ("t.csv", *said) if text not in found.output] == []


@pytest.mark.parametrize("how", ["load", "indicator", "air"])
def test_a_moment_is_no_period_of_such_a_table(tmp_path, how):
    found = explained(written(tmp_path, AIR), how, "甲市", "2025-03-05 07:00")
    assert found.exit_code == 2 and "不是一个时段" in found.output


@pytest.mark.parametrize("how", ["load", "indicator", "air"])
def test_a_table_of_another_layout_is_refused_with_the_heads_that_are_needed(tmp_path, how):
    found = explained(written(tmp_path, "甲,乙\n1,2\n"), how, "甲厂", "2024-06")
    assert found.exit_code != 0
    assert "认不出这个表的格式" in found.output and "需要的表头" in found.output
    assert "找不到文件" in explained(tmp_path / "no.csv", how, "甲厂", "2024-06").output
