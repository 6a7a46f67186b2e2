"""A groundwater well (地下水井): its class and the items that decide it (GB/T 14848)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bishui.assessment import GroundwaterItem, groundwater_classes
from bishui.server.sites import bounds, choosing
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
    value_text,
)
from bishui.standards import edition_on

_KEY = "groundwater"
_STANDARD = "gb14848"
#: Worse than this class is told as exceeding.
_GOOD = 3


def compute(look: Look) -> dict[str, Any]:
    """Class the well in the period."""
    found = groundwater_classes(
        look.rows(look.period),
        look.period,
        sites=(look.id,),
        flags=look.flags,
        chosen=look.rules(_KEY),
        override=look.own,
    )
    if not found:
        return {"class": None, "reason": "no_data", "deciding": [], "exceeding": [], "items": []}
    (well,) = found
    form = well.as_dict()
    kept = ("class", "reason", "deciding", "exceeding")
    return {
        **{name: form[name] for name in kept},
        "items": [_item(item) for item in well.items.values()],
    }


def _item(item: GroundwaterItem) -> dict[str, Any]:
    form = item.as_dict()
    row = item.judgement.row
    kept = ("item", "value", "verdict", "clause", "multiple", "counts")
    limit = row.shown if row else None
    return {**{name: form[name] for name in kept}, "class": item.grading.rank, "limit": limit}


def panel(look: Look, found: Mapping[str, Any] | None) -> Panel:
    """Put the well's answer in words."""
    assert found is not None
    wanted: int | None = look.site.function_class
    rank = found["class"]
    deciding = names_text(found["deciding"])
    facts: list[Cell] = [
        fact(
            choosing.period_name(look.period),
            {
                "klass": rank,
                "reason": found["reason"] if found["items"] else look.absence(look.period),
                "note": _("定类项目：%(items)s") % {"items": deciding} if found["deciding"] else "",
            },
        ),
        fact(_("劣于Ⅲ类的项目"), {"text": names_text(found["exceeding"])}),
    ]
    if wanted:
        state = "not_judged" if rank is None else "attained" if rank <= wanted else "not_attained"
        facts.insert(1, fact(_("与功能类别相比"), {"state": state}))
    rows = [_item_row(look, entry) for entry in found["items"]]
    tables = [Table(_("逐项结果"), _columns(), rows, _("本时段没有 GB/T 14848 所列项目的数据。"))]
    first = [*found["exceeding"], *found["deciding"]]
    edition = edition_on(_STANDARD, look.period.last_day).edition
    return Panel(
        _("地下水质量"),
        facts,
        tables,
        method=method_of(look.rules(_KEY), edition),
        lines=_lines(look),
        first=first,
    )


def _lines(look: Look) -> bounds.Bounds:
    """Return the classes as lines; the one of the function decides, without it Ⅲ."""
    required, on = look.site.function_class or _GOOD, look.period.last_day
    return lambda key: bounds.of_classes(_STANDARD, key, on, required, look.override)


def _columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("均值"), "numeric": True},
        {"label": _("Ⅲ类限值"), "numeric": True},
        {"label": _("类别")},
        {"label": _("超过Ⅲ类的倍数"), "numeric": True},
        {"label": _("有效数据")},
    ]


def _item_row(look: Look, entry: Mapping[str, Any]) -> Cell:
    words = {"exceeds": _("超过"), "cannot_be_judged": _("检出限高于限值，无法判定")}
    return {
        "cells": [
            item_cell(look.site.pk, entry["item"], look.period.label, entry["clause"] or ""),
            {"text": value_text(entry["value"], entry["item"])},
            {"text": entry["limit"] or "—"},
            {"klass": entry["class"], "reason": _("不定类")},
            {"text": entry["multiple"] or words.get(entry["verdict"], "—")},
            count_cell(entry["counts"]),
        ]
    }
