"""Who may open a view: each view declares it, an undeclared one is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bishui.errors import Forbidden
from bishui.server.core import rights
from bishui.server.core.middleware import no_right, not_found, render_error, wants_json

View = Callable[..., HttpResponseBase]
M = TypeVar("M", bound=Model)


def requires(action: str) -> Callable[[View], View]:
    """Let only those open the view who hold `action` somewhere.

    What they see inside is narrowed by `visible` and `one`.
    """
    if action not in rights.actions():
        raise KeyError(f"unknown action {action!r}")

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if wants_json(request):
                    return render_error(request, no_right())
                return redirect_to_login(request.get_full_path())
            if not rights.holds(request.user, action):
                return render_error(request, no_right())
            return view(request, *args, **kwargs)

        guarded.required_right = action  # type: ignore[attr-defined]
        return guarded

    return wrap


def signed_in(view: View) -> View:
    """Let everybody open the view who has signed in: it shows and changes only their own."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return open_to_all(guarded)


def open_to_all(view: View) -> View:
    """Mark a view that needs no right."""
    view.is_open = True  # type: ignore[attr-defined]
    return view


def one(request: HttpRequest, model: type[M], action: str, pk: UUID | str) -> M:
    """Return one record on which the user may do `action`.

    Raises
    ------
    NotFound
        If it does not exist, or the user may not know that it does.
    """
    found = rights.visible(request.user, action, rights.every(model)).filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


def check(request: HttpRequest, action: str, record: Any) -> None:
    """Refuse unless the user may do `action` on `record`.

    Raises
    ------
    Forbidden
        With the reason.
    """
    if not rights.allowed(request.user, action, record):
        raise Forbidden(rights.explain(request.user, action, record))


def address(request: HttpRequest) -> str:
    """Return where the request came from, for the audit trail."""
    return str(request.META.get("REMOTE_ADDR", ""))


def division_of(request: HttpRequest) -> str:
    """Return the path of the city worked in; empty where there is none yet (the whole instance)."""
    workspace = getattr(request, "workspace", None)
    return str(workspace.division) if workspace else ""


def acting_division(request: HttpRequest) -> str:
    """Return the path that what the user writes belongs to: their own part of the city."""
    workspace = getattr(request, "workspace", None)
    return str(workspace.acting) if workspace else ""
