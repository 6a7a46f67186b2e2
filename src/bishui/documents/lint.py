"""Doubts about a plan itself: places that contradict one another, that are misspelt, or that leave no room.

A rule looks at the draft alone and reports what a person should ask the authority about; nothing is mended.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal

from bishui.documents.deadlines import find
from bishui.documents.draft import Finding, PlanDraft, SectionTarget, Target, Task
from bishui.documents.rulebook import pattern, rules
from bishui.documents.sentences import masked
from bishui.documents.text import Compact, squeeze
from bishui.i18n import Text

_ISO = re.compile(r"20\d\d-\d\d-\d\d")


def lint(draft: PlanDraft) -> list[Finding]:
    """Return the doubts about a plan, in the order of its lines.

    The rules: one indicator with two figures; a deadline that the task's own text contradicts; a name of a
    section one character off the table's; two organs without a separator; a share of sections
    or sources that leaves no room or cannot be reached; a section counted for another city than it lies in.
    """
    findings = [finding for rule in _RULES for finding in rule(draft)]
    return sorted(findings, key=lambda finding: (finding.lines, finding.rule))


def _two_figures(draft: PlanDraft) -> Iterator[Finding]:
    """The same indicator, unit and deadline, with different values."""
    seen: dict[tuple[str, str | None, str | None, str], Target] = {}
    for target in draft.targets:
        if target.qualitative or target.op == "meets":
            continue
        key = (target.indicator, target.unit, target.deadline, target.op)
        first = seen.setdefault(key, target)
        if Decimal(first.value) != Decimal(target.value):
            yield Finding(
                "figures-disagree",
                "warning",
                Text(
                    "“{indicator}”在第 {line} 行是 {first}{unit}，在这里是 {second}{unit}。",
                    indicator=target.indicator,
                    line=first.line,
                    first=first.value,
                    second=target.value,
                    unit=target.unit or "",
                ),
                (target.line, target.line),
            )


def _deadline_and_text(draft: PlanDraft) -> Iterator[Finding]:
    """A deadline column that the dates in the task's text contradict."""
    reports = {
        index: [report.due for report in draft.report_deadlines if report.task == index]
        for index in range(len(draft.tasks))
    }
    for index, task in enumerate(draft.tasks):
        if len(reports[index]) > 1:
            yield _contradicted(task, reports[index], "warning")
            continue
        dates = _dates_in(task, draft.doc.year)
        if not dates or task.deadline_norm is None:
            continue
        if task.deadline_norm == "all year":
            yield _contradicted(task, dates, "note")
        elif _ISO.fullmatch(task.deadline_norm) and dates[-1] > task.deadline_norm:
            yield _contradicted(task, dates, "warning")


def _dates_in(task: Task, year: int | None) -> list[str]:
    """Return the dates that a task's text names as ends, in order; titles and brackets are left out."""
    text = Compact.of(task.content)
    hidden = masked(text)
    found = [each for each in find(text, year) if "□" not in hidden[each.start : each.end]]
    return sorted(each.norm for each in found if each.norm and _ISO.fullmatch(each.norm))


def _contradicted(task: Task, dates: list[str], severity: str) -> Finding:
    return Finding(
        "deadline-and-text",
        severity,
        Text(
            "任务正文写的时间是 {dates}，完成时限列写的是“{deadline}”。",
            dates="、".join(dates),
            deadline=task.deadline,
        ),
        task.lines,
    )


def _one_character_off(draft: PlanDraft) -> Iterator[Finding]:
    """A name before 断面 that is no section of the tables but differs from one by a single character."""
    rule = rules("lint")["names"]
    names = sorted(
        {squeeze(each.section) for each in draft.section_targets if len(each.section) >= rule["shortest"]}
    )
    for task in draft.tasks:
        text = squeeze(task.content)
        for hit in re.finditer(rule["after"], text):
            before = text[: hit.start()]
            if before.endswith(tuple(names)):
                continue
            alike = [name for name in names if _differ_by_one(before[-len(name) :], name)]
            if alike:
                yield Finding(
                    "name-differs-by-one",
                    "warning",
                    Text(
                        "任务中的“{written}”与附表中的断面名称“{names}”只差一个字。",
                        written=before[-len(alike[0]) :],
                        names="、".join(alike),
                    ),
                    task.lines,
                )


def _differ_by_one(first: str, second: str) -> bool:
    return len(first) == len(second) and sum(a != b for a, b in zip(first, second, strict=True)) == 1


