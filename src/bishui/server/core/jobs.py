"""Background jobs that survive a killed worker.

Jobs are `django_tasks` tasks in the records database. Each worker process renews a lease; a job that is
marked as running by a worker whose lease has run out goes back to the queue (`reap`), at most
`MAX_ATTEMPTS` times. All jobs are written so that running them again does nothing twice.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import close_old_connections, connection
from django_tasks import TaskResultStatus, task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from bishui.errors import BishuiError
from bishui.server.core import daily, imports
from bishui.server.core.ids import uuid7
from bishui.server.core.models import ImportSession, WorkerLease

log = structlog.get_logger()
LEASE = timedelta(seconds=30)
BEAT_SECONDS = 8.0
MAX_ATTEMPTS = 3


_at_beats: list[Callable[[], object]] = []


def at_each_beat(function: Callable[[], object]) -> None:
    """Register a short function that a worker calls with each beat: it looks what waits and queues jobs."""
    _at_beats.append(function)


def _beat_once() -> None:
    daily.enqueue()
    for function in _at_beats:
        function()


@task()
def read_import(session_id: str) -> str:
    """Read the file of an import session."""
    session = ImportSession.objects.get(pk=session_id)
    imports.read(session)
    session.refresh_from_db()
    return str(session.state)


@task()
def commit_import(session_id: str) -> str:
    """Bring a session that a person confirmed to an end."""
    session = ImportSession.objects.get(pk=session_id)
    try:
        imports.finish_commit(session)
    except BishuiError as error:
        log.warning("import failed", session=session_id, error=str(error))
    session.refresh_from_db()
    return str(session.state)


def queued_commits() -> list[str]:
    """Return the identifiers of the import sessions whose commit waits for a worker."""
    waiting = DBTaskResult.objects.filter(task_path=commit_import.module_path, status=TaskResultStatus.READY)
    return [str(job.args_kwargs["args"][0]) for job in waiting if job.args_kwargs["args"]]


def renew(worker: str) -> None:
    """Renew the lease of `worker`."""
    WorkerLease.objects.update_or_create(worker=worker, defaults={"expires_at": datetime.now() + LEASE})


def reap() -> int:
    """Put the jobs of dead workers back into the queue.

    Returns
    -------
    int
        How many jobs were put back or given up.
    """
    now = datetime.now()
    alive = set(WorkerLease.objects.filter(expires_at__gt=now).values_list("worker", flat=True))
    count = 0
    for job in DBTaskResult.objects.running():
        holder = job.worker_ids[-1] if job.worker_ids else ""
        if holder in alive:
            continue
        status = TaskResultStatus.READY if len(job.worker_ids) < MAX_ATTEMPTS else TaskResultStatus.FAILED
        changed = DBTaskResult.objects.filter(
            pk=job.pk, status=TaskResultStatus.RUNNING, worker_ids=job.worker_ids
        ).update(status=status, started_at=None)
        if changed:
            log.warning("job of a dead worker", job=str(job.pk), worker=holder, now=str(status))
            count += 1
    WorkerLease.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    return count


class LeasedWorker(Worker):
    """A worker that renews its lease from a thread and mends what dead workers left."""

    def __init__(self, *, interval: float = 0.5, batch: bool = False) -> None:
        super().__init__(
            queue_names=["*"],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid7().hex[-8:]}",
            excluded_queue_names=[],
        )
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until told to stop."""
        renew(self.worker_id)
        reap()
        imports.reconcile(queued_commits())
        _beat_once()
        beat = threading.Thread(target=self._beat, daemon=True)
        beat.start()
        try:
            super().run()
        finally:
            self._stop.set()
            WorkerLease.objects.filter(worker=self.worker_id).delete()

    def _beat(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                renew(self.worker_id)
                reap()
                _beat_once()
            except Exception:  # the next beat tries again; the job itself must go on
                log.exception("lease not renewed")
            finally:
                close_old_connections()
        connection.close()


def run_worker(*, batch: bool = False) -> None:
    """Run one worker in this process; with `batch` only until the queue is empty."""
    worker = LeasedWorker(batch=batch)
    if threading.current_thread() is threading.main_thread():
        worker.configure_signals()
    worker.run()
