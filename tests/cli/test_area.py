"""``bishui area`` and ``bishui assess --item-list``."""

import json

import pyarrow.parquet as pq
import pytest

pytest.importorskip("click")
from click.testing import CliRunner

from bishui.cli.root import cli

TABLE = """site,time,item,value,unit
A1,2023-02-01 08:00,化学需氧量,25,mg/L
A1,2024-02-01 08:00,化学需氧量,18,mg/L
A2,2023-02-01 08:00,化学需氧量,23,mg/L
A2,2024-02-01 08:00,化学需氧量,16,mg/L
L1,2024-02-01 08:00,总磷,0.06,mg/L
L2,2024-02-01 08:00,总磷,0.03,mg/L
L3,2024-02-01 08:00,总磷,0.5,mg/L
"""
SITES = """id,name,water_type,水体,流域,行政区划,作用
A1,甲一,river,甲河,丁水系,450000,
A2,甲二,river,甲河,丁水系,450000,
L1,湖一,lake,乙湖,丁水系,450000,
L2,湖二,lake,乙湖,丁水系,450000,湖内
L3,入湖口,river,乙湖,丁水系,450000,入湖
"""
OWN = """[override]
name = "甲市管控值"
basis = "甲文〔2021〕1号"
in_force_from = 2021-01-01

[[setting]]
rules = "change"
name = "different_sections"
value = "common"
source = "第三条"
"""


