"""The year of measurements: what happened is what the numbers show."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bishui.assessment import AlertKind, find_alerts
from bishui.observations.schema import MEASUREMENTS, Mark
from bishui.twin import AS_OF, build_city, discharges
from bishui.twin.water import pulse, saturated_oxygen
from bishui.twin.weather import red_noise

# GB 3838-2002 table 1, class III: NH3-N 1.0 mg/L; TP in lakes and reservoirs 0.05 mg/L.
NH3N_III = 1.0
TP_LAKE_III = 0.05


@pytest.fixture(scope="module", params=[1, 2, 11])
def city(request):
    return build_city(request.param)


@pytest.fixture(scope="module")
def table(city):
    return city.measurements()


def rows(table, site, item=None):
    wanted = pc.equal(table["site"], site)
    if item is not None:
        wanted = pc.and_(wanted, pc.equal(table["item"], item))
    return table.filter(wanted)


def monthly_means(table, site, item):
    one = rows(table, site, item)
    one = one.filter(pc.equal(one["mark"], str(Mark.MEASURED)))
    frame = pa.table({"month": pc.month(one["time"]), "value": pc.cast(one["value"], pa.float64())})
    means = frame.group_by("month").aggregate([("value", "mean")]).to_pylist()
    return {row["month"]: row["value_mean"] for row in means}


def months_of(city, kind, site):
    found = set()
    for event in city.events:
        if event.kind == kind and site in event.sites:
            found |= set(range(event.start.month, event.end.month + 1))
    return found


def test_it_is_a_measurements_table(table):
    assert table.schema.equals(MEASUREMENTS)
    for field in MEASUREMENTS:
        assert field.nullable or table[field.name].null_count == 0


def test_the_same_seed_gives_the_same_table_and_another_seed_another(city, table):
    assert build_city(city.seed).measurements().equals(table)
    assert not build_city(city.seed + 100).measurements().equals(table)


def test_every_row_stands_once(table):
    keys = table.group_by(["site", "time", "item"]).aggregate([([], "count_all")])
    assert keys.num_rows == table.num_rows


def test_the_year_is_full_and_until_cuts_after_a_whole_day(city, table):
    assert pc.min(table["time"]).as_py() == dt.datetime(2025, 1, 1, 0, 0)
    assert pc.max(table["time"]).as_py() == dt.datetime(2025, 12, 31, 20, 0)
    shown = city.measurements(until=AS_OF)
    assert pc.max(shown["time"]).as_py() == dt.datetime(2025, 10, 20, 20, 0)
    assert 0 < shown.num_rows < table.num_rows


def test_automatic_stations_report_every_four_hours_and_the_others_once_a_month(city, table):
    for section in city.sections:
        times = pc.unique(rows(table, section.id)["time"]).to_pylist()
        if section.monitoring == "automatic":
            assert {time.hour for time in times} == {0, 4, 8, 12, 16, 20}
            assert 0.98 * 2190 < len(times) < 2190  # a few rows never arrive
        else:
            assert len({time.month for time in times}) == len(times) >= 11


def test_the_unattaining_months_of_the_city_river_are_those_of_the_known_truth(city, table):
    means = monthly_means(table, "99S005", "nh3n")
    assert {m for m, mean in means.items() if mean > NH3N_III} == months_of(city, "not_attaining", "99S005")


def test_the_unattaining_months_of_the_lake_are_those_of_the_known_truth(city, table):
    means = monthly_means(table, "99S006", "tp")
    assert {m for m, mean in means.items() if mean > TP_LAKE_III} == months_of(
        city, "not_attaining", "99S006"
    )


@pytest.mark.parametrize(("item", "limit"), [("nh3n", 0.5), ("codmn", 4.0), ("tp", 0.1)])
def test_the_head_of_the_main_river_attains_class_2_in_every_month(table, item, limit):
    assert max(monthly_means(table, "99S001", item).values()) <= limit


def test_a_dead_station_reports_no_number_for_its_month(table):
    may = rows(table, "99S007").filter(pc.equal(pc.month(rows(table, "99S007")["time"]), 5))
    assert may.num_rows == 31 * 6 * 9
    assert set(may["mark"].to_pylist()) == {str(Mark.OFFLINE)}
    assert may["value"].null_count == may.num_rows
    assert set(may["raw"].to_pylist()) == {"--"}


def test_a_stuck_sensor_repeats_one_value(city, table):
    event = next(e for e in city.events if e.kind == "stuck_sensor")
    one = rows(table, *event.sites, *event.items)
    inside = one.filter(
        pc.and_(
            pc.equal(one["mark"], str(Mark.MEASURED)),
            pc.and_(pc.greater_equal(one["time"], event.start), pc.less_equal(one["time"], event.end)),
        )
    )
    assert inside.num_rows > 30
    assert len(pc.unique(inside["value"])) == 1


def test_a_spill_arrives_later_and_weaker_downstream(city, table):
    peaks = []
    for event in (e for e in city.events if e.kind == "spill"):
        one = rows(table, event.sites[0], "nh3n")
        inside = one.filter(
            pc.and_(pc.greater_equal(one["time"], event.start), pc.less_equal(one["time"], event.end))
        )
        best = max((r for r in inside.to_pylist() if r["value"] is not None), key=lambda r: r["value"])
        peaks.append((best["time"], best["value"]))
    (first, high), (second, low) = peaks
    assert first < second
    assert high > 3 * low > NH3N_III


def test_the_spill_raises_an_exceedance_and_a_sudden_change_where_it_arrives_first(city, table):
    """By the rules as delivered: three readings above class III in a row, two far from the usual."""
    spill = next(event for event in city.events if event.kind == "spill")
    one = rows(table, spill.sites[0], spill.items[0])
    found = find_alerts(one, city.sites(), city.targets(), moment=spill.end + dt.timedelta(days=1))
    inside = {alert.kind for alert in found if spill.start <= alert.first <= spill.end}
    assert {AlertKind.EXCEEDANCE, AlertKind.SUDDEN_CHANGE} <= inside


def test_a_spill_has_the_proportions_of_its_permit(city):
    """Of the dyeing works: 10 : 15 : 0.5 mg/L of ammonia, nitrogen, phosphorus."""
    for spill in (event for event in city.events if event.kind == "spill"):
        permit = next(row for row in discharges(city) if row["outfall"] == spill.outfall)
        for item in spill.items:
            ratio = float(permit[item]) / float(permit[spill.items[0]])
            assert spill.ratios.get(item, 1.0) == pytest.approx(ratio)


def test_the_missed_sample_is_missing(city, table):
    event = next(e for e in city.events if e.kind == "missed_sample")
    months = set(pc.month(rows(table, event.sites[0])["time"]).to_pylist())
    assert set(range(1, 13)) - months == {event.start.month}


def test_below_detection_keeps_the_limit_and_its_mark(table):
    below = table.filter(pc.equal(table["mark"], str(Mark.BELOW_DETECTION))).to_pylist()
    assert below
    assert all(row["raw"].endswith("L") for row in below)
    assert all(Decimal(row["raw"].removesuffix("L")) == row["value"] for row in below)
    assert {row["raw"] for row in below if row["item"] == "phenol"} == {"0.0003L"}


def test_the_text_of_a_measured_value_is_the_value(table):
    measured = table.filter(pc.equal(table["mark"], str(Mark.MEASURED)))
    again = pc.cast(measured["raw"], MEASUREMENTS.field("value").type)
    assert again.equals(measured["value"])


@pytest.mark.parametrize(
    ("item", "digits"), [("wtemp", 1), ("ph", 2), ("do", 2), ("codmn", 2), ("nh3n", 3), ("tp", 3), ("tn", 2)]
)
def test_readings_have_the_decimals_of_hourly_data(table, item, digits):
    """Hourly column of 总站水字〔2020〕90号."""
    one = table.filter(pc.and_(pc.equal(table["item"], item), pc.equal(table["mark"], str(Mark.MEASURED))))
    assert {len(raw.partition(".")[2]) for raw in one["raw"].to_pylist()} == {digits}


def test_no_measured_oxygen_is_without_its_day_and_night(table):
    one = rows(table, "99S001", "do")
    one = one.filter(pc.equal(one["mark"], str(Mark.MEASURED)))
    hours = pc.hour(one["time"])
    values = pc.cast(one["value"], pa.float64())
    afternoon = pc.mean(values.filter(pc.equal(hours, 16))).as_py()
    night = pc.mean(values.filter(pc.equal(hours, 4))).as_py()
    assert afternoon > night + 0.3


def test_turbidity_rises_in_the_storms(city, table):
    storm = next(e for e in city.events if e.id == "E02")
    one = rows(table, "99S002", "turbidity")
    one = one.filter(pc.equal(one["mark"], str(Mark.MEASURED)))
    values = pc.cast(one["value"], pa.float64())
    after = pc.and_(
        pc.greater_equal(one["time"], storm.end),
        pc.less_equal(one["time"], storm.end + dt.timedelta(days=1)),
    )
    assert pc.mean(values.filter(after)).as_py() > 2 * pc.mean(values).as_py()


def test_saturated_oxygen_follows_its_formula():
    """468 / (31.6 + T): 9.07 mg/L at 20 ℃."""
    np.testing.assert_allclose(saturated_oxygen(np.array([20.0])), [468 / 51.6])


def test_a_pulse_is_nothing_at_its_ends_and_one_at_a_quarter():
    np.testing.assert_allclose(pulse(np.array([0.0, 0.25, 1.0])), [0.0, 1.0, 0.0], atol=1e-15)
    assert pulse(np.linspace(0, 1, 401)).max() == pytest.approx(1.0)


def test_noise_is_autocorrelated_and_has_unit_spread():
    noise = red_noise(200_000, 30, np.random.default_rng(1))
    assert noise.std() == pytest.approx(1.0, abs=0.03)
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] == pytest.approx(np.exp(-4 / 30), abs=0.01)
