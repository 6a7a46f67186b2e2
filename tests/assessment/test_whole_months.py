"""Months averaged while rows are read are those that the sums of their days give, whatever rows lie between."""

from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment.means import Means
from bishui.assessment.scan import Readings
from bishui.standards import method
from tests.assessment.tables import flags, measurements, reading

METHOD = method(date(2024, 6, 1))
BEGIN = datetime(2024, 1, 20)
FIELDS = [field.name for field in fields(Means) if field.name not in ("keys", "wide")]

#: What happens to one row: its value, its mark, or its time.
changes = st.sampled_from(
    [
        {"value": None},
        {"value": Decimal("0.000001")},
        {"value": Decimal(-3)},
        {"value": Decimal(100000)},
        {"value": Decimal("14.01")},
        {"mark": "below_detection"},
        {"mark": "offline", "value": None},
        {"source": "manual"},
        {"time": BEGIN + timedelta(days=40)},
        {"time": BEGIN + timedelta(days=3, hours=1)},
        {"site": "Z"},
    ]
)


def series(days: int, per_day: int, site: str = "A", item: str = "codmn") -> list[dict]:
    """Return rows at even steps from `BEGIN` on."""
    step, base = timedelta(days=1) / per_day, 7 if item == "ph" else 3
    return [
        reading(item, f"{base + number % 7 / 100:.2f}", BEGIN + number * step, site=site)
        for number in range(days * per_day)
    ]


def by_days(table: pa.Table, given_flags: pa.Table | None, chosen):
    """Return the months from the sums of days, as they are made where days are asked for."""
    readings = Readings(table, given_flags, chosen.source_priority, {})
    readings.days()
    return readings.sites, readings.months(chosen)


def assert_the_same(table: pa.Table, given_flags: pa.Table | None = None, chosen=METHOD) -> None:
    readings = Readings(table, given_flags, chosen.source_priority, {})
    found = readings.months(chosen)
    sites, wanted = by_days(table, given_flags, chosen)
    assert readings.sites == sites
    for name in FIELDS:
        assert np.array_equal(getattr(found, name), getattr(wanted, name)), name


@pytest.mark.parametrize("per_day", [1, 6, 24, 96, 1440])
@pytest.mark.parametrize("item", ["codmn", "ph"])
def test_a_plain_series_needs_no_sums_of_days(item, per_day):
    table = measurements(series(60 if per_day < 1440 else 14, per_day, item=item))
    readings = Readings(table, None, METHOD.source_priority, {})
    assert readings._at_once(METHOD) is not None
    assert_the_same(table)


def test_a_day_longer_than_what_is_divided_at_a_time_is_one_day():
    assert_the_same(measurements(series(13, 2880)))


@settings(deadline=None, max_examples=150)
@given(
    st.integers(1, 8),
    st.lists(st.tuples(st.integers(0, 10**6), changes), max_size=6),
    st.lists(st.integers(0, 10**6), max_size=3),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=2),
    st.integers(1, 3),
    st.booleans(),
)
def test_rows_of_any_kind_in_any_place_change_no_mean(per_day, changed, dropped, swapped, least, flagged):
    rows = [
        row
        for site, item in (("B", "codmn"), ("A", "ph"), ("A", "codmn"))
        for row in series(60, per_day, site, item)
    ]
    for place, change in changed:
        rows[place % len(rows)] |= change
    for one, other in swapped:
        one, other = one % len(rows), other % len(rows)
        rows[one], rows[other] = rows[other], rows[one]
    for place in dropped:
        del rows[place % len(rows)]
    over = {"site": "A", "item": "ph", "time_from": BEGIN, "time_to": BEGIN + timedelta(days=2)}
    chosen = METHOD.with_settings(min_valid_per_day=least)
    assert_the_same(measurements(rows), flags(over) if flagged else None, chosen)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 720), max_size=4), st.sampled_from(["s", "ms", "us", "ns"]), st.booleans())
def test_neither_parts_nor_the_unit_of_time_nor_a_month_in_two_places_changes_a_mean(cuts, unit, twice):
    rows = series(60, 6, "A") + series(60, 6, "B")
    rows += rows[30:200] if twice else []
    table = measurements(rows)
    table = table.set_column(
        table.schema.get_field_index("time"), "time", table["time"].cast(pa.timestamp(unit))
    )
    edges = sorted({0, *cuts, len(rows)})
    parts = [table.slice(begin, end - begin) for begin, end in pairwise(edges)]
    assert_the_same(pa.concat_tables(parts))


def test_times_beyond_the_calendar_of_the_kernel_are_left_to_the_sums_of_days():
    rows = series(3, 4)
    far = [row | {"time": row["time"].replace(year=year)} for year in (1850, 2250) for row in rows]
    assert_the_same(measurements(rows + far))
