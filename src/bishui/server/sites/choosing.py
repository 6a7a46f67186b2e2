"""Which city, period and sites a page speaks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bishui.assessment import Period, PeriodKind
from bishui.errors import CallError, NotFound
from bishui.i18n import Text
from bishui.server.accounts import queries as accounts
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import guard, remembered, rights
from bishui.server.core.templatetags.words import REASONS
from bishui.server.sites.assessed import Results
from bishui.server.sites.models import CONTROL_LEVELS, KINDS, Site
from bishui.server.sites.sampled import Sampled

#: Kinds of sites that have a water quality class.
CLASSED = ("section", "lake_point", "drinking_water_source")
#: Kinds of sites in waters that the classes of surface water are for.
SURFACE = ("section", "lake_point", "drinking_water_source", "function_zone")
_MONTHS_OFFERED = 36


def city_of(request: HttpRequest) -> Workspace | None:
    """Return the city that the request works in, None where there is none yet."""
    found: Workspace | None = request.workspace or None  # type: ignore[attr-defined]
    return found


_WITHOUT_MONTHS = (PeriodKind.READING, PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.TEN_DAYS)


def period_of(request: HttpRequest, results: Results, own: Sampled | None = None) -> Period | None:
    """Return the period asked for, or the newest month with readings; None where there are none.

    Parameters
    ----------
    own
        The months of the site that the page is of: its newest one counts before that of the city.
    """
    return asked_period(request) or (own.newest if own else None) or results.newest_month()


def asked_period(request: HttpRequest) -> Period | None:
    """Return the period that the address names; None where it names none of months."""
    given = request.GET.get("period", "").strip()
    try:
        period = Period.parse(given) if given else None
    except CallError:
        return None
    return None if period is None or period.kind in _WITHOUT_MONTHS else period


def day_of(text: str) -> date:
    """Return the day that a filter asks for."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise CallError(
            Text("“{text}”不是日期。", text=text[:40]), remedy=Text("请写作 2025-06-30。")
        ) from error


def month_of(period: Period) -> Period:
    """Return the last month of a period."""
    return Period.month(period.end.year, period.end.month)


def year_to_date(period: Period) -> Period:
    """Return January to the last month of a period."""
    return Period.year_to_date(period.end.year, period.end.month)


def period_options(
    results: Results, chosen: Period | None, *, months_only: bool = False, own: Sampled | None = None
) -> list[dict[str, Any]]:
    """Return what a period filter offers: months with readings, and each year up to its last month.

    Parameters
    ----------
    own
        The months of the site that the page is of: a period in which it has none says so.
    """
    offered: dict[str, str] = {}
    for label in results.coverage()["months"][:_MONTHS_OFFERED]:
        month = Period.parse(label)
        so_far = year_to_date(month)
        if not months_only and not any(key.startswith(f"{month.end.year:04}-01~") for key in offered):
            offered[so_far.label] = period_name(so_far)
        offered[label] = period_name(month)
    if chosen is not None:
        offered.setdefault(chosen.label, period_name(chosen))
    current = chosen.label if chosen else ""
    return [
        {"value": label, "label": name + _absence(own, label), "selected": label == current}
        for label, name in offered.items()
    ]


def _absence(own: Sampled | None, label: str) -> str:
    """Return behind the name of a period that a site has no number in it."""
    why = own.absence(Period.parse(label)) if own and own.runs else ""
    return _("（%(why)s）") % {"why": REASONS[why]} if why else ""


def period_name(period: Period) -> str:
    """Return a period in words."""
    year, month = period.end.year, period.end.month
    # These texts are formats of dates, so that each language writes the month in its own way.
    if period.kind is PeriodKind.MONTH:
        return date_format(period.end, _("Y年n月"))
    if period.kind is PeriodKind.YTD and month > 1:
        return date_format(period.end, _("Y年1—n月累计"))
    if period.kind is PeriodKind.YTD:
        return date_format(period.end, _("Y年n月累计"))
    if period.kind is PeriodKind.HALF_YEAR:
        half = _("%(year)s年上半年") if month <= 6 else _("%(year)s年下半年")
        return half % {"year": year}
    if period.kind is PeriodKind.QUARTER:
        return _("%(year)s年第%(quarter)s季度") % {"year": year, "quarter": (month + 2) // 3}
    return _("%(year)s年") % {"year": year}


def sites_of(request: HttpRequest, city: Workspace, action: str = "sites.view") -> list[Site]:
    """Return the sites of the city that the user may see, to be read and not changed."""
    return remembered.listed(seen(request, city, action))


def seen(request: HttpRequest, city: Workspace, action: str = "sites.view") -> QuerySet[Site]:
    """Return the question for the sites of the city that the user may see."""
    inside = Site.objects.filter(division__startswith=city.division)
    return rights.visible(request.user, action, inside)


def division_names(city: Workspace) -> dict[str, str]:
    """Return the names of the divisions of the city by path, in the language in use."""
    return accounts.division_names(city.division)


def filters(request: HttpRequest, fields: list[tuple[str, str, dict[str, str]]]) -> list[dict[str, Any]]:
    """Return the selects of a filter bar; each field is (name, label, choices by value)."""
    made = []
    for name, label, choices in fields:
        value = request.GET.get(name, "")
        options = [{"value": "", "label": _("全部"), "selected": not value}]
        options += [{"value": key, "label": text, "selected": key == value} for key, text in choices.items()]
        made.append({"name": name, "label": label, "kind": "select", "value": value, "options": options})
    return made


def kind_choices(sites: Iterable[Site]) -> dict[str, str]:
    """Return the kinds that `sites` have, in words, with how many there are of each."""
    counts = Counter(site.kind for site in sites)
    return {key: f"{label} {counts[key]}" for key, label in KINDS.items() if counts[key]}


def control_choices() -> dict[str, str]:
    """Return the levels of control in words."""
    return {key: str(label) for key, label in CONTROL_LEVELS.items() if key}


def site_of(request: HttpRequest, pk: UUID, action: str = "sites.view") -> Site:
    """Return a site of the city worked in."""
    site = guard.one(request, Site, action, pk)
    city = city_of(request)
    if city is None or not site.division.startswith(city.division):
        raise NotFound(
            Text("“{name}”不属于当前城市。", name=site.name), remedy=Text("请先在页首切换到它所在的城市。")
        )
    return site
