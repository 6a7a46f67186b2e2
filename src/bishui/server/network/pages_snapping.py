"""Review of places (位置核对): the least certain first; a person accepts, moves or takes back."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bishui.errors import BishuiError
from bishui.server.core import guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.network import services, shown
from bishui.server.network.forms import PlaceForm
from bishui.server.network.held import Held
from bishui.server.network.mapping import map_data
from bishui.server.network.models import PLACE_KINDS
from bishui.server.network.placing import LEVELS, Placed, places
from bishui.server.sites.pages_overview import no_city

_PER_PAGE = 50
_TONES = {"none": "bad", "moved": "bad", "doubtful": "warn", "certain": "info", "decided": "good"}


@guard.requires("network.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the places, those that need a person first."""
    city = shown.city_of(request)
    if city is None:
        return no_city(request)
    found = shown.network_of(request)
    if found is None:
        return shown.no_network(request, _("位置核对"))
    placed = places(found, city.division)
    chosen = {name: request.GET.get(name, "") for name in ("level", "kind")}
    order = list(LEVELS)
    rows = sorted(
        (entry for entry in placed if _fits(entry, chosen)),
        key=lambda entry: (order.index(entry.level), -(entry.distance or 0.0), entry.thing.name),
    )
    counts = Counter(entry.level for entry in placed)
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "version": found.version,
        "counts": [
            {"label": label, "count": counts[level], "tone": _TONES[level]} for level, label in LEVELS.items()
        ],
        "filters": _filters(chosen),
        "page": page,
        "columns": _columns(),
        "rows": [{"cells": _cells(found, entry)} for entry in page],
    }
    return render(request, "network/snapping.html", context)


def _fits(entry: Placed, chosen: dict[str, str]) -> bool:
    return (not chosen["level"] or entry.level == chosen["level"]) and (
        not chosen["kind"] or entry.thing.kind == chosen["kind"]
    )


def _filters(chosen: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for name, label, values in (("level", _("把握"), LEVELS), ("kind", _("类别"), PLACE_KINDS)):
        options = [{"value": "", "label": _("全部"), "selected": not chosen[name]}]
        options += [
            {"value": key, "label": str(text), "selected": key == chosen[name]}
            for key, text in values.items()
        ]
        found.append({"name": name, "label": label, "kind": "select", "options": options})
    return found


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("名称")},
        {"label": _("把握")},
        {"label": _("河段")},
        {"label": _("里程（m）"), "numeric": True},
        {"label": _("到河段（m）"), "numeric": True},
        {"label": _("疑点"), "long": True},
    ]


def _cells(found: Held, entry: Placed) -> list[dict[str, Any]]:
    thing = entry.thing
    doubts = "；".join(entry.doubts) if entry.level != "decided" else ""
    return [
        {
            "text": thing.name,
            "url": reverse("network:place", args=[thing.key]),
            "note": str(PLACE_KINDS[thing.kind]),
        },
        {"state": _TONES[entry.level], "label": LEVELS[entry.level]},
        {"text": "—" if entry.reach is None else found.name(entry.reach)},
        {"text": "—" if entry.reach is None else f"{entry.chainage:.0f}"},
        _distance(entry),
        {"text": doubts or "—"},
    ]


def _distance(entry: Placed) -> dict[str, Any]:
    """Return how far its reach is; where it has none, how far the nearest one."""
    if entry.distance is not None:
        return {"text": f"{entry.distance:.0f}"}
    nearest = min((one.distance for one in entry.candidates), default=None)
    return {"text": "—"} if nearest is None else {"text": f"{nearest:.0f}", "note": _("最近的河段")}


