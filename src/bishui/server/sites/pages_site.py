"""One site: its class and why, its months and its series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.assessment import Period
from bishui.server.core import guard, registers, rights
from bishui.server.core.templatetags.words import REASONS
from bishui.server.plans import queries as plans
from bishui.server.sites import choosing, deciding, queries
from bishui.server.sites.assessed import Results
from bishui.server.sites.charting import unit_of
from bishui.server.sites.clauses import clause_text
from bishui.server.sites.counting import counts_text
from bishui.server.sites.forms import AliasForm, FlagForm, WithdrawForm
from bishui.server.sites.kinds import flood_of, panel_of, room_of
from bishui.server.sites.lines import Line, over
from bishui.server.sites.models import Site
from bishui.server.sites.sampled import Sampled, sampled_of
from bishui.server.sites.site_chart import chart_of, marks_text
from bishui.standards import items, water_class

#: Months that stand on the page at once; the older ones are unfolded.
_MONTHS_SHOWN = 24
#: Kinds whose class by the surface-water standard stands on the page; the others have methods of their own.
_BY_CLASS = ("section", "lake_point")


@guard.requires("sites.view")
def site_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show everything about one site."""
    site = choosing.site_of(request, pk)
    city = choosing.city_of(request)
    assert city is not None
    results = Results(city)
    own = sampled_of(site, results)
    period = choosing.period_of(request, results, own)
    section = results.attainment(period)["sections"].get(str(site.pk)) if period else None
    line = Line(site, section, period.label if period else "")
    flags = list(site.flags.all())
    by_class = site.kind in _BY_CLASS
    # The room left looks at the widest span: its rows are those that the chart and the rest look at again.
    room = room_of(site, results) if by_class and period else None
    flood = flood_of(site, results, period) if by_class and period else None
    panel = panel_of(site, results, period) if period else None
    chart = chart_of(site, results, period, section, panel) if period else None
    months = _month_rows(site, results.history().get(str(site.pk), []))
    context = {
        "site": site,
        "line": line,
        "by_class": by_class,
        "panel": panel,
        "room": room,
        "flood": flood,
        "section": section,
        "deciding": deciding.shown(site, queries.plant_of(site)),
        "undecided": deciding.missing(site),
        "use_states": _use_states(site),
        "facts": _facts(site, choosing.division_names(city)),
        "period": period,
        "period_name": choosing.period_name(period) if period else "",
        "filters": [
            {
                "name": "period",
                "label": _("时段"),
                "kind": "select",
                "options": choosing.period_options(results, period, own=own),
            }
        ],
        "why": _why(line),
        "target_source": _target_source(city.division, section),
        "no_target": _why_no_target(city.division, line, period),
        "item_columns": _item_columns(),
        "item_rows": _item_rows(site, section, period) if period else [],
        "month_columns": _month_columns(),
        "month_rows": months[:_MONTHS_SHOWN],
        "older_rows": months[_MONTHS_SHOWN:],
        "chart": chart,
        "chart_counts": marks_text(chart),
        "absence": _absence(period, own),
        "opened_at": "" if choosing.asked_period(request) else _opened_at(own, results),
        "published": results.published(str(site.pk), period) if period else None,
        "flags": flags,
        "aliases": list(site.aliases.all()),
        "managed_url": _managed_url(request, site),
        "last": results.coverage()["sites"].get(str(site.pk)),
        **_forms(request, site),
    }
    return render(request, "sites/site.html", context)


def _absence(period: Period | None, own: Sampled) -> dict[str, str] | None:
    """Return what is missing in a period without numbers, and the newest one that has some."""
    why = own.absence(period) if period and own.newest else ""
    if not why or period is None or own.newest is None:
        return None
    texts = {"period": choosing.period_name(period), "why": REASONS[why]}
    return {
        "text": _("%(period)s%(why)s。") % texts,
        "url": f"?period={own.newest.label}",
        "label": _("看最近有数据的%(period)s") % {"period": choosing.period_name(own.newest)},
    }


