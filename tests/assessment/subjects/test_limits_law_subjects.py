"""Every limit of every method: itself, one unit in the last place to either side, zero, below it, nothing measured.

The limits are read from the tables as they stand; what is expected of them is said here once more, in a line each. What
belongs to sections stands in ``test_limits_law``.
"""

import tomllib
from datetime import date, datetime
from decimal import Decimal as D
from pathlib import Path

import pytest

from bishui import standards
from bishui.assessment import (
    Body,
    BodyPoint,
    Discharge,
    Grade,
    LeftOut,
    Period,
    Plant,
    Reason,
    SourceKind,
    WaterSource,
    Zone,
    air_day,
    assess,
    assess_sources,
    assess_zones,
    discharge_result,
    effluent,
    good_days,
    grade_body,
    groundwater_classes,
    lake_status,
)
from bishui.assessment.subjects.discharges import judged_days
from bishui.errors import CallError
from bishui.standards import any_item, rules, unit_factor
from tests.assessment.tables import measurements, reading, sites
from tests.assessment.test_limits_law import JUDGED, cases, clause

DATA = Path(standards.__file__).parent / "data"
JUNE = Period.month(2024, 6)
DAY = datetime(2024, 6, 5, 9)
BANDS = ("I", "II", "III", "IV")


def table(name, *, of=()):
    content = tomllib.loads((DATA / "limits" / name).read_text("utf-8"), parse_float=D)
    return [entry for entry in content["limit"] if not of or entry["table"] in of]


def last_place(item):
    """The finest unit in which a value of an item is kept."""
    return D(1).scaleb(-min(any_item(item).scale, 10))


def in_own_unit(entry, limit):
    item = any_item(entry["item"])
    return D(limit) * unit_factor(item, entry["unit"])


def around(item, ends):
    """Each limit, a unit in the last place to either side, zero, and a unit below it."""
    unit = last_place(item)
    return sorted({end + step for end in ends for step in (-unit, D(0), unit)} | {D(0), -unit})


def rows_of(given):
    """One site for each (item, value)."""
    return [
        reading(item, f"{value:f}", DAY, site=f"{place:04}", source="manual")
        for place, (item, value) in enumerate(given)
    ]


# -- lakes: 环办〔2011〕22号 二.3, the limits of lakes -----------------------------------------------------


def test_a_lake_of_one_point_has_the_class_of_each_value():
    given = list(cases("lake", rounded=True))
    rows = rows_of([(entry["item"], value) for entry, value in given])
    register = sites(*({"id": row["site"], "water_type": "lake"} for row in rows))
    results = {result.site: result for result in assess(measurements(rows), register, period=JUNE)}
    wrong = [
        (entry["item"], str(value))
        for place, (entry, value) in enumerate(given)
        if lake_status("湖", [results[f"{place:04}"]]).rank != clause(entry, "lake", value)
    ]
    assert (len(given) > 200, wrong) == (True, [])


def test_a_lake_without_a_value_has_no_class():
    rows = [reading(entry["item"], None, DAY, mark="no_reading") for entry in JUDGED]
    (found,) = assess(measurements(rows), sites({"id": "S", "water_type": "lake"}), period=JUNE)
    status = lake_status("湖", [found])
    assert (status.rank, len(status.not_evaluated)) == (None, 1)


# -- function zones: SL 395-2007, target class Ⅲ ----------------------------------------------------------


@pytest.mark.parametrize("target", [2, 3, 4])
def test_a_zone_attains_where_its_mean_meets_the_class_of_its_target(target):
    given = list(cases("river", rounded=True))
    rows = rows_of([(entry["item"], value) for entry, value in given])
    names = [row["site"] for row in rows]
    zones = [Zone(name, name, (name,), target) for name in names]
    found = assess_zones(measurements(rows), sites(*names), zones, Period.year(2024))
    wrong = [
        (entry["item"], str(value))
        for name, (entry, value) in zip(names, given, strict=True)
        if found.of(name).attained is not (clause(entry, "river", value) <= target)
    ]
    assert wrong == []


