"""Lines with attributes: Shapefile in GBK and UTF-8, GeoPackage, GeoJSON, coordinate systems, ends that touch."""

import json
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from bishui.errors import CallError, DataError, UnreadableFile
from bishui.network.formats import Fate, ReadingOptions, build_file, problems_of, read_network

LINES = {"甲": [[109.0, 24.0], [109.0, 23.99]], "乙": [[109.0, 23.99], [109.0, 23.98]]}


def shapefile(folder: Path, encoding: str, *, crs: str = "EPSG:4490") -> Path:
    table = pa.table(
        {
            "河段编号": ["甲", "乙"],
            "下游编号": ["乙", ""],
            "河名": ["清溪", "清溪"],
            "长度km": [1.5, 2.5],
            "geometry": [shapely.to_wkb(shapely.LineString(line)) for line in LINES.values()],
        }
    )
    path = folder / "reaches.shp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names are cut to ten bytes: that is the point
        pyogrio.write_arrow(
            table, path, geometry_name="geometry", geometry_type="LineString", crs=crs, encoding=encoding
        )
    return path


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("said", [True, False])
def test_a_shapefile_says_its_encoding_or_not(tmp_path: Path, encoding: str, said: bool) -> None:
    path = shapefile(tmp_path, encoding)
    if not said:
        path.with_suffix(".cpg").unlink()
    if encoding == "UTF-8":
        _spell_out_heads(path)
    file = read_network(path)
    assert problems_of(file) == ()
    assert file.reaches.ids.tolist() == ["甲", "乙"]
    assert file.names.tolist() == ["清溪", "清溪"]
    assert build_file(file).downstream(0).tolist() == [0, 1]
    assert shapely.get_coordinates(file.lines[0]).tolist() == LINES["甲"]


def _spell_out_heads(path: Path) -> None:
    """Put short heads where ten bytes do not hold four characters of UTF-8."""
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    for place, head in enumerate(("编号", "下游")):
        begin = 32 + 32 * place
        content[begin : begin + 11] = head.encode().ljust(11, b"\0")
    table.write_bytes(content)


def test_heads_cut_within_a_character_do_not_stop_the_reading(tmp_path: Path) -> None:
    file = read_network(shapefile(tmp_path, "UTF-8"), ReadingOptions())
    assert "河段编" in file.ignored_columns, "what is left of 河段编号 is told, not guessed"
    assert len(file.reaches) == 2 and len(file.edges.upstream) == 1, "the ends of the lines tell the topology"


def test_lengths_come_from_the_lines_on_the_ellipsoid(tmp_path: Path) -> None:
    file = read_network(shapefile(tmp_path, "GBK"))
    # A hundredth of a degree of latitude at 24° N is 1107.7 m.
    assert file.reaches.length == pytest.approx([1107.7, 1107.7], abs=0.2)
    assert {entry.quantity: entry.guess for entry in file.assumptions}["length"] is False


def test_projected_coordinates_become_longitude_and_latitude(tmp_path: Path) -> None:
    from pyproj import Transformer

    across = Transformer.from_crs("EPSG:4490", "EPSG:4545", always_xy=True)
    moved = [
        list(map(list, zip(*across.transform(*zip(*line, strict=True)), strict=True)))
        for line in LINES.values()
    ]
    path = geojson(tmp_path, moved, crs="urn:ogc:def:crs:EPSG::4545")
    file = read_network(path)
    assert shapely.get_coordinates(file.lines[0]) == pytest.approx(np.array(LINES["甲"]), abs=1e-9)
    unsaid = shapefile(tmp_path, "GBK", crs="EPSG:4490")
    unsaid.with_suffix(".prj").unlink()
    assert len(read_network(unsaid).reaches) == 2, "degrees need no statement"


