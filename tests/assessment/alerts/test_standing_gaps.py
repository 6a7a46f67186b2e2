"""Whether what an alert of missing data stands on is missing still, by the tables as they are now."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from bishui.assessment import AlertEvidence, RowStands, standing_gaps
from bishui.observations.schema import MEASUREMENTS
from bishui.standards import rules
from tests.assessment.alerts.test_alerts import NOW, monthly, series, sites

SILENT_SINCE = NOW - timedelta(days=4)


def stands(rows, label, moment=NOW):
    table = pa.Table.from_pylist(rows, schema=MEASUREMENTS)
    (state,) = standing_gaps(
        [AlertEvidence("A", "", label)], table, sites(), moment=moment, chosen=rules("alerts", moment.date())
    )
    return state


def silence(*later):
    before = series(["0.2"] * 30, end=SILENT_SINCE)
    return stands([*before, *later], f"{SILENT_SINCE:%Y-%m-%d %H:%M}")


def test_a_silence_stands_while_nothing_comes_and_when_the_station_speaks_again():
    assert silence() is RowStands.STANDS
    assert silence(*series(["0.2"])) is RowStands.STANDS


@pytest.mark.parametrize(
    ("hours", "state"), [(48, RowStands.WITHIN), (52, RowStands.STANDS)]
)  # silent_hours 48: more than these are too many
def test_a_silence_stands_no_longer_when_a_reading_within_48_hours_came_in(hours, state):
    assert silence(*series(["0.2"], end=SILENT_SINCE + timedelta(hours=hours))) is state


def test_a_silence_of_a_station_without_readings_is_gone():
    assert stands(series(["0.2"], end=SILENT_SINCE), f"{SILENT_SINCE:%Y-%m-%d %H:%M}") is RowStands.GONE


def test_a_missing_sample_stands_until_it_comes_in():
    moment = datetime(2024, 6, 25)
    before = [row for row in monthly(["0.2"] * 5) if row["time"].month < 6]
    assert stands(before, "2024-06", moment) is RowStands.STANDS
    assert stands(monthly(["0.2"] * 5), "2024-06", moment) is RowStands.WITHIN


def test_a_sample_that_is_no_longer_due_is_gone():
    rows = [row for row in monthly(["0.2"] * 5) if row["time"].month == 3]
    assert stands(rows, "2024-06") is RowStands.GONE
