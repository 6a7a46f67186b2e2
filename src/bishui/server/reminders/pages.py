"""Pages of reminders: what the user's units were told, and how the deliveries went."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bishui.server.core import guard, rights
from bishui.server.reminders import delivery
from bishui.server.reminders.models import Delivery, Message

_PER_PAGE = 30


@guard.requires("reminders.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the reminders of the units that the user may see, the newest first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    found = rights.visible(
        request.user, "reminders.view", Message.objects.filter(division__startswith=workspace.division)
    ).select_related("unit")
    about, text = request.GET.get("about", ""), request.GET.get("q", "").strip()
    if about in _abouts():
        found = found.filter(about=about)
    if text:
        found = found.filter(Q(subject__icontains=text) | Q(unit__name__icontains=text))
    found = found.annotate(
        addresses=Count("deliveries"), arrived=Count("deliveries", filter=Q(deliveries__state="sent"))
    ).order_by("-on", "-id")
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filters": _filters(about, text),
        "columns": [
            {"label": _("提醒"), "long": True},
            {"label": _("性质")},
            {"label": _("单位")},
            {"label": _("日期")},
            {"label": _("投递")},
        ],
        "rows": [{"cells": _cells(message)} for message in page],
        "sees_deliveries": rights.holds(request.user, "contacts.view"),
        "filtered": bool(about or text),
    }
    return render(request, "reminders/list.html", context)


def _abouts() -> dict[str, str]:
    return {"duty": _("任务"), "report": _("报送材料"), "case": _("督办")}


def _filters(about: str, text: str) -> list[dict[str, Any]]:
    options = [("", _("全部")), *_abouts().items()]
    return [
        {
            "name": "about",
            "label": _("对象"),
            "kind": "select",
            "options": [{"value": key, "label": label, "selected": key == about} for key, label in options],
        },
        {"name": "q", "label": _("文字"), "kind": "search", "value": text, "placeholder": _("内容或单位")},
    ]


def _cells(message: Any) -> list[dict[str, Any]]:
    label = {"warn": _("将到期"), "bad": _("已逾期")}.get(message.tone, _("提醒"))
    addresses = (
        _("送达 %(arrived)s / %(addresses)s") % {"arrived": message.arrived, "addresses": message.addresses}
        if message.addresses
        else _("仅系统内")
    )
    return [
        {"text": message.subject, "url": message.path, "note": message.text},
        {"state": message.tone, "label": label},
        {"text": message.unit.name},
        {"day": message.on},
        {"text": addresses},
    ]


@guard.requires("contacts.view")
@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """List the deliveries, those that fail first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    found = rights.visible(
        request.user, "contacts.view", Delivery.objects.filter(division__startswith=workspace.division)
    ).select_related("message", "contact")
    state = request.GET.get("state", "")
    if state in _states():
        found = found.filter(state=state)
    page = Paginator(found.order_by("-next_at", "-id"), _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filters": [_state_filter(state)],
        "records": [{"record": item, "label": _states()[item.state]} for item in page],
        "may_write": rights.holds(request.user, "contacts.edit"),
        "mail_missing": not settings.EMAIL_HOST,
        "crumbs": [{"label": _("提醒"), "url": reverse("reminders:list")}, {"label": _("投递情况")}],
        "filtered": bool(state),
    }
    return render(request, "reminders/deliveries.html", context)


def _states() -> dict[str, str]:
    return {"waiting": _("等待投递"), "sent": _("已送达"), "given_up": _("多次未送达")}


def _state_filter(chosen: str) -> dict[str, Any]:
    options = [("", _("全部")), *_states().items()]
    return {
        "name": "state",
        "label": _("状态"),
        "kind": "select",
        "options": [{"value": key, "label": label, "selected": key == chosen} for key, label in options],
    }


@guard.requires("contacts.edit")
@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a delivery that was given up begin anew."""
    record = guard.one(request, Delivery, "contacts.edit", pk)
    delivery.try_again(record, actor=request.user, where=guard.address(request))
    return redirect("reminders:deliveries")
