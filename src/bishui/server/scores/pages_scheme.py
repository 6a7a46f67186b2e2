"""The page on which a scheme's weights are changed: who would move is shown before anything is saved."""

from __future__ import annotations

import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.errors import BishuiError
from bishui.scoring import Rubric, moves, rubric_of
from bishui.server.core import clock, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.scores import queries, services
from bishui.server.scores.models import Scheme
from bishui.server.scores.pages_scores import scheme_of

#: The numbers of a line that may be changed on the page; the kind of a rule is changed in its file.
_NUMBERS = ("points", "each", "threshold", "floor")


@guard.requires("scores.manage")
def scheme(request: HttpRequest, key: str) -> HttpResponse:
    """Show a scheme with its versions; try other weights; save them as a new version."""
    chosen = scheme_of(request, key)
    if not rights.allowed_in(request.user, "scores.manage", chosen.division):
        raise not_found()
    data, tried, status = chosen.data, None, 200
    if request.method == "POST":
        data = _changed(chosen.data, request)
        try:
            tried = rubric_of(data)
            if request.POST.get("save"):
                return _saved(request, chosen, data)
        except BishuiError as error:
            status = error.http_status
            messages.error(request, str(error))
            for problem in error.problems:
                messages.error(request, str(problem))
    return render(request, "scores/scheme.html", _context(request, chosen, data, tried), status=status)


def _saved(request: HttpRequest, chosen: Scheme, data: dict[str, Any]) -> HttpResponse:
    seen = request.POST.get("seen", "")
    services.save_version(
        chosen.division,
        data,
        seen=int(seen) if seen.isdecimal() else 0,
        why=request.POST.get("why", ""),
        actor=request.user,
        at=clock.now(),
        where=guard.address(request),
    )
    messages.success(request, _("新版本已生效。"))
    return redirect("scores:ranking", key=chosen.key)


def _changed(data: Any, request: HttpRequest) -> dict[str, Any]:
    """Return the rubric with the numbers that were typed."""
    made: dict[str, Any] = copy.deepcopy(data)
    for entry in _entries(made.get("rule", [])):
        for name in _NUMBERS:
            typed = request.POST.get(f"{entry['id']}.{name}")
            if typed is not None and (typed.strip() or name == "points"):
                number = services.number(typed)
                entry[name] = typed if number is None else f"{number:f}"
    return made


def _entries(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for rule in rules for entry in (rule, *_entries(rule.get("parts", [])))]


def _context(request: HttpRequest, chosen: Scheme, data: Any, tried: Rubric | None) -> dict[str, Any]:
    former = {entry["id"]: entry for entry in _entries(chosen.data.get("rule", []))}
    context = {
        "scheme": chosen,
        "rubric": chosen.rubric,
        "lines": [
            {
                "entry": entry,
                "title": str(rule.title),
                "kind": str(_kinds()[rule.kind]),
                "depth": 0 if entry in data["rule"] else 1,
                "numbers": [
                    {
                        "name": f"{entry['id']}.{name}",
                        "label": _labels()[name],
                        "value": entry[name],
                        "changed": str(entry[name]) != str(former[entry["id"]].get(name)),
                    }
                    for name in _NUMBERS
                    if name in entry
                ],
            }
            for entry, rule in zip(_entries(data["rule"]), chosen.rubric.all_rules(), strict=True)
        ],
        "versions": Scheme.objects.filter(division=chosen.division, key=chosen.key),
        "why": request.POST.get("why", ""),
        "seen": request.POST.get("seen", chosen.number),
        "tried": tried,
        "crumbs": [
            {"label": _("考核评分"), "url": reverse("scores:index")},
            {"label": chosen.title, "url": reverse("scores:ranking", args=[chosen.key])},
            {"label": _("评分办法")},
        ],
    }
    if tried is not None:
        context |= _moves(request, chosen, tried)
    return context


def _moves(request: HttpRequest, chosen: Scheme, tried: Rubric) -> dict[str, Any]:
    workspace = request.workspace  # type: ignore[attr-defined]
    before = queries.standing(chosen, workspace)
    after = before.tried(tried)
    names = before.names()
    found = moves(before.ranked, after.ranked)
    return {
        "moved": sum(move.moved for move in found),
        "columns": [
            {"label": _("对象")},
            {"label": _("名次变化")},
            {"label": _("得分变化")},
        ],
        "rows": [
            {
                "cells": [
                    {"text": names[move.subject]},
                    {"text": f"{move.place_before} → {move.place_after}"},
                    {"text": f"{move.points_before} → {move.points_after}"},
                ]
            }
            for move in found
            if move.moved
        ],
        "doubts": tried.problems,
    }


def _kinds() -> dict[str, str]:
    return {
        "judged": _("人工评定"),
        "deduct_per_case": _("按次扣分"),
        "on_time": _("按时"),
        "all_or_nothing": _("达到即得"),
        "proportional": _("按比例"),
        "count": _("按件计分"),
        "bonus_or_penalty": _("加减分"),
        "sum_of_parts": _("分项合计"),
    }


def _labels() -> dict[str, str]:
    return {
        "points": _("分值"),
        "each": _("每次扣分"),
        "threshold": _("要求"),
        "floor": _("保底分"),
    }
