"""Trying a change (假设推演): which classes, ranks and rates of ten years it would move; nothing is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights
from bishui.server.sites import choosing
from bishui.server.sites.pages_overview import no_city
from bishui.server.waters import before_saving, changes_form, memory
from bishui.server.waters.kept import WaterResults


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a change is made for good: what happens there, its page, and the right that opens it."""

    text: Any
    label: Any
    page: str
    right: str


_OVERRIDES = _Place(
    gettext_lazy("限值和评价规则的变动由本级覆盖文件保存：一人上传、另一人确认，确认前再看一次变动。"),
    gettext_lazy("本级覆盖"),
    "standards:overrides",
    "standards.view",
)
_PLACES = {
    "target": _Place(
        gettext_lazy("断面目标随计划文件保存：导入或修订计划，确认前再看一次变动。"),
        gettext_lazy("数据导入"),
        "core:imports",
        "imports.view",
    ),
    "flag": _Place(
        gettext_lazy("数据标记写明理由后保存，可以撤销；保存前再看一次变动。"),
        gettext_lazy("暂停使用一段数据"),
        "sites:hold",
        "observations.flag",
    ),
}


@guard.requires("sites.view")
@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """Show the form of one kind of change and, where it is filled in, what the change moves."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in changes_form.KINDS else next(iter(changes_form.KINDS))
    results = WaterResults(city, choosing.sites_of(request, city))
    form = changes_form.form_of(kind, request.GET, sites=results.sites, today=city.today)
    context: dict[str, Any] = {"kind": kind, "form": form}
    if form.is_bound and form.is_valid():
        context |= before_saving.moved(request, city, form.change)
        context["answered"] = True
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "waters/parts/changes_answer.html", context)
    return render(request, "waters/changes.html", context | _around(request, kind, results))


def _around(request: HttpRequest, kind: str, results: WaterResults) -> dict[str, Any]:
    """Return what stands around the form."""
    page = reverse("waters:changes")
    return {
        "tabs": [
            {"label": label, "url": f"{page}?{urlencode({'kind': key})}", "active": key == kind}
            for key, label in changes_form.KINDS.items()
        ],
        "kept_by": _kept_by(request, kind, results.workspace.division),
        "has_sites": bool(results.sites),
        "warm_url": "" if memory.is_warm(results) or not results.sites else reverse("waters:warm"),
        "crumbs": [{"label": _("假设推演")}],
    }


def _kept_by(request: HttpRequest, kind: str, division: str) -> dict[str, str]:
    """Return where a change of this kind is really made, with the address for those who may open it."""
    place = _PLACES.get(kind, _OVERRIDES)
    may = rights.allowed_in(request.user, place.right, division)
    return {"text": str(place.text), "label": str(place.label), "url": reverse(place.page) if may else ""}


@guard.requires("sites.view")
@require_GET
def warm(request: HttpRequest) -> HttpResponse:
    """Build the model of the city, so that the first change is answered at once."""
    city = choosing.city_of(request)
    if city is not None:
        before_saving.model_of(request, city)
    return HttpResponse(status=204)
