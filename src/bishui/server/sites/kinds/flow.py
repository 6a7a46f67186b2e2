"""A hydrometric station (水文站): how often the ecological base flow (生态基流) was kept, by day, month."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.assessment import FlowResult, FlowTarget, Met, PeriodKind, ecological_flow
from bishui.server.sites import bounds, choosing
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import (
    Cell,
    Panel,
    Table,
    count_cell,
    fact,
    mean_read,
    method_of,
    not_assessed,
    rate_cell,
    value_text,
)
from bishui.server.sites.models import Site

_KEY = "ecological_flow"
_ITEM = "flow"
#: The forms of the register and what the method calls them.
_BY = {"daily": PeriodKind.DAY, "monthly": PeriodKind.MONTH}
#: Days below the base flow beyond this many are counted and not listed.
_DAYS_LISTED = 31


def compute(look: Look) -> dict[str, Any] | None:
    """Return the guarantee rate from January to the last month of the period, in both forms."""
    site = look.site
    if site.base_flow is None:
        return None
    rows = look.rows(look.year)
    found: dict[str, Any] = {}
    for form, by in _BY.items():
        target = FlowTarget(look.id, site.base_flow, _ITEM, required_percent=_required(site, form))
        (result,) = ecological_flow(
            rows,
            [target],
            look.year,
            by=by,
            flags=look.flags,
            as_of=look.due,
            chosen=look.rules(_KEY),
            override=look.own,
        )
        found[form] = _result(result)
    return found


def _form(site: Site) -> str:
    """Return the form that decides; a plan that names none is taken to mean days."""
    return site.flow_form or "daily"


def _required(site: Site, form: str) -> Decimal | None:
    """Return the registered rate, which holds for the form that decides; None = that of the rules."""
    required: Decimal | None = site.guarantee_rate
    return required if form == _form(site) else None


def _result(result: FlowResult) -> dict[str, Any]:
    form = result.as_dict()
    kept = ("rate", "required_percent", "state", "warnings", "lowest", "longest_below")
    steps = form["steps"]
    if result.by is PeriodKind.DAY:
        steps = [step for step in steps if step["met"] in (Met.BELOW, Met.PASSED_ON)]
    return {**{name: form[name] for name in kept}, "steps": steps}


def panel(look: Look, found: Mapping[str, Any] | None) -> Panel:
    """Put the station's answer in words."""
    title = _("生态流量保障情况")
    site = look.site
    if found is None or site.base_flow is None:
        return not_assessed(title, _("未登记生态基流"))
    forms = {"daily": _("按日"), "monthly": _("按月")}
    base = f"{site.base_flow.normalize():f}"
    decisive = found[_form(site)]
    daily = found["daily"]
    facts: list[Cell] = [
        fact(choosing.period_name(look.year), {"state": decisive["state"], "note": forms[_form(site)]}),
        fact(_("生态基流"), {"text": value_text(base, _ITEM)}),
        fact(_("最低的一天"), _lowest(daily)),
        fact(_("连续低于基流最长"), {"text": _(" 至 ").join(daily["longest_below"] or []) or _("没有")}),
    ]
    rows = [_rate_row(found[form], name, decisive=form == _form(site)) for form, name in forms.items()]
    tables = [Table(_("保证率"), _rate_columns(), rows)]
    months = [_step_row(look, step) for step in found["monthly"]["steps"]]
    tables.append(Table(_("逐月平均流量"), _step_columns(), months))
    below = daily["steps"]
    if below:
        heading = _("低于生态基流的日期（%(count)s 天）") % {"count": len(below)}
        tables.append(
            Table(heading, _step_columns(), [_step_row(look, step) for step in below[-_DAYS_LISTED:]])
        )
    lines = bounds.listed({_ITEM: [bounds.Bound(site.base_flow, _("生态基流"))]})
    return Panel(title, facts, tables, method=method_of(look.rules(_KEY)), lines=lines)


def _lowest(daily: Mapping[str, Any]) -> Cell:
    lowest = daily["lowest"]
    if lowest is None:
        return {"text": "—"}
    return {"text": value_text(lowest["value"], _ITEM), "note": lowest["period"]}


def _rate_columns() -> list[Cell]:
    return [
        {"label": _("评价方式")},
        {"label": _("保证情况")},
        {"label": _("达到的天数或月数")},
        {"label": _("要求（%）"), "numeric": True},
    ]


def _rate_row(result: Mapping[str, Any], name: str, *, decisive: bool) -> Cell:
    return {
        "cells": [
            {"text": name, "note": _("按此评价") if decisive else ""},
            {"state": result["state"]},
            rate_cell(result["rate"]),
            {"text": f"{Decimal(result['required_percent']).normalize():f}"},
        ]
    }


def _step_columns() -> list[Cell]:
    return [
        {"label": _("时段")},
        {"label": _("平均流量"), "numeric": True},
        {"label": _("保证情况")},
        {"label": _("有数据的天数或次数")},
    ]


def _step_row(look: Look, step: Mapping[str, Any]) -> Cell:
    words = {
        Met.MET: _("达到"),
        Met.PASSED_ON: _("低于基流，来水全部下泄"),
        Met.BELOW: _("低于基流"),
        Met.MISSING: _("无数据"),
        Met.NOT_DUE: _("未到期"),
    }
    met = Met(step["met"])
    tone = "attained" if met.counts_as_met else "not_attained" if met is Met.BELOW else "not_judged"
    month = step["period"][:7]
    url = f"{reverse('sites:rows', args=[look.site.pk, _ITEM])}?period={month}" if step["value"] else ""
    return {
        "cells": [
            {"text": step["period"], "url": url},
            {"text": (value_text if met is Met.BELOW else mean_read)(step["value"], _ITEM)},
            {"state": tone, "label": words[met]},
            count_cell(step["counts"]) if step["counts"] else {"number": step["days"]},
        ]
    }
