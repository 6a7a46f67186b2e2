"""Sections and counties ranked by their water quality index (CWQI), each index open item by item."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.assessment import Period
from bishui.server.core import guard
from bishui.server.core.middleware import not_found
from bishui.server.sites import choosing
from bishui.server.sites.charting import unit_of
from bishui.server.sites.pages_overview import PER_PAGE, no_city
from bishui.server.sites.tabled import downloads
from bishui.server.waters import periods, words
from bishui.server.waters.areas import CITY, COUNTY
from bishui.server.waters.indices import SECTION
from bishui.server.waters.kept import WaterResults
from bishui.standards import items

_TERM_STEP = Decimal("0.0001")


@guard.requires("sites.view")
@require_GET
def ranking(request: HttpRequest) -> HttpResponse:
    """Show the index of each section, county and the city, ranked where the item lists allow it."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = WaterResults(city, choosing.sites_of(request, city))
    period = periods.chosen(request, results)
    names = words.names_of(results.sites, city)
    found = results.indices(period, names) if period and results.sites else None
    context = {
        "period_name": choosing.period_name(period) if period else "",
        "last_year": choosing.period_name(periods.last_year(period)) if period else "",
        "filters": periods.filters(results, period),
        "downloads": downloads(reverse("waters:ranking_file"), {"period": period.label}) if period else [],
        "columns": _columns(),
        "groups": _groups(request, found, names, period) if found and period else [],
        "city_row": _city(found, names, period) if found and period else None,
        "source": words.rules_text(found["rules"]) if found else "",
    }
    return render(request, "waters/ranking.html", context)


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("名称")},
        {"label": _("名次"), "numeric": True},
        {"label": _("水质指数"), "numeric": True},
        {"label": _("参评项目"), "numeric": True},
        {"label": _("上年同期"), "numeric": True},
        {"label": _("变化"), "numeric": True},
        {"label": _("变化名次"), "numeric": True},
    ]


def _groups(
    request: HttpRequest, found: Mapping[str, Any], names: Mapping[str, str], period: Period
) -> list[dict[str, Any]]:
    """Return the rankings of counties and of sections, each a page of it."""
    groups = []
    for kind, label in {COUNTY: _("区县排名"), SECTION: _("断面排名")}.items():
        rows = sorted(found[kind]["rows"], key=lambda row: _place(row, names))
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get(kind))
        groups.append(
            {
                "kind": kind,
                "label": label,
                "refused": words.refusal(found[kind]["refused"]),
                "change_refused": words.refusal(found[kind]["change_refused"]),
                "rows": [{"cells": _cells(kind, row, names, period)} for row in page],
                "page": page,
            }
        )
    return groups


