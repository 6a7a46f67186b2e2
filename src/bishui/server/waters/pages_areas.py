"""Rivers, lakes, basins, counties and the city: how each is, and whether it grew better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.assessment import Period
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import guard
from bishui.server.core.middleware import not_found
from bishui.server.sites import choosing
from bishui.server.sites.charting import unit_of
from bishui.server.sites.pages_overview import no_city
from bishui.server.sites.tabled import downloads
from bishui.server.waters import periods, words
from bishui.server.waters.areas import CITY, KINDS
from bishui.server.waters.kept import WaterResults
from bishui.standards import items, water_class


@guard.requires("sites.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the status of the city and of each of its waters, basins and counties."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = WaterResults(city, choosing.sites_of(request, city))
    period = periods.chosen(request, results)
    found = results.areas(period) if period else []
    names, kinds = words.area_names(city), words.kind_names()
    lines = [_line(entry, names, period) for entry in found if period]
    context = {
        "period_name": choosing.period_name(period) if period else "",
        "filters": periods.filters(results, period),
        "downloads": downloads(reverse("waters:areas_file"), {"period": period.label}) if period else [],
        "city_line": next((line for line in lines if line["kind"] == CITY), None),
        "groups": [
            {"label": kinds[kind], "lines": inside}
            for kind in KINDS
            if kind != CITY and (inside := [line for line in lines if line["kind"] == kind])
        ],
        "previous": choosing.period_name(before) if period and (before := periods.previous(period)) else "",
        "unplaced": sum(not site.water for site in results.sites),
        "unfinished": _unfinished(period, city),
    }
    return render(request, "waters/areas.html", context)


def _unfinished(period: Period | None, city: Workspace) -> bool:
    """Tell whether the period goes on after the day that the pages speak of."""
    return period is not None and period.last_day > city.today


def _line(entry: Mapping[str, Any], names: Mapping[str, str], period: Period) -> dict[str, Any]:
    """Return one area as the pages show it."""
    before = periods.previous(period)
    changes = entry["changes"]
    return {
        "kind": entry["kind"],
        "name": names.get(entry["key"], entry["key"]),
        "url": address(entry["kind"], entry["key"], period),
        "status": words.status(entry),
        "way": words.way_name(entry["by"]),
        "evaluated": entry["evaluated"],
        "sites": entry["sites"],
        "missing": entry["sites"] - entry["evaluated"],
        "missing_why": words.missing(entry),
        "good": entry["rates"]["good"],
        "worst": entry["rates"]["worst"],
        "attained": entry["rates"]["attained"],
        "pollutants": words.pollutants(entry),
        "before": words.change(changes.get(before.label)) if before else None,
        "last_year": words.change(changes.get(periods.last_year(period).label)),
    }


def address(kind: str, key: str, period: Period) -> str:
    """Return the address of an area's page."""
    return f"{reverse('waters:area')}?{urlencode({'of': kind, 'name': key, 'period': period.label})}"


@guard.requires("sites.view")
@require_GET
def area(request: HttpRequest) -> HttpResponse:
    """Open one water or area to its sections, the means over them and what its change is made of."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = WaterResults(city, choosing.sites_of(request, city))
    period = periods.chosen(request, results)
    kind, key = request.GET.get("of", ""), request.GET.get("name", "")
    inside = results.areas(period) if period else []
    entry = next((found for found in inside if (found["kind"], found["key"]) == (kind, key)), None)
    if entry is None or period is None:
        raise not_found()
    line = _line(entry, words.area_names(city), period)
    hidden = [{"name": "of", "value": kind}, {"name": "name", "value": key}]
    context = {
        "line": line,
        "entry": entry,
        "kind_name": words.kind_names()[kind],
        "period_name": choosing.period_name(period),
        "filters": periods.filters(results, period),
        "hidden": hidden,
        "classes": _classes(entry),
        "facts": _facts(entry, line),
        "comparisons": _comparisons(line, period),
        "means_columns": _means_columns(),
        "means_rows": _means_rows(entry),
        "section_columns": _section_columns(period),
        "section_rows": _section_rows(results, entry, period),
        "crumbs": [{"label": _("河流与区域"), "url": _back(period)}, {"label": line["name"]}],
    }
    return render(request, "waters/area.html", context)


def _back(period: Period) -> str:
    return f"{reverse('waters:areas')}?{urlencode({'period': period.label})}"


def _classes(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the counts of the class bar: each class, and each reason why there is none."""
    classes = [{"klass": rank, "count": count} for rank, count in enumerate(entry["counts"], 1)]
    return classes + [
        {"klass": None, "reason": reason, "count": count} for reason, count in entry["missing"].items()
    ]


