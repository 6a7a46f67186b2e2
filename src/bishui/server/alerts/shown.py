"""How alerts are shown: rows of tables, facts, history, and the readings of the days around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.assessment import AlertKind
from bishui.server.alerts.models import Alert
from bishui.server.alerts.rows import distance_of
from bishui.server.core import timeline
from bishui.server.core.city import AssessedCity
from bishui.server.sites import choosing
from bishui.server.sites import queries as sites
from bishui.server.sites.charting import chart_data, unit_of
from bishui.server.sites.models import Site
from bishui.server.standards import queries as standards
from bishui.standards import any_item

#: So much before and after an alert is drawn, by what was looked at.
_AROUND = {"month": timedelta(days=60), "year": timedelta(days=31)}
_AROUND_READINGS = timedelta(days=7)
#: More charts than these are on the pages of the sites.
_MOST_CHARTS = 6
#: Of more rows than these the ones that say most are shown first: the first, the latest and the highest.
_FEW_ROWS = 12
_HIGHEST_ROWS = 8


def kind_label(alert: Alert) -> str:
    """Return the kind in words, of several stations with what each of them has."""
    kind = str(AlertKind(alert.kind).text)
    if not alert.of_kind:
        return kind
    return _("%(kind)s（%(of_each)s）") % {"kind": kind, "of_each": AlertKind(alert.of_kind).text}


def level_label(alert: Alert) -> str:
    """Return what was looked at, in words."""
    return {
        "reading": _("单次自动监测"),
        "day": _("日均值"),
        "month": _("月均值") if alert.item else _("手工监测"),
        "year": _("年度余量"),
        "": _("自动监测"),
    }[alert.level]


def item_label(alert: Alert) -> str:
    """Return the item in words."""
    return any_item(alert.item).name if alert.item else _("全部项目")


def columns() -> list[dict[str, Any]]:
    """Return the columns of the list."""
    return [
        {"label": _("预警"), "long": True},
        {"label": _("预警类别")},
        {"label": _("状态")},
        {"label": _("开始")},
        {"label": _("持续到")},
        {"label": _("连续次数"), "numeric": True},
        {"label": _("超标倍数或变化")},
    ]


def cells(alert: Alert) -> list[dict[str, Any]]:
    """Return the row of an alert in the list."""
    multiple = alert.multiple if alert.kind != AlertKind.APPROACHING else ""
    counted = alert.kind in (AlertKind.EXCEEDANCE, AlertKind.APPROACHING, AlertKind.SUDDEN_CHANGE)
    return [
        {"text": str(alert.said), "url": reverse("alerts:alert", args=[alert.pk])},
        {"text": kind_label(alert), "note": level_label(alert)},
        {"state": alert.step.tone, "label": alert.step.label},
        {"moment": alert.first},
        {"moment": alert.last},
        {"text": str(alert.in_a_row) if counted else "—"},
        {"text": multiple or "—"},
    ]


def member_columns() -> list[dict[str, Any]]:
    """Return the columns of the stations' own alerts: the kind is that of the whole."""
    head, _kind, state, first, _last, _count, multiple = columns()
    return [head, state, first, multiple]


def member_cells(alert: Alert) -> list[dict[str, Any]]:
    """Return the row of one station's alert."""
    head, _kind, state, first, _last, _count, multiple = cells(alert)
    return [head, state, first, multiple]


def facts(alert: Alert) -> list[dict[str, Any]]:
    """Return the facts of an alert."""
    unit = unit_of(alert.item) if alert.item else ""
    place: dict[str, Any] = {"text": alert.name}
    if alert.site_id is not None:
        place["url"] = reverse("sites:site", args=[alert.site_id])
    found: list[dict[str, Any]] = [
        {"label": _("状态"), "text": alert.step.label},
        {"label": _("预警类别"), "text": kind_label(alert), "note": level_label(alert)},
        {"label": _("地点"), **place},
        {"label": _("项目"), "text": item_label(alert)},
        {"label": _("开始"), "moment": alert.first},
        {"label": _("持续到"), "moment": alert.last},
    ]
    if alert.value:
        beside = _("中位数") if AlertKind.SUDDEN_CHANGE in (alert.kind, alert.of_kind) else _("限值")
        note = f"{beside} {alert.against} {unit}".strip() if alert.against else _("不得检出")
        found.append({"label": _("最突出的值"), "text": f"{alert.value} {unit}".strip(), "note": note})
    return [
        *found,
        {"label": _("规则版本"), "technical": alert.rules},
        {"label": _("发现时间"), "moment": alert.found_at},
    ]