def _opened_at(own: Sampled, results: Results) -> str:
    """Say that the page opens at the newest month of the site, where the city has newer data."""
    newest = results.newest_month()
    if own.newest is None or newest is None or own.newest == newest:
        return ""
    return _("本点位最近有数据的是%(own)s，现显示该月；全市数据到%(city)s。") % {
        "own": choosing.period_name(own.newest),
        "city": choosing.period_name(newest),
    }


def _managed_url(request: HttpRequest, site: Site) -> str:
    """Return where a drinking-water source is managed: its problems, checklist, surveys and releases."""
    seen = site.kind == "drinking_water_source" and rights.allowed(request.user, "sources.view", site)
    return reverse("sources:source", args=[site.pk]) if seen else ""


def _forms(request: HttpRequest, site: Site) -> dict[str, Any]:
    """Return the forms that the user may use."""
    may_flag = rights.allowed(request.user, "observations.flag", site)
    may_edit = rights.allowed(request.user, "sites.edit", site)
    return {
        "may_flag": may_flag,
        "may_edit": may_edit,
        "may_export": rights.allowed(request.user, "observations.export", site),
        "flag_form": FlagForm() if may_flag else None,
        "withdraw_form": WithdrawForm() if may_flag else None,
        "alias_form": AliasForm(prefix="alias") if may_edit else None,
        "edit_url": reverse("core:register_edit", args=["sites", site.pk]),
    }


def _facts(site: Site, names: Mapping[str, str]) -> list[dict[str, Any]]:
    place = _("未登记")
    if site.lon is not None and site.lat is not None:
        place = f"{site.lon:f}°, {site.lat:f}°（{site.datum or _('坐标系未注明')}）"
    note = _("概略坐标，不代表确切位置") if (site.coordinate_digits or 9) <= 2 else ""
    validity = _("%(from)s 至 %(to)s") % {
        "from": site.valid_from or _("未注明"),
        "to": site.valid_to or _("今"),
    }
    described: list[dict[str, Any]] = [
        {"label": _("水体类型"), "text": site.water_type_label if site.kind in choosing.SURFACE else ""},
        {"label": _("所在水体"), "text": site.water},
        {"label": _("流域"), "text": site.basin},
        {"label": _("控制级别"), "text": site.control_label if site.control_level else ""},
    ]
    return [
        {"label": _("点位编码"), "text": site.code},
        {"label": _("类别"), "text": site.kind_label},
        *(entry for entry in described if entry["text"]),
        {"label": _("考核区划"), "text": names.get(site.division, site.division)},
        {"label": _("所在区县"), "text": names.get(site.county, "—")},
        {"label": _("坐标"), "text": place, "note": note},
        {"label": _("启用时段"), "text": validity},
        *([{"label": _("资料来源"), "text": site.note}] if site.note else []),
    ]


def _use_states(site: Site) -> list[dict[str, Any]]:
    """Return since when a source was in which state of use."""
    field = registers.load_all()["sites"].field("use_state")
    return [
        {"state": field.choice_label(entry.state), "since": entry.since} for entry in site.use_states.all()
    ]


def _why(line: Line) -> list[dict[str, str]]:
    """Return for each item that decides the class, or fails the target, what makes it so."""
    if line.section is None:
        return []
    found = []
    by_key = {item["item"]: item for item in line.section["items"]}
    wanted = dict.fromkeys([*line.section["attainment"]["failing"], *line.section["deciding"]])
    for key in wanted:
        item = by_key[key]
        found.append(
            {
                "name": items()[key].name,
                "text": over(item) if item["exceeds_target"] else _class_reason(item),
                "clause": clause_text(item["clause"]) if item["clause"] else "",
            }
        )
    return found


