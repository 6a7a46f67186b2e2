"""A unit is renamed or merged: what is open passes on, what was done keeps its name, history stays."""

from datetime import date, datetime
from io import BytesIO

import pytest
from django.test import Client

from bishui.errors import Conflict, DataError
from bishui.server.accounts import succession
from bishui.server.accounts.models import Unit, User
from bishui.server.cases import services as cases
from bishui.server.cases.models import Case
from bishui.server.core import audit
from bishui.server.plans import directory, duties, duty_queries, progress_reports
from bishui.server.plans.models import Duty, Plan, Task, TaskUnit
from tests.server.conftest import CITY

pytestmark = pytest.mark.django_db
ON = date(2025, 7, 1)


class City:
    division = CITY
    today = date(2025, 7, 10)


@pytest.fixture
def plan(instance):
    """A plan with a task of the housing bureau and one that it shares with the city bureau."""
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        plan = Plan(division=CITY, title="计划", kind="annual_plan", year=2025)
        plan.period_from, plan.period_to = date(2025, 1, 1), date(2025, 12, 31)
        plan.save()
        for position, names in enumerate([["city-housing"], ["city-housing", "city-bureau"]], start=1):
            task = Task(division=CITY, plan=plan, position=position, seq=position, content="工作。")
            task.due, task.deadline_norm = date(2025, 12, 31), "2025-12-31"
            task.save()
            for place, name in enumerate(names):
                unit = instance.units[name]
                TaskUnit(
                    division=CITY, task=task, role="lead", position=place, written=unit.name, unit=unit
                ).save()
    duties.renew_plan(plan)
    return plan


def bearers():
    return {(duty.number, duty.unit_name) for duty in duty_queries.briefs(City())}


def test_a_renamed_unit_goes_on_under_its_new_name_with_its_open_duties_users_and_cases(plan, instance):
    old = instance.units["city-housing"]
    cases.open_case(
        "督办",
        "请办理。",
        division=CITY,
        unit=old,
        deadline=date(2025, 8, 1),
        actor="system",
        at=datetime(2025, 7, 1, 9),
    )
    before = len(bearers())
    new = succession.rename(old, "市城市建设局", "city-building", ON, actor="system")
    assert bearers() == {(1, "市城市建设局"), (2, "市城市建设局"), (2, "市生态环境局")}
    assert len(bearers()) == before
    assert Case.objects.get().unit == new
    old.refresh_from_db()
    assert (old.valid_to, new.valid_from) == (date(2025, 6, 30), ON)
    assert not User.objects.filter(unit=old).exists()
    assert audit.verify()[1] == []


def test_a_document_with_the_former_name_means_the_new_unit(plan, instance):
    new = succession.rename(
        instance.units["city-housing"], "市城市建设局", "city-building", ON, actor="system"
    )
    known = {name: unit.id for unit in directory.directory_of(CITY).units for name in unit.names}
    assert known["市住房城乡建设局"] == known["市城市建设局"] == str(new.pk)


def test_two_units_that_share_a_task_bear_it_once_after_their_merger(plan, instance):
    succession.merge(instance.units["city-housing"], instance.units["city-bureau"], ON, actor="system")
    assert bearers() == {(1, "市生态环境局"), (2, "市生态环境局")}
    assert Duty.objects.filter(state="retired").count() == 1, (
        "the duty that went up in the other stays as retired"
    )


def test_what_was_accepted_keeps_the_name_of_who_did_it(plan, instance):
    task = Task.objects.get(seq=1)
    given = progress_reports.Given(
        "全部完成。",
        milestones=[str(step.pk) for step in task.milestones.all()],
        files=[(BytesIO(b"%PDF-1.4 proof"), "proof.pdf")],
    )
    report = progress_reports.hand_in(
        task,
        instance.units["city-housing"],
        given,
        actor=instance.users["bureau_staff@city"],
        at=datetime(2025, 6, 20, 9),
    )
    progress_reports.accept(report, actor=instance.users["bureau_lead@city"])
    succession.rename(instance.units["city-housing"], "市城市建设局", "city-building", ON, actor="system")
    assert Duty.objects.get(task__seq=1).unit.name == "市住房城乡建设局"


def test_what_the_old_unit_has_reached_counts_for_the_new_one(plan, instance):
    unit = instance.units["city-housing"]
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        task = Task(division=CITY, plan=plan, position=3, seq=3, content="每季度巡查。")
        task.due, task.deadline_norm = date(2025, 12, 31), "every quarter"
        task.save()
        TaskUnit(division=CITY, task=task, role="lead", position=0, written=unit.name, unit=unit).save()
    duties.renew(task)
    first = task.milestones.order_by("due").first()
    given = progress_reports.Given(
        "一季度完成。", milestones=[str(first.pk)], files=[(BytesIO(b"%PDF-1.4 proof"), "proof.pdf")]
    )
    staff, lead = instance.users["bureau_staff@city"], instance.users["bureau_lead@city"]
    report = progress_reports.hand_in(task, unit, given, actor=staff, at=datetime(2025, 4, 1, 9))
    progress_reports.accept(report, actor=lead)

    def percent():
        return next(duty.percent for duty in duty_queries.briefs(City()) if duty.number == 3)

    before = percent()
    succession.rename(unit, "市城市建设局", "city-building", ON, actor="system")
    assert percent() == before == 25


def test_a_unit_that_has_ended_or_itself_cannot_be_merged(plan, instance):
    housing, bureau = instance.units["city-housing"], instance.units["city-bureau"]
    with pytest.raises(DataError):
        succession.merge(housing, housing, ON, actor="system")
    succession.merge(housing, bureau, ON, actor="system")
    with pytest.raises(Conflict):
        succession.rename(Unit.objects.get(code="city-housing"), "甲", "new", ON, actor="system")
    with pytest.raises(DataError):
        succession.merge(bureau, Unit.objects.get(code="city-housing"), ON, actor="system")


def client_of(instance, name):
    client = Client()
    client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_shows_what_passes_on_and_keeps_what_was_typed(plan, instance):
    unit = instance.units["city-housing"]
    client = client_of(instance, "bureau_lead@city")
    address = f"/accounts/units/{unit.pk}/succeed/"
    assert "未完成的任务 2" in client.get(address).content.decode()
    refused = client.post(
        address, {"kind": "rename", "name": "新局", "code": "city-bureau", "on": "2025-07-01"}
    )
    assert refused.status_code == 422 and "新局" in refused.content.decode()
    assert (
        client.post(address, {"kind": "rename", "name": "新局", "code": "x", "on": "2025-07-01"}).status_code
        == 302
    )
    page = client.get("/accounts/units/?day=2025-06-30").content.decode()
    assert "市住房城乡建设局" in page and "由新局接续" in page
    assert "市住房城乡建设局" not in client.get("/accounts/units/?day=2025-07-02").content.decode()


def test_another_county_cannot_end_a_unit(plan, instance):
    unit = instance.units["city-housing"]
    assert client_of(instance, "bureau_lead@a").get(f"/accounts/units/{unit.pk}/succeed/").status_code == 404
