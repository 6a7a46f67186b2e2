"""Writes of this app: a report from its draft to its editions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from bishui.errors import BishuiError, Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.core import audit, workflow
from bishui.server.core.models import WorkflowEvent
from bishui.server.reporting import bulletin, evidence, files_of, queries, specification
from bishui.server.reporting.compose import Inputs, default_title
from bishui.server.reporting.differences import differences
from bishui.server.reporting.models import Edition, Report, ReportText
from bishui.server.reporting.periods import BULLETINS, Scope

_TEXT_LIMIT = 8000
_HEAD = ("title", "number", "issuer", "recipient", "signed_on", "red_head")


def create(scope: Scope, *, actor: Any, at: datetime, where: str = "") -> Report:
    """Begin a report as a draft.

    Raises
    ------
    Conflict
        If the division already has a report of this kind for the period.
    """
    place = queries.place_of(scope.division)
    report = Report(
        division=scope.division,
        kind=scope.kind,
        year=scope.year,
        month=scope.month,
        as_of=scope.as_of,
        title=default_title(scope, place),
        issuer=f"{place}生态环境局",
        signed_on=at.date(),
        created_at=at,
        created_by=actor.get_username(),
    )
    same = Report.objects.filter(division=scope.division, kind=scope.kind, year=scope.year, month=scope.month)
    if same.exists():
        raise Conflict(
            Text("“{title}”已经建立。", title=report.title), remedy=Text("请打开已有的一份继续填写。")
        )
    with audit.action(
        "reporting.created",
        actor=actor,
        where=where,
        division=scope.division,
        title=report.title,
        as_of=scope.as_of,
    ):
        report.save()
    return report


def save_head(report: Report, head: Mapping[str, Any], *, version: int, actor: Any, where: str = "") -> None:
    """Change title, number, issuer, recipient, date or red head of a draft.

    Raises
    ------
    Conflict
        If it is no draft, or somebody else has changed it since `version`.
    """
    _check_draft(report)
    with audit.action("reporting.head_saved", actor=actor, where=where, title=report.title):
        report.version = version
        for name in _HEAD:
            setattr(report, name, head[name])
        report.save()


def save_text(
    report: Report, part: str, text: str, *, based_on: int, actor: Any, at: datetime, where: str = ""
) -> None:
    """Add a version of a written part.

    Parameters
    ----------
    based_on
        The number of the version that the author saw; 0 where there was none.

    Raises
    ------
    Conflict
        If the report is no draft, or somebody else has written the part in between.
    DataError
        If the report has no such part, or the text is too long.
    """
    _check_draft(report)
    known = {entry.id: entry for entry in specification.parts_of(report.kind)}
    if part not in known or len(text) > _TEXT_LIMIT:
        raise DataError(
            Text("“{part}”不能保存：没有这一部分，或超过 {limit} 字。", part=part, limit=_TEXT_LIMIT),
            remedy=Text("请刷新页面，缩短后再保存。"),
            where=Where(field=part),
        )
    label = known[part].label.zh
    number = based_on + 1
    with audit.action(
        "reporting.text_saved", actor=actor, where=where, title=report.title, part=label, number=number
    ):
        newest = ReportText.objects.filter(report=report, part=part).order_by("-number").first()
        if (newest.number if newest else 0) != based_on:
            raise _written_by_another(label)
        try:
            with transaction.atomic():
                ReportText(
                    division=report.division,
                    report=report,
                    part=part,
                    number=number,
                    text=text.replace("\r\n", "\n").strip(),
                    at=at,
                    by=actor.get_username(),
                ).save()
        except IntegrityError as fault:
            raise _written_by_another(label) from fault


def _written_by_another(label: str) -> Conflict:
    return Conflict(
        Text("“{part}”在您打开之后已被他人修改。", part=label),
        remedy=Text("您的文字没有保存；请先复制，刷新页面后对照对方的修改再保存。"),
    )


def _check_draft(report: Report) -> None:
    if report.state != "draft":
        raise Conflict(
            Text("“{title}”当前为“{state}”，不能修改。", title=report.title, state=report.step.label),
            remedy=Text("请先退回修改，或对已签发的版本办理更正。"),
        )


def advance(
    report: Report, transition: str, *, actor: Any, texts: Mapping[str, str] | None = None, where: str = ""
) -> None:
    """Fire a transition; what is submitted is frozen, what is returned or corrected is open again.

    Raises
    ------
    BishuiError
        As `bishui.server.core.workflow.fire`; DataError if a required part is not written.
    """
    label = workflow.of(report).transitions[transition].label.zh
    with audit.action(
        "core.transition",
        actor=actor,
        where=where,
        division=report.division,
        name=str(report),
        transition=label,
    ):
        # Fired first: who may not, or not now, is told so before anything is gathered.
        workflow.fire(report, transition, actor=actor, evidence=texts, where=where)
        if transition == "submit":
            _freeze(report)
        elif report.state == "draft":
            report.frozen, report.frozen_hash, report.evidence = {}, "", None
            report.save()


def _freeze(report: Report) -> None:
    missing = queries.unwritten(report)
    if missing:
        raise DataError(
            Text("还有必填部分没有填写：{parts}。", parts="、".join(part.label.zh for part in missing)),
            remedy=Text("请填写后再提交校核。"),
        )
    if report.kind in BULLETINS:
        # Figures and rows of one collection: what is kept beside the figures is what they follow from.
        found = bulletin.Collection(queries.scope_of(report))
        report.evidence = evidence.keep(found, report)
        inputs = queries.live_inputs(report, bulletin.facts_of(found.told, found.scope))
        inputs = replace(inputs, evidence=report.evidence.sha256)
    else:
        inputs = queries.live_inputs(report)
    report.frozen = inputs.as_dict()
    report.frozen_hash = queries.digest(report.frozen)
    report.save()


def produce(report: Report) -> Edition | None:
    """Make and keep the files of a report that is being issued; run again it does nothing twice.

    Returns
    -------
    Edition or None
        None where the report is not being issued (any more).

    Raises
    ------
    BishuiError
        If a file cannot be made or kept; the report is back in ``checked``.
    """
    report.refresh_from_db()
    if report.state != "issuing":
        return None
    try:
        made = files_of.make(Inputs.of(report.frozen))
        return _keep(report, made)
    except BishuiError as error:
        with audit.action(
            "reporting.failed",
            actor="system",
            division=report.division,
            title=report.title,
            reason=str(error),
        ):
            workflow.fire(report, "fail", actor="system")
        raise


def _keep(report: Report, made: files_of.Files) -> Edition:
    last = Edition.objects.filter(report=report).order_by("-number").first()
    issued = _last_event(report, "issue")
    number = last.number + 1 if last else 1
    with audit.action(
        "reporting.issued", actor="system", division=report.division, title=report.title, number=number
    ):
        edition = Edition(
            division=report.division,
            report=report,
            number=number,
            title=report.title,
            issued_at=issued.at if issued else datetime.now(),
            issued_by=issued.by_name if issued else "system",
            reason=_reason(report) if last else "",
            inputs=report.frozen,
            inputs_hash=report.frozen_hash,
            differences=differences(last.inputs, report.frozen) if last else [],
            evidence=report.evidence,
            **files_of.keep(made, report, number),
        )
        edition.save()
        workflow.fire(report, "land", actor="system")
    return edition


def _last_event(report: Report, transition: str) -> WorkflowEvent | None:
    found = WorkflowEvent.objects.filter(record_id=report.pk, transition=transition)
    return found.order_by("-at", "-id").first()


def _reason(report: Report) -> str:
    event = _last_event(report, "correct")
    return str(event.evidence.get("text", "")) if event else ""
