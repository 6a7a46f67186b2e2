"""The page of settings (评价规则设置): every rule of every method with its value, source and certainty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.i18n import Bilingual
from bishui.server.core import guard, rights
from bishui.server.standards import asked, queries
from bishui.standards import Override, Setting, method, rule_keys, rules
from bishui.standards.editions import NotInForce

_METHOD = "section_class"
_PER_PAGE = 60
_UNSURE = ("C", "D")


@guard.requires("standards.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the settings of one method or of all, as they hold on a day."""
    on = asked.day_of(request)
    record = asked.record_of(request, on)
    groups = _groups(on, queries.content_of(record) if record else None)
    chosen, only = request.GET.get("method", ""), request.GET.get("only", "")
    wanted = [
        (group, setting)
        for group in groups
        for setting in group["settings"]
        if chosen in ("", group["key"]) and _is_wanted(setting, only)
    ]
    page = Paginator(wanted, _PER_PAGE).get_page(request.GET.get("page"))
    counts = Counter(setting.certainty for group in groups for setting in group["settings"])
    context = {
        "filters": _filters(groups, chosen, only, on),
        "page": page,
        "groups": [
            _shown(group, [setting for owner, setting in page if owner is group])
            for group in groups
            if any(owner is group for owner, _setting in page)
        ],
        "own": asked.mark_of(request, record),
        "count": sum(counts.values()),
        "unsure": sum(counts[grade] for grade in _UNSURE),
        "changed": sum(setting.override is not None for group in groups for setting in group["settings"]),
        "may_upload": rights.allowed_in(request.user, "standards.edit", guard.acting_division(request)),
    }
    return render(request, "standards/rules.html", context)


def _groups(on: date, override: Override | None) -> list[dict[str, Any]]:
    """Return every method in force with its settings."""
    groups = []
    for key in (_METHOD, *rule_keys()):
        try:
            groups.append(_group(key, on, override))
        except NotInForce:
            continue
    return groups


def _group(key: str, on: date, override: Override | None) -> dict[str, Any]:
    held = method(on, override) if key == _METHOD else rules(key, on, override)
    settings: Iterable[Setting] = (
        held.settings.values() if not isinstance(held.settings, tuple) else held.settings
    )
    return {
        "key": key,
        "name": Bilingual(held.name_zh, held.name_en),
        "version": held.version,
        "source": held.source,
        "from": held.in_force_from,
        "settings": list(settings),
    }


def _is_wanted(setting: Setting, only: str) -> bool:
    return (only != "unsure" or setting.certainty in _UNSURE) and (only != "own" or bool(setting.override))


def _shown(group: dict[str, Any], settings: Iterable[Setting]) -> dict[str, Any]:
    return {
        **group,
        "columns": [
            {"label": _("设置")},
            {"label": _("值"), "long": True},
            {"label": _("可靠程度")},
            {"label": _("来源"), "long": True},
        ],
        "rows": [{"cells": _cells(setting)} for setting in settings],
    }


def _cells(setting: Setting) -> list[dict[str, Any]]:
    value: dict[str, Any] = {"text": plain(setting.value)}
    if setting.override is not None:
        value["note"] = _("本级值；国家 %(value)s") % {"value": plain(setting.national)}
    name: dict[str, Any] = {"technical": setting.name}
    if setting.label is not None:
        name = {"text": setting.label, "note": setting.name}
    return [name, value, asked.certainty_cell(setting.certainty), {"text": setting.source}]


def plain(value: Any) -> str:
    """Return the value of a setting in words."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, tuple | list):
        return "、".join(plain(part) for part in value) or "—"
    if isinstance(value, dict):
        return "、".join(f"{name} {plain(part)}" for name, part in value.items()) or "—"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _filters(groups: list[dict[str, Any]], chosen: str, only: str, on: date) -> list[dict[str, Any]]:
    methods = [("", _("全部办法")), *((group["key"], str(group["name"])) for group in groups)]
    kinds = [("", _("全部设置")), ("unsure", _("待核实")), ("own", _("本级值"))]
    return [
        {
            "name": "method",
            "label": _("办法"),
            "kind": "select",
            "options": [{"value": key, "label": name, "selected": key == chosen} for key, name in methods],
        },
        {
            "name": "only",
            "label": _("范围"),
            "kind": "select",
            "options": [{"value": key, "label": name, "selected": key == only} for key, name in kinds],
        },
        {"name": "on", "label": _("按哪一天的版本"), "kind": "date", "value": on.isoformat()},
    ]