def test_a_zone_without_a_value_is_left_out():
    rows = [reading("codmn", None, DAY, mark="no_reading")]
    found = assess_zones(measurements(rows), sites("S"), [Zone("Z", "z", ("S",), 3)], Period.year(2024))
    assert (found.of("Z").attained, found.of("Z").left_out) == (None, LeftOut.NO_DATA)


# -- drinking-water sources: GB 3838 tables 1 (class Ⅲ), 2 and 3; GB/T 14848 class Ⅲ ------------------------


def attained_sources(given, kind=SourceKind.SURFACE, *, beside=None):
    rows = rows_of(given)
    names = [row["site"] for row in rows]
    if beside is not None:
        rows += [reading(*beside, DAY, site=name, source="manual") for name in names]
    every = [WaterSource(name, name, (name,), kind) for name in names]
    found = assess_sources(measurements(rows), sites(*names), every, JUNE)
    return [found.of(name).attained for name in names]


def test_a_source_attains_at_class_three_of_table_1():
    left_out = rules("drinking_water", JUNE.last_day)["items_not_evaluated"]
    given = [(entry, value) for entry, value in cases("river", rounded=True) if entry["item"] not in left_out]
    found = attained_sources([(entry["item"], value) for entry, value in given])
    assert found == [clause(entry, "river", value) <= 3 for entry, value in given]


def test_a_source_attains_at_the_limit_of_tables_2_and_3():
    entries = [entry for entry in table("gb3838-2002.toml", of=("2", "3")) if "limit" in entry]
    given = [
        (entry["item"], value, in_own_unit(entry, entry["limit"]))
        for entry in entries
        for value in around(entry["item"], [in_own_unit(entry, entry["limit"])])
    ]
    found = attained_sources([(item, value) for item, value, _ in given], beside=("codmn", "2"))
    assert len(entries) >= 80
    assert found == [value <= limit for _, value, limit in given]


def test_a_groundwater_source_attains_at_class_three():
    entries = [entry for entry in table("gb14848-2017.toml") if entry["direction"] == "max"]
    given = [
        (entry, value)
        for entry in entries
        for value in around(entry["item"], [in_own_unit(entry, entry["limits"]["III"])])
    ]
    found = attained_sources([(entry["item"], value) for entry, value in given], SourceKind.GROUND)
    assert found == [value <= in_own_unit(entry, entry["limits"]["III"]) for entry, value in given]


def test_a_source_without_a_value_is_left_out():
    rows = [reading("codmn", None, DAY, site="P", mark="no_reading")]
    found = assess_sources(measurements(rows), sites("P"), [WaterSource("A", "a", ("P",))], JUNE).of("A")
    assert (found.attained, found.left_out) == (None, LeftOut.NO_DATA)


# -- groundwater: GB/T 14848-2017 ------------------------------------------------------------------------


def groundwater_class(entry, value):
    """The class that the text of the table gives."""
    if entry["direction"] == "absent":
        return 1 if value == 0 else 5
    for rank, band in enumerate(BANDS, 1):
        if band in entry.get("not_detectable_bands", ()):
            meets = value == 0
        elif "ranges" in entry:
            low, high = entry["ranges"][band]
            meets = low <= value <= high
        else:
            meets = band in entry["limits"] and value <= in_own_unit(entry, entry["limits"][band])
        if meets:
            return rank
    return 4 if entry.get("otherwise") == "IV" else 5


def ends_of(entry):
    if entry["direction"] == "absent":
        return []
    ranges = entry.get("ranges", {}).values()
    return [D(end) for ends in ranges for end in ends] + [
        in_own_unit(entry, limit) for limit in entry.get("limits", {}).values()
    ]


def test_a_well_has_the_best_class_whose_limit_it_meets():
    entries = table("gb14848-2017.toml")
    given = [(entry, value) for entry in entries for value in around(entry["item"], ends_of(entry))]
    rows = rows_of([(entry["item"], value) for entry, value in given])
    found = {well.site: well.rank for well in groundwater_classes(measurements(rows), JUNE)}
    wrong = [
        (entry["item"], str(value), found[f"{place:04}"])
        for place, (entry, value) in enumerate(given)
        if found[f"{place:04}"] != groundwater_class(entry, value)
    ]
    assert (len(entries), wrong) == (93, [])


