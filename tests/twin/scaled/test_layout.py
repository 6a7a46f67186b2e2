"""Where an invented city is drawn: lines that meet where the water does and nowhere else."""

import csv
import json
from itertools import combinations

import numpy as np
import pytest
import shapely

from bishui.network import read_network, read_sections
from bishui.network.places import read_points, snap_points
from bishui.twin.scaled import layout


def test_every_line_ends_where_the_next_one_begins(city):
    for basin in city:
        drawn = layout(basin.network, basin.number)
        edges = basin.network.edges
        first = {}
        for up, down in zip(edges.upstream.tolist(), edges.downstream.tolist(), strict=True):
            first.setdefault(up, down)
        for up, down in first.items():
            np.testing.assert_array_equal(drawn.lines[up][-1], drawn.lines[down][0])


def test_no_line_crosses_another(city):
    for basin in city:
        lines = [shapely.LineString(line) for line in layout(basin.network, basin.number).lines]
        for one, other in combinations(lines, 2):
            assert not one.crosses(other)


def test_every_basin_has_a_place_of_its_own(city):
    boxes = [
        shapely.MultiLineString(
            [line.tolist() for line in layout(basin.network, basin.number).lines]
        ).envelope
        for basin in city
    ]
    assert len(boxes) > 2
    for one, other in combinations(boxes, 2):
        assert not one.intersects(other)


def test_a_drawing_depends_on_its_basin_only_and_a_place_is_at_its_part_of_the_line(city):
    basin = city[1]
    drawn = layout(basin.network, basin.number)
    assert all(
        np.array_equal(one, other)
        for one, other in zip(drawn.lines, layout(basin.network, basin.number).lines, strict=True)
    )
    row = basin.sections[0].reach
    length = float(basin.network.reaches.length[row])
    assert drawn.at(row, 0.0) == pytest.approx(tuple(drawn.lines[row][0]))
    assert drawn.at(row, length) == pytest.approx(tuple(drawn.lines[row][-1]))


def test_the_drawing_is_the_network_of_the_table_and_sections_snap_to_their_own_reaches(written):
    table, drawing = read_network(written["reaches"]), read_network(written["drawing"])
    assert drawing.has_geometry
    assert drawing.reaches.ids.tolist() == table.reaches.ids.tolist()
    for name in ("length", "velocity", "volume", "temperature", "lateral_flow"):
        np.testing.assert_array_equal(getattr(drawing.reaches, name), getattr(table.reaches, name))
    pairs = [
        sorted(
            zip(
                file.edges.upstream.tolist(), file.edges.downstream.tolist(), file.edges.fraction, strict=True
            )
        )
        for file in (table, drawing)
    ]
    assert pairs[0] == pairs[1]
    places = {section.key: section for section in read_sections(written["sections"], drawing)}
    for found in snap_points(read_points(written["sections"]), drawing):
        # At a confluence two reaches are equally near: there the table's reach is what counts.
        place = places[found.key]
        own = next(entry for entry in found.candidates if entry.reach == place.reach)
        length = float(drawing.reaches.length[place.reach])
        assert own.chainage == pytest.approx(place.chainage, abs=0.01 * length)


def test_the_drawing_says_that_it_is_invented(written):
    drawing = json.loads(written["drawing"].read_text(encoding="utf-8"))
    assert drawing["name"].startswith("虚构")
    assert "4490" in drawing["crs"]["properties"]["name"]


def test_sections_and_outfalls_and_what_is_on_no_list_stand_on_the_drawing(written):
    lines = read_network(written["drawing"]).lines
    for name in ("sections", "outfalls", "loads"):
        with written[name].open(encoding="utf-8-sig", newline="") as file:
            points = [shapely.Point(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)]
        assert points
        for point in points:
            assert shapely.distance(lines, point).min() < 2e-6
