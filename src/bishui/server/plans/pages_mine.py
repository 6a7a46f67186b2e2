"""The unit's own work: what to take on, what to do, what came back, what awaits its review."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights
from bishui.server.plans import choosing, duty_queries
from bishui.server.plans.models import Duty, DutyStanding, Progress, role_labels
from bishui.server.plans.pages_plans import units_of
from bishui.server.plans.states import FINISHED

_PER_PAGE = 20
_FINISHED = sorted(FINISHED)


def _lists() -> dict[str, tuple[str, Q]]:
    """Return the lists of work: name and the condition of the kept rows of the duties in it."""
    open_work = ~Q(state="accepted") & ~Q(colour__in=_FINISHED)
    return {
        "do": (_("待办"), open_work & ~Q(state="handed_in")),
        "take": (_("待签收"), open_work & Q(state="issued")),
        "returned": (_("被退回"), open_work & Q(state="returned")),
        "waiting": (_("待审核"), Q(waiting__gt=0)),
        "done": (_("已完成"), Q(state="accepted") | Q(colour__in=_FINISHED)),
    }


@guard.requires("plans.view")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """List the duties of the user's own units, the most urgent first, and the reports they owe."""
    workspace = request.workspace  # type: ignore[attr-defined]
    own = units_of(request.user)
    duties = duty_queries.rows_of(workspace).filter(unit_id__in=own)
    lists = _lists()
    asked = request.GET.get("show", "do")
    asked = asked if asked in lists else "do"
    counts = duties.order_by().aggregate(
        **{key: Count("pk", filter=condition) for key, (_word, condition) in lists.items()}
    )
    pages = Paginator(_ordered(duties.filter(lists[asked][1])).values_list("pk", flat=True), _PER_PAGE)
    pages.count = counts[asked]
    page = pages.get_page(request.GET.get("page"))
    keys = list(page.object_list)
    read = Duty.objects.select_related("unit", "task__plan", "kept_standing").in_bulk(keys)
    reports = duty_queries.reports_due(workspace, request.user).filter(unit_id__in=own)
    context = {
        "page": page,
        "rows": _rows(request, [read[key] for key in keys]),
        "tabs": [
            {"label": word, "count": counts[key], "url": f"?show={key}", "active": key == asked}
            for key, (word, _condition) in lists.items()
        ],
        "asked": asked,
        "has_unit": bool(own),
        "reports": [item for item in reports if item.state in ("due", "missing", "returned")],
        "today": workspace.today,
    }
    return render(request, "plans/mine.html", context)


def _ordered(duties: QuerySet[DutyStanding]) -> QuerySet[DutyStanding]:
    """Return the duties with what comes next first; those of no weight behind the others of a day.

    Those alike stand as they were issued: identifiers are ordered by time.
    """
    return duties.order_by(F("next_due").asc(nulls_last=True), "-weight", "duty_id")


def _rows(request: HttpRequest, duties: list[Duty]) -> list[dict[str, Any]]:
    returned: dict[Any, Progress] = {}
    found = Progress.objects.filter(task__in=[duty.task_id for duty in duties], state="returned")
    for report in found.filter(replaced_by=None).order_by("at", "id"):
        returned[report.task_id, report.unit_id] = report
    rows = []
    for duty in duties:
        standing = duty.kept_standing
        may = rights.allowed(request.user, "plans.report", duty) and duty.state != "accepted"
        rows.append(
            {
                "duty": duty,
                "task": duty.task,
                "role": role_labels()[duty.role],
                "standing": standing,
                "word": choosing.state_word(standing.colour),
                "tone": choosing.tone_of(standing.colour),
                "returned": returned.get((duty.task_id, duty.unit_id)) if duty.state == "returned" else None,
                "may_take": may and duty.state == "issued",
                "may_report": may,
            }
        )
    return rows
