"""The report calendar (报送日历): which unit owes which report when, what came in, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, BinaryIO
from uuid import UUID

from bishui.documents import resolve_relative
from bishui.server.core import audit, evidence, workflow
from bishui.server.plans import directory, standings, steps
from bishui.server.plans.models import Plan, PlanDocument, ReportDeadline, ReportDue, Task, TaskUnit
from bishui.server.plans.unit_names import resolve, role_meant

_SYSTEM = "system"
_SEPARATORS = re.compile(r"[、，,；;\n]+")


def renew(plan: Plan, *, actor: Any = _SYSTEM) -> int:
    """Make the reports that the units of a plan owe fit its report deadlines; return how many are new.

    Those that the plan no longer asks for are retired; what was handed in for them stays.
    """
    deadlines = list(ReportDeadline.objects.filter(plan=plan).order_by("position")) if plan.active else []
    owed = _Owed(plan)
    held = {(item.unit_id, item.what, item.due): item for item in ReportDue.objects.filter(plan=plan)}
    asked: dict[tuple[UUID, str, date | None], ReportDue] = {}
    for deadline in deadlines:
        task, units = owed.of(deadline)
        for day in days_of(deadline.due, plan):
            for unit in units:
                asked.setdefault((unit, deadline.what, day), _report(plan, deadline, task, unit, day))
    fresh = [item for key, item in asked.items() if key not in held]
    gone = [item for key, item in held.items() if key not in asked and item.state != "retired"]
    back = [item for key, item in held.items() if key in asked and item.state == "retired"]
    if fresh or gone or back:
        with audit.action(
            "plans.calendar_made", actor=actor, division=plan.division, plan=str(plan), count=len(fresh)
        ):
            ReportDue.objects.bulk_create(fresh)
            for item in gone:
                workflow.fire(item, "retire", actor=_SYSTEM)
            for item in back:
                workflow.fire(item, "renew", actor=_SYSTEM)
    return len(fresh)


def _report(
    plan: Plan, deadline: ReportDeadline, task: UUID | None, unit: UUID, day: date | None
) -> ReportDue:
    return ReportDue(
        division=plan.division,
        plan=plan,
        deadline=deadline,
        task_id=task,
        unit_id=unit,
        what=deadline.what,
        written="" if day else deadline.due,
        to=deadline.to,
        due=day,
    )


def days_of(norm: str, plan: Plan) -> list[date | None]:
    """Return the days on which a report with this deadline is due; None where no day can be told."""
    try:
        return [date.fromisoformat(norm)]
    except ValueError:
        pass
    if plan.issued and (found := resolve_relative(norm, plan.issued)):
        return [found.day]
    repeated = steps.planned(norm, None, begin=plan.period_from, end=plan.period_to)
    days: list[date | None] = [item.due for item in repeated if item.due]
    return days or [None]


class _Owed:
    """Who owes the reports of one plan: read once, asked for each deadline."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rule = steps.rules("reports")
        self._tasks = list(
            Task.objects.filter(plan=plan, line_from__isnull=False).values_list("pk", "line_from", "line_to")
        )
        self._roles: dict[UUID, list[tuple[str, UUID]]] = {}
        rows = TaskUnit.objects.filter(task__plan=plan, unit__isnull=False).order_by(
            "task__position", "position"
        )
        for task, role, unit in rows.values_list("task_id", "role", "unit_id"):
            self._roles.setdefault(task, []).append((role, unit))
        document = PlanDocument.objects.filter(plan=plan).first()
        self._tables: list[dict[str, Any]] = document.tables if document else []
        self._directory = directory.directory_of(plan.division)

    def of(self, deadline: ReportDeadline) -> tuple[UUID | None, list[UUID]]:
        """Return the task that a report stands in, if any, and the units that owe it."""
        task = next(
            (pk for pk, first, last in self._tasks if deadline.line and first <= deadline.line <= last), None
        )
        if named := self._named(deadline):
            return task, named
        if task is not None:
            return task, self._in_roles([task], self._rule["of_task"])
        return None, self._in_roles(self._roles, self._rule["otherwise"])

    def _in_roles(self, tasks: Iterable[UUID], roles: Sequence[str]) -> list[UUID]:
        return list(
            dict.fromkeys(unit for task in tasks for role, unit in self._roles.get(task, []) if role in roles)
        )

    def _named(self, deadline: ReportDeadline) -> list[UUID]:
        """Return the units that the deadline's own row of an annex names."""
        written = self._cell(deadline.line)
        found: list[UUID] = []
        names = [name for name in _SEPARATORS.split(written) if name.strip()]
        if self._directory.collective(written) is not None:
            names = [written]
        for item in resolve(names, self._directory):
            role = role_meant(item.written)
            found += self._in_roles(self._roles, [role]) if role else map(UUID, item.units)
        return list(dict.fromkeys(found))

    def _cell(self, line: int | None) -> str:
        for table in self._tables:
            heads = [head for head in table.get("header", []) if head in self._rule["unit_columns"]]
            rows, lines = table.get("rows_filled", []), table.get("lines") or [0, -1]
            # Only where each row stands on a line of its own is the row of a line known.
            if heads and line and lines[0] <= line <= lines[1] and lines[1] - lines[0] + 1 == len(rows):
                return str(rows[line - lines[0]][table["header"].index(heads[0])])
        return ""


