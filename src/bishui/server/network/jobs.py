"""The background job of this app: a trace takes seconds to a minute."""

from __future__ import annotations

from django_tasks import task

from bishui.server.network import services
from bishui.server.network.models import TraceRun


@task()
def answer_trace(pk: str) -> str:
    """Answer a trace; run again it does nothing twice."""
    run = TraceRun.objects.select_related("network__file").get(pk=pk)
    services.run_trace(run)
    return "answered" if run.result is not None else "refused"
