"""What the worker computes ahead: each change of a city's results once, and nothing where nothing changed."""

from datetime import datetime

import pytest
from django_tasks_db.models import DBTaskResult

from bishui.server.sites import ahead, services
from tests.server.conftest import CITY
from tests.server.sites.conftest import ROWS, bring, csv, lead


@pytest.fixture
def warmed(monkeypatch):
    """The cities that were computed, in order."""
    found = []
    monkeypatch.setattr(services, "warm", found.append)
    return found


def worker():
    """Do what waits, as a worker does; the jobs are run here and now."""
    count = ahead.wake()
    for job in DBTaskResult.objects.filter(task_path=ahead.compute.module_path):
        ahead.compute.call(*job.args_kwargs["args"])
        job.delete()
    return count


def test_a_city_without_measurements_is_left_alone(city, warmed):
    assert worker() == 0 and warmed == []


def test_a_city_is_computed_once_and_again_after_each_change_of_its_results(city, warmed):
    bring(csv(*ROWS))
    del warmed[:]
    assert worker() == 1 and warmed == [CITY]
    assert worker() == 0 and warmed == [CITY], "nothing has changed"
    services.flag(
        city.sites["甲断面"],
        item="nh3n",
        time_from=datetime(2021, 4, 1),
        time_to=datetime(2021, 4, 30),
        kind="excluded",
        reason="仪器校准",
        actor=lead(),
    )
    assert worker() == 1 and warmed == [CITY, CITY]


def test_what_waits_is_not_queued_twice(city, warmed):
    bring(csv(*ROWS))
    assert ahead.wake() == 1 and ahead.wake() == 0