def _facts(entry: Mapping[str, Any], line: Mapping[str, Any]) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"label": _("评价方法"), "text": line["way"], "note": words.rules_text(entry["rules"])},
        {
            "label": _("参评断面"),
            "k": entry["evaluated"],
            "n": entry["sites"],
            "missing": line["missing"],
            "note": line["missing_why"],
        },
        {"label": _("主要污染指标"), "text": line["pollutants"]},
    ]
    if entry["left_out"]:
        text = _("入湖口点位 %(count)s 个不参与湖库评价") % {"count": entry["left_out"]}
        facts.append({"label": _("不参与评价"), "text": text})
    if entry["trophic"]:
        facts.append(_trophic(entry["trophic"]))
    return facts


def _trophic(found: Mapping[str, Any]) -> dict[str, Any]:
    note = "" if found["official"] else _("项目不足五项，仅供参考")
    return {"label": _("综合营养状态指数"), "text": found["index"], "note": note}


def _comparisons(line: Mapping[str, Any], period: Period) -> list[dict[str, Any]]:
    before = periods.previous(period)
    last = periods.last_year(period)
    found = [(choosing.period_name(before), line["before"])] if before else []
    found.append((choosing.period_name(last), line["last_year"]))
    return [{"label": label, "change": change} for label, change in found]


def _means_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("项目")},
        {"label": _("均值"), "numeric": True},
        {"label": _("类别")},
        {"label": _("Ⅲ类限值"), "numeric": True},
        {"label": _("有值的断面"), "numeric": True},
    ]


def _means_rows(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                {"text": items()[item["item"]].name},
                {"text": f"{item['compared']} {unit_of(item['item'])}".strip()},
                {"klass": item["class"]} if item["class"] else {"text": "—"},
                {"text": item["limits"].get("3", "—")},
                {"k": item["places"], "n": entry["sites"]},
            ]
        }
        for item in entry["means"]
    ]


def _section_columns(period: Period) -> list[dict[str, Any]]:
    before = periods.previous(period)
    earlier = [choosing.period_name(before)] if before else []
    earlier.append(choosing.period_name(periods.last_year(period)))
    return [
        {"label": _("断面")},
        {"label": _("水质类别")},
        {"label": _("定类项目"), "long": True},
        {"label": _("目标")},
        {"label": _("达标情况")},
        *({"label": label} for label in earlier),
    ]


def _section_rows(results: WaterResults, entry: Mapping[str, Any], period: Period) -> list[dict[str, Any]]:
    by_id = {str(site.pk): site for site in results.sites}
    before = periods.previous(period)
    earlier = [when.label for when in (before, periods.last_year(period)) if when]
    ordered = sorted(
        entry["sections"], key=lambda section: (-(section["class"] or 0), by_id[section["site"]].name)
    )
    return [
        {
            "cells": [
                {
                    "text": by_id[section["site"]].name,
                    "url": f"{reverse('sites:site', args=[section['site']])}?period={period.label}",
                    "note": by_id[section["site"]].control_label,
                },
                {"klass": section["class"], "reason": section["reason"]},
                {"text": _("、").join(items()[key].name for key in section["deciding"]) or "—"},
                {"text": water_class(section["target"]).label if section["target"] else "—"},
                {"state": section["state"]},
                *(_earlier(section["earlier"][label]) for label in earlier),
            ]
        }
        for section in ordered
    ]


def _earlier(rank: int | None) -> dict[str, Any]:
    return {"klass": rank} if rank else {"text": _("未评价")}