# -- handing in and missing ----------------------------------------------------------------------------


def hand_in(
    item: ReportDue,
    file: tuple[BinaryIO, str],
    *,
    actor: Any,
    at: datetime,
    text: str = "",
    where: str = "",
) -> None:
    """Hand a report in that a unit owes; after its day it is late (逾期报送).

    Raises
    ------
    DataError
        If the file cannot be taken.
    Conflict
        If it was handed in already.
    """
    day = at.date()
    in_time = item.due is None or day <= item.due
    again = item.state == "returned" and item.due and item.handed_in_on and item.handed_in_on <= item.due
    transition = (
        "hand_in_again" if again else "hand_in" if in_time and item.state == "due" else "hand_in_late"
    )
    if item.state in ("handed_in", "late"):
        transition = "hand_in"  # the workflow says that this cannot be done twice
    with audit.action(
        "plans.report_handed_in",
        actor=actor,
        where=where,
        division=item.division,
        unit=str(item.unit),
        what=item.what,
    ):
        kept = evidence.keep(*file, division=item.division)
        item.file, item.text, item.by, item.handed_in_on = kept, text.strip(), str(actor), day
        workflow.fire(
            item,
            transition,
            actor=actor,
            evidence={"file": str(kept.pk), "day": day.isoformat()},
            where=where,
        )


def send_back(item: ReportDue, reason: str, *, actor: Any, where: str = "") -> None:
    """Return a report that was handed in, with a reason."""
    workflow.fire(item, "return", actor=actor, evidence={"text": reason}, where=where)


def record_missing(division: str, today: date) -> int:
    """Record every report that was due before `today` and did not come in as missing (缺报); return how many.

    Each is an event of the day after its due day; a day's events are one entry of the trail. Doing it again
    does nothing.
    """
    late = ReportDue.objects.filter(
        division__startswith=division, plan__active=True, state="due", due__lt=today
    ).select_related("unit")
    count = 0
    for due, items in groupby(late.order_by("due", "id"), key=lambda item: item.due):
        missing, day = list(items), due + timedelta(days=1)
        with audit.action(
            "plans.reports_missing",
            actor=_SYSTEM,
            division=division,
            day=day.isoformat(),
            count=len(missing),
        ):
            for item in missing:
                item.missed_on = day
                workflow.fire(item, "miss", actor=_SYSTEM, evidence={"day": day.isoformat()})
        count += len(missing)
    return count


def daily(day: date) -> None:
    """Record the missing reports of every city: as at `day`, or at the fixed day of an invented one."""
    for path, fixed in standings.roots():
        record_missing(path, fixed or day)