def test_a_well_without_a_value_has_no_class():
    (found,) = groundwater_classes(measurements([reading("fe", None, DAY, mark="no_reading")]), JUNE)
    assert (found.rank, found.reason) == (None, Reason.NO_DATA)


# -- outlets and outfalls: GB 18918-2002, GB 8978-1996 ---------------------------------------------------


def facts_of(when):
    """The facts under which a row holds: days and temperatures at their own bound, or just past it."""
    built = when.get("built_from") or when.get("built_to")
    warmth = "12.1" if "water_temperature_above" in when else "12"
    return built, warmth, {"scope": when["scope"]} if "scope" in when else {}


def limited(name, tables):
    """Yield each (entry, grade, limit or ends, facts) of a discharge standard."""
    whole = tomllib.loads((DATA / "limits" / name).read_text("utf-8"), parse_float=D)
    by_table = {entry["id"]: entry.get("when", {}) for entry in whole["table"]}
    for entry in table(name, of=tables):
        when = by_table[entry["table"]] | entry.get("when", {})
        if entry["direction"] not in ("max", "min", "range") or "influent_above" in when:
            continue
        facts = facts_of(when)
        if "low" in entry:
            yield entry, None, (D(entry["low"]), D(entry["high"])), facts
        for band, limit in entry.get("limits", {"": entry.get("limit")}).items():
            if limit is not None:
                yield entry, band or None, in_own_unit(entry, limit), facts


def keeps(entry, limit, value):
    if isinstance(limit, tuple):
        return limit[0] <= value <= limit[1]
    beyond = value >= limit if entry["direction"] == "min" else value <= limit
    return beyond and not (entry.get("exclusive") and value == limit)


@pytest.mark.parametrize(
    ("standard", "file", "tables"),
    [("gb18918", "gb18918-2002.toml", ("1", "2", "3")), ("gb8978", "gb8978-1996.toml", ("1", "2", "4"))],
)
def test_a_discharge_keeps_its_limit(standard, file, tables):
    discharges, rows, expected = {}, [], {}
    for entry, band, limit, (built, warmth, further) in limited(file, tables):
        grade = band or ("1A" if standard == "gb18918" else "1")
        ends = list(limit) if isinstance(limit, tuple) else [limit]
        for value in around(entry["item"], ends):
            site = f"{len(discharges):05}"
            known = further | ({"influent": D(1)} if standard == "gb18918" else {})
            discharges[site] = Discharge(site, "口", standard, grade, built or date(2010, 1, 1), known)
            rows.append(reading(entry["item"], f"{value:f}", DAY, site=site, source="manual"))
            if standard == "gb18918":
                rows.append(reading("wtemp", warmth, DAY, site=site, source="manual"))
            expected[site, entry["item"]] = "meets" if keeps(entry, limit, value) else "exceeds"
    found = judged_days(discharges.values(), measurements(rows), date(2024, 6, 1), date(2024, 6, 30))
    judged = {(item.mean.site, item.mean.item): item.judgement.verdict for item in found}
    wrong = [
        (key, discharges[key[0]].grade, verdict, judged[key])
        for key, verdict in expected.items()
        if judged[key] != verdict
    ]
    assert (len(expected) > 300, wrong) == (True, [])


def test_what_must_not_be_detected_meets_at_zero_alone():
    """GB 18918-2002 表2, GB 8978-1996 表1: alkyl mercury."""
    for standard, grade in (("gb18918", "1A"), ("gb8978", "1")):
        discharge = Discharge("P", "口", standard, grade)
        for value, verdict in (("0", "meets"), (f"{last_place('alkyl_hg'):f}", "exceeds")):
            rows = [reading("alkyl_hg", value, DAY, site="P", source="manual")]
            (item,) = discharge_result(discharge, measurements(rows), JUNE).items
            assert item.judgement.verdict == verdict