@guard.requires("network.view")
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, key: str) -> HttpResponse:
    """Show one place with its candidates; accept, move or take back what was said."""
    city, found = shown.city_of(request), shown.network_of(request)
    if city is None or found is None:
        raise not_found()
    entry = next((one for one in places(found, city.division) if one.thing.key == key), None)
    if entry is None:
        raise not_found()
    form = PlaceForm(request.POST or None, initial=_initial(found, entry))
    if request.method == "POST" and _write(request, found, entry, form):
        return redirect("network:snapping")
    context = {
        "entry": entry,
        "facts": _facts(found, entry),
        "candidates": [_candidate(found, entry, number) for number in range(len(entry.candidates))],
        "form": form,
        "data": _map(found, entry, city.division),
        "may_edit": rights.allowed(request.user, "network.edit", entry.thing),
        "crumbs": [
            {"label": _("位置核对"), "url": reverse("network:snapping")},
            {"label": entry.thing.name},
        ],
    }
    return render(request, "network/place.html", context)


def _map(found: Held, entry: Placed, division: str) -> dict[str, Any]:
    """Return the map of one place: the reaches that it may lie on, the one that it is taken to lie on."""
    marks = dict.fromkeys((one.reach for one in entry.candidates), "side")
    if entry.reach is not None:
        marks[entry.reach] = "chosen"
    if entry.thing.lon is None or not found.file.has_geometry:
        return {}

    def address(row: int) -> str:
        return f"{reverse('network:map')}?{urlencode({'at': found.network.name(row)})}"

    return map_data(found, [entry], division, marks, address)


def _initial(found: Held, entry: Placed) -> dict[str, Any]:
    if entry.reach is None:
        return {}
    return {"reach": found.network.name(entry.reach), "chainage": f"{entry.chainage:.2f}"}


def _write(request: HttpRequest, found: Held, entry: Placed, form: PlaceForm) -> bool:
    """Do what was asked; return whether it was done."""
    guard.check(request, "network.edit", entry.thing)
    where = guard.address(request)
    if request.POST.get("drop"):
        if entry.decided is not None:
            services.drop_place(entry.decided, actor=request.user, where=where)
            messages.success(request, _("已撤销，恢复自动挂接的结果。"))
        return True
    if not form.is_valid():
        return False
    given = form.cleaned_data
    try:
        services.decide_place(
            found,
            entry.thing,
            given["reach"],
            Decimal(given["chainage"]),
            reason=given["reason"],
            actor=request.user,
            where=where,
        )
    except BishuiError as error:
        field = error.problems[0].where.field if error.problems else error.where.field
        form.add_error(field if field in form.fields else None, str(error))
        return False
    messages.success(request, _("已核定位置。"))
    return True


def _facts(found: Held, entry: Placed) -> list[dict[str, Any]]:
    thing = entry.thing
    place_text = f"{thing.lon}，{thing.lat}" if thing.lon is not None else _("没有坐标")
    rows: list[dict[str, Any]] = [
        {"label": _("点位类别"), "text": str(PLACE_KINDS[thing.kind])},
        {"label": _("编码"), "text": thing.code},
        {"label": _("坐标"), "text": place_text},
        {"label": _("登记的水体"), "text": thing.water or "—"},
        {"label": _("把握"), "text": str(LEVELS[entry.level])},
    ]
    if entry.doubts and entry.level != "decided":
        rows.append({"label": _("疑点"), "text": "；".join(entry.doubts)})
    if entry.decided is not None:
        said = entry.decided
        rows += [
            {"label": _("核定的位置"), "text": f"{said.reach}，{said.chainage} m"},
            {"label": _("核定依据"), "text": said.reason or "—"},
            {"label": _("核定人"), "text": said.by, "note": f"{said.at:%Y-%m-%d}"},
        ]
    return rows


def _candidate(found: Held, entry: Placed, number: int) -> dict[str, Any]:
    candidate = entry.candidates[number]
    length = float(found.file.reaches.length[candidate.reach])
    return {
        "name": found.name(candidate.reach),
        "reach": found.network.name(candidate.reach),
        "chainage": f"{min(candidate.chainage, length):.2f}",
        "distance": f"{candidate.distance:.0f}",
        "agrees": candidate.name_agrees,
    }
