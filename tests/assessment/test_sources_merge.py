"""Automatic and manual data of one month (自动与手工监测数据的融合): 环办监测函〔2020〕82号 and 714号.

Where a month has an automatic mean and a manual value for the same item, only the automatic one enters. If the
station was off for the whole month, the manual value enters. A month with neither stays missing.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bishui.assessment import Period, assess
from bishui.standards import method
from tests.assessment.tables import flags, measurements, reading, sites

FEBRUARY = Period.month(2024, 2)
ITEMS = ("ph", "do", "codmn", "nh3n", "tp", "tn")


def items_of(rows: list[dict[str, Any]], period: Period = FEBRUARY, **given: Any) -> Any:
    return assess(measurements(rows), sites("S"), period=period, **given).of("S", period).items


def automatic(item: str, value: str | None, day: int = 1, month: int = 2, **given: Any) -> dict[str, Any]:
    return reading(item, value, f"2024-{month:02}-{day:02}T08:00", **given)


def manual(item: str, value: str, day: int = 5, month: int = 2) -> dict[str, Any]:
    return reading(item, value, f"2024-{month:02}-{day:02}T10:00", source="manual")


@pytest.mark.parametrize("item", ITEMS)
def test_only_the_automatic_mean_enters_where_the_month_has_both(item: str) -> None:
    entry = items_of([automatic(item, "7.5"), manual(item, "9.5")])[item]
    assert (entry.mean, entry.source) == (Fraction("7.5"), "automatic")


def test_each_item_has_its_own_source() -> None:
    found = items_of([automatic("nh3n", "0.2"), manual("nh3n", "0.9"), manual("cu", "0.01")])
    assert {key: entry.source for key, entry in found.items()} == {"nh3n": "automatic", "cu": "manual"}


@pytest.mark.parametrize("mark", ["offline", "no_reading", "not_given"])
def test_the_manual_value_enters_where_the_station_was_off_the_whole_month(mark: str) -> None:
    rows = [automatic("tp", None, day, mark=mark) for day in range(1, 29)]
    entry = items_of([*rows, manual("tp", "0.3")])["tp"]
    assert (entry.mean, entry.source) == (Fraction("0.3"), "manual")


def test_the_manual_value_enters_where_a_person_held_back_every_automatic_one() -> None:
    held = {"item": "tp", "time_from": datetime(2024, 2, 1), "time_to": datetime(2024, 2, 3)}
    rows = [automatic("tp", "0.1", 1), automatic("tp", "0.1", 2), manual("tp", "0.3", 20)]
    entry = items_of(rows, flags=flags(held))["tp"]
    assert (entry.mean, entry.source, entry.counts.excluded) == (Fraction("0.3"), "manual", 2)


def test_one_good_day_of_the_station_is_an_automatic_mean() -> None:
    rows = [automatic("tp", None, day, mark="offline") for day in range(2, 29)]
    entry = items_of([automatic("tp", "0.1"), *rows, manual("tp", "0.3")])["tp"]
    assert (entry.mean, entry.source, entry.counts.offline) == (Fraction("0.1"), "automatic", 27)


def test_too_few_good_days_by_the_setting_are_no_automatic_mean() -> None:
    """How many days a month needs is not known; the setting is there, and by default there is none."""
    chosen = method(date(2024, 2, 1)).with_settings(min_valid_days_per_month=10)
    rows = [automatic("tp", "0.1", day) for day in range(1, 10)]
    assert items_of([*rows, manual("tp", "0.3")], method=chosen)["tp"].source == "manual"
    rows.append(automatic("tp", "0.1", 10))
    assert items_of([*rows, manual("tp", "0.3")], method=chosen)["tp"].source == "automatic"


def test_a_month_with_neither_stays_missing() -> None:
    entry = items_of([automatic("tp", None, mark="offline")])["tp"]
    assert (entry.mean, entry.rank) == (None, None)


def test_the_year_is_the_mean_of_months_each_by_its_own_source() -> None:
    rows = [automatic("tp", "0.1", month=1), manual("tp", "0.9", month=1), manual("tp", "0.3", month=2)]
    entry = items_of(rows, Period.year_to_date(2024, 3))["tp"]
    assert (entry.mean, entry.counts.months) == (Fraction("0.2"), 2)


def test_ph_of_the_month_is_not_mixed_either() -> None:
    entry = items_of([automatic("ph", "7"), automatic("ph", "8", 2), manual("ph", "4")])["ph"]
    assert entry.source == "automatic"
    assert round(float(entry.mean), 4) == 7.2596


_READINGS = st.lists(st.tuples(st.integers(1, 28), st.integers(0, 200)), min_size=1, max_size=20)


@examples(max_examples=30)
@given(_READINGS, _READINGS)
def test_manual_values_never_move_a_month_that_has_an_automatic_mean(
    of_station: list[tuple[int, int]], by_hand: list[tuple[int, int]]
) -> None:
    start = datetime(2024, 2, 1)
    rows = [
        reading("nh3n", str(Decimal(value) / 100), start + timedelta(days=day - 1, hours=4 * place % 24))
        for place, (day, value) in enumerate(of_station)
    ]
    more = [manual("nh3n", str(Decimal(value) / 100), day) for day, value in by_hand]
    alone, together = items_of(rows)["nh3n"], items_of([*rows, *more])["nh3n"]
    assert (alone.mean, alone.source) == (together.mean, together.source)
