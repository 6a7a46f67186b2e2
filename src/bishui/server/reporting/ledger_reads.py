"""What this app reads of the ledger: tasks with their standing on a day, targets, calendar, projects.

The standings are derived for the report's own day, not for the day that the pages speak of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import QuerySet

from bishui.server.core import registers
from bishui.server.indicators import series
from bishui.server.plans import duty_queries, queries, standings, states
from bishui.server.reporting.periods import Scope

#: Whoever bears these roles owes reports; cooperating units owe none of their own.
_BEARING = ("lead", "responsible")


@dataclass(frozen=True, slots=True)
class TaskRead:
    """One task on a day: its standing and, by unit, that of each duty with its role."""

    id: str
    number: int
    name: str
    field: str
    due: date | None
    deadline: str
    weight: Decimal
    state: str
    percent: int
    leads: tuple[str, ...]
    duties: tuple[DutyRead, ...]


@dataclass(frozen=True, slots=True)
class DutyRead:
    """One unit's part in a task on a day; `reports` counts what it has handed in by then."""

    unit: str
    role: str
    state: str
    percent: int
    reports: int


@dataclass(frozen=True, slots=True)
class TargetRead:
    """A numeric target with the newest value of its series, None where there is none."""

    id: str
    plan: str
    text: str
    op: str
    value: Decimal
    value_text: str
    unit: str
    deadline: str
    reported: Decimal | None = None
    reported_text: str = ""
    reported_on: date | None = None


@dataclass(slots=True)
class DueRead:
    """A report that units owed on one day, with the units in each case."""

    what: str
    due: date
    owed: list[str] = field(default_factory=list)
    in_time: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ProjectRead:
    """A key project: funds and investment made in 10,000 yuan (万元), stage in words; empty = not known."""

    name: str
    units: str
    funds: Decimal | None = None
    spent: Decimal | None = None
    stage: str = ""
    end: date | None = None


def _model(name: str) -> Any:
    return apps.get_model("plans", name)._default_manager


def plans_of(scope: Scope) -> list[Any]:
    """Return the plans that count and whose time overlaps the period."""
    found = _model("Plan").filter(
        division__startswith=scope.division,
        active=True,
        period_from__lte=scope.as_of,
        period_to__gte=scope.first_day,
    )
    return list(found.order_by("period_from", "title"))


def _tasks(scope: Scope, plans: Iterable[Any]) -> QuerySet[Any]:
    return queries.tasks_of(scope).filter(plan__in=[plan.pk for plan in plans])


def tasks_of(scope: Scope, plans: Sequence[Any]) -> list[TaskRead]:
    """Return the tasks of some plans as they stood at the end of the report's day."""
    chosen = _tasks(scope, plans)
    facts = standings.facts_of(chosen)
    leads = _leads(chosen)
    rows = chosen.order_by("plan", "position")
    return [_task(task, facts[task.pk], leads.get(task.pk, ()), scope.as_of) for task in rows]


def _leads(tasks: QuerySet[Any]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, dict[str, None]] = {}
    rows = _model("TaskUnit").filter(task__in=tasks.order_by().values("pk"), role="lead")
    for task, written, unit in rows.order_by("position", "id").values_list(
        "task_id", "written", "unit__name"
    ):
        found.setdefault(task, {})[unit or written] = None
    return {task: tuple(names) for task, names in found.items()}


def _task(task: Any, facts: states.Facts, leads: tuple[str, ...], day: date) -> TaskRead:
    whole, parts = states.standings_on(day, facts)
    counts: dict[str, int] = {}
    for report in facts.reports:
        if report.day <= day:
            counts[report.unit] = counts.get(report.unit, 0) + 1
    duties = tuple(
        DutyRead(owed.unit, owed.role, parts[owed.id].state, parts[owed.id].percent, counts.get(owed.unit, 0))
        for owed in facts.duties
        if owed.role in _BEARING
    )
    return TaskRead(
        id=str(task.pk),
        number=task.number,
        name=task.theme or task.content[:40],
        field=task.field,
        due=task.due,
        deadline=task.deadline,
        weight=task.weight,
        state=whole.state,
        percent=whole.percent,
        leads=leads,
        duties=duties,
    )


def targets_of(scope: Scope, plans: Sequence[Any]) -> list[TargetRead]:
    """Return the numeric targets of some plans, each with the newest value of its series by the report's day.

    The series hold what was entered, what accepted reports state and what the assessments give.
    """
    wanted = {plan.pk for plan in plans}
    found = [entry for entry in series.indicators(scope) if entry.target.plan_id in wanted]
    return [_target(entry, scope.as_of) for entry in found]


def _target(indicator: series.Indicator, day: date) -> TargetRead:
    target = indicator.target
    newest = next((value for value in reversed(indicator.values) if value.day <= day), None)
    return TargetRead(
        id=str(target.pk),
        plan=str(target.plan_id),
        text=target.text or target.indicator,
        op=target.op,
        value=target.value,
        value_text=target.value_text,
        unit=target.unit,
        deadline=target.deadline,
        reported=newest.value if newest else None,
        reported_text=newest.text if newest else "",
        reported_on=newest.day if newest else None,
    )


def calendar_of(scope: Scope, plans: Sequence[Any]) -> list[DueRead]:
    """Return the reports that were due from the first day of the period to the report's day."""
    found: dict[tuple[str, date], DueRead] = {}
    rows = duty_queries.reports_due(scope).filter(
        plan__in=[plan.pk for plan in plans], due__gte=scope.first_day, due__lte=scope.as_of
    )
    for what, due, handed_in, unit in rows.values_list("what", "due", "handed_in_on", "unit__name"):
        assert due is not None  # those without a day fall out of the filter
        entry = found.setdefault((what, due), DueRead(what, due))
        entry.owed.append(unit)
        if handed_in is None or handed_in > scope.as_of:
            if due < scope.as_of:
                entry.missing.append(unit)
        else:
            (entry.in_time if handed_in <= due else entry.late).append(unit)
    return list(found.values())


def projects_of(scope: Scope, plans: Sequence[Any]) -> list[ProjectRead]:
    """Return the key projects (重点工程项目): those of the register, then those that only the plans name."""
    names = dict(apps.get_model("accounts", "Unit")._default_manager.values_list("code", "name"))
    stages = {choice.value: choice.label.zh for choice in _stage_choices()}
    kept = apps.get_model("ledgers", "Project")._default_manager.filter(division__startswith=scope.division)
    found = [
        ProjectRead(
            name=project.name,
            units=str(names.get(project.unit, project.unit)),
            funds=project.funds,
            spent=project.funds_spent,
            stage=stages.get(project.stage, project.stage),
            end=project.end,
        )
        for project in kept.order_by("code")
    ]
    known = {project.name for project in found}
    listed = _model("PlanDocument").filter(plan__in=[plan.pk for plan in plans]).order_by("plan")
    return found + [
        ProjectRead(name=project["name"], units="、".join(project.get("units") or []))
        for projects in listed.values_list("projects", flat=True)
        for project in projects
        if project.get("name") and project["name"] not in known
    ]


def _stage_choices() -> Sequence[Any]:
    fields = registers.load_all()["projects"].fields
    return next(entry.choices for entry in fields if entry.name == "stage")


def unit_names(units: Iterable[str]) -> dict[str, str]:
    """Return the names of units by identifier."""
    found = apps.get_model("accounts", "Unit")._default_manager.filter(pk__in=set(units))
    return {str(pk): str(name) for pk, name in found.order_by("division", "code").values_list("pk", "name")}
