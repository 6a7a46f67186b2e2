"""How far the city's units are with the plan's tasks, as at the city's day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bishui.twin.city import load
from bishui.twin.model import City, HandedIn, Progress, SetMilestone, TaskProgress

STATES = ("done", "late_done", "in_progress", "behind", "due_soon", "overdue", "not_started")
#: A task whose next deadline lies at most so many days ahead is due soon (临近时限).
DUE_SOON_DAYS = 30

Record = Mapping[str, Any]


def task_progress(city: City) -> tuple[TaskProgress, ...]:
    """Return state and progress reports of each task, ordered by its number in the plan.

    Only reports up to `City.as_of` exist; one that was decided on later still awaits its review.
    """
    data = load("progress.toml")
    found = []
    for seq, state in sorted((int(seq), state) for seq, state in data["states"].items()):
        entries = [
            entry
            for record in data["entry"]
            if record["task"] == seq
            for entry in _entries(record)
            if entry.date <= city.as_of
        ]
        steps = [
            SetMilestone(*step)
            for record in data["milestones"]
            if record["task"] == seq
            for step in zip(record["what"], record["due"], record["weight"], strict=True)
        ]
        known = tuple(sorted(entries, key=lambda entry: entry.date))
        found.append(TaskProgress(seq, state, known, tuple(steps)))
    return tuple(found)


def _entries(record: Record) -> Iterator[Progress]:
    for unit in record.get("units", [record.get("unit")]):
        yield Progress(
            date=record["date"],
            unit=str(unit),
            text=record["text"],
            reached=tuple(record.get("reached", ())),
            figure=record.get("figure", ""),
            for_all=record.get("for_all", False),
            outlook=record.get("outlook", "normal"),
            evidence=tuple(record["evidence"]),
            sites=tuple(record.get("sites", ())),
            review=record.get("review", ""),
            reviewed=record.get("reviewed"),
            reason=record.get("reason", ""),
        )


def handed_in(city: City) -> tuple[HandedIn, ...]:
    """Return the reports that came in up to the city's day, the earliest first."""
    records = [
        HandedIn(item["what"], item["unit"], item["date"], item["file"])
        for item in load("progress.toml")["report"]
    ]
    return tuple(sorted((item for item in records if item.date <= city.as_of), key=lambda item: item.date))
