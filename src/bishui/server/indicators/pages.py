"""Pages of indicators: targets with their newest value and outlook, one with its series, water targets."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bishui.errors import BishuiError, DataError
from bishui.i18n import Text
from bishui.server.core import clock, guard, rights
from bishui.server.indicators import series, services
from bishui.server.indicators.models import IndicatorValue
from bishui.server.indicators.series import Indicator, Value
from bishui.server.plans import target_queries as plans
from bishui.server.sites.assessed import Results
from bishui.server.sources.queries import source_years
from bishui.standards import water_class

_TONES = {
    "reached": "good",
    "on_the_way": "info",
    "short": "warn",
    "missed": "bad",
    "too_few": "idle",
    "no_value": "idle",
    "not_numeric": "idle",
}


def _words() -> dict[str, str]:
    return {
        "reached": _("已达到"),
        "on_the_way": _("预计可达"),
        "short": _("预计达不到"),
        "missed": _("到期未达"),
        "too_few": _("数据太少，不作预测"),
        "no_value": _("无数据"),
        "not_numeric": _("定性目标"),
    }


def _ops() -> dict[str, str]:
    return {
        ">=": "≥",
        "<=": "≤",
        "=": "=",
        "increase": _("提高"),
        "decrease": _("降低"),
        "meets": _("达到"),
    }


def _target_text(target: Any) -> str:
    return f"{_ops().get(target.op, target.op)} {target.value_text}{target.unit}".strip()


@guard.requires("plans.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the numeric targets with their newest value and where they lead."""
    workspace = request.workspace  # type: ignore[attr-defined]
    found = series.indicators(workspace, request.user)
    counts = {key: sum(item.outlook.verdict == key for item in found) for key in _TONES}
    chosen, text = request.GET.get("verdict", ""), request.GET.get("q", "").strip()
    shown = [
        item
        for item in found
        if (not chosen or item.outlook.verdict == chosen)
        and (not text or text in item.target.indicator or text in item.target.text)
    ]
    context = {
        "cards": [
            {"label": _words()[key], "value": counts[key], "tone": tone if tone != "idle" else ""}
            for key, tone in _TONES.items()
            if key in ("reached", "on_the_way", "short", "missed", "too_few", "no_value")
        ],
        "filters": _filters(chosen, text),
        "columns": [
            {"label": _("指标"), "long": True},
            {"label": _("目标")},
            {"label": _("最新值")},
            {"label": _("期限")},
            {"label": _("预测"), "long": True},
        ],
        "rows": [{"cells": _cells(item)} for item in shown],
        "filtered": bool(chosen or text),
    }
    return render(request, "indicators/list.html", context)


def _filters(chosen: str, text: str) -> list[dict[str, Any]]:
    options = [("", _("全部")), *_words().items()]
    return [
        {
            "name": "verdict",
            "label": _("预测"),
            "kind": "select",
            "options": [{"value": key, "label": label, "selected": key == chosen} for key, label in options],
        },
        {"name": "q", "label": _("文字"), "kind": "search", "value": text, "placeholder": _("指标名称")},
    ]


def _cells(item: Indicator) -> list[dict[str, Any]]:
    last, verdict = item.last, item.outlook.verdict
    return [
        {
            "text": item.target.indicator or item.target.text,
            "url": reverse("indicators:target", args=[item.target.pk]),
            "note": item.target.plan.title,
        },
        {"text": _target_text(item.target)},
        {
            "text": f"{last.text}{item.target.unit}" if last else "—",
            "note": " · ".join([*_counted(last), last.day.isoformat(), _kinds()[last.kind]]) if last else "",
        },
        {"day": item.deadline},
        {"state": _TONES[verdict], "label": _words()[verdict], "note": _expected(item)},
    ]


def _counted(value: Value) -> list[str]:
    """Return what a computed rate is made of, in words; nothing of a number that was handed in."""
    if value.counted is None:
        return []
    k, n, missing = value.counted
    return [f"{k} / {n}" + (_("，缺 %(missing)s") % {"missing": missing} if missing else "")]


def _expected(item: Indicator) -> str:
    if item.outlook.expected is None or item.outlook.verdict in ("missed", "reached"):
        return ""
    return _("到期约 %(value)s（%(low)s 至 %(high)s）") % {
        "value": item.outlook.expected,
        "low": item.outlook.low,
        "high": item.outlook.high,
    }


def _kinds() -> dict[str, str]:
    return {"entered": _("登记"), "progress": _("任务填报"), "computed": _("由评价结果计算")}


def _target_of(request: HttpRequest, pk: UUID) -> Any:
    model: Any = apps.get_model("plans", "Target")
    return guard.one(request, model, "plans.view", pk)


