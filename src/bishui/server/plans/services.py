"""Writes of this app: progress reports, units of a task, published targets of a real city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.core import audit
from bishui.server.plans import directory, evidence, ledger
from bishui.server.plans.models import (
    Plan,
    Progress,
    SectionTarget,
    SourceTarget,
    Target,
    Task,
    TaskUnit,
    report_labels,
)
from bishui.server.plans.unit_names import resolve_plan

_TEXT_LIMIT = 2000


def report_progress(
    task: Task,
    unit: Any,
    percent: int,
    text: str,
    *,
    actor: Any,
    at: datetime,
    state: str = "normal",
    evidence_file: tuple[BinaryIO, str] | None = None,
    seen: int | None = None,
    where: str = "",
) -> Progress:
    """Add a progress report of a unit on a task.

    Parameters
    ----------
    task, unit
        The task and the `accounts.Unit` that reports.
    percent
        0–100; 100 means done.
    at
        The time that it speaks of.
    state
        ``normal``, ``difficult`` or ``done``.
    evidence_file
        The open file handed in and its name.
    seen
        How many reports of the unit the writer had before the eyes; None = does not matter.

    Raises
    ------
    DataError
        If the percentage, the text or the file cannot be taken.
    Conflict
        If a colleague reported in between, the unit has reported it as done, or the plan counts no more.
    """
    state = _checked(percent, text, state)
    with audit.action(
        "plans.progress_reported",
        actor=actor,
        where=where,
        division=task.division,
        unit=str(unit),
        task=str(task),
        percent=percent,
    ):
        last = Progress.objects.filter(task=task, unit=unit).order_by("-number").first()
        _check_order(task, last, seen)
        kept = evidence.keep(*evidence_file, division=task.division) if evidence_file else None
        report = Progress(
            division=task.division,
            task=task,
            unit=unit,
            number=(last.number if last else 0) + 1,
            at=at,
            percent=percent,
            text=text.strip(),
            state=state,
            evidence=kept,
            by=str(actor),
        )
        try:
            with transaction.atomic():
                report.save()
        except IntegrityError:
            raise _reported_meanwhile(str(unit)) from None
    return report


def _checked(percent: int, text: str, state: str) -> str:
    if not 0 <= percent <= 100:
        raise DataError(
            Text("完成比例应在 0 与 100 之间，不能是 {percent}。", percent=percent),
            remedy=Text("请填写 0 至 100 的整数。"),
            where=Where(field="percent"),
        )
    if not text.strip() or len(text) > _TEXT_LIMIT:
        raise DataError(
            Text("进展说明不能为空，且不超过 {limit} 个字。", limit=_TEXT_LIMIT),
            remedy=Text("请写明已做了什么、下一步做什么。"),
            where=Where(field="text"),
        )
    if state not in report_labels() or (state == "done" and percent < 100):
        raise DataError(
            Text("填报“已完成”时完成比例应为 100，不能是 {percent}。", percent=percent),
            remedy=Text("请改正完成比例或状态。"),
            where=Where(field="state"),
        )
    return "done" if percent == 100 else state


def _check_order(task: Task, last: Progress | None, seen: int | None) -> None:
    if not task.plan.active:
        raise Conflict(
            Text("计划“{title}”已撤回，不能再填报。", title=task.plan.title),
            remedy=Text("请在现行计划的任务中填报。"),
        )
    if seen is not None and seen != (last.number if last else 0):
        raise _reported_meanwhile(str(last.unit) if last else "")
    if last is not None and last.percent == 100:
        raise Conflict(
            Text("{unit}已填报本任务完成，不能再改。", unit=str(last.unit)),
            remedy=Text("如有误报，请由市生态环境部门发起督办说明情况。"),
        )


def _reported_meanwhile(unit: str) -> Conflict:
    return Conflict(
        Text("在您填写期间，{unit}已有同事提交了新的进展。", unit=unit),
        remedy=Text("请查看新提交的进展，确认后再填报；您刚才填写的内容未保存。"),
    )


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
    return len(found)


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
