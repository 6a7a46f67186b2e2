"""What happened to a record with a workflow, as its page tells it, with the files handed in on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bishui.server.core import workflow
from bishui.server.core.middleware import not_found
from bishui.server.core.models import StoredFile, WorkflowEvent
from bishui.server.core.records import OwnedRecord


def entries(record: OwnedRecord, *, file_url: Callable[[str], str] | None = None) -> list[dict[str, Any]]:
    """Return the record's transitions for the part ``core/parts/timeline.html``, newest first.

    Parameters
    ----------
    file_url
        The address of a file by its identifier; without it files are not shown.
    """
    flow = workflow.of(record)
    events = _events(record)
    kept = _files([key for event in events for key in _file_keys(event)]) if file_url else {}
    return [
        {
            "when": event.at,
            "who": event.by_name,
            "what": flow.transitions[event.transition].label,
            "tone": flow.states[event.target].tone,
            "text": event.evidence.get("text", ""),
            "files": [
                {"name": kept[key].name, "url": file_url(key)}
                for key in _file_keys(event)
                if file_url and key in kept
            ],
        }
        for event in events
    ]


def evidence(record: OwnedRecord, file: str) -> StoredFile:
    """Return a file that was handed in with a transition of the record.

    Raises
    ------
    NotFound
        If it was not.
    """
    if file not in {key for event in _events(record) for key in _file_keys(event)}:
        raise not_found()
    return StoredFile.objects.get(pk=file)


def _events(record: OwnedRecord) -> Sequence[WorkflowEvent]:
    return list(WorkflowEvent.objects.filter(record_id=record.pk).order_by("-at", "-id"))


def _files(keys: Sequence[str]) -> dict[str, StoredFile]:
    return {str(file.pk): file for file in StoredFile.objects.filter(pk__in=keys)}


def _file_keys(event: WorkflowEvent) -> list[str]:
    parts = workflow.load_all()[event.workflow].transitions[event.transition].evidence
    held = [event.evidence[part.key] for part in parts if part.is_file and part.key in event.evidence]
    return [key for keys in held for key in (keys if isinstance(keys, list) else [keys])]