@guard.requires("plans.view")
@require_GET
def target(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one target with its series, its outlook and every value's source."""
    return _target_page(request, _target_of(request, pk), {}, 200)


def _target_page(request: HttpRequest, record: Any, typed: dict[str, str], status: int) -> HttpResponse:
    workspace = request.workspace  # type: ignore[attr-defined]
    found = series.indicator(workspace, record)
    may_write = rights.allowed(request.user, "plans.manage", record)
    context = {
        "target": record,
        "target_text": _target_text(record),
        "verdict": {"tone": _TONES[found.outlook.verdict], "word": _words()[found.outlook.verdict]},
        "expected": _expected(found),
        "deadline": found.deadline,
        "chart": _chart(found),
        "values": [
            {"value": value, "kind": _kinds()[value.kind], "may_withdraw": may_write and value.pk is not None}
            for value in reversed(found.values)
        ],
        "may_write": may_write,
        "typed": {"day": workspace.today.isoformat(), **typed},
        "crumbs": [
            {"label": _("指标"), "url": reverse("indicators:list")},
            {"label": record.indicator or record.text},
        ],
    }
    return render(request, "indicators/target.html", context, status=status)


def _chart(found: Indicator) -> dict[str, Any] | None:
    """Return the series in the JSON that ``frontend/src/chart.ts`` reads."""
    if not found.values:
        return None
    target = found.target
    points: list[list[Any]] = [_point(value) for value in found.values]
    bound = None if target.value is None else f"{Decimal(target.value).normalize():f}"
    limits = [{"value": bound, "class": None, "label": _("目标"), "target": True}] if bound else []
    name = target.indicator or target.text
    item = {"key": "value", "name": name, "unit": target.unit, "points": points, "limits": limits}
    return {"title": name, "items": [item]}


def _point(value: Value) -> list[Any]:
    return [datetime.combine(value.day, datetime.min.time()).isoformat(), f"{value.value.normalize():f}"]


@guard.requires("plans.manage")
@require_POST
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a value; a refused one stays in the form."""
    record = _target_of(request, pk)
    guard.check(request, "plans.manage", record)
    workspace = request.workspace  # type: ignore[attr-defined]
    typed = {name: request.POST.get(name, "") for name in ("day", "value", "source")}
    try:
        services.add_value(
            record,
            _day(typed["day"]),
            typed["value"],
            source=typed["source"],
            today=workspace.today,
            actor=request.user,
            at=clock.now(),
            where=guard.address(request),
        )
    except BishuiError as error:
        messages.error(request, str(error))
        return _target_page(request, record, typed, error.http_status)
    return redirect("indicators:target", pk=pk)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DataError(
            Text("“{text}”不是日期。", text=text), remedy=Text("请按 2025-06-30 的形式填写。")
        ) from None


@guard.requires("plans.manage")
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw a value that was entered, with the reason."""
    record = guard.one(request, IndicatorValue, "plans.manage", pk)
    try:
        services.withdraw(
            record, why=request.POST.get("why", ""), actor=request.user, where=guard.address(request)
        )
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    return redirect("indicators:target", pk=record.target_id)


@guard.requires("plans.view")
@require_GET
def water(request: HttpRequest) -> HttpResponse:
    """List the targets of sections and sources with the site that each is tied to and how it stands."""
    workspace = request.workspace  # type: ignore[attr-defined]
    results = Results(workspace)
    newest = results.newest_month()
    period = series.year_so_far(newest) if newest else None
    judged = results.attainment(period)["sections"] if period else {}
    years = source_years(workspace, workspace.today.year) if workspace else {}
    context = {
        "period": period.label if period else "",
        "columns": [
            {"label": _("断面或水源地")},
            {"label": _("目标")},
            {"label": _("本年累计")},
            {"label": _("达标")},
            {"label": _("计划"), "long": True},
        ],
        "rows": [
            {"cells": _source_cells(item, years[item.site])}
            if item.site in years
            else {"cells": _water_cells(item, judged)}
            for item in plans.water_targets(workspace, request.user)
        ],
        "crumbs": [{"label": _("指标"), "url": reverse("indicators:list")}, {"label": _("断面与水源地目标")}],
    }
    return render(request, "indicators/water.html", context)


def _verdict_cell(result: Any) -> dict[str, Any]:
    """Return whether a target is reached."""
    state = result["attainment"]["state"] if result else ""
    if state and state != "no_target":
        return {"state": state}
    return {"text": "—" if state and result["class"] is not None else _("无数据")}


def _source_cells(item: Any, year: Any) -> list[dict[str, Any]]:
    """Return a source's row: its newest class, and its months that attained, as its own page counts them."""
    last = year.last
    newest = {"klass": last.rank, "note": last.period.label} if last else {"text": "—"}
    reached = {"k": year.attained, "n": year.judged, "missing": year.missing, "note": _("达标月数")}
    return [
        {"text": item.name, "url": reverse("sites:site", args=[item.site])},
        {"text": item.written or "—"},
        newest,
        reached if year.judged or year.missing else {"state": "not_judged", "note": _("不在用")},
        {"text": item.plan_title},
    ]


def _water_cells(item: Any, judged: dict[str, Any]) -> list[dict[str, Any]]:
    result = judged.get(item.site)
    site = {"text": item.name, "note": _("未对应到监测点位")}
    if item.site:
        site = {"text": item.name, "url": reverse("sites:site", args=[item.site])}
    shown = {"klass": result["class"], "reason": result["reason"] or ""} if result else {"text": "—"}
    wanted = water_class(item.target_class).label if item.target_class else item.written
    return [
        site,
        {"text": wanted or "—"},
        shown,
        _verdict_cell(result),
        {"text": item.plan_title},
    ]
