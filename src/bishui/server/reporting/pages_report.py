"""Pages of reports: the list, a new one, one report with its parts, where a figure comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bishui.bulletins import compared_with
from bishui.errors import BishuiError, Forbidden
from bishui.i18n import Text
from bishui.outfalls import next_report
from bishui.server.core import clock, guard, rights, timeline, workflow
from bishui.server.core.middleware import not_found
from bishui.server.reporting import periods, queries, services, specification
from bishui.server.reporting.compose import Inputs, compose
from bishui.server.reporting.differences import differences
from bishui.server.reporting.forms import HeadForm, NewReportForm
from bishui.server.reporting.links import LiveLinks, links_of
from bishui.server.reporting.models import Report
from bishui.server.reporting.periods import Scope
from bishui.server.reporting.showing import shown

_PER_PAGE = 30
_HEAD = ("title", "number", "recipient", "issuer", "signed_on", "red_head", "version")


#: The families, and the routes of their lists and of a new one.
_HOMES = {
    "summary": ("reporting:list", "reporting:new"),
    "bulletin": ("reporting:bulletins", "reporting:bulletin_new"),
    "outfalls": ("reporting:outfalls", "reporting:outfalls_new"),
}


def family_name(family: str) -> str:
    """Return the name of a family of reports."""
    names = {"bulletin": _("水质月报"), "outfalls": _("排污口报告")}
    return names.get(family) or _("总结报告")


def home_of(report: Report) -> dict[str, str]:
    """Return the crumb that leads from a report to the list that it stands in."""
    family = specification.kinds()[report.kind].family
    return {"label": family_name(family), "url": reverse(_HOMES[family][0])}


@guard.requires("reports.view")
@require_GET
def listing(request: HttpRequest, family: str = "summary") -> HttpResponse:
    """List the reports of a family in the city, newest period first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    context: dict[str, Any] = {"family": family, "title": family_name(family)}
    if family == "outfalls" and workspace:
        context["due"], context["due_day"] = next_report(workspace.today)
    if not workspace:
        return render(
            request, "reporting/list.html", context | {"page": None, "rows": [], "may_write": False}
        )
    found = queries.reports_of(workspace.division, request.user, family)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    context |= {
        "page": page,
        "columns": [
            {"label": _("标题")},
            {"label": _("类别")},
            {"label": _("状态")},
            {"label": _("数据截至")},
            {"label": _("已签发版本"), "numeric": True},
        ],
        "rows": [{"cells": _cells(report)} for report in page],
        "may_write": rights.allowed_in(request.user, "reports.write", workspace.acting),
        "new_url": reverse(_HOMES[family][1]),
    }
    return render(request, "reporting/list.html", context)


def _cells(report: Report) -> list[dict[str, Any]]:
    return [
        {"text": report.title, "url": reverse("reporting:report", args=[report.pk])},
        {"text": str(specification.kinds()[report.kind].label)},
        {"state": report.step.tone, "label": report.step.label},
        {"day": report.as_of},
        {"number": report.editions.count()},
    ]


@guard.requires("reports.write")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, family: str = "summary") -> HttpResponse:
    """Begin a report of a family."""
    workspace = request.workspace  # type: ignore[attr-defined]
    if not workspace or not rights.allowed_in(request.user, "reports.write", workspace.acting):
        raise Forbidden(
            Text("您没有在本市编写总结和水质月报的权限。"), remedy=Text("请联系本单位的系统管理员。")
        )
    today = workspace.today
    form = NewReportForm(request.POST or None, today=today, family=family, initial=_offered(family, today))
    if request.method == "POST" and form.is_valid():
        try:
            report = _begin(request, form.cleaned_data)
        except BishuiError as error:
            form.add_error(None, str(error))
        else:
            return redirect("reporting:report", pk=report.pk)
    back = reverse(_HOMES[family][0])
    context = {
        "form": form,
        "cancel_url": back,
        "title": family_name(family),
        "crumbs": [{"label": family_name(family), "url": back}, {"label": _("新建")}],
    }
    return render(request, "reporting/new.html", context)


