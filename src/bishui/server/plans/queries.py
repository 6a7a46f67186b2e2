"""Reads of this app: targets for the assessment, tasks with their derived state, numbers by unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db.models import Count, QuerySet
from django.urls import reverse

from bishui.observations.schema import TARGETS
from bishui.server.core import rights
from bishui.server.core.city import City
from bishui.server.plans import directory
from bishui.server.plans import standings as held
from bishui.server.plans.models import Plan, Progress, SectionTarget, Task, TaskStanding, TaskUnit
from bishui.server.plans.states import FINISHED, STATES, Standing


@dataclass(frozen=True, slots=True)
class TaskBrief:
    """A task in one line, as other apps show it."""

    id: str
    number: int
    title: str
    plan: str
    due: date | None
    deadline: str
    state: str
    percent: int
    leads: tuple[str, ...]

    @property
    def url(self) -> str:
        """The address of the task's page."""
        return reverse("plans:task", args=[self.id])


@dataclass(slots=True)
class UnitNumbers:
    """How many tasks a unit has in each role, and how they stand; a task counts once in each column."""

    unit: str
    name: str
    lead: int = 0
    cooperating: int = 0
    responsible: int = 0
    total: int = 0
    states: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """How many are finished, in time or late."""
        return sum(self.states[state] for state in FINISHED)

    @property
    def overdue(self) -> int:
        """How many are overdue."""
        return self.states["overdue"]


def tasks_of(workspace: City, user: Any = None) -> QuerySet[Task]:
    """Return the tasks of the plans that count; with `user` only those that the user may see."""
    found = Task.objects.filter(division__startswith=workspace.division, plan__active=True)
    return found if user is None else rights.visible(user, "plans.view", found)


def rows_of(workspace: City, user: Any = None) -> QuerySet[TaskStanding]:
    """Return the kept rows of `tasks_of`, which long lists narrow, count and sort; made to hold first."""
    held.keep(workspace.division, workspace.today)
    counting = Plan.objects.filter(active=True, division__startswith=workspace.division)
    found = TaskStanding.objects.filter(plan__in=counting.order_by().values("pk"))
    return found if user is None else rights.visible(user, "plans.view", found)


def standings(tasks: QuerySet[Task], day: date) -> dict[UUID, Standing]:
    """Return where each of `tasks` stands at the end of `day`, by identifier; any day, derived anew."""
    return held.standings(tasks, day)


def kept(workspace: City, tasks: QuerySet[Task]) -> dict[UUID, Standing]:
    """Return where each of `tasks` of the city stands on its day, as it is kept."""
    return held.kept(tasks, workspace.today)


def task_counts(workspace: City, user: Any = None) -> dict[str, int]:
    """Return how many tasks stand in each state on the workspace's day, and ``total``."""
    counts = counts_of(rows_of(workspace, user))
    return {**counts, "total": sum(counts.values())}


def counts_of(rows: QuerySet[TaskStanding]) -> dict[str, int]:
    """Return how many tasks stand in each state by their kept rows, in the order of `STATES`."""
    counts = dict(rows.order_by().values_list("colour").annotate(n=Count("pk")))
    return {state: counts.get(state, 0) for state in STATES}


def counts_by_plan(rows: QuerySet[TaskStanding]) -> dict[UUID, Counter[str]]:
    """Return how many tasks stand in each state by their kept rows, for each plan."""
    counts: dict[UUID, Counter[str]] = {}
    for plan, colour, number in rows.order_by().values_list("plan_id", "colour").annotate(n=Count("pk")):
        counts.setdefault(plan, Counter())[colour] = number
    return counts


def overdue(workspace: City, limit: int = 10, user: Any = None) -> list[TaskBrief]:
    """Return the overdue tasks, the longest overdue first."""
    return _briefs(workspace, "overdue", limit, user)


def behind(workspace: City, limit: int = 10, user: Any = None) -> list[TaskBrief]:
    """Return the tasks that are behind, the next due first."""
    return _briefs(workspace, "behind", limit, user)


def due_soon(workspace: City, limit: int = 10, user: Any = None) -> list[TaskBrief]:
    """Return the tasks that are due soon, the next first."""
    return _briefs(workspace, "due_soon", limit, user)


def _briefs(workspace: City, state: str, limit: int, user: Any) -> list[TaskBrief]:
    first = rows_of(workspace, user).filter(colour=state).order_by("due", "plan", "position")[:limit]
    keys = list(first.values_list("pk", flat=True))
    rows = (
        Task.objects.filter(pk__in=keys)
        .select_related("plan", "kept_standing")
        .order_by("due", "plan", "position")
    )
    return [brief(task, standing_of(task)) for task in rows.prefetch_related("unit_roles__unit")]


