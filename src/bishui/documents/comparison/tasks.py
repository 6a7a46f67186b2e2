"""Tasks of two plans: paired by what is to be done, never by their number; split and merged ones found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bishui.documents.comparison.frame import Frame, Side
from bishui.documents.comparison.result import Change, Entry, Mention, Verdict
from bishui.documents.comparison.similarity import Space, Vector, best_pairs, contained
from bishui.documents.draft import Task, UnitCell
from bishui.documents.rulebook import rules
from bishui.documents.text import squeeze
from bishui.i18n import Text

_SHOWN = 60


@dataclass(slots=True)
class _Group:
    """Tasks that belong together, as indices of both plans."""

    before: list[int]
    after: list[int]
    similarity: float | None
    note: Text | None = None


def compare_tasks(frame: Frame) -> list[Entry]:
    """Return what became of the tasks, in no particular order."""
    before = [_text(frame, task, "before") for task in frame.before.tasks]
    after = [_text(frame, task, "after") for task in frame.after.tasks]
    space = Space([*before, *after])
    first, second = [space.vector(text) for text in before], [space.vector(text) for text in after]
    groups = _alike(frame, first, second)
    _attach(groups, _left(frame, groups), first, second)
    groups += _of_one_theme(frame, space, _left(frame, groups))
    left = _left(frame, groups)
    return [
        *(_entry(frame, group) for group in groups),
        *(_alone(frame, "before", index) for index in left[0]),
        *(_alone(frame, "after", index) for index in left[1]),
    ]


def _alike(frame: Frame, before: Sequence[Vector], after: Sequence[Vector]) -> list[_Group]:
    """Pair the tasks whose theme and content are alike."""
    pairs = best_pairs(
        before,
        after,
        rules("comparison")["pairing"]["task"],
        lambda i, j: _agreement(frame.before.tasks[i], frame.after.tasks[j]),
        _wholes(frame),
    )
    return [_Group([pair.first], [pair.second], pair.similarity) for pair in pairs]


def _of_one_theme(frame: Frame, space: Space, left: tuple[list[int], list[int]]) -> list[_Group]:
    """Pair what is left over under one theme (主要任务), though the contents have less in common."""
    before, after = frame.before.tasks, frame.after.tasks

    def agreement(i: int, j: int) -> int | None:
        themes = (frame.neutral(before[i].theme, "before"), frame.neutral(after[j].theme, "after"))
        if i not in left[0] or j not in left[1] or not themes[0] or themes[0] != themes[1]:
            return None
        return _agreement(before[i], after[j])

    pairs = best_pairs(
        [space.vector(frame.neutral(task.content, "before")) for task in before],
        [space.vector(frame.neutral(task.content, "after")) for task in after],
        rules("comparison")["pairing"]["task_of_one_theme"],
        agreement,
        _wholes(frame),
    )
    note = Text("主要任务相同，内容差别较大，请核实是否为同一项。")
    return [_Group([pair.first], [pair.second], pair.similarity, note) for pair in pairs]


def _left(frame: Frame, groups: Sequence[_Group]) -> tuple[list[int], list[int]]:
    """Return the tasks of both plans that are in no group."""
    firsts = {index for group in groups for index in group.before}
    seconds = {index for group in groups for index in group.after}
    return (
        [index for index in range(len(frame.before.tasks)) if index not in firsts],
        [index for index in range(len(frame.after.tasks)) if index not in seconds],
    )


def _wholes(frame: Frame) -> tuple[list[object], list[object]]:
    return [_whole(task) for task in frame.before.tasks], [_whole(task) for task in frame.after.tasks]


def _text(frame: Frame, task: Task, side: Side) -> str:
    return frame.neutral(task.theme, side) + frame.neutral(task.content, side)


def _whole(task: Task) -> tuple[object, ...]:
    return (
        task.section,
        task.theme,
        task.content,
        task.lead,
        task.cooperating,
        task.responsible,
        task.deadline,
        task.deadline_norm,
    )


def _agreement(before: Task, after: Task) -> int:
    return sum(
        squeeze(first) == squeeze(second)
        for first, second in (
            (before.lead.raw, after.lead.raw),
            (before.cooperating.raw, after.cooperating.raw),
            (before.responsible.raw, after.responsible.raw),
            (before.deadline, after.deadline),
            (before.theme, after.theme),
            ("".join(before.section), "".join(after.section)),
            (before.content, after.content),
        )
    )


def _attach(
    groups: list[_Group],
    left: tuple[list[int], list[int]],
    before: Sequence[Vector],
    after: Sequence[Vector],
) -> None:
    """Put tasks left over to the pair whose other side holds most of their text: it was split or merged.

    What they are put to is looked up first for all of them, so that no order decides.
    """
    homes = [
        *((0, i, _home(before[i], [after[group.after[0]] for group in groups])) for i in left[0]),
        *((1, j, _home(after[j], [before[group.before[0]] for group in groups])) for j in left[1]),
    ]
    for side, index, home in homes:
        if home is not None:
            (groups[home].before if side == 0 else groups[home].after).append(index)


def _home(part: Vector, wholes: Sequence[Vector]) -> int | None:
    rule = rules("comparison")["pairing"]
    if len(part.text) < rule["part_shortest"]:
        return None
    shares = [(-contained(part, whole), whole.text, index) for index, whole in enumerate(wholes)]
    best = min(shares, default=None)
    return best[2] if best and -best[0] >= rule["part"] else None


def _entry(frame: Frame, group: _Group) -> Entry:
    before = [frame.before.tasks[index] for index in group.before]
    after = [frame.after.tasks[index] for index in group.after]
    changes = _changes(frame, before[0], after[0]) if len(before) == len(after) == 1 else ()
    return Entry(
        kind="task",
        verdict=_verdict(len(before), len(after), changes),
        title=_title(before[0]),
        before=tuple(_place(frame, "before", index) for index in sorted(group.before)),
        after=tuple(_place(frame, "after", index) for index in sorted(group.after)),
        changes=changes,
        similarity=group.similarity,
        note=group.note,
    )


def _verdict(before: int, after: int, changes: Sequence[Change]) -> Verdict:
    if before > 1 and after > 1:
        return "regrouped"
    if before > 1:
        return "merged"
    if after > 1:
        return "split"
    return "changed" if changes else "kept"


def _changes(frame: Frame, before: Task, after: Task) -> tuple[Change, ...]:
    """Return the fields that differ; organs of two levels are never the same and are not compared."""
    found = [
        frame.changed_text("theme", before.theme, after.theme),
        frame.changed_text("content", before.content, after.content),
        frame.changed_deadline(
            (before.deadline, after.deadline), (before.deadline_norm, after.deadline_norm)
        ),
    ]
    if frame.relation.kind != "levels":
        found += [
            changed_units("lead", before.lead, after.lead),
            changed_units("cooperating", before.cooperating, after.cooperating),
            changed_units("responsible", before.responsible, after.responsible),
        ]
    return tuple(change for change in found if change is not None)


def changed_units(field: str, before: UnitCell, after: UnitCell) -> Change | None:
    """Return which organs a list lost and gained, or None where both name the same ones.

    The level in front of a name (市生态环境局, 生态环境局) and links inside it (住房和城乡建设) do not count.
    """
    first = {_organ(unit): unit for unit in before.units}
    second = {_organ(unit): unit for unit in after.units}
    dropped = tuple(unit for organ, unit in first.items() if organ not in second)
    added = tuple(unit for organ, unit in second.items() if organ not in first)
    if not dropped and not added:
        return None
    return Change(field, "changed", before.raw, after.raw, dropped=dropped, added=added)


def _organ(unit: str) -> str:
    rule = rules("comparison")["units"]
    plain = squeeze(unit)
    return re.sub(rule["organ_links"], "", re.sub(rule["organ_level"], "", plain)) or plain


def _alone(frame: Frame, side: Side, index: int) -> Entry:
    task = frame.plan(side).tasks[index]
    place = (_place(frame, side, index),)
    verdict: Verdict = "dropped" if side == "before" else "added"
    if frame.outside(side, task.responsible.units):
        verdict = "outside"
    return Entry(
        kind="task",
        verdict=verdict,
        title=_title(task),
        before=place if side == "before" else (),
        after=place if side == "after" else (),
    )


def _title(task: Task) -> str:
    return task.theme or task.content[:20]


def _place(frame: Frame, side: Side, index: int) -> Mention:
    task = frame.plan(side).tasks[index]
    text = task.content if len(task.content) <= _SHOWN else task.content[: _SHOWN - 1] + "…"
    return Mention(index + 1, task.seq, text, task.lines)
