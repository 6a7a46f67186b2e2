"""Pages of applications: the list, a new one, one with what it waits for and what can be done now."""

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

from bishui.errors import BishuiError
from bishui.server.accounts import queries as accounts
from bishui.server.approvals import services, shown
from bishui.server.approvals.forms import ApplicationForm, AreaForm, ConsultForm
from bishui.server.approvals.models import Application
from bishui.server.core import files, guard, rights, timeline, workflow
from bishui.server.core.evidence import endings
from bishui.server.core.middleware import no_right, not_found

_PER_PAGE = 30
_OPEN = ("received", "returned", "accepted")


@guard.requires("approvals.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the applications of the city, those that wait first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    seen = rights.visible(request.user, "approvals.view", Application.objects.all())
    found = seen.filter(division__startswith=workspace.division)
    state, wanted = request.GET.get("state", "open"), request.GET.get("q", "").strip()
    if state == "open":
        found = found.filter(state__in=_OPEN).order_by("due", "code")
    elif state in workflow.load_all()[Application.workflow_name].states:
        found = found.filter(state=state)
    if wanted:
        found = found.filter(name__icontains=wanted) | found.filter(applicant__icontains=wanted)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "columns": shown.columns(),
        "rows": [{"cells": shown.cells(one, workspace.today)} for one in page],
        "filters": _filters(state, wanted),
        "may_apply": rights.allowed_in(request.user, "approvals.apply", workspace.acting),
        "filtered": state != "open" or bool(wanted),
    }
    return render(request, "approvals/list.html", context)


def _filters(chosen: str, wanted: str) -> list[dict[str, Any]]:
    states = workflow.load_all()[Application.workflow_name].states.values()
    options = [("open", _("未办结")), ("all", _("全部")), *((one.id, str(one.label)) for one in states)]
    return [
        {
            "name": "state",
            "label": _("状态"),
            "kind": "select",
            "options": [{"value": key, "label": label, "selected": key == chosen} for key, label in options],
        },
        {"name": "q", "label": _("名称或申请人"), "kind": "search", "value": wanted},
    ]


@guard.requires("approvals.apply")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Receive an application."""
    workspace = request.workspace  # type: ignore[attr-defined]
    below = accounts.shown_below(workspace.division)
    mine = [one for one in below if rights.allowed_in(request.user, "approvals.apply", one[0])]
    places = mine or [(workspace.acting, workspace.name)]
    form = ApplicationForm(request.POST or None, request.FILES or None, divisions=places)
    if request.method == "POST" and form.is_valid():
        given = {key: value for key, value in form.cleaned_data.items() if value not in (None, "")}
        upload = given.pop("file", None)
        try:
            record = services.receive(
                given.pop("name"),
                actor=request.user,
                where=guard.address(request),
                upload=(upload.file, upload.name) if upload else None,
                **given,
            )
            return redirect("approvals:application", pk=record.pk)
        except BishuiError as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "cancel_url": reverse("approvals:list"),
        "crumbs": [_home(), {"label": _("登记申请")}],
    }
    return render(request, "approvals/new.html", context)


def _home() -> dict[str, Any]:
    return {"label": _("设置审批"), "url": reverse("approvals:list")}


@guard.requires("approvals.view")
@require_GET
def application(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an application: place, special areas, room left, consultation, decision."""
    record = guard.one(request, Application, "approvals.view", pk)
    return render(request, "approvals/application.html", _context(request, record))


def _context(request: HttpRequest, record: Application) -> dict[str, Any]:
    works = record.state in _OPEN and rights.allowed(request.user, "approvals.apply", record)
    consult = {
        field: getattr(record, field) or ""
        for field in (
            "affects_water_works",
            "consulted",
            "consulted_on",
            "opinion",
            "opinion_on",
            "opinion_text",
        )
    }
    file_url = lambda key: reverse("approvals:evidence", args=[record.pk, key])  # noqa: E731
    return {
        "application": record,
        "facts": shown.facts(record, request.workspace.today, personal=works),  # type: ignore[attr-defined]
        "decision": shown.decision(record),
        "proposal": services.proposal(record),
        "room_rows": shown.room_rows(record),
        "room_columns": shown.room_columns(),
        "waits": record.waits_for() if record.state in _OPEN else [],
        "entries": timeline.entries(record, file_url=file_url),
        "transitions": workflow.available(record, request.user),
        "others": workflow.for_others(record, request.user),
        "accept": ",".join(endings()),
        "area_form": AreaForm() if works and record.areas else None,
        "consult_form": ConsultForm(initial=consult) if works else None,
        "may_extend": works and record.state == "accepted" and not record.extended_why,
        "crumbs": [_home(), {"label": record.name}],
    }


def _worked_on(request: HttpRequest, pk: UUID) -> Application:
    record = guard.one(request, Application, "approvals.view", pk)
    guard.check(request, "approvals.apply", record)
    return record


def _do(request: HttpRequest, record: Application, deed: Any) -> HttpResponse:
    try:
        deed()
    except BishuiError as error:
        if error.http_status == 404:
            raise
        messages.error(request, str(error))
    return redirect("approvals:application", pk=record.pk)


@guard.requires("approvals.apply")
@require_POST
def judge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Judge whether the special areas forbid the outfall."""
    record = _worked_on(request, pk)
    post = request.POST
    return _do(
        request,
        record,
        lambda: services.judge_areas(
            record,
            post.get("area-verdict", ""),
            post.get("area-reason", ""),
            actor=request.user,
            where=guard.address(request),
        ),
    )


@guard.requires("approvals.apply")
@require_POST
def consult(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record the consultation of the water authority."""
    record = _worked_on(request, pk)
    form = ConsultForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请说明是否可能影响行洪、供水等，日期按年-月-日填写。"))
        return redirect("approvals:application", pk=pk)
    return _do(
        request,
        record,
        lambda: services.consult(record, form.cleaned_data, actor=request.user, where=guard.address(request)),
    )


@guard.requires("approvals.apply")
@require_POST
def extend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put the decision off once."""
    record = _worked_on(request, pk)
    why = request.POST.get("why", "")
    return _do(
        request,
        record,
        lambda: services.extend(record, why, actor=request.user, where=guard.address(request)),
    )


@guard.requires("approvals.view")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Take an application one step on."""
    record = guard.one(request, Application, "approvals.view", pk)
    found = workflow.of(record).transitions.get(transition)
    if found is None:
        raise not_found()
    if not rights.allowed(request.user, found.right, record):
        raise no_right()
    texts = {part.key: request.POST.get(part.key, "") for part in found.evidence if part.kind == "text"}
    given: dict[str, Any] = {
        part.key: request.FILES[part.key] for part in found.evidence if part.key in request.FILES
    }
    uploads = {key: (upload.file, upload.name) for key, upload in given.items()}
    return _do(
        request,
        record,
        lambda: services.move(
            record,
            transition,
            actor=request.user,
            texts=texts,
            uploads=uploads,
            where=guard.address(request),
        ),
    )


@guard.requires("approvals.view")
@require_GET
def evidence(request: HttpRequest, pk: UUID, file: UUID) -> HttpResponse:
    """Give a file of an application to those who work on it."""
    record = _worked_on(request, pk)
    if record.file is not None and str(record.file_id) == str(file):
        return files.download(record.file)  # type: ignore[return-value]
    return files.download(timeline.evidence(record, str(file)))  # type: ignore[return-value]
