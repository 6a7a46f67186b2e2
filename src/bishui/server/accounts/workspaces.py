"""The city that a person works in now: one root division of the instance, never mixed with another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from bishui.server.accounts.models import Division
from bishui.server.core import clock, navigation

_KEY = "workspace"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A root division as the pages need it.

    `today` is the day that the pages speak of: the fixed day of an invented city, else the present day.
    `division` is the city's path, for reading; `acting` the narrowest path that holds all the user's rights
    in the city, for writing: what a county's staff import or open belongs to their county.
    """

    code: str
    name: str
    division: str
    fiction: bool
    as_of: date | None
    acting: str

    @property
    def today(self) -> date:
        """The day the pages speak of."""
        return self.as_of or date.today()


def of_user(user: Any) -> list[Workspace]:
    """Return the workspaces in which the user holds any right; the invented city first."""
    if not user.is_authenticated:
        return []
    paths = [grant.division for grant in user.grants()]
    roots = [
        root
        for root in Division.objects.filter(parent="").order_by("-fiction", "code")
        if any(root.division.startswith(path) or path.startswith(root.division) for path in paths)
    ]
    return [of_root(root, acting_path(root.division, paths)) for root in roots]


def is_beside_fiction(division: str) -> bool:
    """Tell whether a division is a real place in an instance that shows an invented city as well."""
    roots = dict(Division.objects.filter(parent="").values_list("division", "fiction"))
    return any(roots.values()) and not roots.get(division.split("/", 1)[0] + "/", False)


def acting_path(root: str, granted: Iterable[str]) -> str:
    """Return the narrowest division path that holds all of `granted` inside the city `root`."""
    reaching = [path for path in granted if root.startswith(path) or path.startswith(root)]
    if not reaching or any(not path.startswith(root) for path in reaching):
        return root
    steps = zip(*(path.rstrip("/").split("/") for path in reaching), strict=False)
    shared = [names[0] for names in takewhile(lambda names: len(set(names)) == 1, steps)]
    return "/".join(shared) + "/"


def of_root(root: Division, acting: str = "") -> Workspace:
    """Return the workspace of a root division, its name in the current language."""
    return Workspace(
        root.code,
        root.shown_name,
        root.division,
        root.fiction,
        root.as_of if root.fiction else None,
        acting or root.division,
    )


class WorkspaceMiddleware:
    """Set ``request.workspaces`` and ``request.workspace`` (None where the user has none)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        request.workspaces = SimpleLazyObject(lambda: of_user(request.user))  # type: ignore[attr-defined]
        request.workspace = SimpleLazyObject(lambda: current(request))  # type: ignore[attr-defined]
        with clock.on(self._day(request)):
            return self.get_response(request)

    @staticmethod
    def _day(request: HttpRequest) -> date | None:
        """Return the day that what is written is dated by; reading needs none."""
        if request.method != "POST":
            return None
        # Lazy: what looks like a workspace may turn out to be none.
        day: date | None = getattr(request.workspace, "as_of", None)  # type: ignore[attr-defined]
        return day


def current(request: HttpRequest) -> Workspace | None:
    """Return the chosen workspace, or the first."""
    found: list[Workspace] = list(request.workspaces)  # type: ignore[attr-defined]
    chosen = request.session.get(_KEY)
    return next((item for item in found if item.code == chosen), found[0] if found else None)


def choose(request: HttpRequest, code: str) -> None:
    """Work in the workspace `code` from now on, if the user may."""
    if any(item.code == code for item in request.workspaces):  # type: ignore[attr-defined]
        request.session[_KEY] = code


def context(request: HttpRequest) -> dict[str, Any]:
    """Give every page its workspaces and its navigation."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not hasattr(request, "workspaces"):
        return {"workspaces": [], "workspace": None, "navigation": []}
    chosen = current(request)
    return {
        "workspaces": [
            {"code": item.code, "name": item.name, "fiction": item.fiction, "current": item == chosen}
            for item in request.workspaces
        ],
        "workspace": chosen,
        "navigation": navigation.menu(request.user, request.path),
    }
