"""Pages of the random draw: the half-year at a glance, a new list, one draw with what can be done now."""

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
from bishui.outfalls import HalfYear
from bishui.server.core import clock, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.inspections import drawing, queries, shown
from bishui.server.inspections.forms import DrawForm, PostponeForm
from bishui.server.inspections.models import Draw, DrawnOutfall, Inspector

_LISTED_ON_PAGE = 100


def may_see_list(user: Any, draw: Draw) -> bool:
    """Tell whether a user may see the frozen list and who was drawn: it is confidential until the visits."""
    if draw.state == "published":
        return True
    return any(rights.allowed(user, right, draw) for right in ("inspections.manage", "inspections.record"))


@guard.requires("inspections.view")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show the half-year: the draws with their proof, the two duties beside them."""
    workspace = request.workspace  # type: ignore[attr-defined]
    today = workspace.today
    period = HalfYear.of(today)
    seen = rights.visible(request.user, "inspections.view", Draw.objects.all())
    draws = list(seen.filter(division__startswith=workspace.division))
    present = [draw for draw in draws if draw.period == period]
    context = {
        "period": period,
        "columns": shown.draw_columns(),
        "rows": [{"cells": shown.draw_cells(draw)} for draw in draws],
        "duty_columns": shown.duty_columns(),
        "duties": [
            {
                "draw": draw,
                "rows": _duty_rows(request, draw),
            }
            for draw in present
        ],
        "monitoring": queries.monitoring_duty(workspace.division, period, today),
        "storm": queries.storm_duty(workspace.division, period, today),
        "may_freeze": rights.allowed_in(request.user, "inspections.manage", workspace.acting)
        and not any(draw.division == workspace.acting for draw in present),
        "findings": len(queries.open_findings(workspace.division)),
    }
    return render(request, "inspections/overview.html", context)


def _told(request: HttpRequest, draw: Draw) -> list[Any]:
    """Return the duty's counts; who lacks is named only to those who may see the list."""
    found = queries.draw_duty(draw)
    return found if may_see_list(request.user, draw) else [one.without_names() for one in found]


def _duty_rows(request: HttpRequest, draw: Draw) -> list[dict[str, Any]]:
    drawn = draw.state != "committed"
    return [{"cells": shown.duty_cells(one, drawn=drawn)} for one in _told(request, draw)]


@guard.requires("inspections.manage")
@require_http_methods(["GET", "POST"])
def freeze(request: HttpRequest) -> HttpResponse:
    """Freeze the list of the present half-year and commit to it."""
    workspace = request.workspace  # type: ignore[attr-defined]
    if not rights.allowed_in(request.user, "inspections.manage", workspace.acting):
        raise Forbidden(Text("您没有在本市组织抽查的权限。"), remedy=Text("请联系本单位的系统管理员。"))
    with clock.on(workspace.as_of):
        now = clock.now()
    form = DrawForm(request.POST or None, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            draw = drawing.freeze(
                workspace.acting,
                random_source=form.cleaned_data["random_source"],
                random_at=form.cleaned_data["random_at"],
                percent=form.cleaned_data["percent"],
                actor=request.user,
                where=guard.address(request),
            )
            return redirect("inspections:draw", pk=draw.pk)
        except BishuiError as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "cancel_url": reverse("inspections:overview"),
        "crumbs": [_home(), {"label": _("冻结名单")}],
    }
    return render(request, "inspections/freeze.html", context)


def _home() -> dict[str, Any]:
    return {"label": _("抽查检查"), "url": reverse("inspections:overview")}


