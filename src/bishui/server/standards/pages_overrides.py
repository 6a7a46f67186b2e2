"""Pages of override files: the versions, a new one, one with what it changes and what can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bishui.assessment import OverrideChange
from bishui.errors import BishuiError, Forbidden, Problem
from bishui.i18n import Text
from bishui.server.core import files, guard, rights, timeline, workflow
from bishui.server.core.advancing import advance
from bishui.server.core.middleware import not_found
from bishui.server.standards import queries, services
from bishui.server.standards.forms import OverrideForm
from bishui.server.standards.models import OverrideFile
from bishui.server.standards.pages_rules import plain
from bishui.server.waters import before_saving
from bishui.standards import (
    LimitLine,
    LimitRow,
    Override,
    OwnSetting,
    Setting,
    limit_lines,
    limit_rows,
    method,
    rules,
)

_PER_PAGE = 30
_METHOD = "section_class"


@guard.requires("standards.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the versions of the city's override files, newest first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    found = rights.visible(request.user, "standards.view", queries.files_of(workspace.division))
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    now = queries.record_in_force(workspace.acting, workspace.today)
    context = {
        "page": page,
        "columns": [
            {"label": _("文件")},
            {"label": _("状态")},
            {"label": _("依据"), "long": True},
            {"label": _("施行起")},
            {"label": _("施行止")},
            {"label": _("内容")},
            {"label": _("上传")},
        ],
        "rows": [{"cells": _cells(record, now)} for record in page],
        "may_upload": rights.allowed_in(request.user, "standards.edit", workspace.acting),
        "crumbs": [*_crumbs()[:1], {"label": _("本级覆盖")}],
    }
    return render(request, "standards/overrides.html", context)


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("标准限值"), "url": reverse("standards:limits")},
        {"label": _("本级覆盖"), "url": reverse("standards:overrides")},
    ]


def _cells(record: OverrideFile, now: OverrideFile | None) -> list[dict[str, Any]]:
    in_use = now is not None and now.pk == record.pk
    return [
        {
            "text": record.name,
            "url": reverse("standards:override", args=[record.pk]),
            "note": _("第 %(number)s 版") % {"number": record.number},
        },
        {"state": record.step.tone, "label": record.step.label, "note": _("现在采用") if in_use else ""},
        {"text": record.basis},
        {"day": record.in_force_from},
        {"day": record.in_force_to},
        {"text": _content(record)},
        {"moment": record.uploaded_at, "note": record.uploaded_by.get_username()},
    ]


def _content(record: OverrideFile) -> str:
    return _("限值 %(limits)s 条，设置 %(settings)s 条") % {
        "limits": record.limit_count,
        "settings": record.setting_count,
    }


@guard.requires("standards.edit")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Hand an override file in; what is wrong with it is told entry by entry."""
    division = guard.acting_division(request)
    if not rights.allowed_in(request.user, "standards.edit", division):
        raise Forbidden(Text("您没有在本市上传覆盖文件的权限。"), remedy=Text("请联系本单位的系统管理员。"))
    form = OverrideForm(request.POST or None, request.FILES or None)
    problems: Sequence[Problem] = ()
    if request.method == "POST" and form.is_valid():
        try:
            record = _uploaded(request, form, division)
        except BishuiError as fault:
            form.add_error("file", str(fault))
            problems = fault.problems
        else:
            return redirect("standards:override", pk=record.pk)
    context = {
        "form": form,
        "problems": problems,
        "cancel_url": reverse("standards:overrides"),
        "crumbs": [*_crumbs(), {"label": _("上传覆盖文件")}],
    }
    return render(request, "standards/override_new.html", context, status=422 if problems else 200)


def _uploaded(request: HttpRequest, form: OverrideForm, division: str) -> OverrideFile:
    given, basis = form.cleaned_data["file"], form.cleaned_data["basis"]
    return services.upload(
        given.read(),
        given.name,
        division=division,
        why=form.cleaned_data["why"],
        actor=request.user,
        basis=(basis.file, basis.name) if basis else None,
        where=guard.address(request),
    )


