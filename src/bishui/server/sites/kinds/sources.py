"""A drinking-water source (集中式饮用水水源): verdicts by month, total nitrogen, count and volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bishui.assessment import (
    LeftOut,
    Period,
    PeriodKind,
    PointResult,
    SourceKind,
    SourceResult,
    WaterSource,
    Withdrawal,
    assess_sources,
    mean_text,
    periods_between,
    volume_rate,
)
from bishui.server.sites import bounds, choosing
from bishui.server.sites.kinds.entries import classed, unclassed
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import (
    Cell,
    Panel,
    Table,
    count_cell,
    fact,
    item_cell,
    method_of,
    not_assessed,
    rate_cell,
    reasons_text,
    shortened,
    value_text,
    verdict_cell,
)
from bishui.server.sites.models import Site
from bishui.standards import LimitRow, any_item, edition_on, limits

_KEY = "drinking_water"
_STANDARDS = {SourceKind.SURFACE: "gb3838", SourceKind.GROUND: "gb14848"}


def compute(look: Look) -> dict[str, Any] | None:
    """Assess the source month by month from January to the last month of the period."""
    site = look.site
    if site.source_water not in set(SourceKind):
        return None
    source = WaterSource(
        look.id,
        site.name,
        (look.id,),
        SourceKind(site.source_water),
        site.source_level or None,
        site.division,
    )
    months = periods_between(PeriodKind.MONTH, look.year.start, look.year.end)
    states = [(entry.since or date.min, entry.state) for entry in site.use_states.all()]
    taken = [_withdrawal(site, states, month) for month in months]
    found = assess_sources(
        look.rows(look.year),
        look.sites,
        [source],
        look.year,
        withdrawals=taken,
        flags=look.flags,
        chosen=look.rules(_KEY),
        override=look.own,
    )
    (result,) = found.results
    volumes = {entry.month: entry.volume for entry in taken}
    by_volume = volume_rate(
        [(point.attained, volumes.get(point.period, result.volume)) for point in result.points],
        decimals=found.rules["percent_decimals"],
    )
    return {
        **_source(result, choosing.month_of(look.period)),
        "by_volume": by_volume.as_dict(),
        "unit": found.rules["volume_unit"],
        "idle": [entry.month.label for entry in taken if not entry.in_use],
    }


def _source(result: SourceResult, month: Period) -> dict[str, Any]:
    shown = next((point for point in result.points if point.period == month), None)
    shown = shown or (result.points[-1] if result.points else None)
    left_out = [point.left_out.value for point in result.points if point.left_out]
    return {
        "attained": result.attained,
        "left_out": result.left_out.value if result.left_out else None,
        "months": {
            "met": str(sum(point.attained is True for point in result.points)),
            "evaluated": str(result.months),
            "left_out": {reason: left_out.count(reason) for reason in sorted(set(left_out))},
            "percent": None,
        },
        "points": [_point(point) for point in result.points],
        "items": [*classed(shown.items.values()), *unclassed(shown.specific_items.values())] if shown else [],
        "items_of": shown.period.label if shown else None,
        "standard": shown.standard if shown else "",
    }


def _point(point: PointResult) -> dict[str, Any]:
    return {
        "period": point.period.label,
        "attained": point.attained,
        "left_out": point.left_out.value if point.left_out else None,
        "class": point.rank,
        "tn": point.beside.get("tn"),
        "measured": sum(item.mean is not None for item in point.items.values()) + len(point.specific_items),
        "failing": [{**entry.as_dict(), "value": mean_text(entry.value)} for entry in point.failing],
    }


def _withdrawal(site: Site, states: Sequence[tuple[date, str]], month: Period) -> Withdrawal:
    """Return whether the source was in use in a month, and its registered daily volume on those days."""
    first, last = month.start.date(), month.last_day
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    used = sum(_in_use(states, day) for day in days)
    daily: Decimal | None = site.daily_volume
    return Withdrawal(str(site.pk), month, None if daily is None else daily * used, in_use=used > 0)


def _in_use(states: Sequence[tuple[date, str]], day: date) -> bool:
    """Tell whether a source was in use on a day; without a registered state it counts as used."""
    if not states:
        return True
    before = [state for since, state in states if since <= day]
    return bool(before) and before[-1] == "in_use"


def panel(look: Look, found: Mapping[str, Any] | None) -> Panel:
    """Put the source's answer in words."""
    title = _("水源达标情况")
    if found is None:
        return not_assessed(title, _("未登记地表水或地下水"))
    chosen = next((point for point in found["points"] if point["period"] == look.period.label), found)
    name = choosing.period_name(look.period)
    absence = look.absence(look.period)
    facts: list[Cell] = [fact(name, verdict_cell(chosen["attained"], chosen["left_out"], absence))]
    facts.append(fact(_("达标月数"), rate_cell(found["months"])))
    facts.append(fact(_("水量达标率"), _volume_cell(found)))
    if found["idle"]:
        facts.append(fact(_("不在用的月份（不计）"), {"text": _("、").join(found["idle"])}))
    tables = [
        Table(_("逐月达标情况"), _month_columns(), [_month_row(look, entry) for entry in found["points"]])
    ]
    if found["items"]:
        month = Period.parse(found["items_of"])
        failing = next(entry["failing"] for entry in found["points"] if entry["period"] == month.label)
        over = {entry["item"]: entry["multiple"] or _("超标") for entry in failing}
        rows = [_item_row(look, entry, month, over) for entry in found["items"]]
        heading = _("%(month)s逐项结果") % {"month": choosing.period_name(month)}
        tables.append(Table(heading, _item_columns(), rows))
    first = [entry["item"] for point in found["points"] for entry in point["failing"]]
    lines = _lines(look)
    return Panel(
        title, facts, tables, method=method_of(look.rules(_KEY), found["standard"]), lines=lines, first=first
    )


