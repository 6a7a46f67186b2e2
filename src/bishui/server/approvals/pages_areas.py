"""Pages of special areas: the list, a file of them."""

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
from bishui.server.approvals import areas
from bishui.server.approvals.forms import AreasForm
from bishui.server.approvals.models import SpecialArea
from bishui.server.core import guard, rights

_PER_PAGE = 50


@guard.requires("approvals.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the special areas of the city."""
    workspace = request.workspace  # type: ignore[attr-defined]
    seen = rights.visible(request.user, "approvals.view", SpecialArea.objects.all())
    page = Paginator(seen.filter(division__startswith=workspace.division), _PER_PAGE).get_page(
        request.GET.get("page")
    )
    manages = rights.allowed_in(request.user, "approvals.decide", workspace.acting)
    context = {
        "page": page,
        "columns": [
            {"label": _("名称"), "long": True},
            {"label": _("类别")},
            {"label": _("级别")},
            {"label": _("起始日期")},
            {"label": _("截止日期")},
            {"label": _("来源"), "long": True},
        ],
        "rows": [{"cells": _cells(one)} for one in page],
        "living": [one for one in page if one.holds_on(workspace.today)] if manages else [],
        "may_import": manages,
        "crumbs": [_home(), {"label": _("特殊保护区域")}],
    }
    return render(request, "approvals/areas.html", context)


def _home() -> dict[str, Any]:
    return {"label": _("设置审批"), "url": reverse("approvals:list")}


def _cells(area: SpecialArea) -> list[dict[str, Any]]:
    return [
        {"text": area.name, "note": area.code},
        {"text": str(areas.KINDS[area.kind])},
        {"text": area.level or "—"},
        {"day": area.since},
        {"day": area.until},
        {"text": area.source},
    ]


@guard.requires("approvals.decide")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take in a file of special areas."""
    workspace = request.workspace  # type: ignore[attr-defined]
    if not rights.allowed_in(request.user, "approvals.decide", workspace.acting):
        raise Forbidden(Text("您没有维护本市特殊保护区域的权限。"), remedy=Text("请联系本单位的系统管理员。"))
    form = AreasForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            made = areas.import_areas(
                given.file,
                given.name,
                source=form.cleaned_data["source"],
                division=workspace.acting,
                actor=request.user,
                where=guard.address(request),
            )
            messages.success(request, _("已导入 %(count)s 个区域。") % {"count": len(made)})
            return redirect("approvals:areas")
        except BishuiError as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "cancel_url": reverse("approvals:areas"),
        "crumbs": [_home(), {"label": _("导入特殊保护区域")}],
    }
    return render(request, "approvals/new.html", context)


@guard.requires("approvals.decide")
@require_POST
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let an area hold no longer, from yesterday's end on."""
    area = guard.one(request, SpecialArea, "approvals.decide", pk)
    why = request.POST.get("reason", "").strip()
    if not why:
        messages.error(request, _("请写明停用的理由。"))
        return redirect("approvals:areas")
    day = request.workspace.today  # type: ignore[attr-defined]
    areas.end(area, day, actor=request.user, why=why, where=guard.address(request))
    return redirect("approvals:areas")