def test_an_outlet_without_a_value_is_no_day_that_attained():
    rows = [reading("cod", None, DAY, site="P", mark="no_reading", source="manual")]
    found = discharge_result(Discharge("P", "口", "gb18918", "1A"), measurements(rows), JUNE)
    assert (found.rate.evaluated, dict(found.rate.left_out)) == (0, {LeftOut.NO_DATA: 1})
    works = Plant("A", "厂", D(1), outlet="P", grade="1A")
    assert dict(effluent(works, measurements(rows), JUNE).rate.left_out) == {LeftOut.NO_DATA: 30}


# -- black-odorous water: 建城〔2015〕130号, 环办土壤函〔2019〕826号 -----------------------------------------


def urban_grade(entry, value, border):
    """Not black-odorous up to the first limit, light up to the second; a border belongs where the rules say."""

    def meets(limit):
        own = in_own_unit(entry, limit)
        if value == own:
            return border == "better"
        return value > own if entry["direction"] == "min" else value < own

    limits = entry["limits"]
    if meets(limits["none"]):
        return Grade.NONE
    return Grade.LIGHT if "light" in limits and meets(limits["light"]) else Grade.SEVERE


@pytest.mark.parametrize("border", ["better", "worse"])
@pytest.mark.parametrize("regime", ["urban", "rural"])
def test_a_reading_of_black_odorous_water_at_each_border(regime, border):
    name = {"urban": "black-odorous-urban-2015.toml", "rural": "black-odorous-rural-2019.toml"}[regime]
    chosen = rules("black_odorous", JUNE.last_day, border=border)
    water = Body("B", "河", (BodyPoint("P"),), regime)
    wrong = []
    for entry in table(name):
        ends = [in_own_unit(entry, limit) for limit in entry["limits"].values()]
        for value in around(entry["item"], ends):
            rows = [reading(entry["item"], f"{value:f}", DAY, site="P", source="manual")]
            found = grade_body(water, measurements(rows), JUNE, chosen=chosen).points[0].readings[0].grade
            expected = urban_grade(entry, value, border)
            if regime == "rural" and expected is not Grade.NONE:
                expected = Grade.BLACK_ODOROUS
            if found is not expected:
                wrong.append((entry["item"], str(value), found))
    assert wrong == []


def test_a_body_without_a_value_has_no_grade():
    rows = [reading("do", None, DAY, site="P", mark="no_reading")]
    found = grade_body(Body("B", "河", (BodyPoint("P"),)), measurements(rows), JUNE)
    assert (found.grade, found.points[0].grade) == (None, None)


# -- air: HJ 633 -----------------------------------------------------------------------------------------

EDITIONS = [("hj633-2012.toml", date(2025, 6, 1)), ("hj633-2026.toml", date(2026, 6, 1))]


@pytest.mark.parametrize(("file", "day"), EDITIONS)
def test_the_index_at_each_breakpoint_and_beside_it(file, day):
    """At a breakpoint the index is the step; anything more is rounded up to the next number, anything less is not."""
    content = tomllib.loads((DATA / "air" / file).read_text("utf-8"), parse_float=D)
    unit = D("0.000001")
    wrong = []
    for key in rules("air", day)["daily_keys"]:
        points = content["breakpoints"][key]
        for place, (step, point) in enumerate(zip(content["steps"], points, strict=False)):
            at = air_day(day, {key: D(point)}).index
            under = air_day(day, {key: D(point) - unit}).index if point else None
            over = air_day(day, {key: D(point) + unit}).index if place + 1 < len(points) else None
            expected = (step, step if point else None, step + 1 if over is not None else None)
            if (at, under, over) != expected:
                wrong.append((key, point, at, under, over))
    assert wrong == []


@pytest.mark.parametrize(("file", "day"), EDITIONS)
def test_zero_is_an_index_of_zero_less_is_refused_and_nothing_is_no_index(file, day):
    keys = rules("air", day)["daily_keys"]
    assert air_day(day, dict.fromkeys(keys, 0)).index == 0
    for key in keys:
        with pytest.raises(CallError):
            air_day(day, {key: D("-0.000001")})
    nothing = air_day(day, dict.fromkeys(keys))
    assert (nothing.index, nothing.level, nothing.lacking) == (None, None, tuple(keys))
    assert dict(good_days([nothing]).left_out) == {LeftOut.NO_DATA: 1}
