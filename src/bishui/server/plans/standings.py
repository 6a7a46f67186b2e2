"""Where tasks and duties stand: derived for any day, and kept for the day that the pages speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet

from bishui.server.accounts import succession
from bishui.server.plans.models import (
    Duty,
    DutyStanding,
    Milestone,
    Progress,
    ProgressFigure,
    ProgressMilestone,
    Task,
    TaskStanding,
    TaskUnit,
)
from bishui.server.plans.states import Facts, Owed, Report, Standing, Step, standings_on

#: So many tasks are derived at once: their duties and reports fit into memory.
_CHUNK = 400
_COUNTED = ("handed_in", "accepted")
#: What a kept row repeats of its task.
_REPEATED = ("division", "plan_id", "due", "position", "field")
_KEPT = ("division", "plan", "colour", "percent", "expected", "waiting", "done_on", "from_day", "until_day")


@dataclass(slots=True)
class _Loaded:
    """What is known of one task while its facts are collected."""

    #: What the kept row repeats of the task: division, plan, due, position and field.
    row: dict[str, Any]
    begin: date | None
    steps: list[Step] = field(default_factory=list)
    duties: list[Owed] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    #: The written names by role; those without a unit under ``unknown`` too.
    units: dict[str, list[str]] = field(default_factory=dict)

    def facts(self) -> Facts:
        return Facts(self.row["due"], self.begin, self.steps, self.duties, self.reports)


def facts_of(tasks: QuerySet[Task]) -> dict[UUID, Facts]:
    """Return all that the standing of each of `tasks` is derived from, in six queries."""
    return {pk: loaded.facts() for pk, loaded in _load(tasks).items()}


def _load(tasks: QuerySet[Task]) -> dict[UUID, _Loaded]:
    rows = tasks.order_by().values_list("pk", "plan__issued", "plan__period_from", *_REPEATED)
    found = {
        pk: _Loaded(
            dict(zip(_REPEATED, repeated, strict=True)), max(filter(None, (issued, begin)), default=None)
        )
        for pk, issued, begin, *repeated in rows
    }
    chosen: Any = list(found) if len(found) <= _CHUNK else tasks.order_by().values("pk")
    for pk, task, unit, role, weight, state in (
        Duty.objects.filter(task__in=chosen)
        .exclude(state="retired")
        .order_by("pk")
        .values_list("pk", "task_id", "unit_id", "role", "weight", "state")
    ):
        found[task].states[str(pk)] = state
        found[task].duties.append(Owed(str(pk), str(unit), role, weight))
    for pk, task, due, weight, duty, target, amount in (
        Milestone.objects.filter(task__in=chosen)
        .order_by("position")
        .values_list("pk", "task_id", "due", "weight", "duty_id", "target_id", "target__value")
    ):
        found[task].steps.append(Step(str(pk), due, weight, str(duty or ""), str(target or ""), amount))
    _add_reports(found, chosen)
    return found


def _add_reports(found: Mapping[UUID, _Loaded], chosen: Any) -> None:
    reached: dict[UUID, set[str]] = {}
    for report, milestone in ProgressMilestone.objects.filter(report__task__in=chosen).values_list(
        "report_id", "milestone_id"
    ):
        reached.setdefault(report, set()).add(str(milestone))
    figures: dict[UUID, dict[str, Any]] = {}
    for report, target, value in ProgressFigure.objects.filter(
        report__task__in=chosen, target__isnull=False
    ).values_list("report_id", "target_id", "value"):
        figures.setdefault(report, {})[str(target)] = value
    now = succession.successors()  # what a unit reported counts for the one that bears its duties now
    for pk, task, at, unit, for_all, state in (
        Progress.objects.filter(task__in=chosen, state__in=_COUNTED)
        .order_by("at", "id")
        .values_list("pk", "task_id", "at", "unit_id", "for_all", "state")
    ):
        found[task].reports.append(
            Report(
                at.date(),
                now.get(str(unit), str(unit)),
                frozenset(reached.get(pk, ())),
                figures.get(pk),
                for_all,
                waiting=state == "handed_in",
            )
        )


def standings(tasks: QuerySet[Task], day: date) -> dict[UUID, Standing]:
    """Return where each of `tasks` stands at the end of `day`, by identifier; derived anew for that day."""
    return {
        pk: standings_on(day, loaded.facts())[0]
        for chunk in _chunks(tasks)
        for pk, loaded in _load(chunk).items()
    }


def _chunks(tasks: QuerySet[Task]) -> Iterator[QuerySet[Task]]:
    keys = list(tasks.order_by().values_list("pk", flat=True))
    for start in range(0, len(keys), _CHUNK):
        yield Task.objects.filter(pk__in=keys[start : start + _CHUNK])


# -- kept ----------------------------------------------------------------------------------------------


def today_of(division: str) -> date:
    """Return the day that the pages of a division's city speak of: fixed for an invented one, else today."""
    root = apps.get_model("accounts", "Division")._default_manager.filter(code=division.split("/", 1)[0])
    fiction, as_of = root.values_list("fiction", "as_of").first() or (False, None)
    return as_of if fiction and as_of else date.today()


#: The cities in which every task was found to have a kept standing, by this process: new tasks get theirs
#: with their duties, so that only what an older edition left has to be looked for.
_whole: set[str] = set()


