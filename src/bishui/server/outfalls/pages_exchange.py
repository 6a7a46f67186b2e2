"""Pages of exchange: the register as files, and what an outside system says otherwise (导入导出与比对)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bishui.errors import BishuiError
from bishui.server.core import files, guard, registers, rights
from bishui.server.core.middleware import not_found
from bishui.server.core.records import RecordQuerySet
from bishui.server.outfalls.exchange.differences import Comparison, compare
from bishui.server.outfalls.exchange.mapping import mappings
from bishui.server.outfalls.exchange.rows import read_rows
from bishui.server.outfalls.exchange.writing import mapped_workbook, register_file
from bishui.server.outfalls.models import Outfall
from bishui.server.outfalls.pages_list import no_city

#: So many differences stand on the page; more are a matter of the whole file.
_SHOWN = 500
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = {
    "xlsx": (gettext_lazy("XLSX（与导入模板相同）"), _XLSX),
    "gpkg": (gettext_lazy("GeoPackage"), "application/geopackage+sqlite3"),
    "zip": (gettext_lazy("Shapefile（压缩包）"), "application/zip"),
    "geojson": (gettext_lazy("GeoJSON"), "application/geo+json"),
}


@guard.requires("outfalls.view")
@require_http_methods(["GET", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    """Offer the register as files, and compare it with an outside system's file."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return no_city(request)
    context: dict[str, Any] = {
        "formats": [
            {"label": label, "url": reverse("outfalls:export", args=[ending])}
            for ending, (label, _media) in _FORMATS.items()
        ],
        "systems": [
            {
                "id": key,
                "title": mapping.title,
                "source": mapping.source,
                "certainty": mapping.certainty,
                "url": reverse("outfalls:export_mapped", args=[key]),
            }
            for key, mapping in mappings().items()
        ],
        "registers": [
            {"title": registers.load_all()[key].title, "url": reverse("core:register", args=[key])}
            for key in ("receiving_waters", "channels", "dischargers", "outfall_links")
        ],
        "may_import": rights.allowed_in(request.user, "outfalls.edit", city.acting),
        "may_export": rights.holds(request.user, "outfalls.edit"),
        "shown": _SHOWN,
    }
    if request.method == "POST":
        try:
            context |= _compared(request, city.division)
        except BishuiError as error:
            context["error"] = error
    return render(request, "outfalls/exchange.html", context)


def _compared(request: HttpRequest, division: str) -> dict[str, Any]:
    mapping = mappings().get(request.POST.get("system", ""))
    upload = request.FILES.get("file")
    if mapping is None or upload is None:
        raise not_found()
    with TemporaryDirectory() as folder:
        name = files.safe_name(upload.name or "")
        path = Path(folder) / f"upload{Path(name).suffix}"
        with path.open("wb") as target:
            target.writelines(files.upload_chunks(upload))
        found = compare(_outfalls(request, division), read_rows(path, name), mapping)
    return {"found": found, "mapping": mapping, "tables": _tables(found), "file_name": name}


def _tables(found: Comparison) -> dict[str, Any]:
    return {
        "different": {
            "columns": [{"label": label} for label in (_("排污口"), _("项目"), _("本系统"), _("对方"))],
            "rows": [
                {
                    "cells": [
                        {"text": entry.name, "url": _page(entry.code), "note": entry.key},
                        {"text": entry.label},
                        {"text": entry.ours or "—"},
                        {"text": entry.theirs or "—"},
                    ]
                }
                for entry in found.different[:_SHOWN]
            ],
        },
        "only_ours": {
            "columns": [{"label": _("排污口")}, {"label": _("本系统编码")}],
            "rows": [
                {"cells": [{"text": str(entry), "url": _page(entry.code)}, {"text": entry.code}]}
                for entry in found.only_ours[:_SHOWN]
            ],
        },
        "only_theirs": {
            "columns": [{"label": _("名称")}, {"label": _("对方编码")}],
            "rows": [
                {
                    "cells": [
                        {"text": raw.get("name", "") or "—"},
                        {"text": raw.get("regional_code", "") or raw.get("official_code", "") or "—"},
                    ]
                }
                for raw in found.only_theirs[:_SHOWN]
            ],
        },
    }


def _page(code: str) -> str:
    return reverse("outfalls:outfall", args=[code])


def _outfalls(request: HttpRequest, division: str) -> list[Outfall]:
    every: RecordQuerySet[Outfall] = Outfall.objects.filter(division__startswith=division, merged_into="")
    return list(rights.visible(request.user, "outfalls.view", every).order_by("code"))


@guard.requires("outfalls.edit")
@require_GET
def export(request: HttpRequest, ending: str) -> HttpResponse:
    """Download the register in one of the formats."""
    if ending not in _FORMATS:
        raise not_found()
    content = register_file(_outfalls(request, guard.division_of(request)), ending)
    return _attachment(content, ending, _FORMATS[ending][1], str(registers.load_all()["outfalls"].title))


@guard.requires("outfalls.edit")
@require_GET
def export_mapped(request: HttpRequest, system: str) -> HttpResponse:
    """Download the register in an outside system's columns and words."""
    mapping = mappings().get(system)
    if mapping is None:
        raise not_found()
    content = mapped_workbook(_outfalls(request, guard.division_of(request)), mapping)
    return _attachment(content, "xlsx", _XLSX, str(mapping.title))


def _attachment(content: bytes, ending: str, media: str, title: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media)
    name = quote(f"{title}-{date.today():%Y%m%d}.{ending}")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
