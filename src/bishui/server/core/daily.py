"""What has to be done once a day: functions that each app registers, run by the workers, each day once.

A worker's beat asks `enqueue` for what is due and puts it into the queue of jobs; the job does every day
since the last one that is done, in order, so that nothing is left out after a downtime. Only one worker has
the lease of a function at a time. A function that was cut off is done again: each must do nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django_tasks import task

from bishui.server.core.ids import uuid7
from bishui.server.core.models import DailyRun

log = structlog.get_logger()

Daily = Callable[[date], None]
LEASE = timedelta(minutes=15)
#: After a longer downtime the days before are left out: what they would have noticed, the later days do too.
MOST_DAYS = 400

_functions: dict[str, Daily] = {}


def register(name: str, function: Daily) -> None:
    """Register a function that is called once for each day, in the order of registration.

    Parameters
    ----------
    name
        ``app.what``, unique.
    function
        Called with the day; must do nothing twice when it is called again for the same day.
    """
    _functions[name] = function


def registered() -> list[str]:
    """Return the names of the registered functions in the order in which they run."""
    return list(_functions)


def pending(today: date) -> list[str]:
    """Return the functions that have not been done for `today` and that no worker has the lease of."""
    now = datetime.now()
    done = DailyRun.objects.filter(Q(last_day__gte=today) | Q(leased_until__gt=now))
    settled = set(done.values_list("name", flat=True))
    return [name for name in _functions if name not in settled]


def enqueue(today: date | None = None) -> int:
    """Put what is due into the queue of jobs; return how many."""
    day = today or date.today()
    taken = [name for name in pending(day) if _lease(name, day, "queued")]
    for name in taken:
        run_daily.enqueue(name, day.isoformat())
    return len(taken)


@task()
def run_daily(name: str, day: str) -> str:
    """Do one registered function for every day up to `day`."""
    return f"{run(name, date.fromisoformat(day))} days"


def run(name: str, today: date) -> int:
    """Do a function for each day that is not done up to `today`; return how many days it was.

    Nothing happens where another worker has the lease. After a failure the lease stays until it runs out,
    so that a function which fails is tried again at that pace and not with every beat.
    """
    holder = uuid7().hex
    if not _take_over(name, today, holder):
        return 0
    mine = DailyRun.objects.filter(name=name, holder=holder)
    count = 0
    for day in _open_days(name, today):
        _functions[name](day)
        # The lease is renewed with each day, and lost where somebody else took over meanwhile.
        if not mine.update(last_day=day, leased_until=datetime.now() + LEASE):
            return count
        count += 1
    mine.update(leased_until=None, holder="")
    return count


def run_all(today: date | None = None) -> None:
    """Do every registered function now, in this process, as far as it is not done."""
    for name in registered():
        run(name, today or date.today())


def _open_days(name: str, today: date) -> list[date]:
    last = DailyRun.objects.filter(name=name).values_list("last_day", flat=True).first()
    first = today if last is None else max(last + timedelta(days=1), today - timedelta(days=MOST_DAYS))
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]


def _lease(name: str, today: date, holder: str) -> bool:
    """Take the lease of a function that nobody has; tell whether it is ours."""
    now = datetime.now()
    try:
        with transaction.atomic():
            DailyRun.objects.get_or_create(name=name)
    except IntegrityError:
        log.info("another worker was first", job=name)
    free = DailyRun.objects.filter(Q(leased_until=None) | Q(leased_until__lte=now), name=name)
    undone = free.filter(Q(last_day=None) | Q(last_day__lt=today))
    return bool(undone.update(leased_until=now + LEASE, holder=holder))


def _take_over(name: str, today: date, holder: str) -> bool:
    """Make a queued lease the runner's own, or take a free one."""
    until = datetime.now() + LEASE
    queued = DailyRun.objects.filter(Q(last_day=None) | Q(last_day__lt=today), name=name, holder="queued")
    return bool(queued.update(leased_until=until, holder=holder)) or _lease(name, today, holder)