def _offered(family: str, today: date) -> dict[str, Any]:
    """Return what the form of a new report begins with: of a bulletin the month that has just ended."""
    if family == "summary":
        return {"kind": "half_year", "year": today.year}
    if family == "outfalls":
        due, day = next_report(today)
        return {"kind": due.kind, "year": day.year}
    ended = today.replace(day=1) - timedelta(days=1)
    return {"kind": "water_month", "year": ended.year, "month": ended.month}


def _begin(request: HttpRequest, given: dict[str, Any]) -> Report:
    workspace = request.workspace  # type: ignore[attr-defined]
    scope = periods.scope_of(
        workspace.acting,
        given["kind"],
        given["year"],
        given["month"],
        today=workspace.today,
        as_of=given["as_of"],
    )
    return services.create(scope, actor=request.user, at=clock.now(), where=guard.address(request))


@guard.requires("reports.view")
@require_GET
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a report as it will be printed, what is missing, and what can be done now."""
    record = guard.one(request, Report, "reports.view", pk)
    inputs = queries.inputs_of(record)
    links = links_of(record, inputs.scope)
    may_write = record.state == "draft" and rights.allowed(request.user, "reports.write", record)
    context = {
        "report": record,
        "document": shown(compose(inputs), links),
        "facts": _facts(record, inputs),
        "gaps": [replace(gap, url=links.opened(gap.url)) for gap in inputs.facts.gaps],
        "parts": _parts(record),
        "may_write": may_write,
        "transitions": workflow.available(record, request.user),
        "editions": list(record.editions.select_related("docx", "pdf", "xlsx")),
        "withdrawn": queries.withdrawn_up_to(record),
        "entries": _entries(record),
        "moved": _moved(record),
        "job": production(record) if record.state == "issuing" else None,
        "crumbs": [home_of(record), {"label": record.title}],
    }
    return render(request, "reporting/report.html", context)


def _facts(record: Report, inputs: Inputs) -> list[dict[str, Any]]:
    scope = inputs.scope
    return [
        {"label": _("类别"), "text": str(specification.kinds()[record.kind].label)},
        {
            "label": _("时段"),
            "text": scope.period.label,
            "note": _("对比 %(others)s") % {"others": _compared(scope)},
        },
        {"label": _("数据截至"), "day": record.as_of},
        {"label": _("数据"), "text": _("提交时已冻结") if record.frozen else _("每次打开时重新汇总")},
        {"label": _("编制人"), "text": record.created_by},
    ]


def _compared(scope: Scope) -> str:
    """Return the periods that a report is compared with."""
    if scope.kind not in periods.BULLETINS:
        return scope.before.label
    return _("、").join(period.label for period in compared_with(scope.period) if period)


def production(record: Report) -> dict[str, Any]:
    """Return how far the files of an issued report are, for ``core/parts/job.html``."""
    state = {"issuing": "running", "issued": "succeeded"}.get(record.state, "failed")
    words = {
        "running": _("正在生成并存档 DOCX、PDF 和 XLSX 文件。"),
        "succeeded": _("文件已存档。"),
        "failed": _("文件未能生成，报告已退回“已校核”，请查看留痕中的原因后重新签发。"),
    }
    return {
        "id": record.pk,
        "title": record.title,
        "state": state,
        "done": 0,
        "total": 0,
        "message": words[state],
        "poll_url": reverse("reporting:production", args=[record.pk]),
        "result_url": reverse("reporting:report", args=[record.pk]),
    }


def _parts(record: Report) -> list[dict[str, Any]]:
    texts = queries.standing_texts(record)
    return [
        {
            "part": part,
            "text": texts.get(part.id),
            "missing": part.required and not (part.id in texts and texts[part.id].text),
        }
        for part in specification.parts_of(record.kind)
    ]


def _entries(record: Report) -> list[dict[str, Any]]:
    found = timeline.entries(record)
    begun = {"when": record.created_at, "who": record.created_by, "what": _("新建"), "tone": "info"}
    return [*found, begun]


def _moved(record: Report) -> list[dict[str, str]]:
    """Return what has changed in the data since the report was frozen, until it is issued."""
    if record.state not in ("submitted", "checked"):
        return []
    return differences(record.frozen, queries.live_inputs(record).as_dict())


@guard.requires("reports.write")
@require_http_methods(["GET", "POST"])
def head(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what stands around the text."""
    record = guard.one(request, Report, "reports.write", pk)
    initial = {name: getattr(record, name) for name in _HEAD}
    form = HeadForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_head(
                record,
                form.cleaned_data,
                version=form.cleaned_data["version"],
                actor=request.user,
                where=guard.address(request),
            )
        except BishuiError as error:
            form.add_error(None, str(error))
        else:
            return redirect("reporting:report", pk=pk)
    back = reverse("reporting:report", args=[pk])
    crumbs = [
        home_of(record),
        {"label": initial["title"], "url": back},
        {"label": _("文头")},
    ]
    context = {"form": form, "cancel_url": back, "crumbs": crumbs, "report": record}
    return render(request, "reporting/head.html", context)


