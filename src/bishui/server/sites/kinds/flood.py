"""Flood-season intensity (汛期污染强度): how many times the limit of its target a section reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pyarrow.compute as pc
from django.utils.translation import gettext as _

from bishui.assessment import Period, flood_season
from bishui.server.sites import choosing, queries
from bishui.server.sites.assessed import Results
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import Cell, Panel, Table, fact, item_cell, method_of, names_text
from bishui.server.sites.models import Site
from bishui.standards import Rules, any_item

_FORM = "1"
_KEY = "flood_season"


def flood_of(site: Site, results: Results, period: Period) -> Panel | None:
    """Return the intensity of the year's flood season up to the period's end.

    None where the rules name no season for the basin, it has not begun, or the section has no target.
    """
    so_far = choosing.year_to_date(period)
    look = Look(results.workspace, site, so_far)
    used = look.rules(_KEY)
    if not _has_begun(site.basin, so_far, used):
        return None
    name = f"flood {_FORM} {site.pk} {so_far.label} {used.version}"
    found = results.kept(name, lambda: _compute(look, results, used))
    return _panel(look, found, used) if found else None


def _has_begun(basin: str, so_far: Period, used: Rules) -> bool:
    first = next((first for name, first, _last in used["seasons"] if name == basin), None)
    return first is not None and date.fromisoformat(f"{so_far.end.year:04}-{first}") <= so_far.last_day


def _compute(look: Look, results: Results, used: Rules) -> dict[str, Any] | None:
    targets = queries.targets_table(look.city.division)
    own = targets.filter(pc.equal(targets["site"], look.id))
    if not own.num_rows:
        return None
    found = flood_season(
        results.site_rows(look.id, look.period.start, look.period.end),
        own,
        year=look.period.end.year,
        basin=look.site.basin,
        sites=look.sites.filter(pc.equal(look.sites["id"], look.id)),
        flags=look.flags,
        within=look.period,
        chosen=used,
        override=look.own,
    )
    section = next((entry for entry in found if entry.intensity is not None), None)
    return None if section is None else section.as_dict()


def _panel(look: Look, found: Mapping[str, Any], used: Rules) -> Panel:
    season = found["season"]
    span = _("%(first)s 至 %(last)s") % season
    leading = _("首要污染物 %(item)s，%(day)s") % {
        "item": any_item(found["leading"]).name,
        "day": found["at"],
    }
    facts: list[Cell] = [
        fact(_("强度（目标限值的倍数）"), {"text": found["intensity"], "note": leading}),
        fact(
            _("超过目标限值的天数"),
            {
                "k": found["exceeding"],
                "n": found["values"],
                "missing": found["missing_days"] or 0,
                "note": span,
            },
        ),
    ]
    if found["trace"]:
        said = {"state": "warn", "label": _("建议溯源"), "note": _("强度不用于对单位评分")}
        facts.append(fact(_("提示"), said))
    if found["without_limit"]:
        facts.append(fact(_("没有目标限值的项目"), {"text": names_text(found["without_limit"])}))
    rows = [_month(look, month, used) for month in found["months"]]
    return Panel(_("汛期污染强度"), facts, [Table("", _columns(), rows)], method=method_of(used))


def _columns() -> list[Cell]:
    return [
        {"label": _("月份")},
        {"label": _("首要污染物")},
        {"label": _("强度"), "numeric": True},
        {"label": _("超限天数")},
    ]


def _month(look: Look, month: Mapping[str, Any], used: Rules) -> Cell:
    step = Decimal(1).scaleb(-used["intensity_decimals"])
    intensity = None if month["intensity"] is None else Decimal(month["intensity"])
    leading = month["leading"]
    return {
        "cells": [
            {"text": month["month"], "url": f"?period={month['month']}"},
            item_cell(look.site.pk, leading, month["month"]) if leading else {"text": "—"},
            {"text": "—" if intensity is None else f"{intensity.quantize(step, ROUND_HALF_EVEN):f}"},
            {"k": month["exceeding"], "n": month["values"], "missing": 0},
        ]
    }
