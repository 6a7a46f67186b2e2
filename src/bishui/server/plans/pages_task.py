"""The page of one task: its source line, units, milestones, evidence and what can be done now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bishui.server.core import guard, rights, workflow
from bishui.server.core.middleware import not_found
from bishui.server.plans import choosing, duties, progress_reports, services, shown, standings
from bishui.server.plans.models import Duty, PlanDocument, Task, TaskUnit, role_labels
from bishui.server.plans.pages_plans import target_wording, units_of
from bishui.server.plans.states import Facts, Share, shares_of, standings_on

_CONTEXT_LINES = 3


@guard.requires("plans.view")
@require_GET
def task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one task."""
    record = guard.one(request, Task, "plans.view", pk)
    day: date = request.workspace.today  # type: ignore[attr-defined]
    facts = standings.facts_of(Task.every.filter(pk=record.pk))[record.pk]
    whole, parts = standings_on(day, facts)
    held = list(record.duties.exclude(state="retired").select_related("unit"))
    may_name = rights.allowed(request.user, "plans.import", record)
    context = {
        "task": record,
        "plan": record.plan,
        "standing": whole,
        "word": choosing.state_word(whole.state),
        "tone": choosing.tone_of(whole.state),
        "roles": _roles(record),
        "may_name": may_name,
        "all_units": _all_units(record) if may_name else [],
        "source": source_context(record),
        "targets": [{"target": item, "wording": target_wording(item)} for item in record.targets.all()],
        "duties": _duties(request, held, parts, facts, day),
        "steps": _steps(record, held, facts, day),
        "entries": shown.reports_of(record, request.user),
        "report_units": report_units(request.user, record),
        "source_url": f"{reverse('plans:plan', args=[record.plan_id])}?view=document#line-{record.line_from}",
        "cases": _cases(request.user, record),
        "may_open_case": rights.allowed_in(request.user, "cases.open", record.division),
        "may_manage": rights.allowed(request.user, "plans.manage", record) and record.plan.active,
        "crumbs": crumbs(record),
    }
    return render(request, "plans/task.html", context)


def crumbs(task: Task, *more: str) -> list[dict[str, Any]]:
    """Return where a page about a task lies; `more` are its own names below the task."""
    own = reverse("plans:task", args=[task.pk])
    return [
        {"label": _("计划与任务"), "url": reverse("plans:list")},
        {"label": task.plan.title, "url": reverse("plans:plan", args=[task.plan_id])},
        {"label": _("任务 %(number)s") % {"number": task.number}, "url": own},
        *({"label": name} for name in more),
    ]


def report_units(user: Any, task: Task) -> list[Duty]:
    """Return the duties that a user may report on, the user's own unit first, then the leads.

    A bureau may report for each unit of the task, a unit's reporter for the own unit alone.
    """
    if not task.plan.active or task.retired_id:
        return []
    found = [
        duty
        for duty in task.duties.exclude(state__in=("retired", "accepted")).select_related("unit")
        if rights.allowed(user, "plans.report", duty)
    ]
    own = units_of(user)
    return sorted(
        found, key=lambda duty: (str(duty.unit_id) not in own, duty.role != "lead", duty.unit.division)
    )


def _duties(
    request: HttpRequest, held: list[Duty], parts: Mapping[str, Any], facts: Facts, day: date
) -> list[dict[str, Any]]:
    """Return each duty with its standing, its milestones and what the user can do with it."""
    order, own = list(role_labels()), units_of(request.user)
    found = []
    for duty in sorted(held, key=lambda item: (order.index(item.role), item.unit.name)):
        standing = parts[str(duty.pk)]
        shares = shares_of(day, facts, progress_reports.owed_of(duty))
        found.append(
            {
                "duty": duty,
                "label": role_labels()[duty.role],
                "standing": standing,
                "word": choosing.state_word(standing.state),
                "tone": choosing.tone_of(standing.state),
                "reached": sum(share.reached == 1 for share in shares),
                "steps": len(shares),
                "may_take": duty.state == "issued"
                and str(duty.unit_id) in own
                and rights.allowed(request.user, "plans.report", duty),
                "accept": _acceptance(request, duty, shares),
                "case_url": _case_url(request, duty, standing),
            }
        )
    return found


def _acceptance(request: HttpRequest, duty: Duty, shares: list[Share]) -> Any:
    """Return the acceptance (验收) of a duty where it is open to the user; asked for only where it can be."""
    reached = bool(shares) and all(share.reached == 1 for share in shares)
    if not reached or duty.state in ("accepted", "retired"):
        return None
    return next((item for item in workflow.available(duty, request.user) if item.id == "accept"), None)


def _case_url(request: HttpRequest, duty: Duty, standing: Any) -> str:
    """Return the way to a prefilled supervision notice (督办单) on a late duty, for who may open one."""
    if standing.state not in ("overdue", "behind"):
        return ""
    if not rights.allowed_in(request.user, "cases.open", duty.division):
        return ""
    return f"{reverse('cases:new')}?task={duty.task_id}&unit={duty.unit_id}"


