"""The kept rows that long lists go by: they follow every change, and may be dropped at any time."""

from datetime import date

import pytest

from bishui.server.accounts import workspaces
from bishui.server.accounts.models import Division
from bishui.server.core import audit
from bishui.server.plans import choosing, duties, duty_queries, queries, standings
from bishui.server.plans.models import Duty, DutyStanding, Plan, Task, TaskStanding
from tests.server.conftest import CITY

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(imported):
    return workspaces.of_root(Division.objects.get(division=CITY))


def test_a_row_stands_for_each_task_and_duty_of_the_plans_that_count(city):
    assert {row.pk for row in queries.rows_of(city)} == {task.pk for task in queries.tasks_of(city)}
    assert {row.pk for row in duty_queries.rows_of(city)} == {
        duty.pk for duty in duty_queries.duties_of(city)
    }
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        plan = Plan.objects.get()
        plan.active = False
        plan.save()
    assert not queries.rows_of(city).exists()
    assert not duty_queries.rows_of(city).exists()


def test_what_is_dropped_is_derived_again(city):
    before = set(queries.rows_of(city).values_list("pk", "colour", "due", "position", "field"))
    assert before
    TaskStanding.objects.all().delete()
    DutyStanding.objects.all().delete()
    standings.daily(city.today)
    assert set(queries.rows_of(city).values_list("pk", "colour", "due", "position", "field")) == before
    assert DutyStanding.objects.count() == Duty.objects.count()


def test_a_row_follows_its_task_and_its_duty(city, instance):
    rows = queries.rows_of(city)
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        task = Task.objects.order_by("position").first()
        task.field, task.due = "saving", date(2025, 9, 9)
        task.save()
    assert [row.pk for row in choosing.Asked(field="saving").narrow(rows)] == [task.pk]
    assert [
        row.pk for row in choosing.Asked(after=date(2025, 9, 9), before=date(2025, 9, 9)).narrow(rows)
    ] == [task.pk]
    unit = instance.units["city-bureau"]
    duty = Duty.objects.get(task=task, unit=unit)
    duties.take(duty, actor=instance.users["unit_reporter@city"])
    assert duty_queries.rows_of(city).get(pk=duty.pk).state == "taken"


def test_many_deeds_are_derived_once_at_their_end(city, monkeypatch):
    derived = []
    monkeypatch.setattr(standings, "_renew", lambda keys, day: derived.append((set(keys), day)))
    one, other = Task.objects.order_by("position").values_list("pk", flat=True)[:2]
    day = date(2025, 6, 1)
    with standings.gathered(day):
        standings.renew([one], date(2025, 1, 1))
        standings.renew([one, other], date(2025, 2, 1))
        assert derived == []
    assert derived == [({one, other}, day)]
