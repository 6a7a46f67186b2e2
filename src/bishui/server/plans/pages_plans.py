"""Pages of plans: the list, one plan, its units, my tasks, the export."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from bishui.server.core import guard, rights
from bishui.server.plans import choosing, exporting, queries, services, staging
from bishui.server.plans.models import Plan, PlanDocument, SectionTarget, Task, TaskUnit, plan_kind_label
from bishui.server.plans.states import FINISHED

_VIEWS = ("tasks", "targets", "document")


@guard.requires("plans.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the plans of the city, each with its tasks by state."""
    workspace = request.workspace  # type: ignore[attr-defined]
    plans = rights.visible(
        request.user, "plans.view", Plan.objects.filter(division__startswith=workspace.division)
    )
    tasks = queries.tasks_of(workspace, request.user)
    found = queries.standings(tasks, workspace.today)
    counts: dict[UUID, Counter[str]] = {}
    for pk, plan in tasks.order_by().values_list("pk", "plan_id"):
        counts.setdefault(plan, Counter())[found[pk].state] += 1
    sections = Counter(
        SectionTarget.objects.filter(division__startswith=workspace.division)
        .order_by()
        .values_list("plan_id", flat=True)
    )
    context = {
        "cards": [_card(plan, counts.get(plan.pk, Counter()), sections[plan.pk]) for plan in plans],
        "counts": queries.count_states(found.values()),
        "finished": sum(item.state in FINISHED for item in found.values()),
        "total": len(found),
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
    return render(request, "plans/plan.html", {**context, **shown})


def _visible_tasks(request: HttpRequest, plan: Plan) -> Any:
    return rights.visible(request.user, "plans.view", Task.objects.filter(plan=plan))


def _tasks(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    asked = choosing.Asked.of(request.GET)
    tasks = _visible_tasks(request, plan)
    rows, counts = choosing.rows(tasks, asked, request.workspace.today)  # type: ignore[attr-defined]
    kept = {key: value for key, value in request.GET.items() if key not in ("state", "view") and value}
    asked_for = urlencode({**kept, "state": asked.state})
    return {
        "rows": rows,
        "filters": choosing.filters(asked, tasks),
        "states": [
            {
                "word": choosing.state_word(state),
                "tone": choosing.tone_of(state),
                "count": count,
                "url": "?" + urlencode({**kept, "state": state}),
                "active": asked.state == state,
            }
            for state, count in counts.items()
        ],
        "total": sum(counts.values()),
        "asked": asked,
        "export_url": f"{reverse('plans:export', args=[plan.pk])}?{asked_for}",
    }


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
        "findings": document.findings if document else [],
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
def mine(request: HttpRequest) -> HttpResponse:
    """List the tasks of the user's own unit, the most urgent first."""
    workspace = request.workspace  # type: ignore[attr-defined]
    own = units_of(request.user)
    tasks = queries.tasks_of(workspace, request.user).filter(
        pk__in=TaskUnit.objects.filter(unit_id__in=own).values("task_id")
    )
    asked = choosing.Asked.of(request.GET)
    rows, counts = choosing.rows(tasks, asked, workspace.today)
    order = {state: index for index, state in enumerate(counts)}
    rows.sort(
        key=lambda row: (order[row["standing"].state], str(row["task"].due or "9999"), row["task"].position)
    )
    context = {
        "rows": rows,
        "states": [
            {
                "word": choosing.state_word(state),
                "tone": choosing.tone_of(state),
                "count": count,
                "url": f"?state={state}",
                "active": asked.state == state,
            }
            for state, count in counts.items()
        ],
        "total": sum(counts.values()),
        "asked": asked,
        "has_unit": bool(own),
    }
    return render(request, "plans/mine.html", context)


@guard.requires("plans.view")
@require_GET
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the tasks that the filters ask for as a workbook."""
    record = guard.one(request, Plan, "plans.view", pk)
    workspace = request.workspace  # type: ignore[attr-defined]
    rows, _counts = choosing.rows(
        _visible_tasks(request, record), choosing.Asked.of(request.GET), workspace.today
    )
    response = HttpResponse(
        exporting.workbook(record, rows, workspace.today),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = f'attachment; filename="tasks-{workspace.today.isoformat()}.xlsx"'
    return response
