"""Written names of units: levels handed on inside a cell, collective names, names that stay open."""

import pytest

from bishui.server.plans.unit_names import (
    Directory,
    KnownUnit,
    Place,
    Resolved,
    resolve,
    resolve_plan,
    role_meant,
)

CITY, A, B, D = "990000/", "990000/990101/", "990000/990102/", "990000/990103/"
PLACES = [
    Place(CITY, "甲市", "city"),
    Place(A, "乙县", "county"),
    Place(B, "丙县", "county"),
    Place(D, "戊区", "county"),
]
UNITS = [
    KnownUnit("eco", ("甲市生态环境局",), CITY, "department"),
    KnownUnit("ind", ("市工业和信息化局",), CITY, "department"),
    KnownUnit("plan", ("市发展和改革委员会", "市发展改革委"), CITY, "department"),
    KnownUnit("market", ("市市场监管局",), CITY, "department"),
    KnownUnit("a-gov", ("乙县人民政府",), A, "government"),
    KnownUnit("b-gov", ("丙县人民政府",), B, "government"),
    KnownUnit("d-gov", ("戊区人民政府",), D, "government"),
    KnownUnit("a-eco", ("乙县生态环境局",), A, "department"),
    KnownUnit("b-eco", ("丙县生态环境局",), B, "department"),
]


@pytest.fixture
def city():
    return Directory(CITY, PLACES, UNITS)


def ids(directory, *names):
    return [item.units for item in resolve(names, directory)]


def test_the_second_name_takes_the_level_of_the_first(city):
    assert ids(city, "市生态环境局", "工业和信息化局") == [("eco",), ("ind",)]


def test_the_divisions_name_in_front_is_left_out_or_written(city):
    assert ids(city, "市生态环境局", "甲市生态环境局", "甲市工业和信息化局") == [("eco",), ("eco",), ("ind",)]
    assert ids(city, "甲市生态环境局", "生态环境局") == [("eco",), ("eco",)]


def test_an_alias_and_both_forms_of_a_commission_are_the_same_unit(city):
    assert ids(city, "市发展改革委", "市发展和改革委", "市发展和改革委员会") == [("plan",)] * 3


def test_a_word_that_begins_like_a_level_has_none(city):
    assert ids(city, "市生态环境局", "市场监管局") == [("eco",), ("market",)]


@pytest.mark.parametrize(
    "name", ["各县、区人民政府", "各县（区）人民政府", "各县（市、区）人民政府", "各县、 城区人民政府"]
)
def test_a_collective_name_is_one_name_with_all_its_governments(city, name):
    assert resolve([name], city) == [Resolved(name, ("a-gov", "b-gov", "d-gov"))]


def test_counties_alone_leave_the_districts_out(city):
    assert ids(city, "各县人民政府") == [("a-gov", "b-gov")]


def test_a_collective_name_without_known_units_says_so(city):
    assert resolve(["各乡镇人民政府"], city) == [Resolved("各乡镇人民政府", (), "empty")]


def test_a_name_of_two_counties_is_ambiguous_for_the_city(city):
    assert resolve(["县生态环境局"], city) == [Resolved("县生态环境局", (), "ambiguous")]


def test_a_countys_own_bureau_is_meant_in_its_own_plan():
    county = Directory(A, PLACES, UNITS)
    assert ids(county, "县生态环境局", "市生态环境局") == [("a-eco",), ("eco",)]


def test_relevant_governments_are_not_guessed(city):
    assert resolve(["相关县、区人民政府"], city)[0].reason == "unknown"


def test_all_lead_units_of_the_plan():
    assert role_meant("本计划所有牵头单位") == "lead"
    cells = {(1, "lead"): ["市生态环境局"], (2, "lead"): ["市工业和信息化局"], (3, "lead"): ["各牵头单位"]}
    assert resolve_plan(cells, Directory(CITY, PLACES, UNITS))[3, "lead"] == [
        Resolved("各牵头单位", ("eco", "ind"))
    ]