def keep(division: str, day: date) -> int:
    """Derive and keep the standings in a city that do not hold on `day`; return how many.

    `division` is any path in the city.
    """
    root = f"{division.split('/', 1)[0]}/"
    held = TaskStanding.objects.filter(division__startswith=root)
    keys = list(held.filter(Q(until_day__lte=day) | Q(from_day__gt=day)).values_list("pk", flat=True))
    if root not in _whole:
        keys += Task.objects.filter(division__startswith=root, kept_standing=None).values_list(
            "pk", flat=True
        )
        _whole.add(root)
    renew(keys, day)
    return len(keys)


#: The tasks whose standings are derived at the end of `gathered`, while it is open.
_gathering: ContextVar[set[UUID] | None] = ContextVar("gathering", default=None)


@contextmanager
def gathered(day: date) -> Iterator[None]:
    """Derive what changes inside once, at the end: for a load of many deeds on few tasks."""
    keys: set[UUID] = set()
    token = _gathering.set(keys)
    try:
        yield
    finally:
        _gathering.reset(token)
    renew(keys, day)


def renew(keys: Iterable[UUID], day: date) -> None:
    """Derive and keep the standings of these tasks for `day`, whatever was kept: something has changed."""
    wanted = list(keys)
    gathering = _gathering.get()
    if gathering is not None:
        gathering.update(wanted)
        return
    for start in range(0, len(wanted), _CHUNK):
        _renew(wanted[start : start + _CHUNK], day)


def _renew(keys: list[UUID], day: date) -> None:
    loaded = _load(Task.objects.filter(pk__in=keys))
    gone = [pk for pk in keys if pk not in loaded]  # dropped by an amendment of the plan
    TaskStanding.objects.filter(task__in=gone).delete()
    DutyStanding.objects.filter(task__in=gone).delete()
    _add_names(loaded)
    of_tasks: list[TaskStanding] = []
    of_duties: list[DutyStanding] = []
    for pk, known in loaded.items():
        whole, parts = standings_on(day, known.facts())
        of_tasks.append(
            TaskStanding(
                task_id=pk,
                units={role: "、".join(names) for role, names in known.units.items()},
                **known.row,
                **_kept(whole, day, _earliest([whole, *parts.values()])),
            )
        )
        of_duties += [
            DutyStanding(
                duty_id=UUID(owed.id),
                task_id=pk,
                unit_id=UUID(owed.unit),
                role=owed.role,
                state=known.states[owed.id],
                weight=owed.weight,
                next_due=parts[owed.id].next_due,
                division=known.row["division"],
                plan_id=known.row["plan_id"],
                **_kept(parts[owed.id], day, parts[owed.id].until),
            )
            for owed in known.duties
        ]
    DutyStanding.objects.filter(task__in=list(loaded), duty__state="retired").delete()
    TaskStanding.objects.bulk_create(
        of_tasks,
        update_conflicts=True,
        unique_fields=["task"],
        update_fields=["units", "due", "position", "field", *_KEPT],
    )
    DutyStanding.objects.bulk_create(
        of_duties,
        update_conflicts=True,
        unique_fields=["duty"],
        update_fields=["unit", "role", "state", "weight", "next_due", *_KEPT],
        batch_size=2000,
    )


def _earliest(standings: Iterable[Standing]) -> date:
    return min(standing.until for standing in standings)


def _kept(standing: Standing, day: date, until: date) -> dict[str, Any]:
    return {
        "colour": standing.state,
        "percent": standing.percent,
        "expected": standing.expected,
        "waiting": standing.waiting,
        "done_on": standing.done_on,
        "from_day": day,
        "until_day": until,
    }


def _add_names(loaded: Mapping[UUID, _Loaded]) -> None:
    """Add the written names of each task's units by role; a collective name stands once."""
    rows = TaskUnit.objects.filter(task__in=list(loaded)).order_by("role", "position", "id")
    for task, role, written, unit in rows.values_list("task_id", "role", "written", "unit_id"):
        for kind in (role,) if unit else (role, "unknown"):
            names = loaded[task].units.setdefault(kind, [])
            if written not in names:
                names.append(written)


def kept(tasks: QuerySet[Task], day: date) -> dict[UUID, Standing]:
    """Return the kept standings of `tasks` of one city, made to hold on `day` first."""
    division = tasks.order_by().values_list("division", flat=True).first()
    if division is not None:
        keep(division, day)
    rows = TaskStanding.objects.filter(task__in=tasks.order_by().values("pk")).values_list(
        "task_id", "colour", "percent", "done_on", "expected", "waiting"
    )
    return {
        pk: Standing(colour, percent, done_on, expected, waiting)
        for pk, colour, percent, done_on, expected, waiting in rows
    }


def roots() -> list[tuple[str, date | None]]:
    """Return each city's path, with its fixed day where it is an invented one."""
    divisions = apps.get_model("accounts", "Division")._default_manager.filter(parent="").order_by("division")
    return [
        (path, as_of if fiction else None)
        for path, fiction, as_of in divisions.values_list("division", "fiction", "as_of")
    ]


def daily(day: date) -> None:
    """Make the standings of every city hold: on `day`, or on the fixed day of an invented city."""
    for path, fixed in roots():
        _whole.discard(path)
        keep(path, fixed or day)
