"""Pages of cases: the list, a new one, one case with what can be done now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bishui.errors import BishuiError, Forbidden
from bishui.i18n import Text
from bishui.server.cases import queries, services
from bishui.server.cases.forms import CaseForm
from bishui.server.cases.models import Case
from bishui.server.core import clock, files, guard, rights, timeline, workflow
from bishui.server.core.advancing import advance
from bishui.server.core.evidence import endings
from bishui.server.core.middleware import not_found
from bishui.server.core.templatetags.words import ACTORS
from bishui.server.plans import queries as plans
from bishui.server.sites import queries as sites

_PER_PAGE = 30


@guard.requires("cases.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the cases of the city, the open ones first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    chosen = request.GET.get("state", "open")
    states = workflow.load_all()[Case.workflow_name].states
    found = queries.cases_of(workspace, request.user).select_related("unit")
    if chosen == "open":
        found = found.filter(state__in=queries.open_states()).order_by("deadline", "opened_at")
    elif chosen in states:
        found = found.filter(state=chosen)
    text = request.GET.get("q", "").strip()
    if text:
        found = found.filter(title__icontains=text) | found.filter(text__icontains=text)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "counts": queries.counts(workspace, request.user),
        "filters": _filters(chosen, text),
        "columns": [
            {"label": _("标题")},
            {"label": _("状态")},
            {"label": _("责任单位")},
            {"label": _("办理期限")},
            {"label": _("对象")},
        ],
        "rows": [{"cells": _cells(case, workspace.today)} for case in page],
        "may_open": rights.allowed_in(request.user, "cases.open", workspace.acting),
        "filtered": chosen != "open" or bool(text),
    }
    return render(request, "cases/list.html", context)


def _filters(chosen: str, text: str) -> list[dict[str, Any]]:
    states = workflow.load_all()[Case.workflow_name].states.values()
    options = [("open", _("未办结")), ("all", _("全部")), *((state.id, str(state.label)) for state in states)]
    return [
        {
            "name": "state",
            "label": _("状态"),
            "kind": "select",
            "options": [{"value": key, "label": label, "selected": key == chosen} for key, label in options],
        },
        {"name": "q", "label": _("文字"), "kind": "search", "value": text, "placeholder": _("标题或内容")},
    ]


def _cells(case: Case, today: Any) -> list[dict[str, Any]]:
    return [
        {"text": case.title, "url": reverse("cases:case", args=[case.pk])},
        {"state": case.tone, "label": case.step.label},
        {"text": case.unit.name},
        {"day": case.deadline, "note": _lateness(case, today)},
        {"text": case.object_label or "—"},
    ]


def _lateness(case: Case, today: Any) -> str:
    late = (today - case.deadline).days
    if case.state not in ("issued", "returned") or late <= 0:
        return ""
    return _("逾期 %(days)s 天") % {"days": late}


def _about(request: HttpRequest) -> tuple[str, str, str]:
    """Return what the new case is about: type, identifier, name."""
    workspace = request.workspace  # type: ignore[attr-defined]
    if key := request.GET.get("task"):
        brief = plans.task_brief(workspace, key, request.user)
        if brief is None:
            raise not_found()
        return "task", key, _("任务 %(number)s %(title)s") % {"number": brief.number, "title": brief.title}
    if key := request.GET.get("site"):
        name = sites.site_names(workspace.division).get(key)
        if name is None:
            raise not_found()
        return "site", key, name
    return "", "", ""


def _overdue_text(request: HttpRequest) -> str:
    """Return what a notice on a late task asks for, to be worked over."""
    workspace = request.workspace  # type: ignore[attr-defined]
    key = request.GET.get("task", "")
    brief = plans.task_brief(workspace, key, request.user) if key else None
    if brief is None or brief.state not in ("overdue", "behind"):
        return ""
    return _(
        "任务 %(number)s“%(title)s”（时限：%(deadline)s）完成 %(percent)s%%，请说明原因、补办措施和完成日期。"
    ) % {
        "number": brief.number,
        "title": brief.title,
        "deadline": brief.deadline,
        "percent": brief.percent,
    }


@guard.requires("cases.open")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a case, about a task, a site or nothing in particular."""
    workspace = request.workspace  # type: ignore[attr-defined]
    if not rights.allowed_in(request.user, "cases.open", workspace.acting):
        raise Forbidden(Text("您没有在本市发起督办的权限。"), remedy=Text("请联系本单位的系统管理员。"))
    about = _about(request)
    units: Any = Case._meta.get_field("unit").related_model
    form = CaseForm(
        request.POST or None,
        units=units.objects.filter(division__startswith=workspace.acting),
        today=workspace.today,
        initial={
            "title": _("关于“%(object)s”的督办") % {"object": about[2]} if about[2] else "",
            "unit": request.GET.get("unit", ""),
            "text": _overdue_text(request),
        },
    )
    if request.method == "POST" and form.is_valid():
        case = services.open_case(
            form.cleaned_data["title"],
            form.cleaned_data["text"],
            division=workspace.acting,
            unit=form.cleaned_data["unit"],
            deadline=form.cleaned_data["deadline"],
            actor=request.user,
            at=clock.now(),
            about=about,
            where=guard.address(request),
        )
        return redirect("cases:case", pk=case.pk)
    context = {
        "form": form,
        "about": about[2],
        "cancel_url": reverse("cases:list"),
        "crumbs": [{"label": _("督办"), "url": reverse("cases:list")}, {"label": _("发起督办")}],
    }
    return render(request, "cases/new.html", context)


