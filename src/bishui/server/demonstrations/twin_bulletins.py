"""The invented city's bulletins of water quality: last month's released, this month's in draft."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from bishui.server.core import clock
from bishui.server.demonstrations.twin_work import People
from bishui.server.reporting import periods, services
from bishui.server.reporting.models import Report

_KIND = "water_month"
_MORNING = time(10, 0)
_REMARKS = "水体类型尚未登记的点位正在核实，登记后参加评价。"


def load_bulletins(workspace: Any, as_of: date, people: People) -> None:
    """Load both; what is there already is left as it is."""
    if Report.objects.filter(division=workspace.division, kind=_KIND).exists():
        return
    ended = as_of.replace(day=1) - timedelta(days=1)
    with clock.on(as_of):
        _release(_begin(workspace.division, ended, as_of, people), people)
        _begin(workspace.division, as_of, as_of, people)


def _begin(division: str, month: date, today: date, people: People) -> Report:
    scope = periods.scope_of(division, _KIND, month.year, month.month, today=today, as_of=None)
    return services.create(scope, actor=people.reviewer, at=datetime.combine(today, _MORNING))


def _release(report: Report, people: People) -> None:
    """Write, submit, check and issue: the one who submits does not check."""
    at = datetime.combine(clock.now().date(), _MORNING)
    services.save_text(report, "remarks", _REMARKS, based_on=0, actor=people.reviewer, at=at)
    services.advance(report, "submit", actor=people.reviewer)
    services.advance(report, "check", actor=people.lead, texts={"text": "数字已与评价结果核对。"})
    services.advance(report, "issue", actor=people.lead)
    services.produce(report)
