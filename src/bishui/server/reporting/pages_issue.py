"""Submitting, checking and issuing a report; its files; its editions."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bishui.errors import BishuiError
from bishui.server.core import files, guard, workflow
from bishui.server.core.middleware import not_found
from bishui.server.reporting import files_of, jobs, pages_report, queries, services
from bishui.server.reporting.models import Edition, Report

#: The rows behind the figures of a bulletin, kept as a file beside the others.
EVIDENCE = "evidence"


@guard.requires("reports.view")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Fire one transition; what is issued is produced at once, or by a worker where it is large."""
    record = guard.one(request, Report, "reports.view", pk)
    found = workflow.of(record).transitions.get(transition)
    if found is None or found.system:
        raise not_found()
    texts = {part.key: request.POST.get(part.key, "") for part in found.evidence}
    try:
        services.advance(record, transition, actor=request.user, texts=texts, where=guard.address(request))
        if transition == "issue":
            _produce(record)
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    return redirect("reporting:report", pk=pk)


def _produce(record: Report) -> None:
    if files_of.rows_of(record.frozen) > files_of.ROWS_AT_ONCE:
        jobs.produce_report.enqueue(str(record.pk))
    else:
        services.produce(record)


@guard.requires("reports.view")
@require_GET
def production(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how far the files of an issued report are; the page asks again until they are kept."""
    record = guard.one(request, Report, "reports.view", pk)
    return render(request, "core/parts/job.html", {"job": pages_report.production(record)})


@guard.requires("reports.view")
@require_GET
def draft_file(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """Give the report as it stands now as a file; it is not kept."""
    record = guard.one(request, Report, "reports.view", pk)
    if kind not in files_of.FORMATS:
        raise not_found()
    content = files_of.make_one(queries.inputs_of(record), kind)
    response = HttpResponse(content, content_type=files_of.TYPES[kind])
    name = quote(files_of.name(record, kind))
    response.headers["Content-Disposition"] = f"attachment; filename*=utf-8''{name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def edition_of(request: HttpRequest, pk: UUID, number: int) -> Edition:
    """Return an edition of a report that the user may see."""
    record = guard.one(request, Report, "reports.view", pk)
    found = Edition.objects.filter(report=record, number=number).first()
    if found is None:
        raise not_found()
    return found


@guard.requires("reports.view")
@require_GET
def edition(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Show an edition: its files with their SHA-256 and what is other than in the one before."""
    record = edition_of(request, pk, number)
    words = {
        "head": _("文头"),
        "figure": _("数字"),
        "table": _("表格"),
        "gap": _("缺失"),
        "part": _("文字"),
    }
    context: dict[str, Any] = {
        "edition": record,
        "page_url": reverse("reporting:edition_page", args=[pk, number]),
        "facts": [
            {"label": _("签发"), "moment": record.issued_at, "note": record.issued_by},
            {"label": _("更正原因"), "text": record.reason or "—"},
            {"label": _("效力"), "text": _standing(record)},
            {"label": _("输入数据 SHA-256"), "technical": record.inputs_hash},
        ],
        "files": [
            {
                "kind": _("依据数据") if kind == EVIDENCE else kind.upper(),
                "file": getattr(record, kind),
                "url": reverse("reporting:edition_file", args=[pk, number, kind]),
            }
            for kind in (*files_of.FORMATS, EVIDENCE)
            if getattr(record, kind) is not None
        ],
        "columns": [{"label": _("项目")}, {"label": _("种类")}, {"label": _("上一版")}, {"label": _("本版")}],
        "rows": [
            {
                "cells": [
                    {"text": change["name"]},
                    {"text": words[change["what"]]},
                    {"text": change["before"]},
                    {"text": change["after"]},
                ]
            }
            for change in record.differences
        ],
        "crumbs": [
            pages_report.home_of(record.report),
            {"label": record.title, "url": reverse("reporting:report", args=[pk])},
            {"label": _("第 %(number)s 版") % {"number": number}},
        ],
    }
    return render(request, "reporting/edition.html", context)


def _standing(record: Edition) -> str:
    """Say whether an edition is in force, was corrected by a newer one, or withdrawn."""
    if record.number <= queries.withdrawn_up_to(record.report):
        return _("已撤回发布")
    newer = record.report.editions.filter(number__gt=record.number).exists()
    return _("已由新版更正") if newer else _("现行")


@guard.requires("reports.view")
@require_GET
def edition_file(request: HttpRequest, pk: UUID, number: int, kind: str) -> HttpResponseBase:
    """Give a kept file of an edition, byte for byte."""
    stored = getattr(edition_of(request, pk, number), kind) if kind in (*files_of.FORMATS, EVIDENCE) else None
    if stored is None:
        raise not_found()
    return files.download(stored)
