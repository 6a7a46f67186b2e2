"""The page of one drinking-water source, and its construction checklist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bishui.errors import BishuiError, Forbidden
from bishui.i18n import Text
from bishui.server.core import clock, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.sites.queries import SiteFacts
from bishui.server.sources import attainment, construction, gather, shown
from bishui.server.sources.construction import ANSWERS
from bishui.server.sources.models import ConditionSurvey, Release, SourceProblem
from bishui.standards import items

_YEARS = range(2000, 2101)
_RELEASES_SHOWN = 12


def _one(request: HttpRequest, pk: UUID) -> SiteFacts:
    """Return a source of the city that the user may see; any other is not found."""
    workspace = request.workspace  # type: ignore[attr-defined]
    sources = gather.sources_of(workspace, request.user)
    found = next((source for source in sources if source.id == str(pk)), None)
    if found is None:
        raise not_found()
    return found


@guard.requires("sources.view")
@require_GET
def source(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show all that is kept about one source."""
    record = _one(request, pk)
    workspace = request.workspace  # type: ignore[attr-defined]
    year = workspace.today.year
    months = attainment.years_of(workspace, [record], year)[record.id]
    problems = list(SourceProblem.objects.filter(source=record.code))
    names = gather.unit_names(problem.unit for problem in problems)
    given = construction.answers([record], year)[record.code]
    surveys = ConditionSurvey.objects.filter(source=record.code)
    releases = Release.objects.filter(division=record.division)[:_RELEASES_SHOWN]
    context = {
        "source": record,
        "year": year,
        "facts": _facts(record, months, workspace.today),
        "share": construction.share(construction.items_for(record, year), given),
        "open_items": _open_items(record, year, given),
        "problem_columns": shown.problem_columns(),
        "problem_rows": [
            {"cells": shown.problem_cells(problem, names, workspace.today)} for problem in problems
        ],
        "survey_columns": survey_columns(),
        "survey_rows": [{"cells": survey_cells(survey, str(survey.year))} for survey in surveys],
        "release_columns": shown.release_columns(),
        "release_rows": [
            {"cells": shown.release_cells(release, gather.division_names(record.division))}
            for release in releases
        ],
        "may_edit": rights.allowed_in(request.user, "sources.edit", record.division),
        "crumbs": [{"label": _("饮用水水源"), "url": reverse("sources:overview")}, {"label": record.name}],
    }
    return render(request, "sources/source.html", context)


def _verdict(months: attainment.SourceYear) -> dict[str, Any]:
    words = {"attained": _("达标"), "not_attained": _("未达标"), "not_judged": _("未评价")}
    cell = shown.attained_cell(months)
    return {**cell, "pill": words[cell["state"]]}


def _facts(record: SiteFacts, months: attainment.SourceYear, today: Any) -> list[dict[str, Any]]:
    attributes = record.attributes
    return [
        {"label": _("最近类别"), **shown.class_cell(months)},
        {"label": _("是否达标"), **_verdict(months)},
        {
            "label": _("本年达标月数"),
            "k": months.attained,
            "n": months.judged,
            "missing": months.missing,
        },
        {"label": _("超标项目"), "text": _failing(months) or "—"},
        {
            "label": _("级别"),
            "text": shown.choice("sites", "source_level", str(attributes.get("source_level") or "")),
        },
        {
            "label": _("水源类型"),
            "text": shown.choice("sites", "source_water", str(attributes.get("source_water") or "")),
        },
        {
            "label": _("使用状态"),
            "text": shown.choice("sites", "use_state", attainment.state_on(record, today)),
        },
        {"label": _("监测数据"), "text": _("打开点位页面"), "url": reverse("sites:site", args=[record.id])},
    ]


def _failing(months: attainment.SourceYear) -> str:
    if months.last is None:
        return ""
    known = items()
    return "、".join(known[item].name if item in known else item for item in months.last.failing)


