"""An invented city of any size: its laws, its files, and that what its truth says is what its readings show."""

import csv
import hashlib
import json

import numpy as np
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner

from bishui.cli.twin import twin
from bishui.errors import CallError
from bishui.network import Section, adjoint, build_file, read_candidates, read_network, read_sections
from bishui.observations import read_sites, read_table, read_targets
from bishui.twin.scaled import basins, readings, seeds, water_at, weather_of, write_scaled
from bishui.twin.scaled.parameters import kinds
from bishui.twin.scaled.series import effluent_of, hours_of, raises

SEED = seeds("tuning")[0]


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def happened(city, effect):
    """Return each event or fault of an effect with its basin."""
    return [(basin, event) for basin in city for event in basin.events if event.effect == effect]


def shown_by(basin, key):
    waters = [water_at(basin, place, weather_of(SEED)) for place in range(len(basin.sections))]
    return next(shown for shown in readings(basin, waters) if shown.about == key)


def test_tuning_and_held_out_seeds_have_none_in_common():
    assert not set(seeds("tuning")) & set(seeds("held_out"))


def test_every_kind_says_where_it_is_from_and_how_sure_that_is():
    for kind in kinds():
        assert kind["source"]
        assert kind["certainty"] in "ABC"
        assert kind["hours"][0] <= kind["hours"][1]
        assert kind["size"][0] <= kind["size"][1]


def test_a_city_has_the_sections_asked_for_and_a_larger_one_begins_with_it(city):
    smaller = list(basins(9, SEED, 365))
    assert sum(len(basin.sections) for basin in city) == 16
    assert sum(len(basin.sections) for basin in smaller) == 9
    for basin, other in zip(smaller[:-1], city, strict=False):
        assert basin.sections == other.sections
        assert [event.id for event in basin.events] == [event.id for event in other.events]


def test_the_same_seed_gives_the_same_bytes_and_another_other_ones(written, tmp_path):
    again = write_scaled(9, SEED, 90, tmp_path / "again")
    other = write_scaled(9, SEED + 1, 90, tmp_path / "other")
    prints = [
        {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}
        for paths in (written, again, other)
    ]
    assert prints[0] == prints[1]
    assert all(prints[0][name] != prints[2][name] for name in written)


def test_the_mass_of_a_discharge_arrives_less_what_decays(city):
    """What passes in the course of time is the part that the engine's backward pass tells."""
    checked = 0
    for basin in city:
        # Long after its end everything has passed.
        hours = np.arange(0.0, 500.0 * 24.0, 0.5)
        outlet = basin.sections[0]
        flow = basin.ordinary.at(outlet).flow
        for event, raised in raises(basin, outlet, hours):
            arrived = raised.sum(axis=0) * flow * 1800.0
            outfall = basin.outfalls[event.row]
            weights = adjoint(basin.network, outlet, basin.pollutants, basin.ordinary.flow)
            part = weights.of(Section(event.about, outfall.reach, outfall.chainage))
            assert (part <= 1.0).all()
            np.testing.assert_allclose(arrived / event.grams, part, rtol=2e-2)
            checked += 1
    assert checked > 20


def test_without_events_the_water_is_that_of_the_solver(city):
    basin = city[0]
    water = water_at(basin, 0, weather_of(SEED))
    solved = basin.ordinary.at(basin.sections[0]).concentrations
    # Season, runoff and noise are factors about one.
    np.testing.assert_allclose(np.exp(np.log(water.ordinary).mean(axis=0)), solved, rtol=0.2)
    np.testing.assert_allclose(water.whole, water.ordinary + water.raised)


def test_a_night_discharge_rests_by_day(city):
    basin, event = happened(city, "night_load")[0]
    hours = hours_of(basin.days)
    on = event.goes_on(hours) > 0
    assert set(hours[on] % 24) <= {0.0, 4.0, 20.0} | {22.0}
    assert event.grams.max() < event.excess.max() * (event.end - event.start) * 3600.0 / 2


def test_a_falsified_series_hides_a_discharge_of_the_same_outfall_and_time(city):
    falsified = [event for basin in city for event in basin.events if event.hides]
    assert falsified
    events = {event.id: event for basin in city for event in basin.events}
    for event in falsified:
        behind = events[event.hides]
        assert behind.is_load
        assert (behind.about, behind.start, behind.end) == (event.about, event.start, event.end)


