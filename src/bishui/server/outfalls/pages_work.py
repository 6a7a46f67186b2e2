"""What waits for the user (待办): for each role the outfalls at the step that it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights
from bishui.server.outfalls import pages_list, shown_names
from bishui.server.outfalls.models import Outfall, OutfallRound
from bishui.server.outfalls.shown_list import Asked, matching
from bishui.server.outfalls.shown_stages import kind_label

_SHOWN = 15
#: So many days before the day of a second visit it is reminded of.
_SOON = timedelta(days=7)

Choose = Callable[[QuerySet[Outfall], Any], QuerySet[Outfall]]


@dataclass(frozen=True, slots=True)
class Work:
    """One list of work: whose right it asks for, what stands in it, and the list that shows all of it."""

    title: str
    action: str
    choose: Choose
    asked: dict[str, str]


def _at(*stages: str) -> Choose:
    return lambda outfalls, _city: outfalls.filter(stage__in=stages)


def _overdue(outfalls: QuerySet[Outfall], city: Any) -> QuerySet[Outfall]:
    return matching(outfalls, Asked(city.division, overdue=True, today=city.today))


def _open_round(**fields: Any) -> Exists:
    return Exists(OutfallRound.objects.filter(outfall=OuterRef("pk"), superseded=False, **fields))


def _to_sample(outfalls: QuerySet[Outfall], _city: Any) -> QuerySet[Outfall]:
    return outfalls.filter(stage="verified").exclude(_open_round(state="verified", can_sample="no"))


def _to_trace(outfalls: QuerySet[Outfall], _city: Any) -> QuerySet[Outfall]:
    cannot = outfalls.filter(stage="verified").filter(_open_round(state="verified", can_sample="no"))
    return outfalls.filter(stage__in=("sampled", "tracing")) | cannot


def _revisit(outfalls: QuerySet[Outfall], city: Any) -> QuerySet[Outfall]:
    rounds = OutfallRound.objects.filter(revisit_on__lte=city.today + _SOON, superseded=False)
    waiting = rounds.exclude(state__in=("signed_off", "no_action", "not_outfall"))
    sampled = Exists(
        Outfall.objects.filter(pk=OuterRef("outfall"), samples__made_at__gte=OuterRef("revisit_on"))
    )
    return outfalls.filter(pk__in=waiting.exclude(sampled).values("outfall_id"))


def works() -> list[Work]:
    """Return the lists of work in the order of the way."""
    return [
        Work(_("待核实"), "outfalls.survey", _at("suspected"), {"stage": "suspected"}),
        Work(_("待采样"), "outfalls.sample", _to_sample, {"stage": "verified"}),
        Work(_("待补采或回访"), "outfalls.sample", _revisit, {}),
        Work(_("待溯源"), "outfalls.trace", _to_trace, {"stage": "tracing"}),
        Work(_("待定整治方案"), "outfalls.remediate", _at("traced"), {"stage": "traced"}),
        Work(_("待整治"), "outfalls.remediate", _at("planned", "remediating"), {"stage": "remediating"}),
        Work(_("待验收"), "outfalls.accept", _at("pending_acceptance"), {"stage": "pending_acceptance"}),
        Work(_("整治逾期"), "outfalls.view", _overdue, {"overdue": "yes"}),
    ]


@guard.requires("outfalls.view")
@require_GET
def work_page(request: HttpRequest) -> HttpResponse:
    """Show what waits for the user, and how much of it."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return pages_list.no_city(request)
    inside = Outfall.objects.filter(division__startswith=city.division, merged_into="")
    names = shown_names.counties(city.division)
    lists = []
    for work in works():
        if not rights.holds(request.user, work.action):
            continue
        found = work.choose(rights.visible(request.user, work.action, inside), city)
        rows = list(found.order_by("stage_since", "code")[: _SHOWN + 1])
        url = f"{reverse('outfalls:list')}?{urlencode(work.asked)}" if work.asked else ""
        lists.append(
            {
                "title": work.title,
                "rows": [{"cells": _cells(outfall, names, city.today)} for outfall in rows[:_SHOWN]],
                "more": len(rows) > _SHOWN,
                "url": url,
            }
        )
    columns = [
        {"label": _("排污口")},
        {"label": _("分类"), "long": True},
        {"label": _("县（市、区）")},
        {"label": _("等待")},
        {"label": _("整治期限")},
    ]
    return render(request, "outfalls/work.html", {"lists": lists, "columns": columns})


def _cells(outfall: Outfall, names: dict[str, str], today: Any) -> list[dict[str, Any]]:
    since = outfall.stage_since or outfall.found_at
    waited = (today - since.date()).days if since else None
    return [
        {
            "text": outfall.name or outfall.code,
            "url": reverse("outfalls:outfall", args=[outfall.code]),
            "note": outfall.code,
        },
        {"text": kind_label(outfall)},
        {"text": names.get(outfall.division, "—")},
        {"text": _("%(days)s 天") % {"days": max(0, waited)} if waited is not None else "—"},
        {"day": outfall.due} if outfall.due else {"text": "—"},
    ]
