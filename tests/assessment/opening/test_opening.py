"""Results of any method opened: to formula, numbers, clause and rows, as text and as JSON."""

import json
from decimal import Decimal

import pyarrow as pa
import pytest

from bishui.assessment import Opened, assess, open_result
from bishui.errors import CallError
from bishui.i18n import use_language
from bishui.standards import method
from tests.assessment.every_result import EARLIER, MONTH, REGISTER, ROWS, collections, every

RESULTS = every() | collections()
#: What is made of numbers that are no rows of the table: volumes, inputs of a plan, plain series.
WITHOUT_ROWS = {"loads", "inlet", "indicator", "air", "air_rate", "rank trend", "kendall trend"}
WITH_ROWS = sorted(set(RESULTS) - WITHOUT_ROWS)


def text_of(name):
    return str(open_result(RESULTS[name], ROWS))


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_every_kind_opens_with_title_steps_clause_and_rules(name):
    opened = open_result(RESULTS[name], ROWS)
    assert isinstance(opened, Opened)
    assert str(opened.title)
    assert opened.steps
    assert opened.rules
    assert any(step.clause for step in opened.steps)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", sorted(RESULTS))
def test_the_json_form_holds_what_the_text_holds(name, language):
    with use_language(language):
        opened = open_result(RESULTS[name], ROWS)
        form = json.loads(json.dumps(opened.as_dict(), ensure_ascii=False, default=str))
        assert len(form["steps"]) == len(opened.steps)
        assert form["rules"] == opened.rules
        for step, kept in zip(opened.steps, form["steps"], strict=True):
            assert kept["clause"] == (step.clause or None)
            assert kept["name"]["zh"]


@pytest.mark.parametrize("name", WITH_ROWS)
def test_each_step_that_rests_on_rows_shows_just_those(name):
    opened = open_result(RESULTS[name], ROWS)
    resting = [step for step in opened.steps if step.behind is not None]
    assert resting
    for step in resting:
        rows = opened.rows(step).to_pylist()
        inside = [
            row
            for row in ROWS.to_pylist()
            if (row["site"], row["item"]) == (step.behind.site, step.behind.item)
            and step.behind.period.start <= row["time"] <= step.behind.period.end
        ]
        assert rows == sorted(inside, key=lambda row: row["time"])
    assert any(opened.rows(step).num_rows for step in resting)


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_every_kind_says_by_which_settings_it_was_made_with_source_and_certainty(name):
    opened = open_result(RESULTS[name], ROWS)
    assert opened.settings
    assert all(
        setting["certainty"] in ("A", "B", "C") and setting["source"] for setting in opened.settings.values()
    )
    assert opened.as_dict()["settings"].keys() == opened.settings.keys()


def test_a_change_opens_to_both_periods_their_rows_and_the_grades_gained():
    table = pa.concat_tables([EARLIER, ROWS])
    text = str(open_result(RESULTS["change"], table))
    assert text.startswith("甲断面 2024-06 较 2023-06：有所下降")
    assert "水质状况变化 -1 级" in text
    assert "2023-06-05 08:00 16" in text and "2024-06-05 08:00 24" in text


def test_a_change_of_shares_opens_to_each_section_and_the_difference_of_the_gains():
    """ΔG − ΔD: both sections leave class Ⅰ–Ⅲ, none is worse than Ⅴ."""
    text = text_of("change of an area")
    assert "断面：甲断面：Ⅲ类 → Ⅳ类" in text
    assert "ΔG - ΔD = -100.0 - (0.0) = -100.0" in text


def test_a_change_of_an_index_opens_to_both_sums_and_their_quotient():
    change = RESULTS["index change"]
    text = text_of("index change")
    assert text.count("城市水质指数") == 2
    assert f"变化程度：{change.rounded}%" in text and "÷" in text


def test_a_ranking_opens_each_place_down_to_the_rows_of_its_sections():
    text = text_of("ranking")
    assert "第 1 名" in text and "参评项目" in text
    assert "2024-06-05 08:00 24" in text


def test_rates_of_zones_and_sources_open_to_what_they_are_made_of():
    assert "功能区达标率：0.0%" in text_of("zones") and "0 ÷ 1 × 100%" in text_of("zones")
    assert "水源达标率" in text_of("sources") and "水量达标率：—%，未计入：取水量不明 1" in text_of("sources")


def test_the_room_left_opens_to_the_months_measured_and_the_arithmetic_of_the_rest():
    """One month of 2024 is measured and six remain: the bound of seven months, less it, divided by six."""
    text = text_of("room")
    assert "化学需氧量 2024-06：均值 24" in text
    assert "(7 × 界限 - 24) ÷ 6 = " in text
    assert "目标 50%，2 个断面" in text


def test_a_sign_off_and_a_check_after_it_open_to_each_sample():
    assert "氨氮 2024-06-01 08:00：16 mg/L（1/1）：重度黑臭" in text_of("sign-off")
    assert "返黑返臭" in text_of("return check")


def test_a_deduction_opens_to_the_document_that_allows_it():
    text = text_of("deduction")
    assert "扣除：化学需氧量" in text and "依据 某办函〔2024〕1号" in text


