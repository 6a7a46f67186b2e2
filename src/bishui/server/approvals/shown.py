"""How applications are shown: cells of the list, facts, the room left."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.server.approvals.forms import DEEDS, OPINIONS, ROUTES, VERDICTS
from bishui.server.approvals.models import Application
from bishui.server.core.templatetags.bishui_ui import days_left, number
from bishui.standards import items

_OPEN = ("received", "returned", "accepted")


def columns() -> list[dict[str, Any]]:
    """Return the columns of `cells`."""
    return [
        {"label": _("排污口"), "long": True},
        {"label": _("事项")},
        {"label": _("方式")},
        {"label": _("申请人"), "long": True},
        {"label": _("状态")},
        {"label": _("期限")},
        {"label": _("提示")},
    ]


def cells(record: Application, today: date) -> list[dict[str, Any]]:
    """Return the cells of an application."""
    flagged = bool(record.areas) and record.area_verdict != "outside"
    return [
        {"text": record.name, "url": reverse("approvals:application", args=[record.pk]), "note": record.code},
        {"text": str(DEEDS[record.deed])},
        {"text": str(ROUTES[record.route])},
        {"text": record.applicant},
        {"state": record.step.tone, "label": record.step.label},
        _due(record, today),
        {"state": "warn", "label": _("特殊保护区域")} if flagged else {"text": "—"},
    ]


def _due(record: Application, today: date) -> dict[str, Any]:
    if record.state not in _OPEN:
        return {"day": record.decided_on}
    return {"day": record.due, "note": days_left(record.due, today)}


def facts(record: Application, today: date, *, personal: bool) -> list[dict[str, Any]]:
    """Return what is known of an application; contacts only to those who work on it (`personal`)."""
    place = f"{number(record.lon)}, {number(record.lat)}" if record.lon is not None else "—"
    found: list[dict[str, Any]] = [
        {"label": _("编号"), "technical": record.code},
        {"label": _("事项"), "text": f"{DEEDS[record.deed]} · {ROUTES[record.route]}"},
        {"label": _("类型"), "text": str(record.type.label)},
        {"label": _("申请人"), "text": record.applicant, "note": record.credit_code},
        {"label": _("位置"), "text": place, "note": record.datum if record.lon is not None else ""},
        {"label": _("申请排放量（m³/d）"), "text": number(record.volume)},
        {"label": _("排放标准"), "text": record.discharge_standard or "—"},
        {"label": _("收件日期"), "day": record.received_on},
        {"label": _("期限"), **_due(record, today)},
    ]
    if record.extended_why:
        found.append({"label": _("延期理由"), "text": record.extended_why})
    if record.outfall:
        found.insert(1, {"label": _("排污口编码"), "technical": record.outfall.code})
    if personal and (record.contact or record.phone):
        found.append({"label": _("联系人"), "text": f"{record.contact} {record.phone}"})
    if personal and record.file:
        address = reverse("approvals:evidence", args=[record.pk, record.file_id])
        found.append({"label": _("申请材料"), "text": record.file.name, "url": address})
    return found


def decision(record: Application) -> list[dict[str, Any]]:
    """Return what was judged, asked and decided."""
    found: list[dict[str, Any]] = []
    if record.area_verdict:
        found.append(
            {
                "label": _("特殊保护区域认定"),
                "text": f"{VERDICTS[record.area_verdict]}：{record.area_reason}",
                "note": record.area_by,
            }
        )
    words = {"yes": _("可能影响"), "no": _("没有影响"), "": _("尚未说明")}
    found.append({"label": _("对行洪、供水等的影响"), "text": words[record.affects_water_works]})
    if record.consulted:
        opinion = str(OPINIONS[record.opinion]) if record.opinion else _("尚未答复")
        found.append({"label": record.consulted, "text": f"{opinion} {record.opinion_text}".strip()})
    if record.decided_on:
        found += [
            {"label": _("决定日期"), "day": record.decided_on},
            {"label": _("文号"), "text": record.paper},
            {"label": _("要求"), "text": record.conditions or "—"},
        ]
    return found


def room_columns() -> list[dict[str, Any]]:
    """Return the columns of `room_rows`."""
    return [
        {"label": _("项目")},
        {"label": _("还可接纳（kg/d）"), "numeric": True},
        {"label": _("受哪个断面约束")},
        {"label": _("说明"), "long": True},
    ]


def room_rows(record: Application) -> list[dict[str, Any]]:
    """Return the room that the reach had left when the application was received, by item."""
    known = items()
    return [
        {
            "cells": [
                {"text": known[item].name if item in known else item},
                {"text": found["load"] or "—"},
                {"text": found["binding"] or "—"},
                {"text": found["said"]},
            ]
        }
        for item, found in (record.room or {}).get("items", {}).items()
    ]
