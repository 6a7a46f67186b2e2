"""The writes of the review page: a field corrected in place, a record left out or added, a unit named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bishui.errors import BishuiError
from bishui.server.core import guard, jobs, rights
from bishui.server.core.middleware import no_right, not_found
from bishui.server.core.models import ImportSession
from bishui.server.plans import rereading, review_corrections, review_units
from bishui.server.plans.importing import PlanImport
from bishui.server.plans.models import Plan
from bishui.server.plans.pages_review import session_of
from bishui.server.plans.review_corrections import draft_of
from bishui.server.plans.review_fields import Listing, listings

_UNIT_KINDS = ("department", "government", "enterprise", "other")


def _to_correct(request: HttpRequest, pk: UUID) -> ImportSession:
    session = session_of(request, pk)
    guard.check(request, PlanImport.right, session)
    return session


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen", "0")
    return int(text) if text.isdecimal() else 0


def _by(request: HttpRequest) -> dict[str, Any]:
    """Return who acts, from where and why, for the services."""
    return {
        "actor": request.user,
        "where": guard.address(request),
        "reason": request.POST.get("reason", "").strip(),
    }


def _back(session: ImportSession, show: str) -> HttpResponse:
    address = reverse("plans:review", args=[session.pk])
    return redirect(f"{address}?{urlencode({'show': show})}")


def _changed(response: HttpResponse) -> HttpResponse:
    """Tell the page that the draft has changed, so that the document's side is drawn anew."""
    response.headers["HX-Trigger"] = "review:changed"
    return response


@guard.requires("plans.import")
@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a field or its form, correct it, or set it back to what was read."""
    session = _to_correct(request, pk)
    given = request.POST if request.method == "POST" else request.GET
    path = given.get("path", "")
    typed, error = None, None
    if request.method == "POST":
        typed = given.get("value", "")
        error = _try(lambda: _save_field(request, session, path, typed or ""))
    context = _field_context(session, path)
    if error is not None:
        context |= {"error": error, "typed": typed, "editing": True}
    else:
        context["editing"] = request.method == "GET" and "show" not in request.GET
    if not request.htmx:  # type: ignore[attr-defined]
        if request.method == "POST" and error is None:
            return _back(session, context["entry"].listing.key)
        return render(request, "plans/review_field.html", context, status=_status(error))
    shown = render(request, "plans/review/field.html", context, status=_status(error))
    return _changed(shown) if request.method == "POST" and error is None else shown


def _field_context(session: ImportSession, path: str) -> dict[str, Any]:
    draft = draft_of(session)
    entry, view = review_corrections.field_at(draft, path)
    return {
        "session": session,
        "entry": entry,
        "view": view,
        "open": session.state == "previewed",
        "count": sum(item.stands for item in draft.corrections.values()),
    }


def _save_field(request: HttpRequest, session: ImportSession, path: str, typed: str) -> None:
    if "reset" in request.POST:
        review_corrections.reset(
            session, path, "field", seen=_seen(request), actor=request.user, where=guard.address(request)
        )
    else:
        review_corrections.correct(session, path, typed, seen=_seen(request), **_by(request))


def _try(deed: Callable[[], Any]) -> BishuiError | None:
    """Do something and return what it refuses with; what may not be seen or done at all stays an error."""
    try:
        deed()
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        return error
    return None


def _status(error: BishuiError | None) -> int:
    return error.http_status if error else 200


@guard.requires("plans.import")
@require_POST
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave a record out, or take it in again."""
    session = _to_correct(request, pk)
    path, what = request.POST.get("path", ""), request.POST.get("what", "omit")
    if what not in ("omit", "add", "unit", "line", "field"):
        raise not_found()
    seen, by = _seen(request), _by(request)

    def deed() -> None:
        if "reset" in request.POST:
            by.pop("reason")
            review_corrections.reset(session, path, what, seen=seen, **by)
        else:
            review_corrections.leave_out(session, path, seen=seen, **by)

    return _said(request, session, request.POST.get("show") or path.split("/")[0], _try(deed))


def _said(request: HttpRequest, session: ImportSession, show: str, error: BishuiError | None) -> HttpResponse:
    if error is not None:
        messages.error(request, str(error))
    return _back(session, show)


