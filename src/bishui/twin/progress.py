"""How far the city's units are with the plan's tasks, as at the city's day."""

from __future__ import annotations

from bishui.twin.city import load
from bishui.twin.model import City, Progress, TaskProgress

STATES = ("done", "in_progress", "due_soon", "overdue", "not_started")
#: A task whose deadline lies at most so many days ahead is due soon (临近时限).
DUE_SOON_DAYS = 30


def task_progress(city: City) -> tuple[TaskProgress, ...]:
    """Return state and progress reports of each task, ordered by its number in the plan.

    Only reports up to `City.as_of` exist. States: ``done`` (100 % reported), ``overdue`` (the deadline
    has passed), ``due_soon`` (within `DUE_SOON_DAYS` days), ``not_started`` (no report), ``in_progress``.
    """
    data = load("progress.toml")
    found = []
    for seq, state in sorted((int(seq), state) for seq, state in data["states"].items()):
        entries = [
            Progress(
                date=record["date"],
                unit=record["unit"],
                percent=record["percent"],
                text=record["text"],
                evidence=record["evidence"] or None,
            )
            for record in data["entry"]
            if record["task"] == seq
        ]
        known = sorted((entry for entry in entries if entry.date <= city.as_of), key=lambda e: e.date)
        found.append(TaskProgress(seq, state, tuple(known)))
    return tuple(found)
