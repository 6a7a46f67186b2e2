"""A committed plan is read again: corrections carried over, rows changed in place, dropped ones retired."""

from datetime import date

import pytest

from bishui.errors import Conflict, Forbidden
from bishui.server.core import audit, imports
from bishui.server.core.models import AuditEntry
from bishui.server.plans import amending, importing, rereading, review_differences, staging
from bishui.server.plans import review_corrections as review
from bishui.server.plans.models import (
    DraftCorrection,
    Duty,
    Plan,
    PlanAmendment,
    SectionTarget,
    Target,
    Task,
    TaskUnit,
)
from bishui.server.plans.review_match import moves, of_json, pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(instance):
    return instance.users["bureau_staff@city"]


@pytest.fixture
def lead(instance):
    return instance.users["bureau_lead@city"]


def reread(plan, actor):
    session = rereading.reread(plan, actor=actor)
    imports.read(session)
    session.refresh_from_db()
    assert session.state == "previewed", session.summary
    return session


def newer_reader(monkeypatch, change):
    """Let the reader read the same file otherwise: `change` gets the JSON before it is staged."""
    real = staging.stage

    def stage(draft, path):
        import json

        data = real(draft, path)
        change(data)
        data["reader"] = "next"
        path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        return data

    monkeypatch.setattr(staging, "stage", stage)
    monkeypatch.setattr(importing, "READER_VERSION", "next")


def drop_second_task(data):
    del data["tasks"][1]
    data["tasks"][0]["content"] = "逐家核查涉水企业的排水去向和达标情况。"
    data["tasks"][1]["seq"] = 3
    for target in data["targets"]:
        target["task"] = {None: None, 0: 0, 1: None, 2: 1}[target["task"]]


def state_of(plan):
    """Return all that the ledger holds of the plan, but for versions."""
    plan = Plan.objects.get(pk=plan.pk)
    hidden = {"version"}
    return {
        model.__name__: sorted(
            str(
                {
                    f.attname: getattr(row, f.attname)
                    for f in model._meta.concrete_fields
                    if f.name not in hidden
                }
            )
            for row in model.objects.filter(**{"task__plan" if model is TaskUnit else "plan": plan})
        )
        for model in (Task, TaskUnit, Target, SectionTarget)
    } | {"plan": [plan.title, plan.reader_version, plan.document.lines, plan.document.became]}


def test_reading_again_with_the_same_reader_changes_nothing(imported, staff, commit):
    plan = Plan.objects.get()
    before = state_of(plan)
    session = reread(plan, staff)
    found = review_differences.shown(session, review.draft_of(session))
    assert not (found["groups"] or found["units"] or found["head"])
    commit(session)
    assert state_of(plan) == before
    assert Plan.objects.count() == 1


def test_a_newer_reader_updates_tasks_in_place_and_retires_what_is_gone(imported, staff, commit, monkeypatch):
    plan = Plan.objects.get()
    first, second, third = Task.objects.order_by("position")
    newer_reader(monkeypatch, drop_second_task)
    session = reread(plan, staff)
    shown = review_differences.shown(session, review.draft_of(session))
    tasks = next(group for group in shown["groups"] if group["dropped"])
    assert [item["name"] for item in tasks["dropped"]] == [str(second)]
    assert tasks["changed"][0]["fields"][0]["after"].endswith("达标情况。")
    assert (shown["reader"]["before"], shown["reader"]["after"]) == (plan.reader_version, "next")
    commit(session)
    assert list(Task.objects.values_list("pk", "position")) == [(first.pk, 1), (third.pk, 2)]
    first.refresh_from_db()
    assert first.content.endswith("达标情况。")
    gone = Task.every.get(pk=second.pk)
    assert (gone.retired, gone.content) == (session, second.content)
    plan.refresh_from_db()
    assert plan.reader_version == "next"
    assert plan.import_session == imported


def test_what_hangs_on_a_task_stays_on_it(imported, staff, commit, monkeypatch, instance):
    plan = Plan.objects.get()
    task = Task.objects.get(position=1)
    duty = Duty.objects.get(task=task, unit=instance.units["city-bureau"])
    task.weight = 3
    with audit.action("plans.unit_set", actor="system", task="", name="", units=""):
        task.save()
    newer_reader(monkeypatch, drop_second_task)
    commit(reread(plan, staff))
    task.refresh_from_db()
    assert task.weight == 3, "what people set stays"
    assert Duty.objects.get(pk=duty.pk).task == task
    gone = Task.every.get(retired__isnull=False)
    assert set(Duty.objects.filter(task=gone).values_list("state", flat=True)) <= {"retired"}


def test_an_amendment_is_one_entry_of_the_trail_and_can_be_taken_back_whole(
    imported, staff, lead, commit, monkeypatch
):
    plan = Plan.objects.get()
    before = state_of(plan)
    newer_reader(monkeypatch, drop_second_task)
    session = commit(reread(plan, staff))
    landed = AuditEntry.objects.filter(action="core.import_landed").order_by("sequence").last()
    assert {change["model"] for change in landed.changes} >= {
        "plans.Task",
        "plans.Plan",
        "plans.PlanAmendment",
    }
    assert state_of(plan) != before
    imports.take_back(session, actor=lead, why="修订有误")
    assert state_of(plan) == before
    assert Plan.objects.get().active
    assert not PlanAmendment.objects.get().stands
    assert audit.verify()[1] == []


