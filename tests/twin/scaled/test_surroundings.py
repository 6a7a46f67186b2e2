"""Flow, temperature, oxygen and pH of an invented city: driven by season and weather, true and measured."""

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from bishui.twin.scaled import readings, surroundings_at, tables, water_at, weather_of
from bishui.twin.scaled.surroundings import shown_around
from bishui.twin.water import saturated_oxygen
from bishui.twin.weather import STEPS_PER_DAY

from .conftest import SEED

KEYS = ("flow", "wtemp", "do", "ph")


@pytest.fixture(scope="module")
def weather():
    return weather_of(SEED)


def section(city, weather, place=0):
    basin = city[0]
    water = water_at(basin, place, weather)
    return basin, water, surroundings_at(basin, place, weather, water)


def months(series, first, last):
    return series[first * 30 * STEPS_PER_DAY : last * 30 * STEPS_PER_DAY]


def test_a_wet_summer_brings_more_and_warmer_water_with_less_oxygen(city, weather):
    _, _, truth = section(city, weather)
    assert months(truth.flow, 5, 8).mean() > 1.5 * months(truth.flow, 0, 2).mean()
    assert months(truth.wtemp, 5, 8).mean() > months(truth.wtemp, 0, 2).mean() + 8.0
    assert months(truth.do, 5, 8).mean() < months(truth.do, 0, 2).mean() - 1.0


def test_a_storm_raises_the_flow_and_it_falls_again(city, weather):
    _, _, truth = section(city, weather)
    storm = int(np.argmax(weather.flow))
    assert truth.flow[storm] > 1.3 * np.median(truth.flow[storm - 60 : storm + 60])
    dry = weather.flow[: len(truth.flow)] < 0.02
    assert truth.flow[dry].max() < truth.flow.max()


def test_without_season_and_weather_the_flow_is_that_of_the_network(city, weather):
    basin, _, truth = section(city, weather)
    assert np.median(truth.flow) == pytest.approx(basin.ordinary.at(basin.sections[0]).flow, rel=0.5)


def test_oxygen_stays_about_saturation_and_an_event_takes_some_of_it(city, weather):
    basin, water, truth = section(city, weather)
    assert (truth.do < 1.3 * saturated_oxygen(truth.wtemp)).all()
    raised = np.zeros_like(water.raised)
    raised[100:200, 0] = 20.0
    less = surroundings_at(basin, 0, weather, replace(water, raised=raised))
    calm = surroundings_at(basin, 0, weather, replace(water, raised=np.zeros_like(raised)))
    assert (calm.do[100:200] - less.do[100:200]).mean() > 1.0
    np.testing.assert_array_equal(calm.do[200:], less.do[200:])
    np.testing.assert_array_equal(calm.flow, less.flow)


def test_a_station_that_is_silent_says_nothing_of_its_surroundings_either(city, weather):
    basin, _, truth = section(city, weather)
    waters = [water_at(basin, place, weather) for place in range(len(basin.sections))]
    shown = next(readings(basin, waters))
    beside = shown_around(basin, 0, truth, shown)
    rows = tables.measured_around(shown, beside)
    assert set(rows["item"].to_pylist()) == set(KEYS)
    assert rows.num_rows == len(KEYS) * int(shown.sent.sum())
    offline = rows.filter(pc.equal(rows["mark"], "offline"))
    assert offline.num_rows == len(KEYS) * int((shown.offline & shown.sent).sum())
    assert offline["value"].null_count == offline.num_rows


def test_the_truth_of_the_water_lies_beside_its_readings(written):
    truth, shown = pq.read_table(written["water"]), pq.read_table(written["stations"])
    assert set(shown["item"].to_pylist()) == {*KEYS, "codmn", "nh3n", "tp", "tn"}
    site = truth["site"][0].as_py()
    true = truth.filter(pc.equal(truth["site"], site))
    assert true.num_rows == 90 * STEPS_PER_DAY
    for key, near in (("flow", 0.15), ("wtemp", 0.1), ("do", 0.1), ("ph", 0.02)):
        chosen = shown.filter(
            pc.and_(
                pc.and_(pc.equal(shown["site"], site), pc.equal(shown["item"], key)),
                pc.is_valid(shown["value"]),
            )
        )
        at = pc.index_in(chosen["time"], true["time"]).to_numpy()
        expected = true[key].to_numpy()[at]
        np.testing.assert_allclose(chosen["value"].to_numpy().astype(float), expected, rtol=near, atol=0.5)


def test_every_file_of_readings_says_in_itself_that_it_is_invented(written):
    for name in ("stations", "laboratory", "monitors", "water"):
        assert "虚构" in pq.read_schema(written[name]).metadata[b"invented"].decode()
