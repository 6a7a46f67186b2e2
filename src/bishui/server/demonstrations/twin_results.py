"""What the invented city has beside its tasks: ledgers, filings, indicators, scores, reminders, bulletins."""

from __future__ import annotations

from datetime import datetime, time
from io import BytesIO
from typing import Any

from bishui import twin
from bishui.server.accounts.models import User
from bishui.server.alerts import looking
from bishui.server.alerts import queries as alerts
from bishui.server.core import clock
from bishui.server.demonstrations.loading import fill_register
from bishui.server.demonstrations.twin_bulletins import load_bulletins
from bishui.server.demonstrations.twin_sources import load_sources
from bishui.server.demonstrations.twin_work import People
from bishui.server.indicators import services as indicators
from bishui.server.ledgers import filings
from bishui.server.ledgers.models import Filing
from bishui.server.plans.target_queries import numeric_targets
from bishui.server.reminders import schedule
from bishui.server.scores import queries as scores
from bishui.server.scores import services as scoring

_TABLES = {
    "project": "projects",
    "scattered_polluters": "scattered_polluters",
    "manure_use": "manure_use",
    "medical_sewage": "medical_sewage",
    "black_odorous": "black_odorous",
    "contact": "contacts",
}
_SCHEMES = ("plan-duties", "division-year")
_MORNING = time(9, 30)


def load_results(city: twin.City, workspace: Any, people: People, operator: User) -> None:
    """Load all of it; what is there already is left as it is."""
    for table, key in _TABLES.items():
        fill_register(key, twin.ledger_rows(table), operator)
    at = datetime.combine(city.as_of, _MORNING)
    _values(workspace, at, operator)
    _scores(workspace, at, operator)
    _filings(workspace, people)
    load_sources(workspace, city.as_of, people, operator)
    schedule.remind(city.as_of)
    _look(city, workspace, people)
    load_bulletins(workspace, city.as_of, people)


def _look(city: twin.City, workspace: Any, people: People) -> None:
    """Look when the spill has passed, as the worker does who looks every day, and on the day of the city."""
    if not alerts.alerts_of(workspace, people.lead).exists():
        passed = max(event.end.date() for event in city.events if event.kind == "spill")
        looking.look(workspace.division, passed, passed)
    looking.look(workspace.division, city.as_of, city.as_of)


def _filings(workspace: Any, people: People) -> None:
    """Let each county file its own plan, and the bureau record it."""
    filings.renew(workspace.division)
    open_ones = Filing.objects.filter(division__startswith=workspace.division, state="due")
    waiting = {filing.unit.code: filing for filing in open_ones.select_related("unit", "plan")}
    for row in twin.ledger_rows("filing"):
        filing = waiting.get(row["unit"])
        if filing is None:
            continue
        upload = (BytesIO(twin.evidence_file(row["file"], row["file"])), row["file"])
        with clock.on(row["day"]):
            filings.advance(filing, "file", actor=people.reporter(row["unit"]), day=row["day"], upload=upload)
            filings.advance(filing, "record", actor=people.reviewer, day=row["day"])


def _values(workspace: Any, at: datetime, operator: User) -> None:
    targets = {target.indicator: target for target in numeric_targets(workspace)}
    for row in twin.ledger_rows("value"):
        target = targets.get(row["indicator"])
        day = datetime.fromisoformat(row["day"]).date()
        if target is None or target.entered_values.filter(day=day).exists():
            continue
        indicators.add_value(
            target, day, row["value"], source=row["source"], today=at.date(), actor=operator, at=at
        )


def _scores(workspace: Any, at: datetime, operator: User) -> None:
    for key in _SCHEMES:
        if scores.scheme(workspace.division, key) is None:
            scoring.install(workspace.division, key, actor=operator, at=at)
    chosen = scores.scheme(workspace.division, "plan-duties")
    if chosen is None or scores.judgements(chosen, at.year):
        return
    for row in twin.ledger_rows("judgement"):
        scoring.judge(
            chosen,
            row["unit"],
            row["fact"],
            row["value"],
            year=at.year,
            reason=row["reason"],
            version=None,
            actor=operator,
            at=at,
        )
