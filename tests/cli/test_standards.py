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
