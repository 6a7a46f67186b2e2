"""Duties (责任分工) and milestones of tasks: made by rule, changed by people, retired, never lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from bishui.documents import deadline_meanings, resolve_relative
from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.core import audit, workflow
from bishui.server.plans import calendar, standings, steps
from bishui.server.plans.duty_models import ROLES
from bishui.server.plans.models import Duty, Milestone, Plan, Target, Task, TaskUnit

_SYSTEM = "system"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """One unit's duty as the task's cells give it."""

    unit: UUID
    role: str
    weight: Decimal


def renew(task: Task, *, actor: Any = _SYSTEM) -> None:
    """Make the duties and milestones of a task fit its units and deadline.

    New ones are made, those that the task no longer names are retired with what was handed in for them;
    weights and milestones that a person has changed stay. Call it after the units, the deadline or the
    targets of a task have changed; nothing happens where all fits already.
    """
    renew_many(Task.every.filter(pk=task.pk), actor=actor)


def renew_plan(plan: Plan, *, actor: Any = _SYSTEM) -> None:
    """Make the duties and milestones of all tasks of a plan fit, as `renew` does."""
    renew_many(Task.every.filter(plan=plan), actor=actor)


def daily(_day: date) -> None:
    """Make the duties and reports due of plans that an earlier edition left without any."""
    named = Plan.objects.filter(active=True, tasks__unit_roles__unit__isnull=False)
    for plan in named.exclude(tasks__duties__isnull=False).distinct():
        renew_plan(plan)
        calendar.renew(plan)


def renew_many(tasks: Any, *, actor: Any = _SYSTEM) -> None:
    """Make the duties and milestones of a query set of tasks fit, as `renew` does."""
    chosen = list(
        tasks.select_related("plan").prefetch_related("unit_roles", "duties", "milestones__reports")
    )
    if not chosen:
        return
    measures = _measures([task.pk for task in chosen])
    with audit.action(
        "plans.duties_renewed",
        actor=actor,
        division=chosen[0].division,
        plan=str(chosen[0].plan),
        count=len(chosen),
    ):
        for task in chosen:
            _settle(task)
        Duty.objects.bulk_create([duty for task in chosen for duty in _renewed_duties(task)])
        Milestone.objects.bulk_create(
            [step for task in chosen for step in _renewed_steps(task, measures.get(task.pk, []))]
        )
        standings.renew([task.pk for task in chosen], standings.today_of(chosen[0].division))


def make_missing(division: str) -> None:
    """Make the duties of tasks that have none, in the plans of a division's subtree that count."""
    bare = Task.objects.filter(division__startswith=division, plan__active=True, milestones=None)
    if bare.exists():
        renew_many(bare)


def _settle(task: Task) -> None:
    """Set what follows from the task's own words: its heading, its field and a relative deadline's day."""
    heading = " › ".join(task.section)[:_LONGEST]
    field = task.field or steps.field_of(task.section, task.theme, task.content)
    due = task.due
    if due is None and task.plan.issued and (found := resolve_relative(task.deadline_norm, task.plan.issued)):
        due = found.day
    if (heading, field, due) != (task.heading, task.field, task.due):
        task.heading, task.field, task.due = heading, field, due
        task.save()


def wanted(rows: Iterable[TaskUnit]) -> list[Wanted]:
    """Return the duties that the rows of a task's units give: one for each unit, in its strongest role."""
    roles: dict[UUID, str] = {}
    for row in sorted(rows, key=lambda item: (ROLES.index(item.role), item.position)):
        if row.unit_id:
            roles.setdefault(row.unit_id, row.role)
    weights = steps.role_weights(list(roles.values()))
    return [Wanted(unit, role, weight) for (unit, role), weight in zip(roles.items(), weights, strict=True)]


def _renewed_duties(task: Task) -> list[Duty]:
    """Change and retire the duties of a task; return those that are new."""
    held = {duty.unit_id: duty for duty in task.duties.all()}
    rows = [] if task.retired_id else list(task.unit_roles.all())
    asked = {item.unit: item for item in wanted(rows)}
    for unit, duty in held.items():
        if unit not in asked:
            if duty.state != "retired":
                workflow.fire(duty, "retire", actor=_SYSTEM)
            continue
        if duty.state == "retired":
            workflow.fire(duty, "renew", actor=_SYSTEM)
        weight = duty.weight if duty.weight_edited else asked[unit].weight
        if (duty.role, duty.weight) != (asked[unit].role, weight):
            duty.role, duty.weight = asked[unit].role, weight
            duty.save()
    return [
        Duty(division=task.division, task=task, unit_id=item.unit, role=item.role, weight=item.weight)
        for unit, item in asked.items()
        if unit not in held
    ]


def _renewed_steps(task: Task, measures: Sequence[steps.Measure]) -> list[Milestone]:
    """Change and remove the milestones that the rules gave; return those that are new.

    A milestone that a report names stays, and one that a person has changed keeps the rules away.
    """
    held = list(task.milestones.all())
    if any(step.edited for step in held):
        return []
    open_places = {step.position: step for step in held}
    fresh: list[Milestone] = []
    for place, step in enumerate(planned(task, measures), start=1):
        target = UUID(step.target) if step.target else None
        known = open_places.pop(place, None)
        if known is None:
            fresh.append(
                Milestone(
                    division=task.division,
                    task=task,
                    position=place,
                    due=step.due,
                    weight=step.weight,
                    what=step.what[:_LONGEST],
                    target_id=target,
                )
            )
        elif (known.due, known.what, known.target_id) != (step.due, step.what[:_LONGEST], target):
            known.due, known.what, known.target_id = step.due, step.what[:_LONGEST], target
            known.weight = step.weight
            known.save()
    for left in open_places.values():
        if not left.reports.all():
            left.delete()
    return fresh


