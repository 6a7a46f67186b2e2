"""What the pages of limits and settings ask for in their address: a day, and the values that hold on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.server.core import guard, rights
from bishui.server.standards import queries
from bishui.server.standards.models import OverrideFile


def day_of(request: HttpRequest) -> date:
    """Return the day asked for; the day that the pages speak of where none, or none that is one, is given."""
    today: date = request.workspace.today  # type: ignore[attr-defined]
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today


def record_of(request: HttpRequest, on: date) -> OverrideFile | None:
    """Return the override file that holds in the city worked in on a day."""
    return queries.record_in_force(guard.acting_division(request), on)


def mark_of(request: HttpRequest, record: OverrideFile | None) -> dict[str, Any] | None:
    """Return the notice that the bureau's own values are in the page, with a way to the file."""
    if record is None:
        return None
    may_see = rights.allowed(request.user, "standards.view", record)
    return {
        "title": _("已采用本级值"),
        "text": _("%(name)s（第 %(number)s 版），依据 %(basis)s；本级值旁列出国家值。")
        % {"name": record.name, "number": record.number, "basis": record.basis},
        "url": reverse("standards:override", args=[record.pk]) if may_see else "",
        "label": _("查看文件"),
    }


def certainty_cell(certainty: str) -> dict[str, Any]:
    """Return the cell that says how sure something is; what is not sure is marked."""
    if certainty in ("C", "D"):
        return {"state": "warn", "label": _("%(grade)s 待核实") % {"grade": certainty}}
    return {"text": certainty}
