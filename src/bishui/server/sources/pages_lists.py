"""Lists over all sources: problems, condition surveys, quarterly releases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights, workflow
from bishui.server.sources import gather, shown
from bishui.server.sources.models import ConditionSurvey, Release, SourceProblem
from bishui.server.sources.pages_source import survey_cells, survey_columns

_PER_PAGE = 50


def _found(request: HttpRequest, model: Any) -> QuerySet[Any]:
    inside = model.objects.filter(division__startswith=guard.division_of(request))
    return rights.visible(request.user, "sources.view", inside)


def _crumbs(label: str) -> list[dict[str, str]]:
    return [{"label": _("饮用水水源"), "url": reverse("sources:overview")}, {"label": label}]


def _states(flow: str, chosen: str, first: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the filter by state: the groups of `first`, then each state of the workflow."""
    states = workflow.load_all()[flow].states.values()
    options = [*first, *((state.id, str(state.label)) for state in states)]
    return {
        "name": "state",
        "label": _("状态"),
        "kind": "select",
        "options": [{"value": key, "label": label, "selected": key == chosen} for key, label in options],
    }


@guard.requires("sources.view")
@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    """List the problems, those that are not closed first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    chosen = request.GET.get("state", "waiting")
    found = _found(request, SourceProblem)
    if chosen == "waiting":
        found = found.exclude(state="closed")
    elif chosen != "all":
        found = found.filter(state=chosen)
    page = Paginator(found.order_by("due", "code"), _PER_PAGE).get_page(request.GET.get("page"))
    names = gather.unit_names(problem.unit for problem in page)
    sites = gather.site_by_code(workspace.division)
    columns = shown.problem_columns()
    context = {
        "page": page,
        "register": "source_problems",
        "filters": [_states("source_problem", chosen, [("waiting", _("未销号")), ("all", _("全部"))])],
        "columns": [columns[0], {"label": _("水源地")}, *columns[1:]],
        "rows": [{"cells": _problem(problem, names, sites, workspace.today)} for problem in page],
        "may_edit": rights.holds(request.user, "sources.edit"),
        "crumbs": _crumbs(_("环境问题清单")),
    }
    return render(request, "sources/problems.html", context)


def _problem(problem: SourceProblem, names: dict[str, str], sites: Any, today: Any) -> list[dict[str, Any]]:
    cells = shown.problem_cells(problem, names, today)
    site = sites.get(problem.source)
    url = reverse("sources:source", args=[site.pk]) if site is not None else ""
    return [cells[0], {"text": site.name if site is not None else problem.source, "url": url}, *cells[1:]]


@guard.requires("sources.view")
@require_GET
def surveys(request: HttpRequest) -> HttpResponse:
    """List the yearly condition surveys, the newest year first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    page = Paginator(_found(request, ConditionSurvey), _PER_PAGE).get_page(request.GET.get("page"))
    sites = gather.site_by_code(workspace.division)
    context = {
        "page": page,
        "columns": survey_columns(),
        "rows": [{"cells": survey_cells(survey, _survey_name(survey, sites))} for survey in page],
        "may_edit": rights.holds(request.user, "sources.edit"),
        "crumbs": _crumbs(_("环境状况调查")),
    }
    return render(request, "sources/surveys.html", context)


def _survey_name(survey: ConditionSurvey, sites: Any) -> str:
    site = sites.get(survey.source)
    return f"{survey.year} {site.name if site is not None else survey.source}"


@guard.requires("sources.view")
@require_GET
def releases(request: HttpRequest) -> HttpResponse:
    """List the quarterly releases; those that nobody made by their day are missing."""
    workspace = request.workspace  # type: ignore[attr-defined]
    chosen = request.GET.get("state", "all")
    found = _found(request, Release)
    counts = {
        "released": found.filter(due__lte=workspace.today, state="released").count(),
        "due": found.filter(due__lte=workspace.today).count(),
    }
    if chosen != "all":
        found = found.filter(state=chosen)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    names = gather.division_names(workspace.division)
    context = {
        "page": page,
        "counts": counts | {"missing": counts["due"] - counts["released"]},
        "filters": [_states("source_release", chosen, [("all", _("全部"))])],
        "columns": shown.release_columns(),
        "rows": [{"cells": shown.release_cells(release, names)} for release in page],
        "crumbs": _crumbs(_("季度公开")),
    }
    return render(request, "sources/releases.html", context)