def _limits(look: Look, key: str, on: date) -> tuple[LimitRow, ...]:
    """Return the limits that an item of the source must keep: of class Ⅲ, and those of tables 2 and 3."""
    used = look.rules(_KEY)
    standard = _STANDARDS[SourceKind(look.site.source_water)]
    if standard == "gb3838" and key in used["items_not_evaluated"]:
        return ()
    bands = edition_on(standard, on).bands.values()
    band = next(band.id for band in bands if band.rank == used["required_class"])
    water_type = look.site.water_type or None
    return limits(key, standard=standard, on=on, override=look.override, band=band, water_type=water_type)


def _lines(look: Look) -> bounds.Bounds:
    """Return the limits that judge the source, as lines."""
    on = look.period.last_day
    return lambda key: bounds.of_rows(_limits(look, key, on), on)


def _volume_cell(found: Mapping[str, Any]) -> Cell:
    rate = found["by_volume"]
    if rate["percent"] is None:
        return {"text": "—", "note": reasons_text(rate["left_out"])}
    return {
        "text": f"{rate['percent']} %",
        "note": _("达标 %(met)s，评价 %(all)s %(unit)s，按登记的日取水量与在用天数计")
        % {"met": shortened(rate["met"]), "all": shortened(rate["evaluated"]), "unit": found["unit"]},
    }


def _month_columns() -> list[Cell]:
    return [
        {"label": _("月份")},
        {"label": _("达标情况")},
        {"label": _("水质类别")},
        {"label": _("超标项目"), "long": True},
        {"label": _("总氮（单独评价）")},
        {"label": _("有数据的项目"), "numeric": True},
    ]


def _month_row(look: Look, point: Mapping[str, Any]) -> Cell:
    failing = [_failing(entry) for entry in point["failing"]]
    absence = look.absence(Period.parse(point["period"]))
    reason = absence if point["left_out"] == LeftOut.NO_DATA else point["left_out"] or absence
    return {
        "cells": [
            {"text": point["period"], "url": f"?period={point['period']}"},
            verdict_cell(point["attained"], point["left_out"], absence),
            {"klass": point["class"], "reason": reason},
            {"text": _("；").join(failing) or "—"},
            {"klass": point["tn"], "reason": "no_data"},
            {"number": point["measured"]},
        ]
    }


def _failing(entry: Mapping[str, Any]) -> str:
    text = f"{any_item(entry['item']).name} {value_text(entry['value'], entry['item'])}"
    if entry["multiple"] is not None:
        text += _("，超标 %(multiple)s 倍") % {"multiple": entry["multiple"]}
    return f"{text} {entry['clause']}".strip()


def _item_columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("评价值"), "numeric": True},
        {"label": _("限值"), "numeric": True},
        {"label": _("类别")},
        {"label": _("超标倍数"), "numeric": True},
        {"label": _("有效数据")},
    ]


def _item_row(look: Look, entry: Mapping[str, Any], month: Period, over: Mapping[str, str]) -> Cell:
    key = entry["item"]
    rows = _limits(look, key, month.last_day)
    klass = {"klass": entry["class"]} if entry["class"] else {"text": _("按限值评价")}
    return {
        "cells": [
            item_cell(look.site.pk, key, month.label, rows[0].clause if rows else ""),
            {"text": value_text(entry["value"], key)},
            {"text": _("；").join(dict.fromkeys(row.shown for row in rows)) or "—"},
            klass,
            {"text": over.get(key, "—")},
            count_cell(entry["counts"]),
        ]
    }