def test_a_measured_trend_opens_to_the_rows_of_each_month():
    text = text_of("measured trend")
    assert "2024-06：值 24" in text and "2024-06-15 08:00 24" in text


def test_a_method_that_a_person_changed_is_shown_with_its_settings():
    used = method(MONTH.last_day, round_before_compare=False)
    (section,) = [found for found in assess(ROWS, REGISTER, period=MONTH, method=used) if found.site == "S"]
    opened = open_result(section, ROWS, method=used)
    assert opened.settings["round_before_compare"]["value"] is False


def test_without_the_table_the_steps_name_their_rows_and_show_none():
    form = open_result(RESULTS["section"]).as_dict()
    assert {step["rows"] is None for step in form["steps"]} == {True}
    first = next(step for step in form["steps"] if step["behind"])
    assert first["behind"] == {"site": "S", "item": first["behind"]["item"], "period": "2024-06"}


def test_a_section_opens_to_mean_comparison_class_limits_and_the_line_of_its_target():
    text = text_of("section")
    assert "均值 24（2/2），以 24.0 比较，Ⅳ类" in text
    assert "Ⅲ类 20；Ⅳ类 30" in text
    assert "依据 GB 3838-2002 表1 第5项" in text
    assert "不达标，目标 Ⅲ类，超标项目：化学需氧量" in text
    assert "依据 plan.docx 第 12 行" in text


def test_a_row_that_did_not_enter_is_shown_with_what_it_says():
    lines = text_of("section").splitlines()
    assert any("2024-06-20 08:00 — (停站) 自动监测" in line for line in lines)
    assert any("均值 0.4（2/3）" in line for line in lines)


def test_an_area_opens_to_its_sections_rates_and_their_fractions():
    text = text_of("area by shares")
    assert "断面：甲断面：Ⅳ类" in text
    assert "优良比例：0.0%\n    0 ÷ 2 × 100%" in text
    assert "断面超标率：化学需氧量 100.0%\n    2 ÷ 2 × 100%" in text


def test_a_lake_opens_to_the_index_of_each_item_with_its_formula():
    """总站生字〔2001〕090号: TLI(chla) = 10 (2.5 + 1.086 ln chla), chla in mg/m³."""
    text = text_of("lake")
    assert "10 × (2.5 + 1.086 × ln(0.01 × 1000))" in text
    assert "Σ W(j) × TLI(j) ÷ Σ W(j)" in text
    assert f"{RESULTS['lake'].trophic.rounded}" in text


def test_flow_opens_to_each_day_with_what_it_was_held_against():
    text = text_of("flow")
    assert "2024-06-01：满足\n    12.5 ≥ 10\n    依据 方案第2页" in text
    assert "2024-06-02：低于目标\n    9.9 < 10" in text
    assert "1 ÷ 2 × 100%" in text
    assert "无数据 28" in text


def test_black_odorous_water_opens_to_each_reading_and_its_share():
    text = text_of("body")
    assert "氨氮 2024-06-01 08:00：16 mg/L（1/1）：重度黑臭" in text
    assert "重度点位比例" in text


def test_groundwater_opens_to_the_limits_of_each_item():
    text = text_of("well")
    assert "均值 0.9 mg/L（1/1），Ⅳ类，超标倍数 0.8" in text  # 0.9 / 0.5 - 1
    assert "依据 GB/T 14848-2017 表1 第18项" in text
    assert "均值 7.1（1/1）" in text


def test_an_index_opens_to_quotients_that_add_up_to_it():
    opened = open_result(RESULTS["city index"])
    assert opened.as_dict()["result"]["index"] == (
        None if RESULTS["city index"].rounded is None else str(RESULTS["city index"].rounded)
    )
    terms = RESULTS["index"].terms
    text = text_of("index")
    assert all(term.formula in text for term in terms)


def test_a_trend_opens_to_every_value_with_its_rank_and_the_formula():
    text = text_of("rank trend")
    assert "值 4，秩 4" in text
    assert "1 - 6 × 0 ÷ (5³ - 5)" in text
    assert "缺 1" in text
    assert "S = 10" in text_of("kendall trend")


def test_the_flood_season_opens_to_the_quotient_of_the_worst_value():
    text = text_of("flood")
    assert "÷" in text and "首要污染物" in text


def test_works_open_to_treated_volume_over_capacity_and_days():
    text = text_of("loads")
    assert "17000 ÷ (10000 × 2) × 100%" in text
    assert "85.0%" in text
    assert "缺 28 天" in text


def test_effluent_opens_to_each_day_with_limit_and_clause():
    text = text_of("effluent")
    assert "化学需氧量 2024-06-01：55 mg/L（1/1）：超标\n    50" in text
    assert "GB 18918" in text


def test_a_source_opens_to_the_verdict_of_its_month():
    text = text_of("source")
    assert "单独列出：总氮 Ⅳ类" in text
    assert "判定：达标" in text
    assert "评价 1 个月，缺 0 个月" in text


@pytest.mark.parametrize("thing", [None, 3, "S", Decimal(1), [RESULTS["section"]]])
def test_what_is_no_result_is_refused(thing):
    with pytest.raises(CallError, match="不能展开"):
        open_result(thing)