def _missing_separator(draft: PlanDraft) -> Iterator[Finding]:
    """Two organs in one name."""
    rule = rules("lint")["separators"]
    for task in draft.tasks:
        for cell in (task.lead, task.cooperating, task.responsible):
            for unit in cell.units:
                if pattern(rule["two_organs"]).match(unit) and not pattern(rule["branch"]).search(unit):
                    yield Finding(
                        "missing-separator",
                        "warning",
                        Text("单位“{unit}”中似乎少了一个顿号，已按一个单位保留。", unit=unit),
                        task.lines,
                    )


def _slack_of_sections(draft: PlanDraft) -> Iterator[Finding]:
    """A share of good sections against the number of sections and their own targets."""
    rule = rules("lint")["slack"]
    for target in draft.targets:
        hit = pattern(rule["share"]).search(target.indicator)
        if hit is None or target.unit != "%" or target.op not in {">=", "="}:
            continue
        levels = [
            level for level, words in rule["kinds"].items() if any(word in hit["kind"] for word in words)
        ]
        sections = [each for each in draft.section_targets if each.level in levels]
        if not sections:
            continue
        count = int(hit["count"])
        if len(sections) != count:
            yield Finding(
                "section-count",
                "warning",
                Text(
                    "正文写 {count} 个断面，附表中列出 {listed} 个。",
                    count=count,
                    listed=len(sections),
                ),
                (target.line, target.line),
            )
            continue
        yield from _room(target, count, sum(_is_good(each) for each in sections))


def _room(target: Target, count: int, possible: int) -> Iterator[Finding]:
    """Compare the sections needed for a share with those whose own target is good."""
    needed = needed_of(count, target.value)
    if needed is None or possible > needed or needed == possible == count:
        return
    severity, message = (
        (
            "error",
            Text(
                "{value}% 需要 {needed} 个断面优良，而按各自目标只有 {possible} 个。",
                **_figures(target, needed, possible),
            ),
        )
        if possible < needed
        else (
            "note",
            Text(
                "{value}% 正好需要 {needed} 个断面优良，按各自目标也只有 {possible} 个，没有余量。",
                **_figures(target, needed, possible),
            ),
        )
    )
    yield Finding("no-slack", severity, message, (target.line, target.line))


def _figures(target: Target, needed: int, possible: int) -> dict[str, object]:
    return {"value": target.value, "needed": needed, "possible": possible}


def needed_of(count: int, share: str) -> int | None:
    """Return how many of `count` are needed for a share in percent, rounded as it is written (GB/T 8170).

    None where even all of them do not reach it.
    """
    wanted = Decimal(share)
    for number in range(count + 1):
        reached = (Decimal(100 * number) / count).quantize(wanted, rounding=ROUND_HALF_EVEN)
        if reached >= wanted:
            return number
    return None


def _is_good(section: SectionTarget) -> bool:
    return squeeze(section.target_class).removesuffix("类") in rules("lint")["slack"]["good"]


def _slack_of_sources(draft: PlanDraft) -> Iterator[Finding]:
    """A share of sources that only all of them together can reach."""
    for target in draft.targets:
        hit = pattern(rules("lint")["slack"]["source_share"]).search(target.indicator)
        if hit is None or target.unit != "%" or Decimal(target.value) >= 100:
            continue
        count = sum(each.level == hit["level"] for each in draft.source_targets)
        if count and needed_of(count, target.value) == count:
            below = math.floor(100 * (count - 1) / count)
            yield Finding(
                "no-slack",
                "note",
                Text(
                    "附表只有 {count} 个水源，少一个达标就只有 {below}%，要达到 {value}% 必须全部达标；"
                    "或者比例不是按水源个数算的。",
                    count=count,
                    below=below,
                    value=target.value,
                ),
                (target.line, target.line),
            )


def _counted_elsewhere(draft: PlanDraft) -> Iterator[Finding]:
    """A section that lies in one city and is counted for another."""
    for section in draft.section_targets:
        if section.city and section.assessed and section.city != section.assessed:
            yield Finding(
                "counted-elsewhere",
                "note",
                Text(
                    "断面“{section}”位于 {city}，考核 {assessed}。",
                    section=section.section,
                    city=section.city,
                    assessed=section.assessed,
                ),
                section.lines,
            )


_RULES: tuple[Callable[[PlanDraft], Iterator[Finding]], ...] = (
    _two_figures,
    _deadline_and_text,
    _one_character_off,
    _missing_separator,
    _slack_of_sections,
    _slack_of_sources,
    _counted_elsewhere,
)
