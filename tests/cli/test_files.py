"""``--out`` of assess, area and rank, and ``explain --as``: files of data and opened results from the shell."""

import json

import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest

click = pytest.importorskip("click")
from click.testing import CliRunner  # noqa: E402

from bishui.assessment import result_schema  # noqa: E402
from bishui.cli.root import cli  # noqa: E402

TABLE = """site,time,item,value,unit,qualifier
甲断面,2024-02-01 08:00,化学需氧量,21,mg/L,
甲断面,2024-02-01 08:00,总磷,0.05,mg/L,
乙点位,2024-02-01 08:00,总磷,0.05,mg/L,
乙点位,2024-02-01 08:00,高锰酸盐指数,4,mg/L,
水文站,2024-02-01 08:00,流量,12.5,m3/s,
井,2024-02-01 08:00,氨氮,0.9,mg/L,
"""
SITES = """id,name,water_type,水体,经度,纬度,坐标系
甲断面,甲断面,river,甲河,109.41,24.30,国家2000
乙点位,乙点位,lake,乙湖,,,
"""


@pytest.fixture
def files(tmp_path):
    for name, text in (("t.csv", TABLE), ("s.csv", SITES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet", "gpkg", "geojson"])
def test_assess_writes_each_format_with_the_places_of_the_sites(files, ending):
    out = files / f"r.{ending}"
    found = call("assess", files / "t.csv", "--sites", files / "s.csv", "--out", out)
    assert found.exit_code == 0, found.output
    if ending == "parquet":
        table = pq.read_table(out)
        assert table.schema.equals(result_schema(), check_metadata=True)
        by_name = {row["name"]: row for row in table.to_pylist()}
        assert (by_name["甲断面"]["class"], by_name["甲断面"]["lon"]) == (4, 109.41)
        assert by_name["甲断面"]["precision_m"] == pytest.approx(556.6, abs=0.1)
        assert by_name["乙点位"]["lon"] is None
    elif ending in ("gpkg", "geojson"):
        _, table = pyogrio.read_arrow(out)
        assert {row["name"]: row["class"] for row in table.to_pylist()}["甲断面"] == 4
    elif ending == "xlsx":
        assert "甲断面" in [row[2] for row in openpyxl.load_workbook(out).worksheets[0].values]
    else:
        assert "甲断面" in out.read_text("utf-8-sig")


def test_an_unknown_ending_is_refused_before_anything_is_computed(files):
    found = call("assess", files / "no-such.csv", "--out", files / "r.pdf")
    assert found.exit_code == 2
    assert ".geojson" in found.output and "r.pdf" in found.output
    assert "Traceback" not in found.output


def test_area_and_rank_write_their_results_too(files):
    area, rank = files / "a.parquet", files / "k.parquet"
    sites = ("--sites", files / "s.csv", "--period", "2024-02")
    assert call("area", files / "t.csv", *sites, "--out", area).exit_code == 0
    assert {row["name"] for row in pq.read_table(area).to_pylist()} == {"甲河", "乙湖"}
    assert call("rank", files / "t.csv", *sites, "--by", "section", "--out", rank).exit_code == 0
    ranked = pq.read_table(rank).to_pylist()
    assert {row["period"] for row in ranked} == {"2024-02"}
    assert all(row["reason"] for row in ranked)


@pytest.mark.parametrize(
    ("how", "site", "against", "said"),
    [
        ("section", "甲断面", (), "甲断面 2024-02：Ⅳ类"),
        ("area", "甲河", (), "水质状况：轻度污染"),
        ("lake", "乙湖", (), "均值 0.05（1/1）"),
        ("index", "甲断面", (), "21 / 20 = 1.05"),
        ("zone", "甲断面", ("--against", "Ⅲ"), "判定：不达标，目标 Ⅲ类"),
        ("source", "甲断面", (), "判定："),
        ("ground-source", "井", (), "判定：不达标"),
        ("flow", "水文站", ("--against", "10"), "12.5 ≥ 10"),
        ("change", "甲断面", ("--against", "2024-01"), "甲断面 2024-02 较 2024-01："),
        ("change", "甲河", ("--against", "2024-01"), "甲河 2024-02 较 2024-01："),
        ("well", "井", (), "井 2024-02：Ⅳ类"),
        ("black-odorous", "甲断面", (), "评价办法"),
        ("effluent", "甲断面", ("--against", "1A"), "化学需氧量 2024-02-01：21 mg/L（1/1）：符合"),
    ],
)
def test_explain_opens_the_result_of_each_method(files, how, site, against, said):
    out = files / "e.json"
    command = ("explain", files / "t.csv", "--sites", files / "s.csv", "--site", site, "--period", "2024-02")
    found = call(*command, "--as", how, *against, "--json", out)
    assert found.exit_code == 0, found.output
    assert said in found.output
    form = json.loads(out.read_text("utf-8"))
    assert form["steps"] and form["rules"] and form["settings"]


@pytest.mark.parametrize(
    "options",
    [(), ("--as", "section", "--item", "总磷"), ("--as", "zone"), ("--as", "flow", "--against", "x")],
)
def test_explain_says_what_it_needs(files, options):
    found = call(
        "explain",
        files / "t.csv",
        "--sites",
        files / "s.csv",
        "--site",
        "甲断面",
        "--period",
        "2024-02",
        *options,
    )
    assert found.exit_code == 2
    assert "Traceback" not in found.output


def test_explain_says_that_there_is_no_such_result(files):
    found = call("explain", files / "t.csv", "--site", "无此断面", "--period", "2024-02", "--as", "section")
    assert found.exit_code == 1
    assert "无此断面" in found.output
