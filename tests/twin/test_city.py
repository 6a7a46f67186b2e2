"""The invented city: its registers fit together, and the same seed gives the same city."""

import numpy as np
import pytest

from bishui.errors import CallError
from bishui.twin import AS_OF, SIZES, build_city, schematic
from bishui.twin.geometry import distances_km, point_at, smooth


@pytest.fixture(scope="module")
def city():
    return build_city()


def test_equal_arguments_give_equal_cities():
    assert build_city(7) == build_city(7)


def test_the_city_stands_still_at_its_day(city):
    assert city.as_of == AS_OF
    assert city.as_of.isoformat() == "2025-10-20"


def test_it_is_one_city_with_one_district_and_two_counties(city):
    inner = [d.level for d in city.divisions if d.parent == city.division]
    assert sorted(inner) == ["county", "county", "district"]
    assert all(d.code.startswith("99") and len(d.code) == 6 for d in city.divisions)
    codes = {d.code for d in city.divisions}
    assert all(d.parent in codes for d in city.divisions if d.parent is not None)


def test_every_unit_belongs_to_a_division_and_has_its_own_id_and_name(city):
    codes = {d.code for d in city.divisions}
    assert all(unit.division in codes for unit in city.units)
    assert len({unit.id for unit in city.units}) == len(city.units)
    assert len({unit.name_zh for unit in city.units}) == len(city.units)


def test_a_short_name_belongs_to_one_unit_only(city):
    aliases = [alias for unit in city.units for alias in unit.aliases]
    assert len(aliases) == len(set(aliases))
    unit = next(unit for unit in city.units if "市住房城乡建设局" in unit.aliases)
    assert unit.name_zh == "岚津市住房和城乡建设局"


def test_every_unit_named_in_the_plan_is_in_the_register(city):
    from bishui.twin import plan_document

    known = {name for unit in city.units for name in (unit.name_zh, *unit.aliases)}
    known |= {unit.name_zh.removeprefix(city.name_zh) for unit in city.units}
    known |= {collective.name for collective in city.collectives}
    known |= {"本计划所有牵头单位", "本计划所有配合单位"}
    named = {
        name
        for task in plan_document(city).tasks
        for cell in (task.lead, task.cooperating, task.responsible)
        for name in cell.units
    }
    assert named <= known


def test_a_collective_name_stands_for_registered_units(city):
    ids = {unit.id for unit in city.units}
    assert all(set(collective.units) <= ids for collective in city.collectives)


@pytest.mark.parametrize("size", SIZES)
def test_water_flows_from_lower_to_higher_order_and_leaves_at_one_place(size):
    reaches = {reach.id: reach for reach in build_city(size=size).reaches}
    mouths = [reach for reach in reaches.values() if reach.downstream is None]
    assert [reach.river for reach in mouths] == ["霁江"]
    for reach in reaches.values():
        if reach.downstream is not None:
            below = reaches[reach.downstream]
            assert reach.order < below.order
            assert reach.points[-1] == below.points[0]


@pytest.mark.parametrize("size", SIZES)
def test_every_section_lies_on_its_reach(size):
    city = build_city(size=size)
    lines = {reach.id: np.array(reach.points) for reach in city.reaches}
    for section in city.sections:
        nearest = min(
            np.hypot(*(np.array(point_at(lines[section.reach], at)) - (section.lon, section.lat)))
            for at in np.linspace(0, 1, 501)
        )
        assert nearest < 5e-4  # degrees: rounding to four decimals, and the grid of this search
        assert round(section.lon, section.coordinate_digits) == section.lon


def test_a_medium_city_holds_the_small_one(city):
    medium = build_city(size="medium")
    assert {s.id for s in city.sections} < {s.id for s in medium.sections}
    assert {r.id for r in city.reaches} < {r.id for r in medium.reaches}
    assert len(medium.sections) == 20


def test_all_kinds_of_control_and_water_type_occur(city):
    assert {s.control for s in city.sections} == {"国控", "区控", "市控"}
    types = [s.water_type for s in city.sections]
    assert types.count("lake") == 1
    assert types.count(None) == 1
    assert len(city.sections) == 12


def test_one_section_lies_elsewhere_and_counts_for_the_city(city):
    away = [s.name_zh for s in city.sections if s.division != s.assessed]
    assert away == ["霁尾亭"]


def test_an_undecided_water_type_is_null_in_the_sites_table(city):
    rows = {row["name"]: row["water_type"] for row in city.sites().to_pylist()}
    assert rows["石鲸湾"] is None
    assert rows["菱歌湖心"] == "lake"


def test_every_section_has_one_target_with_its_line_in_the_plan(city):
    rows = city.targets().to_pylist()
    assert [row["site"] for row in rows] == [s.id for s in city.sections]
    assert [row["target_class"] for row in rows] == [s.target for s in city.sections]
    assert all(row["source_line"] > 0 for row in rows)


def test_outfalls_plants_and_parks_refer_to_what_exists(city):
    dischargers = {d.id for d in city.dischargers}
    assert {outfall.discharger for outfall in city.outfalls} <= dischargers
    plants = {plant.id for plant in city.plants}
    assert all(set(park.plants) <= plants for park in city.parks)
    reaches = {reach.id for reach in city.reaches}
    assert {outfall.reach for outfall in city.outfalls} <= reaches


def test_events_refer_to_what_exists(city):
    sites, outfalls = {s.id for s in city.sections}, {o.id for o in city.outfalls}
    for event in city.events:
        assert set(event.sites) <= sites
        assert event.start < event.end
        assert event.outfall is None or event.outfall in outfalls


def test_the_schematic_gives_drawable_lines_in_order_of_flow(city):
    lines = schematic(city)
    assert [line["order"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["kind"] for line in lines} == {"main", "tributary", "lake"}
    assert all(len(line["points"]) > 6 for line in lines)


def test_an_unknown_size_is_refused_with_the_known_ones():
    with pytest.raises(CallError) as caught:
        build_city(size="huge")
    assert "huge" in str(caught.value)
    assert "medium" in str(caught.value)


def test_a_negative_seed_is_refused():
    with pytest.raises(CallError) as caught:
        build_city(-3)
    assert "-3" in str(caught.value)


def test_one_degree_of_latitude_is_111_km():
    assert distances_km(np.array([[83.0, 38.0], [83.0, 39.0]]))[-1] == pytest.approx(111.195, abs=0.01)


def test_a_smoothed_line_keeps_its_given_points():
    corners = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]])
    line = smooth(corners, steps=5)
    assert len(line) == 11
    np.testing.assert_allclose(line[::5], corners, atol=1e-12)
