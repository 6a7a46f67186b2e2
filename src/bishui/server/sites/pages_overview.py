"""The city at a glance, the map, and the list of sites."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bishui.assessment import Period
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import guard, remembered, rights
from bishui.server.core.templatetags.words import STATES
from bishui.server.plans import queries as plans
from bishui.server.sites import choosing, tabled
from bishui.server.sites.assessed import Results
from bishui.server.sites.freshness import Freshness, freshness
from bishui.server.sites.lines import Line, class_counts, lines, tally
from bishui.server.sites.mapping import map_beneath, map_points
from bishui.server.sites.models import Site

PER_PAGE = 50
#: Sites whose target is judged on the overview; sources of drinking water are counted apart.
_SECTIONS = ("section", "lake_point")
_SOURCES = ("drinking_water_source",)
_SHOWN_TASKS = 8
_SHOWN_SILENT = 12


def no_city(request: HttpRequest) -> HttpResponse:
    """Say that there is no city yet, and what to do."""
    return render(request, "sites/no_city.html", {"heading": _("总览")})


def seen_lines(
    results: Results, seen: QuerySet[Site], period: Period | None, kinds: tuple[str, ...] = ()
) -> list[Line]:
    """Return the lines of a period; without any readings those of the present month, which say so.

    Parameters
    ----------
    seen
        The question for the sites that the user may see.
    kinds
        Only these kinds of sites; none = all.
    """
    today = results.workspace.today
    shown = period or Period.month(today.year, today.month)
    label = period.label if period else ""

    sites = remembered.held(seen)

    def make() -> list[Line]:
        wanted = [site for site in sites if site.kind in kinds] if kinds else sites
        return lines(wanted, results.lines(shown), label)

    asked = ("lines", results.state, remembered.question(seen), shown.label, label, kinds)
    return remembered.made_of(sites, asked, make)


@guard.requires("overview.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Show which sections attain this month, which do not and by how much, and what is due."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = Results(city)
    seen = choosing.seen(request, city, "overview.view")
    chosen = choosing.period_of(request, results)
    month = choosing.month_of(chosen) if chosen else None
    so_far = choosing.year_to_date(chosen) if chosen else None
    monthly, cumulative = (seen_lines(results, seen, period, _SECTIONS) for period in (month, so_far))
    fresh = _freshness(results, seen)
    tasks = _tasks(request, city)
    list_url = f"{reverse('sites:list')}?{urlencode({'period': month.label if month else ''})}"
    context = {
        "city": city,
        "month_name": choosing.period_name(month) if month else "",
        "filters": [_period_filter(results, month, months_only=True)],
        "cards": [
            _card(_("当月达标断面"), monthly, month),
            _card(_("累计达标断面"), cumulative, so_far),
            *_sources_card(seen_lines(results, seen, month, _SOURCES), month),
            *_task_card(tasks),
            _fresh_card(fresh),
        ],
        "tasks": tasks,
        "no_targets": all(line.state == "no_target" for line in monthly),
        "failing": [line for line in monthly if line.state == "not_attained"],
        "failing_so_far": [line for line in cumulative if line.state == "not_attained"],
        "so_far_name": choosing.period_name(so_far) if so_far else "",
        "classes": class_counts(monthly, list_url),
        "sections": len(monthly),
        "data": _map_data(monthly, city.division),
        "fresh": _fresh(fresh),
        "list_url": list_url,
        "downloads": _downloads_of(month) if month and rights.holds(request.user, "sites.view") else [],
        "map_url": f"{reverse('sites:map')}?{urlencode({'period': month.label if month else ''})}",
    }
    return render(request, "sites/overview.html", context)


def _period_filter(results: Results, chosen: Period | None, *, months_only: bool = False) -> dict[str, Any]:
    return {
        "name": "period",
        "label": _("时段"),
        "kind": "select",
        "options": choosing.period_options(results, chosen, months_only=months_only),
    }


def _card(label: str, found: list[Line], period: Period | None) -> dict[str, Any]:
    """Return a card of k attained of n judged, with m missing."""
    counts = tally(found)
    name = choosing.period_name(period) if period else ""
    query = urlencode({"period": period.label if period else "", "state": "not_attained"})
    if counts.judged + counts.missing == 0:
        return _figure(label, "—", "section", _("本时段没有目标"))
    tone = "bad" if counts.failed else "good" if counts.judged else "warn"
    numbers = {"k": counts.attained, "n": counts.judged, "missing": counts.missing}
    url = f"{reverse('sites:list')}?{query}"
    return _figure(label, "", "section", name, tone=tone, url=url) | numbers


def _figure(
    label: str, value: object, icon: str, note: str, *, tone: str = "", url: str = "", unit: str = ""
) -> dict[str, Any]:
    """Return a card with one figure, in the form of ``core/parts/stat_card.html``."""
    return {
        "label": label,
        "k": None,
        "n": None,
        "missing": 0,
        "value": value,
        "unit": unit,
        "icon": icon,
        "note": note,
        "tone": tone,
        "url": url,
    }


def _task_card(tasks: dict[str, Any] | None) -> list[dict[str, Any]]:
    if tasks is None:
        return []
    counts = tasks["counts"]
    note = _("即将到期 %(soon)s，共 %(total)s 项") % {"soon": counts["due_soon"], "total": counts["total"]}
    tone = "bad" if counts["overdue"] else "good" if counts["total"] else ""
    value = counts["overdue"] if counts["total"] else "—"
    unit = _("项") if counts["total"] else ""
    if not counts["total"]:
        note = _("没有任务")
    return [_figure(_("逾期任务"), value, "task", note, tone=tone, url=reverse("plans:list"), unit=unit)]


def _fresh_card(found: Freshness) -> dict[str, Any]:
    note = _("停报 %(silent)s 个，从无数据 %(never)s 个") % {
        "silent": len(found.silent),
        "never": len(found.never),
    }
    if found.newest is None:
        return _figure(_("最新数据"), "—", "clock", _("没有监测数据"), tone="warn")
    tone = "warn" if found.stale or found.silent else ""
    return _figure(
        _("最新数据"),
        f"{found.newest:%Y-%m-%d}",
        "clock",
        note,
        tone=tone,
        unit=f"{found.newest:%H:%M}",
    )


def _sources_card(sources: list[Line], month: Period | None) -> list[dict[str, Any]]:
    card = _card(_("本月达标水源地"), sources, month)
    return [card] if card["n"] is not None else []


def _freshness(results: Results, seen: QuerySet[Site]) -> Freshness:
    """Return how new the readings of the sections are."""
    today, sites = results.workspace.today, remembered.held(seen)

    def make() -> Freshness:
        sections = [site for site in sites if site.kind in _SECTIONS]
        return freshness(results.coverage(), sections, today)

    return remembered.made_of(sites, ("fresh", results.state, remembered.question(seen), today), make)


def _map_data(found: list[Line], division: str) -> dict[str, Any]:
    """Return what a map of some lines draws; `found` is of `seen_lines`."""
    period = found[0].period if found else ""
    asked = (division, len(found), period, get_language(), get_script_prefix())
    points = remembered.made_of(found, ("points", *asked), lambda: map_points(found))
    beneath = remembered.made(("beneath", division, get_script_prefix()), lambda: map_beneath(division))
    return {"points": points, **beneath}


def _fresh(found: Freshness) -> dict[str, Any]:
    sources = {"automatic": _("自动监测"), "manual": _("手工监测"), "unknown": _("来源未注明")}
    return {
        "found": found,
        "sources": [(sources[source], at) for source, at in sorted(found.by_source.items())],
        "silent": found.silent[:_SHOWN_SILENT],
        "more_silent": max(0, len(found.silent) - _SHOWN_SILENT),
        "never": found.never,
    }


def _tasks(request: HttpRequest, city: Workspace) -> dict[str, Any] | None:
    """Return the tasks of the plans, None for who may not see any."""
    if not rights.holds(request.user, "plans.view"):
        return None
    counts = plans.task_counts(city, request.user)
    shown = (city, _SHOWN_TASKS, request.user)
    return {
        "counts": counts,
        "overdue": plans.overdue(*shown) if counts["overdue"] else [],
        "due_soon": plans.due_soon(*shown) if counts["due_soon"] else [],
        "today": city.today,
    }


@guard.requires("sites.view")
def map_page(request: HttpRequest) -> HttpResponse:
    """Show the sites on the map, coloured by class, with the same in a list beside it."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = Results(city)
    chosen = choosing.period_of(request, results)
    found = seen_lines(results, choosing.seen(request, city), chosen)
    placed = [line for line in found if line.site.lon is not None]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "data": _map_data(found, city.division),
        "filters": [_period_filter(results, chosen)],
        "columns": _columns(),
        "rows": _rows(list(page), choosing.division_names(city)),
        "page": page,
        "without_place": len(found) - len(placed),
        "period_name": choosing.period_name(chosen) if chosen else _("没有监测数据"),
        "may_edit": rights.allowed_in(request.user, "sites.edit", city.acting),
    }
    return render(request, "sites/map.html", context)


