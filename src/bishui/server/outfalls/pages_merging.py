"""Pages of entries that may be one outfall (疑似重复), and of older classes to be replaced (分类迁移)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bishui.errors import DataError
from bishui.i18n import Text
from bishui.outfalls import legacy_types, outfall_types, proposed_type
from bishui.server.core import audit, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.outfalls import merging
from bishui.server.outfalls.models import LikenessDecision, Outfall
from bishui.server.outfalls.pages_list import no_city
from bishui.server.outfalls.shown_stages import kind_label, stage_label

PER_PAGE = 20
_REASONS = {
    "near": Text("位置很近"),
    "same_name": Text("名称相同或相含"),
    "same_code": Text("省市系统编码相同"),
}


@guard.requires("outfalls.view")
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """List the pairs that may be one outfall, and what was decided about others."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return no_city(request)
    page = Paginator(merging.open_pairs(city.division), PER_PAGE).get_page(request.GET.get("page"))
    decisions = LikenessDecision.objects.filter(division__startswith=city.division)
    context = {
        "page": page,
        "pairs": [_pair(proposal) for proposal in merging.proposals(page)],
        "decisions": decisions[:PER_PAGE],
        "merged": Outfall.objects.filter(division__startswith=city.division).exclude(merged_into="")[
            :PER_PAGE
        ],
        "may_edit": rights.allowed_in(request.user, "outfalls.edit", city.acting),
    }
    return render(request, "outfalls/duplicates.html", context)


def _pair(proposal: merging.Proposal) -> dict[str, Any]:
    return {
        "first": proposal.first,
        "second": proposal.second,
        "distance": proposal.likeness.distance,
        "why": [_REASONS[reason] for reason in proposal.likeness.reasons],
        "sides": [_side(proposal.first), _side(proposal.second)],
    }


def _side(outfall: Outfall) -> dict[str, Any]:
    return {
        "outfall": outfall,
        "url": reverse("outfalls:outfall", args=[outfall.code]),
        "stage": stage_label(outfall.stage),
        "kind": kind_label(outfall),
    }


@guard.requires("outfalls.edit")
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Merge two entries, or keep them apart, with the reason."""
    first, second = _outfall(request, "first"), _outfall(request, "second")
    reason, kept = request.POST.get("reason", ""), request.POST.get("kept", "")
    where = guard.address(request)
    if kept == "both":
        merging.keep_apart(first, second, reason, actor=request.user, where=where)
        messages.success(request, _("已记为两个排污口。"))
    elif kept in (first.code, second.code):
        stays, goes = (first, second) if kept == first.code else (second, first)
        merging.merge(stays, goes, reason, actor=request.user, where=where)
        messages.success(request, _("已并入“{name}”，原有记录都在。").format(name=stays))
    else:
        raise DataError(Text("请选择保留哪一个，或注明是两个。"), remedy=Text("选择后再提交。"))
    return redirect("outfalls:duplicates")


@guard.requires("outfalls.edit")
@require_POST
def part(request: HttpRequest) -> HttpResponse:
    """Undo a merging."""
    gone = _outfall(request, "gone")
    merging.part(gone, request.POST.get("reason", ""), actor=request.user, where=guard.address(request))
    messages.success(request, _("已撤销合并。"))
    return redirect("outfalls:duplicates")


def _outfall(request: HttpRequest, name: str) -> Outfall:
    found = rights.visible(request.user, "outfalls.edit", Outfall.objects.all())
    outfall = found.filter(code=request.POST.get(name, "")).first()
    if outfall is None:
        raise not_found()
    return outfall


@guard.requires("outfalls.view")
@require_GET
def classification(request: HttpRequest) -> HttpResponse:
    """List the outfalls that have an older class and no type of HJ 1312 yet."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return no_city(request)
    waiting = Outfall.objects.filter(division__startswith=city.division, kind="", merged_into="")
    waiting = waiting.exclude(legacy_kind="").order_by("legacy_kind", "code")
    page = Paginator(waiting, PER_PAGE * 2).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "columns": [{"label": label} for label in (_("排污口"), _("旧分类"), _("可能的新分类"), _("建议"))],
        "rows": [_row(outfall) for outfall in page],
        "may_edit": rights.allowed_in(request.user, "outfalls.edit", city.acting),
    }
    return render(request, "outfalls/classification.html", context)


def _row(outfall: Outfall) -> dict[str, Any]:
    old = legacy_types()[outfall.legacy_kind]
    proposed = proposed_type(outfall.legacy_kind)
    among = "、".join(outfall_types()[key].name for key in old.maps_to)
    return {
        "cells": [
            {
                "text": str(outfall),
                "url": reverse("outfalls:outfall", args=[outfall.code]),
                "note": outfall.code,
            },
            {"text": old.name},
            {"text": among or _("溯源时判定是否为排污口")},
            {"text": proposed.name if proposed else _("由溯源确定")},
        ]
    }


@guard.requires("outfalls.edit")
@require_POST
def accept_types(request: HttpRequest) -> HttpResponse:
    """Give the one new type that it can mean to every outfall of an older class."""
    city: Any = request.workspace  # type: ignore[attr-defined]
    waiting = rights.visible(request.user, "outfalls.edit", Outfall.objects.all())
    waiting = waiting.filter(division__startswith=city.division, kind="").exclude(legacy_kind="")
    with audit.action(
        "outfalls.types_accepted",
        actor=request.user,
        where=guard.address(request),
        division=city.division,
    ):
        count = 0
        for outfall in waiting.order_by("code"):
            proposed = proposed_type(outfall.legacy_kind)
            if proposed is not None:
                outfall.kind = proposed.id
                outfall.save()
                count += 1
    messages.success(request, _("已采用 {count} 个建议的分类。").format(count=count))
    return redirect("outfalls:classification")
