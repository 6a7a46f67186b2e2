"""Indicators of the plans: the worked examples, missing inputs, units, targets."""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import Amount, State, indicator_value
from bishui.assessment.subjects.indicator_formulas import FORMULAS
from bishui.errors import CallError, DataError
from bishui.standards import indicator_factor, indicators, rules

DAY = date(2024, 12, 31)


def value(key, given, **options):
    return indicator_value(key, given, DAY, **options)


def amounts(*numbers, unit=None):
    return [Amount(None if number is None else D(number), unit) for number in numbers]


COLLECTION = {
    "inflow": amounts("200000"),
    "bod5": amounts("90"),
    "population": Amount(D("600000")),
}


def test_worked_example_of_the_collection_rate():
    # 200 000 m³/d × 90 mg/L = 18 000 kg/d; 600 000 persons × 45 g = 27 000 kg/d; 66.7 %.
    found = value("sewage_collection_rate", COLLECTION)
    assert (found.parts.numerator, found.parts.denominator) == (18000, 27000)
    assert (found.value, found.rounded) == (Fraction(200, 3), D("66.7"))
    assert (found.rules, found.indicator.unit, found.state) == ("plans-2020.1", "%", State.NO_TARGET)


@pytest.mark.parametrize(
    ("target", "state"), [("65", State.ATTAINED), ("66.7", State.ATTAINED), ("68", State.NOT_ATTAINED)]
)
def test_the_rate_is_rounded_to_the_digits_of_its_target(target, state):
    assert value("sewage_collection_rate", COLLECTION, target=D(target)).state is state


def test_a_collection_rate_above_a_hundred_is_warned_of():
    found = value("sewage_collection_rate", COLLECTION | {"population": Amount(D(300000))})
    assert found.value > 100
    assert "工业" in str(found.warnings[0])
    assert not value("sewage_collection_rate", COLLECTION | {"population": Amount(D(400000))}).warnings


def test_industrial_load_is_deducted():
    found = value("sewage_collection_rate", COLLECTION | {"industrial_load": amounts("4.5", unit="t/d")})
    assert found.rounded == D("50.0")


def test_load_per_person_is_a_setting():
    chosen = rules("indicators", DAY, bod5_per_person_g_per_day=50)
    assert value("sewage_collection_rate", COLLECTION, chosen=chosen).rounded == D("60.0")


@pytest.mark.parametrize(
    ("key", "given", "rounded"),
    [
        ("sewage_treatment_rate", {"treated": Amount(D(95)), "discharged": Amount(D(100))}, "95.0"),
        ("sewage_treatment_rate", {"treated": Amount(D(85)), "water_used": Amount(D(100))}, "100.0"),
        (
            "plant_load_rate",
            {"treated": amounts(21000, 3000), "capacity": amounts(1000, 200), "days": amounts(30, 30)},
            "66.7",
        ),
        ("inlet_bod5", {"inflow": amounts(100, 300), "concentration": amounts(60, 100)}, "90.0"),
        ("inlet_cod", {"inflow": amounts(1, 1), "concentration": amounts(120, 140)}, "130.0"),
        ("rural_sewage_treatment_rate", {"treated": Amount(D(354)), "all": Amount(D(10000))}, "3.5"),
        ("manure_use_rate", {"used": Amount(D(9), "万吨"), "produced": Amount(D(100000))}, "90.0"),
        (
            "water_use_per_gdp",
            {"water_used": Amount(D("5.52"), "亿m³"), "gdp": Amount(D(1000), "亿元")},
            "55.2",
        ),
        ("water_use_per_gdp_reduction", {"present": Amount(D("54.6")), "base": Amount(D(60))}, "9.0"),
        (
            "water_use_per_industrial_value_added",
            {"water_used": Amount(D(153), "万m³"), "value_added": Amount(D(100000))},
            "15.3",
        ),
        (
            "water_use_per_industrial_value_added_reduction",
            {"present": Amount(D(18)), "base": Amount(D(15))},
            "-20.0",
        ),
        (
            "irrigation_efficiency",
            {"coefficient": amounts("0.50", "0.56"), "gross_water": amounts(300, 200)},
            "0.524",
        ),
    ],
)
def test_formulas(key, given, rounded):
    assert value(key, given).rounded == D(rounded)


