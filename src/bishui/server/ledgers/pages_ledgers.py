"""Pages of the standing ledgers: all fields at a glance, one field complete, all as a workbook."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, registers
from bishui.server.core.middleware import not_found
from bishui.server.ledgers import exporting, gather
from bishui.server.ledgers.gather import Overview
from bishui.server.ledgers.models import Filing, Project
from bishui.server.plans import steps
from bishui.server.plans.obligations import FieldTask

_TYPED = ("projects", "scattered_polluters", "manure_use", "medical_sewage", "black_odorous")


@guard.requires("ledgers.view")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show every field's ledger in one line, the typed ledgers and how the filings stand."""
    workspace = request.workspace  # type: ignore[attr-defined]
    filings = Filing.objects.filter(division__startswith=workspace.division)
    context = {
        "columns": [
            {"label": _("领域")},
            {"label": _("任务已验收"), "numeric": True},
            {"label": _("任务进度"), "numeric": True},
            {"label": _("重点项目"), "numeric": True},
            {"label": _("总投资（万元）"), "numeric": True},
            {"label": _("逾期"), "numeric": True},
            {"label": _("缺项"), "numeric": True},
        ],
        "rows": [{"cells": _line(item)} for item in gather.overviews(workspace.division, workspace.today)],
        "typed": [_typed(key, workspace.division) for key in _TYPED],
        "filings": {
            "all": filings.count(),
            "recorded": filings.filter(state="recorded").count(),
            "missing": filings.filter(state="missing").count(),
        },
    }
    return render(request, "ledgers/index.html", context)


def _line(item: Overview) -> list[dict[str, Any]]:
    gaps, percent = item.gaps, item.tasks.percent
    return [
        {"text": str(item.label), "url": reverse("ledgers:field", args=[item.id])},
        {"k": item.tasks.finished, "n": item.tasks.total},
        {"text": "—" if percent is None else f"{percent}%"},
        {"number": len(item.projects)},
        {"text": _money(item.funds or None)},
        {"state": "bad", "label": str(item.late)} if item.late else {"text": "0"},
        {"state": "warn", "label": str(gaps)} if gaps else {"text": "0"},
    ]


def _typed(key: str, division: str) -> dict[str, Any]:
    register = registers.load_all()[key]
    count = register.model._default_manager.filter(division__startswith=division).count()
    return {"title": register.title, "help": register.help, "count": count, "key": key}


@guard.requires("ledgers.view")
@require_GET
def field(request: HttpRequest, field: str) -> HttpResponse:
    """Show one field's ledger: its tasks, its projects and what is missing."""
    workspace = request.workspace  # type: ignore[attr-defined]
    if field not in steps.field_labels():
        raise not_found()
    found = gather.ledger(workspace.division, workspace.today, field)
    names = gather.unit_names(project.unit for project in found.projects)
    context = {
        "ledger": found,
        "crumbs": [
            {"label": _("重点工作台账"), "url": reverse("ledgers:index")},
            {"label": str(found.label)},
        ],
        "task_columns": [
            {"label": _("任务"), "long": True},
            {"label": _("牵头单位")},
            {"label": _("责任单位")},
            {"label": _("完成时限")},
            {"label": _("状态")},
            {"label": _("佐证"), "numeric": True},
        ],
        "task_rows": [{"cells": _task_cells(item)} for item in found.tasks],
        "project_columns": [
            {"label": _("项目"), "long": True},
            {"label": _("责任单位")},
            {"label": _("阶段")},
            {"label": _("总投资（万元）"), "numeric": True},
            {"label": _("到位资金（万元）"), "numeric": True},
            {"label": _("计划完成")},
        ],
        "project_rows": [
            {"cells": _project_cells(project, names, workspace.today)} for project in found.projects
        ],
        "gaps": [{"what": gap.what, "text": gap.text, "url": _gap_url(gap)} for gap in found.gaps()],
    }
    return render(request, "ledgers/field.html", context)


def _gap_url(gap: gather.Gap) -> str:
    return reverse(gap.url_name, args=[gap.pk])


def _money(amount: Decimal | None) -> str:
    return "—" if amount is None else f"{amount:,.2f}"


def _task_cells(item: FieldTask) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{item.task.number} {item.task.theme}".strip(),
            "url": reverse("plans:task", args=[item.task.pk]),
            "note": item.task.content[:60],
        },
        {"text": item.units.get("lead", "") or "—"},
        {"text": item.units.get("responsible", "") or "—"},
        {"text": item.task.deadline or "—"},
        {"state": item.standing.state, "note": f"{item.standing.percent}%"},
        {"number": item.evidence},
    ]


def _project_cells(project: Project, names: dict[str, str], day: Any) -> list[dict[str, Any]]:
    register = registers.load_all()["projects"]
    stage = register.field("stage")
    late = project.is_late(day)
    return [
        {"text": project.name, "url": reverse("core:register_edit", args=["projects", project.pk])},
        {"text": names.get(project.unit, project.unit) or "—"},
        {"text": stage.choice_label(project.stage)},
        {"text": _money(project.funds)},
        {"text": _money(project.funds_placed)},
        {"day": project.end, "note": _("已逾期") if late else ""},
    ]


@guard.requires("ledgers.view")
@require_GET
def project(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lead to a project's record in the register."""
    record = guard.one(request, Project, "ledgers.view", pk)
    return redirect("core:register_edit", "projects", record.pk)


@guard.requires("ledgers.view")
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Give the ledgers, or that of one field, as a workbook."""
    workspace = request.workspace  # type: ignore[attr-defined]
    wanted = request.GET.get("field", "")
    found = gather.ledgers(workspace.division, workspace.today)
    chosen = [item for item in found if item.id == wanted] or found
    response = HttpResponse(
        exporting.workbook(chosen, workspace.name),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = 'attachment; filename="standing-ledgers.xlsx"'
    return response
