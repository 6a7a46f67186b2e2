"""Calendar of classes: sections by month of a year, and by year; what is no class has a look of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.assessment import Period
from bishui.server.core import guard, remembered
from bishui.server.core.templatetags.words import NUMERALS
from bishui.server.sites import choosing
from bishui.server.sites.models import Site
from bishui.server.sites.pages_overview import PER_PAGE, no_city
from bishui.server.waters import calendar, words
from bishui.server.waters.kept import MOST_YEARS, WaterResults
from bishui.server.waters.missing import NOT_DUE, NOT_SAMPLED
from bishui.standards import items, water_class

#: What was found by site identifier and by label of the period.
Cells = Mapping[str, Mapping[str, Mapping[str, Any]]]

#: What is no class, each with its icon; the patterns are in ``calendar.css``.
_ICONS = {
    NOT_SAMPLED: "dash",
    "offline": "cross",
    "under_review": "flag",
    "water_type_unknown": "help",
    "no_data": "empty",
    "too_few_values": "warning",
    "cannot_be_judged": "search",
    "not_valid_then": "circle",
    NOT_DUE: "clock",
}


@guard.requires("sites.view")
@require_GET
def months(request: HttpRequest) -> HttpResponse:
    """Show the class of each section in each month of a year."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = WaterResults(city, choosing.sites_of(request, city))
    offered = results.years_covered()
    given = request.GET.get("year", "")
    year = int(given) if given in map(str, offered) else offered[-1] if offered else None
    shown = calendar.months_of(year) if year else []
    options = [
        {"value": entry, "label": _("%(year)s年") % {"year": entry}, "selected": entry == year}
        for entry in reversed(offered)
    ]
    context = {
        "filters": [{"name": "year", "label": _("年份"), "kind": "select", "options": options}],
        "title": _("%(year)s年逐月类别") % {"year": year} if year else "",
        "by_year": False,
        **_table(request, results, results.months(year) if year and results.sites else {}, shown),
    }
    return render(request, "waters/calendar.html", context)


@guard.requires("sites.view")
@require_GET
def years(request: HttpRequest) -> HttpResponse:
    """Show the class of each section in each year."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = WaterResults(city, choosing.sites_of(request, city))
    offered = results.years_covered()[-MOST_YEARS:]
    shown = [Period.year(year) for year in offered]
    context = {
        "filters": [],
        "title": _("逐年类别") if offered else "",
        "by_year": True,
        **_table(request, results, results.years(offered) if offered and results.sites else {}, shown),
    }
    return render(request, "waters/calendar.html", context)


def _table(
    request: HttpRequest, results: WaterResults, found: Cells, shown: Sequence[Period]
) -> dict[str, Any]:
    """Return the heads, the rows of one page, and the sums and the legend of all rows."""
    sites = sorted(results.sites, key=lambda site: (site.water, site.name)) if found else []
    page = Paginator(sites, PER_PAGE).get_page(request.GET.get("page"))
    times = [(period.label, choosing.period_name(period)) for period in shown]
    asked = ("calendar", results.state, shown[0].label if shown else "", len(shown))
    sums = remembered.made_of(
        found, asked, lambda: [_Sum.of([found[site.key][label] for site in sites]) for label, _name in times]
    )
    return {
        "heads": [_head(period) for period in shown],
        "rows": [
            {"site": site, "cells": [_cell(found[site.key][label], own) for label, own in places]}
            for site in page
            for places in [_places(site, times)]
        ],
        "page": page,
        "sums": sums,
        "legend": _legend(sums),
        "missed": any(its.missed for its in sums),
    }


@dataclass(frozen=True, slots=True)
class _Sum:
    """How many sections were evaluated in a period (`k`), of those that were due (`n`), and with what."""

    k: int
    n: int
    ranks: Counter[int]
    looks: Counter[str]
    missed: bool

    @classmethod
    def of(cls, column: Sequence[Mapping[str, Any]]) -> _Sum:
        """Count the sections of a period."""
        ranks = Counter(cell["class"] for cell in column if cell["class"] is not None)
        looks = Counter(cell["reason"] for cell in column if cell["class"] is None)
        evaluated, missed = ranks.total(), any(_missed(cell) for cell in column)
        return cls(evaluated, len(column) - looks[NOT_DUE] - looks["not_valid_then"], ranks, looks, missed)


def _head(period: Period) -> dict[str, str]:
    full = choosing.period_name(period)
    short = f"{period.end.year}" if len(period.label) == 4 else date_format(period.end, _("n月"))
    return {"short": short, "full": full}


def _places(site: Site, times: Sequence[tuple[str, str]]) -> list[tuple[str, dict[str, str]]]:
    """Return, by label of the period, the begin of a cell's title and the address it leads to."""
    page = reverse("sites:site", args=[site.pk])
    return [
        (label, {"title": f"{site.name} {name}", "url": f"{page}?{urlencode({'period': label})}"})
        for label, name in times
    ]


def _cell(found: Mapping[str, Any], place: Mapping[str, str]) -> dict[str, Any]:
    rank = found["class"]
    if rank is None:
        text = words.reason_word(found["reason"])
        own = {"look": found["reason"], "icon": _ICONS[found["reason"]], "text": text, "missed": False}
        return own | {"klass": None, "title": f"{place['title']} {text}", "url": place["url"]}
    missed = _missed(found)
    deciding = _("、").join(items()[key].name for key in found["deciding"])
    notes = [water_class(rank).label, deciding, _("未达标") if missed else ""]
    notes.append("" if found["enough"] else _("有数据的月份或次数不足"))
    return {
        "klass": rank,
        "numeral": NUMERALS[rank],
        "missed": missed,
        "few": not found["enough"],
        "title": f"{place['title']} " + _("，").join(note for note in notes if note),
        "url": place["url"],
    }


def _missed(found: Mapping[str, Any]) -> bool:
    return found["class"] is not None and found["state"] == "not_attained"


def _legend(sums: Iterable[_Sum]) -> list[dict[str, Any]]:
    """Return what the looks mean: every class, and the states that occur, with their counts."""
    ranks: Counter[int] = Counter()
    looks: Counter[str] = Counter()
    for its in sums:
        ranks += its.ranks
        looks += its.looks
    classes = [{"klass": rank, "numeral": NUMERALS[rank], "count": ranks[rank]} for rank in NUMERALS]
    states = [
        {"klass": None, "look": look, "icon": icon, "text": words.reason_word(look), "count": looks[look]}
        for look, icon in _ICONS.items()
        if looks[look]
    ]
    return classes + states
