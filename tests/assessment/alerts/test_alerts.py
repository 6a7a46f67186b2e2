"""Each kind of alert found, and not found, at its boundary; what makes two findings the same."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import AlertKind, alerts_look_back, find_alerts
from bishui.observations.schema import FLAGS, MEASUREMENTS, SITES, TARGETS
from bishui.standards import rules

NOW = datetime(2024, 6, 25, 20)
FOUR_HOURS = timedelta(hours=4)


def reading(site, time, item, value, source="automatic", mark="measured"):
    return {
        "site": site,
        "time": time,
        "item": item,
        "value": None if value is None else Decimal(value),
        "mark": mark,
        "source": source,
    }


def series(values, site="A", item="nh3n", end=NOW):
    """Automatic readings every four hours, the last at `end`."""
    return [
        reading(site, end - FOUR_HOURS * back, item, value) for back, value in enumerate(reversed(values))
    ]


def monthly(values, site="A", item="nh3n"):
    """Manual samples on the fifth, one a month, the last in June 2024."""
    return [
        reading(site, datetime(2024, 6 - back, 5), item, value, "manual")
        for back, value in enumerate(reversed(values))
    ]


def sites(*ids):
    rows = [{"id": key, "name": f"断面{key}", "kind": "section", "water_type": "river"} for key in ids or "A"]
    return pa.Table.from_pylist(rows, schema=SITES)


def targets(site="A", rank=3, **overrides):
    row = {
        "id": f"T{site}",
        "site": site,
        "target_class": rank,
        "overrides": list(overrides.items()),
        "period_from": date(2024, 1, 1),
        "period_to": date(2024, 12, 31),
    }
    return pa.Table.from_pylist([row], schema=TARGETS)


def found(rows, kind=None, *, of=None, target=None, flags=None, moment=NOW, places=None, **changes):
    table = pa.Table.from_pylist(rows, schema=MEASUREMENTS)
    alerts = find_alerts(
        table,
        of or sites(),
        target,
        flags,
        moment=moment,
        places=places,
        chosen=rules("alerts", moment.date(), **changes),
    )
    return [alert for alert in alerts if kind is None or alert.kind is kind]


# -- exceedance ----------------------------------------------------------------------------------------


def exceedances(rows, level="reading", **options):
    return [alert for alert in found(rows, AlertKind.EXCEEDANCE, **options) if alert.level == level]


def test_readings_over_the_limit_are_an_alert_from_the_third_in_a_row():
    assert exceedances(series(["0.5", "1.1", "1.2"])) == []
    (alert,) = exceedances(series(["0.5", "1.1", "1.3", "1.2"]))
    assert (alert.in_a_row, alert.first) == (3, NOW - FOUR_HOURS * 2)
    assert (alert.worst.value, alert.worst.against, alert.worst.multiple) == (
        Decimal("1.3"),
        Decimal("1.0"),
        Decimal("0.3"),
    )


def test_of_readings_with_one_printed_multiple_the_highest_is_the_worst():
    (alert,) = exceedances(series(["1.815", "1.784", "1.15"]))  # 0.815 and 0.784 are both printed as 0.8
    assert alert.worst.value == Decimal("1.815")
    assert "最高 1.815 mg/L" in str(alert.text)


def test_a_reading_at_the_limit_itself_ends_the_row():
    assert exceedances(series(["1.1", "1.1", "1.0", "1.1", "1.1"])) == []


def test_the_class_of_the_target_decides_and_its_own_limit_before_it():
    rows = series(["1.2"] * 3)
    assert exceedances(rows, target=targets(rank=4)) == []
    assert len(exceedances(rows, target=targets(rank=4, nh3n=Decimal("1.1")))) == 1


def test_dissolved_oxygen_is_too_low_not_too_high():
    assert exceedances(series(["9"] * 3, item="do")) == []
    assert len(exceedances(series(["4.9"] * 3, item="do"))) == 1


@pytest.mark.parametrize("kind", ["plant_inlet", "plant_outlet", "outfall_point", "black_odorous_point"])
def test_sewage_has_no_limit_of_a_class_but_its_changes_and_gaps_are_told(kind):
    row = {"id": "A", "name": "进水口", "kind": kind, "water_type": None}
    inlet = pa.Table.from_pylist([row], schema=SITES)
    rows = [*monthly(["20", "21"]), *series(["20"] * 24 + ["60", "61"])]
    kinds = {alert.kind for alert in found(rows, of=inlet)}
    assert kinds == {AlertKind.SUDDEN_CHANGE}


def test_daily_means_are_looked_at_where_the_setting_says_so():
    rows = series(["1.4"] * 12)
    assert exceedances(rows, "day") == []
    assert exceedances(rows, "day", levels=("day",))


def test_a_monthly_mean_over_the_limit_is_an_alert_and_its_run_is_counted():
    (alert,) = exceedances(monthly(["0.4", "1.2", "1.1"]), "month")
    assert [row.label for row in alert.rows] == ["2024-05", "2024-06"]
    assert alert.last == NOW  # June is not over


def test_what_ended_long_ago_is_no_news():
    assert exceedances(series(["1.5"] * 3, end=NOW - timedelta(days=8))) == []
    assert len(exceedances(series(["1.5"] * 3, end=NOW - timedelta(days=6)))) == 1


def test_flagged_readings_do_not_exceed():
    flag = {
        "id": "F",
        "site": "A",
        "time_from": NOW - FOUR_HOURS,
        "time_to": NOW,
        "flag": "excluded",
        "reason": "校准",
    }
    flags = pa.Table.from_pylist([flag], schema=FLAGS)
    assert exceedances(series(["1.5"] * 3), flags=flags) == []


def test_a_site_without_a_water_type_has_no_limit_and_no_alert():
    unknown = pa.Table.from_pylist([{"id": "A", "name": "断面A", "kind": "section"}], schema=SITES)
    assert exceedances(series(["9"] * 3, item="tp"), of=unknown) == []


# -- approaching ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "value", "near"),
    [
        ("nh3n", "0.90", True),
        ("nh3n", "0.89", False),
        ("nh3n", "1.00", True),
        ("nh3n", "1.01", False),
        ("do", "5.5", True),
        ("do", "5.6", False),
    ],
)
def test_a_monthly_mean_approaches_from_nine_tenths_of_the_limit(item, value, near):
    assert bool(found(monthly([value], item=item), AlertKind.APPROACHING)) is near


def test_the_year_s_room_is_nearly_used_when_the_rest_must_stay_below_nine_tenths():
    def by_year(values):
        alerts = found(monthly(values), AlertKind.APPROACHING, target=targets())
        return [alert for alert in alerts if alert.level == "year"]

    # Six months at m, six remain: their mean may be 2.0 - m (limit 1.0, rounding apart).
    assert by_year(["1.05"] * 6) == []
    (alert,) = by_year(["1.2"] * 6)
    assert len(alert.rows) == 6
    assert by_year(["2.5"] * 6)  # and where it cannot be met any more


# -- sudden change -------------------------------------------------------------------------------------


def sudden(rows, **options):
    return found(rows, AlertKind.SUDDEN_CHANGE, **options)


QUIET = ["0.20", "0.21", "0.19", "0.20", "0.22"] * 6


def test_a_jump_far_from_the_recent_median_is_an_alert_from_the_second_reading():
    assert sudden(series([*QUIET, "0.6"])) == []
    (alert,) = sudden(series([*QUIET, "0.6", "0.7"]))
    assert alert.in_a_row == 2
    assert alert.rows[0].against == Decimal("0.2")
    assert alert.rows[0].multiple == 2


def test_half_the_median_is_the_least_change():
    assert sudden(series([*QUIET, "0.29", "0.29"])) == []
    assert len(sudden(series([*QUIET, "0.30", "0.30"]))) == 1
    assert len(sudden(series([*QUIET, "0.10", "0.10"]))) == 1  # downwards too


def test_water_that_varies_much_by_itself_gives_no_alert():
    assert sudden(series([*(["0.1", "0.4", "0.8", "0.2", "0.6"] * 6), "0.9", "0.9"])) == []


def test_too_few_readings_say_nothing_about_what_is_usual():
    assert sudden(series([*QUIET[:18], "0.9", "0.9"])) == []
    assert len(sudden(series([*QUIET[:20], "0.9", "0.9"]))) == 1


def test_ph_changes_by_a_unit_not_by_a_share():
    usual = ["7.50", "7.52", "7.48"] * 10
    assert sudden(series([*usual, "8.4", "8.4"], item="ph")) == []
    assert len(sudden(series([*usual, "6.5", "6.5"], item="ph"))) == 1


# -- missing data --------------------------------------------------------------------------------------


def missing(rows, **options):
    return found(rows, AlertKind.MISSING_DATA, **options)


def test_a_station_is_silent_after_two_days_and_no_news_after_sixty():
    def after(hours):
        return missing(series(["0.2"] * 30, end=NOW - timedelta(hours=hours)))

    assert after(48) == []
    (alert,) = after(49)
    assert (alert.first, alert.last) == (NOW - timedelta(hours=49), NOW)
    assert after(24 * 60)
    assert after(24 * 60 + 1) == []


def test_a_station_that_reports_rarely_is_given_more_time():
    rows = [reading("A", NOW - timedelta(days=5 + 2 * back), "nh3n", "0.2") for back in range(10)]
    assert missing(rows) == []
    rows = [reading("A", NOW - timedelta(days=13 + 2 * back), "nh3n", "0.2") for back in range(10)]
    assert len(missing(rows)) == 1


def test_rows_that_only_say_offline_are_no_numbers():
    rows = series(["0.2"] * 30, end=NOW - timedelta(days=3))
    rows += [reading("A", NOW - FOUR_HOURS * n, "nh3n", None, mark="offline") for n in range(6)]
    assert len(missing(rows)) == 1


def test_a_manual_sample_is_missing_from_the_twentieth_on():
    rows = [row for row in monthly(["0.2"] * 4) if row["time"].month < 6]
    assert missing(rows, moment=datetime(2024, 6, 19, 23)) == []
    (alert,) = missing(rows, moment=datetime(2024, 6, 20))
    assert alert.level == "month"
    assert missing(monthly(["0.2"] * 4)) == []


def test_no_sample_is_due_where_there_was_none_every_month():
    rows = [row for row in monthly(["0.2"] * 6) if row["time"].month in (1, 2, 4, 5)]
    assert missing(rows) == []


def test_a_site_that_is_no_longer_valid_owes_nothing():
    gone = {"id": "A", "name": "断面A", "kind": "section", "valid_to": date(2024, 6, 1)}
    rows = series(["0.2"] * 30, end=NOW - timedelta(days=3))
    assert missing(rows, of=pa.Table.from_pylist([gone], schema=SITES)) == []


# -- several stations ----------------------------------------------------------------------------------


def together(count, *, apart=timedelta(0), **options):
    names = "ABCD"[:count]
    rows = [
        row
        for number, site in enumerate(names)
        for row in series(["0.2", "1.5", "1.5", "1.5"], site=site, end=NOW - apart * number)
    ]
    places = dict.fromkeys(names, ("东河", "乙县"))
    only = {"levels": ("reading",), **options}
    return found(rows, AlertKind.SEVERAL_STATIONS, of=sites(*names), places=places, **only)


def test_three_stations_of_one_water_are_one_event():
    assert together(2) == []
    (alert,) = together(3)
    assert (alert.name, alert.of_kind, len(alert.members)) == ("东河", AlertKind.EXCEEDANCE, 3)


def test_they_must_have_begun_within_a_day():
    assert len(together(3, apart=timedelta(hours=12))) == 1
    assert together(3, apart=timedelta(hours=16)) == []


# -- the same again ------------------------------------------------------------------------------------


@given(st.randoms())
def test_the_order_of_rows_changes_nothing(random):
    rows = series(["0.4", "1.5", "1.5", "1.6"]) + monthly(["0.2", "1.2"])
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert [alert.as_dict() for alert in found(rows)] == [alert.as_dict() for alert in found(shuffled)]


def test_a_row_that_goes_on_keeps_its_key():
    rows = series(["0.4", *["1.5"] * 9])
    keys = {alert.key for back in range(3) for alert in exceedances(rows, moment=NOW - FOUR_HOURS * back)}
    assert len(keys) == 1


def test_rows_after_the_moment_do_not_count():
    assert exceedances(series(["1.5"] * 3), moment=NOW - FOUR_HOURS) == []


def test_what_goes_on_after_a_moment_is_cut_off_from_what_was_before():
    (alert,) = exceedances(series(["1.5"] * 5))
    assert alert.after(NOW - FOUR_HOURS * 2).in_a_row == 2
    assert alert.after(NOW - FOUR_HOURS * 2, least=3) is None
    assert alert.after(NOW) is None


def test_nothing_comes_of_nothing():
    assert found([]) == []


def test_the_look_back_holds_all_that_is_needed():
    for moment in (datetime(2024, 1, 3), datetime(2024, 12, 31)):
        first = alerts_look_back(moment)
        assert first <= datetime(moment.year, 1, 1)
        assert first <= moment - timedelta(days=60)


def test_results_carry_their_rules_and_open_down_to_rows():
    (alert,) = exceedances(series(["1.5"] * 3), readings_in_a_row=2)
    said = alert.as_dict()
    assert said["rules"]["version"] != rules("alerts", NOW.date()).version
    assert [row["value"] for row in said["rows"]] == ["1.5"] * 3
    assert all(earlier["at"] < later["at"] for earlier, later in pairwise(said["rows"]))
