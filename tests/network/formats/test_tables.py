"""From/to tables: heads, units, encodings, repeats, branches; every row accounted for."""

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from bishui.errors import CallError, NotFound, UnknownLayout, UnreadableFile
from bishui.network.faults import NetworkFault
from bishui.network.formats import Fate, ReadingOptions, build_file, problems_of, read_network
from bishui.network.tables import ReachKind


def table(folder: Path, text: str, encoding: str = "utf-8", name: str = "reaches.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


CHINESE = "河段编号,下游编号,河流名称,类型,长度（km）,流速(m/s),水温（℃）,区间流量（万m3/d）\n甲,乙,清溪,河流,1.5,0.4,20,86.4\n乙,,清溪,河流,２．５,0.5,20,0\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_heads_and_units_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    file = read_network(table(tmp_path, CHINESE, encoding))
    assert problems_of(file) == ()
    assert file.reaches.ids.tolist() == ["甲", "乙"]
    assert file.reaches.length.tolist() == [1500.0, 2500.0], "kilometres and full-width digits"
    assert file.reaches.velocity.tolist() == [0.4, 0.5]
    assert file.reaches.lateral_flow == pytest.approx([10.0, 0.0]), "86.4 × 10⁴ m³/d are 10 m³/s"
    assert file.names.tolist() == ["清溪", "清溪"]
    assert (file.edges.upstream.tolist(), file.edges.downstream.tolist()) == ([0], [1])
    assert build_file(file).downstream(0).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("head", "metres"),
    [
        ("长度", 3.0),
        ("长度（m）", 3.0),
        ("河长/km", 3000.0),
        ("长度（公里）", 3000.0),
        ("长度（单位：千米）", 3000.0),
        ("LENGTH_KM", 3000.0),
        ("length_m", 3.0),
        ("LengthKM", 3000.0),
        ("Length (km)", 3000.0),
    ],
)
def test_the_unit_stands_in_the_head(tmp_path: Path, head: str, metres: float) -> None:
    file = read_network(table(tmp_path, f"id,to,{head}\na,,3\n"))
    assert file.reaches.length.tolist() == [metres]


def test_a_unit_that_is_not_known_is_never_read_as_another(tmp_path: Path) -> None:
    file = read_network(table(tmp_path, "河段编号,下游编号,长度（里）\na,,3\n"))
    found = problems_of(file)
    assert {problem.code for problem in found} >= {"unknown-unit"}
    assert "里" in str(found[0])


def test_the_same_table_as_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["2025年河段表"])
    for line in CHINESE.splitlines():
        book.active.append(
            [
                float(cell) if cell.replace(".", "").isascii() and cell.replace(".", "").isdigit() else cell
                for cell in line.split(",")
            ]
        )
    book.save(tmp_path / "reaches.xlsx")
    file = read_network(tmp_path / "reaches.xlsx")
    assert problems_of(file) == ()
    assert file.reaches.length.tolist() == [1500.0, 2500.0]
    assert file.origin.reach_rows.tolist() == [3, 4]


def test_nhdplus_and_hydrorivers_columns(tmp_path: Path) -> None:
    nhd = read_network(
        table(tmp_path, "COMID,toCOMID,LENGTHKM,FromMeas,ToMeas\n11,12,1,0,50\n12,0,2,0,100\n", name="n.csv")
    )
    assert nhd.reaches.length.tolist() == [1000.0, 2000.0] and len(nhd.edges.upstream) == 1
    assert nhd.attributes["to_measure"].tolist() == [50.0, 100.0]
    hydro = read_network(
        table(
            tmp_path,
            "HYRIV_ID,NEXT_DOWN,MAIN_RIV,LENGTH_KM,DIS_AV_CMS\n1,3,3,1.2,4\n2,3,3,2,5\n3,0,3,1,10\n",
            name="h.csv",
        )
    )
    assert problems_of(hydro) == ()
    assert hydro.reaches.length.tolist() == [1200.0, 2000.0, 1000.0]
    assert hydro.reaches.lateral_flow.tolist() == [4.0, 5.0, 1.0], (
        "the mean flow is accumulated; lateral is the difference"
    )
    assert "MAIN_RIV" in hydro.ignored_columns


def test_a_flow_that_shrinks_downstream_adds_nothing_and_is_named(tmp_path: Path) -> None:
    file = read_network(table(tmp_path, "id,to,length_m,流量\na,b,1,5\nb,,1,4\n"))
    assert file.reaches.lateral_flow.tolist() == [5.0, 0.0]
    assert [finding.code for finding in file.findings] == ["flow-lost"]


