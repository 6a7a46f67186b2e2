"""The API: the same registers, results and tasks as the pages, as JSON, with the same rights.

Described by OpenAPI at ``/api/openapi.json``. Every error has one shape,
`bishui.errors.BishuiError.as_dict`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query, Router, Schema
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import django_auth

import bishui
from bishui.assessment import Period
from bishui.errors import BishuiError, CallError, Where
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

Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=10**9)]


class Words(Schema):
    """A text in both languages."""

    zh: str
    en: str


class Fault(Schema):
    """The one shape of an error, `bishui.errors.BishuiError.as_dict`."""

    error: str
    what: Words
    remedy: Words | None
    where: dict[str, Any]
    problems: list[dict[str, Any]]


_ANSWERS: dict[int, Any] = {200: dict[str, Any], **dict.fromkeys((400, 401, 403, 404, 422), Fault)}


class NotSignedIn(BishuiError):
    """The caller has not signed in."""

    code = "not-signed-in"
    http_status = 401


class WrongParameters(CallError):
    """A parameter of the call is missing or out of its range."""

    code = "parameters"
    http_status = 422


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


@api.exception_handler(BishuiError)
def _known(request: HttpRequest, error: BishuiError) -> HttpResponse:
    return render_error(request, error)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: Exception) -> HttpResponse:
    return render_error(request, NotSignedIn(Text("请先登录。"), remedy=Text("登录后重试。")))


@api.exception_handler(ValidationError)
def _wrong_call(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = ", ".join(str(item["loc"][-1]) for item in error.errors)
    wrong = WrongParameters(
        Text("请求参数有误：{places}。", places=places),
        remedy=Text("参数的类型和范围见 /api/openapi.json。"),
        where=Where(field=places),
    )
    return render_error(request, wrong)


def _register(request: HttpRequest, key: str) -> registers.Register:
    found = registers.load_all().get(key)
    if found is None or not rights.holds(request.user, found.view_right):
        raise not_found()
    return found


@router.get("/registers/{key}/schema", response=_ANSWERS)
@requires("units.view")
def register_schema(request: HttpRequest, key: str) -> dict[str, Any]:
    """Return the JSON schema of one register's records."""
    return _register(request, key).schema()


@router.get("/registers/{key}", response=_ANSWERS)
@requires("units.view")
def register_list(request: HttpRequest, key: str, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """Return the records of a register by its schema, at most 1,000 at once."""
    register = _register(request, key)
    found = rights.visible(request.user, register.view_right, register.model._default_manager.all())
    found = found.filter(division__startswith=guard.division_of(request)).order_by(register.key_field)
    return {
        "count": found.count(),
        "records": [
            {
                "id": str(record.pk),
                **{field.name: register_records.plain_of(field, record) for field in register.fields},
            }
            for record in found[offset : offset + limit]
        ],
    }


@router.get("/sites/{pk}/results", response=_ANSWERS)
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


@router.get("/tasks", response=_ANSWERS)
@requires("plans.view")
def task_list(request: HttpRequest, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """Return the tasks of the city's plans that the user may see, with their derived state."""
    workspace = request.workspace  # type: ignore[attr-defined]
    if not workspace:
        return {"count": 0, "tasks": []}
    found = plans.tasks_of(workspace, request.user).order_by("plan", "position")
    states = plans.standings(found, workspace.today)
    page = found.select_related("plan").prefetch_related("unit_roles__unit")
    briefs = [plans.brief(task, states[task.pk]) for task in page[offset : offset + limit]]
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
