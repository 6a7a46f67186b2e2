"""Pages of the duties by name: supervisory monitoring above scale, rain outfalls in dry weather."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.errors import CallError
from bishui.outfalls import HalfYear
from bishui.server.core import guard
from bishui.server.inspections import norms, queries, shown

_PER_PAGE = 50


@guard.requires("inspections.view")
@require_GET
def monitoring(request: HttpRequest) -> HttpResponse:
    """Show the half-yearly supervisory samples at outfalls above scale without online monitor."""
    workspace = request.workspace  # type: ignore[attr-defined]
    period = _period(request)
    watch = queries.monitoring_duty(workspace.division, period, workspace.today)
    settings = norms.settings(workspace.division, workspace.today)
    context = _context(request, watch, _("最近监督性监测")) | {
        "title": _("规模以上排污口监督性监测"),
        "rule": _(
            "规模以上（%(day)s m³/d 或 %(year)s m³/a）且没有在线监测的排污口，每半年监督性监测 %(times)s 次。"
        )
        % {
            "day": settings["scale_per_day"],
            "year": settings["scale_per_year"],
            "times": settings["duty_samples"],
        },
        "source": settings.settings["scale_per_day"].source,
    }
    return render(request, "inspections/duty.html", context)


@guard.requires("inspections.view")
@require_GET
def storm(request: HttpRequest) -> HttpResponse:
    """Show the rain outfalls and their visits in dry weather."""
    workspace = request.workspace  # type: ignore[attr-defined]
    period = _period(request)
    watch = queries.storm_duty(workspace.division, period, workspace.today)
    settings = norms.settings(workspace.division, workspace.today)
    context = _context(request, watch, _("最近旱天巡查")) | {
        "title": _("雨洪排口旱天巡查"),
        "rule": _("此前 %(hours)s 小时累计雨量低于 %(rain)s mm 时到场查看；旱天有水即为旱天排水。")
        % {"hours": settings["dry_hours"], "rain": settings["dry_rain"]},
        "source": settings.settings["dry_rain"].source,
    }
    return render(request, "inspections/duty.html", context)


def _period(request: HttpRequest) -> HalfYear:
    """Return the half-year asked for; else the present one."""
    present = HalfYear.of(request.workspace.today)  # type: ignore[attr-defined]
    try:
        return HalfYear.named(request.GET.get("period", str(present)))
    except CallError:
        return present


def _context(request: HttpRequest, watch: queries.Watch, day: str) -> dict[str, Any]:
    present = HalfYear.of(request.workspace.today)  # type: ignore[attr-defined]
    wanted = request.GET.get("state", "missing")
    rows = [row for row in watch.rows if wanted == "all" or row[1] == wanted or (wanted, row[1]) == _BOTH]
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    return {
        "watch": watch,
        "columns": shown.watch_columns(day),
        "rows": shown.watch_rows(watch, page),
        "page": page,
        "filters": [_periods(watch.period, present), _states(wanted)],
        "crumbs": [
            {"label": _("抽查检查"), "url": reverse("inspections:overview")},
            {"label": str(watch.period)},
        ],
    }


_BOTH = ("missing", "flow")


def _periods(chosen: HalfYear, present: HalfYear) -> dict[str, Any]:
    offered = [present, present.before, present.before.before]
    options = [{"value": str(one), "label": str(one), "selected": one == chosen} for one in offered]
    return {"name": "period", "label": _("半年"), "kind": "select", "options": options}


def _states(chosen: str) -> dict[str, Any]:
    words = [("missing", _("未完成或有问题")), ("all", _("全部"))]
    options = [{"value": key, "label": label, "selected": key == chosen} for key, label in words]
    return {"name": "state", "label": _("状态"), "kind": "select", "options": options}
