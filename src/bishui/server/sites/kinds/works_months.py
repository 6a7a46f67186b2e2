"""The year of a sewage works month by month: its load, and the days on which its effluent attained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.compute as pc
from django.utils.translation import gettext as _

from bishui.assessment import Period, PeriodKind, effluent, load_rates, periods_between
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import Cell, Table, rate_cell
from bishui.server.sites.kinds.works import Works, not_due, volumes_of, without_not_due


def compute(look: Look, works: Works, key: str) -> list[dict[str, Any]]:
    """Return the load rate and the days of the effluent of each month up to that of the period.

    Parameters
    ----------
    key
        Of the rules of works.
    """
    volumes, _place = volumes_of(look, works, look.year)
    chosen = look.rules(key)
    outlet = [str(site.pk) for site in (works.outlet, works.inlet) if site is not None]
    rows = look.rows(look.year, outlet) if works.outlet else None
    found = []
    for month in periods_between(PeriodKind.MONTH, look.year.start, look.year.end):
        open_days = not_due(look, month)
        entry: dict[str, Any] = {"month": month.label, "load": None, "rate": None, "not_due": open_days}
        if works.record.capacity:
            entry["load"] = load_rates([works.plant], volumes, month, chosen=chosen).plants[0].as_dict()
        if rows is not None:
            its = rows.filter(_within(rows, month))
            judged = effluent(works.plant, its, month, flags=look.flags, chosen=chosen, override=look.own)
            entry["rate"] = without_not_due(judged.rate.as_dict(), open_days)
        found.append(entry)
    return found


def _within(rows: Any, month: Period) -> Any:
    return pc.and_(pc.greater_equal(rows["time"], month.start), pc.less_equal(rows["time"], month.end))


def table(months: Sequence[Mapping[str, Any]]) -> Table:
    """Put the months in words, the newest last."""
    columns: list[Cell] = [
        {"label": _("月份")},
        {"label": _("运行负荷率"), "numeric": True},
        {"label": _("有水量的天数")},
        {"label": _("出水达标天数")},
    ]
    return Table(_("逐月运行情况"), columns, [_row(entry) for entry in months])


def _row(entry: Mapping[str, Any]) -> Cell:
    load, rate = entry["load"], entry["rate"]
    return {
        "cells": [
            {"text": entry["month"], "url": f"?period={entry['month']}"},
            {"text": f"{load['percent']} %" if load and load["percent"] is not None else _("无数据")},
            _days(load, entry["not_due"]) if load else {"text": "—"},
            rate_cell(rate) if rate else {"text": "—"},
        ]
    }


def _days(load: Mapping[str, Any], open_days: int) -> Cell:
    missing = max(0, load["missing_days"] - open_days)
    note = _("未到期 %(count)s") % {"count": open_days} if open_days else ""
    return {"k": load["days"], "n": load["days"] + missing, "missing": missing, "note": note}
