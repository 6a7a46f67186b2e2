"""A day's reminders from what is really due: made once, escalated by rule, seen by whom they concern."""

from datetime import date, timedelta

import pytest
from django.test import Client

from bishui.server.cases.models import Case
from bishui.server.core import audit
from bishui.server.plans import duties
from bishui.server.plans.models import Plan, Task, TaskUnit
from bishui.server.reminders import schedule
from bishui.server.reminders.models import Message
from tests.server.conftest import CITY

pytestmark = pytest.mark.django_db
DUE = date(2025, 6, 30)


@pytest.fixture
def plan(instance):
    """A plan with one task of the housing bureau, due on the last of June."""
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        plan = Plan(division=CITY, title="甲市 2025 年计划", kind="annual_plan", year=2025)
        plan.period_from, plan.period_to = date(2025, 1, 1), date(2025, 12, 31)
        plan.save()
        task = Task(division=CITY, plan=plan, position=1, seq=1, theme="管网", content="新建管网。", due=DUE)
        task.deadline, task.deadline_norm = "6月底前", "2025-06-30"
        task.save()
        unit = instance.units["city-housing"]
        TaskUnit(division=CITY, task=task, role="lead", position=0, written=unit.name, unit=unit).save()
    duties.renew_plan(plan)
    return plan


def at(day, made_up_city):
    """Let the invented city stand at `day` and remind."""
    from bishui.server.accounts.models import Division

    with audit.action("core.register_saved", actor="system", register="行政区划", name="甲市"):
        city = Division.objects.get(code="990000")
        city.as_of = day
        city.save()
    schedule.remind(date(2030, 1, 1))
    return list(Message.objects.order_by("id").values_list("rule", "unit__code"))


def test_a_duty_is_reminded_before_its_day_once_however_often_the_day_is_done(plan):
    assert at(DUE - timedelta(days=7), plan) == [("duty-due", "city-housing")]
    assert at(DUE - timedelta(days=7), plan) == [("duty-due", "city-housing")]
    assert at(DUE - timedelta(days=6), plan) == [("duty-due", "city-housing")]
    assert len(at(DUE - timedelta(days=1), plan)) == 2


def test_a_duty_long_overdue_is_told_to_the_bureau_and_a_notice_is_drafted_not_issued(plan):
    assert at(DUE + timedelta(days=1), plan) == [("duty-overdue", "city-housing")]
    assert not Case.objects.exists()
    told = at(DUE + timedelta(days=8), plan)
    assert set(told) == {("duty-overdue", "city-housing"), ("duty-escalated", "city-bureau")}
    notice = Case.objects.get()
    assert (notice.state, notice.unit.code) == ("drafted", "city-housing")
    assert notice.deadline == DUE + timedelta(days=18)
    at(DUE + timedelta(days=9), plan)
    assert Case.objects.count() == 1


def test_after_a_stop_only_the_latest_step_is_told(plan):
    assert sorted(rule for rule, _ in at(DUE + timedelta(days=40), plan)) == [
        "duty-escalated",
        "duty-overdue",
    ]


def test_a_unit_sees_its_own_reminders_and_no_other(plan, instance):
    at(DUE + timedelta(days=8), plan)
    seen = {}
    for name in ("unit_reporter@city", "bureau_staff@city", "bureau_staff@other"):
        client = Client()
        client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
        page = client.get("/reminders/")
        assert page.status_code == 200
        seen[name] = page.content.decode().count("任务逾期")
    assert seen["bureau_staff@city"] > seen["unit_reporter@city"] >= 1
    assert seen["bureau_staff@other"] == 0
