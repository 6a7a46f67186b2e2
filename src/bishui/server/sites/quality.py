"""Quality control (质控) of a city's readings: a worker runs the checks, a person decides what they mean.

A finding changes no result. Flagging makes a flag like any other, which can be withdrawn; a finding that was
decided stays decided when a later run finds it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import structlog
from django.db import transaction
from django_tasks import task

from bishui.errors import BishuiError, CallError, Conflict, DataError
from bishui.i18n import Text
from bishui.observations import Copies, check
from bishui.server.accounts import workspaces
from bishui.server.accounts.models import Division
from bishui.server.core import audit, clock
from bishui.server.core.queued import arguments_of
from bishui.server.sites import queries, services
from bishui.server.sites.covered import coverage_of
from bishui.server.sites.models import FLAGS, Flag, QualityFinding, QualityRun, Site
from bishui.server.sites.models_quality import stored
from bishui.server.standards import queries as standards
from bishui.standards import rules

log = structlog.get_logger()
#: Readings that are held at a time.
_HELD = 1_000_000
_Key = tuple[str, str, str, str, str, datetime, datetime]


def ask(division: str, *, actor: Any, where: str = "") -> QualityRun:
    """Queue a run of all checks over the readings of a city; a run that waits already is returned instead."""
    waiting = QualityRun.objects.filter(division=division, progress__in=("queued", "running")).first()
    if waiting is not None and is_queued(waiting):
        return waiting
    run = _asked(division, actor, where)
    check_quality.enqueue(str(run.pk))
    return run


def run_now(division: str, *, actor: Any, where: str = "") -> QualityRun:
    """Run all checks over the readings of a city at once, for callers that have no worker."""
    with clock.on(_fixed_day(division)):
        run = _asked(division, actor, where)
        perform(run)
    return run


def _asked(division: str, actor: Any, where: str) -> QualityRun:
    with audit.action("sites.quality_asked", actor=actor, where=where, division=division):
        run = QualityRun(division=division, asked_by=services.name_of(actor), asked_at=services.now())
        run.save()
    return run


def is_queued(run: QualityRun) -> bool:
    """Tell whether a worker has the run or will have it; one that a crash left behind counts no more."""
    return [str(run.pk)] in arguments_of(check_quality)


@task()
def check_quality(run_id: str) -> str:
    """Run the checks that a person asked for."""
    run = QualityRun.objects.get(pk=run_id)
    if run.progress in ("queued", "running"):
        try:
            with clock.on(_fixed_day(run.division)):
                perform(run)
        except BishuiError as error:
            log.warning("quality control failed", run=run_id, error=str(error))
            _failed(run, error)
    return run.progress


def perform(run: QualityRun) -> None:
    """Check every reading that counts and keep what is found; done twice it keeps the same."""
    division = run.division
    sites = {str(pk): str(path) for pk, path in _sites(division)}
    looked_at = 0
    listed: dict[_Key, Mapping[str, Any]] = {}
    for count, found in _found(division, sorted(sites)):
        looked_at += count
        listed |= {_key(row): row for row in found.to_pylist() if row["site"] in sites}
    with (
        transaction.atomic(),
        audit.action("sites.quality_found", actor="system", division=division) as act,
    ):
        run.rows, run.found = looked_at, len(listed)
        run.fresh, run.gone = _keep(run, listed, sites)
        run.rules_version = next((row["rules_version"] for row in listed.values()), "")
        run.progress, run.ended_at = "done", services.now()
        run.save()
        act.params |= {"found": run.found, "fresh": run.fresh}


def _found(division: str, sites: Sequence[str]) -> Iterator[tuple[int, pa.Table]]:
    """Yield how many readings some sites have and what the checks find there, a few sites after others.

    The checks look at one site at a time, but for stretches copied from one to another; the rules are those
    of the newest reading of all.
    """
    last = _last(division)
    covered = coverage_of(queries.stored(division, end=last))["sites"]
    newest = max((entry["last"] for entry in covered.values()), default=None)
    if newest is None:
        return
    table, day = queries.sites_table(division), newest.date()
    chosen = rules("quality", day, standards.override_in_force(division, day))
    counts = {site: covered[site]["rows"] for site in sites if site in covered}
    copies = Copies(chosen)
    for together in _heaps(counts):
        rows = queries.measurements(division, together, end=last)
        yield rows.num_rows, check(rows, table, rules=chosen, copies=copies)
    yield 0, copies.found()


def _heaps(counts: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield sites together that have about as many readings as are held at a time."""
    heap: list[str] = []
    size = 0
    for site, count in counts.items():
        if heap and size + count > _HELD:
            yield heap
            heap, size = [], 0
        heap.append(site)
        size += count
    if heap:
        yield heap


