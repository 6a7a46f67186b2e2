"""The calendar: what is due in a month — milestones and reports — and what is missing."""

from __future__ import annotations

import calendar as months
from collections import Counter
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bishui.errors import BishuiError
from bishui.server.core import clock, files, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.plans import calendar, choosing, duty_queries, shown
from bishui.server.plans.forms import ReportForm
from bishui.server.plans.models import Milestone, ReportDue

_MOST_MILESTONES = 120


@guard.requires("plans.view")
@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """Show what is due in a month, day by day."""
    workspace = request.workspace  # type: ignore[attr-defined]
    first = _month(request.GET.get("month", ""), workspace.today)
    last = first.replace(day=months.monthrange(first.year, first.month)[1])
    steps = duty_queries.milestones_between(workspace, first, last, request.user)
    reports = duty_queries.reports_due(workspace, request.user)
    days: dict[date, dict[str, Any]] = {}
    # Only identifiers are sorted; what is shown is read for the first of them alone.
    keys = list(steps.select_related(None).values_list("pk", flat=True)[: _MOST_MILESTONES + 1])
    cut, keys = len(keys) > _MOST_MILESTONES, keys[:_MOST_MILESTONES]
    shown_steps = Milestone.objects.select_related("task__plan", "duty__unit", "task__kept_standing").in_bulk(
        keys
    )
    for item in (shown_steps[key] for key in keys):
        _day(days, item.due or first, workspace.today)["steps"].append(_step(item))
    for due, items in groupby(reports.filter(due__gte=first, due__lte=last), key=lambda item: item.due):
        _day(days, due, workspace.today)["reports"] = _reports(list(items))
    context = {
        "first": first,
        "days": [days[day] for day in sorted(days)],
        "previous": _shifted(first, -1),
        "next": _shifted(first, 1),
        "missing": list(duty_queries.missing_reports(workspace, request.user)),
        "undated": list(reports.filter(due=None)),
        "today": workspace.today,
        "shown": len(keys) if cut else None,
        "ledger_url": f"{reverse('plans:ledger')}?after={first}&before={last}",
        "crumbs": [{"label": _("计划与任务"), "url": reverse("plans:list")}, {"label": _("日历")}],
    }
    return render(request, "plans/calendar.html", context)


def _month(text: str, today: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def _shifted(first: date, by: int) -> date:
    place = first.year * 12 + first.month - 1 + by
    return date(place // 12, place % 12 + 1, 1)


def _day(days: dict[date, dict[str, Any]], day: date, today: date) -> dict[str, Any]:
    return days.setdefault(day, {"day": day, "past": day < today, "steps": [], "reports": []})


def _step(item: Milestone) -> dict[str, Any]:
    standing = item.task.kept_standing
    return {
        "step": item,
        "task": item.task,
        "unit": item.duty.unit.name if item.duty else standing.units.get("lead", ""),
        "state": standing.colour,
        "word": choosing.state_word(standing.colour),
        "percent": standing.percent,
    }


def _reports(items: list[ReportDue]) -> list[dict[str, Any]]:
    """Return the reports of one day, one entry for each kind with its units by state."""
    found = []
    for what, group in groupby(items, key=lambda item: item.what):
        units = list(group)
        counts = Counter(item.state for item in units)
        found.append({"what": what, "units": units, "missing": counts["missing"], "to": units[0].to})
    return found


@guard.requires("plans.view")
@require_http_methods(["GET", "POST"])
def report_due(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a report that a unit owes; take it from who may hand it in."""
    item = guard.one(request, ReportDue, "plans.view", pk)
    may = rights.allowed(request.user, "plans.report", item) and item.state in ("due", "missing", "returned")
    form = ReportForm(request.POST or None, request.FILES or None) if may and item.plan.active else None
    if request.method == "POST":
        guard.check(request, "plans.report", item)
        if form is not None and form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                calendar.hand_in(
                    item,
                    (upload.file, upload.name),
                    actor=request.user,
                    at=clock.now(),
                    text=form.cleaned_data["text"],
                    where=guard.address(request),
                )
            except BishuiError as error:
                form.add_error("file" if error.where.file else None, str(error))
                return _due_page(request, item, form, status=error.http_status)
            messages.success(request, _("“%(what)s”已报送。") % {"what": item.what})
            return redirect("plans:report_due", pk=pk)
        return _due_page(request, item, form, status=422)
    return _due_page(request, item, form)


def _due_page(
    request: HttpRequest, item: ReportDue, form: ReportForm | None, status: int = 200
) -> HttpResponse:
    context = {
        "item": item,
        "form": form,
        "events": shown.events_of(item),
        "may_return": item.state in ("handed_in", "late")
        and rights.allowed(request.user, "plans.review", item),
        "crumbs": [
            {"label": _("计划与任务"), "url": reverse("plans:list")},
            {"label": _("日历"), "url": reverse("plans:calendar")},
            {"label": item.what},
        ],
    }
    return render(request, "plans/report_due.html", context, status=status)


@guard.requires("plans.review")
@require_POST
def return_due(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return a report that was handed in, with a reason."""
    item = guard.one(request, ReportDue, "plans.review", pk)
    try:
        calendar.send_back(
            item, request.POST.get("text", ""), actor=request.user, where=guard.address(request)
        )
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    return redirect("plans:report_due", pk=pk)


@guard.requires("plans.view")
@require_GET
def report_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the file of a report that was handed in, as an attachment."""
    item = guard.one(request, ReportDue, "plans.view", pk)
    if item.file is None:
        raise not_found()
    return files.download(item.file)  # type: ignore[return-value]
