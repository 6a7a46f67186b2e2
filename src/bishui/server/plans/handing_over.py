"""What passes on when a unit ends: its open duties and the reports that it still owes."""

from __future__ import annotations

from typing import Any

from bishui.i18n import Text
from bishui.server.accounts import succession
from bishui.server.plans import duties, standings
from bishui.server.plans.duty_queries import OPEN_DUTIES
from bishui.server.plans.models import Duty, ReportDue, Task, TaskUnit

_OPEN_REPORTS = ("due", "missing", "returned")


def register() -> None:
    """Make both known; called once at start."""
    succession.register(succession.Holding(Text("未完成的任务"), _open_duties, _pass_duties))
    succession.register(succession.Holding(Text("未报送的材料"), _open_reports, _pass_reports))


def _duties(unit: Any) -> Any:
    return Duty.objects.filter(unit=unit, state__in=OPEN_DUTIES, task__plan__active=True)


def _open_duties(unit: Any) -> int:
    return int(_duties(unit).count())


def _pass_duties(old: Any, new: Any) -> None:
    """Let the new unit bear each open duty; one that it bears already in the same task stays its own.

    The task names the new unit from now on; what the old one handed in stays under its name and counts.
    """
    tasks = list(_duties(old).values_list("task_id", flat=True))
    borne = set(Duty.objects.filter(unit=new, task__in=tasks).values_list("task_id", flat=True))
    for duty in _duties(old).exclude(task__in=borne):
        duty.unit = new
        duty.save()
    for role in TaskUnit.objects.filter(unit=old, task__in=tasks):
        role.unit = new
        role.save()
    chosen = Task.objects.filter(pk__in=tasks)
    duties.renew_many(chosen)
    for task in chosen.select_related("plan")[:1]:
        standings.renew(tasks, standings.today_of(task.division))


def _reports(unit: Any) -> Any:
    return ReportDue.objects.filter(unit=unit, state__in=_OPEN_REPORTS, plan__active=True)


def _open_reports(unit: Any) -> int:
    return int(_reports(unit).count())


def _pass_reports(old: Any, new: Any) -> None:
    owed = set(ReportDue.objects.filter(unit=new).values_list("plan_id", "what", "due"))
    for report in _reports(old):
        if (report.plan_id, report.what, report.due) not in owed:
            report.unit = new
            report.save()
