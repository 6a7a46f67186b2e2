"""The files a user would upload hold the city's measurements, and the deliberate faults are found."""

import csv
import json

import pytest
from click.testing import CliRunner

from bishui.cli.twin import twin
from bishui.errors import CallError
from bishui.observations import read_table
from bishui.observations.schema import Mark
from bishui.standards import items
from bishui.twin import AS_OF, build_city, measurement_files, network_files
from bishui.twin.city import load


@pytest.fixture(scope="module")
def city():
    return build_city()


@pytest.fixture(scope="module")
def files(city, tmp_path_factory):
    return measurement_files(city, tmp_path_factory.mktemp("measurements"))


def content(table):
    wanted = {
        (row["site"], row["time"], row["item"]): (row["value"], row["mark"])
        for row in table.to_pylist()
        if row["mark"] != Mark.NOT_GIVEN
    }
    assert wanted
    return wanted


@pytest.mark.parametrize(("kind", "source"), [("automatic", "automatic"), ("manual", "manual")])
def test_importing_the_file_gives_the_measurements_of_the_city(city, files, kind, source):
    names = {section.id: section.name_zh for section in city.sections}
    result = read_table(files[kind])
    assert not result.problems
    expected = city.measurements(until=AS_OF).to_pylist()
    chosen = {
        (names[row["site"]], row["time"], row["item"]): (row["value"], row["mark"])
        for row in expected
        if row["source"] == source
    }
    assert content(result.table) == chosen


def test_the_published_layout_is_gbk_without_a_year_in_its_times(files):
    lines = list(csv.reader(files["automatic"].read_text(encoding="gbk").splitlines()))
    assert lines[0][:5] == ["省份", "流域", "断面名称", "监测时间", "水质类别"]
    assert lines[1][3] == "01-01 00:00"
    assert {line[-1] for line in lines[1:]} == {"正常", "维护", "停站"}


def test_each_deliberate_fault_is_found_in_its_row(files):
    truth = json.loads(files["faults"].read_text(encoding="utf-8"))
    found = {problem.where.row for problem in read_table(files["faulty"]).problems}
    assert {fault["row"] for fault in truth if fault["fatal"]} <= found
    harmless = {f["row"] for f in truth if f["kind"] in ("full-width", "no-reading", "exact-repeat")}
    assert not harmless & found


def test_only_faulty_rows_are_reported(files):
    truth = json.loads(files["faults"].read_text(encoding="utf-8"))
    known = {fault["row"] for fault in truth} | {f["copy_of"] for f in truth if "copy_of" in f}
    assert {problem.where.row for problem in read_table(files["faulty"]).problems} <= known


def test_the_same_city_gives_the_same_files(city, files, tmp_path):
    for name, path in measurement_files(city, tmp_path).items():
        assert path.read_bytes() == files[name].read_bytes(), name


def test_every_item_is_known_to_the_standards():
    assert {item["key"] for item in load("items.toml")["item"]} <= set(items())


def test_the_network_files_hold_every_reach_and_section(city, tmp_path):
    paths = network_files(city, tmp_path)
    collection = json.loads(paths["reaches.geojson"].read_text(encoding="utf-8"))
    assert [f["properties"]["id"] for f in collection["features"]] == [r.id for r in city.reaches]
    rows = list(csv.DictReader(paths["sections.csv"].read_text(encoding="utf-8-sig").splitlines()))
    assert [row["name_zh"] for row in rows] == [s.name_zh for s in city.sections]


def test_the_command_writes_everything_and_lists_it(tmp_path):
    result = CliRunner().invoke(twin, [str(tmp_path / "city"), "--json"])
    assert result.exit_code == 0, result.output
    listed = json.loads(result.stdout)
    assert set(listed) == {"plan", "measurements", "network", "truth"}
    written = {str(path) for path in (tmp_path / "city").rglob("*") if path.is_file()}
    assert {path for kind in listed.values() for path in kind.values()} == written


def test_a_folder_that_cannot_be_made_is_named_with_a_remedy(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(CallError) as caught:
        CliRunner().invoke(twin, [str(blocked)], catch_exceptions=False)
    assert str(blocked) in str(caught.value)
    assert caught.value.exit_status == 2
