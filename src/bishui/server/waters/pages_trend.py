"""The trend of one item at one section: the series with its limits, and what each test says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.i18n import Bilingual
from bishui.observations import Mark
from bishui.server.core import guard
from bishui.server.sites import choosing
from bishui.server.sites.charting import chart_data, unit_of
from bishui.server.sites.models import Site
from bishui.server.sites.pages_overview import no_city
from bishui.server.standards import queries as standards
from bishui.server.waters import words
from bishui.server.waters.kept import WaterResults
from bishui.standards import items

_TONES = {"better": "good", "worse": "bad", "none": "info"}
_NUMBER = pa.decimal128(38, 10)
#: How many digits of a yearly mean are printed.
_DIGITS = 4


@guard.requires("sites.view")
@require_GET
def trend(request: HttpRequest) -> HttpResponse:
    """Show the series of a section and item, and its trend over the years."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = WaterResults(city, choosing.sites_of(request, city))
    site = _site(request, results)
    keys = results.items_in_order(site.key) if site else []
    item = _item(request, results, site, keys)
    found = results.trend(site.key, item) if site and item else None
    tests = found["tests"] if found else {}
    context = {
        "site": site,
        "item_name": items()[item].name if item else "",
        "filters": _filters(results, site, keys, item),
        "chart": _chart(site, item, found["months"]["points"]) if site and item and found and tests else None,
        "columns": _test_columns(),
        "rows": [{"cells": row} for row in _test_rows(tests, item)],
        "short": _too_short(found) if found and tests else "",
        "replaced": any(test.get("one_value_below_detection") for test in tests.values()),
        "year_columns": _year_columns(),
        "year_rows": _year_rows(found["years"]["points"], item) if found else [],
        "counts": found["months"] if found else None,
        "source": words.rules_text(found["rules"]) if found and tests else "",
    }
    return render(request, "waters/trend.html", context)


def _site(request: HttpRequest, results: WaterResults) -> Site | None:
    """Return the section asked for, or the first by name that has readings."""
    by_id = {site.key: site for site in results.sites}
    return by_id.get(request.GET.get("site", "")) or results.section_first()


def _item(request: HttpRequest, results: WaterResults, site: Site | None, keys: Sequence[str]) -> str:
    given = request.GET.get("item", "")
    if given in keys:
        return given
    return results.item_first(site.key) if site else ""


def _filters(
    results: WaterResults, site: Site | None, keys: Sequence[str], item: str
) -> list[dict[str, Any]]:
    sites = [
        {"value": entry.key, "label": entry.name, "selected": entry == site}
        for entry in sorted(results.sites, key=lambda entry: entry.name)
    ]
    offered = [{"value": key, "label": items()[key].name, "selected": key == item} for key in keys]
    return [
        {"name": "site", "label": _("断面"), "kind": "select", "options": sites},
        {"name": "item", "label": _("项目"), "kind": "select", "options": offered},
    ]


