"""Writes of this app: units of a task, published targets; progress and duties have their own module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bishui.errors import Conflict
from bishui.i18n import Text
from bishui.server.core import audit
from bishui.server.plans import calendar, directory, duties, ledger
from bishui.server.plans.models import Plan, SectionTarget, SourceTarget, Target, Task, TaskUnit
from bishui.server.plans.unit_names import resolve_plan


def set_unit(
    role: TaskUnit, units: Sequence[Any], *, actor: Any, everywhere: bool = False, where: str = ""
) -> list[TaskUnit]:
    """Say which units a written name means.

    Parameters
    ----------
    role
        Any row of the written name.
    units
        The `accounts.Unit` records meant; none makes the name unresolved again.
    everywhere
        Do it for every unresolved row of the same name in the plan too.
    """
    names = "、".join(str(unit) for unit in units)
    with audit.action(
        "plans.unit_set",
        actor=actor,
        where=where,
        division=role.division,
        task=str(role.task),
        name=role.written,
        units=names,
    ):
        made = _replace(role, units)
        if everywhere:
            others = TaskUnit.objects.filter(
                task__plan_id=role.task.plan_id, written=role.written, unit__isnull=True
            ).select_related("task")
            for other in list(others):
                made += _replace(other, units)
        duties.renew_many(Task.objects.filter(pk__in={row.task_id for row in made}), actor=actor)
    return made


def _replace(role: TaskUnit, units: Sequence[Any]) -> list[TaskUnit]:
    TaskUnit.objects.filter(task_id=role.task_id, role=role.role, position=role.position).delete()
    return TaskUnit.objects.bulk_create(
        TaskUnit(
            division=role.division,
            task_id=role.task_id,
            role=role.role,
            position=role.position,
            written=role.written,
            unit=unit,
            etc=role.etc,
            by_duty=role.by_duty,
        )
        for unit in (units or [None])
    )


def resolve_again(plan: Plan, *, actor: Any, where: str = "") -> int:
    """Look up the unresolved names of a plan again, after units were registered; return how many."""
    open_rows = list(
        TaskUnit.objects.filter(task__plan=plan, unit__isnull=True).select_related("task").order_by("pk")
    )
    cells: dict[tuple[int, str], list[str]] = {}
    for position, role, written in (
        TaskUnit.objects.filter(task__plan=plan)
        .order_by("task__position", "role", "position")
        .values_list("task__position", "role", "written")
    ):
        names = cells.setdefault((position, role), [])
        if written not in names:
            names.append(written)
    meant = {
        (key, item.written): item.units
        for key, cell in resolve_plan(cells, directory.directory_of(plan.division)).items()
        for item in cell
    }
    found = [row for row in open_rows if meant[(row.task.position, row.role), row.written]]
    if not found:
        return 0
    with audit.action(
        "plans.unit_set",
        actor=actor,
        where=where,
        division=plan.division,
        task=str(plan),
        name="、".join(dict.fromkeys(row.written for row in found)),
        units=len(found),
    ):
        units = _unit_records(
            [unit for row in found for unit in meant[(row.task.position, row.role), row.written]]
        )
        for row in found:
            _replace(row, [units[pk] for pk in meant[(row.task.position, row.role), row.written]])
        duties.renew_many(Task.objects.filter(pk__in={row.task_id for row in found}), actor=actor)
    return len(found)


def set_issued(plan: Plan, day: date, *, version: int, actor: Any, where: str = "") -> None:
    """Say on which day a plan was issued (印发), from which its relative deadlines run.

    Raises
    ------
    Conflict
        If somebody has changed the plan meanwhile.
    """
    if plan.version != version:
        raise Conflict(
            Text("“{name}”在您打开之后已被他人修改。", name=str(plan)),
            remedy=Text("请刷新页面，核对对方的修改后再保存。"),
        )
    with audit.action("plans.issued_set", actor=actor, where=where, title=plan.title, day=day.isoformat()):
        plan.issued = day
        plan.save()
        duties.renew_plan(plan, actor=actor)
        calendar.renew(plan, actor=actor)


def _unit_records(identifiers: Iterable[str]) -> dict[str, Any]:
    model: Any = TaskUnit._meta.get_field("unit").related_model
    return {str(unit.pk): unit for unit in model.objects.filter(pk__in=set(identifiers))}


def record_published_targets(
    division: str,
    title: str,
    *,
    published_by: str,
    actor: Any,
    year: int | None = None,
    period: tuple[date, date] | None = None,
    file_name: str = "",
    targets: Iterable[Mapping[str, Any]] = (),
    section_targets: Iterable[Mapping[str, Any]] = (),
    source_targets: Iterable[Mapping[str, Any]] = (),
) -> Plan:
    """Record the targets that a real city has published, without tasks.

    Parameters
    ----------
    division
        The division path that they are assessed for.
    title, published_by, file_name
        The document, its publisher and the name by which its lines are cited.
    year, period
        The year, or the first and the last day, that the targets hold for.
    targets, section_targets, source_targets
        As in a plan's JSON, each with ``line`` or ``lines``; values and coordinates as written.

    Returns
    -------
    Plan
        The plan of kind ``published_targets``; recording the same title again changes nothing.
    """
    existing = Plan.objects.filter(
        division=division, title=title, kind="published_targets", active=True
    ).first()
    if existing is not None:
        return existing
    first, last = period or ((date(year, 1, 1), date(year, 12, 31)) if year else (None, None))
    with audit.action("plans.targets_recorded", actor=actor, division=division, title=title):
        plan = Plan(
            division=division,
            title=title,
            kind="published_targets",
            year=year,
            period_from=first,
            period_to=last,
            published_by=published_by,
            file_name=file_name,
        )
        plan.save()
        Target.objects.bulk_create(
            ledger.target_of(plan, position, target, None) for position, target in enumerate(targets, start=1)
        )
        SectionTarget.objects.bulk_create(ledger.section_targets(plan, section_targets))
        SourceTarget.objects.bulk_create(ledger.source_targets(plan, source_targets))
    return plan
