"""SWMM models: links as reaches, conduits drawn uphill, storage, base flows, names of any signs."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from bishui.errors import UnreadableFile
from bishui.network.formats import Fate, ReadingOptions, build_file, problems_of, read_network
from bishui.network.tables import ReachKind

MODEL = """[TITLE]
;; a made-up sewer
two streets and a tank

[OPTIONS]
FLOW_UNITS           LPS
LINK_OFFSETS         DEPTH

[JUNCTIONS]
;;Name  Elev MaxDepth
J#1     10.0  2 0 0 0
井-2    9.0   2 0 0 0   ; by the market
J:3     8.0   2

[OUTFALLS]
OUT     7.0  FREE  NO

[STORAGE]
TANK    7.5  4  2  FUNCTIONAL  0 0 50  0 0

[CONDUITS]
C"1     J#1   井-2   200   0.013  0 0 0 0
C|2     J:3   井-2   100   0.013  0 0 0 0
C3      井-2  TANK   300   0.013  0 0 0 0

[PUMPS]
P1      TANK  OUT   *  ON

[XSECTIONS]
C"1     CIRCULAR   0.8  0 0 0 1
C|2     CIRCULAR   0.5  0 0 0
C3      RECT_OPEN  1.0  2 0 0

[POLLUTANTS]
NH3N    MG/L  0 0 0  0.5  NO
Cu      UG/L  0 0 0  0    NO

[DWF]
J#1   FLOW   20
J#1   NH3N   30
J:3   FLOW   10   "daily"
J:3   Cu     500

[INFLOWS]
井-2  FLOW  "storm"  FLOW  1.0  1.0  5

[COORDINATES]
J#1   109.000  24.000
井-2  109.002  24.000
J:3   109.002  24.001
TANK  109.004  24.000
OUT   109.005  24.000

[VERTICES]
C"1   109.001  24.0005

[MAP]
UNITS Degrees

