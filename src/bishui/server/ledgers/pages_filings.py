"""Pages of filings: who has filed the own plan, by when, and one filing with what can be done now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bishui.errors import BishuiError
from bishui.server.core import evidence, files, guard, rights, timeline, workflow
from bishui.server.core.middleware import not_found
from bishui.server.ledgers import filings
from bishui.server.ledgers.models import Filing
from bishui.standards import workdays_between

_PER_PAGE = 50


@guard.requires("plans.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the filings of the city that the user may see, the next due first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    found = rights.visible(
        request.user, "plans.view", Filing.objects.filter(division__startswith=workspace.division)
    ).select_related("plan", "unit")
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "columns": [
            {"label": _("单位")},
            {"label": _("上级计划"), "long": True},
            {"label": _("状态")},
            {"label": _("备案期限")},
            {"label": _("工作日")},
            {"label": _("提交日期")},
        ],
        "rows": [{"cells": _cells(filing, workspace.today)} for filing in page],
        "crumbs": [
            {"label": _("重点工作台账"), "url": reverse("ledgers:index")},
            {"label": _("计划备案")},
        ],
    }
    return render(request, "ledgers/filings.html", context)


def _cells(filing: Filing, day: Any) -> list[dict[str, Any]]:
    return [
        {"text": filing.unit.name, "url": reverse("ledgers:filing", args=[filing.pk])},
        {"text": filing.plan.title},
        {"state": filing.step.tone, "label": str(filing.step.label)},
        {"day": filing.due},
        {"text": _clock(filing, day)},
        {"day": filing.filed_on},
    ]


def _clock(filing: Filing, day: Any) -> str:
    """Return the working-day clock in words: how many are used of how many."""
    end = filing.filed_on or day
    used = workdays_between(filing.began, end).count if end > filing.began else 0
    return _("已用 %(used)s / %(all)s 个工作日") % {"used": used, "all": filing.workdays}


@guard.requires("plans.view")
@require_GET
def filing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a filing, its clock, what happened and what the user can do now."""
    record = guard.one(request, Filing, "plans.view", pk)
    workspace = request.workspace  # type: ignore[attr-defined]
    context = {
        "filing": record,
        "facts": _facts(record, workspace.today),
        "entries": timeline.entries(record),
        "transitions": workflow.available(record, request.user),
        "accept": ",".join(evidence.endings()),
        "crumbs": [
            {"label": _("计划备案"), "url": reverse("ledgers:filings")},
            {"label": record.unit.name},
        ],
    }
    return render(request, "ledgers/filing.html", context)


def _facts(record: Filing, day: Any) -> list[dict[str, Any]]:
    unsure = "" if record.calendar_sure else _("该期间的放假安排尚未公布，只扣除了周末")
    facts: list[dict[str, Any]] = [
        {"label": _("单位"), "text": record.unit.name},
        {
            "label": _("上级计划"),
            "text": record.plan.title,
            "url": reverse("plans:plan", args=[record.plan_id]),
        },
        {"label": _("印发日期"), "day": record.began},
        {"label": _("备案期限"), "day": record.due, "note": unsure},
        {"label": _("时钟"), "text": _clock(record, day)},
        {"label": _("提交日期"), "day": record.filed_on},
    ]
    if record.file is not None:
        url = reverse("ledgers:file", args=[record.pk])
        facts.append({"label": _("计划文件"), "text": record.file.name, "url": url})
    return facts


@guard.requires("plans.view")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Fire one transition with its evidence."""
    record = guard.one(request, Filing, "plans.view", pk)
    found = workflow.of(record).transitions.get(transition)
    if found is None or found.system:
        raise not_found()
    given: Any = request.FILES.get("file")
    try:
        filings.advance(
            record,
            transition,
            actor=request.user,
            day=request.workspace.today,  # type: ignore[attr-defined]
            text=request.POST.get("text", ""),
            upload=(given.file, given.name) if given else None,
            where=guard.address(request),
        )
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    return redirect("ledgers:filing", pk=pk)


@guard.requires("plans.view")
@require_GET
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the plan that was filed, as an attachment."""
    record = guard.one(request, Filing, "plans.view", pk)
    if record.file is None:
        raise not_found()
    return files.download(record.file)  # type: ignore[return-value]
