"""Pages on which progress is handed in, looked at and reviewed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bishui.errors import BishuiError, Forbidden
from bishui.i18n import Text
from bishui.server.core import clock, files, guard, rights, workflow
from bishui.server.core.middleware import not_found
from bishui.server.plans import duty_queries, progress_reports, shown, standings
from bishui.server.plans.forms import ProgressForm
from bishui.server.plans.models import Duty, Milestone, Progress, ProgressFile, Task
from bishui.server.plans.pages_task import crumbs, report_units
from bishui.server.plans.states import FOREVER, shares_of
from bishui.server.plans.steps import Measure, is_measured

_PER_PAGE = 20


@guard.requires("plans.report")
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a progress report on a task, and take it."""
    task = guard.one(request, Task, "plans.view", pk)
    duties = report_units(request.user, task)
    if not duties:
        raise Forbidden(
            Text("您不能填报这项任务：没有您可以代表的、尚未验收的责任单位。"),
            remedy=Text("请由牵头、责任或配合单位的填报人填报。"),
        )
    replaced = _replaced(request, task)
    form = _form(request, task, duties, replaced)
    if request.method == "POST" and form.is_valid():
        try:
            _hand_in(request, task, form, replaced)
        except BishuiError as error:
            field = error.where.field if error.where.field in form.fields else None
            form.add_error("files" if error.where.file else field, str(error))
            # What the writer had seen is now what is shown: a second try counts on purpose.
            return _page(request, task, form, replaced, status=error.http_status)
        messages.success(request, _("进展已提交，等待审核；审核认可后计入完成比例。"))
        return redirect("plans:task", pk=pk)
    return _page(request, task, form, replaced, status=422 if form.is_bound else 200)


def _replaced(request: HttpRequest, task: Task) -> Progress | None:
    """Return the returned report that is handed in anew, if any."""
    key = request.GET.get("replaces", "") or request.POST.get("replaces", "")
    try:
        return Progress.objects.filter(task=task, state="returned", pk=UUID(key)).first() if key else None
    except ValueError:
        return None


def _form(request: HttpRequest, task: Task, duties: list[Duty], replaced: Progress | None) -> ProgressForm:
    model: Any = Duty._meta.get_field("unit").related_model
    named = {duty.unit_id: duty for duty in duties}
    chosen = _chosen(request, duties, replaced)
    steps = open_milestones(task, chosen)
    initial: dict[str, Any] = {
        "unit": chosen.unit_id,
        "seen": ",".join(f"{unit}:{number}" for unit, number in _numbers(task).items()),
    }
    if replaced is not None:
        initial |= {
            "text": replaced.text,
            "outlook": replaced.outlook,
            "milestones": [str(item.milestone_id) for item in replaced.milestones.all()],
        }
    return ProgressForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        units=model.objects.filter(pk__in=list(named)).order_by("division", "code"),
        milestones=steps,
        targets=[target for target in task.targets.all() if target.value is not None],
        division=task.division,
        initial=initial,
        may_sum_up=chosen.role == "lead",
    )


def _chosen(request: HttpRequest, duties: list[Duty], replaced: Progress | None) -> Duty:
    """Return the duty that the form speaks of: asked for by its unit, else the first."""
    wanted = (
        request.POST.get("unit") or request.GET.get("unit") or (str(replaced.unit_id) if replaced else "")
    )
    return next((duty for duty in duties if str(duty.unit_id) == wanted), duties[0])


def open_milestones(task: Task, duty: Duty) -> list[Milestone]:
    """Return the milestones of a duty that no accepted report has reached, the next first."""
    facts = standings.facts_of(Task.objects.filter(pk=task.pk))[task.pk]
    shares = shares_of(FOREVER, facts, progress_reports.owed_of(duty))
    keys = [share.step.id for share in shares if share.reached < 1]
    found = {str(step.pk): step for step in Milestone.objects.filter(pk__in=keys).select_related("target")}
    return [found[key] for key in keys]


def _numbers(task: Task) -> dict[str, int]:
    """Return how many reports each unit has made on the task."""
    counts: dict[str, int] = {}
    for unit, number in Progress.objects.filter(task=task).values_list("unit_id", "number"):
        counts[str(unit)] = max(counts.get(str(unit), 0), number)
    return counts


def _hand_in(request: HttpRequest, task: Task, form: ProgressForm, replaced: Progress | None) -> None:
    data = form.cleaned_data
    progress_reports.hand_in(
        task,
        data["unit"],
        progress_reports.Given(
            text=data["text"],
            milestones=data["milestones"],
            files=[(upload.file, upload.name) for upload in data["files"]],
            figures=form.figures(),
            links=form.links(),
            outlook=data["outlook"],
            for_all=bool(data.get("for_all")),
            replaces=replaced,
        ),
        actor=request.user,
        at=clock.now(),
        seen=_seen(data["seen"], str(data["unit"].pk)),
        where=guard.address(request),
    )


