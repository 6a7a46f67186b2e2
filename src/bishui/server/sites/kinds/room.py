"""Room left (余量) of a section this year: by item, the mean that the remaining months may have."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from bishui.assessment import Period, RoomState, room_left
from bishui.server.sites import queries
from bishui.server.sites.assessed import Results
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import (
    Cell,
    Panel,
    Table,
    fact,
    in_words,
    item_cell,
    mean_read,
    method_of,
)
from bishui.server.sites.models import Site
from bishui.standards import items

_FORM = "2"
_KEY = "room"
_TONES = {
    RoomState.OPEN: "info",
    RoomState.CANNOT_BE_MET: "bad",
    RoomState.CANNOT_BE_MISSED: "good",
    RoomState.CANNOT_BE_JUDGED: "idle",
    RoomState.NO_DATA: "idle",
}


def room_of(site: Site, results: Results) -> Panel | None:
    """Return the room left this year; None without a target of the year."""
    today = results.workspace.today
    look = Look(results.workspace, site, Period.year(today.year))
    found = results.kept(f"room {_FORM} {site.pk} {today}", lambda: _compute(look, results))
    return _panel(look, found) if found else None


def _compute(look: Look, results: Results) -> dict[str, Any] | None:
    targets = queries.targets_table(look.city.division)
    own = targets.filter(pc.equal(targets["site"], look.id))
    if not any(_covers(row, look.period.last_day) for row in own.to_pylist()):
        return None
    rows = results.site_rows(look.id)
    known = rows.filter(pc.is_in(rows["item"], value_set=pa.array(sorted(items()))))
    here = look.sites.filter(pc.equal(look.sites["id"], look.id))
    found = room_left(known, here, own, look.flags, on=look.city.today, override=look.override)
    section = found.of(look.id)
    if section is None:
        return None
    form = section.as_dict()
    kept = ("state", "reason", "text", "items", "chance")
    return {**{name: form[name] for name in kept}, "standard": found.standard}


def _covers(row: dict[str, Any], day: date) -> bool:
    return bool(row["period_from"] <= day <= row["period_to"])


def _panel(look: Look, found: dict[str, Any]) -> Panel:
    state = RoomState(found["state"])
    label = _("%(year)s年目标") % {"year": look.period.end.year}
    facts: list[Cell] = [
        fact(label, {"state": _TONES[state], "label": str(state.text), "note": in_words(found["text"])})
    ]
    chance = found["chance"]
    if chance:
        facts.append(fact(_("按历史数据估计的达标可能"), {"text": in_words(chance["text"])}))
    rows = [_row(look, entry) for entry in found["items"]]
    table = Table("", _columns(), rows, _("本年还没有目标所列项目的数据。"))
    return Panel(_("本年余量"), facts, [table], method=method_of(look.rules(_KEY), found["standard"]))


def _columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("目标限值"), "numeric": True},
        {"label": _("至今均值"), "numeric": True},
        {"label": _("已有月份")},
        {"label": _("余量"), "long": True},
    ]


def _row(look: Look, entry: dict[str, Any]) -> Cell:
    months = entry["months"]
    measured = len(months["measured"])
    sofar = Period.year(look.period.end.year).label
    return {
        "cells": [
            item_cell(look.site.pk, entry["item"], sofar, entry["clause"] or ""),
            {"text": entry["limit"]},
            {"text": mean_read(entry["mean"], entry["item"])},
            {"k": measured, "n": months["counted"], "missing": len(months["without_data"])},
            {"text": in_words(entry["text"])},
        ]
    }
