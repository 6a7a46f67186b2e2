"""What the pages share: the page that says that there is no network, cells and numbers in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import rights
from bishui.server.network.held import Held, held
from bishui.server.network.models import PLACE_KINDS
from bishui.server.network.placing import Placed
from bishui.server.network.walking import There
from bishui.server.sites import choosing


def city_of(request: HttpRequest) -> Workspace | None:
    """Return the city worked in; None where there is none yet."""
    return choosing.city_of(request)


def network_of(request: HttpRequest) -> Held | None:
    """Return the network in force in the city worked in; None without a city or a network."""
    city = city_of(request)
    return None if city is None else held(city.division)


def no_network(request: HttpRequest, heading: str) -> HttpResponse:
    """Say that there is no network yet, and what to do."""
    city = city_of(request)
    may = city is not None and rights.allowed_in(request.user, "network.edit", city.acting)
    context = {"heading": heading, "upload_url": reverse("core:upload", args=["network"]) if may else ""}
    return render(request, "network/no_network.html", context)


def km(value: float | None) -> str:
    """Return a distance in kilometres."""
    return "—" if value is None else f"{value:.1f}"


def hours(value: tuple[float, float] | None) -> str:
    """Return the least and the most time in hours, one number where they hardly differ."""
    if value is None:
        return "—"
    least, most = value
    if most - least < 0.05 * max(most, 1.0):
        return duration(most)
    return _("%(least)s 至 %(most)s") % {"least": duration(least), "most": duration(most)}


def duration(value: float) -> str:
    """Return a time in hours, or in days from two days on."""
    if value < 48:
        return _("%(count)s 小时") % {"count": f"{value:.1f}"}
    return _("%(count)s 天") % {"count": f"{value / 24:.1f}"}


def figure(value: float | None) -> str:
    """Return a computed number with three significant digits."""
    if value is None:
        return "—"
    if value == 0:
        return "0"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(value: float) -> str:
    """Return a probability; what is hardly possible or hardly not is said so."""
    if 0 < value < 0.005:
        return "<1%"
    return ">99%" if 0.995 < value < 1 else f"{value:.0%}"


def there_columns() -> list[dict[str, Any]]:
    """Return the columns of a list of what lies on one side."""
    return [
        {"label": _("名称")},
        {"label": _("所在河段")},
        {"label": _("距离（km）"), "numeric": True},
        {"label": _("传播时间")},
    ]


def there_rows(found: Held, there: Iterable[There]) -> list[dict[str, Any]]:
    """Return the rows of such a list."""
    return [
        {
            "cells": [
                thing_cell(entry.placed),
                {"text": found.name(entry.placed.section.reach)},
                {"text": km(entry.km)},
                {"text": hours(entry.hours)},
            ]
        }
        for entry in there
    ]


def thing_cell(entry: Placed) -> dict[str, Any]:
    """Return the cell of something, with its kind, or with the discharger of an outfall."""
    thing = entry.thing
    note = thing.discharge.discharger if thing.discharge else str(PLACE_KINDS[thing.kind])
    return {"text": thing.name, "url": thing.url, "note": note}


def waiting(placed: Iterable[Placed]) -> int:
    """Return how many places wait for a person."""
    return sum(not entry.usable for entry in placed)


def reach_options(found: Held, chosen: str, most: int = 2000) -> list[dict[str, Any]]:
    """Return the reaches to choose from; in a large network only the first ones."""
    rows = range(min(len(found.network), most))
    return [
        {
            "value": found.network.name(row),
            "label": found.name(row),
            "selected": found.network.name(row) == chosen,
        }
        for row in rows
    ]