def geojson(
    folder: Path, lines: list, crs: str | None = None, name: str = "lines.geojson", **columns: list
) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {head: values[row] for head, values in columns.items()},
            "geometry": None
            if line is None
            else {
                "type": "MultiLineString" if isinstance(line[0][0], list) else "LineString",
                "coordinates": line,
            },
        }
        for row, line in enumerate(lines)
    ]
    content = {"type": "FeatureCollection", "features": features}
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_metres_without_a_coordinate_system_are_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "GBK")
    path.with_suffix(".prj").unlink()
    table = pyogrio.read_arrow(path, encoding="GBK")[1].drop(["wkb_geometry"])
    far = shapely.to_wkb(shapely.linestrings([[400000, 2600000], [400100, 2600000]]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_arrow(
            table.append_column("geometry", pa.array([far, far])),
            path,
            geometry_name="geometry",
            geometry_type="LineString",
            encoding="GBK",
        )
    with pytest.raises(DataError, match="坐标"):
        read_network(path)
    assert len(read_network(path, ReadingOptions(crs="EPSG:4545")).reaches) == 2
    with pytest.raises(CallError):
        read_network(path, ReadingOptions(crs="EPSG:none"))


def test_damaged_and_incomplete_shapefiles(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "GBK")
    whole = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(whole[:-50])
    with pytest.raises(UnreadableFile):
        read_network(path)
    path.with_suffix(".dbf").unlink()
    with pytest.raises(UnreadableFile, match="dbf"):
        read_network(path)
    (tmp_path / "x.gpkg").write_bytes(b"no database")
    with pytest.raises(UnreadableFile):
        read_network(tmp_path / "x.gpkg")


def test_a_record_marked_as_deleted_is_left_out_and_said(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "GBK")
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    start, width = int.from_bytes(content[8:10], "little"), int.from_bytes(content[10:12], "little")
    content[start + width : start + width + 1] = b"*"
    table.write_bytes(content)
    file = read_network(path, ReadingOptions(outside="outlet"))
    assert file.reaches.ids.tolist() == ["甲"]
    assert {row: fate for row, fate, _ in file.accounts[0].entries()} == {
        1: Fate.REACH,
        2: Fate.IGNORED,
    }


# A river of three pieces and a tributary, 1 km each; y grows to the north, water runs south.
def river(*, gap_m: float = 0.0, turned: bool = False, inside: bool = False) -> list:
    step, shift = 0.01, gap_m / 111_000
    stem = [
        [[109.0, 24.0], [109.0, 23.99]],
        [[109.0, 23.99 - shift], [109.0, 23.98]],
        [[109.0, 23.98], [109.0, 23.97]],
    ]
    mouth = 23.985 if inside else 23.99
    tributary = [[109.0 + step, 24.0], [109.0, mouth]]
    if turned:
        stem[1] = stem[1][::-1]
    return [*stem, tributary]


def test_ends_that_touch_make_the_topology(tmp_path: Path) -> None:
    file = read_network(geojson(tmp_path, river(gap_m=4)))
    assert problems_of(file) == () and not file.findings
    network = build_file(file)
    assert sorted(network.upstream(2).tolist()) == [0, 1, 2, 3]
    assert file.reaches.ids.tolist() == ["1", "2", "3", "4"]


def test_a_gap_is_reported_with_its_width_and_can_be_bridged(tmp_path: Path) -> None:
    path = geojson(tmp_path, river(gap_m=40))
    file = read_network(path)
    gaps = [finding for finding in file.findings if finding.code == "gap"]
    assert [float(gap.raw) for gap in gaps] == [pytest.approx(40, abs=1)], "each gap is told once"
    assert "several-outlets" in {finding.code for finding in file.findings}
    bridged = read_network(path, ReadingOptions(changes={"touch_m": 60.0}))
    assert not bridged.findings and len(build_file(bridged).upstream(2)) == 4


def test_a_tributary_that_ends_inside_a_line_cuts_it(tmp_path: Path) -> None:
    file = read_network(geojson(tmp_path, river(inside=True)))
    assert file.reaches.ids.tolist() == ["1", "2-1", "2-2", "3", "4"]
    network = build_file(file)
    rows = {name: row for row, name in enumerate(file.reaches.ids.tolist())}
    assert network.is_upstream(rows["4"], rows["2-2"]) and not network.is_upstream(rows["4"], rows["2-1"])
    assert file.reaches.length[1] + file.reaches.length[2] == pytest.approx(1107.7, abs=0.2)
    assert "2 段" in str({row: why for row, _, why in file.accounts[0].entries()}[2])


def test_a_line_drawn_against_the_flow_is_named_and_turned_only_when_asked(tmp_path: Path) -> None:
    path = geojson(tmp_path, river(turned=True))
    file = read_network(path)
    assert [finding.raw for finding in file.findings if finding.code == "drawn-against-flow"] == ["2"]
    assert len(build_file(file).upstream(2)) < 4
    turned = read_network(path, ReadingOptions(orient=True))
    assert sorted(build_file(turned).upstream(2).tolist()) == [0, 1, 2, 3]
    assert shapely.get_coordinates(turned.lines[1])[0].tolist() == [109.0, 23.99], (
        "the line is drawn as the water flows"
    )


def test_a_drawn_bifurcation_needs_shares(tmp_path: Path) -> None:
    lines = [[[109, 24], [109, 23.99]], [[109, 23.99], [109.01, 23.98]], [[109, 23.99], [108.99, 23.98]]]
    assert [problem.code for problem in problems_of(read_network(geojson(tmp_path, lines)))] == [
        "share-missing"
    ]
    file = read_network(geojson(tmp_path, lines), ReadingOptions(equal_shares=True))
    assert file.edges.fraction.tolist() == [0.5, 0.5] and problems_of(file) == ()


def test_features_that_are_no_single_line(tmp_path: Path) -> None:
    joined = [[[109, 24], [109, 23.99]], [[109, 23.99], [109, 23.98]]]
    apart = [[[109, 24], [109, 23.99]], [[110, 23.99], [110, 23.98]]]
    file = read_network(geojson(tmp_path, [joined, apart, None]))
    assert {(problem.code, problem.where.row) for problem in file.problems} == {("several-parts", 2)}
    fates = {row: fate for row, fate, _ in file.accounts[0].entries()}
    assert fates == {1: Fate.REACH, 2: Fate.UNREADABLE, 3: Fate.IGNORED}


def test_dates_stay_texts_and_ids_numbers(tmp_path: Path) -> None:
    file = read_network(
        geojson(
            tmp_path, [None, None], id=["2020-01-01", "2020-01-02"], to=["2020-01-02", None], length_m=[1, 2]
        )
    )
    assert file.reaches.ids.tolist() == ["2020-01-01", "2020-01-02"]
    numbers = read_network(
        geojson(tmp_path, [None, None], name="n.geojson", HYRIV_ID=[7, 9], NEXT_DOWN=[9, 0], LENGTH_KM=[1, 2])
    )
    assert numbers.reaches.ids.dtype == np.int64 and numbers.edges.downstream.tolist() == [1]


def test_center_lines_of_the_world_data_bank(shared: Path) -> None:
    """186 lines of Guangxi without names or direction: what is found is told, and nothing is made up."""
    path = shared / "data" / "rivers_guangxi_wdbii.geojson"
    file = read_network(path, ReadingOptions(equal_shares=True))
    counts = file.accounts[0].counts()
    assert sum(counts.values()) == 186 and counts[Fate.REACH] == 186
    assert {"several-outlets"} <= {finding.code for finding in file.findings}
    assert np.isfinite(file.reaches.length).all() and (file.reaches.length > 0).all()
    turned = read_network(path, ReadingOptions(equal_shares=True, orient=True))
    outlets = len(set(range(len(file.reaches))) - set(file.edges.upstream.tolist()))
    fewer = len(set(range(len(turned.reaches))) - set(turned.edges.upstream.tolist()))
    assert fewer <= outlets
