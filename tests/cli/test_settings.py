"""``--set`` and ``--override`` of the commands over tables: every method that has settings is reached."""

import json
from datetime import date

import pytest

click = pytest.importorskip("click")
from click.testing import CliRunner  # noqa: E402

from bishui.cli.root import cli  # noqa: E402
from bishui.cli.settings import settings_of  # noqa: E402
from bishui.errors import CallError  # noqa: E402

HEAD = "site,time,item,value,unit,qualifier\n"
OWN = """
[override]
name = "某市管控值"
basis = "甲文〔2024〕1号"
in_force_from = 2024-01-01

[[limit]]
standard = "gb3838"
item = "do"
when = { water_type = "river" }
limits = { III = 4 }
unit = "mg/L"
source = "附件1"

[[setting]]
rules = "cwqi"
name = "index_decimals"
value = 2
source = "第四条"

[[setting]]
rules = "room"
name = "risk_percent"
value = 60
source = "第五条"
"""
DAY = date(2024, 12, 31)


@pytest.fixture
def files(tmp_path):
    rows = "".join(
        f"{site},2024-02-0{day} 08:00,{item},{value},mg/L,\n"
        for day in (1, 2)
        for site, do in (("甲断面", "4"), ("乙断面", "5"))
        for item, value in (("溶解氧", do), ("氨氮", "0.4"))
    )
    texts = {
        "t.csv": HEAD + rows,
        "s.csv": "id,name,water_type,division,water\na,甲断面,river,甲市,东河\nb,乙断面,river,乙市,东河\n",
        "g.csv": "site,target_class,period_from,period_to\na,Ⅲ,2024-01-01,2024-12-31\n",
        "own.toml": OWN,
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def call(files, command, *arguments):
    given = (command, files / "t.csv", "--sites", files / "s.csv", *arguments, "--json", "-")
    found = CliRunner().invoke(cli, [str(argument) for argument in given])
    assert found.exit_code == 0, found.output
    return json.loads(found.output)


class TestNames:
    def test_a_name_goes_where_it_is_known(self):
        given = settings_of(("index_decimals=2", "round_before_compare=false"), ("cwqi",), DAY)
        assert given.of("cwqi") == {"index_decimals": 2}
        assert given.method is not None and given.method.round_before_compare is False

    def test_without_a_setting_of_the_method_each_period_keeps_its_edition(self):
        assert settings_of(("index_decimals=2",), ("cwqi",), DAY).method is None

    def test_a_qualified_name_is_that_of_its_rules(self):
        given = settings_of(("shares.decimals=2",), ("area_status", "shares"), DAY)
        assert given.changes == {"shares": {"decimals": 2}}

    @pytest.mark.parametrize("text", ["no_such=1", "shares.no_such=1", "round_before_compare"])
    def test_an_unknown_name_is_said_with_those_that_are_known(self, text):
        with pytest.raises(CallError):
            given = settings_of((text,), ("shares",), DAY)
            given.rules("shares", DAY)


class TestReach:
    def test_area(self, files):
        arguments = ("--by", "water", "--period", "2024-02")
        assert call(files, "area", *arguments)["areas"][0]["by"] == "means"
        found = call(files, "area", *arguments, "--set", "share_method_from=2")
        assert found["areas"][0]["by"] == "shares"

    def test_rank(self, files):
        arguments = ("--period", "2024-02", "--by", "section", "--set", "needed_items=")
        found = call(files, "rank", *arguments, "--set", "index_decimals=1")
        assert found["rules"]["settings"]["index_decimals"]["value"] == 1

    def test_room(self, files):
        arguments = ("--targets", files / "g.csv", "--on", "2024-06-30")
        found = call(files, "room", *arguments, "--set", "draws=50", "--set", "round_before_compare=false")
        assert found["rules"]["settings"]["draws"]["value"] == 50
        assert "round_before_compare" in found["method"]["version"]


class TestOverride:
    """GB 3838-2002 表1: dissolved oxygen of class Ⅲ is 5 mg/L; the bureau's own 4 mg/L lets 4 comply."""

    def test_area_pools_by_the_bureaus_limits(self, files):
        arguments = ("--by", "water", "--period", "2024-02")
        assert call(files, "area", *arguments)["areas"][0]["class"] == 4
        found = call(files, "area", *arguments, "--override", files / "own.toml")["areas"][0]
        assert found["class"] == 3
        assert found["pooled"]["standard"].startswith("GB 3838-2002+local:")

    def test_rank_divides_by_the_bureaus_limits(self, files):
        arguments = ("--period", "2024-02", "--by", "section", "--set", "needed_items=")
        found = call(files, "rank", *arguments, "--override", files / "own.toml")
        by_name = {place["name"]: place for place in found["places"]}
        # 0.4 / 1.0 + 4 / 4
        assert by_name["甲断面"]["index"] == "1.40"

    def test_room_asks_for_the_bureaus_limits(self, files):
        arguments = ("--targets", files / "g.csv", "--on", "2024-06-30", "--override", files / "own.toml")
        found = call(files, "room", *arguments)
        oxygen = next(entry for entry in found["sections"][0]["items"] if entry["item"] == "do")
        assert oxygen["limit"] == "4"
        assert found["rules"]["settings"]["risk_percent"]["value"] == 60
