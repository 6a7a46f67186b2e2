"""Points on reaches: distance, chainage, and when a person has to look."""

import time

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from bishui.network.settings import settings
from bishui.network.snapping import SnapConfidence, SnapDoubt, SnapPoint, decimals_of, precision, snap

GEOD = Geod(a=6378137.0, rf=298.257222101)
#: Metres of a degree at 24° N: of longitude and latitude.
EAST = GEOD.inv(109, 24, 109.001, 24)[2] * 1000
NORTH = GEOD.inv(109, 24, 109, 24.001)[2] * 1000


def line(*points: tuple[float, float]) -> shapely.LineString:
    """A line through points given in metres from 109° E, 24° N."""
    return shapely.LineString([(109 + x / EAST, 24 + y / NORTH) for x, y in points])


def point(x: float, y: float, key: str = "p", **other: object) -> SnapPoint:
    return SnapPoint(key, 109 + x / EAST, 24 + y / NORTH, **other)  # type: ignore[arg-type]


def lines(*found: shapely.LineString | None) -> np.ndarray:
    return np.array(found, dtype=object)


# A stem that runs south in two reaches, and a tributary from the north-east that joins between them.
UPPER, LOWER = line((0, 1000), (0, 0)), line((0, 0), (0, -1000))
TRIBUTARY = line((1000, 1000), (0, 0))
ALL, NAMES = lines(UPPER, LOWER, TRIBUTARY), ["清溪", "清溪干流", "小河"]


def test_distance_and_chainage_in_geodesic_metres() -> None:
    (found,) = snap([point(30, 600)], ALL, NAMES)
    assert (found.confidence, found.place.reach) == (SnapConfidence.CERTAIN, 0)
    assert found.place.distance == pytest.approx(30, abs=0.01)
    assert found.place.chainage == pytest.approx(400, abs=0.05)


def test_chainage_is_scaled_to_the_length_of_the_network() -> None:
    (found,) = snap([point(30, 600)], ALL, NAMES, np.array([2000.0, 1000.0, 1500.0]))
    assert found.place.chainage == pytest.approx(800, abs=0.1)


def test_beyond_the_limit_nothing_is_placed_but_the_candidates_are_listed() -> None:
    (found,) = snap([point(-250, 600)], ALL, NAMES)
    assert (
        found.confidence is SnapConfidence.NONE and found.place is None and SnapDoubt.TOO_FAR in found.doubts
    )
    assert found.candidates[0].reach == 0
    (nearer,) = snap([point(-250, 600)], ALL, NAMES, chosen=settings("snapping", limit_m=300.0))
    assert nearer.confidence is SnapConfidence.CERTAIN and "limit_m" in nearer.version
    (far,) = snap([point(-5000, 600)], ALL, NAMES)
    assert far.doubts == (SnapDoubt.NONE_NEAR,) and not far.candidates


def test_another_river_at_less_than_twice_the_distance_is_a_doubt() -> None:
    here = point(150, 300)  # 150 m from the stem, about 106 m from the tributary
    (found,) = snap([here], ALL, NAMES)
    assert (found.confidence, found.doubts) == (SnapConfidence.DOUBTFUL, (SnapDoubt.RIVAL,))
    assert [candidate.reach for candidate in found.candidates[:2]] == [2, 0]


def test_the_name_settles_it() -> None:
    (found,) = snap([point(150, 300, water="清溪（上段）")], ALL, NAMES)
    assert (found.confidence, found.place.reach, found.place.name_agrees) == (SnapConfidence.CERTAIN, 0, True)
    (other,) = snap([point(30, 600, water="大江")], ALL, NAMES)
    assert other.doubts == (SnapDoubt.NAME_DIFFERS,)


def test_on_a_confluence_a_person_says_on_which_side() -> None:
    (found,) = snap([point(3, 4, water="清溪")], ALL, NAMES)
    assert SnapDoubt.CONFLUENCE in found.doubts and found.confidence is SnapConfidence.DOUBTFUL