def _seen(given: str, unit: str) -> int:
    """Return how many reports of the unit the writer had seen."""
    pairs = (part.partition(":") for part in given.split(",") if part)
    return next((int(number) for name, _colon, number in pairs if name == unit and number.isdecimal()), 0)


def _page(
    request: HttpRequest, task: Task, form: ProgressForm, replaced: Progress | None, status: int
) -> HttpResponse:
    if form.is_bound:
        form.show_seen(",".join(f"{unit}:{number}" for unit, number in _numbers(task).items()))
    measured = {
        str(target.pk)
        for target in form.targets
        if is_measured(Measure("", target.text, target.op, target.value, target.unit))
    }
    context = {
        "task": task,
        "form": form,
        "replaced": replaced,
        "measured": bool(measured),
        "latest": shown.reports_of(task, request.user)[:3],
        "units": form.units,
        "crumbs": crumbs(task, _("填报进展")),
    }
    return render(request, "plans/report.html", context, status=status)


# -- one report ----------------------------------------------------------------------------------------


@guard.requires("plans.view")
@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one progress report with its evidence, and what can be done with it now."""
    return _report_page(request, _one(request, pk))


def _one(request: HttpRequest, pk: UUID) -> Progress:
    """Return a report of a task that the user may see."""
    found: Progress | None = shown.with_evidence(Progress.objects.filter(pk=pk)).first()
    if found is None:
        raise not_found()
    guard.one(request, Task, "plans.view", found.task_id)
    return found


def _report_page(
    request: HttpRequest,
    report: Progress,
    *,
    error: str = "",
    typed: str = "",
    done: str = "",
    status: int = 200,
) -> HttpResponse:
    task = report.task
    context = {
        "task": task,
        "plan": task.plan,
        "entry": shown.entries([report], request.user)[0],
        "report": report,
        "transitions": [
            {
                "step": item,
                "typed": typed if item.id == done else "",
                "danger": item.id in ("return", "withdraw"),
            }
            for item in workflow.available(report, request.user)
        ],
        "own": [item.label for item in workflow.for_others(report, request.user)],
        "events": shown.events_of(report),
        "may_replace": report.state == "returned"
        and rights.allowed(request.user, "plans.report", report)
        and not report.replaced_by.exists(),
        "error": error,
        "typed": typed,
        "crumbs": crumbs(task, _("第 %(number)s 次填报") % {"number": report.number}),
    }
    return render(request, "plans/progress.html", context, status=status)


_ACTS: dict[str, Callable[..., None]] = {
    "accept": lambda report, text, **rest: progress_reports.accept(report, text=text, **rest),
    "return": progress_reports.send_back,
    "withdraw": progress_reports.withdraw,
    "reopen": progress_reports.reopen,
}


@guard.requires("plans.view")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Accept, return, withdraw or reopen a report; what was typed stays where it cannot be done."""
    report = _one(request, pk)
    if transition not in _ACTS:
        raise not_found()
    text = request.POST.get("text", "")
    try:
        if request.POST.get("version") not in (None, str(report.version)):
            raise progress_reports.changed_meanwhile(report)
        _ACTS[transition](report, text, actor=request.user, where=guard.address(request))
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        return _report_page(
            request,
            _one(request, pk),
            error=str(error),
            typed=text,
            done=transition,
            status=error.http_status,
        )
    messages.success(request, _("已办理：%(what)s。") % {"what": report.step.label})
    if request.POST.get("back") == "waiting":
        return redirect("plans:waiting")
    return redirect("plans:task", pk=report.task_id)


@guard.requires("plans.view")
@require_GET
def evidence(request: HttpRequest, pk: UUID, file: UUID) -> HttpResponse:
    """Give a file that was handed in with a report, as an attachment."""
    _one(request, pk)
    found = ProgressFile.objects.select_related("file").filter(report_id=pk, pk=file).first()
    if found is None:
        raise not_found()
    return files.download(found.file)  # type: ignore[return-value]


@guard.requires("plans.review")
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """List the reports that await their review, the longest waiting first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    found = duty_queries.waiting_reports(workspace, request.user)
    page = Paginator(shown.with_evidence(found), _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "entries": shown.entries(list(page), request.user),
        "total": page.paginator.count,
        "today": workspace.today,
        "crumbs": [{"label": _("计划与任务"), "url": reverse("plans:list")}, {"label": _("待审核")}],
    }
    return render(request, "plans/waiting.html", context)
