"""The page on which weights and milestones of a task are changed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bishui.errors import BishuiError, DataError, Where
from bishui.i18n import Text
from bishui.server.core import guard
from bishui.server.plans import duties
from bishui.server.plans.ledger import exact
from bishui.server.plans.models import Task, role_labels
from bishui.server.plans.pages_task import crumbs

_SPARE_ROWS = 2
_COLUMNS = ("step", "step_what", "step_due", "step_weight", "step_duty", "step_target")


@guard.requires("plans.manage")
@require_http_methods(["GET", "POST"])
def arrange(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show and change the weights and the milestones of a task."""
    task = guard.one(request, Task, "plans.manage", pk)
    if request.method == "GET":
        return _page(request, task, None, "", 200)
    try:
        version = int(request.POST.get("version") or 0)
        address = guard.address(request)
        if request.POST.get("what") == "weights":
            duties.set_weights(
                task, *_weights(request.POST), version=version, actor=request.user, where=address
            )
        else:
            duties.set_milestones(
                task, _steps(request.POST), version=version, actor=request.user, where=address
            )
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        return _page(request, task, request.POST, str(error), error.http_status)
    messages.success(request, _("已保存。"))
    return redirect("plans:task", pk=pk)


def _weights(given: QueryDict) -> tuple[Decimal, dict[str, Decimal]]:
    of_duties = {
        key.removeprefix("duty-"): _number(str(value))
        for key, value in given.items()
        if key.startswith("duty-")
    }
    return _number(given.get("weight", "")), of_duties


def _number(text: str) -> Decimal:
    value = exact(text.strip())
    if value is None or abs(value) >= 10_000:
        raise DataError(
            Text("权重“{text}”不是可用的数字。", text=text),
            remedy=Text("请填写 0 至 9999 的数字。"),
            where=Where(field="weight"),
        )
    return value.quantize(Decimal("0.0001"))


def _steps(given: QueryDict) -> list[duties.EditedStep]:
    return [
        duties.EditedStep(key, what, _day(due), _number(weight or "1"), duty, target)
        for key, what, due, weight, duty, target in _typed_rows(given)
        if what.strip()
    ]


def _typed_rows(given: QueryDict) -> list[tuple[str, ...]]:
    return list(zip(*(given.getlist(name) for name in _COLUMNS), strict=False))


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise DataError(
            Text("“{text}”不是日期。", text=text),
            remedy=Text("请按 2025-06-30 的格式填写。"),
            where=Where(field="step_due"),
        ) from None


def _page(request: HttpRequest, task: Task, typed: QueryDict | None, error: str, status: int) -> HttpResponse:
    """Show the forms; what a person has typed stays in them."""
    own = typed if typed is not None else QueryDict()
    held = list(task.duties.exclude(state="retired").select_related("unit"))
    fresh = Task.objects.get(pk=task.pk)
    context = {
        "task": fresh,
        "error": error,
        "weight": own.get("weight", _plain(fresh.weight)),
        "duties": [
            {
                "duty": duty,
                "label": role_labels()[duty.role],
                "weight": own.get(f"duty-{duty.pk}", _plain(duty.weight)),
            }
            for duty in held
        ],
        "steps": _rows(task, own),
        "targets": task.targets.all(),
        "crumbs": crumbs(task, _("权重与节点")),
    }
    return render(request, "plans/arrange.html", context, status=status)


def _rows(task: Task, own: QueryDict) -> list[dict[str, Any]]:
    if "step_what" in own:
        return [
            {"id": key, "what": what, "due": due, "weight": weight, "duty": duty, "target": target}
            for key, what, due, weight, duty, target in _typed_rows(own)
        ]
    rows = [
        {
            "id": str(step.pk),
            "what": step.what,
            "due": step.due.isoformat() if step.due else "",
            "weight": _plain(step.weight),
            "duty": str(step.duty_id or ""),
            "target": str(step.target_id or ""),
        }
        for step in task.milestones.all()
    ]
    empty = {"id": "", "what": "", "due": "", "weight": "", "duty": "", "target": ""}
    return rows + [dict(empty) for _row in range(_SPARE_ROWS)]


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
