"""One section's capacity: who takes how much of it, what it binds, and what was measured (负荷平衡)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.network.loads import DIFFUSE, LATERAL
from bishui.server.core import guard
from bishui.server.core.middleware import not_found
from bishui.server.network import shown
from bishui.server.network.balances import DAILY, Balance, balance_of
from bishui.server.network.held import Held
from bishui.server.network.limits import target_classes
from bishui.server.network.placing import Placed, places, usable
from bishui.server.network.rules import item_keys
from bishui.server.network.steady import Room, Wanted, capacity_of
from bishui.standards import items

#: Reaches that are listed as bound by a section.
_MOST = 50


@guard.requires("network.view")
@require_GET
def balance(request: HttpRequest, key: str) -> HttpResponse:
    """Show one section: computed, measured, limit, and the sources of what it carries."""
    city, found = shown.city_of(request), shown.network_of(request)
    if city is None or found is None:
        raise not_found()
    item = request.GET.get("item", "")
    item = item if item in item_keys() else "nh3n"
    placed = places(found, city.division)
    wanted = Wanted(item, city.today, target_classes(city.division, city.today))
    capacity = capacity_of(found, placed, wanted)
    state = next((one for one in capacity.sections if one.placed.thing.key == key), None)
    if state is None:
        raise not_found()
    told = balance_of(found, placed, state, wanted, division=city.division)
    bound = capacity.rooms.bound_by(key)
    context = {
        "name": state.placed.thing.name,
        "item": items()[item].name,
        "version": found.version,
        "facts": _facts(told),
        "says": str(told.sources.says) if told.measured else "",
        "columns": _columns(),
        "rows": _rows(placed, told),
        "bound": [_bound(found, capacity.rooms[int(at)]) for at in bound[:_MOST]],
        "bound_more": max(0, len(bound) - _MOST),
        "crumbs": [
            {"label": _("纳污能力"), "url": f"{reverse('network:capacity')}?item={item}"},
            {"label": state.placed.thing.name},
        ],
    }
    return render(request, "network/balance.html", context)


def _bound(found: Held, room: Room) -> dict[str, str]:
    """Return a reach that the section binds."""
    return {"name": found.name(room.reach), "left": shown.figure(room.load), "url": _map(found, room.reach)}


def _map(found: Held, row: int) -> str:
    return f"{reverse('network:map')}?at={found.network.name(row)}&side=down"


def _facts(told: Balance) -> list[dict[str, Any]]:
    state, measured = told.state, told.measured
    rows = [
        {"label": _("流量（m³/s）"), "text": shown.figure(state.flow)},
        {"label": _("计算浓度（mg/L）"), "text": shown.figure(state.concentration)},
        {"label": _("目标限值（mg/L）"), "text": shown.figure(state.limit)},
        {"label": _("断面处剩余（kg/d）"), "text": shown.figure(state.left)},
    ]
    if measured is None:
        return [*rows, {"label": _("近一年实测平均（mg/L）"), "text": _("没有监测结果")}]
    span = _("%(count)s 个结果，%(first)s 至 %(last)s") % {
        "count": measured.count,
        "first": f"{measured.first:%Y-%m-%d}",
        "last": f"{measured.last:%Y-%m-%d}",
    }
    rows.append({"label": _("近一年实测平均（mg/L）"), "text": shown.figure(measured.mean), "note": span})
    rows.append({"label": _("实测通量（kg/d）"), "text": shown.figure(DAILY * told.sources.measured)})
    rows.append({"label": _("来源合计（kg/d）"), "text": shown.figure(DAILY * told.sources.explained)})
    rows.append({"label": _("差额（kg/d）"), "text": shown.figure(DAILY * told.sources.remainder)})
    return rows


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("来源")},
        {"label": _("入河（kg/d）"), "numeric": True},
        {"label": _("到达比例"), "numeric": True},
        {"label": _("到达断面（kg/d）"), "numeric": True},
        {"label": _("占来源合计"), "numeric": True},
    ]


def _rows(placed: list[Placed], told: Balance) -> list[dict[str, Any]]:
    by_key = {entry.thing.key: entry for entry in usable(placed, "outfall")}
    total = told.sources.explained
    rows = []
    for source in told.sources.sources:
        entry = by_key.get(source.source)
        # What is no outfall is local inflow, at the tops of reaches or along them.
        local = {LATERAL: _("区间来水（面源与上游本底）"), DIFFUSE: _("沿程面源")}
        other = local.get(source.source, source.source)
        cells = [
            {"text": other} if entry is None else shown.thing_cell(entry),
            {"text": shown.figure(DAILY * source.load)},
            {"text": shown.percent(source.transmission)},
            {"text": shown.figure(DAILY * source.arriving)},
            {"text": shown.percent(source.arriving / total) if total > 0 else "—"},
        ]
        rows.append({"cells": cells})
    return rows
