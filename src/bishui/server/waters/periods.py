"""Which period a page speaks of, and which earlier ones it is compared with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from bishui.assessment import Period, PeriodKind, periods_between
from bishui.server.sites import choosing
from bishui.server.sites.assessed import Results

#: Kinds that a page offers, the shortest first.
OFFERED = (
    PeriodKind.MONTH,
    PeriodKind.QUARTER,
    PeriodKind.HALF_YEAR,
    PeriodKind.YTD,
    PeriodKind.YEAR,
)
_MOST = 60


def chosen(request: HttpRequest, results: Results) -> Period | None:
    """Return the period asked for; without one the newest month with readings, None where there are none.

    A kind that differs from that of the period wins: the period of that kind which holds its last month.
    """
    newest = results.newest_month()
    if newest is None:
        return None
    given = choosing.period_of(request, results) or newest
    kind = request.GET.get("kind", given.kind.value)
    if kind in OFFERED and kind != given.kind:
        last = min(choosing.month_of(given), newest, key=lambda period: period.end)
        return containing(PeriodKind(kind), last.start)
    return given


def containing(kind: PeriodKind, moment: datetime) -> Period:
    """Return the period of a kind that holds a moment; January to its month for ``ytd``."""
    return periods_between(kind, moment, moment)[0]


def previous(period: Period) -> Period | None:
    """Return the period just before; None where the only earlier one to compare with is that of last year."""
    if period.kind in (PeriodKind.YTD, PeriodKind.YEAR):
        return None
    return containing(period.kind, period.start - timedelta(days=1))


def last_year(period: Period) -> Period:
    """Return the same period of the year before (上年同期)."""
    return containing(period.kind, datetime(period.end.year - 1, period.end.month, 1))


def filters(results: Results, period: Period | None) -> list[dict[str, Any]]:
    """Return the two selects of a page: the kind of period, and the periods of that kind with readings."""
    if period is None:
        return []
    kinds = [
        {"value": kind.value, "label": label, "selected": kind is period.kind}
        for kind, label in _kind_names().items()
    ]
    return [
        {"name": "kind", "label": _("时段类型"), "kind": "select", "options": kinds},
        {"name": "period", "label": _("时段"), "kind": "select", "options": _options(results, period)},
    ]


def _options(results: Results, period: Period) -> list[dict[str, Any]]:
    months = [Period.parse(label) for label in results.coverage()["months"]]
    offered = dict.fromkeys([containing(period.kind, month.start) for month in months])
    shown = list(offered)[:_MOST]
    if period not in shown:
        shown.append(period)
    return [
        {"value": entry.label, "label": choosing.period_name(entry), "selected": entry == period}
        for entry in shown
    ]


def _kind_names() -> dict[PeriodKind, str]:
    return {
        PeriodKind.MONTH: _("月"),
        PeriodKind.QUARTER: _("季度"),
        PeriodKind.HALF_YEAR: _("半年"),
        PeriodKind.YTD: _("年初累计"),
        PeriodKind.YEAR: _("全年"),
    }
