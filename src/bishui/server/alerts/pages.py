"""Pages of alerts: the list, one alert with its evidence, and the notice on it."""

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

from bishui.assessment import AlertKind
from bishui.errors import BishuiError
from bishui.server.alerts import queries, services, shown
from bishui.server.alerts.basis import basis_facts
from bishui.server.alerts.models import Alert
from bishui.server.cases.forms import CaseForm
from bishui.server.core import guard, rights, workflow
from bishui.server.core.middleware import not_found
from bishui.server.network import queries as network
from bishui.server.sites import queries as sites

_PER_PAGE = 30
_ROWS_PER_PAGE = 50


@guard.requires("alerts.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the alerts of the city, the open ones first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    chosen = {name: request.GET.get(name, "").strip() for name in ("kind", "place", "mine")}
    state = request.GET.get("state", "open")
    found = queries.standing_alone(queries.alerts_of(workspace, request.user))
    if state == "open":
        found = found.filter(state__in=queries.open_states())
    elif state in workflow.load_all()[Alert.workflow_name].states:
        found = found.filter(state=state)
    if chosen["kind"] in {kind.value for kind in AlertKind}:
        found = found.filter(kind=chosen["kind"])
    if chosen["place"]:
        found = found.filter(name__icontains=chosen["place"]) | found.filter(
            members__name__icontains=chosen["place"]
        )
    if chosen["mine"]:
        found = queries.subscribed(found, queries.subscriptions_of(workspace, request.user))
    page = Paginator(found.distinct().order_by("-last", "-id"), _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "counts": queries.counts(workspace, request.user),
        "filters": _filters(state, chosen),
        "columns": shown.columns(),
        "rows": [{"cells": shown.cells(alert)} for alert in page],
        "filtered": state != "open" or any(chosen.values()),
    }
    return render(request, "alerts/list.html", context)


def _filters(state: str, chosen: dict[str, str]) -> list[dict[str, Any]]:
    states = workflow.load_all()[Alert.workflow_name].states.values()
    return [
        _select(
            "state",
            _("状态"),
            [("open", _("未办结")), ("all", _("全部")), *((item.id, str(item.label)) for item in states)],
            state,
        ),
        _select(
            "kind",
            _("预警类别"),
            [("", _("全部")), *((kind.value, str(kind.text)) for kind in AlertKind)],
            chosen["kind"],
        ),
        _select("mine", _("订阅"), [("", _("全部")), ("1", _("我订阅的"))], chosen["mine"]),
        {
            "name": "place",
            "label": _("地点"),
            "kind": "search",
            "value": chosen["place"],
            "placeholder": _("点位、水体或区县"),
        },
    ]


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "kind": "select",
        "options": [{"value": key, "label": text, "selected": key == chosen} for key, text in options],
    }


@guard.requires("alerts.view")
@require_GET
def alert(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an alert, what it stands on, what happened and what the user can do now."""
    workspace = request.workspace  # type: ignore[attr-defined]
    record = guard.one(request, Alert, "alerts.view", pk)
    context = {
        "alert": record,
        "facts": [*shown.facts(record), *basis_facts(record, workspace.division)],
        **_evidence(request, record, workspace.division),
        "charts": shown.charts(record, workspace),
        "unsupported": queries.unsupported(record) if record.case_id else None,
        "columns": shown.member_columns(),
        "members": [{"cells": shown.member_cells(member)} for member in record.members.order_by("name")],
        "entries": shown.history(record),
        "transitions": workflow.available(record, request.user),
        "may_open_case": _may_open_case(request, record),
        "may_trace": network.may_trace(record, request.user),
        "traces": network.traces_about(record, request.user),
        "crumbs": [{"label": _("预警"), "url": reverse("alerts:list")}, {"label": str(record.said)}],
    }
    return render(request, "alerts/alert.html", context)


def _evidence(request: HttpRequest, record: Alert, division: str) -> dict[str, Any]:
    """Return the rows that say most, or a page of all of them where these are asked for (``rows=all``)."""
    page = None
    found = shown.telling(record)
    if request.GET.get("rows") == "all":
        page = Paginator(shown.newest_first(record), _ROWS_PER_PAGE).get_page(request.GET.get("page"))
        found = list(page)
    return {
        "row_columns": shown.row_columns(record),
        "rows": shown.rows(record, found, sites.site_names(division)),
        "row_count": len(record.rows),
        "row_page": page,
    }


def _may_open_case(request: HttpRequest, record: Alert) -> bool:
    fitting = record.state == "confirmed" and record.case_id is None
    return fitting and rights.allowed(request.user, "cases.open", record)


@guard.requires("alerts.handle")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Fire one transition with its reason."""
    record = guard.one(request, Alert, "alerts.view", pk)
    found = workflow.of(record).transitions.get(transition)
    if found is None or found.system:
        raise not_found()
    try:
        services.decide(
            record,
            transition,
            request.POST.get("text", ""),
            actor=request.user,
            seen=request.POST.get("seen", ""),
            where=guard.address(request),
        )
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    return redirect("alerts:alert", pk=pk)


@guard.requires("cases.open")
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a confirmed alert a supervision notice."""
    workspace = request.workspace  # type: ignore[attr-defined]
    record = guard.one(request, Alert, "cases.open", pk)
    if request.method == "GET" and not _may_open_case(request, record):
        return redirect("alerts:alert", pk=pk)
    units: Any = record._meta.get_field("case").related_model._meta.get_field("unit").related_model
    form = CaseForm(
        request.POST or None,
        units=units.objects.filter(division__startswith=workspace.acting),
        today=workspace.today,
        initial=_draft(record),
    )
    if request.method == "POST" and form.is_valid():
        opened = services.open_case(
            record,
            form.cleaned_data["title"],
            form.cleaned_data["text"],
            unit=form.cleaned_data["unit"],
            deadline=form.cleaned_data["deadline"],
            actor=request.user,
            where=guard.address(request),
        )
        return redirect("cases:case", pk=opened.pk)
    context = {
        "form": form,
        "about": str(record.said),
        "cancel_url": reverse("alerts:alert", args=[pk]),
        "crumbs": [
            {"label": _("预警"), "url": reverse("alerts:list")},
            {"label": str(record.said), "url": reverse("alerts:alert", args=[pk])},
            {"label": _("转督办")},
        ],
    }
    return render(request, "alerts/case.html", context)


def _draft(record: Alert) -> dict[str, str]:
    """Return what a notice on an alert asks for, to be worked over."""
    asked = _("请查明原因，采取措施，并于期限前反馈核查和整改情况。")
    title = _("关于%(name)s%(kind)s预警的督办") % {
        "name": record.name,
        "kind": AlertKind(record.kind).text,
    }
    return {"title": title, "text": f"{record.said}\n{asked}"}
