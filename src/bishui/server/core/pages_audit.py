"""The audit trail as a page."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bishui.server.core import audit, guard, rights
from bishui.server.core.models import AuditEntry
from bishui.server.core.templatetags.words import ACTORS

PER_PAGE = 50
_LONG = 48


@guard.requires("audit.view")
def trail(request: HttpRequest) -> HttpResponse:
    """List the entries of the city, newest first."""
    division = guard.division_of(request)
    found = rights.visible(request.user, "audit.view", AuditEntry.objects.all())
    inside = Q(division__startswith=division)
    if rights.allowed_in(request.user, "audit.view", ""):
        inside |= Q(division="")
    found = found.filter(inside)
    asked = request.GET.get("who", "").strip()
    who = next((name for name, word in ACTORS.items() if str(word) == asked), asked)
    if who:
        found = found.filter(actor_name__icontains=who)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    columns = [_("序号"), _("时间"), _("操作人"), _("操作"), _("原因"), _("来源"), _("改动")]
    context = {
        "columns": [{"label": label, "long": label in columns[3:5] + columns[-1:]} for label in columns],
        "rows": [{"cells": _cells(entry)} for entry in page],
        "page": page,
        "filters": [{"name": "who", "label": _("操作人"), "kind": "search", "value": asked}],
    }
    return render(request, "core/audit.html", context)


def _cells(entry: AuditEntry) -> list[dict[str, Any]]:
    return [
        {"number": entry.sequence},
        {"moment": entry.at},
        {"text": str(ACTORS.get(entry.actor_name, entry.actor_name))},
        {"text": audit.message(entry.action, entry.params), "note": entry.digest[:12]},
        {"text": entry.why or "—"},
        {"text": entry.where or "—"},
        {"technical": _changes(entry.changes)},
    ]


def _changes(changes: list[dict[str, Any]]) -> str:
    """Return the first changes in words; the entry itself holds all of them."""
    parts = []
    for change in changes[:3]:
        if "count" in change:
            parts.append(f"{change['model']} ×{change['count']}")
        else:
            fields = ", ".join(_change(name, *pair) for name, pair in list(change["fields"].items())[:3])
            parts.append(f"{change['model']} {fields}".strip())
    return "; ".join(parts)[:300] or "—"


def _change(name: str, old: object, new: object) -> str:
    """Return one change in short: what was nothing before is shown as what it is now."""
    after = str(new) if len(str(new)) <= _LONG else f"{str(new)[:_LONG]}…"
    return f"{name} = {after}" if old in (None, "", {}, []) else f"{name}: {str(old)[:_LONG]} → {after}"
