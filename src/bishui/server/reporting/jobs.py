"""The background job that makes the files of a large report, and of one that a killed process left behind."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django_tasks import task

from bishui.errors import BishuiError
from bishui.server.core.models import WorkflowEvent
from bishui.server.core.queued import enqueue_missing
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
    old = [str(report.pk) for report in Report.objects.filter(state="issuing") if _is_old(report)]
    return enqueue_missing(produce_report, old)


def _is_old(report: Report) -> bool:
    events = WorkflowEvent.objects.filter(record_id=report.pk, transition="issue")
    last = events.order_by("-at").values_list("at", flat=True).first()
    return last is not None and last < datetime.now() - PATIENCE
