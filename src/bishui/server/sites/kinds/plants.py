"""A sewage works (污水处理厂), its inlet or its outlet: load rate, inlet strength, effluent by its grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bishui.assessment import (
    DayVolume,
    EffluentItem,
    InletStrength,
    LeftOut,
    PeriodKind,
    Plant,
    effluent,
    inlet_strength,
    load_rates,
    mean_text,
    site_means,
)
from bishui.server.sites import choosing, queries
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
    shortened,
    value_text,
)
from bishui.server.sites.models import Site
from bishui.standards import LimitRow, Range, any_item, edition_on, method

_KEY = "plant"
_STANDARD = "gb18918"
_FLOW = "flow"
_SECONDS_PER_DAY = 86400
#: The register gives capacities in 10⁴ m³/d.
_CAPACITY_UNIT = 10000
_STRENGTHS = ("bod5", "cod")


@dataclass(frozen=True, slots=True)
class _Works:
    """A works with the sites of its inlet and outlet."""

    record: Site
    inlet: Site | None
    outlet: Site | None

    @property
    def plant(self) -> Plant:
        """The works as the assessment takes it; a capacity that is not registered is nought and not used."""
        capacity = self.record.capacity or Decimal(0)
        return Plant(
            id=str(self.record.pk),
            name=self.record.name,
            capacity=capacity * _CAPACITY_UNIT,
            inlet=str(self.inlet.pk) if self.inlet else None,
            outlet=str(self.outlet.pk) if self.outlet else None,
            grade=self.record.discharge_grade or None,
            built=self.record.built,
            division=self.record.division,
        )

    @property
    def metered(self) -> list[Site]:
        """Where the treated volume may be measured, the first that has data counts."""
        return [site for site in (self.record, self.outlet, self.inlet) if site is not None]


def compute(look: Look) -> dict[str, Any] | None:
    """Assess what the site can show of its works in the period."""
    works = _works(look.site)
    if works is None:
        return None
    kind = look.site.kind
    volumes, measured_at = _volumes(look, works)
    found: dict[str, Any] = {
        "works": works.record.name,
        "works_id": str(works.record.pk),
        "metered": measured_at,
    }
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


def _works(site: Site) -> _Works | None:
    record = site if site.kind == "sewage_plant" else queries.plant_of(site)
    if record is None:
        return None
    root = record.division.split("/", 1)[0] + "/"
    points = Site.objects.filter(
        division__startswith=root, plant=record.code, kind__in=("plant_inlet", "plant_outlet")
    )
    # The page of one of several inlets or outlets speaks of that one.
    by_kind = {point.kind: point for point in points.order_by("-code")} | {site.kind: site}
    return _Works(record, by_kind.get("plant_inlet"), by_kind.get("plant_outlet"))


def _volumes(look: Look, works: _Works) -> tuple[list[DayVolume], str | None]:
    """Return the volume of each day from its mean flow, where it is metered, and the name of that place."""
    places = works.metered
    rows = look.rows(look.period, [str(place.pk) for place in places])
    by = method(look.period.last_day, look.override)
    means = site_means(rows, look.flags, PeriodKind.DAY, by, wanted=(_FLOW,))
    for place in places:
        here = [mean for mean in means if mean.site == str(place.pk) and mean.value is not None]
        if here:
            return [_day(works.plant.id, mean.period.start.date(), mean.value) for mean in here], place.name
    return [], None


def _day(plant: str, day: date, flow: Any) -> DayVolume:
    return DayVolume(plant, day, Decimal(mean_text(flow * _SECONDS_PER_DAY)))


def _strength(found: InletStrength, plant: str) -> dict[str, Any]:
    result = found.result
    return {
        "item": found.item,
        "value": None if result.value is None else mean_text(result.value),
        "days": found.days[plant],
        "missing": found.missing_days[plant],
        "enough": found.enough,
    }


def _effluent(look: Look, works: _Works) -> dict[str, Any]:
    assert works.outlet is not None
    rows = look.rows(look.period, [str(works.outlet.pk)])
    found = effluent(
        works.plant, rows, look.period, flags=look.flags, chosen=look.rules(_KEY), override=look.own
    )
    by_item: dict[str, list[EffluentItem]] = {}
    for item in found.items:
        by_item.setdefault(item.mean.item, []).append(item)
    return {
        "grade": works.record.discharge_grade or None,
        "rate": found.rate.as_dict(),
        "note": found.note.both(),
        "items": [_item(key, entries) for key, entries in by_item.items()],
    }


def _item(key: str, entries: Sequence[EffluentItem]) -> dict[str, Any]:
    """Return what the days of one item came to: judged, exceeded, the worst, and why some were not judged."""
    judged = [
        entry for entry in entries if entry.judgement and entry.judgement.verdict in ("meets", "exceeds")
    ]
    over = [entry for entry in judged if entry.exceeds]
    rows = [entry.judgement.row for entry in judged if entry.judgement and entry.judgement.row]
    multiples = [entry.judgement.multiple for entry in over if entry.judgement and entry.judgement.multiple]
    reasons = [entry.reason.both() for entry in entries if entry not in judged and entry.reason]
    values = [entry.mean.value for entry in entries if entry.mean.value is not None]
    return {
        "item": key,
        "days": len(entries),
        "judged": len(judged),
        "over": len(over),
        "limits": list(dict.fromkeys(_limit_text(row) for row in rows)),
        "clause": rows[-1].clause if rows else None,
        "highest": mean_text(max(values)) if values else None,
        "worst_multiple": f"{float(max(multiples)):.2f}" if multiples else None,
        "reason": reasons[0] if reasons else None,
    }


def _limit_text(row: LimitRow) -> str:
    limit = row.limit
    return f"{limit.low}~{limit.high}" if isinstance(limit, Range) else str(limit)


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
    facts.append(fact(_("运行负荷率"), _load_cell(found)))
    tables, notices, lines = [], [], dict[str, str]()
    if "strength" in found:
        rows = [_strength_row(look, found, entry) for entry in found["strength"]]
        tables.append(Table(_("进水浓度（按水量加权）"), _strength_columns(), rows))
    if "effluent" in found:
        result = found["effluent"]
        facts.append(fact(_("出水达标天数"), _days_cell(result)))
        rows = [_effluent_row(look, found, entry) for entry in result["items"]]
        heading = _("出水逐项结果（%(grade)s）") % {"grade": _grade(result["grade"])}
        tables.append(Table(heading, _effluent_columns(), rows, _("本时段没有出水监测数据。")))
        notices.append({"tone": "info", "text": in_words(result["note"])})
        lines = {
            entry["item"]: entry["limits"][-1] for entry in result["items"] if _one_number(entry["limits"])
        }
    edition = edition_on(_STANDARD, look.period.last_day).edition
    return Panel(title, facts, tables, notices, method_of(look.rules(_KEY), edition), lines)


def _days_cell(result: Mapping[str, Any]) -> Cell:
    """Return the days that attained; a day may also be open for want of what the limit depends on."""
    said = rate_cell(result["rate"])
    reasons = [in_words(entry["reason"]) for entry in result["items"] if entry["reason"]]
    unsure = result["rate"]["left_out"].get(LeftOut.CANNOT_BE_JUDGED, 0)
    if unsure and reasons:
        said["note"] = _("无法判定 %(count)s 天，原因见逐项结果") % {"count": unsure}
    return said


def _grade(grade: str | None) -> str:
    names = {"1A": _("一级A"), "1B": _("一级B"), "1": _("一级"), "2": _("二级"), "3": _("三级")}
    return names.get(grade or "", _("未登记排放等级"))


def _one_number(limits: Sequence[str]) -> bool:
    return len(limits) == 1 and limits[0].replace(".", "", 1).isdigit()


def _load_cell(found: Mapping[str, Any]) -> Cell:
    load = found.get("load")
    if load is None:
        return {"text": "—", "note": _("未登记设计规模")}
    if load["percent"] is None:
        return {
            "text": _("无数据"),
            "note": _("没有流量数据，缺 %(count)s 天") % {"count": load["missing_days"]},
        }
    note = _("%(days)s 天有水量，缺 %(missing)s 天；水量按%(place)s的日均流量计") % {
        "days": load["days"],
        "missing": load["missing_days"],
        "place": found["metered"],
    }
    return {"text": f"{load['percent']} %", "note": note}


def _strength_columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("进水浓度"), "numeric": True},
        {"label": _("水量与浓度齐全的天数")},
        {"label": _("说明")},
    ]


def _strength_row(look: Look, found: Mapping[str, Any], entry: Mapping[str, Any]) -> Cell:
    length = entry["days"] + entry["missing"]
    key = entry["item"]
    name: Cell = {"text": any_item(key).name}
    if entry["days"]:
        name = item_cell(found["inlet"], key, look.period.label)
    value = None if entry["value"] is None else value_text(f"{Decimal(entry['value']):.1f}", key)
    return {
        "cells": [
            name,
            {"text": value or _("无数据")},
            {"k": entry["days"], "n": length, "missing": entry["missing"]},
            {"text": "—" if entry["enough"] else _("天数不足，仅供参考")},
        ]
    }


def _effluent_columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("限值"), "numeric": True},
        {"label": _("日均最大值"), "numeric": True},
        {"label": _("达标天数")},
        {"label": _("最大超标倍数"), "numeric": True},
        {"label": _("说明"), "long": True},
    ]


def _effluent_row(look: Look, found: Mapping[str, Any], entry: Mapping[str, Any]) -> Cell:
    judged = entry["judged"]
    return {
        "cells": [
            item_cell(found["outlet"], entry["item"], look.period.label, entry["clause"] or ""),
            {
                "text": _("；").join(
                    shortened(limit) if _one_number([limit]) else limit for limit in entry["limits"]
                )
                or "—"
            },
            {"text": value_text(entry["highest"], entry["item"])},
            {"k": judged - entry["over"], "n": judged, "missing": entry["days"] - judged},
            {"text": entry["worst_multiple"] or "—"},
            {"text": in_words(entry["reason"]) if entry["reason"] else "—"},
        ]
    }
