"""Pages for everybody, without sign-in: outfalls, decisions, draws, progress, bulletins, reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bishui.errors import BishuiError
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import clock, files, guard
from bishui.server.core.guard import View
from bishui.server.inspections import queries as inspections
from bishui.server.outfalls.shown_list import Asked, Found, paged
from bishui.server.portal import limits, queries, services, shown
from bishui.server.portal.forms import ReportForm
from bishui.server.portal.models import LISTS

_ROUTES = {
    "outfalls": "portal:outfalls",
    "settings": "portal:settings",
    "draws": "portal:draws",
    "milestones": "portal:milestones",
    "bulletins": "portal:bulletins",
}


def public(view: View) -> View:
    """Open a view to everybody, as often as one address may ask."""
    return guard.open_to_all(limits.limited("pages")(view))


def _city(code: str, name: str = "") -> Workspace:
    """Return a city that is public, and whose list `name` is; any other does not exist."""
    found = queries.city(code)
    if found is None or (name and name not in queries.lists_of(found.division)):
        raise Http404
    return found


def _crumbs(city: Workspace, *names: str) -> list[dict[str, Any]]:
    return [
        {"label": _("对外公开"), "url": reverse("portal:index")},
        {"label": city.name, "url": reverse("portal:city", args=[city.code])},
        *({"label": name} for name in names),
    ]


def _shown(request: HttpRequest, template: str, city: Workspace, context: dict[str, Any]) -> HttpResponse:
    """Render a page of a city: an invented one says so on each page."""
    extra = {"workspace": city, "office": queries.office_of(city.division)}
    return render(request, f"portal/{template}", extra | context)


@public
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the cities of which anything is public."""
    return render(request, "portal/index.html", {"cities": queries.cities(), "workspace": None})


@public
@require_GET
def city(request: HttpRequest, code: str) -> HttpResponse:
    """Show which lists of a city are public."""
    found = _city(code)
    on = queries.lists_of(found.division)
    links = [
        {"label": str(LISTS[name]), "url": reverse(_ROUTES[name], args=[code])}
        for name in _ROUTES
        if name in on
    ]
    crumbs = [{"label": _("对外公开"), "url": reverse("portal:index")}, {"label": found.name}]
    return _shown(request, "city.html", found, {"links": links, "crumbs": crumbs})


@public
@require_GET
def outfalls(request: HttpRequest, code: str) -> HttpResponse:
    """List the public outfalls of a city."""
    found = _city(code, "outfalls")
    wanted = request.GET.get("q", "").strip()[:60]
    asked = Asked(
        found.division,
        text=wanted,
        after=request.GET.get("after", "")[:40],
        before=request.GET.get("before", "")[:40],
    )
    rows = paged(
        queries.public_outfalls(found.division), asked, request.GET.get("page"), int(limits.rules()["rows"])
    )
    former, following = _neighbours(rows)
    context = {
        "columns": shown.outfall_columns(),
        "rows": [{"cells": shown.outfall_cells(one)} for one in queries.told(rows.outfalls)],
        "filters": [{"name": "q", "label": _("名称或编码"), "kind": "search", "value": wanted}],
        "before": urlencode({"q": wanted} | former) if former else "",
        "after": urlencode({"q": wanted} | following) if following else "",
        "wanted": wanted,
        "crumbs": _crumbs(found, str(LISTS["outfalls"])),
    }
    return _shown(request, "outfalls.html", found, context)


def _neighbours(rows: Found) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the pages before and after are asked for by; a whole province is never counted."""
    if rows.page is None:
        former = {"before": rows.preceding} if rows.preceding else {}
        return former, {"after": rows.following} if rows.following else {}
    page = rows.page
    former = {"page": str(page.previous_page_number())} if page.has_previous() else {}
    return former, {"page": str(page.next_page_number())} if page.has_next() else {}


@public
@require_GET
def outfall(request: HttpRequest, code: str) -> HttpResponse:
    """Show one outfall at its stable address."""
    record = queries.public_outfall(code)
    place = queries.city_of(record.division) if record is not None else None
    if record is None or place is None:
        raise Http404
    told = queries.told([record])[0]
    office = queries.office_of(record.division)
    context = {
        "told": told,
        "facts": shown.outfall_facts(told, office),
        "may_report": queries.released(record.division, "complaints"),
        "crumbs": _crumbs(place, told.name),
        "office": office,
    }
    return _shown(request, "outfall.html", place, context)


@guard.open_to_all
@limits.limited("pages", methods=("GET", "HEAD"))
@limits.limited("reports", methods=("POST",))
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Take down what somebody reports of an outfall."""
    record = queries.public_outfall(code)
    place = queries.city_of(record.division) if record is not None else None
    if record is None or place is None or not queries.released(record.division, "complaints"):
        raise Http404
    form = ReportForm(request.POST or None, today=place.today)
    if request.method == "POST" and form.by_machine:
        return redirect("portal:outfall", code=code)
    if request.method == "POST" and form.is_valid():
        given = {key: form.cleaned_data[key] for key in ("kind", "text", "seen_on", "contact")}
        try:
            with clock.on(place.as_of):
                made = services.receive(record, where=guard.address(request), **given)
            return redirect("portal:reported", number=made.number)
        except BishuiError as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "name": record.name,
        "cancel_url": reverse("portal:outfall", args=[code]),
        "crumbs": _crumbs(place, _("反映问题")),
    }
    return _shown(request, "report.html", place, context)


