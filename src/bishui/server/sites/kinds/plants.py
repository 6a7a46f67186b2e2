"""A sewage works (污水处理厂), its inlet or its outlet: load rate, inlet strength, effluent by its grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bishui.assessment import (
    InletStrength,
    effluent,
    inlet_strength,
    load_rates,
    mean_text,
)
from bishui.server.sites import bounds, choosing, queries
from bishui.server.sites.kinds import effluent_items, works_months
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import (
    Cell,
    Panel,
    Table,
    fact,
    in_words,
    item_cell,
    method_of,
    not_assessed,
    rate_cell,
    value_text,
)
from bishui.server.sites.kinds.works import (
    FLOW,
    SECONDS_PER_DAY,
    Works,
    not_due,
    volumes_of,
    without_not_due,
    works_of,
)
from bishui.server.sites.models import Site
from bishui.standards import any_item, edition_on

_KEY = "plant"
_STANDARD = "gb18918"
_STRENGTHS = ("bod5", "cod")


def compute(look: Look) -> dict[str, Any] | None:
    """Assess what the site can show of its works in the period."""
    works = works_of(look.site)
    if works is None:
        return None
    kind = look.site.kind
    volumes, measured_at = volumes_of(look, works, look.period)
    found: dict[str, Any] = {
        "works": works.record.name,
        "works_id": str(works.record.pk),
        "metered": measured_at,
        "not_due": not_due(look, look.period),
        "points": [_point(point) for point in queries.points_of(works.record) if point.pk != look.site.pk],
    }
    if kind == "sewage_plant":
        found["months"] = works_months.compute(look, works, _KEY)
    if works.record.capacity:
        rates = load_rates([works.plant], volumes, look.period, chosen=look.rules(_KEY))
        found["load"] = rates.plants[0].as_dict()
    if kind != "plant_outlet" and works.inlet is not None:
        rows = look.rows(look.period, [str(works.inlet.pk)])
        found["inlet"] = str(works.inlet.pk)
        found["strength"] = [
            _strength(
                inlet_strength(
                    [works.plant],
                    volumes,
                    rows,
                    look.period,
                    key,
                    flags=look.flags,
                    chosen=look.rules(_KEY),
                    override=look.own,
                ),
                works.plant.id,
            )
            for key in _STRENGTHS
        ]
    if kind != "plant_inlet" and works.outlet is not None:
        found["outlet"] = str(works.outlet.pk)
        found["effluent"] = _effluent(look, works)
    return found


def _point(site: Site) -> dict[str, str]:
    return {"id": str(site.pk), "name": site.name, "kind": site.kind}


def _strength(found: InletStrength, plant: str) -> dict[str, Any]:
    result = found.result
    return {
        "item": found.item,
        "value": None if result.value is None else mean_text(result.value),
        "days": found.days[plant],
        "missing": found.missing_days[plant],
        "enough": found.enough,
    }


def _effluent(look: Look, works: Works) -> dict[str, Any]:
    assert works.outlet is not None
    # The inlet tells the influent, which decides the limits of grade 3.
    sites = [str(site.pk) for site in (works.outlet, works.inlet) if site is not None]
    rows = look.rows(look.period, sites)
    found = effluent(
        works.plant, rows, look.period, flags=look.flags, chosen=look.rules(_KEY), override=look.own
    )
    return {
        "grade": works.record.discharge_grade or None,
        "rate": without_not_due(found.rate.as_dict(), not_due(look, look.period)),
        "note": found.note.both(),
        "items": effluent_items.summaries(found.items),
    }


def panel(look: Look, found: Mapping[str, Any] | None) -> Panel:
    """Put the works' answer in words."""
    name = choosing.period_name(look.period)
    title = _("%(period)s污水处理情况") % {"period": name}
    if found is None:
        return not_assessed(title, _("未登记所属污水处理厂"))
    facts: list[Cell] = []
    if found["works_id"] != look.id:
        url = f"../{found['works_id']}/?period={look.period.label}"
        facts.append(fact(_("所属污水处理厂"), {"text": found["works"], "url": url}))
    facts += [_point_fact(look, point) for point in found["points"]]
    facts.append(fact(_("运行负荷率"), _load_cell(found)))
    tables, notices, first = [], [], list[str]()
    if "strength" in found:
        rows = [_strength_row(look, found, entry) for entry in found["strength"]]
        tables.append(Table(_("进水浓度（按水量加权）"), _strength_columns(), rows))
    if "effluent" in found:
        result = found["effluent"]
        facts.append(fact(_("出水达标天数"), rate_cell(result["rate"])))
        heading = _("出水逐项结果（%(grade)s）") % {"grade": _grade(result["grade"])}
        empty = _("本时段没有出水监测数据。")
        items = result["items"]
        tables.append(effluent_items.table(heading, found["outlet"], look.period.label, items, empty))
        notices.append({"tone": "info", "text": in_words(result["note"])})
        first = effluent_items.worst_first(items)
    if "months" in found:
        tables.append(works_months.table(found["months"]))
    edition = edition_on(_STANDARD, look.period.last_day).edition
    return Panel(title, facts, tables, notices, method_of(look.rules(_KEY), edition), lines(look), first)