def test_two_reaches_that_follow_one_another_are_one_river_without_names() -> None:
    (found,) = snap([point(20, 5)], lines(UPPER, LOWER))
    assert found.confidence is SnapConfidence.CERTAIN


def test_two_parallel_rivers_without_names_are_two() -> None:
    (found,) = snap([point(50, 500)], lines(UPPER, line((120, 1000), (120, 0))))
    assert found.doubts == (SnapDoubt.RIVAL,)


def test_coarse_coordinates_are_never_certain() -> None:
    assert decimals_of("109.12", "24.1") == 2
    assert precision(2, 24) == pytest.approx(0.005 * np.hypot(EAST, NORTH), rel=1e-6)
    (found,) = snap([point(10, 600, decimals=2)], ALL, NAMES)
    assert found.doubts == (SnapDoubt.COARSE,) and found.precision > 200
    (fine,) = snap([point(10, 600, decimals=5)], ALL, NAMES)
    assert fine.confidence is SnapConfidence.CERTAIN


def test_reaches_without_a_line_are_passed_over() -> None:
    (found,) = snap([point(30, 600)], lines(None, UPPER))
    assert found.place.reach == 1
    assert snap([], ALL) == []


@given(st.integers(0, 1000), st.integers(-190, 190))
def test_the_nearest_place_of_a_straight_river_is_known(y: int, x: int) -> None:
    (found,) = snap([point(x, y)], lines(UPPER))
    assert found.place.distance == pytest.approx(abs(x), abs=0.05)
    assert found.place.chainage == pytest.approx(1000 - y, abs=0.05)


@given(st.lists(st.tuples(st.integers(-900, 900), st.integers(-900, 900)), min_size=1, max_size=8))
def test_each_point_is_placed_by_itself(places: list[tuple[int, int]]) -> None:
    points = [point(x, y) for x, y in places]
    assert snap(points, ALL, NAMES) == [snap([one], ALL, NAMES)[0] for one in points]


def test_ten_thousand_points_on_a_hundred_thousand_reaches() -> None:
    rng = np.random.default_rng(5)
    begin = np.column_stack([rng.uniform(105, 112, 100_000), rng.uniform(21, 26, 100_000)])
    steps = np.cumsum(rng.normal(0, 0.002, (100_000, 5, 2)), axis=1)
    many = shapely.linestrings(np.concatenate([begin[:, None], begin[:, None] + steps], axis=1))
    rows = rng.integers(0, 100_000, 10_000)
    points = [SnapPoint(str(row), *(begin[row] + 1e-4)) for row in rows]
    began = time.process_time()
    found = snap(points, many)
    assert sum(row in {c.reach for c in got.candidates} for row, got in zip(rows, found, strict=True)) > 9_900
    assert time.process_time() - began < 60


def test_lines_far_from_every_point_change_no_answer():
    lines = _many_lines(count=400, apart=0.02)
    points = [SnapPoint(f"p{number}", 109.0 + 0.0191 * number, 24.0013, "", 5) for number in range(4)]
    near = snap(points, lines)
    alone = snap(points, _without_far(lines, points))
    assert [_told(entry) for entry in near] == [_told(entry) for entry in alone]
    assert any(entry.doubts for entry in near)


def _many_lines(count, apart):
    """Return a grid of lines that meet at their ends."""
    side = round((count / 2) ** 0.5)
    lines = []
    for row in range(side):
        for column in range(side):
            lon, lat = 109.0 + apart * column, 24.0 + apart * row
            lines.append(shapely.LineString([(lon + apart, lat), (lon, lat)]))
            lines.append(shapely.LineString([(lon, lat + apart), (lon, lat)]))
    return np.array(lines, dtype=object)


def _without_far(lines, points):
    """Return the lines with those left out that lie farther than a tenth of a degree from all points."""
    places = shapely.multipoints([(point.lon, point.lat) for point in points])
    return np.where(shapely.distance(lines, places) < 0.1, lines, None)


def _told(entry):
    return (
        entry.confidence,
        entry.doubts,
        [(one.reach, round(one.chainage, 6), round(one.distance, 6)) for one in entry.candidates],
    )