@pytest.mark.parametrize("effect", ["zero", "hold", "gap", "cap", "copy", "drift"])
def test_an_instrument_shows_the_fault_that_the_truth_tells(city, effect):
    basin, event = happened(city, effect)[0]
    shown = shown_by(basin, event.about)
    inside = np.flatnonzero(event.goes_on(hours_of(basin.days)))
    item = event.items[0]
    values = shown.values[inside, item]
    match effect:
        case "gap":
            assert not shown.sent[inside].any()
        case "zero":
            assert (values == 0.0).all()
        case "hold":
            assert np.ptp(values) == 0.0
        case "cap":
            limit = basin.permitted[event.row, item]
            assert values.max() <= event.size * limit
            assert effluent_of(basin, event.row)[inside, item].mean() > limit
        case "copy":
            earlier = inside - round(event.size * 6)
            np.testing.assert_array_equal(values[earlier >= 0], shown.values[earlier[earlier >= 0], item])
        case "drift":
            own = (
                effluent_of(basin, event.row)
                if event.at == "monitor"
                else water_at(basin, event.row, weather_of(SEED)).whole
            )
            truth = own[inside, item]
            tail = len(inside) // 5
            seen = np.median(values[-tail:] / truth[-tail:]) / np.median(values[:tail] / truth[:tail])
            assert 1.0 < seen < event.size * 1.3


def test_the_files_are_those_that_the_house_reads(written):
    network = read_network(written["reaches"])
    assert len(build_file(network)) == len(network.reaches)
    sections = read_sections(written["sections"], network)
    assert len(sections) == 9
    assert len(read_candidates(written["outfalls"], network)) == len(rows(written["outfalls"]))
    sites, targets = read_sites(written["sites"]), read_targets(written["targets"])
    assert sites.num_rows == targets.num_rows
    read = {name: read_table(written[name]) for name in ("stations", "laboratory", "monitors")}
    assert not [problem for result in read.values() for problem in result.problems]
    for name, kind in (("stations", "section"), ("laboratory", "section"), ("monitors", "outfall")):
        known = sites.filter(pc.equal(sites["kind"], kind))["id"].to_pylist()
        assert set(read[name].table["site"].to_pylist()) == set(known)


def test_the_truth_names_only_what_is_there_and_every_arrival_has_its_event(written):
    events = {row["event"]: row for row in rows(written["events"])}
    outfalls = {row["outfall_id"]: row for row in rows(written["loads"])}
    sections = {row["section_id"] for row in rows(written["sections"])}
    listed = {row["outfall_id"] for row in rows(written["outfalls"])}
    assert {key for key, row in outfalls.items() if row["on_a_list"] == "是"} == listed
    assert {row["about"] for row in events.values()} <= set(outfalls) | sections
    for row in rows(written["arrivals"]):
        assert row["section"] in sections
        assert events[row["event"]]["mass_kg"]
        assert row["first"] <= row["peak"] <= row["last"]


def test_everything_is_marked_as_invented(written):
    assert "虚构" in written["notice"].read_text(encoding="utf-8-sig")
    assert all(row["name"].startswith("虚构") for row in rows(written["sites"]))
    assert all(row["discharger"].startswith("虚构") for row in rows(written["outfalls"]))


def test_the_command_takes_a_number_of_sections(tmp_path):
    result = CliRunner().invoke(twin, [str(tmp_path), "--size", "3", "--days", "10", "--json"])
    assert result.exit_code == 0, result.output
    listed = {path for kind in json.loads(result.stdout).values() for path in kind.values()}
    assert listed == {str(path) for path in tmp_path.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "given", [["--size", "large"], ["--size", "0"], ["--size", "3", "--days", "400"], ["--days", "10"]]
)
def test_a_city_that_cannot_be_is_refused_with_a_remedy(tmp_path, given):
    with pytest.raises(CallError) as caught:
        CliRunner().invoke(twin, [str(tmp_path), *given], catch_exceptions=False)
    assert str(caught.value.remedy)
    assert not list(tmp_path.iterdir())
