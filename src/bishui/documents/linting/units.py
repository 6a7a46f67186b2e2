"""Who is to do it: names run together, cut short, twice in a cell, nobody at all, or left out of the list."""

from __future__ import annotations

from collections.abc import Iterator

from bishui.documents.draft import Finding, Lines, PlanDraft, Task, UnitCell
from bishui.documents.linting.report import finding, section
from bishui.documents.names import split_units
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import depth_split, squeeze
from bishui.i18n import Text


def cells(draft: PlanDraft) -> Iterator[tuple[UnitCell, Lines]]:
    """Give all cells of units of tasks and projects with their lines."""
    for task in draft.tasks:
        for cell in (task.lead, task.cooperating, task.responsible):
            yield cell, task.lines
    for project in draft.projects:
        yield project.units, project.lines


def bodies(draft: PlanDraft) -> Iterator[tuple[str, Lines]]:
    """Give each mention of a unit with its lines."""
    for cell, lines in cells(draft):
        for unit in cell.units:
            yield unit, lines


def missing_separator(draft: PlanDraft) -> Iterator[Finding]:
    """Two organs in one name."""
    rule = section("units")
    for unit, lines in bodies(draft):
        if pattern(rule["two_organs"]).match(squeeze(unit)) and not pattern(rule["branch"]).search(unit):
            message = Text("单位“{unit}”中似乎少了一个顿号，已按一个单位保留。", unit=unit)
            yield finding("missing-separator", message, lines)


def dangling(draft: PlanDraft) -> Iterator[Finding]:
    """A name that ends like no body, or a list that ends with a separator."""
    body = pattern(section("units")["body"])
    for cell, lines in cells(draft):
        for unit in cell.units:
            if not body.search(squeeze(unit)):
                message = Text("“{unit}”不像一个完整的单位名称。", unit=unit)
                yield finding("dangling-unit", message, lines)
        raw = squeeze(cell.raw)
        if cell.units and raw.endswith(("、", "，", ",")):
            message = Text("单位列表“{raw}”以顿号结尾，后面的单位可能丢失。", raw=raw)
            yield finding("dangling-unit", message, lines)


def twice(draft: PlanDraft) -> Iterator[Finding]:
    """The same unit more than once in one cell."""
    split = rules("units")["split"]
    for cell, lines in cells(draft):
        pieces = depth_split(squeeze(cell.raw), split["separators"], split["opening"], split["closing"])
        parts = [squeeze(part) for part, _ in pieces]
        for unit in dict.fromkeys(part for part in parts if part and parts.count(part) > 1):
            yield finding("unit-twice", Text("单位“{unit}”在同一栏中出现两次。", unit=unit), lines)


def nobody(draft: PlanDraft) -> Iterator[Finding]:
    """A task that nobody leads or is responsible for, or a project of nobody."""
    for task in draft.tasks:
        if not task.lead.units and not task.responsible.units:
            message = Text(
                "任务“{title}”没有牵头单位，也没有责任单位。", title=task.theme or task.content[:20]
            )
            yield finding("duty-without-unit", message, task.lines)
    for project in draft.projects:
        if not project.units.units:
            message = Text("项目“{name}”没有责任单位。", name=project.name)
            yield finding("duty-without-unit", message, project.lines)


def without_duty(draft: PlanDraft) -> Iterator[Finding]:
    """A body that the text calls responsible, or a place that the tables assess, and no cell gives a duty."""
    for task in draft.tasks:
        yield from _named_in_text(task)
    if draft.tasks:
        yield from _places_left_out(draft)


def _named_in_text(task: Task) -> Iterator[Finding]:
    listed = {_bare(unit) for cell in (task.lead, task.cooperating, task.responsible) for unit in cell.units}
    for hit in pattern(section("units")["in_brackets"]).finditer(squeeze(task.content)):
        for unit in split_units(hit["units"]).units:
            if _bare(unit) not in listed and pattern(section("units")["body"]).search(unit):
                message = Text("任务正文写明由“{unit}”负责，单位栏中没有它。", unit=unit)
                yield finding("unit-without-duty", message, task.lines)


def _bare(unit: str) -> str:
    return pattern(section("names")["level"]).sub("", squeeze(unit))


def _places_left_out(draft: PlanDraft) -> Iterator[Finding]:
    units = {squeeze(unit) for unit, _ in bodies(draft)}
    if any(pattern(section("units")["collective"]).search(unit) for unit in units):
        return
    told: set[str] = set()
    assessed = [(each.county, each.lines) for each in draft.section_targets]
    assessed += [(each.county, each.lines) for each in draft.source_targets]
    for county, lines in assessed:
        for place in pattern(r"[^/、，,]+").findall(squeeze(county)):
            if place in told or place in draft.doc.region or any(place in unit for unit in units):
                continue
            told.add(place)
            message = Text("附表考核“{place}”，但没有一项任务由它负责。", place=place)
            yield finding("unit-without-duty", message, lines)
