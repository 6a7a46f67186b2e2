"""Deadlines against the texts they stand beside: contradicted, cut off, missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bishui.documents.deadlines import find, meanings
from bishui.documents.draft import Finding, PlanDraft, Task
from bishui.documents.linting.report import finding, section
from bishui.documents.rulebook import pattern
from bishui.documents.sentences import masked
from bishui.documents.text import Compact, squeeze
from bishui.i18n import Text

_ISO = re.compile(r"20\d\d-\d\d-\d\d")


def deadline_and_text(draft: PlanDraft) -> Iterator[Finding]:
    """A deadline column that the dates in the task's text contradict.

    Several reports need several dates; a date by which work must end (完成) is no 全年, and no date may be
    later than the column's.
    """
    for index, task in enumerate(draft.tasks):
        if task.deadline_norm is None:
            continue
        reports = [report.due for report in draft.report_deadlines if report.task == index]
        named = [each.norm for each in meanings(task.deadline, draft.doc.year)]
        if len(reports) > 1:
            if not set(reports) <= set(named):
                yield _contradicted(task, reports)
            continue
        dates, ends = _dates_in(task, draft.doc.year)
        if task.deadline_norm == "all year":
            if ends:
                yield _contradicted(task, ends)
        elif _ISO.fullmatch(task.deadline_norm) and dates and dates[-1] > task.deadline_norm:
            yield _contradicted(task, dates)


def _dates_in(task: Task, year: int | None) -> tuple[list[str], list[str]]:
    """Return the dates that a task's text names, and those by which work must end; no titles, no brackets."""
    text = Compact.of(task.content)
    hidden = masked(text)
    dates, ends = [], []
    loose = pattern(section("deadlines")["loose"])
    for each in find(text, year):
        if loose.search(each.text):
            continue
        if each.norm and _ISO.fullmatch(each.norm) and "□" not in hidden[each.start : each.end]:
            dates.append(each.norm)
            if pattern(section("deadlines")["finishing"]).match(hidden[each.end :]):
                ends.append(each.norm)
    return sorted(dates), sorted(ends)


def _contradicted(task: Task, dates: list[str]) -> Finding:
    message = Text(
        "任务正文写的时间是 {dates}，完成时限列写的是“{deadline}”。",
        dates="、".join(dates),
        deadline=squeeze(task.deadline),
    )
    return finding("deadline-and-text", message, task.lines)


def cut_off(draft: PlanDraft) -> Iterator[Finding]:
    """A relative deadline that names no event, or a cell that begins in the middle."""
    rule = section("deadlines")
    for task in draft.tasks:
        written = squeeze(task.deadline)
        relative = (task.deadline_norm or "").startswith("relative:")
        no_event = relative and not pattern(rule["events"]).search(written)
        if no_event or pattern(rule["begins_inside"]).match(written):
            message = Text(
                "完成时限“{deadline}”没有写明从什么事件起算，开头可能在换页时丢失。", deadline=written
            )
            yield finding("deadline-cut-off", message, task.lines)


def missing(draft: PlanDraft) -> Iterator[Finding]:
    """A task without a deadline in a list where others have one."""
    if not any(task.deadline for task in draft.tasks):
        return
    for task in draft.tasks:
        if not squeeze(task.deadline):
            message = Text("任务“{title}”没有完成时限。", title=task.theme or task.content[:20])
            yield finding("task-without-deadline", message, task.lines)