def _open_items(record: SiteFacts, year: int, given: Any) -> list[dict[str, str]]:
    """Return the items that are not met or not answered, each with its word."""
    return [
        {
            "label": str(item.label),
            "tone": "bad" if item.key in given else "idle",
            "word": str(ANSWERS[given[item.key].answer]) if item.key in given else _("未填"),
            "evidence": given[item.key].evidence if item.key in given else "",
        }
        for item in construction.items_for(record, year)
        if item.key not in given or given[item.key].answer == "no"
    ]


def survey_columns() -> list[dict[str, Any]]:
    """Return the columns of `survey_cells`."""
    return [
        {"label": _("调查")},
        {"label": _("状态")},
        {"label": _("年取水量（万m³）"), "numeric": True},
        {"label": _("服务人口（万人）"), "numeric": True},
        {"label": _("达标次数"), "numeric": True},
    ]


def survey_cells(survey: ConditionSurvey, name: str) -> list[dict[str, Any]]:
    """Return a survey's cells; counts that nobody entered say so."""
    return [
        {"text": name, "url": reverse("sources:record", args=[survey.pk])},
        shown.state_cell(survey),
        shown.amount(survey.taken),
        shown.amount(survey.population),
        {"k": survey.attained, "n": survey.monitored}
        if survey.attained is not None and survey.monitored
        else {"text": _("未填")},
    ]


@guard.requires("sources.view")
@require_http_methods(["GET", "POST"])
def checklist(request: HttpRequest, pk: UUID, year: int) -> HttpResponse:
    """Show a source's construction checklist of a year; a POST keeps the answers."""
    record = _one(request, pk)
    if year not in _YEARS:
        raise not_found()
    may_edit = rights.allowed_in(request.user, "sources.edit", record.division)
    status, typed = 200, None
    if request.method == "POST":
        if not may_edit:
            raise Forbidden(
                Text("您没有填写规范化建设清单的权限。"), remedy=Text("请联系本单位的系统管理员。")
            )
        typed = {
            item.key: (request.POST.get(item.key, ""), request.POST.get(f"{item.key}-evidence", "").strip())
            for item in construction.items_for(record, year)
        }
        try:
            construction.answer(
                record, year, typed, actor=request.user, at=clock.now(), where=guard.address(request)
            )
            messages.success(request, _("已保存。"))
            return redirect("sources:checklist", pk=pk, year=year)
        except BishuiError as error:
            messages.error(request, str(error))
            status = error.http_status
    return render(request, "sources/checklist.html", _checklist(record, year, typed, may_edit), status=status)


def _checklist(
    record: SiteFacts, year: int, typed: dict[str, tuple[str, str]] | None, may_edit: bool
) -> dict[str, Any]:
    given = construction.answers([record], year)[record.code]
    asked = construction.items_for(record, year)
    return {
        "source": record,
        "year": year,
        "edition": construction.edition_of(year),
        "share": construction.share(asked, given),
        "entries": [
            {"item": item, "kept": given.get(item.key), **_written(item.key, given, typed)} for item in asked
        ],
        "answers": ANSWERS,
        "years": [year - 1, year + 1],
        "may_edit": may_edit,
        "crumbs": [
            {"label": _("饮用水水源"), "url": reverse("sources:overview")},
            {"label": record.name, "url": reverse("sources:source", args=[record.id])},
            {"label": _("规范化建设")},
        ],
    }


def _written(key: str, given: Any, typed: dict[str, tuple[str, str]] | None) -> dict[str, Any]:
    """Return what an item's entries hold: what was just typed, else what is kept."""
    if typed is not None:
        word, evidence = typed[key]
    else:
        word, evidence = (given[key].answer, given[key].evidence) if key in given else ("", "")
    options = [("", _("未填")), *((name, str(label)) for name, label in ANSWERS.items())]
    return {
        "word": word,
        "evidence": evidence,
        "options": [{"value": name, "label": label, "selected": name == word} for name, label in options],
        "shown": dict(options).get(word, word),
    }
