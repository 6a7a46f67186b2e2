"""Pages of scores: the ranking, one score opened to its parts, what people judge, what was released."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from openpyxl import Workbook

from bishui.errors import BishuiError
from bishui.observations import escape_formula
from bishui.scoring import ItemScore, Rank, Rubric, fact_kinds, lists, rubrics
from bishui.server.core import clock, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.scores import facts, queries, services
from bishui.server.scores.models import Judgement, ReleasedScores, Scheme
from bishui.server.scores.plain import item_as_data, ranks_as_data
from bishui.server.scores.queries import Standing

_TONES = {"scored": "good", "pending": "warn", "excluded": "idle"}


def scheme_of(request: HttpRequest, key: str) -> Scheme:
    """Return the scheme in force in the city worked in.

    Raises
    ------
    NotFound
        If the city has none of that name.
    """
    found = queries.scheme(request.workspace.division, key)  # type: ignore[attr-defined]
    if found is None:
        raise not_found()
    return found


@guard.requires("scores.view")
def index(request: HttpRequest) -> HttpResponse:
    """List the schemes of the city; a scheme that comes with the software can be taken over."""
    workspace = request.workspace  # type: ignore[attr-defined]
    in_force = queries.schemes(workspace.division)
    offered = {key: item for key, item in rubrics().items() if key not in {s.key for s in in_force}}
    if request.method == "POST":
        if not rights.allowed_in(request.user, "scores.manage", workspace.division):
            raise not_found()
        wanted = request.POST.get("rubric", "")
        if wanted in offered:
            services.install(
                workspace.division,
                wanted,
                actor=request.user,
                at=clock.now(),
                where=guard.address(request),
            )
        return redirect("scores:index")
    context = {
        "schemes": [{"scheme": item, "rubric": item.rubric} for item in in_force],
        "offered": offered.values(),
        "may_manage": rights.allowed_in(request.user, "scores.manage", workspace.division),
        "releases": ReleasedScores.objects.filter(division=workspace.division).select_related("scheme")[:20],
    }
    return render(request, "scores/index.html", context)


@guard.requires("scores.view")
@require_GET
def ranking(request: HttpRequest, key: str) -> HttpResponse:
    """Show the scores as they stand: places, points, what is still unknown, the two lists."""
    workspace = request.workspace  # type: ignore[attr-defined]
    chosen = scheme_of(request, key)
    found = queries.standing(chosen, workspace)
    seen = [rank for rank in found.ranked if _may_see(request, found, rank.subject)]
    good, bad = lists(found.ranked, chosen.rubric.lists)
    names = found.names()
    context = {
        "scheme": chosen,
        "rubric": chosen.rubric,
        "columns": [
            {"label": _("名次")},
            {"label": _("对象")},
            {"label": _("得分"), "numeric": True},
            {"label": _("未定")},
        ],
        "rows": [{"cells": _rank_cells(chosen, rank, names)} for rank in seen],
        "good": [names[rank.subject] for rank in good],
        "bad": [names[rank.subject] for rank in bad],
        "sees_all": len(seen) == len(found.ranked),
        "may_manage": rights.allowed_in(request.user, "scores.manage", workspace.division),
        "crumbs": [{"label": _("考核评分"), "url": reverse("scores:index")}, {"label": chosen.title}],
    }
    return render(request, "scores/ranking.html", context)


def _may_see(request: HttpRequest, found: Standing, subject: str) -> bool:
    return rights.allowed(request.user, "scores.view", found.subjects[subject])


def _rank_cells(chosen: Scheme, rank: Rank, names: dict[str, str]) -> list[dict[str, Any]]:
    pending = len(list(rank.score.pending()))
    unsettled = (
        _("%(count)s 项未定，可能为 %(low)s 至 %(high)s 分")
        % {"count": pending, "low": rank.score.lowest, "high": rank.score.highest}
        if pending
        else "—"
    )
    place = str(rank.place) if rank.settled else _("暂列 %(place)s") % {"place": rank.place}
    url = f"{reverse('scores:subject', args=[chosen.key])}?{urlencode({'id': rank.subject})}"
    return [
        {"text": place},
        {"text": names[rank.subject], "url": url},
        {"text": f"{rank.score.points:f}"},
        {"text": unsettled},
    ]


@guard.requires("scores.view")
@require_GET
def subject(request: HttpRequest, key: str) -> HttpResponse:
    """Open one score to its lines, facts and sources."""
    chosen = scheme_of(request, key)
    return _subject_page(request, chosen, request.GET.get("id", ""), {}, 200)


def _subject_page(
    request: HttpRequest, chosen: Scheme, identifier: str, typed: dict[str, str], status: int
) -> HttpResponse:
    workspace = request.workspace  # type: ignore[attr-defined]
    found = queries.standing(chosen, workspace)
    rank = next((item for item in found.ranked if item.subject == identifier), None)
    if rank is None or not _may_see(request, found, identifier):
        raise not_found()
    entered = queries.judgements(chosen, workspace.today.year).get(identifier, {})
    may_judge = rights.allowed_in(request.user, "scores.judge", chosen.division)
    name = found.subjects[identifier].name
    context = {
        "scheme": chosen,
        "name": name,
        "subject": identifier,
        "rank": rank,
        "items": [
            _item(item, chosen.rubric, entered, typed, may_judge=may_judge) for item in rank.score.items
        ],
        "may_judge": may_judge,
        "crumbs": [
            {"label": _("考核评分"), "url": reverse("scores:index")},
            {"label": chosen.title, "url": reverse("scores:ranking", args=[chosen.key])},
            {"label": name},
        ],
    }
    return render(request, "scores/subject.html", context, status=status)


def _item(
    item: ItemScore,
    rubric: Rubric,
    entered: dict[str, Judgement],
    typed: dict[str, str],
    *,
    may_judge: bool,
) -> dict[str, Any]:
    """Return one line as the page shows it, with its facts and the entries that a person can make."""
    kinds = fact_kinds()
    shown = [
        {
            "name": name,
            "label": rubric.label(name),
            "value": "—" if fact.value is None else f"{fact.value.normalize():f}",
            "source": fact.source,
            "entry": _entry(name, entered, typed) if may_judge and name not in kinds else None,
        }
        for name, fact in item.facts.items()
        if not item.parts
    ]
    return {
        "item": item,
        "tone": _TONES[item.state],
        "word": {"scored": _("已计分"), "pending": _("未定"), "excluded": _("不适用")}[item.state],
        "facts": shown,
        "parts": [_item(part, rubric, entered, typed, may_judge=may_judge) for part in item.parts],
    }


def _entry(name: str, entered: dict[str, Judgement], typed: dict[str, str]) -> dict[str, Any]:
    former = entered.get(name)
    again = typed if typed.get("fact") == name else {}
    value = "" if former is None or former.value is None else f"{former.value.normalize():f}"
    return {
        "version": former.version if former else "",
        "value": again.get("value", value),
        "reason": again.get("reason", former.reason if former else ""),
    }


@guard.requires("scores.judge")
@require_POST
def judge(request: HttpRequest, key: str) -> HttpResponse:
    """Enter a fact that a person judges or counts."""
    chosen = scheme_of(request, key)
    workspace = request.workspace  # type: ignore[attr-defined]
    if not rights.allowed_in(request.user, "scores.judge", chosen.division):
        raise not_found()
    typed = {name: request.POST.get(name, "") for name in ("id", "fact", "value", "reason", "version")}
    if typed["id"] not in {item.id for item in facts.subjects(chosen.subject, workspace)}:
        raise not_found()
    try:
        services.judge(
            chosen,
            typed["id"],
            typed["fact"],
            typed["value"],
            year=workspace.today.year,
            reason=typed["reason"],
            version=int(typed["version"]) if typed["version"].isdecimal() else None,
            actor=request.user,
            at=clock.now(),
            where=guard.address(request),
        )
    except BishuiError as error:
        messages.error(request, str(error))
        return _subject_page(request, chosen, typed["id"], typed, error.http_status)
    return redirect(f"{reverse('scores:subject', args=[key])}?{urlencode({'id': typed['id']})}")


@guard.requires("scores.manage")
@require_POST
def release(request: HttpRequest, key: str) -> HttpResponse:
    """Release the scores as they stand; they are kept and never change."""
    chosen = scheme_of(request, key)
    workspace = request.workspace  # type: ignore[attr-defined]
    if not rights.allowed_in(request.user, "scores.manage", chosen.division):
        raise not_found()
    found = queries.standing(chosen, workspace)
    made = services.release(
        chosen,
        ranks_as_data(found.ranked, found.names()),
        year=workspace.today.year,
        day=workspace.today,
        actor=request.user,
        at=clock.now(),
        where=guard.address(request),
    )
    return redirect("scores:released", pk=made.pk)


@guard.requires("scores.view")
@require_GET
def released(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show released scores as they were on their day."""
    record = guard.one(request, ReleasedScores, "scores.view", pk)
    context = {
        "record": record,
        "columns": [
            {"label": _("名次")},
            {"label": _("对象")},
            {"label": _("得分"), "numeric": True},
            {"label": _("未定项"), "numeric": True},
        ],
        "rows": [
            {
                "cells": [
                    {"text": str(entry["place"])},
                    {"text": entry["name"]},
                    {"text": entry["points"]},
                    {"text": str(sum(item["state"] == "pending" for item in entry["items"]))},
                ]
            }
            for entry in record.content
        ],
        "crumbs": [{"label": _("考核评分"), "url": reverse("scores:index")}, {"label": str(record)}],
    }
    return render(request, "scores/released.html", context)


@guard.requires("scores.view")
@require_GET
def export(request: HttpRequest, key: str) -> HttpResponse:
    """Give the scores that the user may see as a workbook: one row for each line of each score."""
    workspace = request.workspace  # type: ignore[attr-defined]
    chosen = scheme_of(request, key)
    found = queries.standing(chosen, workspace)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([_("名次"), _("对象"), _("评分项"), _("满分"), _("得分"), _("计分说明"), _("依据")])
    names = found.names()
    for rank in found.ranked:
        if _may_see(request, found, rank.subject):
            for item in rank.score.items:
                sheet.append([escape_formula(text) for text in _export_row(rank, item, names)])
    stream = BytesIO()
    book.save(stream)
    response = HttpResponse(
        stream.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = f'attachment; filename="scores-{chosen.key}.xlsx"'
    return response


def _export_row(rank: Rank, item: ItemScore, names: dict[str, str]) -> list[str]:
    data = item_as_data(item)
    sources = "；".join(fact["source"] for fact in data["facts"].values() if fact["source"])
    return [
        str(rank.place),
        names[rank.subject],
        str(item.rule.title),
        data["of"],
        data["points"] or "",
        str(item.reckoning),
        sources,
    ]
