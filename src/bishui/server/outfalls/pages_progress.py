"""The programme's progress (整治进度): each milestone on its frozen list and on today's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bishui.errors import BishuiError
from bishui.outfalls import Progress, Standing
from bishui.server.core import guard, rights
from bishui.server.outfalls import milestones, pages_list, shown_names
from bishui.server.outfalls.forms_milestone import MilestoneForm, denominators, numerators
from bishui.server.outfalls.models import Milestone, Outfall
from bishui.server.outfalls.shown_stages import stage_label, stage_tone
from bishui.server.outfalls.standings import standings

#: So many names of the lacking stand on the page; the report holds all.
_NAMES = 60


@guard.requires("outfalls.view")
@require_GET
def progress_page(request: HttpRequest) -> HttpResponse:
    """Show each milestone: what it counts, the frozen list and today's side by side, who is lacking."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return pages_list.no_city(request)
    found = list(rights.visible(request.user, "outfalls.view", milestones.milestones_of(city.division)))
    known: dict[tuple[str, ...], list[Standing]] = {}
    told = []
    for milestone in found:
        scope = (milestone.division, *milestone.waters)
        if scope not in known:
            known[scope] = standings(milestone.division, city.today, waters=milestone.waters)
        told.append(_told(milestone, known[scope], city.today))
    names = shown_names.counties(city.division)
    waters = shown_names.waters(city.division)
    for entry in told:
        record = entry["milestone"]
        entry["scope"] = names.get(record.division, "")
        entry["waters"] = [waters.get(code, code) for code in record.waters]
    context = {
        "milestones": told,
        "today": city.today,
        "may_edit": rights.allowed_in(request.user, "outfalls.edit", city.acting),
        "may_report": rights.holds(request.user, "reports.view"),
    }
    return render(request, "outfalls/progress.html", context)


def _told(milestone: Milestone, known: list[Standing], day: Any) -> dict[str, Any]:
    today = milestones.on_today(milestone, known, day)
    frozen = milestones.on_frozen(milestone, known, day)
    snapshot = milestones.newest(milestone)
    return {
        "milestone": milestone,
        "denominator": denominators()[milestone.denominator],
        "numerator": numerators()[milestone.numerator],
        "today": _counted(today),
        "frozen": _counted(frozen) if frozen else None,
        "snapshot": snapshot,
        "then": len(snapshot.done) if snapshot else 0,
        "lacking": _lacking(today),
        "more": max(0, len(today.codes) - len(today.done) - _NAMES),
        "days_over": (day - milestone.due).days,
    }


def _counted(found: Progress) -> dict[str, Any]:
    tone = {True: "good", False: "warn", None: "idle"}[found.attained]
    word = {True: _("已达到"), False: _("未达到"), None: _("不适用：没有计入的排污口")}[found.attained]
    return {
        "done": len(found.done),
        "counted": len(found.codes),
        "tone": tone,
        "word": word,
        "lacking": found.lacking,
    }


def _lacking(found: Progress) -> list[dict[str, Any]]:
    """Return those that are counted and not done, by name, as far as the page has room."""
    done = set(found.done)
    codes = [code for code in found.codes if code not in done][:_NAMES]
    fields = ("code", "name", "stage", "due", "responsible_name")
    rows = Outfall.objects.filter(code__in=codes).order_by("code").values_list(*fields)
    return [
        {
            "cells": [
                {"text": name or code, "url": reverse("outfalls:outfall", args=[code]), "note": code},
                {"state": stage_tone(stage), "label": stage_label(stage)},
                {"text": responsible or "—"},
                {"day": due} if due else {"text": "—"},
            ]
        }
        for code, name, stage, due, responsible in rows
    ]


@guard.requires("outfalls.edit")
@require_http_methods(["GET", "POST"])
def new_milestone(request: HttpRequest) -> HttpResponse:
    """Define a milestone: share, day, what is counted, where it stands written."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return pages_list.no_city(request)
    form = MilestoneForm(
        request.POST or None,
        counties=shown_names.counties(city.acting),
        waters=shown_names.waters(city.division),
    )
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            milestones.define(
                fields.pop("division"), actor=request.user, where=guard.address(request), **fields
            )
        except BishuiError as error:
            form.add_error(None, str(error))
        else:
            return redirect("outfalls:progress")
    crumbs = [
        {"label": _("整治进度"), "url": reverse("outfalls:progress")},
        {"label": _("新增阶段目标")},
    ]
    return render(
        request,
        "outfalls/form.html",
        {
            "form": form,
            "title": _("新增阶段目标"),
            "crumbs": crumbs,
            "cancel_url": reverse("outfalls:progress"),
        },
    )


@guard.requires("outfalls.edit")
@require_POST
def freeze(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Freeze the list that a milestone counts, as it stands today."""
    city: Any = request.workspace  # type: ignore[attr-defined]
    milestone = guard.one(request, Milestone, "outfalls.edit", pk)
    guard.check(request, "outfalls.edit", milestone)
    try:
        milestones.freeze(milestone, city.today, actor=request.user, where=guard.address(request))
    except BishuiError as error:
        messages.error(request, str(error))
    return redirect("outfalls:progress")
