"""An edition as it was issued, and its figures opened down to the rows that were kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.assessment import Explanation, Period, State
from bishui.bulletins import period_name
from bishui.errors import CallError
from bishui.server.core import guard
from bishui.server.core.middleware import not_found
from bishui.server.core.templatetags.words import MARKS
from bishui.server.reporting import evidence, pages_report, queries
from bishui.server.reporting.compose import Inputs, compose
from bishui.server.reporting.evidence import Evidence
from bishui.server.reporting.links import KeptLinks, links_of
from bishui.server.reporting.models import Edition, Report
from bishui.server.reporting.pages_issue import edition_of
from bishui.server.reporting.showing import shown
from bishui.server.sites.charting import plain, unit_of
from bishui.server.sites.counting import counts_text
from bishui.standards import any_item, items, substances, water_class

_ROWS_PER_PAGE = 100


@dataclass(frozen=True)
class _Kept:
    """What was frozen: of a submitted report, or of an edition; with the way back to it."""

    report: Report
    edition: Edition | None
    inputs: Inputs
    crumbs: list[dict[str, str]]

    @property
    def evidence(self) -> Evidence:
        """The rows and results behind the figures; not found where none were kept."""
        stored = self.edition.evidence if self.edition is not None else self.report.evidence
        if stored is None:
            raise not_found()
        return evidence.read(stored)

    @property
    def links(self) -> KeptLinks:
        """Where its figures and sites are opened."""
        return KeptLinks(self.report, self.inputs.scope, self.edition)


def _kept(request: HttpRequest, pk: UUID, number: int | None) -> _Kept:
    record = guard.one(request, Report, "reports.view", pk)
    crumbs = [
        pages_report.home_of(record),
        {"label": record.title, "url": reverse("reporting:report", args=[pk])},
    ]
    if number is None:
        if not record.frozen:
            raise not_found()
        return _Kept(record, None, queries.inputs_of(record), crumbs)
    edition = edition_of(request, pk, number)
    address = reverse("reporting:edition_page", args=[pk, number])
    crumbs.append({"label": _("第 %(number)s 版") % {"number": number}, "url": address})
    return _Kept(record, edition, Inputs.of(edition.inputs), crumbs)


@guard.requires("reports.view")
@require_GET
def page(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Show an edition as it was issued, for reading and for print."""
    kept = _kept(request, pk, number)
    edition = kept.edition
    assert edition is not None
    links = links_of(kept.report, kept.inputs.scope, edition)
    context = {
        "edition": edition,
        "document": shown(compose(kept.inputs), links, most=None),
        "account_url": reverse("reporting:edition", args=[pk, number]),
        "withdrawn": edition.number <= queries.withdrawn_up_to(kept.report),
        "newest": not kept.report.editions.filter(number__gt=number).exists(),
        "crumbs": [*kept.crumbs[:-1], {"label": kept.crumbs[-1]["label"]}],
    }
    return render(request, "reporting/edition_page.html", context)


@guard.requires("reports.view")
@require_GET
def figure(request: HttpRequest, pk: UUID, number: int, key: str) -> HttpResponse:
    """Show where a figure of an edition came from, as it was when it was issued."""
    kept = _kept(request, pk, number)
    state = _("第 %(number)s 版签发时的内容") % {"number": number}
    context = pages_report.figure_context(
        kept.inputs, key, links_of(kept.report, kept.inputs.scope, kept.edition), state, kept.crumbs
    )
    return render(request, "reporting/figure.html", context)


@guard.requires("reports.view")
@require_GET
def site(request: HttpRequest, pk: UUID, site: str, number: int | None = None) -> HttpResponse:
    """Show a site as it was frozen: class, verdict, and each item with its mean, limit and clause."""
    kept = _kept(request, pk, number)
    found = kept.evidence
    name, period = found.name(site), _period(request, found, site)
    section = found.section(site, period)
    context = {
        "name": name,
        "period_name": period_name(period),
        "section": section,
        "facts": _facts(section) if section else [],
        "columns": _item_columns()
        if section
        else [{"label": _("项目")}, {"label": _("数据行"), "numeric": True}],
        "rows": _item_rows(kept, site, section, period) if section else _count_rows(kept, site, found),
        "periods": [
            {"label": period_name(entry), "url": f"?period={entry.label}", "active": entry == period}
            for entry in found.periods
        ]
        if section
        else [],
        "stamp": _stamp(kept),
        "crumbs": [*kept.crumbs, {"label": name}],
    }
    return render(request, "reporting/evidence.html", context)


def _period(request: HttpRequest, found: Evidence, site: str) -> Period:
    """Return the period asked for of a section; without one, and of other sites, that of the bulletin."""
    given = request.GET.get("period", "")
    if not given or found.section(site, found.period) is None:
        return found.period_of(site)
    try:
        return Period.parse(given)
    except CallError:
        raise not_found() from None


def _stamp(kept: _Kept) -> str:
    """Say of what moment the page speaks."""
    if kept.edition is None:
        return _("提交时冻结的数据，数据截至 %(day)s。") % {"day": kept.inputs.as_of}
    return _("%(at)s 签发的第 %(number)s 版所依据的数据，数据截至 %(day)s；以后的更改不影响本页。") % {
        "at": f"{kept.edition.issued_at:%Y-%m-%d %H:%M}",
        "number": kept.edition.number,
        "day": kept.inputs.as_of,
    }


