"""What the worker does for this app: it looks at every city each day, and at once after what it follows from.

That is an import that landed or was taken back, a flag, a target, a site, a bureau's own limits and settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django_tasks import task

from bishui.server.alerts import looking
from bishui.server.alerts.models import LastLook
from bishui.server.core import daily, jobs
from bishui.server.core.models import ImportSession
from bishui.server.core.queued import enqueue_missing
from bishui.server.plans import standings
from bishui.server.sites import assessed
from bishui.server.sites.queries import IMPORT_KIND

#: What was seen of a city that was never looked at.
_NOTHING = "0"


def register() -> None:
    """Make these known; called once at start."""
    daily.register("alerts.look", look_at_all)
    jobs.at_each_beat(wake)


def look_at_all(day: date) -> None:
    """Look at every city on a day; an invented city stands at its own fixed day."""
    for path, fixed in standings.roots():
        looking.look(path, day, fixed)


def wake() -> int:
    """Queue a look at each city of which something has changed; return how many."""
    changed = [path for path, fixed in standings.roots() if _seen(path) != state(path, fixed)]
    return enqueue_missing(look_at, changed)


@task()
def look_at(division: str) -> str:
    """Look at a city of which something has changed."""
    # Written down before the rows are read: what lands meanwhile is looked at next time, and what fails is
    # not tried again with every beat. The job of a worker that died goes back to the queue anyway.
    fixed = dict(standings.roots()).get(division)
    LastLook.objects.update_or_create(division=division, defaults={"seen": state(division, fixed)})
    made = looking.look(division, date.today(), fixed)
    return f"{made} new"


@dataclass(frozen=True, slots=True)
class _City:
    """A city as its inputs are asked for."""

    division: str
    as_of: date | None

    @property
    def today(self) -> date:
        """Its fixed day, or the present one."""
        return self.as_of or date.today()


def state(division: str, fixed: date | None) -> str:
    """Return the hash of what alerts follow from; ``0`` where no measurement has come in yet."""
    landed = ImportSession.objects.filter(kind=IMPORT_KIND, state="active", division__startswith=division)
    if _seen(division) == _NOTHING and not landed.exists():
        return _NOTHING
    return assessed.inputs(_City(division, fixed))


def _seen(division: str) -> str:
    return LastLook.objects.filter(division=division).values_list("seen", flat=True).first() or _NOTHING