@public
@require_GET
def reported(request: HttpRequest, number: str) -> HttpResponse:
    """Show how far a report is, to whoever has its number: the state and nothing of what was written."""
    record = queries.complaint_named(number)
    place = queries.city_of(record.division) if record is not None else None
    if record is None or place is None:
        raise Http404
    context = {
        "number": record.number,
        "state": record.step,
        "received_at": record.received_at,
        "crumbs": _crumbs(place, _("反映问题")),
    }
    return _shown(request, "reported.html", place, context)


@public
@require_GET
def settings(request: HttpRequest, code: str) -> HttpResponse:
    """List the decisions on outfalls: approvals and registrations."""
    found = _city(code, "settings")
    page = Paginator(queries.public_settings(found.division), int(limits.rules()["rows"])).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "columns": shown.setting_columns(),
        "rows": [{"cells": shown.setting_cells(one)} for one in page],
        "crumbs": _crumbs(found, str(LISTS["settings"])),
    }
    return _shown(request, "settings.html", found, context)


@public
@require_GET
def draws(request: HttpRequest, code: str) -> HttpResponse:
    """List the draws of a city."""
    found = _city(code, "draws")
    context = {
        "columns": shown.draw_columns(),
        "rows": [{"cells": shown.draw_cells(one)} for one in queries.public_draws(found.division)],
        "crumbs": _crumbs(found, str(LISTS["draws"])),
    }
    return _shown(request, "draws.html", found, context)


@public
@require_GET
def draw(request: HttpRequest, code: str) -> HttpResponse:
    """Show a draw: the commitment at once, list, hashes and results once they are published."""
    record = queries.public_draw(code)
    place = queries.city_of(record.division) if record is not None else None
    if record is None or place is None:
        raise Http404
    told = inspections.public_of(record)
    context = {
        "code": code,
        "told": told,
        "published": record.state == "published",
        "agrees": record.state == "published" and queries.agrees(record),
        "facts": shown.draw_facts(told, inspections.commitment_entry(record)),
        "drawn_columns": shown.drawn_columns(),
        "drawn_rows": [{"cells": shown.drawn_cells(one)} for one in told.get("drawn", [])],
        "duty_columns": shown.duty_columns(),
        "duty_rows": [{"cells": shown.duty_cells(one)} for one in told.get("duty", [])],
        "script": _script() if record.state == "published" else "",
        "crumbs": [
            *_crumbs(place),
            {"label": str(LISTS["draws"]), "url": reverse("portal:draws", args=[place.code])},
            {"label": code},
        ],
    }
    return _shown(request, "draw.html", place, context)


@public
@require_GET
def draw_data(request: HttpRequest, code: str) -> HttpResponse:
    """Give what is published of a draw as JSON, from which the script repeats it."""
    record = queries.public_draw(code)
    if record is None or queries.city_of(record.division) is None:
        raise Http404
    return JsonResponse(inspections.public_of(record), json_dumps_params={"ensure_ascii": False, "indent": 1})


def _script() -> str:
    """Return the script that repeats a draw."""
    return (Path(__file__).parent / "repeat_draw.py").read_text(encoding="utf-8")


@public
@require_GET
def script(request: HttpRequest) -> HttpResponse:
    """Give the script that repeats a draw."""
    response = HttpResponse(_script(), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="repeat_draw.py"'
    return response


@public
@require_GET
def milestones(request: HttpRequest, code: str) -> HttpResponse:
    """Show the milestones with the counts that were frozen, each with its denominator."""
    found = _city(code, "milestones")
    rows = [
        {"cells": shown.milestone_cells(one["milestone"], snapshot)}
        for one in queries.public_milestones(found.division)
        for snapshot in one["snapshots"] or [None]
    ]
    context = {
        "columns": shown.milestone_columns(),
        "rows": rows,
        "crumbs": _crumbs(found, str(LISTS["milestones"])),
    }
    return _shown(request, "milestones.html", found, context)


@public
@require_GET
def bulletins(request: HttpRequest, code: str) -> HttpResponse:
    """List the issued bulletins of a city."""
    found = _city(code, "bulletins")
    context = {
        "columns": [{"label": _("公报"), "long": True}, {"label": _("版次")}, {"label": _("签发日期")}],
        "rows": [{"cells": shown.bulletin_cells(one)} for one in queries.public_bulletins(found.division)],
        "crumbs": _crumbs(found, str(LISTS["bulletins"])),
    }
    return _shown(request, "bulletins.html", found, context)


@public
@require_GET
def bulletin(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Give the file of an issued edition."""
    edition = queries.public_edition(pk)
    if edition is None:
        raise Http404
    return files.download(edition.pdf)
