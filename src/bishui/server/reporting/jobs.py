"""The background job that makes the files of a large report, and of one that a killed process left behind."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from bishui.errors import BishuiError
from bishui.server.core.models import WorkflowEvent
from bishui.server.reporting import services
from bishui.server.reporting.models import Report

log = structlog.get_logger()
#: A report that has been issued for so long without its files was left by a process that was killed.
PATIENCE = timedelta(minutes=2)


@task()
def produce_report(report_id: str) -> str:
    """Make the files of a report that is being issued."""
    report = Report.objects.get(pk=report_id)
    try:
        services.produce(report)
    except BishuiError as error:
        log.warning("report not produced", report=report_id, error=str(error))
    report.refresh_from_db()
    return report.state


def take_up() -> int:
    """Queue the reports whose files nobody is making any more; return how many.

    Making them twice makes one edition, so that a report that was only slow does no harm.
    """
    waiting = DBTaskResult.objects.filter(
        task_path=produce_report.module_path,
        status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING),
    )
    queued = {job.args_kwargs["args"][0] for job in waiting}
    left = [
        str(report.pk)
        for report in Report.objects.filter(state="issuing")
        if str(report.pk) not in queued and _is_old(report)
    ]
    for report_id in left:
        produce_report.enqueue(report_id)
    return len(left)


def _is_old(report: Report) -> bool:
    events = WorkflowEvent.objects.filter(record_id=report.pk, transition="issue")
    last = events.order_by("-at").values_list("at", flat=True).first()
    return last is not None and last < datetime.now() - PATIENCE