def _last(division: str) -> datetime | None:
    root = _root(division)
    return queries.end_of(workspaces.of_root(root)) if root else None


def _fixed_day(division: str) -> date | None:
    """Return the day at which an invented city stands."""
    root = _root(division)
    return root.as_of if root else None


def _root(division: str) -> Division | None:
    return Division.objects.filter(code=division.split("/", 1)[0]).first()


def _sites(division: str) -> Iterable[tuple[Any, str]]:
    return Site.objects.filter(division__startswith=division).values_list("pk", "division")


def _names(division: str) -> Iterable[tuple[Any, str]]:
    return Site.objects.filter(division__startswith=division).values_list("pk", "name")


def _named(row: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a row whose evidence names the other site as people do."""
    evidence = dict(row["evidence"])
    if "other_site" not in evidence:
        return row
    other = names.get(evidence["other_site"], evidence["other_site"])
    return {**row, "evidence": [*row["evidence"], ("other_name", other)]}


def _keep(
    run: QualityRun, listed: Mapping[_Key, Mapping[str, Any]], sites: Mapping[str, str]
) -> tuple[int, int]:
    """Keep new findings, let those found again be, and mark those that are found no more.

    Returns
    -------
    fresh, gone
        How many are new, and how many that waited for a decision are found no more.
    """
    known = {
        _key_of(record): record for record in QualityFinding.objects.filter(division__startswith=run.division)
    }
    names = {str(pk): name for pk, name in _names(run.division)}
    fresh = [
        _finding(run, _named(row, names), sites[row["site"]])
        for key, row in listed.items()
        if key not in known
    ]
    QualityFinding.objects.bulk_create(fresh)
    gone = 0
    for key, record in known.items():
        found_again = key in listed
        if found_again == (record.gone_at is None):
            continue
        record.gone_at = None if found_again else services.now()
        record.save()
        gone += not found_again and record.state == "new"
    return len(fresh), gone


def _key(row: Mapping[str, Any]) -> _Key:
    other = row["other_item"] or ""
    span = (row["time_from"], row["time_to"])
    return (row["site"], row["rule"], row["item"], other, row["source"], *span)


def _key_of(record: QualityFinding) -> _Key:
    names = (str(record.site_id), record.rule, record.item, record.other_item, record.source)
    return (*names, record.time_from, record.time_to)


def _finding(run: QualityRun, row: Mapping[str, Any], division: str) -> QualityFinding:
    return QualityFinding(
        run=run,
        division=division,
        site_id=row["site"],
        rule=row["rule"],
        item=row["item"],
        other_item=row["other_item"] or "",
        source=row["source"],
        time_from=row["time_from"],
        time_to=row["time_to"],
        severity=row["severity"],
        proposed=row["flag"] or "",
        evidence=stored(row),
        found_at=services.now(),
    )


def _failed(run: QualityRun, error: BishuiError) -> None:
    with audit.action("sites.quality_failed", actor="system", division=run.division, what=str(error.what)):
        run.progress, run.ended_at, run.error = "failed", services.now(), error.as_dict()
        run.save()


def flag_findings(
    findings: Collection[QualityFinding], *, kind: str, reason: str, actor: Any, where: str = ""
) -> list[Flag]:
    """Flag the readings of some findings (`excluded` or `under_review`), all of them or none.

    Parameters
    ----------
    reason
        Why; where it is empty, each flag bears what was found as its reason.

    Raises
    ------
    DataError
        If there is no finding.
    Conflict
        If one of them was decided meanwhile.
    """
    if kind not in FLAGS:
        raise CallError(Text("没有“{kind}”这种标记。", kind=kind), remedy=Text("可用：剔除、复核中。"))
    _check(findings, waiting=True)
    made = []
    with audit.action(
        "sites.findings_flagged",
        actor=actor,
        where=where,
        why=reason,
        count=len(findings),
        flag=FLAGS[kind].template,
    ):
        for finding in findings:
            why = reason.strip() or f"{finding.rule_label}：{finding.sentence}"
            flag = services.flag(
                finding.site,
                item=finding.item,
                time_from=finding.time_from,
                time_to=finding.time_to,
                kind=kind,
                reason=why,
                actor=actor,
                where=where,
            )
            _decide(finding, "flagged", actor, why, flag)
            made.append(flag)
    return made


def dismiss_findings(
    findings: Collection[QualityFinding], *, reason: str, actor: Any, where: str = ""
) -> None:
    """Say that the readings of some findings are sound, with the reason."""
    _check_reason(reason)
    _check(findings, waiting=True)
    with audit.action("sites.findings_dismissed", actor=actor, where=where, why=reason, count=len(findings)):
        for finding in findings:
            _decide(finding, "dismissed", actor, reason)


def reopen_findings(
    findings: Collection[QualityFinding], *, reason: str, actor: Any, where: str = ""
) -> None:
    """Let decided findings wait for a decision again; a flag that was made by one is withdrawn."""
    _check_reason(reason)
    _check(findings, waiting=False)
    with audit.action("sites.findings_reopened", actor=actor, where=where, why=reason, count=len(findings)):
        for finding in findings:
            if finding.flag is not None and finding.flag.withdrawn_at is None:
                services.withdraw_flag(finding.flag, why=reason, actor=actor, where=where)
            else:
                _decide(finding, "new", actor, reason)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise DataError(Text("没有填写原因。"), remedy=Text("请写明原因，它将与数据一起保留。"))


def _check(findings: Collection[QualityFinding], *, waiting: bool) -> None:
    if not findings:
        raise DataError(Text("没有选择任何质控发现。"), remedy=Text("请在列表中勾选后再处理。"))
    for finding in findings:
        if (finding.state == "new") != waiting:
            raise Conflict(
                Text("“{finding}”已由 {by} 处理。", finding=finding, by=finding.by or "—"),
                remedy=Text("请刷新页面，查看最新状态。"),
            )


def _decide(finding: QualityFinding, state: str, actor: Any, reason: str, flag: Flag | None = None) -> None:
    finding.state, finding.flag = state, flag
    finding.by, finding.at = services.name_of(actor), services.now()
    finding.why = reason.strip()[:500]
    finding.save()


def hold_back(
    sites: Sequence[Site],
    *,
    time_from: datetime,
    time_to: datetime,
    reason: str,
    actor: Any,
    item: str = "",
    where: str = "",
) -> list[Flag]:
    """Hold a suspect period back (暂停使用) at several sites at once: its readings do not count for now."""
    if not sites:
        raise DataError(Text("没有选择点位。"), remedy=Text("请至少选择一个点位。"))
    with audit.action(
        "sites.held_back",
        actor=actor,
        where=where,
        why=reason,
        division=sites[0].division,
        count=len(sites),
        start=time_from,
        end=time_to,
    ):
        return [
            services.flag(
                site,
                item=item,
                time_from=time_from,
                time_to=time_to,
                kind="under_review",
                reason=reason,
                actor=actor,
                where=where,
            )
            for site in sites
        ]