def test_what_others_changed_after_the_amendment_stays_when_it_is_taken_back(
    imported, staff, lead, commit, monkeypatch
):
    plan = Plan.objects.get()
    newer_reader(monkeypatch, drop_second_task)
    session = commit(reread(plan, staff))
    task = Task.objects.get(position=1)
    task.content = "后来又改了。"
    with audit.action("plans.unit_set", actor="system", task="", name="", units=""):
        task.save()
    imports.take_back(session, actor=lead, why="修订有误")
    task.refresh_from_db()
    assert task.content == "后来又改了。"
    assert Task.objects.count() == 3


def test_an_amendment_too_takes_two_persons(imported, lead):
    session = reread(Plan.objects.get(), lead)
    imports.submit(session, actor=lead)
    with pytest.raises(Forbidden):
        imports.start_commit(session, actor=lead)


def test_corrections_are_carried_over_where_the_reader_reads_the_same(read_in, staff, commit, monkeypatch):
    session = read_in()
    review.correct(session, "tasks/0/content", "人工改正的内容。", seen=0, actor=staff, reason="原件如此")
    review.correct(session, "tasks/2/deadline", "12月底前", seen=0, actor=staff)
    review.leave_out(session, "tasks/1", seen=0, actor=staff)
    path = review.add(session, "tasks", (3, 3), {"content": "补录的任务"}, actor=staff)
    review.correct(session, f"{path}/theme", "补录的主题", seen=0, actor=staff)
    commit(session)
    newer_reader(monkeypatch, drop_second_task)
    again = reread(Plan.objects.get(), staff)
    carried = {row.path: row for row in DraftCorrection.objects.filter(session=again)}
    assert carried["tasks/1/deadline"].corrected == "12月底前"
    assert carried["tasks/2"].corrected["content"] == "补录的任务"
    assert carried["tasks/2/theme"].corrected == "补录的主题"
    assert "tasks/0/content" not in carried, "the reader now reads another text"
    lost = {row.path: row for row in rereading.not_carried(again)}
    assert lost["tasks/0/content"].reason == "原件如此"
    assert carried["tasks/1/deadline"].by == staff.username


def test_units_that_people_named_afterwards_are_not_undone(imported, staff, commit, instance):
    from bishui.server.plans import services

    plan = Plan.objects.get()
    row = TaskUnit.objects.get(written="市某某局")
    services.set_unit(row, [instance.units["b-bureau"]], actor="system")
    session = reread(plan, staff)
    assert not review_differences.shown(session, review.draft_of(session))["units"]
    commit(session)
    assert TaskUnit.objects.get(written="市某某局").unit == instance.units["b-bureau"]


def test_a_plan_in_force_is_corrected_by_an_amendment(imported, staff, commit):
    plan = Plan.objects.get()
    session = reread(plan, staff)
    review.correct(session, "tasks/0/deadline", "9月底前", seen=0, actor=staff)
    review.correct(session, "tasks/1/lead", "市生态环境局", seen=0, actor=staff)
    commit(session)
    assert Task.objects.get(position=1).due == date(2025, 9, 30)
    assert [row.written for row in TaskUnit.objects.filter(task__position=2, role="lead")] == ["市生态环境局"]


def test_two_amendments_are_never_under_way_at_once_and_an_outdated_one_does_not_land(
    imported, staff, lead, commit
):
    plan = Plan.objects.get()
    session = reread(plan, staff)
    with pytest.raises(Conflict, match="正在办理"):
        rereading.reread(plan, actor=staff)
    imports.discard(session, actor=staff)
    second = commit(reread(plan, staff))
    third = reread(plan, staff)
    imports.take_back(second, actor=lead, why="有误")
    imports.submit(third, actor=staff)
    imports.start_commit(third, actor=lead)
    with pytest.raises(Conflict, match="另一次修订"):
        imports.finish_commit(third)
    third.refresh_from_db()
    assert third.state == "previewed"


def test_a_first_import_is_not_taken_back_from_under_an_amendment(imported, staff, lead, commit):
    amended = commit(reread(Plan.objects.get(), staff))
    with pytest.raises(Conflict, match="先撤回修订"):
        imports.take_back(imported, actor=lead, why="x")
    imported.refresh_from_db()
    assert imported.state == "active"
    imports.take_back(amended, actor=lead, why="x")
    imports.take_back(imported, actor=lead, why="x")
    assert not Plan.objects.get().active


def test_a_killed_amendment_is_finished_by_the_next_start(imported, staff, lead):
    session = reread(Plan.objects.get(), staff)
    review.correct(session, "tasks/0/theme", "改过", seen=0, actor=staff)
    imports.submit(session, actor=staff)
    imports.start_commit(session, actor=lead)
    assert imports.reconcile()
    assert Task.objects.get(position=1).theme == "改过"
    assert amending.current_session(Plan.objects.get()) == session


# -- the pure parts --------------------------------------------------------------------------------------


def test_records_are_known_again_by_the_surest_mark_first():
    old = [{"content": "甲", "seq": 1}, {"content": "乙", "seq": 2}, {"content": "丙", "seq": 3}]
    new = [{"content": "丙", "seq": 1}, {"content": "甲改", "seq": 9}, {"content": "乙", "seq": 2}]
    same = [["content", "seq"], ["content"], ["seq"]]
    assert pair(old, new, same, of_json) == [(1, 2), (2, 0)]


@pytest.mark.parametrize(
    "wanted", [{"a": 2, "b": 1}, {"a": 2, "b": 3, "c": 1}, {"c": 1, "a": 2, "b": 4}, {"b": 9}, {}]
)
def test_no_two_tasks_ever_stand_at_one_place_while_they_move(wanted):
    place = {"a": 1, "b": 2, "c": 3}
    for key, position in moves(dict(place), wanted):
        assert position not in place.values()
        place[key] = position
    assert place == {"a": 1, "b": 2, "c": 3} | wanted
