"""Means of any item by site and time: the arithmetic of sections, for every substance of the standards."""

from datetime import datetime, timedelta
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import Period, PeriodKind, rows_behind, site_means, with_ids
from bishui.errors import DataError
from bishui.standards import method, substances
from tests.assessment.tables import flags, measurements, reading, sites

NOON = datetime(2024, 2, 1, 12)
METHOD = method(NOON.date())


def means(rows, kind=PeriodKind.DAY, **options):
    return site_means(measurements(rows), options.pop("flags", None), kind, METHOD, **options)


def test_days_months_and_longer():
    rows = [reading("flow", value, NOON + timedelta(days=day)) for day, value in enumerate(["1", "2", "6"])]
    rows.append(reading("flow", "5", NOON + timedelta(days=40)))
    assert [mean.value for mean in means(rows)] == [1, 2, 6, 5]
    assert [(mean.period.label, mean.value) for mean in means(rows, PeriodKind.MONTH)] == [
        ("2024-02", 3),
        ("2024-03", 5),
    ]
    (quarter,) = means(rows, Period.quarter(2024, 1))
    assert (quarter.value, quarter.counts.months, quarter.counts.days) == (4, 2, 4)


def test_half_the_detection_limit_enters_and_is_told():
    (mean,) = means(
        [reading("benzene", "0.01", NOON, mark="below_detection"), reading("benzene", "0.02", NOON)]
    )
    assert (mean.value, mean.detection_limit, mean.detected) == (Fraction(1, 80), D("0.01"), False)


def test_what_did_not_count_is_counted():
    rows = [reading("flow", None, NOON, mark="offline"), reading("flow", "3", NOON)]
    held = flags({"time_from": NOON, "time_to": NOON, "flag": "under_review"})
    (mean,) = means(rows, flags=held)
    assert (mean.value, mean.counts.offline, mean.counts.under_review) == (None, 1, 1)
    assert mean.as_dict()["value"] is None


def test_ph_goes_through_the_hydrogen_ion():
    (mean,) = means([reading("ph", "6", NOON), reading("ph", "8", NOON)])
    assert D(mean.value.numerator) / D(mean.value.denominator) == pytest.approx(D("6.2967"), abs=D("0.0001"))


def test_only_some_sites_and_items():
    rows = [reading("flow", "1", NOON), reading("tp", "1", NOON), reading("flow", "1", NOON, site="T")]
    assert [(mean.site, mean.item) for mean in means(rows, sites=["S"], wanted=["flow"])] == [("S", "flow")]


def test_every_substance_of_the_standards_has_a_mean():
    rows = [reading(key, "1", NOON) for key in substances()]
    assert {mean.item for mean in means(rows)} == set(substances())


def test_an_item_that_nothing_knows_is_refused():
    with pytest.raises(DataError, match="phlogiston"):
        means([reading("phlogiston", "1", NOON)])


def test_a_mean_opens_down_to_its_rows():
    rows = [
        reading("flow", value, NOON + timedelta(hours=hour))
        for hour, value in ((0, "1"), (6, "2"), (24, "3"))
    ]
    table = measurements(rows)
    first = site_means(table, None, PeriodKind.DAY, METHOD)[0]
    assert rows_behind(table, first)["row"].to_pylist() == [2, 3]


def test_names_become_ids():
    table = measurements([reading("flow", "1", NOON, site=site) for site in ("甲站", "S", "？")])
    register = sites({"id": "S", "name": "甲站"})
    assert with_ids(table, register)["site"].to_pylist() == ["S", "S", "？"]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20), st.randoms())
def test_law_the_order_of_rows_changes_nothing_and_equal_values_are_their_mean(values, random):
    rows = [
        reading("flow", str(D(value) / 1000), NOON + timedelta(minutes=place))
        for place, value in enumerate(values)
    ]
    (mean,) = means(rows)
    random.shuffle(rows)
    assert means(rows)[0].value == mean.value == Fraction(sum(values), 1000 * len(values))
