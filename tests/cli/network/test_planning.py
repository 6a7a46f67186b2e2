"""``bishui network``: inflow along reaches, bands, design flow, base flow, allocation, non-point, balance."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bishui.cli.root import cli
from bishui.network import build_file, read_network, solve
from bishui.network.tables import Pollutant

REACHES = """河段编号,下游编号,长度（km）,流速（m/s）,水温,区间流量（m³/s）,区间浓度（μg/L）,沿程入流（L/(s·km)）,沿程浓度,沿程负荷（kg/(d·km)）
a,m,8.64,0.5,20,4,COD=15000,10,COD=30,COD=5
b,m,8.64,0.5,20,4,COD=15000,,,
m,,17.28,0.5,20,0,,,,
"""
POLLUTANTS = "污染物,降解系数（1/d）\nCOD,0.25\nNH3N,0.1\n"
LOADS = "排口编号,河段编号,里程,流量（万t/d）,浓度（mg/L）,下限负荷（kg/d）\no1,b,4320,4.32,COD=60,COD=500\no2,m,1000,2,COD=50,COD=300\n"
SECTIONS = "断面编号,河段编号,里程,限值,实测浓度,标准差,生态流量\ns1,m,17280,COD=13.5,COD=20,COD=1,9\ns0,a,8000,,COD=14,COD=0.5,4\n"
CATCHMENTS = "汇水区,河段编号,农村人口（万人）,生猪（头）,粪污利用率（%）,耕地（亩）,农田修正\n南乡,a,2,5000,85,12000,坡地\n北乡,b,1,,,8000,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tables = {
        "reaches": REACHES,
        "pollutants": POLLUTANTS,
        "loads": LOADS,
        "sections": SECTIONS,
        "catchments": CATCHMENTS,
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["network", *map(str, arguments)])


def read(result: Result) -> dict:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def tables(folder: Path) -> list[object]:
    names = ("pollutants", "loads", "sections")
    return [part for name in names for part in (f"--{name}", folder / f"{name}.csv")]


def test_units_in_the_head_hold_for_concentrations_and_for_what_enters_along(folder: Path) -> None:
    file = read_network(folder / "reaches.csv")
    assert file.lateral["COD"].tolist() == pytest.approx([15.0, 15.0, 0.0])
    assert file.diffuse is not None
    assert file.diffuse.flow.tolist() == pytest.approx([1e-5, 0.0, 0.0]), "10 L/(s·km) are 10⁻⁵ m³/s per m"
    assert file.diffuse.rates["COD"][0] == pytest.approx(1e-5 * 30 + 5 / 86_400)
    wrong = REACHES.replace("区间浓度（μg/L）", "区间浓度（ppm）")
    (folder / "wrong.csv").write_text(wrong, encoding="utf-8")
    result = run("check", folder / "wrong.csv")
    assert result.exit_code == 1
    assert "“区间浓度（ppm）”的单位“ppm”" in result.stderr and "μg/l" in result.stderr


def test_what_enters_along_a_reach_is_solved_named_and_drawn(folder: Path) -> None:
    content = read(run("solve", folder / "reaches.csv", *tables(folder), "--bands", "--json", "-"))
    balance = content["balance"]["COD"]
    entered = 8 * 15 + (1e-5 * 30 + 5 / 86_400) * 8640 + 0.5 * 60 + 2e4 / 86_400 * 50
    assert balance["in_g_s"] == pytest.approx(entered, rel=1e-12)
    assert abs(balance["residual"]) < 1e-12
    middle = content["sections"][0]["concentration_mg_l"]["COD"]
    low, likely, high = content["bands"][0]["concentration_mg_l"]["COD"]
    assert low < likely < high and low < middle < high
    shown = run("contributions", folder / "reaches.csv", *tables(folder), "--section", "s1")
    assert "沿程入流 a" in shown.stdout


def test_the_balance_tells_outfalls_local_inflow_and_land_apart(folder: Path) -> None:
    content = read(run("balance", folder / "reaches.csv", *tables(folder), "--json", "-"))
    lower, upper = content["COD"]
    assert [source["source"] for source in upper["sources"]] == ["lateral", "diffuse"]
    assert {source["source"] for source in lower["sources"]} == {"lateral", "diffuse", "o1", "o2"}
    assert upper["explained"] == pytest.approx(sum(one["arriving"] for one in upper["sources"]))
    assert lower["remainder"] > 0 > upper["remainder"]
    shown = run("balance", folder / "reaches.csv", *tables(folder)).stdout
    assert "未由所列污染源解释" in shown and "沿程面源" in shown


def test_allocation_names_what_binds_and_what_fairness_costs(folder: Path) -> None:
    content = read(run("allocate", folder / "reaches.csv", *tables(folder), "--json", "-"))
    best, *fair = content["COD"]
    assert (best["rule"], best["binding"]) == ("max_total", ["s1"])
    assert best["sections"][0]["shadow_price"] > 1
    assert all(one["price_of_fairness"] >= -1e-9 and one["total"] <= best["total"] + 1e-9 for one in fair)
    floors = {one["outfall"]: one["load"] * 86.4 for one in best["outfalls"]}
    assert floors["o1"] >= 500 - 1e-6 and floors["o2"] >= 300 - 1e-6
    shown = run("allocate", folder / "reaches.csv", *tables(folder))
    assert "约束" in shown.stdout and "等浓度" in shown.stdout
    (folder / "sections.csv").write_text(SECTIONS.replace("COD=13.5", "COD=2"), encoding="utf-8")
    refused = run("allocate", folder / "reaches.csv", *tables(folder))
    assert refused.exit_code == 1 and "断面“s1”在全部排口降到下限后仍超出" in refused.stderr


def test_base_flow_is_routed_and_says_what_to_release(folder: Path) -> None:
    places = ["--sections", folder / "sections.csv", "--json", "-"]
    lower, upper = read(run("base-flow", folder / "reaches.csv", *places))["base_flows"]
    assert upper["kept"] and upper["arrives_m3_s"] == pytest.approx(4.08)
    assert lower["arrives_m3_s"] == pytest.approx(8.0864)
    assert lower["factor"] == pytest.approx(9 / 8.0864), "what enters along the reach rises with the rest"
    held = read(run("base-flow", folder / "reaches.csv", *places, "--release", "b=1"))["base_flows"][0]
    assert held["arrives_m3_s"] == pytest.approx(5.0864)
    assert held["more_release_m3_s"] == {"b": pytest.approx(9 - 5.0864)}


def monthly(years: range) -> str:
    heads = ",".join(f"{month}月（m3/s）" for month in range(1, 13))
    rows = [
        f"{year}," + ",".join(f"{(year * 7 + month * 13) % 23 + 2.5}" for month in range(1, 13))
        for year in years
    ]
    return "\r\n".join([f"年份,{heads}", *rows]) + "\r\n"


def test_the_design_flow_by_both_definitions_from_a_yearbook_table(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_bytes(monthly(range(2006, 2026)).encode("gbk"))
    driest, lowest, _ = read(run("design-flow", path, "--json", "-"))["design_flows"]
    minima = sorted(
        (min((year * 7 + month * 13) % 23 + 2.5 for month in range(1, 13)) for year in range(2006, 2026)),
        reverse=True,
    )
    assert driest["value"] == pytest.approx(minima[17] + 0.9 * (minima[18] - minima[17]))
    assert lowest["value"] == min(
        (year * 7 + month * 13) % 23 + 2.5 for year in range(2016, 2026) for month in range(1, 13)
    )
    path.write_bytes(monthly(range(2018, 2026)).encode("gbk"))
    short = run("design-flow", path)
    assert short.exit_code == 1 and "只有 8 个完整年" in short.stderr
    marked = read(run("design-flow", path, "--set", "short_series=mark", "--json", "-"))
    assert all(one["short"] for one in marked["design_flows"])


def test_monthly_flows_in_a_long_table_with_faults_are_refused_cell_by_cell(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_text(
        "年,月,月平均流量\n2020,1,5\n2020,1,6\n2020,13,6\n2020,2,-1\n2020,3,五\n", encoding="utf-8"
    )
    result = run("design-flow", path)
    assert result.exit_code == 1
    for told in ("第 3 行", "2020 年 1 月重复", "2020 年 13 月", "数值 -1 为负", "“五”不是数"):
        assert told in result.stderr


def test_non_point_loads_by_catchment_enter_along_their_reaches(folder: Path) -> None:
    target = folder / "with_land.gpkg"
    result = run("nonpoint", folder / "reaches.csv", folder / "catchments.csv", "-o", target)
    assert result.exit_code == 0 and "没有系数而未计的" in result.stdout
    before, after = read_network(folder / "reaches.csv"), read_network(target)
    assert before.diffuse is not None and after.diffuse is not None
    added = (after.diffuse.rates["COD"] - before.diffuse.rates["COD"]) * before.reaches.length
    content = read(run("nonpoint", folder / "reaches.csv", folder / "catchments.csv", "--json", "-"))
    for row, one in enumerate(content["catchments"]):
        entering = sum(load["entering"]["value"] for load in one["loads"] if load["item"] == "cod")
        assert added[row] == pytest.approx(entering * 1e6 / (365 * 86_400))
    rural = next(load for load in content["catchments"][0]["loads"] if load["source"] == "rural")
    assert rural["generated"]["value"] == pytest.approx(20_000 * 40 * 365 / 1e6)
    solution = solve(build_file(after), [Pollutant("COD", 0.25)], [], after.lateral, after.diffuse)
    assert abs(solution.balance.residual[0]) < 1e-12


def test_a_catchment_table_with_faults_is_refused_row_by_row(folder: Path) -> None:
    (folder / "catchments.csv").write_text(
        "汇水区,河段编号,农村人口,粪污利用率,耕地,农田修正\n甲,zz,1,0.5,1,\n乙,a,-5,85,1,月面\n",
        encoding="utf-8",
    )
    result = run("nonpoint", folder / "reaches.csv", folder / "catchments.csv")
    assert result.exit_code == 1
    for told in ("“zz”不在河网中", "数值 -5 为负", "比例 85 大于 1", "不认识农田修正“月面”"):
        assert told in result.stderr


def test_the_chain_of_a_day_shows_ways_and_hypotheses_and_joins_the_river(folder: Path) -> None:
    (folder / "objects.csv").write_text(
        "编号,类别,里程\np1,排污单位,\np2,排污单位,\nc1,排污通道,\nw1,入河排污口,4000\na,受纳水体,\n",
        encoding="utf-8",
    )
    (folder / "edges.csv").write_text(
        "上游,下游,证据类型,证据\np1,c1,图纸,图 7\nc1,w1,,\nw1,a,染色示踪,记录 3\n", encoding="utf-8"
    )
    arguments = [
        "chain",
        *(folder / f"{name}.csv" for name in ("reaches", "objects", "edges")),
        "--on",
        "2025-06-01",
    ]
    content = read(run(*arguments, "-o", folder / "joined.gpkg", "--json", "-"))
    (way,) = content["ways"]
    assert (way["through"], way["proven"]) == (["p1", "c1", "w1", "a"], False)
    assert content["without_way"] == ["p2"]
    assert "c1 → w1 没有证据，只是假设" in run(*arguments).stdout
    above = read(run("up", folder / "joined.gpkg", "m", "--json", "-"))
    assert {"p1", "c1", "w1", "a@4000"} <= {entry["id"] for entry in above["reaches"]}
