"""Sewage works: load rates, inlet strength, collection rate, effluent by GB 18918."""

from datetime import date, datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import (
    Amount,
    DayVolume,
    LeftOut,
    Period,
    Plant,
    SampleKind,
    State,
    collection_rate,
    effluent,
    inlet_strength,
    load_rates,
)
from bishui.standards import rules
from tests.assessment.tables import measurements, reading

JUNE = Period.month(2024, 6)
FIRST = date(2024, 6, 1)
BIG = Plant("A", "甲厂", D(10000), "A-in", "A-out", "1A", built=date(2010, 1, 1))
SMALL = Plant("B", "乙厂", D(1000), "B-in", "B-out", "1B")


def volumes(plant, numbers):
    return [
        DayVolume(plant.id, FIRST + timedelta(days=day), None if number is None else D(number))
        for day, number in enumerate(numbers)
    ]


def outlet(day=1, plant=BIG, **values):
    return [
        reading(item, value, datetime(2024, 6, day, 8), site=plant.outlet) for item, value in values.items()
    ]


def judged(rows, plant=BIG, **options):
    return effluent(plant, measurements(rows), JUNE, **options)


def test_the_mean_load_by_total_volume_and_the_plain_mean():
    given_volumes = volumes(BIG, [9000] * 30) + volumes(SMALL, [400] * 30)
    found = load_rates([BIG, SMALL], given_volumes, JUNE, target=D(65))
    assert [load.percent for load in found.plants] == [D("90.0"), D("40.0")]
    assert (found.percent, found.plain, found.weighted.state) == (D("85.5"), D("65.0"), State.ATTAINED)
    plain = rules("plant", JUNE.last_day, mean_load_rate="plain")
    assert load_rates([BIG, SMALL], given_volumes, JUNE, chosen=plain).percent == D("65.0")


def test_days_without_a_volume_leave_the_rate_and_days_of_standstill_do_not():
    stopped = [DayVolume("A", date(2024, 6, 20), None, running=False)]
    load = load_rates([BIG], [*volumes(BIG, [10000] * 9 + [None]), *stopped], JUNE).plants[0]
    assert (load.days, load.missing_days, load.stopped_days, load.percent) == (10, 20, 1, D("90.0"))


def test_a_works_without_a_day_leaves_the_mean_and_is_named():
    found = load_rates([BIG, SMALL], volumes(BIG, [5000]), JUNE)
    assert (found.percent, found.left_out, found.plants[1].percent) == (D("50.0"), ("B",), None)
    assert load_rates([BIG], [], JUNE).percent is None


def test_inlet_strength_is_weighted_by_volume_over_days_with_both_numbers():
    rows = [reading("bod5", value, datetime(2024, 6, day, 8), site=site)
            for site, day, value in (("A-in", 1, "60"), ("A-in", 2, "100"), ("B-in", 1, "200"), ("A-in", 9, "1"))]  # fmt: skip
    given_volumes = volumes(BIG, [100, 300, 300]) + volumes(SMALL, [100])
    found = inlet_strength([BIG, SMALL], given_volumes, measurements(rows), JUNE, "bod5", target=D(100))
    assert found.result.rounded == 112  # (6000 + 30000 + 20000) / 500
    assert (found.days, found.missing_days["A"], found.result.state) == ({"A": 2, "B": 1}, 28, State.ATTAINED)
    strict = rules("plant", JUNE.last_day, least_inlet_days_percent=50)
    assert not inlet_strength([BIG], given_volumes, measurements(rows), JUNE, "bod5", chosen=strict).enough


def test_collection_rate_of_two_works_with_industry_deducted():
    plants = {"甲厂": (Amount(D(150000)), Amount(D(100))), "乙厂": (Amount(D(50000)), Amount(D(60)))}
    people = Amount(D(600000))
    assert collection_rate(plants, people, FIRST).rounded == D("66.7")
    found = collection_rate(plants, people, FIRST, industrial={"甲厂": Amount(D(4500))}, target=D(60))
    assert (found.rounded, found.state) == (D(50), State.NOT_ATTAINED)
    assert collection_rate(plants, Amount(D(6)), FIRST).warnings


@pytest.mark.parametrize(
    ("plant", "item", "value", "exceeds"),
    [
        (BIG, "cod", "50", False),
        (BIG, "cod", "50.0001", True),
        (SMALL, "cod", "60", False),
        (SMALL, "cod", "60.1", True),
        (BIG, "bod5", "0", False),
        (BIG, "ph", "9", False),
        (BIG, "ph", "9.1", True),
    ],
)
def test_effluent_by_the_grade_of_the_works(plant, item, value, exceeds):
    (found,) = judged(outlet(plant=plant, **{item: value}), plant).items
    assert found.exceeds is exceeds
    assert found.judgement.row.clause.startswith("GB 18918-2002 表1")


