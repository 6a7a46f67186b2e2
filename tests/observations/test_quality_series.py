"""Copied stretches (雷同数据) and slow drift (缓慢漂移): what a whole course of readings says, not a single one."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bishui.observations import MEASUREMENTS, Copies, check, describe_finding
from bishui.standards import rules

START = datetime(2024, 3, 1)
DAYS = 80
STEPS = DAYS * 6


def course(seed: int, level: float = 2.0, steps: int = STEPS) -> np.ndarray:
    """Four-hourly readings of a steady water, with three digits."""
    return np.round(level * np.exp(np.random.default_rng(seed).normal(0, 0.08, steps)), 3)


def rows(values: np.ndarray, item: str = "nh3n", first: int = 0, **changes: Any) -> list[dict[str, Any]]:
    given = {"site": "甲", "item": item, "mark": "measured", "source": "automatic"} | changes
    return [
        given | {"time": START + timedelta(hours=4 * (first + step)), "value": Decimal(f"{value:.3f}")}
        for step, value in enumerate(values.tolist())
    ]


def table(given: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(given, schema=MEASUREMENTS)


def found(given: list[dict[str, Any]], rule: str, **changes: Any) -> list[dict[str, Any]]:
    chosen = rules("quality", date(2024, 3, 1), **changes)
    return [its for its in check(table(given), rules=chosen).to_pylist() if its["rule"] == rule]


def drifted(factor: float, days: int, begin: int = 300) -> np.ndarray:
    """A steady water whose readings move away by a factor, from a step on, and come back."""
    values = course(1)
    values[begin : begin + days * 6] *= np.linspace(1, factor, days * 6)
    return np.round(values, 3)


class TestCopies:
    @pytest.mark.parametrize(("length", "count"), [(11, 0), (12, 1), (40, 1)])
    def test_a_stretch_of_an_earlier_day_again(self, length: int, count: int) -> None:
        values = course(1)
        values[200 : 200 + length] = values[38 : 38 + length]
        findings = found(rows(values), "copied_series")
        assert len(findings) == count
        for its in findings:
            assert (its["count"], its["time_from"]) == (length, START + timedelta(hours=800))
            assert its["time_to"] == START + timedelta(hours=4 * (199 + length))
            assert dict(its["evidence"])["days_apart"] == "27"
            assert (its["severity"], its["flag"]) == ("warning", "under_review")

    def test_a_stretch_of_another_site_names_it(self) -> None:
        mine, other = course(1), course(2)
        mine[100:130] = other[40:70]
        (its,) = found([*rows(mine), *rows(other, site="乙")], "copied_series")
        assert its["site"] == "甲"
        assert str(describe_finding(its)) == (
            "氨氮 连续 30 个读数与 乙 自 2024-03-07 16:00 至 2024-03-12 12:00 的读数逐个相同（相隔 10 天）。"
        )

    def test_two_sites_with_the_same_readings_at_the_same_time(self) -> None:
        values = course(1, steps=60)
        (its,) = found([*rows(values), *rows(values, site="乙")], "copied_series")
        assert its["count"] == 60
        assert {its["site"], dict(its["evidence"])["other_site"]} == {"甲", "乙"}

    def test_a_report_of_the_same_reading_by_another_source_is_another_rule(self) -> None:
        values = course(1, steps=60)
        given = [*rows(values), *rows(values, source="manual")]
        assert found(given, "copied_series") == []
        assert len(found(given, "duplicate_across")) == 60

    def test_a_gap_within_the_copy_divides_it(self) -> None:
        values = course(1)
        values[200:240] = values[40:80]
        given = rows(values)
        del given[220]
        assert [its["count"] for its in found(given, "copied_series")] == [20, 19]

    @pytest.mark.parametrize("pattern", [["0.020"], ["0.020", "0.030"], ["0.020", "0.020", "0.021"]])
    def test_clean_water_that_shows_few_numbers_copies_nothing(self, pattern: list[str]) -> None:
        values = np.array([float(pattern[step % len(pattern)]) for step in range(STEPS)])
        assert found(rows(values), "copied_series") == []

    def test_how_unlikely_a_copy_must_be_is_a_setting(self) -> None:
        values = course(1)
        values[200:212] = values[40:52]
        assert len(found(rows(values), "copied_series", copied_bits=40)) == 1
        assert found(rows(values), "copied_series", copied_bits=200) == []

    def test_in_parts_or_whole_and_in_any_order_it_is_the_same(self) -> None:
        mine, other = course(1), course(2)
        mine[100:130] = other[40:70]
        given = [*rows(mine), *rows(other, site="乙")]
        chosen = rules("quality", date(2024, 3, 1))
        whole = found(given, "copied_series")
        assert found([given[place] for place in np.random.default_rng(3).permutation(len(given))],
                     "copied_series") == whole  # fmt: skip
        copies = Copies(chosen)
        for site in "乙甲":
            part = table([its for its in given if its["site"] == site])
            assert "copied_series" not in check(part, rules=chosen, copies=copies)["rule"].to_pylist()
        assert copies.found().to_pylist() == whole


class TestDrift:
    @pytest.mark.parametrize(("factor", "days"), [(2.6, 12), (2.4, 20), (0.35, 20)])
    def test_one_item_moves_away_while_the_others_stay(self, factor: float, days: int) -> None:
        values = drifted(factor, days, begin=240)
        given = [*rows(values), *rows(course(2), "tn"), *rows(course(3, 0.2), "tp")]
        (its,) = found(given, "slow_drift")
        assert (its["item"], its["severity"], its["flag"]) == ("nh3n", "notice", "under_review")
        begin, end = START + timedelta(days=40), START + timedelta(days=40 + days)
        assert its["time_from"] < end and its["time_to"] > begin
        said = dict(its["evidence"])
        assert (float(said["factor"]) > 1) is (factor > 1)
        assert float(said["factor_of_others"]) == pytest.approx(1, abs=0.2)

    def test_what_the_other_items_do_as_well_is_the_water(self) -> None:
        course_of = np.ones(STEPS)
        course_of[240:360] = np.linspace(1, 2.4, 120)
        given = [
            *rows(np.round(course(1) * course_of, 3)),
            *rows(np.round(course(2) * course_of, 3), "tn"),
            *rows(np.round(course(3, 0.2) * course_of, 3), "tp"),
        ]
        assert found(given, "slow_drift") == []
        assert {its["item"] for its in found(given, "slow_drift", drift_alone=2)} == {"nh3n", "tn", "tp"}

    def test_steady_water_a_step_and_a_single_wild_day_do_not_drift(self) -> None:
        step = course(1)
        step[240:] *= 2.2
        wild = course(4)
        wild[240:246] *= 5
        for values in (course(1), np.round(step, 3), np.round(wild, 3)):
            assert found(rows(values), "slow_drift") == []

    def test_a_small_change_of_clean_water_is_below_the_floor(self) -> None:
        values = np.round(drifted(2.4, 20, 240) / 20, 3)  # 0.1 to 0.24 mg/L
        assert found(rows(values), "slow_drift") == []
        assert len(found(rows(values), "slow_drift", **{"drift_floor.nh3n": "0.05"})) == 1

    def test_a_new_station_has_no_usual_change_yet(self) -> None:
        short = drifted(2.4, 20, 240)[:360]  # sixty days: three windows of twenty days side by side
        windows = (["20", "1.65"],)
        assert found(rows(short), "slow_drift", drift_windows=windows) == []
        assert len(found(rows(short), "slow_drift", drift_windows=windows, drift_history=3)) == 1

    def test_samples_and_items_without_a_floor_are_not_looked_at(self) -> None:
        values = drifted(2.4, 20, 240)
        assert found(rows(values, source="manual"), "slow_drift") == []
        assert found(rows(values, "do"), "slow_drift") == []

    def test_too_few_days_say_nothing(self) -> None:
        given = [its for its in rows(drifted(2.4, 20, 240)) if its["time"].day % 2]
        assert found(given, "slow_drift") == []

    def test_it_is_told_with_its_numbers(self) -> None:
        given = [*rows(drifted(2.4, 20, 240)), *rows(course(2), "tn")]
        (its,) = found(given, "slow_drift")
        said = dict(its["evidence"])
        assert str(describe_finding(its)) == (
            f"氨氮 在 {said['days']} 天内由约 {said['before']} mg/L 缓慢变为约 {said['after']} mg/L"
            f"（{said['factor']} 倍），同站其他项目同期为 {said['factor_of_others']} 倍。"
        )
        assert float(said["after"]) / float(said["before"]) == pytest.approx(float(said["factor"]), rel=0.02)