def _place(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[int, bool, str]:
    """Order by rank; without ranks by name, what has no index last: an order would be read as a ranking."""
    return (row["rank"] or len(names) + 1, row["index"] is None, names[row["key"]])


def _cells(
    kind: str, row: Mapping[str, Any], names: Mapping[str, str], period: Period
) -> list[dict[str, Any]]:
    sites = _("%(k)s / %(n)s 个断面") % {"k": row["sites"], "n": row["of"]} if kind != SECTION else ""
    return [
        {"text": names[row["key"]], "url": address(kind, row["key"], period), "note": sites},
        {"text": row["rank"] or "—"},
        {"text": row["index"] or words.reason_word(row["reason"])},
        {"text": _("%(count)s 项") % {"count": row["items"]} if row["items"] else "—"},
        {"text": row["base"] or "—"},
        {"text": _change(row)},
        {"text": row["change_rank"] or "—", "note": _unranked(row)},
    ]


def _change(row: Mapping[str, Any]) -> str:
    if row["change"] is not None:
        sign = "" if row["change"].startswith("-") else "+"
        return f"{sign}{row['change']}%"
    if row["base"] is None or row["index"] is None:
        return "—"
    return _("项目不同，不可比")


def _unranked(row: Mapping[str, Any]) -> str:
    return _("两期均优且达标，不参加") if row["not_ranked_for_change"] else ""


def _city(found: Mapping[str, Any], names: Mapping[str, str], period: Period) -> dict[str, Any]:
    row = found[CITY]["rows"][0]
    return {
        "name": names[row["key"]],
        "index": row["index"],
        "reason": words.reason_word(row["reason"]) if row["reason"] else "",
        "items": row["items"],
        "sites": row["sites"],
        "missing": row["of"] - row["sites"],
        "base": row["base"],
        "change": _change(row),
        "url": address(CITY, row["key"], period),
    }


def address(kind: str, key: str, period: Period) -> str:
    """Return the address of the page that opens an index."""
    return f"{reverse('waters:index')}?{urlencode({'of': kind, 'name': key, 'period': period.label})}"


@guard.requires("sites.view")
@require_GET
def opened(request: HttpRequest) -> HttpResponse:
    """Open one index: every item with its mean, limit, formula and term, and the same a year before."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = WaterResults(city, choosing.sites_of(request, city))
    period = periods.chosen(request, results)
    names = words.names_of(results.sites, city)
    found = results.indices(period, names) if period and results.sites else None
    kind, key = request.GET.get("of", ""), request.GET.get("name", "")
    rows = found[kind]["rows"] if found and kind in (SECTION, COUNTY, CITY) else []
    row = next((entry for entry in rows if entry["key"] == key), None)
    if row is None or period is None or found is None:
        raise not_found()
    back = f"{reverse('waters:ranking')}?{urlencode({'period': period.label})}"
    context = {
        "name": names[key],
        "row": row,
        "reason": words.reason_word(row["reason"]) if row["reason"] else "",
        "change": _change(row),
        "period_name": choosing.period_name(period),
        "last_year": choosing.period_name(periods.last_year(period)),
        "parts": [_part(part, row, names, period) for part in row["opened"]],
        "columns": _term_columns(),
        "filters": periods.filters(results, period),
        "hidden": [{"name": "of", "value": kind}, {"name": "name", "value": key}],
        "source": words.rules_text(found["rules"]),
        "crumbs": [{"label": _("水质排名"), "url": back}, {"label": names[key]}],
    }
    return render(request, "waters/index.html", context)


def _term_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("项目")},
        {"label": _("均值"), "numeric": True},
        {"label": _("Ⅲ类限值"), "numeric": True},
        {"label": _("算式")},
        {"label": _("单项指数"), "numeric": True},
        {"label": _("上年同期"), "numeric": True},
    ]


def _part(
    part: Mapping[str, Any], row: Mapping[str, Any], names: Mapping[str, str], period: Period
) -> dict[str, Any]:
    """Return the river or lake part of an index with its terms."""
    base = next((old for old in row["opened_base"] if old["water_type"] == part["water_type"]), None)
    before = {term["item"]: term["index"] for term in base["terms"]} if base else {}
    lacking = items()[part["reason_item"]].name if part["reason_item"] else ""
    return {
        "label": {"river": _("河流"), "lake": _("湖库")}[part["water_type"]],
        "index": part["index"],
        "unrounded": part["unrounded"],
        "reason": words.reason_word(part["reason"]) if part["reason"] else "",
        "lacking": lacking,
        "rows": [{"cells": _term(term, before.get(term["item"]), part)} for term in part["terms"]],
        "beside": [items()[key].name for key in part["beside"]],
        "sites": [
            {
                "name": names.get(site, site),
                "url": f"{reverse('sites:site', args=[site])}?period={period.label}",
            }
            for site in part["sites"]
        ],
        "standard": part["standard"],
    }


def _term(term: Mapping[str, Any], before: str | None, part: Mapping[str, Any]) -> list[dict[str, Any]]:
    several = len(part["sites"]) > 1
    count = _("%(count)s 个断面的均值") % {"count": len(term["members"])} if several else ""
    return [
        {"text": items()[term["item"]].name},
        {"text": f"{term['mean']} {unit_of(term['item'])}".strip(), "note": count},
        {"text": term["limit"]},
        {"text": term["formula"]},
        {"text": _short(term["index"])},
        {"text": _short(before) if before else "—"},
    ]


def _short(number: str) -> str:
    """Return a term as it is printed; the sum is made of the unrounded ones."""
    return f"{Decimal(number).quantize(_TERM_STEP, ROUND_HALF_EVEN):f}"
