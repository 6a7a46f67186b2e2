"""Drinking-water sources: items, tables 2 and 3, groundwater, rates by count and volume, periods."""

from datetime import date
from decimal import Decimal as D

import pytest

from bishui.assessment import (
    LeftOut,
    Period,
    SourceKind,
    WaterSource,
    Withdrawal,
    assess_sources,
    volume_rate,
)
from bishui.standards import rules
from tests.assessment.tables import measurements, reading, sites

JUNE = Period.month(2024, 6)
QUARTER = Period.quarter(2024, 2)
REGISTER = sites("P", "Q", {"id": "W", "water_type": None})
SOURCE = WaterSource("A", "水源甲", ("P",))


def sample(item, value, month=6, site="P", mark="measured"):
    return reading(item, value, f"2024-{month:02}-05T08:00", site=site, mark=mark, source="manual")


def run(rows, *sources, period=JUNE, withdrawals=(), **changes):
    chosen = rules("drinking_water", date(2024, 12, 31), **changes)
    return assess_sources(
        measurements(rows), REGISTER, sources or (SOURCE,), period, withdrawals=withdrawals, chosen=chosen
    )


def point(*rows, **options):
    return run(rows, **options).results[0].points[0]


def test_published_rates_of_a_city_with_seven_sources():
    # Quzhou, June 2016: seven of seven sources, 1057.3 of 1057.3 × 10⁴ t.
    rate = volume_rate([(True, D("150"))] * 6 + [(True, D("157.3"))])
    assert (rate.met, rate.evaluated, rate.percent) == (D("1057.3"), D("1057.3"), 100)


@pytest.mark.parametrize("item", ["cod", "tn", "fecal_coliform", "wtemp"])
def test_four_items_of_table_1_are_not_evaluated(item):
    assert point(sample(item, "30000"), sample("codmn", "2")).attained is True


def test_cod_counts_where_the_bureau_leaves_out_three():
    kept = ("wtemp", "tn", "fecal_coliform")
    found = point(sample("cod", "30"), sample("codmn", "2"), items_not_evaluated=kept)
    assert (found.attained, found.rank) == (False, 4)
    assert [(entry.item, entry.multiple) for entry in found.failing] == [("cod", D("0.5"))]


@pytest.mark.parametrize(
    ("item", "value", "attained"),
    [
        ("sulfate", "250", True),  # table 2: limit, and one unit in the last place beyond
        ("sulfate", "250.0000000001", False),
        ("mn", "0.1", True),
        ("mn", "0.2", False),
        ("benzene", "0.01", True),  # table 3
        ("benzene", "0.011", False),
        ("benzene", "0", True),
    ],
)
def test_every_item_of_tables_2_and_3_has_its_limit(item, value, attained):
    found = point(sample("codmn", "2"), sample(item, value))
    assert (found.attained, tuple(found.specific_items)) == (attained, (item,))


def test_multiples_stand_beside_failing_items_but_not_beside_ph_and_oxygen():
    found = point(sample("do", "4"), sample("tp", "0.3"), sample("fe", "0.45"))
    assert {entry.item: entry.multiple for entry in found.failing} == {
        "do": None, "tp": D("0.5"), "fe": D("0.5"),
    }  # fmt: skip
    assert {entry.item: entry.clause for entry in found.failing}["fe"] == "GB 3838-2002 表2 第4项"


def test_total_nitrogen_is_printed_beside_by_the_limits_of_lakes():
    assert point(sample("codmn", "2"), sample("tn", "1.2")).beside == {"tn": 4}


def test_tables_2_and_3_alone_do_not_make_a_source_attain():
    found = point(sample("sulfate", "100"))
    assert (found.attained, found.left_out) == (None, LeftOut.NO_DATA)


def test_a_detection_limit_above_the_limit_of_table_3_is_not_fine():
    found = point(sample("codmn", "2"), sample("benzene", "0.015", mark="below_detection"))
    assert (found.attained, found.left_out) == (None, LeftOut.CANNOT_BE_JUDGED)


