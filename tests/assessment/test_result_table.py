"""Results of any method as one documented table: class, verdict, counts, versions; nothing missing is fine."""

import json
from decimal import Decimal as D

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import (
    FlowTarget,
    Period,
    Position,
    assess,
    ecological_flow,
    figure_rows,
    positions,
    rank_indices,
    result_columns,
    result_schema,
    result_table,
    section_change,
    section_index,
    section_row,
    spoken,
    table_of_rows,
)
from bishui.errors import CallError
from bishui.i18n import use_language
from bishui.observations import POSITIONS
from bishui.standards import methods, rules
from tests.assessment.every_result import MONTH, REGISTER, ROWS, TARGETS, collections, every

RESULTS = every()
TABLED = sorted(RESULTS)
#: An indicator of a plan, a sign-off: nothing in the result says when.
WITHOUT_PERIOD = {"indicator", "sign-off"}
#: What speaks of its own stretch of time.
OWN_PERIOD = {"flood", "air", "rank trend", "kendall trend", "measured trend"}


def rows(result, where=None):
    return result_table(result, where).to_pylist()


def row(name):
    (found,) = rows(RESULTS[name])
    return found


def test_every_column_says_what_it_means_in_both_languages_and_carries_it_along():
    names = [column.name for column in result_columns()]
    assert len(set(names)) == len(names)
    for field in result_schema():
        about = {key.decode(): value.decode() for key, value in field.metadata.items()}
        assert all(about[f"{what}_{language}"] for what in ("label", "meaning") for language in ("zh", "en"))
    assert result_schema().metadata[b"crs"] == b"EPSG:4490"


@pytest.mark.parametrize("name", TABLED)
def test_every_method_names_subject_rules_and_counts(name):
    for found in rows(RESULTS[name]):
        assert found["method"] and found["subject"] and found["name"]
        assert found["rules"]
        assert found["entered"] + found["missing"] == found["total"]
        assert found["counted"]
        if found["settings"] is not None:
            assert isinstance(json.loads(found["settings"]), dict)


@pytest.mark.parametrize("name", sorted(set(TABLED) - WITHOUT_PERIOD - OWN_PERIOD))
def test_every_method_names_its_period(name):
    for found in rows(RESULTS[name]):
        assert found["period"] == "2024-06"
        assert (str(found["first_day"]), str(found["last_day"])) == ("2024-06-01", "2024-06-30")


def test_a_section_keeps_class_deciding_items_verdict_items_and_counts():
    found = row("section")
    assert (found["class"], found["class_label"], found["status"]) == (4, "Ⅳ类", "轻度污染")
    assert (found["deciding"], found["failing"], found["main_pollutants"]) == ("cod", "cod", "cod(0.2)")
    assert (found["verdict"], found["target"]) == ("not_attained", "3")
    assert "nh3n" in found["item_list"].split(",") and "tn" not in found["item_list"].split(",")
    assert (found["entered"], found["total"], found["missing"]) == (14, 15, 1)
    assert "GB 3838-2002 表1 第5项" in found["clause"]


def test_an_assessment_gives_its_settings_with_each_row():
    found = assess(ROWS, REGISTER, TARGETS, period=MONTH)
    first = rows(found)[0]
    settings = json.loads(first["settings"])
    method = methods()[first["rules"]]
    assert settings == {entry.name: json.loads(json.dumps(entry.value)) for entry in method.settings}


def test_the_row_of_a_kept_form_is_that_of_the_result():
    result = RESULTS["section"]
    kept = json.loads(json.dumps(result.as_dict()))
    assert section_row(kept) == section_row(result.as_dict())


