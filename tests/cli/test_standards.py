"""``bishui limit`` and ``bishui standards`` as a person calls them."""

import json

import pytest
from click.testing import CliRunner

from bishui.cli.root import cli

OWN = """
[override]
name = "某市管控值"
basis = "甲文〔2026〕1号"
in_force_from = 2026-01-01
[[limit]]
standard = "gb3838"
item = "cod"
limits = { III = 18 }
unit = "mg/L"
source = "附件1"
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "200"})


def test_limit_shows_value_clause_and_source():
    result = run("limit", "化学需氧量", "--standard", "gb3838", "--on", "2024-01-01")
    assert result.exit_code == 0
    for said in ("GB 3838-2002 表1 第5项", "≤ 20", "Ⅲ类", "mg/L", "标准文本"):
        assert said in result.output


def test_limit_as_json_has_every_row():
    result = run("limit", "benzene", "--on", "2024-01-01", "--json")
    rows = json.loads(result.output)
    assert {row["standard"] for row in rows} == {"gb3838", "gb14848", "gb18918", "gb8978"}
    assert all(row["clause"] and row["source"] for row in rows)


def test_an_override_is_shown_as_such_beside_the_national_value(own):
    result = run("limit", "cod", "--standard", "gb3838", "--on", "2026-02-01", "--override", own)
    assert "≤ 18（本级；国家 ≤ 20）" in result.output
    assert "甲文〔2026〕1号" in result.output


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("AQI", ("细颗粒物", "可吸入颗粒物", "二氧化硫", "二氧化氮", "一氧化碳", "臭氧", "HJ 633")),
        ("空气质量指数", ("细颗粒物", "GB 3095-2026")),
        ("昼间等效声级", ("GB 3096-2008", "昼间")),
        ("夜间等效声级", ("GB 12348-2008", "夜间")),
        ("Leq", ("昼间", "夜间")),
        ("LAeq", ("昼间", "夜间")),
        ("挥发性酚", ("GB 3838-2002 表1",)),
        ("耗氧量", ("GB/T 14848-2017",)),
        ("铬", ("铬（六价）", "总铬")),
        ("O3-8h", ("日最大8小时平均",)),
    ],
)
def test_words_that_name_no_single_item_find_what_they_mean(word, said):
    result = run("limit", word, "--on", "2026-04-01")
    assert result.exit_code == 0
    assert [text for text in said if text not in result.output] == []


def test_the_word_for_the_night_shows_the_limits_of_the_night_alone():
    rows = json.loads(run("limit", "夜间等效声级", "--on", "2026-04-01", "--json").output)
    assert {row["conditions"]["period"] for row in rows} == {"night"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("氨氮浓度", "氨氮"), ("高锰酸钾盐指数", "高锰酸盐指数"), ("溶氧量", "溶解氧"), ("粪大肠杆菌", "粪大肠菌群"),
     ("悬浮颗粒", "悬浮物"), ("空气指数", "空气质量指数（AQI）"), ("amonia nitrogen", "氨氮"), ("等效A声级", "等效声级")],
)  # fmt: skip
def test_a_near_miss_names_what_may_have_been_meant(typed, meant):
    result = run("limit", typed)
    assert result.exit_code == 2
    assert meant in result.output.replace("\n", "")


def test_what_is_not_known_ends_with_2_and_what_is_not_limited_with_1():
    assert run("limit", "没有这个").exit_code == 2
    assert run("limit", "cod", "--standard", "gb0").exit_code == 2
    assert run("limit", "透明度", "--standard", "gb3838").exit_code == 1


def test_standards_lists_editions_and_certainty():
    result = run("standards")
    assert result.exit_code == 0
    assert "GB 3095-2012" in result.output
    assert "2016-01-01 至 2026-02-28" in result.output
    assert "B 154 C 216" in result.output
    listed = json.loads(run("standards", "--json").output)
    assert sum(entry["limits"] for entry in listed) == 1260


def test_check_accepts_a_good_file_and_names_each_fault_of_a_bad_one(own):
    assert "限值 1 条" in run("standards", "--check", own).output
    assert json.loads(run("standards", "--check", own, "--json").output)["limits"] == 1
    own.write_text(OWN.replace("III = 18", "III = 10"), encoding="utf-8")
    result = run("standards", "--check", own)
    assert result.exit_code == 1
    assert "次序颠倒" in result.output


@pytest.mark.parametrize("name", ["limit", "standards"])
def test_help_stands_in_both_languages(name):
    text = run(name, "--help").output
    assert "标准" in text
    assert "JSON" in text
    assert any(word in text for word in ("Show", "List"))
