"""A water function zone (水功能区): the year so far by annual mean and by frequency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bishui.assessment import Zone, ZoneMethod, ZoneResult, ZoneSample, assess_zones
from bishui.server.sites import bounds, choosing, queries
from bishui.server.sites.kinds.entries import classed
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import (
    Cell,
    Panel,
    Table,
    count_cell,
    fact,
    item_cell,
    method_of,
    names_text,
    rate_cell,
    value_text,
    verdict_cell,
)
from bishui.standards import Rules, surface_water

_KEY = "function_zone"


def compute(look: Look) -> dict[str, Any]:
    """Assess the zone from January to the last month of the period by both methods of SL 395-2007."""
    target, source = _target(look)
    zone = Zone(look.id, look.site.name, (look.id,), target, look.site.division)
    rows = look.rows(look.year)
    found = {}
    for method in ZoneMethod:
        used = _rules(look, method=method.value)
        given = (rows, look.sites, [zone], look.year)
        (result,) = assess_zones(*given, flags=look.flags, chosen=used, override=look.own).results
        found[method.value] = _result(result)
    return {"target": target, "target_from": source, **found}


def _rules(look: Look, **changes: Any) -> Rules:
    """Return the rules with the items that are registered for the zone."""
    if look.site.zone_items:
        changes["items"] = look.site.zone_items
    return look.rules(_KEY, **changes)


def _target(look: Look) -> tuple[int | None, str]:
    """Return the class that the zone must reach: of a plan that covers the period, else of its function."""
    day = look.year.last_day
    for row in queries.targets_table(look.city.division).to_pylist():
        inside = row["period_from"] <= day <= row["period_to"]
        if row["site"] == look.id and inside and row["target_class"]:
            return row["target_class"], "plan"
    return look.site.function_class, "function"


def _result(result: ZoneResult) -> dict[str, Any]:
    return {
        "attained": result.attained,
        "left_out": result.left_out.value if result.left_out else None,
        "class": result.rank,
        "share": result.share.as_dict() if result.share else None,
        "enough": result.enough_samples,
        "failing": list(result.failing),
        "samples": [_sample(sample) for sample in result.samples],
        "items": _items(result),
    }


def _sample(sample: ZoneSample) -> dict[str, Any]:
    form = sample.as_dict()
    return {name: form[name] for name in ("period", "class", "state", "failing", "lacking", "reason")}


def _items(result: ZoneResult) -> list[dict[str, Any]]:
    if result.method is not ZoneMethod.ANNUAL_MEAN:
        return []
    return [entry for sample in result.samples for entry in classed(sample.items.values())]


def panel(look: Look, found: Mapping[str, Any] | None) -> Panel:
    """Put the zone's answer in words."""
    assert found is not None
    used = _rules(look)
    mean, frequency = found["annual_mean"], found["frequency"]
    chosen = found[used["method"]]
    name = _("年均值法") if used["method"] == ZoneMethod.ANNUAL_MEAN else _("频次法")
    origin = _("计划目标") if found["target_from"] == "plan" else _("登记的功能类别")
    facts: list[Cell] = [
        fact(
            choosing.period_name(look.year),
            _with_note(verdict_cell(chosen["attained"], chosen["left_out"], look.absence(look.year)), name),
        ),
        fact(
            _("水质目标"),
            {"klass": found["target"], "note": origin} if found["target"] else {"text": _("无目标")},
        ),
    ]
    tables = [Table(_("两种评价方法"), _method_columns(), [_mean_row(mean), _frequency_row(frequency)])]
    lines = _lines(look, found)
    rows = [_item_row(look, entry, lines) for entry in mean["items"]]
    if rows:
        tables.append(Table(_("各项目年均值"), _item_columns(), rows))
    samples = [_sample_row(entry) for entry in frequency["samples"]]
    if samples:
        tables.append(Table(_("逐次监测"), _sample_columns(), samples))
    notices = []
    if not frequency["enough"]:
        least = used["least_samples"]
        notices.append(
            {"tone": "warn", "text": _("频次法全年至少需要 %(least)s 次监测，至今不足。") % {"least": least}}
        )
    edition = surface_water(look.period.last_day, look.override).edition
    return Panel(
        _("水功能区达标情况"),
        facts,
        tables,
        notices,
        method_of(used, edition),
        lines,
        chosen["failing"],
    )


def _lines(look: Look, found: Mapping[str, Any]) -> bounds.Bounds:
    """Return the limit of the class that the zone must reach, of each item that takes part."""
    target, water_type = found["target"], look.site.water_type
    taking_part = {entry["item"] for entry in found["annual_mean"]["items"]}

    def of(key: str) -> list[bounds.Bound]:
        if not (target and water_type and key in taking_part):
            return []
        return bounds.of_surface(key, target, water_type, look.period.last_day, look.override)

    return of


def _with_note(cell: Cell, name: str) -> Cell:
    notes = [text for text in (name, cell.get("note")) if text]
    return {**cell, "note": _("；").join(notes)}


def _method_columns() -> list[Cell]:
    return [
        {"label": _("方法")},
        {"label": _("达标情况")},
        {"label": _("结果")},
        {"label": _("超标项目"), "long": True},
    ]


def _mean_row(mean: Mapping[str, Any]) -> Cell:
    return {
        "cells": [
            {"text": _("年均值法")},
            verdict_cell(mean["attained"], mean["left_out"]),
            {"klass": mean["class"], "reason": mean["left_out"] or "no_data"},
            {"text": names_text(mean["failing"])},
        ]
    }


def _frequency_row(frequency: Mapping[str, Any]) -> Cell:
    return {
        "cells": [
            {"text": _("频次法")},
            verdict_cell(frequency["attained"], frequency["left_out"]),
            rate_cell(frequency["share"]),
            {"text": names_text(frequency["failing"])},
        ]
    }


def _item_columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("均值"), "numeric": True},
        {"label": _("目标限值"), "numeric": True},
        {"label": _("类别")},
        {"label": _("有效数据")},
    ]


def _item_row(look: Look, entry: Mapping[str, Any], lines: bounds.Bounds) -> Cell:
    limits = "~".join(f"{bound.value:f}" for bound in lines(entry["item"]))
    return {
        "cells": [
            item_cell(look.site.pk, entry["item"], look.year.label),
            {"text": value_text(entry["value"], entry["item"])},
            {"text": limits or "—"},
            {"klass": entry["class"]} if entry["class"] else {"text": "—"},
            count_cell(entry["counts"]),
        ]
    }


def _sample_columns() -> list[Cell]:
    return [
        {"label": _("监测时间")},
        {"label": _("达标情况")},
        {"label": _("水质类别")},
        {"label": _("超标项目"), "long": True},
    ]


def _sample_row(entry: Mapping[str, Any]) -> Cell:
    return {
        "cells": [
            {"text": entry["period"].replace("T", " ")},
            {"state": entry["state"]},
            {"klass": entry["class"], "reason": entry["reason"] or "no_data"},
            {"text": names_text(entry["failing"])},
        ]
    }