@guard.requires("cases.view")
@require_GET
def case(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a case, what happened and what the user can do now."""
    record = _one(request, pk)
    workspace = request.workspace  # type: ignore[attr-defined]
    context = {
        "case": record,
        "facts": _facts(request, record, workspace.today),
        "entries": _entries(record),
        "transitions": workflow.available(record, request.user),
        "steps": _steps(record),
        "accept": ",".join(endings()),
        "crumbs": [{"label": _("督办"), "url": reverse("cases:list")}, {"label": record.title}],
    }
    return render(request, "cases/case.html", context)


def _one(request: HttpRequest, pk: UUID) -> Case:
    """Return a case that the user may see; another unit's, or a draft, is not found."""
    record = queries.seen_by(request.user, Case.objects.filter(pk=pk)).first()
    if record is None:
        raise not_found()
    return record


def _facts(request: HttpRequest, record: Case, today: Any) -> list[dict[str, Any]]:
    routes = {
        "task": "plans:task",
        "site": "sites:site",
        "alert": "alerts:alert",
        "outfall": "outfalls:outfall",
    }
    if rights.allowed(request.user, "traces.view", record):
        routes["trace"] = "network:trace"
    url = reverse(routes[record.object_type], args=[record.object_id]) if record.object_type in routes else ""
    return [
        {"label": _("状态"), "text": record.step.label},
        {"label": _("责任单位"), "text": record.unit.name},
        {"label": _("办理期限"), "day": record.deadline, "note": _lateness(record, today)},
        {"label": _("对象"), "text": record.object_label or "—", "url": url},
        {"label": _("发起人"), "text": _opener(record)},
        {"label": _("发起时间"), "moment": record.opened_at},
    ]


def _steps(record: Case) -> list[dict[str, Any]]:
    """Return the states on the straight way, with the present one marked."""
    states = workflow.of(record).states
    way = ["drafted", "issued", "answered", "accepted"]
    at = record.state if record.state in way else {"returned": "issued"}.get(record.state, "")
    reached = way.index(at) if at else -1
    return [
        {"label": states[step].label, "reached": index <= reached, "now": index == reached}
        for index, step in enumerate(way)
    ]


def _entries(record: Case) -> list[dict[str, Any]]:
    found = timeline.entries(record, file_url=lambda key: reverse("cases:evidence", args=[record.pk, key]))
    return [
        *found,
        {"when": record.opened_at, "who": _opener(record), "what": _("发起督办"), "tone": "info"},
    ]


def _opener(record: Case) -> str:
    """Return who opened a case, by name."""
    if record.opened_by is None:
        return _("系统")
    return str(ACTORS.get(record.opened_by.get_username(), record.opened_by))


@guard.requires("cases.view")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Fire one transition with its evidence."""
    record = _one(request, pk)
    found = workflow.of(record).transitions.get(transition)
    if found is None or found.system:
        raise not_found()
    try:
        advance(
            record,
            transition,
            actor=request.user,
            texts={
                part.key: request.POST.get(part.key, "") for part in found.evidence if part.kind == "text"
            },
            uploads=_uploads(request, [part.key for part in found.evidence if part.kind == "file"]),
            where=guard.address(request),
        )
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        return _again(request, record, error)
    return redirect("cases:case", pk=pk)


def _uploads(request: HttpRequest, keys: list[str]) -> dict[str, tuple[Any, str]]:
    given: dict[str, Any] = {key: request.FILES[key] for key in keys if key in request.FILES}
    return {key: (upload.file, upload.name) for key, upload in given.items()}


def _again(request: HttpRequest, record: Case, error: BishuiError) -> HttpResponse:
    messages.error(request, str(error))
    return redirect("cases:case", pk=record.pk)


@guard.requires("cases.view")
@require_GET
def evidence(request: HttpRequest, pk: UUID, file: UUID) -> HttpResponse:
    """Give a file that was handed in with a transition of this case, as an attachment."""
    record = _one(request, pk)
    return files.download(timeline.evidence(record, str(file)))  # type: ignore[return-value]
