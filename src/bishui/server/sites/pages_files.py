"""Files out and in: measurements as a long table, the empty template, the base map."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bishui.assessment import Period
from bishui.errors import BishuiError, CallError, Forbidden
from bishui.i18n import Text
from bishui.observations import write_long_table, write_template
from bishui.server.core import files, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.sites import choosing, queries, services
from bishui.server.sites.forms import BaseMapForm
from bishui.server.sites.models import BaseMap

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("format", "xlsx")
    if kind not in _TYPES:
        raise CallError(Text("不支持导出为“{kind}”。", kind=kind), remedy=Text("可用格式：xlsx、csv。"))
    return kind


def _send(path: Path, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(path.read_bytes(), content_type=_TYPES[kind])
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{name}.{kind}"
    )
    return response


@guard.requires("sites.view")
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """Download the empty long table."""
    kind = _kind(request)
    with tempfile.TemporaryDirectory() as folder:
        return _send(write_template(Path(folder) / f"template.{kind}"), _("监测数据模板"), kind)


@guard.requires("observations.export")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Download the measurements that count, of one site or of all, as a long table."""
    city = choosing.city_of(request)
    if city is None:
        raise not_found()
    kind = _kind(request)
    sites = choosing.sites_of(request, city, "observations.export")
    wanted = request.GET.get("site", "")
    if wanted:
        sites = [site for site in sites if str(site.pk) == wanted]
    if not sites:
        raise not_found()
    given = request.GET.get("period", "").strip()
    period = Period.parse(given) if given else None
    ends = [moment for moment in (period.end if period else None, queries.end_of(city)) if moment]
    table = queries.measurements(
        city.division,
        [str(site.pk) for site in sites],
        period.start if period else None,
        min(ends, default=None),
    ).sort_by([("site", "ascending"), ("time", "ascending"), ("item", "ascending")])
    names = {str(site.pk): site.name for site in sites}
    title = "-".join(filter(None, [sites[0].name if wanted else city.name, _("监测数据"), given]))
    with tempfile.TemporaryDirectory() as folder:
        return _send(write_long_table(table, Path(folder) / f"table.{kind}", site_names=names), title, kind)


@guard.requires("sites.view")
@require_safe
def basemap(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a base map to the map; its type can never be taken for a page."""
    record = BaseMap.objects.select_related("file").filter(pk=pk).first()
    city = choosing.city_of(request)
    if record is None or city is None or not city.division.startswith(record.division):
        raise not_found()
    response = HttpResponse(record.file.path.read_bytes(), content_type="application/geo+json")
    response["Content-Disposition"] = 'attachment; filename="basemap.geojson"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=86400"
    return response


@guard.requires("sites.edit")
@require_http_methods(["GET", "POST"])
def import_base_map(request: HttpRequest) -> HttpResponse:
    """Take the bureau's own reviewed base map."""
    city = choosing.city_of(request)
    if city is None:
        raise not_found()
    if not rights.allowed_in(request.user, "sites.edit", city.acting):
        raise Forbidden(Text("您没有为“{city}”导入底图的权限。", city=city.name))
    form = BaseMapForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            services.import_base_map(
                files.upload_chunks(upload),
                upload.name,
                review_number=form.cleaned_data["review_number"],
                attribution=form.cleaned_data["attribution"],
                division=city.division,
                actor=request.user,
                where=guard.address(request),
            )
        except BishuiError as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("底图已导入。"))
            return redirect("sites:map")
    return render(request, "sites/basemap.html", {"form": form, "heading": _("导入底图")})
