"""``bishui network``: build, check, up, down, snap, solve, contributions; exit status 0, 1, 2."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bishui.cli.root import cli

REACHES = """河段编号,下游编号,河流名称,长度（m）,流速（m/s）,区间流量（m³/s）,区间浓度
a,m,清溪,8640,0.5,4,COD=15
b,m,小河,8640,0.5,4,COD=15
m,,清溪,17280,0.5,0,
"""
POLLUTANTS = "污染物,降解系数（1/d）,温度系数\nCOD,0.25,1.047\n"
LOADS = "排口编号,河段编号,里程（m）,流量（m³/s）,浓度\no1,b,4320,0.5,COD=60\n"
SECTIONS = "断面编号,河段编号,里程（m）\ns1,m,17280\ns0,a,8640\n"
LINES = {
    "a": [[109.0, 24.06], [109.0, 24.0]],
    "b": [[109.06, 24.06], [109.0, 24.0]],
    "m": [[109.0, 24.0], [109.0, 23.9]],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "reaches": REACHES,
        "pollutants": POLLUTANTS,
        "loads": LOADS,
        "sections": SECTIONS,
    }.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["network", *map(str, arguments)])


def read(result: Result) -> dict:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_build_writes_a_network_that_reads_back(folder: Path) -> None:
    for name in ("net.gpkg", "net.geojson", "net.csv"):
        result = run("build", folder / "reaches.csv", "-o", folder / name)
        assert result.exit_code == 0 and (folder / name).is_file()
        again = read(run("check", folder / name, "--json", "-"))
        assert (again["reaches"], again["edges"], again["problems"]) == (3, 2, [])


def test_build_says_what_became_of_rows_and_which_values_are_guesses(folder: Path) -> None:
    result = run("build", folder / "reaches.csv")
    assert "3 个河段，2 条上下游关系" in result.stdout
    assert "水温：3 个河段中有 3 个没有给出，假定为 20.0 ℃" in result.stdout
    content = read(run("build", folder / "reaches.csv", "--json", "-"))
    assert content["accounts"][0]["counts"] == {"reach": 3, "edge": 0, "ignored": 0, "unreadable": 0}
    assert [entry["quantity"] for entry in content["assumptions"] if entry["guess"]] == ["temperature"]


def test_a_wrong_network_is_refused_with_the_list_and_nothing_is_written(folder: Path) -> None:
    (folder / "wrong.csv").write_text("id,to,length_m\na,b,1\nb,a,1\nc,zz,1\n", encoding="utf-8")
    result = run("build", folder / "wrong.csv", "-o", folder / "net.gpkg")
    assert result.exit_code == 1 and not (folder / "net.gpkg").exists()
    assert "第 4 行" in result.stderr and "zz" in result.stderr
    content = json.loads(run("check", folder / "wrong.csv", "--json", "-").stdout)
    assert {problem["code"] for problem in content["problems"]} >= {"unknown-downstream"}
    up = run("up", folder / "wrong.csv", "a")
    assert up.exit_code == 1 and "Traceback" not in up.output


def test_the_call_at_fault_ends_with_2(folder: Path) -> None:
    assert run("build", folder / "nowhere.csv").exit_code == 2
    assert run("build", folder / "reaches.csv", "-o", folder / "net.docx").exit_code == 2
    assert run("up", folder / "reaches.csv", "a", "--at", "99999").exit_code == 2
    assert run("build", folder / "reaches.csv", "--set", "velocity=fast").exit_code == 2
    assert run("build", folder / "reaches.csv", "--set", "nothing=1").exit_code == 2
    assert run("solve", folder / "reaches.csv").exit_code == 2, "no pollutants"


def test_upstream_and_downstream_of_a_reach_and_of_a_point(folder: Path) -> None:
    places = ["--loads", folder / "loads.csv", "--sections", folder / "sections.csv", "--json", "-"]
    above = read(run("up", folder / "reaches.csv", "m", *places))
    assert {entry["id"] for entry in above["reaches"]} == {"a", "b", "m"}
    assert [entry["key"] for entry in above["loads"]] == ["o1"]
    assert {entry["key"] for entry in above["sections"]} == {"s0", "s1"}
    below = read(run("down", folder / "reaches.csv", "b", "--at", "5000", *places))
    assert [entry["id"] for entry in below["reaches"]] == ["b", "m"]
    assert below["loads"] == [] and [entry["key"] for entry in below["sections"]] == ["s1"]
    assert "共 2 个河段，25.9 km" in run("down", folder / "reaches.csv", "b").stdout
    missing = run("up", folder / "reaches.csv", "q")
    assert missing.exit_code == 1 and "“q”" in missing.output


def tables(folder: Path) -> list[object]:
    return ["--pollutants", folder / "pollutants.csv", "--sections", folder / "sections.csv"]


def test_solve_gives_the_published_case(folder: Path) -> None:
    """Case N2 of the network cases: two equal tributaries, load and concentration equal by symmetry."""
    content = read(run("solve", folder / "reaches.csv", *tables(folder), "--json", "-"))
    by_key = {entry["section"]: entry for entry in content["sections"]}
    assert by_key["s0"]["concentration_mg_l"]["COD"] == pytest.approx(14.26844136751071, rel=1e-12)
    assert by_key["s0"]["load_g_s"]["COD"] == pytest.approx(57.073765470042841, rel=1e-12)
    assert abs(content["balance"]["COD"]["residual"]) < 1e-12
    shown = run("solve", folder / "reaches.csv", *tables(folder), "--loads", folder / "loads.csv")
    assert shown.exit_code == 0 and "负荷收支" in shown.stdout


def test_contributions_sum_to_one_and_name_their_source(folder: Path) -> None:
    arguments = [
        "contributions",
        folder / "reaches.csv",
        *tables(folder),
        "--loads",
        folder / "loads.csv",
        "--section",
        "s1",
    ]
    content = read(run(*arguments, "--json", "-"))
    found = content["contributions"]["COD"]
    assert {entry["source"] for entry in found} == {"a", "b", "o1"}
    assert sum(entry["load_share"] for entry in found) == pytest.approx(1, abs=1e-12)
    shown = run(*arguments)
    assert "o1" in shown.stdout and "区间来水 a" in shown.stdout
    assert run(*arguments[:-1], "s9").exit_code == 2


def test_a_pollutant_without_a_decay_is_asked_for(folder: Path) -> None:
    (folder / "loads.csv").write_text(LOADS.replace("COD=60", "COD=60;TP=1"), encoding="utf-8")
    result = run("solve", folder / "reaches.csv", *tables(folder), "--loads", folder / "loads.csv")
    assert result.exit_code == 2 and "TP" in result.output


def test_sections_and_outfalls_by_coordinates_are_snapped_or_refused(folder: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"id": key, "to": None if key == "m" else "m", "name": {"a": "清溪", "b": "小河", "m": "清溪"}[key], "velocity": 0.5, "lateral_flow": 2, "lateral_conc_mg_L": "COD=10"},
         "geometry": {"type": "LineString", "coordinates": line}}
        for key, line in LINES.items()
    ]  # fmt: skip
    path = folder / "net.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    good = folder / "good.csv"
    good.write_text("断面编号,经度,纬度,河流\ns1,109.0005,23.95000,清溪\n", encoding="utf-8")
    content = read(
        run("solve", path, "--pollutants", folder / "pollutants.csv", "--sections", good, "--json", "-")
    )
    assert content["sections"][0]["reach"] == "m" and content["sections"][0]["chainage_m"] == pytest.approx(
        5538, abs=5
    )
    bad = folder / "bad.csv"
    bad.write_text("断面编号,经度,纬度\ns1,109.1,23.95\n", encoding="utf-8")
    refused = run("solve", path, "--pollutants", folder / "pollutants.csv", "--sections", bad)
    assert refused.exit_code == 1 and "s1" in refused.output
    named = folder / "named.csv"
    named.write_text("断面编号,河段编号,经度,纬度\ns1,a,109.0005,24.0001\n", encoding="utf-8")
    content = read(
        run("solve", path, "--pollutants", folder / "pollutants.csv", "--sections", named, "--json", "-")
    )
    assert content["sections"][0]["reach"] == "a", "the reach that is named settles a confluence"
    listed = json.loads(run("snap", path, bad, "--json", "-").stdout)
    assert listed["points"][0]["confidence"] == "none"
    assert run("snap", path, good).exit_code == 0 and run("snap", path, bad).exit_code == 1
    assert run("snap", folder / "reaches.csv", good).exit_code == 2, "a table has no lines"


def test_capacity_by_one_model_or_by_all_that_fit() -> None:
    given = ["Q=10", "C0=15", "Cs=20", "Qp=0"]
    one = read(run("capacity", *given, "--model", "river_0d", "--json", "-"))
    content = read(run("capacity", *given, "--json", "-"))
    assert content["capacities"] and all(entry["formula"] for entry in content["capacities"])
    assert one["capacities"][0]["g_per_s"] == pytest.approx(50.0), "10 m³/s · (20 − 15) g/m³"
    assert run("capacity", "Q=x").exit_code == 2 and run("capacity", "Q=1").exit_code == 2
    assert "GB/T 25173" in run("capacity", "--list").stdout


def test_room_names_the_section_that_binds(folder: Path) -> None:
    (folder / "sections.csv").write_text(
        "断面编号,河段编号,里程（m）,限值\ns1,m,17280,COD=200\ns0,a,8640,COD=20\n", encoding="utf-8"
    )
    content = read(run("room", folder / "reaches.csv", *tables(folder), "--json", "-"))
    room = {entry["place"]: entry for entry in content["room"]["COD"]}
    assert room["a"]["binding"] == "s0" and room["b"]["binding"] == "s1" and room["m"]["binding"] == "s1"
    # At s0: 4 m³/s · 20 g/m³, the margin of safety kept, less what is there, through exp(-0.25 · 17280 s).
    decay = 57.073765470042841 / 60
    assert room["a"]["load"] == pytest.approx(
        (80 * (1 - content["margin"]) - 4 * 14.26844136751071) / decay, rel=1e-9
    )
    assert run("room", folder / "reaches.csv", "--pollutants", folder / "pollutants.csv").exit_code == 2


def test_a_spill_arrives_later_further_down(folder: Path) -> None:
    arguments = [
        "spill",
        folder / "reaches.csv",
        "a",
        "--mass",
        "500",
        "--limit",
        "0.5",
        "--sections",
        folder / "sections.csv",
    ]
    content = read(run(*arguments, "--json", "-"))
    hits = {hit["receptor"]: hit for hit in content["hits"]}
    assert hits["s0"]["peak_time_h"]["likely"] < hits["s1"]["peak_time_h"]["likely"]
    assert hits["s1"]["peak_time_h"]["likely"] == pytest.approx(25920 / 0.5 / 3600, rel=0.1)
    assert content["assumptions"] and run(*arguments).exit_code == 0
    clear = read(
        run(
            "spill",
            folder / "reaches.csv",
            "b",
            "--mass",
            "500",
            "--sections",
            folder / "sections.csv",
            "--json",
            "-",
        )
    )
    assert clear["clear"] == ["s0"]


def test_a_trace_is_a_lead_and_says_so(folder: Path) -> None:
    (folder / "candidates.csv").write_text(
        "排口编号,河段编号,里程（m）,行业,流量（m³/s）,许可浓度\n"
        "x1,a,4000,造纸,0.05,COD=80;NH3N=5\nx2,b,4000,屠宰,0.05,COD=80;NH3N=25\n",
        encoding="utf-8",
    )
    (folder / "kinds.csv").write_text(
        "行业,典型浓度,离散\n造纸,COD=200;NH3N=3,0.5\n屠宰,COD=300;NH3N=60,0.5\n", encoding="utf-8"
    )
    (folder / "pollutants.csv").write_text("污染物,降解系数（1/d）\nCOD,0.2\nNH3N,0.1\n", encoding="utf-8")
    (folder / "sections.csv").write_text(
        "断面编号,河段编号,里程（m）\nsa,a,8600\nsb,b,8600\nsm,m,17000\n", encoding="utf-8"
    )
    rows = ["断面,项目,监测时间,结果"]
    for month in range(1, 6):
        for section in ("sa", "sb", "sm"):
            rows += [
                f"{section},COD,2025-0{month}-05 09:00,{14 + month * 0.2}",
                f"{section},NH3N,2025-0{month}-05 09:00,<0.3",
            ]
    rows += [
        "sa,COD,2025-06-05 09:00,15",
        "sa,NH3N,2025-06-05 09:00,0.3",
        "sb,COD,2025-06-05 09:00,40",
        "sb,NH3N,2025-06-05 09:00,5",
    ]
    rows += ["sm,COD,2025-06-05 09:00,26", "sm,NH3N,2025-06-05 09:00,2.6"]
    (folder / "samples.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    arguments = [
        "trace",
        folder / "reaches.csv",
        "--limit",
        "COD=20",
        "--limit",
        "NH3N=1",
        "--from",
        "2025-06-01",
    ]
    for name in ("pollutants", "sections", "candidates", "samples", "kinds"):
        arguments += [f"--{name}", folder / f"{name}.csv"]
    content = read(run(*arguments, "--json", "-"))
    chance = {entry["key"]: entry["probability"] for entry in content["suspects"]}
    assert chance["x2"] > chance["x1"]
    assert "线索" in content["caution"]["zh"]
    shown = run(*arguments)
    assert shown.exit_code == 0 and "名单外存在污染源的概率" in shown.stdout and "线索" in shown.stdout
    (folder / "samples.csv").write_text(
        "断面,项目,监测时间,结果\nsx,COD,2025-06-05,1\nsb,COD,昨天,1\nsb,COD,2025-06-05,高\n",
        encoding="utf-8",
    )
    wrong = run(*arguments)
    assert wrong.exit_code == 1 and all(word in wrong.stderr for word in ("sx", "昨天", "“高”"))


def test_help_in_both_languages() -> None:
    for command in (
        "build",
        "check",
        "up",
        "down",
        "snap",
        "solve",
        "contributions",
        "capacity",
        "room",
        "spill",
    ):
        text = run(command, "--help").stdout
        assert any(
            word in text
            for word in ("Read", "Check", "What", "Place", "Steady", "Capacity", "How", "spill", "Trace")
        ), command
        assert any("一" <= sign <= "鿿" for sign in text), command


def test_the_network_of_the_invented_city(tmp_path: Path) -> None:
    from bishui.twin import build_city, network_files

    written = network_files(build_city(1, "small"), tmp_path)
    content = json.loads(run("check", written["reaches.geojson"], "--json", "-").stdout)
    assert {problem["code"] for problem in content["problems"]} <= {"lake-without-volume"}
    assert content["edges"] > 0 and content["with_geometry"] == content["reaches"]