@guard.requires("sites.view")
def listing(request: HttpRequest) -> HttpResponse:
    """List the sites with their class and verdict."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = Results(city)
    chosen = choosing.period_of(request, results)
    names = choosing.division_names(city)
    sites = choosing.sites_of(request, city)
    found = chosen_lines(request, seen_lines(results, choosing.seen(request, city), chosen))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    states = {key: str(STATES[key].label) for key in ("not_attained", "attained", "not_judged", "no_target")}
    classes = {str(rank): label for rank, label in _class_labels().items()}
    context = {
        "filters": [
            _period_filter(results, chosen),
            *choosing.filters(
                request,
                [
                    ("kind", _("类别"), choosing.kind_choices(sites)),
                    ("county", _("所在区县"), names),
                    ("control", _("控制级别"), choosing.control_choices()),
                    ("state", _("达标情况"), states),
                    ("class", _("水质类别"), classes),
                ],
            ),
        ],
        "columns": _columns(),
        "rows": _rows(list(page), names),
        "page": page,
        "period_name": choosing.period_name(chosen) if chosen else _("没有监测数据"),
        "downloads": _downloads(request) if chosen else [],
        "may_edit": rights.allowed_in(request.user, "sites.edit", city.acting),
        "may_export": rights.allowed_in(request.user, "observations.export", city.acting),
    }
    return render(request, "sites/list.html", context)


def _downloads(request: HttpRequest) -> list[dict[str, str]]:
    """Return the links to what the list was asked for, all pages of it."""
    asked = {name: str(value) for name, value in request.GET.items() if name != "page"}
    return tabled.downloads(reverse("sites:results"), asked)


def _downloads_of(month: Period) -> list[dict[str, str]]:
    """Return the links to the results of the sections in a month."""
    return tabled.downloads(reverse("sites:results"), {"period": month.label, "kind": "section"})


def _class_labels() -> dict[int, str]:
    from bishui.standards import water_classes

    return {rank: entry.label for rank, entry in water_classes().items()}


def chosen_lines(request: HttpRequest, found: list[Line]) -> list[Line]:
    """Return the lines that the filters leave."""
    wanted = {name: request.GET.get(name, "") for name in ("kind", "county", "control", "state", "class")}
    return [
        line
        for line in found
        if (not wanted["kind"] or line.site.kind == wanted["kind"])
        and line.site.county.startswith(wanted["county"])
        and (not wanted["control"] or line.site.control_level == wanted["control"])
        and (not wanted["state"] or line.state == wanted["state"])
        and (not wanted["class"] or str(line.klass) == wanted["class"])
    ]


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("点位")},
        {"label": _("水质类别")},
        {"label": _("目标")},
        {"label": _("达标情况"), "long": True},
        {"label": _("所在水体")},
        {"label": _("所在区县")},
        {"label": _("控制级别")},
    ]


def _rows(found: list[Line], names: dict[str, str]) -> list[dict[str, Any]]:
    labels = _class_labels()
    return [
        {
            "cells": [
                {"text": line.site.name, "url": line.url, "note": line.site.kind_label},
                {"klass": line.klass, "reason": line.reason},
                {"text": labels[line.target] if line.target else "—"},
                {"state": line.state, "note": _("；").join(line.failing)},
                {
                    "text": line.site.water or "—",
                    "note": str(line.site.water_type_label) if line.is_classed else "",
                },
                {"text": names.get(line.site.county, "—")},
                {"text": line.site.control_label},
            ]
        }
        for line in found
    ]
