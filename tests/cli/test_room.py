"""``bishui room`` with its exit statuses."""

import json

import pytest

click = pytest.importorskip("click")
from click.testing import CliRunner  # noqa: E402

from bishui.cli.root import cli  # noqa: E402

HEAD = "site,time,item,value,unit,qualifier\n"
ROWS = "".join(f"甲断面,2024-{month:02}-05 08:00,氨氮,1.2,mg/L,\n" for month in range(1, 7))


@pytest.fixture
def files(tmp_path):
    (tmp_path / "t.csv").write_text(HEAD + ROWS, encoding="utf-8")
    (tmp_path / "s.csv").write_text("id,name,water_type\n甲断面,甲断面,river\n", encoding="utf-8")
    (tmp_path / "g.csv").write_text(
        "site,target_class,period_from,period_to\n甲断面,Ⅲ,2024-01-01,2024-12-31\n", encoding="utf-8"
    )
    return tmp_path


def call(files, *arguments):
    given = ("room", files / "t.csv", "--sites", files / "s.csv", "--targets", files / "g.csv", *arguments)
    return CliRunner().invoke(cli, [str(argument) for argument in given])


def test_room_prints_what_the_remaining_months_may_have_and_writes_json(files):
    out = files / "out.json"
    found = call(files, "--on", "2024-06-30", "--rate", "100", "--json", out)
    assert found.exit_code == 0, found.output
    assert "≤ 0.81" in found.output
    assert "1 个断面中最多可有 0 个不达标" in found.output
    (section,) = json.loads(out.read_text("utf-8"))["sections"]
    assert (section["state"], section["items"][0]["most"]["printed"]) == ("open", "0.81")


def test_room_opens_to_the_rows_of_each_month_and_the_arithmetic(files):
    """(12 × 1.005 − 6 × 1.2) ÷ 6: the unrounded mean of the year may come to 1.005, which rounds to 1.00."""
    found = call(files, "--on", "2024-06-30", "--open")
    assert "2024-03-05 08:00 1.2" in found.output
    assert "(12 × 界限 - 7.2) ÷ 6 = 0.81" in found.output
    assert "依据 GB 3838-2002 表1 第7项" in found.output


@pytest.mark.parametrize("arguments", [("--on", "June"), ("--on", "2024-06-30", "--rate", "all")])
def test_a_wrong_call_is_said_with_status_2(files, arguments):
    found = call(files, *arguments)
    assert found.exit_code == 2
    assert arguments[-1] in found.output


def test_rows_that_cannot_be_read_end_with_status_1(files):
    (files / "t.csv").write_text(HEAD + ROWS + "甲断面,2024-06-05 08:00,氨氮,abc,mg/L,\n", encoding="utf-8")
    found = call(files, "--on", "2024-06-30")
    assert found.exit_code == 1
    assert "abc" in found.output
