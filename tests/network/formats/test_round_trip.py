"""What is written reads back as the same network, for every network."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.network import Diffuse
from bishui.network.formats import (
    LON_LAT,
    NetworkFile,
    Origin,
    build_file,
    problems_of,
    read_network,
    write_network,
)
from bishui.network.tables import Edges, Reaches, ReachKind

NAMES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=8
)
SIZES = st.floats(0, 1e7, allow_nan=False)
KINDS = st.sampled_from([ReachKind.RIVER, ReachKind.CANAL, ReachKind.CHANNEL, ReachKind.LAKE, ReachKind.DRY])
DEGREES = st.tuples(st.floats(73, 135), st.floats(18, 54))


@st.composite
def networks(draw: st.DrawFn) -> NetworkFile:
    count = draw(st.integers(1, 6))
    texts = draw(st.booleans())
    element = NAMES if texts else st.integers(1, 2**53)
    ids = draw(st.lists(element, min_size=count, max_size=count, unique=True))
    up, down, share = [], [], []
    for row in range(count - 1):
        below = draw(st.lists(st.integers(row + 1, count - 1), max_size=3, unique=True))
        parts = draw(st.lists(st.floats(0.01, 1), min_size=len(below), max_size=len(below)))
        up += [row] * len(below)
        down += below
        share += [part / sum(parts) for part in parts]
    kinds = draw(st.lists(KINDS, min_size=count, max_size=count))
    numbers = [np.array(draw(st.lists(SIZES, min_size=count, max_size=count))) for _ in range(5)]
    lake = np.array([kind.mixed for kind in kinds])
    lines = np.full(count, None, dtype=object)
    for row in range(count):
        points = draw(st.one_of(st.none(), st.lists(DEGREES, min_size=2, max_size=4, unique=True)))
        lines[row] = shapely.LineString(points) if points else None
    width = np.where(draw(st.lists(st.booleans(), min_size=count, max_size=count)), numbers[4], np.nan)
    return NetworkFile(
        Reaches(
            np.array(ids), np.array([int(kind) for kind in kinds], np.int8), numbers[0], numbers[1],
            np.where(lake, numbers[2] + 1, np.nan), numbers[3] % 40, numbers[4],
        ),
        Edges(np.array(up, np.int64), np.array(down, np.int64), np.array(share, np.float64)),
        np.array(draw(st.lists(st.sampled_from(["", "清溪", "a,b"]), min_size=count, max_size=count)), dtype=object),
        lines,
        {"width": width},
        {"COD": numbers[2]},
        Origin("x", None, np.arange(count), np.array(up)),
        assumed={"velocity": np.arange(count) % 2 == 0},
        diffuse=Diffuse(numbers[0], {"COD": numbers[1], "NH3-N": numbers[4]}) if draw(st.booleans()) else None,
    )  # fmt: skip


def same(given_: NetworkFile, read: NetworkFile, *, geometry: bool = True) -> None:
    assert read.reaches.ids.astype(str).tolist() == given_.reaches.ids.astype(str).tolist()
    for name in ("kind", "length", "velocity", "volume", "temperature", "lateral_flow"):
        np.testing.assert_array_equal(getattr(read.reaches, name), getattr(given_.reaches, name), name)

    def edges(file: NetworkFile) -> list:
        return sorted(
            zip(
                file.edges.upstream.tolist(),
                file.edges.downstream.tolist(),
                file.edges.fraction.tolist(),
                strict=True,
            )
        )

    assert edges(read) == edges(given_)
    assert read.names.tolist() == given_.names.tolist()
    np.testing.assert_array_equal(read.attributes["width"], given_.attributes["width"])
    np.testing.assert_array_equal(read.lateral["COD"], given_.lateral["COD"])
    assert (read.diffuse is None) == (given_.diffuse is None)
    if read.diffuse and given_.diffuse:
        np.testing.assert_array_equal(read.diffuse.flow, given_.diffuse.flow)
        assert read.diffuse.rates.keys() == given_.diffuse.rates.keys()
        for key, rates in given_.diffuse.rates.items():
            np.testing.assert_array_equal(read.diffuse.rates[key], rates)
    np.testing.assert_array_equal(read.assumed["velocity"], given_.assumed["velocity"])
    if geometry:
        assert [None if line is None else shapely.get_coordinates(line).tolist() for line in read.lines] == [
            None if line is None else shapely.get_coordinates(line).tolist() for line in given_.lines
        ]


LAW = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@LAW
@given(file=networks())
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".csv"])
def test_what_is_written_reads_back_the_same(tmp_path: Path, suffix: str, file: NetworkFile) -> None:
    path = tmp_path / f"net{suffix}"
    write_network(file, path)
    read = read_network(path)
    same(file, read, geometry=suffix != ".csv")
    assert not read.problems
    if suffix == ".gpkg":
        assert read.reaches.ids.dtype.kind == file.reaches.ids.dtype.kind


def test_the_coordinate_system_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,to,length_m\na,,1\n", encoding="utf-8")
    file = read_network(tmp_path / "a.csv")
    for suffix in (".gpkg", ".geojson"):
        write_network(file, tmp_path / f"a{suffix}")
        import pyogrio

        assert pyogrio.read_info(tmp_path / f"a{suffix}", layer="reaches")["crs"] == LON_LAT
    assert problems_of(read_network(tmp_path / "a.gpkg")) == () and len(build_file(file)) == 1


def test_guesses_stay_marked_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,to,length_m,velocity\na,b,1,0.4\nb,,1,\n", encoding="utf-8")
    write_network(read_network(tmp_path / "a.csv"), tmp_path / "b.gpkg")
    again = read_network(tmp_path / "b.gpkg")
    assert again.assumed["velocity"].tolist() == [False, True]


def test_an_unknown_ending_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,to,length_m\na,,1\n", encoding="utf-8")
    with pytest.raises(CallError):
        write_network(read_network(tmp_path / "a.csv"), tmp_path / "a.docx")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
