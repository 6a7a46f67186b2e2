"""One value against one standard: meets, exceeds, not limited, or which fact is missing."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.standards import classify, edition_on, judge_against, limit_rows

DAY = date(2024, 5, 1)
AFTER = {"band": "2", "built": date(2001, 1, 1)}


@pytest.mark.parametrize(
    ("value", "verdict", "multiple"),
    [("50", "meets", None), ("50.0001", "exceeds", Fraction(1, 500000)), ("75", "exceeds", Fraction(1, 2)),
     ("0", "meets", None)],
)  # fmt: skip
def test_the_limit_itself_complies_gb18918_table_1_item_1(value, verdict, multiple):
    judged = judge_against("gb18918", "cod", Decimal(value), DAY, {"band": "1A"})
    assert (judged.verdict, judged.multiple) == (verdict, multiple)
    assert judged.row.clause == "GB 18918-2002 表1 第1项"


@pytest.mark.parametrize(
    ("value", "verdict", "limit"),
    [("0", "meets", 5), ("5", "meets", 5), ("5.0001", "cannot_be_judged", None), ("8", "cannot_be_judged", None),
     ("8.0001", "exceeds", 8), ("12", "exceeds", 8)],
)  # fmt: skip
def test_ammonia_without_a_temperature_is_judged_where_both_limits_agree_gb18918_table_1_item_8(
    value, verdict, limit
):
    """Grade 1A: 5 mg/L above 12 °C, 8 mg/L up to 12 °C; between them only the temperature could tell."""
    judged = judge_against("gb18918", "nh3n", Decimal(value), DAY, {"band": "1A"})
    assert (judged.verdict, judged.row and judged.row.limit) == (verdict, limit)
    assert judged.missing == ("water_temperature",)
    assert "水温缺测" in judged.reason.both()["zh"]
    assert "temperature" in judged.reason.both()["en"]


def test_the_missing_temperature_may_also_mean_the_strictest_limit_or_no_verdict():
    def verdict(value, unknown):
        return judge_against("gb18918", "nh3n", Decimal(value), DAY, {"band": "1A"}, unknown=unknown).verdict

    assert [verdict(value, "strictest") for value in ("5", "6", "9")] == ["meets", "exceeds", "exceeds"]
    assert {verdict(value, "undecided") for value in ("5", "6", "9")} == {"cannot_be_judged"}


def test_a_temperature_of_exactly_12_degrees_is_the_cold_gb18918_table_1_item_8():
    cold = {"band": "1A", "water_temperature": Decimal(12)}
    assert judge_against("gb18918", "nh3n", Decimal(6), DAY, cold).verdict == "meets"
    warm = {"band": "1A", "water_temperature": Decimal("12.1")}
    assert judge_against("gb18918", "nh3n", Decimal(6), DAY, warm).verdict == "exceeds"


@pytest.mark.parametrize(
    ("effluent", "influent", "verdict"),
    [("130", "400", "meets"), ("160", "400", "exceeds"), ("130", "350", "exceeds"), ("120", "350", "meets")],
)
def test_strong_influent_is_judged_by_removal_gb18918_table_1_item_1(effluent, influent, verdict):
    """Above 350 mg/L the removal must exceed 60 %; at 350 the limit of 120 mg/L holds."""
    known = {"band": "3", "influent": Decimal(influent)}
    judged = judge_against("gb18918", "cod", Decimal(effluent), DAY, known)
    assert judged.verdict == verdict
    assert judged.row.shown == ("去除率 > 60" if influent == "400" else "≤ 120")


@pytest.mark.parametrize(
    ("value", "verdict"), [("120", "meets"), ("120.0001", "cannot_be_judged"), ("600", "cannot_be_judged")]
)
def test_strong_effluent_without_an_influent_may_have_been_removed_enough(value, verdict):
    """Within 120 mg/L it complies either way (removal is then above 60 %); beyond it only the influent tells."""
    judged = judge_against("gb18918", "cod", Decimal(value), DAY, {"band": "3"})
    assert (judged.verdict, judged.missing) == (verdict, ("influent",))


@pytest.mark.parametrize(
    ("value", "verdict"), [("120", "meets"), ("121", "cannot_be_judged"), ("300.1", "exceeds")]
)
def test_an_unknown_trade_is_judged_where_every_trade_agrees_gb8978_table_4_item_5(value, verdict):
    """Grade 2 from 1998: 120 (petrochemical, town plants) to 300 mg/L (distilleries and others)."""
    assert judge_against("gb8978", "cod", Decimal(value), DAY, AFTER).verdict == verdict


def test_a_trade_that_has_no_limit_in_a_grade_is_no_exceedance_gb8978_table_4_item_5():
    """Grade 3: town plants have none, so that without the trade nothing is known to exceed."""
    known = {"band": "3", "built": date(2001, 1, 1)}
    town = known | {"scope": "town_secondary_plant"}
    assert judge_against("gb8978", "cod", Decimal(5000), DAY, town).verdict == "not_limited"
    assert judge_against("gb8978", "cod", Decimal(5000), DAY, known).verdict == "cannot_be_judged"
    assert judge_against("gb8978", "cod", Decimal(500), DAY, known).verdict == "meets"


@pytest.mark.parametrize(
    ("value", "band"), [("0.01", "I"), ("0.3", None), ("0.31", None), ("0.5", "worse_than_V")]
)
def test_phosphorus_of_an_unknown_kind_of_water_has_the_class_that_rivers_and_lakes_share(value, band):
    """GB 3838 table 1: rivers 0.02–0.4, lakes 0.01–0.2 mg/L."""
    assert classify("gb3838", "tp", Decimal(value), DAY).band == band


def test_nitrogen_of_an_unknown_kind_of_water_may_have_no_limit_gb3838_table_1_item_9():
    judged = judge_against("gb3838", "tn", Decimal(9), DAY, {"band": "III"})
    assert (judged.verdict, judged.missing) == ("cannot_be_judged", ("water_type",))
    assert judge_against("gb3838", "tn", Decimal(1), DAY, {"band": "III"}).verdict == "meets"


@given(
    st.decimals(min_value=0, max_value=40, places=3),
    st.decimals(min_value=0, max_value=30, places=1),
    st.sampled_from(["1A", "1B", "2"]),
)
def test_whatever_the_temperature_was_a_verdict_without_it_holds(value, temperature, grade):
    without = judge_against("gb18918", "nh3n", value, DAY, {"band": grade})
    known = {"band": grade, "water_temperature": temperature}
    assert without.verdict in (
        "cannot_be_judged",
        judge_against("gb18918", "nh3n", value, DAY, known).verdict,
    )


def test_a_missing_fact_is_named_and_not_guessed():
    judged = judge_against("gb8978", "cod", Decimal(130), DAY, AFTER)
    assert (judged.verdict, judged.missing) == ("cannot_be_judged", ("scope",))
    assert "适用范围" in str(judged.reason)
    judged = judge_against("gb8978", "oil", Decimal(7), DAY, {"band": "2"})
    assert judged.verdict == "meets"  # both days of construction have 10 mg/L
    assert "环评批准日" in str(judge_against("gb8978", "oil", Decimal(7), DAY, {"band": "1"}).reason)
    assert "级别" in str(judge_against("gb8978", "oil", Decimal(7), DAY).reason)


def test_a_grade_without_a_limit_is_not_limited_gb18918_table_1_item_7():
    judged = judge_against("gb18918", "tn", Decimal(99), DAY, {"band": "2"})
    assert judged.verdict == "not_limited"
    assert judge_against("gb18918", "turbidity", Decimal(99), DAY, {"band": "2"}).verdict == "not_limited"


@pytest.mark.parametrize(
    ("detected", "value", "verdict"),
    [(False, "0.00001", "meets"), (True, "0.00001", "exceeds"), (True, "0", "meets")],
)
def test_not_detectable_means_any_finding_exceeds_gb8978_table_1_item_2(detected, value, verdict):
    assert judge_against("gb8978", "烷基汞", Decimal(value), DAY, detected=detected).verdict == verdict


def test_chlorine_has_to_lie_strictly_above_or_below_gb8978_table_4_item_55():
    def verdict(grade, value):
        known = {"band": grade, "scope": "医院", "built": date(2001, 1, 1)}
        return judge_against("gb8978", "总余氯", Decimal(value), DAY, known).verdict

    assert [verdict("1", value) for value in ("0.49", "0.5")] == ["meets", "exceeds"]
    assert [verdict("2", value) for value in ("3", "3.1")] == ["exceeds", "meets"]


def test_water_temperature_cannot_be_judged_from_one_reading_gb3838_table_1_item_1():
    assert judge_against("gb3838", "wtemp", Decimal(20), DAY).verdict == "cannot_be_judged"


def test_values_are_converted_exactly_into_the_unit_of_the_standard():
    assert classify("gb14848", "benzene", Decimal("0.01"), DAY).band == "III"  # mg/L against 10.0 µg/L
    assert classify("gb14848", "benzene", Decimal(10), DAY, unit="μg/L").band == "III"
    assert classify("black_odorous_urban", "transparency", Decimal("0.25"), DAY).band == "none"  # m, cm
    with pytest.raises(CallError, match="不能换算"):
        judge_against("gb3838", "cod", Decimal(1), DAY, {"band": "III"}, unit="℃")


@pytest.mark.parametrize(
    ("item", "value", "band"),
    [
        ("nh3n", "0.02", "I"),
        ("nh3n", "0.50", "III"),
        ("nh3n", "0.501", "IV"),
        ("nh3n", "1.51", "V"),
        ("ph", "8.5", "I"),
        ("ph", "8.6", "IV"),
        ("ph", "9.1", "V"),
        ("ph", "5.4", "V"),
        ("总α放射性", "0.6", "IV"),  # above the bound of III: the better of IV and V
        ("嗅和味", "0", "I"),
        ("嗅和味", "1", "V"),
        ("mn", "0.05", "I"),  # classes I and II share the limit: the better one
    ],
)
def test_groundwater_class_is_the_best_whose_limit_is_met_gbt14848(item, value, band):
    assert classify("gb14848", item, Decimal(value), DAY).band == band


def test_surfactants_of_class_i_must_not_be_detected_gbt14848_table_1_item_16():
    assert classify("gb14848", "las", Decimal("0.025"), DAY, detected=False).band == "I"
    assert classify("gb14848", "las", Decimal("0.025"), DAY).band == "II"


@pytest.mark.parametrize(
    ("item", "value", "border", "band"),
    [
        ("do", "2.0", "better", "none"), ("do", "2.0", "worse", "light"), ("do", "0.2", "better", "light"),
        ("do", "0.19", "better", "severe"), ("orp", "-200", "worse", "severe"), ("nh3n", "15", "better", "light"),
        ("nh3n", "15.1", "better", "severe"), ("nh3n", "8.0", "worse", "light"),
    ],
)  # fmt: skip
def test_black_odorous_degree_with_the_border_as_a_choice(item, value, border, band):
    assert classify("black_odorous_urban", item, Decimal(value), DAY, border=border).band == band


def test_villages_have_one_degree():
    assert classify("black_odorous_rural", "do", Decimal("1.9"), DAY).band == "black_odorous"
    assert classify("black_odorous_rural", "nh3n", Decimal(15), DAY).band == "none"


def test_surface_water_by_the_same_machinery_as_the_class_of_a_section():
    assert classify("gb3838", "cod", Decimal("40.1"), DAY, {"water_type": "river"}).band == "worse_than_V"
    assert classify("gb3838", "cod", Decimal(20), DAY).band == "III"  # rivers and lakes have one limit
    assert classify("gb3838", "tp", Decimal("0.05"), DAY).verdict == "cannot_be_judged"


WATER = ("gb3838", "gb14848", "gb18918", "gb8978")
AIR_AND_NOISE = ("gb3095", "gb3096", "gb12348", "gb12523", "gb22337")


def facts(row):
    """What has to be known for a row to hold; a weak influent, so that no removal is asked for."""
    known = {"band": row.band, "influent": Decimal(1)}
    for name, bound in row.conditions.items():
        stem = name.removesuffix("_from").removesuffix("_to").removesuffix("_above").removesuffix("_at_most")
        known[stem] = bound + Decimal("0.5") if name.endswith("_above") else bound
    return known


@pytest.mark.parametrize("on", [DAY, date(2026, 4, 1)])
@pytest.mark.parametrize("key", WATER + AIR_AND_NOISE)
def test_every_upper_limit_and_one_unit_in_the_last_place_beside_it(key, on):
    """Itself, just below, zero and less than zero comply with its class, just above does not."""
    rows = [row for row in limit_rows(key, on) if row.direction == "max" and row.limit and not row.exclusive]
    wrong = []
    for row in rows:
        unit = Decimal(1).scaleb(row.limit.as_tuple().exponent - 1)
        for value in (row.limit - unit, row.limit, row.limit + unit, Decimal(0), -unit):
            verdict = judge_against(key, row.item, value, on, facts(row), unit=row.unit).verdict
            if verdict != ("exceeds" if value > row.limit else "meets"):
                wrong.append((row, value, verdict))
    assert rows
    assert wrong == []


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("40", "meets"), ("40.1", "cannot_be_judged"), ("50", "cannot_be_judged"), ("50.1", "exceeds")],
)
def test_noise_of_an_unknown_time_of_day_is_judged_where_day_and_night_agree_gb3096_table_1(value, verdict):
    """Class 0: 50 dB(A) by day, 40 by night."""
    judged = judge_against("gb3096", "Leq", Decimal(value), DAY, {"band": "0"})
    assert (judged.verdict, judged.missing) == (verdict, ("period",))


def test_air_of_an_unknown_averaging_time_meets_what_every_mean_keeps_gb3095_table_1():
    """PM2.5 of grade 2 in 2024: 35 µg/m³ in a year, 75 in a day; an hour has no limit, so that none is exceeded."""
    found = [judge_against("gb3095", "pm25", value, DAY, {"band": "2"}).verdict for value in (35, 60, 900)]
    assert found == ["meets", "cannot_be_judged", "cannot_be_judged"]


@given(st.decimals(min_value=0, max_value=1000, places=4), st.decimals(min_value=0, max_value=1000, places=4))
def test_more_of_a_pollutant_is_never_a_better_class(one, other):
    low, high = sorted((one, other))
    for item in ("nh3n", "codmn", "fe", "benzene"):
        ranks = [classify("gb14848", item, value, DAY).rank for value in (low, high)]
        assert ranks[0] <= ranks[1]


@pytest.mark.parametrize("key", ["gb3838", "gb14848"])
def test_zero_and_negative_values_stand_at_the_better_end(key):
    assert classify(key, "codmn", Decimal(0), DAY).rank == 1
    assert classify(key, "codmn", Decimal("-0.1"), DAY).rank == 1
    assert edition_on(key, DAY).bands["I"].rank == 1