def history(alert: Alert) -> list[dict[str, Any]]:
    """Return what happened, the newest first."""
    found = timeline.entries(alert)
    return [*found, {"when": alert.found_at, "who": "system", "what": _("按规则发现"), "tone": "warn"}]


def row_columns(alert: Alert) -> list[dict[str, Any]]:
    """Return the columns of the evidence; of missing data since when, or for when, there is none."""
    if _is_missing(alert):
        since = _("应有数据的时段") if alert.level else _("最后一次有数值")
        return [{"label": since}, {"label": _("点位")}]
    sudden = AlertKind.SUDDEN_CHANGE in (alert.kind, alert.of_kind)
    unit = unit_of(alert.item) if alert.item else ""
    return [
        {"label": _("时间")},
        {"label": _("点位")},
        {"label": _("数值（%(unit)s）") % {"unit": unit} if unit else _("数值"), "numeric": True},
        {"label": _("此前中位数") if sudden else _("限值"), "numeric": True},
        {"label": _("变化") if sudden else _("超标倍数"), "numeric": True},
    ]


def rows(alert: Alert, found: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return some rows of the evidence for the table; each value leads to the readings of its month."""
    width = len(row_columns(alert))
    return [
        {
            "cells": [
                {"text": row["label"], "url": _readings(row)},
                {"text": names.get(row["site"], row["site"])},
                {"text": row["value"] or _("无数据")},
                {"text": row["against"] or (_("不得检出") if row["value"] else "—")},
                {"text": row["multiple"] or "—"},
            ][:width]
        }
        for row in found
    ]


def _is_missing(alert: Alert) -> bool:
    return AlertKind.MISSING_DATA in (alert.kind, alert.of_kind)


def newest_first(alert: Alert) -> list[dict[str, Any]]:
    """Return every row that an alert stands on, the newest first."""
    return list(reversed(alert.rows))


def telling(alert: Alert) -> list[dict[str, Any]]:
    """Return the rows that say most, the newest first; few rows are all of them.

    Of many these are the latest, the first, and those farthest from what they are compared with (of equal
    ones the later).
    """
    found = newest_first(alert)
    if len(found) <= _FEW_ROWS:
        return found
    # Sorting keeps the order of equal ones also in reverse: the later comes first.
    farthest = sorted(range(len(found)), key=lambda index: distance_of(found[index]), reverse=True)
    chosen = {0, len(found) - 1, *farthest[:_HIGHEST_ROWS]}
    return [found[index] for index in sorted(chosen)]


def _readings(row: Mapping[str, Any]) -> str:
    if not row["item"]:
        return reverse("sites:site", args=[row["site"]])
    return f"{reverse('sites:rows', args=[row['site'], row['item']])}?period={row['at'][:7]}"


def charts(alert: Alert, city: AssessedCity) -> list[dict[str, Any]]:
    """Return the readings around an alert, one chart for each of its stations."""
    around = _AROUND.get(alert.level, _AROUND_READINGS)
    first, last = alert.first - around, alert.last + around
    end = sites.end_of(city)
    last = min(last, end) if end else last
    places = list(dict.fromkeys(row["site"] for row in alert.rows))[:_MOST_CHARTS]
    found = [
        _chart(alert, site, city.division, (first, last))
        for site in Site.objects.filter(pk__in=places).order_by("name")
    ]
    return [
        {"name": f"around-{number}", "title": chart["title"], "data": chart}
        for number, chart in enumerate(found)
        if chart["items"]
    ]


def _chart(alert: Alert, site: Site, division: str, span: tuple[datetime, datetime]) -> dict[str, Any]:
    asked = [alert.item] if alert.item else None
    readings = sites.measurements(division, [str(site.pk)], *span, items=asked)
    limit = next((row["against"] for row in alert.rows if row["site"] == str(site.pk)), None)
    of_limit = alert.item and limit and "~" not in limit
    sudden = AlertKind.SUDDEN_CHANGE in (alert.kind, alert.of_kind)
    return chart_data(
        readings,
        site.name,
        water_type=site.water_type,
        flags=list(site.flags.filter(withdrawn_at=None)),
        selected=[alert.item] if alert.item else ["do", "nh3n"],
        by_class=site.kind in choosing.SURFACE,
        target_limits={alert.item: limit} if of_limit and limit and not sudden else {},
        own=standards.by_day(division),
    )
