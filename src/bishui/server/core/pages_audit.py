"""The audit trail (操作留痕) as pages: the list, and one entry with all that it changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import audit, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.core.models import AuditEntry
from bishui.server.core.record_names import record_name
from bishui.server.core.templatetags.words import ACTORS

PER_PAGE = 50
#: How many changed fields stand on one page of an entry.
FIELDS_PER_PAGE = 200
#: How many names of records the list tells of one entry.
_NAMED = 2


@guard.requires("audit.view")
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """List the entries of the city, newest first."""
    found = _visible(request)
    asked = request.GET.get("who", "").strip()
    who = next((name for name, word in ACTORS.items() if str(word) == asked), asked)
    if who:
        found = found.filter(actor_name__icontains=who)
    days = {name: request.GET.get(name, "") for name in ("from", "to")}
    found = _between(found, days["from"], days["to"])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    columns = [_("序号"), _("时间"), _("操作人"), _("操作"), _("改动")]
    context = {
        "columns": [{"label": label, "long": label in columns[3:]} for label in columns],
        "rows": [{"cells": _cells(entry)} for entry in page],
        "page": page,
        "filters": [
            {"name": "who", "label": _("操作人"), "kind": "search", "value": asked},
            {"name": "from", "label": _("自"), "kind": "date", "value": days["from"]},
            {"name": "to", "label": _("至"), "kind": "date", "value": days["to"]},
        ],
    }
    return render(request, "core/audit.html", context)


def _between(found: QuerySet[AuditEntry], first: str, last: str) -> QuerySet[AuditEntry]:
    """Return the entries of some days, both included; what is no day sets no bound."""
    if (day := _day(first)) is not None:
        found = found.filter(at__gte=datetime.combine(day, time.min))
    if (day := _day(last)) is not None:
        found = found.filter(at__lte=datetime.combine(day, time.max))
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@guard.requires("audit.view")
@require_GET
def entry(request: HttpRequest, sequence: int) -> HttpResponse:
    """Show one entry: who, when, from where and why, each changed field before and after, its hash."""
    found = _visible(request).filter(pk=sequence).first()
    if found is None:
        raise not_found()
    page = Paginator(list(_fields(found.changes)), FIELDS_PER_PAGE).get_page(request.GET.get("page"))
    columns = [_("记录"), _("方式"), _("字段"), _("改动前"), _("改动后")]
    context = {
        "entry": found,
        "said": audit.message(found.action, found.params),
        "facts": _facts(found),
        "columns": [{"label": label, "long": label in columns[3:]} for label in columns],
        "rows": [{"cells": cells} for cells in page],
        "page": page,
        "crumbs": [{"label": _("操作留痕"), "url": reverse("core:audit")}, {"label": str(found.sequence)}],
    }
    return render(request, "core/audit_entry.html", context)


def _visible(request: HttpRequest) -> QuerySet[AuditEntry]:
    """Return the entries of the city worked in; those of the whole instance to who may see them."""
    found = rights.visible(request.user, "audit.view", AuditEntry.objects.all())
    inside = Q(division__startswith=guard.division_of(request))
    if rights.allowed_in(request.user, "audit.view", ""):
        inside |= Q(division="")
    return found.filter(inside)


def _cells(found: AuditEntry) -> list[dict[str, Any]]:
    return [
        {"text": str(found.sequence), "url": reverse("core:audit_entry", args=[found.sequence])},
        {"moment": found.at},
        {"text": _actor(found), "note": found.where},
        {"text": audit.message(found.action, found.params), "note": found.why},
        {"text": _told(found.changes), "note": found.digest[:12]},
    ]


def _actor(found: AuditEntry) -> str:
    return str(ACTORS.get(found.actor_name, found.actor_name))


def _told(changes: list[dict[str, Any]]) -> str:
    """Return how many records of which kind an entry wrote, the most frequent first."""
    counts: dict[str, int] = {}
    for change in changes:
        counts[change["model"]] = counts.get(change["model"], 0) + change.get("count", 1)
    most = sorted(counts.items(), key=lambda item: -item[1])
    parts = [f"{record_name(model)} × {count}" for model, count in most[:_NAMED]]
    if len(most) > _NAMED:
        parts.append(_("另有 %(kinds)s 类") % {"kinds": len(most) - _NAMED})
    return _("，").join(parts) or "—"


def _facts(found: AuditEntry) -> list[dict[str, Any]]:
    return [
        {"label": _("时间"), "moment": found.at},
        {"label": _("操作人"), "text": _actor(found)},
        {"label": _("来源"), "text": found.where or "—"},
        {"label": _("原因"), "text": found.why or "—"},
        {"label": _("操作代码"), "technical": found.action},
        {"label": _("改动"), "text": _told(found.changes)},
        {"label": _("上一条的哈希"), "technical": found.previous},
        {"label": _("本条的哈希"), "technical": found.digest},
    ]


def _fields(changes: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the cells of each changed field; records written many at once are one row by their numbers."""
    kinds = {"create": _("新增"), "change": _("修改"), "delete": _("删除")}
    for change in changes:
        name, kind = record_name(change["model"]), kinds.get(change["kind"], change["kind"])
        if "count" in change:
            many = _("共 %(count)s 条") % {"count": change["count"]}
            kept = ", ".join(change["ids"]) if "ids" in change else change["ids_sha256"]
            yield [{"text": name, "note": many}, {"text": kind}, {"text": "—"}, _value(None), _value(kept)]
            continue
        for field, (old, new) in change["fields"].items() or [("—", (None, None))]:
            head = {"text": name, "note": change["id"]}
            yield [head, {"text": kind}, {"technical": field}, _value(old), _value(new)]


def _value(value: object) -> dict[str, Any]:
    return {"text": "—"} if value in (None, "", {}, []) else {"technical": str(value)}
