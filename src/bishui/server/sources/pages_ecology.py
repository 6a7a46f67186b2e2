"""Pages of aquatic-ecology surveys (水生态调查): the list with the trend of scores, and one survey."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights
from bishui.server.sources import gather, shown
from bishui.server.sources.models import EcologySurvey, SurveySpecies

_PER_PAGE = 50
_ALIEN = ("alien", "invasive")


@guard.requires("sources.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the surveys, the newest first, and draw each site's scores by one index."""
    workspace = request.workspace  # type: ignore[attr-defined]
    inside = EcologySurvey.objects.filter(division__startswith=workspace.division)
    found = rights.visible(request.user, "sources.view", inside)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    sites = gather.site_by_code(workspace.division)
    species = _species([survey.code for survey in page])
    context = {
        "page": page,
        "chart": _chart(list(found), sites),
        "columns": [
            {"label": _("点位")},
            {"label": _("调查日期")},
            {"label": _("调查对象")},
            {"label": _("健康得分"), "numeric": True},
            {"label": _("健康指数")},
            {"label": _("物种数"), "numeric": True},
            {"label": _("重点保护"), "numeric": True},
            {"label": _("外来"), "numeric": True},
        ],
        "rows": [{"cells": _cells(survey, sites, species.get(survey.code, {}))} for survey in page],
        "may_edit": rights.holds(request.user, "sources.edit"),
    }
    return render(request, "sources/ecology.html", context)


def _species(codes: list[str]) -> dict[str, Any]:
    """Return how many species, protected and alien ones, each survey has."""
    counted = (
        SurveySpecies.objects.filter(survey__in=codes)
        .order_by()
        .values("survey")
        .annotate(
            all=Count("pk"),
            protected=Count("pk", filter=~Q(protected="")),
            alien=Count("pk", filter=Q(alien__in=_ALIEN)),
        )
    )
    return {row["survey"]: row for row in counted}


def _name(survey: EcologySurvey, sites: Any) -> str:
    site = sites.get(survey.site)
    return site.name if site is not None else survey.site


def _cells(survey: EcologySurvey, sites: Any, species: Any) -> list[dict[str, Any]]:
    listed = bool(species)
    return [
        {"text": _name(survey, sites), "url": reverse("sources:ecology_survey", args=[survey.pk])},
        {"day": survey.surveyed_on},
        {"text": shown.choice("ecology_surveys", "community", survey.community)},
        shown.amount(survey.score),
        {"text": survey.index_name or "—"},
        {"number": species["all"]} if listed else {"text": _("未填")},
        {"number": species["protected"]} if listed else {"text": "—"},
        {"number": species["alien"]} if listed else {"text": "—"},
    ]


def _chart(surveys: list[EcologySurvey], sites: Any) -> dict[str, Any] | None:
    """Return the series of each site and index with at least two scores; two indices are never joined."""
    series: dict[tuple[str, str], list[EcologySurvey]] = {}
    for survey in sorted(surveys, key=lambda survey: survey.surveyed_on):
        if survey.score is not None:
            series.setdefault((survey.site, survey.index_name), []).append(survey)
    drawn = {key: found for key, found in series.items() if len(found) > 1}
    if not drawn:
        return None
    return {
        "title": _("健康得分变化"),
        "items": [
            {
                "key": f"s{position}",
                "name": f"{_name(found[0], sites)} {index}",
                "unit": "",
                "points": [_point(survey) for survey in found],
                "limits": [],
            }
            for position, ((_site, index), found) in enumerate(drawn.items())
        ],
    }


def _point(survey: EcologySurvey) -> list[str]:
    assert survey.score is not None
    return [datetime.combine(survey.surveyed_on, time()).isoformat(), f"{survey.score.normalize():f}"]


@guard.requires("sources.view")
@require_GET
def survey(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one survey with its species."""
    found = guard.one(request, EcologySurvey, "sources.view", pk)
    workspace = request.workspace  # type: ignore[attr-defined]
    sites = gather.site_by_code(workspace.division)
    species = SurveySpecies.objects.filter(survey=found.code)
    title = f"{_name(found, sites)} {found.surveyed_on.isoformat()}"
    site = sites.get(found.site)
    context = {
        "survey": found,
        "title": title,
        "facts": [
            {
                "label": _("点位"),
                "text": _name(found, sites),
                "url": reverse("sites:site", args=[site.pk]) if site is not None else "",
            },
            {"label": _("调查日期"), "day": found.surveyed_on},
            {"label": _("调查对象"), "text": shown.choice("ecology_surveys", "community", found.community)},
            {"label": _("调查方法"), "text": found.method},
            {"label": _("健康得分"), **shown.amount(found.score), "note": found.index_name},
            {"label": _("调查单位"), "text": found.surveyor or "—"},
            {"label": _("备注"), "text": found.note or "—"},
        ],
        "columns": [
            {"label": _("物种名称")},
            {"label": _("学名")},
            {"label": _("数量"), "numeric": True},
            {"label": _("保护级别")},
            {"label": _("是否外来")},
        ],
        "rows": [{"cells": _species_cells(entry)} for entry in species],
        "may_edit": rights.allowed(request.user, "sources.edit", found),
        "crumbs": [{"label": _("水生态调查"), "url": reverse("sources:ecology")}, {"label": title}],
    }
    return render(request, "sources/ecology_survey.html", context)


def _species_cells(entry: SurveySpecies) -> list[dict[str, Any]]:
    protected = shown.choice("ecology_species", "protected", entry.protected)
    alien = shown.choice("ecology_species", "alien", entry.alien)
    return [
        {"text": entry.name},
        {"text": entry.latin or "—"},
        {"number": entry.count} if entry.count is not None else {"text": _("有，未计数")},
        {"state": "info", "label": protected} if entry.protected else {"text": "—"},
        {"state": "warn", "label": alien} if entry.alien in _ALIEN else {"text": alien},
    ]