def _chart(site: Site, item: str, points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the monthly means as a chart with the limits of the classes."""
    rows = pa.table(
        {
            "item": [item] * len(points),
            "time": pa.array([datetime.strptime(p["period"], "%Y-%m") for p in points], pa.timestamp("s")),
            "value": pa.array([_decimal(point["value"], item) for point in points], _NUMBER),
            "mark": [_mark(point) for point in points],
            "raw": pa.nulls(len(points), pa.string()),
        }
    )
    return chart_data(
        rows,
        site.name,
        water_type=site.water_type,
        flags=[],
        selected=[item],
        target_limits={},
        own=standards.by_day(site.division),
    )


def _mark(point: Mapping[str, Any]) -> str:
    if point["value"] is None:
        return Mark.NO_READING.value
    return (Mark.BELOW_DETECTION if point["below_detection"] else Mark.MEASURED).value


def _decimal(text: str | None, item: str) -> Decimal | None:
    return None if text is None else Decimal(text).quantize(Decimal(1).scaleb(-items()[item].scale))


def _test_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("方法")},
        {"label": _("期数")},
        {"label": _("统计量"), "long": True},
        {"label": _("判据")},
        {"label": _("每年变化"), "numeric": True},
        {"label": _("结论")},
    ]


def _test_rows(tests: Mapping[str, Mapping[str, Any]], item: str) -> list[list[dict[str, Any]]]:
    names = {
        "spearman": _("秩相关系数法（逐年，法定）"),
        "mann_kendall": _("Mann-Kendall 检验（逐年）"),
        "seasonal": _("季节性 Kendall 检验（逐月）"),
    }
    return [
        [
            {"text": names[name]},
            {"text": _("%(count)s 期") % {"count": test["count"]}, "note": _gaps(test)},
            {"text": _statistic(test)},
            {"text": _criterion(test)},
            {"text": _slope(test, item)},
            {"state": _tone(test), "label": str(Bilingual(test["text"]["zh"], test["text"]["en"]))},
        ]
        for name, test in tests.items()
    ]


def _gaps(test: Mapping[str, Any]) -> str:
    return _("缺 %(missing)s 期") % {"missing": test["missing"]} if test["missing"] else ""


def _statistic(test: Mapping[str, Any]) -> str:
    if "coefficient" in test:
        return f"r_s = {test['coefficient']}" if test["coefficient"] else "—"
    return f"S = {test['S']}, Z = {test['Z']:.3f}, τ = {test['tau']:.3f}" if test["count"] > 1 else "—"


def _criterion(test: Mapping[str, Any]) -> str:
    if "coefficient" in test:
        return f"W(N={test['critical_count']}) = {test['critical']}" if test["critical"] else "—"
    return f"p = {test['p']:.4f}, α = {test['level']}" if test["count"] > 1 else "—"


def _slope(test: Mapping[str, Any], item: str) -> str:
    """Return Sen's slope; the rank correlation has none."""
    slope = test.get("slope")
    return "—" if slope is None else f"{slope:+.4g} {unit_of(item)}".strip()


def _tone(test: Mapping[str, Any]) -> str:
    return "idle" if test["course"] == "not_judged" else _TONES[test["meaning"]]


def _too_short(found: Mapping[str, Any]) -> str:
    """Say how many years there are and how many a trend needs, where there are too few."""
    if all(test["course"] != "not_judged" for test in found["tests"].values()):
        return ""
    return _(
        "现有 %(years)s 个年份。秩相关系数法至少需要 %(least)s 期，季节性 Kendall 检验至少需要 "
        "%(seasonal)s 个年份；期数不足的方法不作结论。"
    ) % {
        "years": found["years"]["present"],
        "least": found["least_periods"],
        "seasonal": found["least_years"],
    }


def _year_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("年份")},
        {"label": _("年均值"), "numeric": True},
        {"label": _("有数据的月份"), "numeric": True},
        {"label": _("说明")},
    ]


def _year_rows(points: Sequence[Mapping[str, Any]], item: str) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                {"text": point["period"]},
                {"text": f"{_printed(point['value'])} {unit_of(item)}".strip() if point["value"] else "—"},
                {"number": point["results"]},
                {"text": _note(point)},
            ]
        }
        for point in reversed(points)
    ]


def _printed(value: str) -> str:
    """Return a mean with four digits that count; the tests are made with the exact one."""
    exact = Decimal(value)
    places = max(0, _DIGITS - exact.adjusted() - 1)
    return f"{exact:f}" if -int(exact.as_tuple().exponent) <= places else f"{round(exact, places):f}"


def _note(point: Mapping[str, Any]) -> str:
    if point["value"] is None:
        return _("无数据")
    notes = [
        _("全部未检出") if point["below_detection"] else "",
        "" if point["complete"] else _("月份不足"),
    ]
    return _("、").join(note for note in notes if note) or "—"
