"""Pages of plans: the list, one plan, its units, the ledger over all plans, the exports."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from bishui.documents import READER_VERSION
from bishui.server.core import guard, rights
from bishui.server.plans import (
    choosing,
    duty_queries,
    queries,
    rereading,
    services,
    staging,
    standings,
)
from bishui.server.plans.findings import shown_findings
from bishui.server.plans.models import (
    Plan,
    PlanDocument,
    SectionTarget,
    Task,
    TaskStanding,
    TaskUnit,
    plan_kind_label,
)
from bishui.server.plans.states import FINISHED, STATES
from bishui.server.plans.workbook import workbook

_VIEWS = ("tasks", "targets", "document")
_PLANS_PER_PAGE = 50


@guard.requires("plans.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the plans of the city, each with its tasks by state."""
    workspace = request.workspace  # type: ignore[attr-defined]
    plans = rights.visible(
        request.user, "plans.view", Plan.objects.filter(division__startswith=workspace.division)
    )
    counts = queries.counts_by_plan(queries.rows_of(workspace, request.user))
    totals = {state: sum(of_plan[state] for of_plan in counts.values()) for state in STATES}
    page = Paginator(plans, _PLANS_PER_PAGE).get_page(request.GET.get("page"))
    sections = Counter(
        SectionTarget.objects.filter(plan__in=[plan.pk for plan in page])
        .order_by()
        .values_list("plan_id", flat=True)
    )
    may_review = rights.allowed_in(request.user, "plans.review", workspace.acting)
    context = {
        "page": page,
        "cards": [_card(plan, counts.get(plan.pk, Counter()), sections[plan.pk]) for plan in page],
        "counts": totals,
        "finished": sum(totals[state] for state in FINISHED),
        "total": sum(totals.values()),
        "waiting": duty_queries.waiting_reports(workspace, request.user).count() if may_review else None,
        "missing": duty_queries.missing_reports(workspace, request.user).count(),
        "may_import": rights.allowed_in(request.user, "plans.import", workspace.acting),
    }
    return render(request, "plans/list.html", context)


def _card(plan: Plan, counts: Counter[str], sections: int) -> dict[str, Any]:
    return {
        "plan": plan,
        "kind": plan_kind_label(plan.kind),
        "total": counts.total(),
        "finished": counts["done"] + counts["late_done"],
        "overdue": counts["overdue"],
        "due_soon": counts["due_soon"],
        "behind": counts["behind"],
        "sections": sections,
    }


@guard.requires("plans.view")
@require_GET
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one plan: its tasks with filters, its targets, or its document line by line."""
    record = guard.one(request, Plan, "plans.view", pk)
    view = request.GET.get("view", "")
    if view not in _VIEWS:
        view = "tasks" if record.kind != "published_targets" else "targets"
    context = {
        "plan": record,
        "kind": plan_kind_label(record.kind),
        "view": view,
        "tabs": [
            {"label": label, "url": f"?view={key}", "active": key == view}
            for key, label in (("tasks", _("任务")), ("targets", _("目标")), ("document", _("原文与去向")))
            if key == "targets" or record.kind != "published_targets"
        ],
        "crumbs": [{"label": _("计划与任务"), "url": reverse("plans:list")}, {"label": record.title}],
    }
    shown = {"tasks": _tasks, "targets": _targets, "document": _document}[view](request, record)
    context |= _amending(request, record)
    return render(request, "plans/plan.html", {**context, **shown})


def _amending(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    """Say whether the plan can be read again, is being amended, and what amendments have retired."""
    may = plan.active and plan.source_id is not None and rights.allowed(request.user, "plans.import", plan)
    retired = Task.every.filter(plan=plan, retired__isnull=False)
    return {
        "may_reread": may,
        "newer_reader": READER_VERSION if may and plan.reader_version != READER_VERSION else "",
        "amendment": rereading.open_amendment(plan) if may else None,
        "retired": rights.visible(request.user, "plans.view", retired),
    }


def _visible_tasks(request: HttpRequest, plan: Plan) -> QuerySet[Task]:
    return rights.visible(request.user, "plans.view", Task.objects.filter(plan=plan))


def _visible_rows(request: HttpRequest, plan: Plan) -> choosing.Rows:
    """Return the kept rows of the plan's tasks, made to hold on the day that the pages speak of."""
    workspace = request.workspace  # type: ignore[attr-defined]
    standings.keep(plan.division, workspace.today)
    return rights.visible(request.user, "plans.view", TaskStanding.objects.filter(plan=plan))