@guard.requires("inspections.view")
@require_GET
def draw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a draw: what was committed, who was drawn, how far the duty is done, what can be done now."""
    record = guard.one(request, Draw, "inspections.view", pk)
    sees = may_see_list(request.user, record)
    named = queries.named_of(record) if sees else []
    listed = Paginator(record.listed if sees else [], _LISTED_ON_PAGE)
    page = listed.get_page(request.GET.get("page"))
    manages = rights.allowed(request.user, "inspections.manage", record)
    with clock.on(request.workspace.as_of):  # type: ignore[attr-defined]
        due = record.meets("number_is_due", request.user)
        over = record.meets("visits_are_over", request.user)
    context = {
        "draw": record,
        "facts": [*_facts(record), *_deadline(record, named)],
        "sees": sees,
        "named_columns": shown.named_columns(),
        "named_rows": [{"cells": shown.named_cells(one, _names())} for one in named],
        "replaceable": [one for one in named if not one.gone and not one.inspections.all()],
        "duty_columns": shown.duty_columns(),
        "duty_rows": _duty_rows(request, record),
        "list_columns": [{"label": _("编码")}, {"label": _("名称"), "long": True}, {"label": _("类型")}],
        "list_rows": [{"cells": _listed(entry)} for entry in page],
        "page": page,
        "gone": drawing.gone_since(record) if sees else [],
        "left": drawing.left_since_last(record) if sees else [],
        "manages": manages,
        "may_draw": manages and record.state == "committed" and due,
        "may_replace": manages and record.state == "drawn",
        "may_publish": record.state == "drawn"
        and over
        and rights.allowed(request.user, "portal.manage", record),
        "postpone": PostponeForm() if manages and record.state == "committed" else None,
        "crumbs": [_home(), {"label": record.code}],
    }
    return render(request, "inspections/draw.html", context)


def _listed(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"technical": entry["code"]},
        {"text": entry["name"]},
        {"text": shown.kind_name(entry["kind"])},
    ]


def _names() -> dict[str, str]:
    return dict(Inspector.objects.values_list("code", "name"))


def _facts(record: Draw) -> list[dict[str, Any]]:
    stamp = queries.commitment_entry(record)
    facts: list[dict[str, Any]] = [
        {"label": _("状态"), "text": str(record.step.label)},
        {
            "label": _("名单"),
            "text": _("%(size)s 个，应抽 %(count)s 个（%(percent)s%%，向上取整）")
            % {"size": len(record.listed), "count": record.count, "percent": record.percent},
        },
        {"label": _("名单摘要 SHA-256"), "technical": record.list_hash},
        {"label": _("人员和回避摘要"), "technical": record.people_hash},
        {"label": _("冻结时间"), "moment": record.committed_at},
        {"label": _("约定的公开随机数"), "text": record.random_source},
        {"label": _("公布时间"), "moment": record.random_at},
    ]
    if stamp:
        facts.insert(
            5, {"label": _("留痕（第 %(number)s 条）") % {"number": stamp[0]}, "technical": stamp[1]}
        )
    for former in record.former_sources:
        facts.append({"label": _("原约定"), "text": former["source"], "note": former["why"]})
    if record.state != "committed":
        facts += [
            {"label": _("公开随机数"), "text": record.public_random, "note": record.random_reference},
            {"label": _("种子"), "technical": record.seed},
            {"label": _("抽取时间"), "moment": record.drawn_at},
        ]
    if record.untyped:
        facts.append(
            {
                "label": _("类型未定"),
                "text": _("%(count)s 个排污口冻结时还没有判定类型，不在名单内，请尽快判定。")
                % {"count": record.untyped},
            }
        )
    return facts


def _deadline(record: Draw, named: list[DrawnOutfall]) -> list[dict[str, Any]]:
    """Return by when the results have to be published, once each one drawn was visited."""
    standing = [one for one in named if not one.gone]
    days = [max((each.made_at.date() for each in one.inspections.all()), default=None) for one in standing]
    if record.state != "drawn" or not days or None in days:
        return []
    last = max(day for day in days if day is not None)
    return [{"label": _("公开期限"), "day": drawing.publish_by(record, last)}]


@guard.requires("inspections.manage")
@require_POST
def carry_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Draw by the public number."""
    record = _managed(request, pk)
    return _do(
        request,
        record,
        lambda: drawing.carry_out(
            record,
            request.POST.get("number", ""),
            request.POST.get("reference", ""),
            actor=request.user,
            where=guard.address(request),
        ),
    )


@guard.requires("inspections.manage")
@require_POST
def postpone(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agree on another public number."""
    record = _managed(request, pk)
    form = PostponeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请填写改用的随机数、公布时间和理由。"))
        return redirect("inspections:draw", pk=pk)
    given = form.cleaned_data
    return _do(
        request,
        record,
        lambda: drawing.postpone(record, actor=request.user, where=guard.address(request), **given),
    )


@guard.requires("inspections.manage")
@require_POST
def replace(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the next one step in for an outfall drawn."""
    record = _managed(request, pk)
    entry = DrawnOutfall.objects.filter(draw=record, code=request.POST.get("code", "")).first()
    if entry is None:
        raise not_found()
    return _do(
        request,
        record,
        lambda: drawing.replace(
            entry, why=request.POST.get("reason", ""), actor=request.user, where=guard.address(request)
        ),
    )


@guard.requires("portal.manage")
@require_POST
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Release list and results."""
    record = guard.one(request, Draw, "inspections.view", pk)
    return _do(
        request,
        record,
        lambda: drawing.publish(record, actor=request.user, where=guard.address(request)),
    )


def _managed(request: HttpRequest, pk: UUID) -> Draw:
    record = guard.one(request, Draw, "inspections.view", pk)
    guard.check(request, "inspections.manage", record)
    return record


def _do(request: HttpRequest, record: Draw, deed: Any) -> HttpResponse:
    try:
        deed()
    except BishuiError as error:
        if error.http_status == 404:
            raise
        messages.error(request, str(error))
    return redirect("inspections:draw", pk=record.pk)
