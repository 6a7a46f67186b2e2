"""The page of a record with a workflow: a problem, a condition survey, a quarterly release."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bishui.errors import BishuiError
from bishui.server.core import files, guard, rights, timeline, workflow
from bishui.server.core.advancing import advance
from bishui.server.core.evidence import endings
from bishui.server.core.middleware import not_found
from bishui.server.sites.queries import sites_of_kind
from bishui.server.sources import attainment, gather, releases, shown
from bishui.server.sources.models import WATERS, ConditionSurvey, Release, SourceProblem

Kept = SourceProblem | ConditionSurvey | Release
_MODELS = (SourceProblem, ConditionSurvey, Release)


def _one(request: HttpRequest, pk: UUID) -> Kept:
    """Return the record with the identifier, of whichever kind it is."""
    for model in _MODELS:
        inside = rights.visible(request.user, "sources.view", rights.every(model))
        found = inside.filter(pk=pk).first()
        if isinstance(found, _MODELS):
            return found
    raise not_found()


@guard.requires("sources.view")
@require_GET
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a record, what happened and what the user can do now."""
    found = _one(request, pk)
    workspace = request.workspace  # type: ignore[attr-defined]
    title, register, facts, back = _shown(found, workspace)
    context = {
        "record": found,
        "title": title,
        "facts": facts,
        "entries": timeline.entries(
            found, file_url=lambda key: reverse("sources:evidence", args=[found.pk, key])
        ),
        "transitions": workflow.available(found, request.user),
        "for_others": workflow.for_others(found, request.user),
        "accept": ",".join(endings()),
        "edit_url": reverse("core:register_edit", args=[register, found.pk])
        if register and rights.allowed(request.user, "sources.edit", found)
        else "",
        "crumbs": [{"label": _("饮用水水源"), "url": reverse("sources:overview")}, back, {"label": title}],
    }
    return render(request, "sources/record.html", context)


def _shown(found: Kept, workspace: Any) -> tuple[str, str, list[dict[str, Any]], dict[str, str]]:
    """Return a record's title, its register (empty for none), its facts and the list that it stands in."""
    if isinstance(found, Release):
        back = {"label": _("季度公开"), "url": reverse("sources:releases")}
        return str(found), "", _release_facts(found), back
    site = gather.site_by_code(workspace.division).get(found.source)
    url = reverse("sources:source", args=[site.pk]) if site is not None else ""
    about = {"label": _("水源地"), "text": site.name if site is not None else found.source, "url": url}
    if isinstance(found, SourceProblem):
        back = {"label": _("环境问题清单"), "url": reverse("sources:problems")}
        return found.name, "source_problems", [about, *_problem_facts(found, workspace.today)], back
    back = {"label": _("环境状况调查"), "url": reverse("sources:surveys")}
    title = _("%(year)s 年环境状况调查") % {"year": found.year}
    return title, "source_surveys", [about, *_survey_facts(found, workspace)], back


def _problem_facts(found: SourceProblem, today: Any) -> list[dict[str, Any]]:
    names = gather.unit_names([found.unit])
    _what, zone, _state, due, unit = shown.problem_cells(found, names, today)
    return [
        {"label": _("保护区级别"), **zone},
        {"label": _("问题详情"), "text": found.problem or "—"},
        {"label": _("发现日期"), "day": found.found_on},
        {"label": _("发现方式"), "text": found.found_by},
        {"label": _("整改期限"), **due},
        {"label": _("责任单位"), **unit},
        {"label": _("整改措施"), "text": found.measure or "—"},
        {"label": _("备注"), "text": found.note or "—"},
    ]


def _survey_facts(found: ConditionSurvey, workspace: Any) -> list[dict[str, Any]]:
    sources = sites_of_kind(found.division, gather.KIND)
    source = next((source for source in sources if source.code == found.source), None)
    months = attainment.years_of(workspace, [source], found.year)[source.id] if source else None
    computed = (
        {"k": months.attained, "n": months.judged, "missing": months.missing}
        if months and months.judged
        else {"text": _("系统中没有该年度可评价的监测数据")}
    )
    entered = (
        {"k": found.attained, "n": found.monitored}
        if found.attained is not None and found.monitored
        else {"text": _("未填")}
    )
    return [
        {"label": _("年取水量（万m³）"), **shown.amount(found.taken)},
        {"label": _("服务人口（万人）"), **shown.amount(found.population)},
        {"label": _("达标次数（填报）"), **entered},
        {"label": _("达标月数（按监测数据计算）"), **computed},
        {"label": _("主要发现"), "text": found.findings or "—"},
        {"label": _("备注"), "text": found.note or "—"},
    ]


def _release_facts(found: Release) -> list[dict[str, Any]]:
    names = gather.division_names(found.division)
    facts: list[dict[str, Any]] = [
        {"label": _("区划"), "text": names.get(found.division, found.division)},
        {"label": _("公开内容"), "text": str(WATERS[found.water])},
        {"label": _("公开期限"), "day": found.due},
        {"label": _("公开日期"), "day": found.released_on},
        {"label": _("登记人"), "text": found.released_by or "—"},
        {"label": _("公开网址"), "text": found.url or "—", "url": found.url},
    ]
    if found.file is not None:
        url = reverse("sources:evidence", args=[found.pk, found.file_id])
        facts.append({"label": _("公开文件"), "text": found.file.name, "url": url})
    if found.missed_on is not None:
        facts.append({"label": _("记为逾期的日期"), "day": found.missed_on})
    return facts


@guard.requires("sources.view")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Fire one transition with its evidence."""
    found = _one(request, pk)
    step = workflow.of(found).transitions.get(transition)
    if step is None or step.system:
        raise not_found()
    texts = {part.key: request.POST.get(part.key, "") for part in step.evidence if part.kind == "text"}
    given: Any = request.FILES.get("file") if any(part.kind == "file" for part in step.evidence) else None
    upload = (given.file, given.name) if given else None
    where = guard.address(request)
    try:
        if isinstance(found, Release):
            day = request.workspace.today  # type: ignore[attr-defined]
            releases.advance(
                found, transition, actor=request.user, day=day, texts=texts, upload=upload, where=where
            )
        else:
            uploads = {"file": upload} if upload is not None else {}
            advance(found, transition, actor=request.user, texts=texts, uploads=uploads, where=where)
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    return redirect("sources:record", pk=pk)


@guard.requires("sources.view")
@require_GET
def evidence(request: HttpRequest, pk: UUID, file: UUID) -> HttpResponse:
    """Give a file that was handed in with a transition of this record, as an attachment."""
    found = _one(request, pk)
    return files.download(timeline.evidence(found, str(file)))  # type: ignore[return-value]
