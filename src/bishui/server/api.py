"""The API: the same registers, results and tasks as the pages, as JSON, with the same rights.

Described by OpenAPI at ``/api/openapi.json``. Every error has one shape,
`bishui.errors.BishuiError.as_dict`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import django_auth

import bishui
from bishui.assessment import Period
from bishui.errors import CallError, Forbidden, Where
from bishui.i18n import Text
from bishui.server.core import guard, register_records, registers, rights
from bishui.server.core.middleware import no_right, not_found, render_error
from bishui.server.plans import queries as plans
from bishui.server.sites.assessed import Results
from bishui.server.sites.models import Site

F = TypeVar("F", bound=Callable[..., Any])

api = NinjaAPI(
    title="Bishui 碧水",
    version=bishui.__version__,
    auth=django_auth,
    urls_namespace="api",
    docs_url=None,  # its viewer would be fetched from elsewhere
    docs_decorator=guard.requires("overview.view"),
)
router = Router()


def requires(action: str) -> Callable[[F], F]:
    """Let only those call the operation who hold `action` somewhere."""

    def wrap(operation: F) -> F:
        @wraps(operation)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not rights.holds(request.user, action):
                raise no_right()
            return operation(request, *args, **kwargs)

        guarded.required_right = action  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return wrap


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: Exception) -> HttpResponse:
    return render_error(request, Forbidden(Text("请先登录。"), remedy=Text("登录后重试。")))


@api.exception_handler(ValidationError)
def _wrong_call(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = ", ".join(str(item["loc"][-1]) for item in error.errors)
    wrong = CallError(Text("请求参数有误：{places}。", places=places), where=Where(field=places))
    return render_error(request, wrong)


def _register(request: HttpRequest, key: str) -> registers.Register:
    found = registers.load_all().get(key)
    if found is None or not rights.holds(request.user, found.view_right):
        raise not_found()
    return found


@router.get("/registers/{key}/schema")
@requires("units.view")
def register_schema(request: HttpRequest, key: str) -> dict[str, Any]:
    """Return the JSON schema of one register's records."""
    return _register(request, key).schema()


@router.get("/registers/{key}")
@requires("units.view")
def register_list(request: HttpRequest, key: str, limit: int = 100, offset: int = 0) -> dict[str, Any]:
    """Return the records of a register, at most 1,000 at once."""
    register = _register(request, key)
    found = rights.visible(request.user, register.view_right, register.model._default_manager.all())
    found = found.filter(division__startswith=guard.division_of(request)).order_by(register.key_field)
    shown = found[max(offset, 0) : max(offset, 0) + min(max(limit, 1), 1000)]
    return {
        "count": found.count(),
        "records": [
            {
                "id": str(record.pk),
                **{field.name: register_records.text_of(field, record) for field in register.fields},
            }
            for record in shown
        ],
    }


@router.get("/sites/{pk}/results")
@requires("sites.view")
def site_results(request: HttpRequest, pk: UUID, period: str | None = None) -> dict[str, Any]:
    """Return the class, the deciding items and the attainment of a site; the newest month by default."""
    site = guard.one(request, Site, "sites.view", pk)
    results = Results(request.workspace)  # type: ignore[attr-defined]
    chosen = Period.parse(period) if period else results.newest_month()
    sections = results.attainment(chosen)["sections"] if chosen else {}
    return {
        "site": {"id": str(site.pk), "code": site.code, "name": site.name},
        "period": chosen.label if chosen else None,
        "result": sections.get(str(site.pk)),
    }


@router.get("/tasks")
@requires("plans.view")
def task_list(request: HttpRequest, limit: int = 100, offset: int = 0) -> dict[str, Any]:
    """Return the tasks of the city's plans that the user may see, with their derived state."""
    workspace = request.workspace  # type: ignore[attr-defined]
    if not workspace:
        return {"count": 0, "tasks": []}
    found = plans.tasks_of(workspace, request.user).order_by("plan", "position")
    states = plans.standings(found, workspace.today)
    page = found.select_related("plan").prefetch_related("unit_roles__unit")
    shown = page[max(offset, 0) : max(offset, 0) + min(max(limit, 1), 1000)]
    briefs = [plans.brief(task, states[task.pk]) for task in shown]
    return {"count": found.count(), "tasks": [_task(brief) for brief in briefs]}


def _task(brief: plans.TaskBrief) -> dict[str, Any]:
    return {
        "id": brief.id,
        "number": brief.number,
        "title": brief.title,
        "plan": brief.plan,
        "due": brief.due.isoformat() if brief.due else None,
        "deadline": brief.deadline,
        "state": brief.state,
        "percent": brief.percent,
        "leads": list(brief.leads),
    }


api.add_router("/v1", router)
