"""Which jobs wait for a worker or are at work, so that nothing is queued twice."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django_tasks import TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult


def arguments_of(task: Task[..., Any]) -> list[list[Any]]:
    """Return the arguments of each job of a kind that waits or is at work."""
    status = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    jobs = DBTaskResult.objects.filter(task_path=task.module_path, status__in=status)
    return [job.args_kwargs["args"] for job in jobs]


def enqueue_missing(task: Task[..., Any], names: Collection[str]) -> int:
    """Queue a job for each name whose job neither waits nor is at work; return how many.

    Parameters
    ----------
    task
        Takes a name alone: the identifier of a record, the path of a division.
    """
    if not names:
        return 0
    there = {str(arguments[0]) for arguments in arguments_of(task)}
    missing = [name for name in names if name not in there]
    for name in missing:
        task.enqueue(name)
    return len(missing)
