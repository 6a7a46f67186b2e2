"""What the worker computes ahead (预先计算): what the pages of a city show first, once it has changed.

An import computes it at its end. A flag, a target, a site, own limits and settings, an import taken
back and a new day change results as well; the worker sees that with its next beat.
"""

from __future__ import annotations

from django_tasks import task

from bishui.server.accounts import workspaces
from bishui.server.accounts.models import Division
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import jobs
from bishui.server.core.models import ImportSession
from bishui.server.core.queued import enqueue_missing
from bishui.server.sites import services
from bishui.server.sites.assessed import Results
from bishui.server.sites.queries import IMPORT_KIND


def register() -> None:
    """Make this known; called once at start."""
    jobs.at_each_beat(wake)


def wake() -> int:
    """Queue each city whose pages would be computed at their first view now; return how many."""
    cities = [workspaces.of_root(root) for root in Division.objects.filter(parent="").order_by("division")]
    cold = [city.division for city in cities if _has_data(city) and not _is_done(city)]
    return enqueue_missing(compute, cold)


@task()
def compute(division: str) -> str:
    """Compute what the pages of a city show first."""
    city = workspaces.of_root(Division.objects.get(division=division))
    # Written down first: what changes meanwhile is computed next time, and what fails is not tried again with
    # every beat; the page then computes it and says what is wrong.
    Results(city).kept(_done(city), lambda: True)
    services.warm(division)
    return division


def _has_data(city: Workspace) -> bool:
    landed = ImportSession.objects.filter(kind=IMPORT_KIND, state="active")
    return landed.filter(division__startswith=city.division).exists()


def _is_done(city: Workspace) -> bool:
    return Results(city).is_kept(_done(city))


def _done(city: Workspace) -> str:
    """Return the name under which it is kept that this was computed; it goes with the results themselves."""
    return f"computed ahead {city.today}"