def test_a_change_has_its_row_with_the_base_period_the_verdict_and_what_was_gained():
    """环办〔2011〕22号 三: Ⅲ to Ⅳ is one grade worse; shares from 100 % to 0 % of Ⅰ–Ⅲ lose 100 points."""
    section, area, index = row("change"), row("change of an area"), row("index change")
    assert [found["base_period"] for found in (section, area, index)] == ["2023-06"] * 3
    assert (section["class_label"], section["value_text"], section["unit"]) == ("有所下降", "-1", "grades")
    assert (area["class_label"], area["value_text"]) == ("明显下降", "-100.0")
    assert (area["entered"], area["total"], area["counted"]) == (2, 2, "sections")
    assert json.loads(area["settings"])["little_up_to"] == 10


def test_what_is_not_comparable_has_its_row_and_the_reason():
    (found,) = rows(section_change(RESULTS["section"], RESULTS["change"].earlier, worse_word="变差"))
    assert found["class_label"] == "有所好转"
    (year,) = [found for found in assess(ROWS, REGISTER, period=Period.year(2024)) if found.site == "S"]
    (refused,) = rows(section_change(year, RESULTS["section"]))
    assert (refused["class_label"], refused["value"], refused["entered"]) == ("不可比", None, 1)
    assert "different_periods" in refused["reason"].split(",")
    assert "两期时段不同类" in spoken(table_of_rows([refused])).to_pylist()[0]["reason"]


def test_the_rates_of_an_area_have_rows_with_numerator_and_denominator():
    found = table_of_rows(figure_rows(RESULTS["area by shares"])).to_pylist()
    shares = {entry["class"]: entry for entry in found if entry["method"] == "class_share"}
    assert (shares[4]["met"], shares[4]["entered"], shares[4]["value_text"]) == (2, 2, "100.0")
    assert sum(entry["met"] for entry in shares.values()) == shares[1]["entered"]
    rates = {entry["method"]: (entry["met"], entry["entered"], entry["value_text"]) for entry in found}
    assert (rates["good_rate"], rates["attainment_rate"]) == ((0, 2, "0.0"), (0, 1, "0.0"))


def test_the_rates_of_zones_and_sources_have_rows_and_no_data_is_never_a_rate():
    of = collections()
    (zones,) = table_of_rows(figure_rows(of["zones"], "甲市")).to_pylist()
    assert (zones["name"], zones["met"], zones["entered"], zones["verdict"]) == ("甲市", 0, 1, "not_attained")
    count, volume = table_of_rows(figure_rows(of["sources"], "甲市")).to_pylist()
    assert (count["method"], count["met"], count["entered"]) == ("source_rate", 1, 1)
    assert (volume["value"], volume["reason"], volume["missing"]) == (None, "no_data", 1)
    with pytest.raises(CallError, match="没有比例"):
        figure_rows(RESULTS["section"])


def test_a_bureaus_own_setting_is_in_the_row_of_every_kind_of_result():
    used = rules("ecological_flow", MONTH.last_day, required_daily_percent=75)
    (found,) = rows(ecological_flow(ROWS, [FlowTarget("H", D(10))], MONTH, chosen=used))
    assert json.loads(found["settings"])["required_daily_percent"] == 75


def test_a_trend_has_its_coefficient_or_slope_as_value_and_its_gaps_counted():
    ranked, kendall = row("rank trend"), row("kendall trend")
    assert (ranked["value_text"], ranked["class_label"]) == ("1.0000", "显著上升，水质变差")
    assert (ranked["entered"], ranked["missing"], ranked["counted"]) == (5, 1, "periods")
    assert kendall["value"] > 0
    assert kendall["item_list"] == "tp"


def test_the_air_of_a_day_has_its_index_and_what_it_lacks():
    found = row("air")
    assert (found["value_text"], found["period"]) == (str(RESULTS["air"].index), "2024-06-01")
    assert found["missing"] == len(RESULTS["air"].lacking) > 0


def test_a_rate_keeps_its_digits_beside_the_number():
    found = row("flow")
    assert (found["value"], found["value_text"], found["unit"]) == (D("50.0000000000"), "50.0", "%")
    assert (found["entered"], found["missing"], found["counted"]) == (2, 28, "days")


