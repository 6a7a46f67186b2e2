"""A point of a lake or reservoir (湖库点位): the lake that its points make up, and its trophic state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from bishui.assessment import LakeStatus, assess, lake_status
from bishui.i18n import Text
from bishui.server.sites import choosing
from bishui.server.sites.kinds.entries import classed
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import (
    Cell,
    Panel,
    Table,
    count_cell,
    fact,
    method_of,
    names_text,
    not_assessed,
    value_text,
)
from bishui.server.sites.models import Site
from bishui.standards import WaterType, any_item, trophic_rules, water_class

_KEY = "lake"


def compute(look: Look) -> dict[str, Any] | None:
    """Assess the lake in the period from all its points in the city."""
    if not look.site.water:
        return None
    points = Site.objects.filter(
        division__startswith=look.city.division, kind="lake_point", water=look.site.water
    )
    by_id = {str(point.pk): point for point in points}
    rows = look.rows(look.period, by_id)
    here = look.sites.filter(pc.is_in(look.sites["id"], value_set=pa.array(sorted(by_id))))
    found = assess(rows, here, None, look.flags, period=look.period, override=look.override)
    roles = {key: point.lake_position for key, point in by_id.items()}
    status = lake_status(
        look.site.water, found, roles=roles, water_type=_type(look.site), override=look.override
    )
    return _status(status, {key: point.name for key, point in by_id.items()})


def _type(site: Site) -> WaterType | None:
    return WaterType(site.water_type) if site.water_type else None


def _status(status: LakeStatus, names: Mapping[str, str]) -> dict[str, Any]:
    pooled = status.pooled
    form = status.as_dict()
    kept = ("class", "reason", "trophic", "trophic_missing", "separate", "left_out", "not_evaluated")
    return {
        **{name: form[name] for name in kept},
        "names": dict(names),
        "points": [
            {"site": point.site, "class": point.rank, "deciding": list(point.deciding)}
            for point in status.points
        ],
        "deciding": list(pooled.deciding) if pooled else [],
        "items": classed(pooled.items.values()) if pooled else [],
        "places": {key: len(sites) for key, sites in pooled.places.items()} if pooled else {},
        "standard": pooled.standard if pooled else "",
    }


def panel(look: Look, found: Mapping[str, Any] | None) -> Panel:
    """Put the lake's answer in words."""
    title = _("湖库评价")
    if found is None:
        return not_assessed(title, _("未登记所在水体"))
    facts: list[Cell] = [
        fact(f"{look.site.water} {choosing.period_name(look.period)}", _class_cell(found)),
        fact(_("营养状态"), _trophic_cell(found)),
        fact(_("参加统计的点位"), _points_cell(found)),
    ]
    for key, rank in found["separate"].items():
        facts.append(fact(_("%(item)s（单独评价）") % {"item": any_item(key).name}, {"klass": rank}))
    tables = [Table(_("各点位"), _point_columns(), _point_rows(look, found))]
    if found["trophic"]:
        rows = [_index_row(found, key) for key in trophic_rules().items]
        tables.append(Table(_("营养状态指数的分项"), _index_columns(), rows))
    if found["items"]:
        rows = [_item_row(found, entry) for entry in found["items"]]
        tables.append(Table(_("全湖均值"), _item_columns(), rows))
    notices = []
    if found["trophic"] and not found["trophic"]["official"]:
        notices.append(
            {
                "tone": "warn",
                "text": _("缺少%(items)s，指数按已有项目重新分配权重，仅供参考。")
                % {"items": names_text(found["trophic_missing"])},
            }
        )
    return Panel(title, facts, tables, notices, method_of(look.rules(_KEY), found["standard"]))


def _class_cell(found: Mapping[str, Any]) -> Cell:
    decided = names_text(found["deciding"]) if found["deciding"] else ""
    note = _("定类项目：%(items)s") % {"items": decided} if decided else ""
    return {"klass": found["class"], "reason": found["reason"] or "no_data", "note": note}


def _trophic_cell(found: Mapping[str, Any]) -> Cell:
    state = found["trophic"]
    if state is None:
        return {
            "text": _("无数据"),
            "note": _("缺少%(items)s") % {"items": names_text(found["trophic_missing"])},
        }
    return {"text": f"{Text(state['grade'])} TLI(Σ) {state['index']}"}


def _points_cell(found: Mapping[str, Any]) -> Cell:
    count, without = len(found["points"]), len(found["not_evaluated"])
    inflow = len(found["left_out"])
    note = _("入湖点位 %(count)s 个不参加统计") % {"count": inflow} if inflow else ""
    return {"k": count, "n": count + without, "missing": without, "note": note}


def _point_columns() -> list[Cell]:
    return [
        {"label": _("点位")},
        {"label": _("水质类别")},
        {"label": _("定类项目或不参加的原因"), "long": True},
    ]


def _point_rows(look: Look, found: Mapping[str, Any]) -> list[Cell]:
    names = found["names"]
    rows = [
        _point_row(
            look,
            names,
            entry["site"],
            {"klass": entry["class"], "reason": "no_data"},
            names_text(entry["deciding"]),
        )
        for entry in found["points"]
    ]
    rows += [
        _point_row(look, names, site, {"text": _("不参加统计")}, _("入湖口")) for site in found["left_out"]
    ]
    return rows + [
        _point_row(look, names, site, {"klass": None, "reason": reason}, "—")
        for site, reason in found["not_evaluated"].items()
    ]


def _point_row(look: Look, names: Mapping[str, str], site: str, cell: Cell, text: str) -> Cell:
    url = f"../{site}/?period={look.period.label}"
    return {"cells": [{"text": names[site], "url": url}, cell, {"text": text}]}


def _index_columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("全湖均值"), "numeric": True},
        {"label": _("分项指数"), "numeric": True},
    ]


def _index_row(found: Mapping[str, Any], key: str) -> Cell:
    values = {entry["item"]: entry["value"] for entry in found["items"]}
    index = found["trophic"]["items"].get(key)
    return {
        "cells": [
            {"text": any_item(key).name},
            {"text": value_text(values.get(key), key)},
            {"text": f"{index:.1f}" if index is not None else _("无数据")},
        ]
    }


def _item_columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("全湖均值"), "numeric": True},
        {"label": _("类别")},
        {"label": _("点位"), "numeric": True},
        {"label": _("有效数据")},
    ]


def _item_row(found: Mapping[str, Any], entry: Mapping[str, Any]) -> Cell:
    klass = {"klass": entry["class"], "note": ""} if entry["class"] else {"text": "—"}
    if entry["item"] in found["deciding"]:
        klass["note"] = _("定类：%(label)s") % {"label": water_class(entry["class"]).label}
    return {
        "cells": [
            {"text": any_item(entry["item"]).name},
            {"text": value_text(entry["value"], entry["item"])},
            klass,
            {"number": found["places"].get(entry["item"], 0)},
            count_cell(entry["counts"]),
        ]
    }
