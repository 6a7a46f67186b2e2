"""The rows behind one number of a site, and how the number comes from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.assessment import Explanation, Period, RowStep, explain
from bishui.errors import NotFound
from bishui.i18n import Text
from bishui.server.core import guard
from bishui.server.core.models import ImportSession
from bishui.server.core.templatetags.words import MARKS
from bishui.server.sites import choosing, queries
from bishui.server.sites.assessed import Results
from bishui.server.sites.charting import plain, unit_of
from bishui.server.sites.clauses import clause_text
from bishui.server.sites.models import Site
from bishui.server.sites.opened import Opened, open_mean
from bishui.server.standards import queries as standards
from bishui.standards import any_item, items, substances

_ROWS_PER_PAGE = 100


@guard.requires("sites.view")
def rows_page(request: HttpRequest, pk: UUID, item: str) -> HttpResponse:
    """Open one number down to its rows: the means, the rounding, the limit, and each row's origin."""
    site = choosing.site_of(request, pk)
    city = choosing.city_of(request)
    if city is None or item not in (items().keys() | substances().keys()):
        raise NotFound(Text("没有监测项目“{item}”。", item=item), remedy=Text("请从点位页面进入。"))
    results = Results(city)
    period = choosing.period_of(request, results)
    if period is None:
        raise NotFound(Text("“{name}”还没有监测数据。", name=site.name), remedy=Text("请先导入监测数据。"))
    last = queries.end_of(city)
    rows = queries.measurements(
        city.division, [str(site.pk)], period.start, min(period.end, last) if last else period.end
    )
    found = _opened(site, city.division, rows, item, period)
    page = Paginator(found.rows, _ROWS_PER_PAGE).get_page(request.GET.get("page"))
    sessions = _sessions(page)
    only = next(iter(sessions.values())) if len(sessions) == 1 else None
    context = {
        "site": site,
        "item": any_item(item),
        "period_name": choosing.period_name(period),
        "site_url": f"{reverse('sites:site', args=[site.pk])}?period={period.label}",
        "klass": found.result.rank if isinstance(found, Explanation) else None,
        "steps": [(name, clause_text(str(text))) for name, text in found.steps()],
        "columns": _row_columns(unit_of(item)),
        "rows": _row_rows(page, sessions, only),
        "only": only,
        "page": page,
        "mean_columns": _mean_columns(unit_of(item)),
        "daily": _mean_rows(found.daily),
        "monthly": _mean_rows(found.monthly),
        "flags": [flag for flag in site.flags.all() if flag.item in ("", item)],
    }
    return render(request, "sites/rows.html", context)


def _opened(site: Site, division: str, rows: pa.Table, item: str, period: Period) -> Explanation | Opened:
    """Open the mean of an item: down from its class where surface water is classed, else as a mean alone."""
    flags, own = queries.flags_table(division), standards.override_in_force(division, period.last_day)
    if site.kind not in choosing.SURFACE or item not in items():
        return open_mean(rows, flags, site=str(site.pk), item=item, period=period, override=own)
    return explain(
        rows,
        queries.sites_table(division),
        queries.targets_table(division),
        flags,
        site=str(site.pk),
        item=item,
        period=period,
        override=own,
    )


def _row_columns(unit: str) -> list[dict[str, Any]]:
    return [
        {"label": _("时间")},
        {"label": _("原文")},
        {"label": _("数值（%(unit)s）") % {"unit": unit} if unit else _("数值"), "numeric": True},
        {"label": _("参与计算的值"), "numeric": True},
        {"label": _("处理")},
        {"label": _("来源"), "long": True},
    ]


def _sessions(page: Any) -> dict[str, ImportSession]:
    """Return the imports that the rows of a page came by, by identifier."""
    ids = {row.import_id for row in page if row.import_id}
    found = ImportSession.objects.select_related("file").in_bulk(ids)
    return {str(pk): session for pk, session in found.items()}


def _origin(row: RowStep, session: ImportSession | None, *, named: bool) -> dict[str, Any]:
    """Return where a row came from; the file stands above the table where it is the only one."""
    if session is None:
        return {"text": "—"}
    url = reverse("core:import", args=[session.pk])
    if named:
        return {"text": _("第 %(line)s 行") % {"line": row.row}, "url": url}
    return {"file": session.file.name, "line": row.row, "url": url}


def _row_rows(
    page: Any, sessions: Mapping[str, ImportSession], only: ImportSession | None
) -> list[dict[str, Any]]:
    uses = {
        **MARKS,
        "used": _("参与计算"),
        "excluded": _("已剔除"),
        "under_review": _("复核中"),
        "no_detection_limit": _("未给检出限"),
    }
    rows = []
    for row in page:
        apart = row.use != "used"
        rows.append(
            {
                "cells": [
                    {"moment": row.time},
                    {"text": row.raw or "—"},
                    {"text": plain(row.value) if row.value is not None else "—"},
                    {"text": plain(row.entered_as) if row.entered_as is not None else "—"},
                    {"klass": None, "reason": uses[row.use]} if apart else {"text": uses[row.use]},
                    _origin(row, sessions.get(row.import_id or ""), named=only is not None),
                ]
            }
        )
    return rows


def _mean_columns(unit: str) -> list[dict[str, Any]]:
    return [
        {"label": _("时段")},
        {"label": _("均值（%(unit)s）") % {"unit": unit} if unit else _("均值"), "numeric": True},
        {"label": _("有效数据")},
    ]


def _mean_rows(steps: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                {"text": form["label"]},
                {"text": form["mean"] or "—"},
                {"k": form["entered"], "n": form["total"], "missing": form["total"] - form["entered"]},
            ]
        }
        for form in (step.as_dict() for step in steps)
    ]
