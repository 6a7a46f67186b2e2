"""Versions of the network: the list, the one in force as a file, and an empty table."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights
from bishui.server.core.templatetags.bishui_ui import actor
from bishui.server.network import queries, shown
from bishui.server.network.held import in_force, of_version
from bishui.server.network.models import NetworkVersion
from bishui.server.sites.pages_overview import no_city

#: Heads of an empty table of reaches.
_TEMPLATE = (
    "河段编号,下游河段编号,河流名称,河段类型,长度(km),流速(m/s),水温(℃),"
    "区间流量(m3/s),区间浓度,库容(m3),分流比\r\n"
)


@guard.requires("network.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the versions; the newest that was not taken back is in force."""
    city = shown.city_of(request)
    if city is None:
        return no_city(request)
    now = in_force(city.division)
    context = {
        "columns": [
            {"label": _("版本")},
            {"label": _("状态")},
            {"label": _("河段"), "numeric": True},
            {"label": _("总长（km）"), "numeric": True},
            {"label": _("导入时间")},
            {"label": _("导入人")},
            {"label": _("下载")},
        ],
        "rows": [{"cells": _cells(entry, now)} for entry in queries.versions(city.division)],
        "upload_url": reverse("core:upload", args=["network"]),
        "may_edit": rights.allowed_in(request.user, "network.edit", city.acting),
        "report": now.report if now else None,
        "crumbs": [{"label": _("河网图"), "url": reverse("network:map")}, {"label": _("版本")}],
    }
    return render(request, "network/versions.html", context)


def _cells(entry: NetworkVersion, now: NetworkVersion | None) -> list[dict[str, Any]]:
    state = ("idle", _("已撤回")) if entry.taken_back else ("info", _("已被替换"))
    if now is not None and entry.pk == now.pk:
        state = ("good", _("现行"))
    return [
        {"text": str(entry), "url": reverse("core:import", args=[entry.imported])},
        {"state": state[0], "label": state[1]},
        {"number": entry.reaches},
        {"number": entry.length_km},
        {"moment": entry.at},
        {"text": actor(entry.by)},
        {"text": "GeoPackage", "url": reverse("network:download", args=[entry.pk])},
    ]


@guard.requires("network.view")
@require_GET
def template(_request: HttpRequest) -> HttpResponse:
    """Return an empty table of reaches."""
    response = HttpResponse(_TEMPLATE.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="network.csv"'
    return response


@guard.requires("network.view")
@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return a version as GeoPackage."""
    from bishui.network import write_network

    version = guard.one(request, NetworkVersion, "network.view", pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.gpkg"
        write_network(of_version(version).file, path)
        content = path.read_bytes()
    response = HttpResponse(content, content_type="application/geopackage+sqlite3")
    response["Content-Disposition"] = f'attachment; filename="network-{version.number}.gpkg"'
    return response
