"""Tables and lists against themselves: counted elsewhere or twice, changed by a note, numbers that jump."""

from __future__ import annotations

from collections.abc import Iterator

from bishui.documents.draft import Finding, Lines, PlanDraft, Table
from bishui.documents.linting.report import finding, section
from bishui.documents.rulebook import pattern
from bishui.documents.text import squeeze
from bishui.i18n import Text

_ROMAN = str.maketrans({"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V"})


def counted_elsewhere(draft: PlanDraft) -> Iterator[Finding]:
    """A section that lies in one city and is counted for another."""
    for target in draft.section_targets:
        if target.city and target.assessed and target.city != target.assessed:
            message = Text(
                "断面“{section}”位于 {city}，考核 {assessed}。",
                section=target.section,
                city=target.city,
                assessed=target.assessed,
            )
            yield finding("counted-elsewhere", message, target.lines)


def counted_twice(draft: PlanDraft) -> Iterator[Finding]:
    """A facility that stands in two rows of a table with the same capacity."""
    for table in draft.tables:
        columns = _capacity_columns(table)
        if columns is None:
            continue
        facility, capacity = columns
        seen: dict[tuple[str, str], Lines] = {}
        for row, lines in zip(table.rows_filled, table.row_lines, strict=True):
            name, size = squeeze(row[facility]), squeeze(row[capacity])
            if not name or not size:
                continue
            first = seen.setdefault((name, size), lines)
            if first != lines:
                message = Text(
                    "“{name}”的 {head} {size} 已列在第 {line} 行，合计时会算两次。",
                    name=name,
                    head=squeeze(table.header[capacity]),
                    size=size,
                    line=first[0],
                )
                yield finding("counted-twice", message, lines)


def _capacity_columns(table: Table) -> tuple[int, int] | None:
    rule = section("places")
    heads = [squeeze(head) for head in table.header]
    facility = next((i for i, head in enumerate(heads) if pattern(rule["facility"]).search(head)), None)
    capacity = next((i for i, head in enumerate(heads) if pattern(rule["capacity"]).search(head)), None)
    return None if facility is None or capacity is None or facility == capacity else (facility, capacity)


def changed_by_note(draft: PlanDraft) -> Iterator[Finding]:
    """A note under a table that gives one of its sections another class."""
    for table in draft.tables:
        for note in table.notes:
            text = squeeze(note)
            classes = pattern(section("places")["note_class"]).findall(text)
            for target in draft.section_targets:
                own = _plain(target.target_class)
                inside = table.lines[0] <= target.lines[0] <= table.lines[1]
                other = [each for each in classes if _plain(each) != own]
                if inside and squeeze(target.section) in text and other:
                    message = Text(
                        "断面“{section}”的目标是 {own}，表注写的是 {other}类：“{note}”。",
                        section=target.section,
                        own=target.target_class,
                        other="、".join(other),
                        note=note,
                    )
                    yield finding("target-changes-by-note", message, _line_of(note, draft) or target.lines)


def _plain(water_class: str) -> str:
    return squeeze(water_class).removesuffix("类").translate(_ROMAN)


def _line_of(note: str, draft: PlanDraft) -> Lines | None:
    wanted = squeeze(note)
    numbered = enumerate(draft.source_lines, start=1)
    return next(((number, number) for number, line in numbered if squeeze(line) == wanted), None)


def numbers_run_on(draft: PlanDraft) -> Iterator[Finding]:
    """Tasks whose numbers skip or repeat."""
    former = None
    for task in draft.tasks:
        if task.seq is None:
            continue
        if former is not None and task.seq not in {former + 1, 1}:
            message = Text("任务序号从 {former} 跳到 {number}。", former=former, number=task.seq)
            yield finding("task-number-gap", message, task.lines)
        former = task.seq