@pytest.mark.parametrize(
    ("printed", "state"), [("55.2", State.ATTAINED), ("55.1", State.NOT_ATTAINED), ("55", State.ATTAINED)]
)
def test_a_target_of_water_use_is_a_greatest_value(printed, state):
    given = {"water_used": Amount(D("55.24")), "gdp": Amount(D(1))}
    assert value("water_use_per_gdp", given, target=D(printed)).state is state


def test_every_formula_of_the_table_exists_and_takes_known_inputs():
    for entry in indicators().values():
        assert entry.formula in FORMULAS
        assert set(entry.roles.values()) <= set(entry.inputs)
        for spec in entry.inputs.values():
            assert indicator_factor(spec.unit, spec.unit) == 1
            assert spec.setting is None or spec.setting in rules("indicators", DAY).settings


def test_a_missing_input_is_named_and_gives_no_verdict():
    found = value("sewage_treatment_rate", {"treated": Amount(D(95))}, target=D(95))
    assert (found.value, found.missing, found.state) == (None, ("discharged",), State.NOT_JUDGED)
    unknown = value("manure_use_rate", {"used": Amount(None), "produced": Amount(D(1))}, target=D(80))
    assert (unknown.missing, unknown.state) == (("used",), State.NOT_JUDGED)


def test_a_works_without_a_number_is_left_out_and_named():
    inflow = [Amount(D(100), of="甲厂"), Amount(D(100), of="乙厂")]
    found = value("inlet_bod5", {"inflow": inflow, "concentration": amounts(80, None)})
    assert (found.rounded, found.entered, found.left_out) == (D("80.0"), 1, ("乙厂",))
    assert "乙厂" in str(found.warnings[-1])


def test_a_zero_denominator_has_no_value():
    found = value("manure_use_rate", {"used": Amount(D(0)), "produced": Amount(D(0))}, target=D(80))
    assert (found.value, found.state) == (None, State.NOT_JUDGED)
    assert "分母" in str(found.warnings[0])


@pytest.mark.parametrize(
    "given",
    [
        {"used": Amount(D(-1)), "produced": Amount(D(1))},
        {"used": Amount(D(1), "头"), "produced": Amount(D(1))},
    ],
)
def test_negative_numbers_and_foreign_units_are_refused(given):
    with pytest.raises(DataError):
        value("manure_use_rate", given)


def test_villages_and_households_are_not_divided_by_each_other():
    with pytest.raises(DataError, match="统计单位"):
        value("rural_sewage_treatment_rate", {"treated": Amount(D(1), "行政村"), "all": Amount(D(2), "户")})


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("nothing", {}),
        ("manure_use_rate", {"weight": Amount(D(1))}),
        ("inlet_bod5", {"inflow": amounts(1, 2), "concentration": amounts(1)}),
    ],
)
def test_a_wrong_call_is_refused(key, given):
    with pytest.raises(CallError):
        value(key, given)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 500)), min_size=1, max_size=12), st.randoms())
def test_law_a_weighted_mean_lies_between_its_values_in_any_order(pairs, random):
    shuffled = list(pairs)
    random.shuffle(shuffled)
    both = [
        value(
            "inlet_cod",
            {"inflow": amounts(*(q for q, _ in chosen)), "concentration": amounts(*(c for _, c in chosen))},
        )
        for chosen in (pairs, shuffled)
    ]
    assert both[0].value == both[1].value
    assert min(c for _, c in pairs) <= both[0].value <= max(c for _, c in pairs)


@given(st.integers(0, 10**9))
def test_law_the_unit_of_entry_changes_nothing(number):
    small = {"used": Amount(D(number) * 10000, "t"), "produced": Amount(D(10) ** 14, "t")}
    large = {"used": Amount(D(number), "万吨"), "produced": Amount(D(10) ** 10, "万吨")}
    assert value("manure_use_rate", small).value == value("manure_use_rate", large).value
