"""Tasks as other apps ask for them: those of a field of work as they stand, and those that oblige."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from bishui.server.plans import standings
from bishui.server.plans.models import Plan, Task
from bishui.server.plans.states import Standing


@dataclass(frozen=True, slots=True)
class FieldTask:
    """A task of a standing ledger with where it stands; `evidence` counts the files of accepted reports."""

    task: Task
    standing: Standing
    units: dict[str, str]
    evidence: int


def field_tasks(division: str, day: date, field: str = "") -> list[FieldTask]:
    """Return the tasks of a city in a field of work (in all fields where it is empty), as they stand."""
    tasks = Task.objects.filter(division__startswith=division, plan__active=True)
    if field:
        tasks = tasks.filter(field=field)
    tasks = tasks.select_related("plan", "kept_standing").order_by("plan__title", "position")
    found = standings.kept(tasks, day)
    evidence = _evidence(tasks)
    return [
        FieldTask(task, found[task.pk], task.kept_standing.units, evidence.get(task.pk, 0)) for task in tasks
    ]


def _evidence(tasks: Any) -> dict[Any, int]:
    files = Task.every.filter(pk__in=tasks.order_by().values("pk"), progress__state="accepted")
    return dict(files.order_by().values_list("pk").annotate(n=Count("progress__files")))


def asking(division: str, pattern: str) -> list[tuple[Plan, Task, list[Any]]]:
    """Return the tasks of a city's plans whose text matches `pattern`, each with its responsible units.

    The text is compared without spaces.
    """
    tasks = Task.objects.filter(division__startswith=division, plan__active=True).select_related("plan")
    found = []
    for task in tasks.prefetch_related("unit_roles__unit"):
        if re.search(pattern, re.sub(r"\s", "", task.content)):
            bearing = [
                role.unit for role in task.unit_roles.all() if role.role == "responsible" and role.unit
            ]
            found.append((task.plan, task, list(dict.fromkeys(bearing))))
    return found
