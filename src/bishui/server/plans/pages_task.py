"""The page of one task: its source line, units, targets and progress; reporting and evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bishui.errors import BishuiError
from bishui.server.core import files, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.plans import choosing, queries, services
from bishui.server.plans.forms import ProgressForm
from bishui.server.plans.models import PlanDocument, Progress, Task, TaskUnit, report_labels, role_labels
from bishui.server.plans.pages_plans import target_wording, units_of

_CONTEXT_LINES = 3


@guard.requires("plans.view")
@require_GET
def task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one task."""
    record = _one(request, "plans.view", pk)
    units = reportable_units(request.user, record)
    return _page(request, record, _form(units, record) if units.exists() else None)


def _one(request: HttpRequest, action: str, pk: UUID) -> Task:
    return guard.one(request, Task, action, pk)


def reportable_units(user: Any, task: Task) -> QuerySet[Any]:
    """Return the units for which a user may report on a task, the user's own first, then the leads.

    A bureau may report for each unit of the task, a unit's reporter for the own unit alone.
    """
    model: Any = TaskUnit._meta.get_field("unit").related_model
    named = set(task.responsible_units())
    if not task.plan.active or not rights.allowed(user, "plans.report", task):
        return model.objects.none()  # type: ignore[no-any-return]
    if not rights.allowed_in(user, "plans.report", task.division):
        named &= set(units_of(user))
    own = units_of(user)
    leads = [row.unit_id for row in task.unit_roles.all() if row.role == "lead" and row.unit_id]
    nearness = Case(When(pk__in=own, then=0), When(pk__in=leads, then=1), default=2)
    found: QuerySet[Any] = model.objects.filter(pk__in=named).order_by(nearness, "division", "code")
    return found


def _form(units: QuerySet[Any], task: Task, data: Any = None, uploads: Any = None) -> ProgressForm:
    percent = max((report.percent for report in task.progress.all()), default=0)
    form = ProgressForm(data, uploads, units=units, percent=min(percent, 99))
    form.fields["seen"].initial = ",".join(f"{unit}:{number}" for unit, number in _numbers(task).items())
    return form


def _numbers(task: Task) -> dict[str, int]:
    """Return how many reports each unit has made on the task."""
    counts: dict[str, int] = {}
    for report in task.progress.all():
        counts[str(report.unit_id)] = max(counts.get(str(report.unit_id), 0), report.number)
    return counts


def _page(request: HttpRequest, task: Task, form: ProgressForm | None, status: int = 200) -> HttpResponse:
    workspace = request.workspace  # type: ignore[attr-defined]
    standing = queries.standings(Task.objects.filter(pk=task.pk), workspace.today)[task.pk]
    reports = list(task.progress.select_related("unit", "evidence").order_by("-at", "-id"))
    may_name = rights.allowed(request.user, "plans.import", task)
    context = {
        "task": task,
        "plan": task.plan,
        "standing": standing,
        "word": choosing.state_word(standing.state),
        "tone": choosing.tone_of(standing.state),
        "roles": _roles(task),
        "may_name": may_name,
        "all_units": _all_units(task) if may_name else [],
        "source": source_context(task),
        "targets": [{"target": item, "wording": target_wording(item)} for item in task.targets.all()],
        "entries": [_entry(task, report) for report in reports],
        "form": form,
        "source_url": f"{reverse('plans:plan', args=[task.plan_id])}?view=document#line-{task.line_from}",
        "cases": _cases(request.user, task),
        "may_open_case": rights.allowed_in(request.user, "cases.open", task.division),
        "crumbs": [
            {"label": _("计划与任务"), "url": reverse("plans:list")},
            {"label": task.plan.title, "url": reverse("plans:plan", args=[task.plan_id])},
            {"label": _("任务 %(number)s") % {"number": task.number}},
        ],
    }
    return render(request, "plans/task.html", context, status=status)


def _cases(user: Any, task: Task) -> Any:
    """Return the cases about a task that the user may see."""
    from bishui.server.cases import queries as cases  # cases stand on plans, so this cannot be at the top

    return cases.cases_about("task", str(task.pk), user)


def _roles(task: Task) -> list[dict[str, Any]]:
    """Return the units by role; a collective name with the units it stands for."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for row in task.unit_roles.select_related("unit").all():
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


def _entry(task: Task, report: Progress) -> dict[str, Any]:
    kept = report.evidence
    return {
        "report": report,
        "label": report_labels()[report.state],
        "tone": {"done": "good", "difficult": "warn"}.get(report.state, "info"),
        "file": {"name": kept.name, "url": reverse("plans:evidence", args=[task.pk, report.pk])}
        if kept
        else None,
    }


@guard.requires("plans.report")
@require_POST
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a progress report."""
    record = _one(request, "plans.report", pk)
    units = reportable_units(request.user, record)
    form = _form(units, record, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, record, form, status=422)
    workspace = request.workspace  # type: ignore[attr-defined]
    data = form.cleaned_data
    upload = data["evidence"]
    try:
        services.report_progress(
            record,
            data["unit"],
            data["percent"],
            data["text"],
            actor=request.user,
            at=datetime.combine(workspace.today, datetime.now().time().replace(microsecond=0)),
            state=data["state"],
            evidence_file=(upload.file, upload.name) if upload else None,
            seen=_seen(data["seen"], str(data["unit"].pk)),
            where=guard.address(request),
        )
    except BishuiError as error:
        field = error.where.field if error.where.field in form.fields else None
        form.add_error("evidence" if error.where.file else field, str(error))
        return _page(request, record, form, status=error.http_status)
    messages.success(request, _("进展已提交。"))
    return redirect("plans:task", pk=pk)


def _seen(given: str, unit: str) -> int:
    """Return how many reports of the unit the writer had seen."""
    pairs = (part.partition(":") for part in given.split(",") if part)
    return next((int(number) for name, _colon, number in pairs if name == unit and number.isdecimal()), 0)


@guard.requires("plans.import")
@require_POST
def set_unit(request: HttpRequest, pk: UUID, role: UUID) -> HttpResponse:
    """Say which unit a written name means."""
    record = _one(request, "plans.import", pk)
    row = record.unit_roles.filter(pk=role).first()
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


@guard.requires("plans.view")
@require_GET
def evidence(request: HttpRequest, pk: UUID, progress: UUID) -> HttpResponse:
    """Give a file that was handed in with a report on this task, as an attachment."""
    record = _one(request, "plans.view", pk)
    found = record.progress.select_related("evidence").filter(pk=progress).first()
    if found is None or found.evidence is None:
        raise not_found()
    return files.download(found.evidence)  # type: ignore[return-value]
