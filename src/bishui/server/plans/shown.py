"""Progress reports as the pages show them: what was handed in, its evidence and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.urls import reverse

from bishui.server.core import rights, workflow
from bishui.server.core.models import WorkflowEvent
from bishui.server.plans import linking
from bishui.server.plans.models import Progress, Task, outlook_labels


def reports_of(task: Task, user: Any) -> list[dict[str, Any]]:
    """Return the progress reports of a task, newest first, each as `entry`."""
    found = with_evidence(Progress.objects.filter(task=task)).order_by("-at", "-id")
    return entries(list(found), user)


def with_evidence(reports: Any) -> Any:
    """Load with the reports all that `entries` shows of them."""
    return reports.select_related("unit", "task__plan").prefetch_related(
        "files__file", "figures", "links", "milestones__milestone"
    )


def entries(reports: list[Progress], user: Any) -> list[dict[str, Any]]:
    """Return the reports as entries of a timeline, with the events of their review."""
    found = list(WorkflowEvent.objects.filter(record_id__in=[report.pk for report in reports]))
    names = _names(found)
    events: dict[UUID, list[dict[str, Any]]] = {}
    for event in found:
        if event.transition != "hand_in":
            events.setdefault(event.record_id, []).append(_event(event, names))
    may_review = {report.pk: rights.allowed(user, "plans.review", report) for report in reports}
    return [_entry(report, events.get(report.pk, []), may_review[report.pk]) for report in reports]


def _entry(report: Progress, events: list[dict[str, Any]], may_review: bool) -> dict[str, Any]:
    step = report.step
    return {
        "report": report,
        "state": step,
        "outlook": outlook_labels()[report.outlook] if report.outlook != "normal" else "",
        "milestones": [item.milestone for item in report.milestones.all()],
        "figures": list(report.figures.all()),
        "files": [
            {"name": item.file.name, "url": reverse("plans:evidence", args=[report.pk, item.pk])}
            for item in report.files.all()
        ],
        "links": [
            {
                "kind": linking.label_of(item.kind),
                "label": item.label,
                "url": linking.address(item.kind, item.object_id),
            }
            for item in report.links.all()
        ],
        "events": events,
        "url": reverse("plans:progress", args=[report.pk]),
        "may_review": may_review and report.state == "handed_in",
    }


def _names(events: Iterable[WorkflowEvent]) -> dict[str, str]:
    """Return the full names of the people behind events, by identifier."""
    keys = {event.by_id for event in events if event.by_id}
    return {str(user.pk): str(user) for user in get_user_model().objects.filter(pk__in=keys)}


def _event(event: WorkflowEvent, names: Mapping[str, str]) -> dict[str, Any]:
    flow = workflow.load_all()[event.workflow]
    day = event.evidence.get("day")  # by the city's calendar; an invented one stands still
    return {
        "when": datetime.combine(date.fromisoformat(day), event.at.time()) if day else event.at,
        "who": names.get(event.by_id, event.by_name),
        "what": flow.transitions[event.transition].label,
        "tone": flow.states[event.target].tone,
        "text": event.evidence.get("text", ""),
    }


def events_of(record: Any) -> list[dict[str, Any]]:
    """Return everything that happened to a record with a workflow, newest first."""
    found = list(WorkflowEvent.objects.filter(record_id=record.pk).order_by("-at", "-id"))
    names = _names(found)
    return [_event(event, names) for event in found]