def _steps(task: Task, held: list[Duty], facts: Facts, day: date) -> list[dict[str, Any]]:
    """Return the milestones with how many of the duties have reached each."""
    bearing = [duty for duty in held if duty.weight > 0]
    shares = {
        duty.pk: {s.step.id: s for s in shares_of(day, facts, progress_reports.owed_of(duty))}
        for duty in bearing
    }
    bare = {share.step.id: share for share in shares_of(day, facts, None)}
    found = []
    for step in task.milestones.select_related("duty__unit", "target"):
        parts = [mine[str(step.pk)] for mine in shares.values() if str(step.pk) in mine]
        parts = parts or [share for key, share in bare.items() if key == str(step.pk)]
        part = sum(share.reached for share in parts) / len(parts) if parts else 0
        done = bool(parts) and all(share.reached == 1 for share in parts)
        late = not done and step.due is not None and step.due < day
        found.append(
            {
                "step": step,
                "percent": 100 if done else min(99, int(part * 100)),
                "reached": sum(share.reached == 1 for share in parts),
                "bearing": len(parts),
                "state": "done" if done else "overdue" if late else "in_progress" if part else "not_started",
                "word": _("已完成")
                if done
                else _("已过期限")
                if late
                else _("部分完成")
                if part
                else _("未完成"),
                "tone": "info" if done else "bad" if late else "good",
                "done_on": max((share.on for share in parts if share.on), default=None) if done else None,
            }
        )
    return found


def _cases(user: Any, task: Task) -> Any:
    """Return the cases about a task that the user may see."""
    from bishui.server.cases import queries as cases  # cases stand on plans, so this cannot be at the top

    return cases.cases_about("task", str(task.pk), user)


def _roles(task: Task) -> list[dict[str, Any]]:
    """Return the units by role; a collective name with the units it stands for."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for row in TaskUnit.objects.filter(task=task).select_related("unit"):
        entry = found.setdefault(row.role, {}).setdefault(
            row.position,
            {"written": row.written, "units": [], "id": row.pk, "etc": row.etc, "by_duty": row.by_duty},
        )
        if row.unit:
            entry["units"].append(row.unit)
    return [
        {
            "label": label,
            "names": list(names.values()),
            "etc": any(name["etc"] for name in names.values()),
            "by_duty": any(name["by_duty"] for name in names.values()),
        }
        for role, label in role_labels().items()
        if (names := found.get(role))
    ]


def _all_units(task: Task) -> QuerySet[Any]:
    model: Any = TaskUnit._meta.get_field("unit").related_model
    root = task.division.split("/")[0]
    found: QuerySet[Any] = model.objects.filter(division__startswith=f"{root}/")
    return found


def source_context(task: Task) -> dict[str, Any] | None:
    """Return the source lines of a task with some neighbours, or None where the document is not kept."""
    document = PlanDocument.objects.filter(plan_id=task.plan_id).first()
    if document is None or task.line_from is None or task.line_to is None:
        return None
    first = max(1, task.line_from - _CONTEXT_LINES)
    last = min(len(document.lines), task.line_to + _CONTEXT_LINES)
    return {
        "file": task.plan.file_name,
        "line": task.line_from,
        "lines": [
            {
                "number": number,
                "cells": [cell for cell in document.lines[number - 1].split("\t") if cell.strip()],
                "own": task.line_from <= number <= task.line_to,
            }
            for number in range(first, last + 1)
        ],
    }


@guard.requires("plans.report")
@require_POST
def take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a duty on (签收)."""
    duty = guard.one(request, Duty, "plans.report", pk)
    duties.take(duty, actor=request.user, where=guard.address(request))
    messages.success(request, _("已签收任务 %(number)s。") % {"number": duty.task.number})
    if request.POST.get("back") == "mine":
        return redirect("plans:mine")
    return redirect("plans:task", pk=duty.task_id)


@guard.requires("plans.review")
@require_POST
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept a duty (验收) whose milestones are all reached."""
    duty = guard.one(request, Duty, "plans.review", pk)
    workflow.fire(duty, "accept", actor=request.user, where=guard.address(request))
    messages.success(request, _("%(unit)s的分工已验收。") % {"unit": duty.unit.name})
    return redirect("plans:task", pk=duty.task_id)


@guard.requires("plans.import")
@require_POST
def set_unit(request: HttpRequest, pk: UUID, role: UUID) -> HttpResponse:
    """Say which unit a written name means."""
    record = guard.one(request, Task, "plans.import", pk)
    row = TaskUnit.objects.filter(task=record, pk=role).first()
    unit = _all_units(record).filter(pk__in=request.POST.getlist("unit") or []) if row else None
    if row is None or not unit:
        raise not_found()
    services.set_unit(
        row,
        list(unit),
        actor=request.user,
        everywhere=request.POST.get("everywhere") == "1",
        where=guard.address(request),
    )
    messages.success(request, _("已指定“%(name)s”所指的单位。") % {"name": row.written})
    return redirect("plans:task", pk=pk)