def _point_fact(look: Look, point: Mapping[str, str]) -> Cell:
    """Return the way to an inlet or outlet of the works."""
    names = {"plant_inlet": _("进水口"), "plant_outlet": _("出水口")}
    url = f"../{point['id']}/?period={look.period.label}"
    return fact(names[point["kind"]], {"text": point["name"], "url": url})


def lines(look: Look) -> bounds.Bounds:
    """Return the limits of the effluent by the grade of the works, and the flow that it was built for."""
    works = works_of(look.site)
    if works is None:
        return bounds.none_of
    capacity = works.plant.capacity / SECONDS_PER_DAY
    designed = [bounds.Bound(round(capacity, 3), _("设计规模"))] if capacity else []
    known = {"band": works.plant.grade, "built": works.plant.built}

    def of(key: str) -> Sequence[bounds.Bound]:
        if key == FLOW:
            return designed
        if look.site.kind != "plant_outlet" or works.plant.grade is None:
            return ()
        return bounds.of_standard(_STANDARD, key, look.period.last_day, known, look.override)

    return of


def _grade(grade: str | None) -> str:
    names = {"1A": _("一级A"), "1B": _("一级B"), "1": _("一级"), "2": _("二级"), "3": _("三级")}
    return names.get(grade or "", _("未登记排放等级"))


def _load_cell(found: Mapping[str, Any]) -> Cell:
    load = found.get("load")
    if load is None:
        return {"text": "—", "note": _("未登记设计规模")}
    if load["percent"] is None:
        return {
            "text": _("无数据"),
            "note": _("没有流量数据，缺 %(count)s 天") % {"count": _missing(found, load["missing_days"])},
        }
    note = _("%(days)s 天有水量，缺 %(missing)s 天；水量按%(place)s的日均流量计") % {
        "days": load["days"],
        "missing": _missing(found, load["missing_days"]),
        "place": found["metered"],
    }
    return {"text": f"{load['percent']} %", "note": note}


def _missing(found: Mapping[str, Any], days: int) -> int:
    """Return how many of the days without data were due."""
    return max(0, days - int(found["not_due"]))


def _strength_columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("进水浓度"), "numeric": True},
        {"label": _("水量与浓度齐全的天数")},
        {"label": _("说明")},
    ]


def _strength_row(look: Look, found: Mapping[str, Any], entry: Mapping[str, Any]) -> Cell:
    missing = _missing(found, entry["missing"])
    key = entry["item"]
    name: Cell = {"text": any_item(key).name}
    if entry["days"]:
        name = item_cell(found["inlet"], key, look.period.label)
    value = None if entry["value"] is None else value_text(f"{Decimal(entry['value']):.1f}", key)
    return {
        "cells": [
            name,
            {"text": value or _("无数据")},
            {"k": entry["days"], "n": entry["days"] + missing, "missing": missing},
            {"text": "—" if entry["enough"] else _("天数不足，仅供参考")},
        ]
    }
