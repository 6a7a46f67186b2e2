"""The user's own subscriptions: of the city, a county, a water or a site."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bishui.assessment import AlertKind
from bishui.server.accounts import queries as accounts
from bishui.server.alerts import queries, services
from bishui.server.alerts.forms import SubscriptionForm
from bishui.server.alerts.models import Subscription
from bishui.server.core import guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.sites import queries as sites

_WATER = "water:"


@guard.requires("alerts.view")
@require_http_methods(["GET", "POST"])
def subscriptions(request: HttpRequest) -> HttpResponse:
    """Show the user's own subscriptions, and take a new one."""
    workspace = request.workspace  # type: ignore[attr-defined]
    offered = _places(request)
    form = SubscriptionForm(request.POST or None, places=offered)
    names = {key: name for _group, places in offered for key, name in places}
    if request.method == "POST" and form.is_valid():
        place = form.cleaned_data["place"]
        services.subscribe(
            request.user,
            **_place(workspace, place),
            kinds=form.cleaned_data["kinds"],
            place=names[place],
            where=guard.address(request),
        )
        messages.success(request, _("已订阅%(place)s的预警。") % {"place": names[place]})
        return redirect("alerts:subscriptions")
    context = {
        "form": form,
        "records": [
            {
                "record": entry,
                "place": _name(entry, names),
                "kinds": _("、").join(str(AlertKind(kind).text) for kind in entry.kinds),
            }
            for entry in queries.subscriptions_of(workspace, request.user)
        ],
        "unit": request.user.unit,  # type: ignore[union-attr]
        "crumbs": [{"label": _("预警"), "url": reverse("alerts:list")}, {"label": _("我的订阅")}],
    }
    return render(request, "alerts/subscriptions.html", context)


def _places(request: HttpRequest) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the city, its counties, waters and sites, as far as the user may see their alerts."""
    workspace = request.workspace  # type: ignore[attr-defined]
    divisions = [(workspace.division, workspace.name), *accounts.divisions_below(workspace.division)]
    known = [
        row for row in sites.sites_table(workspace.division).to_pylist() if _sees(request, row["division"])
    ]
    waters = sorted(set(sites.waters_of(row["id"] for row in known).values()))
    return [
        (_("市和区县"), [(path, name) for path, name in divisions if _sees(request, path)]),
        (_("水体"), [(_WATER + name, name) for name in waters]),
        (_("点位"), sorted(((row["id"], row["name"]) for row in known), key=lambda place: place[1])),
    ]


def _sees(request: HttpRequest, division: str) -> bool:
    return rights.allowed_in(request.user, "alerts.view", division)


def _place(workspace: Any, place: str) -> dict[str, Any]:
    """Return the place of a subscription from its key, which is one of those offered."""
    if place.startswith(_WATER):
        return {"division": workspace.acting, "water": place.removeprefix(_WATER)}
    if place.endswith("/"):
        return {"division": place}
    site = sites.site_in(workspace.division, place)
    if site is None:  # deleted since it was offered
        raise not_found()
    return {"division": site.division, "site": site}


def _name(entry: Subscription, names: dict[str, str]) -> str:
    if entry.site is not None:
        return entry.site.name
    return entry.water or names.get(entry.division, entry.division)


@guard.requires("alerts.view")
@require_POST
def unsubscribe(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a subscription of one's own."""
    workspace = request.workspace  # type: ignore[attr-defined]
    own = {entry.pk: entry for entry in queries.subscriptions_of(workspace, request.user)}
    if pk not in own:
        raise not_found()
    services.unsubscribe(own[pk], actor=request.user, where=guard.address(request))
    messages.success(request, _("已取消订阅。"))
    return redirect("alerts:subscriptions")
