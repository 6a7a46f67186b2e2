"""The years before the city's own: monthly samples whose slow change is known."""

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bishui.observations import read_table
from bishui.observations.schema import MEASUREMENTS
from bishui.twin import build_city, measurement_files
from bishui.twin.history import history


@pytest.fixture(scope="module")
def city():
    return build_city()


@pytest.fixture(scope="module")
def table(city):
    return history(city)


def test_it_holds_one_sample_a_month_at_every_section_of_the_five_years_before(city, table):
    assert table.schema.equals(MEASUREMENTS)
    samples = table.group_by(["site", "time"]).aggregate([([], "count_all")])
    assert samples.num_rows == len(city.sections) * 5 * 12
    assert (pc.min(table["time"]).as_py().year, pc.max(table["time"]).as_py().year) == (2020, 2024)
    assert pc.unique(table["source"]).to_pylist() == ["manual"]


def test_the_same_city_has_the_same_history_and_its_own_year_is_not_in_it(city, table):
    assert history(build_city()).equals(table)
    assert not history(build_city(2)).equals(table)
    assert pc.max(table["time"]).as_py() < dt.datetime(city.year, 1, 1)


@pytest.mark.parametrize(
    ("site", "item", "direction"), [("99S005", "nh3n", -1), ("99S007", "tp", -1), ("99S006", "tp", 1)]
)
def test_the_change_that_was_put_in_is_in_the_numbers(table, site, item, direction):
    one = table.filter(pc.and_(pc.equal(table["site"], site), pc.equal(table["item"], item)))
    frame = pa.table({"year": pc.year(one["time"]), "value": pc.cast(one["value"], pa.float64())})
    means = {
        row["year"]: row["value_mean"]
        for row in frame.group_by("year").aggregate([("value", "mean")]).to_pylist()
    }
    assert (means[2024] - means[2020]) * direction > 0.1 * means[2020]


def test_the_file_that_users_upload_holds_all_of_it(city, table, tmp_path):
    read = read_table(measurement_files(city, tmp_path)["history"])
    assert not read.problems
    assert read.table.num_rows == table.num_rows
