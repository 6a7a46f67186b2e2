"""What the worker does for this app: it looks at every city each day, and after each import that landed."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Max
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from bishui.server.alerts import looking
from bishui.server.alerts.models import LastLook
from bishui.server.core import daily, jobs
from bishui.server.core.models import ImportSession
from bishui.server.plans import standings
from bishui.server.sites.queries import IMPORT_KIND


def register() -> None:
    """Make these known; called once at start."""
    daily.register("alerts.look", look_at_all)
    jobs.at_each_beat(wake)


def look_at_all(day: date) -> None:
    """Look at every city on a day; an invented city stands at its own fixed day."""
    for path, fixed in standings.roots():
        looking.look(path, day, fixed)


def wake() -> int:
    """Queue a look at each city whose measurements have changed; return how many."""
    changed = [path for path, _ in standings.roots() if _seen(path) != landed(path)]
    if not changed:
        return 0
    waiting = DBTaskResult.objects.filter(
        task_path=look_at.module_path, status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]
    )
    queued = {str(job.args_kwargs["args"][0]) for job in waiting}
    for path in changed:
        if path not in queued:
            look_at.enqueue(path)
    return len(set(changed) - queued)


@task()
def look_at(division: str) -> str:
    """Look at a city whose measurements have changed."""
    # Written down before the rows are read: what lands meanwhile is looked at next time, and what fails is
    # not tried again with every beat. The job of a worker that died goes back to the queue anyway.
    LastLook.objects.update_or_create(division=division, defaults={"seen": landed(division)})
    made = looking.look(division, date.today(), dict(standings.roots()).get(division))
    return f"{made} new"


def landed(division: str) -> str:
    """Return what tells whether measurements came in, or were taken back, since the last look."""
    active = ImportSession.objects.filter(kind=IMPORT_KIND, state="active", division__startswith=division)
    found = active.aggregate(count=Count("pk"), newest=Max("landed_at"))
    return f"{found['count']} {found['newest'] or ''}".strip()


def _seen(division: str) -> str:
    return LastLook.objects.filter(division=division).values_list("seen", flat=True).first() or "0"