def test_groundwater_attains_at_class_3():
    well = WaterSource("G", "井", ("W",), SourceKind.GROUND)
    good = run([sample("nh3n", "0.50", site="W"), sample("ph", "8.5", site="W")], well).results[0]
    bad = run([sample("nh3n", "0.51", site="W"), sample("ph", "8.6", site="W")], well).results[0]
    assert (good.attained, good.points[0].rank) == (True, 3)
    assert bad.attained is False
    assert {entry.item: entry.multiple for entry in bad.points[0].failing} == {"nh3n": D("0.02"), "ph": None}


def test_a_source_with_several_points_attains_if_all_do():
    both = WaterSource("A", "水源甲", ("P", "Q"))
    rows = [sample("codmn", "2"), sample("codmn", "8", site="Q")]
    assert run(rows, both).results[0].attained is False
    assert run(rows, both, several_points="any").results[0].attained is True
    assert run(rows[:1], both).results[0].left_out is LeftOut.NO_DATA


def test_a_quarter_by_every_month_or_by_its_mean():
    rows = [sample("codmn", "7", 4), sample("codmn", "3", 5), sample("codmn", "3", 6)]
    assert run(rows, period=QUARTER).results[0].attained is False
    found = run(rows, period=QUARTER, period_rule="mean")
    assert (found.results[0].attained, found.rules.version) == (True, "22-2011.1+period_rule=mean")


def test_months_without_data_are_counted():
    found = run([sample("codmn", "3", 5)], period=QUARTER).results[0]
    assert (found.attained, found.months, found.months_missing) == (True, 1, 2)


def test_a_source_out_of_use_leaves_the_denominator_and_its_water_is_nothing():
    other = WaterSource("B", "水源乙", ("Q",))
    taken = [Withdrawal("A", JUNE, D("10.5")), Withdrawal("B", JUNE, D(99), in_use=False)]
    found = run([sample("codmn", "3")], SOURCE, other, withdrawals=taken)
    assert (found.by_count.met, found.by_count.evaluated) == (1, 1)
    assert dict(found.by_count.left_out) == {LeftOut.NOT_IN_USE: 1}
    assert (found.by_volume.met, found.by_volume.evaluated, found.of("B").volume) == (D("10.5"), D("10.5"), 0)


def test_a_month_out_of_use_is_not_asked_for():
    taken = [Withdrawal("A", Period.month(2024, month), D(10), in_use=month != 4) for month in (4, 5, 6)]
    rows = [sample("codmn", "9", 4), sample("codmn", "3", 5), sample("codmn", "3", 6)]
    found = run(rows, period=QUARTER, withdrawals=taken).results[0]
    assert (found.attained, found.months, found.months_not_in_use, found.volume) == (True, 2, 1, 20)


def test_rates_by_count_and_by_volume():
    other = WaterSource("B", "水源乙", ("Q",))
    taken = [Withdrawal("A", JUNE, D("30")), Withdrawal("B", JUNE, D("10"))]
    rows = [sample("codmn", "3"), sample("codmn", "7", site="Q")]
    found = run(rows, SOURCE, other, withdrawals=taken)
    assert (found.by_count.percent, found.by_volume.percent) == (D("50.0"), D("75.0"))
    assert found.as_dict()["by_volume"]["unit"] == "10⁴ t"


def test_sources_without_a_verdict_or_a_volume_leave_the_volume_rate():
    rate = volume_rate([(True, D(5)), (False, None), (None, D(5))])
    assert (rate.percent, rate.missing) == (100, 2)
    assert volume_rate([]).percent is None


def test_a_point_without_a_water_type_is_not_judged():
    source = WaterSource("A", "水源甲", ("W",))
    found = run([sample("codmn", "2", site="W")], source).results[0]
    assert (found.attained, found.left_out) == (None, LeftOut.WATER_TYPE_UNKNOWN)


def test_rows_may_name_their_site():
    register = sites({"id": "P", "name": "取水口"}, "Q")
    rows = [
        sample("codmn", "2", site="取水口"),
        sample("benzene", "0.02", site="取水口"),
        sample("codmn", "2", site="Q"),
    ]
    found = assess_sources(measurements(rows), register, [SOURCE, WaterSource("B", "水源乙", ("Q",))], JUNE)
    assert [result.attained for result in found.results] == [False, True]