def test_branches_in_one_cell_or_in_several_rows(tmp_path: Path) -> None:
    one = read_network(table(tmp_path, "id,to,length_m\na,b:0.7|c:0.3,1\nb,,1\nc,,1\n", name="one.csv"))
    several = read_network(
        table(tmp_path, "id,to,分流比(%),length_m\na,b,70,1\na,c,30,\nb,,,1\nc,,,1\n", name="more.csv")
    )
    for file in (one, several):
        assert problems_of(file) == ()
        assert file.edges.downstream.tolist() == [1, 2]
        assert file.edges.fraction == pytest.approx([0.7, 0.3])
    assert several.accounts[0].counts()[Fate.EDGE] == 1


def test_a_branch_without_shares_is_refused_unless_equal_ones_are_asked_for(tmp_path: Path) -> None:
    path = table(tmp_path, "id,to,length_m\na,b|c,1\nb,,1\nc,,1\n")
    assert [problem.code for problem in problems_of(read_network(path))] == ["share-missing"]
    file = read_network(path, ReadingOptions(equal_shares=True))
    assert problems_of(file) == () and file.edges.fraction.tolist() == [0.5, 0.5]


def test_shares_that_do_not_sum_to_one_are_brought_there_only_when_asked(tmp_path: Path) -> None:
    path = table(tmp_path, "id,to,length_m\na,b:0.6|c:0.2,1\nb,,1\nc,,1\n")
    assert [problem.code for problem in problems_of(read_network(path))] == ["split"]
    assert read_network(path, ReadingOptions(normalise=True)).edges.fraction == pytest.approx([0.75, 0.25])


def test_nodes_with_a_bifurcation(tmp_path: Path) -> None:
    text = "id,from_node,to_node,fraction,length_m\na,1,2,,1\nb,2,3,0.8,1\nc,2,4,0.2,1\nd,3,5,,1\n"
    file = read_network(table(tmp_path, text))
    assert problems_of(file) == ()
    edges = zip(
        file.edges.upstream.tolist(),
        file.edges.downstream.tolist(),
        file.edges.fraction.tolist(),
        strict=True,
    )
    assert list(edges) == [(0, 1, 0.8), (0, 2, 0.2), (1, 3, 1.0)]


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    text = (
        "id,to,length_m,velocity\n"  # 1
        "a,b,10,0.5\n"  # 2
        "a,b,10,0.5\n"  # 3 repeat
        "# checked in March\n"  # 4
        "\n"  # 5
        "b,,x,0.5\n"  # 6 no number
        ",b,10,0.5\n"  # 7 no id
        "b,,12,0.5\n"  # 8 contradicts row 6
        "c,b,10,0.5,more\n"  # 9 too many cells
    )
    file = read_network(table(tmp_path, text))
    fates = {row: fate for row, fate, _ in file.accounts[0].entries()}
    assert fates == {
        2: Fate.REACH, 3: Fate.IGNORED, 4: Fate.IGNORED, 5: Fate.IGNORED,
        6: Fate.UNREADABLE, 7: Fate.UNREADABLE, 8: Fate.UNREADABLE, 9: Fate.UNREADABLE,
    }  # fmt: skip
    assert {(problem.code, problem.where.row) for problem in file.problems} == {
        ("not-a-number", 6), ("no-id", 7), ("contradiction", 8), ("wrong-number-of-cells", 9),
    }  # fmt: skip
    assert all(str(problem.remedy) for problem in file.problems)


def test_guesses_are_counted_named_and_changeable(tmp_path: Path) -> None:
    path = table(tmp_path, "id,to,length_m,velocity\na,b,1,0.5\nb,c,1,\nc,,1,-\n")
    file = read_network(path)
    said = {entry.quantity: entry for entry in file.assumptions}
    assert (said["velocity"].count, said["velocity"].total, said["velocity"].guess) == (2, 3, True)
    assert "3 个河段中有 2 个" in str(said["velocity"].text)
    assert file.assumed["velocity"].tolist() == [False, True, True]
    changed = read_network(path, ReadingOptions(changes={"velocity": 0.8}))
    assert changed.reaches.velocity.tolist() == [0.5, 0.8, 0.8]


def test_velocity_from_roughness_slope_and_depth_by_manning(tmp_path: Path) -> None:
    file = read_network(table(tmp_path, "id,to,length_m,糙率,比降（‰）,水深（m）\na,,1,0.025,1,1\n"))
    assert file.reaches.velocity == pytest.approx([np.sqrt(0.001) / 0.025])
    assert {entry.quantity: entry.guess for entry in file.assumptions}["velocity"] is False