@guard.requires("standards.view")
@require_GET
def override(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one version: what it changes against the national values, what happened, what can be done."""
    record = guard.one(request, OverrideFile, "standards.view", pk)
    waiting = workflow.for_others(record, request.user)
    context = {
        "record": record,
        "facts": _facts(record),
        **_changes(record),
        "entries": timeline.entries(record),
        "transitions": workflow.available(record, request.user),
        "moving": not record.step.final,
        "for_another": [transition.label for transition in waiting],
        "crumbs": [*_crumbs(), {"label": str(record)}],
    }
    return render(request, "standards/override.html", context)


def _facts(record: OverrideFile) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"label": _("状态"), "text": record.step.label},
        {"label": _("版本"), "text": _("第 %(number)s 版") % {"number": record.number}},
        {"label": _("依据"), "text": record.basis},
        {"label": _("施行起"), "day": record.in_force_from},
        {"label": _("施行止"), "day": record.in_force_to},
        {"label": _("内容"), "text": _content(record)},
        {"label": _("摘要"), "technical": record.digest[:12]},
    ]
    labels = {"file": _("覆盖文件"), "basis": _("依据文件")}
    for kind, stored in queries.stored_files(record).items():
        url = reverse("standards:file", args=[record.pk, kind])
        facts.append({"label": labels[kind], "text": stored.name, "url": url})
    return facts


def _changes(record: OverrideFile) -> dict[str, Any]:
    """Return the values that the file sets, each beside the national one."""
    try:
        content = queries.content_of(record)
    except BishuiError as fault:
        return {"fault": fault}
    return {
        "limit_columns": [
            {"label": _("项目")},
            {"label": _("类别或级别")},
            {"label": _("本级值"), "numeric": True},
            {"label": _("国家值"), "numeric": True},
            {"label": _("单位")},
            {"label": _("条件"), "long": True},
            {"label": _("条款")},
            {"label": _("来源"), "long": True},
        ],
        "limit_rows": [{"cells": _limit_cells(line, row)} for line, row in _own_values(content)],
        "setting_columns": [
            {"label": _("办法")},
            {"label": _("设置")},
            {"label": _("本级值")},
            {"label": _("国家值")},
            {"label": _("施行起")},
            {"label": _("来源"), "long": True},
        ],
        "setting_rows": [{"cells": _setting_cells(setting, record)} for setting in content.settings],
    }


def _own_values(content: Override) -> list[tuple[LimitLine, LimitRow]]:
    """Return each value that the file sets, on the first day of its entry; every value once."""
    found: dict[tuple[Any, ...], tuple[LimitLine, LimitRow]] = {}
    for standard, on in dict.fromkeys((limit.standard, limit.in_force_from) for limit in content.limits):
        for line in limit_lines(limit_rows(standard, on, content)):
            for row in line.rows:
                if row.national is not None:
                    found.setdefault(
                        (row.clause, row.band, str(line.wording), row.in_force_from), (line, row)
                    )
    return list(found.values())


def _limit_cells(line: LimitLine, row: LimitRow) -> list[dict[str, Any]]:
    national = row.national.shown if row.national else "—"
    return [
        {"text": row.name, "note": row.edition},
        {"text": row.band or "—"},
        {"text": row.shown},
        {"text": national},
        {"text": row.unit},
        {"text": str(line.wording) or "—"},
        {"text": row.clause},
        {"text": row.source},
    ]


def _setting_cells(setting: OwnSetting, record: OverrideFile) -> list[dict[str, Any]]:
    national = _national(setting, record.in_force_from)
    return [
        {"technical": setting.rules},
        {"technical": setting.name},
        {"text": plain(setting.value)},
        {"text": plain(national.value) if national else "—"},
        {"day": setting.in_force_from},
        {"text": setting.source},
    ]


def _national(setting: OwnSetting, on: date) -> Setting | None:
    on = max(setting.in_force_from, on)
    held = method(on).settings if setting.rules == _METHOD else rules(setting.rules, on).settings.values()
    return next((each for each in held if each.name == setting.name), None)


@guard.requires("standards.view")
@require_GET
def moves(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show which classes, rates and ranks of the city a version moves: by its confirmation, or withdrawal."""
    record = guard.one(request, OverrideFile, "standards.view", pk)
    if record.step.final:
        return before_saving.nothing(request, _("这一版已经失效，不再改变任何结果。"))
    division = request.workspace.division  # type: ignore[attr-defined]
    standing = record.state == "in_force"
    change = OverrideChange(queries.files_with(record, division), "" if standing else record.name)
    heading = _("撤回前先看") if standing else _("确认前先看")
    back_url = reverse("standards:override", args=[pk])
    return before_saving.answer(request, change, heading=heading, back_url=back_url)


@guard.requires("standards.edit")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Confirm, refuse or withdraw a version, with the reason."""
    record = guard.one(request, OverrideFile, "standards.edit", pk)
    found = workflow.of(record).transitions.get(transition)
    if found is None or found.system:
        raise not_found()
    try:
        texts = {"text": request.POST.get("text", "")}
        advance(record, transition, actor=request.user, texts=texts, where=guard.address(request))
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    return redirect("standards:override", pk=pk)


@guard.requires("standards.view")
@require_GET
def file(request: HttpRequest, pk: UUID, kind: str) -> HttpResponseBase:
    """Give an uploaded file as an attachment."""
    record = guard.one(request, OverrideFile, "standards.view", pk)
    stored = queries.stored_files(record).get(kind)
    if stored is None:
        raise not_found()
    return files.download(stored)
