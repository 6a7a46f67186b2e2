"""Quality control proposes, each rule at its threshold and one step beside it; the order of rows changes nothing."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.observations import (
    FINDINGS,
    MEASUREMENTS,
    QUALITY_RULES,
    SITES,
    check,
    describe_finding,
    read_table,
    rule_name,
)
from bishui.observations.quality_kernels import compiled, local_medians
from bishui.observations.series import series_by_sites
from bishui.standards import items, rules

START = datetime(2024, 3, 1)


def row(item: str, value: str | None, step: int = 0, **changes: Any) -> dict[str, Any]:
    """One automatic four-hourly reading."""
    given = {
        "import_id": None,
        "row": None,
        "site": "甲",
        "time": START + timedelta(hours=4 * step),
        "item": item,
        "value": None if value is None else Decimal(value),
        "mark": "measured",
        "unit": None,
        "raw": value,
        "source": "automatic",
    }
    return given | changes


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=MEASUREMENTS)


def found(rows: list[dict[str, Any]], rule: str, **changes: Any) -> list[dict[str, Any]]:
    chosen = rules("quality", date(2024, 3, 1), **changes)
    return [its for its in check(table(rows), rules=chosen).to_pylist() if its["rule"] == rule]


def series(item: str, values: list[str], **changes: Any) -> list[dict[str, Any]]:
    return [row(item, value, step, **changes) for step, value in enumerate(values)]


class TestValues:
    @pytest.mark.parametrize(("value", "count"), [("0", 0), ("14", 0), ("14.01", 1), ("-0.01", 1)])
    def test_a_ph_outside_its_scale_is_impossible(self, value: str, count: int) -> None:
        findings = found([row("ph", value)], "impossible_value")
        assert len(findings) == count
        assert all(its["severity"] == "error" and its["flag"] == "under_review" for its in findings)

    @pytest.mark.parametrize(("value", "count"), [("20", 0), ("20.01", 1)])
    def test_oxygen_beyond_the_range_of_the_instrument(self, value: str, count: int) -> None:
        findings = found([row("do", value)], "instrument_range")
        assert len(findings) == count
        assert all(its["limit"] == 20 for its in findings)

    def test_a_sample_taken_by_hand_has_no_instrument(self) -> None:
        assert found([row("do", "25", source="manual")], "instrument_range") == []

    def test_the_range_of_the_day_holds(self) -> None:
        spans = (["1990-01-01", "0", "10"], ["2024-03-02", "0", "50"])
        rows = [row("tp", "20", 0), row("tp", "20", 6)]
        findings = found(rows, "instrument_range", **{"instrument_range.tp": spans})
        assert [its["time_from"] for its in findings] == [START]

    def test_values_of_a_station_that_is_off_are_not_looked_at(self) -> None:
        assert check(table([row("ph", "99", mark="offline")])).num_rows == 0

    def test_the_published_class_is_no_measurement(self) -> None:
        assert check(table([row("published_class", "3", step) for step in range(40)])).num_rows == 0


class TestRuns:
    @pytest.mark.parametrize(("length", "count"), [(11, 0), (12, 1), (30, 1)])
    def test_the_same_reading_again_and_again(self, length: int, count: int) -> None:
        findings = found(series("codmn", ["2.5"] * length + ["2.6"]), "repeated_value")
        assert len(findings) == count
        for its in findings:
            assert (its["count"], its["time_from"]) == (length, START)
            assert its["time_to"] == START + timedelta(hours=4 * (length - 1))

    def test_a_run_within_a_day_is_too_short(self) -> None:
        rows = [row("codmn", "2.5", time=START + timedelta(minutes=5 * step)) for step in range(50)]
        assert found(rows, "repeated_value") == []

    def test_samples_taken_by_hand_may_repeat(self) -> None:
        assert found(series("codmn", ["2.5"] * 30, source="manual"), "repeated_value") == []

    @pytest.mark.parametrize(("length", "count"), [(42, 0), (43, 1)])
    def test_stuck_at_the_detection_limit_for_a_week(self, length: int, count: int) -> None:
        rows = series("nh3n", ["0.025"] * length, mark="below_detection")
        findings = found(rows, "stuck_at_detection_limit")
        assert len(findings) == count
        assert found(rows, "repeated_value") == []

    def test_a_measured_value_ends_the_run(self) -> None:
        rows = series("nh3n", ["0.025"] * 60, mark="below_detection")
        rows[30] = row("nh3n", "0.03", 30)
        assert found(rows, "stuck_at_detection_limit") == []

    def test_two_sites_are_two_runs(self) -> None:
        rows = series("codmn", ["2.5"] * 6) + series("codmn", ["2.5"] * 6, site="乙")
        assert found(rows, "repeated_value") == []


class TestJumps:
    VALUES = ("0.20", "0.21", "0.19", "0.20", "0.22", "0.21", "0.20", "0.19", "0.20", "0.21")

    def test_a_value_far_from_the_median_of_its_neighbours(self) -> None:
        values = list(self.VALUES)
        values[5] = "2.10"
        findings = found(series("nh3n", values), "jump")
        assert [(its["value"], its["count"]) for its in findings] == [(Decimal("2.1"), 1)]
        assert dict(findings[0]["evidence"])["median"] == "0.2"

    def test_one_wild_neighbour_hides_nothing_and_blames_nobody_else(self) -> None:
        values = list(self.VALUES)
        values[4], values[6] = "9", "8"
        assert [str(its["value"].normalize()) for its in found(series("nh3n", values), "jump")] == ["9", "8"]

    def test_a_slow_rise_is_none(self) -> None:
        assert found(series("codmn", [f"{2 + step / 10:.1f}" for step in range(60)]), "jump") == []

    @pytest.mark.parametrize(("value", "count"), [("0.36", 0), ("0.37", 1)])
    def test_the_bound_is_the_factor_times_the_least_spread(self, value: str, count: int) -> None:
        """Eight times the floor of 0.02 mg/L above 0.20 mg/L."""
        values = ["0.20"] * 5 + [value] + ["0.20"] * 5
        assert len(found(series("nh3n", values), "jump")) == count

    def test_few_neighbours_say_nothing(self) -> None:
        assert found(series("nh3n", ["0.2", "0.2", "9", "0.2", "0.2"]), "jump") == []

    def test_neighbours_are_near_in_time(self) -> None:
        rows = [row("nh3n", "9" if step == 5 else "0.2", step * 60) for step in range(11)]
        assert found(rows, "jump") == []
        manual = [its | {"source": "manual"} for its in rows]
        assert len(found(manual, "jump")) == 1

    @given(
        st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=20), min_size=1, max_size=4),
        st.integers(1, 4),
    )
    def test_the_compiled_pass_says_what_the_plain_one_says(
        self, values: list[list[int]], neighbours: int
    ) -> None:
        starts = np.cumsum([0, *map(len, values)])
        value = np.concatenate(values).astype(float)
        time = np.concatenate([np.arange(len(its)) * 3600 for its in values])
        given = (starts, time, value, np.full(len(values), 0.5), np.full(len(values), 7200))
        results = []
        for run in (local_medians, compiled()):
            median, spread = np.full(len(value), np.nan), np.full(len(value), np.nan)
            run(*given, 0.1, neighbours, 2, 3.0, median, spread)
            results.append((median, spread))
        np.testing.assert_array_equal(results[0], results[1])


class TestPartsAndWholes:
    @pytest.mark.parametrize(
        ("part", "whole"), [("nh3n", "tn"), ("nitrate", "tn"), ("codmn", "cod"), ("bod5", "cod")]
    )
    def test_a_part_above_its_whole(self, part: str, whole: str) -> None:
        rows = [row(part, "2.01"), row(whole, "2"), row(part, "2", 1), row(whole, "2", 1)]
        findings = found(rows, "part_above_whole")
        assert [(its["item"], its["other_item"], its["severity"]) for its in findings] == [
            (part, whole, "notice")
        ]
        assert (findings[0]["value"], findings[0]["limit"]) == (Decimal("2.01"), Decimal(2))

    def test_far_above_is_a_warning(self) -> None:
        assert found([row("nh3n", "2.3"), row("tn", "2")], "part_above_whole")[0]["severity"] == "warning"

    def test_the_sum_of_parts(self) -> None:
        rows = [row("nh3n", "1.1"), row("nitrate", "1"), row("tn", "2")]
        changes = {"parts.tn": (["nh3n"], ["nh3n", "nitrate"])}
        findings = found(rows, "part_above_whole", **changes)
        assert [(its["value"], dict(its["evidence"])["part"]) for its in findings] == [
            (Decimal("2.1"), "nh3n+nitrate")
        ]

    @pytest.mark.parametrize("tn", ["0.3", "1.1", "2.2"])
    def test_a_sum_that_is_the_whole_is_not_above_it(self, tn: str) -> None:
        """0.1 + 0.2 is 0.3, whatever binary floats make of it."""
        parts = {"0.3": ("0.1", "0.2"), "1.1": ("0.8", "0.3"), "2.2": ("1.1", "1.1")}[tn]
        rows = [row("nh3n", parts[0]), row("nitrate", parts[1]), row("tn", tn)]
        assert found(rows, "part_above_whole", **{"parts.tn": (["nh3n", "nitrate"],)}) == []

    def test_a_whole_below_detection_is_at_most_its_limit(self) -> None:
        rows = [row("nh3n", "0.2"), row("tn", "0.05", mark="below_detection")]
        assert dict(found(rows, "part_above_whole")[0]["evidence"])["whole_below_detection"] == "yes"

    def test_a_part_below_detection_says_nothing(self) -> None:
        assert found([row("nh3n", "0.2", mark="below_detection"), row("tn", "0.1")], "part_above_whole") == []

    def test_other_times_and_sources_are_other_samplings(self) -> None:
        rows = [
            row("nh3n", "3"),
            row("tn", "2", 1),
            row("tn", "2", source="manual"),
            row("tn", "2", site="乙"),
        ]
        assert found(rows, "part_above_whole") == []


class TestDuplicates:
    def test_equal_results_need_no_flag(self) -> None:
        findings = found([row("tp", "0.1"), row("tp", "0.10")], "duplicate_within")
        assert [(its["severity"], its["flag"], its["count"]) for its in findings] == [("notice", None, 2)]

    def test_differing_results_are_to_be_looked_at(self) -> None:
        findings = found([row("tp", "0.1"), row("tp", "0.3"), row("tp", "0.2")], "duplicate_within")
        assert [(its["severity"], its["flag"], its["count"]) for its in findings] == [
            ("warning", "under_review", 3)
        ]
        assert (findings[0]["value"], findings[0]["limit"]) == (Decimal("0.1"), Decimal("0.3"))

    def test_a_result_and_a_detection_limit_differ(self) -> None:
        rows = [row("tp", "0.1"), row("tp", "0.1", mark="below_detection")]
        assert found(rows, "duplicate_within")[0]["severity"] == "warning"

    @pytest.mark.parametrize(("manual", "severity"), [("0.13", "notice"), ("0.14", "warning")])
    def test_two_sources_at_one_time(self, manual: str, severity: str) -> None:
        """|0.10 − 0.13| is 26 % of their mean, |0.10 − 0.14| is 33 %."""
        findings = found([row("tp", "0.1"), row("tp", manual, source="manual")], "duplicate_across")
        assert [(its["severity"], its["flag"]) for its in findings] == [(severity, None)]


class TestGaps:
    def gap(self, missing: int) -> list[dict[str, Any]]:
        steps = [*range(10), *range(10 + missing, 20 + missing)]
        return found([row("tp", f"0.{step:02}1", step) for step in steps], "gap")

    @pytest.mark.parametrize(("missing", "count"), [(0, 0), (5, 0), (6, 1)])
    def test_a_day_without_readings(self, missing: int, count: int) -> None:
        findings = self.gap(missing)
        assert len(findings) == count
        for its in findings:
            assert (its["count"], its["flag"]) == (6, None)
            assert its["time_from"] == START + timedelta(hours=36, seconds=1)
            assert its["time_to"] == START + timedelta(hours=64) - timedelta(seconds=1)

    def test_rows_without_a_number_are_a_gap_too_and_are_counted(self) -> None:
        rows = [
            row("tp", None if 10 <= step < 16 else f"0.{step:02}1", step,
                mark="no_reading" if 10 <= step < 16 else "measured")
            for step in range(26)
        ]  # fmt: skip
        assert dict(found(rows, "gap")[0]["evidence"])["rows_without_number"] == "6"

    def test_two_months_without_a_monthly_sample(self) -> None:
        months = [1, 2, 3, 4, 7, 8]
        rows = [row("tp", f"0.0{month}", source="manual", time=datetime(2024, month, 5)) for month in months]
        assert [its["count"] for its in found(rows, "gap")] == [2]


_ROWS = st.lists(
    st.builds(
        row,
        item=st.sampled_from(["nh3n", "tn", "ph"]),
        value=st.integers(0, 300).map(lambda number: f"{number / 10:.1f}"),
        step=st.integers(0, 15),
        site=st.sampled_from(["甲", "乙"]),
        source=st.sampled_from(["automatic", "manual"]),
        mark=st.sampled_from(["measured", "measured", "below_detection", "offline"]),
    ),
    max_size=60,
)


class TestLaws:
    @settings(max_examples=40)
    @given(_ROWS, st.randoms())
    def test_the_order_of_rows_changes_nothing(self, rows: list[dict[str, Any]], random: Any) -> None:
        shuffled = list(rows)
        random.shuffle(shuffled)
        assert check(table(rows)).equals(check(table(shuffled)))

    @settings(max_examples=40)
    @given(_ROWS)
    def test_a_table_in_parts_is_the_same_table(self, rows: list[dict[str, Any]]) -> None:
        parts = pa.concat_tables([table(rows[:20]), table(rows[20:40]), table(rows[40:])])
        assert check(parts).equals(check(table(rows)))

    @settings(max_examples=40)
    @given(_ROWS)
    def test_sites_are_checked_apart(self, rows: list[dict[str, Any]]) -> None:
        chosen = rules("quality", date(2024, 3, 1))
        apart = [check(table([its for its in rows if its["site"] == site]), rules=chosen) for site in "乙甲"]
        assert pa.concat_tables(apart).to_pylist() == check(table(rows), rules=chosen).to_pylist()

    @settings(max_examples=40)
    @given(_ROWS)
    def test_a_second_import_of_the_same_rows_adds_equal_duplicates_only(
        self, rows: list[dict[str, Any]]
    ) -> None:
        first = {(its["site"], its["item"], its["time"], its["source"]): its for its in rows}
        once = check(table(list(first.values()))).to_pylist()
        twice = check(table([*first.values(), *first.values()])).to_pylist()
        assert [its for its in twice if its["rule"] != "duplicate_within"] == once
        again = [its for its in twice if its["rule"] == "duplicate_within"]
        assert {(its["severity"], its["flag"]) for its in again} <= {("notice", None)}

    @settings(max_examples=40)
    @given(_ROWS, st.integers(1, 70))
    def test_how_many_rows_are_sorted_at_a_time(self, rows: list[dict[str, Any]], at_once: int) -> None:
        few = [number for its in series_by_sites(table(rows), at_once=at_once) for number in its.number]
        assert few == [number for its in series_by_sites(table(rows)) for number in its.number]

    def test_nothing_gives_nothing(self) -> None:
        assert check(MEASUREMENTS.empty_table()).schema == FINDINGS
        assert check(table([row("ph", "7")])).schema == FINDINGS

    def test_sites_outside_the_register_are_left_out(self) -> None:
        register = pa.Table.from_pylist([{"id": "S1", "name": "乙", "kind": "section"}], schema=SITES)
        rows = [row("ph", "15"), row("ph", "15", site="乙"), row("ph", "15", site="S1")]
        assert set(check(table(rows), register)["site"].to_pylist()) == {"S1", "乙"}


class TestWords:
    def test_each_finding_is_told_with_its_numbers(self) -> None:
        rows = [
            *(row("ph", "15", step) for step in range(14)),
            row("nh3n", "3"),
            row("tn", "2"),
            row("tp", "0.1"),
            row("tp", "0.2"),
            row("cod", "9", source="manual"),
            row("cod", "12"),
        ]
        told = {its["rule"]: str(describe_finding(its)) for its in check(table(rows)).to_pylist()}
        assert told == {
            "impossible_value": "pH值 15 超出可能的范围（0～14）。",
            "instrument_range": "pH值 15 超出仪器量程（0～14）。",
            "repeated_value": "pH值 连续 14 个读数都是 15，历时 52 小时。",
            "part_above_whole": "氨氮 3 mg/L 大于同次监测的 总氮 2 mg/L。",
            "duplicate_within": "总磷 同一时间有 2 个结果（0.1 mg/L～0.2 mg/L）。",
            "duplicate_across": "化学需氧量 同一时间 自动监测 为 12 mg/L，手工监测 为 9 mg/L。",
        }

    def test_a_range_that_is_open_at_an_end_names_the_other_alone(self) -> None:
        (finding,) = check(table([row("tp", "-0.1", source="manual")])).to_pylist()
        assert str(describe_finding(finding)) == "总磷 -0.1 mg/L 超出可能的范围（不低于 0 mg/L）。"

    def test_every_rule_has_a_name_and_its_settings_a_source(self) -> None:
        assert all(str(rule_name(key)) for key in QUALITY_RULES)
        given = rules("quality", date(2024, 3, 1)).settings
        assert all(its.source and its.certainty in "ABC" and its.label for its in given.values())
        named = {entry.split("=")[0] for entry in given["flag"].value}
        assert named <= set(QUALITY_RULES)

    def test_ranges_are_of_known_items(self) -> None:
        names = rules("quality", date(2024, 3, 1)).settings
        of_items = [
            its.split(".")[1] for its in names if its.startswith(("instrument_range.", "jump_floor."))
        ]
        assert set(of_items) <= set(items())


def test_the_national_readings_of_five_days(shared: Path) -> None:
    measurements = read_table(shared / "data" / "cnemc_national_4h_2021-04.csv.gz").table
    findings = check(measurements)
    counts = Counter(findings["rule"].to_pylist())
    # Counted on the file by hand: ammonia above total nitrogen at one site and time, both measured.
    frame = measurements.to_pandas().query("mark == 'measured' and item in ('nh3n', 'tn')")
    wide = frame.pivot_table(index=["site", "time"], columns="item", values="value", aggfunc="first")
    both = wide.dropna()
    assert counts["part_above_whole"] == int((both["nh3n"] > both["tn"]).sum())
    assert counts["impossible_value"] == 0
    assert set(counts) <= set(QUALITY_RULES)
