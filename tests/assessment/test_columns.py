"""Columns and objects say the same; neither order, parts, repeats nor the store change an answer."""

import tempfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import PeriodKind, assess
from bishui.assessment.means import base_means, daily_means, monthly_means
from bishui.assessment.results import row_of
from bishui.assessment.rows import prepare
from bishui.assessment.scan import Readings
from bishui.observations import MeasurementStore
from bishui.standards import method
from tests.assessment.tables import flags, measurements, reading, sites, targets

#: The first call compiles.
compiled = settings(deadline=None, max_examples=40)
METHOD = method(date(2024, 6, 1))
#: Values about limits, detection limits above and below them, far away.
VALUES = ("0", "0.004", "0.02", "0.021", "0.2", "1", "1.05", "5.95", "6", "7.5", "20.5", "40", "9000", "-1")
ITEMS = ("ph", "do", "do_saturation", "codmn", "nh3n", "tp", "hg", "tn", "published_class")
MOMENTS = [datetime(2024, 1, 30) + timedelta(hours=hour) for hour in (0, 4, 4.5, 23, 24, 47, 48, 75)]

rows = st.lists(
    st.builds(
        reading,
        st.sampled_from(ITEMS),
        st.sampled_from((*VALUES, None)),
        st.sampled_from(MOMENTS),
        site=st.sampled_from(("A", "B", "C", "甲断面", "E")),
        mark=st.sampled_from(
            ("measured", "measured", "measured", "below_detection", "offline", "no_reading")
        ),
        source=st.sampled_from(("automatic", "manual", "unknown")),
    ).filter(lambda row: row["item"] != "published_class" or row["value"] in ("1", "6", None)),
    max_size=60,
)
REGISTER = sites(
    "A",
    {"id": "B", "water_type": "lake"},
    {"id": "C", "water_type": None},
    {"id": "D", "name": "甲断面"},
    {"id": "E", "valid_from": date(2024, 2, 1)},
    "silent",
)
TARGETS = targets(
    {"site": "A", "target_class": 2},
    {"site": "B", "target_class": 3, "overrides": {"tp": Decimal("0.2")}},
    {"site": "C", "target_class": 3},
    {"site": "D", "target_class": None, "overrides": {"codmn": Decimal(6)}},
    {"site": "E", "target_class": 4},
    {"site": "silent", "target_class": 4},
)
FLAGS = flags(
    {"site": "A", "item": "tp", "time_from": MOMENTS[0], "time_to": MOMENTS[2]},
    {"site": "A", "item": None, "time_from": MOMENTS[1], "time_to": MOMENTS[4], "flag": "under_review"},
    {"site": "B", "item": None, "time_from": MOMENTS[4], "time_to": MOMENTS[4]},
)


def once(entries):
    """Keep one row per site, time, item and source, as an import has them."""
    return list({(row["site"], row["time"], row["item"], row["source"]): row for row in entries}.values())


@compiled
@given(rows)
def test_the_columns_are_those_of_the_objects(entries):
    for kind in PeriodKind:
        found = assess(measurements(entries), REGISTER, TARGETS, FLAGS, period=kind)
        assert found.to_table().to_pylist() == [row_of(result) for result in found]
        assert len(found) == len(list(found))


@compiled
@given(rows, st.sampled_from(["half", "zero", "limit"]), st.integers(1, 3))
def test_sums_of_groups_give_the_means_of_sorted_rows(entries, below, least):
    changed = METHOD.with_settings(below_detection_concentration=below, min_valid_per_day=least)
    table = measurements(entries)
    aliases = {"甲断面": "D"}
    sorted_rows = prepare(table, FLAGS, changed.source_priority, aliases)
    readings = Readings(table, FLAGS, changed.source_priority, aliases)
    base = base_means(sorted_rows, changed)
    for made, wanted in (
        (readings.months(changed), monthly_means(base, changed)),
        (daily_means(readings.base(changed)), daily_means(base)),
    ):
        assert readings.sites == sorted_rows.sites
        for name in ("series", "unit", "source", "state", "days", "months", "detection"):
            assert np.array_equal(getattr(made, name), getattr(wanted, name)), name
        assert np.array_equal(made.counts, wanted.counts)
        assert [made.exact(i) for i in range(made.series.size)] == [
            wanted.exact(i) for i in range(wanted.series.size)
        ]


@compiled
@given(rows, st.randoms())
def test_the_order_of_rows_changes_nothing(entries, chance):
    shuffled = list(entries)
    chance.shuffle(shuffled)
    for kind in (PeriodKind.DAY, PeriodKind.MONTH):
        first = assess(measurements(entries), REGISTER, TARGETS, FLAGS, period=kind)
        second = assess(measurements(shuffled), REGISTER, TARGETS, FLAGS, period=kind)
        assert first.to_table().equals(second.to_table())
        assert first.as_dict() == second.as_dict()


@settings(deadline=None, max_examples=12)
@given(rows.map(once), st.lists(st.integers(0, 60), max_size=3), st.booleans())
def test_a_store_of_parts_and_repeats_gives_what_the_file_gives(entries, cuts, repeated):
    whole = measurements(entries)
    wanted = assess(whole, REGISTER, TARGETS, FLAGS)
    with tempfile.TemporaryDirectory() as folder:
        store = MeasurementStore(folder)
        edges = sorted({0, len(entries), *(cut for cut in cuts if cut < len(entries))})
        for number, (begin, end) in enumerate(pairwise(edges)):
            store.append(f"part-{number}", whole.slice(begin, end - begin))
        if repeated:
            store.append("again", whole)
        found = assess(store.select(imports=store.imports()), REGISTER, TARGETS, FLAGS)
        assert found.to_table().equals(wanted.to_table())
        assert found.as_dict() == wanted.as_dict()


def test_a_correction_counts_while_its_import_is_active_and_the_earlier_row_again_after(tmp_path):
    store = MeasurementStore(tmp_path / "s")
    day = [datetime(2024, 2, 1, hour) for hour in (0, 4, 8)]
    store.append("z-first", measurements(reading("codmn", "7", moment) for moment in day))
    store.append("a-second", measurements([reading("codmn", "1", day[1])]))

    def mean(*imports):
        found = assess(store.select(imports=imports), sites("S"))
        item = next(iter(found)).items["codmn"]
        return str(item.rounded), item.counts.entered

    assert mean("z-first", "a-second") == ("5.0", 3)
    assert mean("z-first") == ("7.0", 3)
    assert mean("a-second") == ("1.0", 1)


def test_more_rows_a_day_than_a_part_holds():
    count = 70_000
    moment = datetime(2024, 2, 1)
    table = measurements([reading("codmn", "1", moment), reading("codmn", "3", moment)] * (count // 2))
    found = next(iter(assess(table, sites("S"))))
    assert str(found.items["codmn"].rounded) == "2.0"
    assert found.items["codmn"].counts.used == count


@pytest.mark.parametrize("value", ["1234567890123456", "-1234567890123456"])
def test_values_that_need_more_than_128_bits_take_the_exact_path(value):
    """Months whose days have ever other numbers of rows: their common denominator leaves 128 bits."""
    entries = [
        reading("fecal_coliform", value, datetime(2024, 3, 1) + timedelta(days=day, minutes=minute))
        for day, prime in enumerate((2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47))
        for minute in range(prime)
    ]
    found = next(iter(assess(measurements(entries), sites("S"))))
    assert found.items["fecal_coliform"].mean == int(value)
