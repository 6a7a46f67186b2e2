"""Handing progress in, with evidence, and its review: what is accepted counts, nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.core import audit, evidence, workflow
from bishui.server.plans import standings
from bishui.server.plans.ledger import exact
from bishui.server.plans.models import (
    Duty,
    Progress,
    ProgressFigure,
    ProgressFile,
    ProgressLink,
    ProgressMilestone,
    Target,
    Task,
    outlook_labels,
)
from bishui.server.plans.states import Facts, Owed, shares_of, steps_of

_TEXT_LIMIT = 2000
_MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is handed in; `target` is the identifier of the target it measures, if any."""

    indicator: str
    value: str
    unit: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A thing that a report points to: ``site``, ``outfall`` or ``project``, its identifier and name."""

    kind: str
    object_id: str
    label: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a unit hands in.

    Attributes
    ----------
    milestones
        Identifiers of the milestones that it says are reached; these ask for evidence.
    files
        The open files and their names.
    for_all
        A lead unit speaks for all responsible units.
    replaces
        The returned report that this one is handed in for.
    """

    text: str
    milestones: Sequence[str] = ()
    files: Sequence[tuple[BinaryIO, str]] = ()
    figures: Sequence[Figure] = ()
    links: Sequence[Link] = ()
    outlook: str = "normal"
    for_all: bool = False
    replaces: Progress | None = None


@dataclass(slots=True)
class _Checked:
    values: list[Decimal] = field(default_factory=list)
    targets: list[Target | None] = field(default_factory=list)


def hand_in(
    task: Task,
    unit: Any,
    given: Given,
    *,
    actor: Any,
    at: datetime,
    seen: int | None = None,
    where: str = "",
) -> Progress:
    """Add a progress report of a unit on a task, which then awaits its review.

    Parameters
    ----------
    task, unit
        The task and the `accounts.Unit` that reports.
    actor
        The user who hands it in.
    at
        The time that it speaks of.
    seen
        How many reports of the unit the writer had before the eyes; None = does not matter.

    Raises
    ------
    DataError
        If the text, a file, a figure or a milestone cannot be taken, or a milestone comes without evidence.
    Conflict
        If a colleague reported in between, the duty is accepted already, or the plan counts no more.
    Forbidden
        If the actor may not report for the unit.
    """
    duty = _duty(task, unit)
    facts = standings.facts_of(Task.objects.filter(pk=task.pk))[task.pk]
    checked = _check(task, duty, given, facts)
    with audit.action(
        "plans.progress_reported",
        actor=actor,
        where=where,
        division=task.division,
        unit=str(unit),
        task=str(task),
    ):
        last = Progress.objects.filter(task=task, unit=unit).order_by("-number").first()
        if seen is not None and seen != (last.number if last else 0):
            raise _reported_meanwhile(str(unit))
        report = _add(task, unit, given, number=(last.number if last else 0) + 1, at=at, by=str(actor))
        _add_evidence(report, given, checked)
        workflow.fire(report, "hand_in", actor=actor, evidence={"day": at.date().isoformat()}, where=where)
        _move_on(duty, report, facts, actor, where)
        standings.renew([task.pk], standings.today_of(task.division))
    return report


def _duty(task: Task, unit: Any) -> Duty:
    duty = Duty.objects.filter(task=task, unit=unit).exclude(state="retired").first()
    if duty is None or not task.plan.active or task.retired_id:
        raise Conflict(
            Text("{unit}在现行计划中没有任务“{task}”的分工，不能填报。", unit=str(unit), task=str(task)),
            remedy=Text("请在现行计划的任务中填报。"),
        )
    if duty.state == "accepted":
        raise Conflict(
            Text("{unit}的任务“{task}”已经验收，不能再填报。", unit=str(unit), task=str(task)),
            remedy=Text("如有误报，请由审核人员撤销验收。"),
        )
    return duty


def _check(task: Task, duty: Duty, given: Given, facts: Facts) -> _Checked:
    if not given.text.strip() or len(given.text) > _TEXT_LIMIT:
        raise _wrong(
            "text",
            Text("进展说明不能为空，且不超过 {limit} 个字。", limit=_TEXT_LIMIT),
            Text("请写明已做了什么、下一步做什么。"),
        )
    if given.outlook not in outlook_labels():
        raise _wrong("outlook", Text("没有这种推进情况。"), Text("请从列表中选择。"))
    if len(given.files) > _MOST_FILES:
        raise _wrong(
            "files",
            Text("一次最多提交 {limit} 个文件。", limit=_MOST_FILES),
            Text("请合并为压缩包，或分次填报。"),
        )
    if given.for_all and duty.role != "lead":
        raise _wrong("for_all", Text("只有牵头单位可以汇总填报。"), Text("请取消“汇总填报”。"))
    _check_milestones(duty, given, facts)
    return _check_figures(task, given)