def test_an_area_by_shares_has_a_status_and_no_class():
    found = row("area by shares")
    assert (found["class"], found["status"], found["main_pollutants"]) == (None, "轻度污染", "cod(100.0)")


def test_a_lake_has_its_trophic_index_as_value():
    assert row("lake")["value_text"] == str(RESULTS["lake"].trophic.rounded)


def test_what_was_not_ranked_keeps_its_row_and_the_reason():
    used = rules("cwqi", MONTH.last_day)
    found = rows(
        rank_indices([section_index(result, used) for result in assess(ROWS, REGISTER, period=MONTH)], used)
    )
    assert {entry["name"] for entry in found} >= {"甲断面", "T", "L"}
    assert all((entry["place"] is None) == (entry["reason"] is not None) for entry in found)


def test_several_methods_stand_in_one_table():
    found = result_table([RESULTS[name] for name in TABLED])
    assert found.schema.equals(result_schema(), check_metadata=True)
    assert found.num_rows >= len(TABLED)


def test_nothing_gives_a_table_of_no_rows():
    assert result_table([]).schema.equals(result_schema())


@pytest.mark.parametrize("thing", [3, "S", {"a": 1}, [RESULTS["section"], None]])
def test_what_is_no_result_is_refused(thing):
    with pytest.raises(CallError, match="不是评价结果"):
        result_table(thing)


def test_a_subject_with_a_place_has_its_precision_and_one_without_keeps_its_row():
    where = {"S": Position(D("109.41"), D("24.30"), "CGCS2000")}
    placed, without = rows([RESULTS["section"], RESULTS["lake"]], where)
    assert (placed["lon"], placed["lat"], placed["coordinate_digits"]) == (109.41, 24.3, 2)
    assert placed["precision_m"] == pytest.approx(556.6, abs=0.1)
    assert [without[name] for name in ("lon", "lat", "coordinate_digits", "precision_m")] == [None] * 4


@given(st.integers(0, 8), st.integers(-90, 90))
def test_each_further_digit_makes_a_place_ten_times_as_precise(digits, degrees):
    def precision(number):
        return Position(D(degrees).quantize(D(1).scaleb(-number)), D(0)).precision_m

    assert precision(digits) == pytest.approx(10 * precision(digits + 1), abs=0.01)


def test_positions_are_those_with_both_numbers():
    table = pa.Table.from_pylist(
        [
            {"id": "A", "name": "A", "lon": "109.410", "lat": "24.3", "datum": None},
            {"id": "B", "name": "B", "lon": None, "lat": None},
        ],
        schema=POSITIONS,
    )
    assert positions(table) == {"A": Position(D("109.410"), D("24.3"))}
    assert positions(table)["A"].digits == 3


@pytest.mark.parametrize("name", TABLED)
def test_in_words_the_numbers_and_the_columns_are_the_same(name):
    table = result_table(RESULTS[name])
    said = spoken(table)
    assert said.schema.equals(table.schema, check_metadata=True)
    numbers = [field.name for field in table.schema if not pa.types.is_string(field.type)]
    assert said.select(numbers).equals(table.select(numbers))


def test_in_words_items_states_and_reasons_are_said_in_the_language_in_use():
    table = result_table([RESULTS["section"], RESULTS["flow"]])
    section, flow = spoken(table).to_pylist()
    assert (section["method"], section["verdict"], section["water_type"]) == ("断面", "不达标", "河流")
    assert (section["deciding"], section["main_pollutants"]) == ("化学需氧量", "化学需氧量(0.2)")
    assert (flow["item_list"], flow["counted"], flow["period_kind"]) == ("流量", "日", "月")
    with use_language("en"):
        assert spoken(table).to_pylist()[0]["deciding"] == "chemical oxygen demand"


def test_a_missing_class_says_why_in_words():
    (found,) = spoken(result_table(assess(ROWS, None, period=MONTH).results[0])).to_pylist()
    assert (found["class"], found["reason"]) == (None, "水体类型不明")
