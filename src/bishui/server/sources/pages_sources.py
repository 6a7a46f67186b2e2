"""The overview of drinking-water sources (饮用水水源)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights
from bishui.server.sources import gather, shown
from bishui.server.sources.gather import SourceLine
from bishui.server.sources.models import Release


@guard.requires("sources.view")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show each source: class and attainment, open problems, checklist, survey and last release."""
    workspace = request.workspace  # type: ignore[attr-defined]
    lines = gather.lines(workspace, gather.sources_of(workspace, request.user))
    context = {
        "cards": _cards(workspace, lines),
        "columns": [
            {"label": _("水源地")},
            {"label": _("最近类别")},
            {"label": _("是否达标")},
            {"label": _("本年达标月数"), "numeric": True},
            {"label": _("未销号问题"), "numeric": True},
            {"label": _("规范化建设"), "numeric": True},
            {"label": _("环境状况调查")},
            {"label": _("最近公开")},
        ],
        "rows": [{"cells": _cells(line)} for line in lines],
        "may_edit": rights.holds(request.user, "sources.edit"),
    }
    return render(request, "sources/overview.html", context)


def _cards(workspace: Any, lines: list[SourceLine]) -> list[dict[str, Any]]:
    used = [line for line in lines if line.state not in ("standby", "planned")]
    verdicts = [line.year.last.attained if line.year.last else None for line in used]
    releases = Release.objects.filter(division__startswith=workspace.division, year=workspace.today.year)
    ended = releases.filter(due__lte=workspace.today)
    unmade = ended.exclude(state="released").count()
    late = sum(line.late_problems for line in lines)
    return [
        {
            "label": _("在用水源达标（最近一月）"),
            "k": verdicts.count(True),
            "n": len(verdicts) - verdicts.count(None),
            "missing": verdicts.count(None),
            "note": "",
            "url": "",
        },
        {
            "label": _("未销号问题"),
            "n": None,
            "missing": 0,
            "value": sum(line.open_problems for line in lines),
            "note": _("其中逾期 %(n)s 个") % {"n": late} if late else _("没有逾期"),
            "tone": "bad" if late else "",
            "icon": "alert",
            "url": reverse("sources:problems"),
        },
        {
            "label": _("规范化建设达到项"),
            "k": sum(line.checklist.met for line in lines),
            "n": sum(line.checklist.answered for line in lines),
            "missing": sum(line.checklist.unanswered for line in lines),
            "note": "",
            "url": "",
        },
        {
            "label": _("到期的季度公开"),
            "k": ended.filter(state="released").count(),
            "n": ended.count(),
            "missing": 0,
            "note": _("逾期未公开 %(n)s 项") % {"n": unmade} if unmade else _("没有逾期"),
            "url": reverse("sources:releases"),
        },
    ]


def _cells(line: SourceLine) -> list[dict[str, Any]]:
    source, share = line.facts, line.checklist
    level = shown.choice("sites", "source_level", str(source.attributes.get("source_level") or ""))
    late = _("逾期 %(n)s 个") % {"n": line.late_problems} if line.late_problems else ""
    made = line.release
    return [
        {
            "text": source.name,
            "url": reverse("sources:source", args=[source.id]),
            "note": f"{level} · {shown.choice('sites', 'use_state', line.state)}",
        },
        shown.class_cell(line.year),
        shown.attained_cell(line.year),
        {"k": line.year.attained, "n": line.year.judged, "missing": line.year.missing},
        {"state": "warn", "label": str(line.open_problems), "note": late}
        if line.open_problems
        else {"text": "0"},
        {"k": share.met, "n": share.answered, "missing": share.unanswered},
        shown.state_cell(line.survey, str(line.survey.year))
        if line.survey
        else {"state": "idle", "label": _("没有")},
        {"text": f"{made.year} Q{made.quarter}", "url": reverse("sources:record", args=[made.pk])}
        if made
        else {"state": "idle", "label": _("没有")},
    ]