[REPORT]
INPUT NO
"""


def model(folder: Path, text: str = MODEL) -> Path:
    path = folder / "sewer.inp"
    path.write_text(text, encoding="utf-8")
    return path


def rows(file: object) -> dict[str, int]:
    return {name: row for row, name in enumerate(file.reaches.ids.tolist())}  # type: ignore[attr-defined]


def test_links_are_reaches_and_nodes_join_them(tmp_path: Path) -> None:
    file = read_network(model(tmp_path))
    assert problems_of(file) == ()
    at = rows(file)
    assert set(at) == {'C"1', "C|2", "C3", "P1", "TANK"}
    network = build_file(file)
    assert {file.reaches.ids[row] for row in network.upstream(at["P1"])} == set(at)
    assert file.reaches.kind[at["C3"]] == ReachKind.CHANNEL
    assert file.reaches.length[at["C3"]] == 300.0 and file.reaches.length[at["P1"]] == 0.0


def test_velocity_is_mannings_at_full_section(tmp_path: Path) -> None:
    file = read_network(model(tmp_path))
    at = rows(file)
    # Ø 0.8 m: R = 0.2 m; slope 1 m in 200 m.  Open 2 m × 1 m: R = 0.5 m; 1.5 m in 300 m.
    assert file.reaches.velocity[at['C"1']] == pytest.approx(0.2 ** (2 / 3) * 0.005**0.5 / 0.013, rel=1e-12)
    assert file.reaches.velocity[at["C3"]] == pytest.approx(0.5 ** (2 / 3) * 0.005**0.5 / 0.013, rel=1e-12)


def test_a_conduit_drawn_uphill_is_named_and_turned_only_when_asked(tmp_path: Path) -> None:
    text = MODEL.replace("C|2     J:3   井-2", "C|2     井-2   J:3").replace("J:3     8.0", "J:3     9.5")
    file = read_network(model(tmp_path, text))
    assert [finding.raw for finding in file.findings if finding.code == "drawn-against-flow"] == ["C|2"]
    turned = read_network(model(tmp_path, text), ReadingOptions(orient=True))
    at = rows(turned)
    assert build_file(turned).is_upstream(at["C|2"], at["C3"])
    assert problems_of(turned) == () and "share-missing" in {problem.code for problem in problems_of(file)}


def test_a_storage_unit_that_holds_water_is_a_mixed_reactor(tmp_path: Path) -> None:
    file = read_network(model(tmp_path))
    at = rows(file)
    assert file.reaches.kind[at["TANK"]] == ReachKind.RESERVOIR
    assert file.reaches.volume[at["TANK"]] == 100.0, "50 m² · 2 m"
    dry = read_network(model(tmp_path, MODEL.replace("TANK    7.5  4  2", "TANK    7.5  4  0")))
    assert "TANK" not in rows(dry) and "storage-not-mixed" in {finding.code for finding in dry.findings}
    curve = MODEL.replace("TANK    7.5  4  2  FUNCTIONAL  0 0 50", "TANK    7.5  4  2  TABULAR  basin")
    shaped = read_network(model(tmp_path, f"{curve}\n[CURVES]\nbasin Storage 0 40\nbasin 4 80\n"))
    assert shaped.reaches.volume[rows(shaped)["TANK"]] == pytest.approx(100.0), "(40 + 60) / 2 · 2"


def test_base_flows_and_their_concentrations(tmp_path: Path) -> None:
    file = read_network(model(tmp_path))
    at = rows(file)
    assert file.reaches.lateral_flow[[at['C"1'], at["C|2"], at["C3"]]] == pytest.approx([0.02, 0.01, 0.005])
    assert file.lateral["NH3N"][at['C"1']] == pytest.approx(30.0)
    assert file.lateral["Cu"][at["C|2"]] == pytest.approx(0.5), "500 µg/L are 0.5 g/m³"
    assert [(entry.key, entry.decay_per_day) for entry in file.pollutants] == [("NH3N", 0.5), ("Cu", 0.0)]
    assert "series-not-read" in {finding.code for finding in file.findings}


@pytest.mark.parametrize(
    ("unit", "flow", "length"),
    [
        ("CFS", 0.028316846592, 0.3048),
        ("GPM", 6.30901964e-05, 0.3048),
        ("CMS", 1.0, 1.0),
        ("MLD", 1000 / 86400, 1.0),
    ],
)
def test_flow_units_decide_the_units_of_length_too(
    tmp_path: Path, unit: str, flow: float, length: float
) -> None:
    file = read_network(model(tmp_path, MODEL.replace("LPS", unit)))
    at = rows(file)
    assert file.reaches.lateral_flow[at['C"1']] == pytest.approx(20 * flow)
    assert file.reaches.length[at["C3"]] == pytest.approx(300 * length)
    assert file.reaches.volume[at["TANK"]] == pytest.approx(100 * length**3)


def test_lines_follow_the_vertices(tmp_path: Path) -> None:
    file = read_network(model(tmp_path))
    drawn = shapely.get_coordinates(file.lines[rows(file)['C"1']])
    assert drawn.tolist() == [[109.0, 24.0], [109.001, 24.0005], [109.002, 24.0]]
    plain = read_network(model(tmp_path, MODEL.replace("UNITS Degrees", "UNITS Meters")))
    assert not plain.has_geometry and "no-coordinate-system" in {finding.code for finding in plain.findings}


def test_every_line_is_accounted_for(tmp_path: Path) -> None:
    file = read_network(model(tmp_path))
    data = [
        number
        for number, line in enumerate(MODEL.splitlines(), 1)
        if line.split(";")[0].strip() and not line.startswith("[")
    ]
    assert file.accounts[0].rows.tolist() == data
    assert file.accounts[0].counts()[Fate.REACH] == 5 and file.accounts[0].counts()[Fate.UNREADABLE] == 0


def test_faults_are_named_with_their_line(tmp_path: Path) -> None:
    wrong = MODEL.replace("C3      井-2  TANK   300", "C3      井-2  NOWHERE   long").replace(
        "P1      TANK  OUT", "P1      TANK"
    )
    problems = read_network(model(tmp_path, wrong)).problems
    found = {problem.raw: problem for problem in problems}
    assert {problem.code for problem in problems} == {"unknown-node", "not-a-number"}
    assert (
        found["NOWHERE"].where.line
        == MODEL.splitlines().index("C3      井-2  TANK   300   0.013  0 0 0 0") + 1
    )
    assert np.all([str(problem.remedy) for problem in found.values()])


def test_a_node_with_two_ways_needs_shares(tmp_path: Path) -> None:
    weir = MODEL.replace("[PUMPS]", "[WEIRS]\nW1  井-2  OUT  TRANSVERSE 0 3.3 NO\n[PUMPS]")
    found = problems_of(read_network(model(tmp_path, weir)))
    assert {problem.code for problem in found} == {"share-missing"}
    assert problems_of(read_network(model(tmp_path, weir), ReadingOptions(equal_shares=True))) == ()


def test_a_tidal_outfall_is_pointed_at(tmp_path: Path) -> None:
    file = read_network(model(tmp_path, MODEL.replace("FREE  NO", "TIDAL  sea  YES")))
    assert "tidal-outfall" in {finding.code for finding in file.findings}


def test_a_file_without_links_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_network(model(tmp_path, "[TITLE]\nnothing\n"))
