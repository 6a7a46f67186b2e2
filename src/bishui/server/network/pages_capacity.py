"""Capacity (纳污能力): what each reach may still take, and which section binds."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.errors import BishuiError
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import guard
from bishui.server.core.middleware import not_found
from bishui.server.network import queries, shown
from bishui.server.network.held import Held
from bishui.server.network.limits import target_classes
from bishui.server.network.mapping import drawn_rows, map_data
from bishui.server.network.placing import Placed, places, usable
from bishui.server.network.rules import item_keys
from bishui.server.network.steady import Capacity, Room, Wanted, capacity_of
from bishui.server.sites.pages_overview import no_city
from bishui.standards import items

_PER_PAGE = 100


@guard.requires("network.view")
@require_GET
def capacity(request: HttpRequest) -> HttpResponse:
    """Show sections and reaches with what is left of one item."""
    city = shown.city_of(request)
    if city is None:
        return no_city(request)
    found = shown.network_of(request)
    if found is None:
        return shown.no_network(request, _("纳污能力"))
    item = _item(request)
    placed = places(found, city.division)
    try:
        result = _capacity(found, placed, item, city)
    except BishuiError as error:
        context = {"fault": error, "filters": _filters(item)}
        return render(request, "network/capacity.html", context)
    page = Paginator(result.rooms, _PER_PAGE).get_page(request.GET.get("page"))
    ample = _ample(result)
    marks = {room.reach: grade(room, ample) for room in result.rooms.of_reaches(drawn_rows(found))}
    context = {
        "filters": _filters(item),
        "item": items()[item].name,
        "item_key": item,
        "margin": f"{result.margin:.0%}",
        "version": found.version,
        "sections": [{"cells": _section_cells(state, item)} for state in result.sections],
        "room": _asked_room(request, city, item),
        "section_columns": _section_columns(),
        "page": page,
        "rows": [{"cells": _room_cells(found, room, item)} for room in page],
        "columns": _columns(),
        "data": map_data(
            found,
            usable(placed, "section", "outfall"),
            city.division,
            marks,
            lambda row: f"{reverse('network:map')}?at={found.network.name(row)}&side=down",
        ),
        "waiting": shown.waiting(placed),
        "outfalls": sum(entry.thing.discharge is not None for entry in usable(placed, "outfall")),
        "without": [entry.thing.name for entry in usable(placed, "outfall") if entry.thing.discharge is None],
    }
    return render(request, "network/capacity.html", context)


@guard.requires("network.view")
@require_GET
def capacity_json(request: HttpRequest) -> JsonResponse:
    """Return what each reach may still take of one item, and which section binds."""
    city, found = shown.city_of(request), shown.network_of(request)
    if city is None or found is None:
        raise not_found()
    result = _capacity(found, places(found, city.division), _item(request), city)
    return JsonResponse(
        {
            "item": result.item,
            "margin": result.margin,
            "network": {"number": found.version.number, "sha256": found.version.file.sha256},
            "sections": [
                {
                    "key": state.placed.thing.key,
                    "name": state.placed.thing.name,
                    "flow_m3_s": state.flow,
                    "concentration_mg_l": state.concentration,
                    "limit_mg_l": state.limit,
                    "left_kg_d": state.left,
                }
                for state in result.sections
            ],
            "reaches": [
                {
                    "id": found.network.name(room.reach),
                    "left_kg_d": room.load,
                    "binding": room.binding.thing.key if room.binding else None,
                }
                for room in result.rooms
            ],
        }
    )


def _asked_room(request: HttpRequest, city: Workspace, item: str) -> dict[str, Any]:
    """Return what is left at a place that was asked for, or what is wrong with the question."""
    given = {name: request.GET.get(name, "").strip() for name in ("lon", "lat")}
    if not any(given.values()):
        return given
    place = tuple(_degrees(text) for text in given.values())
    if None in place:
        return given | {"fault": _("请填写十进制的经度和纬度，如 109.4012 和 24.3256。")}
    try:
        answer = queries.remaining_room(city.division, place, item, on=city.today)  # type: ignore[arg-type]
    except BishuiError as error:
        return given | {"fault": str(error)}
    return given | {
        "said": str(answer.said),
        "doubts": answer.doubts,
        "place": _("%(reach)s，里程 %(at)s m") % {"reach": answer.reach, "at": f"{answer.chainage:.0f}"},
    }


def _degrees(text: str) -> Decimal | None:
    """Return a coordinate as it was written; None where it is none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) <= 180 else None


def _item(request: HttpRequest) -> str:
    asked = request.GET.get("item", "")
    return asked if asked in item_keys() else "nh3n"


def _capacity(found: Held, placed: list[Placed], item: str, city: Workspace) -> Capacity:
    return capacity_of(found, placed, Wanted(item, city.today, target_classes(city.division, city.today)))


def _ample(result: Capacity) -> float:
    """Return what counts as ample: the larger half of what is left anywhere."""
    left = np.sort(result.rooms.loads[result.rooms.loads > 0])
    return float(left[len(left) // 2]) if len(left) else 0.0


def grade(room: Room, ample: float) -> str:
    """Return the mark of a reach on the map."""
    if room.binding is None or room.load is None:
        return ""
    if room.load <= 0:
        return "none"
    return "ample" if room.load >= ample else "little"


def _filters(item: str) -> list[dict[str, Any]]:
    options = [{"value": key, "label": items()[key].name, "selected": key == item} for key in item_keys()]
    return [{"name": "item", "label": _("项目"), "kind": "select", "options": options}]


def _section_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("断面")},
        {"label": _("流量（m³/s）"), "numeric": True},
        {"label": _("计算浓度（mg/L）"), "numeric": True},
        {"label": _("目标限值（mg/L）"), "numeric": True},
        {"label": _("断面处剩余（kg/d）"), "numeric": True},
        {"label": _("判断")},
    ]


def _balance_url(section: Placed, item: str) -> str:
    return f"{reverse('network:balance', args=[section.thing.key])}?{urlencode({'item': item})}"


def _section_cells(state: Any, item: str) -> list[dict[str, Any]]:
    if state.limit is None:
        verdict = {"state": "idle", "label": _("没有目标")}
    elif state.left < 0:
        verdict = {"state": "bad", "label": _("已无余量")}
    else:
        verdict = {"state": "good", "label": _("有余量")}
    return [
        {"text": state.placed.thing.name, "url": _balance_url(state.placed, item)},
        {"text": shown.figure(state.flow)},
        {"text": shown.figure(state.concentration)},
        {"text": shown.figure(state.limit)},
        {"text": shown.figure(state.left)},
        verdict,
    ]


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("河段")},
        {"label": _("还可接纳（kg/d）"), "numeric": True},
        {"label": _("约束断面")},
    ]


def _room_cells(found: Held, room: Room, item: str) -> list[dict[str, Any]]:
    if room.binding is None:
        bound = {"text": "—", "note": _("下游没有设定目标的断面，无法判断")}
    else:
        note = _("按许可排放量计算已超标") if room.over else ""
        bound = {"text": room.binding.thing.name, "url": _balance_url(room.binding, item), "note": note}
    return [{"text": found.name(room.reach)}, {"text": shown.figure(room.load)}, bound]