def standing_of(task: Task) -> Standing:
    """Return the kept standing of a task that was loaded with it (``select_related("kept_standing")``)."""
    row = task.kept_standing
    return Standing(row.colour, row.percent, row.done_on, row.expected, row.waiting)


def brief(task: Task, standing: Standing) -> TaskBrief:
    """Return a task in one line."""
    leads = [role for role in task.unit_roles.all() if role.role == "lead"]
    names = dict.fromkeys(role.unit.name if role.unit else role.written for role in leads)
    return TaskBrief(
        id=str(task.pk),
        number=task.number,
        title=task.theme or task.content[:40],
        plan=task.plan.title,
        due=task.due,
        deadline=task.deadline,
        state=standing.state,
        percent=standing.percent,
        leads=tuple(names),
    )


def task_brief(workspace: City, pk: str, user: Any = None) -> TaskBrief | None:
    """Return one task in one line, or None where it does not exist or may not be seen."""
    try:
        tasks = tasks_of(workspace, user).filter(pk=UUID(str(pk)))
    except ValueError:
        return None
    task = tasks.select_related("plan").prefetch_related("unit_roles__unit").first()
    return brief(task, kept(workspace, tasks)[task.pk]) if task else None


def by_unit(workspace: City, tasks: QuerySet[Task] | None = None) -> list[UnitNumbers]:
    """Return the numbers of each unit that any task names, the most overdue first.

    `tasks` narrows it, for one plan or to what a person may see.
    """
    chosen = tasks_of(workspace) if tasks is None else tasks
    found = kept(workspace, chosen)
    numbered: dict[str, UnitNumbers] = {}
    seen: set[tuple[str, UUID]] = set()
    rows = (
        TaskUnit.objects.filter(task__in=chosen.order_by().values("pk"), unit__isnull=False)
        .order_by()
        .values_list("unit_id", "unit__name", "role", "task_id")
        .distinct()
    )
    for unit, name, role, task in rows:
        numbers = numbered.setdefault(str(unit), UnitNumbers(str(unit), name))
        setattr(numbers, role, getattr(numbers, role) + 1)
        if (str(unit), task) not in seen:
            seen.add((str(unit), task))
            numbers.total += 1
            numbers.states[found[task].state] += 1
    return sorted(numbered.values(), key=lambda item: (-item.overdue, -item.total, item.name))


def targets_table(division: str) -> pa.Table:
    """Return the targets of sections of a division's subtree, from the plans that count (`TARGETS`).

    A section that had no site when the plan was imported is looked up again by its name, so that a site
    that is registered later has its target at once.
    """
    found = SectionTarget.objects.filter(
        division__startswith=division,
        plan__active=True,
        target_class__isnull=False,
        period_from__isnull=False,
        period_to__isnull=False,
    ).select_related("plan")
    targets = list(found.order_by("plan_id", "position"))
    open_names = [target.section for target in targets if not target.site]
    known = directory.sites_of(division, open_names) if open_names else {}
    return pa.Table.from_pylist(
        [_target_row(target, target.site or known.get(target.section)) for target in targets], schema=TARGETS
    )


def _target_row(target: SectionTarget, site: str | None) -> dict[str, Any]:
    return {
        "id": str(target.pk),
        "site": site,
        "scope": None if site else target.section,
        "target_class": target.target_class,
        "overrides": None,
        "period_from": target.period_from,
        "period_to": target.period_to,
        "source_file": target.plan.file_name or target.plan.title,
        "source_line": target.line,
    }


def target_sources(division: str) -> dict[str, dict[str, Any]]:
    """Return where each target of `targets_table` stands written, by its identifier: plan, line, address."""
    found = SectionTarget.objects.filter(division__startswith=division, plan__active=True)
    return {
        str(pk): {"plan": title, "line": line, "url": reverse("plans:plan", args=[plan])}
        for pk, title, line, plan in found.values_list("pk", "plan__title", "line", "plan_id")
    }


def count_states(found: Iterable[Standing]) -> dict[str, int]:
    """Return how many stand in each state, in the order of `STATES`."""
    counts = Counter(item.state for item in found)
    return {state: counts[state] for state in STATES}


def task_of(division: str, number: int) -> Task:
    """Return the task with this number in the active plan of the division path `division`.

    Raises
    ------
    Task.DoesNotExist
        If no active plan of the division has such a task.
    """
    found = Task.objects.filter(plan__division=division, plan__active=True, seq=number)
    task: Task = found.select_related("plan").prefetch_related("unit_roles__unit").get()
    return task


def has_progress(division: str) -> bool:
    """Tell whether any task of the division subtree was reported on."""
    return Progress.objects.filter(division__startswith=division).exists()
