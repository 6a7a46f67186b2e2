"""Gathers the supervision notices (督办单) of a scope."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.urls import reverse

from bishui.server.cases import queries as cases
from bishui.server.reporting.facts import Facts, Row, Source, cell
from bishui.server.reporting.periods import Scope


def gather(scope: Scope) -> Facts:
    """Gather the notices opened in the period, or before it and not ended; states are those of now."""
    source = Source("督办单办理情况（按生成时的状态）", scope.as_of.isoformat(), reverse("cases:list"))
    opened = cases.cases_of(scope).filter(opened_at__lte=datetime.combine(scope.as_of, time.max))
    first = datetime.combine(scope.first_day, time.min)
    unended = cases.open_states()
    found = [
        case
        for case in opened.exclude(state__in=("drafted", "withdrawn")).select_related("unit")
        if case.opened_at >= first or case.state in unended
    ]
    found.sort(key=lambda case: (case.state not in unended, case.deadline))
    late = [case for case in found if case.state in ("issued", "returned") and case.deadline < scope.as_of]
    return Facts(
        {
            "cases.total": source.count("督办单", _rows(found)),
            "cases.open": source.count("未办结的督办单", _rows(c for c in found if c.state in unended)),
            "cases.closed": source.count("已销号的督办单", _rows(c for c in found if c.state == "accepted")),
            "cases.late": source.count("逾期未反馈的督办单", _rows(late)),
        },
        {"cases": [_row(case, number) for number, case in enumerate(found, start=1)]},
    )


def _rows(found: Any) -> list[Row]:
    return [Row(f"{case.title}（{case.unit.name}）", _url(case)) for case in found]


def _url(case: Any) -> str:
    return reverse("cases:case", args=[case.pk])


def _row(case: Any, number: int) -> list[dict[str, Any]]:
    return [
        cell(number, number=number),
        cell(case.title, _url(case)),
        cell(case.unit.name),
        cell(case.deadline.isoformat()),
        cell(case.step.label.zh),
    ]
