"""The audit trail as a page."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bishui.server.core import audit, guard, rights
from bishui.server.core.models import AuditEntry

PER_PAGE = 50


@guard.requires("audit.view")
def trail(request: HttpRequest) -> HttpResponse:
    """List the entries of the city, newest first."""
    division = request.workspace.division  # type: ignore[attr-defined]
    found = rights.visible(request.user, "audit.view", AuditEntry.objects.all())
    inside = Q(division__startswith=division)
    if rights.allowed_in(request.user, "audit.view", ""):
        inside |= Q(division="")
    found = found.filter(inside)
    who = request.GET.get("who", "").strip()
    if who:
        found = found.filter(actor_name__icontains=who)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(entry, audit.message(entry.action, entry.params)) for entry in page]
    return render(request, "core/audit.html", {"rows": rows, "page": page, "who": who})
