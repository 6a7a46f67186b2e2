"""What the invented city has beside its tasks: ledgers, filings, indicators, scores, reminders, bulletins."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, NamedTuple

from bishui import twin
from bishui.i18n import Text
from bishui.server.accounts.models import User
from bishui.server.alerts import looking
from bishui.server.alerts import queries as alerts
from bishui.server.alerts import services as decisions
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
from bishui.server.sites import quality
from bishui.server.sites.models import QualityRun

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


class _Judged(NamedTuple):
    """A step of an alert, its reason, and how long after the look it was done."""

    transition: str
    reason: Text
    after: timedelta


#: Kinds of events, how long after their beginning somebody looks, and what was made of the missing data then.
_LOOKS = (
    (
        "dead_station",
        timedelta(days=4),
        (
            _Judged("confirm", Text("现场查看：站房遭雷击，供电模块损坏，数据不再上传。"), timedelta(days=1)),
            _Judged("handle", Text("已更换供电模块和避雷器，自动站恢复上传。"), timedelta(days=31)),
        ),
    ),
    (
        "missed_sample",
        timedelta(days=21),
        (_Judged("confirm", Text("采样道路被洪水冲毁，当月未能采样，已书面报备。"), timedelta(days=2)),),
    ),
)


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
    _check(workspace, people)
    load_bulletins(workspace, city.as_of, people)


def _look(city: twin.City, workspace: Any, people: People) -> None:
    """Look on days that the worker, who looks every day, would have told of something, and on the city's day.

    A station silent for some days, a sample missing when it is due, the spill when it has passed. What the
    first two found was judged in time.
    """
    if not alerts.alerts_of(workspace, people.lead).exists():
        for kind, looked, judged in _LOOKS:
            event = next(event for event in city.events if event.kind == kind)
            day = event.start.date() + looked
            looking.look(workspace.division, day, day)
            for step in judged:
                _judge(workspace, people, event, step, day)
        passed = max(event.end.date() for event in city.events if event.kind == "spill")
        looking.look(workspace.division, passed, passed)
    looking.look(workspace.division, city.as_of, city.as_of)


def _judge(workspace: Any, people: People, event: twin.Event, step: _Judged, day: date) -> None:
    """Take a step with the alert of missing data at the site of an event, found on a day."""
    seen = alerts.alerts_of(workspace, people.reviewer)
    alert = seen.filter(site__code__in=event.sites, kind="missing_data").first()
    if alert is not None:
        with clock.on(day + step.after):
            decisions.decide(alert, step.transition, str(step.reason), actor=people.reviewer)


def _check(workspace: Any, people: People) -> None:
    """Run quality control once, as somebody of the bureau does who opens its page."""
    if not QualityRun.objects.filter(division=workspace.division).exists():
        quality.run_now(workspace.division, actor=people.reviewer)


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
