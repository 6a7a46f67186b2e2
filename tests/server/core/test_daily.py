"""What is done once a day: each day once, after a downtime too, by one worker at a time."""

from datetime import date, datetime, timedelta

import pytest

from bishui.server.core import daily
from bishui.server.core.models import DailyRun

pytestmark = pytest.mark.django_db
MONDAY = date(2025, 10, 20)


@pytest.fixture
def done(monkeypatch):
    """The days on which the one registered function was called."""
    days: list[date] = []
    monkeypatch.setattr(daily, "_functions", {})
    daily.register("test.days", days.append)
    return days


def test_a_day_is_done_once(done):
    assert daily.run("test.days", MONDAY) == 1
    assert daily.run("test.days", MONDAY) == 0
    assert done == [MONDAY]


def test_after_a_downtime_each_missed_day_is_done_in_order(done):
    daily.run("test.days", MONDAY)
    daily.run("test.days", MONDAY + timedelta(days=3))
    assert done == [MONDAY + timedelta(days=n) for n in range(4)]


def test_two_workers_do_not_double(done):
    assert daily.enqueue(MONDAY) == 1
    assert daily.enqueue(MONDAY) == 0
    taken = DailyRun.objects.get()
    DailyRun.objects.update(holder="another", leased_until=datetime.now() + timedelta(minutes=5))
    assert taken.last_day in (None, MONDAY)
    assert daily.run("test.days", MONDAY + timedelta(days=1)) == 0


def test_the_lease_of_a_killed_worker_runs_out(done):
    past = datetime.now() - timedelta(seconds=1)
    DailyRun.objects.create(name="test.days", holder="dead", leased_until=past)
    assert daily.run("test.days", MONDAY) == 1


def test_what_fails_is_left_for_the_next_lease_and_its_day_is_not_done(monkeypatch):
    def fail(day):
        raise RuntimeError("no")

    monkeypatch.setattr(daily, "_functions", {"test.fails": fail})
    with pytest.raises(RuntimeError):
        daily.run("test.fails", MONDAY)
    run = DailyRun.objects.get()
    assert (run.last_day, run.leased_until > datetime.now()) == (None, True)
    assert daily.pending(MONDAY) == []
