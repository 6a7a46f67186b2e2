"""Names that differ by one character from a name that stands elsewhere in the plan."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bishui.documents.draft import Finding, PlanDraft, SectionTarget, Task
from bishui.documents.linting.report import finding, section
from bishui.documents.linting.units import bodies
from bishui.documents.rulebook import pattern
from bishui.documents.text import squeeze
from bishui.i18n import Text


def sections_one_off(draft: PlanDraft) -> Iterator[Finding]:
    """A name before 断面 that is no section of the tables but differs from one by a single character."""
    rule = section("names")
    known = [each for each in draft.section_targets if len(squeeze(each.section)) >= rule["shortest"]]
    names = tuple(squeeze(each.section) for each in known)
    for task in draft.tasks if names else ():
        text = squeeze(task.content)
        for hit in re.finditer(rule["after"], text):
            before = text[: hit.start()]
            alike = [each for each in known if _differ(before[-len(squeeze(each.section)) :], each)]
            if alike and not before.endswith(names):
                yield _misspelt(task, before, _of_same_water(alike, task))


def _differ(written: str, target: SectionTarget) -> bool:
    name = squeeze(target.section)
    return len(written) == len(name) and sum(a != b for a, b in zip(written, name, strict=True)) == 1


def _of_same_water(alike: Sequence[SectionTarget], task: Task) -> Sequence[SectionTarget]:
    """Return those whose own water the task speaks of, where there are any."""
    text = squeeze(task.theme + task.content)
    return [each for each in alike if each.water and squeeze(each.water) in text] or alike


def _misspelt(task: Task, before: str, alike: Sequence[SectionTarget]) -> Finding:
    names = [squeeze(each.section) for each in alike]
    message = Text(
        "任务中的“{written}”与附表中的断面名称“{names}”只差一个字。",
        written=before[-len(names[0]) :],
        names="、".join(names),
    )
    return finding("name-differs-by-one", message, task.lines)


def waters_one_off(draft: PlanDraft) -> Iterator[Finding]:
    """A word of a task that is one character off the name of a river, reservoir or source in the tables."""
    names = _waters(draft)
    for task in draft.tasks if names else ():
        text = squeeze(task.theme + "；" + task.content)
        for name in sorted(names):
            written = _written_otherwise(name, text, names)
            if written:
                message = Text(
                    "任务中的“{written}”与附表中的“{name}”只差一个字。", written=written, name=name
                )
                yield finding("name-differs-by-one", message, task.lines)


def _waters(draft: PlanDraft) -> set[str]:
    """Return the names of waters and sources in the tables that are long enough to be told from another."""
    rule = section("names")
    named = [target.water for target in draft.section_targets] + [
        each.source for each in draft.source_targets
    ]
    names = {pattern(rule["water_tail"]).sub("", squeeze(name)) for name in named}
    return {name for name in names if len(name) >= rule["shortest_water"]}


def _written_otherwise(name: str, text: str, names: set[str]) -> str:
    """Return what stands in a text for a name with one other character inside it, blank if nothing does."""
    telling = set(section("names")["telling"])
    for start in range(len(text) - len(name) + 1):
        written = text[start : start + len(name)]
        if written[0] == name[0] and written[-1] == name[-1] and written not in names:
            other = [{a, b} for a, b in zip(written, name, strict=True) if a != b]
            if len(other) == 1 and not other[0] & telling:
                return written
    return ""


def units_one_off(draft: PlanDraft) -> Iterator[Finding]:
    """A unit's name that a commoner one differs from by one character; told where it stands first."""
    level = pattern(section("names")["level"])
    single = [(squeeze(name), lines) for name, lines in bodies(draft) if not _collective(name)]
    counts = Counter(level.sub("", name) for name, _ in single)
    for name in counts:
        common = [each for each in counts if counts[each] > counts[name] and _one_off(name, each)]
        if not common:
            continue
        lines = next(place for each, place in single if level.sub("", each) == name)
        best = max(common, key=lambda each: counts[each])
        message = Text("单位“{name}”与另一处的“{common}”只差一个字。", name=name, common=best)
        yield finding("name-differs-by-one", message, lines)


def _collective(name: str) -> bool:
    return bool(pattern(section("units")["collective"]).search(squeeze(name)))


def _one_off(first: str, second: str) -> bool:
    """Tell whether two names differ by one character that does not make another name of purpose."""
    rule = section("names")
    short, long = sorted((first, second), key=len)
    if len(short) == len(long):
        others = [{a, b} for a, b in zip(short, long, strict=True) if a != b]
        enough = len(short) >= rule["shortest_unit_other"] and not pattern(rule["of_place"]).search(short)
        return enough and len(others) == 1 and not others[0] & set(rule["telling"])
    if len(long) - len(short) != 1 or len(long) < rule["shortest_unit"]:
        return False
    place = next((index for index, a in enumerate(short) if a != long[index]), len(short))
    return short[place:] == long[place + 1 :] and long[place] not in rule["telling"]