def test_velocity_from_flow_width_and_depth_comes_before_manning(tmp_path: Path) -> None:
    heads = "id,to,length_m,流量（m³/s）,河宽（m）,水深（m）,糙率,比降（‰）"
    file = read_network(table(tmp_path, heads + "\na,b,1,10,20,1,,\nb,,1,,20,1,0.025,1\n"))
    assert file.reaches.velocity == pytest.approx([0.5, np.sqrt(0.001) / 0.025])
    ways = [entry.setting for entry in file.assumptions if entry.quantity == "velocity"]
    assert ways == ["continuity", "manning"]


def test_kinds_in_both_languages_and_a_lake_without_length(tmp_path: Path) -> None:
    file = read_network(table(tmp_path, "id,to,类型,长度,库容（万m³）\na,b,水库,,120\nb,,tidal,5,\n"))
    assert problems_of(file) == ()
    assert file.reaches.kind.tolist() == [ReachKind.RESERVOIR, ReachKind.TIDAL]
    assert file.reaches.volume[0] == 1.2e6
    wrong = read_network(table(tmp_path, "id,to,类型,长度\na,,运动场,5\n", name="w.csv"))
    assert [problem.code for problem in problems_of(wrong)] == ["unknown-kind"]


def test_full_width_ids_find_plain_ones(tmp_path: Path) -> None:
    file = read_network(table(tmp_path, "id,to,length_m\n1,１２,1\n12,,1\n"))
    assert problems_of(file) == () and file.edges.downstream.tolist() == [1]


@pytest.mark.parametrize("cell", ["0", "-1", "无", "none", "—", ""])
def test_words_for_an_outlet(tmp_path: Path, cell: str) -> None:
    file = read_network(table(tmp_path, f"id,to,length_m\na,{cell},1\n"))
    assert problems_of(file) == () and not len(file.edges.upstream)


def test_a_reach_that_is_called_0_is_a_reach(tmp_path: Path) -> None:
    file = read_network(table(tmp_path, "id,to,length_m\na,0,1\n0,,1\n"))
    assert file.edges.downstream.tolist() == [1]


WRONG = {
    "a,b,1\nb,a,1": ("cycle", 2, "a → b"),
    "a,a,1": ("self-loop", 2, "a"),
    "a,zz,1": ("unknown-downstream", 2, "zz"),
    "a,b:0.6|c:0.3,1\nb,,1\nc,,1": ("split", 2, "0.9"),
    "a,b:0.5|b:0.5,1\nb,,1": ("duplicate-edge", 2, "b"),
    "a,b:1.2|c:-0.2,1\nb,,1\nc,,1": ("split", 2, "1.2"),
    "z,b,1\nb,c,1\nc,d,1\nd,b,1": ("cycle", 3, "b → c → d"),
    "a,b,-5\nb,,1": ("length", 2, "-5"),
    "a,b,\nb,,1": ("length-missing", 2, "长度"),
    "a,b;q,1\nb,,1": ("unknown-downstream", 2, "q"),
}


@pytest.mark.parametrize("rows", WRONG)
def test_wrong_networks_are_refused_with_the_place_and_the_remedy(tmp_path: Path, rows: str) -> None:
    code, row, said = WRONG[rows]
    file = read_network(table(tmp_path, f"id,to,length_m\n{rows}\n"))
    with pytest.raises(NetworkFault) as refused:
        build_file(file)
    found = next(problem for problem in refused.value.problems if problem.code == code)
    assert found.where.row == row and found.where.file == "reaches.csv"
    assert said in str(found.what) and str(found.remedy)


def test_a_tidal_reach_above_a_river_is_refused(tmp_path: Path) -> None:
    file = read_network(table(tmp_path, "id,to,length_m,kind\na,b,1,感潮\nb,,1,河流\n"))
    (found,) = problems_of(file)
    assert (found.code, found.where.row) == ("tidal", 2)


def test_a_cut_out_may_end_at_its_edge_when_asked(tmp_path: Path) -> None:
    path = table(tmp_path, "HYRIV_ID,NEXT_DOWN,LENGTH_KM\n1,2,1\n2,77,1\n")
    assert [problem.code for problem in problems_of(read_network(path))] == ["unknown-downstream"]
    file = read_network(path, ReadingOptions(outside="outlet"))
    assert problems_of(file) == ()
    assert any("77" in str(why) for _, _, why in file.accounts[0].entries() if why)


