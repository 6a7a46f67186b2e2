"""How draws, duties and inspections are shown: cells of tables, facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.i18n import Text
from bishui.outfalls import Fulfilment, class_label, outfall_types
from bishui.server.inspections import norms
from bishui.server.inspections.models import Draw, DrawnOutfall, Inspection
from bishui.server.inspections.queries import Watch

ROLES = {"drawn": Text("抽中"), "supplement": Text("按类补足"), "replacement": Text("替补")}
_STATES = {
    "done": ("good", Text("已监测")),
    "missing": ("bad", Text("未完成")),
    "dry": ("good", Text("旱天无排水")),
    "flow": ("bad", Text("旱天排水")),
}
_NAMED_AT_MOST = 5


def kind_name(kind: str) -> str:
    """Return the name of an outfall's type; a dash where there is none."""
    known = outfall_types().get(kind)
    return str(known.label) if known else "—"


def draw_columns() -> list[dict[str, Any]]:
    """Return the columns of `draw_cells`."""
    return [
        {"label": _("抽查")},
        {"label": _("状态")},
        {"label": _("名单数"), "numeric": True},
        {"label": _("应抽"), "numeric": True},
        {"label": _("冻结时间")},
        {"label": _("公开随机数")},
    ]


def draw_cells(draw: Draw) -> list[dict[str, Any]]:
    """Return the cells of a draw."""
    return [
        {"text": draw.code, "url": reverse("inspections:draw", args=[draw.pk])},
        {"state": draw.step.tone, "label": draw.step.label},
        {"number": len(draw.listed)},
        {"number": draw.count},
        {"moment": draw.committed_at},
        {"text": draw.public_random or draw.random_source},
    ]


def duty_columns() -> list[dict[str, Any]]:
    """Return the columns of `duty_cells`."""
    return [
        {"label": _("类别"), "long": True},
        {"label": _("名单数"), "numeric": True},
        {"label": _("应完成"), "numeric": True},
        {"label": _("已完成"), "numeric": True},
        {"label": _("尚缺"), "numeric": True},
        {"label": _("结论")},
        {"label": _("缺什么"), "long": True},
    ]


def duty_cells(found: Fulfilment, *, drawn: bool = True) -> list[dict[str, Any]]:
    """Return the cells of a duty's count in one class; `drawn` tells whether its draw was carried out."""
    nothing = _("无应查对象") if not found.listed else _("没有抽中") if drawn else _("尚未抽取")
    states = {True: ("good", _("已完成")), False: ("warn", _("未完成")), None: ("idle", nothing)}
    tone, label = states[found.fulfilled]
    return [
        {"text": str(class_label(found.group)) if found.group else _("合计")},
        {"number": found.listed},
        {"number": found.wanted},
        {"number": found.done},
        {"number": found.lacking},
        {"state": tone, "label": label},
        {"text": lacking(found) or "—"},
    ]


def lacking(found: Fulfilment) -> str:
    """Return what lacks, by name."""
    parts = []
    if found.short:
        parts.append(_("尚未抽取 %(count)s 个") % {"count": found.short})
    if found.unvisited:
        parts.append(_("未检查：%(codes)s") % {"codes": _some(found.unvisited)})
    if found.unsampled:
        parts.append(_("未采样：%(codes)s") % {"codes": _some(found.unsampled)})
    return "；".join(parts)


def _some(codes: Sequence[str]) -> str:
    shown = "、".join(codes[:_NAMED_AT_MOST])
    more = len(codes) - _NAMED_AT_MOST
    return _("%(codes)s 等 %(count)s 个") % {"codes": shown, "count": len(codes)} if more > 0 else shown


def named_columns() -> list[dict[str, Any]]:
    """Return the columns of `named_cells`."""
    return [
        {"label": _("顺序")},
        {"label": _("编码")},
        {"label": _("名称"), "long": True},
        {"label": _("类型")},
        {"label": _("来源")},
        {"label": _("检查人员")},
        {"label": _("检查")},
    ]


def named_cells(entry: DrawnOutfall, people: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the cells of an outfall that a draw named."""
    note = _("已由下一顺位替补：%(why)s") % {"why": entry.gone_why} if entry.gone else ""
    if entry.steps_in_for is not None:
        note = _("替补 %(code)s") % {"code": entry.steps_in_for.code}
    return [
        {"number": entry.position},
        {"technical": entry.code},
        {"text": entry.name, "note": note},
        {"text": kind_name(entry.kind)},
        {"text": str(ROLES[entry.role])},
        {"text": "、".join(people.get(code, code) for code in entry.inspectors)},
        _visit(entry),
    ]


def _visit(entry: DrawnOutfall) -> dict[str, Any]:
    done = list(entry.inspections.all())
    if entry.gone:
        return {"state": "idle", "label": _("已替补")}
    if not done:
        address = reverse("inspections:new") + f"?named={entry.pk}"
        return {"text": _("填报检查"), "url": address}
    last = max(done, key=lambda one: one.made_at)
    return {
        "text": f"{last.made_at:%Y-%m-%d} {verdict(last)}",
        "url": reverse("inspections:one", args=[last.pk]),
    }


def verdict(record: Inspection) -> str:
    """Return whether an inspection was passed, in a word."""
    return _("合格") if record.passed else _("不合格")


def watch_columns(day: str) -> list[dict[str, Any]]:
    """Return the columns of `watch_rows`."""
    return [
        {"label": _("编码")},
        {"label": _("名称"), "long": True},
        {"label": _("类型")},
        {"label": _("责任主体"), "long": True},
        {"label": _("本半年")},
        {"label": day},
    ]


def watch_rows(watch: Watch, page: Iterable[tuple[Any, str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a duty by name."""
    rows = []
    for outfall, state, day in page:
        tone, label = _STATES[state]
        rows.append(
            {
                "cells": [
                    {"technical": outfall.code},
                    {"text": outfall.name},
                    {"text": kind_name(outfall.kind)},
                    {"text": outfall.responsible_name or "—"},
                    {"state": tone, "label": label},
                    {"day": day},
                ]
            }
        )
    return rows


def inspection_columns() -> list[dict[str, Any]]:
    """Return the columns of `inspection_cells`."""
    return [
        {"label": _("检查时间")},
        {"label": _("排污口"), "long": True},
        {"label": _("目的")},
        {"label": _("结论")},
        {"label": _("检查人员")},
        {"label": _("样品")},
    ]


def inspection_cells(record: Inspection) -> list[dict[str, Any]]:
    """Return the cells of an inspection."""
    return [
        {"text": f"{record.made_at:%Y-%m-%d %H:%M}", "url": reverse("inspections:one", args=[record.pk])},
        {"text": record.outfall.name, "note": record.outfall.code},
        {"text": str(norms.purposes()[record.purpose])},
        {"state": "good" if record.passed else "bad", "label": verdict(record)},
        {"text": "、".join(one["name"] for one in record.inspectors)},
        {"text": record.sample or record.no_sample_why or "—"},
    ]