def _facts(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    attainment = section["attainment"]
    target = attainment["target_class"]
    return [
        {"label": _("水质类别"), "text": section["class_label"] or _("未评价")},
        {"label": _("水质目标"), "text": water_class(target).label if target else _("无目标")},
        {"label": _("达标情况"), "text": str(State(attainment["state"]).text)},
        {"label": _("定类项目"), "text": _names(section["deciding"])},
        {"label": _("限值"), "text": section["standard"]},
        {"label": _("评价办法"), "text": section["method"]},
    ]


def _names(keys: list[str]) -> str:
    return _("、").join(items()[key].name for key in keys) or "—"


def _item_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("项目")},
        {"label": _("均值"), "numeric": True},
        {"label": _("类别")},
        {"label": _("Ⅲ类限值"), "numeric": True},
        {"label": _("目标限值"), "numeric": True},
        {"label": _("超Ⅲ类倍数"), "numeric": True},
        {"label": _("有效数据")},
        {"label": _("条款"), "long": True},
    ]


def _item_rows(kept: _Kept, site: str, section: Mapping[str, Any], period: Period) -> list[dict[str, Any]]:
    links = kept.links
    rows = []
    for item in section["items"]:
        counts, over = item["counts"], item["over_reference"]
        entered, total = counts.get("entered", 0), counts.get("total", 0)
        url = links.site(site, period.label, item["item"])
        mean = f"{item['compared']} {unit_of(item['item'])}".strip() if item["compared"] else "—"
        rows.append(
            {
                "cells": [
                    {"text": items()[item["item"]].name, "url": url},
                    {"text": mean},
                    {"klass": item["class"]} if item["class"] else {"text": "—"},
                    {"text": item["reference_limit"] or "—"},
                    {"text": item["target_limit"] or "—"},
                    {"text": over["multiple"] if over else "—"},
                    {"k": entered, "n": total, "missing": total - entered, "note": counts_text(counts)},
                    {"text": item["clause"] or "—"},
                ]
            }
        )
    return rows


def _count_rows(kept: _Kept, site: str, found: Evidence) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                {"text": any_item(item).name, "url": kept.links.site(site, item=item)},
                {"number": count},
            ]
        }
        for item, count in found.counts(site).items()
        if item in items() or item in substances()
    ]


@guard.requires("reports.view")
@require_GET
def rows(request: HttpRequest, pk: UUID, site: str, item: str, number: int | None = None) -> HttpResponse:
    """Open one mean of a site down to the rows that were kept: the means, the rounding, the limit."""
    kept = _kept(request, pk, number)
    found = kept.evidence
    if item not in (items().keys() | substances().keys()):
        raise not_found()
    name = found.name(site)
    period = _period(request, found, site)
    opened = found.opened(site, item, period)
    listed = Paginator(opened.rows, _ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "name": name,
        "item": any_item(item),
        "klass": opened.result.rank if isinstance(opened, Explanation) else None,
        "period_name": period_name(period),
        "steps": list(opened.steps()),
        "columns": _row_columns(unit_of(item)),
        "rows": [_row(row, found) for row in listed],
        "page": listed,
        "monthly": [
            {"cells": [{"text": form["label"]}, {"text": form["mean"] or "—"}, _count(form)]}
            for form in (step.as_dict() for step in opened.monthly)
        ],
        "mean_columns": [
            {"label": _("时段")},
            {"label": _("均值"), "numeric": True},
            {"label": _("有效数据")},
        ],
        "stamp": _stamp(kept),
        "crumbs": [
            *kept.crumbs,
            {"label": name, "url": kept.links.site(site, period.label)},
            {"label": any_item(item).name},
        ],
    }
    return render(request, "reporting/evidence_rows.html", context)


def _count(form: Mapping[str, Any]) -> dict[str, Any]:
    return {"k": form["entered"], "n": form["total"], "missing": form["total"] - form["entered"]}


def _row_columns(unit: str) -> list[dict[str, Any]]:
    return [
        {"label": _("时间")},
        {"label": _("原文")},
        {"label": _("数值（%(unit)s）") % {"unit": unit} if unit else _("数值"), "numeric": True},
        {"label": _("参与计算的值"), "numeric": True},
        {"label": _("处理")},
        {"label": _("来源"), "long": True},
    ]


def _row(row: Any, found: Evidence) -> dict[str, Any]:
    uses = {
        **MARKS,
        "used": _("参与计算"),
        "excluded": _("已剔除"),
        "under_review": _("复核中"),
        "no_detection_limit": _("未给检出限"),
    }
    file, line = found.origin(row)
    return {
        "cells": [
            {"moment": row.time},
            {"text": row.raw or "—"},
            {"text": plain(row.value) if row.value is not None else "—"},
            {"text": plain(row.entered_as) if row.entered_as is not None else "—"},
            {"text": uses[row.use]},
            {"file": file, "line": line, "url": ""},
        ]
    }