def test_files_that_are_no_network(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_network(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableFile):
        read_network(table(tmp_path, "", name="empty.csv"))
    with pytest.raises(UnknownLayout):
        read_network(table(tmp_path, "姓名,电话\n甲,1\n", name="people.csv"))
    with pytest.raises(CallError):
        read_network(table(tmp_path, "x", name="x.docx"))
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04broken")
    with pytest.raises(UnreadableFile):
        read_network(tmp_path / "broken.xlsx")


def test_the_published_network_cases_read_as_they_are(tmp_path: Path, shared: Path) -> None:
    lines = (
        (shared / "reference" / "network-cases" / "net_reaches.csv").read_text(encoding="utf-8").splitlines()
    )
    for case in ("N4-bifurcation", "N5-lake", "N7-tree23"):
        rows = [line for line in lines if line.startswith(f"{case},")]
        file = read_network(table(tmp_path, "\n".join([lines[0], *rows])))
        assert problems_of(file) == ()
        assert len(file.reaches) == len(rows) and file.lateral


ALONG = "河段编号,下游编号,长度（km）,流速,{heads}\na,b,2,0.5,{cells}\nb,,1,0.5,{none}\n"


def along(folder: Path, heads: str, cells: str) -> Path:
    none = "," * heads.count(",")
    return table(folder, ALONG.format(heads=heads, cells=cells, none=none))


@pytest.mark.parametrize(
    ("heads", "cells", "flow", "rate"),
    [
        ("沿程入流（m³/(s·km)）,沿程浓度", "0.02,COD=30", 2e-5, 6e-4),
        ("沿程入流（L/(s·km)）,沿程浓度（μg/L）", "20,COD=30000", 2e-5, 6e-4),
        ("沿程负荷（kg/(d·km)）", "COD=8.64", 0.0, 1e-4),
        ("沿程负荷（t/(a·km)）", "COD=3.1536", 0.0, 1e-4),
        ("沿程入流,沿程浓度,沿程负荷", "0.02,COD=30,COD=8.64", 2e-5, 7e-4),
    ],
)
def test_inflow_all_along_reaches_in_the_units_of_the_heads(
    tmp_path: Path, heads: str, cells: str, flow: float, rate: float
) -> None:
    file = read_network(along(tmp_path, heads, cells))
    assert problems_of(file) == () and file.diffuse is not None
    assert file.diffuse.flow.tolist() == pytest.approx([flow, 0.0])
    assert file.diffuse.rates["COD"].tolist() == pytest.approx([rate, 0.0])


def test_total_flow_is_shared_between_the_top_and_the_way(tmp_path: Path) -> None:
    text = "河段编号,下游编号,长度,流速,流量,沿程入流（m³/s/m）\na,b,1000,0.5,5,0.001\nb,,1000,0.5,8,0\n"
    file = read_network(table(tmp_path, text))
    assert file.reaches.lateral_flow.tolist() == pytest.approx([4.0, 3.0]), "1 of 5 m³/s enters along a"


def test_where_water_enters_along_the_way_no_lateral_flow_is_no_guess(tmp_path: Path) -> None:
    file = read_network(along(tmp_path, "沿程入流", "0.02"))
    assert file.reaches.lateral_flow.tolist() == [0.0, 0.0]
    assert file.assumed["lateral_flow"].tolist() == [False, True]


@pytest.mark.parametrize(
    ("heads", "cells", "code"),
    [
        ("沿程浓度", "COD=3", "no-diffuse-flow"),
        ("沿程入流", "-0.1", "negative"),
        ("沿程负荷", "COD=-3", "negative"),
        ("沿程负荷", "3", "not-concentrations"),
        ("区间浓度（ppm）", "COD=3", "unknown-unit"),
        ("沿程负荷（t/a）", "COD=3", "unknown-unit"),
    ],
)
def test_what_cannot_enter_is_refused_at_its_cell(tmp_path: Path, heads: str, cells: str, code: str) -> None:
    (problem,) = problems_of(read_network(along(tmp_path, heads, cells)))
    assert problem.code == code and problem.where.column == heads


def test_reaches_whose_flow_turns_are_read_as_tidal(tmp_path: Path) -> None:
    text = "河段编号,下游编号,类型,长度,流速\na,b,河流,1,0.5\nb,,闸控河段,1,0.5\n"
    file = read_network(table(tmp_path, text))
    assert file.reaches.kind.tolist() == [ReachKind.RIVER, ReachKind.TIDAL] and problems_of(file) == ()
