"""A discharge over its own standard, day by day: GB 18918-2002 tables 1 and 2 at an outlet, GB 8978-1996 at a point."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import (
    AlertEvidence,
    AlertKind,
    Discharge,
    RowStands,
    alerts_look_back,
    find_alerts,
    standing_rows,
)
from bishui.standards import rules
from tests.assessment.tables import flags, measurements, reading, sites

NOW = datetime(2024, 6, 25, 20)
TODAY = NOW.date()
OUTLET = {"id": "P", "name": "甲厂总排口", "kind": "plant_outlet", "water_type": None}
WORKS = Discharge("P", "甲厂总排口", "gb18918", "1A", date(2010, 1, 1))


def sample(value, item="cod", *, back=1, hour=9, source="manual", mark="measured"):
    """A sample of the outlet, so many days ago."""
    moment = datetime.combine(TODAY - timedelta(days=back), datetime.min.time()) + timedelta(hours=hour)
    return reading(item, value, moment, site="P", source=source, mark=mark)


def found(*rows, discharge=WORKS, of=OUTLET, flagged=None, moment=NOW, kind=AlertKind.EXCEEDANCE, **changes):
    alerts = find_alerts(
        measurements(rows),
        sites(of),
        flags=flagged,
        moment=moment,
        discharges={discharge.site: discharge},
        chosen=rules("alerts", moment.date(), **changes),
    )
    return [alert for alert in alerts if alert.kind is kind]


@pytest.mark.parametrize(("value", "over"), [("50", False), ("50.0001", True), ("51", True)])
def test_the_limit_itself_complies(value, over):
    """GB 18918-2002 表1 第1项: COD of grade 1A is 50 mg/L."""
    assert bool(found(sample(value))) is over


def test_one_sample_over_the_limit_is_an_alert_that_names_the_clause():
    (alert,) = found(sample("60"))
    assert (alert.level, alert.in_a_row, alert.site) == ("day", 1, "P")
    (row,) = alert.rows
    assert (row.value, row.against, row.multiple) == (Decimal(60), Decimal(50), Decimal("0.2"))
    assert "超过限值 50（GB 18918-2002 表1 第1项）" in str(alert.text)


@pytest.mark.parametrize(("value", "over"), [("5.9", True), ("6", False), ("9", False), ("9.1", True)])
def test_ph_must_stay_inside_its_range_and_has_no_multiple(value, over):
    alerts = found(sample(value, "ph"))
    assert bool(alerts) is over
    assert all(row.multiple is None for alert in alerts for row in alert.rows)


def test_below_detection_is_no_exceedance_even_where_nothing_may_be_detected():
    """GB 18918-2002 表2: alkyl mercury must not be detected (不得检出)."""
    assert found(sample("0.00001", "alkyl_hg", mark="below_detection")) == []
    (alert,) = found(sample("0.00002", "alkyl_hg"))
    assert alert.rows[0].against is None
    assert "超过限值 不得检出" in str(alert.text)


@pytest.mark.parametrize(
    "unknown",
    [
        Discharge("P", "口", "gb18918"),
        Discharge("P", "口", None),
        Discharge("P", "口", "gb8978", "1", date(2005, 1, 1)),  # COD goes by the trade
    ],
)
def test_what_cannot_be_judged_gives_nothing(unknown):
    assert found(sample("90"), discharge=unknown) == []
    assert found(sample("500", "wtemp")) == []  # and what has no limit


def test_the_limit_goes_by_the_temperature_of_the_day():
    """GB 18918-2002 表1 第8项: ammonia of grade 1A is 5 mg/L, and 8 mg/L at 12 °C or below."""
    assert len(found(sample("6", "nh3n"), sample("15", "wtemp"))) == 1
    assert found(sample("6", "nh3n"), sample("11", "wtemp")) == []
    assert found(sample("6", "nh3n"), sample("12", "wtemp")) == []


@pytest.mark.parametrize(("value", "over"), [("5", False), ("6", False), ("8", False), ("8.1", True)])
def test_without_a_temperature_only_what_both_limits_forbid_is_an_exceedance(value, over):
    """Between 5 and 8 mg/L ammonia of grade 1A cannot be judged without the temperature, and warns of nothing."""
    alerts = found(sample(value, "nh3n"))
    assert bool(alerts) is over
    assert [alert.rows[0].against for alert in alerts] == ([Decimal(8)] if over else [])


def test_automatic_readings_count_as_the_mean_of_a_day_that_is_over():
    def readings(back):
        values = ["70", "40", "70", "40", "45", "47"]
        return [
            sample(value, back=back, hour=4 * place, source="automatic") for place, value in enumerate(values)
        ]

    (alert,) = found(*readings(1))
    assert (len(alert.rows), alert.rows[0].value) == (1, Decimal(52))
    today = readings(0)[:4]
    assert found(*today) == []
    assert found(*today, moment=datetime(2024, 6, 25, 23, 59, 59)) != []
    assert found(sample("60", back=0)) != []  # a sample counts at once


def test_days_over_in_a_row_are_one_alert_as_far_as_the_news_reach():
    (alert,) = found(*[sample("60", back=back) for back in (9, 8, 2)])
    assert alert.in_a_row == 3
    assert len(found(*[sample(value, back=back) for back, value in ((3, "60"), (2, "50"), (1, "60"))])) == 2
    assert len(found(sample("60", back=30))) == 1  # a laboratory's result comes weeks later
    assert found(sample("60", back=30), discharge_recent_days=7) == []
    assert alerts_look_back(NOW) <= NOW - timedelta(days=32)


def test_the_settings_decide_how_many_days_which_kinds_and_what_is_near():
    two = [sample("60", back=1), sample("60", back=2)]
    assert found(*two[:1], discharge_days_in_a_row=2) == []
    assert len(found(*two, discharge_days_in_a_row=2)) == 1
    assert found(*two, discharge_kinds=("outfall_point",)) == []
    assert found(sample("49"), kind=AlertKind.APPROACHING) == []
    near = {"kind": AlertKind.APPROACHING, "approaching_levels": ("day",)}
    assert [bool(found(sample(value), **near)) for value in ("44", "45", "50")] == [False, True, True]
    assert found(sample("9", "ph"), **near) == []


def test_a_flagged_sample_gives_nothing():
    excluded = flags({"site": "P", "time_from": NOW - timedelta(days=2), "time_to": NOW})
    assert found(sample("60"), flagged=excluded) == []


@settings(max_examples=10)
@given(st.permutations([sample("60", back=3), sample("70", back=2), sample("5", "ph"), sample("30", back=1)]))
def test_the_order_of_rows_changes_nothing(rows):
    keys = [alert.key for alert in found(*rows)]
    assert keys == [
        "exceedance::day:P:cod:2024-06-22T00:00",
        "exceedance::day:P:ph:2024-06-24T00:00",
    ]


def test_an_alert_no_longer_stands_when_its_sample_is_flagged_or_its_grade_corrected():
    def now(discharge=WORKS, flagged=None):
        (state,) = standing_rows(
            [AlertEvidence("P", "cod", "2024-06-24")],
            measurements([sample("60")]),
            sites(OUTLET),
            flags=flagged,
            kind=AlertKind.EXCEEDANCE,
            discharges={"P": discharge},
        )
        return state

    assert now() is RowStands.STANDS
    excluded = flags({"site": "P", "time_from": NOW - timedelta(days=2), "time_to": NOW})
    assert now(flagged=excluded) is RowStands.GONE
    assert now(Discharge("P", "口", "gb18918", "1B", date(2010, 1, 1))) is RowStands.WITHIN
    assert now(Discharge("P", "口", "gb18918")) is RowStands.WITHIN
