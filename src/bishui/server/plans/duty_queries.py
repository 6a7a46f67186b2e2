"""Reads of duties, milestones, progress and reports due: for pages, reminders, scores and reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from bishui.server.core import rights
from bishui.server.core.city import City
from bishui.server.plans import queries
from bishui.server.plans import standings as held
from bishui.server.plans.models import Duty, DutyStanding, Milestone, Plan, Progress, ReportDue, Task
from bishui.server.plans.states import FINISHED

OPEN_DUTIES = ("issued", "taken", "in_progress", "handed_in", "returned")


@dataclass(frozen=True, slots=True)
class DutyBrief:
    """A duty in one line, as reminders, scores and other apps need it.

    `state` is the workflow's (``issued`` … ``accepted``), `colour` the derived one (``overdue``, ``behind``,
    …); `due` is the task's day, `next_due` that of its next open milestone.
    """

    id: str
    task: str
    number: int
    title: str
    plan: str
    unit: str
    unit_name: str
    role: str
    state: str
    colour: str
    percent: int
    expected: int
    waiting: int
    due: date | None
    next_due: date | None
    done_on: date | None

    @property
    def url(self) -> str:
        """The address of the task's page."""
        return reverse("plans:task", args=[self.task])


def duties_of(workspace: City, user: Any = None) -> QuerySet[Duty]:
    """Return the duties of the plans that count; with `user` those of the tasks that the user may see."""
    found = Duty.objects.filter(
        division__startswith=workspace.division, task__plan__active=True, task__retired__isnull=True
    ).exclude(state="retired")
    if user is None:
        return found
    tasks = rights.visible(user, "plans.view", Task.objects.filter(division__startswith=workspace.division))
    return found.filter(task__in=tasks.values("pk"))


def rows_of(workspace: City) -> QuerySet[DutyStanding]:
    """Return the kept rows of `duties_of`, which long lists narrow, count and sort; made to hold first."""
    held.keep(workspace.division, workspace.today)
    counting = Plan.objects.filter(active=True, division__startswith=workspace.division)
    return DutyStanding.objects.filter(plan__in=counting.order_by().values("pk"))


def briefs(workspace: City, duties: QuerySet[Duty] | None = None) -> list[DutyBrief]:
    """Return duties in one line each, in the order of tasks; all of the city's where none are given."""
    chosen = duties_of(workspace) if duties is None else duties
    held.keep(workspace.division, workspace.today)
    rows = chosen.select_related("task__plan", "unit", "kept_standing").order_by(
        "task__plan", "task__position", "role", "pk"
    )
    return [_brief(duty) for duty in rows]


def _brief(duty: Duty) -> DutyBrief:
    standing: DutyStanding = duty.kept_standing
    task = duty.task
    return DutyBrief(
        id=str(duty.pk),
        task=str(task.pk),
        number=task.number,
        title=task.theme or task.content[:40],
        plan=task.plan.title,
        unit=str(duty.unit_id),
        unit_name=duty.unit.name,
        role=duty.role,
        state=duty.state,
        colour=standing.colour,
        percent=standing.percent,
        expected=standing.expected,
        waiting=standing.waiting,
        due=task.due,
        next_due=standing.next_due,
        done_on=standing.done_on,
    )


def duties_due(workspace: City, on: date, days: int) -> list[DutyBrief]:
    """Return the open duties with a milestone due on `on` or within so many days after it."""
    found = duties_of(workspace).filter(
        weight__gt=0,
        kept_standing__next_due__gte=on,
        kept_standing__next_due__lte=on + timedelta(days=days),
    )
    return [brief for brief in briefs(workspace, found) if brief.colour not in FINISHED]


def overdue(workspace: City, on: date) -> list[DutyBrief]:
    """Return the open duties whose task was due before `on`, the longest overdue first."""
    found = duties_of(workspace).filter(weight__gt=0, task__due__lt=on)
    open_ones = [brief for brief in briefs(workspace, found) if brief.colour not in FINISHED]
    return sorted(open_ones, key=lambda brief: (brief.due or on, brief.unit_name))


def waiting_reports(workspace: City, user: Any = None) -> QuerySet[Progress]:
    """Return the progress reports that await their review, the longest waiting first."""
    found: QuerySet[Progress] = Progress.objects.filter(
        division__startswith=workspace.division, task__plan__active=True, state="handed_in"
    )
    if user is not None:
        found = rights.visible(user, "plans.review", found)
    return found.select_related("task__plan", "unit").order_by("at", "id")


def progress_of(workspace: City) -> QuerySet[Progress]:
    """Return the progress reports that were handed in, whatever became of them, the oldest first."""
    found = Progress.objects.filter(division__startswith=workspace.division, task__plan__active=True)
    return found.exclude(state="draft").select_related("task", "unit").order_by("at", "id")


def accepted_reports(tasks: QuerySet[Task], first: date, last: date) -> QuerySet[Progress]:
    """Return the accepted reports on `tasks` that speak of a day from `first` to `last`, the oldest first."""
    found = Progress.objects.filter(task__in=tasks.order_by().values("pk"), state="accepted")
    return found.filter(at__date__gte=first, at__date__lte=last).select_related("task", "unit").order_by("at")


def milestones_between(workspace: City, first: date, last: date, user: Any = None) -> QuerySet[Milestone]:
    """Return the milestones due from `first` to `last`; with `user` of the tasks that the user may see.

    Those of a day stand as their tasks were entered: identifiers are ordered by time.
    """
    tasks = queries.rows_of(workspace, user).order_by().values("pk")
    found = Milestone.objects.filter(task__in=tasks, due__gte=first, due__lte=last)
    return found.select_related("task__plan", "duty__unit", "target").order_by("due", "task_id", "position")


def reports_due(workspace: City, user: Any = None) -> QuerySet[ReportDue]:
    """Return the reports that units owe by the plans that count; with `user` those that the user may see."""
    found: QuerySet[ReportDue] = ReportDue.objects.filter(
        division__startswith=workspace.division, plan__active=True
    ).exclude(state="retired")
    if user is not None:
        found = rights.visible(user, "plans.view", found)
    return found.select_related("unit", "plan", "task", "file").order_by("due", "what", "unit__name")


def missing_reports(workspace: City, user: Any = None) -> QuerySet[ReportDue]:
    """Return the reports that are missing (缺报), the longest missing first."""
    return reports_due(workspace, user).filter(state="missing")


def owed_by(units: Iterable[str | UUID]) -> Q:
    """Return the condition that a duty, a report or a report due is one of these units'."""
    return Q(unit_id__in=[str(unit) for unit in units])
