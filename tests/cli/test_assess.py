"""``bishui assess``, ``verify``, ``explain`` with their exit statuses."""

import json

import pytest

click = pytest.importorskip("click")
from click.testing import CliRunner  # noqa: E402

from bishui.cli.root import cli  # noqa: E402

TABLE = """site,time,item,value,unit,qualifier
甲断面,2024-02-01 08:00,化学需氧量,21,mg/L,
甲断面,2024-02-01 08:00,总磷,0.05,mg/L,
"""
SITES = "id,name,water_type\n甲断面,甲断面,river\n"
TARGETS = "site,target_class,period_from,period_to\n甲断面,Ⅲ,2024-01-01,2024-12-31\n"


@pytest.fixture
def files(tmp_path):
    for name, text in (("t.csv", TABLE), ("s.csv", SITES), ("g.csv", TARGETS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_assess_prints_class_and_attainment_and_writes_json(files):
    out = files / "out.json"
    found = call(
        "assess", files / "t.csv", "--sites", files / "s.csv", "--targets", files / "g.csv", "--json", out
    )
    assert found.exit_code == 0, found.output
    assert "Ⅳ类" in found.output
    assert "化学需氧量(0.05)" in found.output
    assert "不达标" in found.output
    (result,) = json.loads(out.read_text("utf-8"))["results"]
    assert (result["class"], result["attainment"]["state"]) == (4, "not_attained")


def test_assess_without_a_register_says_that_the_water_type_is_unknown(files):
    found = call("assess", files / "t.csv")
    assert found.exit_code == 0
    assert "水体类型不明" in found.output
    assert "--sites" in found.output


def test_rows_that_cannot_be_read_are_listed_and_the_status_is_1(files):
    (files / "t.csv").write_text(TABLE + "甲断面,2024-02-01 08:00,氨氮,abc,mg/L,\n", encoding="utf-8")
    found = call("assess", files / "t.csv", "--sites", files / "s.csv")
    assert found.exit_code == 1
    assert "第 4 行" in found.output
    assert "abc" in found.output


@pytest.mark.parametrize(
    "arguments",
    [["nothing.csv"], ["t.csv", "--period", "someday"], ["t.csv", "--set", "rounding=off"],
     ["t.csv", "--set", "round_before_compare=maybe"], ["t.csv", "--sites", "nothing.csv"]],
)  # fmt: skip
def test_a_wrong_call_ends_in_a_sentence_and_status_2(files, arguments):
    paths = [str(files / word) if word.endswith(".csv") else word for word in arguments]
    found = call("assess", *paths)
    assert found.exit_code == 2
    assert "Traceback" not in found.output
    assert "。" in found.output


def test_a_setting_is_changed_by_name(files):
    (files / "t.csv").write_text(TABLE.replace("21", "20.04"), encoding="utf-8")
    arguments = ("assess", files / "t.csv", "--sites", files / "s.csv", "--json", "-")
    found = json.loads(call(*arguments).output)["results"][0]
    changed = json.loads(call(*arguments, "--set", "round_before_compare=false").output)["results"][0]
    assert (found["class"], changed["class"]) == (3, 4)
    assert changed["method"] == "82-2020.1+round_before_compare=False"


def test_explain_shows_rows_and_clause(files):
    found = call(
        "explain",
        files / "t.csv",
        "--sites",
        files / "s.csv",
        "--site",
        "甲断面",
        "--item",
        "COD",
        "--period",
        "2024-02",
    )
    assert found.exit_code == 0, found.output
    assert "GB 3838-2002 表1 第5项" in found.output
    assert "2024-02-01 08:00" in found.output


def test_explain_of_an_unknown_item_names_the_known_ones(files):
    found = call("explain", files / "t.csv", "--site", "甲断面", "--item", "金", "--period", "2024-02")
    assert found.exit_code == 2
    assert "总磷" in found.output


def test_verify_passes_and_fails_by_the_cases(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("kind,input,decimals,expected\nround,9.5,0,10\n", encoding="utf-8")
    assert call("verify", path).exit_code == 0
    path.write_text("kind,input,decimals,expected\nround,9.5,0,9\n", encoding="utf-8")
    found = call("verify", path)
    assert found.exit_code == 1
    assert "不符" in found.output
    assert json.loads(call("verify", path, "--json", "-").output)["files"][0]["failed"] is True


def test_verify_of_nothing_is_a_wrong_call(tmp_path):
    assert call("verify", tmp_path / "nothing.csv").exit_code == 2
    assert call("verify").exit_code == 2


OWN = """[override]
name = "某市管控值"
basis = "甲文〔2024〕1号"
in_force_from = 2024-01-01
in_force_to = 2025-12-31

[[limit]]
standard = "gb3838"
item = "化学需氧量"
limits = { III = 25, IV = 30 }
unit = "mg/L"
source = "附件1"
"""


def test_a_bureaus_own_limit_decides_and_is_named_in_the_result_and_its_explanation(files):
    (files / "own.toml").write_text(OWN, encoding="utf-8")
    tables = (files / "t.csv", "--sites", files / "s.csv", "--targets", files / "g.csv")
    out = files / "out.json"
    assert call("assess", *tables, "--override", files / "own.toml", "--json", out).exit_code == 0
    (result,) = json.loads(out.read_text("utf-8"))["results"]
    assert (result["class"], result["attainment"]["state"]) == (3, "attained")
    assert result["standard"].startswith("GB 3838-2002+local:")
    which = ("--site", "甲断面", "--item", "化学需氧量", "--period", "2024-02", "--json", out)
    assert call("explain", *tables, *which, "--override", files / "own.toml").exit_code == 0
    assert "附件1" in out.read_text("utf-8")


def test_a_wrong_override_is_refused_with_the_place(files):
    (files / "own.toml").write_text(OWN.replace("化学需氧量", "化学需气量"), encoding="utf-8")
    found = call("assess", files / "t.csv", "--override", files / "own.toml")
    assert found.exit_code == 1
    assert "化学需气量" in found.output