def planned(task: Task, measures: Sequence[steps.Measure]) -> list[steps.Planned]:
    """Return the milestones that the rules give a task."""
    plan = task.plan
    begin = max(filter(None, (plan.issued, plan.period_from)), default=None)
    named = [found.norm for found in deadline_meanings(task.deadline, plan.year) if found.norm]
    return steps.planned(
        task.deadline_norm,
        task.due,
        begin=begin,
        end=plan.period_to,
        dates=[day for norm in named if (day := _day(norm))],
        measures=measures,
    )


def _day(norm: str) -> date | None:
    try:
        return date.fromisoformat(norm)
    except ValueError:
        return None


def _measures(tasks: Sequence[UUID]) -> dict[UUID, list[steps.Measure]]:
    found: dict[UUID, list[steps.Measure]] = {}
    for target in Target.objects.filter(task__in=tasks).order_by("position"):
        measure = steps.Measure(
            str(target.pk), target.text or target.indicator, target.op, target.value, target.unit
        )
        found.setdefault(target.task_id, []).append(measure)
    return found


# -- by people -----------------------------------------------------------------------------------------


def take(duty: Duty, *, actor: Any, where: str = "") -> None:
    """Let a unit take a duty on (签收)."""
    workflow.fire(duty, "take", actor=actor, where=where)


def set_weights(
    task: Task, weight: Decimal, of_duties: dict[str, Decimal], *, version: int, actor: Any, where: str = ""
) -> None:
    """Set the weight of a task in its plan and of its duties in the task.

    Parameters
    ----------
    of_duties
        The weight of each duty by identifier; those left out stay.
    version
        The task's version that the person had before the eyes.

    Raises
    ------
    DataError
        If a weight is negative, or no duty would bear any.
    Conflict
        If somebody has changed the weights meanwhile.
    """
    duties = list(task.duties.exclude(state="retired").select_related("unit"))
    after = {str(duty.pk): of_duties.get(str(duty.pk), duty.weight) for duty in duties}
    if weight < 0 or any(value < 0 for value in after.values()):
        raise DataError(
            Text("权重不能是负数。"), remedy=Text("请填写 0 或正数。"), where=Where(field="weight")
        )
    if duties and not any(after.values()):
        raise DataError(
            Text("至少要有一个单位的权重大于 0，否则任务无法完成。"),
            remedy=Text("请给牵头或责任单位填写正的权重。"),
            where=Where(field="weight"),
        )
    _check_version(task, version)
    with audit.action("plans.weights_set", actor=actor, where=where, division=task.division, task=str(task)):
        for duty in duties:
            if duty.weight != after[str(duty.pk)]:
                duty.weight, duty.weight_edited = after[str(duty.pk)], True
                duty.save()
        task.weight = weight
        task.save()
        standings.renew([task.pk], standings.today_of(task.division))


@dataclass(frozen=True, slots=True)
class EditedStep:
    """A milestone as a person gives it: `id` of the one that is changed, empty for a new one."""

    id: str
    what: str
    due: date | None
    weight: Decimal
    duty: str = ""
    target: str = ""


def set_milestones(
    task: Task, wanted_steps: Sequence[EditedStep], *, version: int, actor: Any, where: str = ""
) -> None:
    """Replace the milestones of a task by what a person gives; those that reports name cannot be left out.

    Raises
    ------
    DataError
        If there is none, one says nothing, or a weight is not positive.
    Conflict
        If a milestone that a report names is left out, or somebody has changed them meanwhile.
    """
    _check_steps(wanted_steps)
    _check_version(task, version)
    held = {str(step.pk): step for step in task.milestones.prefetch_related("reports")}
    left = [step for key, step in held.items() if key not in {item.id for item in wanted_steps}]
    if named := next((step for step in left if step.reports.all()), None):
        raise Conflict(
            Text("节点“{what}”已有进展填报，不能删除。", what=named.what),
            remedy=Text("可以修改它的名称、时限或权重。"),
        )
    duties = {str(duty.pk) for duty in task.duties.exclude(state="retired")}
    targets = {str(target.pk) for target in task.targets.all()}
    with audit.action(
        "plans.milestones_set", actor=actor, where=where, division=task.division, task=str(task)
    ):
        for step in left:
            step.delete()
        for place, item in enumerate(wanted_steps, start=1):
            step = held.get(item.id) or Milestone(division=task.division, task=task)
            step.position, step.what, step.due = place, item.what.strip()[:_LONGEST], item.due
            step.weight, step.edited = item.weight, True
            step.duty_id = UUID(item.duty) if item.duty in duties else None
            step.target_id = UUID(item.target) if item.target in targets else None
            step.save()
        # The task's own version counts changes of its milestones: two people at once are told apart.
        task.save()
        standings.renew([task.pk], standings.today_of(task.division))


def _check_steps(wanted_steps: Sequence[EditedStep]) -> None:
    if not wanted_steps:
        raise DataError(
            Text("任务至少要有一个节点。"), remedy=Text("请保留或新增一个节点。"), where=Where(field="what")
        )
    for item in wanted_steps:
        if not item.what.strip():
            raise DataError(
                Text("节点须写明要提交什么。"), remedy=Text("请补充节点内容。"), where=Where(field="what")
            )
        if item.weight <= 0:
            raise DataError(
                Text("节点“{what}”的权重应大于 0。", what=item.what),
                remedy=Text("请填写正数。"),
                where=Where(field="weight"),
            )


def _check_version(task: Task, version: int) -> None:
    if task.version != version:
        raise Conflict(
            Text("“{name}”在您打开之后已被他人修改。", name=str(task)),
            remedy=Text("请核对对方的修改；您刚才填写的内容仍保留在表单中，确认后可再次保存。"),
        )
