"""Pages behind the sign-in: what is released, whom the public may call, what it reported, the sign."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bishui.errors import BishuiError, Forbidden
from bishui.i18n import Bilingual, Text
from bishui.server.core import guard, rights, timeline, workflow
from bishui.server.core.middleware import no_right, not_found
from bishui.server.outfalls import queries_supervision as outfalls
from bishui.server.portal import limits, queries, services
from bishui.server.portal.forms import OfficeForm
from bishui.server.portal.models import LISTS, Complaint, Office, Release

_PER_PAGE = 30


@guard.requires("portal.manage")
@require_http_methods(["GET", "POST"])
def manage(request: HttpRequest) -> HttpResponse:
    """Release the lists one by one, and keep the office's number."""
    division = request.workspace.acting  # type: ignore[attr-defined]
    if not rights.allowed_in(request.user, "portal.manage", division):
        raise Forbidden(Text("您没有管理本市对外公开的权限。"), remedy=Text("请联系本单位的系统管理员。"))
    office = Office.objects.filter(division=division).first()
    known = {"name": office.name, "hotline": office.hotline} if office else None
    form = OfficeForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        services.save_office(division, actor=request.user, where=guard.address(request), **form.cleaned_data)
        messages.success(request, _("已保存。"))
        return redirect("portal:manage")
    said = {one.list: one for one in Release.objects.filter(division=division)}
    context = {
        "form": form,
        "lists": [
            {
                "name": name,
                "label": str(label),
                "on": queries.released(division, name),
                "said": said.get(name),
            }
            for name, label in LISTS.items()
        ],
        "waiting": queries.complaints_of(division).filter(state="received").count(),
        "public_url": reverse("portal:index"),
    }
    return render(request, "portal/manage.html", context)


@guard.requires("portal.manage")
@require_POST
def release(request: HttpRequest, name: str) -> HttpResponse:
    """Release a list, or take it back."""
    division = request.workspace.acting  # type: ignore[attr-defined]
    if not rights.allowed_in(request.user, "portal.manage", division):
        raise no_right()
    if name not in LISTS:
        raise not_found()
    services.set_release(
        division, name, request.POST.get("on") == "1", actor=request.user, where=guard.address(request)
    )
    return redirect("portal:manage")


@guard.requires("outfalls.survey")
@require_GET
def complaints(request: HttpRequest) -> HttpResponse:
    """List what the public reported, what waits first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    seen = rights.visible(request.user, "outfalls.survey", queries.complaints_of(workspace.division))
    state = request.GET.get("state", "received")
    if state in workflow.load_all()[Complaint.workflow_name].states:
        seen = seen.filter(state=state)
    page = Paginator(seen, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "columns": [
            {"label": _("编号")},
            {"label": _("排污口"), "long": True},
            {"label": _("情况")},
            {"label": _("看到的日期")},
            {"label": _("状态")},
        ],
        "rows": [{"cells": _cells(one)} for one in page],
        "filters": [_states(state)],
    }
    return render(request, "portal/complaints.html", context)


def _states(chosen: str) -> dict[str, Any]:
    states = workflow.load_all()[Complaint.workflow_name].states.values()
    words = [*((one.id, str(one.label)) for one in states), ("all", _("全部"))]
    options = [{"value": key, "label": label, "selected": key == chosen} for key, label in words]
    return {"name": "state", "label": _("状态"), "kind": "select", "options": options}


def kind_label(kind: str) -> str:
    """Return the word of what somebody saw."""
    found = next((entry for entry in limits.rules()["complaint"] if entry["id"] == kind), None)
    return str(Bilingual(found["label_zh"], found["label_en"])) if found else kind


def _cells(record: Complaint) -> list[dict[str, Any]]:
    return [
        {"text": record.number, "url": reverse("portal:complaint", args=[record.pk])},
        {"text": record.outfall.name, "note": record.outfall.code},
        {"text": kind_label(record.kind)},
        {"day": record.seen_on},
        {"state": record.step.tone, "label": record.step.label},
    ]


@guard.requires("outfalls.survey")
@require_GET
def complaint(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one report with what can be done with it."""
    record = guard.one(request, Complaint, "outfalls.survey", pk)
    facts = [
        {"label": _("排污口"), "text": record.outfall.name, "note": record.outfall.code},
        {"label": _("情况"), "text": kind_label(record.kind)},
        {"label": _("看到的日期"), "day": record.seen_on},
        {"label": _("收到时间"), "moment": record.received_at},
        {"label": _("联系方式（不公开）"), "text": record.contact or "—"},
    ]
    if record.reopened:
        facts.append({"label": _("后续"), "text": _("排污口已重新进入整治流程")})
    context = {
        "record": record,
        "facts": facts,
        "entries": timeline.entries(record),
        "transitions": workflow.available(record, request.user),
        "crumbs": [
            {"label": _("公众反映"), "url": reverse("portal:complaints")},
            {"label": record.number},
        ],
    }
    return render(request, "portal/complaint.html", context)


@guard.requires("outfalls.survey")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Confirm what was reported, or not."""
    record = guard.one(request, Complaint, "outfalls.survey", pk)
    if transition not in workflow.of(record).transitions:
        raise not_found()
    try:
        services.decide(
            record,
            transition,
            request.POST.get("text", ""),
            actor=request.user,
            where=guard.address(request),
        )
    except BishuiError as error:
        messages.error(request, str(error))
    return redirect("portal:complaint", pk=pk)


@guard.requires("outfalls.view")
@require_GET
def sign(request: HttpRequest, code: str) -> HttpResponse:
    """Show the sign of an outfall (标识牌), to be printed on A4."""
    record = outfalls.by_codes([code]).get(code)
    if record is None or not rights.allowed(request.user, "outfalls.view", record):
        raise not_found()
    path = reverse("portal:outfall", args=[code])
    address = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    context = {
        "told": queries.told([record])[0],
        "office": queries.office_of(record.division),
        "address": address,
        "drawn": _qr_code(address),
        "public": queries.public_outfall(code) is not None,
    }
    return render(request, "portal/sign.html", context)


def _qr_code(address: str) -> SafeString:
    """Return the QR code of an address as SVG that scales with its frame; a quarter of it may be dirty."""
    code = segno.make(address, micro=False, error="q", boost_error=False)
    drawn = code.svg_inline(omitsize=True, svgclass="sign-code", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 -- it holds squares alone, no text