def _check_milestones(duty: Duty, given: Given, facts: Facts) -> None:
    own = {step.id for step in steps_of(facts, owed_of(duty))}
    reached = {share.step.id for share in shares_of(date.max, facts, owed_of(duty)) if share.reached == 1}
    for key in given.milestones:
        if key not in own:
            raise _wrong("milestones", Text("所选节点不是本单位的节点。"), Text("请只勾选列出的节点。"))
        if key in reached:
            raise Conflict(
                Text("所选节点已经认可，不必再报。"),
                remedy=Text("请刷新页面，勾选尚未完成的节点。"),
                where=Where(field="milestones"),
            )
    if given.milestones and not (given.files or given.figures or given.links):
        raise _wrong(
            "files",
            Text("申报节点完成须附佐证：文件、数据或关联对象至少一项。"),
            Text("请上传佐证文件，或填写数据，或关联断面、排污口、项目。"),
        )


def _check_figures(task: Task, given: Given) -> _Checked:
    checked = _Checked()
    targets = {str(target.pk): target for target in task.targets.all()}
    for figure in given.figures:
        value = exact(figure.value.strip())
        if value is None:
            raise _wrong(
                "figures",
                Text("“{name}”的数值“{value}”不是数字。", name=figure.indicator, value=figure.value),
                Text("请只填数字，单位填在后一格。"),
            )
        if not figure.indicator.strip():
            raise _wrong("figures", Text("数据须写明指标名称。"), Text("请补充指标名称。"))
        checked.values.append(value)
        checked.targets.append(targets.get(figure.target))
    return checked


def _wrong(name: str, what: Text, remedy: Text) -> DataError:
    return DataError(what, remedy=remedy, where=Where(field=name))


def _add(task: Task, unit: Any, given: Given, *, number: int, at: datetime, by: str) -> Progress:
    report = Progress(
        division=task.division,
        task=task,
        unit=unit,
        number=number,
        at=at,
        text=given.text.strip(),
        outlook=given.outlook,
        for_all=given.for_all,
        replaces=given.replaces,
        by=by,
    )
    try:
        with transaction.atomic():
            report.save()
    except IntegrityError:
        raise _reported_meanwhile(str(unit)) from None
    return report


def _add_evidence(report: Progress, given: Given, checked: _Checked) -> None:
    common: dict[str, Any] = {"division": report.division, "report": report}
    kept = [evidence.keep(content, name, division=report.division) for content, name in given.files]
    ProgressFile.objects.bulk_create([ProgressFile(file=file, **common) for file in kept])
    ProgressMilestone.objects.bulk_create(
        [ProgressMilestone(milestone_id=UUID(key), **common) for key in dict.fromkeys(given.milestones)]
    )
    ProgressFigure.objects.bulk_create(
        [
            ProgressFigure(
                target=target,
                indicator=figure.indicator.strip(),
                value=value,
                value_text=figure.value.strip(),
                unit=figure.unit.strip(),
                **common,
            )
            for figure, value, target in zip(given.figures, checked.values, checked.targets, strict=True)
        ]
    )
    ProgressLink.objects.bulk_create(
        [
            ProgressLink(kind=link.kind, object_id=link.object_id, label=link.label, **common)
            for link in given.links
        ]
    )


def _move_on(duty: Duty, report: Progress, before: Facts, actor: Any, where: str) -> None:
    """Move the duty: handed in with the last open milestone, else in progress."""
    named = {str(item.milestone_id) for item in report.milestones.all()}
    waiting = {
        key
        for item in before.reports
        if item.waiting and item.unit == str(duty.unit_id)
        for key in item.reached
    }
    shares = shares_of(date.max, before, owed_of(duty))
    still_open = {share.step.id for share in shares if share.reached < 1} - named - waiting
    if shares and not still_open and duty.state != "handed_in":
        workflow.fire(duty, "hand_in", actor=actor, where=where)
    elif duty.state in ("issued", "taken", "returned"):
        workflow.fire(duty, "begin", actor=actor, where=where)


def _reported_meanwhile(unit: str) -> Conflict:
    return Conflict(
        Text("在您填写期间，{unit}已有同事提交了新的进展。", unit=unit),
        remedy=Text("请查看新提交的进展；您刚才填写的内容仍保留在表单中，确认后可再次提交。"),
    )


def changed_meanwhile(report: Progress) -> Conflict:
    """Return the refusal for who decides on a report that has changed since they opened it."""
    return Conflict(
        Text("“{name}”在您打开之后已被他人办理。", name=str(report)),
        remedy=Text("请查看最新状态；您刚才填写的内容仍保留在表单中。"),
    )


