"""The page of water-use indicators (用水指标): each against the plan's target, and its series by year."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights
from bishui.server.core.templatetags.bishui_ui import number
from bishui.server.sources import gather, water_use
from bishui.server.sources.models import WaterUseYear
from bishui.server.sources.water_use import Figure


@guard.requires("sources.view")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show a division's indicators: value, target, gap; then numerator and denominator by year."""
    workspace = request.workspace  # type: ignore[attr-defined]
    division = _division(request)
    figures = water_use.series(division, water_use.aims(workspace, request.user))
    every = [figure for found in figures.values() for figure in found]
    met, aimed, missing = water_use.counts(every)
    context = {
        "filters": [_filter(request, division)],
        "counts": {"met": met, "aimed": aimed, "missing": missing},
        "columns": [
            {"label": _("指标"), "long": True},
            {"label": _("年度")},
            {"label": _("数值"), "numeric": True},
            {"label": _("目标"), "numeric": True},
            {"label": _("与目标相差"), "numeric": True},
            {"label": _("结论")},
        ],
        "rows": [{"cells": _line(found)} for found in figures.values() if found],
        "series_columns": [
            {"label": _("指标"), "long": True},
            {"label": _("年度")},
            {"label": _("分子"), "numeric": True},
            {"label": _("分母"), "numeric": True},
            {"label": _("数值"), "numeric": True},
            {"label": _("数据来源"), "long": True},
        ],
        "series_rows": [{"cells": _year(figure)} for figure in every if figure.value is not None],
        "chart": _chart(figures),
        "formulas": [rule for rule in water_use.rules() if rule.text],
        "may_edit": rights.holds(request.user, "sources.edit"),
        "has_rows": bool(every),
    }
    return render(request, "sources/water_use.html", context)


def _seen(request: HttpRequest) -> list[str]:
    """Return the divisions that the user may see: the city, and those that have amounts."""
    workspace = request.workspace  # type: ignore[attr-defined]
    inside = WaterUseYear.objects.filter(division__startswith=workspace.division)
    visible = rights.visible(request.user, "sources.view", inside)
    with_rows = set(visible.values_list("division", flat=True))
    own = (
        {workspace.division} if rights.allowed_in(request.user, "sources.view", workspace.division) else set()
    )
    return sorted(with_rows | own)


def _division(request: HttpRequest) -> str:
    """Return the division asked for; else the first that the user may see."""
    seen = _seen(request)
    wanted = request.GET.get("division", "")
    chosen: str = wanted if wanted in seen else seen[0] if seen else guard.acting_division(request)
    return chosen


def _filter(request: HttpRequest, chosen: str) -> dict[str, Any]:
    names = gather.division_names(guard.division_of(request))
    return {
        "name": "division",
        "label": _("区划"),
        "kind": "select",
        "options": [
            {"value": path, "label": names.get(path, path), "selected": path == chosen}
            for path in _seen(request) or [chosen]
        ],
    }


def _line(found: list[Figure]) -> list[dict[str, Any]]:
    """Return the cells of an indicator: its targeted year, or the newest with a value."""
    aimed = [figure for figure in found if figure.aim is not None]
    known = [figure for figure in found if figure.value is not None]
    figure = (aimed or known or found)[-1]
    latest = known[-1] if known and figure.value is None else None
    note = (
        _("最新为 %(year)s 年：%(value)s") % {"year": latest.year, "value": _value(latest)} if latest else ""
    )
    aim = figure.aim
    return [
        {"text": str(figure.rule.name), "note": figure.rule.unit if figure.rule.unit != "1" else ""},
        {"text": str(figure.year)},
        {"text": _value(figure), "note": note or _missing(figure)},
        {
            "text": f"{aim.value} {aim.unit}".strip(),
            "url": reverse("indicators:target", args=[aim.pk]),
            "note": aim.plan,
        }
        if aim
        else {"text": "—"},
        {"text": "—" if figure.gap is None or aim is None else _gap(figure.gap, aim.unit)},
        {"state": figure.state.value},
    ]


def _gap(gap: Decimal, unit: str) -> str:
    """Return how far a value lies from its target; two percentages are percentage points apart."""
    return f"{gap:+} {_('个百分点') if unit == '%' else unit}".strip()


def _missing(figure: Figure) -> str:
    return _("缺：%(names)s") % {"names": "、".join(figure.missing)} if figure.missing else ""


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "—"
    return number(water_use.rounded(figure.value, figure.rule.decimals))


def _year(figure: Figure) -> list[dict[str, Any]]:
    parts = figure.parts
    return [
        {"text": str(figure.rule.name)},
        {"text": str(figure.year)},
        {"text": _amount(parts.numerator) if parts else "—"},
        {"text": _amount(parts.denominator) if parts else "—"},
        {"text": f"{_value(figure)} {figure.rule.unit if figure.rule.unit != '1' else ''}".strip()},
        {"text": figure.origin},
    ]


def _amount(value: Fraction) -> str:
    """Return an amount in the formula's unit, with at most four digits after the point."""
    return number(water_use.rounded(value, 4).normalize())


def _chart(figures: dict[str, list[Figure]]) -> dict[str, Any] | None:
    """Return the series of each indicator with at least two years."""
    drawn = {
        key: known
        for key, found in figures.items()
        if len(known := [figure for figure in found if figure.value is not None]) > 1
    }
    if not drawn:
        return None
    return {
        "title": _("用水指标变化"),
        "items": [
            {
                "key": key,
                "name": str(found[0].rule.name),
                "unit": found[0].rule.unit if found[0].rule.unit != "1" else "",
                "points": [_point(figure) for figure in found],
                "limits": _aims(figures[key]),
            }
            for key, found in drawn.items()
        ],
    }


def _point(figure: Figure) -> list[str]:
    assert figure.value is not None
    shown = water_use.rounded(figure.value, figure.rule.decimals)
    # A year stands at its beginning: the axis writes the year there.
    return [datetime(figure.year, 1, 1).isoformat(), f"{shown:f}"]


def _aims(found: list[Figure]) -> list[dict[str, Any]]:
    """Return the newest target as a line, in the unit of the indicator."""
    aimed = [figure for figure in found if figure.aim is not None]
    if not aimed or (aim := aimed[-1].aim) is None:
        return []
    value = water_use.in_own_unit(aimed[-1].rule, aim)
    label = _("%(year)s 年目标") % {"year": aim.year}
    return [] if value is None else [_limit(value, label)]


def _limit(value: Fraction, label: str) -> dict[str, Any]:
    shown = water_use.rounded(value, 4).normalize()
    return {"value": f"{shown:f}", "class": None, "label": label, "target": True}