def _tasks(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    shown = _ledger(request, _visible_rows(request, plan), _visible_tasks(request, plan), plan)
    may_date = not plan.issued and plan.active and rights.allowed(request.user, "plans.manage", plan)
    undated = any(norm.startswith("relative") for norm in plan.tasks.values_list("deadline_norm", flat=True))
    return {
        **shown,
        "may_date": may_date and undated,
        "export_url": f"{reverse('plans:export', args=[plan.pk])}?{shown['asked_for']}",
        "may_edit": plan.active and rights.allowed(request.user, "plans.manage", plan),
    }


def _ledger(
    request: HttpRequest, rows: choosing.Rows, tasks: QuerySet[Task], plan: Plan | None = None
) -> dict[str, Any]:
    """Return one page of tasks with its filters, of one plan or over all of them; `rows` are theirs."""
    asked = choosing.Asked.of(request.GET)
    by_due = F("due").asc(nulls_last=True)
    order = ("plan", "position") if plan else (choosing.FINISHED_LAST, by_due, "plan", "position")
    page, counts = choosing.page(rows, asked, request.GET.get("page"), order)
    kept = {
        key: value for key, value in request.GET.items() if key not in ("state", "view", "page") and value
    }
    return {
        "page": page,
        "rows": [choosing.row_of(task) for task in page],
        "filters": choosing.filters(asked, tasks, plan=plan),
        "states": choosing.state_tabs(counts, asked, urlencode(kept)),
        "total": sum(counts.values()),
        "asked": asked,
        "all_url": "?" + urlencode(kept),
        "asked_for": urlencode({**kept, "state": asked.state}),
    }


@guard.requires("plans.view")
@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """Show the tasks of all plans that count, with filters."""
    workspace = request.workspace  # type: ignore[attr-defined]
    user = request.user
    shown = _ledger(request, queries.rows_of(workspace, user), queries.tasks_of(workspace, user))
    context = {
        **shown,
        "export_url": f"{reverse('plans:ledger_export')}?{shown['asked_for']}",
        "may_edit": rights.allowed_in(request.user, "plans.manage", workspace.acting),
        "crumbs": [{"label": _("计划与任务"), "url": reverse("plans:list")}, {"label": _("任务台账")}],
    }
    return render(request, "plans/ledger.html", context)


@guard.requires("plans.manage")
@require_POST
def set_issued(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say on which day a plan was issued, from which its relative deadlines run."""
    record = guard.one(request, Plan, "plans.manage", pk)
    try:
        day = date.fromisoformat(request.POST.get("issued", ""))
    except ValueError:
        messages.error(request, _("请选择印发日期。"))
        return redirect("plans:plan", pk=pk)
    services.set_issued(record, day, version=record.version, actor=request.user, where=guard.address(request))
    messages.success(request, _("印发日期已保存，相对期限已按工作日历推算。"))
    return redirect("plans:plan", pk=pk)


def _targets(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    visible = set(_visible_tasks(request, plan).values_list("pk", flat=True))
    targets = list(plan.targets.select_related("task"))
    document = PlanDocument.objects.filter(plan=plan).first()
    return {
        "targets": [
            {
                "target": target,
                "wording": target_wording(target),
                "task_url": reverse("plans:task", args=[target.task_id]) if target.task_id in visible else "",
            }
            for target in targets
        ],
        "sections": plan.section_targets.all(),
        "sources": plan.source_targets.all(),
        "reports": plan.report_deadlines.all(),
        "has_document": document is not None,
        "milestones": document.milestones if document else [],
        "tables": document.tables if document else [],
    }


def target_wording(target: Any) -> str:
    """Return what a target asks for, as a person would write it."""
    signs = {
        ">=": "≥ ",
        "<=": "≤ ",
        "=": "",
        "meets": _("达到"),
        "increase": _("提高"),
        "decrease": _("下降"),
    }
    return f"{signs.get(target.op, target.op)}{target.value_text}{target.unit}"


def _document(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    document = PlanDocument.objects.filter(plan=plan).first()
    lines = document.lines if document else []
    became = document.became if document else []
    visible = dict(_visible_tasks(request, plan).values_list("position", "pk"))
    counts = Counter(kind for marks in became for kind in dict.fromkeys(map(staging.kind_of, marks)))
    asked = request.GET.get("became", "")
    numbered = enumerate(zip(lines, became, strict=True), start=1)
    return {
        "lines": [
            {"number": number, "text": text, "marks": [_mark(mark, visible) for mark in marks]}
            for number, (text, marks) in numbered
            if not asked or asked in map(staging.kind_of, marks)
        ],
        "line_count": len(lines),
        "kinds": [
            {
                "word": kind_word(kind),
                "count": count,
                "url": f"?view=document&became={kind}",
                "active": kind == asked,
                "tone": "bad" if kind == "not understood" else "idle",
            }
            for kind, count in counts.most_common()
        ],
        "asked_kind": asked,
        "findings": shown_findings(document.findings) if document else [],
    }


def kind_word(kind: str) -> str:
    """Return the word for what a line became, in the current language."""
    return {
        "task": _("任务"),
        "target": _("目标"),
        "table": _("附件表格"),
        "heading": _("标题"),
        "text": _("正文"),
        "ignored": _("不含内容"),
        "not understood": _("未读懂"),
        "milestone": _("阶段节点"),
        "report": _("报送时限"),
        "title": _("文件名称"),
        "annex": _("附件目录"),
    }.get(kind, kind)


def _mark(mark: str, tasks: dict[int, Any]) -> dict[str, Any]:
    kind = staging.kind_of(mark)
    rest = mark[len(kind) :].strip(" :")
    url = ""
    if kind == "task" and rest.isdecimal() and int(rest) in tasks:
        url = reverse("plans:task", args=[tasks[int(rest)]])
    return {
        "word": kind_word(kind),
        "rest": rest if kind != "ignored" else "",
        "url": url,
        "bad": kind == "not understood",
    }


@guard.requires("plans.view")
@require_GET
def units(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the plan by unit, and the names that no unit is known for."""
    record = guard.one(request, Plan, "plans.view", pk)
    tasks = _visible_tasks(request, record)
    unresolved = Counter(
        TaskUnit.objects.filter(task__in=tasks.order_by().values("pk"), unit__isnull=True)
        .order_by()
        .values_list("written", flat=True)
    )
    base = reverse("plans:plan", args=[pk])
    workspace = request.workspace  # type: ignore[attr-defined]
    context = {
        "plan": record,
        "units": queries.by_unit(workspace, tasks),
        "base": base,
        "unresolved": [
            {"name": name, "count": count, "url": f"{base}?{urlencode({'unit': f'written:{name}'})}"}
            for name, count in unresolved.most_common()
        ],
        "may_import": rights.allowed(request.user, "plans.import", record),
        "crumbs": [
            {"label": _("计划与任务"), "url": reverse("plans:list")},
            {"label": record.title, "url": base},
            {"label": _("按单位")},
        ],
    }
    return render(request, "plans/units.html", context)


@guard.requires("plans.import")
@require_POST
def resolve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look up the unresolved names again, after units were registered."""
    record = guard.one(request, Plan, "plans.import", pk)
    count = services.resolve_again(record, actor=request.user, where=guard.address(request))
    if count:
        text = ngettext("新识别 %(count)s 处单位。", "新识别 %(count)s 处单位。", count) % {"count": count}
        messages.success(request, text)
    else:
        messages.info(request, _("没有新识别的单位；请先在单位台账中新增，或登记其他写法。"))
    return redirect("plans:units", pk=pk)


def units_of(user: Any) -> list[str]:
    """Return the identifiers of the units that a user belongs to or acts for."""
    held = [str(user.unit_id)] if user.unit_id else []
    return list(dict.fromkeys([*held, *(grant.unit for grant in user.grants() if grant.unit)]))


@guard.requires("plans.view")
@require_GET
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the tasks of a plan that the filters ask for as a workbook."""
    record = guard.one(request, Plan, "plans.view", pk)
    return _workbook(request, _visible_rows(request, record), record.title, ("position",))


@guard.requires("plans.view")
@require_GET
def ledger_export(request: HttpRequest) -> HttpResponse:
    """Give the tasks of all plans that the filters ask for as a workbook."""
    workspace = request.workspace  # type: ignore[attr-defined]
    rows = queries.rows_of(workspace, request.user)
    return _workbook(request, rows, _("%(city)s任务台账") % {"city": workspace.name}, ("plan", "position"))


def _workbook(request: HttpRequest, rows: choosing.Rows, title: str, order: tuple[str, ...]) -> HttpResponse:
    day = request.workspace.today  # type: ignore[attr-defined]
    found = choosing.answering(rows, choosing.Asked.of(request.GET)).order_by(*order)
    response = HttpResponse(
        workbook(title, found, day),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = f'attachment; filename="tasks-{day.isoformat()}.xlsx"'
    return response
