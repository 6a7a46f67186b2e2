"""Pages of units: the tree of divisions and units on a day, and the renaming or merging of one."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.errors import BishuiError, DataError, Where
from bishui.i18n import Text
from bishui.server.accounts import succession
from bishui.server.accounts.models import Division, Unit, UnitSuccession
from bishui.server.core import guard, rights


@guard.requires("units.view")
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """Show the divisions with their units as they were on a day; an ended one names its successor."""
    workspace = request.workspace  # type: ignore[attr-defined]
    day = _day(request.GET.get("day", ""), workspace.today)
    units: dict[str, list[dict[str, Any]]] = {}
    held = rights.visible(
        request.user, "units.view", Unit.objects.filter(division__startswith=workspace.division)
    )
    after = {item.old_id: item for item in UnitSuccession.objects.select_related("new")}
    for unit in held.filter(_valid(day)).order_by("kind", "code"):
        entry = {"unit": unit, "succeeded": after.get(unit.pk), "may_end": _may_end(request, unit)}
        units.setdefault(unit.division, []).append(entry)
    divisions = Division.objects.filter(division__startswith=workspace.division).filter(_valid(day))
    context = {
        "day": day,
        "filters": [{"name": "day", "label": _("日期"), "kind": "date", "value": day.isoformat()}],
        "branches": [
            {
                "division": division,
                "depth": division.division.count("/") - workspace.division.count("/"),
                "units": units.get(division.division, []),
            }
            for division in divisions.order_by("division")
        ],
    }
    return render(request, "accounts/units.html", context)


def _valid(day: date) -> Q:
    begun = Q(valid_from=None) | Q(valid_from__lte=day)
    return begun & (Q(valid_to=None) | Q(valid_to__gte=day))


def _may_end(request: HttpRequest, unit: Unit) -> bool:
    return unit.valid_to is None and rights.allowed(request.user, "units.edit", unit)


def _day(text: str, usual: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return usual


@guard.requires("units.edit")
def succeed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Rename a unit or merge it into another; what passes on is shown before."""
    unit = guard.one(request, Unit, "units.edit", pk)
    workspace = request.workspace  # type: ignore[attr-defined]
    typed = {name: request.POST.get(name, "") for name in ("kind", "name", "code", "into", "on")}
    status = 200
    if request.method == "POST":
        try:
            new = _done(request, unit, typed)
        except BishuiError as error:
            messages.error(request, str(error))
            status = error.http_status
        else:
            messages.success(
                request,
                _("%(old)s 已由 %(new)s 接续，历史记录保留原名。") % {"old": unit.name, "new": new.name},
            )
            return redirect("accounts:units")
    context = {
        "unit": unit,
        "typed": {
            "on": workspace.today.isoformat(),
            "kind": "rename",
            **{k: v for k, v in typed.items() if v},
        },
        "passing": succession.passing(unit),
        "others": Unit.objects.filter(division__startswith=workspace.division, valid_to=None)
        .exclude(pk=unit.pk)
        .order_by("division", "code"),
        "crumbs": [{"label": _("区划与单位"), "url": reverse("accounts:units")}, {"label": unit.name}],
    }
    return render(request, "accounts/succeed.html", context, status=status)


def _done(request: HttpRequest, unit: Unit, typed: dict[str, str]) -> Unit:
    try:
        on = date.fromisoformat(typed["on"])
    except ValueError:
        raise DataError(
            Text("“{text}”不是日期。", text=typed["on"]),
            remedy=Text("请按 2025-06-30 的形式填写。"),
            where=Where(field="on"),
        ) from None
    address = guard.address(request)
    if typed["kind"] == "merge":
        into = rights.visible(
            request.user, "units.edit", Unit.objects.filter(pk__in=_uuids(typed["into"]))
        ).first()
        if into is None:
            raise DataError(Text("请选择并入的单位。"), where=Where(field="into"))
        return succession.merge(unit, into, on, actor=request.user, where=address)
    return succession.rename(unit, typed["name"], typed["code"], on, actor=request.user, where=address)


def _uuids(text: str) -> list[UUID]:
    """Return the identifier that was sent; nothing where it is none."""
    try:
        return [UUID(text)]
    except ValueError:
        return []