@guard.requires("plans.import")
@require_POST
def line(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a line which was not understood needs no record."""
    session = _to_correct(request, pk)
    number = request.POST.get("line", "")
    if not number.isdecimal():
        raise not_found()
    by = _by(request)
    by.pop("reason")
    error = _try(lambda: review_corrections.check_line(session, int(number), seen=_seen(request), **by))
    if request.htmx and error is None:  # type: ignore[attr-defined]
        return _changed(HttpResponse(status=204))
    return _said(request, session, "tasks", error)


@guard.requires("plans.import")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a record that the reader missed, from marked lines of the document."""
    session = _to_correct(request, pk)
    given = request.POST if request.method == "POST" else request.GET
    listing = listings().get(given.get("kind", "tasks"))
    if listing is None or not listing.add:
        raise not_found()
    first, last = _number(given.get("from", "")), _number(given.get("to", ""))
    error = None
    if request.method == "POST":
        texts = {key: given.get(key, "") for key in listing.fields}
        error = _try(
            lambda: review_corrections.add(session, listing.key, (first, last), texts, **_by(request))
        )
        if error is None:
            messages.success(request, _("已补录。"))
            return _back(session, listing.key)
    lines = draft_of(session).data["lines"]
    marked = lines[first - 1 : last] if 1 <= first <= last else []
    context = {
        "session": session,
        "listing": listing,
        "kinds": [each for each in listings().values() if each.add],
        "from": first or "",
        "to": last or "",
        "marked": marked,
        "count": len(lines),
        "fields": _add_fields(listing, given, marked, request.method == "POST"),
        "error": error,
        "crumbs": [
            {"label": session.file.name, "url": reverse("plans:review", args=[session.pk])},
            {"label": _("补录")},
        ],
    }
    return render(request, "plans/review_add.html", context, status=_status(error))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _add_fields(listing: Listing, given: Any, marked: list[str], sent: bool) -> list[dict[str, Any]]:
    text = "".join(part.strip() for part in marked)
    return [
        {"field": each, "value": given.get(each.key, "") if sent else text if each.key == listing.add else ""}
        for each in listing.fields.values()
    ]


@guard.requires("plans.import")
@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say which units a written name means: known ones, a new one, or none at all."""
    session = _to_correct(request, pk)
    given = request.POST if request.method == "POST" else request.GET
    written = given.get("written", "")
    error = None
    if request.method == "POST":
        error = _try(lambda: _save_unit(request, session, written))
        if error is None:
            if not request.htmx:  # type: ignore[attr-defined]
                return _back(session, "units")
            name = review_units.name_of(session, draft_of(session), written)
            return _changed(
                render(
                    request, "plans/review/unit_row.html", {"session": session, "name": name, "open": True}
                )
            )
    name = review_units.name_of(session, draft_of(session), written)
    if name is None:
        raise not_found()
    context = {
        "session": session,
        "name": name,
        "open": session.state == "previewed",
        "error": error,
        "given": request.POST,
        "may_add": rights.allowed_in(request.user, "units.edit", session.division),
        "kinds": _unit_kinds(),
        **review_units.choices(session, name),
    }
    template = "plans/review/unit_form.html"
    if "show" in request.GET:
        template = "plans/review/unit_row.html"
    elif not request.htmx:  # type: ignore[attr-defined]
        template = "plans/review_unit.html"
    return render(request, template, context, status=_status(error))


def _unit_kinds() -> list[tuple[str, str]]:
    return [
        ("department", _("部门")),
        ("government", _("政府")),
        ("enterprise", _("企业")),
        ("other", _("其他")),
    ]


def _save_unit(request: HttpRequest, session: ImportSession, written: str) -> None:
    data, by = request.POST, _by(request)
    if "reset" in data:
        by.pop("reason")
        review_corrections.reset(session, f"units/{written}", "unit", seen=_seen(request), **by)
        return
    if "new" in data:
        division = data.get("division", "")
        if not division.startswith(session.division) or not rights.allowed_in(
            request.user, "units.edit", division
        ):
            raise no_right()
        review_corrections.say_new_unit(
            session,
            written,
            name=data.get("name", ""),
            division=division,
            kind=data.get("kind", "") if data.get("kind") in _UNIT_KINDS else "department",
            seen=_seen(request),
            **by,
        )
        return
    units = list(dict.fromkeys([*data.getlist("unit"), *review_units.named(data.get("other", ""))]))
    no_unit = "no_unit" in data
    review_corrections.say_units(session, written, units, no_unit=no_unit, seen=_seen(request), **by)


@guard.requires("plans.import")
@require_POST
def reread(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read the file of a plan in the ledger again, to amend it."""
    plan = guard.one(request, Plan, "plans.import", pk)
    try:
        session = rereading.reread(plan, actor=request.user, where=guard.address(request))
    except BishuiError as error:
        messages.error(request, str(error))
        return redirect("plans:plan", pk=pk)
    jobs.read_import.enqueue(str(session.pk))
    return redirect("core:import", pk=session.pk)