@pytest.fixture
def files(tmp_path):
    for name, text in (("t.csv", TABLE), ("s.csv", SITES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def areas(files, *more):
    found = call("area", files / "t.csv", "--sites", files / "s.csv", "--json", "-", *more)
    assert found.exit_code == 0, found.output
    return {entry["name"]: entry for entry in json.loads(found.output)["areas"]}


def test_a_river_and_a_lake_each_in_its_own_way(files):
    found = areas(files, "--period", "2024")
    river, lake = found["甲河"], found["乙湖"]
    assert (river["kind"], river["by"], river["class"]) == ("area", "means", 3)
    assert (lake["kind"], lake["class"], lake["left_out"]) == ("lake", 3, {"L3": "inflow"})


def test_a_basin_and_a_division_by_shares(files):
    for by, name in (("basin", "丁水系"), ("division", "450000")):
        found = areas(files, "--period", "2024", "--by", by)[name]
        assert (found["by"], found["status"], found["rates"]["good"]["percent"]) == (
            "shares",
            "中度污染",
            "60.0",
        )


def test_the_change_against_another_period(files):
    found = areas(files, "--period", "2024", "--compare", "2023")
    assert found["甲河"]["change"]["verdict"] == "better"
    assert found["乙湖"]["change"]["verdict"] is None


def test_a_file_holds_each_status_its_shares_and_rates_and_its_change(files):
    out = files / "a.parquet"
    command = ("area", files / "t.csv", "--sites", files / "s.csv", "--period", "2024", "--compare", "2023")
    assert call(*command, "--out", out).exit_code == 0
    river = [row for row in pq.read_table(out).to_pylist() if row["name"] == "甲河"]
    assert [row["method"] for row in river] == [
        "area", *["class_share"] * 6, "good_rate", "worst_rate", "attainment_rate", "change"
    ]  # fmt: skip
    (change,) = [row for row in river if row["method"] == "change"]
    assert (change["period"], change["base_period"], change["class_label"]) == ("2024", "2023", "有所好转")
    assert all(row["reason"] == "no_data" for row in river if row["method"] == "attainment_rate")


def test_the_change_is_judged_by_the_bureaus_own_settings(files):
    (files / "own.toml").write_text(OWN, encoding="utf-8")
    given = ("--period", "2024", "--compare", "2023", "--by", "basin")
    assert areas(files, *given)["丁水系"]["change"]["verdict"] is None
    found = areas(files, *given, "--override", files / "own.toml")["丁水系"]["change"]
    assert (found["verdict"], found["sections"]) == ("clearly_better", {"compared": 2, "of": 5})


def test_the_table_is_printed_with_words(files):
    found = call("area", files / "t.csv", "--sites", files / "s.csv", "--period", "2024", "--compare", "2023")
    assert found.exit_code == 0, found.output
    for word in ("甲河", "良好", "有所好转", "不可比"):
        assert word in found.output


def test_shares_forced_to_100(files):
    found = areas(files, "--period", "2024", "--by", "basin", "--sum-to-100")["丁水系"]
    assert found["class_shares"]["forced_to_100"]


@pytest.mark.parametrize(
    "arguments",
    [["--period", "2024"], ["--sites", "s.csv", "--period", "month"],
     ["--sites", "plain.csv", "--period", "2024"], ["--sites", "s.csv", "--period", "2024", "--by", "sea"]],
)  # fmt: skip
def test_a_wrong_call_ends_in_a_sentence_and_status_2(files, arguments):
    (files / "plain.csv").write_text("id,name,water_type\nA1,甲一,river\n", encoding="utf-8")
    paths = [str(files / word) if word.endswith(".csv") else word for word in arguments]
    found = call("area", files / "t.csv", *paths)
    assert (found.exit_code, "Traceback" in found.output) == (2, False)


def test_assess_by_an_item_list(files):
    arguments = ("assess", files / "t.csv", "--sites", files / "s.csv", "--period", "2024", "--json", "-")
    by_all = {entry["site"]: entry for entry in json.loads(call(*arguments).output)["results"]}
    by_list = json.loads(call(*arguments, "--item-list", "5+x").output)["results"]
    of = {entry["site"]: entry for entry in by_list}
    assert by_all["A1"]["item_list_rule"] is None
    # COD was over class Ⅲ in 2023, so it is in X of both years.
    assert (of["A1"]["item_list"], of["A1"]["item_list_rule"]) == (["cod"], "5+x@714-2020.1")
    assert "nh3n" in of["A1"]["items_missing"]


BACKGROUND = (
    "site,item,period_from,period_to,limit,document\nL1,总磷,2024-01-01,2024-12-31,,某函〔2024〕1号\n"
)


def test_natural_background_is_given_both_ways(files):
    (files / "b.csv").write_text(BACKGROUND, encoding="utf-8")
    more = ("--period", "2024", "--compare", "2023", "--by", "basin", "--background", files / "b.csv")
    found = areas(files, *more)["丁水系"]
    assert found["rates"]["good"] == {"met": 3, "of": 5, "percent": "60.0"}
    assert found["without_background"]["rates"]["good"] == {"met": 3, "of": 4, "percent": "75.0"}
    (files / "t.csv").write_text(TABLE + "L1,2024-02-01 08:00,氨氮,0.4,mg/L\n", encoding="utf-8")
    arguments = ("assess", files / "t.csv", "--sites", files / "s.csv", "--period", "2024")
    printed = call(*arguments, "--background", files / "b.csv").output
    assert "湖一 2024：实测 Ⅳ类，扣除自然本底（总磷）后 Ⅱ类。" in printed
    (entry,) = json.loads(call(*arguments, "--background", files / "b.csv", "--json", "-").output)[
        "background"
    ]
    assert (entry["measured"]["class"], entry["deducted"]["class"]) == (4, 2)


@pytest.mark.parametrize(
    "row", ["L1,总磷,2024-12-31,2024-01-01,,文", "L1,总磷,2024-01-01,2024-12-31,多,文", "L1,氡,2024-01-01,2024-12-31,,文",
            "L1,总磷,2024-01-01,2024-12-31,,"],
)  # fmt: skip
def test_a_faulty_table_of_backgrounds_is_refused(files, row):
    (files / "b.csv").write_text(BACKGROUND.splitlines()[0] + "\n" + row + "\n", encoding="utf-8")
    found = call(
        "area",
        files / "t.csv",
        "--sites",
        files / "s.csv",
        "--period",
        "2024",
        "--background",
        files / "b.csv",
    )
    assert (found.exit_code, "Traceback" in found.output) == (1, False)