def _target_source(division: str, section: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return where the target stands written: the plan, the line, the address."""
    wanted = section["attainment"]["target_id"] if section else None
    return plans.target_sources(division).get(wanted) if wanted else None


def _why_no_target(division: str, line: Line, period: Period | None) -> str:
    """Say why a site has no target in this period: its targets are of other years, or no plan sets one."""
    if not line.is_classed or line.target or period is None:
        return ""
    targets = queries.targets_table(division).to_pylist()
    own = [target for target in targets if target["site"] == str(line.site.pk)]
    if not own:
        return _("没有计划为本断面规定目标。")
    years = sorted({year for target in own for year in _years(target["period_from"], target["period_to"])})
    return _("已导入的目标适用于 %(years)s 年，不适用于本时段。") % {"years": _("、").join(map(str, years))}


def _years(start: date, end: date) -> range:
    return range(start.year, end.year + 1)


def _class_reason(item: Mapping[str, Any]) -> str:
    """Say why an item has its class: the limit of the class above, which it does not meet."""
    rank = item["class"]
    better = item["limits"].get(str(rank - 1)) if rank else None
    if better is None:
        return _("%(value)s %(unit)s") % {"value": item["compared"], "unit": unit_of(item["item"])}
    return _("%(value)s %(unit)s，未达到%(label)s限值 %(limit)s") % {
        "value": item["compared"],
        "unit": unit_of(item["item"]),
        "label": water_class(rank - 1).label,
        "limit": better,
    }


def _item_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("项目")},
        {"label": _("评价值"), "numeric": True},
        {"label": _("类别")},
        {"label": _("目标限值"), "numeric": True},
        {"label": _("超标倍数"), "numeric": True},
        {"label": _("有效数据")},
    ]


def _item_rows(site: Site, section: Mapping[str, Any] | None, period: Period) -> list[dict[str, Any]]:
    rows = []
    for item in section["items"] if section else []:
        known = items()[item["item"]]
        url = f"{reverse('sites:rows', args=[site.pk, item['item']])}?period={period.label}"
        value = f"{item['compared']} {unit_of(item['item'])}".strip() if item["compared"] is not None else "—"
        unrounded = item["mean"] is not None and item["mean"] != item["compared"]
        klass = {"klass": item["class"]} if item["class"] else {"text": _no_class(item, site)}
        multiple = item["over_target"]["multiple"] if item["over_target"] else None
        rows.append(
            {
                "cells": [
                    {"text": known.name, "url": url, "note": clause_text(item["clause"] or "")},
                    {
                        "text": value,
                        "note": _("修约前 %(mean)s") % {"mean": item["mean"]} if unrounded else "",
                    },
                    klass,
                    {"text": item["target_limit"] or "—"},
                    {"text": multiple or (_("超标") if item["exceeds_target"] else "—")},
                    {
                        "k": item["counts"].get("entered", 0),
                        "n": item["counts"].get("total", 0),
                        "missing": item["counts"].get("missing", 0),
                        "note": counts_text(item["counts"]),
                    },
                ]
            }
        )
    return rows


def _no_class(item: Mapping[str, Any], site: Site) -> str:
    if item["compared"] is None:
        return _("无有效数据")
    return _("水体类型未知，限值不定") if not site.water_type and item["decides_class"] else _("不参与评价")


def _month_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("月份")},
        {"label": _("水质类别")},
        {"label": _("目标")},
        {"label": _("达标情况")},
        {"label": _("超标或定类项目"), "long": True},
        {"label": _("有数据的天数"), "numeric": True},
    ]


def _month_rows(site: Site, months: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for month in months:
        reason = "water_type_unknown" if not site.water_type else month["reason"] or "no_data"
        names = [items()[key].name for key in month["failing"] or month["deciding"]]
        rows.append(
            {
                "cells": [
                    {"text": month["period"], "url": f"?period={month['period']}"},
                    {"klass": month["class"], "reason": reason},
                    {"text": water_class(month["target"]).label if month["target"] else "—"},
                    {"state": month["state"]},
                    {"text": _("、").join(names) or "—"},
                    {"number": month["days"]},
                ]
            }
        )
    return rows
