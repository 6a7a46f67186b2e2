"""The map of outfalls: the page, and what a window of it draws."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard
from bishui.server.outfalls import pages_list, shown_map
from bishui.server.outfalls.models import Outfall
from bishui.server.outfalls.shown_list import matching, seen
from bishui.server.outfalls.shown_stages import COLOURS, stages
from bishui.server.sites import queries as sites
from bishui.server.sites.mapping import basemap_of


@guard.requires("outfalls.view")
@require_GET
def map_page(request: HttpRequest) -> HttpResponse:
    """Show the outfalls on the map, coloured by stage; the list holds the same."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return pages_list.no_city(request)
    asked = {key: value for key, value in request.GET.items() if value}
    context = {
        "filters": pages_list.filters_of(request, city.division),
        "data": {
            "source": f"{reverse('outfalls:map_cells')}?{urlencode(asked)}",
            "bounds": _bounds(city.division),
            "reaches": [
                {"name": reach.name, "points": reach.line(), "kind": reach.kind, "order": reach.order}
                for reach in sites.reaches(city.division)
            ],
            "basemap": basemap_of(city.division),
            "stages": [
                {"id": key, "label": str(state.label), "colour": COLOURS.get(key, "#8a9ba3")}
                for key, state in stages().items()
            ],
            "labels": {"map": _("排污口分布图"), "count": _("个")},
        },
        "list_url": f"{reverse('outfalls:list')}?{urlencode(asked)}",
    }
    return render(request, "outfalls/map.html", context)


def _bounds(division: str) -> list[float] | None:
    """Return west, south, east and north of the city's outfalls, by the index of places."""
    placed = Outfall.objects.order_by().filter(lon__isnull=False)
    first = placed.filter(division__startswith=division).values_list("lon", "lat")[:2000]
    found = list(first)
    if len(found) < 2000:
        lons, lats = [float(lon) for lon, _lat in found], [float(lat) for _lon, lat in found]
        return [min(lons), min(lats), max(lons), max(lats)] if found else None
    ends = placed.aggregate(Min("lon")), placed.aggregate(Max("lon"))
    west, east = float(ends[0]["lon__min"]), float(ends[1]["lon__max"])
    lats = [float(lat) for _lon, lat in found]
    return [west, min(lats), east, max(lats)]


@guard.requires("outfalls.view")
@require_GET
def cells(request: HttpRequest) -> HttpResponse:
    """Give what a window of the map draws, by the same filters as the list."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return JsonResponse({"points": [], "cells": []})
    asked = pages_list.asked_of(request, city)
    window = shown_map.Window.parse(request.GET.get("window", "-180,-90,180,90"))
    found = matching(seen(request.user, asked.division), asked)
    return JsonResponse(shown_map.drawn(found, window, city.division))
