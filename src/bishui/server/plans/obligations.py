"""Tasks as other apps ask for them: those of a field of work as they stand, and those that oblige."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef

from bishui.server.plans import standings
from bishui.server.plans.models import Plan, ProgressFile, Task, TaskStanding
from bishui.server.plans.states import FINISHED, Standing

#: The field of a task that lies in none.
_OTHER = "other"


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


@dataclass(slots=True)
class FieldNumbers:
    """The tasks of a field of work in numbers; `gaps` counts what a complete ledger would hold of them."""

    total: int = 0
    finished: int = 0
    overdue: int = 0
    weight: Decimal = Decimal(0)
    reached: Decimal = Decimal(0)
    gaps: int = 0

    @property
    def percent(self) -> int | None:
        """The progress by the tasks' weights; None where there are none."""
        return int(self.reached / self.weight) if self.weight else None


def field_numbers(division: str, day: date) -> dict[str, FieldNumbers]:
    """Return the tasks of a city in numbers by field of work, counted without reading each of them."""
    standings.keep(division, day)
    rows = TaskStanding.objects.filter(division__startswith=division, plan__active=True).order_by()
    found: dict[str, FieldNumbers] = {}
    for field, colour, percent, weight, count in rows.values_list(
        "field", "colour", "percent", "task__weight"
    ).annotate(n=Count("pk")):
        numbers = found.setdefault(field or _OTHER, FieldNumbers())
        numbers.total += count
        numbers.finished += count * (colour in FINISHED)
        numbers.overdue += count * (colour == "overdue")
        numbers.weight += count * weight
        numbers.reached += count * weight * percent
    accepted = ProgressFile.objects.filter(report__task=OuterRef("pk"), report__state="accepted")
    unproved = rows.filter(~Exists(accepted), colour__in=sorted(FINISHED))
    for gap in (rows.filter(units={}), rows.filter(due=None), unproved):
        for field, count in gap.values_list("field").annotate(n=Count("pk")):
            found[field or _OTHER].gaps += count
    return found


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
