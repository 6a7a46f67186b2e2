"""The invented city's places beside the sections: sources, plants, outfalls, stations, wells, lake, zones."""

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest

from bishui import twin
from bishui.twin import place_readings, places

KINDS = {
    "plant_inlet", "plant_outlet", "outfall_point", "hydrometric_station", "black_odorous_point",
    "lake_point", "function_zone", "groundwater_well",
}  # fmt: skip


@pytest.fixture(scope="module")
def city():
    return twin.build_city()


@pytest.fixture(scope="module")
def readings(city):
    return list(place_readings(city))


def test_every_kind_of_place_is_there(city):
    assert {place.kind for place in places(city)} == KINDS


def test_every_place_is_measured(city, readings):
    measured = {reading.site for reading in readings}
    assert {place.id for place in places(city)} <= measured
    used = {source.id for source in city.sources if source.status != "规划"}
    assert used <= measured
    assert not {source.id for source in city.sources if source.status == "规划"} & measured


def test_the_same_seed_gives_the_same_readings(city, readings):
    assert list(place_readings(twin.build_city())) == readings
    assert list(place_readings(twin.build_city(seed=2))) != readings


def test_a_later_day_only_adds_readings(readings, city):
    until = dt.date(2025, 10, 20)
    assert list(place_readings(city, until)) == [one for one in readings if one.time.date() <= until]


def test_plants_are_measured_daily_and_wells_twice_a_year(readings):
    days = Counter(one.site for one in readings if one.item == "ph")
    assert (days["99P001C"], days["99G001"], days["99X001A"], days["99L001"]) == (365, 2, 4, 12)


def test_below_the_detection_limit_the_limit_is_written(readings):
    below = {one.raw for one in readings if one.raw.endswith("L")}
    assert "0.00004L" in below
    assert all(Decimal(raw.removesuffix("L")) > 0 for raw in below)


def test_what_happened_is_in_the_numbers(readings):
    def mean(site, item, months):
        found = [
            Decimal(r.raw) for r in readings if (r.site, r.item) == (site, item) and r.time.month in months
        ]
        return sum(found) / len(found)

    assert mean("99W003", "codmn", {6}) > 2 * mean("99W003", "codmn", {7, 8, 9})
    assert mean("99H002", "flow", {1}) < Decimal("2.1") < mean("99H002", "flow", {7})
    assert mean("99X001A", "nh3n", {8}) > 15


def test_files_as_users_upload_them_hold_them(city, tmp_path):
    from bishui.observations import read_table

    path = twin.measurement_files(city, tmp_path)["places"]
    read = read_table(path)
    assert not read.problems
    until = list(place_readings(city, city.as_of))
    assert read.table.num_rows == len(until)
