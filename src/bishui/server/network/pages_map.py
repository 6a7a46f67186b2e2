"""The network on a map: click a reach or what lies on it, and see what is upstream or downstream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.network import shown
from bishui.server.network.held import Held
from bishui.server.network.mapping import left_out, map_data
from bishui.server.network.models import PLACE_KINDS
from bishui.server.network.placing import Placed, places, usable
from bishui.server.network.walking import Side, downstream, upstream
from bishui.server.sites.pages_overview import no_city

if TYPE_CHECKING:
    from bishui.network import Section

_SIDES = {"up": upstream, "down": downstream}


@guard.requires("network.view")
@require_GET
def network_map(request: HttpRequest) -> HttpResponse:
    """Show the reaches, and one side of the point that was chosen."""
    city = shown.city_of(request)
    if city is None:
        return no_city(request)
    found = shown.network_of(request)
    if found is None:
        return shown.no_network(request, _("河网图"))
    placed = places(found, city.division)
    at = _point(found, placed, request.GET.get("at", ""))
    chosen = request.GET.get("side", "up")
    side = _SIDES.get(chosen, upstream)(found, at, placed) if at is not None else None
    context = {
        "found": found,
        "version": found.version,
        "at_name": _name(found, placed, at, request.GET.get("at", "")),
        "side": side,
        "side_name": _("下游") if chosen == "down" else _("上游"),
        "lists": _lists(found, side) if side else [],
        "columns": shown.there_columns(),
        "data": map_data(
            found, placed, city.division, _marks(at, side), lambda row: _url(found, row, chosen)
        ),
        "filters": _filters(found, placed, request.GET.get("at", ""), chosen),
        "waiting": shown.waiting(placed),
        "left_out": left_out(found),
        "may_edit": rights.allowed_in(request.user, "network.edit", city.acting),
        "spill_url": _spill_url(found, at),
    }
    return render(request, "network/map.html", context)


@guard.requires("network.view")
@require_GET
def side_json(request: HttpRequest) -> JsonResponse:
    """Return one side of a point: reaches, and what lies there with distances and times."""
    city, found = shown.city_of(request), shown.network_of(request)
    if city is None or found is None:
        raise not_found()
    placed = places(found, city.division)
    at = _point(found, placed, request.GET.get("at", ""))
    if at is None:
        raise not_found()
    side = _SIDES.get(request.GET.get("side", "up"), upstream)(found, at, placed)
    return JsonResponse(
        {
            "at": {"reach": found.network.name(at.reach), "chainage_m": at.chainage},
            "network": {"number": found.version.number, "sha256": found.version.file.sha256},
            "reaches": found.network.reaches.ids[list(side.rows)].astype(str).tolist(),
            "length_km": side.length_km,
            "there": [
                {
                    "key": entry.placed.thing.key,
                    "kind": entry.placed.thing.kind,
                    "code": entry.placed.thing.code,
                    "name": entry.placed.thing.name,
                    "km": entry.km,
                    "hours": entry.hours,
                }
                for entry in side.there
            ],
        }
    )


def _point(found: Held, placed: list[Placed], asked: str) -> Section | None:
    """Return the point that is asked for: the place of something, or the bottom of a reach."""
    from bishui.network import Section

    entry = next((one for one in placed if one.thing.key == asked), None)
    if entry is not None:
        return entry.section if entry.usable else None
    row = found.row(asked) if asked else None
    if row is None:
        return None
    return Section(asked, row, float(found.network.reaches.length[row]))


def _name(found: Held, placed: list[Placed], at: Section | None, asked: str) -> str:
    entry = next((one for one in placed if one.thing.key == asked), None)
    if entry is not None:
        return entry.thing.name
    return found.name(at.reach) if at is not None else ""


def _marks(at: Section | None, side: Side | None) -> dict[int, str]:
    if at is None or side is None:
        return {}
    return dict.fromkeys(side.rows, "side") | {at.reach: "chosen"}


def _url(found: Held, row: int, side: str) -> str:
    return f"{reverse('network:map')}?{urlencode({'at': found.network.name(row), 'side': side})}"


def _spill_url(found: Held, at: Section | None) -> str:
    if at is None:
        return ""
    asked = {"reach": found.network.name(at.reach), "chainage": f"{at.chainage:.0f}"}
    return f"{reverse('network:spill')}?{urlencode(asked)}"


def _lists(found: Held, side: Side) -> list[dict[str, Any]]:
    """Return what lies there by kind; outfalls of which nothing is known to be discharged stand apart."""
    lists = []
    for kind, label in PLACE_KINDS.items():
        there = side.of_kind(kind)
        apart = [one for one in there if kind == "outfall" and one.placed.thing.discharge is None]
        listed = [one for one in there if one not in apart]
        rows, others = (shown.there_rows(found, some) for some in (listed, apart))
        lists.append({"kind": kind, "title": label, "rows": rows, "others": others, "count": len(there)})
    return lists


def _filters(found: Held, placed: list[Placed], asked: str, side: str) -> list[dict[str, Any]]:
    things = [
        {
            "value": entry.thing.key,
            "label": f"{PLACE_KINDS[entry.thing.kind]}：{entry.thing.name}",
            "selected": entry.thing.key == asked,
        }
        for entry in usable(placed)
    ]
    reaches = shown.reach_options(found, asked)
    for entry in reaches:
        entry["label"] = _("河段：%(name)s") % {"name": entry["label"]}
    none = {"value": "", "label": _("请选择"), "selected": not asked}
    sides = [("up", _("上游")), ("down", _("下游"))]
    return [
        {"name": "at", "label": _("从哪里看"), "kind": "select", "options": [none, *things, *reaches]},
        {
            "name": "side",
            "label": _("方向"),
            "kind": "select",
            "options": [{"value": key, "label": text, "selected": key == side} for key, text in sides],
        },
    ]