@pytest.mark.parametrize(("temperature", "exceeds"), [("12", False), ("12.1", True)])
def test_ammonia_has_another_limit_in_the_cold(temperature, exceeds):
    # Grade 1A: 5 mg/L above 12 ℃, 8 mg/L at or below.
    found = judged(outlet(nh3n="6", wtemp=temperature))
    assert [item.exceeds for item in found.items if item.mean.item == "nh3n"] == [exceeds]


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("0", True), ("5", True), ("5.1", None), ("8", None), ("8.1", False)],
)
def test_ammonia_of_a_day_without_a_temperature(value, verdict):
    """GB 18918 表1 第8项, grade 1A: 5 or 8 mg/L; a day between them is counted by its reason, never as fine."""
    found = judged(outlet(nh3n=value, cod="10"))
    left_out = {LeftOut.NO_DATA: 29} | ({LeftOut.WATER_TEMPERATURE_MISSING: 1} if verdict is None else {})
    assert dict(found.rate.left_out) == left_out
    assert (found.rate.met, found.rate.evaluated) == (verdict is True, verdict is not None)
    (ammonia,) = [item for item in found.items if item.mean.item == "nh3n"]
    assert ammonia.judgement.missing == ("water_temperature",)


def test_the_temperature_of_another_day_or_of_the_inlet_says_nothing():
    rows = (
        outlet(1, nh3n="6")
        + outlet(2, wtemp="8")
        + [reading("wtemp", "8", datetime(2024, 6, 1), site="A-in")]
    )
    assert judged(rows).rate.left_out[LeftOut.WATER_TEMPERATURE_MISSING] == 1


def test_the_inlet_of_the_same_day_tells_the_removal_that_grade_3_asks_for():
    """GB 18918 表1 第1项 注: above 350 mg/L at the inlet the removal of COD must exceed 60 %."""
    works = Plant("C", "丙厂", D(1), "C-in", "C-out", "3")
    strong = [reading("cod", "400", datetime(2024, 6, 1), site="C-in")]
    assert judged(outlet(plant=works, cod="150") + strong, works).rate.met == 1
    assert judged(outlet(plant=works, cod="170") + strong, works).exceeded == {"cod": 1}
    alone = judged(outlet(plant=works, cod="150"), works)
    assert alone.rate.left_out[LeftOut.INFLUENT_MISSING] == 1
    weak = [reading("cod", "350", datetime(2024, 6, 1), site="C-in")]
    assert judged(outlet(plant=works, cod="150") + weak, works).exceeded == {"cod": 1}


def test_each_reason_has_its_own_count_and_words():
    bare, new = Plant("A", "甲厂", D(1), outlet="A-out"), Plant("A", "甲厂", D(1), outlet="A-out", grade="1A")
    assert judged(outlet(cod="10"), bare).rate.left_out[LeftOut.GRADE_UNKNOWN] == 1
    assert judged(outlet(tp="0.8"), new).rate.left_out[LeftOut.APPROVAL_DAY_UNKNOWN] == 1
    hidden = [reading("cod", "60", "2024-06-01T08:00", site="A-out", mark="below_detection")]
    assert judged(hidden).rate.left_out[LeftOut.CANNOT_BE_JUDGED] == 1
    assert len({str(reason.text) for reason in LeftOut}) == len(LeftOut)


def test_days_that_met_every_limit_of_days_judged():
    rows = outlet(1, cod="40", tp="0.4") + outlet(2, cod="60", tp="0.4") + outlet(3, conductivity="900")
    found = judged(rows)
    assert (found.rate.met, found.rate.evaluated, dict(found.exceeded)) == (1, 2, {"cod": 1})
    assert dict(found.rate.left_out) == {LeftOut.NO_DATA: 28}
    assert "日均值" in str(found.note)


def test_phosphorus_of_works_of_unknown_age_cannot_be_judged():
    found = judged(outlet(plant=SMALL, tp="1.2"), SMALL)
    assert (found.items[0].judgement.verdict, found.rate.evaluated) == ("cannot_be_judged", 0)
    assert judged(outlet(tp="0.6")).items[0].exceeds  # built after 2005: 0.5 mg/L


def test_a_day_is_judged_by_its_mean():
    rows = [
        reading("cod", value, f"2024-06-01T{hour}:00", site="A-out")
        for hour, value in ((10, "90"), (22, "10"))
    ]
    assert not judged(rows).items[0].exceeds


def test_a_single_sample_is_shown_and_not_judged_unless_the_rules_say_so():
    single = Plant("A", "甲厂", D(1), outlet="A-out", grade="1A", samples=SampleKind.SINGLE)
    (found,) = judged(outlet(cod="99"), single).items
    assert (found.judgement, "单次" in str(found.reason)) == (None, True)
    chosen = rules("plant", JUNE.last_day, limits_hold_for="any")
    assert judged(outlet(cod="99"), single, chosen=chosen).items[0].exceeds


def test_without_a_grade_nothing_is_judged():
    bare = Plant("A", "甲厂", D(1), outlet="A-out")
    found = judged(outlet(cod="10"), bare)
    assert (found.rate.evaluated, found.items[0].judgement) == (0, None)


def test_a_detection_limit_above_the_limit_is_not_fine():
    rows = [reading("cod", "60", "2024-06-01T08:00", site="A-out", mark="below_detection")]
    assert judged(rows).rate.left_out[LeftOut.CANNOT_BE_JUDGED] == 1


@given(st.lists(st.integers(0, 20000), min_size=1, max_size=30))
def test_law_one_works_alone_has_the_same_rate_both_ways(numbers):
    found = load_rates([BIG], volumes(BIG, numbers), JUNE)
    assert found.percent == found.plain == found.plants[0].percent