@guard.requires("reports.write")
@require_POST
def text(request: HttpRequest, pk: UUID, part: str) -> HttpResponse:
    """Save a version of a written part; a text that was refused stays in the form."""
    record = guard.one(request, Report, "reports.write", pk)
    given, based_on = request.POST.get("text", ""), request.POST.get("based_on", "0")
    try:
        services.save_text(
            record,
            part,
            given,
            based_on=int(based_on) if based_on.isdecimal() else 0,
            actor=request.user,
            at=clock.now(),
            where=guard.address(request),
        )
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        return _refused(request, record, part, given, error)
    messages.success(request, _("已保存。"))
    return redirect(f"{reverse('reporting:report', args=[pk])}#part-{part}")


def _refused(request: HttpRequest, record: Report, part: str, given: str, error: BishuiError) -> HttpResponse:
    """Show what was not saved beside what stands, so that nothing that was written is lost."""
    known = {entry.id: entry for entry in specification.parts_of(record.kind)}
    if part not in known:
        raise not_found()
    standing = queries.standing_texts(record).get(part)
    back = reverse("reporting:report", args=[record.pk])
    crumbs = [
        home_of(record),
        {"label": record.title, "url": back},
        {"label": known[part].label},
    ]
    context = {
        "report": record,
        "part": known[part],
        "given": given,
        "standing": standing,
        "error": error,
        "crumbs": crumbs,
    }
    return render(request, "reporting/refused.html", context, status=error.http_status)


@guard.requires("reports.view")
@require_GET
def figure(request: HttpRequest, pk: UUID, key: str) -> HttpResponse:
    """Show where one figure of a report comes from: its source, its day and what was counted."""
    record = guard.one(request, Report, "reports.view", pk)
    inputs = queries.inputs_of(record)
    state = _("提交时已冻结") if record.frozen else _("刚刚重新汇总")
    crumbs = [home_of(record), {"label": record.title, "url": reverse("reporting:report", args=[pk])}]
    context = figure_context(inputs, key, links_of(record, inputs.scope), state, crumbs)
    return render(request, "reporting/figure.html", context)


def figure_context(
    inputs: Inputs, key: str, links: LiveLinks, state: str, crumbs: list[dict[str, str]]
) -> dict[str, Any]:
    """Return what the page of a figure shows.

    Raises
    ------
    NotFound
        If the report has no such figure.
    """
    found = inputs.facts.figures.get(key)
    if found is None:
        raise not_found()
    return {
        "figure": found,
        "facts": [
            {"label": _("数值"), "text": found.text},
            {"label": _("来源"), "text": found.source},
            {"label": _("截至"), "text": found.as_of},
            {"label": _("状态"), "text": state},
        ],
        "columns": [{"label": _("计入的对象")}],
        "rows": [{"cells": [{"text": row.text, "url": links.opened(row.url)}]} for row in found.rows],
        "crumbs": [*crumbs, {"label": found.label}],
    }
