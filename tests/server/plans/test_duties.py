"""Duties and milestones: made by rule from units and deadlines, changed by people, retired, never lost."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from bishui.errors import Conflict, DataError
from bishui.server.plans import duties, queries, services
from bishui.server.plans.models import Duty, Milestone, Plan, Progress, Task, TaskUnit
from bishui.server.plans.steps import Measure, field_of, is_measured, planned, role_weights

pytestmark = pytest.mark.django_db
BEGIN, END = date(2025, 3, 1), date(2025, 12, 31)


def task(position):
    return Task.objects.get(position=position)


def steps_of(norm, due=None, **kwargs):
    found = planned(norm, due, begin=BEGIN, end=END, **kwargs)
    return [(step.due, step.weight) for step in found]


def test_a_collective_name_gives_each_unit_its_duty(imported):
    found = Duty.objects.filter(task__position=2).order_by("unit__code")
    assert [(duty.unit.code, duty.role, duty.weight) for duty in found] == [
        ("a-gov", "responsible", Decimal("0.2")),
        ("b-gov", "responsible", Decimal("0.2")),
        ("city-bureau", "cooperating", Decimal("0")),
        ("city-housing", "lead", Decimal("0.6")),
    ]


def test_the_weights_of_the_roles_keep_their_proportion_where_one_is_missing():
    assert role_weights(["lead", "cooperating"]) == [Decimal("1.0000"), Decimal("0.0000")]
    assert sum(role_weights(["lead", "lead", "responsible"])) == 1
    assert role_weights(["cooperating"]) == [Decimal(0)]


def test_an_open_deadline_gives_a_milestone_a_quarter():
    quarters = [date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31)]
    assert [due for due, _weight in steps_of("every quarter")] == quarters
    assert [due for due, _weight in steps_of("all year")] == quarters


def test_several_dates_give_a_milestone_each():
    days = [date(2025, 12, 25), date(2025, 6, 25)]
    assert [due for due, _weight in steps_of("2025-12-25", days[0], dates=days)] == sorted(days)


def test_a_long_task_is_looked_at_half_way_and_a_short_one_is_not():
    half = date(2025, 6, 30)
    assert steps_of("2025-12-31", END) == [(half, Decimal(1)), (END, Decimal(2))]
    assert steps_of("2025-08-31", date(2025, 8, 31)) == [(date(2025, 8, 31), Decimal(2))]


@pytest.mark.parametrize(
    ("op", "value", "unit", "measured"),
    [
        (">=", "32", "公里", True),
        ("=", "26", "处", True),
        (">=", "68", "%", False),
        ("<=", "9.85", "亿立方米", False),
        (">=", "12.6", "立方米/秒", False),
        ("=", "1", "次/月", False),
    ],
)
def test_only_what_grows_to_its_value_is_measured(op, value, unit, measured):
    assert is_measured(Measure("t", "甲", op, Decimal(value), unit)) is measured


@pytest.mark.parametrize(
    ("headings", "field"),
    [
        (["一、深化水污染治理", "（一）工业污染防治"], "industry"),
        (["（二）城镇生活污染防治"], "urban"),
        (["（三）农业农村污染防治"], "rural"),
        (["三、节约集约用水"], "saving"),
        (["四、防控水环境风险"], "risk"),
        (["六、组织实施"], "other"),
    ],
)
def test_the_nearest_heading_names_the_field_of_work(headings, field):
    assert field_of(headings, "", "") == field


def test_renewing_twice_changes_nothing(imported):
    before = (
        list(Duty.objects.values_list("pk", "version")),
        list(Milestone.objects.values_list("pk", "version")),
    )
    duties.renew_plan(Plan.objects.get())
    assert (
        list(Duty.objects.values_list("pk", "version")),
        list(Milestone.objects.values_list("pk", "version")),
    ) == before


def test_a_unit_that_the_task_names_no_more_is_retired_and_comes_back(imported, instance):
    row = TaskUnit.objects.get(task=task(2), role="lead")
    services.set_unit(row, [instance.units["a-bureau"]], actor="system")
    states = dict(Duty.objects.filter(task=task(2)).values_list("unit__code", "state"))
    assert (states["city-housing"], states["a-bureau"]) == ("retired", "issued")
    row = TaskUnit.objects.get(task=task(2), role="lead")
    services.set_unit(row, [instance.units["city-housing"]], actor="system")
    assert Duty.objects.get(task=task(2), unit=instance.units["city-housing"]).state == "issued"


def test_a_relative_deadline_runs_from_the_day_of_issue_over_the_holidays(imported):
    assert task(3).due is None
    plan = Plan.objects.get()
    # Qingming (4 April 2025, a Friday) lies between.
    services.set_issued(plan, date(2025, 3, 17), version=plan.version, actor="system")
    assert task(3).due == date(2025, 4, 15)
    assert task(3).milestones.get().due == date(2025, 4, 15)
    with pytest.raises(Conflict):
        services.set_issued(plan, date(2025, 3, 18), version=1, actor="system")


def test_weights_that_a_person_has_set_stay(imported, instance):
    duty = Duty.objects.get(task=task(2), role="lead")
    duties.set_weights(
        task(2), Decimal(3), {str(duty.pk): Decimal("0.5")}, version=task(2).version, actor="system"
    )
    duties.renew(task(2))
    assert (task(2).weight, Duty.objects.get(pk=duty.pk).weight) == (3, Decimal("0.5"))


def test_weights_that_no_task_could_be_finished_with_are_refused(imported):
    version = task(2).version
    nothing = {str(duty.pk): Decimal(0) for duty in task(2).duties.all()}
    for weight, of_duties in ((Decimal(-1), {}), (Decimal(1), nothing)):
        with pytest.raises(DataError):
            duties.set_weights(task(2), weight, of_duties, version=version, actor="system")


def test_milestones_that_a_person_has_set_keep_the_rules_away(imported):
    wanted = [duties.EditedStep("", "完成设计", date(2025, 5, 31), Decimal(1))]
    duties.set_milestones(task(2), wanted, version=task(2).version, actor="system")
    duties.renew(task(2))
    assert [step.what for step in task(2).milestones.all()] == ["完成设计"]


def test_the_second_editor_is_told_and_keeps_what_was_typed(imported, instance):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(
        instance.users["bureau_staff@city"], backend="django.contrib.auth.backends.ModelBackend"
    )
    address = reverse("plans:arrange", args=[task(2).pk])
    data = {"what": "weights", "version": task(2).version, "weight": "7.5"}
    assert client.post(address, {**data, "weight": "2"}).status_code == 302
    answer = client.post(address, data)
    assert answer.status_code == 409
    assert 'value="7.5"' in answer.content.decode()
    assert task(2).weight == 2


def test_a_typed_percentage_has_no_place_any_more():
    assert "percent" not in {field.name for field in Progress._meta.get_fields()}


def test_a_task_of_the_plan_weighs_on_the_kept_standing(imported, instance):
    found = queries.standings(Task.objects.all(), date(2025, 2, 1))
    assert {standing.percent for standing in found.values()} == {0}
