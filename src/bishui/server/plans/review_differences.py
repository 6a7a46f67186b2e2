"""What a new reading of a plan would change in the ledger, as the review page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.server.core.models import ImportSession
from bishui.server.plans import amending, rereading
from bishui.server.plans.models import DraftCorrection, Task, role_labels
from bishui.server.plans.review_draft import Draft
from bishui.server.plans.review_fields import listings

#: Fields that follow from others; they are changed, and not worth a line.
_SILENT = frozenset({"position", "line", "line_from", "line_to", "due", "task_id", "value", "target_class"})
_FIELD_OF = {"class_text": "class", "value_text": "value"}


def shown(session: ImportSession, draft: Draft) -> dict[str, Any]:
    """Return the differences for the page: changed, new and dropped parts, units, corrections not carried."""
    plan = rereading.amended_plan(session)
    if plan is None or session.state not in ("previewed", "submitted"):
        return {"settled": True}
    changes = amending.compare(plan, session, draft.effective(), draft.given_units())
    return {
        "plan": plan,
        "reader": {"before": plan.reader_version, "after": draft.data["reader"]},
        "groups": [group for part in changes.parts.values() if (group := _group(part))],
        "head": list(_fields("doc", changes.plan)),
        "units": list(_units(changes.units)),
        "not_carried": [_not_carried(draft, row) for row in rereading.not_carried(session)],
    }


def _group(part: amending.PartChanges) -> dict[str, Any] | None:
    key = amending.list_of(part.model)
    changed = [
        {"name": str(item.row), "url": _url(item.row), "fields": fields}
        for item in part.changed
        if (fields := list(_fields(key, item)))
    ]
    if not (changed or part.made or part.dropped):
        return None
    return {
        "label": listings()[key].label,
        "changed": changed,
        "made": [str(row) for row in part.made],
        "dropped": [{"name": str(row), "url": _url(row)} for row in part.dropped],
    }


def _url(row: Any) -> str:
    return reverse("plans:task", args=[row.pk]) if isinstance(row, Task) else ""


def _fields(key: str, item: amending.Changed) -> Iterator[dict[str, Any]]:
    fields = listings()[key].fields
    for name, (before, after) in item.fields.items():
        if name in _SILENT:
            continue
        spec = fields.get(_FIELD_OF.get(name, name))
        yield {"label": spec.label if spec else name, "before": _text(before), "after": _text(after)}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " › ".join(map(str, value))
    return "" if value is None else str(value)


def _units(part: amending.PartChanges) -> Iterator[dict[str, Any]]:
    labels = role_labels()
    for sign, rows in (("+", part.made), ("−", part.dropped)):
        for row in rows:
            yield {
                "sign": sign,
                "task": str(row.task),
                "role": labels[row.role],
                "written": row.written,
                "unit": str(row.unit) if row.unit_id else _("未识别"),
            }


def _not_carried(draft: Draft, row: DraftCorrection) -> dict[str, Any]:
    return {"path": row.path, "before": _text(row.as_read), "after": _text(row.corrected), "by": row.by}
