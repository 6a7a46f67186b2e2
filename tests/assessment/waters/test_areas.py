"""Rivers, basins, areas: means of few sections, shares of many (环办〔2011〕22号 二.2)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import (
    By,
    Period,
    RateKind,
    Reason,
    State,
    area_status,
    assess,
    attainment_by_frequency,
    status_of_shares,
)
from bishui.errors import CallError, DataError
from bishui.standards import rules, water_class
from tests.assessment.places import MONTH, of_classes, results_of
from tests.assessment.tables import measurements, reading, sites

RULE = rules("area_status", date(2024, 1, 1))


@pytest.mark.parametrize(
    ("good", "worst", "word"),
    [
        ("94.1", "0", "优"),  # Hubei, November 2021
        ("90", "0", "优"),
        ("89.9", "0", "良好"),
        ("80.9", "5.3", "良好"),  # Yangtze, 2011
        ("75", "25", "良好"),
        ("74.9", "19.9", "轻度污染"),
        ("20.7", "0", "轻度污染"),  # 29 lakes of Hubei
        ("43.1", "30.7", "中度污染"),  # Hebei, September 2017
        ("74", "20", "中度污染"),
        ("60", "39.9", "中度污染"),
        ("60", "40", "重度污染"),
        ("30", "41", "重度污染"),
    ],
)
def test_the_word_of_shares(good, worst, word):
    assert water_class(status_of_shares(Fraction(good), Fraction(worst), RULE)).word_zh == word


def test_fewer_than_five_sections_are_judged_by_their_means():
    # Ammonia 0.1, 0.1, 0.1, 3: mean 0.825, class Ⅲ, though one section is 劣Ⅴ.
    found = area_status("甲河", of_classes(1, 1, 1, 6))
    assert (found.by, found.rank, found.status.word_zh) == (By.MEANS, 3, "良好")
    assert found.pooled.items["nh3n"].mean == Fraction("0.825")
    assert found.pooled.places["nh3n"] == ("S00", "S01", "S02", "S03")


def test_five_sections_are_judged_by_shares_and_get_no_class():
    found = area_status("甲河", of_classes(1, 1, 1, 6, 6))
    assert (found.by, found.rank, found.status.word_zh) == (By.SHARES, None, "重度污染")
    assert found.pooled is None


def test_from_how_many_on_is_a_setting():
    assert area_status("甲河", of_classes(1, 1, 1, 6, 6), share_method_from=6).by is By.MEANS


def test_the_mean_over_sections_of_ph_goes_through_hydrogen_ions():
    found = area_status("甲河", results_of({"A": {"ph": "6"}, "B": {"ph": "9"}}))
    assert float(found.pooled.items["ph"].mean) == pytest.approx(6.30, abs=0.005)


def test_a_section_without_data_leaves_the_denominator_and_is_counted():
    # National bulletin 2007 week 2: 84 stations, one dry, shares of 83.
    results = of_classes(*[3] * 9)
    rows = measurements([])
    empty = assess(rows, sites("Z"), period=MONTH)
    found = area_status("甲河", [*results, *empty])
    assert (found.evaluated, dict(found.not_evaluated)) == (9, {"no_data": 1})
    assert found.percent(RateKind.GOOD) == Decimal("100.0")


def test_the_number_of_sections_is_that_of_the_register_unless_set_otherwise():
    empty = list(assess(measurements([]), sites("Y", "Z"), period=MONTH))
    results = [*of_classes(3, 3, 3), *empty]
    assert area_status("甲河", results).by is By.SHARES
    assert area_status("甲河", results, sections_counted="evaluated").by is By.MEANS


def test_nothing_evaluated_has_no_status_and_says_why():
    found = area_status("甲河", assess(measurements([]), sites("Y"), period=MONTH))
    assert (found.level, found.reason, found.meets(RateKind.GOOD, Decimal(50))) == (
        None,
        Reason.NO_DATA,
        State.NOT_JUDGED,
    )


def test_means_over_a_river_and_a_lake_have_no_class():
    river = results_of({"A": {"tp": "0.04"}})
    lake = results_of({"B": {"tp": "0.04"}}, water_type="lake")
    found = area_status("甲", [*river, *lake])
    assert (found.level, found.reason) == (None, Reason.MIXED_WATER_TYPES)


def test_main_pollutants_of_many_sections_by_exceedance_rate():
    # COD exceeds in 3 of 5, TP in 1 of 2, ammonia in 2 of 5, CODMn in 1 of 5: the first three.
    values = {
        "A": {"cod": "25", "nh3n": "1.1", "tp": "0.3"},
        "B": {"cod": "25", "nh3n": "1.1", "tp": "0.1"},
        "C": {"cod": "25", "nh3n": "0.1", "codmn": "7"},
        "D": {"cod": "10", "nh3n": "0.1", "codmn": "1"},
        "E": {"cod": "10", "nh3n": "0.1", "codmn": "1"},
    }
    found = area_status("甲河", results_of(values)).main_pollutants
    assert [(entry.item, entry.exceeding, entry.evaluated, str(entry.percent)) for entry in found] == [
        ("cod", 3, 5, "60.0"),
        ("tp", 1, 2, "50.0"),
        ("nh3n", 2, 5, "40.0"),
    ]


def test_equal_exceedance_rates_by_mean_multiple_then_in_the_order_of_the_table():
    values = {name: {"cod": "22", "nh3n": "2.5"} for name in "ABCDE"}
    by_multiple = area_status("甲河", results_of(values)).main_pollutants
    by_table = area_status("甲河", results_of(values), main_pollutant_ties="table").main_pollutants
    assert [entry.item for entry in by_multiple] == ["nh3n", "cod"]
    assert [entry.item for entry in by_table] == ["cod", "nh3n"]


def test_main_pollutants_of_few_sections_are_those_of_the_means():
    found = area_status("甲河", results_of({"A": {"nh3n": "2.3"}, "B": {"nh3n": "2.3"}}))
    assert [(entry.item, str(entry.multiple)) for entry in found.pooled.main_pollutants] == [("nh3n", "1.3")]


def test_rates_against_printed_targets():
    # Qinzhou 2024: 7 national sections, 优良比例不低于 85.7 %.
    found = area_status("钦州", of_classes(2, 2, 2, 3, 3, 3, 4, target_class=3))
    assert found.percent(RateKind.GOOD) == Decimal("85.7")
    assert found.meets(RateKind.GOOD, Decimal("85.7")) is State.ATTAINED
    assert found.meets(RateKind.WORST, Decimal("0")) is State.ATTAINED
    assert found.parts(RateKind.ATTAINED) == (6, 7)
    assert found.meets(RateKind.ATTAINED, Decimal("100")) is State.NOT_ATTAINED


def test_several_periods_or_a_section_twice_are_refused():
    two = [*of_classes(1), *of_classes(1, period=Period.month(2024, 3))]
    with pytest.raises(DataError, match="2024-03"):
        area_status("甲河", two)
    with pytest.raises(DataError, match="S00"):
        area_status("甲河", [*of_classes(1), *of_classes(2)])
    with pytest.raises(DataError):
        area_status("甲河", [])


def test_an_unknown_setting_is_refused():
    with pytest.raises(CallError, match="threshold"):
        area_status("甲河", of_classes(1), threshold=4)


def test_different_item_lists_are_kept():
    found = area_status("甲河", results_of({"A": {"cod": "10"}, "B": {"nh3n": "0.1"}}))
    assert set(found.item_lists) == {("cod",), ("nh3n",)}


def test_the_json_form_holds_counts_rates_and_rules():
    found = area_status("甲河", of_classes(1, 1, 3, 4, 6)).as_dict()
    assert found["class_shares"]["counts"] == [2, 0, 1, 1, 0, 1]
    assert found["rates"]["good"] == {"met": 3, "of": 5, "percent": "60.0"}
    assert (found["status"], found["colour"]) == ("中度污染", "橙色")
    assert found["rules"]["version"] == "22-2011.1"


RANKS = st.lists(st.integers(1, 6), min_size=1, max_size=8)


@given(RANKS, st.randoms(use_true_random=False))
def test_the_order_and_the_names_of_sections_change_nothing(ranks, random):
    shuffled = list(ranks)
    random.shuffle(shuffled)
    first, second = area_status("甲河", of_classes(*ranks)), area_status("甲河", of_classes(*shuffled))
    assert (first.level, first.rank, first.class_shares) == (second.level, second.rank, second.class_shares)


@given(RANKS)
def test_equal_sections_have_the_status_of_one(ranks):
    rank = ranks[0]
    found = area_status("甲河", of_classes(*[rank] * len(ranks)))
    if found.by is By.MEANS:
        assert found.rank == rank
    assert sum(found.class_shares.exact) == 100


def test_values_below_detection_are_pooled_with_half_of_the_limit():
    rows = [
        reading("nh3n", "0.04", site="A", mark="below_detection"),
        reading("nh3n", "0.06", site="B"),
    ]
    found = area_status("甲河", assess(measurements(rows), sites("A", "B"), period=MONTH))
    assert found.pooled.items["nh3n"].mean == Fraction("0.04")
    assert found.pooled.items["nh3n"].counts.below_detection == 1


def test_an_administrative_area_is_judged_by_shares_however_few_its_sections():
    found = area_status("甲县", of_classes(1, 1, 6), administrative=True)
    assert (found.by, found.rank, found.status.word_zh) == (By.SHARES, None, "中度污染")
    by_means = area_status("甲县", of_classes(1, 1, 6), administrative=True, administrative_by_shares=False)
    assert by_means.by is By.MEANS


def test_why_nothing_was_evaluated_is_the_reason_of_the_sections():
    unknown = assess(measurements([reading("nh3n", "0.1", site="A")]), period=MONTH)
    assert area_status("甲河", unknown).reason is Reason.WATER_TYPE_UNKNOWN


def test_attainment_by_frequency_counts_section_months():
    # Guangdong 2016 Q2: (47 + 48 + 45)/180 = 77.8 %; here 2 of 3 and 1 of 2, one month without data.
    first = of_classes(3, 3, 4, target_class=3)
    second = of_classes(3, 4, period=Period.month(2024, 3), target_class=3)
    found = attainment_by_frequency([*first, *second, *of_classes(1)])
    assert (found.met, found.evaluated, str(found.percent)) == (3, 5, "60.0")
    assert found.missing == 1
