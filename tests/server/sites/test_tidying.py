"""The files of many small imports are joined: what the pages say stays, and a section is read of fewer files."""

from datetime import date, timedelta

import pytest

from bishui.observations import MeasurementStore
from bishui.server.core import daily, imports
from bishui.server.sites import assessed, queries, tidying
from bishui.server.sites.assessed import Results
from tests.server.conftest import CITY
from tests.server.sites.conftest import bring, csv, lead, workspace

DAYS = 6


@pytest.fixture
def daily_imports(city, monkeypatch):
    """An import a day, one of which corrects the day before, and one that was taken back."""
    monkeypatch.setattr(tidying, "MOST_SMALL", DAYS - 2)
    found = [
        bring(csv(*(f"{name},2021-04-0{day} 08:00,氨氮,0.{day}{place},mg/L,,自动" for place, name in enumerate(city.sites, 1))), f"{day}.csv")
        for day in range(1, DAYS + 1)
    ]  # fmt: skip
    imports.take_back(found[2], actor=lead(), why="误导入")
    return found


def told():
    assessed.drop(CITY)
    results = Results(workspace())
    return results.history(), results.coverage(), results.lines(results.newest_month())


def test_what_is_told_is_what_was_told_before(daily_imports):
    before = {site: list(months) for site, months in told()[0].items()}, *told()[1:]
    rows = queries.measurements(CITY).sort_by([("site", "ascending"), ("time", "ascending")])
    files = queries.store().files()
    daily.run("sites.tidied", date.today())
    assert len(queries.store().files()) == 1 < len(files)
    assert queries.measurements(CITY).sort_by([("site", "ascending"), ("time", "ascending")]).equals(rows)
    assert ({site: list(months) for site, months in told()[0].items()}, *told()[1:]) == before


def test_an_import_that_was_taken_back_stays_so_and_the_rest_can_be(daily_imports):
    tidying.tidy(date.today())
    count = queries.measurements(CITY).num_rows
    imports.take_back(daily_imports[0], actor=lead(), why="误导入")
    assert queries.measurements(CITY).num_rows == count - 4
    assert all(queries.store().has_import(str(session.pk)) for session in daily_imports)


def test_few_files_and_days_that_are_past_are_left_alone(daily_imports, monkeypatch):
    monkeypatch.setattr(MeasurementStore, "compact", None)
    tidying.tidy(date.today() - timedelta(days=1))
    monkeypatch.setattr(tidying, "MOST_SMALL", DAYS)
    tidying.tidy(date.today())


def test_small_files_are_counted_by_year_and_large_ones_are_not_joined_again(tmp_path, monkeypatch):
    from tests.observations.test_store import rows

    store = MeasurementStore(tmp_path / "s")
    assert store.small_files() == 0
    for number in range(3):
        store.append(f"both years {number}", rows(60))
    assert store.small_files() == 3
    monkeypatch.setattr("bishui.observations.store._JOINED", 100)
    assert (store.small_files(), store.compact()) == (0, 0)
