"""``bishui observations check``: proposals with their numbers, flags to edit, exit statuses."""

import json

import pytest

click = pytest.importorskip("click")
from click.testing import CliRunner  # noqa: E402

from bishui.cli.root import cli  # noqa: E402
from bishui.observations import read_flags  # noqa: E402

HEAD = "断面名称,监测时间,项目,结果,单位,来源\n"
ROWS = (
    "甲断面,2024-03-05 08:00,氨氮,3.0,mg/L,自动\n"
    "甲断面,2024-03-05 08:00,总氮,2.0,mg/L,自动\n"
    "甲断面,2024-03-05 08:00,溶解氧,25,mg/L,自动\n"
    "乙断面,2024-03-05 08:00,溶解氧,25,mg/L,手工\n"
)


@pytest.fixture
def readings(tmp_path):
    path = tmp_path / "readings.csv"
    path.write_text(HEAD + ROWS, encoding="gb18030")
    return path


def call(*arguments):
    return CliRunner().invoke(cli, ["observations", "check", *map(str, arguments)])


def test_what_is_doubtful_is_told_with_its_numbers(readings):
    found = call(readings, "--json", "-")
    assert found.exit_code == 0, found.output
    told = {its["rule"]: its["told"] for its in json.loads(found.output)["findings"]}
    assert told == {
        "instrument_range": "溶解氧 25 mg/L 超出仪器量程（0～20 mg/L）。",
        "part_above_whole": "氨氮 3 mg/L 大于同次监测的 总氮 2 mg/L。",
    }


def test_a_threshold_changed_by_name_shows_in_the_version(readings):
    found = json.loads(call(readings, "--json", "-", "--set", "part_share=0.9").output)
    assert found["rules"].endswith("+part_share=0.9")
    assert {its["severity"] for its in found["findings"] if its["rule"] == "part_above_whole"} == {"notice"}


def test_proposed_flags_are_a_table_of_flags_that_nobody_has_signed(readings, tmp_path):
    assert call(readings, "--flags", tmp_path / "proposed.csv").exit_code == 0
    flags = read_flags(tmp_path / "proposed.csv").to_pylist()
    assert [(its["item"], its["flag"], its["by"]) for its in flags] == [
        ("do", "under_review", None),
        ("nh3n", "under_review", None),
    ]
    assert all(its["reason"] for its in flags)


def test_rows_that_cannot_be_read_end_with_1_and_a_missing_file_with_2(readings, tmp_path):
    readings.write_text(HEAD + ROWS + '甲断面,2024-03-05 12:00,氨氮,"1,2",mg/L,自动\n', encoding="utf-8")
    found = call(readings)
    assert (found.exit_code, "2 处疑点" in found.output) == (1, True)
    assert call(tmp_path / "none.csv").exit_code == 2