def owed_of(duty: Duty) -> Owed:
    """Return a duty as the derivation of states needs it."""
    return Owed(str(duty.pk), str(duty.unit_id), duty.role, duty.weight)


def is_complete(duty: Duty) -> bool:
    """Tell whether accepted evidence covers every milestone of a duty."""
    return _covers(standings.facts_of(Task.objects.filter(pk=duty.task_id))[duty.task_id], duty)


def _covers(facts: Facts, duty: Duty) -> bool:
    shares = shares_of(date.max, facts, owed_of(duty))
    return bool(shares) and all(share.reached == 1 for share in shares)


# -- review --------------------------------------------------------------------------------------------


def accept(report: Progress, *, actor: Any, text: str = "", on: date | None = None, where: str = "") -> None:
    """Accept a report: from now on it counts; a duty that it completes is accepted (验收) with it.

    `on` is the day of the decision by the city's calendar; the present one where it is not given.

    Raises
    ------
    BishuiError
        As `bishui.server.core.workflow.fire`: not by its writer, not twice.
    """
    decision = _Decision(report, actor, text, on, where)
    with decision.action(Text("认可")):
        report.reviewed_on = decision.day
        decision.fire(report, "accept")
        facts = standings.facts_of(Task.objects.filter(pk=report.task_id))[report.task_id]
        for duty in _affected(report):
            if duty.state != "accepted" and _covers(facts, duty) and workflow.may(duty, "accept", actor):
                decision.fire(duty, "accept")
        decision.settle()


def send_back(report: Progress, reason: str, *, actor: Any, on: date | None = None, where: str = "") -> None:
    """Return a report with a reason; its duty, unless it is accepted, is returned with it."""
    decision = _Decision(report, actor, reason, on, where)
    with decision.action(Text("退回")):
        decision.fire(report, "return")
        duty = _own_duty(report)
        if duty is not None and duty.state != "accepted" and workflow.may(duty, "return", actor):
            decision.fire(duty, "return")
        decision.settle()


def withdraw(report: Progress, reason: str, *, actor: Any, on: date | None = None, where: str = "") -> None:
    """Take a report back before it is reviewed."""
    decision = _Decision(report, actor, reason, on, where)
    with decision.action(Text("撤回")):
        decision.fire(report, "withdraw")
        duty = _own_duty(report)
        if duty is not None and duty.state == "handed_in":
            decision.fire(duty, "call_back")
        decision.settle()


def reopen(report: Progress, reason: str, *, actor: Any, on: date | None = None, where: str = "") -> None:
    """Let a report that was accepted, returned or withdrawn await its review again; what happened stays."""
    decision = _Decision(report, actor, reason, on, where)
    with decision.action(Text("重新审核")):
        report.reviewed_on = None
        decision.fire(report, "reopen")
        for duty in _affected(report):
            if duty.state == "accepted" and not is_complete(duty):
                decision.fire(duty, "reopen")
        decision.settle()


class _Decision:
    """One decision on a report: everything that follows from it is one deed of one person on one day."""

    def __init__(self, report: Progress, actor: Any, text: str, on: date | None, where: str) -> None:
        self.report, self.actor, self.text, self.where = report, actor, text, where
        self.day = on or standings.today_of(report.division)

    def action(self, what: Text) -> Any:
        """Return the audited action of the decision."""
        return audit.action(
            "plans.progress_reviewed",
            actor=self.actor,
            where=self.where,
            division=self.report.division,
            unit=str(self.report.unit),
            task=str(self.report.task),
            decision=str(what),
        )

    def fire(self, record: Progress | Duty, transition: str) -> None:
        """Move a record, with the text and the day as evidence."""
        evidence_given = {"text": self.text, "day": self.day.isoformat()}
        workflow.fire(record, transition, actor=self.actor, evidence=evidence_given, where=self.where)

    def settle(self) -> None:
        """Derive anew where the task stands."""
        standings.renew([self.report.task_id], standings.today_of(self.report.division))


def _own_duty(report: Progress) -> Duty | None:
    found: Duty | None = Duty.objects.filter(task_id=report.task_id, unit_id=report.unit_id).first()
    return found


def _affected(report: Progress) -> list[Duty]:
    """Return the duties that a report counts for: its unit's, and the responsible ones it speaks for."""
    duties = (
        Duty.objects.filter(task_id=report.task_id).exclude(state="retired").select_related("unit", "task")
    )
    return [
        duty
        for duty in duties
        if duty.unit_id == report.unit_id or (report.for_all and duty.role == "responsible")
    ]
